#include "sim/cli/collect.h"

#include <stdlib.h>
#include <string.h>

/* A cell and a span are written to checkpoints as they are. */
_Static_assert(sizeof(cli_cell_t) == 24 + 8 * (3 + 2 * (PCS_EVENT_COUNT + PCS_SYSTEM_EVENT_COUNT)), "no padding");
_Static_assert(sizeof(cli_span_t) == 48, "no padding");

/* Room for one more element of `size` bytes in a growing array. */
static pcs_status_t grow(void **array, size_t count, size_t *capacity, size_t size, pcs_error_t *err)
{
    if (count < *capacity) {
        return PCS_OK;
    }
    const size_t more = *capacity == 0 ? 64 : 2 * *capacity;
    void *moved = realloc(*array, more * size);
    if (moved == NULL) {
        return pcs_fail(err, PCS_MEMORY, "statistics: out of memory");
    }
    *array = moved;
    *capacity = more;
    return PCS_OK;
}

/* The cost of a plan with the memory around the array. */
static void cost_set(const cli_collect_t *collect, const pcs_gemm_t *gemm, const pcs_plan_t *plan, cli_cost_t *cost)
{
    pcs_plan_t whole = *plan;
    pcs_tiling_t tiling;
    pcs_memory_apply(&collect->memory, gemm, collect->array, &whole, &tiling);
    cost->counts = whole.counts;
    memcpy(cost->system, whole.system, sizeof cost->system);
}

static void cost_add(cli_cost_t *sum, const cli_cost_t *add)
{
    pcs_counts_add(&sum->counts, &add->counts, 1);
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        sum->system[i] += add->system[i];
    }
}

pcs_status_t cli_collect_gemm(cli_collect_t *collect, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err)
{
    pcs_status_t status =
        grow((void **)&collect->pending, collect->pendings, &collect->pending_capacity, sizeof *collect->pending, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_gemm_t base = *gemm;
    base.a.bits = CLI_STATIC_BITS;
    base.b.bits = CLI_STATIC_BITS;
    if (pcs_segment_bound(base.a.bits, base.a.is_signed, base.b.bits, base.b.is_signed, base.acc_bits) == 0) {
        base.segment = (size_t)plan->job.segment; /* too narrow to plan for: the baseline is read as often as the run */
    }
    pcs_mode_t base_mode = plan->job.mode;
    base_mode.pa = CLI_STATIC_BITS;
    base_mode.pb = CLI_STATIC_BITS;
    const uint64_t longest = pcs_array_segment_max(collect->array, &base_mode);
    if (base.segment > longest) {
        base.segment = (size_t)longest; /* or as the array can at these bits */
    }
    pcs_plan_t base_plan;
    status = pcs_gemm_plan(&base, collect->array, collect->serial, &base_plan, err);
    if (status != PCS_OK) {
        return status;
    }
    const uint64_t copies = pcs_gemm_copies(gemm);
    cli_cell_t *cell = &collect->pending[collect->pendings++];
    *cell = (cli_cell_t){
        .layer = gemm->layer,
        .role = (uint32_t)gemm->role,
        .pa = gemm->a.bits,
        .pb = gemm->b.bits,
        .segment = (uint32_t)plan->job.segment,
        .unproven = plan->proven ? 0 : copies,
        .gemms = copies,
        .macs = pcs_gemm_macs(gemm),
    };
    cost_set(collect, gemm, plan, &cell->cost);
    cost_set(collect, &base, &base_plan, &cell->base);
    return PCS_OK;
}

pcs_status_t cli_collect_energy(const cli_collect_t *collect, const cli_cost_t *cost, unsigned pa, unsigned pb,
                                pcs_energy_bound_t bound, pcs_energy_t *energy, pcs_error_t *err)
{
    pcs_energy_use_t use = {
        .bound = bound,
        .array = collect->array,
        .pa = pa,
        .pb = pb,
        .clock_mhz = collect->clock_mhz,
        .counts = &cost->counts,
        .system = cost->system,
    };
    memcpy(use.sram_kb, collect->sram_kb, sizeof use.sram_kb);
    return pcs_energy_account(collect->table, &use, energy, err);
}

/* The cell of a key, made when it is new. */
static pcs_status_t find(cli_collect_t *collect, const cli_cell_t *key, cli_cell_t **found, pcs_error_t *err)
{
    for (size_t i = 0; i < collect->cell_count; i++) {
        cli_cell_t *cell = &collect->cells[i];
        if (cell->fw_bits == key->fw_bits && cell->layer == key->layer && cell->role == key->role &&
            cell->pa == key->pa && cell->pb == key->pb) {
            *found = cell;
            return PCS_OK;
        }
    }
    const pcs_status_t status =
        grow((void **)&collect->cells, collect->cell_count, &collect->cell_capacity, sizeof *collect->cells, err);
    if (status == PCS_OK) {
        *found = &collect->cells[collect->cell_count++];
        **found =
            (cli_cell_t){.fw_bits = key->fw_bits, .layer = key->layer, .role = key->role, .pa = key->pa, .pb = key->pb};
    }
    return status;
}

static pcs_status_t add_span(cli_collect_t *collect, const cli_cell_t *cell, uint64_t iteration, unsigned bw_bits,
                             pcs_error_t *err)
{
    const pcs_status_t status =
        grow((void **)&collect->spans, collect->span_count, &collect->span_capacity, sizeof *collect->spans, err);
    if (status == PCS_OK) {
        collect->spans[collect->span_count++] = (cli_span_t){
            .fw_bits = cell->fw_bits,
            .bw_bits = bw_bits,
            .layer = cell->layer,
            .role = cell->role,
            .pa = cell->pa,
            .pb = cell->pb,
            .iteration = iteration,
            .cycles = cell->cost.counts.n[PCS_EVENT_CYCLE],
            .macs = cell->macs,
        };
    }
    return status;
}

static bool has_spans(const cli_collect_t *collect, unsigned fw_bits)
{
    for (size_t i = 0; i < collect->span_count; i++) {
        if (collect->spans[i].fw_bits == fw_bits) {
            return true;
        }
    }
    return false;
}

pcs_status_t cli_collect_commit(cli_collect_t *collect, uint64_t iteration, unsigned fw_bits, unsigned bw_bits,
                                cli_iteration_t *row, pcs_error_t *err)
{
    memset(row, 0, sizeof *row);
    const bool first = !has_spans(collect, fw_bits);
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; status == PCS_OK && i < collect->pendings; i++) {
        cli_cell_t *gemm = &collect->pending[i];
        gemm->fw_bits = fw_bits;
        pcs_energy_t energy;
        status = cli_collect_energy(collect, &gemm->cost, gemm->pa, gemm->pb, PCS_ENERGY_NOMINAL, &energy, err);
        cli_cell_t *cell = NULL;
        status = status == PCS_OK ? find(collect, gemm, &cell, err) : status;
        status = status == PCS_OK && first ? add_span(collect, gemm, iteration, bw_bits, err) : status;
        if (status == PCS_OK) {
            cell->gemms += gemm->gemms;
            cell->unproven += gemm->unproven;
            cell->segment = gemm->segment > cell->segment ? gemm->segment : cell->segment;
            cell->macs += gemm->macs;
            cost_add(&cell->cost, &gemm->cost);
            cost_add(&cell->base, &gemm->base);
            row->macs += gemm->macs;
            row->cycles += gemm->cost.counts.n[PCS_EVENT_CYCLE];
            row->bitops += gemm->macs * gemm->pa * gemm->pb;
            pcs_energy_add(&row->energy, &energy);
        }
    }
    collect->pendings = 0;
    return status;
}

