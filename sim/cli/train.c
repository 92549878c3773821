/* precess train. */
#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/session.h"
#include "sim/cli/summary.h"
#include "sim/cli/yaml.h"

/* What only this command's switches say. */
typedef struct switches {
    const char *file;
    bool resume, force, json;
} switches_t;

/* Defaults, then with --resume the run's own configuration, then -c FILE, then the command line. */
static pcs_status_t configure(const cli_args_t *args, const switches_t *given, pcs_config_t *config, pcs_error_t *err)
{
    pcs_config_defaults(config);
    pcs_status_t status = PCS_OK;
    if (given->resume) {
        /* Which directory?  The command line and the file say; then its run.yaml comes first. */
        status = given->file != NULL ? cli_yaml_load(given->file, config, err) : PCS_OK;
        status = status == PCS_OK ? cli_args_apply(args, err) : status;
        if (status != PCS_OK) {
            return status;
        }
        cli_rundir_name(config);
        char dir[PCS_CONFIG_TEXT_MAX];
        char path[CLI_PATH_MAX];
        (void)snprintf(dir, sizeof dir, "%s", config->output);
        cli_path(path, sizeof path, dir, "run.yaml");
        status = cli_rundir_check(dir, CLI_RUNDIR_RESUME, 0, err);
        pcs_config_defaults(config);
        status = status == PCS_OK ? cli_yaml_load(path, config, err) : status;
        (void)snprintf(config->output, sizeof config->output, "%s", dir);
    }
    if (status == PCS_OK && given->file != NULL) {
        status = cli_yaml_load(given->file, config, err);
    }
    status = status == PCS_OK ? cli_args_apply(args, err) : status;
    if (status == PCS_OK) {
        cli_rundir_name(config);
    }
    return status;
}

static pcs_status_t train(cli_session_t *session, bool json, int *exit_status, cli_model_t *model, pcs_error_t *err)
{
    pcs_status_t status = cli_session_open(session, err);
    status = status == PCS_OK ? cli_session_run(session, model, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    *exit_status = model->check_differences > 0 ? CLI_EXIT_CHECK_FAILED : CLI_EXIT_FINE;
    if (json) {
        return cli_json_print(cli_summary_json(model), err);
    }
    cli_summary_print(model);
    (void)printf("final-hash: %s%s\n", model->provenance.final_hash,
                 model->bare && model->formats == NULL ? " (FP32 promises no bits)" : "");
    return PCS_OK;
}

pcs_status_t cli_train(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    switches_t given = {0};
    cli_session_t *session = calloc(1, sizeof *session);
    cli_model_t *model = calloc(1, sizeof *model);
    if (session == NULL || model == NULL) {
        free(session);
        free(model);
        return pcs_fail(err, PCS_MEMORY, "train: out of memory");
    }
    cli_args_t args = {
        .command = "train",
        .usage = "[-c FILE] [flags]",
        .about =
            "Trains a network on the array under a precision schedule.  Every GEMM of a quantized layer runs through "
            "the\n"
            "chosen executor; all executors give the same bits.  Sampled tiles run through the RTL in lock-step.\n\n"
            "Writes into the output directory: run.yaml, metrics.csv, layers.csv, checks.csv, evals.csv, bits.csv,\n"
            "summary.csv, summary.json, timeline.json, report.html, checkpoint/.  SIGINT and SIGTERM finish the\n"
            "iteration and write a checkpoint.  The last line on stdout is the hash of the final state.\n\n"
            "--schedule fp32 trains the same network with the same data and optimizer in binary32 by OpenBLAS, to "
            "compare\n"
            "with: on no array, so without cycles, energy, bits, checks, and without a promise of the same bits "
            "again.\n"
            "--schedule float:e4m3/e5m2 rounds inputs and weights to E4M3, gradients to E5M2, and computes every "
            "output of\n"
            "a GEMM as --float-accumulator says: on no array either, but with the same bits on every machine.  "
            "casts.csv\n"
            "counts what rounding did: values that became zero, subnormal, beyond the largest number, infinite or NaN.",
        .sets = {{cli_config_keys, cli_config_key_count, NULL, &session->config}},
        .switches = {{"config", 'c', NULL, &given.file, "FILE", "YAML file with the keys below; flags win over it"},
                     {"resume", 0, &given.resume, NULL, NULL, "go on from the checkpoint in the output directory"},
                     {"force", 0, &given.force, NULL, NULL, "replace the run in the output directory"},
                     {"profile", 0, &session->profiling, NULL, NULL, "print where the time of a step goes"},
                     {"json", 0, &given.json, NULL, NULL, "print one JSON object instead of progress and tables"}},
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
    } else if (status == PCS_OK && given.resume && given.force) {
        status = pcs_fail(err, PCS_INVALID, "train: --resume and --force exclude each other; legal: one of them");
    } else if (status == PCS_OK) {
        status = configure(&args, &given, &session->config, err);
        session->mode = given.resume ? CLI_RUNDIR_RESUME : given.force ? CLI_RUNDIR_FORCE : CLI_RUNDIR_NEW;
        session->quiet = given.json;
        status = status == PCS_OK ? train(session, given.json, exit_status, model, err) : status;
        cli_session_close(session);
    }
    free(session);
    free(model);
    return status;
}
