/* Batch normalisation backward, through the rectifier behind it: sums, the range of the gradient, then its rows where
   they are read. */
#include <math.h>

#include "workloads/nn/batchnorm_internal.h"

enum { BLOCK = 64 /* rows */ };
/* In place of a chunk's sums, when they have been added up: what bounds its gradients. */
enum { BOUND_LOW, BOUND_HIGH, BOUND_POISON };

/* The gradient of a normalised element: that of the rectifier behind it, passed back. */
INLINE float pass_back(const columns_t *columns, size_t c, float x, float d, bool relu)
{
    return relu && !(normalise(columns, c, x) > 0.0F) ? 0.0F : d;
}

/* Extremes of COLUMNS channels. */
typedef struct extremes {
    float low[COLUMNS], high[COLUMNS];
} extremes_t;

/* What the rectifier passes back of `rows` rows of d, COLUMNS or `count` a row; the extremes grow. */
INLINE void pass_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows, const float *restrict x,
                         const float *restrict d, bool relu, float *restrict passed, extremes_t *restrict all)
{
    columns_t columns;
    float low[COLUMNS]; /* on their own: they stay in registers */
    float high[COLUMNS];
    load_columns(bn, from, count, &columns);
    memcpy(low, all->low, sizeof low);
    memcpy(high, all->high, sizeof high);
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const size_t at = row * bn->channels + from + c;
            const float value = pass_back(&columns, c, x[at], d[at], relu);
            passed[row * COLUMNS + c] = value;
            low[c] = value < low[c] ? value : low[c];
            high[c] = value > high[c] ? value : high[c];
        }
    }
    memcpy(all->low, low, sizeof low);
    memcpy(all->high, high, sizeof high);
}

/* sum += d, product += d (x - mean); d: COLUMNS a row */
INLINE void add_columns(const float *restrict x, const float *restrict d, const float *restrict mean, size_t rows,
                        size_t channels, size_t count, double *restrict total, double *restrict total_product)
{
    double sum[COLUMNS];
    double product[COLUMNS];
    float centre[COLUMNS];
    memcpy(sum, total, count * sizeof *sum);
    memcpy(product, total_product, count * sizeof *product);
    memcpy(centre, mean, count * sizeof *centre);
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const float centred = x[row * channels + c] - centre[c];
            const double g = (double)d[row * COLUMNS + c];
            sum[c] += g;
            product[c] += g * (double)centred;
        }
    }
    memcpy(total, sum, count * sizeof *sum);
    memcpy(total_product, product, count * sizeof *product);
}

/* sum d, sum d (x - mean), and the extremes of d.  First what is passed back, then its sums: a compiler makes vectors
   of each, not of both. */
INLINE void sum_grad_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows, const float *restrict x,
                             bool relu, const float *restrict d, double *restrict kept)
{
    const size_t channels = bn->channels;
    float passed[BLOCK * COLUMNS];
    extremes_t extremes;
    memset(kept + from, 0, count * sizeof *kept);
    memset(kept + channels + from, 0, count * sizeof *kept);
    for (size_t c = 0; c < COLUMNS; c++) {
        extremes.low[c] = INFINITY;
        extremes.high[c] = -INFINITY;
    }
    for (size_t row = 0; row < rows; row += BLOCK) {
        const size_t block = rows - row < BLOCK ? rows - row : BLOCK;
        const size_t at = row * channels;
        pass_columns(bn, from, count, block, x + at, d + at, relu, passed, &extremes);
        add_columns(x + at + from, passed, bn->mean + from, block, channels, count, kept + from,
                    kept + channels + from);
    }
    for (size_t c = 0; c < count; c++) {
        kept[GRAD_LOW * channels + from + c] = (double)extremes.low[c];
        kept[GRAD_HIGH * channels + from + c] = (double)extremes.high[c];
    }
}

PCS_CLONES static void sum_grad_chunk(const pcs_batchnorm_t *bn, size_t rows, const float *x, bool relu, const float *d,
                                      double *kept)
{
    size_t c = 0;
    for (; c + COLUMNS <= bn->channels && relu; c += COLUMNS) {
        sum_grad_columns(bn, c, COLUMNS, rows, x, true, d, kept);
    }
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        sum_grad_columns(bn, c, COLUMNS, rows, x, false, d, kept);
    }
    if (c < bn->channels) {
        sum_grad_columns(bn, c, bn->channels - c, rows, x, relu, d, kept);
    }
}

/* What the gradient takes from each channel. */
typedef struct grad_columns {
    columns_t forward;
    float shift[COLUMNS], slope[COLUMNS], scale[COLUMNS];
} grad_columns_t;

INLINE void load_grad_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, grad_columns_t *columns)
{
    load_columns(bn, from, count, &columns->forward);
    memcpy(columns->shift, bn->shift + from, count * sizeof(float));
    memcpy(columns->slope, bn->slope + from, count * sizeof(float));
    for (size_t c = 0; c < count; c++) {
        columns->scale[c] = columns->forward.gamma[c] * columns->forward.inv_std[c];
    }
}

