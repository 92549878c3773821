/* Clocks a second of the cycle model and of the Verilated array, 16x16, on the same steps in one run, a line for each
   kind, dataflow and precision:
     <kind> <dataflow> <pa>x<pb> <cycle model, clocks/s> <RTL, clocks/s>
   and evaluations a second of the closed form:  closed-form <evaluations/s>
   The two take turns in short slices, and each figure is its middle slice: what disturbs the machine for a moment
   disturbs few slices, what slows it down for longer slows both.
   bench_array [--seconds S] [--no-rtl] [--kind K] [--dataflow D] [--precision P]: S for each figure, 0.5 unless told;
   without RTL its figure is 0; only lines of kind K (gated), dataflow D (os, ws) and precision P (8x8, e4m3xe4m3) where
   these are told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/format/float.h"
#include "models/mac/bfp.h"
#include "models/mac/mac.h"
#include "sim/bridge/rtl.h"
#include "tests/support/array_script.h"
#include "tests/support/check.h"

/* Seconds of this process: other programs of the machine do not count. */
static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

enum { SLICES = 9, CLOCKS = 1024 }; /* CLOCKS between two looks at the time */

/* A device that runs a script over and over. */
typedef struct runner {
    pcs_array_dev_t *dev;
    size_t at;           /* next step of the script */
    bool busy;           /* something of the script is in the array */
    double rate[SLICES]; /* clocks/s */
} runner_t;

static void run(runner_t *runner, const script_t *script)
{
    pcs_array_out_t out;
    for (unsigned i = 0; i < CLOCKS; i++) {
        if (runner->at == script->steps && !runner->busy) {
            runner->at = 0;
        }
        const bool ended = runner->at == script->steps;
        pcs_array_in_t in = script->step[ended ? 0 : runner->at].in;
        in.in_valid = !ended;
        in.out_ready = true;
        runner->dev->ops->step(runner->dev, &in, &out);
        const bool taken = in.in_valid && out.in_ready;
        runner->at += taken;
        runner->busy = taken || out.busy;
    }
}

static double clocks_per_second(runner_t *runner, const script_t *script, double seconds)
{
    uint64_t clocks = 0;
    const double start = now();
    double end;
    do {
        run(runner, script);
        clocks += CLOCKS;
        end = now();
    } while (end - start < seconds);
    return (double)clocks / (end - start);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double middle(runner_t *runner)
{
    qsort(runner->rate, SLICES, sizeof *runner->rate, compare);
    return runner->rate[SLICES / 2];
}

enum { ANCHOR = -20 }; /* 32 bits: sums below 2^11; only products of e5m2 and fp16 are cut off */

/* Numbers as layers have them: of about 1, bell-shaped, in the precision of an operand (the mode's pa or pb); or blocks
   of exponents some binades apart. */
static uint32_t random_word(check_rng_t *rng, pcs_kind_t kind, unsigned precision)
{
    if (kind == PCS_KIND_BFP) {
        const int64_t mantissa = check_range(rng, pcs_code_min(precision, true), pcs_code_max(precision, true));
        return pcs_bfp_code((unsigned)check_range(rng, PCS_BFP_BIAS - 10, PCS_BFP_BIAS - 5), (int)mantissa);
    }
    int64_t sum = 0;
    for (unsigned i = 0; i < 4; i++) {
        sum += check_range(rng, -(1 << 15), 1 << 15);
    }
    const pcs_parts_t number = {.class_ = sum == 0 ? PCS_CLASS_ZERO : PCS_CLASS_FINITE,
                                .sign = sum < 0,
                                .exponent = -15,
                                .significand = (uint64_t)(sum < 0 ? -sum : sum)};
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE};
    return pcs_round_pack(&pcs_formats[precision], number, &state).bits;
}

static void fill(script_t *script, const pcs_mode_t *mode)
{
    const pcs_array_config_t *config = &script->config;
    check_rng_t rng = {1, 0};
    if (pcs_kind_is_integer(config->kind)) {
        script_fill(script, &rng);
        return;
    }
    for (size_t i = 0; i < script->steps; i++) {
        for (unsigned r = 0; r < config->rows; r++) {
            script_words(script, i)[r] = random_word(&rng, config->kind, mode->pa);
        }
        for (unsigned c = 0; c < config->cols; c++) {
            script_words(script, i)[config->rows + c] = random_word(&rng, config->kind, mode->pb);
        }
    }
}

