/* The planner: overflow bounds at their edge, segments, the choice of the serial operand, counts by hand, and every
   contract that must be refused, with its message. */
#include <string.h>

#include "models/gemm/gemm.h"
#include "models/mac/mac.h"
#include "tests/support/check.h"

static const float one = 1.0F;
static uint8_t codes[4096];
static float results[4096];

static pcs_gemm_t contract(size_t m, size_t n, size_t k)
{
    const pcs_gemm_t gemm = {
        .m = m,
        .n = n,
        .k = k,
        .a = {.codes = codes, .bits = 8, .ld = k, .affine = {PCS_GRAIN_TENSOR, &one, NULL, NULL}},
        .b = {.codes = codes, .bits = 8, .ld = n, .affine = {PCS_GRAIN_TENSOR, &one, NULL, NULL}},
        .acc_bits = 32,
        .y = {.data = results, .h = 1, .w = 1, .stride_image = n},
    };
    return gemm;
}

/* At the bound no choice of codes overflows; one step more and the extreme codes do. */
static void bounds(void)
{
    for (unsigned pa = PCS_PREC_MIN; pa <= PCS_PREC_MAX; pa++) {
        for (unsigned pb = PCS_PREC_MIN; pb <= PCS_PREC_MAX; pb++) {
            for (unsigned signs = 0; signs < 4; signs++) {
                const bool a_signed = (signs & 1U) != 0;
                const bool b_signed = (signs & 2U) != 0;
                const uint64_t bound = pcs_segment_bound(pa, a_signed, pb, b_signed, 20);
                const int64_t a = a_signed ? pcs_code_min(pa, true) : pcs_code_max(pa, false);
                const int64_t b = b_signed ? pcs_code_min(pb, true) : pcs_code_max(pb, false);
                pcs_acc_t acc = {0, false};
                for (uint64_t k = 0; k < bound; k++) {
                    acc = pcs_acc_add(acc, a * b, 20, false);
                }
                CHECK(!acc.overflow, "%u x %u bits, signs %u: %d steps fit", pa, pb, signs, (int)bound);
                acc = pcs_acc_add(acc, a * b, 20, false);
                /* a negative product may use the one value more that two's complement has */
                const bool spare = a * b < 0 && (int64_t)(bound + 1) * a * b == -(INT64_C(1) << 19);
                CHECK(acc.overflow || spare, "%u x %u bits, signs %u: one more does not", pa, pb, signs);
            }
        }
    }
    CHECK_EQ(pcs_segment_bound(8, false, 8, false, 32), 33025, "unsigned 8-bit codes in 32 bits");
    CHECK_EQ(pcs_segment_bound(8, false, 8, false, 16), 0, "not even one product in 16 bits");
}

static void plans(void)
{
    pcs_error_t err = {0};
    pcs_plan_t plan;
    pcs_array_config_t array = {4, 4, PCS_KIND_SERIAL, 32, PCS_DATAFLOW_OS, 1};
    pcs_gemm_t gemm = contract(5, 6, 7);
    gemm.b.bits = 3;
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK(plan.proven && plan.job.mode.serial_b, "the narrower operand is the serial one");
    /* Four tiles (rows 4, 1; columns 4, 2), 7 steps of 3 clocks each; the array is 4 x 4. */
    CHECK_EQ(plan.counts.n[PCS_EVENT_CYCLE], (4 * 7 - 1) * 3 + 3 + 2 * 4 + 4 - 1, "clocks");
    CHECK_EQ(plan.counts.n[PCS_EVENT_MAC_CYCLE], 5 * 6 * 7 * 3, "multiplier clocks");
    CHECK_EQ(plan.counts.n[PCS_EVENT_A_LOAD], 5 * 7 * 2, "codes of A: each for two columns of tiles");
    CHECK_EQ(plan.counts.n[PCS_EVENT_DRAIN], 6 * (3 + 2 + 1 + 0 + 3), "drain shifts: full tiles and one row");
    CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_READ], 5 * 7 * 8 + 7 * 6 * 3, "bits fetched, packed");
    CHECK_EQ(plan.system[PCS_SYSTEM_VEC_FP_MUL], 30, "one scale a result");
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_A, &plan, &err), &err);
    CHECK(!plan.job.mode.serial_b, "unless configured otherwise");

    gemm = contract(1, 1, 4096 / 1);
    array.acc_bits = gemm.acc_bits = 20;
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK_EQ(plan.job.segment, (1 << 19) / (255 * 255), "K is cut where 20 bits are full");
    CHECK(plan.proven, "and proven");
    gemm.segment = 100;
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK(!plan.proven, "a longer segment is not");
}

