/* A quantized convolution: three GEMM contracts, as CPT (Fu et al., ICLR 2021) gives them: conv_contract.h; or the same
   layer in floating-point formats: conv_float.h; or, to compare with, in binary32: conv_fp32.h.

   One quantized gradient, rounded stochastically, feeds both backward contracts; quantizers are straight-through.

   x (n, height, width, channels), y (n, out_h, out_w, filters), w (kernel, kernel, channels that a filter sees,
   filters): binary32, channels last.  No bias: a batch normalisation follows. */
#ifndef PCS_WORKLOADS_NN_CONV_H
#define PCS_WORKLOADS_NN_CONV_H

#include "workloads/nn/conv_contract.h"
#include "workloads/nn/conv_float.h"
#include "workloads/nn/conv_fp32.h"
#include "workloads/nn/layers.h"
#include "workloads/nn/profile.h"
#include "workloads/nn/quantized.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One pass through the network. */
typedef struct pcs_step {
    pcs_engine_t *engine; /* NULL in floating point and binary32 */
    unsigned threads;
    uint64_t seed;
    uint32_t iteration;           /* of contracts and random streams */
    unsigned fw_bits, bw_bits;    /* 0 in floating point and binary32 */
    bool training;                /* else: running ranges and statistics, no state changes */
    const pcs_profile_t *profile; /* NULL: nobody wants to know */
    pcs_float_tally_t *tally;     /* floating point: grows by what casts do; NULL: nobody wants to know */
} pcs_step_t;

typedef struct pcs_conv {
    char name[16];
    uint32_t layer; /* number that contracts and random streams carry */
    uint32_t batch; /* most images */
    pcs_conv_shape_t shape;
    pcs_numerics_t numerics;
    float *weight, *weight_grad; /* (kernel, kernel, channels seen, filters), set by the owner of the parameters */
    float *ema;                  /* (2) running minimum and range of x, set by the owner of the state */
    /* quantized operands of the latest pass */
    uint8_t *x_codes;     /* (n, height, width, channels) */
    uint8_t *w_codes;     /* (tap, channels seen, filters) */
    uint8_t *dgrad_codes; /* per phase (tap, filters, channels), or (filters, tap, channels) with PAPER; of a depthwise
                             one (tap, channels) */
    pcs_scales_t x_scales, w_scales, dgrad_scales, dy_scales;
    pcs_conv_views_t views;
    pcs_watch_t y_watch, dx_watch; /* of the next pass: who wants to know of rows (n height width) of y and of dx */
    void *scratch; /* (pcs_conv_scratch), set by the owner: layers share it; codes of dy (n, out_h, out_w, filters) */
    float *line, *range;
    uint8_t *line_codes, *spare_codes;
    /* with numerics.fp32_threads, in place of codes, scales and scratch: */
    const float *x; /* input of the latest forward pass */
    /* with numerics.floats, in place of codes and scales: */
    pcs_conv_codes_t float_codes;
} pcs_conv_t;

/* Takes every buffer but weight, weight_grad, ema and scratch from the arena; with memory, fills the views.  name,
   layer, batch, shape (checked) and numerics are set before. */
void pcs_conv_place(pcs_conv_t *conv, pcs_arena_t *arena);
/* Bytes of scratch that a convolution of this shape, batch and numerics needs. */
size_t pcs_conv_scratch(const pcs_conv_t *conv);

/* y = conv(x) for n images.  Training: quantizes with the range of the batch, and updates the running range.  span:
   that of x; NULL: it is looked for.  Floating point and binary32 know no ranges, and want x in memory. */
PCS_MUST_CHECK pcs_status_t pcs_conv_forward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *x,
                                             const pcs_span_t *span, float *y, pcs_error_t *err);
/* The same of an x that is made, for integers only; span: that of x when training. */
PCS_MUST_CHECK pcs_status_t pcs_conv_forward_made(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n,
                                                  const pcs_maker_t *x, const pcs_span_t *span, float *y,
                                                  pcs_error_t *err);
/* After forward with the same step and n: fills weight_grad, and dx unless NULL (the first layer needs none).  In
   binary32 the x of the forward pass must still be there. */
PCS_MUST_CHECK pcs_status_t pcs_conv_backward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *dy,
                                              const pcs_span_t *span, float *dx, pcs_error_t *err);
/* The same of a dy that is made, for integers only. */
PCS_MUST_CHECK pcs_status_t pcs_conv_backward_made(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n,
                                                   const pcs_maker_t *dy, const pcs_span_t *span, float *dx,
                                                   pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
