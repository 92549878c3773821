#include "workloads/nn/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/nn/init.h"
#include "workloads/nn/network_internal.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------------
 */

size_t pcs_layer_input(const pcs_layer_spec_t *layers, size_t i)
{
    const size_t back = layers[i].back > 1 ? layers[i].back : 1;
    return back > i ? PCS_LAYER_IMAGES : i - back;
}

static bool conv_extent(const pcs_layer_spec_t *spec, const pcs_extent_t *in, pcs_extent_t *out, pcs_conv_shape_t *conv)
{
    *conv = (pcs_conv_shape_t){
        .height = in->height,
        .width = in->width,
        .channels = in->channels,
        .kernel = spec->kernel,
        .stride = spec->stride,
        .padding = spec->padding,
        .filters = spec->width != 0 ? spec->width : in->channels,
        .groups = spec->width != 0 ? 1 : in->channels,
    };
    const bool good = pcs_conv_shape_check(conv);
    *out = (pcs_extent_t){conv->out_h, conv->out_w, conv->filters};
    return good;
}

static bool same_extent(const pcs_extent_t *a, const pcs_extent_t *b)
{
    return a->height == b->height && a->width == b->width && a->channels == b->channels;
}

/* Extent of layer i from those of the layers before it; false when they do not go together. */
static bool layer_extent(const pcs_network_spec_t *spec, size_t i, const pcs_extent_t *in, pcs_extent_t *extents,
                         pcs_conv_shape_t *conv)
{
    const pcs_layer_spec_t *layer = &spec->layers[i];
    pcs_extent_t *out = &extents[i];
    *out = *in;
    switch (layer->kind) {
    case PCS_LAYER_CONV:
        return conv_extent(layer, in, out, conv);
    case PCS_LAYER_POOL:
        *out = (pcs_extent_t){1, 1, in->channels};
        return true;
    case PCS_LAYER_LINEAR:
        *out = (pcs_extent_t){1, 1, layer->width != 0 ? layer->width : spec->classes};
        return out->channels > 0;
    case PCS_LAYER_ADD:
        return layer->skip >= 2 && layer->skip <= i && same_extent(in, &extents[i - layer->skip]);
    default:
        return true;
    }
}

pcs_status_t pcs_network_extents(const pcs_network_spec_t *spec, pcs_extent_t *extents, pcs_conv_shape_t *convs,
                                 pcs_error_t *err)
{
    const pcs_extent_t images = {spec->height, spec->width, spec->channels};
    for (size_t i = 0; i < spec->count; i++) {
        const size_t input = pcs_layer_input(spec->layers, i);
        const pcs_extent_t *in = input == PCS_LAYER_IMAGES ? &images : &extents[input];
        if (!layer_extent(spec, i, in, extents, &convs[i])) {
            return pcs_fail(err, PCS_INVALID, "network: layer %zu of %s does not fit its input of %u x %u x %u", i + 1U,
                            spec->name, in->height, in->width, in->channels);
        }
    }
    return PCS_OK;
}

