#include "workloads/train/step.h"

#include "models/format/quantize.h"
#include "workloads/optim/optim.h"
#include "workloads/train/loss_scale.h"

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

static void update_float(const pcs_network_state_t *state, const pcs_step_t *step, const pcs_update_t *update,
                         const pcs_floats_t *floats, pcs_float_report_t *report)
{
    if (floats->binary32_master) {
        pcs_sgd_step(state->params, update->lr, update->momentum, update->decay, state->gradient, state->velocity,
                     state->value);
        return;
    }
    const pcs_stream_t stream = pcs_stream(step->seed, PCS_PURPOSE_MASTER, step->iteration, 0);
    pcs_master_step(&floats->master, step->threads, state->params, update->lr, update->momentum, update->decay, &stream,
                    state->gradient, state->velocity, state->compensation, state->value, &report->master);
}

pcs_status_t pcs_step_train_float(pcs_network_t *network, const pcs_step_t *step, uint32_t n, const uint8_t *labels,
                                  const pcs_update_t *update, const pcs_floats_t *floats, pcs_loss_t *loss,
                                  pcs_float_report_t *report, pcs_error_t *err)
{
    const pcs_network_state_t state = pcs_network_state(network);
    float *d = pcs_network_output_gradient(network);
    report->loss_scale = state.control[PCS_LOSS_SCALE_S];
    pcs_status_t status = pcs_step_forward(network, step, n, labels, d, loss, err);
    if (status == PCS_OK) {
        pcs_loss_scale_multiply(state.control, (size_t)n * pcs_network_outputs(network), d);
        status = pcs_network_backward(network, step, n, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    const bool good = pcs_loss_scale_divide(state.control, step->threads, state.params, state.gradient);
    report->skipped = !good;
    if (!good && !floats->backoff) {
        return pcs_fail(err, PCS_INVALID,
                        "the gradient of a parameter is not finite at iteration %u: training diverged; a smaller "
                        "train.lr, or another float.loss-scale than %g, may help",
                        step->iteration, (double)report->loss_scale);
    }
    if (good) {
        update_float(&state, step, update, floats, report);
    }
    if (floats->backoff && !pcs_loss_scale_adapt(state.control, good)) {
        return pcs_fail(err, PCS_INVALID,
                        "gradients are not finite at iteration %u even with a loss scale of %g: training diverged; a "
                        "smaller train.lr may help",
                        step->iteration, (double)report->loss_scale);
    }
    pcs_profile_mark(step->profile, 0, PCS_PASS_STEP, PCS_STAGE_UPDATE);
    return PCS_OK;
}
