/* precess schedule: a precision schedule as CSV, JSON or a picture, and its BitOPs saving. */
#include "sim/cli/schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "workloads/train/config.h"

enum { PLOT_WIDTH = 72 };

/* Means over the run. */
typedef struct means {
    double fw, bw;
} means_t;

static means_t mean_bits(const pcs_schedule_t *schedule)
{
    pcs_schedule_counts_t counts;
    pcs_schedule_count(schedule, &counts);
    uint64_t fw_sum = 0;
    uint64_t bw_sum = 0;
    for (uint64_t fw = PCS_PREC_MIN; fw <= PCS_PREC_MAX; fw++) {
        for (uint64_t bw = PCS_PREC_MIN; bw <= PCS_PREC_MAX; bw++) {
            fw_sum += counts.n[fw][bw] * fw;
            bw_sum += counts.n[fw][bw] * bw;
        }
    }
    return (means_t){(double)fw_sum / (double)schedule->iterations, (double)bw_sum / (double)schedule->iterations};
}

static void print_csv(const pcs_schedule_t *schedule)
{
    (void)printf("iteration,fw_bits,bw_bits\n");
    for (uint64_t t = 0; t < schedule->iterations; t++) {
        unsigned fw = 0;
        unsigned bw = 0;
        pcs_schedule_bits(schedule, t, &fw, &bw);
        (void)printf("%" PRIu64 ",%u,%u\n", t, fw, bw);
    }
}

/* Draws `span` iterations: a row per bit-width, forward bits as blocks. */
static void draw(const pcs_schedule_t *schedule, uint64_t span)
{
    unsigned column[PLOT_WIDTH];
    unsigned low = 8;
    unsigned high = 2;
    const unsigned width = span < PLOT_WIDTH ? (unsigned)span : PLOT_WIDTH;
    for (unsigned x = 0; x < width; x++) {
        unsigned bw = 0;
        pcs_schedule_bits(schedule, (2U * x + 1U) * span / (2U * width), &column[x], &bw);
        low = column[x] < low ? column[x] : low;
        high = column[x] > high ? column[x] : high;
    }
    for (unsigned bits = high; bits >= low; bits--) {
        (void)printf("%2u bit |", bits);
        for (unsigned x = 0; x < width; x++) {
            (void)fputs(column[x] == bits ? "█" : column[x] > bits ? "·" : " ", stdout);
        }
        (void)printf("\n");
    }
    (void)printf("       0%*" PRIu64 " iterations\n", (int)width, span);
}

void cli_schedule_note(const pcs_schedule_t *schedule)
{
    if (!pcs_schedule_cyclic(schedule)) {
        return;
    }
    const uint64_t length = schedule->iterations / schedule->cycles;
    const uint64_t rest = schedule->iterations - length * schedule->cycles;
    unsigned fw;
    unsigned bw;
    pcs_schedule_bits(schedule, schedule->iterations - 1U, &fw, &bw);
    if (fw == schedule->fw_max) {
        return;
    }
    (void)printf("schedule      the run ends at %u bit, not at %u", fw, schedule->fw_max);
    if (rest > 0) {
        (void)printf(": behind %" PRIu64 " cycles of %" PRIu64 " iterations %" PRIu64 " %s, another cycle's first",
                     schedule->cycles, length, rest, rest == 1 ? "is left" : "are left");
    }
    (void)printf("\n");
}

static void print_picture(const char *spec, const pcs_schedule_t *schedule)
{
    const means_t mean = mean_bits(schedule);
    const bool cyclic = pcs_schedule_cyclic(schedule);
    const bool first_two = cyclic && schedule->cycles > 8; /* more would not be seen; some kinds go down, then up */
    (void)printf("%s, %" PRIu64 " iterations", spec, schedule->iterations);
    if (cyclic) {
        (void)printf(", %" PRIu64 " cycles%s", schedule->cycles, first_two ? "; forward bits of the first two:" : ":");
    }
    (void)printf("\n");
    cli_schedule_note(schedule);
    (void)printf("\n");
    draw(schedule, first_two ? 2 * (schedule->iterations / schedule->cycles) : schedule->iterations);
    (void)printf("\nmean forward bits   %.4f\nmean backward bits  %.4f\n", mean.fw, mean.bw);
    (void)printf("BitOPs saving       %.2f %% against static 8/8 (published convention: forward, dgrad and wgrad of "
                 "every layer)\n",
                 100.0 * (1.0 - pcs_schedule_bitops(schedule)));
}

static pcs_status_t print_json(const char *spec, const pcs_schedule_t *schedule, pcs_error_t *err)
{
    const means_t mean = mean_bits(schedule);
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "schedule", spec);
    (void)cJSON_AddNumberToObject(object, "iterations", (double)schedule->iterations);
    (void)cJSON_AddNumberToObject(object, "cycles", (double)schedule->cycles);
    (void)cJSON_AddNumberToObject(object, "mean_fw_bits", mean.fw);
    (void)cJSON_AddNumberToObject(object, "mean_bw_bits", mean.bw);
    (void)cJSON_AddNumberToObject(object, "bitops_relative_to_static_8_8", pcs_schedule_bitops(schedule));
    (void)cJSON_AddNumberToObject(object, "bitops_saving_percent", 100.0 * (1.0 - pcs_schedule_bitops(schedule)));
    return cli_json_print(object, err);
}

pcs_status_t cli_schedule(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    static const char *const only[] = {"train.iterations", "precision.cycles", NULL};
    pcs_config_t config;
    pcs_config_defaults(&config);
    bool csv = false;
    bool json = false;
    char about[2048];
    (void)snprintf(about, sizeof about,
                   "Shows the bits of each iteration and the BitOPs saving.  SPEC is one of\n%s"
                   "--iterations must be given.",
                   pcs_schedule_help());
    cli_args_t args = {
        .command = "schedule",
        .usage = "SPEC --iterations N [--cycles C] [--csv | --json]",
        .about = about,
        .sets = {{cli_config_keys, cli_config_key_count, only, &config}},
        .switches = {{"csv", 0, &csv, NULL, NULL, "print iteration,fw_bits,bw_bits rows"},
                     {"json", 0, &json, NULL, NULL, "print one JSON object"}},
        .operands_max = 1,
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    status = status == PCS_OK ? cli_args_apply(&args, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    if (args.operands != 1 || config.iterations == 0) {
        return pcs_fail(err, PCS_INVALID, "schedule: %s; legal: %s",
                        args.operands != 1 ? "SPEC is missing" : "--iterations is missing or 0", args.usage);
    }
    pcs_schedule_t schedule;
    status = pcs_schedule_parse(args.operand[0], config.iterations, config.cycles, &schedule, err);
    if (status != PCS_OK) {
        return status;
    }
    if (json) {
        status = print_json(args.operand[0], &schedule, err);
    } else if (csv) {
        print_csv(&schedule);
    } else {
        print_picture(args.operand[0], &schedule);
    }
    pcs_schedule_free(&schedule);
    return status;
}
