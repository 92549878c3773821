/* Reads a configuration file strictly: every mistake names file, line, key and the legal values. */
#ifndef PCS_SIM_CLI_YAML_H
#define PCS_SIM_CLI_YAML_H

#include "models/spec/status.h"
#include "workloads/train/config.h"

/* Sets the keys that the file has; the others keep their value.  `config` may be half set on failure. */
PCS_MUST_CHECK pcs_status_t cli_yaml_load(const char *path, pcs_config_t *config, pcs_error_t *err);

#endif
