/* precess dot: one dot product with its partial sums, or by every accumulator; or a stream of them as codes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/dot.h"
#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/numbers.h"

enum { K_MAX = 65536 };

typedef struct dot_flags {
    bool hex, scales, verify;
    const char *a_format, *b_format, *c_format, *k, *accumulator, *a, *b, *c, *scale_format;
    const char *file;
    cli_numbers_flags_t numbers;
} dot_flags_t;

typedef struct dot_run {
    cli_numbers_t numbers;
    pcs_stream_t stream;
    pcs_dot_t dot;
    pcs_accumulator_t accumulator;
    pcs_dot_state_t state;
    size_t tiles;   /* --scales: of a and of b, on a line */
    int16_t *scale; /* (tiles) */
    uint8_t *factor;
    pcs_scale_code_t scale_code;
} dot_run_t;

static pcs_code_t compute(dot_run_t *run, const pcs_code_t *a, const pcs_code_t *b, pcs_code_t c)
{
    run->state.fp.flags = 0;
    return pcs_dot(&run->dot, a, b, c, &run->state);
}

static void compute_line(void *user, const pcs_code_t *codes)
{
    dot_run_t *run = user;
    const size_t k = run->dot.k;
    for (size_t i = 0; i < run->tiles; i++) {
        pcs_dot_scale(run->scale_code, (uint8_t)codes[2 * k + 1 + i].bits,
                      (uint8_t)codes[2 * k + 1 + run->tiles + i].bits, &run->scale[i], &run->factor[i]);
    }
    const pcs_code_t code = compute(run, codes, codes + k, codes[2 * k]);
    cli_numbers_answer(&run->numbers, run->dot.c, code, run->state.fp.flags);
}

/* A list of numbers, 1,2.5,-3, each rounded to the format by nearest even; the caller frees *codes. */
static pcs_status_t read_list(const char *flag, const char *text, const pcs_format_row_t *format, pcs_code_t **codes,
                              size_t *count, pcs_error_t *err)
{
    size_t most = 1;
    for (const char *p = text; *p != '\0'; p++) {
        most += *p == ',' ? 1 : 0;
    }
    *codes = calloc(most, sizeof **codes);
    char *copy = strdup(text);
    pcs_status_t status = *codes == NULL || copy == NULL ? pcs_fail(err, PCS_MEMORY, "out of memory") : PCS_OK;
    *count = 0;
    for (char *word = copy; status == PCS_OK && *count < most; (*count)++) {
        const size_t length = strcspn(word, ",");
        const bool last = word[length] == '\0';
        word[length] = '\0';
        pcs_parts_t value;
        pcs_error_t why = {{0}};
        if (cli_numbers_decimal(word, &value, &why) != PCS_OK) {
            status = pcs_fail(err, PCS_INVALID, "dot: --%s: %.200s", flag, why.text);
        } else {
            pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
            (*codes)[*count] = pcs_round_pack(format, value, &nearest);
        }
        word += length + (last ? 0 : 1);
    }
    free(copy);
    return status;
}

static void print_code(const pcs_format_row_t *format, pcs_code_t code, unsigned flags)
{
    char value[CLI_NUMBER_TEXT];
    char flag_text[CLI_NUMBER_TEXT];
    cli_numbers_text(format, code, value);
    cli_numbers_flag_text(flags, flag_text);
    (void)printf("%s 0x%0*" PRIx32 " = %s%s%s%s\n", format->name, cli_numbers_digits(format), code.bits, value,
                 flags != 0 ? " (" : "", flags != 0 ? flag_text : "", flags != 0 ? ")" : "");
}

static void print_step(void *user, const pcs_dot_step_t *step)
{
    (void)user;
    char range[48];
    (void)snprintf(range, sizeof range, step->count == 1 ? "%zu" : "%zu..%zu", step->first,
                   step->first + step->count - 1);
    (void)printf("%-9s %-12s ", step->what, range);
    if (step->aligned) {
        (void)printf("largest exponent %d\n", step->exponent);
    } else {
        print_code(step->format, step->code, 0);
    }
}

