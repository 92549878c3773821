#include "sim/cli/yaml.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/keys.h"
#include "sim/cli/yaml_document.h"

enum { KEYS_MAX = 256, NAME_MAX = 128, LEGAL_MAX = 400 };

typedef struct reader {
    const char *path;
    bool (*takes)(const char *key); /* NULL: all keys */
    cli_yaml_key_fn set_key;
    void *user;
    yaml_document_t *document;
    size_t seen[KEYS_MAX]; /* line on which each key was set, 0 = not yet */
} reader_t;

static bool takes(const reader_t *reader, size_t index)
{
    return reader->takes == NULL || reader->takes(cli_config_keys[index].key);
}

/* Names legal in a section ("" = top level), separated by |. */
static void legal_names(const reader_t *reader, const char *section, char *text, size_t size)
{
    const size_t length = strlen(section);
    char last[NAME_MAX] = "";
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < cli_config_key_count; i++) {
        const char *key = cli_config_keys[i].key;
        if (!takes(reader, i) || (length > 0 && (strncmp(key, section, length) != 0 || key[length] != '.'))) {
            continue;
        }
        key += length > 0 ? length + 1 : 0;
        char name[NAME_MAX];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(key, "."), key);
        if (strcmp(name, last) != 0 && used < size) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : "|", name);
            (void)snprintf(last, sizeof last, "%s", name);
        }
    }
}

static bool is_section(const reader_t *reader, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < cli_config_key_count; i++) {
        const char *key = cli_config_keys[i].key;
        if (takes(reader, i) && strncmp(key, name, length) == 0 && key[length] == '.') {
            return true;
        }
    }
    return false;
}

static pcs_status_t unknown(const reader_t *reader, const yaml_node_t *node, const char *section, const char *name,
                            pcs_error_t *err)
{
    char legal[LEGAL_MAX];
    legal_names(reader, section, legal, sizeof legal);
    return pcs_fail(err, PCS_INVALID, "%s:%zu: %s%s%.60s: unknown key; legal: %s", reader->path, cli_yaml_line(node),
                    section, section[0] == '\0' ? "" : ".", name, legal);
}

/* One key with its value. */
static pcs_status_t set(reader_t *reader, size_t index, const yaml_node_t *name, const yaml_node_t *value,
                        pcs_error_t *err)
{
    const cli_key_t *key = &cli_config_keys[index];
    if (reader->seen[index] != 0) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: %s: duplicate key, set on line %zu already; legal: once",
                        reader->path, cli_yaml_line(name), key->key, reader->seen[index]);
    }
    reader->seen[index] = cli_yaml_line(name);
    return reader->set_key(reader->user, reader->path, reader->document, key, value, err);
}

/* The pairs of a mapping: `section` "" is the top level.  Sections do not nest. */
static pcs_status_t read_mapping(reader_t *reader, const yaml_node_t *mapping, const char *section, pcs_error_t *err)
{
    char sections_seen[KEYS_MAX] = "|";
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *name = yaml_document_get_node(reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(reader->document, pair->value);
        if (name->type != YAML_SCALAR_NODE) {
            return unknown(reader, name, section, cli_yaml_kind(name), err);
        }
        const char *text = (const char *)name->data.scalar.value;
        char full[2 * NAME_MAX];
        (void)snprintf(full, sizeof full, "%s%s%.120s", section, section[0] == '\0' ? "" : ".", text);
        size_t index = 0;
        while (index < cli_config_key_count &&
               (!takes(reader, index) || strcmp(cli_config_keys[index].key, full) != 0)) {
            index++;
        }
        pcs_status_t status = PCS_OK;
        if (index < cli_config_key_count) {
            status = set(reader, index, name, value, err);
        } else if (section[0] != '\0' || !is_section(reader, text)) {
            status = unknown(reader, name, section, text, err);
        } else if (value->type != YAML_MAPPING_NODE) {
            char legal[LEGAL_MAX];
            legal_names(reader, text, legal, sizeof legal);
            status = pcs_fail(err, PCS_INVALID, "%s:%zu: %s: %s where a mapping belongs; legal keys: %s", reader->path,
                              cli_yaml_line(value), text, cli_yaml_kind(value), legal);
        } else {
            char mark[NAME_MAX + 2];
            (void)snprintf(mark, sizeof mark, "|%.120s|", text);
            if (strstr(sections_seen, mark) != NULL) {
                return pcs_fail(err, PCS_INVALID, "%s:%zu: %s: duplicate section; legal: once", reader->path,
                                cli_yaml_line(name), text);
            }
            (void)strncat(sections_seen, mark + 1, sizeof sections_seen - strlen(sections_seen) - 1);
            status = read_mapping(reader, value, text, err);
        }
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}

pcs_status_t cli_yaml_keys(const char *path, bool (*takes_key)(const char *key), cli_yaml_key_fn set_key, void *user,
                           pcs_error_t *err)
{
    PCS_ASSERT(cli_config_key_count <= KEYS_MAX);
    yaml_document_t document;
    pcs_status_t status = cli_yaml_document(path, &document, err);
    if (status != PCS_OK) {
        return status;
    }
    reader_t reader = {
        .path = path, .takes = takes_key, .set_key = set_key, .user = user, .document = &document, .seen = {0}};
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    if (root == NULL || root->type != YAML_MAPPING_NODE) {
        char legal[LEGAL_MAX];
        legal_names(&reader, "", legal, sizeof legal);
        status = pcs_fail(err, PCS_INVALID, "%s:%zu: %s where a mapping belongs; legal keys: %s", path,
                          root == NULL ? (size_t)1 : cli_yaml_line(root),
                          root == NULL ? "nothing" : cli_yaml_kind(root), legal);
    } else {
        status = read_mapping(&reader, root, "", err);
    }
    yaml_document_delete(&document);
    return status;
}

static pcs_status_t set_config(void *user, const char *path, yaml_document_t *document, const cli_key_t *key,
                               const yaml_node_t *value, pcs_error_t *err)
{
    (void)document;
    return cli_yaml_set(path, value, key, user, err);
}

pcs_status_t cli_yaml_load(const char *path, pcs_config_t *config, pcs_error_t *err)
{
    return cli_yaml_keys(path, NULL, set_config, config, err);
}
