#include "sim/cli/npy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, ALIGNMENT = 64, HEADER_MAX = 65536 };
static const char magic[MAGIC] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
static const char legal_types[] = "legal: little-endian f2, f4, u1, u2, u4";

bool cli_npy_named(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".npy") == 0;
}

/* Bytes from here to the end; the position stays. */
static bool bytes_left(FILE *file, uint64_t *bytes)
{
    const long here = ftell(file);
    if (here < 0 || fseek(file, 0, SEEK_END) != 0) {
        return false;
    }
    const long end = ftell(file);
    *bytes = (uint64_t)(end - here);
    return end >= here && fseek(file, here, SEEK_SET) == 0;
}

/* The value of a key of the header's dictionary: behind "'key':" and blanks. */
static const char *value_of(const char *header, const char *key)
{
    char quoted[32];
    (void)snprintf(quoted, sizeof quoted, "'%s':", key);
    const char *at = strstr(header, quoted);
    return at == NULL ? "" : at + strlen(quoted) + strspn(at + strlen(quoted), " ");
}

static pcs_status_t parse_header(const char *header, const char *path, cli_array_t *array, pcs_error_t *err)
{
    const char *descr = value_of(header, "descr");
    const char *shape = value_of(header, "shape");
    const char *order = value_of(header, "fortran_order");
    static const char *const types[] = {"'<f2'", "'<f4'", "'|u1'", "'<u1'", "'<u2'", "'<u4'"};
    array->kind = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strncmp(descr, types[i], strlen(types[i])) == 0) {
            array->kind = descr[2];
            array->size = (size_t)(descr[3] - '0');
        }
    }
    if (array->kind == 0) {
        return pcs_fail(err, PCS_FORMAT, "%s: elements %.8s; %s", path, descr, legal_types);
    }
    array->fortran_order = strncmp(order, "True", 4) == 0;
    const char *end = shape[0] == '(' ? strchr(shape, ')') : NULL;
    if (end == NULL || (size_t)(end - shape) + 2 > sizeof array->shape ||
        strspn(shape + 1, "0123456789, ") != (size_t)(end - shape) - 1) {
        return pcs_fail(err, PCS_FORMAT, "%s: a header without a shape; legal: 'shape': (3, 4)", path);
    }
    (void)snprintf(array->shape, sizeof array->shape, "%.*s", (int)(end - shape) + 1, shape);
    array->count = 1;
    for (const char *p = shape + 1; p < end; p += strspn(p, "0123456789")) {
        p += strspn(p, ", ");
        if (p < end && __builtin_mul_overflow(array->count, (uint64_t)strtoull(p, NULL, 10), &array->count)) {
            return pcs_fail(err, PCS_FORMAT, "%s: shape %s is too large", path, array->shape);
        }
    }
    return PCS_OK;
}

static pcs_status_t read_header(FILE *file, const char *path, cli_array_t *array, pcs_error_t *err)
{
    unsigned char start[MAGIC + 6];
    const size_t got = fread(start, 1, MAGIC + 4, file);
    if (got != MAGIC + 4 || memcmp(start, magic, MAGIC) != 0 || start[MAGIC] < 1 || start[MAGIC] > 3) {
        return pcs_fail(err, PCS_FORMAT, "%s: not a .npy file of version 1, 2 or 3", path);
    }
    size_t length = start[MAGIC + 2] | (size_t)start[MAGIC + 3] << 8U;
    if (start[MAGIC] > 1) {
        if (fread(start + MAGIC + 4, 1, 2, file) != 2) {
            return pcs_fail(err, PCS_FORMAT, "%s: the header is cut off", path);
        }
        length |= (size_t)start[MAGIC + 4] << 16U | (size_t)start[MAGIC + 5] << 24U;
    }
    char *header = length <= HEADER_MAX ? calloc(length + 1, 1) : NULL;
    if (header == NULL || fread(header, 1, length, file) != length) {
        free(header);
        return pcs_fail(err, PCS_FORMAT, "%s: the header is cut off", path);
    }
    const pcs_status_t status = parse_header(header, path, array, err);
    free(header);
    return status;
}

pcs_status_t cli_array_open(FILE *file, const char *path, cli_array_t *array, pcs_error_t *err)
{
    const bool npy = cli_npy_named(path);
    uint64_t bytes = 0;
    pcs_status_t status = PCS_OK;
    if (npy) {
        status = read_header(file, path, array, err);
    }
    if (status == PCS_OK && !bytes_left(file, &bytes)) {
        status = pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    if (status != PCS_OK) {
        return status;
    }
    if (!npy) {
        array->kind = 'r';
        array->count = bytes / array->size;
        (void)snprintf(array->shape, sizeof array->shape, "(%" PRIu64 ",)", array->count);
    }
    if (bytes % array->size != 0 || bytes / array->size != array->count) {
        return pcs_fail(err, PCS_FORMAT, "%s: %" PRIu64 " bytes of data; legal: whole elements of %zu bytes%s%s", path,
                        bytes, array->size, npy ? " for shape " : "", npy ? array->shape : "");
    }
    return PCS_OK;
}

void cli_array_header(FILE *file, bool npy, const cli_array_t *array)
{
    if (!npy) {
        return;
    }
    char text[CLI_NPY_SHAPE_MAX + 128];
    const int written = snprintf(text, sizeof text, "{'descr': '%c%c%zu', 'fortran_order': %s, 'shape': %s, }",
                                 array->size == 1 ? '|' : '<', array->kind, array->size,
                                 array->fortran_order ? "True" : "False", array->shape);
    const size_t used = MAGIC + 4 + (size_t)written + 1;
    const size_t length = (size_t)written + 1 + (ALIGNMENT - used % ALIGNMENT) % ALIGNMENT;
    const unsigned char start[4] = {1, 0, (unsigned char)(length & 0xffU), (unsigned char)(length >> 8U)};
    (void)fwrite(magic, 1, MAGIC, file);
    (void)fwrite(start, 1, sizeof start, file);
    (void)fprintf(file, "%s%*s\n", text, (int)(length - (size_t)written - 1), "");
}
