/* `ref`: one multiplication at a time, in the order of the array.  The definition; never optimised. */
#include <stdlib.h>

#include "models/gemm/engine_internal.h"
#include "models/mac/mac.h"

/* Accumulator over `len` products, `together` of them at once: a steps through a row of A, b through a column of B
   (distance n). */
static pcs_acc_t segment_acc(const pcs_gemm_t *gemm, const int16_t *a, const int16_t *b, size_t len, unsigned together)
{
    pcs_acc_t acc = {0, false};
    for (size_t k0 = 0; k0 < len; k0 += together) {
        int64_t sum = 0;
        for (size_t k = k0; k < k0 + together && k < len; k++) {
            sum += a[k] * b[k * gemm->n];
        }
        acc = pcs_acc_add(acc, sum, gemm->acc_bits, gemm->saturate);
    }
    return acc;
}

/* Value of element (i, j); padding is code 0, which adds nothing. */
static int16_t value_at(const pcs_operand_t *operand, size_t i, size_t j)
{
    uint8_t code = 0;
    (void)pcs_operand_at(operand, i, j, &code);
    return (int16_t)pcs_code_value(code, operand->is_signed);
}

pcs_status_t pcs_run_ref(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_sums_t *sums,
                         uint64_t *overflows, pcs_error_t *err)
{
    const size_t group_len = gemm->k / plan->job.groups;
    const size_t segment = plan->job.segment;
    int16_t *a = pcs_engine_scratch(engine, (gemm->k + gemm->k * gemm->n) * sizeof *a); /* (K) */
    if (a == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the operands of a GEMM of %zu x %zu x %zu", gemm->m, gemm->n,
                        gemm->k);
    }
    int16_t *b = a + gemm->k; /* (K, N) */
    for (size_t k = 0; k < gemm->k; k++) {
        for (size_t n = 0; n < gemm->n; n++) {
            b[k * gemm->n + n] = value_at(&gemm->b, k, n);
        }
    }
    for (size_t m = 0; m < gemm->m; m++) {
        for (size_t k = 0; k < gemm->k; k++) {
            a[k] = value_at(&gemm->a, m, k);
        }
        for (size_t group = 0; group < plan->job.groups; group++) {
            const size_t k0 = group * group_len;
            const int64_t row_sum = sums->terms.row_sums ? pcs_row_sum(&gemm->a, m, k0, group_len) : 0;
            for (size_t n = 0; n < gemm->n; n++) {
                int64_t p = 0;
                for (size_t k = k0; k < k0 + group_len; k += segment) {
                    const size_t left = k0 + group_len - k;
                    const pcs_acc_t acc =
                        segment_acc(gemm, a + k, b + k * gemm->n + n, left < segment ? left : segment, plan->together);
                    p += acc.value;
                    *overflows += acc.overflow;
                }
                pcs_output_group(gemm, sums, group, m, 1, n, 1, &p, &row_sum);
            }
        }
    }
    return PCS_OK;
}
