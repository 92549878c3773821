/* One training step on images that are in the network's input already: what a run repeats and a benchmark times. */
#ifndef PCS_WORKLOADS_TRAIN_STEP_H
#define PCS_WORKLOADS_TRAIN_STEP_H

#include "workloads/nn/layers.h"
#include "workloads/nn/network.h"
#include "workloads/train/floats.h"

#ifdef __cplusplus
extern "C" {
#endif

/* SGD: see pcs_sgd_step. */
typedef struct pcs_update {
    float lr, momentum, decay;
} pcs_update_t;

/* Forward pass and loss of the n images; labels (n); d (n, outputs) gets the gradient of the mean loss, may be NULL.
   PCS_INVALID when an output is not finite. */
PCS_MUST_CHECK pcs_status_t pcs_step_forward(pcs_network_t *network, const pcs_step_t *step, uint32_t n,
                                             const uint8_t *labels, float *d, pcs_loss_t *loss, pcs_error_t *err);
/* Forward pass, loss, backward pass, update of every parameter. */
PCS_MUST_CHECK pcs_status_t pcs_step_train(pcs_network_t *network, const pcs_step_t *step, uint32_t n,
                                           const uint8_t *labels, const pcs_update_t *update, pcs_loss_t *loss,
                                           pcs_error_t *err);

/* What a step in floating point did, beside the loss. */
typedef struct pcs_float_report {
    float loss_scale; /* of this step */
    bool skipped;     /* no update: a gradient was not finite */
    pcs_float_tally_t tally;
    pcs_master_counts_t master; /* zero where the master is binary32 */
} pcs_float_report_t;

/* The same of a network in floating point, with its loss scale and master weights; back-off: see loss_scale.h.  The
   report grows by this step's counts, which step->tally must point into.  PCS_INVALID also when a gradient is not
   finite and nothing backs off. */
PCS_MUST_CHECK pcs_status_t pcs_step_train_float(pcs_network_t *network, const pcs_step_t *step, uint32_t n,
                                                 const uint8_t *labels, const pcs_update_t *update,
                                                 const pcs_floats_t *floats, pcs_loss_t *loss,
                                                 pcs_float_report_t *report, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
