/* Matrices of codes in .npy files: numbers that are rounded to a format, or codes of it. */
#ifndef PCS_SIM_CLI_MATRIX_FILE_H
#define PCS_SIM_CLI_MATRIX_FILE_H

#include <stddef.h>

#include "models/format/float.h"
#include "models/spec/status.h"

typedef struct cli_matrix {
    const pcs_format_row_t *format;
    size_t rows, cols;
    void *codes;           /* (rows, cols), pcs_fcode_bytes(format) each; the owner frees them */
    uint64_t rounded, nan; /* elements that were no numbers of the format; NaNs */
} cli_matrix_t;

/* Reads a file of two dimensions, rows first.  f2 and f4 elements are numbers, rounded to the format to nearest even,
   infinity on overflow; u1, u2 and u4 are codes of it.  `format` NULL: that of the floats, FP16 or FP32.  `flag` names
   the matrix in messages: "a". */
PCS_MUST_CHECK pcs_status_t cli_matrix_read(const char *command, const char *flag, const char *path,
                                            const pcs_format_row_t *format, cli_matrix_t *matrix, pcs_error_t *err);

/* Writes one: f4 for FP32, f2 for FP16, else codes.  The file appears whole or not at all. */
PCS_MUST_CHECK pcs_status_t cli_matrix_write(const char *path, const cli_matrix_t *matrix, pcs_error_t *err);

#endif
