/* Inside of the engine: what its executors share. */
#ifndef PCS_MODELS_GEMM_ENGINE_INTERNAL_H
#define PCS_MODELS_GEMM_ENGINE_INTERNAL_H

#include "models/gemm/gemm.h"
#include "models/gemm/output.h"

struct pcs_kernel_ops;

struct pcs_engine {
    pcs_engine_config_t config;
    const struct pcs_kernel_ops *kernel; /* of `fast` */
    pcs_room_t scratch, wide;            /* of kernels; sums of passes */
    pcs_sums_room_t sums[2];             /* of a contract, and of the high limbs of its B */
    bool told;                           /* who watches the results knows of them already */
};

/* Scratch memory of at least `bytes`, 64-byte aligned, contents undefined; NULL when there is none. */
void *pcs_engine_scratch(pcs_engine_t *engine, size_t bytes);

/* Executors: all results of a checked and planned contract.  `overflows` counts words whose sticky flag was set. */
pcs_status_t pcs_run_ref(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_sums_t *sums,
                         uint64_t *overflows, pcs_error_t *err);
pcs_status_t pcs_run_fast(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_sums_t *sums,
                          uint64_t *overflows, pcs_error_t *err);
/* The same contract with a dense A as the 1 x 1 patches of an image, which `fast` is faster on; itself where that
   cannot be. */
typedef struct pcs_fast_view {
    pcs_gemm_t gemm;
    pcs_patch_t patch;
} pcs_fast_view_t;
const pcs_gemm_t *pcs_fast_view(const pcs_gemm_t *gemm, pcs_fast_view_t *view);
/* `fast` runs all copies of this contract at once; the others, and those of other executors, come one by one. */
bool pcs_fast_takes_copies(const pcs_gemm_t *gemm, const pcs_plan_t *plan);
pcs_status_t pcs_run_device(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                            const pcs_sums_t *sums, uint64_t *overflows, pcs_error_t *err);

typedef pcs_status_t pcs_run_fn(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                                const pcs_sums_t *sums, uint64_t *overflows, pcs_error_t *err);

/* A contract with wide operands: every pass by `run`, then their sums through the output stage. */
pcs_status_t pcs_run_wide(pcs_engine_t *engine, const pcs_gemm_t *gemm, pcs_run_fn *run, uint64_t *overflows,
                          pcs_error_t *err);

#endif
