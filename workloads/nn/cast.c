#include "workloads/nn/cast.h"

#include <string.h>

#include "models/format/fast8.h"
#include "models/gemm/fgemm.h"

/* Elements that one thread takes at a time, and those that it holds in scratch. */
enum { CHUNK = 16384, BLOCK = 1024, FP32_MANTISSA = 23, FP32_BIAS = 127, SCALE_MIN = -126, SCALE_MAX = 127 };

static const uint32_t sign_bit = UINT32_C(1) << 31U;
static const uint32_t infinity_bits = UINT32_C(0x7f800000);

static uint32_t magnitude_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits & ~sign_bit;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* 2^exponent, exponent SCALE_MIN..SCALE_MAX. */
static float power_of_two(int exponent)
{
    return float_of((uint32_t)(exponent + FP32_BIAS) << FP32_MANTISSA);
}

void pcs_cast_counts_add(pcs_cast_counts_t *sum, const pcs_cast_counts_t *part)
{
    sum->values += part->values;
    sum->zeroed += part->zeroed;
    sum->subnormal += part->subnormal;
    sum->beyond += part->beyond;
    sum->special += part->special;
}

/* ---- codes to values ------------------------------------------------------------------------------------------------
 */

float pcs_cast_value(const pcs_format_row_t *format, uint32_t code)
{
    const uint32_t fields = (UINT32_C(1) << format->exponent_bits) - 1U;
    const uint32_t exponent = code >> format->mantissa_bits & fields;
    const bool ordinary = exponent > 0 && exponent < fields && format->sign == PCS_SIGN_SIGNED;
    if (ordinary && format->bias <= FP32_BIAS) {
        const uint32_t sign = code >> (format->exponent_bits + format->mantissa_bits) << 31U;
        const uint32_t mantissa = code & ((UINT32_C(1) << format->mantissa_bits) - 1U);
        return float_of(sign | (exponent + (uint32_t)(FP32_BIAS - format->bias)) << FP32_MANTISSA |
                        mantissa << (FP32_MANTISSA - format->mantissa_bits));
    }
    pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    return float_of(pcs_float_convert(format, (pcs_code_t){code}, &pcs_formats[PCS_FORMAT_FP32], &exact).bits);
}

/* ---- scale ----------------------------------------------------------------------------------------------------------
 */

int pcs_cast_scale(const pcs_format_row_t *format, unsigned threads, const float *x, size_t n)
{
    uint32_t most = 0; /* magnitudes are ordered as their bits are */
#pragma omp parallel for num_threads(threads) schedule(static) reduction(max : most)
    for (size_t i = 0; i < n; i++) {
        const uint32_t magnitude = magnitude_of(x[i]);
        most = magnitude > most ? magnitude : most;
    }
    if (most == 0 || most >= infinity_bits) {
        return 0;
    }
    const uint32_t hidden = UINT32_C(1) << FP32_MANTISSA;
    int shift = 0; /* a subnormal is below all that SCALE_MAX can do */
    for (; most < hidden; most <<= 1U) {
        shift++;
    }
    const float largest = pcs_cast_value(format, pcs_format_max(format).bits);
    const uint32_t limit = magnitude_of(largest < 0x1p16F ? largest : 0x1p16F);
    const int high = (int)(limit >> FP32_MANTISSA);
    const int at = (int)(most >> FP32_MANTISSA) - shift;
    const bool passes = (most & (hidden - 1U)) > (limit & (hidden - 1U));
    const int scale = high - at - (passes ? 1 : 0);
    return scale < SCALE_MIN ? SCALE_MIN : scale > SCALE_MAX ? SCALE_MAX : scale;
}

/* ---- values to codes ------------------------------------------------------------------------------------------------
 */

static void convert(const pcs_cast_t *cast, const float *x, size_t n, const pcs_stream_t *stream, uint64_t first,
                    void *codes)
{
    pcs_fpstate_t state = {.rounding = cast->rounding, .overflow = cast->overflow, .random_bits = cast->random_bits};
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    if (cast->format == fp32 && cast->overflow != PCS_OVERFLOW_SAT) {
        memcpy(codes, x, n * sizeof *x);
        return;
    }
    if (pcs_fast8_serves(cast->format, &state)) {
        pcs_fast8_convert(cast->format, &state, stream, first, x, n, codes);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        if (pcs_rounding_is_stochastic(cast->rounding)) {
            state.random = pcs_philox_u32(stream, first + i) >> (32U - cast->random_bits);
        }
        pcs_fcode_store(cast->format, codes, i, pcs_float_convert(fp32, (pcs_code_t){bits}, cast->format, &state));
    }
}

/* What counts tell apart, magnitudes as bits of binary32. */
typedef struct limits {
    uint32_t least, most; /* smallest normal number, largest number */
    uint32_t zero[2];     /* codes */
} limits_t;

