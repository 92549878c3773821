/* The cycle model against a plain model of the same array in every register, output and counter after every clock,
   against sums by definition, against the clocks of array.h and against the closed form: random configurations, mode
   changes between tiles, ragged edges, K = 1, stalls on both ports, refused steps, cleared counters, resets. */
#include <stdlib.h>
#include <string.h>

#include "models/array/array.h"
#include "tests/support/array_script.h"
#include "tests/support/plain_array.h"

typedef struct run {
    pcs_array_dev_t *dev, *plain; /* plain: NULL, not compared */
    const script_t *script;
    check_rng_t *rng;
    unsigned stall;     /* of 8 clocks, in how many a port stalls */
    bool disturb;       /* refused steps and cleared counters in between */
    unsigned probe_gap; /* registers are compared every so many clocks, at random */
    uint64_t clock;     /* clocks in which the array was not frozen */
    uint64_t *accepted; /* (steps) clock of each step's acceptance */
    size_t in, out;     /* steps accepted, rows taken */
    uint64_t overflows;
    uint64_t words; /* compared with the plain model */
} run_t;

static void same(const run_t *run, int64_t observed, int64_t expected, const char *what)
{
    const pcs_array_config_t *config = &run->script->config;
    if (observed != expected) { /* formatting a message costs more than all the rest */
        CHECK_EQ(observed, expected, "%s at clock %d: %u x %u %s %s, digit %u", what, (int)run->clock, config->rows,
                 config->cols, pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, config->digit);
    }
}

static void same_outputs(run_t *run, const pcs_array_out_t *out, const pcs_array_out_t *plain)
{
    const unsigned accs = run->script->accs;
    same(run, out->in_ready, plain->in_ready, "in_ready");
    same(run, out->out_valid, plain->out_valid, "out_valid");
    same(run, out->out_last, plain->out_last, "out_last");
    same(run, out->busy, plain->busy, "busy");
    same(run, out->error, plain->error, "error");
    for (unsigned c = 0; c < run->script->config.cols; c++) {
        same(run, out->col_valid[c], plain->col_valid[c], "col_valid");
        for (unsigned i = 0; plain->col_valid[c] && i < accs; i++) {
            same(run, out->acc[c * accs + i], plain->acc[c * accs + i], "out_acc");
            same(run, out->overflow[c * accs + i], plain->overflow[c * accs + i], "out_ovf");
        }
    }
    run->words += 5 + run->script->config.cols;
}

static void same_registers(run_t *run)
{
    const pcs_array_config_t *config = &run->script->config;
    const size_t pes = (size_t)config->rows * config->cols;
    const uint32_t *image = run->dev->ops->probe(run->dev);
    const uint32_t *plain = run->plain->ops->probe(run->plain);
    for (size_t pe = 0; pe < pes && memcmp(image, plain, pes * PCS_PROBE_WORDS * sizeof *image) != 0; pe++) {
        for (int probe = 0; probe < PCS_PROBE_COUNT; probe++) {
            CHECK_EQ(pcs_probe_get(image, pe, (pcs_probe_t)probe), pcs_probe_get(plain, pe, (pcs_probe_t)probe),
                     "register %s of PE (%d, %d) after clock %d: %u x %u %s %s, digit %u", pcs_probes[probe].name,
                     (int)(pe / config->cols), (int)(pe % config->cols), (int)run->clock, config->rows, config->cols,
                     pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, config->digit);
        }
    }
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        same(run, (int64_t)run->dev->ops->csr(run->dev, (unsigned)PCS_CSR_EVENT_BASE + event),
             (int64_t)run->plain->ops->csr(run->plain, (unsigned)PCS_CSR_EVENT_BASE + event), pcs_events[event].name);
    }
    run->words += pes * PCS_PROBE_WORDS + PCS_EVENT_COUNT;
}

/* A row leaves: what it must be, and when. */
static void take_row(run_t *run, const pcs_array_out_t *out)
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
        same(run, out->overflow[i], row->overflow[i], "overflow");
        run->overflows += row->overflow[i];
    }
    CHECK(true, "row");
    run->out++;
}

static bool stalls(const run_t *run)
{
    return run->stall > 0 && check_range(run->rng, 0, 7) < (int64_t)run->stall;
}

