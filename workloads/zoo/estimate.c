#include "workloads/zoo/estimate.h"

#include <stdlib.h>
#include <string.h>

/* What stays the same for all contracts of an iteration. */
typedef struct work {
    const pcs_numerics_t *numerics;
    const pcs_array_config_t *array;
    pcs_serial_t serial;
    uint32_t batch;
    unsigned fw, bw;
    pcs_estimate_t *pass; /* (PCS_ROLE_COUNT) */
} work_t;

void pcs_estimate_bits(pcs_role_t role, unsigned fw, unsigned bw, unsigned *pa, unsigned *pb)
{
    *pa = role == PCS_ROLE_DGRAD ? bw : fw;
    *pb = role == PCS_ROLE_WGRAD ? bw : fw;
}

/* Correction arrays stand for a tensor's offsets: a plan looks at whether they exist, never into them. */
static pcs_affine_t corrections(const work_t *work, bool rectified)
{
    static const float offset = 0;
    static const int32_t zero = 0;
    const pcs_quantizer_t quantizer = work->numerics->quantizer;
    const bool shifted = !rectified && quantizer != PCS_QUANTIZER_SYMMETRIC;
    return (pcs_affine_t){
        .grain = PCS_GRAIN_TENSOR,
        .zero = shifted ? &zero : NULL,
        .offset = shifted && quantizer == PCS_QUANTIZER_AFFINE ? &offset : NULL,
    };
}

static pcs_status_t add(const work_t *work, pcs_gemm_t *gemm, bool rectified_a, pcs_error_t *err)
{
    pcs_plan_t plan;
    gemm->a.affine = corrections(work, rectified_a);
    gemm->b.affine = corrections(work, false);
    const pcs_status_t status = pcs_gemm_plan(gemm, work->array, work->serial, &plan, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_estimate_t *sum = &work->pass[gemm->role];
    sum->gemms++;
    sum->macs += (uint64_t)gemm->m * gemm->n * gemm->k;
    sum->unproven += plan.proven ? 0 : 1;
    sum->segment = plan.job.segment > sum->segment ? plan.job.segment : sum->segment;
    pcs_counts_add(&sum->counts, &plan.counts, 1);
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        sum->system[i] += plan.system[i];
    }
    return PCS_OK;
}

static pcs_status_t add_conv(const work_t *work, const pcs_conv_row_t *conv, const pcs_conv_views_t *views,
                             pcs_error_t *err)
{
    const pcs_conv_shape_t *s = &conv->shape;
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    pcs_conv_contract_forward(s, views, work->numerics, work->batch, work->fw, &patch, &gemm);
    pcs_status_t status = add(work, &gemm, conv->rectified, err);
    if (status == PCS_OK) {
        pcs_conv_contract_wgrad(s, views, work->numerics, work->batch, work->fw, work->bw, &patch, &gemm);
        status = add(work, &gemm, conv->rectified, err);
    }
    for (uint32_t p = 0; p < views->phases && !conv->first && status == PCS_OK; p++) {
        if (pcs_conv_contract_dgrad(s, views, work->numerics, work->batch, work->fw, work->bw, &views->phase[p], &patch,
                                    &gemm)) {
            status = add(work, &gemm, false, err);
        }
    }
    return status;
}

pcs_status_t pcs_estimate_iteration(const pcs_shapes_t *shapes, const pcs_numerics_t *numerics,
                                    const pcs_array_config_t *array, pcs_serial_t serial, uint32_t batch, unsigned fw,
                                    unsigned bw, pcs_estimate_t pass[PCS_ROLE_COUNT], pcs_error_t *err)
{
    const work_t work = {
        .numerics = numerics,
        .array = array,
        .serial = serial,
        .batch = batch,
        .fw = fw,
        .bw = bw,
        .pass = pass,
    };
    PCS_ASSERT(batch >= 1);
    memset(pass, 0, PCS_ROLE_COUNT * sizeof *pass);
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < shapes->count && status == PCS_OK; i++) {
        const pcs_conv_row_t *conv = &shapes->convs[i];
        pcs_conv_views_t views;
        pcs_arena_t arena = {NULL, 0};
        pcs_conv_views_place(&views, &conv->shape, &arena);
        void *memory = aligned_alloc(PCS_ARENA_ALIGN, arena.used);
        if (memory == NULL) {
            return pcs_fail(err, PCS_MEMORY, "estimate: no memory for %zu bytes", arena.used);
        }
        arena = (pcs_arena_t){memory, 0};
        pcs_conv_views_place(&views, &conv->shape, &arena);
        status = add_conv(&work, conv, &views, err);
        free(memory);
    }
    return status;
}
