/* The cycle model against a plain model of the same array in every register, output and counter after every clock,
   against sums by definition, against the clocks of array.h and against the closed form: random configurations, mode
   changes between tiles, ragged edges, K = 1, stalls on both ports, refused steps, cleared counters, resets. */
#include <stdlib.h>
#include <string.h>

#include "models/array/array.h"
#include "tests/support/array_run.h"
#include "tests/support/plain_array.h"

/* Offers all steps and lets everything leave. */
static void run_job(array_run_t *run)
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
    const int64_t acc_min = pcs_ariths[pcs_kind_arith(kind)].acc_min;
    *config = (pcs_array_config_t){
        .rows = (unsigned)check_range(rng, 1, most),
        .cols = (unsigned)check_range(rng, 1, most),
        .kind = kind,
        .acc_bits = (unsigned)check_range(rng, acc_min, check_range(rng, 0, 1) == 0 ? acc_min + 4 : PCS_ACC_MAX_BITS),
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
    array_run_t run = {.script = &script, .rng = rng, .probe_gap = probe_gap, .disturb = check_range(rng, 0, 2) == 0};
    run.stall = (unsigned)check_range(rng, 0, 2) * 2;
    CHECK_OK(pcs_array_cycle_create(config, &run.dev, &err), &err);
    run.partner = plain ? plain_array_create(config) : NULL;
    array_run_cut(&run);
    if (flip) { /* the twin: a register of the cycle model that shows one bit wrong */
        CHECK(pcs_array_cycle_flip(run.dev, config->rows - 1, config->cols - 1, PCS_PROBE_ACC, 3), "flip");
    }
    array_run_whole(&run);
    pcs_array_dev_destroy(run.dev);
    pcs_array_dev_destroy(run.partner);
    script_free(&script);
    return run.words;
}

/* A job without stalls: all event counts equal the closed form. */
static void counts(check_rng_t *rng, const pcs_array_config_t *config, bool inject)
{
    pcs_array_job_t job = {.m = (uint64_t)check_range(rng, 1, 20),
                           .n = (uint64_t)check_range(rng, 1, 20),
                           .groups = (uint64_t)check_range(rng, 1, 3),
                           .mode = script_mode(rng, config->kind)};
    const uint64_t group = (uint64_t)check_range(rng, 1, 30);
    const uint64_t longest = pcs_array_segment_max(config, &job.mode);
    job.k = job.groups * group;
    job.segment = (uint64_t)check_range(rng, 1, (int64_t)(group < longest ? group : longest));
    script_t script;
    pcs_error_t err = {0};
    pcs_counts_t expected;
    script_job(&script, config, &job);
    array_run_t run = {.script = &script, .rng = rng, .probe_gap = 1};
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
