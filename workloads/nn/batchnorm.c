/* Batch normalisation forward: statistics, then rows of the output where they are read. */
#include <math.h>

#include "workloads/nn/batchnorm_internal.h"

size_t pcs_batchnorm_partial(size_t rows, uint32_t channels)
{
    return (pcs_chunks(rows, PCS_CHUNK_ROWS) + 1U) * KEPT * channels;
}

PCS_CLONES double *pcs_batchnorm_total(double *partial, size_t chunks, size_t channels)
{
    const size_t width = KEPT * channels;
    double *restrict total = partial + chunks * width;
    memset(total, 0, width * sizeof *total);
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const double *restrict kept = partial + chunk * width;
        for (size_t i = 0; i < LOW * channels; i++) {
            total[i] += kept[i];
        }
    }
    return total;
}

/* In binary64 the variance may be a difference of sums: 2^-53 (mean^2 / var) is lost. */
INLINE void sum_columns(const float *restrict x, size_t rows, size_t channels, size_t count, double *restrict kept)
{
    double sum[COLUMNS] = {0.0};
    double square[COLUMNS] = {0.0};
    float low[COLUMNS];
    float high[COLUMNS];
    for (size_t c = 0; c < count; c++) {
        low[c] = INFINITY;
        high[c] = -INFINITY;
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const float value = x[row * channels + c];
            const double v = (double)value;
            sum[c] += v;
            square[c] += v * v;
            low[c] = value < low[c] ? value : low[c];
            high[c] = value > high[c] ? value : high[c];
        }
    }
    for (size_t c = 0; c < count; c++) {
        kept[SUM * channels + c] = sum[c];
        kept[SQUARE * channels + c] = square[c];
        kept[LOW * channels + c] = (double)low[c];
        kept[HIGH * channels + c] = (double)high[c];
    }
}

PCS_CLONES static void sum_chunk(const float *x, size_t rows, size_t channels, double *kept)
{
    size_t c = 0;
    for (; c + COLUMNS <= channels; c += COLUMNS) {
        sum_columns(x + c, rows, channels, COLUMNS, kept + c);
    }
    if (c < channels) {
        sum_columns(x + c, rows, channels, channels - c, kept + c);
    }
}

/* Extremes of each channel over all chunks, behind the last one. */
PCS_CLONES static void find_extremes(double *partial, size_t chunks, size_t channels)
{
    double *restrict low = partial + (chunks * KEPT + LOW) * channels;
    double *restrict high = partial + (chunks * KEPT + HIGH) * channels;
    for (size_t i = 0; i < channels; i++) {
        low[i] = (double)INFINITY;
        high[i] = -(double)INFINITY;
    }
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const double *restrict lows = partial + (chunk * KEPT + LOW) * channels;
        const double *restrict highs = partial + (chunk * KEPT + HIGH) * channels;
        for (size_t i = 0; i < channels; i++) {
            low[i] = lows[i] < low[i] ? lows[i] : low[i];
            high[i] = highs[i] > high[i] ? highs[i] : high[i];
        }
    }
}

/* Every operation of a normalisation is monotonic, so that the extremes of a channel become those of its results. */
static pcs_span_t span_of(const pcs_batchnorm_t *bn, const double *low, const double *high, bool relu)
{
    pcs_span_t span = {INFINITY, -INFINITY, 0.0F};
    for (size_t c = 0; c < bn->channels; c++) {
        columns_t column;
        load_columns(bn, c, 1, &column);
        for (int end = 0; end < 2; end++) {
            const float value = normalise(&column, 0, (float)(end == 0 ? low : high)[c]);
            const float shown = relu ? rectify(value) : value;
            const float poison = relu ? 0.0F : shown * 0.0F; /* an infinity shows in the range, a NaN is rectified */
            pcs_span_gather(&span, 1, &shown, &shown, &poison);
        }
    }
    return span;
}

