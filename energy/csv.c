#include "energy/csv.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

pcs_status_t pcs_csv_open(const char *path, pcs_csv_t *csv, pcs_error_t *err)
{
    memset(csv, 0, sizeof *csv);
    csv->path = path;
    csv->file = fopen(path, "r");
    if (csv->file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    return PCS_OK;
}

void pcs_csv_close(pcs_csv_t *csv)
{
    if (csv->file != NULL) {
        (void)fclose(csv->file);
        csv->file = NULL;
    }
}

/* Cuts the line in place.  Quoted fields shrink, so writing never overtakes reading. */
static pcs_status_t split(pcs_csv_t *csv, pcs_error_t *err)
{
    char *in = csv->text;
    char *out = csv->text;
    csv->fields = 0;
    for (;;) {
        if (csv->fields == PCS_CSV_FIELDS_MAX) {
            return pcs_fail(err, PCS_FORMAT, "%s:%u: more than %d fields", csv->path, csv->line, PCS_CSV_FIELDS_MAX);
        }
        csv->field[csv->fields++] = out;
        bool quoted = false;
        for (; *in != '\0' && (quoted || *in != ','); in++) {
            if (*in != '"') {
                *out++ = *in;
            } else if (quoted && in[1] == '"') {
                *out++ = *in++;
            } else {
                quoted = !quoted;
            }
        }
        if (quoted) {
            return pcs_fail(err, PCS_FORMAT, "%s:%u: a quoted field does not end on its line", csv->path, csv->line);
        }
        const bool end = *in++ == '\0';
        *out++ = '\0';
        if (end) {
            return PCS_OK;
        }
    }
}

pcs_status_t pcs_csv_next(pcs_csv_t *csv, bool *more, pcs_error_t *err)
{
    *more = false;
    while (fgets(csv->text, sizeof csv->text, csv->file) != NULL) {
        csv->line++;
        size_t length = strlen(csv->text);
        if (length + 1 == sizeof csv->text) {
            return pcs_fail(err, PCS_FORMAT, "%s:%u: line longer than %d characters", csv->path, csv->line,
                            PCS_CSV_LINE_MAX - 2);
        }
        while (length > 0 && (csv->text[length - 1] == '\n' || csv->text[length - 1] == '\r')) {
            csv->text[--length] = '\0';
        }
        if (length > 0 && csv->text[0] != '#') {
            *more = true;
            return split(csv, err);
        }
    }
    if (ferror(csv->file)) {
        return pcs_fail(err, PCS_IO, "%s: %s", csv->path, strerror(errno));
    }
    return PCS_OK;
}

bool pcs_csv_real(const pcs_csv_t *csv, size_t i, double *value)
{
    if (i >= csv->fields || csv->field[i][0] == '\0') {
        return false;
    }
    char *end = NULL;
    *value = strtod(csv->field[i], &end);
    return *end == '\0' && isfinite(*value);
}
