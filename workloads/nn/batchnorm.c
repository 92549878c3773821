#include <math.h>
#include <string.h>

#include "models/spec/isa.h"
#include "models/spec/status.h"
#include "workloads/nn/layers.h"

/* Two sums per channel and chunk; channels are visited so many at a time, their sums staying in registers. */
enum { SUMS = 2, COLUMNS = 16 };

#define INLINE __attribute__((always_inline)) static inline

size_t pcs_batchnorm_partial(size_t rows, uint32_t channels)
{
    return (pcs_chunks(rows, PCS_CHUNK_ROWS) + 1U) * SUMS * channels;
}

static size_t chunk_end(size_t chunk, size_t rows)
{
    const size_t end = (chunk + 1U) * PCS_CHUNK_ROWS;
    return end < rows ? end : rows;
}

/* Adds the chunks' partial sums (chunks, SUMS, channels) in order into the last one, (SUMS, channels). */
static const double *combine(double *partial, size_t chunks, size_t channels)
{
    const size_t width = SUMS * channels;
    double *total = partial + chunks * width;
    memset(total, 0, width * sizeof *total);
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        for (size_t i = 0; i < width; i++) {
            total[i] += partial[chunk * width + i];
        }
    }
    return total;
}

/* first = sum x, second = sum x^2.  In binary64 the variance may be their difference: 2^-53 (mean^2 / var) is lost. */
INLINE void sum_columns(const float *restrict x, size_t rows, size_t channels, size_t count, double *restrict first,
                        double *restrict second)
{
    double sum[COLUMNS] = {0.0};
    double square[COLUMNS] = {0.0};
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const double v = (double)x[row * channels + c];
            sum[c] += v;
            square[c] += v * v;
        }
    }
    memcpy(first, sum, count * sizeof *first);
    memcpy(second, square, count * sizeof *second);
}

PCS_CLONES static void sum_chunk(const float *x, size_t rows, size_t channels, double *first, double *second)
{
    size_t c = 0;
    for (; c + COLUMNS <= channels; c += COLUMNS) {
        sum_columns(x + c, rows, channels, COLUMNS, first + c, second + c);
    }
    sum_columns(x + c, rows, channels, channels - c, first + c, second + c);
}

static void statistics(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x)
{
    const size_t channels = bn->channels;
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        double *sums = bn->partial + chunk * SUMS * channels;
        sum_chunk(x + row * channels, chunk_end(chunk, rows) - row, channels, sums, sums + channels);
    }
    const double *total = combine(bn->partial, chunks, channels);
    const double count = (double)rows;
    for (size_t c = 0; c < channels; c++) {
        const double mean = total[c] / count;
        const double raw = total[channels + c] / count - mean * mean;
        const double var = raw > 0.0 ? raw : 0.0;
        const double unbiased = var * (count / (count - 1.0));
        bn->mean[c] = (float)mean;
        bn->inv_std[c] = (float)(1.0 / sqrt(var + (double)PCS_BN_EPSILON));
        bn->running_mean[c] = (1.0F - PCS_BN_MOMENTUM) * bn->running_mean[c] + PCS_BN_MOMENTUM * (float)mean;
        bn->running_var[c] = (1.0F - PCS_BN_MOMENTUM) * bn->running_var[c] + PCS_BN_MOMENTUM * (float)unbiased;
    }
}

