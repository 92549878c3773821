/* Clocks in the conventions of others: values worked out by hand from the published forms, a count of a skewed fold PE
   by PE, and relations between the forms over all small GEMMs and arrays.  --inject uses one row more. */
#include "models/array/conventions.h"

#include <string.h>

#include "tests/support/check.h"

static uint64_t count(pcs_convention_fn convention, const pcs_foldable_t *gemm)
{
    uint64_t clocks = 0;
    return convention(gemm, &clocks) ? clocks : 0;
}

/* M = 100, N = 50, K = 64 on 16 x 8: os 7 x 7 folds of T = 64, the last with 4 rows; ws 4 x 7 of T = 100; is 4 x 13 of
   T = 50. */
static void by_hand(bool inject)
{
    const uint64_t rows = inject ? 17 : 16;
    const pcs_foldable_t os = {100, 50, 64, rows, 8, PCS_DATAFLOW_OS, 1, 1, 8, 8};
    const pcs_foldable_t ws = {100, 50, 64, rows, 8, PCS_DATAFLOW_WS, 1, 1, 8, 8};
    const pcs_foldable_t is = {100, 50, 64, rows, 8, PCS_DATAFLOW_IS, 1, 1, 8, 8};
    CHECK_EQ(count(pcs_clocks_scalesim_paper, &os), 49 * (32 + 8 + 64 - 2), "paper, os");
    CHECK_EQ(count(pcs_clocks_scalesim_paper, &ws), 28 * (32 + 8 + 100 - 2), "paper, ws");
    CHECK_EQ(count(pcs_clocks_scalesim_paper, &is), 52 * (32 + 8 + 50 - 2), "paper, is");
    CHECK_EQ(count(pcs_clocks_scalesim_v2, &os), 49 * (16 + 8 + 64 - 2), "v2, os");
    CHECK_EQ(count(pcs_clocks_scalesim_v2, &ws), 28 * (32 + 8 + 100 - 2), "v2, ws");
    CHECK_EQ(count(pcs_clocks_scalesim_v2, &is), 52 * (32 + 8 + 50 - 2), "v2, is");
    CHECK_EQ(count(pcs_clocks_scalesim_v1, &os), 49 * 64 + 4 - 1, "v1, os");
    CHECK_EQ(count(pcs_clocks_scalesim_v1, &ws), 0, "v1, ws, ragged folds");
    CHECK_EQ(count(pcs_clocks_timeloop, &os), 49 * 64, "temporal steps, os");
    CHECK_EQ(count(pcs_clocks_ideal, &os), 2500, "ideal: 320000 / 128");
    CHECK_EQ(count(pcs_clocks_bit_fusion, &os), 100 * 7 * 4, "Bit Fusion at 8/8 bits");

    const pcs_foldable_t full_ws = {100, 48, 64, 16, 8, PCS_DATAFLOW_WS, 1, 1, 8, 8};
    const pcs_foldable_t full_is = {96, 50, 64, 16, 8, PCS_DATAFLOW_IS, 1, 1, 8, 8};
    CHECK_EQ(count(pcs_clocks_scalesim_v1, &full_ws), 24 * (32 + 8 + 100), "v1, ws");
    CHECK_EQ(count(pcs_clocks_scalesim_v1, &full_is), 48 * (32 + 8 + 50 - 1), "v1, is");
    const pcs_foldable_t serial_ws = {100, 48, 64, 16, 8, PCS_DATAFLOW_WS, 3, 1, 3, 8};
    CHECK_EQ(count(pcs_clocks_usystolic, &serial_ws), 24 * (32 + 8 + 300), "uSystolic-Sim, 3 clocks");
    CHECK_EQ(count(pcs_clocks_ws_double_buffered, &serial_ws), 24 * (16 + 8 + 300 - 2) + 16, "ws, double-buffered");
    CHECK_EQ(count(pcs_clocks_scalesim_paper, &serial_ws), 0, "the paper's form knows no serial multiplier");
    const pcs_foldable_t serial_os = {100, 50, 64, 16, 8, PCS_DATAFLOW_OS, 3, 1, 3, 8};
    CHECK_EQ(count(pcs_clocks_serial_clock_skew, &serial_os), 49 * (32 + 8 + 192 - 2), "serial, skew by clocks");
    CHECK_EQ(count(pcs_clocks_serial_step_skew, &serial_os), 49 * (3 * (16 + 8 + 64 - 2) + 16),
             "serial, skew by steps");
    /* pf = floor(8/3) floor(8/8) = 2: 64 steps of K in 2 folds of 32 */
    CHECK_EQ(count(pcs_clocks_bit_fusion, &serial_os), 100 * 7 * 2, "Bit Fusion at 3/8 bits");
}

