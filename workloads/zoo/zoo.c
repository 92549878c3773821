#include "workloads/zoo/zoo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

#define RESNET_CIFAR "CIFAR ResNet of basic blocks, 32 x 32 colour images"
#define RESNET_FMNIST "the same for grey images, padded to 32 x 32"

static const struct {
    const char *name, *help;
    uint32_t size, channels; /* of an image */
    void (*build)(layers_t *layers, uint32_t size);
    uint32_t blocks;
} networks[] = {
    {"fmnist-cnn", "3 convolutions (24, 48, 96 filters) for 28 x 28 grey images", 28, 1, build_cnn, 0},
    {"fmnist-tiny", "2 convolutions (4, 8 filters), for tests", 28, 1, build_tiny, 0},
    {"resnet20-cifar", RESNET_CIFAR, 32, 3, build_resnet, 3},
    {"resnet38-cifar", RESNET_CIFAR, 32, 3, build_resnet, 6},
    {"resnet74-cifar", RESNET_CIFAR, 32, 3, build_resnet, 12},
    {"resnet110-cifar", RESNET_CIFAR, 32, 3, build_resnet, 18},
    {"resnet20-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 3},
    {"resnet38-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 6},
    {"resnet74-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 12},
    {"resnet110-fmnist", RESNET_FMNIST, 32, 1, build_resnet, 18},
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
        .layers = layers.layer,
        .count = layers.count,
    };
    (void)snprintf(spec->name, sizeof spec->name, "%s", networks[index].name);
    return PCS_OK;
}

pcs_status_t pcs_zoo_find(const char *name, pcs_network_spec_t *spec, pcs_error_t *err)
{
    char legal[320] = "";
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
