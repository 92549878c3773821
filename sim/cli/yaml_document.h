/* One YAML document as a tree, for readers that want to know where each node stands. */
#ifndef PCS_SIM_CLI_YAML_DOCUMENT_H
#define PCS_SIM_CLI_YAML_DOCUMENT_H

#include <yaml.h>

#include "sim/cli/keys.h"

/* Reads a file that holds exactly one document; on success yaml_document_delete when done.  PCS_FORMAT with file and
   line when it is not YAML. */
PCS_MUST_CHECK pcs_status_t cli_yaml_document(const char *path, yaml_document_t *document, pcs_error_t *err);

/* 1-based line of a node. */
size_t cli_yaml_line(const yaml_node_t *node);
/* "a sequence", "a mapping" or "a scalar". */
const char *cli_yaml_kind(const yaml_node_t *node);

/* Sets a key from a scalar: numbers are plain, texts may be quoted. */
PCS_MUST_CHECK pcs_status_t cli_yaml_set(const char *path, const yaml_node_t *value, const cli_key_t *key, void *base,
                                         pcs_error_t *err);

#endif
