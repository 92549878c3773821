/* A quantized convolution: three GEMM contracts, as CPT (Fu et al., ICLR 2021) gives them.

     forward  y  = conv(Q(x), Q(w))        A = patches of x (positions, (tap, in)),        B = w ((tap, in), out)
     wgrad    dw = patches(Q(x))^T Q(dy)   A = the same view transposed ((tap, in), positions), B = dy (positions, out)
     dgrad    dx = conv^T(Q(dy), Q(w))     A = patches of dy (positions, (tap, out)),      B = w ((tap, out), in)

   One quantized gradient, rounded stochastically, feeds both backward contracts; quantizers are straight-through.  With
   stride s, dgrad is s * s contracts: positions of x with one remainder modulo s meet the same taps, a dense
   convolution of stride 1 whose results are scattered; no multiplication by an inserted zero exists.

   x (n, height, width, channels), y (n, out_h, out_w, filters), w (kernel, kernel, channels, filters): binary32,
   channels last.  No bias: a batch normalisation follows. */
#ifndef PCS_WORKLOADS_NN_CONV_H
#define PCS_WORKLOADS_NN_CONV_H

#include "workloads/nn/quantized.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where the scales of weights may vary.  Numbers are those of config.def. */
typedef enum pcs_weight_policy {
    PCS_WEIGHTS_PER_TENSOR, /* one copy, one scale */
    PCS_WEIGHTS_TWO_COPY,   /* per filter for the forward pass; a second copy, per input channel, for dgrad */
    PCS_WEIGHTS_PAPER,      /* one copy per filter; dgrad sums each filter's taps apart, as groups of K */
    PCS_WEIGHTS_COUNT
} pcs_weight_policy_t;

/* What all contracts of a network share. */
typedef struct pcs_numerics {
    pcs_quantizer_t quantizer;
    pcs_weight_policy_t weights;
    unsigned acc_bits;
    bool saturate;
    size_t segment; /* 0 = the planner's choice; longer than a contract's group of K: the group */
} pcs_numerics_t;

/* One pass through the network. */
typedef struct pcs_step {
    pcs_engine_t *engine;
    unsigned threads;
    uint64_t seed;
    uint32_t iteration; /* of contracts and random streams */
    unsigned fw_bits, bw_bits;
    bool training; /* else: running ranges and statistics, no state changes */
} pcs_step_t;

typedef struct pcs_conv_shape {
    uint32_t height, width, channels; /* of x */
    uint32_t kernel, stride, padding;
    uint32_t filters;
    uint32_t out_h, out_w;
} pcs_conv_shape_t;

/* Fills out_h and out_w; false when a size is zero, the kernel does not fit the padded image, or padding >= kernel. */
bool pcs_conv_shape_check(pcs_conv_shape_t *shape);

/* Positions (stride i + y, stride j + x) of x, and the taps they meet: tap t reads dy at (i + dy[t], j + dx[t]). */
typedef struct pcs_phase {
    uint32_t y, x;         /* remainders */
    uint32_t out_h, out_w; /* numbers of i and j */
    uint32_t taps;
    uint32_t first; /* index of its first tap in the arrays below */
} pcs_phase_t;

typedef struct pcs_conv {
    char name[16];
    uint32_t layer; /* number that contracts and random streams carry */
    uint32_t batch; /* most images */
    pcs_conv_shape_t shape;
    pcs_numerics_t numerics;
    float *weight, *weight_grad; /* (kernel, kernel, channels, filters), set by the owner of the parameters */
    float *ema;                  /* (2) running minimum and range of x, set by the owner of the state */
    /* quantized operands of the latest pass */
    uint8_t *x_codes;     /* (n, height, width, channels) */
    uint8_t *w_codes;     /* (tap, channels, filters) */
    uint8_t *dgrad_codes; /* per phase (tap, filters, channels), or (filters, tap, channels) with PAPER */
    uint8_t *dy_codes;    /* (n, out_h, out_w, filters) */
    pcs_scales_t x_scales, w_scales, dgrad_scales, dy_scales;
    /* tables */
    int32_t *tap_y, *tap_x;       /* (taps) of the forward view */
    pcs_phase_t *phase;           /* (stride * stride) */
    uint32_t *phase_tap;          /* (taps) tap numbers, phase after phase */
    int32_t *phase_dy, *phase_dx; /* (taps) */
    /* scratch */
    float *line, *range;
    uint8_t *line_codes, *spare_codes;
} pcs_conv_t;

/* Takes every buffer but weight, weight_grad and ema from the arena; with memory, fills the tables.  name, layer,
   batch, shape (checked) and numerics are set before. */
void pcs_conv_place(pcs_conv_t *conv, pcs_arena_t *arena);

/* y = conv(x) for n images.  Training: quantizes with the range of the batch, and updates the running range. */
PCS_MUST_CHECK pcs_status_t pcs_conv_forward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *x,
                                             float *y, pcs_error_t *err);
/* After forward with the same step and n: fills weight_grad, and dx unless NULL (the first layer needs none). */
PCS_MUST_CHECK pcs_status_t pcs_conv_backward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *dy,
                                              float *dx, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
