#include "models/format/quantize.h"

#include <string.h>

#include "models/spec/isa.h"

/* 1.5 * 2^23: adding it to |v| < 2^22 leaves no fraction bits, so the addition itself rounds half to even. */
#define ROUND_MAGIC 0x1.8p23F
#define ZERO_MAX 0x1p20F
#define SCALE_MIN 1e-8F

/* Elements quantized at a time, where it is not done in whole vectors: the loops over them vectorise. */
enum { CHUNK = 512 };

static const char *const names[PCS_QUANTIZER_COUNT] = {
    [PCS_QUANTIZER_AFFINE] = "affine",
    [PCS_QUANTIZER_AFFINE_ZP] = "affine-zp",
    [PCS_QUANTIZER_SYMMETRIC] = "symmetric",
};

const char *pcs_quantizer_name(pcs_quantizer_t quantizer)
{
    PCS_ASSERT((unsigned)quantizer < PCS_QUANTIZER_COUNT);
    return names[quantizer];
}

pcs_quantizer_t pcs_quantizer_by_name(const char *name)
{
    for (int i = 0; i < PCS_QUANTIZER_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            return (pcs_quantizer_t)i;
        }
    }
    return PCS_QUANTIZER_COUNT;
}

bool pcs_quantizer_signed(pcs_quantizer_t quantizer)
{
    return quantizer == PCS_QUANTIZER_SYMMETRIC;
}

static inline float max_f(float a, float b)
{
    return a < b ? b : a;
}

static inline float clamp_f(float v, float low, float high)
{
    const float bounded = v < low ? low : v;
    return bounded > high ? high : bounded;
}

/* Nearest integer, ties to even; |v| < 2^22. */
static inline float round_even(float v)
{
    const float shifted = v + ROUND_MAGIC;
    return shifted - ROUND_MAGIC;
}

static pcs_qparams_t symmetric(unsigned bits, float min, float max)
{
    const float levels = (float)((1U << (bits - 1U)) - 1U);
    const float amax = max_f(-min, max);
    const float step = amax / levels;
    const pcs_qparams_t params = {
        .scale = max_f(step, SCALE_MIN),
        .lo = 0.0F,
        .qmin = -levels,
        .qmax = levels,
    };
    return params;
}

pcs_qparams_t pcs_qparams_from_range(pcs_quantizer_t quantizer, unsigned bits, float min, float max)
{
    PCS_ASSERT(bits >= 2 && bits <= 8);
    PCS_ASSERT(min <= max);
    if (quantizer == PCS_QUANTIZER_SYMMETRIC) {
        return symmetric(bits, min, max);
    }
    const float levels = (float)((1U << bits) - 1U);
    const float range = max - min;
    const float step = range / levels;
    float scale = max_f(step, SCALE_MIN);
    if (quantizer == PCS_QUANTIZER_AFFINE_ZP) {
        const float distance = max_f(min, -min);
        const float least = distance / ZERO_MAX;
        scale = max_f(scale, least); /* a narrow range far from zero: keep lo within reach of the zero-point */
    }
    const float ideal = -min / scale;
    const float zero = round_even(clamp_f(ideal, -ZERO_MAX, ZERO_MAX));
    const float whole = scale * zero;
    pcs_qparams_t params = {
        .scale = scale,
        .zero = (int32_t)zero,
        .offset = min + whole,
        .lo = min,
        .qmin = 0.0F,
        .qmax = levels,
    };
    if (quantizer == PCS_QUANTIZER_AFFINE_ZP) {
        params.offset = 0.0F;
        params.lo = -whole;
    }
    return params;
}

PCS_CLONES static void quantize_chunk(const pcs_qparams_t *params, const float *restrict x, size_t n,
                                      const float *restrict u, uint8_t *restrict codes)
{
    const float lo = params->lo;
    const float scale = params->scale;
    const float qmin = params->qmin;
    const float qmax = params->qmax;
    for (size_t i = 0; i < n; i++) {
        const float above = x[i] - lo;
        const float steps = above / scale;
        const float noisy = steps + u[i];
        codes[i] = (uint8_t)(int32_t)round_even(clamp_f(noisy, qmin, qmax));
    }
}

