#include "workloads/nn/conv_fp32.h"

#include <cblas.h>
#include <string.h>

#include "models/spec/isa.h"

/* Floats of patches that a core works on at a time, and the rows that makes. */
enum { PATCH_FLOATS = 1 << 13, ROWS_MIN = 32, ROWS_MAX = 1024, ALIGN_FLOATS = 16 };

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t aligned(size_t floats)
{
    return (floats + ALIGN_FLOATS - 1U) / ALIGN_FLOATS * ALIGN_FLOATS;
}

static size_t weights(const pcs_conv_shape_t *s)
{
    return (size_t)pcs_conv_taps(s) * s->channels * s->filters;
}

static size_t chunk_rows(size_t k)
{
    return min_size(max_size(PATCH_FLOATS / k, ROWS_MIN), ROWS_MAX);
}

/* ---- scratch: the weights of dgrad, then each thread's part --------------------------------------------------------
 */

static size_t patches_size(const pcs_conv_shape_t *s)
{
    const size_t k = (size_t)pcs_conv_taps(s) * max_size(s->channels, s->filters);
    return aligned(max_size(PATCH_FLOATS, ROWS_MIN * k));
}

/* A chunk of a dgrad phase, or a thread's part of dw. */
static size_t sums_size(const pcs_conv_shape_t *s)
{
    return aligned(max_size((size_t)ROWS_MAX * s->channels, weights(s)));
}

size_t pcs_conv_fp32_scratch(const pcs_conv_shape_t *shape, unsigned threads)
{
    if (pcs_conv_groups(shape) > 1) {
        return pcs_conv_fp32_depthwise_scratch(shape, threads);
    }
    return aligned(weights(shape)) + threads * (patches_size(shape) + sums_size(shape));
}

static float *patches_of(const pcs_conv_fp32_t *conv, size_t thread)
{
    const pcs_conv_shape_t *s = conv->shape;
    return conv->scratch + aligned(weights(s)) + thread * (patches_size(s) + sums_size(s));
}

static float *sums_of(const pcs_conv_fp32_t *conv, size_t thread)
{
    return patches_of(conv, thread) + patches_size(conv->shape);
}

void pcs_conv_fp32_start(void)
{
    openblas_set_num_threads(1);
}

/* ---- patches ------------------------------------------------------------------------------------------------------
 */

/* The matrix that a view makes of x; with `reversed` its taps from the last to the first. */
typedef struct source {
    const pcs_patch_t *patch;
    const float *x;
    bool reversed;
} source_t;

/* Taps that lie side by side in x: one copy takes them all. */
typedef struct taps {
    int32_t dy, dx;
    size_t first, count;
} taps_t;

static taps_t taps_from(const source_t *source, size_t first)
{
    const pcs_patch_t *p = source->patch;
    const size_t last = p->taps - 1U;
    const size_t at = source->reversed ? last - first : first;
    taps_t taps = {p->dy[at], p->dx[at], first, 1};
    while (first + taps.count < p->taps) {
        const size_t next = source->reversed ? last - first - taps.count : first + taps.count;
        if (p->dy[next] != taps.dy || p->dx[next] != taps.dx + (int32_t)taps.count) {
            break;
        }
        taps.count++;
    }
    return taps;
}

__attribute__((always_inline)) static inline void copy(const float *restrict from, size_t n, float *restrict to)
{
    size_t i = 0;
    for (; i + ALIGN_FLOATS <= n; i += ALIGN_FLOATS) {
        memcpy(to + i, from + i, ALIGN_FLOATS * sizeof *to);
    }
    for (; i < n; i++) {
        to[i] = from[i];
    }
}

/* Some taps of `count` positions of one line, which start at column `column` of x; line: that line of x, NULL: outside.
   to: k floats a position. */
__attribute__((always_inline)) static inline void gather_line(const pcs_patch_t *p, const taps_t *taps,
                                                              const float *line, int32_t column, size_t count, size_t k,
                                                              float *to)
{
    const size_t channels = p->channels;
    const int32_t width = (int32_t)p->width;
    for (size_t i = 0; i < count; i++, to += k, column += (int32_t)p->stride_x) {
        if (line != NULL && column >= 0 && column + (int32_t)taps->count <= width) {
            copy(line + (size_t)column * channels, taps->count * channels, to);
            continue;
        }
        for (size_t t = 0; t < taps->count; t++) {
            const int32_t at = column + (int32_t)t;
            if (line != NULL && at >= 0 && at < width) {
                copy(line + (size_t)at * channels, channels, to + t * channels);
            } else {
                memset(to + t * channels, 0, channels * sizeof *to);
            }
        }
    }
}

