/* The GEMM contract with floating-point accumulators: Y = C + A B, every output one dot product of models/format/dot.h.

     Y[m][n] = pcs_dot(C[m][n]; A[m][0..K-1], B[0..K-1][n])

   so that which products are added in which order, where they are aligned and cut off and when a sum is rounded is the
   accumulator's definition and nothing else.  `ref` calls pcs_dot for each output.  `fast` gives the same codes and the
   same status counts on one of these ways, chosen by the contract and its operands:

     PROVEN   no order of additions can matter, see pcs_fgemm_proof_t: binary64 sums in any order (OpenBLAS where it is
              built in), then one rounding.  Where the exponents of an exact sum spread too far, operands are split into
              limbs that are proven one by one, and the limbs' sums added exactly.
     SINGLE   one rounding to FP32, nearest even, after each product, in order: binary32 lanes, an output a lane
     DOUBLE   any order of roundings and alignments: binary64 lanes, an output a lane, rounded to odd first; stochastic
              roundings where N random bits and the format's mantissa together are at most 50
     DEFINED  pcs_dot: what the others do not serve, and single outputs with NaN, infinities or an overflow in them

   `cycle` and `rtl` run contracts whose accumulator is a register on an array of the kind float or bfp
   (pcs_fgemm_plan) and add its registers and C up; they give the same codes and status counts again, and clocks and
   events.

   Elements that share a scale in blocks along K (MX formats, block floating point) have an array of scales beside their
   codes.  Integers are codes of sign and magnitude, see pcs_block_format_row.  They take one of these accumulators:

     tile:N       and units of NVIDIA that take N products at a time: blocks of N
     mxf4nvf4     blocks of 16
     register     blocks of any length: every product is aligned by its own two scales.  That is the kind bfp, where the
                  elements are integers of up to 8 bits in units of their smallest number, as FP4 and E2M3 are too */
#ifndef PCS_MODELS_GEMM_FGEMM_H
#define PCS_MODELS_GEMM_FGEMM_H

#include <stddef.h>
#include <stdint.h>

#include "models/format/dot.h"
#include "models/gemm/gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An operand: element (i, j) at row i, column j of the stored matrix, or at row j, column i if it is transposed. */
typedef struct pcs_foperand {
    const pcs_format_row_t *format;
    const void *codes; /* pcs_fcode_bytes(format) bytes each */
    size_t ld;         /* distance of stored rows, in codes */
    bool transposed;
    /* Codes of the scales of blocks of L steps of K, T = K / L rounded up: (M, T) of A, (T, N) of B, side by side. Both
       or neither. */
    const uint8_t *scales;
} pcs_foperand_t;

typedef struct pcs_fgemm {
    size_t m, n, k;      /* at least 1 each; m * n at most 2^32 */
    pcs_foperand_t a, b; /* (M, K), (K, N) */
    const pcs_format_row_t *c_format;
    const void *c; /* (M, N) codes of c_format; NULL: all +0 */
    void *y;       /* (M, N) codes of c_format; may be c itself */
    size_t ldc, ldy;
    const pcs_accumulator_t *accumulator;
    size_t block; /* L; 0: the products of the accumulator's group, or block, which a register does not take for it */
    pcs_scale_code_t scale_code; /* of both; UE4M3: tile:N and mxf4nvf4, which `fast` computes in the DEFINED way */
    /* Unless the accumulator brings its own.  sr: output (m, n) takes the draws from (m N + n) 2^32 on of `stream`. */
    pcs_rounding_t rounding;
    pcs_overflow_t overflow;
    unsigned random_bits;
    const pcs_stream_t *stream;
    bool stop_at_nan; /* a NaN among A, B, their scales and C is PCS_INVALID, and Y stays as it was; else NaN propagates
                       */
} pcs_fgemm_t;

/* 1, 2 or 4: formats of up to 8, 16 and 32 bits. */
size_t pcs_fcode_bytes(const pcs_format_row_t *format);
pcs_code_t pcs_fcode_load(const pcs_format_row_t *format, const void *codes, size_t at);
void pcs_fcode_store(const pcs_format_row_t *format, void *codes, size_t at, pcs_code_t code);

