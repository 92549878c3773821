/* A convolution whose three GEMMs are floating-point contracts (models/gemm/fgemm.h): x and w are rounded to one
   format, dy to another, and every output is the dot product that the accumulator defines, over the taps and channels
   - or, of a weight's gradient, the positions - in the order of the views of conv_contract.h.

   The contracts compute the transposes, y^T = w^T patches^T: products commute, so the bits are the same, and positions,
   of which there are many, lie side by side.  Forward and dgrad go in chunks of positions, whose outputs do not know of
   each other; wgrad has all of its K in one contract, since the order along K is part of its definition.

   With `scaled`, x, w and dy are multiplied by powers of two of their own before they are rounded, and results by the
   powers' inverse.  A depthwise convolution is a contract for each channel. */
#ifndef PCS_WORKLOADS_NN_CONV_FLOAT_H
#define PCS_WORKLOADS_NN_CONV_FLOAT_H

#include "models/gemm/fgemm.h"
#include "workloads/nn/cast.h"
#include "workloads/nn/conv_contract.h"
#include "workloads/nn/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the convolutions of a network compute.  Immutable while it is in use. */
typedef struct pcs_float_numerics {
    pcs_cast_t forward;                            /* of x and w */
    pcs_cast_t backward;                           /* of dy */
    pcs_cast_t output, output_gradient;            /* of y; of dx and dw: FP32 leaves them as they are */
    const pcs_format_row_t *sum;                   /* format of the accumulator and of the contracts' results */
    pcs_accumulator_t accumulator[PCS_ROLE_COUNT]; /* for A and B as the contracts have them: w, x; w, dy; dy, x */
    bool scaled;
    pcs_executor_t executor; /* of training: ref or fast.  Evaluation takes fast: the bits are the same */
    pcs_kernel_t kernel;
    bool compensated;                       /* the update keeps a compensation for every parameter (optim.h) */
    const struct pcs_float_numerics *first; /* of the first convolution; NULL: the same */
} pcs_float_numerics_t;

/* Tensors that are cast. */
typedef enum pcs_float_tensor {
    PCS_FLOAT_X,
    PCS_FLOAT_W,
    PCS_FLOAT_DY,
    PCS_FLOAT_Y,
    PCS_FLOAT_DX,
    PCS_FLOAT_DW,
    PCS_FLOAT_TENSORS
} pcs_float_tensor_t;
const char *pcs_float_tensor_name(pcs_float_tensor_t tensor); /* "x", "w", "dy", "y", "dx", "dw" */

/* What the casts of a step did. */
typedef struct pcs_float_tally {
    pcs_cast_counts_t tensor[PCS_FLOAT_TENSORS];
} pcs_float_tally_t;

/* Codes that the backward pass finds again. */
typedef struct pcs_conv_codes {
    void *x; /* (n, height, width, channels) */
    void *w; /* (tap, channels seen, filters) */
    int x_scale, w_scale;
} pcs_conv_codes_t;

/* One layer in one pass. */
typedef struct pcs_conv_float {
    const pcs_conv_shape_t *shape;
    const pcs_conv_views_t *views;
    const pcs_float_numerics_t *numerics;
    pcs_conv_codes_t *codes;
    void *scratch; /* (pcs_conv_float_scratch), shared by layers */
    unsigned threads;
    bool training;
    uint64_t seed; /* of the streams, with these two */
    uint32_t iteration, layer;
    pcs_float_tally_t *tally;     /* grows; NULL: nobody counts */
    const pcs_profile_t *profile; /* NULL: nobody wants to know */
} pcs_conv_float_t;

void pcs_conv_float_place(pcs_conv_codes_t *codes, const pcs_conv_shape_t *shape, const pcs_float_numerics_t *numerics,
                          uint32_t batch, pcs_arena_t *arena);
/* Bytes. */
size_t pcs_conv_float_scratch(const pcs_conv_shape_t *shape, const pcs_float_numerics_t *numerics, uint32_t batch);

/* y = conv(x, w) for n images. */
PCS_MUST_CHECK pcs_status_t pcs_conv_float_forward(const pcs_conv_float_t *conv, uint32_t n, const float *x,
                                                   const float *w, float *y, pcs_error_t *err);
/* After forward with the same n: dw, and dx unless NULL. */
PCS_MUST_CHECK pcs_status_t pcs_conv_float_backward(const pcs_conv_float_t *conv, uint32_t n, const float *dy,
                                                    float *dw, float *dx, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
