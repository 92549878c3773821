#include "workloads/zoo/shapes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/zoo/zoo.h"

/* CIFAR ResNets of 6 n + 2 layers: a row each. */
static const struct {
    const char *name;
    uint32_t blocks; /* n, in each of the three groups */
} resnets[] = {{"resnet20-cifar", 3}, {"resnet38-cifar", 6}, {"resnet74-cifar", 12}, {"resnet110-cifar", 18}};
enum {
    RESNETS = sizeof resnets / sizeof resnets[0],
    GROUPS = 3,
    CIFAR_SIZE = 32,
    CIFAR_CHANNELS = 3,
    FIRST_WIDTH = 16
};

static pcs_status_t reserve(pcs_shapes_t *shapes, const char *name, size_t most, pcs_error_t *err)
{
    *shapes = (pcs_shapes_t){.convs = calloc(most, sizeof *shapes->convs)};
    (void)snprintf(shapes->name, sizeof shapes->name, "%s", name);
    return shapes->convs != NULL ? PCS_OK : pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", most);
}

/* Adds a convolution that keeps height and width at stride 1, and returns the extent of its output. */
static pcs_extent_t add(pcs_shapes_t *shapes, const pcs_extent_t *in, uint32_t filters, uint32_t kernel,
                        uint32_t stride)
{
    const pcs_layer_spec_t spec = {PCS_LAYER_CONV, filters, kernel, stride, kernel / 2};
    pcs_conv_row_t *row = &shapes->convs[shapes->count];
    pcs_extent_t out;
    const bool fits = pcs_layer_extent(&spec, in, &out, &row->shape);
    PCS_ASSERT(fits);
    row->first = shapes->count == 0;
    row->rectified = !row->first;
    shapes->count++;
    return out;
}

static pcs_status_t resnet(const char *name, uint32_t blocks, pcs_shapes_t *shapes, pcs_error_t *err)
{
    const pcs_status_t status = reserve(shapes, name, 1U + GROUPS * (2U * blocks + 1U), err);
    if (status != PCS_OK) {
        return status;
    }
    const pcs_extent_t image = {CIFAR_SIZE, CIFAR_SIZE, CIFAR_CHANNELS};
    pcs_extent_t x = add(shapes, &image, FIRST_WIDTH, 3, 1);
    for (uint32_t group = 0; group < GROUPS; group++) {
        const uint32_t width = (uint32_t)FIRST_WIDTH << group;
        for (uint32_t block = 0; block < blocks; block++) {
            const uint32_t stride = group > 0 && block == 0 ? 2 : 1;
            const pcs_extent_t middle = add(shapes, &x, width, 3, stride);
            const pcs_extent_t y = add(shapes, &middle, width, 3, 1);
            if (stride != 1 || x.channels != width) {
                (void)add(shapes, &x, width, 1, stride);
            }
            x = y;
        }
    }
    return PCS_OK;
}

static pcs_status_t from_zoo(const pcs_network_spec_t *spec, pcs_shapes_t *shapes, pcs_error_t *err)
{
    const pcs_status_t status = reserve(shapes, spec->name, spec->count, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_extent_t in = {spec->height, spec->width, spec->channels};
    bool rectified =
        false; /* whether the latest layer but pooling is a rectifier; a mean of its outputs may not reach 0 */
    for (size_t i = 0; i < spec->count; i++) {
        const pcs_layer_spec_t *layer = &spec->layers[i];
        pcs_conv_row_t *row = &shapes->convs[shapes->count];
        pcs_extent_t out;
        if (!pcs_layer_extent(layer, &in, &out, &row->shape)) {
            return pcs_fail(err, PCS_INVALID, "network: layer %zu of %s does not fit its input", i + 1U, spec->name);
        }
        if (layer->kind == PCS_LAYER_CONV) {
            row->first = i == 0;
            row->rectified = rectified;
            shapes->count++;
        }
        rectified = layer->kind == PCS_LAYER_RELU;
        in = out;
    }
    return PCS_OK;
}

static pcs_status_t unknown(const char *name, pcs_error_t *err)
{
    char legal[256] = "";
    size_t used = 0;
    for (size_t i = 0; pcs_zoo_at(i) != NULL && used < sizeof legal; i++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, "%s, ", pcs_zoo_at(i)->name);
    }
    for (size_t i = 0; i < RESNETS && used < sizeof legal; i++) {
        used += (size_t)snprintf(legal + used, sizeof legal - used, "%s%s", i > 0 ? ", " : "", resnets[i].name);
    }
    return pcs_fail(err, PCS_INVALID, "network: unknown '%.100s'; legal are %s", name, legal);
}

pcs_status_t pcs_shapes_find(const char *name, pcs_shapes_t *shapes, pcs_error_t *err)
{
    pcs_shapes_t found = {.count = 0};
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < RESNETS && found.convs == NULL && status == PCS_OK; i++) {
        status = strcmp(resnets[i].name, name) == 0 ? resnet(name, resnets[i].blocks, &found, err) : PCS_OK;
    }
    for (size_t i = 0; pcs_zoo_at(i) != NULL && found.convs == NULL && status == PCS_OK; i++) {
        status = strcmp(pcs_zoo_at(i)->name, name) == 0 ? from_zoo(pcs_zoo_at(i), &found, err) : PCS_OK;
    }
    if (status != PCS_OK) {
        pcs_shapes_free(&found);
        return status;
    }
    if (found.convs == NULL) {
        return unknown(name, err);
    }
    *shapes = found;
    return PCS_OK;
}

void pcs_shapes_free(pcs_shapes_t *shapes)
{
    free(shapes->convs);
    shapes->convs = NULL;
    shapes->count = 0;
}

uint64_t pcs_shapes_macs(const pcs_shapes_t *shapes)
{
    uint64_t macs = 0;
    for (size_t i = 0; i < shapes->count; i++) {
        macs += pcs_conv_macs(&shapes->convs[i].shape);
    }
    return macs;
}
