/* The blocks that the memory model chose, GEMM by GEMM. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/estimate.h"
#include "sim/cli/summary.h"

typedef struct rows {
    const cli_estimate_t *estimate;
    pcs_estimate_device_t device;
    const char *layer;
} rows_t;

static pcs_status_t print_gemm(void *user, const pcs_gemm_t *gemm, uint64_t times, pcs_error_t *err)
{
    const rows_t *rows = user;
    pcs_plan_t plan;
    pcs_tiling_t tiling;
    const pcs_status_t status = pcs_estimate_plan(&rows->device, gemm, &plan, &tiling, err);
    if (status != PCS_OK) {
        return status;
    }
    char size[64];
    char block[64];
    char clocks[40];
    char dram[40];
    char streams[24];
    (void)snprintf(size, sizeof size, "%zu x %zu x %zu", gemm->m, gemm->n, gemm->k);
    (void)snprintf(block, sizeof block, "%" PRIu64 " x %" PRIu64 " x %" PRIu64, tiling.mb, tiling.nb, tiling.kb);
    (void)snprintf(streams, sizeof streams, "%s%s%s%s", tiling.a_streams ? "A " : "", tiling.b_streams ? "B " : "",
                   tiling.y_spills ? "sums" : "", tiling.a_streams || tiling.b_streams || tiling.y_spills ? "" : "-");
    cli_si((double)tiling.clocks, "", clocks, sizeof clocks);
    cli_si((double)(plan.system[PCS_SYSTEM_DRAM_READ] + plan.system[PCS_SYSTEM_DRAM_WRITE]) / 8.0, "B", dram,
           sizeof dram);
    (void)printf("  %-20s %-8s %7" PRIu64 " %22s %22s %4s %8s %9s %9s  %s\n", rows->layer, pcs_role_name(gemm->role),
                 times, size, block, pcs_loop_name(tiling.innermost), streams, clocks, dram,
                 pcs_bound_name(tiling.bound));
    return PCS_OK;
}

pcs_status_t cli_estimate_print_blocks(const cli_estimate_t *estimate, pcs_error_t *err)
{
    const cli_estimate_kind_t *kind = cli_estimate_asked(estimate);
    rows_t rows = {.estimate = estimate, .device = cli_estimate_device(estimate, &kind->config, &kind->array)};
    unsigned fw = 0;
    unsigned bw = 0;
    char operands[64];
    cli_estimate_last(estimate, &fw, &bw, operands, sizeof operands);
    (void)printf("\n%s, blocks at %s; m x n x k; innermost loop; what streams; each GEMM once\n",
                 pcs_kinds[kind->array.kind].name, operands);
    (void)printf("  %-20s %-8s %7s %22s %22s %4s %8s %9s %9s  %s\n", "layer", "pass", "times", "GEMM", "block", "loop",
                 "streams", "clocks", "DRAM", "limited by");
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < estimate->shapes.count && status == PCS_OK; i++) {
        const pcs_shape_t *layer = &estimate->shapes.layers[i];
        rows.layer = layer->name;
        status = pcs_estimate_gemms(layer, &rows.device.numerics, (uint32_t)estimate->config.batch, fw, bw, print_gemm,
                                    &rows, err);
    }
    return status;
}
