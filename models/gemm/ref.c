/* `ref`: one multiplication at a time, in the order of the array.  The definition; never optimised. */
#include <stdlib.h>

#include "models/gemm/engine_internal.h"
#include "models/mac/mac.h"

/* Accumulator of (m, n) over steps k0..k0+len-1. */
static pcs_acc_t segment_acc(const pcs_gemm_t *gemm, size_t m, size_t n, size_t k0, size_t len)
{
    pcs_acc_t acc = {0, false};
    for (size_t k = k0; k < k0 + len; k++) {
        uint8_t a = 0;
        uint8_t b = 0;
        (void)pcs_operand_at(&gemm->a, m, k, &a); /* padding is code 0: it adds nothing */
        (void)pcs_operand_at(&gemm->b, k, n, &b);
        const int32_t product = pcs_code_value(a, gemm->a.is_signed) * pcs_code_value(b, gemm->b.is_signed);
        acc = pcs_acc_add(acc, product, gemm->acc_bits, gemm->saturate);
    }
    return acc;
}

pcs_status_t pcs_run_ref(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_sums_t *sums,
                         uint64_t *overflows, pcs_error_t *err)
{
    (void)engine;
    (void)err;
    const size_t group_len = gemm->k / plan->job.groups;
    const size_t segment = plan->job.segment;
    for (size_t m = 0; m < gemm->m; m++) {
        for (size_t group = 0; group < plan->job.groups; group++) {
            const int64_t row_sum = sums->terms.row_sums ? pcs_row_sum(&gemm->a, m, group * group_len, group_len) : 0;
            for (size_t n = 0; n < gemm->n; n++) {
                int64_t p = 0;
                for (size_t at = 0; at < group_len; at += segment) {
                    const size_t len = group_len - at < segment ? group_len - at : segment;
                    const pcs_acc_t acc = segment_acc(gemm, m, n, group * group_len + at, len);
                    p += acc.value;
                    *overflows += acc.overflow;
                }
                pcs_output_group(gemm, sums, group, m, 1, n, 1, &p, &row_sum);
            }
        }
    }
    return PCS_OK;
}
