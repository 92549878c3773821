/* The directory of a run: checked before anything is touched, created, and its growing CSV files. */
#ifndef PCS_SIM_CLI_RUNDIR_H
#define PCS_SIM_CLI_RUNDIR_H

#include <stdbool.h>
#include <stdint.h>

#include "models/spec/status.h"
#include "workloads/train/config.h"

typedef enum cli_rundir_mode { CLI_RUNDIR_NEW, CLI_RUNDIR_RESUME, CLI_RUNDIR_FORCE } cli_rundir_mode_t;

/* Sets config->output to runs/<network>-<schedule>-<seed> when it is empty. */
void cli_rundir_name(pcs_config_t *config);
/* Looks only: the directory, or the nearest one above it, is writable and has `need_bytes` free; NEW: it holds no run;
   RESUME: it holds one. */
PCS_MUST_CHECK pcs_status_t cli_rundir_check(const char *dir, cli_rundir_mode_t mode, uint64_t need_bytes,
                                             pcs_error_t *err);
/* Makes the directory and those above it; FORCE removes the files of the run in it. */
PCS_MUST_CHECK pcs_status_t cli_rundir_create(const char *dir, cli_rundir_mode_t mode, pcs_error_t *err);

/* A CSV file that grows by whole lines.  A line that cannot be written whole is taken back. */
typedef struct cli_append {
    int fd; /* meaningful while is_open */
    bool is_open;
    char path[2048];
    uint64_t size; /* bytes of whole lines */
} cli_append_t;

/* Starts a file with its header line, or with keep > 0 continues one after its first `keep` bytes. */
PCS_MUST_CHECK pcs_status_t cli_append_open(cli_append_t *append, const char *dir, const char *name, const char *header,
                                            uint64_t keep, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t cli_append_line(cli_append_t *append, const char *line, pcs_error_t *err);
/* Everything so far is on the disk when it returns. */
PCS_MUST_CHECK pcs_status_t cli_append_sync(cli_append_t *append, pcs_error_t *err);
void cli_append_close(cli_append_t *append);

#endif
