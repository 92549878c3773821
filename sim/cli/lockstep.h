/* The lock-step sampler of a training run, and its checks.csv. */
#ifndef PCS_SIM_CLI_LOCKSTEP_H
#define PCS_SIM_CLI_LOCKSTEP_H

#include "models/gemm/gemm.h"
#include "sim/cli/files.h"
#include "sim/cli/rundir.h"
#include "workloads/train/config.h"

typedef struct cli_lockstep cli_lockstep_t;

/* Builds what is needed to check tiles of this run; *lockstep is NULL when check.every is 0.  Without a usable RTL it
   fails here, before anything is written. */
PCS_MUST_CHECK pcs_status_t cli_lockstep_create(const pcs_config_t *config, const pcs_array_config_t *array, bool quiet,
                                                cli_lockstep_t **lockstep, pcs_error_t *err);
/* Header of checks.csv. */
const char *cli_lockstep_header(void);
/* Where rows go, once the file is open, and how layers are called. */
void cli_lockstep_attach(cli_lockstep_t *lockstep, cli_append_t *checks, const cli_layers_t *layers);
/* Looks at a GEMM about to run: copies the tiles that are drawn from it. */
PCS_MUST_CHECK pcs_status_t cli_lockstep_gemm(cli_lockstep_t *lockstep, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                                              pcs_error_t *err);
/* Ends an iteration: checks what was drawn, a line of checks.csv each.  PCS_MISMATCH on the first difference, whose
   tile and waveform are then in <output>/difference.replay and .fst. */
PCS_MUST_CHECK pcs_status_t cli_lockstep_finish(cli_lockstep_t *lockstep, pcs_error_t *err);
void cli_lockstep_destroy(cli_lockstep_t *lockstep);

#endif
