#include "models/array/array.h"

#include <inttypes.h>

#include "models/mac/mac.h"

pcs_status_t pcs_array_config_check(const pcs_array_config_t *config, pcs_error_t *err)
{
    if (config->rows < 1 || config->rows > PCS_ARRAY_MAX_DIM) {
        return pcs_fail(err, PCS_INVALID, "array rows %u: must be 1..%d", config->rows, PCS_ARRAY_MAX_DIM);
    }
    if (config->cols < 1 || config->cols > PCS_ARRAY_MAX_DIM) {
        return pcs_fail(err, PCS_INVALID, "array columns %u: must be 1..%d", config->cols, PCS_ARRAY_MAX_DIM);
    }
    if ((unsigned)config->kind >= PCS_KIND_COUNT) {
        return pcs_fail(err, PCS_INVALID, "MAC kind %d: must be 0..%d", (int)config->kind, PCS_KIND_COUNT - 1);
    }
    const unsigned acc_min = pcs_ariths[pcs_kind_arith(config->kind)].acc_min;
    if (config->acc_bits < acc_min || config->acc_bits > PCS_ACC_MAX_BITS) {
        return pcs_fail(err, PCS_INVALID, "accumulator of %u bits: must be %u..%d", config->acc_bits, acc_min,
                        PCS_ACC_MAX_BITS);
    }
    if ((unsigned)config->dataflow >= PCS_DATAFLOW_COUNT) {
        return pcs_fail(err, PCS_INVALID, "dataflow %d: must be 0..%d", (int)config->dataflow, PCS_DATAFLOW_COUNT - 1);
    }
    const unsigned digit_max = pcs_kinds[config->kind].digit_max;
    if ((config->digit != 1 && config->digit != 2 && config->digit != 4) || config->digit > digit_max) {
        return pcs_fail(err, PCS_INVALID, "digit of %u bits: the kind %s takes %s", config->digit,
                        pcs_kinds[config->kind].name,
                        digit_max == 1   ? "1"
                        : digit_max == 2 ? "1 or 2"
                                         : "1, 2 or 4");
    }
    return PCS_OK;
}

void pcs_array_dev_destroy(pcs_array_dev_t *dev)
{
    if (dev != NULL) {
        dev->ops->destroy(dev);
    }
}

int64_t pcs_probe_get(const uint32_t *image, size_t pe, pcs_probe_t probe)
{
    const pcs_probe_row_t *row = &pcs_probes[probe];
    const uint32_t *word = image + pe * PCS_PROBE_WORDS;
    uint64_t value = 0;
    for (unsigned bit = 0; bit < row->bits; bit++) {
        const unsigned at = row->lsb + bit;
        value |= (uint64_t)((word[at / 32U] >> (at % 32U)) & 1U) << bit;
    }
    if (row->is_signed) {
        const uint64_t top = UINT64_C(1) << (row->bits - 1U);
        return (int64_t)((value ^ top) - top);
    }
    return (int64_t)value;
}

/* ---- closed forms ---- */

/* A dimension cut into blocks of `block`: how many there are, and the sum of b (b - 1) / 2 over their sizes b (skew
   and deskew registers form triangles). */
typedef struct blocks {
    uint64_t count, triangle;
} blocks_t;

static uint64_t triangle(uint64_t n)
{
    return n * (n - 1) / 2;
}

