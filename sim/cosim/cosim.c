#include "sim/cosim/cosim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pcs_cosim {
    pcs_array_config_t array;
    pcs_rtl_options_t rtl;
    const char *dump;
    pcs_fault_t fault;
    pcs_event_t closed_form_fault; /* PCS_EVENT_COUNT: none */
    pcs_array_dev_t *pair;
};

typedef struct check {
    pcs_cosim_t *cosim;
    const pcs_tiles_t *tiles;
    int64_t **acc; /* (tiles) accumulators by definition, (segments, m, n) */
    uint8_t **flags;
    unsigned overflow; /* the flag that says so */
    uint64_t words;
    uint64_t sums[2], overflows[2];
    pcs_difference_t difference;
    uint64_t clock;
} check_t;

/* ---- against the definition ---- */

static void note(check_t *check, const char *signal, int row, int col, int64_t observed, int64_t expected)
{
    check->words++;
    if (observed != expected) {
        pcs_difference_note(&check->difference, check->clock, signal, row, col, observed, expected);
    }
}

static void compare_row(void *user, size_t tile, const pcs_stream_row_t *row)
{
    check_t *check = user;
    const pcs_tile_t *of = &check->tiles->tile[tile];
    check->sums[of->mode.saturate] += row->cols;
    for (uint32_t c = 0; c < row->cols; c++) {
        check->overflows[of->mode.saturate] += row->flags[c] >> check->overflow & 1U;
        const size_t i = (row->segment * of->m + row->m) * of->n + row->n0 + c;
        note(check, "accumulator (against its definition)", PCS_NOWHERE, (int)c, row->acc[c], check->acc[tile][i]);
        note(check, "flags (against their definition)", PCS_NOWHERE, (int)c, row->flags[c], check->flags[tile][i]);
    }
}

static bool after_clock(void *user)
{
    check_t *check = user;
    const pcs_difference_t *found = pcs_lockstep_difference(check->cosim->pair);
    if (found->found) {
        check->difference = *found; /* a register differs before a sum does */
    }
    check->clock++;
    return !check->difference.found;
}

/* The counters of one tile without stalls have a closed form. */
static void compare_closed_form(check_t *check)
{
    const pcs_array_job_t job = pcs_tile_job(&check->tiles->tile[0]);
    pcs_counts_t counts;
    pcs_array_counts(&check->cosim->array, &job, &counts);
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        if (pcs_events[event].data_dependent) {
            continue;
        }
        const uint64_t wrong = check->cosim->closed_form_fault == (pcs_event_t)event;
        const uint64_t observed =
            check->cosim->pair->ops->csr(check->cosim->pair, (unsigned)PCS_CSR_EVENT_BASE + event);
        char signal[64];
        (void)snprintf(signal, sizeof signal, "%s (against its closed form)", pcs_events[event].name);
        note(check, signal, PCS_NOWHERE, PCS_NOWHERE, (int64_t)observed, (int64_t)(counts.n[event] + wrong));
    }
}

static pcs_status_t define(check_t *check, pcs_error_t *err)
{
    const size_t count = check->tiles->count;
    check->acc = calloc(count, sizeof *check->acc);
    check->flags = calloc(count, sizeof *check->flags);
    bool good = check->acc != NULL && check->flags != NULL;
    for (size_t i = 0; good && i < count; i++) {
        const pcs_tile_t *tile = &check->tiles->tile[i];
        const size_t size = pcs_tile_segments(tile) * tile->m * tile->n;
        check->acc[i] = malloc(size * sizeof **check->acc);
        check->flags[i] = malloc(size);
        good = check->acc[i] != NULL && check->flags[i] != NULL;
        if (good) {
            pcs_tile_ref(tile, &check->cosim->array, check->acc[i], check->flags[i]);
        }
    }
    return good ? PCS_OK : pcs_fail(err, PCS_MEMORY, "no memory for a lock-step check");
}

static void release(check_t *check)
{
    for (size_t i = 0; i < check->tiles->count; i++) {
        if (check->acc != NULL) {
            free(check->acc[i]);
        }
        if (check->flags != NULL) {
            free(check->flags[i]);
        }
    }
    free(check->acc);
    free(check->flags);
}

/* ---- the message ---- */

PCS_PRINTF(2, 3) static void say(pcs_cosim_result_t *result, const char *format, ...)
{
    const size_t used = strlen(result->message);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(result->message + used, sizeof result->message - used, format, args);
    va_end(args);
}

/* The model alone, up to a clock. */
typedef struct replay {
    uint64_t clock, until;
} replay_t;