/* Four multiplications a step: a K of 64 takes the steps of one of 16, and forms for plain multipliers say nothing. */
static void lanes(void)
{
    for (int dataflow = 0; dataflow < PCS_DATAFLOW_COUNT; dataflow++) {
        const pcs_foldable_t wide = {100, 50, 64, 16, 8, (pcs_dataflow_t)dataflow, 1, 4, 4, 4};
        const pcs_foldable_t narrow = {100, 50, 16, 16, 8, (pcs_dataflow_t)dataflow, 1, 1, 4, 4};
        CHECK_EQ(count(pcs_clocks_timeloop, &wide), count(pcs_clocks_timeloop, &narrow), "steps of four");
        CHECK_EQ(count(pcs_clocks_ideal, &wide), count(pcs_clocks_ideal, &narrow), "steps of four, ideal");
        CHECK_EQ(count(pcs_clocks_scalesim_paper, &wide), 0, "the paper's form knows one multiplication a step");
    }
}

/* Clocks of one fold in which PE (r, c) takes its step t at clock skew (r + c) + m t, and then a column drains. */
static uint64_t one_fold(const pcs_foldable_t *g, uint64_t time, uint64_t skew, bool drain)
{
    uint64_t last = 0;
    for (uint64_t r = 0; r < g->rows; r++) {
        for (uint64_t c = 0; c < g->cols; c++) {
            for (uint64_t t = 0; t < time; t++) {
                const uint64_t end = skew * (r + c) + g->clocks * t + g->clocks;
                last = end > last ? end : last;
            }
        }
    }
    return last + (drain ? g->rows : 0);
}

static void relations(const pcs_foldable_t *g)
{
    pcs_foldable_t one = *g;
    one.clocks = 1;
    const uint64_t timeloop = count(pcs_clocks_timeloop, g);
    CHECK(count(pcs_clocks_ideal, g) <= timeloop, "ideal is the least");
    const uint64_t paper = count(pcs_clocks_scalesim_paper, &one);
    const uint64_t v2 = count(pcs_clocks_scalesim_v2, &one);
    const uint64_t folds = count(pcs_clocks_timeloop, &one) / (g->dataflow == PCS_DATAFLOW_OS   ? g->k
                                                               : g->dataflow == PCS_DATAFLOW_WS ? g->m
                                                                                                : g->n);
    CHECK_EQ(paper - v2, g->dataflow == PCS_DATAFLOW_OS ? g->rows * folds : 0, "what v2 leaves out");
    if (g->dataflow == PCS_DATAFLOW_OS) {
        const uint64_t by_clocks = count(pcs_clocks_serial_clock_skew, g);
        CHECK_EQ(by_clocks, folds * one_fold(g, g->k, 1, true), "skew by clocks, PE by PE");
        CHECK_EQ(count(pcs_clocks_serial_step_skew, g), folds * one_fold(g, g->k, g->clocks, true),
                 "skew by steps, PE by PE");
        CHECK_EQ(count(pcs_clocks_serial_clock_skew, &one), paper, "a serial array of 1 clock is the paper's");
        CHECK_EQ(count(pcs_clocks_serial_step_skew, &one), paper, "likewise");
        CHECK_EQ(v2, folds * one_fold(&one, g->k, 1, false), "v2, PE by PE");
        const uint64_t v1 = count(pcs_clocks_scalesim_v1, &one);
        CHECK(v1 >= count(pcs_clocks_timeloop, &one) && v1 <= v2, "v1 overlaps folds");
    } else {
        /* is is ws with the operands exchanged */
        pcs_foldable_t other = one;
        other.dataflow = g->dataflow == PCS_DATAFLOW_WS ? PCS_DATAFLOW_IS : PCS_DATAFLOW_WS;
        other.m = g->n;
        other.n = g->m;
        CHECK_EQ(count(pcs_clocks_scalesim_paper, &other), paper, "exchanged operands");
        CHECK_EQ(count(pcs_clocks_timeloop, &other), count(pcs_clocks_timeloop, &one), "exchanged operands");
    }
    if (g->dataflow == PCS_DATAFLOW_WS) {
        const uint64_t usystolic = count(pcs_clocks_usystolic, &one);
        CHECK_EQ(usystolic, count(pcs_clocks_scalesim_v1, &one), "uSystolic-Sim at 1 clock is v1");
        CHECK_EQ(count(pcs_clocks_ws_double_buffered, &one), paper - (folds - 1) * g->rows, "hidden weight loads");
    }
}

int main(int argc, char **argv)
{
    by_hand(check_flag(argc, argv, "--inject", NULL));
    lanes();
    for (uint64_t size = 0; size < 5 * 5 * 5; size++) {
        for (uint64_t pes = 0; pes < 4 * 4; pes++) {
            for (uint64_t clocks = 1; clocks <= 3; clocks++) {
                for (int dataflow = 0; dataflow < PCS_DATAFLOW_COUNT; dataflow++) {
                    const pcs_foldable_t g = {1 + size % 5,
                                              1 + size / 5 % 5,
                                              1 + size / 25,
                                              1 + pes % 4,
                                              1 + pes / 4,
                                              (pcs_dataflow_t)dataflow,
                                              clocks,
                                              1,
                                              8,
                                              8};
                    relations(&g);
                }
            }
        }
    }
    return check_done("conventions");
}
