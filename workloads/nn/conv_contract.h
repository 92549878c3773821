/* The GEMM contracts of a quantized convolution, as far as its shape decides them: what training runs and what an
   estimate counts.

     forward  y  = conv(Q(x), Q(w))        A = patches of x (positions, (tap, in)),        B = w ((tap, in), out)
     wgrad    dw = patches(Q(x))^T Q(dy)   A = the same view transposed ((tap, in), positions), B = dy (positions, out)
     dgrad    dx = conv^T(Q(dy), Q(w))     A = patches of dy (positions, (tap, out)),      B = w ((tap, out), in)

   Of a depthwise convolution every contract is as many copies as there are channels, side by side (gemm.h): (tap, in)
   and (tap, out) are (tap), out and in one channel.

   With stride s, dgrad is s * s contracts: positions of x with one remainder modulo s meet the same taps, a dense
   convolution of stride 1 whose results are scattered; no multiplication by an inserted zero exists. */
#ifndef PCS_WORKLOADS_NN_CONV_CONTRACT_H
#define PCS_WORKLOADS_NN_CONV_CONTRACT_H

#include "models/format/quantize.h"
#include "models/gemm/gemm.h"
#include "workloads/nn/arena.h"

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
    /* Not 0: no contract at all, the GEMMs run in binary32 (conv_fp32.h) by so many threads, and nothing above counts.
     */
    unsigned fp32_threads;
    /* Not NULL: floating-point contracts (conv_float.h), and of the above nothing counts either. */
    const struct pcs_float_numerics *floats;
} pcs_numerics_t;

typedef struct pcs_conv_shape {
    uint32_t height, width, channels; /* of x */
    uint32_t kernel, stride, padding;
    uint32_t filters;
    uint32_t out_h, out_w;
    uint32_t kernel_w; /* width of the kernel where it differs from its height `kernel`; 0 = square */
    uint32_t groups; /* depthwise, filter i seeing channel i alone: the channels, which are the filters; else 0 or 1 */
} pcs_conv_shape_t;

/* Fills out_h and out_w; false when a size is zero, the kernel does not fit the padded image, padding >= the kernel's
   height or width, or groups are none of those above. */
bool pcs_conv_shape_check(pcs_conv_shape_t *shape);

/* Height times width of the kernel. */
uint32_t pcs_conv_taps(const pcs_conv_shape_t *shape);
/* At least 1; and what a filter takes: channels that it sees, elements of its weights (taps times those). */
uint32_t pcs_conv_groups(const pcs_conv_shape_t *shape);
uint32_t pcs_conv_seen(const pcs_conv_shape_t *shape);
size_t pcs_conv_depth(const pcs_conv_shape_t *shape);
/* Weights of all filters. */
size_t pcs_conv_weights(const pcs_conv_shape_t *shape);
/* Multiply-accumulates of the forward pass per image, taps in the padding included. */
uint64_t pcs_conv_macs(const pcs_conv_shape_t *shape);

/* Positions (stride i + y, stride j + x) of x, and the taps they meet: tap t reads dy at (i + dy[t], j + dx[t]). */
typedef struct pcs_phase {
    uint32_t y, x;         /* remainders */
    uint32_t out_h, out_w; /* numbers of i and j */
    uint32_t taps;
    uint32_t first; /* index of its first tap in the arrays below */
} pcs_phase_t;

/* The views that contracts refer to. */
typedef struct pcs_conv_views {
    int32_t *tap_y, *tap_x;       /* (taps) of the forward view */
    uint32_t phases;              /* stride * stride */
    pcs_phase_t *phase;           /* (phases) */
    uint32_t *phase_tap;          /* (taps) tap numbers, phase after phase */
    int32_t *phase_dy, *phase_dx; /* (taps) */
} pcs_conv_views_t;

/* Takes the tables from the arena; with memory, fills them.  The shape is checked. */
void pcs_conv_views_place(pcs_conv_views_t *views, const pcs_conv_shape_t *shape, pcs_arena_t *arena);

/* Contracts over n >= 1 images at `fw` bits of x and w and `bw` bits of dy: sizes, operand bits and views, group,
   segment, accumulator and role.  Codes, scales, result, layer and iteration are left zero for the caller.  `patch`
   gets the view of A and must live as long as the contract, as must `views`. */
void pcs_conv_contract_forward(const pcs_conv_shape_t *shape, const pcs_conv_views_t *views,
                               const pcs_numerics_t *numerics, uint32_t n, unsigned fw, pcs_patch_t *patch,
                               pcs_gemm_t *gemm);
void pcs_conv_contract_wgrad(const pcs_conv_shape_t *shape, const pcs_conv_views_t *views,
                             const pcs_numerics_t *numerics, uint32_t n, unsigned fw, unsigned bw, pcs_patch_t *patch,
                             pcs_gemm_t *gemm);
/* Of one phase; false, and no contract, when the phase has no positions or meets no taps: its part of dx is zero. */
bool pcs_conv_contract_dgrad(const pcs_conv_shape_t *shape, const pcs_conv_views_t *views,
                             const pcs_numerics_t *numerics, uint32_t n, unsigned fw, unsigned bw,
                             const pcs_phase_t *phase, pcs_patch_t *patch, pcs_gemm_t *gemm);

#ifdef __cplusplus
}
#endif
#endif
