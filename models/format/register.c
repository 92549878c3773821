/* The register of the MAC kinds `float` and `bfp`: products cut off below its last bit, added as integers. */
#include "models/format/dot_internal.h"
#include "models/format/kulisch.h"

__extension__ typedef __int128 i128_t;
__extension__ typedef unsigned __int128 u128_t;

enum { HALF = 64, BITS = 64, ROOM = 126 }; /* a product of ROOM bits and a register add up in 128 */

/* Keeps the low bits of a sum, as two's complement. */
static i128_t wrapped(const pcs_accumulator_t *accumulator, u128_t sum)
{
    const u128_t top = (u128_t)1 << (accumulator->register_bits - 1U);
    const u128_t low = sum & ((top << 1U) - 1U);
    return (i128_t)((low ^ top) - top);
}

static i128_t add_product(const pcs_accumulator_t *accumulator, i128_t sum, pcs_parts_t product, unsigned *flags)
{
    const i128_t max = (i128_t)(((u128_t)1 << (accumulator->register_bits - 1U)) - 1U);
    const int shift = product.exponent - accumulator->anchor;
    u128_t magnitude = product.significand;
    bool fits = true;
    if (shift < 0) {
        const unsigned cut = shift > -BITS ? (unsigned)-shift : BITS;
        *flags |= (magnitude >> cut) << cut != magnitude ? (unsigned)PCS_FLAG_INEXACT : 0U;
        magnitude >>= cut;
    } else {
        fits = shift + BITS - __builtin_clzll(product.significand) <= ROOM;
        magnitude = shift < 2 * HALF ? magnitude << (unsigned)shift : 0;
    }
    const u128_t total = (u128_t)sum + (product.sign ? -magnitude : magnitude);
    if (fits && (i128_t)total <= max && (i128_t)total >= -max - 1) {
        return (i128_t)total;
    }
    *flags |= PCS_FLAG_OVERFLOW | PCS_FLAG_INEXACT;
    return !accumulator->saturate ? wrapped(accumulator, total) : product.sign ? -max - 1 : max;
}

/* A register's content joins the exact total; a zero is +0. */
static void join(pcs_kulisch_t *total, const pcs_accumulator_t *accumulator, i128_t sum)
{
    const u128_t magnitude = sum < 0 ? -(u128_t)sum : (u128_t)sum;
    const uint64_t part[2] = {(uint64_t)magnitude, (uint64_t)(magnitude >> HALF)};
    for (int i = 0; i < 2; i++) {
        pcs_kulisch_add(total, (pcs_parts_t){.class_ = part[i] == 0 ? PCS_CLASS_ZERO : PCS_CLASS_FINITE,
                                             .sign = sum < 0 && part[i] != 0,
                                             .exponent = accumulator->anchor + i * HALF,
                                             .significand = part[i]});
    }
}

static void show_register(const pcs_dot_group_t *group, i128_t sum)
{
    const pcs_dot_t *dot = group->dot;
    if (dot->step == NULL) {
        return;
    }
    pcs_kulisch_t only = {.plus = false};
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    join(&only, dot->accumulator, sum);
    const pcs_code_t code = pcs_round_pack(dot->c, pcs_kulisch_value(&only, &nearest), &nearest);
    const pcs_dot_step_t step = {
        .what = "register", .first = group->first, .count = group->count, .format = dot->c, .code = code};
    dot->step(dot->user, &step);
}

/* Product i of the group times the scale of its block. */
static pcs_parts_t scaled_product(const pcs_dot_group_t *group, size_t i, pcs_fpstate_t *state)
{
    const pcs_dot_t *dot = group->dot;
    pcs_parts_t product = pcs_dot_product(group, i, state);
    if (dot->scale == NULL) {
        return product;
    }
    const int16_t scale = dot->scale[(group->first + i) / dot->scale_group];
    product.exponent += scale;
    return scale == PCS_DOT_SCALE_NAN ? (pcs_parts_t){.class_ = PCS_CLASS_NAN} : product;
}

pcs_code_t pcs_dot_register(const pcs_dot_group_t *all, pcs_code_t c, pcs_dot_state_t *state)
{
    const pcs_dot_t *dot = all->dot;
    const pcs_accumulator_t *accumulator = dot->accumulator;
    const size_t most = accumulator->group == 0 ? dot->k : accumulator->group;
    pcs_kulisch_t total = {.plus = false};
    pcs_dot_group_t group = *all;
    for (group.first = 0; group.first < dot->k; group.first += most) {
        group.count = dot->k - group.first < most ? dot->k - group.first : most;
        i128_t sum = 0;
        for (size_t i = 0; i < group.count; i++) {
            const pcs_parts_t product = scaled_product(&group, i, &state->fp);
            if (product.class_ == PCS_CLASS_FINITE) {
                sum = add_product(accumulator, sum, product, &state->fp.flags);
            } else if (product.class_ != PCS_CLASS_ZERO) {
                pcs_kulisch_add(&total, product); /* a flag beside the register */
            }
        }
        show_register(&group, sum);
        join(&total, accumulator, sum);
    }
    pcs_kulisch_add(&total, pcs_decode(dot->c, c));
    return pcs_dot_round(dot, pcs_kulisch_value(&total, &state->fp), state);
}
