/* Clocks a second of the cycle model and of the Verilated array, 16x16, on the same steps in one run, a line for each
   kind, dataflow and precision:
     <kind> <dataflow> <pa>x<pb> <cycle model, clocks/s> <RTL, clocks/s>
   and evaluations a second of the closed form:  closed-form <evaluations/s>
   bench_array [--seconds S] [--no-rtl] [--kind K] [--dataflow D] [--bits N]: S for each figure, 0.5 unless told;
   without RTL its figure is 0; only lines of kind K (gated), dataflow D (os, ws) and precision N x N where these are
   told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* Runs the script once; clocks. */
static uint64_t run(pcs_array_dev_t *dev, const script_t *script)
{
    uint64_t clocks = 0;
    pcs_array_out_t out = {.busy = true};
    for (size_t i = 0; i < script->steps || out.busy; clocks++) {
        pcs_array_in_t in = script->step[i < script->steps ? i : 0].in;
        in.in_valid = i < script->steps;
        in.out_ready = true;
        dev->ops->step(dev, &in, &out);
        if (in.in_valid && out.in_ready) {
            i++;
            out.busy = true;
        }
    }
    return clocks;
}

static double clocks_per_second(pcs_array_dev_t *dev, const script_t *script, double seconds)
{
    uint64_t clocks = 0;
    (void)run(dev, script);
    const double start = now();
    double end;
    do {
        clocks += run(dev, script);
        end = now();
    } while (end - start < seconds);
    return (double)clocks / (end - start);
}

static void devices(const pcs_array_config_t *config, unsigned bits, double seconds, bool with_rtl)
{
    const bool ws = config->dataflow == PCS_DATAFLOW_WS;
    const pcs_mode_t mode = {.pa = (uint8_t)bits, .pb = (uint8_t)bits, .a_signed = true, .b_signed = true};
    const uint64_t longest = pcs_array_segment_max(config, &mode);
    const pcs_array_job_t job = {ws ? 256 : 32, 32, 2048, 1, longest < 2048 ? longest : 2048, mode};
    pcs_error_t err = {0};
    pcs_array_dev_t *cycle = NULL;
    pcs_array_dev_t *rtl = NULL;
    check_rng_t rng = {1, 0};
    script_t script;
    script_job(&script, config, &job);
    script_fill(&script, &rng);
    CHECK_OK(pcs_array_cycle_create(config, &cycle, &err), &err);
    const double model = clocks_per_second(cycle, &script, seconds);
    double device = 0;
    if (with_rtl) {
        CHECK_OK(pcs_rtl_create(config, NULL, &rtl, &err), &err);
        device = clocks_per_second(rtl, &script, seconds);
    }
    (void)printf("%s %s %ux%u %.0f %.0f\n", pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, bits,
                 bits, model, device);
    (void)fflush(stdout);
    pcs_array_dev_destroy(cycle);
    pcs_array_dev_destroy(rtl);
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
    const char *text = "0.5";
    (void)check_flag(argc, argv, "--seconds", &text);
    const bool with_rtl = !check_flag(argc, argv, "--no-rtl", NULL);
    const double seconds = strtod(text, NULL);
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        for (int dataflow = PCS_DATAFLOW_OS; dataflow <= PCS_DATAFLOW_WS; dataflow++) {
            const pcs_array_config_t config = {16, 16, (pcs_kind_t)kind, 32, (pcs_dataflow_t)dataflow, 1};
            for (unsigned bits = 8; bits >= 2; bits /= 2) {
                const char digit[2] = {(char)('0' + bits), 0};
                if (!skipped(argc, argv, "--kind", pcs_kinds[kind].name) &&
                    !skipped(argc, argv, "--dataflow", pcs_dataflows[dataflow].name) &&
                    !skipped(argc, argv, "--bits", digit)) {
                    devices(&config, bits, seconds, with_rtl);
                }
            }
        }
    }
    (void)printf("closed-form %.0f\n", closed_forms(seconds));
    return 0;
}
