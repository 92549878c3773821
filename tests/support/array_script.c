#include "tests/support/array_script.h"

#include <stdlib.h>
#include <string.h>

#include "models/mac/aligned.h"
#include "models/mac/bfp.h"

/* Codes of a tile, kept to sum them by definition: (R or C, words, lanes) of A and of B. */
typedef struct tile {
    unsigned rows, cols, words; /* words: steps (OS), M (WS) */
    pcs_mode_t mode;
    pcs_mac_step_t step;
    uint16_t *a; /* (words, rows, lanes) */
    uint16_t *b; /* OS (words, cols, lanes), WS (rows, cols, lanes) */
} tile_t;

static script_step_t *add_step(script_t *script)
{
    if (script->steps == script->steps_room) {
        script->steps_room = script->steps_room * 2 + 64;
        script->step = realloc(script->step, script->steps_room * sizeof *script->step);
        PCS_ASSERT(script->step != NULL);
    }
    script_step_t *step = &script->step[script->steps++];
    memset(step, 0, sizeof *step);
    step->in.in_valid = true;
    uint32_t *words = calloc(script->config.rows + script->config.cols, sizeof *words);
    PCS_ASSERT(words != NULL);
    step->in.a = words;
    step->in.b = words + script->config.rows;
    return step;
}

static uint32_t *words_of(const uint32_t *words)
{
    return (uint32_t *)(uintptr_t)words; /* the script's own */
}

static script_row_t *add_row(script_t *script, unsigned cols)
{
    if (script->rows == script->rows_room) {
        script->rows_room = script->rows_room * 2 + 64;
        script->row = realloc(script->row, script->rows_room * sizeof *script->row);
        PCS_ASSERT(script->row != NULL);
    }
    script_row_t *row = &script->row[script->rows++];
    *row = (script_row_t){.cols = cols};
    row->acc = calloc((size_t)cols * script->accs, sizeof *row->acc);
    row->flags = calloc((size_t)cols * script->accs, sizeof *row->flags);
    PCS_ASSERT(row->acc != NULL && row->flags != NULL);
    return row;
}

void script_free(script_t *script)
{
    for (size_t i = 0; i < script->steps; i++) {
        free(words_of(script->step[i].in.a));
    }
    for (size_t i = 0; i < script->rows; i++) {
        free(script->row[i].acc);
        free(script->row[i].flags);
    }
    free(script->step);
    free(script->row);
    *script = (script_t){0};
}

/* ---- random tiles ---- */

/* `field`: the mode's pa or pb. */
static uint16_t random_code(check_rng_t *rng, pcs_kind_t kind, unsigned field, bool is_signed, bool extreme)
{
    const pcs_arith_t arith = pcs_kind_arith(kind);
    if (arith == PCS_ARITH_FLOAT) {
        const unsigned bits = pcs_format_bits(&pcs_formats[field]);
        const uint32_t sign = UINT32_C(1) << (bits - 1U);
        return (uint16_t)(extreme ? pcs_format_max(&pcs_formats[field]).bits | (check_range(rng, 0, 3) == 0 ? sign : 0)
                                  : check_u32(rng) & (2U * sign - 1U));
    }
    is_signed = is_signed || arith == PCS_ARITH_BFP;
    const int32_t low = pcs_code_min(field, is_signed);
    const int32_t high = pcs_code_max(field, is_signed);
    const int64_t value = !extreme ? check_range(rng, low, high) : check_range(rng, 0, 1) == 0 ? low : high;
    if (arith == PCS_ARITH_INTEGER) {
        return (uint8_t)value;
    }
    const int64_t exponent = check_range(rng, 0, 15) == 0 ? check_range(rng, 0, 255) : check_range(rng, 110, 125);
    return pcs_bfp_code((unsigned)exponent, (int)value);
}

static uint16_t *random_codes(check_rng_t *rng, pcs_kind_t kind, size_t count, unsigned field, bool is_signed,
                              bool extreme)
{
    uint16_t *codes = malloc(count * sizeof *codes);
    PCS_ASSERT(codes != NULL);
    for (size_t i = 0; i < count; i++) {
        codes[i] = random_code(rng, kind, field, is_signed, extreme);
    }
    return codes;
}

