/* Accelergy's reference tables, strictly in. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/energy.h"
#include "sim/cli/yaml_document.h"

enum {
    FIELDS = 1 + ((int)PCS_FORMAT_COUNT > PCS_PREC_MAX ? (int)PCS_FORMAT_COUNT : PCS_PREC_MAX + 1),
    MODES = FIELDS * FIELDS,
    CHARGES_MAX = 64,
    DIGITS = 3,
    FLOWS = 2,
    SEEN_MAX = 1024,
    LEGAL_MAX = 500
};

/* What a component's name stands for. */
typedef struct component {
    enum { A_PE, A_SCRATCHPAD, AN_EDGE_BIT } what;
    pcs_array_config_t pe; /* A_PE */
    bool both;             /* A_PE: of either dataflow */
    double kb;             /* A_SCRATCHPAD: capacity, 0 = any */
} component_t;

typedef struct reader {
    const char *path;
    yaml_document_t *document;
    cli_energy_units_t units;
    cli_text_t *out;
    /* Line of each; digit / 2.  A mode is 1 + the field of an operand, bits or a format, 0: every mode. */
    size_t seen[CHARGES_MAX][PCS_KIND_COUNT][DIGITS][FLOWS][MODES];
    struct {
        size_t charge, line;
        double kb;
    } sram[SEEN_MAX]; /* (srams) figures of scratchpads, and of the edge */
    size_t srams;
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

/* What a component's name ends with: "chip.array.serial", "chip.scratchpad-32kb". */
static pcs_status_t component_of(const reader_t *reader, const yaml_node_t *node_of, component_t *component)
{
    const yaml_node_t *node = NULL;
    const pcs_status_t status = need(reader, node_of, "name", YAML_SCALAR_NODE, "a component's name", &node);
    if (status != PCS_OK) {
        return status;
    }
    const char *name = (const char *)node->data.scalar.value;
    const char *dot = strrchr(name, '.');
    const char *pad = strstr(name, "scratchpad");
    const char *end = dot != NULL ? dot + 1 : name;
    int used = 0;
    *component = (component_t){.what = A_PE, .pe = {.rows = 1, .cols = 1, .digit = 1}};
    if (pcs_energy_pe_by_name(end, &component->pe, &component->both)) {
        return PCS_OK;
    }
    component->what = pad != NULL ? A_SCRATCHPAD : AN_EDGE_BIT;
    if (strcmp(end, "edge_bit") == 0 || (pad != NULL && strcmp(pad, "scratchpad") == 0) ||
        (pad != NULL && sscanf(pad, "scratchpad-%lfkb%n", &component->kb, &used) == 1 && used > 0 &&
         pad[used] == '\0' && isfinite(component->kb) && component->kb > 0)) {
        return PCS_OK;
    }
    char legal[LEGAL_MAX] = "";
    pcs_array_config_t each = {.rows = 1, .cols = 1, .digit = 1};
    for (bool more = true; more; more = pcs_energy_next_pe(&each)) {
        char own[PCS_ENERGY_NAME_MAX];
        pcs_energy_pe_name(&each, own);
        append(legal, own);
    }
    return pcs_fail(reader->err, PCS_FORMAT,
                    "%s:%zu: name: '%.60s' does not end with a MAC kind; legal ends: %s, of these with /os or /ws, "
                    "scratchpad, scratchpad-32kb, edge_bit",
                    reader->path, cli_yaml_line(node), name, legal);
}

static pcs_status_t given(const reader_t *reader, const yaml_node_t *node, const char *event, const char *of,
                          size_t line)
{
    return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: %s of %s is given by line %zu already", reader->path,
                    cli_yaml_line(node), event, of, line);
}

/* Notes that a PE's figure has come; an error when it, or one that covers it, has come before. */
static pcs_status_t note_pe(reader_t *reader, const yaml_node_t *node, size_t charge, const component_t *of,
                            const unsigned mode[2])
{
    const char *unit = NULL;
    bool by_size = false;
    const char *event = pcs_energy_charge(charge, &unit, &by_size);
    const unsigned index = mode[0] * FIELDS + mode[1];
    for (unsigned flow = 0; flow < FLOWS; flow++) {
        size_t *const seen = reader->seen[charge][of->pe.kind][of->pe.digit / 2][flow];
        if (!of->both && flow != (of->pe.dataflow == PCS_DATAFLOW_OS ? 0 : 1)) {
            continue;
        }
        for (unsigned i = 0; i < MODES; i++) {
            if (seen[i] != 0 && (i == index || i == 0 || index == 0)) {
                char what[PCS_ENERGY_NAME_MAX + 20];
                char name[PCS_ENERGY_NAME_MAX];
                pcs_energy_pe_name(&of->pe, name);
                (void)snprintf(what, sizeof what, "%s at these bits", name);
                return given(reader, node, event, what, seen[i]);
            }
        }
        seen[index] = cli_yaml_line(node);
    }
    return PCS_OK;
}

