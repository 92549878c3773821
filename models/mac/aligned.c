#include "models/mac/aligned.h"

#include "models/mac/bfp.h"

pcs_float_mac_t pcs_aligned_start(const pcs_array_config_t *array, const pcs_mode_t *mode)
{
    return (pcs_float_mac_t){.acc_bits = array->acc_bits, .anchor = mode->anchor, .saturate = mode->saturate};
}

void pcs_aligned_step(pcs_kind_t kind, const pcs_mode_t *mode, pcs_float_mac_t *mac, uint16_t a, uint16_t b)
{
    if (kind == PCS_KIND_BFP) {
        pcs_bfp_step(mac, a, b);
    } else {
        pcs_float_mac_step(mac, (pcs_format_t)mode->pa, (pcs_code_t){a}, (pcs_format_t)mode->pb, (pcs_code_t){b});
    }
}

static pcs_term_t decode_bfp(uint32_t word)
{
    const unsigned exponent = word >> 8U & 0xffU;
    if (exponent == PCS_BFP_NAN) {
        return (pcs_term_t){0, PCS_TERM_NAN};
    }
    return (pcs_term_t){(int8_t)word, (int16_t)((int)exponent - PCS_BFP_BIAS)};
}

static pcs_term_t decode_float(pcs_format_t format, uint32_t word)
{
    const pcs_format_row_t *row = &pcs_formats[format];
    const uint32_t mask = (UINT32_C(1) << pcs_format_bits(row)) - 1U;
    const pcs_parts_t parts = pcs_decode(row, (pcs_code_t){word & mask});
    const int sign = parts.sign ? -1 : 1;
    switch (parts.class_) {
    case PCS_CLASS_FINITE:
        return (pcs_term_t){(int16_t)(sign * (int)parts.significand), (int16_t)parts.exponent};
    case PCS_CLASS_INF:
        return (pcs_term_t){(int16_t)sign, PCS_TERM_INFINITE};
    case PCS_CLASS_NAN:
        return (pcs_term_t){0, PCS_TERM_NAN};
    case PCS_CLASS_ZERO:
        break;
    }
    return (pcs_term_t){0, 0};
}

pcs_term_t pcs_term_decode(pcs_kind_t kind, unsigned field, uint32_t word)
{
    return kind == PCS_KIND_BFP ? decode_bfp(word) : decode_float((pcs_format_t)field, word);
}

static unsigned flag(unsigned number)
{
    return 1U << number;
}

/* One factor at least is not finite. */
static unsigned special_flags(pcs_term_t a, pcs_term_t b)
{
    const int sign = a.significand * b.significand; /* zero: NaN, or infinity times zero */
    if (sign == 0) {
        return flag(PCS_FLOAT_MAC_FLAG_NAN);
    }
    return flag(sign < 0 ? PCS_FLOAT_MAC_FLAG_NEGATIVE : PCS_FLOAT_MAC_FLAG_POSITIVE);
}

pcs_aligned_product_t pcs_term_product(pcs_term_t a, pcs_term_t b, int anchor, unsigned acc_bits)
{
    if (!pcs_term_is_finite(a) || !pcs_term_is_finite(b)) {
        return (pcs_aligned_product_t){.flags = special_flags(a, b)};
    }
    const int product = a.significand * b.significand;
    uint64_t magnitude = (uint64_t)(product < 0 ? -product : product);
    const int shift = a.exponent + b.exponent - anchor;
    unsigned flags = 0;
    if (shift < 0) {
        const unsigned cut = shift > -63 ? (unsigned)-shift : 63U;
        flags = magnitude >> cut << cut != magnitude ? flag(PCS_FLOAT_MAC_FLAG_INEXACT) : 0;
        magnitude >>= cut;
    } else if (magnitude != 0) {
        const uint64_t top = UINT64_C(1) << acc_bits;
        const bool above = shift >= (int)acc_bits || magnitude >= top >> (unsigned)shift;
        magnitude = shift < (int)acc_bits ? magnitude << (unsigned)shift & (top - 1U) : 0;
        magnitude |= above ? top : 0;
    }
    return (pcs_aligned_product_t){.value = product < 0 ? -(int64_t)magnitude : (int64_t)magnitude, .flags = flags};
}
