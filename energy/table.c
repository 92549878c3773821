/* The strict reader of energy tables: every mistake is an error with file, line and the legal values. */
#include "energy/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/csv.h"

enum { COL_EVENT, COL_KIND, COL_PA, COL_PB, COL_ENERGY, COL_UNIT, COL_NODE, COL_VOLTAGE, COL_SOURCE, COL_COUNT };
static const char *const column_names[COL_COUNT] = {"event", "kind",    "pa",        "pb",    "energy",
                                                    "unit",  "node_nm", "voltage_v", "source"};

/* A range of table indices: one value, or all for `*`. */
typedef struct span {
    int first, last;
} span_t;

static void append(char *list, size_t size, const char *name)
{
    const size_t used = strlen(list);
    (void)snprintf(list + used, size - used, "%s%s", used == 0 ? "" : "|", name);
}

static pcs_status_t bad(const pcs_csv_t *csv, int column, const char *legal, pcs_error_t *err)
{
    return pcs_fail(err, PCS_FORMAT, "%s:%u: %s: '%s' is not legal; legal: %s", csv->path, csv->line,
                    column_names[column], csv->field[column], legal);
}

static pcs_status_t read_event(const pcs_csv_t *csv, int *charge, pcs_error_t *err)
{
    char legal[400] = "";
    for (int i = 0; i < PCS_CHARGE_COUNT; i++) {
        if (pcs_charges[i].component == PCS_ENERGY_COMPONENT_COUNT && i < PCS_CHARGE_AREA) {
            continue; /* carries no energy: a row for it would be ignored, so it is an error */
        }
        if (strcmp(csv->field[COL_EVENT], pcs_charge_name(i)) == 0) {
            *charge = i;
            return PCS_OK;
        }
        append(legal, sizeof legal, pcs_charge_name(i));
    }
    return bad(csv, COL_EVENT, legal, err);
}

static pcs_status_t read_kind(const pcs_csv_t *csv, span_t *span, pcs_error_t *err)
{
    if (strcmp(csv->field[COL_KIND], "*") == 0) {
        *span = (span_t){0, PCS_KIND_COUNT - 1};
        return PCS_OK;
    }
    const pcs_kind_t kind = pcs_kind_by_name(csv->field[COL_KIND]);
    if (kind == PCS_KIND_COUNT) {
        char legal[200] = "*";
        for (int i = 0; i < PCS_KIND_COUNT; i++) {
            append(legal, sizeof legal, pcs_kinds[i].name);
        }
        return bad(csv, COL_KIND, legal, err);
    }
    *span = (span_t){(int)kind, (int)kind};
    return PCS_OK;
}

static pcs_status_t read_bits(const pcs_csv_t *csv, int column, span_t *span, pcs_error_t *err)
{
    const char *text = csv->field[column];
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
    return bad(csv, column, legal, err);
}

static pcs_status_t read_value(const pcs_csv_t *csv, int charge, pcs_energy_cell_t *cell, pcs_error_t *err)
{
    double value = 0;
    if (!pcs_csv_real(csv, COL_ENERGY, &value) || value < 0) {
        return bad(csv, COL_ENERGY, "a finite number, 0 or more", err);
    }
    const char *unit = csv->field[COL_UNIT];
    const bool per_bit = strcmp(unit, "pJ/bit") == 0;
    const char *legal = charge >= PCS_CHARGE_AREA                     ? "um2"
                        : charge >= PCS_CHARGE_STATIC                 ? "uW"
                        : pcs_charges[charge].width == PCS_WIDTH_NONE ? "pJ"
                                                                      : "pJ|pJ/bit";
    const bool good = charge >= PCS_CHARGE_STATIC
                          ? strcmp(unit, legal) == 0
                          : strcmp(unit, "pJ") == 0 || (per_bit && pcs_charges[charge].width != PCS_WIDTH_NONE);
    if (!good) {
        return bad(csv, COL_UNIT, legal, err);
    }
    *cell = (pcs_energy_cell_t){.value = value, .line = csv->line, .per_bit = per_bit};
    return PCS_OK;
}

