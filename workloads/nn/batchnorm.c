#include <math.h>
#include <string.h>

#include "models/spec/isa.h"
#include "models/spec/status.h"
#include "workloads/nn/layers.h"

/* Two sums per channel and chunk. */
enum { SUMS = 2 };

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
PCS_CLONES static void sum_chunk(const float *restrict x, size_t rows, size_t channels, double *restrict first,
                                 double *restrict second)
{
    memset(first, 0, channels * sizeof *first);
    memset(second, 0, channels * sizeof *second);
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < channels; c++) {
            const double v = (double)x[row * channels + c];
            first[c] += v;
            second[c] += v * v;
        }
    }
}

/* first = sum d, second = sum d (x - mean) */
PCS_CLONES static void sum_grad_chunk(const float *restrict x, const float *restrict d, const float *restrict mean,
                                      size_t rows, size_t channels, double *restrict first, double *restrict second)
{
    memset(first, 0, channels * sizeof *first);
    memset(second, 0, channels * sizeof *second);
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < channels; c++) {
            const float centred = x[row * channels + c] - mean[c];
            const double g = (double)d[row * channels + c];
            first[c] += g;
            second[c] += g * (double)centred;
        }
    }
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

PCS_CLONES static void normalise_chunk(const pcs_batchnorm_t *bn, size_t rows, const float *restrict x,
                                       float *restrict y)
{
    const size_t channels = bn->channels;
    const float *restrict mean = bn->mean;
    const float *restrict inv_std = bn->inv_std;
    const float *restrict gamma = bn->gamma;
    const float *restrict beta = bn->beta;
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < channels; c++) {
            const float centred = x[row * channels + c] - mean[c];
            const float unit = centred * inv_std[c];
            y[row * channels + c] = unit * gamma[c] + beta[c];
        }
    }
}

static void normalise(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y)
{
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        const size_t at = row * bn->channels;
        normalise_chunk(bn, chunk_end(chunk, rows) - row, x + at, y + at);
    }
}

void pcs_batchnorm_forward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y)
{
    PCS_ASSERT(rows >= 2);
    statistics(bn, threads, rows, x);
    normalise(bn, threads, rows, x, y);
}

void pcs_batchnorm_evaluate(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y)
{
    for (size_t c = 0; c < bn->channels; c++) {
        bn->mean[c] = bn->running_mean[c];
        bn->inv_std[c] = (float)(1.0 / sqrt((double)bn->running_var[c] + (double)PCS_BN_EPSILON));
    }
    normalise(bn, threads, rows, x, y);
}

/* dx = gamma inv_std (d - mean(d) - (x - mean) inv_std^2 mean(d (x - mean))) */
PCS_CLONES static void grad_chunk(const pcs_batchnorm_t *bn, size_t rows, const float *restrict x, float *restrict d)
{
    const float *restrict shift = bn->shift;
    const float *restrict slope = bn->slope;
    const size_t channels = bn->channels;
    const float *restrict mean = bn->mean;
    const float *restrict inv_std = bn->inv_std;
    const float *restrict gamma = bn->gamma;
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < channels; c++) {
            const float centred = x[row * channels + c] - mean[c];
            const float free_of_mean = d[row * channels + c] - shift[c];
            const float free_of_both = free_of_mean - centred * slope[c];
            const float scale = gamma[c] * inv_std[c];
            d[row * channels + c] = free_of_both * scale;
        }
    }
}

void pcs_batchnorm_backward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *d)
{
    const size_t channels = bn->channels;
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        const size_t at = row * channels;
        double *sums = bn->partial + chunk * SUMS * channels;
        sum_grad_chunk(x + at, d + at, bn->mean, chunk_end(chunk, rows) - row, channels, sums, sums + channels);
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
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const size_t row = chunk * PCS_CHUNK_ROWS;
        const size_t at = row * channels;
        grad_chunk(bn, chunk_end(chunk, rows) - row, x + at, d + at);
    }
}
