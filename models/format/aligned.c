/* Aligned and truncated groups: tensor cores. */
#include <stdlib.h>

#include "models/format/dot_internal.h"

enum { ZERO_EXPONENT = -126, FLOORED_BITS = 31, INFINITE_EXPONENT = 128, ZERO_BLOCK_EXPONENT = -139 };

/* A finite term, or a sum of terms: value = integer * 2^(exponent - bits), where exponent is the one that is aligned.
 */
typedef struct fixed {
    int64_t integer;
    int exponent, bits;
} fixed_t;

/* Special values among the terms so far. */
typedef struct special {
    bool nan, signaling, inf, minus_inf;
} special_t;

static void note(special_t *special, pcs_parts_t value)
{
    special->nan = special->nan || value.class_ == PCS_CLASS_NAN;
    special->signaling = special->signaling || (value.class_ == PCS_CLASS_NAN && value.signaling);
    special->inf = special->inf || (value.class_ == PCS_CLASS_INF && !value.sign);
    special->minus_inf = special->minus_inf || (value.class_ == PCS_CLASS_INF && value.sign);
}

/* A term whose significand has `bits` bits below its binary point. */
static fixed_t fixed_of(pcs_parts_t value, int bits)
{
    if (value.class_ != PCS_CLASS_FINITE) {
        return (fixed_t){0, ZERO_EXPONENT, bits};
    }
    const int64_t integer = (int64_t)value.significand;
    return (fixed_t){value.sign ? -integer : integer, value.exponent + bits, bits};
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* x * 2^shift, cut off toward zero or, `down`, toward -infinity. */
static int64_t shifted(int64_t x, int shift, bool down, unsigned *flags)
{
    if (shift >= 0) {
        return x * (INT64_C(1) << shift);
    }
    const uint64_t magnitude = (uint64_t)llabs(x);
    const uint64_t kept = shift > -64 ? magnitude >> -shift : 0;
    const bool exact = x == 0 || (shift > -64 && kept << -shift == magnitude);
    *flags |= exact ? 0U : (unsigned)PCS_FLAG_INEXACT;
    return x >= 0 ? (int64_t)kept : -(int64_t)kept - (down && !exact ? 1 : 0);
}

/* The term at `bits` bits below 2^exponent. */
static int to_shift(fixed_t x, int exponent, int bits)
{
    return x.exponent - x.bits - (exponent - bits);
}

/* A product, its block's scale in the exponent. */
static pcs_parts_t scaled_product(const pcs_dot_group_t *group, size_t i, pcs_fpstate_t *state)
{
    const pcs_dot_t *dot = group->dot;
    pcs_parts_t product = pcs_dot_product(group, i, state);
    if (dot->scale != NULL) {
        const int scale = dot->scale[group->first / dot->accumulator->group];
        product.exponent += scale;
        product.class_ = scale == PCS_DOT_SCALE_NAN ? PCS_CLASS_NAN : product.class_;
    }
    return product;
}

/* The products of one lane, and `addend` if it is not NULL, aligned to the largest exponent and truncated. */
static fixed_t align(const pcs_dot_group_t *group, unsigned lane, const fixed_t *addend, unsigned *flags)
{
    const pcs_dot_t *dot = group->dot;
    const pcs_accumulator_t *accumulator = dot->accumulator;
    const pcs_format_row_t *operand = accumulator->operand;
    const int below =
        (int)(operand != NULL ? 2 * operand->mantissa_bits : dot->a->mantissa_bits + dot->b->mantissa_bits);
    fixed_t sum = {0, addend != NULL ? addend->exponent : INT32_MIN, (int)accumulator->fraction_bits};
    pcs_fpstate_t ignored = {.rounding = PCS_ROUNDING_RTZ};
    for (size_t i = lane; i < group->count; i += accumulator->lanes) {
        sum.exponent = larger(sum.exponent, fixed_of(scaled_product(group, i, &ignored), below).exponent);
    }
    for (size_t i = lane; i < group->count; i += accumulator->lanes) {
        const fixed_t term = fixed_of(scaled_product(group, i, &ignored), below);
        sum.integer += shifted(term.integer, to_shift(term, sum.exponent, sum.bits), false, flags);
    }
    if (addend != NULL) {
        sum.integer += shifted(addend->integer, to_shift(*addend, sum.exponent, sum.bits), false, flags);
    }
    return sum;
}

/* CDNA3: lanes joined, then the running sum added, each floored onto the larger exponent. */
static fixed_t floor_together(const pcs_dot_group_t *group, fixed_t addend, unsigned *flags)
{
    const pcs_accumulator_t *accumulator = group->dot->accumulator;
    const int bits = (int)accumulator->fraction_bits;
    fixed_t sum = align(group, 0, NULL, flags);
    if (accumulator->lanes == 2 && group->count > 1) {
        const fixed_t odd = align(group, 1, NULL, flags);
        const int exponent = larger(sum.exponent, odd.exponent);
        sum.integer = shifted(sum.integer, to_shift(sum, exponent, bits), true, flags) +
                      shifted(odd.integer, to_shift(odd, exponent, bits), true, flags);
        sum.exponent = exponent;
    }
    const int exponent = larger(sum.exponent, addend.exponent);
    const bool reached = accumulator->reach == 0 || exponent - addend.exponent <= (int)accumulator->reach;
    const int64_t kept = reached ? shifted(addend.integer, to_shift(addend, exponent, bits), true, flags) : 0;
    *flags |= reached || addend.integer == 0 ? 0U : (unsigned)PCS_FLAG_INEXACT;
    const int64_t part = shifted(sum.integer, to_shift(sum, exponent, FLOORED_BITS), true, flags);
    return (fixed_t){part + kept * (INT64_C(1) << (FLOORED_BITS - bits)), exponent, FLOORED_BITS};
}

static pcs_code_t nan_code(const pcs_accumulator_t *accumulator, const pcs_format_row_t *format)
{
    const unsigned bits = pcs_format_bits(format) - 1U;
    return accumulator->nan_ones ? (pcs_code_t){(UINT32_C(1) << bits) - 1U} : pcs_format_nan(format);
}

static pcs_code_t inf_code(const pcs_format_row_t *format, bool sign)
{
    const uint32_t sign_bit = UINT32_C(1) << (pcs_format_bits(format) - 1U);
    return (pcs_code_t){pcs_format_inf(format).bits | (sign ? sign_bit : 0U)};
}

/* Normalises and rounds a group's sum; beyond the largest number there is infinity only, also toward zero. */
static pcs_code_t finish(const pcs_dot_t *dot, fixed_t sum, pcs_dot_state_t *state)
{
    const pcs_accumulator_t *accumulator = dot->accumulator;
    const pcs_format_row_t *out = accumulator->out != NULL ? accumulator->out : dot->c;
    if (sum.integer == 0) {
        return (pcs_code_t){0};
    }
    const pcs_parts_t value = {.class_ = PCS_CLASS_FINITE,
                               .sign = sum.integer < 0,
                               .exponent = sum.exponent - sum.bits,
                               .significand = (uint64_t)llabs(sum.integer)};
    pcs_fpstate_t state_out = {.rounding = accumulator->rounding, .overflow = PCS_OVERFLOW_INF};
    const pcs_code_t code = pcs_round_pack(out, value, &state_out);
    state->fp.flags |= state_out.flags;
    if ((state_out.flags & PCS_FLAG_OVERFLOW) != 0) {
        return inf_code(dot->c, value.sign);
    }
    pcs_fpstate_t state_c = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const pcs_code_t wide = out == dot->c ? code : pcs_float_convert(out, code, dot->c, &state_c);
    state->fp.flags |= state_c.flags;
    return wide;
}

/* CDNA3 makes infinities of products beyond binary32; a true one among the terms goes first. */
static void note_overflow(special_t *special, const pcs_dot_group_t *group, pcs_fpstate_t *fp)
{
    if (special->inf || special->minus_inf) {
        return;
    }
    for (size_t i = 0; i < group->count; i++) {
        pcs_parts_t product = pcs_dot_product(group, i, fp);
        const bool finite = product.class_ == PCS_CLASS_FINITE;
        if (finite && product.exponent + 64 - __builtin_clzll(product.significand) > INFINITE_EXPONENT) {
            product.class_ = PCS_CLASS_INF;
            fp->flags |= PCS_FLAG_OVERFLOW | PCS_FLAG_INEXACT;
            note(special, product);
        }
    }
}

static void show_exponent(const pcs_dot_group_t *group, int exponent, pcs_code_t sum)
{
    const pcs_dot_t *dot = group->dot;
    if (dot->step != NULL) {
        const pcs_dot_step_t step = {.what = "aligned",
                                     .first = group->first,
                                     .count = group->count,
                                     .aligned = true,
                                     .exponent = exponent,
                                     .format = dot->c,
                                     .code = sum};
        dot->step(dot->user, &step);
    }
}

/* NaN and infinities among the terms, which need no sum. */
static bool is_special(const pcs_dot_t *dot, const special_t *special, pcs_dot_state_t *state, pcs_code_t *result)
{
    if (special->nan || (special->inf && special->minus_inf)) {
        state->fp.flags |= special->nan && !special->signaling ? 0U : (unsigned)PCS_FLAG_INVALID;
        *result = nan_code(dot->accumulator, dot->c);
        return true;
    }
    *result = inf_code(dot->c, special->minus_inf);
    return special->inf || special->minus_inf;
}

pcs_code_t pcs_dot_aligned(const pcs_dot_group_t *group, pcs_code_t sum, pcs_dot_state_t *state)
{
    const pcs_dot_t *dot = group->dot;
    const pcs_addend_t addend = dot->accumulator->addend;
    const pcs_parts_t running = pcs_decode(dot->c, sum);
    special_t special = {.nan = false};
    for (size_t i = 0; i < group->count; i++) {
        note(&special, scaled_product(group, i, &state->fp));
    }
    if (addend != PCS_ADDEND_OUTSIDE) {
        note(&special, running);
    }
    if (addend == PCS_ADDEND_FLOORED && !special.nan) {
        note_overflow(&special, group, &state->fp);
    }
    pcs_code_t result = {0};
    if (is_special(dot, &special, state, &result)) {
        return result;
    }
    const fixed_t c = fixed_of(running, (int)dot->c->mantissa_bits);
    unsigned *flags = &state->fp.flags;
    const fixed_t total = addend == PCS_ADDEND_FLOORED
                              ? floor_together(group, c, flags)
                              : align(group, 0, addend == PCS_ADDEND_INSIDE ? &c : NULL, flags);
    show_exponent(group, total.exponent, sum);
    return finish(dot, total, state);
}

/* ---- blocks --------------------------------------------------------------------------------------------------------
 */

/* Products first..first + count - 1 of the group, added exactly, times their scales; `unit` weighs the last bit of a
   product. */
static fixed_t block_term(const pcs_dot_group_t *group, size_t first, size_t count, int unit)
{
    const pcs_dot_t *dot = group->dot;
    const size_t block = (group->first + first) / dot->accumulator->block;
    const int factor = dot->factor != NULL ? dot->factor[block] : PCS_DOT_FACTOR_ONE;
    pcs_fpstate_t ignored = {.rounding = PCS_ROUNDING_RTZ};
    fixed_t term = {0, dot->scale != NULL ? dot->scale[block] : 0, PCS_DOT_FACTOR_BITS - unit};
    bool zeros = true;
    for (size_t i = first; i < first + count; i++) {
        const pcs_parts_t product = pcs_dot_product(group, i, &ignored);
        if (product.class_ == PCS_CLASS_FINITE) {
            const int64_t magnitude = (int64_t)(product.significand << (unsigned)(product.exponent - unit)) * factor;
            term.integer += product.sign ? -magnitude : magnitude;
            zeros = false;
        }
    }
    term.exponent = zeros || factor == 0 ? ZERO_BLOCK_EXPONENT : term.exponent;
    return term;
}

static void note_scale(special_t *special, const pcs_dot_group_t *group, size_t first)
{
    const pcs_dot_t *dot = group->dot;
    const size_t block = (group->first + first) / dot->accumulator->block;
    special->nan = special->nan || (dot->scale != NULL && dot->scale[block] == PCS_DOT_SCALE_NAN);
}

pcs_code_t pcs_dot_blocks(const pcs_dot_group_t *group, pcs_code_t sum, pcs_dot_state_t *state)
{
    const pcs_dot_t *dot = group->dot;
    const size_t block = dot->accumulator->block;
    const int unit = 2 - dot->a->bias - dot->b->bias - (int)(dot->a->mantissa_bits + dot->b->mantissa_bits);
    const pcs_parts_t running = pcs_decode(dot->c, sum);
    fixed_t c = fixed_of(running, (int)dot->c->mantissa_bits);
    c.exponent = running.class_ == PCS_CLASS_ZERO ? ZERO_BLOCK_EXPONENT : c.exponent;
    special_t special = {.nan = false};
    note(&special, running);
    fixed_t total = {0, c.exponent, (int)dot->accumulator->fraction_bits};
    for (size_t first = 0; first < group->count; first += block) {
        const size_t count = group->count - first < block ? group->count - first : block;
        note_scale(&special, group, first);
        total.exponent = larger(total.exponent, block_term(group, first, count, unit).exponent);
    }
    pcs_code_t result = {0};
    if (is_special(dot, &special, state, &result)) {
        return result;
    }
    for (size_t first = 0; first < group->count; first += block) {
        const size_t count = group->count - first < block ? group->count - first : block;
        const fixed_t term = block_term(group, first, count, unit);
        total.integer += shifted(term.integer, to_shift(term, total.exponent, total.bits), false, &state->fp.flags);
    }
    total.integer += shifted(c.integer, to_shift(c, total.exponent, total.bits), false, &state->fp.flags);
    show_exponent(group, total.exponent, sum);
    return finish(dot, total, state);
}
