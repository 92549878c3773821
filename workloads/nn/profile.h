/* Where the time of a pass goes: the network says what has just been done, the owner of the profile reads the clock. */
#ifndef PCS_WORKLOADS_NN_PROFILE_H
#define PCS_WORKLOADS_NN_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was done. */
typedef enum pcs_stage {
    PCS_STAGE_INPUT,     /* images of a batch into the network's input */
    PCS_STAGE_QUANTIZE,  /* range and codes of a tensor */
    PCS_STAGE_WEIGHTS,   /* codes of a layer's weights */
    PCS_STAGE_FORWARD,   /* the three GEMMs: sums and output stage */
    PCS_STAGE_DGRAD,     /* */
    PCS_STAGE_WGRAD,     /* */
    PCS_STAGE_BATCHNORM, /* with a rectifier that follows it */
    PCS_STAGE_POINTWISE, /* rectifier, addition, pool */
    PCS_STAGE_LINEAR,    /* */
    PCS_STAGE_LOSS,      /* */
    PCS_STAGE_UPDATE,    /* optimizer */
    PCS_STAGE_OTHER,     /* whatever the caller does between steps: checks, files */
    PCS_STAGE_COUNT
} pcs_stage_t;
const char *pcs_stage_name(pcs_stage_t stage); /* "input", "quantize", ... */

typedef enum pcs_pass { PCS_PASS_FORWARD, PCS_PASS_BACKWARD, PCS_PASS_STEP, PCS_PASS_COUNT } pcs_pass_t;
const char *pcs_pass_name(pcs_pass_t pass); /* "forward", "backward", "step": what belongs to neither */

/* Called after each stage: the time since the previous call belongs to it.  `layer` is the convolution whose output is
   being worked on, 1 for the first; 0 is the step itself. */
typedef struct pcs_profile {
    void *user;
    void (*mark)(void *user, uint32_t layer, pcs_pass_t pass, pcs_stage_t stage);
} pcs_profile_t;

/* profile may be NULL. */
static inline void pcs_profile_mark(const pcs_profile_t *profile, uint32_t layer, pcs_pass_t pass, pcs_stage_t stage)
{
    if (profile != NULL) {
        profile->mark(profile->user, layer, pass, stage);
    }
}

#ifdef __cplusplus
}
#endif
#endif
