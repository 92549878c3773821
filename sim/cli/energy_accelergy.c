/* Energy tables and Accelergy's reference tables: YAML out, and strictly in. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/energy.h"
#include "sim/cli/yaml_document.h"

bool cli_energy_next_pe(pcs_array_config_t *array)
{
    if (2 * array->digit <= pcs_kinds[array->kind].digit_max) {
        array->digit *= 2;
        return true;
    }
    array->digit = 1;
    array->kind = (pcs_kind_t)(array->kind + 1);
    return array->kind < PCS_KIND_COUNT;
}

/* ---- out ---- */

typedef struct writer {
    const cli_energy_units_t *units;
    cli_text_t *out;
    bool area; /* which of the two tables is being written */
    bool any;  /* the PE has a figure of it */
    char name[PCS_ENERGY_NAME_MAX];
} writer_t;

static pcs_status_t write_figure(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err)
{
    (void)err;
    writer_t *writer = user;
    const double value = figure->value[PCS_ENERGY_NOMINAL];
    if ((strcmp(figure->unit, "um2") == 0) != writer->area) {
        return PCS_OK;
    }
    if (!writer->any) {
        cli_text_add(writer->out, "    - name: precess.%s\n", writer->name);
        cli_text_add(writer->out, writer->area ? "      area: %.9g\n" : "      actions:\n", value);
        writer->any = true;
    }
    if (writer->area) {
        return PCS_OK;
    }
    cli_text_add(writer->out, "        - name: %s\n          arguments: {", figure->event);
    if (figure->pa != 0) {
        cli_text_add(writer->out, "pa: %u, pb: %u", figure->pa, figure->pb);
    }
    cli_text_add(writer->out, "}\n          energy: %.9g\n",
                 strcmp(figure->unit, "uW") == 0 ? value / writer->units->clock_mhz : value);
    return PCS_OK;
}

static pcs_status_t write_tables(const pcs_energy_table_t *table, const cli_energy_units_t *units, bool area,
                                 cli_text_t *out, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    pcs_array_config_t array = {.rows = 1, .cols = 1, .acc_bits = units->acc_bits, .digit = 1};
    for (bool more = true; status == PCS_OK && more; more = cli_energy_next_pe(&array)) {
        writer_t writer = {.units = units, .out = out, .area = area};
        pcs_energy_pe_name(&array, writer.name);
        status = pcs_energy_visit(table, &array, write_figure, &writer, err);
    }
    return status;
}

pcs_status_t cli_energy_accelergy(const pcs_energy_table_t *table, const cli_energy_units_t *units, cli_text_t *out,
                                  pcs_error_t *err)
{
    cli_text_add(out,
                 "# Energy and area of precess' PEs, from %s (FNV-1a %016" PRIx64 ").\n"
                 "# energy: pJ per action.  pJ/bit was multiplied by the word's width, accumulators of %u bits.\n"
                 "# leak_*, idle_*: pJ per clock at %.9g MHz, = uW / MHz.  area: um2.\n"
                 "precess:\n  spec_hash: '%016" PRIx64 "'\n  acc_bits: %u\n  clock_mhz: %.9g\n"
                 "ERT:\n  version: '0.4'\n  tables:\n",
                 pcs_energy_table_path(table), pcs_energy_table_hash(table), units->acc_bits, units->clock_mhz,
                 pcs_spec_hash(), units->acc_bits, units->clock_mhz);
    pcs_status_t status = write_tables(table, units, false, out, err);
    cli_text_add(out, "ART:\n  version: '0.4'\n  tables:\n");
    return status == PCS_OK ? write_tables(table, units, true, out, err) : status;
}

/* ---- in ---- */

enum { MODES = (PCS_PREC_MAX + 1) * (PCS_PREC_MAX + 1), CHARGES_MAX = 64, DIGITS = 3, LEGAL_MAX = 400 };

typedef struct reader {
    const char *path;
    yaml_document_t *document;
    cli_energy_units_t units;
    cli_text_t *out;
    size_t seen[CHARGES_MAX][PCS_KIND_COUNT][DIGITS][MODES]; /* line of each figure; digit / 2; mode 0: every mode */
    pcs_error_t *err;
} reader_t;

