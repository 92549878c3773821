/* Tensors of binary32 as codes of a floating-point format, and back. */
#ifndef PCS_WORKLOADS_NN_CAST_H
#define PCS_WORKLOADS_NN_CAST_H

#include <stddef.h>
#include <stdint.h>

#include "models/format/float.h"
#include "models/format/philox.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a tensor is rounded. */
typedef struct pcs_cast {
    const pcs_format_row_t *format; /* with sign and zero */
    pcs_rounding_t rounding;
    pcs_overflow_t overflow;
    unsigned random_bits; /* stochastic: 1..32, the upper ones of an element's draw */
} pcs_cast_t;

/* What casts did, in elements.  Zeros that were zeros before are in `values` only. */
typedef struct pcs_cast_counts {
    uint64_t values;
    uint64_t zeroed;    /* not zero before, zero after: underflow */
    uint64_t subnormal; /* below the smallest normal number before, not zero after */
    uint64_t beyond;    /* finite, above the largest number before, whatever became of them: overflow */
    uint64_t special;   /* infinite or NaN before */
} pcs_cast_counts_t;
void pcs_cast_counts_add(pcs_cast_counts_t *sum, const pcs_cast_counts_t *part);

/* Exponent s such that the largest magnitude of x times 2^s is as large as it can be without passing the format's
   largest number or 2^16, for sums of products must still fit binary32; 0 for a tensor of zeros or with an element that
   is not finite.  -126..127. */
int pcs_cast_scale(const pcs_format_row_t *format, unsigned threads, const float *x, size_t n);

/* codes[i], pcs_fcode_bytes each, is x[i] * 2^scale rounded; the product is rounded to binary32 before, which matters
   below 2^-126 only.  Stochastic: with element i of the stream, else NULL.  counts grows; NULL: nobody counts.
   Neither codes nor counts depend on threads. */
void pcs_cast_codes(const pcs_cast_t *cast, unsigned threads, int scale, const float *x, size_t n,
                    const pcs_stream_t *stream, void *codes, pcs_cast_counts_t *counts);

/* The value of a code. */
float pcs_cast_value(const pcs_format_row_t *format, uint32_t code);

/* x[i] rounded to the format, in place.  As pcs_cast_codes. */
void pcs_cast_round(const pcs_cast_t *cast, unsigned threads, float *x, size_t n, const pcs_stream_t *stream,
                    pcs_cast_counts_t *counts);

#ifdef __cplusplus
}
#endif
#endif
