/* What precision.schedule says of operands, beside a schedule of bits:

     float:FW/BW      the kind float: the format of activations and weights, and that of gradients; FW alone: both
     bfp:N:E:SPEC     the kind bfp: SPEC are the bits of mantissas, of which N along K share an exponent of E bits
     SPEC             bits; of the kind bfp with N = 16, E = 8 */
#ifndef PCS_SIM_CLI_OPERANDS_H
#define PCS_SIM_CLI_OPERANDS_H

#include <stdint.h>

#include "models/spec/spec.h"
#include "models/spec/status.h"

enum { CLI_BLOCK = 16, CLI_BLOCK_MAX = 1024, CLI_EXPONENT_BITS = 8, CLI_EXPONENT_BITS_MIN = 2 };

typedef struct cli_operands {
    pcs_arith_t arith;          /* PCS_ARITH_INTEGER: a schedule without a prefix */
    pcs_format_t fw, bw;        /* of PCS_ARITH_FLOAT */
    uint64_t block, block_bits; /* N, E */
    const char *schedule;       /* SPEC, in the text that was parsed; of PCS_ARITH_FLOAT NULL */
} cli_operands_t;

PCS_MUST_CHECK pcs_status_t cli_operands_parse(const char *text, cli_operands_t *operands, pcs_error_t *err);
/* Whether an array of the kind takes them. */
PCS_MUST_CHECK pcs_status_t cli_operands_check(const cli_operands_t *operands, pcs_kind_t kind, pcs_error_t *err);

/* A format that the kind float multiplies; `what` named it. */
PCS_MUST_CHECK pcs_status_t cli_operand_format(const char *what, const char *text, pcs_format_t *format,
                                               pcs_error_t *err);

/* The accumulators that the kinds float and bfp were measured with: other widths have no energy. */
PCS_MUST_CHECK pcs_status_t cli_operands_acc_bits(pcs_kind_t kind, uint64_t acc_bits, pcs_error_t *err);
enum { CLI_MEASURED_ACC_BITS = 48 };

#endif
