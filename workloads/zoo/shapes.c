#include "workloads/zoo/shapes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/zoo/shapes_networks.h"
#include "workloads/zoo/zoo.h"

/* Networks by shape alone: a row each. */
static const struct {
    const char *name;
    pcs_status_t (*build)(pcs_shapes_t *shapes, unsigned argument, pcs_error_t *err);
    unsigned argument;
} networks[] = {
    {"mobilenetv2", pcs_shapes_mobilenetv2, 0},
    {"resnet18", pcs_shapes_resnet_imagenet, 18},
    {"resnet34", pcs_shapes_resnet_imagenet, 34},
    {"resnet50", pcs_shapes_resnet_imagenet, 50},
    {"lstm-ptb", pcs_shapes_lstm, 0},
    {"transformer-wikitext103", pcs_shapes_transformer, 0},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

/* Product of sizes, or UINT64_MAX when it is beyond PCS_SHAPE_MACS_MAX (or a size is 0). */
static uint64_t product(const uint64_t *sizes, size_t count)
{
    uint64_t value = 1;
    for (size_t i = 0; i < count; i++) {
        if (sizes[i] == 0 || value > PCS_SHAPE_MACS_MAX / sizes[i]) {
            return UINT64_MAX;
        }
        value *= sizes[i];
    }
    return value;
}

uint64_t pcs_shape_macs(const pcs_shape_t *layer)
{
    if (layer->kind == PCS_SHAPE_CONV) {
        const pcs_conv_shape_t *s = &layer->conv;
        const uint64_t width = s->kernel_w != 0 ? s->kernel_w : s->kernel;
        const uint64_t sizes[] = {s->out_h, s->out_w, s->kernel, width, s->channels, s->filters, layer->repeat};
        return product(sizes, sizeof sizes / sizeof sizes[0]);
    }
    const pcs_gemm_shape_t *g = &layer->gemm;
    const uint64_t sizes[] = {g->m, g->n, g->k, g->steps, layer->repeat};
    return product(sizes, sizeof sizes / sizeof sizes[0]);
}

pcs_status_t pcs_shapes_add(pcs_shapes_t *shapes, const pcs_shape_t *layer, pcs_error_t *err)
{
    pcs_shape_t checked = *layer;
    if (checked.kind == PCS_SHAPE_CONV && !pcs_conv_shape_check(&checked.conv)) {
        return pcs_fail(err, PCS_INVALID,
                        "layer '%s': a kernel of %" PRIu32 " x %" PRIu32 " at stride %" PRIu32 ", padding %" PRIu32
                        " does not fit an input of %" PRIu32 " x %" PRIu32 "; legal: sizes of at least 1, a padding "
                        "below the kernel, a kernel within the padded input",
                        layer->name, layer->conv.kernel,
                        layer->conv.kernel_w != 0 ? layer->conv.kernel_w : layer->conv.kernel, layer->conv.stride,
                        layer->conv.padding, layer->conv.height, layer->conv.width);
    }
    if (pcs_shape_macs(&checked) == UINT64_MAX) {
        return pcs_fail(err, PCS_INVALID,
                        "layer '%s': empty or too large; legal: sizes of at least 1, at most 2^44 multiplications",
                        layer->name);
    }
    if (shapes->count == shapes->capacity) {
        const size_t capacity = shapes->capacity == 0 ? 32 : 2 * shapes->capacity;
        pcs_shape_t *grown = realloc(shapes->layers, capacity * sizeof *grown);
        if (grown == NULL) {
            return pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", capacity);
        }
        shapes->layers = grown;
        shapes->capacity = capacity;
    }
    shapes->layers[shapes->count++] = checked;
    return PCS_OK;
}

/* Convolutions of a network; extents and convs are scratch (count). */
static pcs_status_t gather(const pcs_network_spec_t *spec, pcs_extent_t *extents, pcs_conv_shape_t *convs,
                           pcs_shapes_t *shapes, pcs_error_t *err)
{
    pcs_status_t status = pcs_network_extents(spec, extents, convs, err);
    for (size_t i = 0; i < spec->count && status == PCS_OK; i++) {
        if (spec->layers[i].kind == PCS_LAYER_CONV) {
            const size_t input = pcs_layer_input(spec->layers, i);
            /* Not behind a pool: a mean of a rectifier's outputs may not reach 0. */
            pcs_shape_t row = {
                .kind = PCS_SHAPE_CONV,
                .conv = convs[i],
                .repeat = pcs_conv_groups(&convs[i]),
                .first = input == PCS_LAYER_IMAGES,
                .rectified = input != PCS_LAYER_IMAGES && spec->layers[input].kind == PCS_LAYER_RELU,
            };
            row.conv.channels /= (uint32_t)row.repeat; /* of one group */
            row.conv.filters /= (uint32_t)row.repeat;
            row.conv.groups = 0;
            (void)snprintf(row.name, sizeof row.name, "conv%zu", shapes->count + 1U);
            status = pcs_shapes_add(shapes, &row, err);
        }
    }
    return status;
}

/* What is trained is counted from the definition that training has. */
static pcs_status_t from_zoo(const char *name, pcs_shapes_t *shapes, pcs_error_t *err)
{
    pcs_network_spec_t spec;
    pcs_status_t status = pcs_zoo_find(name, &spec, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_extent_t *extents = calloc(spec.count, sizeof *extents);
    pcs_conv_shape_t *convs = calloc(spec.count, sizeof *convs);
    status = extents != NULL && convs != NULL
                 ? gather(&spec, extents, convs, shapes, err)
                 : pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", spec.count);
    free(extents);
    free(convs);
    pcs_zoo_free(&spec);
    return status;
}

const char *pcs_shapes_name(size_t index)
{
    size_t zoo = 0;
    for (; pcs_zoo_name(zoo) != NULL; zoo++) {
        if (zoo == index) {
            return pcs_zoo_name(zoo);
        }
    }
    return index - zoo < NETWORKS ? networks[index - zoo].name : NULL;
}

static pcs_status_t unknown(const char *name, pcs_error_t *err)
{
    char legal[512] = "";
    size_t used = 0;
    for (size_t i = 0; pcs_shapes_name(i) != NULL && used < sizeof legal; i++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, "%s%s", i > 0 ? ", " : "", pcs_shapes_name(i));
    }
    return pcs_fail(err, PCS_INVALID, "network: unknown '%.60s'; legal are %s", name, legal);
}

static pcs_status_t build(const char *name, pcs_shapes_t *shapes, pcs_error_t *err)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        if (strcmp(networks[i].name, name) == 0) {
            return networks[i].build(shapes, networks[i].argument, err);
        }
    }
    for (size_t i = 0; pcs_zoo_name(i) != NULL; i++) {
        if (strcmp(pcs_zoo_name(i), name) == 0) {
            return from_zoo(name, shapes, err);
        }
    }
    return unknown(name, err);
}

pcs_status_t pcs_shapes_find(const char *name, pcs_shapes_t *shapes, pcs_error_t *err)
{
    pcs_shapes_t found = {.sample = "image"};
    (void)snprintf(found.name, sizeof found.name, "%s", name);
    const pcs_status_t status = build(name, &found, err);
    if (status != PCS_OK) {
        pcs_shapes_free(&found);
        return status;
    }
    *shapes = found;
    return PCS_OK;
}

void pcs_shapes_free(pcs_shapes_t *shapes)
{
    free(shapes->layers);
    shapes->layers = NULL;
    shapes->count = shapes->capacity = 0;
}

uint64_t pcs_shapes_macs(const pcs_shapes_t *shapes)
{
    uint64_t macs = 0;
    for (size_t i = 0; i < shapes->count; i++) {
        macs += pcs_shape_macs(&shapes->layers[i]);
    }
    return macs;
}
