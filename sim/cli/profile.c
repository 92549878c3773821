#include "sim/cli/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void cli_threads_note(unsigned threads)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores > 0 && threads > (unsigned long)cores) {
        (void)printf("threads       %u on %ld cores: they take turns\n", threads, cores);
    }
}

double cli_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void mark(void *user, uint32_t layer, pcs_pass_t pass, pcs_stage_t stage)
{
    cli_profile_t *profile = user;
    const double now = cli_now();
    const uint32_t row = layer < CLI_PROFILE_LAYERS ? layer : CLI_PROFILE_LAYERS - 1U;
    profile->spent[row][pass][stage] += now - profile->since;
    profile->since = now;
}

void cli_profile_start(cli_profile_t *profile)
{
    memset(profile, 0, sizeof *profile);
    profile->hook = (pcs_profile_t){profile, mark};
    profile->since = cli_now();
}

void cli_profile_step(cli_profile_t *profile)
{
    mark(profile, 0, PCS_PASS_STEP, PCS_STAGE_OTHER);
    profile->steps++;
}

void cli_profile_skip(cli_profile_t *profile)
{
    profile->since = cli_now();
}

/* Milliseconds a step of one layer, pass and stage. */
static double part(const cli_profile_t *profile, uint32_t layer, pcs_pass_t pass, pcs_stage_t stage)
{
    return 1e3 * profile->spent[layer][pass][stage] / (double)(profile->steps > 0 ? profile->steps : 1);
}

static double of_stage(const cli_profile_t *profile, pcs_pass_t pass, pcs_stage_t stage)
{
    double sum = 0;
    for (uint32_t layer = 0; layer < CLI_PROFILE_LAYERS; layer++) {
        sum += part(profile, layer, pass, stage);
    }
    return sum;
}

static double of_layer(const cli_profile_t *profile, uint32_t layer, pcs_pass_t pass)
{
    double sum = 0;
    for (unsigned stage = 0; stage < PCS_STAGE_COUNT; stage++) {
        sum += part(profile, layer, pass, (pcs_stage_t)stage);
    }
    return sum;
}

static double all(const cli_profile_t *profile)
{
    double sum = 0;
    for (uint32_t layer = 0; layer < CLI_PROFILE_LAYERS; layer++) {
        for (unsigned pass = 0; pass < PCS_PASS_COUNT; pass++) {
            sum += of_layer(profile, layer, (pcs_pass_t)pass);
        }
    }
    return sum;
}

void cli_profile_print(const cli_profile_t *profile)
{
    const double total = all(profile);
    (void)printf("profile       %" PRIu64 " steps, milliseconds a step\n\n", profile->steps);
    (void)printf("  stage         forward  backward      step    share\n");
    for (unsigned s = 0; s < PCS_STAGE_COUNT; s++) {
        const pcs_stage_t stage = (pcs_stage_t)s;
        const double f = of_stage(profile, PCS_PASS_FORWARD, stage);
        const double b = of_stage(profile, PCS_PASS_BACKWARD, stage);
        const double o = of_stage(profile, PCS_PASS_STEP, stage);
        if (f + b + o > 0) {
            (void)printf("  %-12s %8.3f  %8.3f  %8.3f  %6.2f %%\n", pcs_stage_name(stage), f, b, o,
                         100.0 * (f + b + o) / total);
        }
    }
    (void)printf("  all%46.2f ms\n\n  layer         forward  backward      step    share\n", total);
    for (uint32_t layer = 0; layer < CLI_PROFILE_LAYERS; layer++) {
        const double f = of_layer(profile, layer, PCS_PASS_FORWARD);
        const double b = of_layer(profile, layer, PCS_PASS_BACKWARD);
        const double o = of_layer(profile, layer, PCS_PASS_STEP);
        if (f + b + o > 0) {
            char name[24];
            (void)snprintf(name, sizeof name, layer == 0 ? "step" : "conv%" PRIu32, layer);
            (void)printf("  %-12s %8.3f  %8.3f  %8.3f  %6.2f %%\n", name, f, b, o, 100.0 * (f + b + o) / total);
        }
    }
}

static cJSON *stage_rows(const cli_profile_t *profile)
{
    cJSON *rows = cJSON_CreateArray();
    for (uint32_t layer = 0; layer < CLI_PROFILE_LAYERS; layer++) {
        for (unsigned pass = 0; pass < PCS_PASS_COUNT; pass++) {
            for (unsigned stage = 0; stage < PCS_STAGE_COUNT; stage++) {
                const double ms = part(profile, layer, (pcs_pass_t)pass, (pcs_stage_t)stage);
                if (ms > 0) {
                    cJSON *row = cJSON_CreateObject();
                    (void)cJSON_AddNumberToObject(row, "layer", layer);
                    (void)cJSON_AddStringToObject(row, "pass", pcs_pass_name((pcs_pass_t)pass));
                    (void)cJSON_AddStringToObject(row, "stage", pcs_stage_name((pcs_stage_t)stage));
                    (void)cJSON_AddNumberToObject(row, "ms_per_step", ms);
                    (void)cJSON_AddItemToArray(rows, row);
                }
            }
        }
    }
    return rows;
}

cJSON *cli_profile_json(const cli_profile_t *profile)
{
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(object, "steps", (double)profile->steps);
    (void)cJSON_AddNumberToObject(object, "ms_per_step", all(profile));
    (void)cJSON_AddItemToObject(object, "parts", stage_rows(profile));
    return object;
}
