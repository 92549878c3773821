#include "workloads/zoo/zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/zoo/mobilenetv2.h"

enum { DEPTHWISE = 0 }; /* width of a layer that has as many filters as channels */

/* A list of layers that grows; `failed` once there is no memory. */
typedef struct layers {
    pcs_layer_spec_t *layer;
    size_t count, room;
    bool failed;
} layers_t;

static void add(layers_t *layers, pcs_layer_spec_t layer)
{
    if (layers->count == layers->room && !layers->failed) {
        const size_t room = layers->room == 0 ? 16 : 2U * layers->room;
        pcs_layer_spec_t *grown = realloc(layers->layer, room * sizeof *grown);
        layers->failed = grown == NULL;
        layers->layer = grown != NULL ? grown : layers->layer;
        layers->room = room;
    }
    if (!layers->failed) {
        layers->layer[layers->count++] = layer;
    }
}

/* A convolution that keeps height and width at stride 1 and halves them at stride 2, and its normalisation. */
static void conv_bn(layers_t *layers, uint32_t filters, uint32_t kernel, uint32_t stride, uint32_t back)
{
    add(layers, (pcs_layer_spec_t){
                    .kind = PCS_LAYER_CONV,
                    .width = filters,
                    .kernel = kernel,
                    .stride = stride,
                    .padding = kernel / 2,
                    .back = back,
                });
    add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_BATCHNORM});
}

static void conv_bn_relu(layers_t *layers, uint32_t filters, uint32_t kernel, uint32_t stride)
{
    conv_bn(layers, filters, kernel, stride, 1);
    add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_RELU});
}

static void head(layers_t *layers, bool pool)
{
    if (pool) {
        add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_POOL});
    }
    add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_LINEAR});
}

static void build_cnn(layers_t *layers, uint32_t size)
{
    (void)size;
    conv_bn_relu(layers, 24, 3, 1);
    conv_bn_relu(layers, 48, 3, 2);
    conv_bn_relu(layers, 96, 3, 2);
    head(layers, false);
}

static void build_tiny(layers_t *layers, uint32_t size)
{
    (void)size;
    conv_bn_relu(layers, 4, 3, 2);
    conv_bn_relu(layers, 8, 3, 2);
    head(layers, true);
}

/* Two convolutions and what they are added to: their input, or a learned 1 x 1 shortcut of it. */
static void basic_block(layers_t *layers, uint32_t width, uint32_t stride)
{
    conv_bn_relu(layers, width, 3, stride);
    conv_bn(layers, width, 3, 1, 1);
    if (stride != 1) {
        conv_bn(layers, width, 1, stride, 6);
        add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_ADD, .skip = 3});
    } else {
        add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_ADD, .skip = 6});
    }
    add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_RELU});
}

/* CIFAR ResNet of 6 n + 2 layers, n basic blocks of 16, 32 and 64 filters, as the code of CPT has it. */
static void build_resnet(layers_t *layers, uint32_t blocks)
{
    enum { GROUPS = 3, FIRST_WIDTH = 16 };
    conv_bn_relu(layers, FIRST_WIDTH, 3, 1);
    for (uint32_t group = 0; group < GROUPS; group++) {
        for (uint32_t block = 0; block < blocks; block++) {
            basic_block(layers, (uint32_t)FIRST_WIDTH << group, group > 0 && block == 0 ? 2 : 1);
        }
    }
    head(layers, true);
}

const pcs_mobilenetv2_group_t pcs_mobilenetv2_groups[PCS_MOBILENETV2_GROUPS] = {
    {1, 16, 1, 1, 1}, {6, 24, 2, 2, 1},  {6, 32, 3, 2, 2},  {6, 64, 4, 2, 2},
    {6, 96, 3, 1, 1}, {6, 160, 3, 2, 2}, {6, 320, 1, 1, 1},
};

/* Inverted residual: widen, depthwise 3 x 3, narrow, the last without a rectifier.  At stride 1 its input is added, or
   where the width changes a learned 1 x 1 shortcut of it. */
static void inverted_residual(layers_t *layers, uint32_t channels, uint32_t expand, uint32_t filters, uint32_t stride)
{
    conv_bn_relu(layers, expand * channels, 1, 1);
    conv_bn_relu(layers, DEPTHWISE, 3, stride);
    conv_bn(layers, filters, 1, 1, 1);
    if (stride == 1 && channels != filters) {
        conv_bn(layers, filters, 1, 1, 9);
        add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_ADD, .skip = 3});
    } else if (stride == 1) {
        add(layers, (pcs_layer_spec_t){.kind = PCS_LAYER_ADD, .skip = 9});
    }
}

