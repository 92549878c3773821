/* Every pair of codes of every combination of two 8-bit formats, multiplied and added exactly and rounded to a third
   format, against the oracle.  Roundings and target formats take turns; --all takes each of them for every pair. */
#include <string.h>

#include "tests/support/float_case.h"

static const pcs_format_t targets[] = {PCS_FORMAT_FP32, PCS_FORMAT_FP16, PCS_FORMAT_BF16,
                                       PCS_FORMAT_E6M9, PCS_FORMAT_E5M2, PCS_FORMAT_E4M3};
enum { TARGETS = sizeof targets / sizeof targets[0] };

static bool inject;

static void compare(const pcs_format_row_t *fa, uint32_t a, const pcs_format_row_t *fb, uint32_t b, bool multiply,
                    const pcs_format_row_t *to, int rounding, check_rng_t *rng)
{
    const oracle_format_t *oracle_to = float_case_oracle(to);
    pcs_fpstate_t state = float_case_state(rounding, (int)(rng->index % ORACLE_OVERFLOWS), rng);
    const oracle_how_t how = float_case_how(&state);
    unsigned flags = 0;
    const oracle_real_t xa = oracle_decode(float_case_oracle(fa), a);
    const oracle_real_t xb = oracle_decode(float_case_oracle(fb), b);
    const oracle_real_t y = multiply ? oracle_mul(xa, xb, &flags) : oracle_add(xa, xb, rounding == ORACLE_RDN, &flags);
    oracle_place_t place;
    oracle_place_t scaled;
    oracle_place(oracle_to, &y, &place, &scaled);
    const uint32_t expected = oracle_round(oracle_to, &place, &how, &flags);
    const pcs_parts_t pa = pcs_decode(fa, (pcs_code_t){a});
    const pcs_parts_t pb = pcs_decode(fb, (pcs_code_t){b});
    const pcs_parts_t exact = multiply ? pcs_parts_mul(pa, pb, &state) : pcs_parts_add(pa, pb, &state);
    uint32_t observed = pcs_round_pack(to, exact, &state).bits;
    observed ^= inject && a == 0x35 && b == 0x53 ? 1U : 0U;
    float_case_check(multiply ? "product" : "sum", to, &state, observed, expected, flags, (uint32_t[3]){a, b});
    (void)check_u32(rng);
}

static void combination(const pcs_format_row_t *fa, const pcs_format_row_t *fb, bool all, check_rng_t *rng)
{
    for (uint32_t pair = 0; pair < 65536; pair++) {
        const uint32_t turn = check_u32(rng);
        for (int t = 0; t < TARGETS; t++) {
            for (int rounding = 0; rounding <= ORACLE_SR; rounding++) {
                if (all || (t == (int)(turn % TARGETS) && rounding == (int)(turn / 64U % (ORACLE_SR + 1)))) {
                    const pcs_format_row_t *to = &pcs_formats[targets[t]];
                    compare(fa, pair / 256, fb, pair % 256, true, to, rounding, rng);
                    compare(fa, pair / 256, fb, pair % 256, false, to, rounding, rng);
                }
            }
        }
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    const bool all = check_flag(argc, argv, "--all", NULL);
    const bool few = check_flag(argc, argv, "--few", NULL); /* one combination */
    for (int a = 0; a < PCS_FORMAT_COUNT; a++) {
        for (int b = a; b < PCS_FORMAT_COUNT; b++) {
            const bool eight = pcs_format_bits(&pcs_formats[a]) == 8 && pcs_format_bits(&pcs_formats[b]) == 8;
            if (eight && (!few || (a == PCS_FORMAT_E5M2 && b == PCS_FORMAT_E4M3))) {
                combination(&pcs_formats[a], &pcs_formats[b], all, &rng);
            }
        }
    }
    return check_done("operations on two formats");
}
