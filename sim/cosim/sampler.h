/* Which tiles of a training run are checked in lock-step.

   In every iteration that is a multiple of `every`, exactly `tiles` tiles are checked (none when the iteration has no
   GEMM).  Each is drawn uniformly: a GEMM of the iteration, of several copies one, a tile of it, a window of at most
   `steps` steps of what runs in a PE at a time - one segment of K, or several side by side - so every layer and role
   gets its share.  A weight-stationary tile streams at most `steps` rows.  The draws are keyed by (seed, iteration)
   alone: a resumed run checks the same tiles.  How many GEMMs an iteration has is known only at its end, so candidates
   are copied while the GEMMs pass (a reservoir), and the checks run at the end of the iteration. */
#ifndef PCS_SIM_COSIM_SAMPLER_H
#define PCS_SIM_COSIM_SAMPLER_H

#include "sim/cosim/cosim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One checked tile. */
typedef struct pcs_sample {
    uint32_t iteration, layer;
    pcs_role_t role;
    size_t m0, n0, k0; /* its corner in the job of the GEMM's plan; columns of the GEMM are those of all copies */
    pcs_tile_t tile;   /* as checked */
} pcs_sample_t;

typedef struct pcs_sampler_options {
    uint64_t seed;
    uint64_t every; /* 1.. iterations */
    size_t tiles;   /* 1.. */
    size_t steps;   /* 1.. */
    /* Called for each checked tile, also for the one that differs; a status other than PCS_OK ends it.  May be NULL. */
    pcs_status_t (*report)(void *user, const pcs_sample_t *sample, const pcs_cosim_result_t *result, pcs_error_t *err);
    void *user;
} pcs_sampler_options_t;

typedef struct pcs_sampler pcs_sampler_t;

/* cosim is borrowed. */
PCS_MUST_CHECK pcs_status_t pcs_sampler_create(pcs_cosim_t *cosim, const pcs_sampler_options_t *options,
                                               pcs_sampler_t **sampler, pcs_error_t *err);
void pcs_sampler_destroy(pcs_sampler_t *sampler);

/* Looks at a GEMM about to run (arguments of the engine's observer).  The first GEMM of another iteration finishes the
   one before. */
PCS_MUST_CHECK pcs_status_t pcs_sampler_gemm(pcs_sampler_t *sampler, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                                             pcs_error_t *err);
/* The iteration has ended: checks what was drawn.  PCS_MISMATCH on the first difference. */
PCS_MUST_CHECK pcs_status_t pcs_sampler_finish(pcs_sampler_t *sampler, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
