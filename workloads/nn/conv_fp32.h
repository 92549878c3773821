/* The three GEMMs of a convolution in binary32 by OpenBLAS: the mode that quantized training is compared with.  No
   contract, no array, and no promise of bits: OpenBLAS sums in an order that depends on its kernel.  Patches are copied
   out in chunks that stay in the cache of the core that multiplies them. */
#ifndef PCS_WORKLOADS_NN_CONV_FP32_H
#define PCS_WORKLOADS_NN_CONV_FP32_H

#include "workloads/nn/conv_contract.h"

#ifdef __cplusplus
extern "C" {
#endif

/* x (n, height, width, channels), y (n, out_h, out_w, filters), w (kernel, kernel, channels seen, filters). */
typedef struct pcs_conv_fp32 {
    const pcs_conv_shape_t *shape;
    const pcs_conv_views_t *views;
    unsigned threads;
    float *scratch; /* (pcs_conv_fp32_scratch) */
} pcs_conv_fp32_t;

/* Floats of scratch for a shape and number of threads; layers may share it. */
size_t pcs_conv_fp32_scratch(const pcs_conv_shape_t *shape, unsigned threads);

/* OpenBLAS multiplies with one thread from now on, in this process: the layers share out their work themselves. */
void pcs_conv_fp32_start(void);

/* y = conv(x, w). */
void pcs_conv_fp32_forward(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *w, float *y);
/* dw = gradient of w. */
void pcs_conv_fp32_wgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *dy, float *dw);
/* dx = gradient of x. */
void pcs_conv_fp32_dgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *dy, const float *w, float *dx);

/* The same of depthwise shapes, which those above leave to these: loops of our own. */
size_t pcs_conv_fp32_depthwise_scratch(const pcs_conv_shape_t *shape, unsigned threads);
void pcs_conv_fp32_depthwise_forward(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *w, float *y);
void pcs_conv_fp32_depthwise_wgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *x, const float *dy, float *dw);
void pcs_conv_fp32_depthwise_dgrad(const pcs_conv_fp32_t *conv, uint32_t n, const float *dy, const float *w, float *dx);

#ifdef __cplusplus
}
#endif
#endif
