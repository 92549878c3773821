#include "sim/cli/matrix_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/fgemm.h"
#include "sim/cli/npy.h"

enum { PATH_SIZE = 4096 };

static uint32_t load(const unsigned char *bytes, size_t size)
{
    uint32_t word = 0;
    for (size_t i = 0; i < size; i++) {
        word |= (uint32_t)bytes[i] << (8U * i);
    }
    return word;
}

/* Rows and columns of "(3, 4)". */
static pcs_status_t parse_shape(const char *path, const cli_array_t *array, cli_matrix_t *matrix, pcs_error_t *err)
{
    char *end = NULL;
    const unsigned long long rows = strtoull(array->shape + 1, &end, 10);
    const unsigned long long cols = *end == ',' ? strtoull(end + 1, &end, 10) : 0;
    if (rows == 0 || cols == 0 || strcmp(end, ")") != 0) {
        return pcs_fail(err, PCS_FORMAT, "%s: shape %s; legal: a matrix, such as (3, 4)", path, array->shape);
    }
    if (array->fortran_order) {
        return pcs_fail(err, PCS_FORMAT, "%s: columns first (fortran_order); legal: rows first", path);
    }
    matrix->rows = (size_t)rows;
    matrix->cols = (size_t)cols;
    return PCS_OK;
}

static pcs_status_t find_format(const char *command, const char *flag, const char *path, const cli_array_t *array,
                                const pcs_format_row_t *wanted, cli_matrix_t *matrix, pcs_error_t *err)
{
    const pcs_format_row_t *of_floats = &pcs_formats[array->size == 4 ? PCS_FORMAT_FP32 : PCS_FORMAT_FP16];
    matrix->format = wanted != NULL ? wanted : array->kind == 'f' ? of_floats : NULL;
    if (matrix->format == NULL) {
        return pcs_fail(err, PCS_INVALID, "%s: --%s-format is missing: %s holds codes of %zu bytes", command, flag,
                        path, array->size);
    }
    if (array->kind == 'u' && pcs_fcode_bytes(matrix->format) != array->size) {
        return pcs_fail(err, PCS_INVALID, "%s: elements u%zu are no codes of %s; legal: u%zu, or numbers as f2 or f4",
                        path, array->size, matrix->format->name, pcs_fcode_bytes(matrix->format));
    }
    return PCS_OK;
}

/* One element of the file as a code. */
static pcs_status_t take(const char *path, const cli_array_t *array, size_t index, uint32_t word, cli_matrix_t *matrix,
                         pcs_error_t *err)
{
    const pcs_format_row_t *format = matrix->format;
    pcs_code_t code = {word};
    if (array->kind == 'f') {
        const pcs_format_row_t *from = &pcs_formats[array->size == 4 ? PCS_FORMAT_FP32 : PCS_FORMAT_FP16];
        pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
        code = pcs_float_convert(from, code, format, &nearest);
        matrix->rounded += nearest.flags != 0 ? 1 : 0;
    } else if ((uint64_t)word >> pcs_format_bits(format) != 0) {
        return pcs_fail(err, PCS_INVALID, "%s: element [%zu, %zu]: %" PRIx32 " is no code of %s; legal: 0..%" PRIx64,
                        path, index / matrix->cols, index % matrix->cols, word, format->name,
                        (UINT64_C(1) << pcs_format_bits(format)) - 1U);
    }
    matrix->nan += pcs_decode(format, code).class_ == PCS_CLASS_NAN ? 1 : 0;
    pcs_fcode_store(format, matrix->codes, index, code);
    return PCS_OK;
}

static pcs_status_t read_elements(FILE *file, const char *path, const cli_array_t *array, cli_matrix_t *matrix,
                                  pcs_error_t *err)
{
    unsigned char *line = calloc(matrix->cols, array->size);
    matrix->codes = calloc(array->count, pcs_fcode_bytes(matrix->format));
    pcs_status_t status = PCS_OK;
    if (line == NULL || matrix->codes == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "%s: no memory for %" PRIu64 " elements", path, array->count);
    }
    for (size_t row = 0; row < matrix->rows && status == PCS_OK; row++) {
        if (fread(line, array->size, matrix->cols, file) != matrix->cols) {
            status = pcs_fail(err, PCS_IO, "%s: cannot be read to its end", path);
        }
        for (size_t i = 0; i < matrix->cols && status == PCS_OK; i++) {
            status = take(path, array, row * matrix->cols + i, load(line + i * array->size, array->size), matrix, err);
        }
    }
    free(line);
    if (status != PCS_OK) {
        free(matrix->codes);
        matrix->codes = NULL;
    }
    return status;
}

pcs_status_t cli_matrix_read(const char *command, const char *flag, const char *path, const pcs_format_row_t *format,
                             cli_matrix_t *matrix, pcs_error_t *err)
{
    if (!cli_npy_named(path)) {
        return pcs_fail(err, PCS_INVALID, "%s: --%s: '%.200s'; legal: a .npy file", command, flag, path);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
    }
    cli_array_t array = {.size = 0};
    *matrix = (cli_matrix_t){.format = NULL};
    pcs_status_t status = cli_array_open(file, path, &array, err);
    if (status == PCS_OK) {
        status = parse_shape(path, &array, matrix, err);
    }
    if (status == PCS_OK) {
        status = find_format(command, flag, path, &array, format, matrix, err);
    }
    if (status == PCS_OK) {
        status = read_elements(file, path, &array, matrix, err);
    }
    (void)fclose(file);
    return status;
}

static bool write_elements(FILE *file, const cli_matrix_t *matrix)
{
    const size_t size = pcs_fcode_bytes(matrix->format);
    for (size_t i = 0; i < matrix->rows * matrix->cols; i++) {
        const uint32_t word = pcs_fcode_load(matrix->format, matrix->codes, i).bits;
        unsigned char bytes[4];
        for (size_t byte = 0; byte < size; byte++) {
            bytes[byte] = (unsigned char)(word >> (8U * byte));
        }
        if (fwrite(bytes, 1, size, file) != size) {
            return false;
        }
    }
    return true;
}

pcs_status_t cli_matrix_write(const char *path, const cli_matrix_t *matrix, pcs_error_t *err)
{
    char temporary[PATH_SIZE];
    const int length = snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *file = length > 0 && length < PATH_SIZE ? fopen(temporary, "wb") : NULL;
    if (file == NULL) {
        return pcs_fail(err, PCS_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    const bool floats =
        matrix->format == &pcs_formats[PCS_FORMAT_FP32] || matrix->format == &pcs_formats[PCS_FORMAT_FP16];
    cli_array_t array = {.kind = floats ? 'f' : 'u', .size = pcs_fcode_bytes(matrix->format)};
    (void)snprintf(array.shape, sizeof array.shape, "(%zu, %zu)", matrix->rows, matrix->cols);
    cli_array_header(file, true, &array);
    const bool whole = write_elements(file, matrix) && fflush(file) == 0 && ferror(file) == 0;
    const bool closed = fclose(file) == 0;
    if (!whole || !closed || rename(temporary, path) != 0) {
        const pcs_status_t status = pcs_fail(err, PCS_IO, "%s: %s", path, strerror(errno));
        (void)remove(temporary);
        return status;
    }
    return PCS_OK;
}
