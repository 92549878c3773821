/* Addition, subtraction, multiplication and fused multiply-add against the oracle, code and flags: all pairs of the
   formats up to 8 bits, all triples of e2m1, likely trouble for the rest; binary32 against the host too.
   --count N: random cases a format; --stride N: every Nth first operand of the 8-bit formats. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/float_case.h"

typedef enum op { OP_ADD, OP_SUB, OP_MUL, OP_FMA, OP_COUNT } op_t;
static const char *const op_names[OP_COUNT] = {"add", "sub", "mul", "fma"};

static bool inject;

static uint32_t device(const pcs_format_row_t *f, op_t op, const uint32_t x[3], pcs_fpstate_t *state)
{
    const pcs_code_t a = {x[0]};
    const pcs_code_t b = {x[1]};
    switch (op) {
    case OP_ADD:
        return pcs_float_add(f, a, b, state).bits;
    case OP_SUB:
        return pcs_float_sub(f, a, b, state).bits;
    case OP_MUL:
        return pcs_float_mul(f, a, b, state).bits;
    default:
        return pcs_float_fma(f, a, b, (pcs_code_t){x[2]}, state).bits;
    }
}

static oracle_real_t exact(const oracle_format_t *f, op_t op, const uint32_t x[3], bool negative_zero, unsigned *flags)
{
    const oracle_real_t a = oracle_decode(f, x[0]);
    oracle_real_t b = oracle_decode(f, x[1]);
    switch (op) {
    case OP_ADD:
        return oracle_add(a, b, negative_zero, flags);
    case OP_SUB:
        b.sign = !b.sign;
        return oracle_add(a, b, negative_zero, flags);
    case OP_MUL:
        return oracle_mul(a, b, flags);
    default:
        return oracle_add(oracle_mul(a, b, flags), oracle_decode(f, x[2]), negative_zero, flags);
    }
}

/* One case under all roundings; the policy takes turns. */
static void compare(const pcs_format_row_t *format, op_t op, const uint32_t x[3], check_rng_t *rng)
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
        uint32_t observed = device(format, op, x, &state);
        observed ^= inject && op == OP_ADD && rounding == ORACLE_RNE && x[0] == 0x35 ? 1U : 0U;
        float_case_check(op_names[op], format, &state, observed, expected, flags, x);
    }
    (void)check_u32(rng);
}

static void all_pairs(const pcs_format_row_t *format, uint32_t stride, check_rng_t *rng)
{
    const uint32_t codes = UINT32_C(1) << pcs_format_bits(format);
    for (uint32_t a = 0; a < codes; a += stride) {
        for (uint32_t b = 0; b < codes; b++) {
            compare(format, OP_ADD, (uint32_t[3]){a, b}, rng);
            compare(format, OP_MUL, (uint32_t[3]){a, b}, rng);
        }
    }
}

static void all_triples(const pcs_format_row_t *format, check_rng_t *rng)
{
    const uint32_t codes = UINT32_C(1) << pcs_format_bits(format);
    for (uint32_t i = 0; i < codes * codes * codes; i++) {
        compare(format, OP_FMA, (uint32_t[3]){i % codes, i / codes % codes, i / codes / codes}, rng);
    }
}

static float host(uint32_t bits)
{
    float x = 0;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Nearest even is what the host does; NaNs are compared as such, their codes are the machine's choice. */
static void against_host(op_t op, const uint32_t x[3])
{
    const float a = host(x[0]);
    const float b = host(x[1]);
    const float y = op == OP_ADD ? a + b : op == OP_SUB ? a - b : op == OP_MUL ? a * b : fmaf(a, b, host(x[2]));
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const float observed = host(device(&pcs_formats[PCS_FORMAT_FP32], op, x, &state));
    CHECK((isnan(y) && isnan(observed)) || memcmp(&y, &observed, sizeof y) == 0, "host %s %x %x %x: %a, not %a",
          op_names[op], x[0], x[1], x[2], (double)observed, (double)y);
}

static void random_cases(const pcs_format_row_t *format, uint32_t count, check_rng_t *rng)
{
    for (uint32_t i = 0; i < count; i++) {
        const op_t op = (op_t)(i % OP_COUNT);
        uint32_t x[3];
        for (int k = 0; k < 3; k++) {
            x[k] = float_case_code(format, rng).bits;
        }
        if (op == OP_FMA && i % 8U == 3U) { /* c near -a * b: cancellation */
            pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_SAT};
            x[2] = pcs_float_mul(format, (pcs_code_t){x[0]}, (pcs_code_t){x[1]}, &state).bits;
            x[2] ^= format->sign == PCS_SIGN_SIGNED ? UINT32_C(1) << (pcs_format_bits(format) - 1U) : 0U;
        }
        compare(format, op, x, rng);
        if (format == &pcs_formats[PCS_FORMAT_FP32]) {
            against_host(op, x);
        }
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    const char *count = "100000";
    const char *stride = "1";
    (void)check_flag(argc, argv, "--count", &count);
    (void)check_flag(argc, argv, "--stride", &stride);
    for (int format = 0; format < PCS_FORMAT_COUNT; format++) {
        if (pcs_format_bits(&pcs_formats[format]) <= 8) {
            all_pairs(&pcs_formats[format], (uint32_t)strtoul(stride, NULL, 10), &rng);
        }
        random_cases(&pcs_formats[format], (uint32_t)strtoul(count, NULL, 10), &rng);
    }
    all_triples(&pcs_formats[PCS_FORMAT_E2M1], &rng);
    return check_done("operations");
}
