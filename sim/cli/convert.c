/* precess convert: numbers, or a stream of codes, from one format to another. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/convert_block.h"
#include "sim/cli/convert_file.h"
#include "sim/cli/numbers.h"

typedef struct conversion {
    cli_numbers_t numbers;
    const pcs_format_row_t *from, *via, *to; /* to: NULL when `target` is one */
    cli_target_t target;
} conversion_t;

/* The first of two steps; nearest even, to infinity. */
static pcs_parts_t step_via(const conversion_t *conversion, pcs_parts_t value, pcs_code_t *code, unsigned *flags)
{
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    *code = pcs_round_pack(conversion->via, value, &nearest);
    *flags = nearest.flags;
    return pcs_decode(conversion->via, *code);
}

static pcs_parts_t read_value(const conversion_t *conversion, pcs_code_t code)
{
    const pcs_parts_t value = pcs_decode(conversion->from, code);
    pcs_code_t between;
    unsigned flags;
    return conversion->via != NULL ? step_via(conversion, value, &between, &flags) : value;
}

static void convert_line(void *user, const pcs_code_t *codes)
{
    conversion_t *conversion = user;
    cli_numbers_next(&conversion->numbers);
    const pcs_code_t code =
        pcs_round_pack(conversion->to, read_value(conversion, codes[0]), &conversion->numbers.state);
    cli_numbers_answer(&conversion->numbers, conversion->to, code, conversion->numbers.state.flags);
}

/* A block, an integer or a logarithmic number. */
static void convert_group(void *user, const pcs_code_t *codes)
{
    conversion_t *conversion = user;
    pcs_parts_t values[PCS_BLOCK_GROUP_MAX];
    const size_t n = cli_target_group(&conversion->target);
    for (size_t i = 0; i < n; i++) {
        values[i] = read_value(conversion, codes[i]);
    }
    cli_target_print(&conversion->target, values, n, &conversion->numbers, false);
}

static void print_step(const char *before, const pcs_format_row_t *format, pcs_code_t code, unsigned flags)
{
    char value[CLI_NUMBER_TEXT];
    char flag_text[CLI_NUMBER_TEXT];
    cli_numbers_text(format, code, value);
    cli_numbers_flag_text(flags, flag_text);
    (void)printf("%s%s 0x%0*" PRIx32 " = %s", before, format->name, cli_numbers_digits(format), code.bits, value);
    if (flags != 0) {
        (void)printf(" (%s)", flag_text);
    }
}

/* A number through `from` and `via`, nearest even, showing both. */
static pcs_status_t read_number(conversion_t *conversion, const char *text, pcs_parts_t *value, pcs_error_t *err)
{
    const pcs_status_t status = cli_numbers_decimal(text, value, err);
    if (status != PCS_OK) {
        return status;
    }
    (void)printf("%s", text);
    if (conversion->from != NULL) {
        pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
        const pcs_code_t code = pcs_round_pack(conversion->from, *value, &nearest);
        print_step(" -> ", conversion->from, code, nearest.flags);
        *value = pcs_decode(conversion->from, code);
    }
    if (conversion->via != NULL) {
        pcs_code_t code;
        unsigned step_flags;
        *value = step_via(conversion, *value, &code, &step_flags);
        print_step(" -> ", conversion->via, code, step_flags);
    }
    return PCS_OK;
}

static pcs_status_t convert_number(conversion_t *conversion, const char *text, pcs_error_t *err)
{
    pcs_parts_t value;
    const pcs_status_t status = read_number(conversion, text, &value, err);
    if (status != PCS_OK) {
        return status;
    }
    if (conversion->to == NULL) {
        (void)printf(" -> ");
        cli_target_print(&conversion->target, &value, 1, &conversion->numbers, true);
        return PCS_OK;
    }
    cli_numbers_next(&conversion->numbers);
    const pcs_code_t code = pcs_round_pack(conversion->to, value, &conversion->numbers.state);
    print_step(" -> ", conversion->to, code, conversion->numbers.state.flags);
    (void)printf("\n");
    return PCS_OK;
}

/* All numbers as one block. */
static pcs_status_t convert_block(conversion_t *conversion, const cli_args_t *args, pcs_error_t *err)
{
    pcs_parts_t values[sizeof args->operand / sizeof args->operand[0]];
    if (args->operands > cli_target_group(&conversion->target)) {
        return pcs_fail(err, PCS_INVALID, "convert: %zu numbers in a block; legal: up to %zu", args->operands,
                        cli_target_group(&conversion->target));
    }
    for (size_t i = 0; i < args->operands; i++) {
        const pcs_status_t status = read_number(conversion, args->operand[i], &values[i], err);
        if (status != PCS_OK) {
            return status;
        }
        (void)printf("%s", i + 1 < args->operands ? ", " : " -> ");
    }
    cli_target_print(&conversion->target, values, args->operands, &conversion->numbers, true);
    return PCS_OK;
}

