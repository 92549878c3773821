/* One training step on images that are in the network's input already: what a run repeats and a benchmark times. */
#ifndef PCS_WORKLOADS_TRAIN_STEP_H
#define PCS_WORKLOADS_TRAIN_STEP_H

#include "workloads/nn/layers.h"
#include "workloads/nn/network.h"

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

#ifdef __cplusplus
}
#endif
#endif