static bool until_clock(void *user)
{
    replay_t *replay = user;
    return replay->clock++ < replay->until;
}

/* What the model has in the PE's operand registers. */
static void say_operands(pcs_cosim_result_t *result, const pcs_cosim_t *cosim, const pcs_tiles_t *tiles)
{
    static const pcs_probe_t probes[] = {PCS_PROBE_MODE, PCS_PROBE_A, PCS_PROBE_B, PCS_PROBE_WEIGHT};
    const pcs_difference_t *at = &result->difference;
    pcs_array_dev_t *model = NULL;
    pcs_error_t ignored;
    if (pcs_array_cycle_create(&cosim->array, &model, &ignored) != PCS_OK) {
        return;
    }
    replay_t replay = {.until = at->clock};
    const pcs_tiles_hooks_t hooks = {.user = &replay, .clock = until_clock};
    const pcs_status_t ran = pcs_tiles_run(model, tiles, &hooks, &ignored);
    (void)ran; /* stopped at the clock, or ran to its end: both are fine */
    const size_t pe = (size_t)at->row * cosim->array.cols + (size_t)at->col;
    const uint32_t *image = model->ops->probe(model);
    say(result, "; the PE's operands:");
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        say(result, " %s 0x%" PRIx64, pcs_probes[probes[i]].name, (uint64_t)pcs_probe_get(image, pe, probes[i]));
    }
    pcs_array_dev_destroy(model);
}

static void say_mode(pcs_cosim_result_t *result, pcs_kind_t kind, const pcs_mode_t *mode)
{
    switch (pcs_kind_arith(kind)) {
    case PCS_ARITH_FLOAT:
        say(result, "a %s, b %s, anchor %d", pcs_formats[mode->pa].name, pcs_formats[mode->pb].name, mode->anchor);
        break;
    case PCS_ARITH_BFP:
        say(result, "mantissas of %u and %u bits, anchor %d", mode->pa, mode->pb, mode->anchor);
        break;
    default:
        say(result, "a %u-bit %s, b %u-bit %s%s", mode->pa, mode->a_signed ? "signed" : "unsigned", mode->pb,
            mode->b_signed ? "signed" : "unsigned", mode->serial_b ? ", serial b" : ", serial a");
        break;
    }
    say(result, ", %s", mode->saturate ? "saturate" : "wrap");
}

static void say_tiles(pcs_cosim_result_t *result, const pcs_array_config_t *array, const pcs_tiles_t *tiles)
{
    say(result, "; %ux%u %s %s array, digits of %u, %u-bit accumulators", array->rows, array->cols,
        pcs_dataflows[array->dataflow].name, pcs_kinds[array->kind].name, array->digit, array->acc_bits);
    for (size_t i = 0; i < tiles->count && i < 4; i++) {
        const pcs_tile_t *tile = &tiles->tile[i];
        say(result, "; tile %zu: %ux%ux%u in segments of %u, ", i, (unsigned)tile->m, (unsigned)tile->n,
            (unsigned)tile->k, (unsigned)tile->segment);
        say_mode(result, array->kind, &tile->mode);
    }
}

static void describe(pcs_cosim_result_t *result, const pcs_cosim_t *cosim, const pcs_tiles_t *tiles)
{
    const pcs_difference_t *at = &result->difference;
    say(result, "clock %" PRIu64 ", ", at->clock);
    if (at->row != PCS_NOWHERE) {
        say(result, "PE (%d, %d), ", at->row, at->col);
    } else if (at->col != PCS_NOWHERE) {
        say(result, "column %d, ", at->col);
    }
    say(result, "%s: observed %" PRId64 " (0x%" PRIx64 ") expected %" PRId64 " (0x%" PRIx64 ")", at->signal,
        at->observed, (uint64_t)at->observed, at->expected, (uint64_t)at->expected);
    if (at->row != PCS_NOWHERE) {
        say_operands(result, cosim, tiles);
    }
    say_tiles(result, &cosim->array, tiles);
}

/* ---- the files ---- */

static pcs_status_t write_wave(const pcs_cosim_t *cosim, const pcs_tiles_t *tiles, uint64_t clock, const char *path,
                               pcs_error_t *err)
{
    pcs_rtl_options_t options = cosim->rtl;
    options.trace_file = path;
    options.trace_from = clock < PCS_COSIM_WAVE_BEFORE ? 0 : clock - PCS_COSIM_WAVE_BEFORE;
    options.trace_to = clock + PCS_COSIM_WAVE_AFTER;
    pcs_array_dev_t *dev = NULL;
    pcs_status_t status = pcs_rtl_create(&cosim->array, &options, &dev, err);
    if (status != PCS_OK) {
        return status;
    }
    replay_t replay = {.until = options.trace_to};
    const pcs_tiles_hooks_t hooks = {.user = &replay, .clock = until_clock};
    status = pcs_tiles_run(dev, tiles, &hooks, err);
    pcs_array_dev_destroy(dev);
    return status == PCS_MISMATCH ? PCS_OK : status; /* the window's end stops the run */
}

