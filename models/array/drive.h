/* Drives a device through a stream of tile segments: offers steps, takes rows, until all is drained. */
#ifndef PCS_MODELS_ARRAY_DRIVE_H
#define PCS_MODELS_ARRAY_DRIVE_H

#include "models/array/array.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_drive {
    void *user;
    /* Fills first, last, mode, rows, cols, a, b of the next step; false when the stream has ended.  Called once a step.
     */
    bool (*next)(void *user, pcs_array_in_t *in);
    /* Takes one row of accumulators. */
    void (*row)(void *user, const pcs_array_out_t *out);
    /* Optional stalls for tests: whether to offer a step, and whether to take a row, in this clock.  NULL = always. */
    bool (*offer)(void *user);
    bool (*take)(void *user);
    /* Optional: called after each clock; false stops at once with PCS_MISMATCH (a lock-step checker found something).
     */
    bool (*clock)(void *user);
} pcs_drive_t;

/* Runs the stream.  PCS_INVALID when the device refused a step (illegal mode); PCS_MISMATCH when `clock` said stop. */
PCS_MUST_CHECK pcs_status_t pcs_array_drive(pcs_array_dev_t *dev, const pcs_drive_t *drive, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
