/* Comma-separated values, as this project writes and reads them: one record a line, fields may be quoted ("" is a
   quote inside quotes), lines that start with # and empty lines are comments. */
#ifndef PCS_ENERGY_CSV_H
#define PCS_ENERGY_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_CSV_LINE_MAX = 8192, PCS_CSV_FIELDS_MAX = 128 };

typedef struct pcs_csv {
    FILE *file;
    const char *path; /* borrowed, for messages */
    unsigned line;    /* of the record read last, 1-based */
    size_t fields;
    const char *field[PCS_CSV_FIELDS_MAX];
    char text[PCS_CSV_LINE_MAX];
} pcs_csv_t;

/* Opens a file and reads nothing yet.  `path` must outlive the reader. */
PCS_MUST_CHECK pcs_status_t pcs_csv_open(const char *path, pcs_csv_t *csv, pcs_error_t *err);
/* Reads the next record; *more is false at the end.  A record longer than the line buffer, with too many fields or an
   open quote is PCS_FORMAT. */
PCS_MUST_CHECK pcs_status_t pcs_csv_next(pcs_csv_t *csv, bool *more, pcs_error_t *err);
/* Closes; fine on a zeroed or closed reader. */
void pcs_csv_close(pcs_csv_t *csv);

/* Field `i` as a finite number, the whole field. */
bool pcs_csv_real(const pcs_csv_t *csv, size_t i, double *value);

#ifdef __cplusplus
}
#endif
#endif
