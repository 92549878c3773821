/* Conversion to what is not one float a code: integers, blocks with a shared scale, logarithmic numbers. */
#ifndef PCS_SIM_CLI_CONVERT_BLOCK_H
#define PCS_SIM_CLI_CONVERT_BLOCK_H

#include "models/format/block.h"
#include "sim/cli/numbers.h"

typedef enum cli_target_kind {
    CLI_TARGET_NONE,
    CLI_TARGET_INTEGER,
    CLI_TARGET_BLOCK,
    CLI_TARGET_LOG
} cli_target_kind_t;

typedef struct cli_target {
    cli_target_kind_t kind;
    pcs_integer_t integer;
    pcs_block_format_t block;
    const pcs_log4_t *log;
} cli_target_t;

/* Text of --help. */
extern const char cli_target_help[];

/* The target of that name; kind NONE when it is none of these.  `scale` names the scale rule of MX, NULL = floor. */
PCS_MUST_CHECK pcs_status_t cli_target_parse(const char *name, const char *scale, cli_target_t *target,
                                             pcs_error_t *err);

/* Values that make one case: the block's group, else 1. */
size_t cli_target_group(const cli_target_t *target);

/* Converts n values and prints the codes on one line, scale first; with `decoded`, a line of values follows each. */
void cli_target_print(const cli_target_t *target, const pcs_parts_t *values, size_t n, cli_numbers_t *numbers,
                      bool decoded);

#endif