/* The operands as codes, since that is what the unit sees. */
static void print_operands(const dot_run_t *run, const pcs_code_t *a, const pcs_code_t *b, pcs_code_t c)
{
    for (size_t i = 0; i < run->dot.k; i++) {
        char a_text[CLI_NUMBER_TEXT];
        char b_text[CLI_NUMBER_TEXT];
        cli_numbers_text(run->dot.a, a[i], a_text);
        cli_numbers_text(run->dot.b, b[i], b_text);
        (void)printf("a * b     %-12zu %s * %s\n", i, a_text, b_text);
    }
    (void)printf("c                      ");
    print_code(run->dot.c, c, 0);
}

static pcs_status_t parse_accumulator(dot_run_t *run, const char *name, pcs_error_t *err)
{
    char lower[CLI_NAME_MAX];
    pcs_status_t status = pcs_accumulator_parse(cli_numbers_name(name, lower), run->dot.a, run->dot.b, run->dot.c,
                                                &run->accumulator, err);
    if (status == PCS_OK) {
        run->dot.accumulator = &run->accumulator;
        status = pcs_dot_check(&run->dot, err);
    }
    return status;
}

/* One line an accumulator; those that do not take the operands are left out. */
static void print_all(dot_run_t *run, const pcs_code_t *a, const pcs_code_t *b, pcs_code_t c)
{
    for (size_t i = 0; pcs_accumulator_names[i] != NULL; i++) {
        if (parse_accumulator(run, pcs_accumulator_names[i], NULL) == PCS_OK) {
            (void)printf("%-14s ", pcs_accumulator_names[i]);
            const pcs_code_t code = compute(run, a, b, c);
            print_code(run->dot.c, code, run->state.fp.flags);
        }
    }
}

static pcs_status_t run_lists(dot_run_t *run, const dot_flags_t *flags, pcs_error_t *err)
{
    if (flags->numbers.status != NULL || flags->scales || flags->scale_format != NULL) {
        return pcs_fail(err, PCS_INVALID, "dot: --%s has no meaning without --hex",
                        flags->scales                 ? "scales"
                        : flags->scale_format != NULL ? "scale-format"
                                                      : "status");
    }
    if (flags->a == NULL || flags->b == NULL) {
        return pcs_fail(err, PCS_INVALID, "dot: --%s is missing; legal: numbers, as 1,2.5,-3 (or --hex)",
                        flags->a == NULL ? "a" : "b");
    }
    pcs_code_t *a = NULL;
    pcs_code_t *b = NULL;
    pcs_code_t *c = NULL;
    size_t a_count = 0;
    size_t b_count = 0;
    size_t c_count = 0;
    pcs_status_t status = read_list("a", flags->a, run->dot.a, &a, &a_count, err);
    if (status == PCS_OK) {
        status = read_list("b", flags->b, run->dot.b, &b, &b_count, err);
    }
    if (status == PCS_OK) {
        status = read_list("c", flags->c != NULL ? flags->c : "0", run->dot.c, &c, &c_count, err);
    }
    if (status == PCS_OK && (a_count != b_count || c_count != 1)) {
        status = pcs_fail(err, PCS_INVALID, "dot: %zu numbers a, %zu b, %zu c; legal: as many b as a, one c", a_count,
                          b_count, c_count);
    }
    run->dot.k = a_count;
    if (status == PCS_OK && flags->accumulator == NULL) {
        print_operands(run, a, b, c[0]);
        print_all(run, a, b, c[0]);
    } else if (status == PCS_OK && (status = parse_accumulator(run, flags->accumulator, err)) == PCS_OK) {
        print_operands(run, a, b, c[0]);
        run->dot.step = print_step;
        const pcs_code_t code = compute(run, a, b, c[0]);
        (void)printf("result                 ");
        print_code(run->dot.c, code, run->state.fp.flags);
    }
    free(a);
    free(b);
    free(c);
    return status;
}