void pcs_batchnorm_see(const pcs_batchnorm_t *bn, size_t row, size_t rows, const float *x)
{
    sum_chunk(x, rows, bn->channels, bn->partial + row / PCS_CHUNK_ROWS * KEPT * bn->channels);
}

void pcs_batchnorm_settle(const pcs_batchnorm_t *bn, size_t rows, bool relu, pcs_span_t *span)
{
    PCS_ASSERT(rows >= 2);
    const size_t channels = bn->channels;
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
    const double *total = pcs_batchnorm_total(bn->partial, chunks, channels);
    find_extremes(bn->partial, chunks, channels);
    const double count = (double)rows;
    for (size_t c = 0; c < channels; c++) {
        const double mean = total[c] / count;
        const double raw = total[SQUARE * channels + c] / count - mean * mean;
        const double var = raw > 0.0 ? raw : 0.0;
        const double unbiased = var * (count / (count - 1.0));
        bn->mean[c] = (float)mean;
        bn->inv_std[c] = (float)(1.0 / sqrt(var + (double)PCS_BN_EPSILON));
        bn->running_mean[c] = (1.0F - PCS_BN_MOMENTUM) * bn->running_mean[c] + PCS_BN_MOMENTUM * (float)mean;
        bn->running_var[c] = (1.0F - PCS_BN_MOMENTUM) * bn->running_var[c] + PCS_BN_MOMENTUM * (float)unbiased;
    }
    *span = span_of(bn, total + LOW * channels, total + HIGH * channels, relu);
}

void pcs_batchnorm_measure(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                           pcs_span_t *span)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (size_t row = 0; row < rows; row += PCS_CHUNK_ROWS) {
        pcs_batchnorm_see(bn, row, chunk_rows(row / PCS_CHUNK_ROWS, rows), x + row * bn->channels);
    }
    pcs_batchnorm_settle(bn, rows, relu, span);
}

void pcs_batchnorm_recall(const pcs_batchnorm_t *bn)
{
    for (size_t c = 0; c < bn->channels; c++) {
        bn->mean[c] = bn->running_mean[c];
        bn->inv_std[c] = (float)(1.0 / sqrt((double)bn->running_var[c] + (double)PCS_BN_EPSILON));
    }
}

INLINE void make_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows, const float *restrict x,
                         bool relu, float *restrict y)
{
    const size_t channels = bn->channels;
    columns_t columns;
    load_columns(bn, from, count, &columns);
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const size_t at = row * channels + from + c;
            const float value = normalise(&columns, c, x[at]);
            y[at] = relu ? rectify(value) : value;
        }
    }
}

PCS_CLONES void pcs_batchnorm_make(const pcs_batchnorm_t *bn, size_t rows, const float *x, bool relu, float *y)
{
    size_t c = 0;
    for (; c + COLUMNS <= bn->channels && relu; c += COLUMNS) {
        make_columns(bn, c, COLUMNS, rows, x, true, y);
    }
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        make_columns(bn, c, COLUMNS, rows, x, false, y);
    }
    if (c < bn->channels) {
        make_columns(bn, c, bn->channels - c, rows, x, relu, y);
    }
}

void pcs_batchnorm_make_all(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                            float *y)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (size_t chunk = 0; chunk < pcs_chunks(rows, PCS_CHUNK_ROWS); chunk++) {
        const size_t at = chunk * PCS_CHUNK_ROWS * bn->channels;
        pcs_batchnorm_make(bn, chunk_rows(chunk, rows), x + at, relu, y + at);
    }
}

void pcs_batchnorm_forward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y,
                           bool relu, pcs_span_t *span)
{
    pcs_batchnorm_measure(bn, threads, rows, x, relu, span);
    pcs_batchnorm_make_all(bn, threads, rows, x, relu, y);
}

void pcs_batchnorm_evaluate(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y,
                            bool relu)
{
    pcs_batchnorm_recall(bn);
    pcs_batchnorm_make_all(bn, threads, rows, x, relu, y);
}
