#include "workloads/train/loss_scale.h"

#include <math.h>

void pcs_loss_scale_start(float *control, double scale)
{
    control[PCS_LOSS_SCALE_S] = (float)scale;
    control[PCS_LOSS_SCALE_CLEAN] = 0.0F;
}

void pcs_loss_scale_multiply(const float *control, size_t n, float *d)
{
    const float scale = control[PCS_LOSS_SCALE_S];
    for (size_t i = 0; i < n; i++) {
        d[i] *= scale;
    }
}

bool pcs_loss_scale_divide(const float *control, unsigned threads, size_t n, float *gradient)
{
    const float scale = control[PCS_LOSS_SCALE_S];
    size_t bad = 0;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : bad)
    for (size_t i = 0; i < n; i++) {
        gradient[i] /= scale;
        bad += isfinite(gradient[i]) ? 0 : 1;
    }
    return bad == 0;
}

bool pcs_loss_scale_adapt(float *control, bool good)
{
    float *scale = &control[PCS_LOSS_SCALE_S];
    float *clean = &control[PCS_LOSS_SCALE_CLEAN];
    if (!good) {
        *clean = 0.0F;
        *scale *= 0.5F;
        return *scale >= PCS_LOSS_SCALE_LEAST;
    }
    *clean += 1.0F;
    if (*clean >= (float)PCS_LOSS_SCALE_WINDOW) {
        *clean = 0.0F;
        *scale = *scale <= 0.5F * PCS_LOSS_SCALE_MOST ? *scale * 2.0F : *scale;
    }
    return true;
}
