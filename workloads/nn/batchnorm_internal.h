/* Inside of the batch normalisation: what its forward and backward passes share. */
#ifndef PCS_WORKLOADS_NN_BATCHNORM_INTERNAL_H
#define PCS_WORKLOADS_NN_BATCHNORM_INTERNAL_H

#include <string.h>

#include "models/spec/isa.h"
#include "models/spec/status.h"
#include "workloads/nn/layers.h"

/* What a chunk of rows leaves for each channel: two sums, the extremes of x, and those of the gradient passed back.
   Channels are visited so many at a time, their sums staying in registers. */
enum { SUM, SQUARE, LOW, HIGH, GRAD_LOW, GRAD_HIGH, KEPT, COLUMNS = 16 };

#define INLINE __attribute__((always_inline)) static inline

static inline size_t chunk_rows(size_t chunk, size_t rows)
{
    const size_t left = rows - chunk * PCS_CHUNK_ROWS;
    return left < PCS_CHUNK_ROWS ? left : PCS_CHUNK_ROWS;
}

/* The sums of all chunks (chunks, KEPT, channels), added in order behind the last one. */
double *pcs_batchnorm_total(double *partial, size_t chunks, size_t channels);

/* A channel's constants; `columns` of them stay in registers. */
typedef struct columns {
    float mean[COLUMNS], inv_std[COLUMNS], gamma[COLUMNS], beta[COLUMNS];
} columns_t;

INLINE void load_columns(const pcs_batchnorm_t *bn, size_t from, size_t count, columns_t *columns)
{
    memcpy(columns->mean, bn->mean + from, count * sizeof(float));
    memcpy(columns->inv_std, bn->inv_std + from, count * sizeof(float));
    memcpy(columns->gamma, bn->gamma + from, count * sizeof(float));
    memcpy(columns->beta, bn->beta + from, count * sizeof(float));
}

INLINE float normalise(const columns_t *columns, size_t c, float x)
{
    const float centred = x - columns->mean[c];
    const float unit = centred * columns->inv_std[c];
    const float scaled = unit * columns->gamma[c];
    return scaled + columns->beta[c];
}

INLINE float rectify(float value)
{
    return value > 0.0F ? value : 0.0F;
}

#endif