/* Makes an illegal step of a legal one. */
static void spoil(run_t *run, pcs_array_in_t *in)
{
    const pcs_array_config_t *config = &run->script->config;
    const bool streams = config->dataflow == PCS_DATAFLOW_OS || in->stream;
    const int64_t how = check_range(run->rng, 0, 3);
    const uint8_t none_or_too_many[] = {0, (uint8_t)(config->cols + 1)};
    if (streams && (!in->load || check_range(run->rng, 0, 1) == 0)) {
        in->first = true;
        in->mode = how == 0 ? 1 : how == 1 ? in->mode | 1U << 31U : in->mode;
        in->rows = how == 2 ? (uint8_t)(check_range(run->rng, 0, 1) * (config->rows + 1)) : in->rows;
        in->cols = how == 3 ? none_or_too_many[check_range(run->rng, 0, 1)] : in->cols;
    } else {
        in->load_mode = how <= 1 ? 1 : in->load_mode;
        in->load_row = how == 2 ? (uint8_t)config->rows : in->load_row;
        in->load_cols = how == 3 ? none_or_too_many[check_range(run->rng, 0, 1)] : in->load_cols;
    }
}

static void one_clock(run_t *run)
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
    pcs_array_out_t plain;
    run->dev->ops->step(run->dev, &in, &out);
    if (run->plain != NULL) {
        run->plain->ops->step(run->plain, &in, &plain);
        same_outputs(run, &out, &plain);
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
}

/* Runs the script to its end, or its first `most` clocks. */
static void run_script(run_t *run, uint64_t most)
{
    const uint64_t patience = 1000000;
    run->in = 0;
    run->out = 0;
    run->clock = 0;
    run->overflows = 0;
    run->accepted = calloc(run->script->steps, sizeof *run->accepted);
    PCS_ASSERT(run->accepted != NULL);
    for (uint64_t clock = 0; clock < most && clock < patience; clock++) {
        if (run->in == run->script->steps && run->out == run->script->rows) {
            break;
        }
        one_clock(run);
    }
    free(run->accepted);
}

/* Offers all steps and lets everything leave. */
static void run_job(run_t *run)
{
    pcs_array_out_t out = {.busy = true};
    for (size_t i = 0; i < run->script->steps || out.busy;) {
        pcs_array_in_t in = {.out_ready = true};
        if (i < run->script->steps) {
            in = run->script->step[i].in;
            in.out_ready = true;
        }
        run->dev->ops->step(run->dev, &in, &out);
        if (in.in_valid && out.in_ready) {
            i++;
            out.busy = true;
        }
    }
}

static void random_config(check_rng_t *rng, unsigned most, pcs_array_config_t *config)
{
    const pcs_kind_t kind = (pcs_kind_t)check_range(rng, 0, PCS_KIND_COUNT - 1);
    *config = (pcs_array_config_t){
        .rows = (unsigned)check_range(rng, 1, most),
        .cols = (unsigned)check_range(rng, 1, most),
        .kind = kind,
        .acc_bits = (unsigned)check_range(rng, PCS_ACC_MIN_BITS, check_range(rng, 0, 1) == 0 ? 20 : PCS_ACC_MAX_BITS),
        .dataflow = (pcs_dataflow_t)check_range(rng, PCS_DATAFLOW_OS, PCS_DATAFLOW_WS),
        .digit = 1U << (unsigned)check_range(rng, 0, pcs_kinds[kind].digit_max / 2),
    };
}

