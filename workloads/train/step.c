#include "workloads/train/step.h"

#include "models/format/quantize.h"
#include "workloads/optim/optim.h"

pcs_status_t pcs_step_forward(pcs_network_t *network, const pcs_step_t *step, uint32_t n, const uint8_t *labels,
                              float *d, pcs_loss_t *loss, pcs_error_t *err)
{
    const float *logits = NULL;
    const size_t classes = pcs_network_outputs(network);
    const pcs_status_t status = pcs_network_forward(network, step, n, &logits, err);
    if (status != PCS_OK) {
        return status;
    }
    float min;
    float max;
    if (!pcs_tensor_range(logits, n * classes, &min, &max)) {
        return pcs_fail(err, PCS_INVALID,
                        "an output of the network is not finite: training diverged; a smaller "
                        "train.lr may help");
    }
    *loss = pcs_softmax_loss(n, classes, logits, labels, d);
    pcs_profile_mark(step->profile, 0, PCS_PASS_STEP, PCS_STAGE_LOSS);
    return PCS_OK;
}

pcs_status_t pcs_step_train(pcs_network_t *network, const pcs_step_t *step, uint32_t n, const uint8_t *labels,
                            const pcs_update_t *update, pcs_loss_t *loss, pcs_error_t *err)
{
    pcs_status_t status = pcs_step_forward(network, step, n, labels, pcs_network_output_gradient(network), loss, err);
    if (status == PCS_OK) {
        status = pcs_network_backward(network, step, n, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    const pcs_network_state_t state = pcs_network_state(network);
    pcs_sgd_step(state.params, update->lr, update->momentum, update->decay, state.gradient, state.velocity,
                 state.value);
    pcs_profile_mark(step->profile, 0, PCS_PASS_STEP, PCS_STAGE_UPDATE);
    return PCS_OK;
}
