/* The memory around the array: three scratchpads (A, B, results) and a DRAM, as closed forms.  A plan (gemm.h) takes
   them to be boundless: every code is fetched once, every result stored once, and nothing waits.  Here a GEMM is cut
   into blocks that fit the scratchpads, in the order that costs least; what that adds to traffic and time is put into
   the plan.  The array's own steps do not depend on the blocks: an array tile's run along the dimension that streams
   through it is never cut but where the plan's segments end anyway.

   A block is mb x nb outputs over kb steps.  It holds, of A, the codes that its mb x kb elements touch (a convolution's
   patches overlap: whole image rows are taken, counted from above), of B kb nb codes, and, unless all of K is in it,
   mb nb partial sums of 64 bits; of a plan of the kind bfp also the shared exponents of its codes (exponents.h), one
   anew where a block of K cuts what shares it.  Blocks are walked in three loops; the operand that does not depend on
   the innermost loop stays.  With tm, tn, tk blocks along m, n, k, the fetches of A, B and the stores of Y are

     innermost n: 1, tm, tk      innermost m: tn, 1, tk      innermost k: tn, tm, 1

   each.  An operand whose part of a block does not fit streams (where time is minimised, one that fits may, too): it is
   fetched anew for every array tile that uses it, and the array need not wait for a first block of it;
   partial sums that do not fit are stored and fetched back likewise.

   Clocks: array = the plan's; sram = bits read at the array's edge over a scratchpad port's width, the slower of A and
   B; dram = bits moved over the DRAM's width.  With two buffers of half the size in each scratchpad, the next block is
   fetched and the last one stored while the array works: max(array, sram, dram) + fetch of the first block + store of
   the last.  With one buffer: max(array, sram) + dram. */
#ifndef PCS_MODELS_GEMM_MEMORY_H
#define PCS_MODELS_GEMM_MEMORY_H

#include "models/gemm/gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the choice of blocks minimises; ties go to the other. */
typedef enum pcs_memory_goal { PCS_MEMORY_ENERGY, PCS_MEMORY_TIME, PCS_MEMORY_GOAL_COUNT } pcs_memory_goal_t;

/* All zero: boundless, and a plan stays as it is. */
typedef struct pcs_memory {
    uint64_t a_bytes, b_bytes, y_bytes; /* scratchpads; 0 = boundless */
    double sram_bytes, dram_bytes;      /* per clock: one operand port of a scratchpad, the DRAM; 0 = boundless */
    bool unpacked;                      /* codes take a byte each in memory; else their bits */
    bool single;                        /* one buffer in each scratchpad; else two of half the size */
    pcs_memory_goal_t goal;
    /* What the choice by energy weighs: pJ per bit moved from and to DRAM, each with the scratchpad access it brings
       along, and pJ per clock.  All zero: bits alone. */
    double pj_read, pj_write, pj_clock;
} pcs_memory_t;

typedef enum pcs_loop { PCS_LOOP_N, PCS_LOOP_M, PCS_LOOP_K, PCS_LOOP_COUNT } pcs_loop_t;
typedef enum pcs_bound { PCS_BOUND_COMPUTE, PCS_BOUND_SRAM, PCS_BOUND_DRAM, PCS_BOUND_COUNT } pcs_bound_t;
const char *pcs_bound_name(pcs_bound_t bound); /* "compute", "SRAM bandwidth", "DRAM bandwidth" */
const char *pcs_loop_name(pcs_loop_t loop);    /* "n", "m", "k" */

typedef struct pcs_tiling {
    uint64_t mb, nb, kb; /* sizes of a block; the last one of a dimension may be smaller */
    pcs_loop_t innermost;
    bool a_streams, b_streams, y_spills;
    uint64_t array_clocks, sram_clocks, dram_clocks;
    uint64_t clocks;   /* of the whole GEMM */
    pcs_bound_t bound; /* the largest of the three */
} pcs_tiling_t;

/* Chooses blocks, and sets in the plan the traffic (PCS_SYSTEM_SRAM_*, DRAM_READ, DRAM_WRITE) and the
   clocks (PCS_EVENT_CYCLE, waiting included).  `plan` is the contract's on this array.  Copies follow one another: the
   tiling is that of one.  Deterministic. */
void pcs_memory_apply(const pcs_memory_t *memory, const pcs_gemm_t *gemm, const pcs_array_config_t *array,
                      pcs_plan_t *plan, pcs_tiling_t *tiling);

#ifdef __cplusplus
}
#endif
#endif
