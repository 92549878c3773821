/* Checkpoints: <output>/checkpoint/state, one file that is replaced as a whole.

   Layout, in the machine's byte order: five 64-bit words (magic; iteration; bytes of fingerprint, of state, of the
   caller's part), the three parts, and a 64-bit FNV-1a over all before it: a change of any byte is found. */
#ifndef PCS_WORKLOADS_TRAIN_CHECKPOINT_H
#define PCS_WORKLOADS_TRAIN_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_checkpoint {
    uint64_t iteration;      /* iterations finished */
    const char *fingerprint; /* lines "key: value" that say which run this is */
    const void *state;
    size_t state_size; /* bytes */
    const void *caller;
    size_t caller_size; /* bytes */
} pcs_checkpoint_t;

/* Fails when `output` is neither a directory that can be written nor can be made.  Changes nothing. */
PCS_MUST_CHECK pcs_status_t pcs_checkpoint_check(const char *output, pcs_error_t *err);

/* Writes to a temporary file, waits until it is on the disk, renames.  On any error the checkpoint that was there is
   untouched and the temporary file gone.  Makes the directories that are missing. */
PCS_MUST_CHECK pcs_status_t pcs_checkpoint_write(const char *output, const pcs_checkpoint_t *checkpoint,
                                                 pcs_error_t *err);

/* Reads a checkpoint of the run that `fingerprint` describes, with a state of `state_size` bytes; a checkpoint of
   another run is refused with the first key that differs.  checkpoint's pointers lead into *memory (free()). */
PCS_MUST_CHECK pcs_status_t pcs_checkpoint_read(const char *output, const char *fingerprint, size_t state_size,
                                                pcs_checkpoint_t *checkpoint, void **memory, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
