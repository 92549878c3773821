/* SGD against the recurrence in binary64; learning rates at the boundaries of a run. */
#include <math.h>

#include "tests/support/check.h"
#include "workloads/optim/optim.h"

enum { PARAMS = 37, STEPS = 20 };

static void sgd(float extra)
{
    float value[PARAMS];
    float velocity[PARAMS] = {0.0F};
    double w[PARAMS];
    double v[PARAMS] = {0.0};
    for (int i = 0; i < PARAMS; i++) {
        value[i] = 0.1F * (float)(i - 18);
        w[i] = (double)value[i];
    }
    for (int step = 0; step < STEPS; step++) {
        float gradient[PARAMS];
        for (int i = 0; i < PARAMS; i++) {
            gradient[i] = (float)((i * 7 + step * 5) % 11) * 0.1F - 0.5F;
            v[i] = (double)0.9F * v[i] + ((double)gradient[i] + (double)1e-2F * w[i]);
            w[i] -= (double)0.05F * v[i];
        }
        pcs_sgd_step(PARAMS, 0.05F, 0.9F + extra, 1e-2F, gradient, velocity, value);
    }
    for (int i = 0; i < PARAMS; i++) {
        CHECK(fabs((double)value[i] - w[i]) < 1e-5, "parameter %d: %g, recurrence %g", i, (double)value[i], w[i]);
        CHECK(fabs((double)velocity[i] - v[i]) < 1e-5, "velocity %d: %g, recurrence %g", i, (double)velocity[i], v[i]);
    }
}

static void rates(void)
{
    CHECK(pcs_lr_at(PCS_LR_STEP, 0.1, 0, 64000) == 0.1, "start");
    CHECK(pcs_lr_at(PCS_LR_STEP, 0.1, 31999, 64000) == 0.1, "before 1/2");
    CHECK(fabs(pcs_lr_at(PCS_LR_STEP, 0.1, 32000, 64000) - 0.01) < 1e-15, "at 1/2");
    CHECK(fabs(pcs_lr_at(PCS_LR_STEP, 0.1, 47999, 64000) - 0.01) < 1e-15, "before 3/4");
    CHECK(fabs(pcs_lr_at(PCS_LR_STEP, 0.1, 48000, 64000) - 0.001) < 1e-15, "at 3/4");
    CHECK(pcs_lr_at(PCS_LR_COSINE, 0.2, 0, 100) == 0.2, "cosine starts at the base");
    CHECK(pcs_lr_at(PCS_LR_COSINE, 0.2, 50, 100) == 0.1, "cosine in the middle");
    CHECK(pcs_lr_at(PCS_LR_COSINE, 0.2, 99, 100) < 1e-4, "cosine at the end");
    CHECK(pcs_lr_at(PCS_LR_CONSTANT, 0.2, 99, 100) == 0.2, "constant");
}

int main(int argc, char **argv)
{
    sgd(check_flag(argc, argv, "--inject", NULL) ? 0.001F : 0.0F);
    rates();
    return check_done("optimizer");
}
