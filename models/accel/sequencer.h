/* The command sequencer: turns one GEMM, described by registers (models/spec/regs.def), into a job of the array
   (models/array/stream.h; an input-stationary array gets it with its operands exchanged).  It fetches operand codes
   from memory, adds the segments' accumulators in 64 bits, and writes the sums back:

     Y[m][n] = sum over segments s of acc(s),   acc(s) = sum over k of s of A[m][k] * B[k][n] in the array's accumulator

   What it computes and what its registers say are here; when a command ends is up to the shell around it, which gets
   the clocks of the array and calls pcs_seq_retire when they have passed.  The DMA itself takes no clocks here. */
#ifndef PCS_MODELS_ACCEL_SEQUENCER_H
#define PCS_MODELS_ACCEL_SEQUENCER_H

#include "models/array/array.h"
#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the DMA reaches.  A callback returns false when the memory does not answer. */
typedef struct pcs_mem {
    void *user;
    uint64_t bytes; /* addresses 0..bytes - 1 */
    bool (*read)(void *user, uint64_t addr, uint8_t *data, size_t bytes);
    bool (*write)(void *user, uint64_t addr, const uint8_t *data, size_t bytes);
} pcs_mem_t;

typedef struct pcs_seq pcs_seq_t;

/* dev is borrowed; mem is copied.  PCS_MISMATCH when the device was built from another specification. */
PCS_MUST_CHECK pcs_status_t pcs_seq_create(pcs_array_dev_t *dev, const pcs_mem_t *mem, pcs_seq_t **seq,
                                           pcs_error_t *err);
void pcs_seq_destroy(pcs_seq_t *seq);

/* Register access at a byte offset (a multiple of 8).  False, and no effect, when there is no such register, when it
   cannot be accessed so, or for a write while busy.  Writing START with anything illegal in a register sets ERROR
   and FAULT, starts nothing and leaves memory alone. */
bool pcs_seq_read(const pcs_seq_t *seq, uint64_t offset, uint64_t *value);
bool pcs_seq_write(pcs_seq_t *seq, uint64_t offset, uint64_t value);

/* A command was started and not yet retired. */
bool pcs_seq_busy(const pcs_seq_t *seq);
/* Runs the command that START accepted; `clocks` receives the array's clocks.  When the memory does not answer, the
   rest is computed on zeros, nothing more is written, and retiring sets ERROR and BUS.  A status other than PCS_OK is
   the device's (a lock-step checker that found a difference); retiring then sets the same. */
PCS_MUST_CHECK pcs_status_t pcs_seq_execute(pcs_seq_t *seq, uint64_t *clocks, pcs_error_t *err);
/* Ends the command: clears BUSY, sets DONE or ERROR. */
void pcs_seq_retire(pcs_seq_t *seq);

#ifdef __cplusplus
}
#endif
#endif
