/* Random initial parameters. */
#ifndef PCS_WORKLOADS_NN_INIT_H
#define PCS_WORKLOADS_NN_INIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* w[0..n-1] = normal, mean 0, standard deviation std: Box-Muller in binary64 on the draws of stream (seed,
   PCS_PURPOSE_INIT, 0, tensor), rounded to binary32. */
void pcs_init_normal(uint64_t seed, uint32_t tensor, double std, size_t n, float *w);
/* w[0..n-1] = uniform in [-bound, bound), of the same stream. */
void pcs_init_uniform(uint64_t seed, uint32_t tensor, double bound, size_t n, float *w);

#ifdef __cplusplus
}
#endif
#endif
