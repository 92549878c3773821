#include "models/array/stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include "models/mac/mac.h"

/* Steps whose operand words are made at a time; no result depends on it. */
enum { CHUNK = PCS_ARRAY_MAX_DIM };

/* A stop of the walk over all jobs: a tile segment (OS) or a tile (WS).  Kinds with several accumulators take
   `segments` segments in it, side by side. */
typedef struct tile {
    const pcs_stream_job_t *job; /* past the last one: the walk has ended */
    pcs_mac_step_t step;
    uint64_t m0, n0, group, segment; /* segment: the first, inside its group */
    uint64_t k0, length;             /* codes of the first segment, the longest */
    uint64_t words;                  /* along K: steps (OS), rows (WS) */
    unsigned segments;
    uint32_t rows, cols;
} tile_t;

typedef struct stream {
    pcs_array_dev_t *dev;
    const pcs_stream_job_t *first, *end;
    unsigned rows, cols, accs; /* R, C */
    bool ws;

    tile_t in;        /* being offered (WS: streaming) */
    uint64_t step;    /* next step of it */
    uint64_t steps;   /* OS: of which words are made; WS: of the tile, 0 before the first */
    uint64_t chunk0;  /* OS: step of the first word made */
    tile_t load;      /* WS: the tile whose weights are being offered, the one after `in` */
    uint64_t load_at; /* rows of it offered */
    uint32_t *a, *b;  /* OS (CHUNK, R), (CHUNK, C): steps chunk0..; WS (R) of the step, (R, C) of the tile to load */

    tile_t out;       /* whose rows leave */
    uint64_t out_row; /* rows of it that have left */
    bool surplus;     /* more rows left than steps made */
    int64_t acc[PCS_ARRAY_MAX_DIM];
    uint8_t flags[PCS_ARRAY_MAX_DIM];
} stream_t;

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t ceil_div(uint64_t size, uint64_t by)
{
    return (size + by - 1) / by;
}

/* ---- the walk ---------------------------------------------------------------------------------------------------- */

static uint64_t group_length(const tile_t *tile)
{
    return tile->job->job.k / tile->job->job.groups;
}

/* Length of the i-th segment of the tile. */
static uint64_t segment_length(const tile_t *tile, unsigned i)
{
    const uint64_t segment = tile->job->job.segment;
    return min_u64(segment, group_length(tile) - (tile->segment + i) * segment);
}

/* What follows from the tile's place. */
static void settle(const stream_t *s, tile_t *tile)
{
    if (tile->job == s->end) {
        return;
    }
    const pcs_array_job_t *job = &tile->job->job;
    tile->step = pcs_mac_step(&s->dev->config, &job->mode);
    const uint64_t left = ceil_div(group_length(tile), job->segment) - tile->segment;
    tile->segments = s->accs == 1 ? 1 : (unsigned)min_u64(tile->step.lanes, left);
    tile->k0 = tile->group * group_length(tile) + tile->segment * job->segment;
    tile->length = segment_length(tile, 0);
    tile->words = s->accs == 1 ? ceil_div(tile->length, tile->step.lanes) : tile->length;
    tile->rows = (uint32_t)(s->ws ? tile->words : min_u64(s->rows, job->m - tile->m0));
    tile->cols = (uint32_t)min_u64(s->cols, job->n - tile->n0);
}

static tile_t first_tile(const stream_t *s)
{
    tile_t tile = {.job = s->first};
    settle(s, &tile);
    return tile;
}

/* The other segments of the tile's group come before it. */
static bool ends_group(const tile_t *tile)
{
    return (tile->segment + tile->segments) * tile->job->job.segment >= group_length(tile);
}

/* Along K first, then N, then (OS) M: a WS tile takes all of M. */
static void next_tile(const stream_t *s, tile_t *tile)
{
    const pcs_array_job_t *job = &tile->job->job;
    const bool group_done = ends_group(tile);
    tile->segment = group_done ? 0 : tile->segment + tile->segments;
    tile->group += group_done;
    if (tile->group == job->groups) {
        tile->group = 0;
        tile->n0 += s->cols;
    }
    if (tile->n0 >= job->n) {
        tile->n0 = 0;
        tile->m0 += s->ws ? job->m : s->rows;
    }
    if (tile->m0 >= job->m) {
        tile->m0 = 0;
        tile->job++;
    }
    settle(s, tile);
}

/* ---- operands in ------------------------------------------------------------------------------------------------- */

typedef void fetch_fn(void *user, uint64_t line, uint64_t k, size_t count, uint16_t *codes);

