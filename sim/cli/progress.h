/* What a person sees while a run goes on: a bar on a terminal, a line now and then elsewhere, nothing when quiet. */
#ifndef PCS_SIM_CLI_PROGRESS_H
#define PCS_SIM_CLI_PROGRESS_H

#include <stdbool.h>

#include "workloads/train/train.h"

typedef struct cli_progress {
    bool quiet, terminal, bar_shown;
    uint64_t first; /* iteration that this process began with */
    double start_s; /* monotonic */
    double last_bar_s;
} cli_progress_t;

void cli_progress_start(cli_progress_t *progress, bool quiet, uint64_t first);
void cli_progress_iteration(cli_progress_t *progress, const pcs_train_progress_t *at);
void cli_progress_eval(cli_progress_t *progress, const pcs_train_eval_t *eval);
/* Leaves the bar's line, so that other output starts on its own. */
void cli_progress_end(cli_progress_t *progress);

/* Seconds of a clock that only goes forward. */
double cli_now_s(void);

#endif