/* u[i] = draw first + i of the stream. */
static void fill_draws(const pcs_stream_t *stream, uint64_t first, size_t n, float *u)
{
    uint32_t words[4];
    for (size_t i = 0; i < n; i++) {
        const size_t word = (size_t)((first + i) % 4U);
        if (i == 0 || word == 0) {
            pcs_philox_block(stream, (first + i) / 4U, words);
        }
        u[i] = pcs_uniform_centered(words[word]);
    }
}

static void quantize_any(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream,
                         uint64_t first, uint8_t *codes)
{
    float u[CHUNK] = {0.0F};
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t len = n - at < CHUNK ? n - at : CHUNK;
        if (stream != NULL) {
            fill_draws(stream, first + at, len, u);
        }
        quantize_chunk(params, x + at, len, u, codes + at);
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

#include "models/format/philox_avx512.h"

#define TARGET __attribute__((target("avx512f,avx512bw")))
#define INLINE __attribute__((target("avx512f,avx512bw"), always_inline)) static inline

enum { WIDTH = 16, VECTORS = 4, BLOCK = VECTORS * WIDTH };

typedef struct constants {
    __m512 lo, scale, r, least, most;
} constants_t;

/* Divides by multiplying, which takes a third of the time.  With r the reciprocal correctly rounded, q1 is within a
   unit in the last place of the quotient, and a quotient so near is corrected exactly by a remainder that FMA leaves
   exact (Markstein, IBM J. Res. Dev. 34(1), 1990).  That holds for scales far from the ends of the exponent range and
   quotients of 2^-41 and more; below, the code is that of the draw alone.  Quotients beyond all levels are cut first: a
   product could be infinite. */
INLINE __m512 divide(const constants_t *c, __m512 x)
{
    const __m512 raw = _mm512_sub_ps(x, c->lo);
    const __m512 above = _mm512_min_ps(_mm512_max_ps(raw, c->least), c->most);
    const __m512 q0 = _mm512_mul_ps(above, c->r);
    const __m512 q1 = _mm512_fmadd_ps(_mm512_fnmadd_ps(q0, c->scale, above), c->r, q0);
    return _mm512_fmadd_ps(_mm512_fnmadd_ps(q1, c->scale, above), c->r, q1);
}

/* steps + pcs_uniform_centered(word), rounded once: 256 times the draw's integer, signed, is exact in binary32. */
INLINE __m512 add_draw(__m512 steps, __m512i word)
{
    enum { AND_XOR = 0x6A };
    const __m512i top = _mm512_set1_epi32(~0xff);
    const __m512i sign = _mm512_set1_epi32(INT32_MIN);
    const __m512 draw = _mm512_cvtepi32_ps(_mm512_ternarylogic_epi32(word, top, sign, AND_XOR));
    return _mm512_fmadd_ps(draw, _mm512_set1_ps(0x1p-32F), steps);
}

/* Levels of four vectors, rounded before they are bounded, which is the same for whole bounds, to bytes in order. */
INLINE __m512i to_codes(const __m512 *level, __m512i qmin, __m512i qmax, const bool is_signed)
{
    __m512i whole[VECTORS];
    for (int v = 0; v < VECTORS; v++) {
        whole[v] = _mm512_cvt_roundps_epi32(level[v], _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    }
    const __m512i low = _mm512_packs_epi32(whole[0], whole[1]);
    const __m512i high = _mm512_packs_epi32(whole[2], whole[3]);
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    if (is_signed) {
        const __m512i bytes = _mm512_permutexvar_epi32(order, _mm512_packs_epi16(low, high));
        return _mm512_min_epi8(_mm512_max_epi8(bytes, qmin), qmax);
    }
    return _mm512_min_epu8(_mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high)), qmax);
}

