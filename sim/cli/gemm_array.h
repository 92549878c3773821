/* precess gemm on an array of the kind float or bfp: its device, the register that fits the operands, and what is
   printed of the run. */
#ifndef PCS_SIM_CLI_GEMM_ARRAY_H
#define PCS_SIM_CLI_GEMM_ARRAY_H

#include <cjson/cJSON.h>

#include "models/gemm/fgemm.h"
#include "sim/cli/args.h"
#include "workloads/train/config.h"

/* Zero-initialise; cli_gemm_array_close. */
typedef struct cli_gemm_array {
    pcs_config_t config;
    pcs_array_dev_t *dev; /* NULL: the executor needs none */
    bool fitted, exact;   /* the accumulator is a register to be fitted; nothing is cut off in it */
} cli_gemm_array_t;

/* Flags of the array, for the command's set of keys; it is of the kind float, or, for blocks, bfp. */
extern const char *const cli_gemm_array_keys[];
void cli_gemm_array_defaults(cli_gemm_array_t *array, bool blocks);

/* Opens the device that the executor needs; refuses flags of the array (args) where it needs none. */
PCS_MUST_CHECK pcs_status_t cli_gemm_array_open(cli_gemm_array_t *array, const cli_args_t *args,
                                                pcs_executor_t executor, bool quiet, pcs_error_t *err);
void cli_gemm_array_close(cli_gemm_array_t *array);

/* The accumulator `register`, fitted to the operands of the contract. */
PCS_MUST_CHECK pcs_status_t cli_gemm_array_fit(cli_gemm_array_t *array, const pcs_fgemm_t *gemm,
                                               pcs_accumulator_t *accumulator, pcs_error_t *err);

/* Lines of text, or members of an object, of a run that had a device or a fitted register. */
void cli_gemm_array_print(const cli_gemm_array_t *array, const pcs_fgemm_t *gemm, const pcs_fgemm_stats_t *stats);
void cli_gemm_array_json(const cli_gemm_array_t *array, const pcs_fgemm_t *gemm, const pcs_fgemm_stats_t *stats,
                         cJSON *object);

#endif
