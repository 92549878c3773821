/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011): a counter-based generator.  A draw depends on its key and
   counter only, so results do not depend on the order or the thread in which elements are visited. */
#ifndef PCS_MODELS_FORMAT_PHILOX_H
#define PCS_MODELS_FORMAT_PHILOX_H

#include <stdint.h>

/* What a stream of random numbers is for.  Append only: numbers enter the streams, hence the bits of every run. */
typedef enum pcs_purpose {
    PCS_PURPOSE_INIT = 0,     /* weight initialisation */
    PCS_PURPOSE_SHUFFLE = 1,  /* order of the training set */
    PCS_PURPOSE_GRADIENT = 2, /* stochastic rounding of output gradients */
    PCS_PURPOSE_SAMPLE = 3,   /* which tiles are checked in lock-step */
    PCS_PURPOSE_AUGMENT = 4,
    PCS_PURPOSE_TEST = 5,
    PCS_PURPOSE_ROUND = 6, /* stochastic rounding of single operations at the command line */
    /* training in floating point; its gradients take PCS_PURPOSE_GRADIENT */
    PCS_PURPOSE_INPUT = 7,  /* inputs of a layer */
    PCS_PURPOSE_WEIGHT = 8, /* its weights */
    PCS_PURPOSE_RESULT = 9, /* what its GEMMs give; layer: + 2^20 times the role */
    PCS_PURPOSE_MASTER = 10 /* operations of the update */
} pcs_purpose_t;

/* A stream: (seed, purpose, iteration, layer); an element index picks the draw. */
typedef struct pcs_stream {
    uint32_t key[2];    /* seed */
    uint32_t iteration; /* low 32 bits of the iteration */
    uint32_t tag;       /* purpose << 24 | layer; layer < 2^24 */
} pcs_stream_t;

static inline pcs_stream_t pcs_stream(uint64_t seed, pcs_purpose_t purpose, uint32_t iteration, uint32_t layer)
{
    const pcs_stream_t stream = {
        {(uint32_t)seed, (uint32_t)(seed >> 32U)}, iteration, ((uint32_t)purpose << 24U) | (layer & 0xffffffU)};
    return stream;
}

/* The four words of block `block`: elements 4 * block .. 4 * block + 3 of the stream. */
static inline void pcs_philox_block(const pcs_stream_t *stream, uint64_t block, uint32_t out[4])
{
    uint32_t c0 = (uint32_t)block;
    uint32_t c1 = (uint32_t)(block >> 32U);
    uint32_t c2 = stream->iteration;
    uint32_t c3 = stream->tag;
    uint32_t k0 = stream->key[0];
    uint32_t k1 = stream->key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)c0 * UINT64_C(0xD2511F53);
        const uint64_t p1 = (uint64_t)c2 * UINT64_C(0xCD9E8D57);
        c0 = (uint32_t)(p1 >> 32U) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32U) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* Element `index` of the stream: 32 uniform bits. */
static inline uint32_t pcs_philox_u32(const pcs_stream_t *stream, uint64_t index)
{
    uint32_t block[4];
    pcs_philox_block(stream, index / 4U, block);
    return block[index % 4U];
}

/* Uniform integer in 0..bound-1 (bound >= 1), by multiply-high: bias below bound / 2^32. */
static inline uint32_t pcs_philox_below(const pcs_stream_t *stream, uint64_t index, uint32_t bound)
{
    return (uint32_t)(((uint64_t)pcs_philox_u32(stream, index) * bound) >> 32U);
}

/* Uniform in [-1/2, 1/2): the top 24 bits, exact in binary32. */
static inline float pcs_uniform_centered(uint32_t bits)
{
    return (float)((int32_t)(bits >> 8U) - 0x800000) * 0x1p-24F;
}

#endif
