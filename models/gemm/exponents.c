#include "models/gemm/exponents.h"

/* The way along K: runs of `run` steps, each of which begins a block; step p of a run is at place first + stride p of
   its source, whose blocks are `block` places long. */
typedef struct way {
    uint64_t run, block;
    int64_t first, stride;
} way_t;

static uint64_t ceil_div(uint64_t size, uint64_t by)
{
    return (size + by - 1U) / by;
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* ---- the edge ------------------------------------------------------------------------------------------------------
 */

/* Rounds down: padding lies before place 0. */
static int64_t block_at(const way_t *way, uint64_t step)
{
    const int64_t place = way->first + way->stride * (int64_t)step;
    const int64_t size = (int64_t)way->block;
    return place >= 0 ? place / size : -((size - 1 - place) / size);
}

static bool goes_on(const way_t *way, uint64_t step)
{
    return step > 0 && block_at(way, step) == block_at(way, step - 1U);
}

/* How many of the first `cuts` cuts, one every `part` steps, are inside of a block. */
static uint64_t cuts_inside(const way_t *way, uint64_t part, uint64_t cuts)
{
    const uint64_t period = way->run / common_divisor(way->run, part); /* of the places where cuts are */
    const uint64_t whole = cuts / period;
    uint64_t of_period = 0;
    uint64_t of_rest = 0;
    for (uint64_t i = 1; i <= min_u64(period, cuts); i++) {
        const bool inside = goes_on(way, i % period * (part % way->run) % way->run);
        of_period += inside ? 1 : 0;
        of_rest += inside && i <= cuts % period ? 1 : 0;
    }
    return whole * of_period + of_rest;
}

/* Exponents on the way along `k` steps, whole runs or less than one more. */
static uint64_t on_way(const way_t *way, uint64_t k, uint64_t part)
{
    uint64_t of_run = 0;
    uint64_t of_rest = 0;
    for (uint64_t step = 0; step < way->run; step++) {
        const uint64_t begins = goes_on(way, step) ? 0 : 1;
        of_run += begins;
        of_rest += step < k % way->run ? begins : 0;
    }
    return k / way->run * of_run + of_rest + cuts_inside(way, part, ceil_div(k, part) - 1U);
}

/* Along a row or a column that is dense every block is a run. */
uint64_t pcs_exponents_of_parts(const pcs_gemm_t *gemm, uint64_t part)
{
    const way_t way = {.run = gemm->block, .block = gemm->block, .stride = 1};
    return gemm->block == 0 ? 0 : on_way(&way, gemm->k, part);
}

uint64_t pcs_exponents_of_part(const pcs_gemm_t *gemm, uint64_t part)
{
    if (gemm->block == 0) {
        return 0;
    }
    const bool aligned = part >= gemm->k || part % gemm->block == 0;
    return aligned ? ceil_div(min_u64(part, gemm->k), gemm->block)
                   : min_u64(part, (part + gemm->block - 2U) / gemm->block + 1U);
}

/* Along a row of patches; transposed, the way of a tap begins elsewhere. */
static way_t patch_way(const pcs_gemm_t *gemm)
{
    const pcs_patch_t *patch = gemm->a.patch;
    if (gemm->a.transposed) {
        return (way_t){.run = patch->out_w, .block = gemm->block, .stride = patch->stride_x};
    }
    return (way_t){
        .run = patch->channel_major && patch->taps > 1 ? 1 : patch->channels, .block = gemm->block, .stride = 1};
}

uint64_t pcs_exponents_of_part_a(const pcs_gemm_t *gemm, uint64_t part)
{
    if (gemm->block == 0 || gemm->a.patch == NULL) {
        return pcs_exponents_of_part(gemm, part);
    }
    const way_t way = patch_way(gemm);
    const uint64_t runs = (part + way.run - 2U) / way.run + 1U;
    return min_u64(part, part * (uint64_t)way.stride / way.block + 2U * runs);
}

uint64_t pcs_exponents_read_a(const pcs_gemm_t *gemm, uint64_t part)
{
    const pcs_patch_t *patch = gemm->a.patch;
    if (gemm->block == 0 || patch == NULL) {
        return gemm->m * pcs_exponents_of_parts(gemm, part);
    }
    way_t way = patch_way(gemm);
    if (!gemm->a.transposed) {
        return gemm->m * on_way(&way, gemm->k, part);
    }
    uint64_t sum = 0;
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        way.first = (int64_t)patch->origin_x + patch->dx[tap];
        sum += patch->channels * on_way(&way, gemm->k, part);
    }
    return sum;
}

uint64_t pcs_exponents_read_b(const pcs_gemm_t *gemm, uint64_t part)
{
    return gemm->n * pcs_exponents_of_parts(gemm, part);
}

uint64_t pcs_exponents_part(const pcs_array_config_t *array, const pcs_array_job_t *job)
{
    return array->dataflow == PCS_DATAFLOW_OS ? job->k : job->segment;
}

/* ---- memory --------------------------------------------------------------------------------------------------------
 */

uint64_t pcs_exponents_image_row(const pcs_gemm_t *gemm)
{
    const pcs_patch_t *patch = gemm->a.patch;
    if (gemm->block == 0) {
        return 0;
    }
    return gemm->a.transposed ? patch->channels * ceil_div(patch->width, gemm->block)
                              : patch->width * ceil_div(patch->channels, gemm->block);
}

uint64_t pcs_exponents_stored_a(const pcs_gemm_t *gemm)
{
    const pcs_patch_t *patch = gemm->a.patch;
    return patch == NULL ? gemm->m * pcs_exponents_of_parts(gemm, gemm->k)
                         : (uint64_t)patch->batch * patch->height * pcs_exponents_image_row(gemm);
}