/* With `relu` the rectifier that follows. */
INLINE void normalise_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows,
                              const float *restrict x, float *restrict y, bool relu, pcs_span_t *span)
{
    const size_t channels = bn->channels;
    float mean[COLUMNS];
    float inv_std[COLUMNS];
    float gamma[COLUMNS];
    float beta[COLUMNS];
    float low[COLUMNS];
    float high[COLUMNS];
    float poison[COLUMNS];
    for (size_t c = 0; c < count; c++) {
        mean[c] = bn->mean[from + c];
        inv_std[c] = bn->inv_std[from + c];
        gamma[c] = bn->gamma[from + c];
        beta[c] = bn->beta[from + c];
        low[c] = span->low;
        high[c] = span->high;
        poison[c] = 0.0F;
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const float centred = x[row * channels + from + c] - mean[c];
            const float unit = centred * inv_std[c];
            const float value = unit * gamma[c] + beta[c];
            const float shown = relu && !(value > 0.0F) ? 0.0F : value;
            if (!relu) {
                poison[c] += shown * 0.0F; /* a rectifier passes no NaN, and an infinity shows in the range */
            }
            y[row * channels + from + c] = shown;
            low[c] = shown < low[c] ? shown : low[c];
            high[c] = shown > high[c] ? shown : high[c];
        }
    }
    pcs_span_gather(span, count, low, high, poison);
}

PCS_CLONES static void normalise_chunk(const pcs_batchnorm_t *bn, size_t rows, const float *x, float *y, bool relu,
                                       pcs_span_t *span)
{
    size_t c = 0;
    for (; c + COLUMNS <= bn->channels && relu; c += COLUMNS) {
        normalise_columns(bn, c, COLUMNS, rows, x, y, true, span);
    }
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        normalise_columns(bn, c, COLUMNS, rows, x, y, false, span);
    }
    normalise_columns(bn, c, bn->channels - c, rows, x, y, relu, span);
}

static void normalise(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y, bool relu,
                      pcs_span_t *span)
{
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
    float low = INFINITY;
    float high = -INFINITY;
    float poison = 0.0F;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(min : low) reduction(max : high) \
    reduction(+ : poison)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        const size_t at = row * bn->channels;
        pcs_span_t own = {low, high, poison};
        normalise_chunk(bn, chunk_end(chunk, rows) - row, x + at, y + at, relu, &own);
        low = own.low;
        high = own.high;
        poison = own.poison;
    }
    *span = (pcs_span_t){low, high, poison};
}

void pcs_batchnorm_forward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y,
                           bool relu, pcs_span_t *span)
{
    PCS_ASSERT(rows >= 2);
    statistics(bn, threads, rows, x);
    normalise(bn, threads, rows, x, y, relu, span);
}

void pcs_batchnorm_evaluate(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y,
                            bool relu, pcs_span_t *span)
{
    for (size_t c = 0; c < bn->channels; c++) {
        bn->mean[c] = bn->running_mean[c];
        bn->inv_std[c] = (float)(1.0 / sqrt((double)bn->running_var[c] + (double)PCS_BN_EPSILON));
    }
    normalise(bn, threads, rows, x, y, relu, span);
}

/* Back through the rectifier whose output is y, in place. */
PCS_CLONES static void mask_chunk(size_t n, const float *restrict y, float *restrict d)
{
    for (size_t i = 0; i < n; i++) {
        const float given = d[i]; /* always read, so that the choice is one without a branch */
        d[i] = y[i] > 0.0F ? given : 0.0F;
    }
}

/* first = sum d, second = sum d (x - mean) */
INLINE void sum_grad_columns(const float *restrict x, const float *restrict d, const float *restrict mean, size_t rows,
                             size_t channels, size_t count, double *restrict first, double *restrict second)
{
    double sum[COLUMNS] = {0.0};
    double product[COLUMNS] = {0.0};
    float centre[COLUMNS];
    memcpy(centre, mean, count * sizeof *centre);
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const float centred = x[row * channels + c] - centre[c];
            const double g = (double)d[row * channels + c];
            sum[c] += g;
            product[c] += g * (double)centred;
        }
    }
    memcpy(first, sum, count * sizeof *first);
    memcpy(second, product, count * sizeof *second);
}

