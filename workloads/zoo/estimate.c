#include "workloads/zoo/estimate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void pcs_estimate_add(pcs_estimate_t *sum, const pcs_estimate_t *add, uint64_t times)
{
    sum->gemms += times * add->gemms;
    sum->macs += times * add->macs;
    sum->unproven += times * add->unproven;
    sum->segment = add->segment > sum->segment ? add->segment : sum->segment;
    pcs_counts_add(&sum->counts, &add->counts, times);
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        sum->system[i] += times * add->system[i];
    }
    sum->array_clocks += times * add->array_clocks;
    for (int i = 0; i < PCS_BOUND_COUNT; i++) {
        sum->bound[i] += times * add->bound[i];
    }
}

void pcs_estimate_bits(pcs_role_t role, unsigned fw, unsigned bw, unsigned *pa, unsigned *pb)
{
    *pa = role == PCS_ROLE_DGRAD ? bw : fw;
    *pb = role == PCS_ROLE_WGRAD ? bw : fw;
}

void pcs_estimate_fields(const pcs_estimate_device_t *device, pcs_role_t role, unsigned fw, unsigned bw, unsigned *pa,
                         unsigned *pb)
{
    const bool formats = pcs_kind_arith(device->array.kind) == PCS_ARITH_FLOAT;
    pcs_estimate_bits(role, formats ? (unsigned)device->fw_format : fw, formats ? (unsigned)device->bw_format : bw, pa,
                      pb);
}

/* ---- contracts --------------------------------------------------------------------------------------------------- */

/* What stays the same for all contracts of a layer. */
typedef struct work {
    const pcs_shape_t *layer;
    const pcs_numerics_t *numerics;
    uint32_t batch;
    unsigned fw, bw;
    pcs_estimate_gemm_fn visit;
    void *user;
} work_t;

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

static pcs_status_t visit(const work_t *work, pcs_gemm_t *gemm, uint64_t times, pcs_error_t *err)
{
    const bool rectified = work->layer->rectified && gemm->role != PCS_ROLE_DGRAD;
    gemm->a.affine = corrections(work, rectified);
    gemm->b.affine = corrections(work, false);
    return work->visit(work->user, gemm, times * work->layer->repeat, err);
}

static pcs_status_t visit_conv(const work_t *work, const pcs_conv_views_t *views, pcs_error_t *err)
{
    const pcs_conv_shape_t *s = &work->layer->conv;
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    pcs_conv_contract_forward(s, views, work->numerics, work->batch, work->fw, &patch, &gemm);
    pcs_status_t status = visit(work, &gemm, 1, err);
    if (status == PCS_OK) {
        pcs_conv_contract_wgrad(s, views, work->numerics, work->batch, work->fw, work->bw, &patch, &gemm);
        status = visit(work, &gemm, 1, err);
    }
    for (uint32_t p = 0; p < views->phases && !work->layer->first && status == PCS_OK; p++) {
        if (pcs_conv_contract_dgrad(s, views, work->numerics, work->batch, work->fw, work->bw, &views->phase[p], &patch,
                                    &gemm)) {
            status = visit(work, &gemm, 1, err);
        }
    }
    return status;
}

static pcs_status_t conv(const work_t *work, pcs_error_t *err)
{
    pcs_conv_views_t views;
    pcs_arena_t arena = {NULL, 0};
    pcs_conv_views_place(&views, &work->layer->conv, &arena);
    void *memory = aligned_alloc(PCS_ARENA_ALIGN, arena.used);
    if (memory == NULL) {
        return pcs_fail(err, PCS_MEMORY, "estimate: no memory for %zu bytes", arena.used);
    }
    arena = (pcs_arena_t){memory, 0};
    pcs_conv_views_place(&views, &work->layer->conv, &arena);
    const pcs_status_t status = visit_conv(work, &views, err);
    free(memory);
    return status;
}

