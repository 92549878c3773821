#include "models/format/float.h"

#include <string.h>

#include "models/spec/status.h"

__extension__ typedef unsigned __int128 u128_t;

static const char *const rounding_names[PCS_ROUNDING_COUNT] = {
    "rne", "rna", "rtz", "rup", "rdn", "rto", "sr", "sr-half", "sr-nearest", "sr-compare", "sr-normal"};
static const char *const overflow_names[PCS_OVERFLOW_COUNT] = {"sat", "sat-inf", "inf"};

static int by_name(const char *const *names, int count, const char *name)
{
    int i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

const char *pcs_rounding_name(pcs_rounding_t rounding)
{
    return rounding_names[rounding];
}

pcs_rounding_t pcs_rounding_by_name(const char *name)
{
    return (pcs_rounding_t)by_name(rounding_names, PCS_ROUNDING_COUNT, name);
}

const char *pcs_overflow_name(pcs_overflow_t overflow)
{
    return overflow_names[overflow];
}

pcs_overflow_t pcs_overflow_by_name(const char *name)
{
    return (pcs_overflow_t)by_name(overflow_names, PCS_OVERFLOW_COUNT, name);
}

/* Bits below the sign: the magnitude of a code, whose order is that of the values. */
static unsigned magnitude_bits(const pcs_format_row_t *format)
{
    return format->exponent_bits + format->mantissa_bits;
}

static uint32_t low_mask(unsigned bits)
{
    return (uint32_t)((UINT64_C(1) << bits) - 1U);
}

unsigned pcs_format_bits(const pcs_format_row_t *format)
{
    return magnitude_bits(format) + (format->sign == PCS_SIGN_SIGNED ? 1U : 0U);
}

bool pcs_format_has_nan(const pcs_format_row_t *format)
{
    return format->top != PCS_TOP_FULL || format->zero == PCS_ZERO_NAN;
}

bool pcs_format_has_inf(const pcs_format_row_t *format)
{
    return format->top == PCS_TOP_IEEE || format->top == PCS_TOP_INF;
}

pcs_code_t pcs_format_max(const pcs_format_row_t *format)
{
    const uint32_t ones = low_mask(magnitude_bits(format));
    switch (format->top) {
    case PCS_TOP_IEEE:
        return (pcs_code_t){(low_mask(format->exponent_bits) << format->mantissa_bits) - 1U};
    case PCS_TOP_FN:
    case PCS_TOP_INF:
        return (pcs_code_t){ones - 1U};
    case PCS_TOP_FULL:
        break;
    }
    return (pcs_code_t){ones};
}

pcs_code_t pcs_format_nan(const pcs_format_row_t *format)
{
    if (format->zero == PCS_ZERO_NAN) {
        return (pcs_code_t){UINT32_C(1) << magnitude_bits(format)};
    }
    switch (format->top) {
    case PCS_TOP_IEEE: /* Inf, and the quiet bit */
        return (pcs_code_t){pcs_format_max(format).bits + 1U + (UINT32_C(1) << (format->mantissa_bits - 1U))};
    case PCS_TOP_FN:
        return (pcs_code_t){low_mask(magnitude_bits(format))};
    case PCS_TOP_FULL:
    case PCS_TOP_INF: /* has its NaN at -0 */
        break;
    }
    return pcs_format_max(format);
}

pcs_code_t pcs_format_inf(const pcs_format_row_t *format)
{
    return pcs_format_has_inf(format) ? (pcs_code_t){pcs_format_max(format).bits + 1U} : pcs_format_nan(format);
}

pcs_parts_t pcs_decode(const pcs_format_row_t *format, pcs_code_t code)
{
    const unsigned mantissa_bits = format->mantissa_bits;
    const uint32_t magnitude = code.bits & low_mask(magnitude_bits(format));
    const uint32_t mantissa = magnitude & low_mask(mantissa_bits);
    const uint32_t exponent = magnitude >> mantissa_bits;
    PCS_ASSERT((uint64_t)code.bits >> pcs_format_bits(format) == 0);

    pcs_parts_t parts = {.class_ = PCS_CLASS_FINITE, .sign = (code.bits >> magnitude_bits(format)) != 0};
    if (format->zero == PCS_ZERO_NAN && parts.sign && magnitude == 0) {
        parts.class_ = PCS_CLASS_NAN;
        parts.sign = false;
        return parts;
    }
    if (magnitude > pcs_format_max(format).bits) {
        const bool inf = magnitude == pcs_format_inf(format).bits && pcs_format_has_inf(format);
        parts.class_ = inf ? PCS_CLASS_INF : PCS_CLASS_NAN;
        parts.signaling = format->top == PCS_TOP_IEEE && !inf && mantissa >> (mantissa_bits - 1U) == 0;
        return parts;
    }
    const bool flushed = exponent == 0 && format->lowest == PCS_LOWEST_FLUSH;
    if (flushed || (magnitude == 0 && format->zero != PCS_ZERO_NONE)) {
        parts.class_ = PCS_CLASS_ZERO;
        return parts;
    }
    const bool subnormal = exponent == 0 && format->lowest == PCS_LOWEST_SUBNORMAL;
    parts.significand = subnormal ? mantissa : mantissa | UINT64_C(1) << mantissa_bits;
    parts.exponent = (subnormal ? 1 : (int)exponent) - format->bias - (int)mantissa_bits;
    return parts;
}

static pcs_code_t with_sign(const pcs_format_row_t *format, bool sign, uint32_t magnitude)
{
    PCS_ASSERT(!sign || format->sign == PCS_SIGN_SIGNED);
    if (magnitude == 0 && format->zero == PCS_ZERO_NAN) {
        sign = false;
    }
    return (pcs_code_t){magnitude | (uint32_t)sign << magnitude_bits(format)};
}

static pcs_code_t pack_nan(const pcs_format_row_t *format, pcs_fpstate_t *state)
{
    state->flags |= pcs_format_has_nan(format) ? 0U : (unsigned)PCS_FLAG_INVALID;
    return pcs_format_nan(format);
}

/* +-Inf, or what stands for it. */
static pcs_code_t pack_inf(const pcs_format_row_t *format, bool sign, pcs_fpstate_t *state)
{
    if (pcs_format_has_nan(format) && !pcs_format_has_inf(format)) {
        state->flags |= PCS_FLAG_INVALID;
        return pcs_format_nan(format);
    }
    return with_sign(format, sign, pcs_format_inf(format).bits);
}

/* A magnitude and what was cut off below it: lost / 2^64 of the step to the next magnitude, bit 0 sticky. */
typedef struct cut {
    int64_t magnitude;
    uint64_t lost;
} cut_t;

/* Whether a stochastic rounding goes up. */
static bool draws_up(uint64_t lost, const pcs_fpstate_t *state)
{
    const unsigned n = state->random_bits;
    const uint64_t r = state->random;
    PCS_ASSERT(n >= 1 && n <= 32 && r >> n == 0);
    const uint64_t whole = lost >> (64U - n); /* floor(f 2^N) */
    const uint64_t rest = lost << n;
    const uint64_t half = UINT64_C(1) << 63U;
    switch (state->rounding) {
    case PCS_ROUNDING_SR_HALF:
        return ((lost >> (63U - n)) + 2U * r + 1U) >> (n + 1U) != 0;
    case PCS_ROUNDING_SR_NEAREST:
        return (whole + (rest > half || (rest == half && (whole & 1U) != 0) ? 1U : 0U) + r) >> n != 0;
    case PCS_ROUNDING_SR_COMPARE:
        return r < whole;
    default:
        return (whole + r) >> n != 0;
    }
}

static int64_t round_cut(cut_t cut, bool sign, const pcs_fpstate_t *state)
{
    const uint64_t half = UINT64_C(1) << 63U;
    bool up = false;
    switch (state->rounding) {
    case PCS_ROUNDING_RNE:
        up = cut.lost > half || (cut.lost == half && (cut.magnitude & 1) != 0);
        break;
    case PCS_ROUNDING_RNA:
        up = cut.lost >= half;
        break;
    case PCS_ROUNDING_RTZ:
        break;
    case PCS_ROUNDING_RUP:
        up = cut.lost != 0 && !sign;
        break;
    case PCS_ROUNDING_RDN:
        up = cut.lost != 0 && sign;
        break;
    case PCS_ROUNDING_RTO:
        up = cut.lost != 0 && (cut.magnitude & 1) == 0;
        break;
    case PCS_ROUNDING_SR:
    case PCS_ROUNDING_SR_HALF:
    case PCS_ROUNDING_SR_NEAREST:
    case PCS_ROUNDING_SR_COMPARE:
    case PCS_ROUNDING_SR_NORMAL:
        up = draws_up(cut.lost, state);
        break;
    case PCS_ROUNDING_COUNT:
        PCS_ASSERT(false);
    }
    return cut.magnitude + (up ? 1 : 0);
}

/* Whether a result beyond max goes on to infinity: the direction of the rounding, as in IEEE 754, 7.4. */
static bool overflows_away(const pcs_format_row_t *format, bool sign, const pcs_fpstate_t *state)
{
    switch (state->rounding) {
    case PCS_ROUNDING_RTZ:
        return false;
    case PCS_ROUNDING_RUP:
        return !sign;
    case PCS_ROUNDING_RDN:
        return sign;
    case PCS_ROUNDING_RTO: /* whichever of max and its successor is odd */
        return (pcs_format_max(format).bits & 1U) == 0;
    default:
        return true;
    }
}

static pcs_code_t pack_overflow(const pcs_format_row_t *format, bool sign, pcs_fpstate_t *state)
{
    state->flags |= PCS_FLAG_OVERFLOW | PCS_FLAG_INEXACT;
    if (state->overflow != PCS_OVERFLOW_INF || !overflows_away(format, sign, state)) {
        return with_sign(format, sign, pcs_format_max(format).bits);
    }
    return pack_inf(format, sign, state);
}

/* Cuts `drop` >= 1 bits off. */
static cut_t cut_bits(uint64_t significand, unsigned drop)
{
    if (drop < 64U) {
        return (cut_t){(int64_t)(significand >> drop), significand << (64U - drop)};
    }
    const unsigned shift = drop - 64U;
    const uint64_t kept = shift < 64U ? significand >> shift : 0;
    const bool sticky = shift >= 64U ? significand != 0 : (kept << shift) != significand;
    return (cut_t){0, kept | (sticky ? 1U : 0U)};
}

/* A value below the smallest number of a format with zero but no subnormals, as part of that number: the step is
   2^m + 1 units, not a power of two.  `top` is the exponent of the significand's bit 63. */
static cut_t cut_gap(const pcs_format_row_t *format, uint64_t significand, int top)
{
    const int shift = top + format->bias + (int)format->mantissa_bits + 1; /* significand * 2^shift / step, over 2^64 */
    const uint64_t step = (UINT64_C(1) << format->mantissa_bits) + 1U;
    const cut_t whole = shift < 0 ? cut_bits(significand, (unsigned)-shift) : (cut_t){0, 0};
    const u128_t scaled = shift < 0 ? (u128_t)(uint64_t)whole.magnitude : (u128_t)significand << (unsigned)shift;
    const bool sticky = scaled % step != 0 || whole.lost != 0;
    return (cut_t){0, (uint64_t)(scaled / step) | (sticky ? 1U : 0U)};
}

pcs_code_t pcs_round_pack(const pcs_format_row_t *format, pcs_parts_t value, pcs_fpstate_t *state)
{
    if (value.class_ == PCS_CLASS_NAN) {
        state->flags |= value.signaling ? (unsigned)PCS_FLAG_INVALID : 0U;
        return pack_nan(format, state);
    }
    if (format->sign == PCS_SIGN_UNSIGNED && value.sign && value.class_ != PCS_CLASS_ZERO) {
        state->flags |= PCS_FLAG_INVALID;
        return pcs_format_nan(format);
    }
    if (value.class_ == PCS_CLASS_INF) {
        return state->overflow == PCS_OVERFLOW_SAT ? with_sign(format, value.sign, pcs_format_max(format).bits)
                                                   : pack_inf(format, value.sign, state);
    }
    if (value.class_ == PCS_CLASS_ZERO) {
        state->flags |= format->zero == PCS_ZERO_NONE ? (unsigned)(PCS_FLAG_INEXACT | PCS_FLAG_UNDERFLOW) : 0U;
        return with_sign(format, value.sign && format->sign == PCS_SIGN_SIGNED, 0);
    }
    PCS_ASSERT(value.significand != 0);
    const unsigned zeros = (unsigned)__builtin_clzll(value.significand);
    const uint64_t significand = value.significand << zeros;          /* bit 63 set */
    const int top = value.exponent + 63 - (int)zeros;                 /* its exponent */
    const bool subnormals = format->lowest != PCS_LOWEST_NORMAL;      /* or what is flushed */
    const int lowest = subnormals ? 1 - format->bias : -format->bias; /* exponent of the lowest normal binade */
    const unsigned drop = 63U - format->mantissa_bits;

    cut_t cut = cut_bits(significand, drop);
    cut.magnitude += (int64_t)(top - lowest + (subnormals ? 1 : 0) - 1) * (INT64_C(1) << format->mantissa_bits);
    const bool below = subnormals ? top < lowest : cut.magnitude < (format->zero == PCS_ZERO_NONE ? 0 : 1);
    const pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE};
    const pcs_fpstate_t *how = state->rounding == PCS_ROUNDING_SR_NORMAL && below ? &nearest : state;
    bool tiny = below;
    if (below && subnormals) {
        /* Still tiny when rounded as if the exponent went on: the successor of all magnitudes below is 2^lowest. */
        const bool tiny_after = round_cut(cut, value.sign, how) < INT64_C(1) << format->mantissa_bits;
        tiny = tiny_after || state->tiny_before;
        if (format->lowest == PCS_LOWEST_FLUSH) {
            state->flags |= PCS_FLAG_INEXACT | (tiny ? (unsigned)PCS_FLAG_UNDERFLOW : 0U);
            return with_sign(format, value.sign, tiny_after ? 0U : UINT32_C(1) << format->mantissa_bits);
        }
        cut = cut_bits(significand, drop + (unsigned)(lowest - top));
    } else if (below) {
        cut = format->zero == PCS_ZERO_NONE ? (cut_t){0, 0} : cut_gap(format, significand, top);
    }
    const int64_t magnitude = round_cut(cut, value.sign, how);
    if (magnitude > (int64_t)pcs_format_max(format).bits) {
        return pack_overflow(format, value.sign, state);
    }
    const bool inexact = cut.lost != 0 || (tiny && format->zero == PCS_ZERO_NONE);
    state->flags |= inexact ? (unsigned)PCS_FLAG_INEXACT : 0U;
    state->flags |= inexact && tiny ? (unsigned)PCS_FLAG_UNDERFLOW : 0U;
    return with_sign(format, value.sign, (uint32_t)magnitude);
}

