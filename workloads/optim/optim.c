#include "workloads/optim/optim.h"

#include "workloads/nn/detmath.h"

void pcs_sgd_step(size_t n, float lr, float momentum, float decay, const float *restrict gradient,
                  float *restrict velocity, float *restrict value)
{
    for (size_t i = 0; i < n; i++) {
        const float decayed = decay * value[i];
        const float d = gradient[i] + decayed;
        const float kept = momentum * velocity[i];
        const float v = kept + d;
        const float move = lr * v;
        velocity[i] = v;
        value[i] = value[i] - move;
    }
}

double pcs_lr_at(pcs_lr_schedule_t schedule, double base, uint64_t t, uint64_t iterations)
{
    switch (schedule) {
    case PCS_LR_STEP:
        if (4U * t >= 3U * iterations) {
            return base * 0.01;
        }
        return 2U * t >= iterations ? base * 0.1 : base;
    case PCS_LR_COSINE:
        return base * 0.5 * (1.0 + pcs_det_cospi((double)t / (double)iterations));
    default:
        return base;
    }
}