/* Words from..from+count-1 of a row of A or a column of B, `stride` words apart.  At most CHUNK of them. */
static void make_words(const stream_t *s, const tile_t *tile, fetch_fn *fetch, uint64_t line, unsigned field,
                       uint64_t from, size_t count, uint32_t *words, size_t stride)
{
    uint16_t codes[CHUNK * PCS_LANES_MAX] = {0};
    const pcs_mac_step_t *step = &tile->step;
    void *user = tile->job->user;
    if (s->accs == 1) {
        const size_t length = (size_t)min_u64(count * step->lanes, tile->length - from * step->lanes);
        fetch(user, line, tile->k0 + from * step->lanes, length, codes);
        for (size_t i = 0; i < count; i++) {
            const size_t at = i * step->lanes;
            words[i * stride] = pcs_word_pack(step, field, codes + at, 1, length - at);
        }
        return;
    }
    for (unsigned lane = 0; lane < tile->segments; lane++) {
        const uint64_t length = segment_length(tile, lane);
        if (from < length) {
            fetch(user, line, tile->k0 + lane * tile->job->job.segment + from, (size_t)min_u64(count, length - from),
                  codes + lane * count);
        }
    }
    for (size_t i = 0; i < count; i++) {
        words[i * stride] = pcs_word_pack(step, field, codes + i, count, tile->segments);
    }
}

static bool next_os(stream_t *s, pcs_array_in_t *in)
{
    tile_t *tile = &s->in;
    if (tile->job == s->end) {
        return false;
    }
    if (s->step == s->steps) {
        const size_t count = (size_t)min_u64(CHUNK, tile->words - s->step);
        for (uint32_t r = 0; r < tile->rows; r++) {
            make_words(s, tile, tile->job->fetch_a, tile->m0 + r, tile->step.field_a, s->step, count, s->a + r,
                       s->rows);
        }
        for (uint32_t c = 0; c < tile->cols; c++) {
            make_words(s, tile, tile->job->fetch_b, tile->n0 + c, tile->step.field_b, s->step, count, s->b + c,
                       s->cols);
        }
        s->chunk0 = s->step;
        s->steps = s->step + count;
    }
    const size_t slot = (size_t)(s->step - s->chunk0);
    *in = (pcs_array_in_t){
        .first = s->step == 0,
        .last = s->step + 1 == tile->words,
        .mode = pcs_mode_pack(&tile->job->job.mode),
        .rows = (uint8_t)tile->rows,
        .cols = (uint8_t)tile->cols,
        .a = s->a + slot * s->rows,
        .b = s->b + slot * s->cols,
    };
    s->step++;
    if (in->last) {
        next_tile(s, tile);
        s->step = 0;
        s->steps = 0;
    }
    return true;
}

/* A row of weights of the tile after the one that streams. */
static void load_row(stream_t *s, pcs_array_in_t *in)
{
    const tile_t *tile = &s->load;
    for (uint32_t c = 0; s->load_at == 0 && c < tile->cols; c++) {
        make_words(s, tile, tile->job->fetch_b, tile->n0 + c, tile->step.field_b, 0, tile->rows, s->b + c, s->cols);
    }
    in->load = true;
    in->load_mode = pcs_mode_pack(&tile->job->job.mode);
    in->load_row = (uint8_t)(s->rows - tile->rows + s->load_at);
    in->load_cols = (uint8_t)tile->cols;
    in->b = s->b + s->load_at * s->cols;
    s->load_at++;
}

static void stream_row(stream_t *s, pcs_array_in_t *in)
{
    const tile_t *tile = &s->in;
    make_words(s, tile, tile->job->fetch_a, s->step, tile->step.field_a, 0, tile->rows, s->a + s->rows - tile->rows, 1);
    in->stream = true;
    in->first = s->step == 0;
    in->last = s->step + 1 == s->steps;
    in->mode = pcs_mode_pack(&tile->job->job.mode);
    in->rows = (uint8_t)tile->rows;
    in->cols = (uint8_t)tile->cols;
    in->a = s->a;
    s->step++;
}

static bool next_ws(stream_t *s, pcs_array_in_t *in)
{
    if (s->step == s->steps && s->load.job != s->end && s->load_at == s->load.rows) {
        s->in = s->load;
        s->step = 0;
        s->steps = s->in.job->job.m;
        next_tile(s, &s->load);
        s->load_at = 0;
    }
    *in = (pcs_array_in_t){.a = s->a, .b = s->b};
    if (s->load.job != s->end && s->load_at < s->load.rows) {
        load_row(s, in);
    }
    if (s->step < s->steps) {
        stream_row(s, in);
    }
    return in->load || in->stream;
}

static bool next_step(stream_t *s, pcs_array_in_t *in)
{
    return s->ws ? next_ws(s, in) : next_os(s, in);
}

/* ---- results out ------------------------------------------------------------------------------------------------- */