PCS_CLONES static void sum_grad_chunk(const float *x, const float *d, const float *mean, size_t rows, size_t channels,
                                      double *first, double *second)
{
    size_t c = 0;
    for (; c + COLUMNS <= channels; c += COLUMNS) {
        sum_grad_columns(x + c, d + c, mean + c, rows, channels, COLUMNS, first + c, second + c);
    }
    sum_grad_columns(x + c, d + c, mean + c, rows, channels, channels - c, first + c, second + c);
}

/* In place: d <- gamma inv_std (d - mean(d) - (x - mean) inv_std^2 mean(d (x - mean))) */
INLINE void grad_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows, const float *restrict x,
                         float *restrict d, pcs_span_t *span)
{
    const size_t channels = bn->channels;
    float mean[COLUMNS];
    float shift[COLUMNS];
    float slope[COLUMNS];
    float scale[COLUMNS];
    float low[COLUMNS];
    float high[COLUMNS];
    float poison[COLUMNS];
    for (size_t c = 0; c < count; c++) {
        mean[c] = bn->mean[from + c];
        shift[c] = bn->shift[from + c];
        slope[c] = bn->slope[from + c];
        scale[c] = bn->gamma[from + c] * bn->inv_std[from + c];
        low[c] = span->low;
        high[c] = span->high;
        poison[c] = 0.0F;
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const size_t at = row * channels + from + c;
            const float centred = x[at] - mean[c];
            const float free_of_mean = d[at] - shift[c];
            const float free_of_both = free_of_mean - centred * slope[c];
            const float value = free_of_both * scale[c];
            d[at] = value;
            poison[c] += value * 0.0F;
            low[c] = value < low[c] ? value : low[c];
            high[c] = value > high[c] ? value : high[c];
        }
    }
    pcs_span_gather(span, count, low, high, poison);
}

PCS_CLONES static void grad_chunk(const pcs_batchnorm_t *bn, size_t rows, const float *x, float *d, pcs_span_t *span)
{
    size_t c = 0;
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        grad_columns(bn, c, COLUMNS, rows, x, d, span);
    }
    grad_columns(bn, c, bn->channels - c, rows, x, d, span);
}

/* dx = d, passed back through the rectifier if there is one; gradients of the parameters, and what grad_chunk takes
   from each channel. */
static void sum_gradients(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, const float *mask,
                          const float *d, float *dx)
{
    const size_t channels = bn->channels;
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        const size_t at = row * channels;
        const size_t count = chunk_end(chunk, rows) - row;
        double *sums = bn->partial + chunk * SUMS * channels;
        if (dx != d) {
            memcpy(dx + at, d + at, count * channels * sizeof *dx);
        }
        if (mask != NULL) {
            mask_chunk(count * channels, mask + at, dx + at);
        }
        sum_grad_chunk(x + at, dx + at, bn->mean, count, channels, sums, sums + channels);
    }
    const double *total = combine(bn->partial, chunks, channels);
    for (size_t c = 0; c < channels; c++) {
        const double inv_std = (double)bn->inv_std[c];
        const double slope = total[channels + c] * inv_std;
        bn->beta_grad[c] = (float)total[c];
        bn->gamma_grad[c] = (float)slope;
        bn->shift[c] = (float)(total[c] / (double)rows);
        bn->slope[c] = (float)(slope * inv_std / (double)rows);
    }
}

void pcs_batchnorm_backward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, const float *mask,
                            const float *d, float *dx, pcs_span_t *span)
{
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
    sum_gradients(bn, threads, rows, x, mask, d, dx);
    float low = INFINITY;
    float high = -INFINITY;
    float poison = 0.0F;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(min : low) reduction(max : high) \
    reduction(+ : poison)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        const size_t at = row * bn->channels;
        pcs_span_t own = {low, high, poison};
        grad_chunk(bn, chunk_end(chunk, rows) - row, x + at, dx + at, &own);
        low = own.low;
        high = own.high;
        poison = own.poison;
    }
    *span = (pcs_span_t){low, high, poison};
}
