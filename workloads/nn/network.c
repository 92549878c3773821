#include "workloads/nn/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/nn/init.h"
#include "workloads/nn/layers.h"

typedef struct layer {
    pcs_layer_kind_t kind;
    uint32_t height, width, channels; /* of the output */
    const float *x;                   /* input: the output of the layer before, or the images */
    float *y;                         /* (batch, height, width, channels); a rectifier works in place */
    union {
        pcs_conv_t conv;
        pcs_batchnorm_t bn;
        pcs_linear_t linear;
    } u;
} layer_t;

struct pcs_network {
    void *memory; /* of the arena */
    uint32_t batch;
    size_t count, convs;
    layer_t *layers; /* (count) */
    uint32_t in_height, in_width, in_channels;
    float *input;           /* (batch, in_height, in_width, in_channels) */
    float *gradient[2];     /* gradients of activations, each as large as the largest: in use by turns */
    float *output_gradient; /* (batch, outputs) */
    pcs_network_state_t state;
};

static size_t area(const layer_t *layer)
{
    return (size_t)layer->height * layer->width;
}

static size_t elements(const layer_t *layer)
{
    return area(layer) * layer->channels;
}

/* ---- shapes ---------------------------------------------------------------------------------------------------------
 */

static bool conv_extent(const pcs_layer_spec_t *spec, const pcs_extent_t *in, pcs_extent_t *out, pcs_conv_shape_t *conv)
{
    *conv = (pcs_conv_shape_t){
        .height = in->height,
        .width = in->width,
        .channels = in->channels,
        .kernel = spec->kernel,
        .stride = spec->stride,
        .padding = spec->padding,
        .filters = spec->width,
    };
    const bool good = pcs_conv_shape_check(conv);
    *out = (pcs_extent_t){conv->out_h, conv->out_w, conv->filters};
    return good;
}

bool pcs_layer_extent(const pcs_layer_spec_t *spec, const pcs_extent_t *in, pcs_extent_t *out, pcs_conv_shape_t *conv)
{
    *out = *in;
    switch (spec->kind) {
    case PCS_LAYER_CONV:
        return conv_extent(spec, in, out, conv);
    case PCS_LAYER_POOL:
        *out = (pcs_extent_t){1, 1, in->channels};
        return true;
    case PCS_LAYER_LINEAR:
        *out = (pcs_extent_t){1, 1, spec->width};
        return spec->width > 0;
    default:
        return true;
    }
}

/* Output shape of a layer from the shape of its input; false when they do not go together. */
static bool shape_layer(layer_t *layer, const pcs_layer_spec_t *spec, const layer_t *in)
{
    const pcs_extent_t before = {in->height, in->width, in->channels};
    pcs_extent_t after;
    const bool good = pcs_layer_extent(spec, &before, &after, &layer->u.conv.shape);
    layer->kind = spec->kind;
    layer->height = after.height;
    layer->width = after.width;
    layer->channels = after.channels;
    if (spec->kind == PCS_LAYER_BATCHNORM) {
        layer->u.bn.channels = in->channels;
    } else if (spec->kind == PCS_LAYER_LINEAR) {
        layer->u.linear.inputs = (uint32_t)elements(in);
        layer->u.linear.outputs = spec->width;
    }
    return good;
}

static pcs_status_t shape_network(pcs_network_t *net, const pcs_network_spec_t *spec, pcs_error_t *err)
{
    layer_t in = {.height = spec->height, .width = spec->width, .channels = spec->channels};
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        if (!shape_layer(layer, &spec->layers[i], &in)) {
            return pcs_fail(err, PCS_INVALID, "network: layer %zu of %s does not fit its input of %u x %u x %u", i + 1U,
                            spec->name, in.height, in.width, in.channels);
        }
        if (layer->kind == PCS_LAYER_BATCHNORM && (uint64_t)net->batch * area(layer) < 2) {
            return pcs_fail(err, PCS_INVALID, "train.batch: batch normalisation needs at least 2 positions, not %u",
                            net->batch);
        }
        in = *layer;
    }
    return PCS_OK;
}

/* ---- memory ---------------------------------------------------------------------------------------------------------
 */

