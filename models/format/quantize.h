/* Integer tensor quantizers: binary32 in, codes of 2..8 bits out.

   One formula serves all modes:  q = rint(clamp((x - lo) / scale + u, qmin, qmax)),  x ~ scale * (q - zero) + offset.
     affine     unsigned levels 0..2^b - 1, lo = min, scale = max((max - min) / (2^b - 1), 1e-8), as the code of CPT
                (Fu et al., ICLR 2021) does.  lo is no multiple of scale; zero = rint(-lo / scale) takes the whole
                steps of it, offset = lo + scale * zero the rest, so that a GEMM can remove the large part in integers.
     affine-zp  the same levels with lo moved to -scale * zero: the real zero is on the grid and offset is 0.
     symmetric  signed levels -(2^(b-1) - 1)..2^(b-1) - 1, scale = amax / (2^(b-1) - 1), zero = offset = 0.
   All arithmetic is binary32, nearest even, one operation a statement; rint is round half to even. */
#ifndef PCS_MODELS_FORMAT_QUANTIZE_H
#define PCS_MODELS_FORMAT_QUANTIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/format/philox.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_quantizer {
    PCS_QUANTIZER_AFFINE,
    PCS_QUANTIZER_AFFINE_ZP,
    PCS_QUANTIZER_SYMMETRIC,
    PCS_QUANTIZER_COUNT
} pcs_quantizer_t;

/* "affine", "affine-zp", "symmetric"; by_name returns PCS_QUANTIZER_COUNT when there is none. */
const char *pcs_quantizer_name(pcs_quantizer_t quantizer);
pcs_quantizer_t pcs_quantizer_by_name(const char *name);
/* Codes of this mode are two's complement. */
bool pcs_quantizer_signed(pcs_quantizer_t quantizer);

/* One group's parameters: x ~ scale * (q - zero) + offset. */
typedef struct pcs_qparams {
    float scale;
    int32_t zero; /* |zero| <= 2^20 */
    float offset;
    float lo; /* what is subtracted before the division */
    float qmin, qmax;
} pcs_qparams_t;

/* Parameters for values in [min, max] (finite, min <= max) at `bits` (2..8) bits. */
pcs_qparams_t pcs_qparams_from_range(pcs_quantizer_t quantizer, unsigned bits, float min, float max);

/* Quantizes x[0..n-1] into codes[0..n-1].  With a stream, u is its uniform draw in [-1/2, 1/2) for element
   first + i (stochastic rounding); with NULL, u = 0.  x must be finite. */
void pcs_quantize(const pcs_qparams_t *params, const float *x, size_t n, const pcs_stream_t *stream, uint64_t first,
                  uint8_t *codes);

/* The value that a code stands for: scale * (q - zero) + offset, binary32. */
float pcs_dequantize(const pcs_qparams_t *params, int32_t q);

/* Smallest and largest element, n >= 1.  Returns false when an element is not finite. */
bool pcs_tensor_range(const float *x, size_t n, float *min, float *max);

#ifdef __cplusplus
}
#endif
#endif
