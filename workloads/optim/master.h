/* SGD whose parameters live in a floating-point format: master weights of 8 or 16 bits instead of binary32.

   One step of a parameter, Q rounding to the format, g its gradient, eta the learning rate, mu momentum, lambda decay:

     momentum in FP32                           momentum in the format
       d = g + lambda w;  v = mu v + d            d = Q(Q(g) + lambda w);  v = Q(mu v + d)
       w = Q(w - eta v)                           w = Q(w - eta v)                          update rne, sr
       u = Q(-eta v)                              u = Q(-eta v)                             update kahan, and then
                                                  y = Q(u - c);  t = Q(w + y);  c = Q(Q(t - w) - y);  w = t

   On the left the operations before Q are those of binary32, each rounded; on the right each Q rounds an exact product
   and sum once, eta, mu and lambda being rounded to the format to nearest first.  With `kahan` Q is to nearest even,
   and w - c is the sum of the steps as they were rounded; w alone is what GEMMs read (Park et al., arXiv 1810.05486).
   With `sr` each Q has a draw of its own.  A rounded weight of FP16 with `sr` and momentum in FP32 is the master of
   Mellempudi et al. (arXiv 1905.12334), 1-6-9 with `sr` throughout that of Wang et al. (arXiv 1812.08011). */
#ifndef PCS_WORKLOADS_OPTIM_MASTER_H
#define PCS_WORKLOADS_OPTIM_MASTER_H

#include "workloads/nn/cast.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers are those of config.def. */
typedef enum pcs_update_rule { PCS_UPDATE_RNE, PCS_UPDATE_SR, PCS_UPDATE_KAHAN } pcs_update_rule_t;

typedef struct pcs_master {
    const pcs_format_row_t *format; /* with sign and zero; FP32, RNE and FP32 momentum: pcs_sgd_step */
    pcs_update_rule_t rule;
    bool narrow_momentum;
    unsigned random_bits; /* SR: 1..32 */
} pcs_master_t;

/* What happened to the weights of a step. */
typedef struct pcs_master_counts {
    uint64_t values;
    uint64_t moved;   /* with an eta v that is not zero */
    uint64_t swamped; /* of those: the weight is what it was */
    uint64_t special; /* infinite or NaN now */
} pcs_master_counts_t;

/* One step over n parameters; all arrays (n), compensation for KAHAN only.  Parameters, velocity (narrow_momentum) and
   compensation are numbers of the format, as pcs_master_start makes them.  stream: SR only, else NULL.  The results do
   not depend on threads. */
void pcs_master_step(const pcs_master_t *master, unsigned threads, size_t n, float lr, float momentum, float decay,
                     const pcs_stream_t *stream, const float *gradient, float *velocity, float *compensation,
                     float *value, pcs_master_counts_t *counts);

/* Rounds first values to the format, nearest even. */
void pcs_master_start(const pcs_master_t *master, unsigned threads, size_t n, float *value);

#ifdef __cplusplus
}
#endif
#endif
