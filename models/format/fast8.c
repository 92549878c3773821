/* One body of plain C without branches, compiled for AVX-512, AVX2 and any processor; the compiler makes the vectors.
 */
#include "models/format/fast8.h"

#include <string.h>

#include "models/format/philox_avx512.h"

enum { FP32_MANTISSA = 23, FP32_BIAS = 127 };

/* A conversion, as the lanes need it.  Special results are looked up by sign. */
typedef struct plan {
    uint32_t mantissa_bits, max, min_exponent; /* of the smallest normal number, biased as in binary32 */
    uint32_t sign_bit;
    uint32_t over[2], inf[2], nan, zero[2];
    uint32_t random_mask; /* sr: the bits of a draw that count */
} plan_t;

static uint32_t code_of(const pcs_format_row_t *to, pcs_overflow_t overflow, uint32_t bits)
{
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = overflow};
    return pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], (pcs_code_t){bits}, to, &state).bits;
}

static plan_t make_plan(const pcs_format_row_t *to, const pcs_fpstate_t *how)
{
    plan_t plan = {.mantissa_bits = to->mantissa_bits,
                   .max = pcs_format_max(to).bits,
                   .min_exponent = (uint32_t)(1 - to->bias + FP32_BIAS),
                   .sign_bit = UINT32_C(1) << (pcs_format_bits(to) - 1U),
                   .nan = code_of(to, how->overflow, 0x7fc00000)};
    for (uint32_t sign = 0; sign < 2; sign++) {
        plan.over[sign] = code_of(to, how->overflow, 0x7f7fffff | sign << 31U);
        plan.inf[sign] = code_of(to, how->overflow, 0x7f800000 | sign << 31U);
        plan.zero[sign] = code_of(to, how->overflow, sign << 31U);
    }
    if (how->rounding == PCS_ROUNDING_SR) {
        plan.random_mask = UINT32_MAX << (32U - how->random_bits);
    }
    return plan;
}

bool pcs_fast8_serves(const pcs_format_row_t *to, const pcs_fpstate_t *how)
{
    return pcs_format_bits(to) <= 8 && to->sign == PCS_SIGN_SIGNED && to->lowest == PCS_LOWEST_SUBNORMAL &&
           to->zero != PCS_ZERO_NONE && to->bias <= 100 && to->bias >= -20 &&
           (how->rounding == PCS_ROUNDING_RNE || how->rounding == PCS_ROUNDING_SR);
}

static inline uint32_t choose(uint32_t condition, uint32_t yes, uint32_t no)
{
    return condition ? yes : no;
}

/* Signs, overflow and special values around a rounded magnitude. */
static inline uint8_t finish(const plan_t *plan, uint32_t bits, uint32_t magnitude)
{
    const uint32_t absolute = bits & 0x7fffffffU;
    const uint32_t minus = bits >> 31U;
    uint32_t code = magnitude | choose(minus, plan->sign_bit, 0);
    code = choose(magnitude == 0, choose(minus, plan->zero[1], plan->zero[0]), code);
    code = choose(magnitude > plan->max, choose(minus, plan->over[1], plan->over[0]), code);
    code = choose(absolute == 0x7f800000U, choose(minus, plan->inf[1], plan->inf[0]), code);
    return (uint8_t)choose(absolute > 0x7f800000U, plan->nan, code);
}

/* The significand with its leading bit, how far it must be shifted right (31 at least: nothing is left, and less than
   a half is lost), and what its exponent adds to the magnitude.  Subnormal inputs are far below all formats here. */
typedef struct split {
    uint32_t significand, shift, base;
} split_t;

static inline split_t split(const plan_t *plan, uint32_t bits)
{
    const uint32_t exponent = bits >> FP32_MANTISSA & 0xffU;
    const uint32_t below = choose(exponent < plan->min_exponent, plan->min_exponent - exponent, 0);
    const uint32_t above = choose(exponent > plan->min_exponent, exponent - plan->min_exponent, 0);
    return (split_t){(bits & 0x7fffffU) | 0x800000U, FP32_MANTISSA - plan->mantissa_bits + below,
                     above << plan->mantissa_bits};
}

