/* The output stage: integer sums of segments to binary32 results, by the formulas of gemm.h.  Shared by all executors.
 */
#ifndef PCS_MODELS_GEMM_OUTPUT_H
#define PCS_MODELS_GEMM_OUTPUT_H

#include "models/gemm/gemm.h"

/* Which terms a contract's offsets make necessary. */
typedef struct pcs_output_terms {
    bool row_sums, col_sums;
    unsigned int_adds, int_muls; /* per result and group */
    unsigned fp_terms;           /* offset terms: each a multiplication and an addition per result and group */
} pcs_output_terms_t;
pcs_output_terms_t pcs_output_terms(const pcs_gemm_t *gemm);

/* Column sums and tap counts of a contract, made once and read by all threads. */
typedef struct pcs_sums {
    pcs_output_terms_t terms;
    size_t groups, classes, classes_x;
    uint32_t *class_y, *class_x; /* (out_h), (out_w) of a plain patch view: class = class_y * classes_x + class_x,
                                    a class being the rows of A whose taps fall outside the image alike */
    int64_t *cols;               /* (groups, classes, N) sum of qb over valid taps; NULL when not needed */
    int64_t *count;              /* (groups, classes) valid taps */
} pcs_sums_t;
PCS_MUST_CHECK pcs_status_t pcs_sums_init(pcs_sums_t *sums, const pcs_gemm_t *gemm, pcs_error_t *err);
void pcs_sums_free(pcs_sums_t *sums);

/* True when every integer of the output stage fits 32 bits for any codes: P, and P', RS', CS' with this contract's
   zero-points. */
bool pcs_output_narrow(const pcs_gemm_t *gemm);

/* One group's sums of a block of results, rows m0.. and columns n0..: adds its binary32 value to y (group 0 stores).
   p: (rows, cols) sums of qa qb over the group, distance cols, as 64-bit integers or - only if pcs_output_narrow -
   32-bit ones.  row_sums: (rows) sums of qa; ignored when not needed. */
void pcs_output_group(const pcs_gemm_t *gemm, const pcs_sums_t *sums, size_t group, size_t m0, size_t rows, size_t n0,
                      size_t cols, const int64_t *p, const int64_t *row_sums);
void pcs_output_group_i32(const pcs_gemm_t *gemm, const pcs_sums_t *sums, size_t group, size_t m0, size_t rows,
                          size_t n0, size_t cols, const int32_t *p, const int64_t *row_sums);

/* Sum of the codes of row m of A over steps k0..k0+len-1, padding excluded. */
int64_t pcs_row_sum(const pcs_operand_t *a, size_t m, size_t k0, size_t len);

/* Where result row m starts. */
float *pcs_result_row(const pcs_result_t *y, size_t m);

#endif
