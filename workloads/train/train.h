/* A training run: data, network, optimizer, precision schedule, checkpoints.  Every GEMM of a quantized layer goes
   through an engine (models/gemm/gemm.h); this room does not know which executor runs.  With precision.schedule fp32
   the same run is done in binary32 by OpenBLAS, for comparison: no engine, and its bits are not promised. */
#ifndef PCS_WORKLOADS_TRAIN_TRAIN_H
#define PCS_WORKLOADS_TRAIN_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/gemm/gemm.h"
#include "workloads/nn/conv_contract.h"
#include "workloads/nn/profile.h"
#include "workloads/policy/schedule.h"
#include "workloads/train/config.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_train_progress {
    uint64_t iteration;        /* just finished, 0-based */
    uint64_t iterations;       /* of the run */
    unsigned fw_bits, bw_bits; /* 0: binary32 */
    double lr;
    double loss;     /* mean cross-entropy of the batch, nats */
    double accuracy; /* of the batch, 0..1 */
    double epoch;    /* passes over the training set finished, fractional */
} pcs_train_progress_t;

typedef struct pcs_train_eval {
    uint64_t iteration;    /* iterations finished */
    unsigned fw_bits;      /* bit-width evaluated at; 0: binary32 */
    double loss, accuracy; /* test set */
} pcs_train_eval_t;

typedef struct pcs_train_hooks {
    void *user;
    /* After each iteration; a status other than PCS_OK ends the run (a checkpoint is written first on PCS_INTERRUPTED).
     */
    pcs_status_t (*iteration)(void *user, const pcs_train_progress_t *progress, pcs_error_t *err);
    pcs_status_t (*evaluated)(void *user, const pcs_train_eval_t *eval, pcs_error_t *err);
    /* The caller's own state inside the checkpoint: called before one is written, and after one was read. */
    pcs_status_t (*save)(void *user, const void **bytes, size_t *size, pcs_error_t *err);
    pcs_status_t (*restore)(void *user, const void *bytes, size_t size, uint64_t iteration, pcs_error_t *err);
    const pcs_profile_t *profile; /* of the training passes; NULL: none */
} pcs_train_hooks_t;

typedef struct pcs_train_result {
    uint64_t iterations;
    double loss, accuracy; /* test set, at the end, 0..1 */
    uint64_t final_hash;   /* FNV-1a of parameters, momentum, running statistics and ranges, bit for bit; in
                              binary32 it says what this machine made of them */
} pcs_train_result_t;

/* What a configuration says about the contracts of its layers. */
pcs_numerics_t pcs_train_numerics(const pcs_config_t *config);

/* What a run will do, for reports: filled by pcs_train_open. */
typedef struct pcs_train pcs_train_t;

/* Reads the data, builds the network, and - when `resume` - restores <output>/checkpoint.  Everything the caller did
   wrong is found here, before anything is written.  Engines are borrowed and must have the configured accumulator
   width. `evaluator` runs the test set (NULL: `engine` does): all executors give the same bits, so that a slow one need
   train only; in binary32 both are NULL.  config->output may be empty only without checkpoints (checkpoint_every 0, no
   resume): then none is ever written. */
PCS_MUST_CHECK pcs_status_t pcs_train_open(const pcs_config_t *config, pcs_engine_t *engine, pcs_engine_t *evaluator,
                                           bool resume, const pcs_train_hooks_t *hooks, pcs_train_t **train,
                                           pcs_error_t *err);
/* Number of iterations of the run, and the first one to do (0, or where the checkpoint stands). */
uint64_t pcs_train_iterations(const pcs_train_t *train);
uint64_t pcs_train_first(const pcs_train_t *train);
/* Images of the training set, and of those the ones that fill no batch: each epoch leaves out as many, chosen by its
   shuffle. */
uint32_t pcs_train_images(const pcs_train_t *train);
uint32_t pcs_train_left_over(const pcs_train_t *train);
/* Its bits; of no use in binary32. */
const pcs_schedule_t *pcs_train_schedule(const pcs_train_t *train);
/* Name of a layer ("conv1") by the number that contracts carry; NULL past the last. */
const char *pcs_train_layer_name(const pcs_train_t *train, uint32_t layer);
/* Trains to the end, evaluates, fills result.  Checkpoints are written every checkpoint_every iterations and after the
   last one; an evaluation runs every eval_every iterations and at the end.  PCS_INVALID when training diverged. */
PCS_MUST_CHECK pcs_status_t pcs_train_run(pcs_train_t *train, pcs_train_result_t *result, pcs_error_t *err);
void pcs_train_close(pcs_train_t *train);

#ifdef __cplusplus
}
#endif
#endif
