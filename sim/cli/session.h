/* A training run from an opened configuration to its files. */
#ifndef PCS_SIM_CLI_SESSION_H
#define PCS_SIM_CLI_SESSION_H

#include "sim/cli/collect.h"
#include "sim/cli/files.h"
#include "sim/cli/lockstep.h"
#include "sim/cli/model.h"
#include "sim/cli/profile.h"
#include "sim/cli/progress.h"
#include "sim/cli/rundir.h"
#include "workloads/train/train.h"

typedef struct cli_session {
    pcs_config_t config;
    cli_rundir_mode_t mode;
    bool quiet;
    bool bare;      /* the run is in floating point or binary32: no array, nothing checked */
    bool profiling; /* print where the time of training steps went */
    cli_profile_t profile;
    pcs_array_config_t array;
    pcs_energy_table_t *table;
    pcs_array_dev_t *dev;
    cli_lockstep_t *lockstep;
    pcs_engine_t *engine, *evaluator;
    pcs_train_t *train;
    cli_layers_t layers;
    cli_collect_t collect;
    cli_progress_t progress;
    cli_append_t metrics, evals;
    cli_append_t checks; /* of a run in floating point: casts */
    uint64_t keep[3];    /* bytes of the three that a checkpoint says are right */
    cli_text_t blob;     /* the last state given to a checkpoint */
} cli_session_t;

/* Opens everything that can fail for a reason of the caller's; nothing is written.  The session is zeroed but for
   config, mode and quiet. */
PCS_MUST_CHECK pcs_status_t cli_session_open(cli_session_t *session, pcs_error_t *err);
/* Trains, and writes every file of the run.  `model` is what the files say at the end. */
PCS_MUST_CHECK pcs_status_t cli_session_run(cli_session_t *session, cli_model_t *model, pcs_error_t *err);
void cli_session_close(cli_session_t *session);

#endif