/* A line: both operands of `precision` bits, mantissa bits, or the format of this number. */
static void devices(const pcs_array_config_t *config, unsigned precision, const char *name, double seconds,
                    bool with_rtl)
{
    const bool ws = config->dataflow == PCS_DATAFLOW_WS;
    const bool integers = pcs_kind_is_integer(config->kind);
    const pcs_mode_t mode = {.pa = (uint8_t)precision,
                             .pb = (uint8_t)precision,
                             .a_signed = integers,
                             .b_signed = integers,
                             .anchor = integers ? 0 : ANCHOR};
    const uint64_t longest = pcs_array_segment_max(config, &mode);
    /* Up to 8,192 steps: they stay in the cache, as those of a driver that makes them do. */
    const uint64_t k = ws ? 256 : 2048;
    const pcs_array_job_t job = {ws ? 256 : 32, 32, k, 1, longest < k ? longest : k, mode};
    pcs_error_t err = {0};
    runner_t cycle = {0};
    runner_t rtl = {0};
    script_t script;
    script_job(&script, config, &job);
    fill(&script, &mode);
    CHECK_OK(pcs_array_cycle_create(config, &cycle.dev, &err), &err);
    if (with_rtl) {
        CHECK_OK(pcs_rtl_create(config, NULL, &rtl.dev, &err), &err);
    }
    for (unsigned i = 0; i < SLICES; i++) {
        cycle.rate[i] = clocks_per_second(&cycle, &script, seconds / SLICES);
        rtl.rate[i] = with_rtl ? clocks_per_second(&rtl, &script, seconds / SLICES) : 0;
    }
    (void)printf("%s %s %s %.0f %.0f\n", pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, name,
                 middle(&cycle), middle(&rtl));
    (void)fflush(stdout);
    pcs_array_dev_destroy(cycle.dev);
    pcs_array_dev_destroy(rtl.dev);
    script_free(&script);
}

/* GEMMs of changing shapes, kinds and dataflows. */
static double closed_forms(double seconds)
{
    uint64_t count = 0;
    uint64_t sum = 0;
    const unsigned integer_kinds = pcs_integer_kinds();
    const double start = now();
    double end;
    do {
        for (unsigned i = 0; i < 10000; i++, count++) {
            const pcs_array_config_t config = {
                16, 16, pcs_integer_kind(i % integer_kinds), 32, (pcs_dataflow_t)(i & 1U), 1};
            const pcs_array_job_t job = {100 + i % 1000,      64 + i % 77,
                                         600 + 2 * (i % 500), 2,
                                         1 + i % 16,          {.pa = (uint8_t)(2 + i % 7), .pb = (uint8_t)(2 + i % 6)}};
            pcs_counts_t counts;
            pcs_array_counts(&config, &job, &counts);
            sum += counts.n[PCS_EVENT_CYCLE];
        }
        end = now();
    } while (end - start < seconds);
    PCS_ASSERT(sum > 0); /* the work is used */
    return (double)count / (end - start);
}

/* The line is not one of those asked for: the flag names another. */
static bool skipped(int argc, char **argv, const char *flag, const char *name)
{
    const char *asked = name;
    (void)check_flag(argc, argv, flag, &asked);
    return strcmp(asked, name) != 0;
}

int main(int argc, char **argv)
{
    const unsigned bits[] = {8, 4, 2};
    const unsigned formats[] = {PCS_FORMAT_E4M3, PCS_FORMAT_E5M2, PCS_FORMAT_FP16};
    const char *text = "0.5";
    (void)check_flag(argc, argv, "--seconds", &text);
    const bool with_rtl = !check_flag(argc, argv, "--no-rtl", NULL);
    const double seconds = strtod(text, NULL);
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        const bool floats = pcs_kind_arith((pcs_kind_t)kind) == PCS_ARITH_FLOAT;
        for (int dataflow = PCS_DATAFLOW_OS; dataflow <= PCS_DATAFLOW_WS; dataflow++) {
            const pcs_array_config_t config = {16, 16, (pcs_kind_t)kind, 32, (pcs_dataflow_t)dataflow, 1};
            for (unsigned i = 0; i < 3; i++) {
                const unsigned precision = floats ? formats[i] : bits[i];
                const char digit[2] = {(char)('0' + bits[i]), 0};
                const char *operand = floats ? pcs_formats[precision].name : digit;
                char name[32];
                (void)snprintf(name, sizeof name, "%sx%s", operand, operand);
                if (!skipped(argc, argv, "--kind", pcs_kinds[kind].name) &&
                    !skipped(argc, argv, "--dataflow", pcs_dataflows[dataflow].name) &&
                    !skipped(argc, argv, "--precision", name)) {
                    devices(&config, precision, name, seconds, with_rtl);
                }
            }
        }
    }
    (void)printf("closed-form %.0f\n", closed_forms(seconds));
    return 0;
}
