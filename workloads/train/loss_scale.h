/* Loss scaling: the gradient of the loss is multiplied by S before the backward pass, so that small gradients do not
   underflow in a narrow format, and the gradients of the parameters are divided by S before the update.

   Back-off (Mellempudi et al., arXiv 1905.12334; OpenSeq2Seq): when a gradient of a parameter is not finite, S is
   halved and the update left out; after 2000 updates in a row S is doubled. */
#ifndef PCS_WORKLOADS_TRAIN_LOSS_SCALE_H
#define PCS_WORKLOADS_TRAIN_LOSS_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where back-off stays: a run that needs less than LEAST has diverged. */
#define PCS_LOSS_SCALE_LEAST 0x1p-24F
#define PCS_LOSS_SCALE_MOST 0x1p24F
enum { PCS_LOSS_SCALE_WINDOW = 2000 };

/* State: PCS_NETWORK_CONTROL floats. */
enum { PCS_LOSS_SCALE_S, PCS_LOSS_SCALE_CLEAN }; /* S; updates since it last changed */
void pcs_loss_scale_start(float *control, double scale);

/* d[i] *= S. */
void pcs_loss_scale_multiply(const float *control, size_t n, float *d);
/* gradient[i] /= S; false: one of them is not finite. */
bool pcs_loss_scale_divide(const float *control, unsigned threads, size_t n, float *gradient);

/* After a step, with back-off; good: its gradients were finite.  False: S has nowhere to go. */
bool pcs_loss_scale_adapt(float *control, bool good);

#ifdef __cplusplus
}
#endif
#endif