static size_t layer_params(const layer_t *layer)
{
    const pcs_conv_shape_t *s = &layer->u.conv.shape;
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        return (size_t)s->kernel * s->kernel * s->channels * s->filters;
    case PCS_LAYER_BATCHNORM:
        return 2U * (size_t)layer->channels;
    case PCS_LAYER_LINEAR:
        return (size_t)layer->u.linear.outputs * (layer->u.linear.inputs + 1U);
    default:
        return 0;
    }
}

static size_t layer_stats(const layer_t *layer)
{
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        return 2;
    case PCS_LAYER_BATCHNORM:
        return 2U * (size_t)layer->channels;
    default:
        return 0;
    }
}

/* Gives a layer its parts of the state: values at v, gradients at g, running statistics at r. */
static void bind_layer(layer_t *layer, float *v, float *g, float *r)
{
    pcs_batchnorm_t *bn = &layer->u.bn;
    pcs_linear_t *linear = &layer->u.linear;
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        layer->u.conv.weight = v;
        layer->u.conv.weight_grad = g;
        layer->u.conv.ema = r;
        break;
    case PCS_LAYER_BATCHNORM:
        bn->gamma = v;
        bn->beta = v + bn->channels;
        bn->gamma_grad = g;
        bn->beta_grad = g + bn->channels;
        bn->running_mean = r;
        bn->running_var = r + bn->channels;
        break;
    case PCS_LAYER_LINEAR:
        linear->weight = v;
        linear->bias = v + (size_t)linear->inputs * linear->outputs;
        linear->weight_grad = g;
        linear->bias_grad = g + (size_t)linear->inputs * linear->outputs;
        break;
    default:
        break;
    }
}

static void place_state(pcs_network_t *net, pcs_arena_t *arena)
{
    pcs_network_state_t *state = &net->state;
    state->params = 0;
    state->stats = 0;
    for (size_t i = 0; i < net->count; i++) {
        state->params += layer_params(&net->layers[i]);
        state->stats += layer_stats(&net->layers[i]);
    }
    state->value = pcs_arena_take(arena, 2U * state->params + state->stats, sizeof *state->value);
    state->gradient = pcs_arena_take(arena, state->params, sizeof *state->gradient);
    if (arena->base == NULL) {
        return;
    }
    state->velocity = state->value + state->params;
    state->running = state->velocity + state->params;
    size_t param = 0;
    size_t stat = 0;
    for (size_t i = 0; i < net->count; i++) {
        bind_layer(&net->layers[i], state->value + param, state->gradient + param, state->running + stat);
        param += layer_params(&net->layers[i]);
        stat += layer_stats(&net->layers[i]);
    }
}

static void place_batchnorm(pcs_batchnorm_t *bn, size_t rows, pcs_arena_t *arena)
{
    bn->mean = pcs_arena_take(arena, bn->channels, sizeof *bn->mean);
    bn->inv_std = pcs_arena_take(arena, bn->channels, sizeof *bn->inv_std);
    bn->shift = pcs_arena_take(arena, bn->channels, sizeof *bn->shift);
    bn->slope = pcs_arena_take(arena, bn->channels, sizeof *bn->slope);
    bn->partial = pcs_arena_take(arena, pcs_batchnorm_partial(rows, bn->channels), sizeof *bn->partial);
}

/* Takes everything from the arena: once to measure, once for real. */
static void place_network(pcs_network_t *net, pcs_arena_t *arena)
{
    place_state(net, arena);
    size_t largest = 0;
    net->input = pcs_arena_take(arena, (size_t)net->batch * net->in_height * net->in_width * net->in_channels,
                                sizeof *net->input);
    float *x = net->input;
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        const size_t size = net->batch * elements(layer);
        largest = size > largest ? size : largest;
        layer->x = x;
        layer->y = layer->kind == PCS_LAYER_RELU ? x : pcs_arena_take(arena, size, sizeof *layer->y);
        x = layer->y;
        if (layer->kind == PCS_LAYER_CONV) {
            pcs_conv_place(&layer->u.conv, arena);
        } else if (layer->kind == PCS_LAYER_BATCHNORM) {
            place_batchnorm(&layer->u.bn, net->batch * area(layer), arena);
        }
    }
    const layer_t *last = &net->layers[net->count - 1U];
    net->output_gradient = pcs_arena_take(arena, net->batch * elements(last), sizeof *net->output_gradient);
    for (int i = 0; i < 2; i++) {
        net->gradient[i] = pcs_arena_take(arena, largest, sizeof *net->gradient[i]);
    }
}