/* As many elements as fill BLOCKs; `random`: the stream's elements from `first`, a multiple of 4, on. */
INLINE size_t quantize_blocks(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream,
                              uint64_t first, uint8_t *codes, const bool random, const bool is_signed)
{
    const float beyond = 0x1p12F;
    const constants_t c = {_mm512_set1_ps(params->lo), _mm512_set1_ps(params->scale),
                           _mm512_set1_ps(1.0F / params->scale), _mm512_set1_ps(-beyond * params->scale),
                           _mm512_set1_ps(beyond * params->scale)};
    const __m512i qmin = _mm512_set1_epi8((char)(int)params->qmin);
    const __m512i qmax = _mm512_set1_epi8((char)(int)params->qmax);
    const pcs_philox_keys_t keys = random ? pcs_philox_keys(stream) : (pcs_philox_keys_t){{{0}}};
    const uint32_t high = (uint32_t)(first / 4U >> 32U);
    const uint32_t low = (uint32_t)(first / 4U);
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        __m512i words[2][2];
        __m512 level[VECTORS];
        if (random) {
            pcs_philox_vectors(stream, &keys, high, low + (uint32_t)(i / 4U), 2, words);
        }
        for (size_t v = 0; v < VECTORS; v++) {
            level[v] = divide(&c, _mm512_loadu_ps(x + i + v * WIDTH));
            level[v] = random ? add_draw(level[v], words[v / 2U][v % 2U]) : level[v];
        }
        _mm512_storeu_si512(codes + i, to_codes(level, qmin, qmax, is_signed));
    }
    return i;
}

TARGET static size_t nearest(const pcs_qparams_t *params, const float *x, size_t n, uint8_t *codes)
{
    return params->qmin < 0.0F ? quantize_blocks(params, x, n, NULL, 0, codes, false, true)
                               : quantize_blocks(params, x, n, NULL, 0, codes, false, false);
}

TARGET static size_t stochastic(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream,
                                uint64_t first, uint8_t *codes)
{
    return params->qmin < 0.0F ? quantize_blocks(params, x, n, stream, first, codes, true, true)
                               : quantize_blocks(params, x, n, stream, first, codes, true, false);
}

/* Returns how many elements it took, from the first on. */
static size_t quantize_avx512(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream,
                              uint64_t first, uint8_t *codes)
{
    if (!__builtin_cpu_supports("avx512bw") || !(params->scale >= 0x1p-60F && params->scale <= 0x1p60F) ||
        (stream != NULL && !pcs_philox_near(first, n))) {
        return 0;
    }
    if (stream == NULL) {
        return nearest(params, x, n, codes);
    }
    const size_t left = (size_t)((4U - first % 4U) % 4U); /* up to the first whole block of draws */
    const size_t head = left < n ? left : n;
    quantize_any(params, x, head, stream, first, codes);
    return head + stochastic(params, x + head, n - head, stream, first + head, codes + head);
}

#else

static size_t quantize_avx512(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream,
                              uint64_t first, uint8_t *codes)
{
    (void)params, (void)x, (void)n, (void)stream, (void)first, (void)codes;
    return 0;
}

#endif

void pcs_quantize(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream, uint64_t first,
                  uint8_t *codes)
{
    const size_t done = quantize_avx512(params, x, n, stream, first, codes);
    quantize_any(params, x + done, n - done, stream, first + done, codes + done);
}

float pcs_dequantize(const pcs_qparams_t *params, int32_t q)
{
    const float scaled = params->scale * (float)(q - params->zero);
    return scaled + params->offset;
}

PCS_CLONES bool pcs_tensor_range(const float *x, size_t n, float *min, float *max)
{
    PCS_ASSERT(n >= 1);
    enum { LANES = 16 };
    float low[LANES];
    float high[LANES];
    float poison[LANES]; /* x * 0 is 0 for a finite x and NaN otherwise; NaN stays */
    for (size_t lane = 0; lane < LANES; lane++) {
        low[lane] = x[0];
        high[lane] = x[0];
        poison[lane] = 0.0F;
    }
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (size_t lane = 0; lane < LANES; lane++) {
            const float v = x[i + lane];
            low[lane] = v < low[lane] ? v : low[lane];
            high[lane] = v > high[lane] ? v : high[lane];
            poison[lane] += v * 0.0F;
        }
    }
    for (; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
        poison[0] += x[i] * 0.0F;
    }
    float bad = poison[0];
    for (size_t lane = 1; lane < LANES; lane++) {
        low[0] = low[lane] < low[0] ? low[lane] : low[0];
        high[0] = high[lane] > high[0] ? high[lane] : high[0];
        bad += poison[lane];
    }
    *min = low[0];
    *max = high[0];
    return bad == 0.0F;
}