uint64_t pcs_round_integer(pcs_parts_t value, int exponent, uint64_t most, pcs_fpstate_t *state)
{
    PCS_ASSERT(value.class_ == PCS_CLASS_FINITE && most >> 62U == 0);
    const int shift = value.exponent - exponent;
    const int top = 63 - __builtin_clzll(value.significand) + shift; /* of the integer's leading bit */
    cut_t cut = {0, 0};
    if (top < 62) {
        cut = shift < 0 ? cut_bits(value.significand, (unsigned)-shift)
                        : (cut_t){(int64_t)(value.significand << (unsigned)shift), 0};
    }
    const uint64_t magnitude = top < 62 ? (uint64_t)round_cut(cut, value.sign, state) : UINT64_MAX;
    if (magnitude > most) {
        state->flags |= PCS_FLAG_OVERFLOW | PCS_FLAG_INEXACT;
        return most;
    }
    state->flags |= cut.lost != 0 ? (unsigned)PCS_FLAG_INEXACT : 0U;
    return magnitude;
}

static pcs_parts_t make_nan(bool invalid, pcs_fpstate_t *state)
{
    state->flags |= invalid ? (unsigned)PCS_FLAG_INVALID : 0U;
    return (pcs_parts_t){.class_ = PCS_CLASS_NAN};
}

