#include "models/format/quantize.h"

#include <string.h>

#include "models/format/draws.h"
#include "models/spec/isa.h"

/* 1.5 * 2^23: adding it to |v| < 2^22 leaves no fraction bits, so the addition itself rounds half to even. */
#define ROUND_MAGIC 0x1.8p23F
#define ZERO_MAX 0x1p20F
#define SCALE_MIN 1e-8F

/* Elements quantized at a time: their draws stay in the first-level cache, and the loops over them vectorise. */
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

PCS_CLONES static void quantize_any(const pcs_qparams_t *params, const float *restrict x, size_t n,
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

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

/* Divides by multiplying, which takes a third of the time.  With r the reciprocal correctly rounded, q1 is within a
   unit in the last place of the quotient, and a quotient so near is corrected exactly by a remainder that FMA leaves
   exact (Markstein, IBM J. Res. Dev. 34(1), 1990).  That holds for scales far from the ends of the exponent range and
   quotients of 2^-41 and more; below, the code is that of the draw alone.  Quotients beyond all levels are cut first: a
   product could be infinite.  Returns how many elements fill vectors, 0 if it may not be done. */
__attribute__((target("avx512f"))) static size_t quantize_avx512(const pcs_qparams_t *params, const float *x, size_t n,
                                                                 const float *u, uint8_t *codes)
{
    enum { LANES = 16 };
    const float beyond = 0x1p12F;
    if (!(params->scale >= 0x1p-60F && params->scale <= 0x1p60F)) {
        return 0;
    }
    const __m512 lo = _mm512_set1_ps(params->lo);
    const __m512 scale = _mm512_set1_ps(params->scale);
    const __m512 r = _mm512_set1_ps(1.0F / params->scale);
    const __m512 least = _mm512_set1_ps(-beyond * params->scale);
    const __m512 most = _mm512_set1_ps(beyond * params->scale);
    const __m512 qmin = _mm512_set1_ps(params->qmin);
    const __m512 qmax = _mm512_set1_ps(params->qmax);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const __m512 raw = _mm512_sub_ps(_mm512_loadu_ps(x + i), lo);
        const __m512 above = _mm512_min_ps(_mm512_max_ps(raw, least), most);
        const __m512 q0 = _mm512_mul_ps(above, r);
        const __m512 q1 = _mm512_fmadd_ps(_mm512_fnmadd_ps(q0, scale, above), r, q0);
        const __m512 steps = _mm512_fmadd_ps(_mm512_fnmadd_ps(q1, scale, above), r, q1);
        const __m512 noisy = _mm512_add_ps(steps, _mm512_loadu_ps(u + i));
        const __m512 level = _mm512_min_ps(_mm512_max_ps(noisy, qmin), qmax);
        const __m512i code = _mm512_cvt_roundps_epi32(level, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        _mm_storeu_si128((void *)(codes + i), _mm512_cvtepi32_epi8(code));
    }
    return i;
}

static void quantize_chunk(const pcs_qparams_t *params, const float *x, size_t n, const float *u, uint8_t *codes)
{
    const size_t done = __builtin_cpu_supports("avx512f") ? quantize_avx512(params, x, n, u, codes) : 0;
    quantize_any(params, x + done, n - done, u + done, codes + done);
}

#else

static void quantize_chunk(const pcs_qparams_t *params, const float *x, size_t n, const float *u, uint8_t *codes)
{
    quantize_any(params, x, n, u, codes);
}

#endif

void pcs_quantize(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream, uint64_t first,
                  uint8_t *codes)
{
    float u[CHUNK + PCS_DRAWS_BLOCK] = {0.0F};
    for (size_t at = 0; at < n; at += CHUNK) {
        const size_t len = n - at < CHUNK ? n - at : CHUNK;
        const size_t skip = stream != NULL ? (size_t)((first + at) % PCS_DRAWS_BLOCK) : 0;
        if (stream != NULL) {
            pcs_draws_centered(stream, (first + at) / PCS_DRAWS_BLOCK,
                               (skip + len + PCS_DRAWS_BLOCK - 1U) / PCS_DRAWS_BLOCK, u);
        }
        quantize_chunk(params, x + at, len, u + skip, codes + at);
    }
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
