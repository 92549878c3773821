/* Operand traces: what an 8 x 8 array of PEs multiplies while it is measured.

   A file of recorded operands is text: lines that start with # say where it comes from; a block begins with
     block ROLE PA PB A_SIGNED B_SIGNED STEPS         ROLE forward|dgrad|wgrad, signed 0|1
   and continues with STEPS lines of 8 codes of A (rows) and 8 codes of B (columns), each two hexadecimal digits. */
#ifndef PCS_ENERGY_GATES_TRACE_H
#define PCS_ENERGY_GATES_TRACE_H

#include <stdint.h>

#include "models/spec/spec.h"
#include "models/spec/status.h"

enum { PCS_TRACE_SIDE = 8, PCS_TRACE_STEPS = 256 };

typedef struct pcs_trace {
    char name[16];   /* "uniform", or the role */
    pcs_mode_t mode; /* serial_b: the narrower operand is the serial one, B when both are as wide */
    uint16_t a[PCS_TRACE_STEPS][PCS_TRACE_SIDE], b[PCS_TRACE_STEPS][PCS_TRACE_SIDE];
    unsigned steps; /* codes used of each row and column: PCS_TRACE_STEPS, or fewer, a multiple of 64 */
    uint64_t hash;  /* of the file, or of seed and generator */
} pcs_trace_t;

/* Uniform over all codes, drawn from a seed of its own. */
void pcs_trace_uniform(unsigned pa, unsigned pb, bool a_signed, bool b_signed, pcs_trace_t *trace);

/* For the kinds `float` and `bfp`, whose operands no training run has recorded: normally distributed numbers (sums of
   twelve uniform ones), seeded, rounded to the nearest.  fa, fb: float, formats; bfp, bits of the mantissas, a shared
   exponent for each 16 steps of a row or column.  The anchor is 16 bits below the exponent of the smallest product of
   two numbers of magnitude 1 (float: of their last bits, at the least PCS_ANCHOR_MIN), so that little is cut off. */
void pcs_trace_normal(pcs_kind_t kind, unsigned fa, unsigned fb, pcs_trace_t *trace);

/* All blocks of a file; the caller frees *traces. */
PCS_MUST_CHECK pcs_status_t pcs_trace_read(const char *path, pcs_trace_t **traces, size_t *count, pcs_error_t *err);

/* Recorded operands at any bit-widths: of the blocks at 8/8 bits, half a trace of forward and a quarter of each
   backward role, their codes cut to the top pa and pb bits, as a quantizer of the same range would give them.  Named
   "trained". PCS_INVALID when the blocks lack a role at 8/8. */
PCS_MUST_CHECK pcs_status_t pcs_trace_trained(const pcs_trace_t *traces, size_t count, unsigned pa, unsigned pb,
                                              pcs_trace_t *trace, pcs_error_t *err);

#endif