/* Sizes and readers of all layers. */
static pcs_status_t shape_network(pcs_network_t *net, const pcs_network_spec_t *spec, const pcs_extent_t *extents,
                                  const pcs_conv_shape_t *convs, pcs_error_t *err)
{
    const pcs_extent_t images = {spec->height, spec->width, spec->channels};
    net->convs = 0;
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        const size_t input = pcs_layer_input(spec->layers, i);
        const pcs_extent_t *in = input == PCS_LAYER_IMAGES ? &images : &extents[input];
        layer->kind = spec->layers[i].kind;
        layer->height = extents[i].height;
        layer->width = extents[i].width;
        layer->channels = extents[i].channels;
        layer->input = input;
        layer->skip = layer->kind == PCS_LAYER_ADD ? i - spec->layers[i].skip : PCS_LAYER_IMAGES;
        net->convs += layer->kind == PCS_LAYER_CONV;
        layer->conv = (uint32_t)net->convs;
        if (input != PCS_LAYER_IMAGES) {
            net->layers[input].readers++;
        }
        if (layer->skip != PCS_LAYER_IMAGES) {
            net->layers[layer->skip].readers++;
        }
        if (layer->kind == PCS_LAYER_CONV) {
            layer->u.conv.shape = convs[i];
        } else if (layer->kind == PCS_LAYER_BATCHNORM) {
            layer->u.bn.channels = layer->channels;
            if ((uint64_t)net->batch * pcs_layer_area(layer) < 2) {
                return pcs_fail(err, PCS_INVALID, "train.batch: batch normalisation needs at least 2 positions, not %u",
                                net->batch);
            }
        } else if (layer->kind == PCS_LAYER_LINEAR) {
            layer->u.linear.inputs = in->height * in->width * in->channels;
            layer->u.linear.outputs = layer->channels;
        }
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
        return pcs_conv_weights(s);
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
    const size_t control = net->floats != NULL ? PCS_NETWORK_CONTROL : 0;
    const bool compensated = net->floats != NULL && net->floats->compensated;
    state->size = (compensated ? 3U : 2U) * state->params + state->stats + control;
    state->value = pcs_arena_take(arena, state->size, sizeof *state->value);
    state->gradient = pcs_arena_take(arena, state->params, sizeof *state->gradient);
    if (arena->base == NULL) {
        return;
    }
    state->velocity = state->value + state->params;
    state->running = state->velocity + state->params;
    state->control = control > 0 ? state->running + state->stats : NULL;
    state->compensation = compensated ? state->control + control : NULL;
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

/* Scratch of convolutions, one for all: they run one after the other. */
static void place_scratch(pcs_network_t *net, pcs_arena_t *arena)
{
    size_t most = 0;
    for (size_t i = 0; i < net->count; i++) {
        const size_t bytes = net->layers[i].kind == PCS_LAYER_CONV ? pcs_conv_scratch(&net->layers[i].u.conv) : 0;
        most = bytes > most ? bytes : most;
    }
    void *scratch = pcs_arena_take(arena, most, 1);
    for (size_t i = 0; i < net->count; i++) {
        if (net->layers[i].kind == PCS_LAYER_CONV) {
            net->layers[i].u.conv.scratch = scratch;
        }
    }
}

/* All that read layer i's output can make it themselves. */
static bool made_by_readers(const pcs_network_t *net, size_t i)
{
    for (size_t j = i + 1U; j < net->count; j++) {
        const layer_t *reader = &net->layers[j];
        if ((reader->input == i || reader->skip == i) && !pcs_layer_quantizes(reader) &&
            reader->kind != PCS_LAYER_ADD) {
            return false;
        }
    }
    return i + 1U < net->count && net->layers[i].channels <= PCS_MADE_ELEMENTS;
}

/* Normalisations whose output, rectified if a rectifier follows, is not kept.  Backward, a rectifier that is read twice
   wants to see it. */
static void find_made(pcs_network_t *net)
{
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        layer_t *next = i + 1U < net->count ? layer + 1 : NULL;
        if (layer->kind != PCS_LAYER_BATCHNORM) {
            continue;
        }
        if (next != NULL && next->kind == PCS_LAYER_RELU && next->input == i && layer->readers == 1) {
            next->made = next->readers == 1 && made_by_readers(net, i + 1U);
            layer->made = next->made;
        } else {
            layer->made = made_by_readers(net, i);
        }
    }
}

/* A rectifier and ADD overwrite their input, which nobody else reads. */
static bool in_place(const pcs_network_t *net, const layer_t *layer)
{
    return (layer->kind == PCS_LAYER_RELU || layer->kind == PCS_LAYER_ADD) && layer->input != PCS_LAYER_IMAGES &&
           net->layers[layer->input].readers == 1 && !net->layers[layer->input].made;
}

