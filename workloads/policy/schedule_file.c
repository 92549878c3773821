#include "workloads/policy/schedule_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest legal row is far shorter: 20 digits, two commas, two digits. */
enum { LINE_MAX_BYTES = 64 };
static const char header[] = "iteration,fw_bits,bw_bits";

typedef struct reader {
    FILE *file;
    const char *path;
    uint64_t line; /* of the row read last, 1-based */
    char text[LINE_MAX_BYTES];
    pcs_schedule_span_t *spans;
    size_t count, capacity;
} reader_t;

/* The next line without its end; *more is false behind the last. */
static pcs_status_t next_line(reader_t *reader, bool *more, pcs_error_t *err)
{
    errno = 0;
    *more = fgets(reader->text, sizeof reader->text, reader->file) != NULL;
    if (!*more) {
        return ferror(reader->file) ? pcs_fail(err, PCS_IO, "%s: %s", reader->path, strerror(errno)) : PCS_OK;
    }
    reader->line++;
    const size_t length = strcspn(reader->text, "\r\n");
    if (reader->text[length] == '\0' && length + 1U == sizeof reader->text) {
        return pcs_fail(err, PCS_FORMAT, "%s:%" PRIu64 ": too long for a row; legal: %s", reader->path, reader->line,
                        header);
    }
    reader->text[length] = '\0';
    return PCS_OK;
}

/* A decimal number without sign or spaces, at most 18 digits, followed by `end`; moves past both. */
static bool take_number(const char **text, char end, uint64_t *value)
{
    const char *p = *text;
    *value = 0;
    while (*p >= '0' && *p <= '9' && p - *text < 18) {
        *value = 10U * *value + (uint64_t)(*p++ - '0');
    }
    const bool good = p != *text && *p == end;
    *text = p + 1;
    return good;
}

static pcs_status_t add_row(reader_t *reader, uint64_t iteration, uint64_t fw, uint64_t bw, pcs_error_t *err)
{
    const pcs_schedule_span_t *last = reader->count > 0 ? &reader->spans[reader->count - 1U] : NULL;
    if (last != NULL && last->fw_bits == fw && last->bw_bits == bw) {
        return PCS_OK;
    }
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity == 0 ? 64 : 2U * reader->capacity;
        pcs_schedule_span_t *moved = realloc(reader->spans, reader->capacity * sizeof *moved);
        if (moved == NULL) {
            return pcs_fail(err, PCS_MEMORY, "%s: out of memory", reader->path);
        }
        reader->spans = moved;
    }
    reader->spans[reader->count++] = (pcs_schedule_span_t){iteration, (unsigned)fw, (unsigned)bw};
    return PCS_OK;
}

static pcs_status_t take_row(reader_t *reader, uint64_t expected, pcs_error_t *err)
{
    const char *p = reader->text;
    uint64_t iteration;
    uint64_t fw;
    uint64_t bw;
    if (!take_number(&p, ',', &iteration) || !take_number(&p, ',', &fw) || !take_number(&p, '\0', &bw)) {
        return pcs_fail(err, PCS_FORMAT, "%s:%" PRIu64 ": '%s' is not a row of three numbers %s", reader->path,
                        reader->line, reader->text, header);
    }
    if (iteration != expected) {
        return pcs_fail(err, PCS_FORMAT, "%s:%" PRIu64 ": iteration %" PRIu64 " where %" PRIu64 " belongs",
                        reader->path, reader->line, iteration, expected);
    }
    if (fw < PCS_PREC_MIN || fw > PCS_PREC_MAX || bw < PCS_PREC_MIN || bw > PCS_PREC_MAX) {
        return pcs_fail(err, PCS_FORMAT, "%s:%" PRIu64 ": %" PRIu64 "/%" PRIu64 " bits; legal are %d..%d", reader->path,
                        reader->line, fw, bw, PCS_PREC_MIN, PCS_PREC_MAX);
    }
    return add_row(reader, iteration, fw, bw, err);
}

static pcs_status_t read_rows(reader_t *reader, uint64_t iterations, pcs_error_t *err)
{
    bool more = false;
    uint64_t rows = 0;
    pcs_status_t status = next_line(reader, &more, err);
    if (status == PCS_OK && (!more || strcmp(reader->text, header) != 0)) {
        return pcs_fail(err, PCS_FORMAT, "%s:1: the first line must be %s", reader->path, header);
    }
    while (status == PCS_OK) {
        status = next_line(reader, &more, err);
        if (status != PCS_OK || !more) {
            break;
        }
        status = take_row(reader, rows, err);
        rows++;
    }
    if (status == PCS_OK && rows == 0) {
        return pcs_fail(err, PCS_FORMAT, "%s: 0 rows; legal: one for each iteration", reader->path);
    }
    if (status == PCS_OK && iterations != PCS_SCHEDULE_OPEN && rows != iterations) {
        return pcs_fail(err, PCS_INVALID, "%s: %" PRIu64 " rows, the run has %" PRIu64 " iterations; legal: one each",
                        reader->path, rows, iterations);
    }
    return status;
}

pcs_status_t pcs_schedule_file_read(const char *path, uint64_t iterations, pcs_schedule_span_t **spans, size_t *count,
                                    pcs_error_t *err)
{
    reader_t reader = {.path = path, .file = fopen(path, "r")};
    if (reader.file == NULL) {
        return pcs_fail(err, PCS_IO, "precision.schedule: csv:%s: %s; legal: csv:FILE", path, strerror(errno));
    }
    const pcs_status_t status = read_rows(&reader, iterations, err);
    (void)fclose(reader.file);
    if (status != PCS_OK) {
        free(reader.spans);
        return status;
    }
    *spans = reader.spans;
    *count = reader.count;
    return PCS_OK;
}
