/* What every subcommand shares: its entry, exit statuses, JSON output. */
#ifndef PCS_SIM_CLI_CLI_H
#define PCS_SIM_CLI_CLI_H

#include <cjson/cJSON.h>

#include "models/spec/status.h"

/* Exit statuses. */
enum {
    CLI_EXIT_FINE = 0,
    CLI_EXIT_CHECK_FAILED = 1, /* a difference was found */
    CLI_EXIT_BAD = 2,          /* bad input or environment */
    CLI_EXIT_INTERRUPTED = 130 /* stopped by a signal, after a checkpoint */
};

/* A command gets argv with argv[0] = its own name.  It prints results on stdout; on failure it fills `err` and the
   caller prints the one line on stderr.  Legal exits without an error, such as a failed check that was reported in
   full, set *exit_status. */
typedef pcs_status_t (*cli_command_fn)(int argc, char **argv, int *exit_status, pcs_error_t *err);

pcs_status_t cli_arith(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_bench(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_convert(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_cosim(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_dot(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_gemm(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_energy(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_estimate(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_formats(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_report(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_schedule(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_sweep(int argc, char **argv, int *exit_status, pcs_error_t *err);
pcs_status_t cli_train(int argc, char **argv, int *exit_status, pcs_error_t *err);

/* Prints one JSON object on stdout, followed by a newline, and deletes it. */
PCS_MUST_CHECK pcs_status_t cli_json_print(cJSON *object, pcs_error_t *err);

#endif
