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
enum {
    COL_LOW = COL_NEEDED,
    COL_HIGH,
    COL_KB,
    COL_SPEC,
    COL_NETLIST,
    COL_RTL,
    COL_CELLS,
    COL_TRACE,
    COL_TOOLS,
    COL_COUNT
};
static const char *const column_names[COL_COUNT] = {
    "event", "kind", "pa", "pb",        "energy",       "unit",     "node_nm",    "voltage_v",  "source",
    "low",   "high", "kb", "spec_hash", "netlist_hash", "rtl_hash", "cells_hash", "trace_hash", "tools"};

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
        const char *unit = NULL;
        bool by_size = false;
        (void)pcs_energy_charge((size_t)i, &unit, &by_size);
        if (unit == NULL) {
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
    bool both = false;
    if (strcmp(field(reader, COL_KIND), "*") == 0) {
        *span = (span_t){0, PCS_PE_COUNT - 1};
        return PCS_OK;
    }
    if (!pcs_energy_pe_by_name(field(reader, COL_KIND), &array, &both)) {
        char legal[300] = "*";
        for (bool more = true; more; more = pcs_energy_next_pe(&array)) {
            char name[PCS_ENERGY_NAME_MAX];
            pcs_energy_pe_name(&array, name);
            append(legal, sizeof legal, name);
        }
        append(legal, sizeof legal, "any of them but * with /os or /ws");
        return bad(reader, COL_KIND, legal, err);
    }
    const int pe = pcs_energy_pe(&array);
    *span = (span_t){pe, both ? pe + 1 : pe};
    return PCS_OK;
}

/* The kind of the PE with this number. */
static pcs_kind_t kind_of(int pe)
{
    return (pcs_kind_t)(pe / (PCS_DIGITS * PCS_FLOWS));
}

