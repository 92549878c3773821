#include "tests/support/float_sum.h"

__extension__ typedef unsigned __int128 uint128_t;

static const unsigned nan_flag = 1U << PCS_FLOAT_MAC_FLAG_NAN;
static const unsigned inexact_flag = 1U << PCS_FLOAT_MAC_FLAG_INEXACT;
static const unsigned overflow_flag = 1U << PCS_FLOAT_MAC_FLAG_OVERFLOW;

oracle_real_t float_sum_product(pcs_format_t format_a, uint32_t a, pcs_format_t format_b, uint32_t b)
{
    unsigned ignored = 0;
    return oracle_mul(oracle_decode(float_case_oracle(&pcs_formats[format_a]), a),
                      oracle_decode(float_case_oracle(&pcs_formats[format_b]), b), &ignored);
}

oracle_real_t float_sum_bfp(uint16_t a, uint16_t b)
{
    const int product = (int8_t)a * (int8_t)b;
    const unsigned magnitude = (unsigned)(product < 0 ? -product : product);
    const int first = (a >> 8U) + (b >> 8U) - 2 * 127 - ORACLE_UNIT;
    oracle_real_t x = {.kind = ORACLE_NUMBER, .sign = product < 0};
    if (a >> 8U == 255 || b >> 8U == 255) {
        x.kind = ORACLE_NOT_A_NUMBER;
        return x;
    }
    for (int i = 0; i < 16; i++) {
        x.word[(first + i) / 32] |= (magnitude >> (unsigned)i & 1U) << ((unsigned)(first + i) % 32U);
    }
    return x;
}

static bool bit_of(const uint32_t *word, int i)
{
    return i >= 0 && i < 32 * ORACLE_WORDS && (word[i / 32] >> ((unsigned)i % 32U) & 1U) != 0;
}

/* The product's bits from 2^anchor on, as a number of at most 120 bits; what is cut off below, what lies above. */
static uint128_t window(const oracle_real_t *product, int anchor, bool *below, bool *above)
{
    const int first = anchor - ORACLE_UNIT;
    uint128_t bits = 0;
    *below = false;
    *above = false;
    for (int i = 0; i < 32 * ORACLE_WORDS; i++) {
        if (product->word[i / 32] == 0) {
            i += 31 - i % 32;
        } else if (bit_of(product->word, i)) {
            *below |= i < first;
            *above |= i >= first + 120;
            bits |= i >= first && i < first + 120 ? (uint128_t)1 << (unsigned)(i - first) : 0U;
        }
    }
    return bits;
}

static void add(float_sum_t *to, unsigned bits, bool saturate, bool negative, uint128_t magnitude, bool above)
{
    const pcs_int128_t half = (pcs_int128_t)1 << (bits - 1U);
    const pcs_int128_t sum = negative ? to->acc - (pcs_int128_t)magnitude : to->acc + (pcs_int128_t)magnitude;
    if (!above && sum < half && sum >= -half) {
        to->acc = sum;
        return;
    }
    to->flags |= overflow_flag;
    if (saturate) {
        to->acc = negative ? -half : half - 1;
    } else {
        pcs_int128_t wrapped = (pcs_int128_t)((uint128_t)sum % ((uint128_t)half * 2U));
        to->acc = wrapped >= half ? wrapped - 2 * half : wrapped;
    }
}

bool float_sum_add(float_sum_t *sum, const oracle_real_t *product, int anchor, unsigned bits, bool saturate)
{
    bool below = false;
    bool above = false;
    if (product->kind == ORACLE_NOT_A_NUMBER) {
        sum->flags |= nan_flag;
    } else if (product->kind == ORACLE_INFINITE) {
        sum->flags |= 1U << (product->sign ? PCS_FLOAT_MAC_FLAG_NEGATIVE : PCS_FLOAT_MAC_FLAG_POSITIVE);
    } else {
        const uint128_t magnitude = window(product, anchor, &below, &above);
        sum->flags |= below ? inexact_flag : 0U;
        add(sum, bits, saturate, product->sign, magnitude, above);
    }
    return below;
}

/* The accumulator as a real number of the oracle, rounded to binary32. */
uint32_t float_sum_fp32(const float_sum_t *sum, int anchor, unsigned *flags)
{
    const bool positive = (sum->flags >> PCS_FLOAT_MAC_FLAG_POSITIVE & 1U) != 0;
    const bool negative = (sum->flags >> PCS_FLOAT_MAC_FLAG_NEGATIVE & 1U) != 0;
    if ((sum->flags & nan_flag) != 0 || (positive && negative)) {
        return 0x7fc00000;
    }
    if (positive || negative) {
        return negative ? 0xff800000 : 0x7f800000;
    }
    const uint128_t magnitude = sum->acc < 0 ? -(uint128_t)sum->acc : (uint128_t)sum->acc;
    oracle_real_t x = {.kind = ORACLE_NUMBER, .sign = sum->acc < 0};
    const int first = anchor - ORACLE_UNIT;
    for (int i = 0; i < 96; i++) {
        if ((magnitude >> (unsigned)i & 1U) != 0) {
            x.word[(first + i) / 32] |= UINT32_C(1) << ((unsigned)(first + i) % 32U);
        }
    }
    oracle_place_t place;
    oracle_place_t scaled;
    const oracle_format_t *fp32 = float_case_oracle(&pcs_formats[PCS_FORMAT_FP32]);
    const oracle_how_t how = {.rounding = ORACLE_RNE, .overflow = ORACLE_INF};
    unsigned raised = 0;
    oracle_place(fp32, &x, &place, &scaled);
    const uint32_t code = oracle_round(fp32, &place, &how, &raised);
    *flags = (raised & ORACLE_NX ? (unsigned)PCS_FLAG_INEXACT : 0U) |
             (raised & ORACLE_UF ? (unsigned)PCS_FLAG_UNDERFLOW : 0U) |
             (raised & ORACLE_OF ? (unsigned)PCS_FLAG_OVERFLOW : 0U);
    return code;
}
