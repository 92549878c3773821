#include "models/mac/aligned.h"

#include "models/mac/bfp.h"
#include "models/spec/isa.h"

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

static inline pcs_term_t decode_bfp(uint32_t word)
{
    const int exponent = (int)(word >> 8U & 0xffU);
    const bool nan = exponent == PCS_BFP_NAN;
    return (pcs_term_t){(int16_t)(nan ? 0 : (int8_t)word), (int16_t)(nan ? PCS_TERM_NAN : exponent - PCS_BFP_BIAS)};
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

PCS_CLONES static void decode_bfps(const uint32_t *restrict words, size_t count, pcs_term_t *restrict terms)
{
    for (size_t i = 0; i < count; i++) {
        terms[i] = decode_bfp(words[i]);
    }
}

/* Fields of a format's codes: `most`, the magnitude of the largest number; minus zero may be NaN. */
typedef struct fields {
    uint32_t sign, fraction, hidden, most, nan;
    unsigned fraction_bits;
    int unit; /* exponent of the smallest number */
} fields_t;

static fields_t fields_of(const pcs_format_row_t *row)
{
    const uint32_t sign = UINT32_C(1) << (pcs_format_bits(row) - 1U);
    const uint32_t hidden = UINT32_C(1) << row->mantissa_bits;
    return (fields_t){.sign = sign,
                      .fraction = hidden - 1U,
                      .hidden = hidden,
                      .most = pcs_format_max(row).bits,
                      .nan = row->zero == PCS_ZERO_NAN ? sign : UINT32_MAX,
                      .fraction_bits = row->mantissa_bits,
                      .unit = 1 - row->bias - (int)row->mantissa_bits};
}

/* Words of numbers, without a branch; false: others are among them. */
PCS_CLONES static bool decode_numbers(const fields_t *fields, const uint32_t *restrict words, size_t count,
                                      pcs_term_t *restrict terms)
{
    const fields_t f = *fields;
    uint32_t others = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t code = words[i] & (f.sign | (f.sign - 1U));
        const uint32_t magnitude = code & (f.sign - 1U);
        const int exponent = (int)(magnitude >> f.fraction_bits);
        const int significand = (int)((magnitude & f.fraction) | (exponent != 0 ? f.hidden : 0U));
        terms[i].significand = (int16_t)(code != magnitude ? -significand : significand);
        terms[i].exponent = (int16_t)(f.unit + (exponent > 1 ? exponent - 1 : 0));
        others |= (magnitude > f.most ? 1U : 0U) | (code == f.nan ? 1U : 0U);
    }
    return others == 0;
}

void pcs_terms_decode(pcs_kind_t kind, unsigned field, const uint32_t *words, size_t count, pcs_term_t *terms)
{
    if (kind == PCS_KIND_BFP) {
        decode_bfps(words, count, terms);
        return;
    }
    const fields_t fields = fields_of(&pcs_formats[field]);
    if (decode_numbers(&fields, words, count, terms)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        terms[i] = decode_float((pcs_format_t)field, words[i]);
    }
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