static bool is_nan(pcs_parts_t value)
{
    return value.class_ == PCS_CLASS_NAN;
}

pcs_parts_t pcs_parts_mul(pcs_parts_t a, pcs_parts_t b, pcs_fpstate_t *state)
{
    if (is_nan(a) || is_nan(b)) {
        return make_nan(a.signaling || b.signaling, state);
    }
    const bool inf = a.class_ == PCS_CLASS_INF || b.class_ == PCS_CLASS_INF;
    const bool zero = a.class_ == PCS_CLASS_ZERO || b.class_ == PCS_CLASS_ZERO;
    if (inf && zero) {
        return make_nan(true, state);
    }
    pcs_parts_t product = {.class_ = inf    ? PCS_CLASS_INF
                                     : zero ? PCS_CLASS_ZERO
                                            : PCS_CLASS_FINITE,
                           .sign = a.sign != b.sign};
    if (product.class_ == PCS_CLASS_FINITE) {
        PCS_ASSERT(a.significand >> 32U == 0 && b.significand >> 32U == 0);
        product.exponent = a.exponent + b.exponent;
        product.significand = a.significand * b.significand;
    }
    return product;
}

/* Shifts right; what falls off sets bit 0. */
static uint64_t shift_jam(uint64_t significand, unsigned shift)
{
    if (shift == 0) {
        return significand;
    }
    const uint64_t kept = shift < 64U ? significand >> shift : 0;
    const bool sticky = shift < 64U ? kept << shift != significand : significand != 0;
    return kept | (sticky ? 1U : 0U);
}