static bool coin(check_rng_t *rng)
{
    return check_range(rng, 0, 1) == 1;
}

static uint8_t random_format(check_rng_t *rng)
{
    int64_t format = 0;
    do {
        format = check_range(rng, 0, PCS_FORMAT_COUNT - 1);
    } while (!pcs_format_is_operand((pcs_format_t)format));
    return (uint8_t)format;
}

pcs_mode_t script_mode(check_rng_t *rng, pcs_kind_t kind)
{
    pcs_mode_t mode = {0};
    if (pcs_kind_arith(kind) == PCS_ARITH_FLOAT) {
        mode.pa = random_format(rng);
        mode.pb = random_format(rng);
    } else {
        mode.pa = (uint8_t)check_range(rng, 2, 8);
        mode.pb = (uint8_t)check_range(rng, 2, 8);
    }
    if (pcs_kind_is_integer(kind)) {
        mode.a_signed = coin(rng);
        mode.b_signed = coin(rng);
        mode.serial_b = coin(rng);
    } else { /* where products lie, mostly */
        const int64_t low = coin(rng) ? PCS_ANCHOR_MIN : -48;
        mode.anchor = (int16_t)(PCS_ANCHOR_STEP * check_range(rng, low / PCS_ANCHOR_STEP,
                                                              (low == -48 ? 0 : PCS_ANCHOR_MAX) / PCS_ANCHOR_STEP));
    }
    mode.saturate = coin(rng);
    return mode;
}

static void random_tile(const script_t *script, check_rng_t *rng, unsigned length, const pcs_mode_t *before,
                        tile_t *tile)
{
    const pcs_array_config_t *config = &script->config;
    const bool ws = config->dataflow != PCS_DATAFLOW_OS;
    const bool extreme = check_range(rng, 0, 3) == 0;
    const bool full = check_range(rng, 0, 3) == 0;
    tile->mode = script_mode(rng, config->kind);
    if (before != NULL && coin(rng)) {
        tile->mode = *before;
    }
    tile->step = pcs_mac_step(config, &tile->mode);
    tile->rows = full ? config->rows : (unsigned)check_range(rng, 1, config->rows);
    tile->cols = full ? config->cols : (unsigned)check_range(rng, 1, config->cols);
    tile->words = check_range(rng, 0, 2) == 0 ? 1 : (unsigned)check_range(rng, 1, length);
    const size_t lines = ws ? 1 : tile->words;
    tile->a = random_codes(rng, config->kind, (size_t)tile->words * tile->rows * tile->step.lanes, tile->mode.pa,
                           tile->mode.a_signed, extreme);
    tile->b = random_codes(rng, config->kind, (ws ? (size_t)tile->rows : lines) * tile->cols * tile->step.lanes,
                           tile->mode.pb, tile->mode.b_signed, extreme);
}

static void free_tile(tile_t *tile)
{
    free(tile->a);
    free(tile->b);
}

/* Sums of output (row, col): over `count` operand words of A, from a on, `stride_a` words apart, and of B. */
static void define(const script_t *script, const tile_t *tile, const uint16_t *a, size_t stride_a, const uint16_t *b,
                   size_t stride_b, unsigned count, int64_t *acc, uint8_t *flags)
{
    const pcs_kind_t kind = script->config.kind;
    if (!pcs_kind_is_integer(kind)) {
        pcs_float_mac_t mac = pcs_aligned_start(&script->config, &tile->mode);
        for (unsigned k = 0; k < count; k++) {
            pcs_aligned_step(kind, &tile->mode, &mac, a[k * stride_a], b[k * stride_b]);
        }
        *acc = (int64_t)mac.acc;
        *flags = (uint8_t)mac.flags;
        return;
    }
    const unsigned lanes = tile->step.lanes;
    pcs_acc_t sum[PCS_ACCS_MAX] = {{0, false}};
    for (unsigned k = 0; k < count; k++) {
        int64_t product[PCS_ACCS_MAX] = {0};
        for (unsigned lane = 0; lane < lanes; lane++) {
            product[script->accs == 1 ? 0 : lane] +=
                pcs_code_value(a[k * stride_a * lanes + lane], tile->mode.a_signed) *
                pcs_code_value(b[k * stride_b * lanes + lane], tile->mode.b_signed);
        }
        for (unsigned i = 0; i < script->accs; i++) {
            sum[i] = pcs_acc_add(sum[i], product[i], script->config.acc_bits, tile->mode.saturate);
        }
    }
    for (unsigned i = 0; i < script->accs; i++) {
        acc[i] = sum[i].value;
        flags[i] = sum[i].overflow;
    }
}