/* ---- creation -------------------------------------------------------------------------------------------------------
 */

static void name_convs(pcs_network_t *net, const pcs_numerics_t *numerics)
{
    net->convs = 0;
    for (size_t i = 0; i < net->count; i++) {
        pcs_conv_t *conv = &net->layers[i].u.conv;
        if (net->layers[i].kind != PCS_LAYER_CONV) {
            continue;
        }
        conv->layer = (uint32_t)net->convs++;
        conv->batch = net->batch;
        conv->numerics = *numerics;
        (void)snprintf(conv->name, sizeof conv->name, "conv%zu", net->convs);
    }
}

static void init_params(pcs_network_t *net, uint64_t seed)
{
    pcs_network_state_t *state = &net->state;
    memset(state->value, 0, (2U * state->params + state->stats) * sizeof *state->value);
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        const pcs_conv_shape_t *s = &layer->u.conv.shape;
        pcs_linear_t *linear = &layer->u.linear;
        if (layer->kind == PCS_LAYER_CONV) {
            const double fan = (double)s->kernel * (double)s->kernel * (double)s->filters;
            pcs_init_normal(seed, (uint32_t)i, sqrt(2.0 / fan), layer_params(layer), layer->u.conv.weight);
        } else if (layer->kind == PCS_LAYER_LINEAR) {
            const size_t weights = (size_t)linear->inputs * linear->outputs;
            pcs_init_normal(seed, (uint32_t)i, sqrt(2.0 / (double)weights), weights, linear->weight);
        } else if (layer->kind == PCS_LAYER_BATCHNORM) {
            for (size_t c = 0; c < layer->u.bn.channels; c++) {
                layer->u.bn.gamma[c] = 1.0F;
                layer->u.bn.running_var[c] = 1.0F;
            }
        }
    }
}

pcs_status_t pcs_network_create(const pcs_network_spec_t *spec, const pcs_numerics_t *numerics, uint32_t batch,
                                uint64_t seed, pcs_network_t **network, pcs_error_t *err)
{
    PCS_ASSERT(spec->count >= 1 && batch >= 1);
    pcs_network_t *net = calloc(1, sizeof *net);
    layer_t *layers = calloc(spec->count, sizeof *layers);
    if (net == NULL || layers == NULL) {
        free(layers);
        free(net);
        return pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", spec->count);
    }
    net->batch = batch;
    net->count = spec->count;
    net->layers = layers;
    net->in_height = spec->height;
    net->in_width = spec->width;
    net->in_channels = spec->channels;
    const pcs_status_t status = shape_network(net, spec, err);
    if (status != PCS_OK) {
        pcs_network_destroy(net);
        return status;
    }
    name_convs(net, numerics);
    pcs_arena_t arena = {NULL, 0};
    place_network(net, &arena);
    net->memory = aligned_alloc(PCS_ARENA_ALIGN, arena.used);
    if (net->memory == NULL) {
        pcs_network_destroy(net);
        return pcs_fail(err, PCS_MEMORY, "network: no memory for %zu bytes; a smaller train.batch needs less",
                        arena.used);
    }
    arena = (pcs_arena_t){net->memory, 0};
    place_network(net, &arena);
    init_params(net, seed);
    *network = net;
    return PCS_OK;
}

void pcs_network_destroy(pcs_network_t *network)
{
    if (network != NULL) {
        free(network->memory);
        free(network->layers);
        free(network);
    }
}

pcs_network_state_t pcs_network_state(const pcs_network_t *network)
{
    return network->state;
}

float *pcs_network_input(const pcs_network_t *network)
{
    return network->input;
}

