/* Networks by shape: the layers that are GEMMs, of one sample (an image, a sequence), in order.  Enough to count what
   training costs, without parameters, data or memory for activations. */
#ifndef PCS_WORKLOADS_ZOO_SHAPES_H
#define PCS_WORKLOADS_ZOO_SHAPES_H

#include "workloads/nn/conv_contract.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_shape_kind { PCS_SHAPE_CONV, PCS_SHAPE_GEMM } pcs_shape_kind_t;

/* y (m, n) = x (m, k) w (k, n), for one sample.
     shared    w are weights: samples are further rows of x, and one dw sums over all of them.
     otherwise both are activations (attention): every sample has its own product.
     steps     of a recurrence: forward and dgrad are one GEMM after the other, wgrad is one GEMM over all steps when
               w are weights. */
typedef struct pcs_gemm_shape {
    uint64_t m, n, k, steps; /* at least 1 each */
    bool shared;
} pcs_gemm_shape_t;

enum { PCS_SHAPE_NAME_MAX = 48 };

typedef struct pcs_shape {
    char name[PCS_SHAPE_NAME_MAX];
    pcs_shape_kind_t kind;
    pcs_conv_shape_t conv; /* CONV: checked */
    pcs_gemm_shape_t gemm; /* GEMM */
    uint64_t repeat;       /* independent copies, one after the other: groups of a convolution, heads; at least 1 */
    bool first;            /* its input is the data: training needs no gradient of it */
    bool rectified;        /* its input comes from a rectifier: the smallest element is 0 */
} pcs_shape_t;

typedef struct pcs_shapes {
    char name[64];
    const char *sample; /* what one sample is: "image", "sequence of 35 tokens"; static */
    size_t count, capacity;
    pcs_shape_t *layers; /* (count), owned */
} pcs_shapes_t;

/* Multiply-accumulates of one layer, one sample, forward pass; taps in the padding included. */
uint64_t pcs_shape_macs(const pcs_shape_t *layer);

/* Most multiply-accumulates of one layer and sample: what keeps every count of a run within 64 bits. */
#define PCS_SHAPE_MACS_MAX (UINT64_C(1) << 44)

/* Appends a layer; zero-initialise the list.  Fills out_h and out_w of a convolution.  PCS_INVALID when a size is zero,
   a kernel does not fit its padded image, or the layer has more than PCS_SHAPE_MACS_MAX multiply-accumulates. */
PCS_MUST_CHECK pcs_status_t pcs_shapes_add(pcs_shapes_t *shapes, const pcs_shape_t *layer, pcs_error_t *err);

/* The network of this name: one of the zoo (zoo.h), its convolutions as they are trained (the last, fully connected
   layer stays in FP32 and is not counted), or by shape alone, with its fully connected layer.  mobilenetv2 is that of
   Sandler et al. (CVPR 2018), resnet18, resnet34 and resnet50 those of He et al. (CVPR 2016), the stride of a
   bottleneck in its 3 x 3 convolution: 224 x 224 x 3 images.  lstm-ptb is the medium one of Zaremba et al. (arXiv
   1409.2329): 2 layers of 650 units, 35 steps, 10,000 words.  transformer-wikitext103 is that of Baevski & Auli (ICLR
   2019): 16 blocks of width 1024, 8 heads, 4096 inner units, sequences of 512 tokens, without the adaptive input and
   softmax, whose sizes depend on the words; the masked half of the scores is computed.  An unknown name fails with a
   message that lists the legal ones. */
PCS_MUST_CHECK pcs_status_t pcs_shapes_find(const char *name, pcs_shapes_t *shapes, pcs_error_t *err);
/* Name number `index` of those above; NULL past the last. */
const char *pcs_shapes_name(size_t index);
void pcs_shapes_free(pcs_shapes_t *shapes);

/* Multiply-accumulates of all layers, one sample, forward pass. */
uint64_t pcs_shapes_macs(const pcs_shapes_t *shapes);

#ifdef __cplusplus
}
#endif
#endif