static inline uint8_t nearest(const plan_t *plan, uint32_t bits)
{
    const split_t x = split(plan, bits);
    const uint32_t shift = choose(x.shift > 31U, 31U, x.shift);
    const uint32_t odd = x.significand >> shift & 1U;
    const uint32_t rounded = (x.significand + (1U << (shift - 1U)) - 1U + odd) >> shift;
    return finish(plan, bits, rounded + x.base);
}

static inline uint8_t stochastic(const plan_t *plan, uint32_t bits, uint32_t random)
{
    const split_t x = split(plan, bits);
    const uint32_t left = choose(x.shift < 32U, 32U - x.shift, 0);
    const uint32_t right = choose(x.shift > 32U, choose(x.shift > 63U, 31U, x.shift - 32U), 0);
    const uint32_t whole = x.significand >> choose(x.shift > 31U, 31U, x.shift);
    const uint32_t lost = x.significand << left >> right & plan->random_mask; /* f 2^32, its counted bits */
    const uint32_t up = lost + (random & plan->random_mask) < lost;
    return finish(plan, bits, whole + up + x.base);
}

static void convert(const plan_t *plan, bool random, const pcs_stream_t *stream, uint64_t first, const float *x,
                    size_t n, uint8_t *codes)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        codes[i] = random ? stochastic(plan, bits, pcs_philox_u32(stream, first + i)) : nearest(plan, bits);
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
enum { LANES = 16, DRAWS = 32 };

static bool has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

/* finish() on 16 lanes.  Special values are rare: those lanes are done one by one. */
TARGET static inline void store_lanes(const plan_t *plan, __m512i bits, __m512i magnitude, uint8_t *codes)
{
    const __mmask16 minus = _mm512_movepi32_mask(bits);
    const __mmask16 zero = _mm512_testn_epi32_mask(magnitude, magnitude);
    __m512i code = _mm512_mask_or_epi32(magnitude, minus, magnitude, _mm512_set1_epi32((int)plan->sign_bit));
    code = _mm512_mask_mov_epi32(code, zero & minus, _mm512_set1_epi32((int)plan->zero[1]));
    _mm_storeu_si128((__m128i *)codes, _mm512_cvtepi32_epi8(code));
    uint32_t special = _mm512_cmpgt_epu32_mask(magnitude, _mm512_set1_epi32((int)plan->max));
    if (special != 0) {
        uint32_t lane_bits[LANES];
        uint32_t lane_magnitude[LANES];
        _mm512_storeu_si512(lane_bits, bits);
        _mm512_storeu_si512(lane_magnitude, magnitude);
        for (; special != 0; special &= special - 1U) {
            const unsigned lane = (unsigned)__builtin_ctz(special);
            codes[lane] = finish(plan, lane_bits[lane], lane_magnitude[lane]);
        }
    }
}

/* 16 values.  The addition of 2^(exponent + 23 - m) makes the adder round to m bits; inputs beyond the format's last
   binade are added to what still is a number, and leave a magnitude that is too large. */
TARGET static inline void nearest_lanes(const plan_t *plan, const float *x, uint8_t *codes)
{
    const __m512i least = _mm512_set1_epi32((int)(plan->min_exponent << FP32_MANTISSA));
    const __m512i most = _mm512_set1_epi32(200 << FP32_MANTISSA);
    const unsigned drop = FP32_MANTISSA - plan->mantissa_bits;
    const __m512i bits = _mm512_loadu_si512(x);
    const __m512i absolute = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
    __m512i exponent = _mm512_and_si512(bits, _mm512_set1_epi32(0x7f800000));
    exponent = _mm512_min_epu32(_mm512_max_epu32(exponent, least), most);
    const __m512i adder = _mm512_add_epi32(exponent, _mm512_set1_epi32((int)(drop << FP32_MANTISSA)));
    const __m512 sum = _mm512_add_ps(_mm512_castsi512_ps(absolute), _mm512_castsi512_ps(adder));
    const __m512i rounded = _mm512_sub_epi32(_mm512_castps_si512(sum), adder);
    const __m512i base = _mm512_srl_epi32(_mm512_sub_epi32(exponent, least), _mm_cvtsi32_si128((int)drop));
    store_lanes(plan, bits, _mm512_add_epi32(rounded, base), codes);
}

