#include "tests/support/array_run.h"

#include <stdlib.h>
#include <string.h>

enum { ENOUGH = 100 }; /* failures after which a run ends */

static void same(const array_run_t *run, int64_t observed, int64_t expected, const char *what)
{
    const pcs_array_config_t *config = &run->script->config;
    if (observed != expected) { /* formatting a message costs more than all the rest */
        CHECK_EQ(observed, expected, "%s at clock %d: %u x %u %s %s, digit %u", what, (int)run->clock, config->rows,
                 config->cols, pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, config->digit);
    }
}

static void same_outputs(array_run_t *run, const pcs_array_out_t *out, const pcs_array_out_t *partner)
{
    const unsigned accs = run->script->accs;
    same(run, out->in_ready, partner->in_ready, "in_ready");
    same(run, out->out_valid, partner->out_valid, "out_valid");
    same(run, out->out_last, partner->out_last, "out_last");
    same(run, out->busy, partner->busy, "busy");
    same(run, out->error, partner->error, "error");
    for (unsigned c = 0; c < run->script->config.cols; c++) {
        same(run, out->col_valid[c], partner->col_valid[c], "col_valid");
        for (unsigned i = 0; partner->col_valid[c] && i < accs; i++) {
            same(run, out->acc[c * accs + i], partner->acc[c * accs + i], "out_acc");
            same(run, out->flags[c * accs + i], partner->flags[c * accs + i], "out_flags");
        }
    }
    run->words += 5 + run->script->config.cols;
}

static void same_registers(array_run_t *run)
{
    const pcs_array_config_t *config = &run->script->config;
    const size_t pes = (size_t)config->rows * config->cols;
    const uint32_t *image = run->dev->ops->probe(run->dev);
    const uint32_t *partner = run->partner->ops->probe(run->partner);
    for (size_t pe = 0; pe < pes && memcmp(image, partner, pes * PCS_PROBE_WORDS * sizeof *image) != 0; pe++) {
        for (int probe = 0; probe < PCS_PROBE_COUNT; probe++) {
            CHECK_EQ(pcs_probe_get(image, pe, (pcs_probe_t)probe), pcs_probe_get(partner, pe, (pcs_probe_t)probe),
                     "register %s of PE (%d, %d) after clock %d: %u x %u %s %s, digit %u", pcs_probes[probe].name,
                     (int)(pe / config->cols), (int)(pe % config->cols), (int)run->clock, config->rows, config->cols,
                     pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, config->digit);
        }
    }
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        same(run, (int64_t)run->dev->ops->csr(run->dev, (unsigned)PCS_CSR_EVENT_BASE + event),
             (int64_t)run->partner->ops->csr(run->partner, (unsigned)PCS_CSR_EVENT_BASE + event),
             pcs_events[event].name);
    }
    run->words += pes * PCS_PROBE_WORDS + PCS_EVENT_COUNT;
}

/* A row leaves: what it must be, and when. */
static void take_row(array_run_t *run, const pcs_array_out_t *out)
{
    const script_t *script = run->script;
    CHECK(run->out < script->rows, "a row too many at clock %d", (int)run->clock);
    if (run->out >= script->rows) {
        return;
    }
    const script_row_t *row = &script->row[run->out];
    same(run, (int64_t)run->clock, (int64_t)(run->accepted[row->step] + row->delay), "clock of a row");
    same(run, out->out_last, row->last, "out_last");
    for (unsigned c = 0; c < script->config.cols; c++) {
        same(run, out->col_valid[c], c < row->cols, "col_valid");
    }
    for (unsigned i = 0; i < row->cols * script->accs; i++) {
        same(run, out->acc[i], row->acc[i], "sum");
        same(run, out->flags[i], row->flags[i], "flags");
    }
    CHECK(true, "row");
    run->out++;
}

static bool stalls(const array_run_t *run)
{
    return run->stall > 0 && check_range(run->rng, 0, 7) < (int64_t)run->stall;
}

enum { ILLEGAL_MODE = 0xa }; /* of every kind: 10 bits, or the format E8M0 */

