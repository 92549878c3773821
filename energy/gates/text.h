/* Text files of the gate-level flow: read whole, hash, cut into words. */
#ifndef PCS_ENERGY_GATES_TEXT_H
#define PCS_ENERGY_GATES_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"

/* The whole file, with a zero byte after it; the caller frees it. */
PCS_MUST_CHECK pcs_status_t pcs_gates_read(const char *path, char **text, pcs_error_t *err);
/* FNV-1a of a text. */
uint64_t pcs_gates_hash(const char *text);
/* Cuts the line at *at into words, in place, and moves *at behind it.  Returns how many there are, at most `most`; a
   word past that is dropped.  *at is NULL at the end of the text. */
size_t pcs_gates_words(char **at, char **word, size_t most);

#endif