/* A dense contract of sizes m, n, k. */
static pcs_gemm_t dense(const work_t *work, pcs_role_t role, uint64_t m, uint64_t n, uint64_t k)
{
    const pcs_numerics_t *numerics = work->numerics;
    const bool is_signed = pcs_quantizer_signed(numerics->quantizer);
    /* One copy of weights with a scale per output: it varies along K of dgrad, so every step is a group of its own. */
    const bool grouped = role == PCS_ROLE_DGRAD && work->layer->gemm.shared && numerics->weights == PCS_WEIGHTS_PAPER;
    const uint64_t group = grouped ? 1 : k;
    pcs_gemm_t gemm = {
        .m = (size_t)m,
        .n = (size_t)n,
        .k = (size_t)k,
        .a = {.is_signed = is_signed, .ld = (size_t)k, .transposed = role == PCS_ROLE_WGRAD},
        .b = {.is_signed = is_signed, .ld = (size_t)n},
        .group = grouped ? 1 : 0,
        .segment = (size_t)(numerics->segment < group ? numerics->segment : group),
        .acc_bits = numerics->acc_bits,
        .saturate = numerics->saturate,
        .role = role,
    };
    pcs_estimate_bits(role, work->fw, work->bw, &gemm.a.bits, &gemm.b.bits);
    return gemm;
}

static pcs_status_t linear(const work_t *work, pcs_error_t *err)
{
    const pcs_gemm_shape_t *g = &work->layer->gemm;
    const uint64_t rows = g->shared ? work->batch * g->m : g->m;
    const uint64_t products = g->shared ? g->steps : work->batch * g->steps;
    pcs_gemm_t gemm = dense(work, PCS_ROLE_FORWARD, rows, g->n, g->k);
    pcs_status_t status = visit(work, &gemm, products, err);
    if (status == PCS_OK) {
        gemm = dense(work, PCS_ROLE_WGRAD, g->k, g->n, g->shared ? rows * g->steps : rows);
        status = visit(work, &gemm, g->shared ? 1 : products, err);
    }
    if (status == PCS_OK && !work->layer->first) {
        gemm = dense(work, PCS_ROLE_DGRAD, rows, g->k, g->n);
        status = visit(work, &gemm, products, err);
    }
    return status;
}

