/* precess convert on files: a .npy file or raw codes, element by element, with statistics. */
#ifndef PCS_SIM_CLI_CONVERT_FILE_H
#define PCS_SIM_CLI_CONVERT_FILE_H

#include "sim/cli/numbers.h"

typedef struct cli_convert_file {
    const char *input, *output;              /* output NULL: statistics only */
    const pcs_format_row_t *from, *via, *to; /* from NULL: as the .npy file says; via NULL: one step */
    cli_numbers_t *numbers;
    bool stop_at_nan; /* NaN among the input is an error; else it goes through, and is counted */
    bool json;
} cli_convert_file_t;

/* Converts and prints the statistics.  The output is written to a temporary name and renamed at the end. */
PCS_MUST_CHECK pcs_status_t cli_convert_file(const cli_convert_file_t *job, pcs_error_t *err);

#endif
