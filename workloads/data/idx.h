/* Gzip-compressed IDX files of unsigned bytes (the format of MNIST and its relatives): a big-endian magic number
   0x000008DD (DD = dimensions), DD big-endian 32-bit sizes, then the bytes. */
#ifndef PCS_WORKLOADS_DATA_IDX_H
#define PCS_WORKLOADS_DATA_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_IDX_DIMS_MAX = 3 };

/* Reads a file with exactly `dims` (1..3) dimensions.  size[] receives them; *bytes their product of bytes (free()).
   Plain (not compressed) files are read as well, as zlib does.  Fails on a missing or unreadable file, a wrong magic
   number, a zero size, a size of 2^31 bytes or more, a truncated or corrupt file, and bytes after the end. */
PCS_MUST_CHECK pcs_status_t pcs_idx_read(const char *path, unsigned dims, uint32_t size[PCS_IDX_DIMS_MAX],
                                         uint8_t **bytes, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
