/* Convolutional networks by shape. */
#include <stdio.h>
#include <string.h>

#include "workloads/nn/network.h"
#include "workloads/zoo/mobilenetv2.h"
#include "workloads/zoo/shapes_networks.h"

/* A list under construction; after a failure nothing more is added. */
typedef struct builder {
    pcs_shapes_t *shapes;
    pcs_status_t status;
    pcs_error_t *err;
} builder_t;

typedef struct filter {
    uint32_t filters, kernel, stride, groups;
} filter_t;

/* Adds a convolution that keeps height and width at stride 1, and returns the extent of its output. */
static pcs_extent_t add(builder_t *build, const char *name, const pcs_extent_t *in, filter_t filter, bool rectified)
{
    pcs_shapes_t *shapes = build->shapes;
    pcs_shape_t layer = {
        .kind = PCS_SHAPE_CONV,
        .conv = {.height = in->height,
                 .width = in->width,
                 .channels = in->channels / filter.groups,
                 .kernel = filter.kernel,
                 .stride = filter.stride,
                 .padding = filter.kernel / 2,
                 .filters = filter.filters / filter.groups},
        .repeat = filter.groups,
        .first = shapes->count == 0,
        .rectified = rectified,
    };
    (void)snprintf(layer.name, sizeof layer.name, "%s", name);
    build->status = build->status == PCS_OK ? pcs_shapes_add(shapes, &layer, build->err) : build->status;
    if (build->status != PCS_OK) {
        return *in;
    }
    const pcs_conv_shape_t *done = &shapes->layers[shapes->count - 1U].conv;
    return (pcs_extent_t){done->out_h, done->out_w, filter.filters};
}

/* The classifier behind a global mean: one position, k = channels.  A mean of rectified values may not reach 0. */
static void add_classifier(builder_t *build, uint32_t channels, uint32_t classes)
{
    const pcs_shape_t layer = {
        .name = "fc",
        .kind = PCS_SHAPE_GEMM,
        .gemm = {.m = 1, .n = classes, .k = channels, .steps = 1, .shared = true},
        .repeat = 1,
    };
    build->status = build->status == PCS_OK ? pcs_shapes_add(build->shapes, &layer, build->err) : build->status;
}

/* ---- residual networks ------------------------------------------------------------------------------------------- */

typedef struct block {
    const char *prefix; /* "g2.b1." */
    uint32_t width, stride;
    bool bottleneck; /* 1 x 1, 3 x 3, 1 x 1 to four times the width; else two of 3 x 3 */
} block_t;

static pcs_extent_t residual(builder_t *build, const pcs_extent_t *x, const block_t *block)
{
    char name[PCS_SHAPE_NAME_MAX];
    const uint32_t out = block->bottleneck ? 4 * block->width : block->width;
    pcs_extent_t y = *x;
    if (block->bottleneck) {
        const filter_t filters[] = {
            {block->width, 1, 1, 1}, {block->width, 3, block->stride, 1}, {4 * block->width, 1, 1, 1}};
        for (unsigned i = 0; i < 3; i++) {
            (void)snprintf(name, sizeof name, "%sconv%u", block->prefix, i + 1);
            y = add(build, name, &y, filters[i], true);
        }
    } else {
        for (unsigned i = 0; i < 2; i++) {
            (void)snprintf(name, sizeof name, "%sconv%u", block->prefix, i + 1);
            y = add(build, name, &y, (filter_t){block->width, 3, i == 0 ? block->stride : 1, 1}, true);
        }
    }
    if (block->stride != 1 || x->channels != out) {
        (void)snprintf(name, sizeof name, "%sshortcut", block->prefix);
        (void)add(build, name, x, (filter_t){out, 1, block->stride, 1}, true);
    }
    return y;
}

static pcs_extent_t groups(builder_t *build, pcs_extent_t x, const uint32_t *blocks, unsigned count, uint32_t width,
                           bool bottleneck)
{
    for (unsigned group = 0; group < count; group++) {
        for (uint32_t i = 0; i < blocks[group]; i++) {
            char prefix[24];
            (void)snprintf(prefix, sizeof prefix, "g%u.b%u.", group + 1, i + 1);
            const block_t block = {prefix, width << group, group > 0 && i == 0 ? 2 : 1, bottleneck};
            x = residual(build, &x, &block);
        }
    }
    return x;
}

pcs_status_t pcs_shapes_resnet_imagenet(pcs_shapes_t *shapes, unsigned depth, pcs_error_t *err)
{
    static const uint32_t small[] = {2, 2, 2, 2};
    static const uint32_t large[] = {3, 4, 6, 3};
    builder_t build = {shapes, PCS_OK, err};
    const pcs_extent_t image = {224, 224, 3};
    pcs_extent_t x = add(&build, "stem", &image, (filter_t){64, 7, 2, 1}, false);
    x.height /= 2; /* maximum over 3 x 3 at stride 2, padding 1 */
    x.width /= 2;
    x = groups(&build, x, depth == 18 ? small : large, 4, 64, depth == 50);
    add_classifier(&build, x.channels, 1000);
    return build.status;
}

/* ---- MobileNetV2 ------------------------------------------------------------------------------------------------- */

/* Inverted residual: widen by `expand` (nothing at 1), depthwise 3 x 3, narrow.  Its result is not rectified, so
   neither is what the next block's first convolution reads. */
static pcs_extent_t inverted(builder_t *build, const char *prefix, const pcs_extent_t *x, uint32_t expand,
                             uint32_t filters, uint32_t stride)
{
    char name[PCS_SHAPE_NAME_MAX];
    const uint32_t wide = expand * x->channels;
    pcs_extent_t y = *x;
    if (expand > 1) {
        (void)snprintf(name, sizeof name, "%sexpand", prefix);
        y = add(build, name, &y, (filter_t){wide, 1, 1, 1}, false);
    }
    (void)snprintf(name, sizeof name, "%sdepthwise", prefix);
    y = add(build, name, &y, (filter_t){wide, 3, stride, wide}, true);
    (void)snprintf(name, sizeof name, "%sproject", prefix);
    return add(build, name, &y, (filter_t){filters, 1, 1, 1}, true);
}

pcs_status_t pcs_shapes_mobilenetv2(pcs_shapes_t *shapes, unsigned unused, pcs_error_t *err)
{
    builder_t build = {shapes, PCS_OK, err};
    const pcs_extent_t image = {224, 224, 3};
    (void)unused;
    pcs_extent_t x = add(&build, "stem", &image, (filter_t){PCS_MOBILENETV2_STEM, 3, 2, 1}, false);
    for (unsigned g = 0; g < PCS_MOBILENETV2_GROUPS; g++) {
        const pcs_mobilenetv2_group_t *group = &pcs_mobilenetv2_groups[g];
        for (uint32_t i = 0; i < group->blocks; i++) {
            char prefix[24];
            (void)snprintf(prefix, sizeof prefix, "g%u.b%u.", g + 1, i + 1);
            x = inverted(&build, prefix, &x, group->expand, group->filters, i > 0 ? 1 : group->stride);
        }
    }
    x = add(&build, "head", &x, (filter_t){PCS_MOBILENETV2_HEAD, 1, 1, 1}, false);
    add_classifier(&build, x.channels, 1000);
    return build.status;
}