uint32_t pcs_network_outputs(const pcs_network_t *network)
{
    return (uint32_t)elements(&network->layers[network->count - 1U]);
}

float *pcs_network_output_gradient(const pcs_network_t *network)
{
    return network->output_gradient;
}

const char *pcs_network_layer_name(const pcs_network_t *network, uint32_t layer)
{
    for (size_t i = 0; i < network->count; i++) {
        const layer_t *l = &network->layers[i];
        if (l->kind == PCS_LAYER_CONV && l->u.conv.layer == layer) {
            return l->u.conv.name;
        }
    }
    return NULL;
}

/* ---- passes ---------------------------------------------------------------------------------------------------------
 */

static pcs_status_t forward_layer(layer_t *layer, const layer_t *before, const pcs_step_t *step, uint32_t n,
                                  pcs_error_t *err)
{
    const size_t rows = n * area(layer);
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        return pcs_conv_forward(&layer->u.conv, step, n, layer->x, layer->y, err);
    case PCS_LAYER_BATCHNORM:
        if (step->training) {
            pcs_batchnorm_forward(&layer->u.bn, step->threads, rows, layer->x, layer->y);
        } else {
            pcs_batchnorm_evaluate(&layer->u.bn, step->threads, rows, layer->x, layer->y);
        }
        return PCS_OK;
    case PCS_LAYER_RELU:
        pcs_relu_forward(step->threads, n * elements(layer), layer->y);
        return PCS_OK;
    case PCS_LAYER_POOL:
        pcs_pool_forward(step->threads, n, area(before), layer->channels, layer->x, layer->y);
        return PCS_OK;
    default:
        pcs_linear_forward(&layer->u.linear, step->threads, n, layer->x, layer->y);
        return PCS_OK;
    }
}

pcs_status_t pcs_network_forward(pcs_network_t *network, const pcs_step_t *step, uint32_t n, const float **logits,
                                 pcs_error_t *err)
{
    PCS_ASSERT(n >= 1 && n <= network->batch);
    const layer_t images = {.height = network->in_height, .width = network->in_width, .channels = network->in_channels};
    for (size_t i = 0; i < network->count; i++) {
        const layer_t *before = i > 0 ? &network->layers[i - 1U] : &images;
        const pcs_status_t status = forward_layer(&network->layers[i], before, step, n, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    *logits = network->layers[network->count - 1U].y;
    return PCS_OK;
}

/* *d: gradient of the layer's output in, of its input out.  A layer that cannot work in place writes into `spare` and
   swaps. */
static pcs_status_t backward_layer(layer_t *layer, const layer_t *before, const pcs_step_t *step, uint32_t n, float **d,
                                   float **spare, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    switch (layer->kind) {
    case PCS_LAYER_RELU:
        pcs_relu_backward(step->threads, n * elements(layer), layer->y, *d);
        return PCS_OK;
    case PCS_LAYER_BATCHNORM:
        pcs_batchnorm_backward(&layer->u.bn, step->threads, n * area(layer), layer->x, *d);
        return PCS_OK;
    case PCS_LAYER_CONV:
        status = pcs_conv_backward(&layer->u.conv, step, n, *d, before != NULL ? *spare : NULL, err);
        break;
    case PCS_LAYER_POOL:
        pcs_pool_backward(step->threads, n, area(before), layer->channels, *d, *spare);
        break;
    default:
        pcs_linear_backward(&layer->u.linear, step->threads, n, layer->x, *d, *spare);
        break;
    }
    float *swapped = *d;
    *d = *spare;
    *spare = swapped;
    return status;
}

pcs_status_t pcs_network_backward(pcs_network_t *network, const pcs_step_t *step, uint32_t n, pcs_error_t *err)
{
    const size_t outputs = elements(&network->layers[network->count - 1U]);
    float *d = network->gradient[0];
    float *spare = network->gradient[1];
    memcpy(d, network->output_gradient, n * outputs * sizeof *d);
    for (size_t i = network->count; i > 0; i--) {
        const layer_t *before = i > 1 ? &network->layers[i - 2U] : NULL;
        const pcs_status_t status = backward_layer(&network->layers[i - 1U], before, step, n, &d, &spare, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}
