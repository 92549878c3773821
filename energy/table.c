/* The strict reader of energy tables: every mistake is an error with file, line and the legal values. */
#include "energy/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/csv.h"

/* Columns that every table has, in this order, and those it may have after them, in any. */
enum { COL_EVENT, COL_KIND, COL_PA, COL_PB, COL_ENERGY, COL_UNIT, COL_NODE, COL_VOLTAGE, COL_SOURCE, COL_NEEDED };
enum { COL_LOW = COL_NEEDED, COL_HIGH, COL_SPEC, COL_NETLIST, COL_RTL, COL_CELLS, COL_TRACE, COL_TOOLS, COL_COUNT };
static const char *const column_names[COL_COUNT] = {
    "event", "kind", "pa",        "pb",           "energy",   "unit",       "node_nm",    "voltage_v", "source",
    "low",   "high", "spec_hash", "netlist_hash", "rtl_hash", "cells_hash", "trace_hash", "tools"};

/* A file being read: where its columns are. */
typedef struct reader {
    pcs_csv_t csv;
    size_t columns;
    size_t at[COL_COUNT]; /* field of each column, COL_COUNT = it has none */
} reader_t;

/* A range of table indices: one value, or all for `*`. */
typedef struct span {
    int first, last;
} span_t;

static void append(char *list, size_t size, const char *name)
{
    const size_t used = strlen(list);
    (void)snprintf(list + used, size - used, "%s%s", used == 0 ? "" : "|", name);
}

static const char *field(const reader_t *reader, int column)
{
    return reader->csv.field[reader->at[column]];
}

static pcs_status_t bad(const reader_t *reader, int column, const char *legal, pcs_error_t *err)
{
    return pcs_fail(err, PCS_FORMAT, "%s:%u: %s: '%.80s' is not legal; legal: %s", reader->csv.path, reader->csv.line,
                    column_names[column], field(reader, column), legal);
}

static bool real(const reader_t *reader, int column, double *value)
{
    return pcs_csv_real(&reader->csv, reader->at[column], value);
}

static pcs_status_t read_event(const reader_t *reader, int *charge, pcs_error_t *err)
{
    char legal[400] = "";
    for (int i = 0; i < PCS_CHARGE_COUNT; i++) {
        if (pcs_charges[i].component == PCS_ENERGY_COMPONENT_COUNT && !pcs_charges[i].area) {
            continue; /* carries no energy: a row for it would be ignored, so it is an error */
        }
        if (strcmp(field(reader, COL_EVENT), pcs_charge_name(i)) == 0) {
            *charge = i;
            return PCS_OK;
        }
        append(legal, sizeof legal, pcs_charge_name(i));
    }
    return bad(reader, COL_EVENT, legal, err);
}

/* A PE by name, as a range of the table's PEs. */
static pcs_status_t read_kind(const reader_t *reader, span_t *span, pcs_error_t *err)
{
    pcs_array_config_t array = {.digit = 1};
    if (strcmp(field(reader, COL_KIND), "*") == 0) {
        *span = (span_t){0, PCS_PE_COUNT - 1};
        return PCS_OK;
    }
    if (!pcs_energy_pe_by_name(field(reader, COL_KIND), &array)) {
        char legal[300] = "*";
        for (int pe = 0; pe < PCS_PE_COUNT; pe++) {
            char name[PCS_ENERGY_NAME_MAX];
            array = pcs_energy_pe_array(pe);
            pcs_energy_pe_name(&array, name);
            if (array.digit <= pcs_kinds[array.kind].digit_max) {
                append(legal, sizeof legal, name);
            }
        }
        return bad(reader, COL_KIND, legal, err);
    }
    *span = (span_t){pcs_energy_pe(&array), pcs_energy_pe(&array)};
    return PCS_OK;
}

static pcs_status_t read_bits(const reader_t *reader, int column, span_t *span, pcs_error_t *err)
{
    const char *text = field(reader, column);
    if (strcmp(text, "*") == 0) {
        *span = (span_t){0, PCS_PREC_COUNT - 1};
        return PCS_OK;
    }
    for (int bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%d", bits);
        if (strcmp(text, name) == 0) {
            *span = (span_t){bits - PCS_PREC_MIN, bits - PCS_PREC_MIN};
            return PCS_OK;
        }
    }
    char legal[32];
    (void)snprintf(legal, sizeof legal, "%d..%d or *", PCS_PREC_MIN, PCS_PREC_MAX);
    return bad(reader, column, legal, err);
}