static void dump(const pcs_cosim_t *cosim, const pcs_tiles_t *tiles, pcs_cosim_result_t *result)
{
    char path[PCS_RTL_PATH_MAX];
    pcs_error_t err = {{0}};
    (void)snprintf(path, sizeof path, "%s.replay", cosim->dump);
    if (pcs_replay_write(path, &cosim->array, tiles, &err) == PCS_OK) {
        say(result, "; replay: %s", path);
    } else {
        say(result, "; no replay file: %s", err.text);
    }
    (void)snprintf(path, sizeof path, "%s.fst", cosim->dump);
    if (write_wave(cosim, tiles, result->difference.clock, path, &err) == PCS_OK) {
        say(result, "; waveform: %s", path);
    } else {
        say(result, "; no waveform: %s", err.text);
    }
}

/* ---- life ---- */

pcs_status_t pcs_cosim_create(const pcs_cosim_options_t *options, pcs_cosim_t **cosim, pcs_error_t *err)
{
    pcs_cosim_t *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for lock-step");
    }
    made->array = options->array;
    made->rtl = options->rtl;
    made->dump = options->dump;
    made->closed_form_fault = options->closed_form_fault != NULL ? *options->closed_form_fault : PCS_EVENT_COUNT;
    pcs_array_dev_t *dut = NULL;
    pcs_array_dev_t *model = NULL;
    pcs_status_t status = pcs_rtl_create(&made->array, &made->rtl, &dut, err);
    if (status == PCS_OK) {
        status = pcs_array_cycle_create(&made->array, &model, err);
        if (status != PCS_OK) {
            pcs_array_dev_destroy(dut);
        }
    }
    if (status == PCS_OK) {
        status = pcs_lockstep_create(dut, model, options->fault, options->foreign, &made->pair, err);
    }
    if (status != PCS_OK) {
        pcs_cosim_destroy(made);
        return status;
    }
    *cosim = made;
    return PCS_OK;
}

void pcs_cosim_destroy(pcs_cosim_t *cosim)
{
    if (cosim != NULL) {
        pcs_array_dev_destroy(cosim->pair);
        free(cosim);
    }
}

const pcs_array_config_t *pcs_cosim_array(const pcs_cosim_t *cosim)
{
    return &cosim->array;
}

pcs_status_t pcs_cosim_check(pcs_cosim_t *cosim, const pcs_tiles_t *tiles, pcs_cosim_result_t *result, pcs_error_t *err)
{
    *result = (pcs_cosim_result_t){0};
    check_t check = {
        .cosim = cosim, .tiles = tiles, .overflow = pcs_ariths[pcs_kind_arith(cosim->array.kind)].overflow};
    uint64_t clocks_before;
    uint64_t words_before;
    pcs_lockstep_compared(cosim->pair, &clocks_before, &words_before);
    pcs_status_t status = define(&check, err);
    if (status == PCS_OK) {
        const pcs_tiles_hooks_t hooks = {.user = &check, .row = compare_row, .clock = after_clock};
        status = pcs_tiles_run(cosim->pair, tiles, &hooks, err);
    }
    if (status == PCS_OK) {
        pcs_lockstep_compare_events(cosim->pair);
        check.difference = *pcs_lockstep_difference(cosim->pair);
        if (tiles->count == 1 && tiles->stalls.offer_percent == 0 && tiles->stalls.take_percent == 0) {
            compare_closed_form(&check);
        }
    }
    release(&check);
    pcs_lockstep_compared(cosim->pair, &result->clocks, &result->words);
    result->clocks -= clocks_before;
    result->words += check.words - words_before;
    memcpy(result->sums, check.sums, sizeof result->sums);
    memcpy(result->overflows, check.overflows, sizeof result->overflows);
    if (!check.difference.found) {
        return status;
    }
    result->difference = check.difference;
    describe(result, cosim, tiles);
    if (cosim->dump != NULL) {
        dump(cosim, tiles, result);
    }
    return pcs_fail(err, PCS_MISMATCH, "lock-step difference: %s", result->message);
}