static pcs_status_t note_sram(reader_t *reader, const yaml_node_t *node, size_t charge, const component_t *of)
{
    const char *unit = NULL;
    bool by_size = false;
    const char *event = pcs_energy_charge(charge, &unit, &by_size);
    for (size_t i = 0; i < reader->srams; i++) {
        const double kb = reader->sram[i].kb;
        const bool same = !(kb < of->kb) && !(kb > of->kb);
        if (reader->sram[i].charge == charge && (same || kb <= 0 || of->kb <= 0)) {
            return given(reader, node, event, "a scratchpad of this size", reader->sram[i].line);
        }
    }
    if (reader->srams == SEEN_MAX) {
        return pcs_fail(reader->err, PCS_FORMAT, "%s:%zu: more than %d figures of scratchpads", reader->path,
                        cli_yaml_line(node), SEEN_MAX);
    }
    reader->sram[reader->srams].charge = charge;
    reader->sram[reader->srams].kb = of->kb;
    reader->sram[reader->srams++].line = cli_yaml_line(node);
    return PCS_OK;
}

/* One row of the table. */
static pcs_status_t add_row(reader_t *reader, const yaml_node_t *node, size_t charge, const component_t *of,
                            const unsigned mode[2], double value)
{
    const char *unit = NULL;
    bool by_size = false;
    const char *event = pcs_energy_charge(charge, &unit, &by_size);
    const pcs_status_t status =
        of->what == A_PE ? note_pe(reader, node, charge, of, mode) : note_sram(reader, node, charge, of);
    if (status != PCS_OK) {
        return status;
    }
    char name[PCS_ENERGY_NAME_MAX + 8] = "*";
    char bits[2][PCS_ENERGY_FIELD_MAX] = {"*", "*"};
    char kb[32] = "*";
    if (of->what == A_PE) {
        pcs_energy_pe_name(&of->pe, name);
        if (!of->both && of->pe.dataflow == PCS_DATAFLOW_OS) {
            (void)snprintf(name + strlen(name), 8, "/os");
        }
    }
    for (int i = 0; mode[0] != 0 && i < 2; i++) {
        pcs_energy_field_name(of->pe.kind, mode[i] - 1U, bits[i]);
    }
    if (of->kb > 0) {
        (void)snprintf(kb, sizeof kb, "%.9g", of->kb);
    }
    cli_text_add(reader->out, "%s,%s,%s,%s,%.9g,%s,%s,%s,\"%s\",%s\n", event, name, bits[0], bits[1],
                 strcmp(unit, "uW") == 0 ? value * reader->units.clock_mhz : value, unit, reader->units.node_nm,
                 reader->units.voltage_v, reader->units.source, kb);
    return PCS_OK;
}

/* An argument of the kind float: the name of a format. */
static pcs_status_t read_format(const reader_t *reader, const yaml_node_t *arguments, const char *key, unsigned *field)
{
    const yaml_node_t *node = NULL;
    const pcs_status_t status = need(reader, arguments, key, YAML_SCALAR_NODE, "a format", &node);
    if (status != PCS_OK || pcs_energy_field_by_name(PCS_KIND_FLOAT, (const char *)node->data.scalar.value, field)) {
        return status;
    }
    char legal[LEGAL_MAX] = "";
    for (unsigned i = 0; i < PCS_FORMAT_COUNT; i++) {
        unsigned ignored = 0;
        if (pcs_energy_field_by_name(PCS_KIND_FLOAT, pcs_formats[i].name, &ignored)) {
            append(legal, pcs_formats[i].name);
        }
    }
    return bad(reader, node, key, legal);
}

static pcs_status_t read_bits(const reader_t *reader, const yaml_node_t *arguments, const char *key, unsigned *field)
{
    double bits = 0;
    const pcs_status_t status = number(reader, arguments, key, &bits);
    if (status != PCS_OK) {
        return status;
    }
    *field = (unsigned)bits;
    return bits != *field || *field < PCS_PREC_MIN || *field > PCS_PREC_MAX
               ? bad(reader, get(reader, arguments, key), key, "2..8")
               : PCS_OK;
}

static pcs_status_t read_mode(const reader_t *reader, const yaml_node_t *action, const component_t *of,
                              unsigned mode[2])
{
    const bool formats = of->what == A_PE && pcs_kind_arith(of->pe.kind) == PCS_ARITH_FLOAT;
    const char *legal = formats ? "{} or {pa: FORMAT, pb: FORMAT}" : "{} or {pa: 2..8, pb: 2..8}";
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
        return bad(reader, arguments, "arguments", legal);
    }
    for (int i = 0; i < 2; i++) {
        unsigned field = 0;
        const pcs_status_t status =
            formats ? read_format(reader, arguments, names[i], &field) : read_bits(reader, arguments, names[i], &field);
        if (status != PCS_OK) {
            return status;
        }
        mode[i] = field + 1U;
    }
    return arguments->data.mapping.pairs.top - arguments->data.mapping.pairs.start == 2
               ? PCS_OK
               : bad(reader, arguments, "arguments", legal);
}