/* Scales of the groups, as the accumulator has them. */
static pcs_status_t add_scales(dot_run_t *run, pcs_error_t *err)
{
    const size_t group = run->accumulator.block != 0 ? run->accumulator.block : run->accumulator.group;
    run->tiles = group == 0 ? 1 : (run->dot.k + group - 1) / group;
    run->scale = calloc(run->tiles, sizeof *run->scale);
    run->factor = calloc(run->tiles, sizeof *run->factor);
    run->dot.scale = run->scale;
    run->dot.factor = run->scale_code != PCS_SCALE_CODE_E8M0 ? run->factor : NULL;
    return run->scale == NULL || run->factor == NULL ? pcs_fail(err, PCS_MEMORY, "out of memory")
                                                     : pcs_dot_check(&run->dot, err);
}

static pcs_status_t run_hex(dot_run_t *run, const dot_flags_t *flags, int *exit_status, pcs_error_t *err)
{
    if (flags->a != NULL || flags->b != NULL || flags->c != NULL) {
        return pcs_fail(err, PCS_INVALID, "dot: --%s has no meaning with --hex, which reads standard input",
                        flags->a != NULL   ? "a"
                        : flags->b != NULL ? "b"
                                           : "c");
    }
    if (flags->k == NULL || flags->accumulator == NULL) {
        return pcs_fail(err, PCS_INVALID, "dot: --%s is missing; legal: %s", flags->k == NULL ? "k" : "accumulator",
                        flags->k == NULL ? "1..65536" : "a name, see precess dot --help");
    }
    uint64_t k = 0;
    pcs_status_t status = cli_numbers_whole("dot", "k", flags->k, 1, K_MAX, &k, err);
    run->dot.k = (size_t)k;
    if (status == PCS_OK) {
        status = parse_accumulator(run, flags->accumulator, err);
    }
    if (status == PCS_OK && flags->scale_format != NULL && !flags->scales) {
        status = pcs_fail(err, PCS_INVALID, "dot: --scale-format has no meaning without --scales");
    }
    const pcs_format_row_t *scales = NULL;
    if (status == PCS_OK) {
        status = cli_numbers_scale_code("dot", flags->scale_format, &run->scale_code, &scales, err);
    }
    if (status == PCS_OK && flags->scales) {
        status = add_scales(run, err);
    }
    const cli_numbers_field_t fields[] = {{run->dot.a, run->dot.k},
                                          {run->dot.b, run->dot.k},
                                          {run->dot.c, 1},
                                          {scales, run->tiles},
                                          {scales, run->tiles}};
    if (status == PCS_OK) {
        run->numbers.verify.on = flags->verify;
        status = cli_numbers_filter(&run->numbers, fields, flags->scales ? 5 : 3, run->dot.c, compute_line, run,
                                    exit_status, err);
    }
    free(run->scale);
    free(run->factor);
    return status;
}

static pcs_status_t start(dot_run_t *run, const dot_flags_t *flags, cli_formats_t *formats, pcs_error_t *err)
{
    pcs_status_t status = cli_numbers_init(&run->numbers, &flags->numbers, "dot", err);
    if (status == PCS_OK && flags->file != NULL) {
        status = cli_formats_load(formats, flags->file, err);
    }
    if (status == PCS_OK) {
        status = cli_numbers_format(formats, "dot", "a-format", flags->a_format, &run->dot.a, err);
    }
    if (status == PCS_OK) {
        const char *name = flags->b_format != NULL ? flags->b_format : flags->a_format;
        status = cli_numbers_format(formats, "dot", "b-format", name, &run->dot.b, err);
    }
    if (status == PCS_OK) {
        status = cli_numbers_format(formats, "dot", "c-format", flags->c_format != NULL ? flags->c_format : "fp32",
                                    &run->dot.c, err);
    }
    run->stream = pcs_stream(run->numbers.seed, PCS_PURPOSE_ROUND, 0, 0);
    run->state = (pcs_dot_state_t){.fp = run->numbers.state, .stream = &run->stream};
    if (status == PCS_OK && flags->accumulator != NULL &&
        (flags->numbers.rounding != NULL || flags->numbers.overflow != NULL)) {
        run->dot.k = PCS_DOT_PERIOD_MAX;
        status = pcs_accumulator_parse(flags->accumulator, run->dot.a, run->dot.b, run->dot.c, &run->accumulator, err);
        if (status == PCS_OK && run->accumulator.own_rounding) {
            status = pcs_fail(err, PCS_INVALID, "dot: --%s has no meaning with accumulator %.40s, which has its own",
                              flags->numbers.rounding != NULL ? "rounding" : "overflow", flags->accumulator);
        }
    }
    return status;
}

