/* Collects what every training GEMM cost, from its plan: exact integers, summed per (forward bits, layer, pass, operand
   bits), together with what the same GEMM would have cost at static 8/8 on the same array.  Energy is made from the
   sums, never summed itself, so that a resumed run and an unbroken one agree in every digit. */
#ifndef PCS_SIM_CLI_COLLECT_H
#define PCS_SIM_CLI_COLLECT_H

#include "energy/energy.h"
#include "models/gemm/memory.h"
#include "sim/cli/text.h"

enum { CLI_STATIC_BITS = PCS_PREC_MAX }; /* of the baseline */

/* What a set of GEMMs cost. */
typedef struct cli_cost {
    pcs_counts_t counts;
    uint64_t system[PCS_SYSTEM_EVENT_COUNT];
} cli_cost_t;

typedef struct cli_cell {
    uint32_t fw_bits, layer, role, pa, pb;
    uint32_t segment;  /* longest run of K that an accumulator took, steps */
    uint64_t unproven; /* GEMMs whose accumulators were not proven free of overflow */
    uint64_t gemms, macs;
    cli_cost_t cost;
    cli_cost_t base; /* at CLI_STATIC_BITS in both operands */
} cli_cell_t;

/* One GEMM of the iteration that stands for a bit-width in timeline.json. */
typedef struct cli_span {
    uint32_t fw_bits, bw_bits, layer, role, pa, pb;
    uint64_t iteration, cycles, macs;
} cli_span_t;

/* Sums of one iteration. */
typedef struct cli_iteration {
    uint64_t macs, cycles;
    uint64_t bitops; /* sum of macs pa pb */
    pcs_energy_t energy;
} cli_iteration_t;

typedef struct cli_collect {
    const pcs_array_config_t *array;
    const pcs_energy_table_t *table;
    pcs_serial_t serial;
    pcs_memory_t memory;
    double clock_mhz, sram_kb[PCS_ENERGY_SRAMS];
    cli_cell_t *pending; /* GEMMs of the running iteration, one each */
    size_t pendings, pending_capacity;
    cli_cell_t *cells;
    size_t cell_count, cell_capacity;
    cli_span_t *spans;
    size_t span_count, span_capacity;
} cli_collect_t;

/* Takes a GEMM of the running iteration. */
PCS_MUST_CHECK pcs_status_t cli_collect_gemm(cli_collect_t *collect, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                                             pcs_error_t *err);
/* Ends an iteration: its GEMMs enter the sums. */
PCS_MUST_CHECK pcs_status_t cli_collect_commit(cli_collect_t *collect, uint64_t iteration, unsigned fw_bits,
                                               unsigned bw_bits, cli_iteration_t *row, pcs_error_t *err);
/* Energy of a cost at operand bits (pa, pb), by one figure of the table's rows. */
PCS_MUST_CHECK pcs_status_t cli_collect_energy(const cli_collect_t *collect, const cli_cost_t *cost, unsigned pa,
                                               unsigned pb, pcs_energy_bound_t bound, pcs_energy_t *energy,
                                               pcs_error_t *err);
/* The sums as bytes for a checkpoint, and back. */
void cli_collect_save(const cli_collect_t *collect, cli_text_t *bytes);
PCS_MUST_CHECK pcs_status_t cli_collect_restore(cli_collect_t *collect, const char *bytes, size_t size,
                                                pcs_error_t *err);
void cli_collect_free(cli_collect_t *collect);

#endif
