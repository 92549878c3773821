#include "workloads/zoo/shapes.h"

#include <stdio.h>
#include <stdlib.h>

#include "workloads/zoo/zoo.h"

/* Convolutions of a network; extents and convs are scratch (count). */
static pcs_status_t gather(const pcs_network_spec_t *spec, pcs_extent_t *extents, pcs_conv_shape_t *convs,
                           pcs_shapes_t *shapes, pcs_error_t *err)
{
    const pcs_status_t status = pcs_network_extents(spec, extents, convs, err);
    for (size_t i = 0; i < spec->count && status == PCS_OK; i++) {
        if (spec->layers[i].kind == PCS_LAYER_CONV) {
            const size_t input = pcs_layer_input(spec->layers, i);
            shapes->convs[shapes->count++] = (pcs_conv_row_t){
                .shape = convs[i],
                .first = input == PCS_LAYER_IMAGES,
                .rectified = input != PCS_LAYER_IMAGES && spec->layers[input].kind == PCS_LAYER_RELU,
            };
        }
    }
    return status;
}

pcs_status_t pcs_shapes_find(const char *name, pcs_shapes_t *shapes, pcs_error_t *err)
{
    pcs_network_spec_t spec;
    pcs_status_t status = pcs_zoo_find(name, &spec, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_shapes_t found = {.convs = calloc(spec.count, sizeof *found.convs)};
    pcs_extent_t *extents = calloc(spec.count, sizeof *extents);
    pcs_conv_shape_t *convs = calloc(spec.count, sizeof *convs);
    (void)snprintf(found.name, sizeof found.name, "%s", spec.name);
    status = found.convs != NULL && extents != NULL && convs != NULL
                 ? gather(&spec, extents, convs, &found, err)
                 : pcs_fail(err, PCS_MEMORY, "network: no memory for %zu layers", spec.count);
    free(extents);
    free(convs);
    pcs_zoo_free(&spec);
    if (status != PCS_OK) {
        pcs_shapes_free(&found);
        return status;
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
