#include "models/format/dot.h"

#include "models/format/dot_internal.h"
#include "models/format/kulisch.h"

static const pcs_code_t plus_zero = {0};

pcs_parts_t pcs_dot_operand(const pcs_accumulator_t *accumulator, const pcs_format_row_t *format, pcs_code_t code)
{
    const pcs_format_row_t *to = accumulator->operand;
    if (to == NULL || to == format) {
        const pcs_parts_t value = pcs_decode(format, code);
        const bool subnormal = value.class_ == PCS_CLASS_FINITE && value.significand >> format->mantissa_bits == 0;
        return accumulator->flush && subnormal ? (pcs_parts_t){.class_ = PCS_CLASS_ZERO} : value;
    }
    if (to->mantissa_bits < format->mantissa_bits) { /* FP32 to TF32: the low bits are not wired */
        return pcs_decode(to, (pcs_code_t){code.bits >> (format->mantissa_bits - to->mantissa_bits)});
    }
    pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    return pcs_decode(to, pcs_float_convert(format, code, to, &exact));
}

pcs_parts_t pcs_dot_product(const pcs_dot_group_t *group, size_t i, pcs_fpstate_t *state)
{
    const pcs_dot_t *dot = group->dot;
    const size_t at = group->first + (group->index == NULL ? i : group->index[i]);
    return pcs_parts_mul(pcs_dot_operand(dot->accumulator, dot->a, group->a[at]),
                         pcs_dot_operand(dot->accumulator, dot->b, group->b[at]), state);
}

bool pcs_scale_is_nan(pcs_scale_code_t code, uint8_t scale)
{
    enum { E8M0_NAN = 0xFF, UE4M3_NAN = 0x7F, UE4M3_MASK = 0x7F };
    return code == PCS_SCALE_CODE_E8M0 ? scale == E8M0_NAN : (scale & UE4M3_MASK) == UE4M3_NAN;
}

/* A UE4M3 code as significand * 2^(exponent - 3). */
static unsigned ue4m3(uint8_t code, int *exponent)
{
    enum { MANTISSA_BITS = 3, BIAS = 7, FIELD = 15 };
    const unsigned field = (unsigned)code >> MANTISSA_BITS & FIELD;
    const unsigned mantissa = code & ((1U << MANTISSA_BITS) - 1U);
    *exponent = (int)(field > 0 ? field : 1U) - BIAS;
    return mantissa + (field > 0 ? 1U << MANTISSA_BITS : 0U);
}

void pcs_dot_scale(pcs_scale_code_t code, uint8_t a, uint8_t b, int16_t *scale, uint8_t *factor)
{
    enum { E8M0_BIAS = 127 };
    *factor = PCS_DOT_FACTOR_ONE;
    if (pcs_scale_is_nan(code, a) || pcs_scale_is_nan(code, b)) {
        *scale = PCS_DOT_SCALE_NAN;
    } else if (code == PCS_SCALE_CODE_E8M0) {
        *scale = (int16_t)(a + b - 2 * E8M0_BIAS);
    } else {
        int of_a = 0;
        int of_b = 0;
        *factor = (uint8_t)(ue4m3(a, &of_a) * ue4m3(b, &of_b));
        *scale = (int16_t)(of_a + of_b);
    }
}

static void draw(pcs_dot_state_t *state)
{
    if (pcs_rounding_is_stochastic(state->fp.rounding)) {
        state->fp.random = pcs_philox_u32(state->stream, state->draws++) >> (32U - state->fp.random_bits);
    }
}

/* A subnormal result of a unit that has none. */
static pcs_code_t flushed(const pcs_dot_t *dot, pcs_code_t code)
{
    const uint32_t sign = code.bits & UINT32_C(1) << (pcs_format_bits(dot->c) - 1U);
    const bool subnormal = (code.bits ^ sign) >> dot->c->mantissa_bits == 0;
    return dot->accumulator->flush && subnormal ? (pcs_code_t){sign} : code;
}

pcs_code_t pcs_dot_round(const pcs_dot_t *dot, pcs_parts_t value, pcs_dot_state_t *state)
{
    draw(state);
    return flushed(dot, pcs_round_pack(dot->c, value, &state->fp));
}