/* As the code of CPT has it: strides 1, 1, 2, 2, 1, 2, 1, the widening convolution in every block. */
static void build_mobilenetv2(layers_t *layers, uint32_t unused)
{
    (void)unused;
    conv_bn_relu(layers, PCS_MOBILENETV2_STEM, 3, 1);
    uint32_t channels = PCS_MOBILENETV2_STEM;
    for (size_t g = 0; g < PCS_MOBILENETV2_GROUPS; g++) {
        const pcs_mobilenetv2_group_t *group = &pcs_mobilenetv2_groups[g];
        for (uint32_t i = 0; i < group->blocks; i++) {
            inverted_residual(layers, channels, group->expand, group->filters, i == 0 ? group->cifar_stride : 1);
            channels = group->filters;
        }
    }
    conv_bn_relu(layers, PCS_MOBILENETV2_HEAD, 1, 1);
    head(layers, true);
}

/* One of each kind: of stride 2, added to its input, added to a shortcut. */
static void build_tiny_mobile(layers_t *layers, uint32_t unused)
{
    (void)unused;
    conv_bn_relu(layers, 4, 3, 2);
    inverted_residual(layers, 4, 2, 4, 2);
    inverted_residual(layers, 4, 3, 4, 1);
    inverted_residual(layers, 4, 2, 6, 1);
    head(layers, true);
}

#define RESNET_CIFAR "CIFAR ResNet of basic blocks, 32 x 32 colour images"
#define RESNET_FMNIST "the same for grey images, padded to 32 x 32"
#define MOBILENETV2_CIFAR "MobileNetV2 (inverted residuals, depthwise convolutions), 32 x 32 colour images"

static const struct {
    const char *name, *help;
    uint32_t size, channels; /* of an image */
    void (*build)(layers_t *layers, uint32_t blocks);
    uint32_t blocks;
    pcs_init_t init;
} networks[] = {
    {"fmnist-cnn", "3 convolutions (24, 48, 96 filters) for 28 x 28 grey images", 28, 1, build_cnn, 0,
     PCS_INIT_FAN_OUT},
    {"fmnist-tiny", "2 convolutions (4, 8 filters), for tests", 28, 1, build_tiny, 0, PCS_INIT_FAN_OUT},
    {"fmnist-tiny-mobile", "3 inverted residuals (4, 4, 6 filters), for tests", 28, 1, build_tiny_mobile, 0,
     PCS_INIT_FAN_IN},
    {"resnet20-cifar", RESNET_CIFAR, 32, 3, build_resnet, 3, PCS_INIT_FAN_OUT},
    {"resnet38-cifar", RESNET_CIFAR, 32, 3, build_resnet, 6, PCS_INIT_FAN_OUT},
    {"resnet74-cifar", RESNET_CIFAR, 32, 3, build_resnet, 12, PCS_INIT_FAN_OUT},
    {"resnet110-cifar", RESNET_CIFAR, 32, 3, build_resnet, 18, PCS_INIT_FAN_OUT},
    {"resnet20-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 3, PCS_INIT_FAN_OUT},
    {"resnet38-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 6, PCS_INIT_FAN_OUT},
    {"resnet74-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 12, PCS_INIT_FAN_OUT},
    {"resnet110-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 18, PCS_INIT_FAN_OUT},
    {"mobilenetv2-cifar", MOBILENETV2_CIFAR, 32, 3, build_mobilenetv2, 0, PCS_INIT_FAN_IN},
    {"mobilenetv2-fmnist", RESNET_FMNIST, 32, 1, build_mobilenetv2, 0, PCS_INIT_FAN_IN},
};
enum { NETWORK_COUNT = sizeof networks / sizeof networks[0], CLASSES = 10 };

const char *pcs_zoo_name(size_t index)
{
    return index < NETWORK_COUNT ? networks[index].name : NULL;
}

const char *pcs_zoo_help(size_t index)
{
    return index < NETWORK_COUNT ? networks[index].help : NULL;
}

static pcs_status_t build(size_t index, pcs_network_spec_t *spec, pcs_error_t *err)
{
    layers_t layers = {0};
    networks[index].build(&layers, networks[index].blocks);
    if (layers.failed) {
        free(layers.layer);
        return pcs_fail(err, PCS_MEMORY, "network: no memory for the layers of %s", networks[index].name);
    }
    *spec = (pcs_network_spec_t){
        .height = networks[index].size,
        .width = networks[index].size,
        .channels = networks[index].channels,
        .classes = CLASSES,
        .init = networks[index].init,
        .layers = layers.layer,
        .count = layers.count,
    };
    (void)snprintf(spec->name, sizeof spec->name, "%s", networks[index].name);
    return PCS_OK;
}

pcs_status_t pcs_zoo_find(const char *name, pcs_network_spec_t *spec, pcs_error_t *err)
{
    char legal[400] = "";
    for (size_t i = 0; i < NETWORK_COUNT; i++) {
        if (strcmp(networks[i].name, name) == 0) {
            return build(i, spec, err);
        }
        const size_t used = strlen(legal);
        (void)snprintf(legal + used, sizeof legal - used, "%s%s", i > 0 ? ", " : "", networks[i].name);
    }
    return pcs_fail(err, PCS_INVALID, "network: unknown '%.100s'; legal are %s", name, legal);
}

void pcs_zoo_free(pcs_network_spec_t *spec)
{
    free(spec->layers);
    spec->layers = NULL;
    spec->count = 0;
}
