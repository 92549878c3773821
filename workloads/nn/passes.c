/* Forward and backward passes of a network. */
#include <math.h>
#include <string.h>

#include "workloads/nn/network_internal.h"

/* ---- forward --------------------------------------------------------------------------------------------------------
 */

static size_t input_area(const pcs_network_t *net, const layer_t *layer)
{
    return layer->input == PCS_LAYER_IMAGES ? (size_t)net->in_height * net->in_width
                                            : pcs_layer_area(&net->layers[layer->input]);
}

/* The rectifier that reads layer i alone and works in place on it is done with it; NULL: there is none. */
static layer_t *fused_relu(pcs_network_t *net, size_t i)
{
    layer_t *next = i + 1U < net->count ? &net->layers[i + 1U] : NULL;
    const bool fused = next != NULL && next->kind == PCS_LAYER_RELU && next->input == i && next->y == net->layers[i].y;
    return fused ? next : NULL;
}

/* Rows of a normalisation's output or gradient, as makers of tensors take them. */
typedef struct normalised {
    const pcs_batchnorm_t *bn;
    const float *x;
    const float *d; /* gradient of the output; forward: NULL */
    bool relu;      /* behind it */
} normalised_t;

static void make_rows(const void *from, size_t row, size_t rows, float *to)
{
    const normalised_t *all = from;
    const size_t at = row * all->bn->channels;
    if (all->d == NULL) {
        pcs_batchnorm_make(all->bn, rows, all->x + at, all->relu, to);
    } else {
        pcs_batchnorm_make_grad(all->bn, rows, all->x + at, all->relu, all->d + at, to);
    }
}

/* Output of a layer that is made. */
static normalised_t output_of(const pcs_network_t *net, const layer_t *layer)
{
    const bool relu = layer->kind == PCS_LAYER_RELU;
    const layer_t *normaliser = relu ? &net->layers[layer->input] : layer;
    const normalised_t all = {.bn = &normaliser->u.bn, .x = normaliser->x, .relu = relu};
    return all;
}

static pcs_status_t forward_conv(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                 pcs_error_t *err)
{
    const layer_t *before = layer->input != PCS_LAYER_IMAGES ? &net->layers[layer->input] : NULL;
    const pcs_span_t *span = before != NULL && before->spanned ? &before->span : NULL;
    if (before == NULL || !before->made) {
        return pcs_conv_forward(&layer->u.conv, step, n, layer->x, span, layer->y, err);
    }
    const normalised_t all = output_of(net, before);
    const pcs_maker_t maker = {make_rows, &all};
    return pcs_conv_forward_made(&layer->u.conv, step, n, &maker, span, layer->y, err);
}

/* `made` gets the span of the output, which may be that of the rectifier behind it. */
static void forward_batchnorm(const layer_t *layer, const pcs_step_t *step, uint32_t n, bool relu, layer_t *made)
{
    const pcs_batchnorm_t *bn = &layer->u.bn;
    const size_t rows = n * pcs_layer_area(layer);
    made->spanned = step->training;
    if (step->training && layer->made) {
        pcs_batchnorm_measure(bn, step->threads, rows, layer->x, relu, &made->span);
    } else if (step->training) {
        pcs_batchnorm_forward(bn, step->threads, rows, layer->x, layer->y, relu, &made->span);
    } else if (layer->made) {
        pcs_batchnorm_recall(bn);
    } else {
        pcs_batchnorm_evaluate(bn, step->threads, rows, layer->x, layer->y, relu);
    }
}

/* Rows of an addition whose operands may have to be made; `relu`: rectified, and the span grows. */
static void add_rows(const pcs_network_t *net, const layer_t *layer, size_t row, size_t rows, bool relu,
                     pcs_span_t *span)
{
    const layer_t *input = &net->layers[layer->input];
    const layer_t *skip = &net->layers[layer->skip];
    const size_t at = row * layer->channels;
    const size_t count = rows * layer->channels;
    float made[PCS_MADE_ELEMENTS];
    if (input->made) {
        const normalised_t all = output_of(net, input);
        make_rows(&all, row, rows, layer->y + at);
    } else if (layer->y != layer->x) {
        memcpy(layer->y + at, layer->x + at, count * sizeof *layer->y);
    }
    if (skip->made) {
        const normalised_t all = output_of(net, skip);
        make_rows(&all, row, rows, made);
    }
    const float *more = skip->made ? made : skip->y + at;
    if (relu) {
        pcs_add_relu_part(count, more, layer->y + at, span);
    } else {
        pcs_add_part(count, more, layer->y + at);
    }
}