pcs_status_t cli_dot(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    dot_flags_t flags = {.hex = false};
    char about[5000];
    (void)snprintf(
        about, sizeof about,
        "c + a[0] * b[0] + a[1] * b[1] + ... in the order, alignment and rounding of an accumulator.  With\n"
        "numbers, rounded to the formats (nearest even): each partial sum, or, without --accumulator, the\n"
        "result of every accumulator that takes the formats.  With --hex, a filter: k codes of a, k of b and\n"
        "one of c on a line in, the result's code on a line out.\n\n%s\n%s",
        pcs_accumulator_help(), cli_numbers_help);
    cli_args_t args = {
        .command = "dot",
        .usage = "--a-format F --a LIST --b LIST [--accumulator A] | --hex --a-format F --k N --accumulator A",
        .about = about,
        .switches = {{"hex", 0, &flags.hex, NULL, NULL, "read hexadecimal codes from standard input"},
                     {"a-format", 0, NULL, &flags.a_format, "F", "format of a"},
                     {"b-format", 0, NULL, &flags.b_format, "F", "format of b [that of a]"},
                     {"c-format", 0, NULL, &flags.c_format, "F", "format of c and of the result [fp32]"},
                     {"k", 0, NULL, &flags.k, "N", "--hex: products, 1..65536"},
                     {"accumulator", 0, NULL, &flags.accumulator, "A", "how the products are summed; names above"},
                     {"scales", 0, &flags.scales, NULL, NULL,
                      "--hex: behind c, scales of a and of b, one for each N products"},
                     {"scale-format", 0, NULL, &flags.scale_format, "F", "--scales: e8m0 or ue4m3 codes [e8m0]"},
                     {"a", 0, NULL, &flags.a, "LIST", "numbers with commas between them: 1,-2.5,0x1p-3"},
                     {"b", 0, NULL, &flags.b, "LIST", "as many again"},
                     {"c", 0, NULL, &flags.c, "X", "the addend [0]"},
                     {"formats", 0, NULL, &flags.file, "FILE", "YAML file that defines further formats"},
                     {"rounding", 0, NULL, &flags.numbers.rounding, "R", "rounding, unless the unit's own [rne]"},
                     {"overflow", 0, NULL, &flags.numbers.overflow, "O", "overflow policy, likewise [inf]"},
                     {"random-bits", 0, NULL, &flags.numbers.random_bits, "N", "sr: random bits, 1..32 [32]"},
                     {"seed", 0, NULL, &flags.numbers.seed, "N", "sr: seed; roundings draw in order [1]"},
                     {"status", 0, NULL, &flags.numbers.status, "HOW",
                      "--hex: behind the code, the flags' names, bits, or none [none]"},
                     {"verify", 0, &flags.verify, NULL, NULL, CLI_VERIFY_HELP}},
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    cli_formats_t formats = {.count = 0};
    dot_run_t run = {.numbers = {.seed = 0}};
    if (status == PCS_OK) {
        status = start(&run, &flags, &formats, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    if (flags.verify && !flags.hex) {
        return pcs_fail(err, PCS_INVALID, "dot: --verify has no meaning without --hex");
    }
    return flags.hex ? run_hex(&run, &flags, exit_status, err) : run_lists(&run, &flags, err);
}
