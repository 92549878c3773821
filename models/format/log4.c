#include "models/format/block.h"

__extension__ typedef unsigned __int128 u128_t;

enum { LEVELS = 7, SIGN = 8 };

const pcs_log4_t pcs_log4_radix4 = {.step = 2, .top = 0};
const pcs_log4_t pcs_log4_luq = {.step = 1, .top = LEVELS - 1};

static int level_exponent(const pcs_log4_t *format, int level)
{
    return (int)format->step * (level - LEVELS) + format->top;
}

/* Between two levels, low and low * 2^step, at low * significand / 2^62 with 1 <= significand / 2^62 < 2^step. */
static bool goes_up(const pcs_log4_t *format, uint64_t significand, const pcs_fpstate_t *state)
{
    const uint64_t one = UINT64_C(1) << 62U;
    const uint64_t gap = (UINT64_C(1) << format->step) - 1U; /* between the levels, in units of the lower one */
    const u128_t above = significand - one;
    switch (state->rounding) {
    case PCS_ROUNDING_RTZ:
        return false;
    case PCS_ROUNDING_SR:
        PCS_ASSERT(state->random_bits >= 1 && state->random_bits <= 32);
        return ((above << state->random_bits) / gap >> 62U) + state->random >= UINT64_C(1) << state->random_bits;
    default:
        PCS_ASSERT(state->rounding == PCS_ROUNDING_RNE);
        return 2U * above >= (u128_t)gap * one;
    }
}

pcs_code_t pcs_log4_round(const pcs_log4_t *format, pcs_parts_t value, pcs_fpstate_t *state)
{
    const uint32_t sign = value.sign ? SIGN : 0U;
    if (value.class_ == PCS_CLASS_ZERO) {
        return (pcs_code_t){0};
    }
    if (value.class_ != PCS_CLASS_FINITE) {
        state->flags |= PCS_FLAG_INVALID;
        return (pcs_code_t){value.class_ == PCS_CLASS_NAN ? 0U : sign | LEVELS};
    }
    const int zeros = __builtin_clzll(value.significand);
    PCS_ASSERT(value.significand >> 63U == 0); /* 63 bits at most: exact below */
    const int exponent = value.exponent + 63 - zeros;
    const int step = (int)format->step;
    const int steps = exponent - level_exponent(format, 1) + 64 * step; /* from far below the first level */
    PCS_ASSERT(steps >= -1024 * step);
    int level = steps < 0 ? -64 : steps / step - 64 + 1;
    const uint64_t unit = value.significand << zeros >> 1U; /* 1.f with 62 bits */
    if (level > LEVELS || (level == LEVELS && (steps % step != 0 || unit != UINT64_C(1) << 62U))) {
        state->flags |= PCS_FLAG_OVERFLOW | PCS_FLAG_INEXACT;
        return (pcs_code_t){sign | LEVELS};
    }
    bool up = false;
    if (level < 1 && state->rounding == PCS_ROUNDING_SR) { /* between zero and the first level: |x| / level 1 */
        const int below = level_exponent(format, 1) - exponent;
        const uint64_t share = below > 62 ? 0 : unit >> below;
        const uint64_t whole = (uint64_t)(((u128_t)share << state->random_bits) >> 62U);
        up = whole + state->random >= UINT64_C(1) << state->random_bits;
        level = 0;
    } else if (level >= 0) {
        up = goes_up(format, unit << (unsigned)(steps % step), state);
    }
    const int result = level < 0 ? 0 : level + (up ? 1 : 0);
    const bool exact = level >= 1 && steps % step == 0 && unit == UINT64_C(1) << 62U;
    state->flags |= exact ? 0U : (unsigned)PCS_FLAG_INEXACT;
    state->flags |= level < 1 ? (unsigned)PCS_FLAG_UNDERFLOW : 0U;
    return (pcs_code_t){result == 0 ? 0U : sign | (uint32_t)result};
}

pcs_parts_t pcs_log4_decode(const pcs_log4_t *format, pcs_code_t code)
{
    const int level = (int)(code.bits % SIGN);
    PCS_ASSERT(code.bits < 2 * SIGN);
    if (level == 0) {
        return (pcs_parts_t){.class_ = PCS_CLASS_ZERO, .sign = code.bits != 0};
    }
    return (pcs_parts_t){.class_ = PCS_CLASS_FINITE,
                         .sign = code.bits >= SIGN,
                         .exponent = level_exponent(format, level),
                         .significand = 1};
}
