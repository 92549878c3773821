#include "sim/cosim/sampler.h"

#include <stdlib.h>

#include "models/format/philox.h"
#include "models/mac/mac.h"

struct pcs_sampler {
    pcs_cosim_t *cosim;
    pcs_sampler_options_t options;
    uint32_t iteration; /* of the GEMMs counted */
    uint32_t gemms;     /* seen in it */
    pcs_sample_t *slot; /* (tiles) the draw so far; all filled once a GEMM was seen */
};

/* Draws of one (GEMM, slot): DRAWS elements of the iteration's stream, in the order of use. */
enum { DRAWS = 8 };
typedef struct draws {
    pcs_stream_t stream;
    uint64_t index;
} draws_t;

static size_t below(draws_t *draws, size_t bound)
{
    return pcs_philox_below(&draws->stream, draws->index++, bound < UINT32_MAX ? (uint32_t)bound : UINT32_MAX);
}

static size_t tiles_along(size_t size, size_t step)
{
    return (size + step - 1) / step;
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A block of `step` along a dimension; the last one is shorter. */
static void draw_block(draws_t *draws, size_t size, size_t step, size_t *at, size_t *length)
{
    *at = step * below(draws, tiles_along(size, step));
    *length = min_size(step, size - *at);
}

/* Draws a tile of the GEMM: its corner, and a window of steps of the segments that share the PEs. */
static pcs_status_t draw_tile(const pcs_sampler_t *sampler, draws_t *draws, const pcs_gemm_t *gemm,
                              const pcs_plan_t *plan, pcs_sample_t *sample, pcs_error_t *err)
{
    const pcs_array_config_t *array = pcs_cosim_array(sampler->cosim);
    const pcs_array_job_t *job = &plan->job;
    const size_t steps = sampler->options.steps;
    const unsigned lanes = pcs_mac_step(array, &job->mode).lanes;
    const unsigned apart = pcs_kinds[array->kind].accs == 1 ? 1 : lanes;
    const size_t group = job->k / job->groups;
    pcs_block_t block;
    draw_block(draws, job->m, array->dataflow == PCS_DATAFLOW_OS ? array->rows : steps, &block.m0, &block.m);
    draw_block(draws, job->n, array->cols, &block.n0, &block.n);
    size_t in_group; /* first code of the segments */
    size_t length;
    draw_block(draws, group, min_size(group, apart * job->segment), &in_group, &length);
    const size_t begin = group * below(draws, job->groups) + in_group;
    block.k = min_size(length, lanes * steps);
    block.k0 = begin + below(draws, length - block.k + 1);
    const size_t segment = min_size(job->segment, tiles_along(block.k, apart));
    const size_t copies = pcs_gemm_copies(gemm);
    const size_t copy = copies > 1 ? below(draws, copies) : 0;
    pcs_patch_t patch;
    const pcs_gemm_t one = pcs_gemm_copy(gemm, copy, &patch);
    pcs_tile_t tile;
    const pcs_status_t status = pcs_tile_extract(&one, plan, &block, segment, &tile, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_tile_free(&sample->tile);
    *sample = (pcs_sample_t){gemm->iteration, gemm->layer, gemm->role, block.m0, block.n0, block.k0, tile};
    *(plan->exchanged ? &sample->m0 : &sample->n0) += copy * gemm->n;
    return PCS_OK;
}

pcs_status_t pcs_sampler_gemm(pcs_sampler_t *sampler, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err)
{
    if (sampler->gemms > 0 && gemm->iteration != sampler->iteration) {
        const pcs_status_t status = pcs_sampler_finish(sampler, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    if (gemm->iteration % sampler->options.every != 0) {
        return PCS_OK;
    }
    sampler->iteration = gemm->iteration;
    const uint64_t ordinal = sampler->gemms++;
    for (size_t s = 0; s < sampler->options.tiles; s++) {
        draws_t draws = {
            .stream = pcs_stream(sampler->options.seed, PCS_PURPOSE_SAMPLE, gemm->iteration, 0),
            .index = (ordinal * sampler->options.tiles + s) * DRAWS,
        };
        if (below(&draws, sampler->gemms) != 0) {
            continue; /* this GEMM takes the slot with probability 1 / (GEMMs so far) */
        }
        const pcs_status_t status = draw_tile(sampler, &draws, gemm, plan, &sampler->slot[s], err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_sampler_finish(pcs_sampler_t *sampler, pcs_error_t *err)
{
    const size_t count = sampler->gemms > 0 ? sampler->options.tiles : 0;
    sampler->gemms = 0;
    for (size_t s = 0; s < count; s++) {
        const pcs_tiles_t tiles = {.count = 1, .tile = &sampler->slot[s].tile};
        pcs_cosim_result_t result;
        const pcs_status_t checked = pcs_cosim_check(sampler->cosim, &tiles, &result, err);
        if (checked != PCS_OK && checked != PCS_MISMATCH) {
            return checked;
        }
        if (sampler->options.report != NULL) {
            pcs_error_t report_err = {{0}};
            const pcs_status_t reported =
                sampler->options.report(sampler->options.user, &sampler->slot[s], &result, &report_err);
            if (reported != PCS_OK && checked == PCS_OK) {
                return pcs_fail(err, reported, "%s", report_err.text);
            }
        }
        if (checked != PCS_OK) {
            return checked;
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_sampler_create(pcs_cosim_t *cosim, const pcs_sampler_options_t *options, pcs_sampler_t **sampler,
                                pcs_error_t *err)
{
    if (options->every == 0 || options->tiles == 0 || options->steps == 0) {
        return pcs_fail(err, PCS_INVALID, "lock-step sampling: every, tiles and steps must be at least 1");
    }
    pcs_sampler_t *made = calloc(1, sizeof *made);
    pcs_sample_t *slot = calloc(options->tiles, sizeof *slot);
    if (made == NULL || slot == NULL) {
        free(made);
        free(slot);
        return pcs_fail(err, PCS_MEMORY, "no memory for lock-step samples");
    }
    made->cosim = cosim;
    made->options = *options;
    made->slot = slot;
    *sampler = made;
    return PCS_OK;
}

void pcs_sampler_destroy(pcs_sampler_t *sampler)
{
    if (sampler != NULL) {
        for (size_t s = 0; s < sampler->options.tiles; s++) {
            pcs_tile_free(&sampler->slot[s].tile);
        }
        free(sampler->slot);
        free(sampler);
    }
}