pcs_status_t pcs_estimate_gemms(const pcs_shape_t *layer, const pcs_numerics_t *numerics, uint32_t batch, unsigned fw,
                                unsigned bw, pcs_estimate_gemm_fn visitor, void *user, pcs_error_t *err)
{
    static const uint64_t most = PCS_SHAPE_MACS_MAX << 6U; /* 64 clocks each, and sums over layers, fit 64 bits */
    PCS_ASSERT(batch >= 1 && layer->repeat >= 1);
    if (pcs_shape_macs(layer) > most / batch) {
        return pcs_fail(err, PCS_INVALID,
                        "layer '%s': %" PRIu64 " multiplications times a batch of %" PRIu32 " are too many to count; "
                        "legal: at most 2^50",
                        layer->name, pcs_shape_macs(layer), batch);
    }
    const work_t work = {layer, numerics, batch, fw, bw, visitor, user};
    return layer->kind == PCS_SHAPE_CONV ? conv(&work, err) : linear(&work, err);
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

typedef struct sums {
    const pcs_estimate_device_t *device;
    pcs_estimate_t *pass; /* (PCS_ROLE_COUNT) */
} sums_t;

/* A contract as an array takes it that does not multiply integers. */
static pcs_gemm_t aligned_contract(const pcs_estimate_device_t *device, const pcs_gemm_t *gemm)
{
    pcs_gemm_t plain = *gemm;
    plain.a.affine = plain.b.affine = (pcs_affine_t){.grain = PCS_GRAIN_TENSOR};
    if (pcs_kind_arith(device->array.kind) == PCS_ARITH_BFP) {
        plain.block = device->block;
        plain.block_bits = device->block_bits;
    }
    return plain;
}

static pcs_status_t plan_aligned(const pcs_estimate_device_t *device, const pcs_gemm_t *gemm, pcs_plan_t *plan,
                                 pcs_error_t *err)
{
    unsigned pa = gemm->a.bits;
    unsigned pb = gemm->b.bits;
    if (pcs_kind_arith(device->array.kind) == PCS_ARITH_FLOAT) {
        pcs_estimate_bits(gemm->role, (unsigned)device->fw_format, (unsigned)device->bw_format, &pa, &pb);
    }
    const pcs_mode_t mode = {.pa = (uint8_t)pa, .pb = (uint8_t)pb, .saturate = gemm->saturate};
    return pcs_gemm_plan_aligned(gemm, &device->array, &mode, plan, err);
}

pcs_status_t pcs_estimate_plan(const pcs_estimate_device_t *device, const pcs_gemm_t *gemm, pcs_plan_t *plan,
                               pcs_tiling_t *tiling, pcs_error_t *err)
{
    const bool integers = pcs_kind_is_integer(device->array.kind);
    const pcs_gemm_t runs = integers ? *gemm : aligned_contract(device, gemm);
    const pcs_status_t status = integers ? pcs_gemm_plan(&runs, &device->array, device->serial, plan, err)
                                         : plan_aligned(device, &runs, plan, err);
    if (status == PCS_OK) {
        pcs_memory_apply(&device->memory, &runs, &device->array, plan, tiling);
    }
    return status;
}

static pcs_status_t add_gemm(void *user, const pcs_gemm_t *gemm, uint64_t times, pcs_error_t *err)
{
    const sums_t *sums = user;
    pcs_plan_t plan;
    pcs_tiling_t tiling;
    const pcs_status_t status = pcs_estimate_plan(sums->device, gemm, &plan, &tiling, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_estimate_t one = {
        .gemms = 1,
        .macs = (uint64_t)gemm->m * gemm->n * gemm->k,
        .unproven = plan.proven ? 0 : 1,
        .segment = plan.job.segment,
        .counts = plan.counts,
        .array_clocks = tiling.array_clocks,
        .bound = {[PCS_BOUND_COMPUTE] = 0},
    };
    one.bound[tiling.bound] = tiling.clocks;
    memcpy(one.system, plan.system, sizeof one.system);
    pcs_estimate_add(&sums->pass[gemm->role], &one, times);
    return PCS_OK;
}

pcs_status_t pcs_estimate_layer(const pcs_shape_t *layer, const pcs_estimate_device_t *device, uint32_t batch,
                                unsigned fw, unsigned bw, pcs_estimate_t pass[PCS_ROLE_COUNT], pcs_error_t *err)
{
    sums_t sums = {device, pass};
    memset(pass, 0, PCS_ROLE_COUNT * sizeof *pass);
    return pcs_estimate_gemms(layer, &device->numerics, batch, fw, bw, add_gemm, &sums, err);
}

/* Whether two layers cost the same. */
static bool alike(const pcs_shape_t *a, const pcs_shape_t *b)
{
    return a->kind == b->kind && a->repeat == b->repeat && a->first == b->first && a->rectified == b->rectified &&
           (a->kind == PCS_SHAPE_CONV ? memcmp(&a->conv, &b->conv, sizeof a->conv) == 0 /* ten integers, no padding */
                                      : a->gemm.m == b->gemm.m && a->gemm.n == b->gemm.n && a->gemm.k == b->gemm.k &&
                                            a->gemm.steps == b->gemm.steps && a->gemm.shared == b->gemm.shared);
}

/* How many layers from number `first` on cost the same as that one; 0 when an earlier one does. */
static uint64_t copies(const pcs_shapes_t *shapes, size_t first)
{
    for (size_t i = 0; i < first; i++) {
        if (alike(&shapes->layers[i], &shapes->layers[first])) {
            return 0;
        }
    }
    uint64_t count = 1;
    for (size_t i = first + 1U; i < shapes->count; i++) {
        count += alike(&shapes->layers[i], &shapes->layers[first]) ? 1 : 0;
    }
    return count;
}

pcs_status_t pcs_estimate_iteration(const pcs_shapes_t *shapes, const pcs_estimate_device_t *device, uint32_t batch,
                                    unsigned fw, unsigned bw, pcs_estimate_t pass[PCS_ROLE_COUNT], pcs_error_t *err)
{
    memset(pass, 0, PCS_ROLE_COUNT * sizeof *pass);
    for (size_t i = 0; i < shapes->count; i++) {
        const uint64_t count = copies(shapes, i);
        if (count == 0) {
            continue;
        }
        pcs_estimate_t layer[PCS_ROLE_COUNT];
        const pcs_status_t status = pcs_estimate_layer(&shapes->layers[i], device, batch, fw, bw, layer, err);
        if (status != PCS_OK) {
            return status;
        }
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            pcs_estimate_add(&pass[role], &layer[role], count);
        }
    }
    return PCS_OK;
}
