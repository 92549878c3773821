#include "models/mac/float_mac.h"

__extension__ typedef unsigned __int128 uint128_t;

bool pcs_float_mac_serves(pcs_format_t format)
{
    return pcs_format_is_operand(format);
}

static void set(pcs_float_mac_t *mac, unsigned flag)
{
    mac->flags |= 1U << flag;
}

/* acc + addend, or what becomes of it. */
static void add(pcs_float_mac_t *mac, pcs_int128_t addend)
{
    const pcs_int128_t sum = mac->acc + addend;
    const pcs_int128_t max = ((pcs_int128_t)1 << (mac->acc_bits - 1U)) - 1;
    const pcs_int128_t min = -max - 1;
    if (sum >= min && sum <= max) {
        mac->acc = sum;
        return;
    }
    set(mac, PCS_FLOAT_MAC_FLAG_OVERFLOW);
    if (mac->saturate) {
        mac->acc = sum > max ? max : min;
    } else {
        const uint128_t top = (uint128_t)1 << (mac->acc_bits - 1U);
        const uint128_t low = (uint128_t)sum & ((top << 1U) - 1U);
        mac->acc = (pcs_int128_t)((low ^ top) - top);
    }
}

static void add_finite(pcs_float_mac_t *mac, pcs_parts_t product)
{
    const int shift = product.exponent - mac->anchor;
    uint128_t magnitude = product.significand; /* below 2^22 */
    if (shift < 0) {
        const unsigned cut = shift > -64 ? (unsigned)-shift : 63U;
        if ((magnitude >> cut) << cut != magnitude) {
            set(mac, PCS_FLOAT_MAC_FLAG_INEXACT);
        }
        magnitude >>= cut;
    } else {
        /* From acc_bits on no bit of it is in the accumulator, wherever it lies. */
        magnitude <<= (unsigned)shift < mac->acc_bits ? (unsigned)shift : mac->acc_bits;
    }
    add(mac, product.sign ? -(pcs_int128_t)magnitude : (pcs_int128_t)magnitude);
}

static pcs_parts_t decode(pcs_format_t format, pcs_code_t code)
{
    const pcs_format_row_t *row = &pcs_formats[format];
    PCS_ASSERT(pcs_float_mac_serves(format));
    return pcs_decode(row, (pcs_code_t){code.bits & ((UINT32_C(1) << pcs_format_bits(row)) - 1U)});
}

void pcs_float_mac_step(pcs_float_mac_t *mac, pcs_format_t format_a, pcs_code_t a, pcs_format_t format_b, pcs_code_t b)
{
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE};
    pcs_float_mac_add(mac, pcs_parts_mul(decode(format_a, a), decode(format_b, b), &state));
}

void pcs_float_mac_add(pcs_float_mac_t *mac, pcs_parts_t product)
{
    switch (product.class_) {
    case PCS_CLASS_ZERO:
        break;
    case PCS_CLASS_FINITE:
        add_finite(mac, product);
        break;
    case PCS_CLASS_INF:
        set(mac, product.sign ? PCS_FLOAT_MAC_FLAG_NEGATIVE : PCS_FLOAT_MAC_FLAG_POSITIVE);
        break;
    case PCS_CLASS_NAN:
        set(mac, PCS_FLOAT_MAC_FLAG_NAN);
        break;
    }
}

pcs_code_t pcs_float_mac_result(const pcs_float_mac_t *mac, unsigned *flags)
{
    const bool positive = (mac->flags >> PCS_FLOAT_MAC_FLAG_POSITIVE & 1U) != 0;
    const bool negative = (mac->flags >> PCS_FLOAT_MAC_FLAG_NEGATIVE & 1U) != 0;
    const bool nan = (mac->flags >> PCS_FLOAT_MAC_FLAG_NAN & 1U) != 0 || (positive && negative);
    uint128_t magnitude = mac->acc < 0 ? -(uint128_t)mac->acc : (uint128_t)mac->acc;
    int exponent = mac->anchor;
    while (magnitude >> 64U != 0) { /* bit 0 may stand for everything below */
        magnitude = magnitude >> 1U | (magnitude & 1U);
        exponent++;
    }
    const pcs_parts_t value = {.class_ = nan                    ? PCS_CLASS_NAN
                                         : positive || negative ? PCS_CLASS_INF
                                         : magnitude == 0       ? PCS_CLASS_ZERO
                                                                : PCS_CLASS_FINITE,
                               .sign = positive || negative ? negative : mac->acc < 0,
                               .exponent = exponent,
                               .significand = (uint64_t)magnitude};
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const pcs_code_t code = pcs_round_pack(&pcs_formats[PCS_FORMAT_FP32], value, &state);
    *flags |= state.flags;
    return code;
}
