/* Everything of a run directory that is made from its CSV files. */
#ifndef PCS_SIM_CLI_REPORT_H
#define PCS_SIM_CLI_REPORT_H

#include "sim/cli/model.h"

/* Reads the CSV files into `model`, then writes bits.csv, summary.csv, summary.json and report.html.  Without gnuplot
   the report says so in the place of each plot, and so does one line on stderr; that is not a failure. */
PCS_MUST_CHECK pcs_status_t cli_report_build(const char *dir, const cli_provenance_t *provenance, cli_model_t *model,
                                             pcs_error_t *err);

#endif