static void take_row(stream_t *s, const pcs_array_out_t *out)
{
    tile_t *tile = &s->out;
    if (tile->job == s->end) {
        s->surplus = true;
        return;
    }
    for (unsigned i = 0; i < tile->segments; i++) {
        for (uint32_t c = 0; c < tile->cols; c++) {
            s->acc[c] = out->acc[c * s->accs + i];
            s->flags[c] = out->flags[c * s->accs + i];
        }
        const pcs_stream_row_t row = {
            .m = s->ws ? s->out_row : tile->m0 + tile->rows - 1 - s->out_row, /* OS: bottom first */
            .n0 = tile->n0,
            .group = tile->group,
            .segment = tile->segment + i,
            .group_done = i + 1 == tile->segments && ends_group(tile),
            .cols = tile->cols,
            .acc = s->acc,
            .flags = s->flags,
        };
        tile->job->row(tile->job->user, &row);
    }
    s->out_row++;
    if (s->out_row == (s->ws ? tile->job->job.m : tile->rows)) {
        s->out_row = 0;
        next_tile(s, tile);
    }
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static pcs_status_t check_job(const pcs_array_config_t *array, const pcs_array_job_t *job, pcs_error_t *err)
{
    const uint32_t mode = pcs_mode_pack(&job->mode);
    if (!pcs_mode_legal(array->kind, mode)) {
        return pcs_fail(err, PCS_INVALID, "mode word 0x%x: the kind %s takes %s", (unsigned)mode,
                        pcs_kinds[array->kind].name, pcs_mode_ranges(array->kind));
    }
    if (job->m == 0 || job->n == 0 || job->k == 0 || job->groups == 0 || job->k % job->groups != 0) {
        return pcs_fail(err, PCS_INVALID,
                        "job of %" PRIu64 " x %" PRIu64 " x %" PRIu64 " in %" PRIu64
                        " groups: sizes must be at least 1, groups must divide k",
                        job->m, job->n, job->k, job->groups);
    }
    const uint64_t longest = min_u64(pcs_array_segment_max(array, &job->mode), job->k / job->groups);
    if (job->segment == 0 || job->segment > longest) {
        return pcs_fail(err, PCS_INVALID, "segments of %" PRIu64 ": this array runs 1..%" PRIu64 " of this job",
                        job->segment, longest);
    }
    return PCS_OK;
}

/* Offers steps and takes rows until all is drained.  The hooks of the first job speak for all. */
static pcs_status_t drive(stream_t *s, pcs_error_t *err)
{
    pcs_array_dev_t *dev = s->dev;
    const pcs_stream_job_t *hooks = s->first;
    pcs_array_in_t step;
    pcs_array_out_t out;
    bool pending = next_step(s, &step);
    do {
        pcs_array_in_t in = step;
        in.in_valid = pending && (hooks->offer == NULL || hooks->offer(hooks->user));
        in.out_ready = hooks->take == NULL || hooks->take(hooks->user);
        dev->ops->step(dev, &in, &out);
        const bool accepted = in.in_valid && out.in_ready;
        if (out.out_valid && in.out_ready) {
            take_row(s, &out);
        }
        if (hooks->clock != NULL && !hooks->clock(hooks->user)) {
            return pcs_fail(err, PCS_MISMATCH, "stopped by the clock observer");
        }
        if (out.error) {
            return pcs_fail(err, PCS_INVALID, "the array refused a step: mode word 0x%x, rows %u, columns %u",
                            (unsigned)step.mode, step.rows, step.cols);
        }
        if (accepted) {
            pending = next_step(s, &step);
            out.busy = true; /* the step just accepted is in flight */
        }
    } while (pending || out.busy);
    if (s->out.job != s->end || s->surplus) {
        return pcs_fail(err, PCS_MISMATCH, "the %s device gave %s rows than its steps make", dev->ops->name,
                        s->surplus ? "more" : "fewer");
    }
    return PCS_OK;
}

pcs_status_t pcs_stream_run(pcs_array_dev_t *dev, const pcs_stream_job_t *jobs, size_t count, pcs_error_t *err)
{
    for (size_t i = 0; i < count; i++) {
        const pcs_status_t status = check_job(&dev->config, &jobs[i].job, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    if (count == 0) {
        return PCS_OK;
    }
    const size_t rows = dev->config.rows;
    const size_t cols = dev->config.cols;
    stream_t *s = calloc(1, sizeof *s);
    uint32_t *words = calloc(CHUNK * (rows + cols), sizeof *words);
    pcs_status_t status = PCS_OK;
    if (s == NULL || words == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "no memory for the operands of a %zu x %zu array", rows, cols);
    } else {
        *s = (stream_t){
            .dev = dev,
            .first = jobs,
            .end = jobs + count,
            .rows = dev->config.rows,
            .cols = dev->config.cols,
            .accs = pcs_kinds[dev->config.kind].accs,
            .ws = dev->config.dataflow != PCS_DATAFLOW_OS,
            .a = words,
            .b = words + CHUNK * rows,
        };
        s->in = first_tile(s);
        s->load = s->in;
        s->out = s->in;
        status = drive(s, err);
    }
    free(words);
    free(s);
    return status;
}
