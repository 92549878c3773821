/* precess cosim --all: a random walk over arrays, modes, shapes and stalls for a given time. */
#ifndef PCS_SIM_CLI_COSIM_ALL_H
#define PCS_SIM_CLI_COSIM_ALL_H

#include <stdbool.h>
#include <stdint.h>

#include "models/spec/status.h"
#include "sim/cli/cli.h"
#include "sim/cosim/lockstep.h"

/* Self-tests of the checker: what --inject names. */
enum cli_inject { CLI_INJECT_NONE, CLI_INJECT_REGISTER, CLI_INJECT_COUNTER };
/* A fault in the model of an array: its last PE's accumulator, or a counter; both must be found whatever runs. */
pcs_fault_t cli_inject_fault(const pcs_array_config_t *array, unsigned inject);

typedef struct cli_cosim_all {
    uint64_t seed;
    double time_s;
    uint32_t max_steps; /* most codes along K of a tile */
    const char *dump;   /* beginning of the names of a difference's files; NULL: none */
    unsigned inject;
    bool json;
} cli_cosim_all_t;

/* Walks, prints what it covered; *exit_status tells whether there was a difference. */
PCS_MUST_CHECK pcs_status_t cli_cosim_all(const cli_cosim_all_t *walk, int *exit_status, pcs_error_t *err);

#endif