void cli_collect_save(const cli_collect_t *collect, cli_text_t *bytes)
{
    const uint64_t counts[2] = {collect->cell_count, collect->span_count};
    cli_text_append(bytes, (const char *)counts, sizeof counts);
    cli_text_append(bytes, (const char *)collect->cells, collect->cell_count * sizeof *collect->cells);
    cli_text_append(bytes, (const char *)collect->spans, collect->span_count * sizeof *collect->spans);
}

pcs_status_t cli_collect_restore(cli_collect_t *collect, const char *bytes, size_t size, pcs_error_t *err)
{
    uint64_t counts[2] = {0, 0};
    if (size >= sizeof counts) {
        memcpy(counts, bytes, sizeof counts);
    }
    const uint64_t limit = UINT64_C(1) << 32U; /* keeps the product below from overflowing */
    if (size < sizeof counts || counts[0] > limit || counts[1] > limit ||
        size != sizeof counts + counts[0] * sizeof(cli_cell_t) + counts[1] * sizeof(cli_span_t)) {
        return pcs_fail(err, PCS_FORMAT, "checkpoint: its statistics are %zu bytes, which fit no run of this version",
                        size);
    }
    cli_collect_free(collect);
    collect->cells = malloc(counts[0] * sizeof *collect->cells + 1);
    collect->spans = malloc(counts[1] * sizeof *collect->spans + 1);
    if (collect->cells == NULL || collect->spans == NULL) {
        return pcs_fail(err, PCS_MEMORY, "statistics: out of memory");
    }
    collect->cell_count = collect->cell_capacity = counts[0];
    collect->span_count = collect->span_capacity = counts[1];
    bytes += sizeof counts;
    memcpy(collect->cells, bytes, counts[0] * sizeof *collect->cells);
    memcpy(collect->spans, bytes + counts[0] * sizeof *collect->cells, counts[1] * sizeof *collect->spans);
    return PCS_OK;
}

void cli_collect_free(cli_collect_t *collect)
{
    free(collect->pending);
    free(collect->cells);
    free(collect->spans);
    collect->pending = NULL;
    collect->cells = NULL;
    collect->spans = NULL;
    collect->pendings = collect->pending_capacity = 0;
    collect->cell_count = collect->cell_capacity = 0;
    collect->span_count = collect->span_capacity = 0;
}
