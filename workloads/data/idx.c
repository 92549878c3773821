#include "workloads/data/idx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAGIC_UBYTE = 0x00000800, WORD_BYTES = 4 };

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24U | (uint32_t)p[1] << 16U | (uint32_t)p[2] << 8U | (uint32_t)p[3];
}

/* Reads exactly n bytes (n < 2^31). */
static pcs_status_t read_exact(gzFile file, const char *path, const char *what, void *buffer, size_t n,
                               pcs_error_t *err)
{
    const int got = gzread(file, buffer, (unsigned)n);
    int code = Z_OK;
    const char *reason = gzerror(file, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)) {
        return pcs_fail(err, PCS_FORMAT, "%s: damaged gzip file: %s", path, reason);
    }
    if ((size_t)got != n) {
        return pcs_fail(err, PCS_FORMAT, "%s: truncated: %d bytes of %s, expected %zu", path, got, what, n);
    }
    return PCS_OK;
}

static pcs_status_t read_header(gzFile file, const char *path, unsigned dims, uint32_t *size, size_t *total,
                                pcs_error_t *err)
{
    uint8_t header[WORD_BYTES * (1 + PCS_IDX_DIMS_MAX)];
    pcs_status_t status = read_exact(file, path, "header", header, WORD_BYTES * (1U + dims), err);
    if (status != PCS_OK) {
        return status;
    }
    const uint32_t magic = big_endian(header);
    if (magic != (uint32_t)MAGIC_UBYTE + dims) {
        return pcs_fail(err, PCS_FORMAT, "%s: magic number 0x%08x, expected 0x%08x (unsigned bytes, %u dimensions)",
                        path, magic, (uint32_t)MAGIC_UBYTE + dims, dims);
    }
    uint64_t product = 1;
    for (unsigned d = 0; d < dims; d++) {
        size[d] = big_endian(header + WORD_BYTES * (1U + d));
        product = product > INT32_MAX ? product : product * size[d];
    }
    if (product == 0 || product > INT32_MAX) {
        return pcs_fail(err, PCS_FORMAT, "%s: its sizes multiply to %s, expected 1..2^31-1 bytes", path,
                        product == 0 ? "zero" : "more than 2^31-1");
    }
    *total = (size_t)product;
    return PCS_OK;
}

/* The file must end here: gzread also verifies the checksum of the last member then. */
static pcs_status_t read_end(gzFile file, const char *path, size_t total, pcs_error_t *err)
{
    uint8_t extra;
    const int got = gzread(file, &extra, 1);
    if (got == 1) {
        return pcs_fail(err, PCS_FORMAT, "%s: bytes after the end, expected %zu bytes of data", path, total);
    }
    int code = Z_OK;
    const char *reason = gzerror(file, &code);
    if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
        return pcs_fail(err, PCS_FORMAT, "%s: damaged gzip file: %s", path, reason);
    }
    return PCS_OK;
}

pcs_status_t pcs_idx_read(const char *path, unsigned dims, uint32_t size[PCS_IDX_DIMS_MAX], uint8_t **bytes,
                          pcs_error_t *err)
{
    PCS_ASSERT(dims >= 1 && dims <= PCS_IDX_DIMS_MAX);
    gzFile file = gzopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: cannot open: %s", path, strerror(errno));
    }
    uint8_t *data = NULL;
    size_t total = 0;
    uint32_t dim[PCS_IDX_DIMS_MAX] = {0};
    pcs_status_t status = read_header(file, path, dims, dim, &total, err);
    if (status != PCS_OK) {
        goto close_file;
    }
    data = malloc(total);
    if (data == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "%s: no memory for %zu bytes", path, total);
        goto close_file;
    }
    status = read_exact(file, path, "data", data, total, err);
    if (status == PCS_OK) {
        status = read_end(file, path, total, err);
    }
    if (status == PCS_OK) {
        memcpy(size, dim, dims * sizeof *size);
        *bytes = data;
        data = NULL;
    }
    free(data);
close_file:
    (void)gzclose_r(file);
    return status;
}
