#include "sim/cli/format_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/numbers.h"
#include "sim/cli/yaml_document.h"

/* One format as its keys stand in the file. */
typedef struct definition {
    char name[PCS_CONFIG_TEXT_MAX], bias[PCS_CONFIG_TEXT_MAX];
    uint64_t exponent_bits, mantissa_bits;
    int top, lowest, zero, sign;
} definition_t;

#define CLI_STRUCT definition_t
static const cli_key_t keys[] = {
    CLI_ROW_TEXT(name, "name", "name", "", "")
        CLI_ROW_UINT(exponent_bits, "exponent-bits", "exponent-bits", 0, 2, 8, "")
            CLI_ROW_UINT(mantissa_bits, "mantissa-bits", "mantissa-bits", 0, 0, 23, "")
                CLI_ROW_TEXT(bias, "bias", "bias", "", "") CLI_ROW_CHOICE(top, "top", "top", 0, "ieee|fn|full|inf", "")
                    CLI_ROW_CHOICE(lowest, "lowest", "lowest", 0, "subnormal|normal|flush", "")
                        CLI_ROW_CHOICE(zero, "zero", "zero", 0, "signed|nan|none", "")
                            CLI_ROW_CHOICE(sign, "sign", "sign", 0, "signed|unsigned", "")};
#undef CLI_STRUCT
enum { KEYS = sizeof keys / sizeof keys[0] };
static const char legal_keys[] = "name|exponent-bits|mantissa-bits|bias|top|lowest|zero|sign";

/* Other names of the formats in common use. */
static const struct {
    const char *name;
    pcs_format_t format;
} also[] = {{"half", PCS_FORMAT_FP16},    {"f16", PCS_FORMAT_FP16},
            {"float16", PCS_FORMAT_FP16}, {"binary16", PCS_FORMAT_FP16},
            {"e5m10", PCS_FORMAT_FP16},   {"bfloat16", PCS_FORMAT_BF16},
            {"e8m7", PCS_FORMAT_BF16},    {"e8m10", PCS_FORMAT_TF32},
            {"single", PCS_FORMAT_FP32},  {"f32", PCS_FORMAT_FP32},
            {"float32", PCS_FORMAT_FP32}, {"binary32", PCS_FORMAT_FP32},
            {"e8m23", PCS_FORMAT_FP32},   {"fp22", PCS_FORMAT_E8M13},
            {"e4m3fn", PCS_FORMAT_E4M3},  {"e4m3b11", PCS_FORMAT_E4M3_B11_FNUZ},
            {"e3m2fn", PCS_FORMAT_E3M2},  {"e2m3fn", PCS_FORMAT_E2M3},
            {"e2m1fn", PCS_FORMAT_E2M1},  {"e8m0fnu", PCS_FORMAT_E8M0},
            {"ue8m0", PCS_FORMAT_E8M0},   {"1-5-3", PCS_FORMAT_E5M3},
            {"1-6-9", PCS_FORMAT_E6M9},   {"dlfloat", PCS_FORMAT_DLFLOAT16}};

static const pcs_format_row_t *preset(const char *name)
{
    pcs_format_t found = pcs_format_by_name(name);
    for (size_t i = 0; i < sizeof also / sizeof also[0] && found == PCS_FORMAT_COUNT; i++) {
        found = strcmp(also[i].name, name) == 0 ? also[i].format : PCS_FORMAT_COUNT;
    }
    return found != PCS_FORMAT_COUNT ? &pcs_formats[found] : NULL;
}

static bool known(const cli_formats_t *formats, const char *name)
{
    char lower[CLI_NAME_MAX];
    bool found = preset(cli_numbers_name(name, lower)) != NULL;
    for (size_t i = 0; i < formats->count; i++) {
        found = found || strcmp(formats->name[i], name) == 0;
    }
    return found;
}

static pcs_status_t add(cli_formats_t *formats, const definition_t *definition, const char *path, size_t line,
                        pcs_error_t *err)
{
    pcs_error_t why = {{0}};
    char *end = NULL;
    const long bias = definition->bias[0] != '\0' ? strtol(definition->bias, &end, 10)
                                                  : (1L << (definition->exponent_bits - 1U)) - 1L;
    if (end != NULL && (*end != '\0' || bias < -1000 || bias > 1000)) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: bias: '%.40s'; legal: a whole number", path, line, definition->bias);
    }
    if (strlen(definition->name) >= CLI_FORMAT_NAME_MAX || known(formats, definition->name)) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: name: '%.40s'; legal: up to %d letters that name no format yet",
                        path, line, definition->name, CLI_FORMAT_NAME_MAX - 1);
    }
    if (formats->count == CLI_FORMATS_MAX) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: too many formats; legal: up to %d", path, line, CLI_FORMATS_MAX);
    }
    char *name = formats->name[formats->count];
    (void)snprintf(name, CLI_FORMAT_NAME_MAX, "%.*s", CLI_FORMAT_NAME_MAX - 1, definition->name);
    pcs_format_row_t *row = &formats->row[formats->count];
    *row = (pcs_format_row_t){.name = name,
                              .sign = (pcs_format_sign_t)definition->sign,
                              .exponent_bits = (unsigned)definition->exponent_bits,
                              .mantissa_bits = (unsigned)definition->mantissa_bits,
                              .bias = (int)bias,
                              .top = (pcs_format_top_t)definition->top,
                              .lowest = (pcs_format_lowest_t)definition->lowest,
                              .zero = (pcs_format_zero_t)definition->zero,
                              .after = "defined by a file"};
    if (pcs_format_check(row, &why) != PCS_OK) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: %.400s", path, line, why.text);
    }
    formats->count++;
    return PCS_OK;
}

