/* The strict reader of SCALE-Sim topology files. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/csv.h"
#include "sim/cli/network.h"

enum { NAME, CONV_HEIGHT = 1, CONV_WIDTH, FILTER_HEIGHT, FILTER_WIDTH, CHANNELS, FILTERS, STRIDES, CONV_FIELDS };
enum { GEMM_M = 1, GEMM_N, GEMM_K, GEMM_FIELDS };
enum { FIELDS_MAX = CONV_FIELDS + 1, VALUE_MAX = 1 << 20 };

static const char *const conv_columns[] = {"Layer name", "IFMAP Height", "IFMAP Width", "Filter Height", "Filter Width",
                                           "Channels",   "Num Filter",   "Strides",     "Sparsity"};
static const char *const gemm_columns[] = {"Layer", "M", "N", "K", "Sparsity"};
static const char legal_headers[] =
    "Layer name,IFMAP Height,IFMAP Width,Filter Height,Filter Width,Channels,Num Filter,"
    "Strides or Layer,M,N,K, each with Sparsity or without";

typedef struct reader {
    pcs_csv_t csv;
    bool gemm, sparsity;
    size_t fields; /* of a row, by the header */
    pcs_shapes_t *shapes;
} reader_t;

static unsigned column_of(const reader_t *reader, size_t field)
{
    return (unsigned)(reader->csv.field[field] - reader->csv.text) + 1;
}

/* Letters and digits of a cell, in lower case, without the plural: "Num Filters " -> "numfilter". */
static void plain(const char *cell, char *text, size_t size)
{
    size_t used = 0;
    for (; *cell != '\0' && used + 1 < size; cell++) {
        if (isalnum((unsigned char)*cell)) {
            text[used++] = (char)tolower((unsigned char)*cell);
        }
    }
    used -= used > 1 && text[used - 1] == 's' ? 1 : 0;
    text[used] = '\0';
}

static bool is_column(const char *cell, const char *name)
{
    char a[32];
    char b[32];
    plain(cell, a, sizeof a);
    plain(name, b, sizeof b);
    return strcmp(a, b) == 0;
}

/* Fields without the empty one that a comma at the end leaves. */
static size_t fields_of(const pcs_csv_t *csv)
{
    const char *last = csv->field[csv->fields - 1];
    return csv->fields - (csv->fields > 1 && last[strspn(last, " \t")] == '\0' ? 1 : 0);
}

static pcs_status_t read_header(reader_t *reader, pcs_error_t *err)
{
    pcs_csv_t *csv = &reader->csv;
    bool more = false;
    const pcs_status_t status = pcs_csv_next(csv, &more, err);
    if (status != PCS_OK) {
        return status;
    }
    if (!more) {
        return pcs_fail(err, PCS_FORMAT, "%s:%u:1: no header; legal: %s", csv->path, csv->line + 1, legal_headers);
    }
    const size_t fields = fields_of(csv);
    reader->gemm = fields > 1 && is_column(csv->field[1], gemm_columns[1]);
    const char *const *names = reader->gemm ? gemm_columns : conv_columns;
    const size_t needed = reader->gemm ? GEMM_FIELDS : CONV_FIELDS;
    for (size_t i = 0; i < fields || i < needed; i++) {
        const bool good =
            i < fields && i <= needed &&
            (is_column(csv->field[i], names[i]) ||
             (i == NAME && (is_column(csv->field[i], "layer") || is_column(csv->field[i], "layer name"))));
        if (!good) {
            return pcs_fail(err, PCS_FORMAT, "%s:%u:%u: column %zu is '%.40s'; legal: %s", csv->path, csv->line,
                            i < fields ? column_of(reader, i) : (unsigned)1, i + 1, i < fields ? csv->field[i] : "",
                            legal_headers);
        }
    }
    reader->fields = fields;
    reader->sparsity = fields > needed;
    return PCS_OK;
}

/* A decimal number 1..VALUE_MAX, blanks around it. */
static bool number(const char *text, uint64_t *value)
{
    text += strspn(text, " \t");
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 7 || text[digits + strspn(text + digits, " \t")] != '\0') {
        return false;
    }
    *value = strtoull(text, NULL, 10);
    return *value >= 1 && *value <= VALUE_MAX;
}

/* N:N, or nothing: dense. */
static bool dense(const char *text)
{
    char *end = NULL;
    const unsigned long kept = strtoul(text, &end, 10);
    return end != text && *end == ':' && kept > 0 && strtoul(end + 1, &end, 10) == kept &&
           end[strspn(end, " \t")] == '\0';
}