static void open_tile(script_step_t *step, const tile_t *tile, unsigned at)
{
    step->in.stream = true;
    step->in.first = at == 0;
    step->in.last = at + 1 == tile->words;
    step->in.mode = pcs_mode_pack(&tile->mode);
    step->in.rows = (uint8_t)tile->rows;
    step->in.cols = (uint8_t)tile->cols;
    step->clocks = tile->step.cycles;
}

/* A step of which only what is set afterwards counts; the rest is whatever it is. */
static script_step_t *any_step(script_t *script, check_rng_t *rng)
{
    const unsigned words = script->config.rows + script->config.cols;
    script_step_t *step = add_step(script);
    for (unsigned i = 0; i < words; i++) {
        words_of(step->in.a)[i] = check_u32(rng) >> (32U - pcs_kinds[script->config.kind].word_bits);
    }
    step->in.first = coin(rng);
    step->in.last = coin(rng);
    step->in.mode = check_u32(rng);
    step->in.rows = (uint8_t)check_u32(rng);
    step->in.cols = (uint8_t)check_u32(rng);
    step->in.load_mode = check_u32(rng);
    step->in.load_row = (uint8_t)check_u32(rng);
    step->in.load_cols = (uint8_t)check_u32(rng);
    return step;
}

/* Step `at` of a tile: only the first one says mode and size. */
static void stream_step(script_step_t *step, const tile_t *tile, unsigned at)
{
    const pcs_array_in_t any = step->in;
    open_tile(step, tile, at);
    if (at > 0) {
        step->in.mode = any.mode;
        step->in.rows = any.rows;
        step->in.cols = any.cols;
    }
}

static void pack(const tile_t *tile, unsigned field, const uint16_t *codes, unsigned count, uint32_t *words)
{
    for (unsigned i = 0; i < count; i++) {
        words[i] = pcs_word_pack(&tile->step, field, codes + (size_t)i * tile->step.lanes, 1, tile->step.lanes);
    }
}

static void add_os(script_t *script, check_rng_t *rng, const tile_t *tile)
{
    const pcs_array_config_t *config = &script->config;
    const unsigned lanes = tile->step.lanes;
    for (unsigned k = 0; k < tile->words; k++) {
        script_step_t *step = any_step(script, rng);
        stream_step(step, tile, k);
        pack(tile, tile->step.field_a, tile->a + (size_t)k * tile->rows * lanes, tile->rows, words_of(step->in.a));
        pack(tile, tile->step.field_b, tile->b + (size_t)k * tile->cols * lanes, tile->cols, words_of(step->in.b));
    }
    for (unsigned r = tile->rows; r-- > 0;) {
        script_row_t *row = add_row(script, tile->cols);
        row->step = script->steps - 1;
        row->delay = tile->step.cycles + 2 * config->rows + config->cols - 2 - r;
        row->last = r == 0;
        for (unsigned c = 0; c < tile->cols; c++) {
            define(script, tile, tile->a + (size_t)r * lanes, tile->rows, tile->b + (size_t)c * lanes, tile->cols,
                   tile->words, row->acc + c * script->accs, row->flags + c * script->accs);
        }
    }
}

/* Steps that load a tile's weights: each row once and last, in any order, some rows with other weights before that. */
typedef struct load {
    unsigned row; /* of the tile */
    bool stale;   /* weights that the row's last load replaces */
} load_t;
typedef struct loads {
    unsigned count;
    load_t load[2 * PCS_ARRAY_MAX_DIM];
} loads_t;

static void push(loads_t *loads, unsigned row, bool stale)
{
    loads->load[loads->count++] = (load_t){row, stale};
}

