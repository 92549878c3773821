/* Depthwise convolutions in binary32: a row of channels at a time, tap by tap.  As matrices their products have one
   column, for which no library is made. */
#include <string.h>

#include "models/spec/isa.h"
#include "workloads/nn/conv_fp32.h"

/* sum[c] += a[c] * b[c] */
__attribute__((always_inline)) static inline void add_products(size_t n, const float *restrict a,
                                                               const float *restrict b, float *restrict sum)
{
    for (size_t c = 0; c < n; c++) {
        sum[c] += a[c] * b[c];
    }
}

/* Source row and column of an output position's tap; false outside the image. */
__attribute__((always_inline)) static inline bool tap_source(const pcs_conv_fp32_t *conv, size_t oy, size_t ox,
                                                             uint32_t tap, size_t *y, size_t *x)
{
    const pcs_conv_shape_t *s = conv->shape;
    const int64_t down = (int64_t)(oy * s->stride) - s->padding + conv->views->tap_y[tap];
    const int64_t right = (int64_t)(ox * s->stride) - s->padding + conv->views->tap_x[tap];
    *y = (size_t)down;
    *x = (size_t)right;
    return down >= 0 && down < (int64_t)s->height && right >= 0 && right < (int64_t)s->width;
}

/* One line of y; x and y begin at their image and line. */
PCS_CLONES static void forward_line(const pcs_conv_fp32_t *conv, size_t oy, const float *x, const float *w, float *y)
{
    const pcs_conv_shape_t *s = conv->shape;
    const size_t channels = s->channels;
    memset(y, 0, s->out_w * channels * sizeof *y);
    for (size_t ox = 0; ox < s->out_w; ox++) {
        for (uint32_t tap = 0; tap < pcs_conv_taps(s); tap++) {
            size_t row;
            size_t column;
            if (tap_source(conv, oy, ox, tap, &row, &column)) {
                add_products(channels, x + (row * s->width + column) * channels, w + tap * channels, y + ox * channels);
            }
        }
    }
}

/* One line of dx, gathered by the taps that its positions meet. */
PCS_CLONES static void dgrad_line(const pcs_conv_fp32_t *conv, size_t y, const float *dy, const float *w, float *dx)
{
    const pcs_conv_shape_t *s = conv->shape;
    const pcs_conv_views_t *views = conv->views;
    const size_t channels = s->channels;
    memset(dx, 0, s->width * channels * sizeof *dx);
    for (size_t x = 0; x < s->width; x++) {
        const pcs_phase_t *phase = &views->phase[y % s->stride * s->stride + x % s->stride];
        for (uint32_t t = phase->first; t < phase->first + phase->taps; t++) {
            const int64_t row = (int64_t)(y / s->stride) + views->phase_dy[t];
            const int64_t column = (int64_t)(x / s->stride) + views->phase_dx[t];
            if (row >= 0 && row < (int64_t)s->out_h && column >= 0 && column < (int64_t)s->out_w) {
                add_products(channels, dy + ((size_t)row * s->out_w + (size_t)column) * channels,
                             w + views->phase_tap[t] * channels, dx + x * channels);
            }
        }
    }
}

/* dw of one line of positions; x and dy begin at their image and line. */
PCS_CLONES static void wgrad_line(const pcs_conv_fp32_t *conv, size_t oy, const float *x, const float *dy, float *dw)
{
    const pcs_conv_shape_t *s = conv->shape;
    const size_t channels = s->channels;
    for (size_t ox = 0; ox < s->out_w; ox++) {
        for (uint32_t tap = 0; tap < pcs_conv_taps(s); tap++) {
            size_t row;
            size_t column;
            if (tap_source(conv, oy, ox, tap, &row, &column)) {
                add_products(channels, x + (row * s->width + column) * channels, dy + ox * channels,
                             dw + tap * channels);
            }
        }
    }
}

size_t pcs_conv_fp32_depthwise_scratch(const pcs_conv_shape_t *shape, unsigned threads)
{
    return threads * pcs_conv_weights(shape);
}

void pcs_conv_fp32_depthwise_forward(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *w, float *y)
{
    const pcs_conv_shape_t *s = conv->shape;
    const size_t line = (size_t)s->out_w * s->channels;
    const size_t image = (size_t)s->height * s->width * s->channels;
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (size_t i = 0; i < (size_t)n * s->out_h; i++) {
        forward_line(conv, i % s->out_h, x + i / s->out_h * image, w, y + i * line);
    }
}

void pcs_conv_fp32_depthwise_dgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *dy, const float *w, float *dx)
{
    const pcs_conv_shape_t *s = conv->shape;
    const size_t line = (size_t)s->width * s->channels;
    const size_t image = (size_t)s->out_h * s->out_w * s->channels;
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (size_t i = 0; i < (size_t)n * s->height; i++) {
        dgrad_line(conv, i % s->height, dy + i / s->height * image, w, dx + i * line);
    }
}

void pcs_conv_fp32_depthwise_wgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *dy, float *dw)
{
    const pcs_conv_shape_t *s = conv->shape;
    const size_t count = pcs_conv_weights(s);
    const size_t line = (size_t)s->out_w * s->channels;
    const size_t image = (size_t)s->height * s->width * s->channels;
    memset(conv->scratch, 0, conv->threads * count * sizeof *conv->scratch);
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (unsigned thread = 0; thread < conv->threads; thread++) {
        const size_t lines = (size_t)n * s->out_h;
        for (size_t i = lines * thread / conv->threads; i < lines * (thread + 1U) / conv->threads; i++) {
            wgrad_line(conv, i % s->out_h, x + i / s->out_h * image, dy + i * line, conv->scratch + thread * count);
        }
    }
    memcpy(dw, conv->scratch, count * sizeof *dw);
    for (unsigned thread = 1; thread < conv->threads; thread++) {
        for (size_t i = 0; i < count; i++) {
            dw[i] += conv->scratch[thread * count + i];
        }
    }
}
