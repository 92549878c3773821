/* Outputs of the fast ways: their addends, what has to be done anew, and how they are stored and counted. */
#include <math.h>
#include <string.h>

#include "models/gemm/fgemm_internal.h"

bool pcs_fast_addend(const pcs_fast_t *fast, size_t m, size_t n, double *c)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    *c = 0.0;
    return gemm->c == NULL ||
           pcs_number_of_code(gemm->c_format, pcs_fcode_load(gemm->c_format, gemm->c, m * gemm->ldc + n), c);
}

int64_t pcs_fast_redo(const pcs_fast_t *fast, size_t m, size_t n, bool addend)
{
    return fast->a.special[m] != 0 || fast->b.special[n] != 0 || !addend ? PCS_LANES_REDO : 0;
}

/* Outputs of FP32 without a look at each, which most rows allow; false: some are to be redone. */
static bool store_singles(const pcs_fgemm_t *gemm, size_t at, size_t count, const double *y, const int64_t *flags,
                          pcs_fgemm_way_t way, pcs_fgemm_stats_t *stats)
{
    int64_t any = 0;
    double bad = 0.0; /* becomes NaN by an infinity or a NaN */
    for (size_t i = 0; i < count; i++) {
        any |= flags[i];
        bad += y[i] * 0.0;
    }
    if ((any & PCS_LANES_REDO) != 0 || bad != 0.0) {
        return false;
    }
    float narrow[PCS_FAST_PANEL_MAX];
    uint64_t inexact = 0;
    for (size_t i = 0; i < count; i++) {
        narrow[i] = (float)y[i];
        inexact += (uint64_t)flags[i] & PCS_FLAG_INEXACT;
    }
    memcpy((uint32_t *)gemm->y + at, narrow, count * sizeof *narrow);
    for (size_t i = 0; i < count && (any & ~PCS_FLAG_INEXACT) != 0; i++) {
        stats->underflow += (flags[i] & PCS_FLAG_UNDERFLOW) != 0 ? 1 : 0;
        stats->overflow += (flags[i] & PCS_FLAG_OVERFLOW) != 0 ? 1 : 0;
        stats->invalid += (flags[i] & PCS_FLAG_INVALID) != 0 ? 1 : 0;
    }
    stats->outputs += count;
    stats->inexact += inexact;
    stats->way[way] += count;
    return true;
}

void pcs_fast_store(const pcs_fast_t *fast, size_t m, size_t n0, size_t count, const double *y, const int64_t *flags,
                    pcs_fgemm_way_t way, pcs_code_t *codes, pcs_fgemm_stats_t *stats)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const bool single = gemm->c_format == &pcs_formats[PCS_FORMAT_FP32];
    PCS_ASSERT(count <= PCS_FAST_PANEL_MAX);
    if (single && store_singles(gemm, m * gemm->ldy + n0, count, y, flags, way, stats)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if ((flags[i] & PCS_LANES_REDO) != 0 || !isfinite(y[i])) {
            pcs_fgemm_define(gemm, m, n0 + i, codes, stats);
            continue;
        }
        const size_t at = m * gemm->ldy + n0 + i;
        if (single) {
            const float narrow = (float)y[i];
            memcpy((uint32_t *)gemm->y + at, &narrow, sizeof narrow);
        } else {
            pcs_fcode_store(gemm->c_format, gemm->y, at, pcs_number_code(gemm->c_format, y[i]));
        }
        pcs_fgemm_count((unsigned)flags[i], false, way, stats);
    }
}