/* Provenance is not used in any sum, but a figure without it does not enter a table. */
static pcs_status_t read_provenance(const pcs_csv_t *csv, pcs_energy_cell_t *cell, pcs_error_t *err)
{
    double value = 0;
    if (!pcs_csv_real(csv, COL_NODE, &value) || value <= 0) {
        return bad(csv, COL_NODE, "a number of nanometres above 0", err);
    }
    cell->node_nm = value;
    if (strcmp(csv->field[COL_VOLTAGE], "unstated") != 0 && (!pcs_csv_real(csv, COL_VOLTAGE, &value) || value <= 0)) {
        return bad(csv, COL_VOLTAGE, "a number of volts above 0, or unstated", err);
    }
    if (csv->field[COL_SOURCE][0] == '\0') {
        return bad(csv, COL_SOURCE, "any text that names the source", err);
    }
    return PCS_OK;
}

/* Silicon does not change with the mode, and an area of nothing would be divided by. */
static pcs_status_t check_area(const pcs_csv_t *csv, int charge, const span_t *pa, const span_t *pb, pcs_error_t *err)
{
    double value = 0;
    if (charge < PCS_CHARGE_AREA) {
        return PCS_OK;
    }
    if (pa->first == pa->last || pb->first == pb->last) {
        return bad(csv, pa->first == pa->last ? COL_PA : COL_PB, "*", err);
    }
    return pcs_csv_real(csv, COL_ENERGY, &value) && value > 0 ? PCS_OK : bad(csv, COL_ENERGY, "above 0", err);
}

static pcs_status_t read_row(const pcs_csv_t *csv, pcs_energy_table_t *table, pcs_error_t *err)
{
    if (csv->fields != COL_COUNT) {
        return pcs_fail(err, PCS_FORMAT,
                        "%s:%u: %zu fields; a row has %d: event,kind,pa,pb,energy,unit,node_nm,"
                        "voltage_v,source",
                        csv->path, csv->line, csv->fields, COL_COUNT);
    }
    int charge = 0;
    span_t kind = {0, 0};
    span_t pa = {0, 0};
    span_t pb = {0, 0};
    pcs_energy_cell_t cell = {0};
    pcs_status_t status = read_event(csv, &charge, err);
    status = status == PCS_OK ? read_kind(csv, &kind, err) : status;
    status = status == PCS_OK ? read_bits(csv, COL_PA, &pa, err) : status;
    status = status == PCS_OK ? read_bits(csv, COL_PB, &pb, err) : status;
    status = status == PCS_OK ? read_value(csv, charge, &cell, err) : status;
    status = status == PCS_OK ? check_area(csv, charge, &pa, &pb, err) : status;
    status = status == PCS_OK ? read_provenance(csv, &cell, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    for (int k = kind.first; k <= kind.last; k++) {
        for (int a = pa.first; a <= pa.last; a++) {
            for (int b = pb.first; b <= pb.last; b++) {
                pcs_energy_cell_t *at = &table->cell[charge][k][a][b];
                if (at->line != 0) {
                    return pcs_fail(err, PCS_FORMAT,
                                    "%s:%u: duplicate: %s, kind %s, pa %d, pb %d is covered by line "
                                    "%u already; one row each is legal",
                                    csv->path, csv->line, pcs_charge_name(charge), pcs_kinds[k].name, a + PCS_PREC_MIN,
                                    b + PCS_PREC_MIN, at->line);
                }
                *at = cell;
            }
        }
    }
    return PCS_OK;
}

static pcs_status_t read_header(pcs_csv_t *csv, pcs_error_t *err)
{
    bool more = false;
    const pcs_status_t status = pcs_csv_next(csv, &more, err);
    if (status != PCS_OK) {
        return status;
    }
    for (int i = 0; i < COL_COUNT; i++) {
        if (!more || (size_t)i >= csv->fields || strcmp(csv->field[i], column_names[i]) != 0) {
            return pcs_fail(err, PCS_FORMAT,
                            "%s:%u: column %d must be '%s'; legal: event,kind,pa,pb,energy,unit,"
                            "node_nm,voltage_v,source",
                            csv->path, csv->line, i + 1, column_names[i]);
        }
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
    pcs_csv_t *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", table->path);
    }
    pcs_status_t status = hash_file(table->path, &table->hash, err);
    status = status == PCS_OK ? pcs_csv_open(table->path, csv, err) : status;
    status = status == PCS_OK ? read_header(csv, err) : status;
    for (bool more = true; status == PCS_OK && more;) {
        status = pcs_csv_next(csv, &more, err);
        if (status == PCS_OK && more) {
            status = read_row(csv, table, err);
        }
    }
    pcs_csv_close(csv);
    free(csv);
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