static pcs_status_t read_value(const reader_t *reader, int charge, pcs_energy_cell_t *cell, pcs_error_t *err)
{
    double value = 0;
    if (!real(reader, COL_ENERGY, &value) || value < 0) {
        return bad(reader, COL_ENERGY, "a finite number, 0 or more", err);
    }
    const char *unit = field(reader, COL_UNIT);
    const bool per_bit = strcmp(unit, "pJ/bit") == 0;
    const pcs_charge_t *row = &pcs_charges[charge];
    const char *legal = row->area ? "um2" : row->per_us ? "uW" : row->width == PCS_WIDTH_NONE ? "pJ" : "pJ|pJ/bit";
    const bool good = row->area || row->per_us ? strcmp(unit, legal) == 0
                                               : strcmp(unit, "pJ") == 0 || (per_bit && row->width != PCS_WIDTH_NONE);
    if (!good) {
        return bad(reader, COL_UNIT, legal, err);
    }
    *cell = (pcs_energy_cell_t){.value = {value, value, value}, .line = reader->csv.line, .per_bit = per_bit};
    return PCS_OK;
}

static bool has(const reader_t *reader, int column)
{
    return reader->at[column] < reader->columns;
}

/* The columns low and high: what the figure may be, in its own unit. */
static pcs_status_t read_bounds(const reader_t *reader, pcs_energy_cell_t *cell, pcs_error_t *err)
{
    double *value = cell->value;
    if (has(reader, COL_LOW) && (!real(reader, COL_LOW, &value[PCS_ENERGY_LOW]) || value[PCS_ENERGY_LOW] < 0 ||
                                 value[PCS_ENERGY_LOW] > value[PCS_ENERGY_NOMINAL])) {
        return bad(reader, COL_LOW, "0 to the row's energy", err);
    }
    if (has(reader, COL_HIGH) &&
        (!real(reader, COL_HIGH, &value[PCS_ENERGY_HIGH]) || value[PCS_ENERGY_HIGH] < value[PCS_ENERGY_NOMINAL])) {
        return bad(reader, COL_HIGH, "a finite number, the row's energy or more", err);
    }
    return PCS_OK;
}

/* Provenance is not used in any sum, but a figure without it does not enter a table. */
static pcs_status_t read_provenance(const reader_t *reader, pcs_energy_cell_t *cell, pcs_error_t *err)
{
    double value = 0;
    if (strcmp(field(reader, COL_NODE), "unstated") != 0 && (!real(reader, COL_NODE, &value) || value <= 0)) {
        return bad(reader, COL_NODE, "a number of nanometres above 0, or unstated", err);
    }
    cell->node_nm = value;
    if (strcmp(field(reader, COL_VOLTAGE), "unstated") != 0 && (!real(reader, COL_VOLTAGE, &value) || value <= 0)) {
        return bad(reader, COL_VOLTAGE, "a number of volts above 0, or unstated", err);
    }
    if (field(reader, COL_SOURCE)[0] == '\0') {
        return bad(reader, COL_SOURCE, "any text that names the source", err);
    }
    for (int column = COL_SPEC; column <= COL_TRACE; column++) {
        if (has(reader, column) && strcmp(field(reader, column), "-") != 0 &&
            (strlen(field(reader, column)) != 16 || strspn(field(reader, column), "0123456789abcdef") != 16)) {
            return bad(reader, column, "16 hexadecimal digits, or - where it does not apply", err);
        }
    }
    char spec[20];
    (void)snprintf(spec, sizeof spec, "%016" PRIx64, pcs_spec_hash());
    if (has(reader, COL_SPEC) && strcmp(field(reader, COL_SPEC), "-") != 0 &&
        strcmp(field(reader, COL_SPEC), spec) != 0) {
        return pcs_fail(err, PCS_FORMAT,
                        "%s:%u: spec_hash: the row is of spec %s, this build has spec %s; legal: that, or -",
                        reader->csv.path, reader->csv.line, field(reader, COL_SPEC), spec);
    }
    return PCS_OK;
}

/* Silicon does not change with the mode, and an area of nothing would be divided by. */
static pcs_status_t check_area(const reader_t *reader, const span_t *pa, const span_t *pb,
                               const pcs_energy_cell_t *cell, pcs_error_t *err)
{
    if (pa->first == pa->last || pb->first == pb->last) {
        return bad(reader, pa->first == pa->last ? COL_PA : COL_PB, "*", err);
    }
    return cell->value[PCS_ENERGY_NOMINAL] > 0 ? PCS_OK : bad(reader, COL_ENERGY, "above 0", err);
}

