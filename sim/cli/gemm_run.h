/* A run of precess gemm, and what is printed of it. */
#ifndef PCS_SIM_CLI_GEMM_RUN_H
#define PCS_SIM_CLI_GEMM_RUN_H

#include "models/gemm/fgemm.h"
#include "sim/cli/args.h"
#include "sim/cli/gemm_array.h"
#include "sim/cli/matrix_block.h"
#include "sim/cli/matrix_file.h"
#include "sim/cli/numbers.h"

/* |Y - E| where both are finite; E is the exact sum rounded once to FP32. */
typedef struct cli_gemm_error {
    uint64_t finite;
    double max, sum, square, norm;
} cli_gemm_error_t;

typedef struct cli_gemm_run {
    cli_numbers_t numbers;
    pcs_stream_t stream;
    cli_matrix_t a, b, c, a_scales, b_scales, y, exact;
    cli_block_t blocks[2]; /* of A and B, where their formats are ones of blocks */
    const pcs_format_row_t *c_format;
    pcs_accumulator_t accumulator;
    pcs_fgemm_t gemm;
    pcs_fgemm_config_t config;
    pcs_fgemm_stats_t stats;
    cli_gemm_error_t error;
    cli_gemm_array_t array;
} cli_gemm_run_t;

/* `accumulator`: its name, as it was given. */
void cli_gemm_print_text(const cli_gemm_run_t *run, const char *accumulator);
PCS_MUST_CHECK pcs_status_t cli_gemm_print_json(const cli_gemm_run_t *run, const char *accumulator, pcs_error_t *err);

#endif
