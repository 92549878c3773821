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

#include "models/format/philox_avx512.h"

#define TARGET __attribute__((target("avx512f")))

TARGET static inline void draw_vectors(const pcs_stream_t *stream, const pcs_philox_keys_t *keys, uint64_t block,
                                       const int vectors, float *u)
{
    __m512i words[2][2];
    pcs_philox_vectors(stream, keys, block, vectors, words);
    for (int i = 0; i < 2 * vectors; i++) {
        const __m512i word = words[i / 2][i % 2];
        const __m512i centred = _mm512_sub_epi32(_mm512_srli_epi32(word, 8), _mm512_set1_epi32(0x800000));
        _mm512_storeu_ps(u + 16 * (size_t)i, _mm512_mul_ps(_mm512_cvtepi32_ps(centred), _mm512_set1_ps(0x1p-24F)));
    }
}

/* As many of the blocks as fill vectors; returns how many that were. */
TARGET static size_t draw_avx512(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u)
{
    const pcs_philox_keys_t keys = pcs_philox_keys(stream);
    size_t b = 0;
    for (; b + 2 * PCS_PHILOX_LANES <= blocks; b += 2 * PCS_PHILOX_LANES) {
        draw_vectors(stream, &keys, block + b, 2, u + b * PCS_DRAWS_BLOCK);
    }
    for (; b + PCS_PHILOX_LANES <= blocks; b += PCS_PHILOX_LANES) {
        draw_vectors(stream, &keys, block + b, 1, u + b * PCS_DRAWS_BLOCK);
    }
    return b;
}

void pcs_draws_centered(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u)
{
    const size_t b = __builtin_cpu_supports("avx512f") ? draw_avx512(stream, block, blocks, u) : 0;
    draw_blocks(stream, block + b, blocks - b, u + b * PCS_DRAWS_BLOCK);
}

#else

void pcs_draws_centered(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u)
{
    draw_blocks(stream, block, blocks, u);
}

#endif
