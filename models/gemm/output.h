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

/* Memory that grows to the largest need seen; zero-initialised it is empty. */
typedef struct pcs_room {
    void *data; /* 64-byte aligned */
    size_t bytes;
} pcs_room_t;
/* At least `bytes`, contents undefined, what was there before gone; NULL when there is none. */
void *pcs_room_take(pcs_room_t *room, size_t bytes);
void pcs_room_free(pcs_room_t *room);

/* Column sums and tap counts of a contract, made once and read by all threads. */
typedef struct pcs_sums {
    pcs_output_terms_t terms;
    size_t groups, classes, classes_x;
    size_t columns;              /* N of all copies: below, N is that */
    uint32_t *class_y, *class_x; /* (out_h), (out_w) of a plain patch view: class = class_y * classes_x + class_x,
                                    a class being the rows of A whose taps fall outside the image alike */
    int64_t *cols;               /* (groups, classes, N) sum of qb over valid taps; NULL when not needed */
    int64_t *count;              /* (groups, classes) valid taps */
} pcs_sums_t;
/* Where they lie: they live until the next contract takes it. */
typedef struct pcs_sums_room {
    pcs_room_t classes, sums;
} pcs_sums_room_t;
PCS_MUST_CHECK pcs_status_t pcs_sums_init(pcs_sums_t *sums, const pcs_gemm_t *gemm, unsigned threads,
                                          pcs_sums_room_t *room, pcs_error_t *err);

/* ---- one line of a convolution's results at a time: what does not depend on the row is made once a contract ---------
 */

/* The contract's A is a plain patch view stored by row with one scale, K one group, results lie evenly along a line of
   positions, none are kept as sums, and pcs_output_narrow holds. */
bool pcs_output_simple(const pcs_gemm_t *gemm);

/* Terms of the formulas of gemm.h for each column, N being those of all copies; `bias`, `of_cols` and `of_count` for
 * each class of rows as well. */
typedef struct pcs_lines {
    const pcs_gemm_t *gemm;
    const pcs_sums_t *sums;
    float *scale, *weight; /* (N) sa sb, sa eb */
    int32_t *factor;       /* (N) what one unit of the row sum takes from P */
    int32_t *bias;         /* (classes, N) what is added to P */
    float *of_cols;        /* (classes, N) ea sb CS' */
    float *of_count;       /* (classes, N) ea eb count */
    int32_t *less;         /* (classes) count za: RS' = RS - less */
} pcs_lines_t;
size_t pcs_lines_size(const pcs_sums_t *sums); /* bytes of `memory` */
/* p of pcs_output_line will be P - ob RS + less[n]. */
void pcs_lines_init(pcs_lines_t *lines, const pcs_gemm_t *gemm, const pcs_sums_t *sums, int32_t ob, const int32_t *less,
                    char *memory);
/* Results of the output line that begins at row m0 of A: p (out_w, distance ld), modulo 2^32; row_sums (out_w) sums of
   qa, or NULL when nothing needs them. */
void pcs_output_line(const pcs_lines_t *lines, size_t m0, const int32_t *p, size_t ld, const int32_t *row_sums);

/* The same where every column has a row sum of its own: columns j0..j0+count-1, p and row_sums (out_w, distance ld)
   those of column j0 first. */
void pcs_output_columns(const pcs_lines_t *lines, size_t m0, size_t j0, size_t count, const int32_t *p,
                        const int32_t *row_sums, size_t ld);

/* Where the scale, zero and offset of B for this column of all copies and this group are. */
size_t pcs_affine_of_b(const pcs_gemm_t *gemm, size_t column, size_t group);

/* Class of row m of A; 0 when all rows are alike. */
size_t pcs_row_class(const pcs_sums_t *sums, const pcs_gemm_t *gemm, size_t m);

/* True when every integer of the output stage fits 32 bits for any codes: P, and P', RS', CS' with this contract's
   zero-points. */
bool pcs_output_narrow(const pcs_gemm_t *gemm);

/* One group's sums of a block of results, rows m0.. and columns n0.. (of all copies, whose row sums differ): adds its
   binary32 value to y (group 0 stores). p: (rows, cols) sums of qa qb over the group, distance cols.  row_sums: (rows)
   sums of qa; ignored when not needed.
 */
void pcs_output_group(const pcs_gemm_t *gemm, const pcs_sums_t *sums, size_t group, size_t m0, size_t rows, size_t n0,
                      size_t cols, const int64_t *p, const int64_t *row_sums);
/* Sum of the codes of row m of A over steps k0..k0+len-1, padding excluded. */
int64_t pcs_row_sum(const pcs_operand_t *a, size_t m, size_t k0, size_t len);

/* Where result row m starts. */
float *pcs_result_row(const pcs_result_t *y, size_t m);

#endif
