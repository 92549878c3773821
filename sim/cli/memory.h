/* Whether a network fits into this machine's memory: asked before anything is allocated or written. */
#ifndef PCS_SIM_CLI_MEMORY_H
#define PCS_SIM_CLI_MEMORY_H

#include "workloads/train/config.h"
#include "models/spec/status.h"

/* PCS_MEMORY, with what the network needs and what there is, when train.batch images of it do not fit. */
PCS_MUST_CHECK pcs_status_t cli_memory_check(const pcs_config_t *config, pcs_error_t *err);

#endif
