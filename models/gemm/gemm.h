/* The GEMM contract: everything the accelerator computes.  Executors compute its integer sums and must agree bit for
   bit; one output stage turns the sums into binary32.

     Y[m][n] = sum over k of A[m][k] * B[k][n],   A[m][k] = sa * (qa - za) + ea,   B[k][n] = sb * (qb - zb) + eb

   A tap outside the image (padding) contributes exactly nothing to any term.  K is cut into groups that share one
   scale, and groups into segments that fit the accumulator without overflow (or as configured).  For each segment the
   array gives P = sum qa qb (an array whose kind puts several codes into an operand word adds the products of a word
   exactly before its accumulator wraps, saturates or flags); segments of a group are added in 64-bit integers; then,
   with integer sums RS = sum qa, CS = sum qb and the count of taps, all exact,

     P' = P - zb RS - za CS + count za zb,   RS' = RS - count za,   CS' = CS - count zb        (64-bit integers)
     y  = (sa sb) P' + (sa eb) RS' + (ea sb) CS' + (ea eb) count         binary32, nearest even, left to right;
                                                  terms whose offset array is NULL are left out
     Y  = y of group 0, then Y + y of each further group, in order.

   Several such products of the same sizes may lie side by side (`copies`), as in a grouped convolution: B is
   (K, copies N), Y is (M, copies N), and A is (M, copies K) - of a patch view, the next `channels` of its source are
   those of the next copy.  Each copy is a product of its own; the array runs one after the other. */
#ifndef PCS_MODELS_GEMM_GEMM_H
#define PCS_MODELS_GEMM_GEMM_H

#include "models/array/array.h"
#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_role { PCS_ROLE_FORWARD, PCS_ROLE_DGRAD, PCS_ROLE_WGRAD, PCS_ROLE_COUNT } pcs_role_t;
const char *pcs_role_name(pcs_role_t role); /* "forward", "dgrad", "wgrad" */

/* Along what a scale varies.  OUTER: row m of A, column n of B: free in the output stage.  GROUP: group of K. */
typedef enum pcs_grain { PCS_GRAIN_TENSOR, PCS_GRAIN_OUTER, PCS_GRAIN_GROUP } pcs_grain_t;

/* x = scale * (q - zero) + offset.  Arrays of 1, M or N, or groups elements; zero and offset may be NULL (all zero). Of
   several copies those of B, OUTER and GROUP, follow each other; those of A serve all. */
typedef struct pcs_affine {
    pcs_grain_t grain;
    const float *scale;
    const int32_t *zero;
    const float *offset;
} pcs_affine_t;

/* The patches of a convolution, without a copy.  Rows of the view are output positions (image, oy, ox), its columns are
   (tap, channel) - or (channel, tap) with channel_major.  Element: the code at (image, y, x, channel0 + channel) with
   y = origin_y + oy * stride_y + dy[tap], likewise x; outside the image it is padding. */
typedef struct pcs_patch {
    uint32_t batch, height, width; /* of the source, NHWC codes */
    uint32_t src_channels;         /* channels of the source */
    uint32_t channel0, channels;   /* those used */
    uint32_t out_h, out_w;         /* grid of positions */
    int32_t origin_y, origin_x;
    uint32_t stride_y, stride_x;
    uint32_t taps;
    const int32_t *dy, *dx; /* (taps) */
    bool channel_major;
} pcs_patch_t;

typedef struct pcs_operand {
    const uint8_t *codes; /* see pcs_code_value; of wide operands, 9..16 bits, the low 8 bits */
    const uint8_t *high;  /* wide operands: the other bits, in the same places, sign- or zero-extended to 8 */
    unsigned bits;        /* 2..16 */
    bool is_signed;
    bool transposed;          /* the operand is the transpose of the stored matrix or of the patch view */
    const pcs_patch_t *patch; /* NULL: dense.  Only A may be a patch view */
    size_t ld;                /* dense: distance of stored rows, in codes */
    pcs_affine_t affine;
} pcs_operand_t;

/* Who wants to know of rows of Y as soon as they are final, while they are likely in a cache.  done is called for each
   `rows` rows counted from the first, the last time with what is left, each once, by several threads at a time.  It may
   change those rows. */
typedef struct pcs_watch {
    void (*done)(void *user, size_t row, size_t rows); /* NULL: nobody */
    void *user;
    size_t rows; /* at least 1 */
} pcs_watch_t;
/* Tells of all `m` rows at once. */
void pcs_watch_all(const pcs_watch_t *watch, unsigned threads, size_t m);

/* Where results go: element (m, n) at data[image * stride_image + y * stride_y + x * stride_x + n], where m is
   (image, y, x) on a grid of h x w.  A plain matrix has h = w = 1 and stride_image = its row distance. */
typedef struct pcs_result {
    float *data;
    uint32_t h, w;
    size_t stride_image, stride_y, stride_x;
    /* Not NULL: instead of all this, sums[(group * M + m) * N + n] += P << shift, exactly. */
    int64_t *sums;
    unsigned shift;
    pcs_watch_t watch;
} pcs_result_t;

