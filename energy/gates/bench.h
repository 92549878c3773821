/* The bench of a PE: its mapped netlist as an 8 x 8 array, 64 copies wired as the array wires them, fed with a trace.
   Every accumulator after every write and every drained result is compared with models/mac.  What is measured is
   therefore the circuit that computes right, with the inputs it meets.
     output-stationary      A to the right, B and drained results down; step s brings codes s of A and of B, and runs of
                            steps are accumulated and drained
     stationary weights     A to the right, weights down while the tile before is worked on, sums down; step s brings
                            codes s of A, tile t has codes 8 t .. 8 t + 7 of B as its weights.  The PEs are those of
                            inner rows: they have no drain registers */
#ifndef PCS_ENERGY_GATES_BENCH_H
#define PCS_ENERGY_GATES_BENCH_H

#include "energy/gates/simulate.h"
#include "energy/gates/trace.h"

/* What happened in all 64 PEs. */
typedef struct pcs_bench_counts {
    uint64_t clocks; /* of one PE, times 64 */
    uint64_t macs;   /* products of codes */
    /* As pcs_pe's events. */
    uint64_t loads, works, writes, captures, drains, passes, stages, swaps;
    uint64_t checked;     /* words compared with the model */
    uint64_t differences; /* of these, wrong; `first` describes the first one */
    char first[160];
    unsigned cycles, lanes; /* clocks and codes of a step */
} pcs_bench_counts_t;

/* Idle clocks after everything has drained, to see that nothing toggles in them. */
enum { PCS_BENCH_IDLE = 16 };

/* Runs a trace from reset, then PCS_BENCH_IDLE clocks in which nothing is offered; *idle_toggles is how often any
   output changed in those.  `kind`, `digit`, `acc_bits` and `dataflow` (OS or WS) of array describe the netlist. fault:
   expects the first product wrongly, to see that a difference is found. */
PCS_MUST_CHECK pcs_status_t pcs_bench_run(const pcs_array_config_t *array, const pcs_trace_t *trace, bool fault,
                                          pcs_simulation_t *simulation, pcs_bench_counts_t *counts,
                                          uint64_t *idle_toggles, pcs_error_t *err);

#endif
