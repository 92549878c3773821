/* AVX-512 VNNI: dot products of unsigned by signed bytes into 32-bit integers (vpdpbusd), 64 a instruction.

   The instruction wants A unsigned and B signed.  A signed A and an unsigned B have their sign bit flipped, which adds
   oa = 128 to values of A and takes ob = 128 from values of B; with ua = a + oa and sb = b - ob,

     sum a b = sum ua sb + ob sum ua - oa sum sb - oa ob K

   where sum ua and sum sb come from the same instruction with ones.  K is padded to whole groups of four with values of
   zero (ua = oa, sb = -ob), which the formula takes like any other.  32 bits hold sum |ua sb| <= 255 * 128 K up to
   K = 65,793; longer ranges are flushed into 64 bits. */
#include "models/gemm/kernels/avx512vnni/u8s8_acc32.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINE __attribute__((always_inline)) static inline

enum { LANES = 16, FLIP = 0x80 };

bool pcs_vnni_available(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

/* p (rows, vectors * 16; distance ld) += A B over quads of k.  A: the dword of row i and quad q at a + i row + q quad
   bytes.  B: (quads, distance b_ld dwords).  Rows and vectors are constants where it is inlined. */
TARGET INLINE void block(const uint8_t *a, size_t row, size_t quad, const uint8_t *b, size_t b_ld, size_t quads,
                         int32_t *p, size_t ld, const int rows, const int vectors)
{
    __m512i acc[8][4];
    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++) {
            acc[i][v] = _mm512_loadu_si512(p + (size_t)i * ld + (size_t)v * LANES);
        }
    }
    for (size_t q = 0; q < quads; q++, a += quad, b += b_ld * 4) {
        __m512i bv[4];
        for (int v = 0; v < vectors; v++) {
            bv[v] = _mm512_loadu_si512(b + (size_t)v * 64U);
        }
        for (int i = 0; i < rows; i++) {
            int32_t four;
            memcpy(&four, a + (size_t)i * row, sizeof four);
            const __m512i av = _mm512_set1_epi32(four);
            for (int v = 0; v < vectors; v++) {
                acc[i][v] = _mm512_dpbusd_epi32(acc[i][v], av, bv[v]);
            }
        }
    }
    for (int i = 0; i < rows; i++) {
        for (int v = 0; v < vectors; v++) {
            _mm512_storeu_si512(p + (size_t)i * ld + (size_t)v * LANES, acc[i][v]);
        }
    }
}

typedef void block_fn(const uint8_t *a, size_t row, size_t quad, const uint8_t *b, size_t b_ld, size_t quads,
                      int32_t *p, size_t ld);
#define DEFINE_BLOCK(rows, vectors)                                                                                    \
    TARGET static void block_##rows##x##vectors(const uint8_t *a, size_t row, size_t quad, const uint8_t *b,           \
                                                size_t b_ld, size_t quads, int32_t *p, size_t ld)                      \
    {                                                                                                                  \
        block(a, row, quad, b, b_ld, quads, p, ld, rows, vectors);                                                     \
    }
DEFINE_BLOCK(8, 1)
DEFINE_BLOCK(8, 2)
DEFINE_BLOCK(6, 3)
DEFINE_BLOCK(4, 4)
DEFINE_BLOCK(1, 1)
DEFINE_BLOCK(1, 2)
DEFINE_BLOCK(1, 3)
DEFINE_BLOCK(1, 4)

/* By vectors - 1: rows of the large block, the large block, the block of one row. */
static const struct {
    size_t rows;
    block_fn *many, *one;
} blocks[4] = {
    {8, block_8x1, block_1x1}, {8, block_8x2, block_1x2}, {6, block_6x3, block_1x3}, {4, block_4x4, block_1x4}};

void pcs_vnni_multiply(size_t m, size_t n_padded, size_t quads, const uint8_t *a, size_t row, size_t quad,
                       const uint8_t *b, int32_t *p)
{
    for (size_t n = 0; n < n_padded;) {
        const size_t vectors = n_padded - n >= 4U * LANES ? 4U : (n_padded - n) / LANES;
        const size_t rows = blocks[vectors - 1].rows;
        size_t i = 0;
        for (; i + rows <= m; i += rows) {
            blocks[vectors - 1].many(a + i * row, row, quad, b + n * 4U, n_padded, quads, p + i * n_padded + n,
                                     n_padded);
        }
        for (; i < m; i++) {
            blocks[vectors - 1].one(a + i * row, row, quad, b + n * 4U, n_padded, quads, p + i * n_padded + n,
                                    n_padded);
        }
        n += vectors * LANES;
    }
}

/* Interleaves four rows of bytes: dst[4 j + i] = row i [j] ^ flip; missing rows count as `fill`. */
TARGET void pcs_vnni_interleave(const uint8_t *const rows[4], size_t count, uint8_t flip, uint8_t fill, uint8_t *dst)
{
    const __m128i flips = _mm_set1_epi8((char)flip);
    const __m128i fills = _mm_set1_epi8((char)fill);
    size_t j = 0;
    for (; j + 16 <= count; j += 16) {
        __m128i r[4];
        for (int i = 0; i < 4; i++) {
            r[i] = rows[i] == NULL ? fills : _mm_xor_si128(_mm_loadu_si128((const void *)(rows[i] + j)), flips);
        }
        const __m128i low01 = _mm_unpacklo_epi8(r[0], r[1]);
        const __m128i high01 = _mm_unpackhi_epi8(r[0], r[1]);
        const __m128i low23 = _mm_unpacklo_epi8(r[2], r[3]);
        const __m128i high23 = _mm_unpackhi_epi8(r[2], r[3]);
        _mm_storeu_si128((void *)(dst + 4 * j), _mm_unpacklo_epi16(low01, low23));
        _mm_storeu_si128((void *)(dst + 4 * j + 16), _mm_unpackhi_epi16(low01, low23));
        _mm_storeu_si128((void *)(dst + 4 * j + 32), _mm_unpacklo_epi16(high01, high23));
        _mm_storeu_si128((void *)(dst + 4 * j + 48), _mm_unpackhi_epi16(high01, high23));
    }
    for (; j < count; j++) {
        for (int i = 0; i < 4; i++) {
            dst[4 * j + (size_t)i] = rows[i] == NULL ? fill : (uint8_t)(rows[i][j] ^ flip);
        }
    }
}

/* sums[j] += the four bytes of dword j, unsigned or signed; count is a multiple of 16. */
TARGET void pcs_vnni_sum_dwords(const uint8_t *dwords, size_t count, bool is_signed, int32_t *sums)
{
    const __m512i ones = _mm512_set1_epi8(1);
    for (size_t j = 0; j < count; j += LANES) {
        const __m512i four = _mm512_loadu_si512(dwords + 4 * j);
        const __m512i sum = _mm512_loadu_si512(sums + j);
        _mm512_storeu_si512(sums + j,
                            is_signed ? _mm512_dpbusd_epi32(sum, ones, four) : _mm512_dpbusd_epi32(sum, four, ones));
    }
}

/* Sum of unsigned bytes. */
TARGET int64_t pcs_vnni_sum_bytes(const uint8_t *bytes, size_t count)
{
    __m512i sum = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        sum = _mm512_add_epi64(sum, _mm512_sad_epu8(_mm512_loadu_si512(bytes + i), _mm512_setzero_si512()));
    }
    int64_t total = _mm512_reduce_add_epi64(sum);
    for (; i < count; i++) {
        total += bytes[i];
    }
    return total;
}

#else

bool pcs_vnni_available(void)
{
    return false;
}

#endif
