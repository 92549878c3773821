/* Many draws of a stream at once. */
#ifndef PCS_MODELS_FORMAT_DRAWS_H
#define PCS_MODELS_FORMAT_DRAWS_H

#include <stddef.h>

#include "models/format/philox.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_DRAWS_BLOCK = 4 }; /* elements of a block of the generator */

/* u[i] = pcs_uniform_centered of element 4 * block + i, i < 4 * blocks. */
void pcs_draws_centered(const pcs_stream_t *stream, uint64_t block, size_t blocks, float *u);

#ifdef __cplusplus
}
#endif
#endif
