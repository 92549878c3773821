/* The summary of a run in its four forms: terminal, JSON, summary.csv and bits.csv.  All from one model. */
#ifndef PCS_SIM_CLI_SUMMARY_H
#define PCS_SIM_CLI_SUMMARY_H

#include <cjson/cJSON.h>

#include "sim/cli/model.h"
#include "sim/cli/text.h"

/* A number of the run as text with a prefix of its unit: 0.00123 s -> "1.23 ms". */
void cli_si(double value, const char *unit, char *text, size_t size);
/* Digits grouped by commas. */
void cli_grouped(double value, char *text, size_t size);

/* One saving against static 8/8 on the same array. */
typedef struct cli_saving_row {
    const char *name, *title, *meaning;
    double percent;
} cli_saving_row_t;
enum { CLI_SAVINGS = 4, CLI_SAVING_ENERGY = 3 };
/* Whether the run's energy table has bars. */
bool cli_has_bars(const cli_model_t *model);
void cli_savings(const cli_model_t *model, cli_saving_row_t rows[CLI_SAVINGS]);

/* What the reports of a run on no array say instead of figures. */
const char *cli_bare_note(const cli_model_t *model);
/* Its precision: "FP32", or the formats of operands and gradients in capitals. */
void cli_bare_name(const cli_model_t *model, char *text, size_t size);
/* A tensor's share of values that rounding made zero, or that were beyond the largest number; percent. */
double cli_cast_share(const pcs_cast_counts_t *counts, uint64_t of);

void cli_summary_print(const cli_model_t *model);
/* Every quantity of the headline: name, value, unit. */
void cli_summary_csv(const cli_model_t *model, cli_text_t *out);
/* One row per forward bit-width. */
void cli_bits_csv(const cli_model_t *model, cli_text_t *out);
cJSON *cli_summary_json(const cli_model_t *model);
/* The provenance that a summary.json of ours holds. */
PCS_MUST_CHECK pcs_status_t cli_provenance_read(const char *dir, cli_provenance_t *provenance, pcs_error_t *err);

#endif
