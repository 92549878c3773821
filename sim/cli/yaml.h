/* Reads a configuration file strictly: every mistake names file, line, key and the legal values. */
#ifndef PCS_SIM_CLI_YAML_H
#define PCS_SIM_CLI_YAML_H

#include <stdbool.h>

#include "sim/cli/yaml_document.h"
#include "workloads/train/config.h"

/* Sets the keys that the file has; the others keep their value.  `config` may be half set on failure. */
PCS_MUST_CHECK pcs_status_t cli_yaml_load(const char *path, pcs_config_t *config, pcs_error_t *err);

/* Takes the value of one key; `document` finds the children of a sequence. */
typedef pcs_status_t (*cli_yaml_key_fn)(void *user, const char *path, yaml_document_t *document, const cli_key_t *key,
                                        const yaml_node_t *value, pcs_error_t *err);

/* Reads a file of configuration keys, in the order of the file, each at most once; `takes` (NULL: all) says which are
   legal. */
PCS_MUST_CHECK pcs_status_t cli_yaml_keys(const char *path, bool (*takes)(const char *key), cli_yaml_key_fn set_key,
                                          void *user, pcs_error_t *err);

#endif
