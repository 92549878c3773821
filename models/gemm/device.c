/* `cycle` and `rtl`: the contract as a stream of tile segments through an array device.  Clocks and event counts that
   the device measures must equal the closed form. */
#include <inttypes.h>
#include <stdlib.h>

#include "models/array/drive.h"
#include "models/gemm/engine_internal.h"
#include "models/mac/mac.h"

/* Where the stream stands.  Steps run ahead of the rows that leave the array; both walk tiles in the same order. */
typedef struct place {
    size_t m0, n0;    /* corner of the tile */
    size_t group, at; /* segment: group of K, first step inside it */
} place_t;

typedef struct stream {
    const pcs_gemm_t *gemm;
    const pcs_plan_t *plan;
    const pcs_sums_t *sums;
    size_t rows, cols, group_len; /* R, C */
    place_t in, out;
    size_t step; /* of the segment that enters */
    uint8_t a[PCS_ARRAY_MAX_DIM], b[PCS_ARRAY_MAX_DIM];
    int64_t *p;       /* (R, C) sums of the group that leaves, row distance = valid columns */
    size_t rows_left; /* rows of the segment that leaves still to come */
    uint64_t overflows;
} stream_t;

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t segment_len(const stream_t *s, const place_t *place)
{
    return min_size(s->plan->job.segment, s->group_len - place->at);
}

/* To the next segment: along K, then N, then M.  Past the end m0 >= M. */
static void advance(const stream_t *s, place_t *place)
{
    place->at += segment_len(s, place);
    if (place->at < s->group_len) {
        return;
    }
    place->at = 0;
    place->group++;
    if (place->group < s->plan->job.groups) {
        return;
    }
    place->group = 0;
    place->n0 += s->cols;
    if (place->n0 >= s->gemm->n) {
        place->n0 = 0;
        place->m0 += s->rows;
    }
}

static bool next_step(void *user, pcs_array_in_t *in)
{
    stream_t *s = user;
    const place_t *at = &s->in;
    if (at->m0 >= s->gemm->m) {
        return false;
    }
    const size_t rows = min_size(s->rows, s->gemm->m - at->m0);
    const size_t cols = min_size(s->cols, s->gemm->n - at->n0);
    const size_t k = at->group * s->group_len + at->at + s->step;
    for (size_t r = 0; r < rows; r++) {
        (void)pcs_operand_at(&s->gemm->a, at->m0 + r, k, &s->a[r]);
    }
    for (size_t c = 0; c < cols; c++) {
        (void)pcs_operand_at(&s->gemm->b, k, at->n0 + c, &s->b[c]);
    }
    in->a = s->a;
    in->b = s->b;
    in->mode = pcs_mode_pack(&s->plan->job.mode);
    in->rows = (uint8_t)rows;
    in->cols = (uint8_t)cols;
    in->first = s->step == 0;
    in->last = s->step + 1 == segment_len(s, at);
    if (in->last) {
        s->step = 0;
        advance(s, &s->in);
    } else {
        s->step++;
    }
    return true;
}

/* The last row of a segment has left: a complete group goes through the output stage. */
static void segment_left(stream_t *s, size_t rows, size_t cols)
{
    const place_t done = s->out;
    advance(s, &s->out);
    if (s->out.at != 0) {
        return; /* more segments of this group follow */
    }
    int64_t row_sums[PCS_ARRAY_MAX_DIM];
    for (size_t r = 0; s->sums->terms.row_sums && r < rows; r++) {
        row_sums[r] = pcs_row_sum(&s->gemm->a, done.m0 + r, done.group * s->group_len, s->group_len);
    }
    pcs_output_group(s->gemm, s->sums, done.group, done.m0, rows, done.n0, cols, s->p, row_sums);
}

static void take_row(void *user, const pcs_array_out_t *out)
{
    stream_t *s = user;
    const size_t rows = min_size(s->rows, s->gemm->m - s->out.m0);
    const size_t cols = min_size(s->cols, s->gemm->n - s->out.n0);
    if (s->rows_left == 0) {
        s->rows_left = rows;
    }
    s->rows_left--; /* rows leave bottom first */
    int64_t *p = s->p + s->rows_left * cols;
    for (size_t c = 0; c < cols; c++) {
        p[c] = out->acc[c] + (s->out.at == 0 ? 0 : p[c]);
        s->overflows += out->overflow[c];
    }
    if (s->rows_left == 0) {
        segment_left(s, rows, cols);
    }
}

static pcs_status_t compare_counts(pcs_array_dev_t *dev, const pcs_counts_t *before, const pcs_plan_t *plan,
                                   uint64_t overflows, pcs_error_t *err)
{
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        const uint64_t measured = dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event) - before->n[event];
        const uint64_t expected = event == PCS_EVENT_OVERFLOW ? overflows : plan->counts.n[event];
        if (measured != expected) {
            return pcs_fail(err, PCS_MISMATCH,
                            "event %s: the %s device counted %" PRIu64 ", the closed form says %" PRIu64,
                            pcs_events[event].name, dev->ops->name, measured, expected);
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_run_device(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                            const pcs_sums_t *sums, uint64_t *overflows, pcs_error_t *err)
{
    pcs_array_dev_t *dev = engine->config.dev;
    stream_t *s = calloc(1, sizeof *s);
    int64_t *p = pcs_engine_scratch(engine, (size_t)dev->config.rows * dev->config.cols * sizeof *p);
    pcs_status_t status = PCS_OK;
    if (s == NULL || p == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "no memory to run a GEMM on the %s device", dev->ops->name);
    } else {
        *s = (stream_t){.gemm = gemm,
                        .plan = plan,
                        .sums = sums,
                        .rows = dev->config.rows,
                        .cols = dev->config.cols,
                        .group_len = gemm->k / plan->job.groups,
                        .p = p};
        pcs_counts_t before;
        for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
            before.n[event] = dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event);
        }
        const pcs_drive_t drive = {.user = s, .next = next_step, .row = take_row};
        status = pcs_array_drive(dev, &drive, err);
        if (status == PCS_OK) {
            *overflows = s->overflows;
            status = compare_counts(dev, &before, plan, s->overflows, err);
        }
    }
    free(s);
    return status;
}