static pcs_status_t bad(const reader_t *reader, const yaml_node_t *node, const char *key, const char *legal)
{
    const char *text = node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : cli_yaml_kind(node);
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: %s: '%.60s' is not legal; legal: %s", reader->path,
                    cli_yaml_line(node), key, text, legal);
}

/* The value of a key of a mapping, or NULL. */
static const yaml_node_t *get(const reader_t *reader, const yaml_node_t *mapping, const char *key)
{
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *name = yaml_document_get_node(reader->document, pair->key);
        if (name->type == YAML_SCALAR_NODE && strcmp((const char *)name->data.scalar.value, key) == 0) {
            return yaml_document_get_node(reader->document, pair->value);
        }
    }
    return NULL;
}

/* A key that must be there, of a type. */
static pcs_status_t need(const reader_t *reader, const yaml_node_t *mapping, const char *key, yaml_node_type_t type,
                         const char *legal, const yaml_node_t **value)
{
    *value = get(reader, mapping, key);
    if (*value == NULL) {
        return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: no key %s; legal: %s", reader->path, cli_yaml_line(mapping),
                        key, legal);
    }
    return (*value)->type == type ? PCS_OK : bad(reader, *value, key, legal);
}

static pcs_status_t number(const reader_t *reader, const yaml_node_t *mapping, const char *key, double *value)
{
    static const char legal[] = "a finite number, 0 or more";
    const yaml_node_t *node = NULL;
    const pcs_status_t status = need(reader, mapping, key, YAML_SCALAR_NODE, legal, &node);
    if (status != PCS_OK) {
        return status;
    }
    const char *text = (const char *)node->data.scalar.value;
    char *end = NULL;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value) && *value >= 0 ? PCS_OK : bad(reader, node, key, legal);
}

static void append(char *list, const char *name)
{
    const size_t used = strlen(list);
    (void)snprintf(list + used, LEGAL_MAX - used, "%s%s", used == 0 ? "" : "|", name);
}

/* The PE that a component's name ends with: "chip.array.serial". */
static pcs_status_t pe_of(const reader_t *reader, const yaml_node_t *component, pcs_array_config_t *pe)
{
    const yaml_node_t *node = NULL;
    const pcs_status_t status = need(reader, component, "name", YAML_SCALAR_NODE, "a component's name", &node);
    if (status != PCS_OK) {
        return status;
    }
    const char *name = (const char *)node->data.scalar.value;
    const char *dot = strrchr(name, '.');
    if (pcs_energy_pe_by_name(dot != NULL ? dot + 1 : name, pe)) {
        return PCS_OK;
    }
    char legal[LEGAL_MAX] = "";
    pcs_array_config_t each = {.rows = 1, .cols = 1, .digit = 1};
    for (bool more = true; more; more = cli_energy_next_pe(&each)) {
        char own[PCS_ENERGY_NAME_MAX];
        pcs_energy_pe_name(&each, own);
        append(legal, own);
    }
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: name: '%.60s' does not end with a MAC kind; legal ends: %s",
                    reader->path, cli_yaml_line(node), name, legal);
}

/* One row of the table. */
static pcs_status_t add_row(reader_t *reader, const yaml_node_t *node, size_t charge, const pcs_array_config_t *pe,
                            const unsigned mode[2], double value)
{
    const char *unit = NULL;
    const char *event = pcs_energy_charge(charge, &unit);
    const unsigned index = mode[0] * (PCS_PREC_MAX + 1) + mode[1];
    size_t *const seen = reader->seen[charge][pe->kind][pe->digit / 2];
    char name[PCS_ENERGY_NAME_MAX];
    pcs_energy_pe_name(pe, name);
    for (unsigned i = 0; i < MODES; i++) {
        if (seen[i] != 0 && (i == index || i == 0 || index == 0)) {
            return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: %s of %s at these bits is given by line %zu already",
                            reader->path, cli_yaml_line(node), event, name, seen[i]);
        }
    }
    seen[index] = cli_yaml_line(node);
    char bits[2][16] = {"*", "*"};
    for (int i = 0; mode[0] != 0 && i < 2; i++) {
        (void)snprintf(bits[i], sizeof bits[i], "%u", mode[i]);
    }
    cli_text_add(reader->out, "%s,%s,%s,%s,%.9g,%s,%s,%s,\"%s\"\n", event, name, bits[0], bits[1],
                 strcmp(unit, "uW") == 0 ? value * reader->units.clock_mhz : value, unit, reader->units.node_nm,
                 reader->units.voltage_v, reader->units.source);
    return PCS_OK;
}