static limits_t limits_of(const pcs_cast_t *cast)
{
    const pcs_format_row_t *format = cast->format;
    const uint32_t first = format->lowest == PCS_LOWEST_NORMAL ? 0 : UINT32_C(1) << format->mantissa_bits;
    limits_t limits = {.least = magnitude_of(pcs_cast_value(format, first)),
                       .most = magnitude_of(pcs_cast_value(format, pcs_format_max(format).bits))};
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = cast->overflow};
    for (uint32_t sign = 0; sign < 2; sign++) {
        limits.zero[sign] =
            pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], (pcs_code_t){sign << 31U}, format, &state).bits;
    }
    return limits;
}

#define DEFINE_COUNT(name, code_t)                                                                                     \
    static void name(const limits_t *limits, const float *x, size_t n, const code_t *codes, uint32_t sums[4])          \
    {                                                                                                                  \
        uint32_t zeroed = 0;                                                                                           \
        uint32_t subnormal = 0;                                                                                        \
        uint32_t beyond = 0;                                                                                           \
        uint32_t special = 0;                                                                                          \
        for (size_t i = 0; i < n; i++) {                                                                               \
            const uint32_t magnitude = magnitude_of(x[i]);                                                             \
            const uint32_t zero = (uint32_t)(codes[i] == limits->zero[0]) | (uint32_t)(codes[i] == limits->zero[1]);   \
            const uint32_t not_zero = (uint32_t)(magnitude != 0);                                                      \
            const uint32_t infinite = (uint32_t)(magnitude >= infinity_bits);                                          \
            zeroed += zero & not_zero;                                                                                 \
            subnormal += (1U - zero) & (uint32_t)(magnitude < limits->least);                                          \
            beyond += (uint32_t)(magnitude > limits->most) & (1U - infinite);                                          \
            special += infinite;                                                                                       \
        }                                                                                                              \
        sums[0] += zeroed;                                                                                             \
        sums[1] += subnormal;                                                                                          \
        sums[2] += beyond;                                                                                             \
        sums[3] += special;                                                                                            \
    }
DEFINE_COUNT(count_bytes, uint8_t)
DEFINE_COUNT(count_halves, uint16_t)
DEFINE_COUNT(count_words, uint32_t)

static void count(const pcs_format_row_t *format, const limits_t *limits, const float *x, size_t n, const void *codes,
                  uint32_t sums[4])
{
    switch (pcs_fcode_bytes(format)) {
    case 1:
        count_bytes(limits, x, n, codes, sums);
        break;
    case 2:
        count_halves(limits, x, n, codes, sums);
        break;
    default:
        count_words(limits, x, n, codes, sums);
        break;
    }
}

static void add_counts(pcs_cast_counts_t *counts, size_t n, const uint64_t sums[4])
{
    const pcs_cast_counts_t part = {n, sums[0], sums[1], sums[2], sums[3]};
    if (counts != NULL) {
        pcs_cast_counts_add(counts, &part);
    }
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Codes of x times a factor, or, with codes NULL, their values; `values` may be x. */
static void cast_all(const pcs_cast_t *cast, unsigned threads, float factor, const float *x, size_t n,
                     const pcs_stream_t *stream, unsigned char *codes, float *values, pcs_cast_counts_t *counts)
{
    const limits_t limits = limits_of(cast);
    const size_t bytes = pcs_fcode_bytes(cast->format);
    uint64_t total[4] = {0};
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : total[:4])
    for (size_t chunk = 0; chunk < (n + CHUNK - 1U) / CHUNK; chunk++) {
        const size_t end = least_of((chunk + 1U) * CHUNK, n);
        uint32_t sums[4] = {0};
        for (size_t at = chunk * CHUNK; at < end; at += BLOCK) {
            const size_t size = least_of(BLOCK, end - at);
            float scaled[BLOCK];
            uint32_t own[BLOCK]; /* room for the widest */
            void *to = codes != NULL ? (void *)(codes + at * bytes) : own;
            for (size_t i = 0; i < size; i++) {
                scaled[i] = x[at + i] * factor;
            }
            convert(cast, scaled, size, stream, at, to);
            count(cast->format, &limits, scaled, size, to, sums);
            for (size_t i = 0; i < size && codes == NULL; i++) {
                values[at + i] = pcs_cast_value(cast->format, pcs_fcode_load(cast->format, own, i).bits);
            }
        }
        for (int i = 0; i < 4; i++) {
            total[i] += sums[i];
        }
    }
    add_counts(counts, n, total);
}

void pcs_cast_codes(const pcs_cast_t *cast, unsigned threads, int scale, const float *x, size_t n,
                    const pcs_stream_t *stream, void *codes, pcs_cast_counts_t *counts)
{
    cast_all(cast, threads, power_of_two(scale), x, n, stream, codes, NULL, counts);
}

void pcs_cast_round(const pcs_cast_t *cast, unsigned threads, float *x, size_t n, const pcs_stream_t *stream,
                    pcs_cast_counts_t *counts)
{
    cast_all(cast, threads, 1.0F, x, n, stream, NULL, x, counts);
}
