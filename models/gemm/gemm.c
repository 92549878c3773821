#include "models/gemm/gemm.h"

#include <inttypes.h>

#include "models/mac/mac.h"

const char *pcs_role_name(pcs_role_t role)
{
    static const char *const names[PCS_ROLE_COUNT] = {"forward", "dgrad", "wgrad"};
    return names[role];
}

const char *pcs_executor_name(pcs_executor_t executor)
{
    static const char *const names[PCS_EXECUTOR_COUNT] = {"ref", "fast", "cycle", "rtl"};
    return names[executor];
}

static pcs_status_t check_operand(const char *name, const pcs_operand_t *operand, size_t rows, size_t cols,
                                  size_t copies, pcs_error_t *err)
{
    if (operand->codes == NULL || operand->affine.scale == NULL) {
        return pcs_fail(err, PCS_INVALID, "operand %s: codes and scale are required", name);
    }
    if (operand->bits < PCS_PREC_MIN || operand->bits > PCS_OPERAND_MAX_BITS) {
        return pcs_fail(err, PCS_INVALID, "operand %s: %u bits, must be %d..%d", name, operand->bits, PCS_PREC_MIN,
                        PCS_OPERAND_MAX_BITS);
    }
    if (operand->bits > PCS_LIMB_BITS && operand->high == NULL) {
        return pcs_fail(err, PCS_INVALID, "operand %s: the high limbs of its %u bits are required", name,
                        operand->bits);
    }
    const size_t stored_rows = operand->transposed ? cols : rows;
    const size_t stored_cols = operand->transposed ? rows : cols;
    const pcs_patch_t *patch = operand->patch;
    if (patch == NULL) {
        if (operand->ld < stored_cols * copies) {
            return pcs_fail(err, PCS_INVALID, "operand %s: row distance %zu is less than its %zu columns", name,
                            operand->ld, stored_cols * copies);
        }
        return PCS_OK;
    }
    if (patch->taps == 0 || patch->stride_y == 0 || patch->stride_x == 0 ||
        (size_t)patch->channel0 + patch->channels * copies > patch->src_channels) {
        return pcs_fail(err, PCS_INVALID, "operand %s: a patch view needs taps, strides and channels inside its source",
                        name);
    }
    if ((size_t)patch->batch * patch->out_h * patch->out_w != stored_rows ||
        (size_t)patch->taps * patch->channels != stored_cols) {
        return pcs_fail(err, PCS_INVALID, "operand %s: patch view is not %zu x %zu", name, stored_rows, stored_cols);
    }
    return PCS_OK;
}

size_t pcs_gemm_copies(const pcs_gemm_t *gemm)
{
    return gemm->copies > 1 ? gemm->copies : 1;
}

size_t pcs_gemm_columns(const pcs_gemm_t *gemm)
{
    return pcs_gemm_copies(gemm) * gemm->n;
}

uint64_t pcs_gemm_macs(const pcs_gemm_t *gemm)
{
    return (uint64_t)gemm->m * gemm->k * pcs_gemm_columns(gemm);
}

static void skip_codes(pcs_operand_t *operand, size_t count)
{
    operand->codes += count;
    operand->high = operand->high != NULL ? operand->high + count : NULL;
}

static void skip_scales(pcs_affine_t *affine, size_t count)
{
    affine->scale += count;
    affine->zero = affine->zero != NULL ? affine->zero + count : NULL;
    affine->offset = affine->offset != NULL ? affine->offset + count : NULL;
}

pcs_gemm_t pcs_gemm_copy(const pcs_gemm_t *gemm, size_t index, pcs_patch_t *patch)
{
    pcs_gemm_t copy = *gemm;
    PCS_ASSERT(index < pcs_gemm_copies(gemm));
    copy.copies = 1;
    if (gemm->a.patch != NULL) {
        *patch = *gemm->a.patch;
        patch->channel0 += (uint32_t)index * patch->channels;
        copy.a.patch = patch;
    } else {
        skip_codes(&copy.a, index * (gemm->a.transposed ? gemm->m : gemm->k));
    }
    skip_codes(&copy.b, index * gemm->n);
    if (gemm->b.affine.grain == PCS_GRAIN_OUTER) {
        skip_scales(&copy.b.affine, index * gemm->n);
    } else if (gemm->b.affine.grain == PCS_GRAIN_GROUP) {
        skip_scales(&copy.b.affine, index * (gemm->group != 0 ? gemm->k / gemm->group : 1));
    }
    copy.y.data = gemm->y.data != NULL ? gemm->y.data + index * gemm->n : NULL;
    copy.y.watch = (pcs_watch_t){0}; /* rows are final with the last copy */
    return copy;
}

