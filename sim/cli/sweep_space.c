#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/device.h"
#include "sim/cli/sweep.h"
#include "sim/cli/yaml.h"

static bool is_fast(const cli_key_t *key)
{
    return strcmp(key->key, "precision.schedule") == 0 || strcmp(key->key, "precision.cycles") == 0 ||
           strcmp(key->key, "train.iterations") == 0;
}

static pcs_status_t add_value(cli_space_t *space, cli_axis_t *axis, const char *path, const yaml_node_t *value,
                              pcs_error_t *err)
{
    char text[PCS_CONFIG_TEXT_MAX];
    const pcs_status_t status = cli_yaml_set(path, value, axis->key, &space->base, err);
    if (status != PCS_OK) {
        return status;
    }
    cli_key_text(axis->key, &space->base, text, sizeof text);
    for (size_t i = 0; i < axis->count; i++) {
        if (strcmp(axis->values[i], text) == 0) {
            return pcs_fail(err, PCS_INVALID, "%s:%zu: %s: '%.60s' is in the list already; legal: once", path,
                            cli_yaml_line(value), axis->key->key, text);
        }
    }
    char **grown = realloc(axis->values, (axis->count + 1U) * sizeof *grown);
    if (grown == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    axis->values = grown;
    axis->values[axis->count] = strdup(text);
    if (axis->values[axis->count] == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s: out of memory", path);
    }
    axis->count++;
    return PCS_OK;
}

/* A scalar fixes a key, a list is an axis. */
static pcs_status_t set_key(void *user, const char *path, yaml_document_t *document, const cli_key_t *key,
                            const yaml_node_t *value, pcs_error_t *err)
{
    cli_space_t *space = user;
    if (value->type != YAML_SEQUENCE_NODE) {
        return cli_yaml_set(path, value, key, &space->base, err);
    }
    const yaml_node_item_t *first = value->data.sequence.items.start;
    if (first == value->data.sequence.items.top) {
        return pcs_fail(err, PCS_INVALID, "%s:%zu: %s: an empty list; legal: at least one value", path,
                        cli_yaml_line(value), key->key);
    }
    PCS_ASSERT(space->axes < CLI_SWEEP_AXES_MAX);
    cli_axis_t *axis = &space->axis[space->axes++];
    *axis = (cli_axis_t){.key = key};
    pcs_status_t status = PCS_OK;
    for (const yaml_node_item_t *item = first; item < value->data.sequence.items.top && status == PCS_OK; item++) {
        status = add_value(space, axis, path, yaml_document_get_node(document, *item), err);
    }
    return status;
}

/* Slowest first: keys in the order of config.def, the fast ones last. */
static int by_speed(const void *a, const void *b)
{
    const cli_axis_t *first = a;
    const cli_axis_t *second = b;
    if (is_fast(first->key) != is_fast(second->key)) {
        return is_fast(first->key) ? 1 : -1;
    }
    return first->key < second->key ? -1 : 1;
}

static pcs_status_t load(const char *path, cli_space_t *space, pcs_error_t *err)
{
    const pcs_status_t status = cli_yaml_keys(path, cli_estimate_takes, set_key, space, err);
    if (status != PCS_OK) {
        return status;
    }
    qsort(space->axis, space->axes, sizeof space->axis[0], by_speed);
    space->points = 1;
    space->fast = 1;
    for (size_t i = 0; i < space->axes; i++) {
        const cli_axis_t *axis = &space->axis[i];
        if (space->points > CLI_SWEEP_POINTS_MAX / axis->count) {
            return pcs_fail(err, PCS_INVALID, "%s: the lists make more than %d points; legal: at most that", path,
                            CLI_SWEEP_POINTS_MAX);
        }
        space->points *= axis->count;
        space->fast *= is_fast(axis->key) ? axis->count : 1;
    }
    return PCS_OK;
}

pcs_status_t cli_space_load(const char *path, cli_space_t *space, pcs_error_t *err)
{
    memset(space, 0, sizeof *space);
    pcs_config_defaults(&space->base);
    const pcs_status_t status = load(path, space, err);
    if (status != PCS_OK) {
        cli_space_free(space);
    }
    return status;
}

void cli_space_free(cli_space_t *space)
{
    for (size_t i = 0; i < space->axes; i++) {
        for (size_t k = 0; k < space->axis[i].count; k++) {
            free(space->axis[i].values[k]);
        }
        free(space->axis[i].values);
    }
    space->axes = 0;
}

void cli_space_point(const cli_space_t *space, uint64_t id, pcs_config_t *config)
{
    *config = space->base;
    for (size_t i = space->axes; i-- > 0;) {
        const cli_axis_t *axis = &space->axis[i];
        const pcs_status_t status = cli_key_set(axis->key, config, axis->values[id % axis->count], "", NULL);
        PCS_ASSERT(status == PCS_OK); /* was set once before */
        id /= axis->count;
    }
}

static const cli_axis_t *axis_of(const cli_space_t *space, const cli_key_t *key)
{
    for (size_t i = 0; i < space->axes; i++) {
        if (space->axis[i].key == key) {
            return &space->axis[i];
        }
    }
    return NULL;
}

void cli_space_text(const cli_space_t *space, cli_text_t *text)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        const cli_key_t *key = &cli_config_keys[i];
        if (!cli_estimate_takes(key->key)) {
            continue;
        }
        const cli_axis_t *axis = axis_of(space, key);
        char value[PCS_CONFIG_TEXT_MAX];
        cli_key_text(key, &space->base, value, sizeof value);
        cli_text_add(text, "%s: %s", key->key, axis == NULL ? value : axis->values[0]);
        for (size_t k = 1; axis != NULL && k < axis->count; k++) {
            cli_text_add(text, " | %s", axis->values[k]);
        }
        cli_text_add(text, "\n");
    }
}

