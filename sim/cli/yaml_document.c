#include "sim/cli/yaml_document.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

size_t cli_yaml_line(const yaml_node_t *node)
{
    return node->start_mark.line + 1;
}

const char *cli_yaml_kind(const yaml_node_t *node)
{
    return node->type == YAML_SEQUENCE_NODE ? "a sequence" : node->type == YAML_MAPPING_NODE ? "a mapping" : "a scalar";
}

/* Loads the next document; its root is NULL at the end of the file. */
static pcs_status_t load(yaml_parser_t *parser, yaml_document_t *document, const char *path, pcs_error_t *err)
{
    if (yaml_parser_load(parser, document)) {
        return PCS_OK;
    }
    const size_t line = parser->problem_mark.line > 0 ? parser->problem_mark.line : parser->context_mark.line;
    return pcs_fail(err, PCS_FORMAT, "%s:%zu: not YAML: %s; legal: 'key: value' lines", path, line + 1,
                    parser->problem != NULL ? parser->problem : "cannot be parsed");
}

/* Nothing may follow the first document. */
static pcs_status_t check_end(yaml_parser_t *parser, const char *path, pcs_error_t *err)
{
    yaml_document_t rest;
    const pcs_status_t status = load(parser, &rest, path, err);
    if (status != PCS_OK) {
        return status;
    }
    const yaml_node_t *second = yaml_document_get_root_node(&rest);
    const size_t line = second != NULL ? cli_yaml_line(second) : 0;
    yaml_document_delete(&rest);
    return line == 0 ? PCS_OK : pcs_fail(err, PCS_INVALID, "%s:%zu: a second document; legal: one", path, line);
}

pcs_status_t cli_yaml_document(const char *path, yaml_document_t *document, pcs_error_t *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        (void)fclose(file);
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    yaml_parser_set_input_file(&parser, file);
    pcs_status_t status = load(&parser, document, path, err);
    if (status == PCS_OK) {
        /* An empty file is an empty first document; asking for a second one would fail. */
        status = yaml_document_get_root_node(document) != NULL ? check_end(&parser, path, err) : PCS_OK;
        if (status != PCS_OK) {
            yaml_document_delete(document);
        }
    }
    yaml_parser_delete(&parser);
    (void)fclose(file);
    return status;
}

pcs_status_t cli_yaml_set(const char *path, const yaml_node_t *value, const cli_key_t *key, void *base,
                          pcs_error_t *err)
{
    char where[PCS_CONFIG_TEXT_MAX];
    char legal[256];
    (void)snprintf(where, sizeof where, "%s:%zu", path, cli_yaml_line(value));
    cli_key_legal(key, legal, sizeof legal);
    if (value->type != YAML_SCALAR_NODE) {
        return pcs_fail(err, PCS_INVALID, "%s: %s: %s where a value belongs; legal: %s", where, key->key,
                        cli_yaml_kind(value), legal);
    }
    const char *text = (const char *)value->data.scalar.value;
    if (strlen(text) != value->data.scalar.length) {
        return pcs_fail(err, PCS_INVALID, "%s: %s: the value contains a zero byte; legal: %s", where, key->key, legal);
    }
    const bool quoted = value->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (quoted && (key->type == CLI_UINT || key->type == CLI_REAL)) {
        return pcs_fail(err, PCS_INVALID, "%s: %s: a quoted text where a number belongs; legal: %s", where, key->key,
                        legal);
    }
    return cli_key_set(key, base, text, where, err);
}