/* gamma inv_std (d - mean(d) - (x - mean) inv_std^2 mean(d (x - mean))) */
INLINE float gradient(const grad_columns_t *columns, size_t c, float x, float d, bool relu)
{
    const float passed = pass_back(&columns->forward, c, x, d, relu);
    const float centred = x - columns->forward.mean[c];
    const float free_of_mean = passed - columns->shift[c];
    const float tilt = centred * columns->slope[c];
    const float free_of_both = free_of_mean - tilt;
    return free_of_both * columns->scale[c];
}

INLINE void span_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows, const float *restrict x,
                         bool relu, const float *restrict d, pcs_span_t *span)
{
    grad_columns_t columns;
    float low[COLUMNS];
    float high[COLUMNS];
    float poison[COLUMNS];
    load_grad_columns(bn, from, count, &columns);
    for (size_t c = 0; c < count; c++) {
        low[c] = span->low;
        high[c] = span->high;
        poison[c] = 0.0F;
    }
    for (size_t row = 0; row < rows; row++) {
        for (size_t c = 0; c < count; c++) {
            const size_t at = row * bn->channels + from + c;
            const float value = gradient(&columns, c, x[at], d[at], relu);
            poison[c] += value * 0.0F;
            low[c] = value < low[c] ? value : low[c];
            high[c] = value > high[c] ? value : high[c];
        }
    }
    pcs_span_gather(span, count, low, high, poison);
}

PCS_CLONES static void span_chunk(const pcs_batchnorm_t *bn, size_t rows, const float *x, bool relu, const float *d,
                                  pcs_span_t *span)
{
    size_t c = 0;
    for (; c + COLUMNS <= bn->channels && relu; c += COLUMNS) {
        span_columns(bn, c, COLUMNS, rows, x, true, d, span);
    }
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        span_columns(bn, c, COLUMNS, rows, x, false, d, span);
    }
    if (c < bn->channels) {
        span_columns(bn, c, bn->channels - c, rows, x, relu, d, span);
    }
}

/* Between which values the gradients of a chunk of rows lie: every operation of gradient() is monotonic in x and in d,
   so that its extremes are at corners of what the chunk holds, which need not meet in one element. */
INLINE void bound_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, const double *kept, pcs_span_t *bound)
{
    grad_columns_t columns;
    extremes_t all;
    float poison[COLUMNS] = {0.0F};
    load_grad_columns(bn, from, count, &columns);
    for (size_t c = 0; c < count; c++) {
        all.low[c] = bound->low;
        all.high[c] = bound->high;
    }
    for (int corner = 0; corner < 4; corner++) {
        const double *x = kept + (size_t)(LOW + corner % 2) * bn->channels + from;
        const double *d = kept + (size_t)(GRAD_LOW + corner / 2) * bn->channels + from;
        for (size_t c = 0; c < count; c++) {
            const float value = gradient(&columns, c, (float)x[c], (float)d[c], false);
            poison[c] += value * 0.0F;
            all.low[c] = value < all.low[c] ? value : all.low[c];
            all.high[c] = value > all.high[c] ? value : all.high[c];
        }
    }
    pcs_span_gather(bound, count, all.low, all.high, poison);
}

PCS_CLONES static void bound_chunk(const pcs_batchnorm_t *bn, const double *kept, pcs_span_t *bound)
{
    size_t c = 0;
    *bound = (pcs_span_t){INFINITY, -INFINITY, 0.0F};
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        bound_columns(bn, c, COLUMNS, kept, bound);
    }
    bound_columns(bn, c, bn->channels - c, kept, bound);
}

/* Extremes of the whole gradient.  Few chunks can hold them, those whose bounds are beyond what two of them, the most
   promising, do hold; the others need not be visited.  `finite`: all x and what is passed back are. */