static void forward_add(const pcs_network_t *net, const layer_t *layer, const pcs_step_t *step, uint32_t n, bool relu,
                        pcs_span_t *span)
{
    const size_t rows = n * pcs_layer_area(layer);
    const size_t most = layer->channels < PCS_MADE_ELEMENTS ? PCS_MADE_ELEMENTS / layer->channels : 1;
    float low = INFINITY;
    float high = -INFINITY;
    float poison = 0.0F;
#pragma omp parallel for num_threads(step->threads) schedule(static) reduction(min : low) reduction(max : high) \
    reduction(+ : poison)
    for (size_t part = 0; part < pcs_chunks(rows, most); part++) {
        pcs_span_t own = {low, high, poison};
        add_rows(net, layer, part * most, rows - part * most < most ? rows - part * most : most, relu, &own);
        low = own.low;
        high = own.high;
        poison = own.poison;
    }
    *span = (pcs_span_t){low, high, poison};
}

/* *done: layers that are done after it. */
static pcs_status_t forward_layer(pcs_network_t *net, size_t i, const pcs_step_t *step, uint32_t n, size_t *done,
                                  pcs_error_t *err)
{
    layer_t *layer = &net->layers[i];
    layer_t *relu = fused_relu(net, i);
    layer_t *made = relu != NULL ? relu : layer; /* whose output y and its span will be */
    const size_t count = n * pcs_layer_elements(layer);
    pcs_stage_t stage = PCS_STAGE_POINTWISE;
    *done = i + 1U;
    layer->spanned = false;
    if (layer->y != layer->x && layer->kind == PCS_LAYER_RELU) {
        memcpy(layer->y, layer->x, count * sizeof *layer->y);
    }
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        return forward_conv(net, layer, step, n, err);
    case PCS_LAYER_BATCHNORM:
        stage = PCS_STAGE_BATCHNORM;
        forward_batchnorm(layer, step, n, relu != NULL, made);
        *done += relu != NULL;
        break;
    case PCS_LAYER_RELU:
        pcs_relu_forward(step->threads, count, layer->y);
        break;
    case PCS_LAYER_ADD:
        forward_add(net, layer, step, n, relu != NULL, &made->span);
        made->spanned = relu != NULL;
        *done += relu != NULL;
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
    for (size_t i = 0; i < network->count;) {
        const pcs_status_t status = forward_layer(network, i, step, n, &i, err);
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

/* Takes the gradients of the layer's output that its readers gave: one, or two to be added. */
static gradient_t *receive(layer_t *layer, gradient_t **more)
{
    gradient_t *d = layer->pending[0];
    *more = layer->pending[1];
    layer->pending[0] = NULL;
    layer->pending[1] = NULL;
    PCS_ASSERT(d != NULL);
    return d;
}

/* The same values, the caller their only user. */
static gradient_t *own(pcs_network_t *net, gradient_t *d, size_t count)
{
    if (d->users == 1) {
        return d;
    }
    gradient_t *copy = take(net);
    memcpy(copy->data, d->data, count * sizeof *copy->data);
    d->users--;
    return copy;
}

/* Through a normalisation, and with `relu` through the rectifier behind it; in place unless others need d.  A
   convolution in front of it makes the gradient itself. */
static gradient_t *backward_batchnorm(pcs_network_t *net, const layer_t *layer, bool relu, const pcs_step_t *step,
                                      uint32_t n, gradient_t *d)
{
    const size_t rows = n * pcs_layer_area(layer);
    layer_t *before = layer->input != PCS_LAYER_IMAGES ? &net->layers[layer->input] : NULL;
    if (before != NULL && pcs_layer_quantizes(before) && before->readers == 1 && layer->channels <= PCS_MADE_ELEMENTS) {
        pcs_batchnorm_measure_grad(&layer->u.bn, step->threads, rows, layer->x, relu, d->data, &before->through_span);
        before->through = layer;
        before->through_relu = relu;
        return d;
    }
    gradient_t *dx = d->users > 1 ? take(net) : d;
    pcs_batchnorm_backward(&layer->u.bn, step->threads, rows, layer->x, relu, d->data, dx->data, &dx->span);
    dx->spanned = true;
    d->users -= dx != d;
    return dx;
}

/* Into a buffer of its own. */
static pcs_status_t backward_into(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                  const gradient_t *d, gradient_t *dx, pcs_error_t *err)
{
    dx->spanned = false;
    if (layer->kind == PCS_LAYER_CONV) {
        float *made = layer->input != PCS_LAYER_IMAGES ? dx->data : NULL;
        if (layer->through == NULL) {
            return pcs_conv_backward(&layer->u.conv, step, n, d->data, d->spanned ? &d->span : NULL, made, err);
        }
        const normalised_t all = {&layer->through->u.bn, layer->through->x, d->data, layer->through_relu};
        const pcs_maker_t maker = {make_rows, &all};
        return pcs_conv_backward_made(&layer->u.conv, step, n, &maker, &layer->through_span, made, err);
    }
    if (layer->kind == PCS_LAYER_POOL) {
        pcs_pool_backward(step->threads, n, input_area(net, layer), layer->channels, d->data, dx->data);
    } else {
        pcs_linear_backward(&layer->u.linear, step->threads, n, layer->x, d->data, dx->data);
    }
    return PCS_OK;
}

static pcs_status_t backward_layer(pcs_network_t *net, size_t i, const pcs_step_t *step, uint32_t n, pcs_error_t *err)
{
    layer_t *layer = &net->layers[i];
    const size_t count = n * pcs_layer_elements(layer);
    pcs_stage_t stage = PCS_STAGE_POINTWISE;
    pcs_status_t status = PCS_OK;
    gradient_t *more = NULL;
    gradient_t *d = receive(layer, &more);
    gradient_t *dx = d;
    if (more != NULL && layer->kind != PCS_LAYER_RELU) {
        d = own(net, d, count);
        pcs_add(step->threads, count, more->data, d->data);
        d->spanned = false;
        more->users--;
        dx = d;
    }
    switch (layer->kind) {
    case PCS_LAYER_RELU:
        if (more == NULL && i > 0 && net->layers[i - 1U].kind == PCS_LAYER_BATCHNORM &&
            fused_relu(net, i - 1U) != NULL) {
            break; /* the normalisation does it */
        }
        dx = own(net, d, count);
        pcs_relu_backward(step->threads, count, layer->y, more != NULL ? more->data : NULL, dx->data);
        dx->spanned = false;
        if (more != NULL) {
            more->users--;
        }
        layer->passed = true;
        break;
    case PCS_LAYER_ADD:
        d->users++;
        hand(net, layer->skip, d);
        break;
    case PCS_LAYER_BATCHNORM: {
        const layer_t *relu = fused_relu(net, i);
        stage = PCS_STAGE_BATCHNORM;
        dx = backward_batchnorm(net, layer, relu != NULL && !relu->passed, step, n, d);
        break;
    }
    default:
        stage = PCS_STAGE_LINEAR;
        dx = take(net);
        status = backward_into(net, layer, step, n, d, dx, err);
        d->users--;
        break;
    }
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
        network->layers[i].passed = false;
        network->layers[i].through = NULL;
    }
    for (int i = 0; i < PCS_GRADIENTS; i++) {
        network->gradient[i].users = 0;
    }
    gradient_t *d = take(network);
    d->spanned = false;
    memcpy(d->data, network->output_gradient, n * pcs_layer_elements(last) * sizeof *d->data);
    hand(network, network->count - 1U, d);
    for (size_t i = network->count; i > 0; i--) {
        const pcs_status_t status = backward_layer(network, i - 1U, step, n, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}