pcs_status_t pcs_gemm_check(const pcs_gemm_t *gemm, pcs_error_t *err)
{
    if (gemm->m == 0 || gemm->n == 0 || gemm->k == 0) {
        return pcs_fail(err, PCS_INVALID, "GEMM of %zu x %zu x %zu: sizes must be at least 1", gemm->m, gemm->n,
                        gemm->k);
    }
    const size_t copies = pcs_gemm_copies(gemm);
    pcs_status_t status = check_operand("A", &gemm->a, gemm->m, gemm->k, copies, err);
    if (status == PCS_OK) {
        status = check_operand("B", &gemm->b, gemm->k, gemm->n, copies, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    if (gemm->b.patch != NULL) {
        return pcs_fail(err, PCS_INVALID, "operand B: only A may be a patch view");
    }
    if (copies > 1 && (gemm->b.transposed || gemm->y.sums != NULL)) {
        return pcs_fail(err, PCS_INVALID, "%zu copies: B must not be transposed, nor results be kept as sums", copies);
    }
    if (gemm->group != 0 && gemm->k % gemm->group != 0) {
        return pcs_fail(err, PCS_INVALID, "groups of %zu do not divide K = %zu", gemm->group, gemm->k);
    }
    const size_t group = gemm->group != 0 ? gemm->group : gemm->k;
    if (gemm->segment > group) {
        return pcs_fail(err, PCS_INVALID, "segments of %zu steps: must be 1..%zu, or 0 for the planner's choice",
                        gemm->segment, group);
    }
    if (gemm->acc_bits < PCS_ACC_MIN_BITS || gemm->acc_bits > PCS_ACC_MAX_BITS) {
        return pcs_fail(err, PCS_INVALID, "accumulator of %u bits: must be %d..%d", gemm->acc_bits, PCS_ACC_MIN_BITS,
                        PCS_ACC_MAX_BITS);
    }
    if (gemm->y.sums != NULL) {
        return PCS_OK;
    }
    if (gemm->y.data == NULL || gemm->y.h == 0 || gemm->y.w == 0 || gemm->m % ((size_t)gemm->y.h * gemm->y.w) != 0) {
        return pcs_fail(err, PCS_INVALID, "result: its grid of %u x %u does not divide M = %zu", gemm->y.h, gemm->y.w,
                        gemm->m);
    }
    return PCS_OK;
}

bool pcs_operand_at(const pcs_operand_t *operand, size_t i, size_t j, uint8_t *code)
{
    const size_t row = operand->transposed ? j : i;
    const size_t col = operand->transposed ? i : j;
    const pcs_patch_t *patch = operand->patch;
    if (patch == NULL) {
        *code = operand->codes[row * operand->ld + col];
        return true;
    }
    const size_t tap = patch->channel_major ? col % patch->taps : col / patch->channels;
    const size_t channel = patch->channel_major ? col / patch->taps : col % patch->channels;
    const size_t image = row / ((size_t)patch->out_h * patch->out_w);
    const size_t oy = row / patch->out_w % patch->out_h;
    const size_t ox = row % patch->out_w;
    const int64_t y = patch->origin_y + (int64_t)(oy * patch->stride_y) + patch->dy[tap];
    const int64_t x = patch->origin_x + (int64_t)(ox * patch->stride_x) + patch->dx[tap];
    if (y < 0 || y >= (int64_t)patch->height || x < 0 || x >= (int64_t)patch->width) {
        *code = 0;
        return false;
    }
    *code = operand->codes[((image * patch->height + (size_t)y) * patch->width + (size_t)x) * patch->src_channels +
                           patch->channel0 + channel];
    return true;
}