static pcs_code_t add(const pcs_dot_t *dot, pcs_code_t a, pcs_code_t b, pcs_dot_state_t *state)
{
    return pcs_dot_round(dot, pcs_parts_add(pcs_decode(dot->c, a), pcs_decode(dot->c, b), &state->fp), state);
}

static pcs_code_t show(const pcs_dot_t *dot, const char *what, size_t first, size_t count, pcs_code_t code)
{
    if (dot->step != NULL) {
        const pcs_dot_step_t step = {.what = what, .first = first, .count = count, .format = dot->c, .code = code};
        dot->step(dot->user, &step);
    }
    return code;
}

/* The register as it stands, rounded to be shown; an accumulator rounds at the end only. */
static void show_register(const pcs_dot_group_t *group, const pcs_kulisch_t *sum, size_t count)
{
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    if (group->dot->step != NULL && count < group->count) {
        (void)show(group->dot, "register", group->first, count,
                   pcs_round_pack(group->dot->c, pcs_kulisch_value(sum, &nearest), &nearest));
    }
}

/* A tile's exact sum times the tile's scale. */
static pcs_parts_t scaled(const pcs_dot_group_t *group, pcs_parts_t sum)
{
    const pcs_dot_t *dot = group->dot;
    if (dot->scale == NULL) {
        return sum;
    }
    const int16_t scale = dot->scale[group->first / dot->accumulator->group];
    sum.exponent += scale;
    return scale == PCS_DOT_SCALE_NAN ? (pcs_parts_t){.class_ = PCS_CLASS_NAN} : sum;
}

/* A product times the factor of its tile's scale; the power of two joins the sum. */
static pcs_parts_t factored(const pcs_dot_group_t *group, pcs_parts_t product)
{
    const pcs_dot_t *dot = group->dot;
    if (dot->factor == NULL || product.class_ != PCS_CLASS_FINITE) {
        return product;
    }
    const uint8_t factor = dot->factor[group->first / dot->accumulator->group];
    product.significand *= factor;
    product.exponent -= PCS_DOT_FACTOR_BITS;
    product.class_ = factor == 0 ? PCS_CLASS_ZERO : PCS_CLASS_FINITE;
    return product;
}

/* addend NULL: none, which is not the same as a zero with its sign */
static pcs_code_t sum_exact(const pcs_dot_group_t *group, const pcs_parts_t *addend, pcs_dot_state_t *state)
{
    pcs_kulisch_t sum = {.plus = false};
    for (size_t i = 0; i < group->count; i++) {
        pcs_kulisch_add(&sum, factored(group, pcs_dot_product(group, i, &state->fp)));
        show_register(group, &sum, i + 1);
    }
    if (addend != NULL) {
        pcs_kulisch_add(&sum, *addend);
    }
    return pcs_dot_round(group->dot, scaled(group, pcs_kulisch_value(&sum, &state->fp)), state);
}

static pcs_code_t sum_sequential(const pcs_dot_group_t *group, pcs_dot_state_t *state)
{
    pcs_code_t sum = plus_zero;
    for (size_t i = 0; i < group->count; i++) {
        const pcs_parts_t product = pcs_dot_product(group, i, &state->fp);
        sum = pcs_dot_round(group->dot, pcs_parts_add(product, pcs_decode(group->dot->c, sum), &state->fp), state);
        (void)show(group->dot, "chunk", group->first, i + 1, sum);
    }
    return sum;
}

/* Products first..first + count - 1 of the group; the depth is log2 of their number. */
static pcs_code_t sum_tree(const pcs_dot_group_t *group, size_t first, size_t count, pcs_dot_state_t *state)
{
    const pcs_dot_t *dot = group->dot;
    if (count == 1) {
        const pcs_parts_t product = pcs_dot_product(group, first, &state->fp);
        return show(dot, "product", group->first + first, 1, pcs_dot_round(dot, product, state));
    }
    const pcs_code_t left = sum_tree(group, first, count / 2, state);
    const pcs_code_t right = sum_tree(group, first + count / 2, count - count / 2, state);
    return show(dot, "tree", group->first + first, count, add(dot, left, right, state));
}