static pcs_status_t read_mode(const reader_t *reader, const yaml_node_t *action, unsigned mode[2])
{
    static const char *const names[2] = {"pa", "pb"};
    const yaml_node_t *arguments = get(reader, action, "arguments");
    mode[0] = mode[1] = 0;
    if (arguments == NULL || (arguments->type == YAML_SCALAR_NODE && arguments->data.scalar.length == 0) ||
        (arguments->type == YAML_SCALAR_NODE && strcmp((const char *)arguments->data.scalar.value, "null") == 0) ||
        (arguments->type == YAML_MAPPING_NODE &&
         arguments->data.mapping.pairs.start == arguments->data.mapping.pairs.top)) {
        return PCS_OK;
    }
    if (arguments->type != YAML_MAPPING_NODE) {
        return bad(reader, arguments, "arguments", "{} or {pa: 2..8, pb: 2..8}");
    }
    for (int i = 0; i < 2; i++) {
        double bits = 0;
        const pcs_status_t status = number(reader, arguments, names[i], &bits);
        if (status != PCS_OK) {
            return status;
        }
        mode[i] = (unsigned)bits;
        if (bits != mode[i] || mode[i] < PCS_PREC_MIN || mode[i] > PCS_PREC_MAX) {
            return bad(reader, get(reader, arguments, names[i]), names[i], "2..8");
        }
    }
    return arguments->data.mapping.pairs.top - arguments->data.mapping.pairs.start == 2
               ? PCS_OK
               : bad(reader, arguments, "arguments", "{} or {pa: 2..8, pb: 2..8}");
}

static pcs_status_t read_action(reader_t *reader, const yaml_node_t *action, const pcs_array_config_t *pe)
{
    const yaml_node_t *name = NULL;
    double value = 0;
    unsigned mode[2];
    if (action->type != YAML_MAPPING_NODE) {
        return bad(reader, action, "actions", "a mapping with name, arguments and energy");
    }
    pcs_status_t status = need(reader, action, "name", YAML_SCALAR_NODE, "an event", &name);
    status = status == PCS_OK ? number(reader, action, "energy", &value) : status;
    status = status == PCS_OK ? read_mode(reader, action, mode) : status;
    if (status != PCS_OK) {
        return status;
    }
    char legal[LEGAL_MAX] = "";
    for (size_t i = 0; i < pcs_energy_charges(); i++) {
        const char *unit = NULL;
        const char *event = pcs_energy_charge(i, &unit);
        if (unit != NULL && strcmp(unit, "um2") != 0) {
            if (strcmp(event, (const char *)name->data.scalar.value) == 0) {
                return add_row(reader, name, i, pe, mode, value);
            }
            append(legal, event);
        }
    }
    return bad(reader, name, "name", legal);
}

/* The charge that is an area. */
static size_t area_charge(void)
{
    const char *unit = NULL;
    size_t i = 0;
    for (; i < pcs_energy_charges(); i++) {
        (void)pcs_energy_charge(i, &unit);
        if (unit != NULL && strcmp(unit, "um2") == 0) {
            break;
        }
    }
    return i;
}

