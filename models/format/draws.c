#include "models/format/draws.h"

static void draw_blocks(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u)
{
    for (size_t b = 0; b < blocks; b++) {
        uint32_t words[PCS_DRAWS_BLOCK];
        pcs_philox_block(stream, block + b, words);
        for (size_t i = 0; i < PCS_DRAWS_BLOCK; i++) {
            u[b * PCS_DRAWS_BLOCK + i] = pcs_uniform_centered(words[i]);
        }
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f")))

enum { LANES = 8 };

/* Eight blocks, a word of each block in the lower half of a lane; upper halves hold what is left over.  Multiplications
   read lower halves only, exclusive-or keeps halves apart. */
TARGET static void draw_lanes(const pcs_stream_t *stream, uint64_t block, float *u)
{
    /* In this order the words come out block after block. */
    const __m512i number =
        _mm512_add_epi64(_mm512_set1_epi64((long long)block), _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7));
    const __m512i m0 = _mm512_set1_epi64(0xD2511F53);
    const __m512i m1 = _mm512_set1_epi64(0xCD9E8D57);
    __m512i c0 = number;
    __m512i c1 = _mm512_srli_epi64(number, 32);
    __m512i c2 = _mm512_set1_epi64(stream->iteration);
    __m512i c3 = _mm512_set1_epi64(stream->tag);
    uint32_t k0 = stream->key[0];
    uint32_t k1 = stream->key[1];
    for (int round = 0; round < 10; round++) {
        const __m512i p0 = _mm512_mul_epu32(c0, m0);
        const __m512i p1 = _mm512_mul_epu32(c2, m1);
        enum { XOR3 = 0x96 };
        c0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), c1, _mm512_set1_epi64(k0), XOR3);
        c1 = p1;
        c2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), c3, _mm512_set1_epi64(k1), XOR3);
        c3 = p0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    const __mmask16 upper = 0xAAAA;
    const __m512i first = _mm512_mask_blend_epi32(upper, c0, _mm512_slli_epi64(c1, 32));
    const __m512i second = _mm512_mask_blend_epi32(upper, c2, _mm512_slli_epi64(c3, 32));
    const __m512i words[2] = {_mm512_unpacklo_epi64(first, second), _mm512_unpackhi_epi64(first, second)};
    for (size_t i = 0; i < 2; i++) {
        const __m512i centred = _mm512_sub_epi32(_mm512_srli_epi32(words[i], 8), _mm512_set1_epi32(0x800000));
        _mm512_storeu_ps(u + 16 * i, _mm512_mul_ps(_mm512_cvtepi32_ps(centred), _mm512_set1_ps(0x1p-24F)));
    }
}

void pcs_draws_centered(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u)
{
    size_t b = 0;
    if (__builtin_cpu_supports("avx512f")) {
        for (; b + LANES <= blocks; b += LANES) {
            draw_lanes(stream, block + b, u + b * PCS_DRAWS_BLOCK);
        }
    }
    draw_blocks(stream, block + b, blocks - b, u + b * PCS_DRAWS_BLOCK);
}

#else

void pcs_draws_centered(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u)
{
    draw_blocks(stream, block, blocks, u);
}

#endif