static void set_conv(const uint64_t *value, pcs_shape_t *layer)
{
    const bool depthwise = strstr(layer->name, "DP") != NULL;
    layer->kind = PCS_SHAPE_CONV;
    layer->conv = (pcs_conv_shape_t){
        .height = (uint32_t)value[CONV_HEIGHT],
        .width = (uint32_t)value[CONV_WIDTH],
        .channels = depthwise ? 1 : (uint32_t)value[CHANNELS],
        .kernel = (uint32_t)value[FILTER_HEIGHT],
        .kernel_w = value[FILTER_WIDTH] != value[FILTER_HEIGHT] ? (uint32_t)value[FILTER_WIDTH] : 0,
        .stride = (uint32_t)value[STRIDES],
        .filters = (uint32_t)value[FILTERS],
    };
    layer->repeat = depthwise ? value[CHANNELS] : 1;
    layer->rectified = !layer->first;
}

static pcs_status_t read_row(reader_t *reader, pcs_error_t *err)
{
    const pcs_csv_t *csv = &reader->csv;
    const char *const *names = reader->gemm ? gemm_columns : conv_columns;
    if (csv->fields != reader->fields && !(csv->fields == reader->fields + 1 && fields_of(csv) == reader->fields)) {
        const size_t at = csv->fields > reader->fields ? reader->fields : csv->fields - 1;
        return pcs_fail(err, PCS_FORMAT,
                        "%s:%u:%u: %zu fields; legal: %zu as in the header, a comma after the last or not", csv->path,
                        csv->line, column_of(reader, at), csv->fields, reader->fields);
    }
    uint64_t value[FIELDS_MAX] = {0};
    for (size_t i = 1; i < (size_t)(reader->gemm ? GEMM_FIELDS : CONV_FIELDS); i++) {
        if (!number(csv->field[i], &value[i])) {
            return pcs_fail(err, PCS_FORMAT, "%s:%u:%u: %s: '%.40s' is not legal; legal: 1..%d", csv->path, csv->line,
                            column_of(reader, i), names[i], csv->field[i], VALUE_MAX);
        }
    }
    if (reader->sparsity && !dense(csv->field[reader->fields - 1])) {
        return pcs_fail(err, PCS_FORMAT, "%s:%u:%u: Sparsity: '%.40s' is not modelled; legal: 1:1", csv->path,
                        csv->line, column_of(reader, reader->fields - 1), csv->field[reader->fields - 1]);
    }
    pcs_shape_t layer = {.repeat = 1, .first = reader->shapes->count == 0};
    const char *name = csv->field[NAME] + strspn(csv->field[NAME], " \t");
    (void)snprintf(layer.name, sizeof layer.name, "%s", name);
    for (size_t end = strlen(layer.name); end > 0 && strchr(" \t", layer.name[end - 1]) != NULL; end--) {
        layer.name[end - 1] = '\0';
    }
    if (reader->gemm) {
        layer.kind = PCS_SHAPE_GEMM;
        layer.gemm = (pcs_gemm_shape_t){value[GEMM_M], value[GEMM_N], value[GEMM_K], 1, true};
    } else {
        set_conv(value, &layer);
    }
    pcs_error_t inner = {{0}};
    const pcs_status_t status = pcs_shapes_add(reader->shapes, &layer, &inner);
    return status == PCS_OK ? PCS_OK : pcs_fail(err, status, "%s:%u:1: %.300s", csv->path, csv->line, inner.text);
}

pcs_status_t cli_network_topology(const char *path, pcs_shapes_t *shapes, pcs_error_t *err)
{
    reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    reader->shapes = shapes;
    pcs_status_t status = pcs_csv_open(path, &reader->csv, err);
    status = status == PCS_OK ? read_header(reader, err) : status;
    for (bool more = true; status == PCS_OK && more;) {
        status = pcs_csv_next(&reader->csv, &more, err);
        status = status == PCS_OK && more ? read_row(reader, err) : status;
    }
    if (status == PCS_OK && shapes->count == 0) {
        status = pcs_fail(err, PCS_FORMAT, "%s:%u:1: no layers; legal: a row each below the header", path,
                          reader->csv.line + 1);
    }
    pcs_csv_close(&reader->csv);
    free(reader);
    return status;
}