static pcs_status_t read_action(reader_t *reader, const yaml_node_t *action, const component_t *of)
{
    const yaml_node_t *name = NULL;
    double value = 0;
    unsigned mode[2];
    if (action->type != YAML_MAPPING_NODE) {
        return bad(reader, action, "actions", "a mapping with name, arguments and energy");
    }
    pcs_status_t status = need(reader, action, "name", YAML_SCALAR_NODE, "an event", &name);
    status = status == PCS_OK ? number(reader, action, "energy", &value) : status;
    status = status == PCS_OK ? read_mode(reader, action, of, mode) : status;
    if (status != PCS_OK) {
        return status;
    }
    char legal[LEGAL_MAX] = "";
    for (size_t i = 0; i < pcs_energy_charges(); i++) {
        const char *unit = NULL;
        bool by_size = false;
        const char *event = pcs_energy_charge(i, &unit, &by_size);
        const bool energy = unit != NULL && strcmp(unit, "um2") != 0 && strcmp(unit, "ns") != 0;
        if (energy && of->what == (by_size ? A_SCRATCHPAD : A_PE)) {
            if (strcmp(event, (const char *)name->data.scalar.value) == 0) {
                return by_size && mode[0] != 0 ? bad(reader, get(reader, action, "arguments"), "arguments", "{}")
                                               : add_row(reader, name, i, of, mode, value);
            }
            append(legal, event);
        }
    }
    return bad(reader, name, "name", legal);
}

static size_t charge_of(const char *name)
{
    size_t i = 0;
    const char *unit = NULL;
    bool by_size = false;
    while (i < pcs_energy_charges() && strcmp(pcs_energy_charge(i, &unit, &by_size), name) != 0) {
        i++;
    }
    return i;
}

static pcs_status_t read_component(reader_t *reader, const yaml_node_t *component, bool area)
{
    static const char *const areas[] = {
        [A_PE] = "area_pe", [A_SCRATCHPAD] = "area_sram", [AN_EDGE_BIT] = "area_edge_bit"};
    component_t of;
    if (component->type != YAML_MAPPING_NODE) {
        return bad(reader, component, "tables", "a mapping with name and actions or area");
    }
    pcs_status_t status = component_of(reader, component, &of);
    if (status == PCS_OK && area) {
        static const unsigned every[2] = {0, 0};
        double um2 = 0;
        status = number(reader, component, "area", &um2);
        return status == PCS_OK ? add_row(reader, component, charge_of(areas[of.what]), &of, every, um2) : status;
    }
    const yaml_node_t *actions = NULL;
    status = status == PCS_OK ? need(reader, component, "actions", YAML_SEQUENCE_NODE, "a list of actions", &actions)
                              : status;
    for (const yaml_node_item_t *item = status == PCS_OK ? actions->data.sequence.items.start : NULL;
         status == PCS_OK && item < actions->data.sequence.items.top; item++) {
        status = read_action(reader, yaml_document_get_node(reader->document, *item), &of);
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

/* Clock periods, for which Accelergy's tables have no place: PE name to ns. */
static pcs_status_t read_periods(reader_t *reader, const yaml_node_t *periods)
{
    static const unsigned every[2] = {0, 0};
    if (periods == NULL || periods->type != YAML_MAPPING_NODE) {
        return PCS_OK;
    }
    for (const yaml_node_pair_t *pair = periods->data.mapping.pairs.start; pair < periods->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *key = yaml_document_get_node(reader->document, pair->key);
        const char *name = key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "";
        component_t of = {.what = A_PE, .pe = {.rows = 1, .cols = 1, .digit = 1}};
        double ns = 0;
        if (!pcs_energy_pe_by_name(name, &of.pe, &of.both)) {
            return bad(reader, key, "period_ns", "MAC kinds");
        }
        pcs_status_t status = number(reader, periods, name, &ns);
        if (status == PCS_OK && ns <= 0) {
            status = bad(reader, get(reader, periods, name), name, "above 0");
        }
        status = status == PCS_OK ? add_row(reader, key, charge_of("period_pe"), &of, every, ns) : status;
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
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
    if (status == PCS_OK && reader->units.clock_mhz <= 0) {
        return bad(reader, get(reader, own, "clock_mhz"), "clock_mhz", "above 0");
    }
    return status == PCS_OK ? read_periods(reader, get(reader, own, "period_ns")) : status;
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
        cli_text_add(out, "event,kind,pa,pb,energy,unit,node_nm,voltage_v,source,kb\n");
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