TARGET static inline void stochastic_lanes(const plan_t *plan, const float *x, __m512i random, uint8_t *codes)
{
    const __m512i least = _mm512_set1_epi32((int)plan->min_exponent);
    const __m512i zero = _mm512_setzero_si512();
    const __m512i word = _mm512_set1_epi32(32);
    const __m512i mask = _mm512_set1_epi32((int)plan->random_mask);
    const __m512i bits = _mm512_loadu_si512(x);
    const __m512i exponent = _mm512_and_si512(_mm512_srli_epi32(bits, FP32_MANTISSA), _mm512_set1_epi32(0xff));
    const __m512i above = _mm512_sub_epi32(exponent, least);
    const __m512i below = _mm512_max_epi32(_mm512_sub_epi32(least, exponent), zero);
    const __m512i shift = _mm512_add_epi32(below, _mm512_set1_epi32((int)(FP32_MANTISSA - plan->mantissa_bits)));
    const __m512i base = _mm512_sll_epi32(_mm512_max_epi32(above, zero), _mm_cvtsi32_si128((int)plan->mantissa_bits));
    const __m512i significand =
        _mm512_or_si512(_mm512_and_si512(bits, _mm512_set1_epi32(0x7fffff)), _mm512_set1_epi32(0x800000));
    const __m512i whole = _mm512_srlv_epi32(significand, shift); /* shifts by 32 and more give 0 */
    const __m512i lost =
        _mm512_and_si512(_mm512_or_si512(_mm512_sllv_epi32(significand, _mm512_sub_epi32(word, shift)),
                                         _mm512_srlv_epi32(significand, _mm512_sub_epi32(shift, word))),
                         mask);
    const __m512i sum = _mm512_add_epi32(lost, _mm512_and_si512(random, mask));
    const __mmask16 up = _mm512_cmplt_epu32_mask(sum, lost);
    const __m512i magnitude = _mm512_add_epi32(whole, base);
    store_lanes(plan, bits, _mm512_mask_add_epi32(magnitude, up, magnitude, _mm512_set1_epi32(1)), codes);
}

/* All that fills whole vectors; returns how many values that were. */
TARGET static size_t convert_avx512(const plan_t *plan, bool random, const pcs_stream_t *stream, uint64_t first,
                                    const float *x, size_t n, uint8_t *codes)
{
    const plan_t own = *plan; /* codes may alias anything but this */
    size_t done = 0;
    if (!random) {
        for (; done + LANES <= n; done += LANES) {
            nearest_lanes(&own, x + done, codes + done);
        }
        return done;
    }
    PCS_ASSERT(first % 4U == 0 || n == 0);
    if (!pcs_philox_near(first, n)) {
        return 0;
    }
    const uint32_t high = (uint32_t)(first / 4U >> 32U);
    const pcs_philox_keys_t keys = pcs_philox_keys(stream);
    for (; done + DRAWS <= n; done += DRAWS) {
        __m512i words[1][2];
        pcs_philox_vectors(stream, &keys, high, (uint32_t)((first + done) / 4U), 1, words);
        stochastic_lanes(&own, x + done, words[0][0], codes + done);
        stochastic_lanes(&own, x + done + LANES, words[0][1], codes + done + LANES);
    }
    return done;
}
#endif

void pcs_fast8_convert(const pcs_format_row_t *to, const pcs_fpstate_t *how, const pcs_stream_t *stream, uint64_t first,
                       const float *x, size_t n, uint8_t *codes)
{
    PCS_ASSERT(pcs_fast8_serves(to, how));
    const plan_t plan = make_plan(to, how);
    const bool random = how->rounding == PCS_ROUNDING_SR;
    size_t done = 0;
#if defined(__x86_64__) && defined(__GNUC__)
    if (has_avx512()) {
        const size_t left = (size_t)((4U - first % 4U) % 4U);
        const size_t head = !random ? 0 : left < n ? left : n; /* up to the first whole block of draws */
        convert(&plan, random, stream, first, x, head, codes);
        done = head + convert_avx512(&plan, random, stream, first + head, x + head, n - head, codes + head);
    }
#endif
    convert(&plan, random, stream, first + done, x + done, n - done, codes + done);
}