static pcs_status_t run(conversion_t *conversion, const cli_args_t *args, bool hex, int *exit_status, pcs_error_t *err)
{
    if (conversion->numbers.verify.on && (!hex || conversion->to == NULL)) {
        return pcs_fail(err, PCS_INVALID, "convert: --verify has no meaning %s; legal: with --hex --to a format",
                        hex ? "with blocks and integers" : "without --hex");
    }
    if (hex && args->operands != 0) {
        return pcs_fail(err, PCS_INVALID, "convert: unexpected '%.40s': --hex reads standard input; legal: %s",
                        args->operand[0], args->usage);
    }
    if (hex) {
        const bool group = conversion->to == NULL;
        const cli_numbers_field_t field = {conversion->from, group ? cli_target_group(&conversion->target) : 1};
        return cli_numbers_filter(&conversion->numbers, &field, 1, conversion->to, group ? convert_group : convert_line,
                                  conversion, exit_status, err);
    }
    if (args->operands == 0) {
        return pcs_fail(err, PCS_INVALID, "convert: NUMBER is missing; legal: %s", args->usage);
    }
    if (conversion->target.kind == CLI_TARGET_BLOCK) {
        return convert_block(conversion, args, err);
    }
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < args->operands && status == PCS_OK; i++) {
        status = convert_number(conversion, args->operand[i], err);
    }
    return status;
}

/* What --to names: a float format, or another target. */
static pcs_status_t find_target(conversion_t *conversion, cli_formats_t *formats, const char *to, const char *scale,
                                pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    char lower[CLI_NAME_MAX];
    if (to != NULL) {
        status = cli_target_parse(cli_numbers_name(to, lower), scale, &conversion->target, err);
    }
    if (status == PCS_OK && conversion->target.kind == CLI_TARGET_NONE) {
        return cli_numbers_format(formats, "convert", "to", to, &conversion->to, err);
    }
    const pcs_rounding_t rounding = conversion->numbers.state.rounding;
    if (status == PCS_OK && conversion->target.kind == CLI_TARGET_LOG && rounding != PCS_ROUNDING_RNE &&
        rounding != PCS_ROUNDING_RTZ && rounding != PCS_ROUNDING_SR) {
        status = pcs_fail(err, PCS_INVALID, "convert: --rounding: '%s' to %.40s; legal: rne|rtz|sr",
                          pcs_rounding_name(rounding), to);
    }
    return status;
}

typedef struct convert_flags {
    bool hex, json, verify;
    const char *from, *via, *to, *scale, *file, *input, *output, *nan;
    cli_numbers_flags_t numbers;
} convert_flags_t;

static pcs_status_t run_file(conversion_t *conversion, const convert_flags_t *flags, const cli_args_t *args,
                             pcs_error_t *err)
{
    const char *nan = flags->nan != NULL ? flags->nan : "propagate";
    const bool stop = strcmp(nan, "stop") == 0;
    if (!stop && strcmp(nan, "propagate") != 0) {
        return pcs_fail(err, PCS_INVALID, "convert: --nan: '%.40s'; legal: propagate|stop", nan);
    }
    if (flags->hex || args->operands != 0) {
        return pcs_fail(err, PCS_INVALID, "convert: %s has no meaning with --input", flags->hex ? "--hex" : "NUMBER");
    }
    if (conversion->to == NULL) {
        return pcs_fail(err, PCS_INVALID, "convert: --input with --to %.40s; legal: a floating-point format",
                        flags->to);
    }
    const cli_convert_file_t job = {.input = flags->input,
                                    .output = flags->output,
                                    .from = conversion->from,
                                    .via = conversion->via,
                                    .to = conversion->to,
                                    .numbers = &conversion->numbers,
                                    .stop_at_nan = stop,
                                    .json = flags->json};
    return cli_convert_file(&job, err);
}