typedef enum pcs_fgemm_way {
    PCS_FGEMM_PROVEN,
    PCS_FGEMM_SINGLE,
    PCS_FGEMM_DOUBLE,
    PCS_FGEMM_DEFINED,
    PCS_FGEMM_ARRAY, /* on a device */
    PCS_FGEMM_WAYS
} pcs_fgemm_way_t;
const char *pcs_fgemm_way_name(pcs_fgemm_way_t way); /* "proven", "single", "double", "defined", "array" */

/* Counts of outputs.  Those of flags and NaN do not depend on executor, kernel or threads. */
typedef struct pcs_fgemm_stats {
    uint64_t outputs;
    uint64_t inexact, underflow, overflow, invalid; /* in whose sum the flag was raised, at least once */
    uint64_t nan;                                   /* that are NaN */
    uint64_t way[PCS_FGEMM_WAYS];                   /* `fast`: that were computed so */
    unsigned products;                              /* PROVEN: matrix products in binary64, 1 without limbs; else 0 */
    bool blas;                                      /* they were OpenBLAS's */
    pcs_counts_t counts;                            /* CYCLE, RTL: clocks and events, measured and in closed form */
} pcs_fgemm_stats_t;

typedef struct pcs_fgemm_config {
    pcs_executor_t executor;
    pcs_array_dev_t *dev; /* CYCLE, RTL: the device, borrowed */
    pcs_kernel_t kernel;  /* of `fast`; AVX512VNNI and AMX mean the one AVX-512 kernel there is */
    unsigned threads;     /* at least 1; neither codes nor counts depend on it.  OpenBLAS has its own */
    bool ordered;         /* `fast`: never take the PROVEN way */
    bool own_products;    /* PROVEN: never take OpenBLAS */
} pcs_fgemm_config_t;

PCS_MUST_CHECK pcs_status_t pcs_fgemm_check(const pcs_fgemm_t *gemm, pcs_error_t *err);

/* Runs a contract; stats may be NULL.  y must not overlap the operands. */
PCS_MUST_CHECK pcs_status_t pcs_fgemm_run(const pcs_fgemm_t *gemm, const pcs_fgemm_config_t *config,
                                          pcs_fgemm_stats_t *stats, pcs_error_t *err);

/* ---- on an array ---------------------------------------------------------------------------------------------------
 */

/* How an array runs a contract: accumulator register:..., of the array's width.  A register is a segment of the job;
   its group is due where the dataflow bounds segments.
     float  operands of up to 16 bits, no scales; the anchor is a multiple of PCS_ANCHOR_STEP
     bfp    operands that are integers of up to 8 bits in units of 2^unit; without scales, those are 1.  The array adds
            integers with the scales as shared exponents, so its anchor, a multiple likewise, is lower than the
            contract's by the units of both */
typedef struct pcs_fplan {
    pcs_array_job_t job; /* exchanged: the transposed product, its A is B of the contract */
    int unit_a, unit_b;  /* bfp: of A and B of the contract; float: 0 */
    bool exchanged;      /* the array is input-stationary */
    pcs_counts_t counts; /* clocks and array events, closed form, no stalls */
} pcs_fplan_t;
PCS_MUST_CHECK pcs_status_t pcs_fgemm_plan(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, pcs_fplan_t *plan,
                                           pcs_error_t *err);

/* A register of an array's width for the contract's operands as they are, `group` products each (0: all of K): its last
   bit as low as it can lie without an overflow, but not below all products.  *exact: then nothing is cut off either, so
   that Y is the exact sums rounded once.  Of the array kind and width count; the contract's accumulator is not looked
   at. */
PCS_MUST_CHECK pcs_status_t pcs_fgemm_register(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, size_t group,
                                               bool saturate, pcs_accumulator_t *accumulator, bool *exact,
                                               pcs_error_t *err);

/* ---- proof ---------------------------------------------------------------------------------------------------------
 */

/* What is known of the finite, non-zero elements of an operand: magnitudes are at most `max` and multiples of `unit`, a
   power of two.  Both 0: there are none. */
typedef struct pcs_spread {
    double max, unit;
} pcs_spread_t;

/* Every sum of up to k products of the two, in any order, is a multiple of a.unit * b.unit and at most
   2^bits times that: a significand of `bits` bits holds each of them exactly.  True where one can say so. */
bool pcs_fgemm_proof(const pcs_spread_t *a, const pcs_spread_t *b, size_t k, unsigned bits);

#ifdef __cplusplus
}
#endif
#endif
