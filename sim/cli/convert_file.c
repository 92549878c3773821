#include "sim/cli/convert_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/stats.h"
#include "sim/cli/cli.h"
#include "sim/cli/npy.h"

enum { BUFFER = 16384, PATH_SIZE = 4096 }; /* elements; characters */

/* Bytes of a code in a file. */
static size_t code_bytes(const pcs_format_row_t *format)
{
    return pcs_format_bits(format) <= 8 ? 1 : pcs_format_bits(format) <= 16 ? 2 : 4;
}

static uint32_t load(const unsigned char *bytes, size_t size)
{
    uint32_t word = 0;
    for (size_t i = 0; i < size; i++) {
        word |= (uint32_t)bytes[i] << (8U * i);
    }
    return word;
}

static void store(unsigned char *bytes, size_t size, uint32_t word)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(word >> (8U * i));
    }
}

/* What the file's elements are, and whether they can be `from`. */
static pcs_status_t input_format(const cli_convert_file_t *job, const cli_array_t *array,
                                 const pcs_format_row_t **format, pcs_error_t *err)
{
    const pcs_format_row_t *of_floats = &pcs_formats[array->size == 4 ? PCS_FORMAT_FP32 : PCS_FORMAT_FP16];
    *format = job->from != NULL ? job->from : array->kind == 'f' ? of_floats : NULL;
    if (*format == NULL) {
        return pcs_fail(err, PCS_INVALID, "convert: --from is missing: %s holds codes of %zu bytes", job->input,
                        array->size);
    }
    const bool fits = array->kind == 'f' ? *format == of_floats : code_bytes(*format) == array->size;
    return fits ? PCS_OK
                : pcs_fail(err, PCS_INVALID, "%s: elements %c%zu are no codes of %s; legal: %s%zu", job->input,
                           array->kind, array->size, (*format)->name, array->kind == 'f' ? "f" : "u",
                           code_bytes(*format));
}

/* One element. */
static pcs_code_t convert(const cli_convert_file_t *job, pcs_parts_t value, pcs_convert_stats_t *stats)
{
    cli_numbers_next(job->numbers);
    pcs_parts_t between = value;
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    if (job->via != NULL) {
        between = pcs_decode(job->via, pcs_round_pack(job->via, value, &nearest));
    }
    const pcs_code_t code = pcs_round_pack(job->to, between, &job->numbers->state);
    pcs_convert_stats_add(stats, value, pcs_decode(job->to, code), job->numbers->state.flags | nearest.flags);
    return code;
}

static pcs_status_t convert_all(const cli_convert_file_t *job, const pcs_format_row_t *from, const cli_array_t *array,
                                FILE *in, FILE *out, pcs_convert_stats_t *stats, pcs_error_t *err)
{
    const size_t to_bytes = code_bytes(job->to);
    unsigned char *buffer = malloc(BUFFER * (array->size + to_bytes));
    if (buffer == NULL) {
        return pcs_fail(err, PCS_MEMORY, "out of memory");
    }
    unsigned char *result = buffer + BUFFER * array->size;
    pcs_status_t status = PCS_OK;
    size_t got = 0;
    while (status == PCS_OK && (got = fread(buffer, array->size, BUFFER, in)) > 0) {
        for (size_t i = 0; i < got && status == PCS_OK; i++) {
            const pcs_code_t code = {load(buffer + i * array->size, array->size)};
            if ((uint64_t)code.bits >> pcs_format_bits(from) != 0) {
                status = pcs_fail(
                    err, PCS_INVALID, "%s: element %" PRIu64 ": %" PRIx32 " is no code of %s; legal: 0..%" PRIx64,
                    job->input, stats->count, code.bits, from->name, (UINT64_C(1) << pcs_format_bits(from)) - 1U);
                break;
            }
            const pcs_parts_t value = pcs_decode(from, code);
            if (value.class_ == PCS_CLASS_NAN && job->stop_at_nan) {
                status =
                    pcs_fail(err, PCS_INVALID, "%s: element %" PRIu64 " is NaN; legal: numbers, or --nan propagate",
                             job->input, stats->count);
                break;
            }
            store(result + i * to_bytes, to_bytes, convert(job, value, stats).bits);
        }
        if (status == PCS_OK && out != NULL && fwrite(result, to_bytes, got, out) != got) {
            status = pcs_fail(err, PCS_IO, "%s: %s", job->output, strerror(errno));
        }
    }
    if (status == PCS_OK && (ferror(in) != 0 || stats->count != array->count)) {
        status = pcs_fail(err, PCS_IO, "%s: cannot be read to its end", job->input);
    }
    free(buffer);
    return status;
}

static cli_status_counts_t counts_of(const pcs_convert_stats_t *stats)
{
    return (cli_status_counts_t){.of = stats->count,
                                 .inexact = stats->inexact,
                                 .overflow = stats->overflow,
                                 .underflow = stats->underflow,
                                 .invalid = stats->invalid};
}

