/* Two devices in lock-step: the DUT leads, the model follows with the same inputs, and after every clock all outputs
   and every architectural register of every PE are compared.  It is a device itself ("lockstep"), so whatever drives
   one device drives the pair; it answers with the DUT's outputs. */
#ifndef PCS_SIM_COSIM_LOCKSTEP_H
#define PCS_SIM_COSIM_LOCKSTEP_H

#include "models/array/array.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_NOWHERE = -1 };

/* The first difference. */
typedef struct pcs_difference {
    bool found;
    uint64_t clock;             /* since reset, counted from 0; event counters: the number of clocks run */
    char signal[64];            /* name of a probe row, port or event */
    int row, col;               /* of the PE; a port has a column or PCS_NOWHERE for both */
    int64_t observed, expected; /* DUT, model */
} pcs_difference_t;

/* A fault for tests, so that the checker is seen to find it. */
typedef enum pcs_fault_kind { PCS_FAULT_NONE, PCS_FAULT_PROBE, PCS_FAULT_EVENT } pcs_fault_kind_t;
typedef struct pcs_fault {
    pcs_fault_kind_t kind;
    unsigned row, col, bit; /* PROBE: this bit of this register of the model is inverted from clock `clock` on */
    pcs_probe_t probe;
    uint64_t clock;
    pcs_event_t event; /* EVENT: the model's counter reads one too many */
} pcs_fault_t;

/* The fields of a PE that a foreign MAC need not have: operand registers after the load, and the kind's own registers.
 */
bool pcs_lockstep_is_internal(pcs_probe_t probe);

/* Takes both devices: they are destroyed with the pair, also when this fails.  Their configurations and their
   registers spec_hash, rows, cols, kind, acc_bits, dataflow and digit must be equal (else PCS_MISMATCH, the register
   named).  fault may be NULL; a PROBE fault needs the cycle model as `model`.
   foreign: internal registers are not compared. */
PCS_MUST_CHECK pcs_status_t pcs_lockstep_create(pcs_array_dev_t *dut, pcs_array_dev_t *model, const pcs_fault_t *fault,
                                                bool foreign, pcs_array_dev_t **dev, pcs_error_t *err);

/* Notes a difference, unless one was found before. */
void pcs_difference_note(pcs_difference_t *difference, uint64_t clock, const char *signal, int row, int col,
                         int64_t observed, int64_t expected);

/* The first difference since reset. */
const pcs_difference_t *pcs_lockstep_difference(const pcs_array_dev_t *dev);
/* Compares the event counters of both now. */
void pcs_lockstep_compare_events(pcs_array_dev_t *dev);
/* Clocks and words (32-bit words of the probe images, and output signals) compared since creation. */
void pcs_lockstep_compared(const pcs_array_dev_t *dev, uint64_t *clocks, uint64_t *words);

#ifdef __cplusplus
}
#endif
#endif