static pcs_span_t grad_span(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                            const float *d, bool finite)
{
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
    const size_t width = KEPT * bn->channels;
    double low_bound = (double)INFINITY;
    double high_bound = -(double)INFINITY;
    size_t promising[2] = {0, 0};
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        double *kept = bn->partial + chunk * width;
        pcs_span_t bound;
        bound_chunk(bn, kept, &bound);
        kept[BOUND_LOW] = (double)bound.low;
        kept[BOUND_HIGH] = (double)bound.high;
        kept[BOUND_POISON] = (double)bound.poison;
    }
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const double *kept = bn->partial + chunk * width;
        finite = finite && kept[BOUND_POISON] == 0.0;
        promising[0] = kept[BOUND_LOW] < low_bound ? chunk : promising[0];
        promising[1] = kept[BOUND_HIGH] > high_bound ? chunk : promising[1];
        low_bound = kept[BOUND_LOW] < low_bound ? kept[BOUND_LOW] : low_bound;
        high_bound = kept[BOUND_HIGH] > high_bound ? kept[BOUND_HIGH] : high_bound;
    }
    pcs_span_t span = {INFINITY, -INFINITY, 0.0F};
    for (int i = 0; i < 2; i++) {
        const size_t at = promising[i] * PCS_CHUNK_ROWS * bn->channels;
        span_chunk(bn, chunk_rows(promising[i], rows), x + at, relu, d + at, &span);
    }
    float low = span.low;
    float high = span.high;
    float poison = span.poison;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4) reduction(min : low) reduction(max : high) \
    reduction(+ : poison)
    for (size_t chunk = 0; chunk < chunks; chunk++) {
        const double *kept = bn->partial + chunk * width;
        if (!finite || kept[BOUND_LOW] < (double)span.low || kept[BOUND_HIGH] > (double)span.high) {
            const size_t at = chunk * PCS_CHUNK_ROWS * bn->channels;
            pcs_span_t own = {low, high, poison};
            span_chunk(bn, chunk_rows(chunk, rows), x + at, relu, d + at, &own);
            low = own.low;
            high = own.high;
            poison = own.poison;
        }
    }
    return (pcs_span_t){low, high, poison};
}

void pcs_batchnorm_see_grad(const pcs_batchnorm_t *bn, size_t row, size_t rows, const float *x, bool relu,
                            const float *d)
{
    sum_grad_chunk(bn, rows, x, relu, d, bn->partial + row / PCS_CHUNK_ROWS * KEPT * bn->channels);
}

void pcs_batchnorm_settle_grad(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                               const float *d, pcs_span_t *span)
{
    const size_t channels = bn->channels;
    const size_t chunks = pcs_chunks(rows, PCS_CHUNK_ROWS);
    const double *total = pcs_batchnorm_total(bn->partial, chunks, channels);
    bool finite = true;
    for (size_t c = 0; c < channels; c++) {
        finite = finite && isfinite(total[c]) && isfinite(total[channels + c]);
        const double inv_std = (double)bn->inv_std[c];
        const double slope = total[channels + c] * inv_std;
        bn->beta_grad[c] = (float)total[c];
        bn->gamma_grad[c] = (float)slope;
        bn->shift[c] = (float)(total[c] / (double)rows);
        bn->slope[c] = (float)(slope * inv_std / (double)rows);
    }
    *span = grad_span(bn, threads, rows, x, relu, d, finite);
}

void pcs_batchnorm_measure_grad(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                                const float *d, pcs_span_t *span)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (size_t row = 0; row < rows; row += PCS_CHUNK_ROWS) {
        const size_t at = row * bn->channels;
        pcs_batchnorm_see_grad(bn, row, chunk_rows(row / PCS_CHUNK_ROWS, rows), x + at, relu, d + at);
    }
    pcs_batchnorm_settle_grad(bn, threads, rows, x, relu, d, span);
}

INLINE void make_grad_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, size_t rows,
                              const float *restrict x, bool relu, const float *d, float *dx)
{
    grad_columns_t columns;
    load_grad_columns(bn, from, count, &columns);
    for (size_t row = 0; row < rows; row++) {
        float made[COLUMNS]; /* dx may be d */
        const size_t at = row * bn->channels + from;
        for (size_t c = 0; c < count; c++) {
            made[c] = gradient(&columns, c, x[at + c], d[at + c], relu);
        }
        memcpy(dx + at, made, count * sizeof *made);
    }
}

PCS_CLONES void pcs_batchnorm_make_grad(const pcs_batchnorm_t *bn, size_t rows, const float *x, bool relu,
                                        const float *d, float *dx)
{
    size_t c = 0;
    for (; c + COLUMNS <= bn->channels && relu; c += COLUMNS) {
        make_grad_columns(bn, c, COLUMNS, rows, x, true, d, dx);
    }
    for (; c + COLUMNS <= bn->channels; c += COLUMNS) {
        make_grad_columns(bn, c, COLUMNS, rows, x, false, d, dx);
    }
    if (c < bn->channels) {
        make_grad_columns(bn, c, bn->channels - c, rows, x, relu, d, dx);
    }
}

void pcs_batchnorm_make_grad_all(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                                 const float *d, float *dx)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
    for (size_t chunk = 0; chunk < pcs_chunks(rows, PCS_CHUNK_ROWS); chunk++) {
        const size_t at = chunk * PCS_CHUNK_ROWS * bn->channels;
        pcs_batchnorm_make_grad(bn, chunk_rows(chunk, rows), x + at, relu, d + at, dx + at);
    }
}

void pcs_batchnorm_backward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                            const float *d, float *dx, pcs_span_t *span)
{
    pcs_batchnorm_measure_grad(bn, threads, rows, x, relu, d, span);
    pcs_batchnorm_make_grad_all(bn, threads, rows, x, relu, d, dx);
}
