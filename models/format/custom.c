/* Formats that are not in the table. */
#include <string.h>

#include "models/format/float.h"

enum { EXPONENT_BITS_MIN = 2, EXPONENT_BITS_MAX = 8, MANTISSA_BITS_MAX = 23, LAST_EXPONENT = 127, LAST_BIT = -149 };

/* Two digits at most, no leading zero but 0 itself; moves *text behind them. */
static bool digits(const char **text, unsigned *value)
{
    const size_t count = strspn(*text, "0123456789");
    if (count == 0 || count > 2 || (count == 2 && **text == '0')) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        *value = 10U * *value + (unsigned)((*text)[i] - '0');
    }
    *text += count;
    return true;
}

/* binary<K>p<P>se, ...sf, ...uf; P3109 counts the hidden bit as precision.  Unsigned ones with infinities have both
   infinity and NaN among ordinary exponents, which no row says. */
static bool by_precision(const char *name, pcs_format_row_t *format)
{
    static const char binary[] = "binary";
    unsigned bits = 0;
    unsigned precision = 0;
    const char *text = name + strlen(binary);
    if (strncmp(name, binary, strlen(binary)) != 0 || !digits(&text, &bits) || *text++ != 'p' ||
        !digits(&text, &precision) || precision == 0 || precision >= bits ||
        (strcmp(text, "se") != 0 && strcmp(text, "sf") != 0 && strcmp(text, "uf") != 0)) {
        return false;
    }
    const bool is_signed = text[0] == 's';
    const unsigned exponent_bits = bits - precision + (is_signed ? 0 : 1U);
    *format = (pcs_format_row_t){.name = name,
                                 .sign = is_signed ? PCS_SIGN_SIGNED : PCS_SIGN_UNSIGNED,
                                 .exponent_bits = exponent_bits,
                                 .mantissa_bits = precision - 1U,
                                 .bias = exponent_bits <= EXPONENT_BITS_MAX ? 1 << (exponent_bits - 1U) : 0,
                                 .top = text[1] == 'e' ? PCS_TOP_INF
                                        : is_signed    ? PCS_TOP_FULL
                                                       : PCS_TOP_FN,
                                 .zero = is_signed ? PCS_ZERO_NAN : PCS_ZERO_SIGNED,
                                 .after = "IEEE P3109"};
    return true;
}

bool pcs_format_by_fields(const char *name, pcs_format_row_t *format)
{
    unsigned exponent_bits = 0;
    unsigned mantissa_bits = 0;
    const char *text = name + 1;
    if (by_precision(name, format)) {
        return true;
    }
    if (name[0] != 'e' || !digits(&text, &exponent_bits) || *text++ != 'm' || !digits(&text, &mantissa_bits) ||
        *text != '\0') {
        return false;
    }
    const bool sane = exponent_bits >= EXPONENT_BITS_MIN && exponent_bits <= EXPONENT_BITS_MAX;
    *format = (pcs_format_row_t){.name = name,
                                 .exponent_bits = exponent_bits,
                                 .mantissa_bits = mantissa_bits,
                                 .bias = sane ? (1 << (exponent_bits - 1U)) - 1 : 0,
                                 .after = "IEEE-like"};
    return true;
}

static pcs_status_t check_parts(const pcs_format_row_t *format, pcs_error_t *err)
{
    const unsigned least = format->top == PCS_TOP_IEEE ? 1 : 0; /* mantissa bits: Inf and NaN differ there */
    if (format->exponent_bits < EXPONENT_BITS_MIN || format->exponent_bits > EXPONENT_BITS_MAX) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: %u exponent bits; legal: %d..%d", format->name,
                        format->exponent_bits, EXPONENT_BITS_MIN, EXPONENT_BITS_MAX);
    }
    if (format->mantissa_bits < least || format->mantissa_bits > MANTISSA_BITS_MAX) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: %u mantissa bits; legal: %u..%d", format->name,
                        format->mantissa_bits, least, MANTISSA_BITS_MAX);
    }
    const bool is_unsigned = format->sign == PCS_SIGN_UNSIGNED;
    if (is_unsigned && format->top == PCS_TOP_FULL) {
        return pcs_fail(err, PCS_INVALID,
                        "format %.40s: no sign and top full; legal: top ieee or fn, for negative values", format->name);
    }
    const bool spare_zero = !is_unsigned && (format->top == PCS_TOP_FULL || format->top == PCS_TOP_INF);
    if (format->zero == PCS_ZERO_NAN && !spare_zero) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: zero nan; legal: with a sign and top full or inf",
                        format->name);
    }
    if (format->top == PCS_TOP_INF && format->zero != PCS_ZERO_NAN) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: top inf; legal: with zero nan", format->name);
    }
    if (format->lowest == PCS_LOWEST_FLUSH && format->zero != PCS_ZERO_SIGNED) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: lowest flush; legal: with zero signed", format->name);
    }
    if (format->zero == PCS_ZERO_NONE &&
        (!is_unsigned || format->lowest != PCS_LOWEST_NORMAL || format->top != PCS_TOP_FN)) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: zero none; legal: without sign, lowest normal, top fn",
                        format->name);
    }
    return PCS_OK;
}

pcs_status_t pcs_format_check(const pcs_format_row_t *format, pcs_error_t *err)
{
    const pcs_status_t status = check_parts(format, err);
    if (status != PCS_OK) {
        return status;
    }
    const bool top_is_special =
        format->top == PCS_TOP_IEEE || (format->top != PCS_TOP_FULL && format->mantissa_bits == 0);
    const int last = (1 << format->exponent_bits) - (top_is_special ? 2 : 1);
    const int first = format->lowest == PCS_LOWEST_NORMAL ? 0 : 1;
    const int low = last - LAST_EXPONENT;
    const int high = first - (int)format->mantissa_bits - LAST_BIT;
    if (format->bias < low || format->bias > high) {
        return pcs_fail(err, PCS_INVALID, "format %.40s: bias %d leaves the range of fp32; legal: %d..%d", format->name,
                        format->bias, low, high);
    }
    return PCS_OK;
}
