/* The CSV and JSON files of a run that are made from the collector: columns, with their units, are defined here. */
#ifndef PCS_SIM_CLI_FILES_H
#define PCS_SIM_CLI_FILES_H

#include "sim/cli/collect.h"
#include "workloads/train/train.h"

/* Columns of an energy at a bound begin so: "", "low_", "high_". */
extern const char *const cli_bound_prefix[PCS_ENERGY_BOUND_COUNT];

/* metrics.csv: header, and one row.  A run on no array, in floating point or binary32, has no bits and no sums (NULL):
   without their columns.  One in floating point has its loss scale, and with narrow master weights their counts. */
void cli_metrics_header(const pcs_config_t *config, cli_text_t *out);
void cli_metrics_row(const pcs_config_t *config, const pcs_train_progress_t *progress, const cli_iteration_t *sums,
                     cli_text_t *out);

/* casts.csv of a run in floating point: header, and the rows of an iteration, one for each kind of tensor that was
   rounded; without the end of the last line. */
void cli_casts_header(cli_text_t *out);
void cli_casts_rows(const pcs_train_progress_t *progress, cli_text_t *out);

/* evals.csv; bare: of a run on no array. */
void cli_evals_header(bool bare, cli_text_t *out);
void cli_evals_row(const pcs_train_eval_t *eval, cli_text_t *out);

/* Name of a layer by number; never NULL. */
typedef struct cli_layers {
    const pcs_train_t *train;
} cli_layers_t;
const char *cli_layer_name(const cli_layers_t *layers, uint32_t layer);

/* layers.csv: everything the collector has, a row per cell, in the order layer, pass, forward bits, pa, pb. */
PCS_MUST_CHECK pcs_status_t cli_layers_csv(const cli_collect_t *collect, const cli_layers_t *layers, cli_text_t *out,
                                           pcs_error_t *err);
/* timeline.json: Chrome trace events; one process per bit-width, one track per pass, array time in microseconds. */
void cli_timeline_json(const cli_collect_t *collect, const cli_layers_t *layers, cli_text_t *out);

#endif