/* Takes everything from the arena: once to measure, once for real. */
static pcs_network_memory_t place_network(pcs_network_t *net, pcs_arena_t *arena)
{
    pcs_network_memory_t memory = {0};
    place_state(net, arena);
    memory.parameters = arena->used;
    size_t largest = 0;
    size_t before = arena->used;
    net->input = pcs_arena_take(arena, (size_t)net->batch * net->in_height * net->in_width * net->in_channels,
                                sizeof *net->input);
    memory.activations = arena->used - before;
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        const size_t size = net->batch * pcs_layer_elements(layer);
        largest = size > largest ? size : largest;
        float *x = layer->input == PCS_LAYER_IMAGES ? net->input : net->layers[layer->input].y;
        before = arena->used;
        layer->x = x;
        layer->y = in_place(net, layer) ? x : layer->made ? NULL : pcs_arena_take(arena, size, sizeof *layer->y);
        memory.activations += arena->used - before;
        before = arena->used;
        if (layer->kind == PCS_LAYER_CONV) {
            pcs_conv_place(&layer->u.conv, arena);
        } else if (layer->kind == PCS_LAYER_BATCHNORM) {
            place_batchnorm(&layer->u.bn, net->batch * pcs_layer_area(layer), arena);
        }
        memory.operands += arena->used - before;
    }
    before = arena->used;
    place_scratch(net, arena);
    memory.operands += arena->used - before;
    const layer_t *last = &net->layers[net->count - 1U];
    before = arena->used;
    net->output_gradient = pcs_arena_take(arena, net->batch * pcs_layer_elements(last), sizeof *net->output_gradient);
    for (int i = 0; i < PCS_GRADIENTS; i++) {
        net->gradient[i].data = pcs_arena_take(arena, largest, sizeof *net->gradient[i].data);
    }
    memory.gradients = arena->used - before;
    memory.total = arena->used;
    return memory;
}

/* ---- creation -------------------------------------------------------------------------------------------------------
 */

static void name_convs(pcs_network_t *net, const pcs_numerics_t *numerics)
{
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        pcs_conv_t *conv = &layer->u.conv;
        if (layer->kind == PCS_LAYER_CONV) {
            conv->layer = layer->conv - 1U;
            conv->batch = net->batch;
            conv->numerics = *numerics;
            if (layer->conv == 1 && net->floats != NULL && net->floats->first != NULL) {
                conv->numerics.floats = net->floats->first;
            }
            (void)snprintf(conv->name, sizeof conv->name, "conv%u", layer->conv);
        }
    }
}

static void init_conv(pcs_init_t init, uint64_t seed, uint32_t tensor, const pcs_conv_t *conv)
{
    const pcs_conv_shape_t *s = &conv->shape;
    const size_t count = pcs_conv_weights(s);
    if (init == PCS_INIT_FAN_IN) {
        pcs_init_uniform(seed, tensor, 1.0 / sqrt((double)pcs_conv_depth(s)), count, conv->weight);
    } else {
        const double fan = (double)pcs_conv_taps(s) * (double)s->filters;
        pcs_init_normal(seed, tensor, sqrt(2.0 / fan), count, conv->weight);
    }
}

/* Biases follow the weights. */
static void init_linear(pcs_init_t init, uint64_t seed, uint32_t tensor, const pcs_linear_t *linear)
{
    const size_t weights = (size_t)linear->inputs * linear->outputs;
    if (init == PCS_INIT_FAN_IN) {
        pcs_init_uniform(seed, tensor, 1.0 / sqrt((double)linear->inputs), weights + linear->outputs, linear->weight);
    } else {
        pcs_init_normal(seed, tensor, sqrt(2.0 / (double)weights), weights, linear->weight);
    }
}

