/* Rectifier, pool and loss. */
#include <math.h>
#include <string.h>

#include "models/spec/isa.h"
#include "models/spec/status.h"
#include "workloads/nn/detmath.h"
#include "workloads/nn/layers.h"

static size_t chunk_length(size_t chunk, size_t n)
{
    const size_t at = chunk * PCS_CHUNK_ELEMENTS;
    return n - at < PCS_CHUNK_ELEMENTS ? n - at : PCS_CHUNK_ELEMENTS;
}

PCS_CLONES static void relu_chunk(size_t n, float *y)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = y[i] > 0.0F ? y[i] : 0.0F;
    }
}

PCS_CLONES void pcs_relu_backward_part(size_t n, const float *restrict y, const float *restrict more, float *restrict d)
{
    for (size_t i = 0; i < n && more == NULL; i++) {
        d[i] = y[i] > 0.0F ? d[i] : 0.0F;
    }
    for (size_t i = 0; i < n && more != NULL; i++) {
        const float sum = d[i] + more[i];
        d[i] = y[i] > 0.0F ? sum : 0.0F;
    }
}

void pcs_relu_forward(unsigned threads, size_t n, float *y)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t chunk = 0; chunk < pcs_chunks(n, PCS_CHUNK_ELEMENTS); chunk++) {
        relu_chunk(chunk_length(chunk, n), y + chunk * PCS_CHUNK_ELEMENTS);
    }
}

void pcs_relu_backward(unsigned threads, size_t n, const float *y, const float *more, float *d)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t chunk = 0; chunk < pcs_chunks(n, PCS_CHUNK_ELEMENTS); chunk++) {
        const size_t at = chunk * PCS_CHUNK_ELEMENTS;
        pcs_relu_backward_part(chunk_length(chunk, n), y + at, more != NULL ? more + at : NULL, d + at);
    }
}

PCS_CLONES void pcs_add_part(size_t n, const float *restrict x, float *restrict y)
{
    for (size_t i = 0; i < n; i++) {
        y[i] += x[i];
    }
}

void pcs_add(unsigned threads, size_t n, const float *x, float *y)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t chunk = 0; chunk < pcs_chunks(n, PCS_CHUNK_ELEMENTS); chunk++) {
        const size_t at = chunk * PCS_CHUNK_ELEMENTS;
        pcs_add_part(chunk_length(chunk, n), x + at, y + at);
    }
}

PCS_CLONES void pcs_add_relu_part(size_t n, const float *restrict x, float *restrict y, pcs_span_t *span)
{
    enum { LANES = 32 };
    float low[LANES];
    float high[LANES];
    const float poison[LANES] = {0.0F}; /* a rectifier passes no NaN, and an infinity shows in the range */
    for (size_t lane = 0; lane < LANES; lane++) {
        low[lane] = span->low;
        high[lane] = span->high;
    }
    for (size_t i = 0; i < n; i += LANES) {
        const size_t count = n - i < LANES ? n - i : LANES;
        for (size_t lane = 0; lane < count; lane++) {
            const float sum = y[i + lane] + x[i + lane];
            const float shown = sum > 0.0F ? sum : 0.0F;
            y[i + lane] = shown;
            low[lane] = shown < low[lane] ? shown : low[lane];
            high[lane] = shown > high[lane] ? shown : high[lane];
        }
    }
    pcs_span_gather(span, LANES, low, high, poison);
}

void pcs_add_relu(unsigned threads, size_t n, const float *x, float *y, pcs_span_t *span)
{
    float low = INFINITY;
    float high = -INFINITY;
    float poison = 0.0F;
#pragma omp parallel for num_threads(threads) schedule(dynamic) reduction(min : low) reduction(max : high) \
    reduction(+ : poison)
    for (size_t chunk = 0; chunk < pcs_chunks(n, PCS_CHUNK_ELEMENTS); chunk++) {
        const size_t at = chunk * PCS_CHUNK_ELEMENTS;
        pcs_span_t own = {low, high, poison};
        pcs_add_relu_part(chunk_length(chunk, n), x + at, y + at, &own);
        low = own.low;
        high = own.high;
        poison = own.poison;
    }
    *span = (pcs_span_t){low, high, poison};
}

void pcs_pool_forward(unsigned threads, size_t n, size_t area, size_t channels, const float *x, float *y)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t image = 0; image < n; image++) {
        const float *source = x + image * area * channels;
        float *mean = y + image * channels;
        memset(mean, 0, channels * sizeof *mean);
        for (size_t position = 0; position < area; position++) {
            for (size_t c = 0; c < channels; c++) {
                mean[c] += source[position * channels + c];
            }
        }
        for (size_t c = 0; c < channels; c++) {
            mean[c] = mean[c] / (float)area;
        }
    }
}

void pcs_pool_backward(unsigned threads, size_t n, size_t area, size_t channels, const float *dy, float *dx)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (size_t image = 0; image < n; image++) {
        const float *d = dy + image * channels;
        float *target = dx + image * area * channels;
        for (size_t position = 0; position < area; position++) {
            for (size_t c = 0; c < channels; c++) {
                target[position * channels + c] = d[c] / (float)area;
            }
        }
    }
}

pcs_loss_t pcs_softmax_loss(size_t n, size_t classes, const float *logits, const uint8_t *labels, float *d)
{
    pcs_loss_t loss = {0.0, 0};
    for (size_t i = 0; i < n; i++) {
        const float *z = logits + i * classes; /* (classes) */
        PCS_ASSERT(labels[i] < classes);
        size_t best = 0;
        for (size_t c = 1; c < classes; c++) {
            best = z[c] > z[best] ? c : best;
        }
        double sum = 0.0;
        for (size_t c = 0; c < classes; c++) {
            sum += pcs_det_exp((double)z[c] - (double)z[best]);
        }
        loss.sum += pcs_det_log(sum) - ((double)z[labels[i]] - (double)z[best]);
        loss.correct += best == labels[i];
        for (size_t c = 0; d != NULL && c < classes; c++) {
            const double p = pcs_det_exp((double)z[c] - (double)z[best]) / sum;
            const double target = c == labels[i] ? 1.0 : 0.0;
            d[i * classes + c] = (float)((p - target) / (double)n);
        }
    }
    return loss;
}
