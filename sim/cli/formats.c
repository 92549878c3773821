/* precess formats: range, precision and special values of every number format. */
#include <math.h>
#include <stdio.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/numbers.h"

/* The largest, the smallest normal and the smallest positive number; `has_subnormal`: the last two differ. */
typedef struct range {
    double max, min_normal, min;
    bool has_subnormal;
} range_t;

static double magnitude_of(const pcs_format_row_t *format, uint32_t code)
{
    const pcs_parts_t x = pcs_decode(format, (pcs_code_t){code});
    return x.class_ == PCS_CLASS_FINITE ? ldexp((double)x.significand, x.exponent) : 0.0;
}

static range_t range_of(const pcs_format_row_t *format)
{
    const uint32_t least = format->zero == PCS_ZERO_NONE ? 0 : 1;
    const bool has_subnormal = format->lowest == PCS_LOWEST_SUBNORMAL && format->mantissa_bits > 0;
    const uint32_t normal = format->lowest != PCS_LOWEST_NORMAL ? UINT32_C(1) << format->mantissa_bits : least;
    const uint32_t smallest = has_subnormal ? least : normal;
    return (range_t){magnitude_of(format, pcs_format_max(format).bits), magnitude_of(format, normal),
                     magnitude_of(format, smallest), has_subnormal};
}

static const char *special_values(const pcs_format_row_t *format)
{
    return pcs_format_has_inf(format) ? "inf nan" : pcs_format_has_nan(format) ? "nan" : "none";
}

static const char *zeros(const pcs_format_row_t *format)
{
    return format->zero == PCS_ZERO_NONE ? "none" : format->zero == PCS_ZERO_NAN ? "+0" : "+0 -0";
}

static void print_row(const pcs_format_row_t *f)
{
    const range_t range = range_of(f);
    char subnormal[32] = "-";
    if (range.has_subnormal) {
        (void)snprintf(subnormal, sizeof subnormal, "%.6g", range.min);
    }
    (void)printf("%-12s %4u %4u %4u %5d %12.7g %12.6g %14s %9.1f  %-8s %-6s %s\n", f->name, pcs_format_bits(f),
                 f->exponent_bits, f->mantissa_bits, f->bias, range.max, range.min_normal, subnormal,
                 log2(range.max) - log2(range.min), special_values(f), zeros(f), f->after);
}

static void print_table(const cli_formats_t *more)
{
    (void)printf("%-12s %4s %4s %4s %5s %12s %12s %14s %9s  %-8s %-6s %s\n", "format", "bits", "exp", "mant", "bias",
                 "max", "min normal", "min subnormal", "log2", "special", "zero", "source");
    for (int i = 0; i < PCS_FORMAT_COUNT; i++) {
        print_row(&pcs_formats[i]);
    }
    for (size_t i = 0; i < more->count; i++) {
        print_row(&more->row[i]);
    }
}

static void json_row(cJSON *list, const pcs_format_row_t *f)
{
    const range_t range = range_of(f);
    cJSON *row = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(row, "name", f->name);
    (void)cJSON_AddNumberToObject(row, "bits", pcs_format_bits(f));
    (void)cJSON_AddNumberToObject(row, "exponent_bits", f->exponent_bits);
    (void)cJSON_AddNumberToObject(row, "mantissa_bits", f->mantissa_bits);
    (void)cJSON_AddNumberToObject(row, "bias", f->bias);
    (void)cJSON_AddNumberToObject(row, "max", range.max);
    (void)cJSON_AddNumberToObject(row, "min_normal", range.min_normal);
    (void)cJSON_AddNumberToObject(row, "min_positive", range.min);
    (void)cJSON_AddBoolToObject(row, "subnormals", range.has_subnormal);
    (void)cJSON_AddBoolToObject(row, "inf", pcs_format_has_inf(f));
    (void)cJSON_AddBoolToObject(row, "nan", pcs_format_has_nan(f));
    (void)cJSON_AddBoolToObject(row, "zero", f->zero != PCS_ZERO_NONE);
    (void)cJSON_AddBoolToObject(row, "negative_zero", f->zero == PCS_ZERO_SIGNED);
    (void)cJSON_AddStringToObject(row, "source", f->after);
    (void)cJSON_AddItemToArray(list, row);
}

static pcs_status_t print_json(const cli_formats_t *more, pcs_error_t *err)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(object, "formats");
    for (int i = 0; i < PCS_FORMAT_COUNT; i++) {
        json_row(list, &pcs_formats[i]);
    }
    for (size_t i = 0; i < more->count; i++) {
        json_row(list, &more->row[i]);
    }
    return cli_json_print(object, err);
}

pcs_status_t cli_formats(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    bool json = false;
    const char *file = NULL;
    cli_formats_t more = {.count = 0};
    cli_args_t args = {
        .command = "formats",
        .usage = "[--formats FILE] [--json]",
        .about =
            "Shows every number format: its fields, largest and smallest numbers, log2 of their ratio, and whether\n"
            "it has infinities, NaN and zeros.  `precess convert`, `arith` and `dot` compute in them; --help of those\n"
            "says how a file defines further ones.",
        .switches = {{"formats", 0, NULL, &file, "FILE", "show the formats that this YAML file defines, too"},
                     {"json", 0, &json, NULL, NULL, "print one JSON object"}},
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status != PCS_OK) {
        return status;
    }
    if (args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    if (file != NULL) {
        status = cli_formats_load(&more, file, err);
    }
    if (status != PCS_OK || json) {
        return status != PCS_OK ? status : print_json(&more, err);
    }
    print_table(&more);
    return PCS_OK;
}