/* Both finite.  Normalised to bit 62, the larger has at least 14 zeros below its last bit; bits of the smaller one fall
   off only beyond them, hence at a distance at which cancellation takes one bit at most. */
static pcs_parts_t add_finite(pcs_parts_t a, pcs_parts_t b, const pcs_fpstate_t *state)
{
    PCS_ASSERT(a.significand >> 48U == 0 && b.significand >> 48U == 0);
    const unsigned zeros_a = (unsigned)__builtin_clzll(a.significand) - 1U;
    const unsigned zeros_b = (unsigned)__builtin_clzll(b.significand) - 1U;
    a.significand <<= zeros_a;
    a.exponent -= (int)zeros_a;
    b.significand <<= zeros_b;
    b.exponent -= (int)zeros_b;
    if (a.exponent < b.exponent || (a.exponent == b.exponent && a.significand < b.significand)) {
        const pcs_parts_t smaller = a;
        a = b;
        b = smaller;
    }
    const uint64_t aligned = shift_jam(b.significand, (unsigned)(a.exponent - b.exponent));
    a.significand = a.sign == b.sign ? a.significand + aligned : a.significand - aligned;
    if (a.significand == 0) {
        return (pcs_parts_t){.class_ = PCS_CLASS_ZERO, .sign = state->rounding == PCS_ROUNDING_RDN};
    }
    return a;
}