/* Random tiles, in lock-step with the plain model when `plain`. */
static uint64_t tiles(check_rng_t *rng, const pcs_array_config_t *config, bool plain, unsigned probe_gap, bool flip)
{
    script_t script;
    pcs_error_t err = {0};
    script_random(&script, config, rng, 6, check_range(rng, 0, 3) == 0 ? 60 : 12);
    run_t run = {.script = &script, .rng = rng, .probe_gap = probe_gap, .disturb = check_range(rng, 0, 2) == 0};
    run.stall = (unsigned)check_range(rng, 0, 2) * 2;
    CHECK_OK(pcs_array_cycle_create(config, &run.dev, &err), &err);
    run.plain = plain ? plain_array_create(config) : NULL;
    if (check_range(rng, 0, 2) == 0) { /* a reset in mid-run */
        run_script(&run, (uint64_t)check_range(rng, 1, 60));
        run.dev->ops->reset(run.dev);
        if (plain) {
            run.plain->ops->reset(run.plain);
        }
    }
    if (flip) { /* the twin: a register of the cycle model that shows one bit wrong */
        CHECK(pcs_array_cycle_flip(run.dev, config->rows - 1, config->cols - 1, PCS_PROBE_ACC, 3), "flip");
    }
    run_script(&run, UINT64_MAX);
    CHECK_EQ(run.in, script.steps, "steps accepted");
    CHECK_EQ(run.out, script.rows, "rows that left");
    if (!run.disturb) { /* no counter was cleared */
        CHECK_EQ(run.dev->ops->csr(run.dev, (unsigned)PCS_CSR_EVENT_BASE + PCS_EVENT_OVERFLOW), script.overflows,
                 "overflows");
    }
    pcs_array_dev_destroy(run.dev);
    pcs_array_dev_destroy(run.plain);
    script_free(&script);
    return run.words;
}

/* A job without stalls: all event counts equal the closed form. */
static void counts(check_rng_t *rng, const pcs_array_config_t *config, bool inject)
{
    pcs_array_job_t job = {.m = (uint64_t)check_range(rng, 1, 20),
                           .n = (uint64_t)check_range(rng, 1, 20),
                           .groups = (uint64_t)check_range(rng, 1, 3),
                           .mode = {(uint8_t)check_range(rng, 2, 8), (uint8_t)check_range(rng, 2, 8), false, true,
                                    check_range(rng, 0, 1) == 1, false}};
    const uint64_t group = (uint64_t)check_range(rng, 1, 30);
    const uint64_t longest = pcs_array_segment_max(config, &job.mode);
    job.k = job.groups * group;
    job.segment = (uint64_t)check_range(rng, 1, (int64_t)(group < longest ? group : longest));
    script_t script;
    pcs_error_t err = {0};
    pcs_counts_t expected;
    script_job(&script, config, &job);
    run_t run = {.script = &script, .rng = rng, .probe_gap = 1};
    CHECK_OK(pcs_array_cycle_create(config, &run.dev, &err), &err);
    run_job(&run);
    pcs_array_counts(config, &job, &expected);
    expected.n[PCS_EVENT_CYCLE] += inject; /* the twin: a closed form that is wrong by one clock */
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        CHECK_EQ(run.dev->ops->csr(run.dev, (unsigned)PCS_CSR_EVENT_BASE + event), expected.n[event],
                 "event %s, %u x %u %s %s, digit %u, job %d x %d x %d, groups %d, segment %d, %u x %u bits",
                 pcs_events[event].name, config->rows, config->cols, pcs_kinds[config->kind].name,
                 pcs_dataflows[config->dataflow].name, config->digit, (int)job.m, (int)job.n, (int)job.k,
                 (int)job.groups, (int)job.segment, job.mode.pa, job.mode.pb);
    }
    pcs_array_dev_destroy(run.dev);
    script_free(&script);
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    const bool flip = check_flag(argc, argv, "--flip", NULL);
    const char *text = "200";
    (void)check_flag(argc, argv, "--count", &text);
    const long count = strtol(text, NULL, 10);
    uint64_t words = 0;
    for (long i = 0; i < count; i++) {
        pcs_array_config_t config;
        random_config(&rng, i % 2 == 0 ? 4 : 9, &config);
        words += tiles(&rng, &config, true, i % 4 == 3 ? 40 : 1, flip);
        counts(&rng, &config, inject);
    }
    for (int dataflow = PCS_DATAFLOW_OS; dataflow <= PCS_DATAFLOW_IS; dataflow++) {
        for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
            const pcs_array_config_t large = {64, 48, (pcs_kind_t)kind, 32, (pcs_dataflow_t)dataflow, 1};
            words += tiles(&rng, &large, false, 1, false);
            counts(&rng, &large, inject);
        }
    }
    CHECK(words > 0, "nothing was compared with the plain model");
    return check_done("cycle model against plain model, definition and closed form");
}