static pcs_status_t start(conversion_t *conversion, const convert_flags_t *flags, cli_formats_t *formats,
                          pcs_error_t *err)
{
    pcs_status_t status = cli_numbers_init(&conversion->numbers, &flags->numbers, "convert", err);
    if (status == PCS_OK && flags->file != NULL) {
        status = cli_formats_load(formats, flags->file, err);
    }
    if (status == PCS_OK && (flags->hex || flags->from != NULL)) {
        status = cli_numbers_format(formats, "convert", "from", flags->from, &conversion->from, err);
    }
    if (status == PCS_OK && flags->via != NULL) {
        status = cli_numbers_format(formats, "convert", "via", flags->via, &conversion->via, err);
    }
    return status == PCS_OK ? find_target(conversion, formats, flags->to, flags->scale, err) : status;
}

pcs_status_t cli_convert(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    convert_flags_t flags = {.hex = false};
    char about[4000];
    (void)snprintf(
        about, sizeof about,
        "Rounds numbers to a format.  Up to four NUMBERs get a line each, or make one block; with --from,\n"
        "they are rounded to that format first (nearest even), so that the two steps of a double rounding\n"
        "show.  Negative ones follow a `--`.  With --hex, a filter: one code a line in, one code a line\n"
        "out; for blocks, as many codes as a block has.  With --input, a file: .npy (f2, f4; u1, u2, u4 hold\n"
        "codes of --from) or raw little-endian codes of 1, 2 or 4 bytes; counts and errors are printed.\n\n%s%s",
        cli_numbers_help, cli_target_help);
    cli_args_t args = {
        .command = "convert",
        .usage = "--to F [--from F] [--via F] NUMBER... | --hex --from F --to F | --input FILE --to F [--output FILE]",
        .about = about,
        .switches = {{"hex", 0, &flags.hex, NULL, NULL, "read hexadecimal codes from standard input"},
                     {"from", 0, NULL, &flags.from, "F", "format of the input"},
                     {"via", 0, NULL, &flags.via, "F",
                      "round to this format first, to nearest even: a conversion in two steps"},
                     {"to", 0, NULL, &flags.to, "F", "format of the result"},
                     {"formats", 0, NULL, &flags.file, "FILE", "YAML file that defines further formats"},
                     {"scale", 0, NULL, &flags.scale, "RULE", "mx formats: floor, ceil, round-up, even [floor]"},
                     {"input", 0, NULL, &flags.input, "FILE", "convert a .npy or raw file, with statistics"},
                     {"output", 0, NULL, &flags.output, "FILE", "--input: write the result, .npy or raw by its name"},
                     {"nan", 0, NULL, &flags.nan, "POLICY", "--input: propagate, or stop at a NaN [propagate]"},
                     {"json", 0, &flags.json, NULL, NULL, "--input: print the statistics as one JSON object"},
                     {"rounding", 0, NULL, &flags.numbers.rounding, "R", "rounding [rne]"},
                     {"overflow", 0, NULL, &flags.numbers.overflow, "O", "overflow policy [inf]"},
                     {"random-bits", 0, NULL, &flags.numbers.random_bits, "N", "sr: random bits, 1..32 [32]"},
                     {"seed", 0, NULL, &flags.numbers.seed, "N", "sr: seed; line i draws element i of its stream [1]"},
                     {"tininess", 0, NULL, &flags.numbers.tininess, "WHEN",
                      "underflow: tiny after, or before rounding [after]"},
                     {"status", 0, NULL, &flags.numbers.status, "HOW",
                      "--hex: behind the code, the flags' names, bits, or none [none]"},
                     {"verify", 0, &flags.verify, NULL, NULL, CLI_VERIFY_HELP}},
        .operands_max = 4,
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    conversion_t conversion = {.to = NULL};
    cli_formats_t formats = {.count = 0};
    if (status == PCS_OK) {
        status = start(&conversion, &flags, &formats, err);
    }
    if (status == PCS_OK && flags.input == NULL && (flags.output != NULL || flags.nan != NULL || flags.json)) {
        return pcs_fail(err, PCS_INVALID, "convert: --%s has no meaning without --input",
                        flags.output != NULL ? "output"
                        : flags.nan != NULL  ? "nan"
                                             : "json");
    }
    if (status == PCS_OK && flags.numbers.status != NULL && !flags.hex) {
        return pcs_fail(err, PCS_INVALID, "convert: --status has no meaning without --hex");
    }
    if (status == PCS_OK && flags.verify && flags.input != NULL) {
        return pcs_fail(err, PCS_INVALID, "convert: --verify has no meaning with --input");
    }
    if (status == PCS_OK && flags.input != NULL) {
        return run_file(&conversion, &flags, &args, err);
    }
    conversion.numbers.verify.on = flags.verify;
    return status == PCS_OK ? run(&conversion, &args, flags.hex, exit_status, err) : status;
}