/* Several codes in a word, several accumulators, stationary operands. */
static void kinds(void)
{
    pcs_error_t err = {0};
    pcs_plan_t plan;
    pcs_gemm_t gemm = contract(5, 6, 7);
    gemm.b.bits = 2;
    pcs_array_config_t array = {4, 4, PCS_KIND_FUSION, 32, PCS_DATAFLOW_OS, 1};
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK_EQ(plan.job.segment, 7, "all of K fits the accumulator");
    CHECK_EQ(plan.together, 4, "8 x 2 bits: four products a word");
    CHECK_EQ(plan.counts.n[PCS_EVENT_STEP], 2 * 4, "two words of K in four tiles");
    CHECK_EQ(plan.counts.n[PCS_EVENT_A_LOAD], 5 * 2 * 2, "words of A");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_READ], 7 * (5 * 2 * 8 + 6 * 2 * 2), "bits of codes, not of words");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_A_READ], 7 * 5 * 2 * 8, "of them, A's");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_A_WRITE], 7 * 5 * 8, "A arrives once");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_B_WRITE], 7 * 6 * 2, "B arrives once");

    gemm.a.bits = gemm.b.bits = 4;
    array.kind = PCS_KIND_SUBWORD;
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK_EQ(plan.job.segment, 4, "K cut so that both accumulators have work");
    CHECK_EQ(plan.together, 1, "each product to its own");
    CHECK_EQ(plan.counts.n[PCS_EVENT_STEP], 4 * 4, "segments of 4 and 3 codes side by side");
    CHECK_EQ(plan.system[PCS_SYSTEM_VEC_INT_ADD], 5 * 6, "two segments added");
    array.dataflow = PCS_DATAFLOW_WS;
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK_EQ(plan.counts.n[PCS_EVENT_STEP], 5 * 2, "five rows stream through two tiles");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_READ], 7 * (5 * 2 * 4 + 6 * 4), "weights are read once");

    gemm.segment = 5;
    CHECK_EQ(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), PCS_INVALID, "more codes than rows");
    CHECK(strstr(err.text, "segments of 5: the ws subword array of 4 rows runs 1..4 of 4 x 4 bits") != NULL, "'%s'",
          err.text);

    gemm.segment = 0;
    gemm.b.bits = 3;
    gemm.b.is_signed = true;
    array.kind = PCS_KIND_SERIAL;
    array.dataflow = PCS_DATAFLOW_IS;
    CHECK_OK(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    CHECK(plan.exchanged && plan.job.m == 6 && plan.job.n == 5, "the transposed product");
    CHECK(plan.job.mode.pa == 3 && plan.job.mode.a_signed && plan.job.mode.pb == 4 && !plan.job.mode.b_signed,
          "operands change places");
    CHECK(!plan.job.mode.serial_b, "B of the contract stays the serial one");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_READ], 7 * (6 * 2 * 3 + 5 * 4), "A of the contract is read once");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_A_READ], 7 * 5 * 4, "and counted as A's, though it meets the array as B");
}

static void refuse(pcs_gemm_t gemm, const char *says)
{
    pcs_error_t err = {0};
    const pcs_status_t status = pcs_gemm_check(&gemm, &err);
    CHECK_EQ(status, PCS_INVALID, "%s", says);
    CHECK(strstr(err.text, says) != NULL, "'%s' should say '%s'", err.text, says);
}

static void refusals(void)
{
    pcs_gemm_t gemm = contract(2, 3, 4);
    pcs_error_t err = {0};
    pcs_plan_t plan;
    CHECK_EQ(pcs_gemm_check(&gemm, &err), PCS_OK, "the contract itself");
    pcs_gemm_t bad = gemm;
    bad.m = 0;
    refuse(bad, "at least 1");
    bad = gemm;
    bad.a.bits = 1;
    refuse(bad, "operand A: 1 bits, must be 2..16");
    bad = gemm;
    bad.b.bits = 17;
    refuse(bad, "operand B: 17 bits, must be 2..16");
    bad = gemm;
    bad.a.ld = 3;
    refuse(bad, "row distance 3");
    bad = gemm;
    bad.group = 3;
    refuse(bad, "groups of 3 do not divide K = 4");
    bad = gemm;
    bad.segment = 5;
    refuse(bad, "must be 1..4");
    bad = gemm;
    bad.acc_bits = 49;
    refuse(bad, "must be 16..48");
    bad = gemm;
    bad.y.h = 3;
    refuse(bad, "does not divide M = 2");
    const pcs_array_config_t array = {4, 4, PCS_KIND_GATED, 24, PCS_DATAFLOW_OS, 1};
    CHECK_EQ(pcs_gemm_plan(&gemm, &array, PCS_SERIAL_A, &plan, &err), PCS_INVALID, "accumulators of different widths");
    gemm.acc_bits = 16;
    const pcs_array_config_t narrow = {4, 4, PCS_KIND_GATED, 16, PCS_DATAFLOW_OS, 1};
    CHECK_EQ(pcs_gemm_plan(&gemm, &narrow, PCS_SERIAL_A, &plan, &err), PCS_INVALID, "no product fits");
}

int main(int argc, char **argv)
{
    bounds();
    plans();
    kinds();
    refusals();
    /* The twin: a bound that is one step too long. */
    CHECK_EQ(pcs_segment_bound(8, true, 8, true, 32), 131071 + check_flag(argc, argv, "--inject", NULL),
             "the bound of signed 8-bit codes");
    return check_done("plans");
}