static pcs_status_t print_json(const cli_convert_file_t *job, const pcs_format_row_t *from,
                               const pcs_convert_stats_t *stats, double mean, pcs_error_t *err)
{
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "from", from->name);
    (void)cJSON_AddStringToObject(object, "to", job->to->name);
    (void)cJSON_AddNumberToObject(object, "count", (double)stats->count);
    const cli_status_counts_t counts = counts_of(stats);
    cli_status_counts_json(&counts, object);
    (void)cJSON_AddNumberToObject(object, "nan_in", (double)stats->nan_in);
    (void)cJSON_AddNumberToObject(object, "nan_out", (double)stats->nan_out);
    (void)cJSON_AddNumberToObject(object, "finite", (double)stats->finite);
    (void)cJSON_AddNumberToObject(object, "max_abs_error", stats->max_abs_error);
    (void)cJSON_AddNumberToObject(object, "mean_abs_error", mean);
    return cli_json_print(object, err);
}

static pcs_status_t print_stats(const cli_convert_file_t *job, const pcs_format_row_t *from,
                                const pcs_convert_stats_t *stats, pcs_error_t *err)
{
    const double mean = stats->finite == 0 ? 0.0 : stats->sum_abs_error / (double)stats->finite;
    if (job->json) {
        return print_json(job, from, stats, mean, err);
    }
    (void)printf("%-16s %" PRIu64 " values, %s to %s\n", "converted", stats->count, from->name, job->to->name);
    const cli_status_counts_t counts = counts_of(stats);
    cli_status_counts_print(&counts);
    cli_status_count_print("NaN in", stats->nan_in, stats->count);
    cli_status_count_print("NaN out", stats->nan_out, stats->count);
    (void)printf("%-16s %.9g\n%-16s %.9g (of %" PRIu64 " finite values)\n", "max |error|", stats->max_abs_error,
                 "mean |error|", mean, stats->finite);
    return PCS_OK;
}

/* Opens what will become the output. */
static pcs_status_t open_output(const cli_convert_file_t *job, const cli_array_t *array, char temporary[PATH_SIZE],
                                FILE **out, pcs_error_t *err)
{
    if (job->output == NULL) {
        return PCS_OK;
    }
    const int length = snprintf(temporary, PATH_SIZE, "%s.tmp", job->output);
    *out = length > 0 && length < PATH_SIZE ? fopen(temporary, "wb") : NULL;
    if (*out == NULL) {
        return pcs_fail(err, PCS_IO, "%s: cannot be written: %s", job->output, strerror(errno));
    }
    cli_array_t result = *array;
    result.size = code_bytes(job->to);
    result.kind = job->to == &pcs_formats[PCS_FORMAT_FP32] || job->to == &pcs_formats[PCS_FORMAT_FP16] ? 'f' : 'u';
    cli_array_header(*out, cli_npy_named(job->output), &result);
    return PCS_OK;
}

static pcs_status_t close_output(const char *temporary, const char *output, FILE *out, pcs_status_t status,
                                 pcs_error_t *err)
{
    const bool whole = fflush(out) == 0 && ferror(out) == 0;
    const bool closed = fclose(out) == 0;
    if (status == PCS_OK && (!whole || !closed || rename(temporary, output) != 0)) {
        status = pcs_fail(err, PCS_IO, "%s: %s", output, strerror(errno));
    }
    if (status != PCS_OK) {
        (void)remove(temporary);
    }
    return status;
}

pcs_status_t cli_convert_file(const cli_convert_file_t *job, pcs_error_t *err)
{
    if (job->from == NULL && !cli_npy_named(job->input)) {
        return pcs_fail(err, PCS_INVALID, "convert: --from is missing: a raw file does not say what it holds");
    }
    FILE *in = fopen(job->input, "rb");
    if (in == NULL) {
        return pcs_fail(err, PCS_IO, "%s: %s", job->input, strerror(errno));
    }
    cli_array_t array = {.size = job->from != NULL ? code_bytes(job->from) : 0};
    const pcs_format_row_t *from = NULL;
    FILE *out = NULL;
    char temporary[PATH_SIZE];
    pcs_convert_stats_t stats = {.count = 0};
    pcs_status_t status = cli_array_open(in, job->input, &array, err);
    if (status == PCS_OK) {
        status = input_format(job, &array, &from, err);
    }
    if (status == PCS_OK) {
        status = open_output(job, &array, temporary, &out, err);
    }
    if (status == PCS_OK) {
        status = convert_all(job, from, &array, in, out, &stats, err);
    }
    (void)fclose(in);
    if (out != NULL) {
        status = close_output(temporary, job->output, out, status, err);
    }
    return status == PCS_OK ? print_stats(job, from, &stats, err) : status;
}
