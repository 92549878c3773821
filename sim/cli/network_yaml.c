/* The strict reader of YAML lists of layers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/network.h"
#include "sim/cli/yaml_document.h"

/* One item of the list: a field for each row of layers.def. */
typedef struct item {
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) uint64_t field;
#define PCS_KEY_TEXT(field, key, flag, def, help) char field[PCS_CONFIG_TEXT_MAX];
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) unsigned field;
#include "sim/cli/layers.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
} item_t;

#define CLI_STRUCT item_t
static const cli_key_t keys[] = {
#define PCS_KEY_UINT CLI_ROW_UINT
#define PCS_KEY_TEXT CLI_ROW_TEXT
#define PCS_KEY_CHOICE CLI_ROW_CHOICE
#include "sim/cli/layers.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
};
enum { KEYS = sizeof keys / sizeof keys[0], CONV_KEY = 0, GEMM_KEY = 1 };

static bool belongs(const cli_key_t *key, bool gemm)
{
    return strncmp(key->flag, "both", 4) == 0 || strncmp(key->flag, gemm ? "gemm" : "conv", 4) == 0;
}

static void legal_keys(bool gemm, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < KEYS && used < size; i++) {
        if (belongs(&keys[i], gemm)) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : "|", keys[i].key);
        }
    }
}

typedef struct reader {
    const char *path;
    yaml_document_t *document;
    pcs_shapes_t *shapes;
} reader_t;

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < KEYS && strcmp(keys[i].key, name) != 0) {
        i++;
    }
    return i;
}

/* Kind of a layer: whether its mapping has the key `gemm`. */
static bool is_gemm(const reader_t *reader, const yaml_node_t *mapping)
{
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *name = yaml_document_get_node(reader->document, pair->key);
        if (name->type == YAML_SCALAR_NODE && strcmp((const char *)name->data.scalar.value, keys[GEMM_KEY].key) == 0) {
            return true;
        }
    }
    return false;
}

static pcs_status_t read_keys(const reader_t *reader, const yaml_node_t *mapping, bool gemm, item_t *item,
                              bool seen[KEYS], pcs_error_t *err)
{
    char legal[256];
    legal_keys(gemm, legal, sizeof legal);
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *name = yaml_document_get_node(reader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(reader->document, pair->value);
        const char *text = name->type == YAML_SCALAR_NODE ? (const char *)name->data.scalar.value : cli_yaml_kind(name);
        const size_t index = find(text);
        if (index == KEYS || !belongs(&keys[index], gemm)) {
            return pcs_fail(err, PCS_INVALID, "%s:%zu: %.60s: unknown key of a %s; legal: %s", reader->path,
                            cli_yaml_line(name), text, gemm ? "gemm" : "conv", legal);
        }
        if (seen[index]) {
            return pcs_fail(err, PCS_INVALID, "%s:%zu: %s: duplicate key; legal: once a layer", reader->path,
                            cli_yaml_line(name), text);
        }
        seen[index] = true;
        const pcs_status_t status = cli_yaml_set(reader->path, value, &keys[index], item, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < KEYS; i++) {
        const bool needed = i == (gemm ? GEMM_KEY : CONV_KEY) || strchr(keys[i].flag, '!') != NULL;
        if (needed && belongs(&keys[i], gemm) && !seen[i]) {
            char range[64];
            cli_key_legal(&keys[i], range, sizeof range);
            return pcs_fail(err, PCS_INVALID, "%s:%zu: %s: missing; legal: %s", reader->path, cli_yaml_line(mapping),
                            keys[i].key, range);
        }
    }
    return PCS_OK;
}

static pcs_status_t layer_of(const item_t *item, bool gemm, pcs_shape_t *layer, pcs_error_t *err)
{
    *layer = (pcs_shape_t){.repeat = item->repeat, .first = item->first != 0, .rectified = item->rectified != 0};
    (void)snprintf(layer->name, sizeof layer->name, "%.40s", gemm ? item->gemm : item->conv);
    if (gemm) {
        layer->kind = PCS_SHAPE_GEMM;
        layer->gemm = (pcs_gemm_shape_t){item->m, item->n, item->k, item->steps, item->second == 0};
        return PCS_OK;
    }
    if (item->channels % item->groups != 0 || item->filters % item->groups != 0) {
        return pcs_fail(err, PCS_INVALID, "layer '%s': %" PRIu64 " groups; legal: a divisor of channels and filters",
                        layer->name, item->groups);
    }
    layer->kind = PCS_SHAPE_CONV;
    layer->repeat *= item->groups;
    layer->conv = (pcs_conv_shape_t){
        .height = (uint32_t)item->height,
        .width = (uint32_t)item->width,
        .channels = (uint32_t)(item->channels / item->groups),
        .kernel = (uint32_t)item->kernel,
        .kernel_w = item->kernel_width != item->kernel ? (uint32_t)item->kernel_width : 0,
        .stride = (uint32_t)item->stride,
        .padding = (uint32_t)item->padding,
        .filters = (uint32_t)(item->filters / item->groups),
    };
    return PCS_OK;
}

static pcs_status_t read_layer(const reader_t *reader, const yaml_node_t *mapping, pcs_error_t *err)
{
    if (mapping->type != YAML_MAPPING_NODE) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: %s where a layer belongs; legal: a mapping with conv or gemm",
                        reader->path, cli_yaml_line(mapping), cli_yaml_kind(mapping));
    }
    item_t item;
    bool seen[KEYS] = {false};
    memset(&item, 0, sizeof item);
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) item.field = (def);
#define PCS_KEY_TEXT(field, key, flag, def, help)
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) item.field = (def);
#include "sim/cli/layers.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
    const bool gemm = is_gemm(reader, mapping);
    pcs_shape_t layer;
    pcs_error_t inner = {{0}};
    pcs_status_t status = read_keys(reader, mapping, gemm, &item, seen, err);
    if (status != PCS_OK) {
        return status;
    }
    status = layer_of(&item, gemm, &layer, &inner);
    status = status == PCS_OK ? pcs_shapes_add(reader->shapes, &layer, &inner) : status;
    return status == PCS_OK ? PCS_OK
                            : pcs_fail(err, status, "%s:%zu: %.300s", reader->path, cli_yaml_line(mapping), inner.text);
}

pcs_status_t cli_network_yaml(const char *path, pcs_shapes_t *shapes, pcs_error_t *err)
{
    yaml_document_t document;
    pcs_status_t status = cli_yaml_document(path, &document, err);
    if (status != PCS_OK) {
        return status;
    }
    const reader_t reader = {path, &document, shapes};
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    const bool list = root != NULL && root->type == YAML_SEQUENCE_NODE;
    if (!list || root->data.sequence.items.start == root->data.sequence.items.top) {
        status = pcs_fail(err, PCS_INVALID,
                          "%s:%zu: %s where a list of layers belongs; legal: '- conv: NAME' and '- gemm: NAME' items",
                          path, root == NULL ? (size_t)1 : cli_yaml_line(root),
                          root == NULL ? "nothing"
                          : list       ? "an empty list"
                                       : cli_yaml_kind(root));
    } else {
        for (const yaml_node_item_t *item = root->data.sequence.items.start;
             item < root->data.sequence.items.top && status == PCS_OK; item++) {
            status = read_layer(&reader, yaml_document_get_node(&document, *item), err);
        }
    }
    yaml_document_delete(&document);
    return status;
}
