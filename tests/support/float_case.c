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
    pcs_fpstate_t state = {.rounding = (pcs_rounding_t)rounding,
                           .overflow = (pcs_overflow_t)overflow,
                           .tiny_before = rng->index / 8U % 2U != 0};
    if (rounding >= ORACLE_SR) {
        state.random_bits = 1U + check_u32(rng) % 31U;
        state.random = check_u32(rng) >> (32U - state.random_bits);
    }
    return state;
}

oracle_how_t float_case_how(const pcs_fpstate_t *state)
{
    return (oracle_how_t){(int)state->rounding, (int)state->overflow, state->random_bits, state->random,
                          state->tiny_before};
}

void float_case_check(const char *what, const pcs_format_row_t *to, const pcs_fpstate_t *state, uint32_t observed,
                      uint32_t expected, unsigned expected_flags, const uint32_t operand[3])
{
    const unsigned flags = (expected_flags & ORACLE_NX ? (unsigned)PCS_FLAG_INEXACT : 0U) |
                           (expected_flags & ORACLE_UF ? (unsigned)PCS_FLAG_UNDERFLOW : 0U) |
                           (expected_flags & ORACLE_OF ? (unsigned)PCS_FLAG_OVERFLOW : 0U) |
                           (expected_flags & ORACLE_NV ? (unsigned)PCS_FLAG_INVALID : 0U);
    CHECK(observed == expected && state->flags == flags,
          "%s %x %x %x -> %s, %s, %s, tiny %s rounding, random %x of %u bits => observed %x flags %x expected %x "
          "flags %x",
          what, operand[0], operand[1], operand[2], to->name, pcs_rounding_name(state->rounding),
          pcs_overflow_name(state->overflow), state->tiny_before ? "before" : "after", state->random,
          state->random_bits, observed, state->flags, expected, flags);
}

const char *float_case_op_name(float_case_op_t op)
{
    static const char *const names[FLOAT_CASE_OPS] = {"add", "sub", "mul", "fma"};
    return names[op];
}

uint32_t float_case_device(const pcs_format_row_t *f, float_case_op_t op, const uint32_t x[3], pcs_fpstate_t *state)
{
    const pcs_code_t a = {x[0]};
    const pcs_code_t b = {x[1]};
    switch (op) {
    case FLOAT_CASE_ADD:
        return pcs_float_add(f, a, b, state).bits;
    case FLOAT_CASE_SUB:
        return pcs_float_sub(f, a, b, state).bits;
    case FLOAT_CASE_MUL:
        return pcs_float_mul(f, a, b, state).bits;
    default:
        return pcs_float_fma(f, a, b, (pcs_code_t){x[2]}, state).bits;
    }
}

static oracle_real_t exact(const oracle_format_t *f, float_case_op_t op, const uint32_t x[3], bool negative_zero,
                           unsigned *flags)
{
    const oracle_real_t a = oracle_decode(f, x[0]);
    oracle_real_t b = oracle_decode(f, x[1]);
    switch (op) {
    case FLOAT_CASE_ADD:
        return oracle_add(a, b, negative_zero, flags);
    case FLOAT_CASE_SUB:
        b.sign = !b.sign;
        return oracle_add(a, b, negative_zero, flags);
    case FLOAT_CASE_MUL:
        return oracle_mul(a, b, flags);
    default:
        return oracle_add(oracle_mul(a, b, flags), oracle_decode(f, x[2]), negative_zero, flags);
    }
}

void float_case_compare(const pcs_format_row_t *format, float_case_op_t op, const uint32_t x[3], bool fault,
                        check_rng_t *rng)
{
    const oracle_format_t *f = float_case_oracle(format);
    oracle_place_t place;
    oracle_place_t scaled;
    for (int rounding = 0; rounding <= ORACLE_SR; rounding++) { /* the other flavours: prop.format.convert */
        const int overflow = (int)(rng->index % ORACLE_OVERFLOWS);
        unsigned flags = 0;
        if (rounding == 0 || rounding == ORACLE_RDN || rounding == ORACLE_RDN + 1) { /* else the number is the same */
            const oracle_real_t y = exact(f, op, x, rounding == ORACLE_RDN, &flags);
            oracle_place(f, &y, &place, &scaled);
        } else {
            (void)exact(f, op, x, false, &flags);
        }
        pcs_fpstate_t state = float_case_state(rounding, overflow, rng);
        const oracle_how_t how = float_case_how(&state);
        const uint32_t expected = oracle_round(f, &place, &how, &flags);
        uint32_t observed = float_case_device(format, op, x, &state);
        observed ^= fault && rounding == ORACLE_RNE ? 1U : 0U;
        float_case_check(float_case_op_name(op), format, &state, observed, expected, flags, x);
    }
    (void)check_u32(rng);
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