static pcs_status_t read_row(const reader_t *reader, pcs_energy_table_t *table, pcs_error_t *err)
{
    const pcs_csv_t *csv = &reader->csv;
    if (csv->fields != reader->columns) {
        return pcs_fail(err, PCS_FORMAT, "%s:%u: %zu fields; a row has %zu, as many as the header", csv->path,
                        csv->line, csv->fields, reader->columns);
    }
    int charge = 0;
    span_t kind = {0, 0};
    span_t pa = {0, 0};
    span_t pb = {0, 0};
    pcs_energy_cell_t cell = {0};
    pcs_status_t status = read_event(reader, &charge, err);
    status = status == PCS_OK ? read_kind(reader, &kind, err) : status;
    status = status == PCS_OK ? read_bits(reader, COL_PA, &pa, err) : status;
    status = status == PCS_OK ? read_bits(reader, COL_PB, &pb, err) : status;
    status = status == PCS_OK ? read_value(reader, charge, &cell, err) : status;
    status = status == PCS_OK && pcs_charges[charge].area ? check_area(reader, &pa, &pb, &cell, err) : status;
    status = status == PCS_OK ? read_bounds(reader, &cell, err) : status;
    status = status == PCS_OK ? read_provenance(reader, &cell, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    for (int k = kind.first; k <= kind.last; k++) {
        for (int a = pa.first; a <= pa.last; a++) {
            for (int b = pb.first; b <= pb.last; b++) {
                pcs_energy_cell_t *at = &table->cell[charge][k][a][b];
                if (at->line != 0) {
                    char name[PCS_ENERGY_NAME_MAX];
                    const pcs_array_config_t array = pcs_energy_pe_array(k);
                    pcs_energy_pe_name(&array, name);
                    return pcs_fail(err, PCS_FORMAT,
                                    "%s:%u: duplicate: %s, kind %s, pa %d, pb %d is covered by line "
                                    "%u already; one row each is legal",
                                    csv->path, csv->line, pcs_charge_name(charge), name, a + PCS_PREC_MIN,
                                    b + PCS_PREC_MIN, at->line);
                }
                *at = cell;
            }
        }
    }
    return PCS_OK;
}

static pcs_status_t bad_header(const reader_t *reader, size_t i, const char *what, pcs_error_t *err)
{
    char legal[200] = "";
    for (int column = 0; column < COL_COUNT; column++) {
        append(legal, sizeof legal, column_names[column]);
    }
    return pcs_fail(err, PCS_FORMAT, "%s:%u: column %zu %s; legal: %s; up to source all of them, in this order",
                    reader->csv.path, reader->csv.line, i + 1, what, legal);
}

static pcs_status_t read_header(reader_t *reader, pcs_error_t *err)
{
    bool more = false;
    const pcs_status_t status = pcs_csv_next(&reader->csv, &more, err);
    if (status != PCS_OK) {
        return status;
    }
    reader->columns = more ? reader->csv.fields : 0;
    for (int column = 0; column < COL_COUNT; column++) {
        reader->at[column] = COL_COUNT;
    }
    for (size_t i = 0; i < COL_NEEDED; i++) {
        if (i >= reader->columns || strcmp(reader->csv.field[i], column_names[i]) != 0) {
            char what[40];
            (void)snprintf(what, sizeof what, "must be '%s'", column_names[i]);
            return bad_header(reader, i, what, err);
        }
        reader->at[i] = i;
    }
    for (size_t i = COL_NEEDED; i < reader->columns; i++) {
        int column = COL_NEEDED;
        while (column < COL_COUNT && strcmp(reader->csv.field[i], column_names[column]) != 0) {
            column++;
        }
        if (column == COL_COUNT) {
            return bad_header(reader, i, "has no such name", err);
        }
        if (reader->at[column] != COL_COUNT) {
            return bad_header(reader, i, "comes twice", err);
        }
        reader->at[column] = i;
    }
    return PCS_OK;
}

static pcs_status_t hash_file(const char *path, uint64_t *hash, pcs_error_t *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    *hash = UINT64_C(0xcbf29ce484222325);
    for (int byte = getc(file); byte != EOF; byte = getc(file)) {
        *hash = (*hash ^ (uint64_t)byte) * UINT64_C(0x100000001b3);
    }
    const bool failed = ferror(file) != 0;
    (void)fclose(file);
    return failed ? pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno)) : PCS_OK;
}

static pcs_status_t fill(pcs_energy_table_t *table, pcs_error_t *err)
{
    reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", table->path);
    }
    pcs_status_t status = hash_file(table->path, &table->hash, err);
    status = status == PCS_OK ? pcs_csv_open(table->path, &reader->csv, err) : status;
    status = status == PCS_OK ? read_header(reader, err) : status;
    for (bool more = true; status == PCS_OK && more;) {
        status = pcs_csv_next(&reader->csv, &more, err);
        if (status == PCS_OK && more) {
            status = read_row(reader, table, err);
        }
    }
    pcs_csv_close(&reader->csv);
    free(reader);
    return status;
}

pcs_status_t pcs_energy_table_load(const char *path, pcs_energy_table_t **table, pcs_error_t *err)
{
    pcs_energy_table_t *t = calloc(1, sizeof *t);
    if (t == NULL || (t->path = strdup(path)) == NULL) {
        free(t);
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    const pcs_status_t status = fill(t, err);
    if (status != PCS_OK) {
        pcs_energy_table_destroy(t);
        return status;
    }
    *table = t;
    return PCS_OK;
}

void pcs_energy_table_destroy(pcs_energy_table_t *table)
{
    if (table != NULL) {
        free(table->path);
        free(table);
    }
}

uint64_t pcs_energy_table_hash(const pcs_energy_table_t *table)
{
    return table->hash;
}

const char *pcs_energy_table_path(const pcs_energy_table_t *table)
{
    return table->path;
}