static pcs_status_t read_component(reader_t *reader, const yaml_node_t *component, bool area)
{
    pcs_array_config_t pe = {.rows = 1, .cols = 1, .digit = 1};
    if (component->type != YAML_MAPPING_NODE) {
        return bad(reader, component, "tables", "a mapping with name and actions or area");
    }
    pcs_status_t status = pe_of(reader, component, &pe);
    if (status == PCS_OK && area) {
        static const unsigned every[2] = {0, 0};
        double um2 = 0;
        status = number(reader, component, "area", &um2);
        return status == PCS_OK ? add_row(reader, component, area_charge(), &pe, every, um2) : status;
    }
    const yaml_node_t *actions = NULL;
    status = status == PCS_OK ? need(reader, component, "actions", YAML_SEQUENCE_NODE, "a list of actions", &actions)
                              : status;
    for (const yaml_node_item_t *item = status == PCS_OK ? actions->data.sequence.items.start : NULL;
         status == PCS_OK && item < actions->data.sequence.items.top; item++) {
        status = read_action(reader, yaml_document_get_node(reader->document, *item), &pe);
    }
    return status;
}

/* ERT or ART, when the file has it. */
static pcs_status_t read_tables(reader_t *reader, const yaml_node_t *root, const char *key, bool area, bool *found)
{
    const yaml_node_t *top = get(reader, root, key);
    const yaml_node_t *tables = NULL;
    if (top == NULL) {
        return PCS_OK;
    }
    *found = true;
    if (top->type != YAML_MAPPING_NODE) {
        return bad(reader, top, key, "a mapping with version and tables");
    }
    pcs_status_t status = need(reader, top, "tables", YAML_SEQUENCE_NODE, "a list of components", &tables);
    for (const yaml_node_item_t *item = status == PCS_OK ? tables->data.sequence.items.start : NULL;
         status == PCS_OK && item < tables->data.sequence.items.top; item++) {
        status = read_component(reader, yaml_document_get_node(reader->document, *item), area);
    }
    return status;
}

/* What our own export says about itself; files of others have no such key. */
static pcs_status_t read_own(reader_t *reader, const yaml_node_t *root)
{
    const yaml_node_t *own = get(reader, root, "precess");
    if (own == NULL) {
        return PCS_OK;
    }
    const yaml_node_t *hash = NULL;
    char spec[20];
    (void)snprintf(spec, sizeof spec, "%016" PRIx64, pcs_spec_hash());
    if (own->type != YAML_MAPPING_NODE) {
        return bad(reader, own, "precess", "a mapping with spec_hash, acc_bits and clock_mhz");
    }
    pcs_status_t status = need(reader, own, "spec_hash", YAML_SCALAR_NODE, spec, &hash);
    if (status == PCS_OK && strcmp((const char *)hash->data.scalar.value, spec) != 0) {
        return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: spec_hash: the file is of spec %.20s, this build has spec %s",
                        reader->path, cli_yaml_line(hash), (const char *)hash->data.scalar.value, spec);
    }
    status = status == PCS_OK ? number(reader, own, "clock_mhz", &reader->units.clock_mhz) : status;
    return status == PCS_OK && reader->units.clock_mhz <= 0
               ? bad(reader, get(reader, own, "clock_mhz"), "clock_mhz", "above 0")
               : status;
}

pcs_status_t cli_energy_import(const char *path, const cli_energy_units_t *units, cli_text_t *out, pcs_error_t *err)
{
    PCS_ASSERT(pcs_energy_charges() <= CHARGES_MAX);
    yaml_document_t document;
    pcs_status_t status = cli_yaml_document(path, &document, err);
    if (status != PCS_OK) {
        return status;
    }
    reader_t *reader = calloc(1, sizeof *reader);
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    bool found = false;
    if (reader == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    } else if (root == NULL || root->type != YAML_MAPPING_NODE) {
        status = pcs_fail(err, PCS_FORMAT, "%s:1: no mapping with ERT or ART", path);
    } else {
        *reader = (reader_t){.path = path, .document = &document, .units = *units, .out = out, .err = err};
        cli_text_add(out, "event,kind,pa,pb,energy,unit,node_nm,voltage_v,source\n");
        status = read_own(reader, root);
        status = status == PCS_OK ? read_tables(reader, root, "ERT", false, &found) : status;
        status = status == PCS_OK ? read_tables(reader, root, "ART", true, &found) : status;
        if (status == PCS_OK && !found) {
            status = pcs_fail(err, PCS_FORMAT, "%s:%zu: neither ERT nor ART; legal: one of them or both", path,
                              cli_yaml_line(root));
        }
    }
    free(reader);
    yaml_document_delete(&document);
    return status;
}
