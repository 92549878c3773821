/* Wide operands: a contract as passes over pairs of limbs. */
#include <string.h>

#include "models/gemm/engine_internal.h"
#include "models/mac/mac.h"

static unsigned limbs(const pcs_operand_t *operand)
{
    return operand->bits > PCS_LIMB_BITS ? 2 : 1;
}

/* Limb 0 is the low one. */
static pcs_operand_t limb(const pcs_operand_t *operand, unsigned index)
{
    pcs_operand_t part = *operand;
    if (limbs(operand) == 1) {
        return part;
    }
    const unsigned high_bits = operand->bits - PCS_LIMB_BITS;
    part.high = NULL;
    part.codes = index == 0 ? operand->codes : operand->high;
    part.bits = index == 0 ? PCS_LIMB_BITS : high_bits < PCS_PREC_MIN ? PCS_PREC_MIN : high_bits;
    part.is_signed = index == 1 && operand->is_signed;
    return part;
}

unsigned pcs_gemm_passes(const pcs_gemm_t *gemm)
{
    return limbs(&gemm->a) * limbs(&gemm->b);
}

pcs_gemm_t pcs_gemm_pass(const pcs_gemm_t *gemm, unsigned index, int64_t *sums)
{
    const unsigned limb_a = index % limbs(&gemm->a);
    const unsigned limb_b = index / limbs(&gemm->a);
    pcs_gemm_t pass = *gemm;
    pass.a = limb(&gemm->a, limb_a);
    pass.b = limb(&gemm->b, limb_b);
    pass.a.affine.zero = NULL;
    pass.a.affine.offset = NULL;
    pass.b.affine.zero = NULL;
    pass.b.affine.offset = NULL;
    pass.y.sums = sums;
    pass.y.shift = PCS_LIMB_BITS * (limb_a + limb_b);
    return pass;
}

/* Column sums and tap counts of the whole operands: those of the limbs of B, weighed. */
static pcs_status_t sums_init(pcs_sums_t *sums, const pcs_gemm_t *gemm, pcs_sums_room_t *rooms, pcs_error_t *err)
{
    pcs_gemm_t part = *gemm;
    part.a = limb(&gemm->a, 0);
    part.b = limb(&gemm->b, 0);
    pcs_status_t status = pcs_sums_init(sums, &part, 1, &rooms[0], err);
    if (status != PCS_OK || sums->cols == NULL || limbs(&gemm->b) == 1) {
        return status;
    }
    pcs_sums_t high;
    part.b = limb(&gemm->b, 1);
    status = pcs_sums_init(&high, &part, 1, &rooms[1], err);
    if (status != PCS_OK) {
        return status;
    }
    for (size_t i = 0; i < sums->groups * sums->classes * gemm->n; i++) {
        sums->cols[i] += high.cols[i] * (1 << PCS_LIMB_BITS);
    }
    return PCS_OK;
}

static int64_t row_sum(const pcs_operand_t *a, size_t m, size_t k0, size_t length)
{
    int64_t sum = 0;
    for (unsigned i = 0; i < limbs(a); i++) {
        const pcs_operand_t part = limb(a, i);
        sum += pcs_row_sum(&part, m, k0, length) * (INT64_C(1) << (PCS_LIMB_BITS * i));
    }
    return sum;
}

static void output(const pcs_gemm_t *gemm, const pcs_sums_t *sums, const int64_t *p)
{
    const size_t length = gemm->k / sums->groups;
    for (size_t group = 0; group < sums->groups; group++) {
        for (size_t m = 0; m < gemm->m; m++, p += gemm->n) {
            const int64_t of_row = sums->terms.row_sums ? row_sum(&gemm->a, m, group * length, length) : 0;
            pcs_output_group(gemm, sums, group, m, 1, 0, gemm->n, p, &of_row);
        }
    }
}

pcs_status_t pcs_run_wide(pcs_engine_t *engine, const pcs_gemm_t *gemm, pcs_run_fn *run, uint64_t *overflows,
                          pcs_error_t *err)
{
    const size_t groups = gemm->group != 0 ? gemm->k / gemm->group : 1;
    const size_t bytes = groups * gemm->m * gemm->n * sizeof(int64_t);
    int64_t *p = pcs_room_take(&engine->wide, bytes);
    if (p == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the sums of a GEMM of %zu x %zu x %zu", gemm->m, gemm->n,
                        gemm->k);
    }
    memset(p, 0, bytes);
    pcs_status_t status = PCS_OK;
    for (unsigned i = 0; i < pcs_gemm_passes(gemm) && status == PCS_OK; i++) {
        const pcs_gemm_t pass = pcs_gemm_pass(gemm, i, p);
        pcs_plan_t plan;
        pcs_sums_t none;
        uint64_t overflowed = 0;
        status = pcs_gemm_plan(&pass, &engine->config.array, engine->config.serial, &plan, err);
        status = status == PCS_OK ? pcs_sums_init(&none, &pass, 1, &engine->sums[0], err) : status;
        if (status == PCS_OK) {
            status = run(engine, &pass, &plan, &none, &overflowed, err);
        }
        *overflows += overflowed;
    }
    pcs_sums_t sums;
    status = status == PCS_OK ? sums_init(&sums, gemm, engine->sums, err) : status;
    if (status == PCS_OK) {
        output(gemm, &sums, p);
    }
    return status;
}