static blocks_t cut(uint64_t size, uint64_t block)
{
    const uint64_t full = size / block;
    const uint64_t rest = size % block;
    const blocks_t result = {full + (rest != 0), full * triangle(block) + (rest != 0 ? triangle(rest) : 0)};
    return result;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t ceil_div(uint64_t size, uint64_t by)
{
    return (size + by - 1) / by;
}

/* A group of K in runs: segments (kinds with one accumulator) or sets of `lanes` segments that run side by side.
   `count` runs of `words` operand words along K, then, if short_words > 0, one of so many. */
typedef struct runs {
    uint64_t count, words, short_words;
} runs_t;

static runs_t cut_group(const pcs_array_config_t *config, const pcs_array_job_t *job, unsigned lanes)
{
    const uint64_t group = job->k / job->groups;
    const uint64_t full = group / job->segment;
    const uint64_t rest = group % job->segment;
    if (pcs_kinds[config->kind].accs == 1) {
        return (runs_t){full, ceil_div(job->segment, lanes), ceil_div(rest, lanes)};
    }
    /* The rest has a run to itself only when the segments before it fill theirs: a run is as long as its longest. */
    const bool alone = rest != 0 && full % lanes == 0;
    return (runs_t){ceil_div(full, lanes), job->segment, alone ? rest : 0};
}

uint64_t pcs_array_segment_max(const pcs_array_config_t *config, const pcs_mode_t *mode)
{
    if (config->dataflow == PCS_DATAFLOW_OS) {
        return UINT64_MAX;
    }
    const bool one = pcs_kinds[config->kind].accs == 1;
    return (uint64_t)config->rows * (one ? pcs_mac_step(config, mode).lanes : 1);
}

static void count_os(const pcs_array_config_t *config, const pcs_array_job_t *job, const pcs_mac_step_t *step,
                     uint64_t *n)
{
    const uint64_t r = config->rows;
    const uint64_t c = config->cols;
    const uint64_t clocks = step->cycles;
    const blocks_t rows = cut(job->m, r);
    const blocks_t cols = cut(job->n, c);
    const runs_t runs = cut_group(config, job, step->lanes);
    const uint64_t tiles = rows.count * cols.count;
    const uint64_t segments = job->groups * (runs.count + (runs.short_words != 0));
    const uint64_t steps = job->groups * (runs.count * runs.words + runs.short_words); /* of a tile */
    const uint64_t words = segments * job->m * job->n;

    /* Distance between the last steps of two segments: the steps themselves, or the drain of the one before. */
    const uint64_t distance = max_u64(runs.words * clocks, r);
    const uint64_t distance_short = runs.short_words != 0 ? max_u64(runs.short_words * clocks, r) : 0;
    const uint64_t last_step =
        tiles * job->groups * (runs.count * distance + distance_short) - distance + (runs.words - 1) * clocks;

    n[PCS_EVENT_CYCLE] = last_step + clocks + 2 * r + c - 1;
    n[PCS_EVENT_STEP] = steps * tiles;
    n[PCS_EVENT_TILE] = segments * tiles;
    n[PCS_EVENT_A_LOAD] = steps * job->m * cols.count;
    n[PCS_EVENT_B_LOAD] = steps * job->n * rows.count;
    n[PCS_EVENT_SKEW] = steps * (rows.triangle * cols.count + cols.triangle * rows.count);
    n[PCS_EVENT_PE_LOAD] = steps * job->m * job->n;
    n[PCS_EVENT_CAPTURE] = words;
    n[PCS_EVENT_DRAIN] = segments * job->n * (job->m * (r - 1) - rows.triangle);
    n[PCS_EVENT_DESKEW] = segments * job->m * (job->n * (c - 1) - cols.triangle);
    n[PCS_EVENT_OUT] = words;
}

static void count_ws(const pcs_array_config_t *config, const pcs_array_job_t *job, const pcs_mac_step_t *step,
                     uint64_t *n)
{
    const uint64_t r = config->rows;
    const uint64_t c = config->cols;
    const blocks_t cols = cut(job->n, c);
    const runs_t runs = cut_group(config, job, step->lanes);
    const bool has_short = runs.short_words != 0;
    const uint64_t full = cols.count * job->groups * runs.count; /* tiles */
    const uint64_t shorter = has_short ? cols.count * job->groups : 0;
    const uint64_t tiles = full + shorter;
    const uint64_t rows = job->groups * (runs.count * runs.words + runs.short_words); /* of weights, in a column */
    /* Registers that a word of A, or a weight, passes: its row's number, summed over a column's tiles. */
    const uint64_t depth = job->groups * (runs.count * (triangle(r) - triangle(r - runs.words)) +
                                          (has_short ? triangle(r) - triangle(r - runs.short_words) : 0));

    /* Rows of weights that come in steps of their own: the first tile's, and what M steps of the tile before could not
       bring.  The first tile is a full one: a group has at least one full segment. */
    const uint64_t extra =
        (full - 1) * max_u64(runs.words, job->m) + shorter * max_u64(runs.short_words, job->m) - (tiles - 1) * job->m;
    const uint64_t last_step = runs.words + extra + (tiles * job->m - 1) * step->cycles;

    n[PCS_EVENT_CYCLE] = last_step + step->cycles + r + c;
    n[PCS_EVENT_STEP] = tiles * job->m;
    n[PCS_EVENT_TILE] = tiles;
    n[PCS_EVENT_A_LOAD] = rows * job->m * cols.count;
    n[PCS_EVENT_B_LOAD] = rows * job->n;
    n[PCS_EVENT_SKEW] = depth * cols.count * job->m + rows * cols.triangle;
    n[PCS_EVENT_PE_LOAD] = rows * job->m * job->n;
    n[PCS_EVENT_CAPTURE] = tiles / cols.count * job->m * job->n;
    n[PCS_EVENT_DESKEW] = tiles / cols.count * job->m * (job->n * (c - 1) - cols.triangle);
    n[PCS_EVENT_OUT] = n[PCS_EVENT_CAPTURE];
    n[PCS_EVENT_WEIGHT_PASS] = depth * job->n;
    n[PCS_EVENT_WEIGHT_STAGE] = rows * job->n;
    n[PCS_EVENT_WEIGHT_SWAP] = rows * job->n;
}

void pcs_array_counts(const pcs_array_config_t *config, const pcs_array_job_t *job, pcs_counts_t *counts)
{
    const pcs_mac_step_t step = pcs_mac_step(config, &job->mode);
    *counts = (pcs_counts_t){{0}};
    if (config->dataflow == PCS_DATAFLOW_OS) {
        count_os(config, job, &step, counts->n);
    } else {
        count_ws(config, job, &step, counts->n);
    }
    counts->n[PCS_EVENT_MAC_CYCLE] = counts->n[PCS_EVENT_PE_LOAD] * step.cycles;
    counts->n[PCS_EVENT_ACC_WRITE] = counts->n[PCS_EVENT_PE_LOAD];
}

void pcs_counts_add(pcs_counts_t *counts, const pcs_counts_t *add, uint64_t times)
{
    for (int event = 0; event < PCS_EVENT_COUNT; event++) {
        counts->n[event] += times * add->n[event];
    }
}
