/* Wall-clock time of training steps by layer, pass and stage (workloads/nn/profile.h). */
#ifndef PCS_SIM_CLI_PROFILE_H
#define PCS_SIM_CLI_PROFILE_H

#include <cjson/cJSON.h>

#include "workloads/nn/profile.h"

/* Layers with a number above the last one are added to the last. */
enum { CLI_PROFILE_LAYERS = 160 };

typedef struct cli_profile {
    pcs_profile_t hook; /* what a step gets */
    double since;       /* time of the latest mark, s */
    uint64_t steps;
    double spent[CLI_PROFILE_LAYERS][PCS_PASS_COUNT][PCS_STAGE_COUNT]; /* s */
} cli_profile_t;

/* Says so on stdout when there are more threads than cores: legal, and slow. */
void cli_threads_note(unsigned threads);

/* Seconds of a clock that only goes forward. */
double cli_now(void);

/* Zeroes all times and starts the clock.  The profile must not move while a step uses its hook. */
void cli_profile_start(cli_profile_t *profile);
/* A step has ended; what the caller did since the last mark is PCS_STAGE_OTHER. */
void cli_profile_step(cli_profile_t *profile);
/* What was done since the last mark belongs to no step: an evaluation. */
void cli_profile_skip(cli_profile_t *profile);
/* Tables on stdout: milliseconds per step, by stage and by layer. */
void cli_profile_print(const cli_profile_t *profile);
/* {"steps", "stages": [...], "layers": [...]}; NULL when out of memory. */
cJSON *cli_profile_json(const cli_profile_t *profile);

#endif
