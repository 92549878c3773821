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

/* Shows a normalisation rows of its input that a convolution has just made. */
static void see_rows(void *user, size_t row, size_t rows)
{
    const layer_t *normaliser = user;
    pcs_batchnorm_see(&normaliser->u.bn, row, rows, normaliser->x + row * normaliser->channels);
}

static pcs_status_t forward_conv(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                 pcs_error_t *err)
{
    layer_t *next = layer + 1 < net->layers + net->count ? layer + 1 : NULL;
    layer->u.conv.y_watch = (pcs_watch_t){0};
    if (step->training && next != NULL && next->kind == PCS_LAYER_BATCHNORM && next->x == layer->y) {
        layer->u.conv.y_watch = (pcs_watch_t){see_rows, next, PCS_CHUNK_ROWS};
        next->seen = true;
    }
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
    if (step->training && layer->seen) {
        pcs_batchnorm_settle(bn, rows, relu, &made->span);
    } else if (step->training) {
        pcs_batchnorm_measure(bn, step->threads, rows, layer->x, relu, &made->span);
    } else {
        pcs_batchnorm_recall(bn);
    }
    if (!layer->made) {
        pcs_batchnorm_make_all(bn, step->threads, rows, layer->x, relu, layer->y);
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
#pragma omp parallel for num_threads(step->threads) schedule(dynamic, 4) reduction(min : low) reduction(max : high) \
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
    for (size_t i = 0; i < network->count; i++) {
        network->layers[i].seen = false;
    }
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
    pcs_span_t span;
    if (layer->seen) {
        pcs_batchnorm_settle_grad(&layer->u.bn, step->threads, rows, layer->x, relu, d->data, &span);
    } else {
        pcs_batchnorm_measure_grad(&layer->u.bn, step->threads, rows, layer->x, relu, d->data, &span);
    }
    if (before != NULL && pcs_layer_quantizes(before) && before->readers == 1 && layer->channels <= PCS_MADE_ELEMENTS) {
        before->through = layer;
        before->through_relu = relu;
        before->through_span = span;
        return d;
    }
    gradient_t *dx = d->users > 1 ? take(net) : d;
    pcs_batchnorm_make_grad_all(&layer->u.bn, step->threads, rows, layer->x, relu, d->data, dx->data);
    dx->span = span;
    dx->spanned = true;
    d->users -= dx != d;
    return dx;
}

/* What follows rows of a gradient that a convolution has just made: the rectifier that they are the gradient of, with
   another gradient added, and the normalisation before it, which is shown what it measures. */
typedef struct sequel {
    float *d;
    size_t channels;
    layer_t *relu;    /* NULL: none, or it is left to the normalisation */
    gradient_t *more; /* with relu: the other gradient */
    layer_t *normaliser;
    bool normaliser_relu; /* the rectifier is left to it */
} sequel_t;

static void follow(void *user, size_t row, size_t rows)
{
    const sequel_t *sequel = user;
    const size_t at = row * sequel->channels;
    if (sequel->relu != NULL) {
        pcs_relu_backward_part(rows * sequel->channels, sequel->relu->y + at, sequel->more->data + at, sequel->d + at);
    }
    if (sequel->normaliser != NULL) {
        pcs_batchnorm_see_grad(&sequel->normaliser->u.bn, row, rows, sequel->normaliser->x + at,
                               sequel->normaliser_relu, sequel->d + at);
    }
}

/* The layer that reads nothing but layer i, which nobody else reads, is given its gradient as it is. */
static layer_t *single_normaliser(pcs_network_t *net, size_t i)
{
    layer_t *layer = i != PCS_LAYER_IMAGES ? &net->layers[i] : NULL;
    return layer != NULL && layer->kind == PCS_LAYER_BATCHNORM && layer->readers == 1 ? layer : NULL;
}

/* What follows dx, the gradient that is made for layer `to`. */
static sequel_t sequel_of(pcs_network_t *net, size_t to, gradient_t *dx)
{
    layer_t *layer = &net->layers[to];
    sequel_t sequel = {.d = dx->data, .channels = layer->channels};
    if (layer->kind != PCS_LAYER_RELU) {
        sequel.normaliser = single_normaliser(net, to);
        return sequel;
    }
    layer_t *before = layer->input != PCS_LAYER_IMAGES ? &net->layers[layer->input] : NULL;
    if (layer->readers == 1 && before != NULL && before->kind == PCS_LAYER_BATCHNORM) {
        sequel.normaliser = fused_relu(net, layer->input) != NULL ? single_normaliser(net, layer->input) : NULL;
        sequel.normaliser_relu = true;
    } else if (layer->readers == 2 && layer->pending[0] != NULL) {
        sequel.relu = layer;
        sequel.more = layer->pending[0];
        const bool adds = before != NULL && before->kind == PCS_LAYER_ADD && before->readers == 1;
        sequel.normaliser = single_normaliser(net, adds ? before->input : layer->input);
    }
    return sequel;
}

/* The layers that it went through have nothing left to do. */
static void finish_sequel(const sequel_t *sequel)
{
    if (sequel->relu != NULL) {
        sequel->relu->passed = true;
        sequel->relu->pending[0] = NULL;
        sequel->more->users--;
    }
    if (sequel->normaliser != NULL) {
        sequel->normaliser->seen = true;
    }
}

static pcs_status_t backward_conv(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                  const gradient_t *d, gradient_t *dx, pcs_error_t *err)
{
    pcs_conv_t *conv = &layer->u.conv;
    sequel_t sequel = {0};
    float *made = NULL;
    if (layer->input != PCS_LAYER_IMAGES) {
        made = dx->data;
        sequel = sequel_of(net, layer->input, dx);
    }
    conv->dx_watch = (pcs_watch_t){follow, &sequel, PCS_CHUNK_ROWS};
    pcs_status_t status;
    if (layer->through == NULL) {
        status = pcs_conv_backward(conv, step, n, d->data, d->spanned ? &d->span : NULL, made, err);
    } else {
        const normalised_t all = {&layer->through->u.bn, layer->through->x, d->data, layer->through_relu};
        const pcs_maker_t maker = {make_rows, &all};
        status = pcs_conv_backward_made(conv, step, n, &maker, &layer->through_span, made, err);
    }
    finish_sequel(&sequel);
    return status;
}

/* Into a buffer of its own, but for convolutions whose operands are quantized: dx may be d. */
static pcs_status_t backward_into(pcs_network_t *net, layer_t *layer, const pcs_step_t *step, uint32_t n,
                                  const gradient_t *d, gradient_t *dx, pcs_error_t *err)
{
    if (layer->kind == PCS_LAYER_CONV) {
        return backward_conv(net, layer, step, n, d, dx, err);
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
        if (layer->passed) {
            break; /* the convolution that made d did it */
        }
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
        /* A convolution has read d when it begins to write dx. */
        dx = pcs_layer_quantizes(layer) && d->users == 1 ? d : take(net);
        status = backward_into(net, layer, step, n, d, dx, err);
        dx->spanned = false;
        d->users -= dx != d;
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
        network->layers[i].seen = false;
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