/* Rows `first`.. of the matrix: to (rows, taps, channels). */
PCS_CLONES static void gather(const source_t *source, size_t first, size_t rows, float *to)
{
    const pcs_patch_t *p = source->patch;
    const size_t k = p->taps * p->channels;
    taps_t taps;
    for (size_t t = 0; t < p->taps; t += taps.count) {
        taps = taps_from(source, t);
        for (size_t row = 0; row < rows;) {
            const size_t line = (first + row) / p->out_w; /* of all images */
            const size_t column = (first + row) % p->out_w;
            const size_t count = min_size(p->out_w - column, rows - row);
            const size_t image = line / p->out_h;
            const int32_t y = p->origin_y + (int32_t)(line % p->out_h) * (int32_t)p->stride_y + taps.dy;
            const int32_t x = p->origin_x + (int32_t)column * (int32_t)p->stride_x + taps.dx;
            const bool inside = y >= 0 && y < (int32_t)p->height;
            const float *from = source->x + (image * p->height + (inside ? (size_t)y : 0)) * p->width * p->src_channels;
            gather_line(p, &taps, inside ? from : NULL, x, count, k, to + row * k + t * p->channels);
            row += count;
        }
    }
}

/* ---- passes -------------------------------------------------------------------------------------------------------
 */

/* c (m, n) = op(a) (m, k) b (k, n) + beta c */
static void multiply(enum CBLAS_TRANSPOSE op, size_t m, size_t n, size_t k, const float *a, const float *b, float beta,
                     float *c)
{
    const blasint lda = (blasint)(op == CblasNoTrans ? k : m);
    cblas_sgemm(CblasRowMajor, op, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1.0F, a, lda, b, (blasint)n, beta,
                c, (blasint)n);
}

/* Rows that thread number `thread` takes: whole chunks. */
typedef struct range {
    size_t from, to;
} range_t;

static range_t rows_of(size_t rows, size_t chunk, size_t thread, size_t threads)
{
    const size_t chunks = (rows + chunk - 1U) / chunk;
    const range_t range = {min_size(chunks * thread / threads * chunk, rows),
                           min_size(chunks * (thread + 1U) / threads * chunk, rows)};
    return range;
}

void pcs_conv_fp32_forward(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *w, float *y)
{
    if (pcs_conv_groups(conv->shape) > 1) {
        pcs_conv_fp32_depthwise_forward(conv, n, x, w, y);
        return;
    }
    const pcs_numerics_t none = {0};
    pcs_patch_t patch;
    pcs_gemm_t gemm; /* for its sizes */
    pcs_conv_contract_forward(conv->shape, conv->views, &none, n, 0, &patch, &gemm);
    const source_t source = {&patch, x, false};
    const size_t chunk = chunk_rows(gemm.k);
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (unsigned thread = 0; thread < conv->threads; thread++) {
        const range_t range = rows_of(gemm.m, chunk, thread, conv->threads);
        float *patches = patches_of(conv, thread);
        for (size_t row = range.from; row < range.to; row += chunk) {
            const size_t rows = min_size(chunk, range.to - row);
            gather(&source, row, rows, patches);
            multiply(CblasNoTrans, rows, gemm.n, gemm.k, patches, w, 0.0F, y + row * gemm.n);
        }
    }
}

void pcs_conv_fp32_wgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *dy, float *dw)
{
    if (pcs_conv_groups(conv->shape) > 1) {
        pcs_conv_fp32_depthwise_wgrad(conv, n, x, dy, dw);
        return;
    }
    const pcs_numerics_t none = {0};
    const size_t count = weights(conv->shape);
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    pcs_conv_contract_wgrad(conv->shape, conv->views, &none, n, 0, 0, &patch, &gemm);
    const source_t source = {&patch, x, false};
    const size_t chunk = chunk_rows(gemm.m);
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (unsigned thread = 0; thread < conv->threads; thread++) {
        const range_t range = rows_of(gemm.k, chunk, thread, conv->threads);
        float *patches = patches_of(conv, thread);
        float *sums = sums_of(conv, thread);
        memset(sums, 0, count * sizeof *sums);
        for (size_t row = range.from; row < range.to; row += chunk) {
            const size_t rows = min_size(chunk, range.to - row);
            gather(&source, row, rows, patches);
            multiply(CblasTrans, gemm.m, gemm.n, rows, patches, dy + row * gemm.n, 1.0F, sums);
        }
    }
    memcpy(dw, sums_of(conv, 0), count * sizeof *dw);
    for (unsigned thread = 1; thread < conv->threads; thread++) {
        const float *sums = sums_of(conv, thread);
        for (size_t i = 0; i < count; i++) {
            dw[i] += sums[i];
        }
    }
}

