/* What the floating-point property tests share: the device under test beside the oracle, under every rounding. */
#ifndef PCS_TESTS_SUPPORT_FLOAT_CASE_H
#define PCS_TESTS_SUPPORT_FLOAT_CASE_H

#include "models/format/float.h"
#include "tests/support/check.h"
#include "tests/support/oracle.h"

/* The oracle's format of a row of formats.def, by name. */
const oracle_format_t *float_case_oracle(const pcs_format_row_t *format);

/* The next rounding of the list "every deterministic mode, and stochastic with a random N and R"; tininess takes turns.
 */
pcs_fpstate_t float_case_state(int rounding, int overflow, check_rng_t *rng);
/* The same for the oracle, which numbers them alike but counts its own flags. */
oracle_how_t float_case_how(const pcs_fpstate_t *state);

/* One comparison: code and flags of both; `what` is the operation, a, b, c its operands. */
void float_case_check(const char *what, const pcs_format_row_t *to, const pcs_fpstate_t *state, uint32_t observed,
                      uint32_t expected, unsigned expected_flags, const uint32_t operand[3]);

typedef enum float_case_op {
    FLOAT_CASE_ADD,
    FLOAT_CASE_SUB,
    FLOAT_CASE_MUL,
    FLOAT_CASE_FMA,
    FLOAT_CASE_OPS
} float_case_op_t;
const char *float_case_op_name(float_case_op_t op);

/* The operation by models/format; x: 2 operands, or 3 of fma. */
uint32_t float_case_device(const pcs_format_row_t *f, float_case_op_t op, const uint32_t x[3], pcs_fpstate_t *state);

/* One case under all roundings, against the oracle; the overflow policy takes turns.  `fault` puts a wrong bit into the
   code that nearest even gave. */
void float_case_compare(const pcs_format_row_t *format, float_case_op_t op, const uint32_t x[3], bool fault,
                        check_rng_t *rng);

/* A code that is likely to hurt: special, or random with a mantissa near a half, a power of two or its predecessor. */
pcs_code_t float_case_code(const pcs_format_row_t *format, check_rng_t *rng);

#endif