/* Operands of the PEs of a row: of one kind, or bits, which all kinds but float have. */
static pcs_status_t read_bits(const reader_t *reader, int column, const span_t *pes, span_t *span, pcs_error_t *err)
{
    const char *text = field(reader, column);
    const pcs_kind_t kind = kind_of(pes->first);
    unsigned found = 0;
    if (strcmp(text, "*") == 0) {
        *span = (span_t){0, PCS_FIELDS - 1};
        return PCS_OK;
    }
    if (pcs_energy_field_by_name(kind, text, &found)) {
        *span = (span_t){(int)found, (int)found};
        return PCS_OK;
    }
    char legal[300] = "*";
    for (unsigned i = 0; i < PCS_FIELDS && pcs_kind_arith(kind) == PCS_ARITH_FLOAT; i++) {
        if (pcs_energy_field_exists(kind, i)) {
            append(legal, sizeof legal, pcs_formats[i].name);
        }
    }
    if (pcs_kind_arith(kind) != PCS_ARITH_FLOAT) {
        (void)snprintf(legal, sizeof legal, "%d..%d or *", PCS_PREC_MIN, PCS_PREC_MAX);
    }
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
    const char *own = NULL;
    bool by_size = false;
    (void)pcs_energy_charge((size_t)charge, &own, &by_size);
    const char *legal = row->width == PCS_WIDTH_NONE ? own : "pJ|pJ/bit";
    if (strcmp(unit, own) != 0 && !(per_bit && row->width != PCS_WIDTH_NONE)) {
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
    if (!has(reader, COL_SPEC) || strcmp(field(reader, COL_SPEC), "-") == 0) {
        return PCS_OK; /* the hash of this build takes a while */
    }
    char spec[20];
    (void)snprintf(spec, sizeof spec, "%016" PRIx64, pcs_spec_hash());
    if (strcmp(field(reader, COL_SPEC), spec) != 0) {
        return pcs_fail(err, PCS_FORMAT,
                        "%s:%u: spec_hash: the row is of spec %s, this build has spec %s; legal: that, or -",
                        reader->csv.path, reader->csv.line, field(reader, COL_SPEC), spec);
    }
    return PCS_OK;
}

/* What a row holds for. */
typedef struct cover {
    span_t kind, pa, pb;
    double kb; /* 0 = any, or no scratchpad's */
} cover_t;

/* Silicon and scratchpads do not change with the mode, and an area or a period of nothing would be divided by. */
static pcs_status_t check_cover(const reader_t *reader, int charge, const cover_t *cover, const pcs_energy_cell_t *cell,
                                pcs_error_t *err)
{
    const pcs_charge_t *row = &pcs_charges[charge];
    const bool silicon = row->what == PCS_CHARGED_AREA || row->what == PCS_CHARGED_PERIOD;
    if ((silicon || row->per == PCS_PER_SRAM) &&
        (cover->pa.first == cover->pa.last || cover->pb.first == cover->pb.last)) {
        return bad(reader, cover->pa.first == cover->pa.last ? COL_PA : COL_PB, "*", err);
    }
    if (row->per == PCS_PER_SRAM && cover->kind.last - cover->kind.first + 1 != PCS_PE_COUNT) {
        return bad(reader, COL_KIND, "*, a scratchpad's row", err);
    }
    if (row->per != PCS_PER_SRAM && cover->kb > 0) {
        return bad(reader, COL_KB, "*, the row is of no scratchpad", err);
    }
    return !silicon || cell->value[PCS_ENERGY_NOMINAL] > 0 ? PCS_OK : bad(reader, COL_ENERGY, "above 0", err);
}

static pcs_status_t read_kb(const reader_t *reader, double *kb, pcs_error_t *err)
{
    *kb = 0;
    if (!has(reader, COL_KB) || strcmp(field(reader, COL_KB), "*") == 0) {
        return PCS_OK;
    }
    return real(reader, COL_KB, kb) && *kb > 0 ? PCS_OK : bad(reader, COL_KB, "a number of KB above 0, or *", err);
}

static pcs_status_t twice(const reader_t *reader, const char *what, unsigned line, pcs_error_t *err)
{
    return pcs_fail(err, PCS_FORMAT, "%s:%u: duplicate: %s is covered by line %u already; one row each is legal",
                    reader->csv.path, reader->csv.line, what, line);
}

/* A scratchpad's row, to its place by capacity. */
static pcs_status_t add_size(const reader_t *reader, int charge, double kb, const pcs_energy_cell_t *cell,
                             pcs_energy_sizes_t *sizes, pcs_error_t *err)
{
    size_t at = 0;
    while (at < sizes->count && sizes->kb[at] < kb) {
        at++;
    }
    const bool any = sizes->count > 0 && (kb <= 0 || sizes->kb[0] <= 0);
    if (any || (at < sizes->count && sizes->kb[at] <= kb)) {
        char what[120];
        (void)snprintf(what, sizeof what, "%.30s of %g KB", pcs_charge_name(charge), kb);
        return twice(reader, what, sizes->cell[any ? 0 : at].line, err);
    }
    if (sizes->count == PCS_SIZES_MAX) {
        return pcs_fail(err, PCS_FORMAT, "%s:%u: more than %d capacities of %s", reader->csv.path, reader->csv.line,
                        PCS_SIZES_MAX, pcs_charge_name(charge));
    }
    for (size_t i = sizes->count++; i > at; i--) {
        sizes->kb[i] = sizes->kb[i - 1U];
        sizes->cell[i] = sizes->cell[i - 1U];
    }
    sizes->kb[at] = kb;
    sizes->cell[at] = *cell;
    return PCS_OK;
}

static pcs_status_t add_cells(const reader_t *reader, int charge, const cover_t *cover, const pcs_energy_cell_t *cell,
                              pcs_energy_table_t *table, pcs_error_t *err)
{
    const bool bits = cover->pa.first == cover->pa.last || cover->pb.first == cover->pb.last;
    for (int k = cover->kind.first; k <= cover->kind.last; k++) {
        if (bits && kind_of(k) != kind_of(cover->kind.first) && pcs_kind_arith(kind_of(k)) == PCS_ARITH_FLOAT) {
            continue; /* bits of kind *: the fields of this one are no bits */
        }
        for (int a = cover->pa.first; a <= cover->pa.last; a++) {
            for (int b = cover->pb.first; b <= cover->pb.last; b++) {
                if (!pcs_energy_field_exists(kind_of(k), (unsigned)a) ||
                    !pcs_energy_field_exists(kind_of(k), (unsigned)b)) {
                    continue;
                }
                pcs_energy_cell_t *at = &table->cell[charge][k][a][b];
                if (at->line != 0) {
                    char what[120];
                    char name[2][PCS_ENERGY_FIELD_MAX];
                    pcs_energy_field_name(kind_of(k), (unsigned)a, name[0]);
                    pcs_energy_field_name(kind_of(k), (unsigned)b, name[1]);
                    (void)snprintf(what, sizeof what, "%.30s of kind %.20s, pa %s, pb %s", pcs_charge_name(charge),
                                   pcs_kinds[kind_of(k)].name, name[0], name[1]);
                    return twice(reader, what, at->line, err);
                }
                *at = *cell;
            }
        }
    }
    return PCS_OK;
}

static pcs_status_t read_row(const reader_t *reader, pcs_energy_table_t *table, pcs_error_t *err)
{
    const pcs_csv_t *csv = &reader->csv;
    if (csv->fields != reader->columns) {
        return pcs_fail(err, PCS_FORMAT, "%s:%u: %zu fields; a row has %zu, as many as the header", csv->path,
                        csv->line, csv->fields, reader->columns);
    }
    int charge = 0;
    cover_t cover = {.kb = 0};
    pcs_energy_cell_t cell = {.line = 0};
    pcs_status_t status = read_event(reader, &charge, err);
    status = status == PCS_OK ? read_kind(reader, &cover.kind, err) : status;
    status = status == PCS_OK ? read_bits(reader, COL_PA, &cover.kind, &cover.pa, err) : status;
    status = status == PCS_OK ? read_bits(reader, COL_PB, &cover.kind, &cover.pb, err) : status;
    status = status == PCS_OK ? read_kb(reader, &cover.kb, err) : status;
    status = status == PCS_OK ? read_value(reader, charge, &cell, err) : status;
    status = status == PCS_OK ? check_cover(reader, charge, &cover, &cell, err) : status;
    status = status == PCS_OK ? read_bounds(reader, &cell, err) : status;
    status = status == PCS_OK ? read_provenance(reader, &cell, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    return pcs_charges[charge].per == PCS_PER_SRAM
               ? add_size(reader, charge, cover.kb, &cell, &table->sizes[charge], err)
               : add_cells(reader, charge, &cover, &cell, table, err);
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
