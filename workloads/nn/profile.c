#include "workloads/nn/profile.h"

const char *pcs_stage_name(pcs_stage_t stage)
{
    static const char *const names[PCS_STAGE_COUNT] = {"input",  "quantize", "weights",   "forward",
                                                       "dgrad",  "wgrad",    "batchnorm", "pointwise",
                                                       "linear", "loss",     "update",    "other"};
    return names[stage];
}

const char *pcs_pass_name(pcs_pass_t pass)
{
    static const char *const names[PCS_PASS_COUNT] = {"forward", "backward", "step"};
    return names[pass];
}
