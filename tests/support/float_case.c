#include "tests/support/float_case.h"

#include <string.h>

static_assert((int)ORACLE_SR_NORMAL == (int)PCS_ROUNDING_SR_NORMAL && (int)ORACLE_RTO == (int)PCS_ROUNDING_RTO,
              "one numbering");
static_assert((int)ORACLE_INF == (int)PCS_OVERFLOW_INF && (int)ORACLE_SAT == (int)PCS_OVERFLOW_SAT, "one numbering");

const oracle_format_t *float_case_oracle(const pcs_format_row_t *format)
{
    const oracle_format_t *found = NULL;
    for (int i = 0; i < ORACLE_FORMATS; i++) {
        if (strcmp(oracle_formats[i].name, format->name) == 0) {
            found = &oracle_formats[i];
        }
    }
    PCS_ASSERT(found != NULL);
    return found;
}

pcs_fpstate_t float_case_state(int rounding, int overflow, check_rng_t *rng)
{
    pcs_fpstate_t state = {.rounding = (pcs_rounding_t)rounding, .overflow = (pcs_overflow_t)overflow};
    if (rounding >= ORACLE_SR) {
        state.random_bits = 1U + check_u32(rng) % 31U;
        state.random = check_u32(rng) >> (32U - state.random_bits);
    }
    return state;
}

oracle_how_t float_case_how(const pcs_fpstate_t *state)
{
    return (oracle_how_t){(int)state->rounding, (int)state->overflow, state->random_bits, state->random};
}

void float_case_check(const char *what, const pcs_format_row_t *to, const pcs_fpstate_t *state, uint32_t observed,
                      uint32_t expected, unsigned expected_flags, const uint32_t operand[3])
{
    const unsigned flags = (expected_flags & ORACLE_NX ? (unsigned)PCS_FLAG_INEXACT : 0U) |
                           (expected_flags & ORACLE_UF ? (unsigned)PCS_FLAG_UNDERFLOW : 0U) |
                           (expected_flags & ORACLE_OF ? (unsigned)PCS_FLAG_OVERFLOW : 0U) |
                           (expected_flags & ORACLE_NV ? (unsigned)PCS_FLAG_INVALID : 0U);
    CHECK(observed == expected && state->flags == flags,
          "%s %x %x %x -> %s, %s, %s, random %x of %u bits => observed %x flags %x expected %x flags %x", what,
          operand[0], operand[1], operand[2], to->name, pcs_rounding_name(state->rounding),
          pcs_overflow_name(state->overflow), state->random, state->random_bits, observed, state->flags, expected,
          flags);
}

pcs_code_t float_case_code(const pcs_format_row_t *format, check_rng_t *rng)
{
    const oracle_format_t *f = float_case_oracle(format);
    const uint32_t all = (uint32_t)((UINT64_C(1) << f->bits) - 1U);
    const uint32_t mantissa = (UINT32_C(1) << f->m) - 1U;
    uint32_t code = check_u32(rng) & all;
    const uint32_t exponent = code & ~mantissa;
    const uint32_t position = f->m == 0 ? 0 : check_u32(rng) % (uint32_t)f->m;
    const uint32_t low = (UINT32_C(2) << position) - 1U; /* position + 1 bits */
    switch (check_u32(rng) % 10U) {
    case 0:
        return (pcs_code_t){exponent};
    case 1:
        return (pcs_code_t){exponent | mantissa};
    case 2: /* a tie at `position`, and its neighbours */
        return (pcs_code_t){((code & ~(low & mantissa)) | (low >> 1U)) & all};
    case 3:
        return (pcs_code_t){((code & ~(low & mantissa)) | (((low >> 1U) + 1U) & mantissa)) & all};
    case 4:
        return (pcs_code_t){((code & ~(low & mantissa)) | (((low >> 1U) + 2U) & mantissa)) & all};
    case 5: /* near one */
        code = (uint32_t)(f->bias + (int)(check_u32(rng) % 3U) - 1) << f->m | (code & mantissa);
        return (pcs_code_t){code & all};
    case 6: /* near the ends */
        code = check_u32(rng) % 2U == 0 ? check_u32(rng) % 4U : f->max - check_u32(rng) % 3U;
        return (pcs_code_t){code | (f->negative && check_u32(rng) % 2U ? UINT32_C(1) << (f->bits - 1) : 0U)};
    default:
        return (pcs_code_t){code};
    }
}
