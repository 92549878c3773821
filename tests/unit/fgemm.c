/* The proof that lets sums be added in any order, at its very edge; bad input; the policy for NaN. */
#include <math.h>
#include <string.h>

#include "models/gemm/fgemm.h"
#include "tests/support/check.h"

/* --inject: a proof that does not refuse, hence binary64 sums beyond 53 bits. */
static bool inject;

static const pcs_fgemm_config_t fast = {.executor = PCS_EXECUTOR_FAST, .threads = 1};
static const pcs_fgemm_config_t ref = {.executor = PCS_EXECUTOR_REF, .threads = 1};

static void proof_at_its_edge(void)
{
    const pcs_spread_t x = {0x1p15, 0x1p-11}; /* 2^26 units */
    CHECK(pcs_fgemm_proof(&x, &x, 1, 52), "2^52 in 52 bits");
    CHECK(!pcs_fgemm_proof(&x, &x, 2, 52), "2^53 in 52 bits");
    CHECK(pcs_fgemm_proof(&x, &x, 2, 53), "2^53 in 53 bits");
    CHECK(!pcs_fgemm_proof(&x, &x, 3, 53), "3 * 2^52 in 53 bits");
    const pcs_spread_t three = {3, 1};
    const pcs_spread_t odd = {107, 1};
    CHECK(!pcs_fgemm_proof(&three, &odd, 28059810762433, 53), "3 * 107 * 28059810762433 = 2^53 + 1");
    CHECK(pcs_fgemm_proof(&three, &odd, 28059810762432, 53), "2^53 - 320");
    const pcs_spread_t none = {0, 0};
    CHECK(pcs_fgemm_proof(&none, &x, 1000000, 24), "zeros");
    const pcs_spread_t wide = {0x1p127, 0x1p-133};
    CHECK(!pcs_fgemm_proof(&wide, &wide, 1, 53), "2^520 in 53 bits");
}

/* k products of FP16 numbers, all but the last 2^15 * 2^15, the last 2^-11 * 2^-11, rounded up: what falls off 53 bits
   shows. */
static void sum_at_the_edge(size_t k)
{
    uint16_t codes[4];
    const pcs_format_row_t *fp16 = &pcs_formats[PCS_FORMAT_FP16];
    for (size_t i = 0; i < k; i++) {
        codes[i] = i + 1 < k ? (15 + 15) << 10 : (-11 + 15) << 10;
    }
    uint32_t y = 0;
    uint32_t expected = 0;
    pcs_accumulator_t exact;
    pcs_fgemm_stats_t stats;
    pcs_fgemm_stats_t expected_stats;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_accumulator_parse("exact", fp16, fp16, &pcs_formats[PCS_FORMAT_FP32], &exact, &err), &err);
    pcs_fgemm_t gemm = {.m = 1,
                        .n = 1,
                        .k = k,
                        .a = {.format = fp16, .codes = codes, .ld = k},
                        .b = {.format = fp16, .codes = codes, .ld = 1},
                        .c_format = &pcs_formats[PCS_FORMAT_FP32],
                        .y = &y,
                        .ldy = 1,
                        .accumulator = &exact,
                        .rounding = PCS_ROUNDING_RUP,
                        .overflow = PCS_OVERFLOW_INF};
    CHECK_OK(pcs_fgemm_run(&gemm, &fast, &stats, &err), &err);
    gemm.y = &expected;
    CHECK_OK(pcs_fgemm_run(&gemm, &ref, &expected_stats, &err), &err);
    if (inject) {
        const double sum = (double)(k - 1) * 0x1p30 + 0x1p-22;
        float narrow = (float)sum;
        narrow = (double)narrow < sum ? nextafterf(narrow, INFINITY) : narrow;
        memcpy(&y, &narrow, sizeof y);
    }
    CHECK_EQ(y, expected, "sum of %zu products at the edge", k);
    CHECK_EQ(stats.inexact, expected_stats.inexact, "its flag");
    CHECK_EQ(stats.products, k == 2 ? 1 : 4, "products for %zu", k);
    CHECK_EQ(stats.way[PCS_FGEMM_PROVEN], 1, "outputs proven");
}

static void refuses(const char *what, pcs_fgemm_t gemm, pcs_fgemm_config_t config, pcs_status_t expected,
                    const char *text)
{
    pcs_error_t err = {{0}};
    const pcs_status_t status = pcs_fgemm_run(&gemm, &config, NULL, &err);
    CHECK_EQ(status, expected, "%s", what);
    CHECK(strstr(err.text, text) != NULL, "%s: '%s' lacks '%s'", what, err.text, text);
}

static void bad_input(void)
{
    uint8_t a[6] = {0x38, 0x38, 0x38, 0x38, 0x7f, 0xff}; /* 1 1 1 / 1 NaN NaN */
    uint8_t b[3] = {0x38, 0x38, 0x38};
    uint32_t y[2] = {7, 7};
    const pcs_format_row_t *e4m3 = &pcs_formats[PCS_FORMAT_E4M3];
    pcs_accumulator_t fma;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_accumulator_parse("fma", e4m3, e4m3, &pcs_formats[PCS_FORMAT_FP32], &fma, &err), &err);
    const pcs_fgemm_t good = {.m = 2,
                              .n = 1,
                              .k = 3,
                              .a = {.format = e4m3, .codes = a, .ld = 3},
                              .b = {.format = e4m3, .codes = b, .ld = 1},
                              .c_format = &pcs_formats[PCS_FORMAT_FP32],
                              .y = y,
                              .ldy = 1,
                              .accumulator = &fma,
                              .overflow = PCS_OVERFLOW_INF};
    pcs_fgemm_t gemm = good;
    pcs_fgemm_config_t config = fast;
    gemm.k = 0;
    refuses("no products", gemm, fast, PCS_INVALID, "legal: at least 1 each");
    gemm = good;
    gemm.a.ld = 2;
    refuses("rows too near", gemm, fast, PCS_INVALID, "a: rows are 2 codes apart; legal: at least 3");
    gemm = good;
    gemm.m = gemm.n = (size_t)1 << 17;
    refuses("too many outputs", gemm, fast, PCS_INVALID, "legal: up to 2^32");
    config.threads = 0;
    refuses("no threads", good, config, PCS_INVALID, "threads");
    config = fast;
    config.executor = PCS_EXECUTOR_RTL;
    refuses("no device", good, config, PCS_INVALID, "executor rtl: no device is given");
    gemm = good;
    gemm.stop_at_nan = true;
    refuses("NaN", gemm, fast, PCS_INVALID, "a: 2 of 6 elements are NaN, the first at [1, 1]");
    CHECK(y[0] == 7 && y[1] == 7, "a refused contract wrote its result");
    pcs_fgemm_stats_t stats;
    CHECK_OK(pcs_fgemm_run(&good, &fast, &stats, &err), &err);
    CHECK_EQ(y[0], 0x40400000, "1 + 1 + 1");
    CHECK_EQ(y[1], 0x7fc00000, "a NaN propagates");
    CHECK_EQ(stats.nan, 1, "and is counted");
}

int main(int argc, char **argv)
{
    inject = check_flag(argc, argv, "--inject", NULL);
    proof_at_its_edge();
    sum_at_the_edge(2);
    sum_at_the_edge(3);
    bad_input();
    return check_done("contracts with floating-point accumulators");
}