static void random_loads(check_rng_t *rng, const tile_t *tile, loads_t *loads)
{
    const bool upwards = coin(rng);
    const bool shuffled = check_range(rng, 0, 3) == 0;
    const int64_t again = check_range(rng, 0, 3);
    loads->count = 0;
    for (unsigned i = 0; i < tile->rows; i++) {
        push(loads, upwards ? tile->rows - 1 - i : i, false);
    }
    for (unsigned i = tile->rows; shuffled && i-- > 1;) {
        const unsigned other = (unsigned)check_range(rng, 0, i);
        const unsigned row = loads->load[i].row;
        loads->load[i].row = loads->load[other].row;
        loads->load[other].row = row;
    }
    if (again == 0) { /* some rows again */
        for (unsigned i = 0; i < tile->rows; i++) {
            if (coin(rng)) {
                loads->load[i].stale = true;
                push(loads, loads->load[i].row, false);
            }
        }
    } else if (again ==
               1) { /* the last one over and over; after rows upwards as many PEs as can take a weight at once */
        for (unsigned i = 1; i < tile->cols; i++) {
            loads->load[loads->count - 1].stale = true;
            push(loads, loads->load[loads->count - 1].row, false);
        }
    }
}

/* Adds a load of the tile to the step. */
static void add_load(const script_t *script, check_rng_t *rng, const tile_t *tile, const load_t *load,
                     script_step_t *step)
{
    step->in.load = true;
    step->in.load_mode = pcs_mode_pack(&tile->mode);
    step->in.load_row = (uint8_t)(script->config.rows - tile->rows + load->row);
    step->in.load_cols = (uint8_t)(load->stale ? (unsigned)check_range(rng, 1, tile->cols) : tile->cols);
    if (!load->stale) { /* else the words are any */
        pack(tile, tile->step.field_b, tile->b + (size_t)load->row * tile->cols * tile->step.lanes, tile->cols,
             words_of(step->in.b));
    }
}

/* Streams a tile; the loads of `next` (NULL: none) come with its steps or, by chance, after them. */
static void add_ws(script_t *script, check_rng_t *rng, const tile_t *tile, const tile_t *next)
{
    const pcs_array_config_t *config = &script->config;
    const unsigned lanes = tile->step.lanes;
    const unsigned top = config->rows - tile->rows;
    loads_t loads = {0};
    unsigned loaded = 0;
    if (next != NULL) {
        random_loads(rng, next, &loads);
    }
    for (unsigned t = 0; t < tile->words; t++) {
        script_step_t *step = any_step(script, rng);
        stream_step(step, tile, t);
        pack(tile, tile->step.field_a, tile->a + (size_t)t * tile->rows * lanes, tile->rows,
             words_of(step->in.a) + top);
        if (loaded < loads.count && check_range(rng, 0, 3) != 0) {
            add_load(script, rng, next, &loads.load[loaded++], step);
        }
        const size_t at = script->steps - 1;
        script_row_t *row = add_row(script, tile->cols);
        row->step = at;
        row->delay = tile->step.cycles + config->rows + config->cols - 1;
        row->last = true;
        for (unsigned c = 0; c < tile->cols; c++) {
            define(script, tile, tile->a + (size_t)t * tile->rows * lanes, 1, tile->b + (size_t)c * lanes, tile->cols,
                   tile->rows, row->acc + c * script->accs, row->flags + c * script->accs);
        }
    }
    for (; loaded < loads.count; loaded++) {
        add_load(script, rng, next, &loads.load[loaded], any_step(script, rng));
    }
}