/* One group and the running sum. */
static pcs_code_t sum_group(const pcs_dot_group_t *group, pcs_code_t sum, pcs_dot_state_t *state)
{
    const pcs_dot_t *dot = group->dot;
    const bool inside = dot->accumulator->addend != PCS_ADDEND_OUTSIDE;
    const pcs_parts_t addend = pcs_decode(dot->c, sum);
    pcs_code_t part = plus_zero;
    switch (dot->accumulator->sum) {
    case PCS_SUM_EXACT:
        part = sum_exact(group, inside ? &addend : NULL, state);
        break;
    case PCS_SUM_SEQUENTIAL:
        part = sum_sequential(group, state);
        break;
    case PCS_SUM_TREE:
        part = sum_tree(group, 0, group->count, state);
        break;
    case PCS_SUM_ALIGNED:
        part = pcs_dot_aligned(group, sum, state);
        break;
    case PCS_SUM_BLOCKS:
        part = pcs_dot_blocks(group, sum, state);
        break;
    case PCS_SUM_REGISTER: /* has no running sum */
        PCS_ASSERT(false);
    }
    if (inside) {
        return show(dot, "sum", group->first, group->count, part);
    }
    (void)show(dot, "group", group->first, group->count, part);
    return show(dot, "sum", group->first, group->count, add(dot, sum, part, state));
}

/* The groups of products first..first + count - 1, in order. */
static pcs_code_t sum_groups(const pcs_dot_group_t *all, size_t first, size_t count, pcs_code_t sum,
                             pcs_dot_state_t *state)
{
    const pcs_accumulator_t *accumulator = all->dot->accumulator;
    pcs_dot_group_t group = *all;
    if (accumulator->period == 0) {
        const size_t most = accumulator->group == 0 ? count : accumulator->group;
        for (size_t done = 0; done < count; done += group.count) {
            group.first = first + done;
            group.count = count - done < most ? count - done : most;
            sum = sum_group(&group, sum, state);
        }
        return sum;
    }
    for (size_t done = 0; done < count; done += accumulator->period) {
        group.first = first + done;
        group.index = accumulator->index;
        for (unsigned list = 0; list < accumulator->lists; list++) {
            group.count = accumulator->size[list];
            sum = sum_group(&group, sum, state);
            group.index += group.count;
        }
    }
    return sum;
}

/* Adds a part of the products that was summed on its own: nearest even, whatever the parts' rounding is. */
static pcs_code_t add_part(const pcs_dot_t *dot, pcs_code_t sum, pcs_code_t part, pcs_dot_state_t *state)
{
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const pcs_code_t total = pcs_float_add(dot->c, sum, part, &nearest);
    state->fp.flags |= nearest.flags;
    return total;
}

static pcs_code_t sum_all(const pcs_dot_t *dot, const pcs_dot_group_t *all, pcs_code_t c, pcs_dot_state_t *state)
{
    const size_t restart = dot->accumulator->restart;
    if (dot->accumulator->sum == PCS_SUM_REGISTER) {
        return pcs_dot_register(all, c, state);
    }
    if (restart == 0) {
        return sum_groups(all, 0, dot->k, c, state);
    }
    for (size_t done = 0; done < dot->k; done += restart) {
        const size_t count = dot->k - done < restart ? dot->k - done : restart;
        const pcs_code_t part = sum_groups(all, done, count, plus_zero, state);
        c = show(dot, "total", done, count, add_part(dot, c, part, state));
    }
    return c;
}

pcs_code_t pcs_dot(const pcs_dot_t *dot, const pcs_code_t *a, const pcs_code_t *b, pcs_code_t c, pcs_dot_state_t *state)
{
    const pcs_accumulator_t *accumulator = dot->accumulator;
    const pcs_dot_group_t all = {.dot = dot, .a = a, .b = b};
    const pcs_parts_t addend = pcs_decode(dot->c, c);
    const bool subnormal = addend.class_ == PCS_CLASS_FINITE && addend.significand >> dot->c->mantissa_bits == 0;
    c = accumulator->flush && subnormal ? plus_zero : c;
    if (!accumulator->own_rounding) {
        return sum_all(dot, &all, c, state);
    }
    pcs_dot_state_t own = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
    const pcs_code_t sum = sum_all(dot, &all, c, &own);
    state->fp.flags |= own.fp.flags;
    return sum;
}
