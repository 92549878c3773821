/* Inside of a network: what its creation and its passes share. */
#ifndef PCS_WORKLOADS_NN_NETWORK_INTERNAL_H
#define PCS_WORKLOADS_NN_NETWORK_INTERNAL_H

#include "workloads/nn/layers.h"
#include "workloads/nn/network.h"

/* Gradients of activations alive at one time: that of the layer at work, its result, and that of a branch. */
enum { PCS_GRADIENTS = 4 };

/* A gradient tensor; consumers share it by count. */
typedef struct gradient {
    float *data; /* as large as the largest activation */
    unsigned users;
    bool spanned; /* span is that of data */
    pcs_span_t span;
} gradient_t;

typedef struct layer {
    pcs_layer_kind_t kind;
    uint32_t height, width, channels; /* of the output */
    size_t input, skip;               /* layers it reads; PCS_LAYER_IMAGES: the images */
    uint32_t conv;                    /* number of the latest convolution up to here, from 1; 0 before the first */
    size_t readers;                   /* layers that read its output */
    const float *x;                   /* input: the output of a layer before, or the images */
    float *y;                         /* (batch, height, width, channels); rectifier and ADD work in place */
    bool spanned;                     /* span is that of y */
    pcs_span_t span;
    bool made;                   /* BATCHNORM and the rectifier behind it: y is not kept, who reads it makes it */
    bool seen;                   /* BATCHNORM: the convolution before it has shown it what it measures */
    bool passed;                 /* RELU: the backward pass has been through it already, not left it to others */
    const struct layer *through; /* CONV: pending is the gradient behind this normalisation, which has been measured */
    bool through_relu;           /* and behind its rectifier */
    pcs_span_t through_span;     /* of the gradient in front of it */
    gradient_t *pending[2];      /* gradients of y that wait for the backward pass, one of each reader */
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
    pcs_init_t init;
    const pcs_float_numerics_t *floats; /* NULL: not in floating point */
    float *input;                       /* (batch, in_height, in_width, in_channels) */
    gradient_t gradient[PCS_GRADIENTS]; /* of activations */
    float *output_gradient;             /* (batch, outputs) */
    pcs_network_state_t state;
};

static inline size_t pcs_layer_area(const layer_t *layer)
{
    return (size_t)layer->height * layer->width;
}

static inline size_t pcs_layer_elements(const layer_t *layer)
{
    return pcs_layer_area(layer) * layer->channels;
}

/* Whose operands are quantized to integers: it takes tensors that are made. */
static inline bool pcs_layer_quantizes(const layer_t *layer)
{
    const pcs_numerics_t *numerics = &layer->u.conv.numerics;
    return layer->kind == PCS_LAYER_CONV && numerics->fp32_threads == 0 && numerics->floats == NULL;
}

#endif
