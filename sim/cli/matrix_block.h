/* Matrices of numbers as blocks along K that share a scale: codes of the elements, and E8M0 codes of the scales. */
#ifndef PCS_SIM_CLI_MATRIX_BLOCK_H
#define PCS_SIM_CLI_MATRIX_BLOCK_H

#include "models/format/block.h"
#include "sim/cli/matrix_file.h"
#include "sim/cli/numbers.h"

/* Zero-initialise; must stay where it is, `format` may point into it. */
typedef struct cli_block {
    char name[CLI_NAME_MAX];
    pcs_block_format_t block; /* its scales as far as E8M0 goes, 2^-127..2^127 and NaN */
    pcs_format_row_t row;
    const pcs_format_row_t *format; /* of the elements: a row of formats.def, or `row` */
} cli_block_t;

/* Whether a format's name, in any case, is one of a block format: mx..., bfp..., hbfp... */
bool cli_block_named(const char *name);
/* The block format that --FLAG names; `rule` names the scale rule of MX, NULL: floor. */
PCS_MUST_CHECK pcs_status_t cli_block_parse(const char *command, const char *flag, const char *name, const char *rule,
                                            cli_block_t *block, pcs_error_t *err);

/* Reads a file of numbers, f2 or f4, and quantizes it to nearest even in blocks along its rows (K is the columns), or
   along its columns.  A block with a NaN or an infinity gets the scale NaN; `nan` counts its elements, `rounded` those
   whose value changes.  scales: (rows, blocks) or (blocks, cols); the owner frees the codes of both. */
PCS_MUST_CHECK pcs_status_t cli_matrix_read_blocks(const char *command, const char *flag, const char *path,
                                                   const cli_block_t *block, bool along_rows, cli_matrix_t *matrix,
                                                   cli_matrix_t *scales, pcs_error_t *err);

#endif