typedef struct pcs_gemm {
    size_t m, n, k;     /* at least 1 each; of one copy */
    size_t copies;      /* products side by side; 0 and 1: one.  More: B is not transposed, Y has no `sums` */
    pcs_operand_t a, b; /* (M, K), (K, N) */
    size_t group;       /* steps of K that share a scale: divides k; 0 = k */
    size_t segment;     /* steps of K that the accumulator takes before it is read; 0 = the planner's choice */
    unsigned acc_bits;  /* accumulator width */
    bool saturate;      /* or wrap */
    /* Plans of the kind bfp alone: codes along K that share an exponent in memory, at most 2^31, and its width, bits;
       where the blocks lie: exponents.h.  0: exponents do not move. */
    size_t block;
    unsigned block_bits;
    pcs_result_t y;
    pcs_role_t role; /* these three for reports and random streams */
    uint32_t layer;
    uint32_t iteration;
} pcs_gemm_t;

PCS_MUST_CHECK pcs_status_t pcs_gemm_check(const pcs_gemm_t *gemm, pcs_error_t *err);

/* At least 1. */
size_t pcs_gemm_copies(const pcs_gemm_t *gemm);
/* Columns of B and Y: those of all copies. */
size_t pcs_gemm_columns(const pcs_gemm_t *gemm);
/* Multiply-accumulates of all copies, taps in the padding included. */
uint64_t pcs_gemm_macs(const pcs_gemm_t *gemm);
/* Copy number `index` as a contract of its own; `patch` gets the view of its A and must live as long. */
pcs_gemm_t pcs_gemm_copy(const pcs_gemm_t *gemm, size_t index, pcs_patch_t *patch);

/* Code of element (i, j) of an operand as a matrix of (rows, cols) = (M, K) or (K, N).  Padding gives code 0 and false.
   Of a wide operand: of its low limb. */
bool pcs_operand_at(const pcs_operand_t *operand, size_t i, size_t j, uint8_t *code);

/* ---- wide operands: passes of the array --------------------------------------------------------------------------

   An operand of 9..16 bits is two limbs, 256 high + low: the low one unsigned, the high one of bits - 8 bits (at least
   2), signed if the operand is.  Every pair of limbs is a pass, a contract of its own with its own accumulators; the
   vector unit adds the passes' sums up in 64 bits, each shifted left by 8 bits for each high limb in it. */
enum { PCS_LIMB_BITS = PCS_CODE_BITS, PCS_OPERAND_MAX_BITS = 2 * PCS_LIMB_BITS, PCS_PASSES_MAX = 4 };
/* 1, 2 or 4. */
unsigned pcs_gemm_passes(const pcs_gemm_t *gemm);
/* Pass `index` of a contract with wide operands: without offsets, its sums to go where `sums` says. */
pcs_gemm_t pcs_gemm_pass(const pcs_gemm_t *gemm, unsigned index, int64_t *sums);

/* ---- plan: how the array runs a contract ------------------------------------------------------------------------- */

typedef enum pcs_serial { PCS_SERIAL_NARROWER, PCS_SERIAL_A, PCS_SERIAL_B } pcs_serial_t;

typedef struct pcs_plan {
    unsigned passes;     /* of a copy; job, together are those of the first one; proven, worst, counts of all */
    pcs_array_job_t job; /* what the array runs; exchanged: the transposed product, its A is B of the contract */
    bool exchanged;      /* the array is input-stationary */
    unsigned together;   /* products that are added up exactly before they enter an accumulator */
    bool proven;         /* no segment can overflow the accumulator, whatever the codes are */
    uint64_t worst;      /* bound of |P| over one segment */
    pcs_counts_t counts; /* clocks and array events, closed form, no stalls; these and `system` of all copies */
    uint64_t system[PCS_SYSTEM_EVENT_COUNT];
} pcs_plan_t;

/* Largest K for which |sum of K products| fits an accumulator of acc_bits whatever the codes are; 0 when not even one
   product does. */
uint64_t pcs_segment_bound(unsigned pa, bool a_signed, unsigned pb, bool b_signed, unsigned acc_bits);

/* The array's accumulator width must be the contract's.  A segment of the contract that the array cannot run is
   PCS_INVALID; the planner's choice is the longest that cannot overflow, that the array can run and, where a kind has
   several accumulators, that gives all of them work. */
PCS_MUST_CHECK pcs_status_t pcs_gemm_plan(const pcs_gemm_t *gemm, const pcs_array_config_t *array, pcs_serial_t serial,
                                          pcs_plan_t *plan, pcs_error_t *err);

/* What a contract of these sizes costs on an array of the kind float or bfp, in this mode, of A and B of the contract;
   bits of its operands are those of their codes in memory, shared exponents (`block`) move beside them.  Segments are
   as long as the array takes or as the contract says, the vector unit adds them up, scales and rounds; nothing is said
   of overflow.  fgemm.h runs such contracts. */
