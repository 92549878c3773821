/* What a conversion did to a tensor: counts of flags, and errors in absolute value. */
#ifndef PCS_MODELS_FORMAT_STATS_H
#define PCS_MODELS_FORMAT_STATS_H

#include "models/format/float.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialise. */
typedef struct pcs_convert_stats {
    uint64_t count, inexact, overflow, underflow, invalid; /* values; values whose conversion raised each flag */
    uint64_t nan_in, nan_out;
    /* |result - value| where both are finite, binary64, summed in the order of the calls. */
    uint64_t finite;
    double max_abs_error, sum_abs_error;
} pcs_convert_stats_t;

/* One more value, its result, and the flags that the conversion raised. */
void pcs_convert_stats_add(pcs_convert_stats_t *stats, pcs_parts_t value, pcs_parts_t result, unsigned flags);

#ifdef __cplusplus
}
#endif
#endif