static pcs_status_t read_format(cli_formats_t *formats, yaml_document_t *document, const yaml_node_t *mapping,
                                const char *path, pcs_error_t *err)
{
    definition_t definition = {.name = "", .bias = ""};
    bool seen[KEYS] = {false};
    if (mapping->type != YAML_MAPPING_NODE) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: %s where a mapping belongs; legal keys: %s", path,
                        cli_yaml_line(mapping), cli_yaml_kind(mapping), legal_keys);
    }
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *name = yaml_document_get_node(document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(document, pair->value);
        const char *text = name->type == YAML_SCALAR_NODE ? (const char *)name->data.scalar.value : "";
        size_t i = 0;
        while (i < KEYS && strcmp(keys[i].key, text) != 0) {
            i++;
        }
        if (i == KEYS || seen[i]) {
            return pcs_fail(err, PCS_INVALID, "%s:%zu: %.60s: %s key; legal: %s", path, cli_yaml_line(name), text,
                            i == KEYS ? "unknown" : "duplicate", legal_keys);
        }
        seen[i] = true;
        const pcs_status_t status = cli_yaml_set(path, value, &keys[i], &definition, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    if (!seen[0] || !seen[1] || !seen[2]) {
        return pcs_fail(err, PCS_INVALID,
                        "%s:%zu: %s is missing; legal: name, exponent-bits and mantissa-bits, at least", path,
                        cli_yaml_line(mapping),
                        keys[!seen[0]   ? 0
                             : !seen[1] ? 1
                                        : 2]
                            .key);
    }
    return add(formats, &definition, path, cli_yaml_line(mapping), err);
}

/* formats: [...] */
static const yaml_node_t *list_of(yaml_document_t *document)
{
    const yaml_node_t *root = yaml_document_get_root_node(document);
    if (root == NULL || root->type != YAML_MAPPING_NODE ||
        root->data.mapping.pairs.top - root->data.mapping.pairs.start != 1) {
        return NULL;
    }
    const yaml_node_t *name = yaml_document_get_node(document, root->data.mapping.pairs.start->key);
    const yaml_node_t *list = yaml_document_get_node(document, root->data.mapping.pairs.start->value);
    const bool named = name->type == YAML_SCALAR_NODE && strcmp((const char *)name->data.scalar.value, "formats") == 0;
    return named && list->type == YAML_SEQUENCE_NODE ? list : NULL;
}

pcs_status_t cli_formats_load(cli_formats_t *formats, const char *path, pcs_error_t *err)
{
    yaml_document_t document;
    pcs_status_t status = cli_yaml_document(path, &document, err);
    if (status != PCS_OK) {
        return status;
    }
    const yaml_node_t *list = list_of(&document);
    if (list == NULL) {
        status = pcs_fail(err, PCS_INVALID,
                          "%s:1: no list of formats; legal: formats: [{name: fp9, exponent-bits: 5, "
                          "mantissa-bits: 3}, ...]",
                          path);
    } else {
        for (const yaml_node_item_t *item = list->data.sequence.items.start;
             item < list->data.sequence.items.top && status == PCS_OK; item++) {
            status = read_format(formats, &document, yaml_document_get_node(&document, *item), path, err);
        }
    }
    yaml_document_delete(&document);
    return status;
}

pcs_status_t cli_formats_find(cli_formats_t *formats, const char *name, const pcs_format_row_t **format,
                              pcs_error_t *err)
{
    *format = NULL;
    for (size_t i = 0; i < formats->count && *format == NULL; i++) {
        *format = strcmp(formats->name[i], name) == 0 ? &formats->row[i] : NULL;
    }
    char lower[CLI_NAME_MAX];
    name = cli_numbers_name(name, lower);
    *format = *format != NULL ? *format : preset(name);
    pcs_format_row_t row;
    if (*format != NULL || formats->count == CLI_FORMATS_MAX || !pcs_format_by_fields(name, &row)) {
        return PCS_OK;
    }
    const pcs_status_t status = pcs_format_check(&row, err);
    if (status == PCS_OK) {
        row.name = formats->name[formats->count];
        (void)snprintf(formats->name[formats->count], CLI_FORMAT_NAME_MAX, "%.*s", CLI_FORMAT_NAME_MAX - 1, name);
        formats->row[formats->count] = row;
        *format = &formats->row[formats->count++];
    }
    return status;
}