static void init_params(pcs_network_t *net, uint64_t seed)
{
    pcs_network_state_t *state = &net->state;
    memset(state->value, 0, state->size * sizeof *state->value);
    for (size_t i = 0; i < net->count; i++) {
        layer_t *layer = &net->layers[i];
        if (layer->kind == PCS_LAYER_CONV) {
            init_conv(net->init, seed, (uint32_t)i, &layer->u.conv);
        } else if (layer->kind == PCS_LAYER_LINEAR) {
            init_linear(net->init, seed, (uint32_t)i, &layer->u.linear);
        } else if (layer->kind == PCS_LAYER_BATCHNORM) {
            for (size_t c = 0; c < layer->u.bn.channels; c++) {
                layer->u.bn.gamma[c] = 1.0F;
                layer->u.bn.running_var[c] = 1.0F;
            }
        }
    }
}

static pcs_status_t shape_layers(pcs_network_t *net, const pcs_network_spec_t *spec, pcs_error_t *err)
{
    pcs_extent_t *extents = calloc(spec->count, sizeof *extents);
    pcs_conv_shape_t *convs = calloc(spec->count, sizeof *convs);
    pcs_status_t status = PCS_OK;
    net->layers = calloc(spec->count, sizeof *net->layers);
    if (extents == NULL || convs == NULL || net->layers == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", spec->count);
    }
    status = status == PCS_OK ? pcs_network_extents(spec, extents, convs, err) : status;
    status = status == PCS_OK ? shape_network(net, spec, extents, convs, err) : status;
    free(extents);
    free(convs);
    return status;
}

/* Everything but memory for tensors. */
static pcs_status_t open_network(const pcs_network_spec_t *spec, const pcs_numerics_t *numerics, uint32_t batch,
                                 pcs_network_t **network, pcs_error_t *err)
{
    PCS_ASSERT(spec->count >= 1 && batch >= 1);
    pcs_network_t *net = calloc(1, sizeof *net);
    if (net == NULL) {
        return pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", spec->count);
    }
    net->batch = batch;
    net->count = spec->count;
    net->in_height = spec->height;
    net->in_width = spec->width;
    net->in_channels = spec->channels;
    net->init = spec->init;
    net->floats = numerics->floats;
    const pcs_status_t status = shape_layers(net, spec, err);
    if (status != PCS_OK) {
        pcs_network_destroy(net);
        return status;
    }
    name_convs(net, numerics);
    find_made(net);
    *network = net;
    return PCS_OK;
}

pcs_status_t pcs_network_measure(const pcs_network_spec_t *spec, const pcs_numerics_t *numerics, uint32_t batch,
                                 pcs_network_memory_t *memory, pcs_error_t *err)
{
    pcs_network_t *net = NULL;
    const pcs_status_t status = open_network(spec, numerics, batch, &net, err);
    if (status == PCS_OK) {
        pcs_arena_t arena = {NULL, 0};
        *memory = place_network(net, &arena);
        pcs_network_destroy(net);
    }
    return status;
}

pcs_status_t pcs_network_create(const pcs_network_spec_t *spec, const pcs_numerics_t *numerics, uint32_t batch,
                                uint64_t seed, pcs_network_t **network, pcs_error_t *err)
{
    pcs_network_t *net = NULL;
    const pcs_status_t status = open_network(spec, numerics, batch, &net, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_arena_t arena = {NULL, 0};
    (void)place_network(net, &arena);
    net->memory = aligned_alloc(PCS_ARENA_ALIGN, arena.used);
    if (net->memory == NULL) {
        pcs_network_destroy(net);
        return pcs_fail(err, PCS_MEMORY, "network: no memory for %zu bytes; a smaller train.batch needs less",
                        arena.used);
    }
    arena = (pcs_arena_t){net->memory, 0};
    (void)place_network(net, &arena);
    init_params(net, seed);
    if (numerics->fp32_threads > 0) {
        pcs_conv_fp32_start();
    }
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
    return (uint32_t)pcs_layer_elements(&network->layers[network->count - 1U]);
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