void script_random(script_t *script, const pcs_array_config_t *config, check_rng_t *rng, unsigned tiles,
                   unsigned length)
{
    const bool ws = config->dataflow != PCS_DATAFLOW_OS;
    *script = (script_t){.config = *config, .accs = pcs_kinds[config->kind].accs};
    tile_t tile;
    loads_t loads;
    random_tile(script, rng, length, NULL, &tile);
    random_loads(rng, &tile, &loads);
    for (unsigned i = 0; ws && i < loads.count; i++) {
        add_load(script, rng, &tile, &loads.load[i], any_step(script, rng));
    }
    for (unsigned i = 0; i < tiles; i++) {
        tile_t next = {0};
        const bool more = i + 1 < tiles;
        if (more) {
            random_tile(script, rng, length, &tile.mode, &next);
        }
        if (ws) {
            add_ws(script, rng, &tile, more ? &next : NULL);
        } else {
            add_os(script, rng, &tile);
        }
        free_tile(&tile);
        tile = next;
    }
    const unsigned overflow = pcs_ariths[pcs_kind_arith(config->kind)].overflow;
    for (size_t i = 0; i < script->rows; i++) {
        for (unsigned at = 0; at < script->row[i].cols * script->accs; at++) {
            script->overflows += (unsigned)script->row[i].flags[at] >> overflow & 1U;
        }
    }
}

/* ---- jobs ---- */

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Words along K of each run of a job's group (array.h: segments, or as many of them as there are lanes). */
static unsigned cut_runs(const script_t *script, const pcs_array_job_t *job, unsigned lanes, unsigned *words)
{
    const uint64_t group = job->k / job->groups;
    const uint64_t together = script->accs == 1 ? 1 : lanes;
    unsigned runs = 0;
    for (uint64_t at = 0; at < group; at += job->segment * together) {
        const uint64_t longest = min_u64(job->segment, group - at);
        words[runs++] = (unsigned)(script->accs == 1 ? (longest + lanes - 1) / lanes : longest);
    }
    return runs;
}

static void job_step(script_t *script, const tile_t *tile, unsigned at, const tile_t *load, unsigned load_at)
{
    script_step_t *step = add_step(script);
    if (tile != NULL) {
        open_tile(step, tile, at);
    }
    if (load != NULL && load_at < load->rows) {
        step->in.load = true;
        step->in.load_mode = pcs_mode_pack(&load->mode);
        step->in.load_row = (uint8_t)(script->config.rows - load->rows + load_at);
        step->in.load_cols = (uint8_t)load->cols;
    }
}

static void stream_tile(script_t *script, const tile_t *tile, const tile_t *next)
{
    const unsigned loads = next != NULL ? next->rows : 0;
    for (unsigned t = 0; t < tile->words || t < loads; t++) {
        job_step(script, t < tile->words ? tile : NULL, t, next, t);
    }
}

void script_job(script_t *script, const pcs_array_config_t *config, const pcs_array_job_t *job)
{
    const bool ws = config->dataflow != PCS_DATAFLOW_OS;
    const uint64_t group = job->k / job->groups;
    *script = (script_t){.config = *config, .accs = pcs_kinds[config->kind].accs};
    unsigned *words = malloc(group * sizeof *words);
    PCS_ASSERT(words != NULL);
    tile_t tile = {.mode = job->mode, .step = pcs_mac_step(config, &job->mode)};
    tile_t before = {0};
    const unsigned runs = cut_runs(script, job, tile.step.lanes, words);
    for (uint64_t m0 = 0; m0 < job->m; m0 += ws ? job->m : config->rows) {
        for (uint64_t n0 = 0; n0 < job->n; n0 += config->cols) {
            for (uint64_t i = 0; i < job->groups * runs; i++) {
                tile.cols = (unsigned)min_u64(config->cols, job->n - n0);
                tile.rows = ws ? words[i % runs] : (unsigned)min_u64(config->rows, job->m - m0);
                tile.words = ws ? (unsigned)job->m : words[i % runs];
                if (ws) {
                    stream_tile(script, &before, &tile); /* the first tile's weights come alone */
                } else {
                    stream_tile(script, &tile, NULL);
                }
                before = tile;
            }
        }
    }
    if (ws) {
        stream_tile(script, &before, NULL);
    }
    free(words);
}

void script_fill(script_t *script, check_rng_t *rng)
{
    for (size_t i = 0; i < script->steps; i++) {
        uint32_t *words = script_words(script, i);
        for (unsigned at = 0; at < script->config.rows + script->config.cols; at++) {
            words[at] = check_u32(rng);
        }
    }
}

uint32_t *script_words(script_t *script, size_t step)
{
    return words_of(script->step[step].in.a);
}