/* w (tap, channels, filters) -> (tap, filters, channels), the taps of a phase from the last to the first, so that those
   side by side in dy lie in rising order. */
static void arrange(const pcs_conv_fp32_t *conv, const pcs_phase_t *phase, const float *w, float *to)
{
    const size_t channels = conv->shape->channels;
    const size_t filters = conv->shape->filters;
    const size_t tap_size = channels * filters;
    for (size_t t = 0; t < phase->taps; t++) {
        const float *from = w + conv->views->phase_tap[phase->first + phase->taps - 1U - t] * tap_size;
        for (size_t f = 0; f < filters; f++) {
            for (size_t c = 0; c < channels; c++) {
                to[t * tap_size + f * channels + c] = from[c * filters + f];
            }
        }
    }
}

/* Rows `first`.. of a phase, from (rows, channels) to their places in dx. */
static void scatter(const pcs_conv_shape_t *s, const pcs_phase_t *phase, size_t first, size_t rows, const float *from,
                    float *dx)
{
    for (size_t row = 0; row < rows; row++) {
        const size_t line = (first + row) / phase->out_w;
        const size_t image = line / phase->out_h;
        const size_t y = phase->y + line % phase->out_h * s->stride;
        const size_t x = phase->x + (first + row) % phase->out_w * s->stride;
        memcpy(dx + ((image * s->height + y) * s->width + x) * s->channels, from + row * s->channels,
               s->channels * sizeof *dx);
    }
}

static void phase_gradient(const pcs_conv_fp32_t *conv, uint32_t n, const pcs_phase_t *phase, const float *dy,
                           const float *w, float *dx)
{
    const pcs_conv_shape_t *s = conv->shape;
    const pcs_numerics_t none = {0};
    const bool direct = s->stride == 1;
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    if (!pcs_conv_contract_dgrad(s, conv->views, &none, n, 0, 0, phase, &patch, &gemm)) {
        const size_t zeros = (size_t)n * phase->out_h * phase->out_w;
        float *sums = sums_of(conv, 0);
        memset(sums, 0, s->channels * sizeof *sums);
        for (size_t row = 0; row < zeros; row++) {
            scatter(s, phase, row, 1, sums, dx);
        }
        return;
    }
    const source_t source = {&patch, dy, true};
    const size_t chunk = chunk_rows(gemm.k);
    float *arranged = conv->scratch;
    arrange(conv, phase, w, arranged);
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (unsigned thread = 0; thread < conv->threads; thread++) {
        const range_t range = rows_of(gemm.m, chunk, thread, conv->threads);
        float *patches = patches_of(conv, thread);
        for (size_t row = range.from; row < range.to; row += chunk) {
            const size_t rows = min_size(chunk, range.to - row);
            float *result = direct ? dx + row * gemm.n : sums_of(conv, thread);
            gather(&source, row, rows, patches);
            multiply(CblasNoTrans, rows, gemm.n, gemm.k, patches, arranged, 0.0F, result);
            if (!direct) {
                scatter(s, phase, row, rows, result, dx);
            }
        }
    }
}

void pcs_conv_fp32_dgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *dy, const float *w, float *dx)
{
    if (pcs_conv_groups(conv->shape) > 1) {
        pcs_conv_fp32_depthwise_dgrad(conv, n, dy, w, dx);
        return;
    }
    for (uint32_t p = 0; p < conv->views->phases; p++) {
        const pcs_phase_t *phase = &conv->views->phase[p];
        if (phase->out_h > 0 && phase->out_w > 0) {
            phase_gradient(conv, n, phase, dy, w, dx);
        }
    }
}
