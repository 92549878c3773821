/* Tensors of binary32 to 8-bit (or narrower) floats, many at a time: the codes of pcs_float_convert, faster. */
#ifndef PCS_MODELS_FORMAT_FAST8_H
#define PCS_MODELS_FORMAT_FAST8_H

#include <stddef.h>

#include "models/format/float.h"
#include "models/format/philox.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether this format, rounding and policy are served: a format of up to 8 bits with sign, subnormals and zero whose
   smallest normal number is at least 2^-100; rne and sr; any policy. */
bool pcs_fast8_serves(const pcs_format_row_t *to, const pcs_fpstate_t *how);

/* codes[i] = x[i] converted, as pcs_float_convert does it with the rounding, policy and random_bits of `how`; sr: with
   element first + i of the stream, its upper random_bits bits.  Flags are not counted.  The bits do not depend on the
   processor. */
void pcs_fast8_convert(const pcs_format_row_t *to, const pcs_fpstate_t *how, const pcs_stream_t *stream, uint64_t first,
                       const float *x, size_t n, uint8_t *codes);

#ifdef __cplusplus
}
#endif
#endif
