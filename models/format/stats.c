#include "models/format/stats.h"

#include <math.h>

static bool is_finite(pcs_parts_t x)
{
    return x.class_ == PCS_CLASS_ZERO || x.class_ == PCS_CLASS_FINITE;
}

/* Exact: significands of codes have 24 bits, exponents are those of binary32. */
static double value_of(pcs_parts_t x)
{
    const double magnitude = x.class_ == PCS_CLASS_ZERO ? 0.0 : ldexp((double)x.significand, x.exponent);
    return x.sign ? -magnitude : magnitude;
}

void pcs_convert_stats_add(pcs_convert_stats_t *stats, pcs_parts_t value, pcs_parts_t result, unsigned flags)
{
    stats->count++;
    stats->inexact += (flags & PCS_FLAG_INEXACT) != 0 ? 1U : 0U;
    stats->overflow += (flags & PCS_FLAG_OVERFLOW) != 0 ? 1U : 0U;
    stats->underflow += (flags & PCS_FLAG_UNDERFLOW) != 0 ? 1U : 0U;
    stats->invalid += (flags & PCS_FLAG_INVALID) != 0 ? 1U : 0U;
    stats->nan_in += value.class_ == PCS_CLASS_NAN ? 1U : 0U;
    stats->nan_out += result.class_ == PCS_CLASS_NAN ? 1U : 0U;
    if (is_finite(value) && is_finite(result)) {
        const double error = fabs(value_of(result) - value_of(value));
        stats->finite++;
        stats->sum_abs_error += error;
        stats->max_abs_error = error > stats->max_abs_error ? error : stats->max_abs_error;
    }
}
