/* Accuracies that training runs supply, for the points that do the same work. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "energy/csv.h"
#include "sim/cli/sweep.h"
#include "sim/cli/yaml.h"

/* The iterations and the test accuracy of a run's summary.csv; *accuracy stays negative when it was not evaluated. */
static pcs_status_t read_summary(const char *dir, uint64_t *iterations, double *accuracy, pcs_error_t *err)
{
    char path[CLI_PATH_MAX];
    cli_path(path, sizeof path, dir, "summary.csv");
    pcs_csv_t *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    bool more = true;
    pcs_status_t status = pcs_csv_open(path, csv, err);
    while (status == PCS_OK && (status = pcs_csv_next(csv, &more, err)) == PCS_OK && more) {
        const bool is_iterations = strcmp(csv->field[0], "iterations") == 0;
        double value = 0;
        if (!is_iterations && strcmp(csv->field[0], "test_accuracy") != 0) {
            continue;
        }
        if (!pcs_csv_real(csv, 1, &value) || value < 0 || value > (is_iterations ? 1e8 : 1)) {
            status = pcs_fail(err, PCS_FORMAT, "%s:%u: %s: '%.40s' is not legal; legal: %s", path, csv->line,
                              csv->field[0], csv->fields > 1 ? csv->field[1] : "", is_iterations ? "0..1e8" : "0..1");
        } else if (is_iterations) {
            *iterations = (uint64_t)value;
        } else {
            *accuracy = value;
        }
    }
    pcs_csv_close(csv);
    free(csv);
    return status;
}

/* A directory without run.yaml and summary.csv is no finished run and is passed over. */
static pcs_status_t add_run(cli_store_t *store, const char *dir, size_t *count, pcs_error_t *err)
{
    char yaml[CLI_PATH_MAX];
    char summary[CLI_PATH_MAX];
    pcs_config_t config;
    double accuracy = -1;
    cli_path(yaml, sizeof yaml, dir, "run.yaml");
    cli_path(summary, sizeof summary, dir, "summary.csv");
    if (access(yaml, F_OK) != 0 || access(summary, F_OK) != 0) {
        return PCS_OK;
    }
    pcs_config_defaults(&config);
    pcs_status_t status = cli_yaml_load(yaml, &config, err);
    status = status == PCS_OK ? read_summary(dir, &config.iterations, &accuracy, err) : status;
    if (status == PCS_OK && accuracy >= 0) {
        status = store != NULL ? cli_store_accuracy(store, dir, &config, accuracy, err) : PCS_OK;
        *count += status == PCS_OK ? 1 : 0;
    }
    return status;
}

pcs_status_t cli_runs_add(cli_store_t *store, const char *dir, pcs_error_t *err)
{
    size_t count = 0;
    if (strlen(dir) + 300U > CLI_PATH_MAX) {
        return pcs_fail(err, PCS_INVALID, "--runs: %.60s...: path too long", dir);
    }
    DIR *open = opendir(dir);
    if (open == NULL) {
        return pcs_fail(err, PCS_IO, "--runs: %s: %s; legal: a run's directory, or one of several", dir,
                        strerror(errno));
    }
    pcs_status_t status = add_run(store, dir, &count, err);
    for (struct dirent *entry = readdir(open); entry != NULL && status == PCS_OK; entry = readdir(open)) {
        char path[CLI_PATH_MAX];
        if (entry->d_name[0] != '.') {
            cli_path(path, sizeof path, dir, entry->d_name);
            status = add_run(store, path, &count, err);
        }
    }
    (void)closedir(open);
    return status != PCS_OK || count > 0
               ? status
               : pcs_fail(err, PCS_INVALID,
                          "--runs: %s: no finished run with a test accuracy; legal: a run's directory, or "
                          "one of several",
                          dir);
}
