/* Optimizer and learning-rate schedules. */
#ifndef PCS_WORKLOADS_OPTIM_OPTIM_H
#define PCS_WORKLOADS_OPTIM_OPTIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* SGD with momentum and weight decay, one step over n parameters, binary32, in the order PyTorch defines:
   d = g + decay w;  v = momentum v + d;  w = w - lr v.  velocity starts at 0. */
void pcs_sgd_step(size_t n, float lr, float momentum, float decay, const float *gradient, float *velocity,
                  float *value);

/* Numbers are those of config.def. */
typedef enum pcs_lr_schedule {
    PCS_LR_STEP,   /* times 0.1 from 1/2 of the run on, and again from 3/4 on */
    PCS_LR_COSINE, /* base (1 + cos(pi t / iterations)) / 2 */
    PCS_LR_CONSTANT
} pcs_lr_schedule_t;

/* Learning rate of iteration t (0 .. iterations - 1). */
double pcs_lr_at(pcs_lr_schedule_t schedule, double base, uint64_t t, uint64_t iterations);

#ifdef __cplusplus
}
#endif
#endif
