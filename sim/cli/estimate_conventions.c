/* One iteration's clocks as other tools would count them. */
#include <inttypes.h>
#include <stdio.h>

#include "models/array/conventions.h"
#include "models/mac/mac.h"
#include "sim/cli/estimate.h"
#include "sim/cli/summary.h"

typedef struct sum {
    uint64_t clocks[PCS_ROLE_COUNT];
    bool known;
} sum_t;

typedef struct sums {
    pcs_estimate_device_t device;
    pcs_dataflow_t dataflow;
    sum_t ours;                    /* of the array alone, on its own dataflow */
    sum_t others[PCS_CONVENTIONS]; /* on `dataflow` */
} sums_t;

static pcs_status_t add_gemm(void *user, const pcs_gemm_t *gemm, uint64_t times, pcs_error_t *err)
{
    sums_t *sums = user;
    const pcs_array_config_t *array = &sums->device.array;
    pcs_plan_t plan;
    pcs_tiling_t tiling;
    const pcs_status_t status = pcs_estimate_plan(&sums->device, gemm, &plan, &tiling, err);
    if (status != PCS_OK) {
        return status;
    }
    sums->ours.clocks[gemm->role] += times * tiling.array_clocks * pcs_gemm_copies(gemm);
    const pcs_mac_step_t step = pcs_mac_step(array, &plan.job.mode);
    const pcs_foldable_t fold = {
        .m = gemm->m,
        .n = gemm->n,
        .k = gemm->k,
        .rows = array->rows,
        .cols = array->cols,
        .dataflow = sums->dataflow,
        .clocks = step.cycles,
        .lanes = step.lanes,
        .pa = gemm->a.bits,
        .pb = gemm->b.bits,
    };
    for (int i = 0; i < PCS_CONVENTIONS; i++) {
        uint64_t clocks = 0;
        sums->others[i].known = pcs_conventions[i].clocks(&fold, &clocks) && sums->others[i].known;
        sums->others[i].clocks[gemm->role] += times * clocks;
    }
    return PCS_OK;
}

static void print_sum(const char *name, const char *dataflow, const sum_t *sum, double ours, const char *formula,
                      const char *remark)
{
    double total = 0;
    (void)printf("  %-22s %-3s", name, dataflow);
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        (void)printf(" %14" PRIu64, sum->clocks[role]);
        total += (double)sum->clocks[role];
    }
    (void)printf(" %7.3f  %s; %s\n", total / ours, formula, remark);
}

pcs_status_t cli_estimate_print_conventions(const cli_estimate_t *estimate, pcs_error_t *err)
{
    const cli_estimate_kind_t *kind = cli_estimate_asked(estimate);
    unsigned fw = 0;
    unsigned bw = 0;
    char operands[64];
    cli_estimate_last(estimate, &fw, &bw, operands, sizeof operands);
    (void)printf("\n%s, clocks of one iteration at %s as others count them; R x C = %u x %u, T and folds by\n"
                 "dataflow, m = clocks per step (%s); no memory stalls\n",
                 pcs_kinds[kind->array.kind].name, operands, kind->array.rows, kind->array.cols,
                 "forms without m are for parallel multipliers only");
    (void)printf("  %-22s %-3s %14s %14s %14s %7s  %s\n", "convention", "", "forward", "dgrad", "wgrad", "ratio",
                 "formula; remark");
    for (int dataflow = 0; dataflow < PCS_DATAFLOW_COUNT; dataflow++) {
        sums_t sums = {.device = cli_estimate_device(estimate, &kind->config, &kind->array),
                       .dataflow = (pcs_dataflow_t)dataflow};
        for (int i = 0; i < PCS_CONVENTIONS; i++) {
            sums.others[i].known = true;
        }
        for (size_t i = 0; i < estimate->shapes.count; i++) {
            const pcs_status_t status =
                pcs_estimate_gemms(&estimate->shapes.layers[i], &sums.device.numerics, (uint32_t)estimate->config.batch,
                                   fw, bw, add_gemm, &sums, err);
            if (status != PCS_OK) {
                return status;
            }
        }
        double ours = 0;
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            ours += (double)sums.ours.clocks[role];
        }
        if (dataflow == 0) {
            print_sum("Precess", pcs_dataflows[kind->array.dataflow].name, &sums.ours, ours, "models/array/array.h",
                      "first step to last result, drain overlaps the next tile");
        }
        for (int i = 0; i < PCS_CONVENTIONS; i++) {
            const bool again = pcs_conventions[i].any_dataflow && dataflow > 0;
            if (sums.others[i].known && !again) {
                print_sum(pcs_conventions[i].name, pcs_conventions[i].any_dataflow ? "" : pcs_dataflows[dataflow].name,
                          &sums.others[i], ours, pcs_conventions[i].formula, pcs_conventions[i].remark);
            }
        }
    }
    return PCS_OK;
}
