/* precess convert: numbers, or a stream of codes, from one format to another. */
#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/numbers.h"

typedef struct conversion {
    cli_numbers_t numbers;
    const pcs_format_row_t *from, *via, *to;
} conversion_t;

/* The first of two steps; nearest even, to infinity. */
static pcs_parts_t step_via(const conversion_t *conversion, pcs_parts_t value, pcs_code_t *code, unsigned *flags)
{
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    *code = pcs_round_pack(conversion->via, value, &nearest);
    *flags = nearest.flags;
    return pcs_decode(conversion->via, *code);
}

static void convert_line(void *user, const pcs_code_t *codes)
{
    conversion_t *conversion = user;
    cli_numbers_next(&conversion->numbers);
    pcs_parts_t value = pcs_decode(conversion->from, codes[0]);
    if (conversion->via != NULL) {
        pcs_code_t between;
        unsigned flags;
        value = step_via(conversion, value, &between, &flags);
    }
    const pcs_code_t code = pcs_round_pack(conversion->to, value, &conversion->numbers.state);
    (void)printf("%0*" PRIx32 "\n", cli_numbers_digits(conversion->to), code.bits);
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

static pcs_status_t convert_number(conversion_t *conversion, const char *text, pcs_error_t *err)
{
    pcs_parts_t value;
    const pcs_status_t status = cli_numbers_decimal(text, &value, err);
    if (status != PCS_OK) {
        return status;
    }
    (void)printf("%s", text);
    if (conversion->from != NULL) { /* the number becomes a code of that format first, by nearest even */
        pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
        const pcs_code_t code = pcs_round_pack(conversion->from, value, &nearest);
        print_step(" -> ", conversion->from, code, nearest.flags);
        value = pcs_decode(conversion->from, code);
    }
    if (conversion->via != NULL) {
        pcs_code_t code;
        unsigned step_flags;
        value = step_via(conversion, value, &code, &step_flags);
        print_step(" -> ", conversion->via, code, step_flags);
    }
    cli_numbers_next(&conversion->numbers);
    const pcs_code_t code = pcs_round_pack(conversion->to, value, &conversion->numbers.state);
    print_step(" -> ", conversion->to, code, conversion->numbers.state.flags);
    (void)printf("\n");
    return PCS_OK;
}

static pcs_status_t run(conversion_t *conversion, const cli_args_t *args, bool hex, pcs_error_t *err)
{
    if (hex && args->operands != 0) {
        return pcs_fail(err, PCS_INVALID, "convert: unexpected '%.40s': --hex reads standard input; legal: %s",
                        args->operand[0], args->usage);
    }
    if (hex) {
        const cli_numbers_field_t field = {conversion->from, 1};
        return cli_numbers_filter(&field, 1, convert_line, conversion, err);
    }
    if (args->operands == 0) {
        return pcs_fail(err, PCS_INVALID, "convert: NUMBER is missing; legal: %s", args->usage);
    }
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < args->operands && status == PCS_OK; i++) {
        status = convert_number(conversion, args->operand[i], err);
    }
    return status;
}

pcs_status_t cli_convert(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    bool hex = false;
    const char *from = NULL;
    const char *via = NULL;
    const char *to = NULL;
    cli_numbers_flags_t flags = {0};
    char about[1600];
    (void)snprintf(about, sizeof about,
                   "Rounds numbers to a format.  Up to four NUMBERs get a line each; with --from, they are rounded to\n"
                   "that format first (nearest even), so that the two steps of a double rounding show.  Negative ones\n"
                   "follow a `--`.  With --hex, a filter: one code a line in, one code a line out.\n\n%s",
                   cli_numbers_help);
    cli_args_t args = {
        .command = "convert",
        .usage =
            "--to F [--from F] [--via F] NUMBER... | --hex --from F [--via F] --to F [--rounding R] [--overflow O]",
        .about = about,
        .switches = {{"hex", 0, &hex, NULL, NULL, "read hexadecimal codes from standard input"},
                     {"from", 0, NULL, &from, "F", "format of the input"},
                     {"via", 0, NULL, &via, "F",
                      "round to this format first, to nearest even: a conversion in two steps"},
                     {"to", 0, NULL, &to, "F", "format of the result"},
                     {"rounding", 0, NULL, &flags.rounding, "R", "rounding [rne]"},
                     {"overflow", 0, NULL, &flags.overflow, "O", "overflow policy [inf]"},
                     {"random-bits", 0, NULL, &flags.random_bits, "N", "sr: random bits, 1..32 [32]"},
                     {"seed", 0, NULL, &flags.seed, "N", "sr: seed; line i draws element i of its stream [1]"}},
        .operands_max = 4,
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    conversion_t conversion = {0};
    if (status == PCS_OK) {
        status = cli_numbers_init(&conversion.numbers, &flags, "convert", err);
    }
    if (status == PCS_OK && (hex || from != NULL)) {
        status = cli_numbers_format("convert", "from", from, &conversion.from, err);
    }
    if (status == PCS_OK && via != NULL) {
        status = cli_numbers_format("convert", "via", via, &conversion.via, err);
    }
    if (status == PCS_OK) {
        status = cli_numbers_format("convert", "to", to, &conversion.to, err);
    }
    return status == PCS_OK ? run(&conversion, &args, hex, err) : status;
}