pcs_parts_t pcs_parts_add(pcs_parts_t a, pcs_parts_t b, pcs_fpstate_t *state)
{
    const bool both_inf = a.class_ == PCS_CLASS_INF && b.class_ == PCS_CLASS_INF;
    if (is_nan(a) || is_nan(b)) {
        return make_nan(a.signaling || b.signaling, state);
    }
    if (both_inf && a.sign != b.sign) {
        return make_nan(true, state);
    }
    if (a.class_ == PCS_CLASS_ZERO && b.class_ == PCS_CLASS_ZERO) {
        a.sign = a.sign == b.sign ? a.sign : state->rounding == PCS_ROUNDING_RDN;
        return a;
    }
    if (a.class_ == PCS_CLASS_INF || b.class_ == PCS_CLASS_ZERO) {
        return a;
    }
    if (b.class_ == PCS_CLASS_INF || a.class_ == PCS_CLASS_ZERO) {
        return b;
    }
    return add_finite(a, b, state);
}

pcs_code_t pcs_float_convert(const pcs_format_row_t *from, pcs_code_t code, const pcs_format_row_t *to,
                             pcs_fpstate_t *state)
{
    return pcs_round_pack(to, pcs_decode(from, code), state);
}

pcs_code_t pcs_float_add(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_fpstate_t *state)
{
    return pcs_round_pack(format, pcs_parts_add(pcs_decode(format, a), pcs_decode(format, b), state), state);
}

pcs_code_t pcs_float_sub(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_fpstate_t *state)
{
    pcs_parts_t negated = pcs_decode(format, b);
    negated.sign = !negated.sign;
    return pcs_round_pack(format, pcs_parts_add(pcs_decode(format, a), negated, state), state);
}

pcs_code_t pcs_float_mul(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_fpstate_t *state)
{
    return pcs_round_pack(format, pcs_parts_mul(pcs_decode(format, a), pcs_decode(format, b), state), state);
}

pcs_code_t pcs_float_fma(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_code_t c, pcs_fpstate_t *state)
{
    const pcs_parts_t product = pcs_parts_mul(pcs_decode(format, a), pcs_decode(format, b), state);
    return pcs_round_pack(format, pcs_parts_add(product, pcs_decode(format, c), state), state);
}
