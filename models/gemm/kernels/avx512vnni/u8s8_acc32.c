/* AVX-512 VNNI: dot products of unsigned by signed bytes into 32-bit integers (vpdpbusd), 64 a instruction.  |ua sb| <=
   255 * 128, so that 32 bits hold the sum of 65,793 of them. */
#include "models/gemm/kernels/kernels.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

static bool available(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

TARGET static void copy(const uint8_t *codes, size_t count, pcs_coding_t coding, void *dst)
{
    const __m512i flips = _mm512_set1_epi8((char)coding.flip);
    uint8_t *to = dst;
    size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        _mm512_storeu_si512(to + i, _mm512_xor_si512(_mm512_loadu_si512(codes + i), flips));
    }
    if (i < count) {
        const __mmask64 rest = (UINT64_C(1) << (count - i)) - 1U;
        _mm512_mask_storeu_epi8(to + i, rest, _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, codes + i), flips));
    }
}

enum { PIXELS = 8, CHANNELS = 16 }; /* of a block */

/* A block: unpacking pairs, fours and eights of pixels. */
TARGET static void transpose_block(const uint8_t *codes, size_t pixel, __m128i flips, uint8_t *to, size_t row)
{
    __m128i r[PIXELS];
    __m128i s[PIXELS];
    for (size_t i = 0; i < PIXELS; i++) {
        r[i] = _mm_xor_si128(_mm_loadu_si128((const void *)(codes + i * pixel)), flips);
    }
    for (int i = 0; i < 4; i++) { /* s[i], s[i + 4]: pixels 2 i and 2 i + 1 of channels 0..7 and 8..15 */
        s[i] = _mm_unpacklo_epi8(r[2 * i], r[2 * i + 1]);
        s[i + 4] = _mm_unpackhi_epi8(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) { /* fours of channels, of pixels 0..3, then 4..7 */
        const __m128i *half = s + i / 2 * 4;
        const bool high = i % 2 != 0;
        r[2 * i] = high ? _mm_unpackhi_epi16(half[0], half[1]) : _mm_unpacklo_epi16(half[0], half[1]);
        r[2 * i + 1] = high ? _mm_unpackhi_epi16(half[2], half[3]) : _mm_unpacklo_epi16(half[2], half[3]);
    }
    for (size_t i = 0; i < 4; i++, to += 4 * row) {
        const __m128i low = _mm_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
        const __m128i high = _mm_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
        _mm_storel_epi64((void *)to, low);
        _mm_storel_epi64((void *)(to + row), _mm_unpackhi_epi64(low, low));
        _mm_storel_epi64((void *)(to + 2 * row), high);
        _mm_storel_epi64((void *)(to + 3 * row), _mm_unpackhi_epi64(high, high));
    }
}

TARGET static void transpose(const uint8_t *codes, size_t pixel, size_t count, size_t channels, pcs_coding_t coding,
                             void *dst, size_t row)
{
    const __m128i flips = _mm_set1_epi8((char)coding.flip);
    uint8_t *to = dst;
    for (size_t c = 0; c < channels; c += CHANNELS) {
        const bool whole = channels - c >= CHANNELS;
        size_t i = 0;
        for (; whole && i + PIXELS <= count; i += PIXELS) {
            transpose_block(codes + i * pixel + c, pixel, flips, to + c * row + i, row);
        }
        for (; i < count; i++) {
            for (size_t j = c; j < channels && j < c + CHANNELS; j++) {
                to[j * row + i] = codes[i * pixel + j] ^ coding.flip;
            }
        }
    }
}

/* Sixteen columns of four rows. */
TARGET static inline void interleave_block(const __m128i *r, uint8_t *dst)
{
    const __m128i low01 = _mm_unpacklo_epi8(r[0], r[1]);
    const __m128i high01 = _mm_unpackhi_epi8(r[0], r[1]);
    const __m128i low23 = _mm_unpacklo_epi8(r[2], r[3]);
    const __m128i high23 = _mm_unpackhi_epi8(r[2], r[3]);
    _mm_storeu_si128((void *)dst, _mm_unpacklo_epi16(low01, low23));
    _mm_storeu_si128((void *)(dst + 16), _mm_unpackhi_epi16(low01, low23));
    _mm_storeu_si128((void *)(dst + 32), _mm_unpacklo_epi16(high01, high23));
    _mm_storeu_si128((void *)(dst + 48), _mm_unpackhi_epi16(high01, high23));
}

TARGET static void interleave(const uint8_t *const *rows, size_t count, size_t dwords, size_t advance,
                              pcs_coding_t coding, void *out)
{
    enum { ROWS = 4, COLUMNS = 16 };
    const __m128i flips = _mm_set1_epi8((char)coding.flip);
    uint8_t *dst = out;
    for (size_t q = 0; q < dwords; q++, dst += ROWS * count) {
        const size_t at = q * advance;
        size_t j = 0;
        for (; j + COLUMNS <= count; j += COLUMNS) {
            __m128i r[ROWS];
            for (int i = 0; i < ROWS; i++) {
                r[i] =
                    rows[i] == NULL ? flips : _mm_xor_si128(_mm_loadu_si128((const void *)(rows[i] + at + j)), flips);
            }
            interleave_block(r, dst + ROWS * j);
        }
        for (; j < count; j++) {
            for (size_t i = 0; i < ROWS; i++) {
                dst[ROWS * j + i] = rows[i] == NULL ? coding.flip : (uint8_t)(rows[i][at + j] ^ coding.flip);
            }
        }
    }
}

#define NAME pcs_kernel_avx512vnni
#define STEPS 4
#define BIASED true
#define MOST_K 65536
#define AVAILABLE available
#define COPY copy
#define TRANSPOSE transpose
#define INTERLEAVE interleave
#define VECTOR __m512i
#define LANES 16U
#define LOAD(p) _mm512_loadu_si512(p)
#define STORE(p, v) _mm512_storeu_si512(p, v)
#define BROADCAST(x) _mm512_set1_epi32(x)
#define DOT(sum, a, b) _mm512_dpbusd_epi32(sum, a, b)
#define BLOCK1 16
#define BLOCK2 8
#define BLOCK3 6
#define BLOCK4 4
#include "models/gemm/kernels/multiply.inc"

#else

static bool available(void)
{
    return false;
}

const pcs_kernel_ops_t pcs_kernel_avx512vnni = {.available = available};

#endif
