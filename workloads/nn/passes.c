/* Forward and backward passes of a network. */
#include <string.h>

#include "workloads/nn/network_internal.h"

/* ---- forward --------------------------------------------------------------------------------------------------------
 */

static size_t input_area(const pcs_network_t *net, const layer_t *layer)
{
    return layer->input == PCS_LAYER_IMAGES ? (size_t)net->in_height * net->in_width
                                            : pcs_layer_area(&net->layers[layer->input]);
}

static pcs_status_t forward_layer(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                  pcs_error_t *err)
{
    const size_t rows = n * pcs_layer_area(layer);
    const size_t count = n * pcs_layer_elements(layer);
    pcs_stage_t stage = PCS_STAGE_POINTWISE;
    if (layer->y != layer->x && (layer->kind == PCS_LAYER_RELU || layer->kind == PCS_LAYER_ADD)) {
        memcpy(layer->y, layer->x, count * sizeof *layer->y);
    }
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        return pcs_conv_forward(&layer->u.conv, step, n, layer->x, layer->y, err);
    case PCS_LAYER_BATCHNORM:
        stage = PCS_STAGE_BATCHNORM;
        if (step->training) {
            pcs_batchnorm_forward(&layer->u.bn, step->threads, rows, layer->x, layer->y);
        } else {
            pcs_batchnorm_evaluate(&layer->u.bn, step->threads, rows, layer->x, layer->y);
        }
        break;
    case PCS_LAYER_RELU:
        pcs_relu_forward(step->threads, count, layer->y);
        break;
    case PCS_LAYER_ADD:
        pcs_add(step->threads, count, net->layers[layer->skip].y, layer->y);
        break;
    case PCS_LAYER_POOL:
        pcs_pool_forward(step->threads, n, input_area(net, layer), layer->channels, layer->x, layer->y);
        break;
    default:
        stage = PCS_STAGE_LINEAR;
        pcs_linear_forward(&layer->u.linear, step->threads, n, layer->x, layer->y);
        break;
    }
    pcs_profile_mark(step->profile, layer->conv, PCS_PASS_FORWARD, stage);
    return PCS_OK;
}

pcs_status_t pcs_network_forward(pcs_network_t *network, const pcs_step_t *step, uint32_t n, const float **logits,
                                 pcs_error_t *err)
{
    PCS_ASSERT(n >= 1 && n <= network->batch);
    for (size_t i = 0; i < network->count; i++) {
        const pcs_status_t status = forward_layer(network, &network->layers[i], step, n, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    *logits = network->layers[network->count - 1U].y;
    return PCS_OK;
}

/* ---- backward -------------------------------------------------------------------------------------------------------
 */

static gradient_t *take(pcs_network_t *net)
{
    size_t i = 0;
    while (i < PCS_GRADIENTS && net->gradient[i].users > 0) {
        i++;
    }
    PCS_ASSERT(i < PCS_GRADIENTS);
    net->gradient[i].users = 1;
    return &net->gradient[i];
}

/* Hands d, which the caller uses, to the layer whose output it is the gradient of; for the images it is dropped. */
static void hand(pcs_network_t *net, size_t to, gradient_t *d)
{
    if (to == PCS_LAYER_IMAGES) {
        d->users--;
        return;
    }
    gradient_t **pending = net->layers[to].pending;
    PCS_ASSERT(pending[1] == NULL);
    pending[pending[0] != NULL] = d;
}

/* Gradient of the layer's output, the caller its only user: sum of what its readers gave. */
static gradient_t *collect(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, size_t count)
{
    gradient_t *d = layer->pending[0];
    gradient_t *more = layer->pending[1];
    layer->pending[0] = NULL;
    layer->pending[1] = NULL;
    PCS_ASSERT(d != NULL);
    if (d->users > 1) {
        gradient_t *own = take(net);
        memcpy(own->data, d->data, count * sizeof *own->data);
        d->users--;
        d = own;
    }
    if (more != NULL) {
        pcs_add(step->threads, count, more->data, d->data);
        more->users--;
    }
    return d;
}

static pcs_status_t backward_layer(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                   pcs_error_t *err)
{
    const size_t count = n * pcs_layer_elements(layer);
    gradient_t *d = collect(net, layer, step, count);
    gradient_t *dx = d;
    pcs_status_t status = PCS_OK;
    pcs_stage_t stage = PCS_STAGE_POINTWISE;
    switch (layer->kind) {
    case PCS_LAYER_RELU:
        pcs_relu_backward(step->threads, count, layer->y, d->data);
        break;
    case PCS_LAYER_ADD:
        d->users++;
        hand(net, layer->skip, d);
        break;
    case PCS_LAYER_BATCHNORM:
        stage = PCS_STAGE_BATCHNORM;
        pcs_batchnorm_backward(&layer->u.bn, step->threads, n * pcs_layer_area(layer), layer->x, d->data);
        break;
    case PCS_LAYER_CONV:
        dx = take(net);
        status = pcs_conv_backward(&layer->u.conv, step, n, d->data, layer->input != PCS_LAYER_IMAGES ? dx->data : NULL,
                                   err);
        break;
    case PCS_LAYER_POOL:
        dx = take(net);
        pcs_pool_backward(step->threads, n, input_area(net, layer), layer->channels, d->data, dx->data);
        break;
    default:
        stage = PCS_STAGE_LINEAR;
        dx = take(net);
        pcs_linear_backward(&layer->u.linear, step->threads, n, layer->x, d->data, dx->data);
        break;
    }
    d->users -= dx != d;
    hand(net, layer->input, dx);
    if (layer->kind != PCS_LAYER_CONV) {
        pcs_profile_mark(step->profile, layer->conv, PCS_PASS_BACKWARD, stage);
    }
    return status;
}

pcs_status_t pcs_network_backward(pcs_network_t *network, const pcs_step_t *step, uint32_t n, pcs_error_t *err)
{
    layer_t *last = &network->layers[network->count - 1U];
    for (size_t i = 0; i < network->count; i++) {
        network->layers[i].pending[0] = NULL; /* a pass that failed may have left some */
        network->layers[i].pending[1] = NULL;
    }
    for (int i = 0; i < PCS_GRADIENTS; i++) {
        network->gradient[i].users = 0;
    }
    gradient_t *d = take(network);
    memcpy(d->data, network->output_gradient, n * pcs_layer_elements(last) * sizeof *d->data);
    hand(network, network->count - 1U, d);
    for (size_t i = network->count; i > 0; i--) {
        const pcs_status_t status = backward_layer(network, &network->layers[i - 1U], step, n, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}