PCS_MUST_CHECK pcs_status_t pcs_gemm_plan_aligned(const pcs_gemm_t *gemm, const pcs_array_config_t *array,
                                                  const pcs_mode_t *mode, pcs_plan_t *plan, pcs_error_t *err);

/* ---- engine: who runs it ------------------------------------------------------------------------------------------
 */

typedef enum pcs_executor {
    PCS_EXECUTOR_REF,
    PCS_EXECUTOR_FAST,
    PCS_EXECUTOR_CYCLE,
    PCS_EXECUTOR_RTL,
    PCS_EXECUTOR_COUNT
} pcs_executor_t;
const char *pcs_executor_name(pcs_executor_t executor); /* "ref", "fast", "cycle", "rtl" */

/* Kernels of `fast`.  AUTO takes the fastest that the machine has.  AMX leaves to AVX512VNNI what is no convolution,
   and weight gradients whose channels are no multiple of 16. */
typedef enum pcs_kernel {
    PCS_KERNEL_AUTO,
    PCS_KERNEL_PORTABLE,
    PCS_KERNEL_AVX2,
    PCS_KERNEL_AVX512VNNI,
    PCS_KERNEL_AMX,
    PCS_KERNEL_COUNT
} pcs_kernel_t;
const char *pcs_kernel_name(pcs_kernel_t kernel); /* "auto", "portable", "avx2", "avx512vnni", "amx" */
/* This machine can run it. */
bool pcs_kernel_available(pcs_kernel_t kernel);

typedef struct pcs_engine_config {
    pcs_executor_t executor;
    pcs_array_config_t array;
    pcs_serial_t serial;
    pcs_kernel_t kernel;
    unsigned threads;     /* 1.. ; results do not depend on it */
    pcs_array_dev_t *dev; /* CYCLE, RTL: the device, borrowed */
    /* Called for each GEMM after it ran, operands still in place, with its plan and the overflows it met; a status
       other than PCS_OK ends the run.  May be NULL. */
    pcs_status_t (*observe)(void *user, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err);
    void *observe_user;
} pcs_engine_config_t;

typedef struct pcs_engine pcs_engine_t;

PCS_MUST_CHECK pcs_status_t pcs_engine_create(const pcs_engine_config_t *config, pcs_engine_t **engine,
                                              pcs_error_t *err);
void pcs_engine_destroy(pcs_engine_t *engine);

/* Runs a contract.  plan (may be NULL) receives clocks and counts; with CYCLE and RTL they are also measured on the
   device, and a difference is PCS_MISMATCH with the event's name. `overflows` (may be NULL) receives the number of
   accumulator words whose overflow flag was set.  y must not alias the operands. */
PCS_MUST_CHECK pcs_status_t pcs_gemm_run(pcs_engine_t *engine, const pcs_gemm_t *gemm, pcs_plan_t *plan,
                                         uint64_t *overflows, pcs_error_t *err);

/* ---- one tile, for lock-step checks and replay ----------------------------------------------------------------------
 */

/* A small job with its codes, as the array sees it. */
typedef struct pcs_tile {
    uint32_t m, n, k; /* 1.. */
    uint32_t segment; /* 1..k */
    pcs_mode_t mode;
    uint16_t *a; /* (m, k) codes, as a stream fetches them */
    uint16_t *b; /* (k, n) codes */
} pcs_tile_t;

/* Part of a planned contract, in the rows, columns and steps of its job. */
typedef struct pcs_block {
    size_t m0, m, n0, n, k0, k;
} pcs_block_t;

/* Copies a block, of a contract with wide operands one of its first pass, of one with copies one of its first copy; its
   segment is `segment`.  Allocates a and b: pcs_tile_free. */
PCS_MUST_CHECK pcs_status_t pcs_tile_extract(const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_block_t *block,
                                             size_t segment, pcs_tile_t *tile, pcs_error_t *err);
/* Allocates a and b of a tile whose sizes are set; false, and both NULL: no memory. */
bool pcs_tile_allocate(pcs_tile_t *tile);
void pcs_tile_free(pcs_tile_t *tile);

/* The tile as a job, and its operands as a stream fetches them (models/array/stream.h). */
pcs_array_job_t pcs_tile_job(const pcs_tile_t *tile);
void pcs_tile_fetch_a(const pcs_tile_t *tile, uint64_t m, uint64_t k, size_t count, uint16_t *codes);
void pcs_tile_fetch_b(const pcs_tile_t *tile, uint64_t n, uint64_t k, size_t count, uint16_t *codes);

/* Accumulators of a tile by definition, on an array of this kind, digit and accumulator width: acc and flags (see
   pcs_array_out_t) are (segments, m, n). */
void pcs_tile_ref(const pcs_tile_t *tile, const pcs_array_config_t *array, int64_t *acc, uint8_t *flags);
size_t pcs_tile_segments(const pcs_tile_t *tile);

#ifdef __cplusplus
}
#endif
#endif
