/* A feed-forward network: a list of layers, each reading earlier ones, all their buffers in one arena, forward and
   backward passes. */
#ifndef PCS_WORKLOADS_NN_NETWORK_H
#define PCS_WORKLOADS_NN_NETWORK_H

#include "workloads/nn/conv.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_layer_kind {
    PCS_LAYER_CONV,      /* quantized, kernel x kernel, `width` filters, no bias; width 0: depthwise */
    PCS_LAYER_BATCHNORM, /* FP32, as are all below */
    PCS_LAYER_RELU,
    PCS_LAYER_POOL,   /* mean over all positions */
    PCS_LAYER_LINEAR, /* of the flattened input, `width` outputs (0: the classes of the data set), bias */
    PCS_LAYER_ADD,    /* the input plus the output of layer `skip` */
    PCS_LAYER_COUNT
} pcs_layer_kind_t;

typedef struct pcs_layer_spec {
    pcs_layer_kind_t kind;
    uint32_t width, kernel, stride, padding;
    uint32_t back; /* its input is the output of the layer this many before it; 0 and 1: the one before */
    uint32_t skip; /* ADD: its other operand, likewise, at least 2 */
} pcs_layer_spec_t;

/* How parameters start; batch normalisation 1 and 0 in both. */
typedef enum pcs_init {
    PCS_INIT_FAN_OUT, /* convolutions N(0, 2 / (k k filters)), fully connected N(0, 2 / (inputs outputs)), biases 0: He
                         et al. as CPT's code has it for ResNets */
    PCS_INIT_FAN_IN   /* uniform within 1 / sqrt(elements that an output takes), biases too: PyTorch's default, which
                         CPT's code leaves MobileNetV2 with */
} pcs_init_t;

/* A network's description; the zoo makes them. */
typedef struct pcs_network_spec {
    char name[32];
    uint32_t height, width, channels; /* of an input image */
    uint32_t classes;                 /* outputs of a linear layer whose width is 0 */
    pcs_init_t init;
    pcs_layer_spec_t *layers; /* (count) */
    size_t count;
} pcs_network_spec_t;

/* Index of the layer whose output layer i reads; PCS_LAYER_IMAGES when it reads the images. */
#define PCS_LAYER_IMAGES SIZE_MAX
size_t pcs_layer_input(const pcs_layer_spec_t *layers, size_t i);

/* A layer's output from its input, both as one image. */
typedef struct pcs_extent {
    uint32_t height, width, channels;
} pcs_extent_t;

/* Extents of all layers' outputs, (count); convs (count) gets the shapes of convolutions.  A layer that does not fit
   its input is PCS_INVALID. */
PCS_MUST_CHECK pcs_status_t pcs_network_extents(const pcs_network_spec_t *spec, pcs_extent_t *extents,
                                                pcs_conv_shape_t *convs, pcs_error_t *err);

/* What a network keeps in memory, bytes; one allocation, made before the first step. */
typedef struct pcs_network_memory {
    size_t parameters;  /* with gradients, momentum and running statistics */
    size_t activations; /* with the input */
    size_t gradients;   /* of activations */
    size_t operands;    /* codes and scales of quantized layers, and scratch */
    size_t total;
} pcs_network_memory_t;

/* For at most `batch` images, without allocating it.  PCS_INVALID as pcs_network_create. */
PCS_MUST_CHECK pcs_status_t pcs_network_measure(const pcs_network_spec_t *spec, const pcs_numerics_t *numerics,
                                                uint32_t batch, pcs_network_memory_t *memory, pcs_error_t *err);

typedef struct pcs_network pcs_network_t;

/* Builds the network for at most `batch` images and initialises its parameters from `seed`. */
PCS_MUST_CHECK pcs_status_t pcs_network_create(const pcs_network_spec_t *spec, const pcs_numerics_t *numerics,
                                               uint32_t batch, uint64_t seed, pcs_network_t **network,
                                               pcs_error_t *err);
void pcs_network_destroy(pcs_network_t *network);

/* What persists from iteration to iteration is one block of `size` floats: values (params), velocity (params), running
   statistics and ranges (stats); in floating point also control (PCS_NETWORK_CONTROL), which is the trainer's, and with
   numerics.floats->compensated compensation (params).  Else those two are NULL.  gradient (params) lies apart. */
enum { PCS_NETWORK_CONTROL = 2 };
typedef struct pcs_network_state {
    size_t params, stats, size;
    float *value, *velocity, *running, *control, *compensation;
    float *gradient;
} pcs_network_state_t;
pcs_network_state_t pcs_network_state(const pcs_network_t *network);

/* (batch, height, width, channels): where the images of the next pass go. */
float *pcs_network_input(const pcs_network_t *network);
/* Outputs of the last layer, and (batch, outputs) for the gradient that the backward pass starts from. */
uint32_t pcs_network_outputs(const pcs_network_t *network);
float *pcs_network_output_gradient(const pcs_network_t *network);

/* Runs the first n images of the input; logits (n, outputs) live until the next pass. */
PCS_MUST_CHECK pcs_status_t pcs_network_forward(pcs_network_t *network, const pcs_step_t *step, uint32_t n,
                                                const float **logits, pcs_error_t *err);
/* After a training forward pass with the same step and n: fills the gradient of every parameter. */
PCS_MUST_CHECK pcs_status_t pcs_network_backward(pcs_network_t *network, const pcs_step_t *step, uint32_t n,
                                                 pcs_error_t *err);

/* Name ("conv1") of the quantized layer that contracts call `layer`; NULL past the last. */
const char *pcs_network_layer_name(const pcs_network_t *network, uint32_t layer);

#ifdef __cplusplus
}
#endif
#endif
