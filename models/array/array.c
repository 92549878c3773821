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
    if (config->acc_bits < PCS_ACC_MIN_BITS || config->acc_bits > PCS_ACC_MAX_BITS) {
        return pcs_fail(err, PCS_INVALID, "accumulator of %u bits: must be %d..%d", config->acc_bits, PCS_ACC_MIN_BITS,
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

/* A dimension cut into blocks of `block`: how many there are, and the sum of b (b - 1) / 2 over their sizes b (skew
   and deskew registers form triangles). */
typedef struct blocks {
    uint64_t count, triangle;
} blocks_t;

static blocks_t cut(uint64_t size, uint64_t block)
{
    const uint64_t full = size / block;
    const uint64_t rest = size % block;
    const blocks_t result = {full + (rest != 0),
                             full * (block * (block - 1) / 2) + (rest != 0 ? rest * (rest - 1) / 2 : 0)};
    return result;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void pcs_array_counts(const pcs_array_config_t *config, const pcs_array_job_t *job, pcs_counts_t *counts)
{
    const uint64_t r = config->rows;
    const uint64_t c = config->cols;
    const uint64_t clocks = pcs_mac_step(config, &job->mode).cycles;
    const blocks_t m = cut(job->m, r);
    const blocks_t n = cut(job->n, c);
    const uint64_t group = job->k / job->groups;
    const uint64_t full = group / job->segment;
    const uint64_t rest = group % job->segment;
    const uint64_t tiles = m.count * n.count;
    const uint64_t segments = job->groups * (full + (rest != 0));
    const uint64_t macs = job->m * job->n * job->k;
    const uint64_t words = segments * job->m * job->n;

    /* Distance between the last steps of two segments: the steps themselves, or the drain of the one before. */
    const uint64_t distance_full = max_u64(job->segment * clocks, r);
    const uint64_t distance_rest = rest != 0 ? max_u64(rest * clocks, r) : 0;
    const uint64_t last_step =
        tiles * job->groups * (full * distance_full + distance_rest) - distance_full + (job->segment - 1) * clocks;

    *counts = (pcs_counts_t){{0}};
    counts->n[PCS_EVENT_CYCLE] = last_step + clocks + 2 * r + c - 1;
    counts->n[PCS_EVENT_STEP] = job->k * tiles;
    counts->n[PCS_EVENT_TILE] = segments * tiles;
    counts->n[PCS_EVENT_A_LOAD] = job->k * job->m * n.count;
    counts->n[PCS_EVENT_B_LOAD] = job->k * job->n * m.count;
    counts->n[PCS_EVENT_SKEW] = job->k * (m.triangle * n.count + n.triangle * m.count);
    counts->n[PCS_EVENT_PE_LOAD] = macs;
    counts->n[PCS_EVENT_MAC_CYCLE] = macs * clocks;
    counts->n[PCS_EVENT_ACC_WRITE] = macs;
    counts->n[PCS_EVENT_CAPTURE] = words;
    counts->n[PCS_EVENT_DRAIN] = segments * job->n * (job->m * (r - 1) - m.triangle);
    counts->n[PCS_EVENT_DESKEW] = segments * job->m * (job->n * (c - 1) - n.triangle);
    counts->n[PCS_EVENT_OUT] = words;
}

void pcs_counts_add(pcs_counts_t *counts, const pcs_counts_t *add, uint64_t times)
{
    for (int event = 0; event < PCS_EVENT_COUNT; event++) {
        counts->n[event] += times * add->n[event];
    }
}
