/* Conversion of every code of every format up to 16 bits into every format, under every rounding and overflow policy,
   code and flags against the oracle; wider formats by likely trouble.  --stride N takes every Nth 16-bit code, --count
   N as many codes of each wider format; --all leaves out no stochastic flavour and no policy. */
#include <stdlib.h>

#include "tests/support/float_case.h"

static bool inject;
static bool all;

/* One code into one format, all ways. */
static void convert(const pcs_format_row_t *from, pcs_code_t code, const pcs_format_row_t *to, check_rng_t *rng)
{
    const oracle_format_t *oracle_to = float_case_oracle(to);
    const oracle_real_t x = oracle_decode(float_case_oracle(from), code.bits);
    oracle_place_t place;
    oracle_place_t scaled;
    oracle_place(oracle_to, &x, &place, &scaled);
    for (int rounding = 0; rounding < ORACLE_ROUNDINGS; rounding++) {
        if (!all && rounding > ORACLE_SR && pcs_format_bits(from) == 16 && code.bits % 16U != 5) {
            continue; /* the other stochastic flavours differ in one comparison only: a sample of the widest formats */
        }
        for (int overflow = 0; overflow < ORACLE_OVERFLOWS; overflow++) {
            pcs_fpstate_t state = float_case_state(rounding, overflow, rng);
            const oracle_how_t how = float_case_how(&state);
            unsigned flags = 0;
            const uint32_t expected = oracle_round(oracle_to, &place, &how, &flags);
            uint32_t observed = pcs_float_convert(from, code, to, &state).bits;
            observed ^= inject && code.bits == 0x35 && rounding == ORACLE_RNE ? 1U : 0U;
            float_case_check(from->name, to, &state, observed, expected, flags, (uint32_t[3]){code.bits});
            if (!all && x.kind == ORACLE_NUMBER && (flags & ORACLE_OF) == 0 && code.bits % 8U != 0) {
                break; /* a policy that has nothing to decide: all three are tried on every eighth code only */
            }
        }
    }
}

static void convert_to_all(const pcs_format_row_t *from, pcs_code_t code, check_rng_t *rng)
{
    for (int to = 0; to < PCS_FORMAT_COUNT; to++) {
        convert(from, code, &pcs_formats[to], rng);
    }
}

/* Of the binary32 values of [1, 2), 4 * 4096 become another E5M2 code when they go through FP16. */
static void double_rounding(void)
{
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    const pcs_format_row_t *fp16 = &pcs_formats[PCS_FORMAT_FP16];
    const pcs_format_row_t *e5m2 = &pcs_formats[PCS_FORMAT_E5M2];
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    int differ = 0;
    for (uint32_t code = 0x3f800000; code < 0x40000000; code++) {
        const pcs_code_t half = pcs_float_convert(fp32, (pcs_code_t){code}, fp16, &state);
        differ += pcs_float_convert(fp32, (pcs_code_t){code}, e5m2, &state).bits !=
                  pcs_float_convert(fp16, half, e5m2, &state).bits;
    }
    CHECK_EQ(differ, 16384, "binary32 values of [1, 2) that double rounding changes");
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    all = check_flag(argc, argv, "--all", NULL);
    const char *text = "1";
    (void)check_flag(argc, argv, "--stride", &text);
    const uint32_t stride = (uint32_t)strtoul(text, NULL, 10);
    const char *count_text = "6000";
    (void)check_flag(argc, argv, "--count", &count_text);
    const uint32_t count = (uint32_t)strtoul(count_text, NULL, 10);
    for (int from = 0; from < PCS_FORMAT_COUNT; from++) {
        const pcs_format_row_t *format = &pcs_formats[from];
        const unsigned bits = pcs_format_bits(format);
        if (bits > 16) {
            for (uint32_t i = 0; i < count; i++) {
                convert_to_all(format, float_case_code(format, &rng), &rng);
            }
            continue;
        }
        for (uint32_t code = 0; code < UINT32_C(1) << bits; code += bits < 16 ? 1 : stride) {
            convert_to_all(format, (pcs_code_t){code}, &rng);
        }
    }
    if (stride == 1) {
        double_rounding();
    }
    return check_done("conversions");
}
