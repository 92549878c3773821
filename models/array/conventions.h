/* Clocks of a GEMM as others count them.  The same GEMM on the same array gets totals up to 1.7 times apart, so each
   count here has a name, a formula and what it includes; ours is pcs_array_counts, the one that the RTL agrees with.
   Nothing else in this project uses these forms.

   A GEMM (M, K)(K, N) on R x C PEs in dataflow os, ws, is, with m clocks per step.  PEs that multiply several pairs of
   codes in a step, L of them along K, take K' = ceil(K / L) steps; K' = K for all others:

     dataflow   Sr (rows)   Sc (columns)   T (time)      folds = ceil(Sr / R) ceil(Sc / C)
     os         M           N              K'
     ws         K'          N              M
     is         K'          M              N                                                  */
#ifndef PCS_MODELS_ARRAY_CONVENTIONS_H
#define PCS_MODELS_ARRAY_CONVENTIONS_H

#include <stdbool.h>

#include "models/spec/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_foldable {
    uint64_t m, n, k;    /* at least 1 each */
    uint64_t rows, cols; /* R, C */
    pcs_dataflow_t dataflow;
    uint64_t clocks; /* m: clocks per step, at least 1 */
    uint64_t lanes;  /* L: multiplications per step along K, at least 1 */
    unsigned pa, pb; /* operand bits; Bit Fusion's form only */
} pcs_foldable_t;

/* Count by a convention; false when it says nothing about this dataflow, about m > 1 or L > 1, or about ragged folds.
 */
typedef bool (*pcs_convention_fn)(const pcs_foldable_t *gemm, uint64_t *clocks);

/* (2R + C + T - 2) folds: SCALE-Sim's paper, all dataflows, m = 1; drain in, folds one after the other. */
bool pcs_clocks_scalesim_paper(const pcs_foldable_t *gemm, uint64_t *clocks);
/* os (R + C + T - 2) folds, ws and is (2R + C + T - 2) folds: the code of SCALE-Sim v2 and v3, m = 1.  Its os leaves
   the drain's R rows out.  The tool prints the index of the last clock, which is one less. */
bool pcs_clocks_scalesim_v2(const pcs_foldable_t *gemm, uint64_t *clocks);
/* os folds T + (active rows of the last fold - 1), ws (2R + C + T) folds, is (2R + C + T - 1) folds: the code of
   SCALE-Sim v1, m = 1; ws and is for full folds only, it packs ragged ones. */
bool pcs_clocks_scalesim_v1(const pcs_foldable_t *gemm, uint64_t *clocks);
/* ws (2R + C + T m) folds: uSystolic-Sim, full folds only. */
bool pcs_clocks_usystolic(const pcs_foldable_t *gemm, uint64_t *clocks);
/* M ceil(N / C) ceil(K / (R pf)), pf = floor(8 / pa) floor(8 / pb): Bit Fusion's simulator, no fill, no drain. */
bool pcs_clocks_bit_fusion(const pcs_foldable_t *gemm, uint64_t *clocks);
/* folds T m: Timeloop's temporal steps, no fill, no drain. */
bool pcs_clocks_timeloop(const pcs_foldable_t *gemm, uint64_t *clocks);
/* ceil(M N K' m / (R C)): every PE busy in every clock. */
bool pcs_clocks_ideal(const pcs_foldable_t *gemm, uint64_t *clocks);
/* os (2R + C + T m - 2) folds: a serial array whose skew advances every clock. */
bool pcs_clocks_serial_clock_skew(const pcs_foldable_t *gemm, uint64_t *clocks);
/* os m (R + C + T - 2) folds + R folds: a serial array whose operands advance once in m clocks. */
bool pcs_clocks_serial_step_skew(const pcs_foldable_t *gemm, uint64_t *clocks);
/* ws (R + C + T m - 2) folds + R: weights loaded behind the fold before, but for the first. */
bool pcs_clocks_ws_double_buffered(const pcs_foldable_t *gemm, uint64_t *clocks);

typedef struct pcs_convention_row {
    const char *name, *formula, *remark;
    bool any_dataflow; /* the count does not depend on it */
    pcs_convention_fn clocks;
} pcs_convention_row_t;
enum { PCS_CONVENTIONS = 10 };
extern const pcs_convention_row_t pcs_conventions[PCS_CONVENTIONS];

#ifdef __cplusplus
}
#endif
#endif