/* ---- files that the space depends on
 * --------------------------------------------------------------------------------- */

static pcs_status_t add_file(const char *path, cli_text_t *text, pcs_error_t *err)
{
    cli_text_t bytes = {0};
    const pcs_status_t status = cli_text_read(path, &bytes, err);
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < bytes.size; i++) {
        hash = (hash ^ (unsigned char)bytes.data[i]) * UINT64_C(0x100000001b3);
    }
    if (status == PCS_OK) {
        cli_text_add(text, "%016" PRIx64 " %s\n", hash, path);
    }
    cli_text_free(&bytes);
    return status;
}

static pcs_status_t add_value_file(const cli_key_t *key, const char *value, cli_text_t *text, pcs_error_t *err)
{
    const size_t length = strlen(value);
    if (strcmp(key->key, "precision.schedule") == 0 && strncmp(value, "csv:", 4) == 0) {
        return add_file(value + 4, text, err);
    }
    if (strcmp(key->key, "network") == 0 && length > 4 && strchr(value, '.') != NULL) {
        return add_file(value, text, err); /* names of networks have no dots */
    }
    if (strcmp(key->key, "energy.table") == 0) {
        pcs_energy_table_t *table = NULL;
        const pcs_status_t status = cli_energy_open(value, &table, err);
        if (status == PCS_OK) {
            cli_text_add(text, "%016" PRIx64 " %s\n", pcs_energy_table_hash(table), value);
        }
        pcs_energy_table_destroy(table);
        return status;
    }
    return PCS_OK;
}

pcs_status_t cli_space_inputs(const cli_space_t *space, cli_text_t *text, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < cli_config_key_count && status == PCS_OK; i++) {
        const cli_key_t *key = &cli_config_keys[i];
        const cli_axis_t *axis = axis_of(space, key);
        if (key->type != CLI_TEXT || !cli_estimate_takes(key->key)) {
            continue;
        }
        char value[PCS_CONFIG_TEXT_MAX];
        cli_key_text(key, &space->base, value, sizeof value);
        for (size_t k = 0; k < (axis == NULL ? 1 : axis->count) && status == PCS_OK; k++) {
            status = add_value_file(key, axis == NULL ? value : axis->values[k], text, err);
        }
    }
    return status;
}