/* Makes an illegal step of a legal one. */
static void spoil(array_run_t *run, pcs_array_in_t *in)
{
    const pcs_array_config_t *config = &run->script->config;
    const bool streams = config->dataflow == PCS_DATAFLOW_OS || in->stream;
    const int64_t how = check_range(run->rng, 0, 3);
    const uint8_t none_or_too_many[] = {0, (uint8_t)(config->cols + 1)};
    if (streams && (!in->load || check_range(run->rng, 0, 1) == 0)) {
        in->first = true;
        in->mode = how == 0 ? ILLEGAL_MODE : how == 1 ? in->mode | 1U << 31U : in->mode;
        in->rows = how == 2 ? (uint8_t)(check_range(run->rng, 0, 1) * (config->rows + 1)) : in->rows;
        in->cols = how == 3 ? none_or_too_many[check_range(run->rng, 0, 1)] : in->cols;
    } else {
        in->load_mode = how <= 1 ? ILLEGAL_MODE : in->load_mode;
        in->load_row = how == 2 ? (uint8_t)config->rows : in->load_row;
        in->load_cols = how == 3 ? none_or_too_many[check_range(run->rng, 0, 1)] : in->load_cols;
    }
}

static void one_clock(array_run_t *run)
{
    static const pcs_array_in_t nothing;
    const script_t *script = run->script;
    const bool more = run->in < script->steps;
    pcs_array_in_t in = more ? script->step[run->in].in : nothing;
    const bool spoiled = more && run->disturb && check_range(run->rng, 0, 15) == 0;
    if (spoiled) {
        spoil(run, &in);
    }
    in.in_valid = more && !stalls(run);
    in.out_ready = !stalls(run);
    in.clear = run->disturb && check_range(run->rng, 0, 63) == 0;
    pcs_array_out_t out;
    pcs_array_out_t partner;
    run->dev->ops->step(run->dev, &in, &out);
    if (run->partner != NULL) {
        run->partner->ops->step(run->partner, &in, &partner);
        same_outputs(run, &out, &partner);
        if (check_range(run->rng, 1, run->probe_gap) == 1) {
            same_registers(run);
        }
    }
    if (in.in_valid && out.in_ready) {
        CHECK(!spoiled, "an illegal step was accepted");
        run->accepted[run->in++] = run->clock;
    }
    if (out.out_valid && in.out_ready) {
        take_row(run, &out);
    }
    run->clock += !out.out_valid || in.out_ready;
    run->clocks++;
}

void array_run(array_run_t *run, uint64_t most)
{
    const uint64_t patience = 1000 * (run->script->steps + run->script->rows + 1);
    run->in = 0;
    run->out = 0;
    run->clock = 0;
    run->accepted = calloc(run->script->steps, sizeof *run->accepted);
    PCS_ASSERT(run->accepted != NULL);
    for (uint64_t clock = 0; clock < most && clock < patience && check_failures() < ENOUGH; clock++) {
        if (run->in == run->script->steps && run->out == run->script->rows) {
            break;
        }
        one_clock(run);
    }
    free(run->accepted);
}

void array_run_cut(array_run_t *run)
{
    if (check_range(run->rng, 0, 2) == 0) {
        array_run(run, (uint64_t)check_range(run->rng, 1, 60));
        run->dev->ops->reset(run->dev);
        if (run->partner != NULL) {
            run->partner->ops->reset(run->partner);
        }
    }
}

void array_run_whole(array_run_t *run)
{
    array_run(run, UINT64_MAX);
    CHECK_EQ(run->in, run->script->steps, "steps accepted");
    CHECK_EQ(run->out, run->script->rows, "rows that left");
    if (!run->disturb) { /* no counter was cleared */
        CHECK_EQ(run->dev->ops->csr(run->dev, (unsigned)PCS_CSR_EVENT_BASE + PCS_EVENT_OVERFLOW),
                 run->script->overflows, "overflows");
    }
    if (run->partner != NULL) {
        same_registers(run);
    }
}
