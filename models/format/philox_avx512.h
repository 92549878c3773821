/* Blocks of the generator by AVX-512, for files that have checked the processor. */
#ifndef PCS_MODELS_FORMAT_PHILOX_AVX512_H
#define PCS_MODELS_FORMAT_PHILOX_AVX512_H

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>

#include "models/format/philox.h"

enum { PCS_PHILOX_LANES = 8 /* blocks of a vector */ };

#define PCS_PHILOX_TARGET __attribute__((target("avx512f"), always_inline))

/* Upper half of each lane into its lower one; by a shuffle, since shifts compete with multiplications for their port.
 */
PCS_PHILOX_TARGET static inline __m512i pcs_philox_upper(__m512i x)
{
    return _mm512_castps_si512(_mm512_movehdup_ps(_mm512_castsi512_ps(x)));
}

/* Keys of the rounds, in memory: instructions broadcast them from there. */
typedef struct pcs_philox_keys {
    uint64_t key[10][2];
} pcs_philox_keys_t;
static inline pcs_philox_keys_t pcs_philox_keys(const pcs_stream_t *stream)
{
    pcs_philox_keys_t keys;
    for (uint32_t round = 0; round < 10; round++) {
        keys.key[round][0] = (uint32_t)(stream->key[0] + round * UINT32_C(0x9E3779B9));
        keys.key[round][1] = (uint32_t)(stream->key[1] + round * UINT32_C(0xBB67AE85));
    }
    return keys;
}

/* The blocks of `n` elements from `first` on differ in their lower 32 bits only: those above are `high` below. */
static inline bool pcs_philox_near(uint64_t first, size_t n)
{
    return first / 4U >> 32U == (first + n) / 4U >> 32U;
}

/* 8 vectors blocks of the stream from (high, low) on, four words each, in order: `vectors` pairs of vectors of 16
   words. A word of each block lies in the lower half of a lane, upper halves hold what is left over: multiplications
   read lower halves only, exclusive-or keeps halves apart.  Several vectors at a time hide the rounds' latency; what
   does not depend on `low`, half of the first two rounds, compilers move out of loops. */
PCS_PHILOX_TARGET static inline void pcs_philox_vectors(const pcs_stream_t *stream, const pcs_philox_keys_t *keys,
                                                        uint32_t high, uint32_t low, const int vectors,
                                                        __m512i (*words)[2])
{
    enum { MOST = 2, XOR3 = 0x96 };
    const __m512i m0 = _mm512_set1_epi64(0xD2511F53);
    const __m512i m1 = _mm512_set1_epi64(0xCD9E8D57);
    __m512i c[MOST][4];
    for (int v = 0; v < vectors; v++) {
        /* In this order of blocks the words come out block after block. */
        c[v][0] = _mm512_add_epi64(_mm512_set1_epi64((long long)low + v * PCS_PHILOX_LANES),
                                   _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7));
        c[v][1] = _mm512_set1_epi64(high);
        c[v][2] = _mm512_set1_epi64(stream->iteration);
        c[v][3] = _mm512_set1_epi64(stream->tag);
    }
    for (int round = 0; round < 10; round++) {
        const __m512i key0 = _mm512_set1_epi64((long long)keys->key[round][0]);
        const __m512i key1 = _mm512_set1_epi64((long long)keys->key[round][1]);
        for (int v = 0; v < vectors; v++) {
            const __m512i p0 = _mm512_mul_epu32(c[v][0], m0);
            const __m512i p1 = _mm512_mul_epu32(c[v][2], m1);
            c[v][0] = _mm512_ternarylogic_epi64(pcs_philox_upper(p1), c[v][1], key0, XOR3);
            c[v][1] = p1;
            c[v][2] = _mm512_ternarylogic_epi64(pcs_philox_upper(p0), c[v][3], key1, XOR3);
            c[v][3] = p0;
        }
    }
    for (int v = 0; v < vectors; v++) {
        const __mmask16 upper = 0xAAAA;
        const __m512i first = _mm512_mask_mov_epi32(c[v][0], upper, _mm512_slli_epi64(c[v][1], 32));
        const __m512i second = _mm512_mask_mov_epi32(c[v][2], upper, _mm512_slli_epi64(c[v][3], 32));
        words[v][0] = _mm512_unpacklo_epi64(first, second);
        words[v][1] = _mm512_unpackhi_epi64(first, second);
    }
}

#endif
#endif
