/* Sums of a contract whose A is stored by step, kept by each thread for its range of K. */
#ifndef PCS_MODELS_GEMM_KERNELS_STEPS_H
#define PCS_MODELS_GEMM_KERNELS_STEPS_H

#include "models/gemm/kernels/kernels.h"

/* Sums of one thread: 32 bits while they surely hold, then 64. */
typedef struct pcs_steps {
    int32_t *p32;      /* (M, n) */
    int64_t *p;        /* (M, N) */
    int32_t *row_sums; /* (M) values of A since the last flush */
    int32_t *col_sums; /* (N) values of B */
    int64_t *rows, *cols;
    size_t steps; /* since the last flush, those that fill dwords included */
} pcs_steps_t;

/* Takes its arrays from a block of memory. */
void pcs_steps_lay(const pcs_job_t *job, char *base, size_t *at, pcs_steps_t *sums);
/* All zero. */
void pcs_steps_start(const pcs_job_t *job, pcs_steps_t *sums);
/* Room for `steps` more in the 32-bit sums. */
void pcs_steps_reserve(const pcs_job_t *job, pcs_steps_t *sums, size_t steps);
/* What the 32-bit sums hold into the 64-bit ones, signs flipped back. */
void pcs_steps_flush(const pcs_job_t *job, pcs_steps_t *sums);
/* By every thread of a team: flushes `own`, adds the 64-bit sums of all up in `total`, which is one of them, and makes
   the contract's results of them. */
void pcs_steps_finish(const pcs_job_t *job, pcs_steps_t *own, pcs_steps_t *total);

#endif
