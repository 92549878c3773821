/* precess arith: one rounded operation a line, codes in, code and status flags out. */
#include <stdio.h>
#include <string.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/numbers.h"

typedef enum op { OP_ADD, OP_SUB, OP_MUL, OP_FMA, OP_COUNT } op_t;

static const struct {
    const char *name, *other; /* that of TestFloat */
    unsigned operands;
} ops[OP_COUNT] = {[OP_ADD] = {"add", "add", 2},
                   [OP_SUB] = {"sub", "sub", 2},
                   [OP_MUL] = {"mul", "mul", 2},
                   [OP_FMA] = {"fma", "muladd", 3}};

typedef struct operation {
    cli_numbers_t numbers;
    const pcs_format_row_t *format;
    op_t op;
} operation_t;

static pcs_code_t compute(operation_t *operation, const pcs_code_t *x)
{
    pcs_fpstate_t *state = &operation->numbers.state;
    switch (operation->op) {
    case OP_ADD:
        return pcs_float_add(operation->format, x[0], x[1], state);
    case OP_SUB:
        return pcs_float_sub(operation->format, x[0], x[1], state);
    case OP_MUL:
        return pcs_float_mul(operation->format, x[0], x[1], state);
    case OP_FMA:
    case OP_COUNT:
        break;
    }
    return pcs_float_fma(operation->format, x[0], x[1], x[2], state);
}

static void compute_line(void *user, const pcs_code_t *codes)
{
    operation_t *operation = user;
    cli_numbers_next(&operation->numbers);
    const pcs_code_t code = compute(operation, codes);
    cli_numbers_answer(&operation->numbers, operation->format, code, operation->numbers.state.flags);
}

static pcs_status_t op_by_name(const char *name, op_t *op, pcs_error_t *err)
{
    char lower[CLI_NAME_MAX];
    for (int i = 0; name != NULL && i < OP_COUNT; i++) {
        const char *text = cli_numbers_name(name, lower);
        if (strcmp(ops[i].name, text) == 0 || strcmp(ops[i].other, text) == 0) {
            *op = (op_t)i;
            return PCS_OK;
        }
    }
    return name == NULL ? pcs_fail(err, PCS_INVALID, "arith: --op is missing; legal: add|sub|mul|fma")
                        : pcs_fail(err, PCS_INVALID, "arith: --op: '%.40s'; legal: add|sub|mul|fma", name);
}

pcs_status_t cli_arith(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    bool hex = false;
    bool verify = false;
    const char *op = NULL;
    const char *format = NULL;
    const char *file = NULL;
    cli_formats_t formats = {.count = 0};
    cli_numbers_flags_t flags = {.status = "names"};
    char about[3200];
    (void)snprintf(about, sizeof about,
                   "A filter: the operands' codes on a line in; the result's code and its status out, a comma between\n"
                   "flags, `-` for none.  fma is a * b + c, rounded once.\n\n%s",
                   cli_numbers_help);
    cli_args_t args = {
        .command = "arith",
        .usage = "--hex --op add|sub|mul|fma --format F [--rounding R] [--overflow O]",
        .about = about,
        .switches = {{"hex", 0, &hex, NULL, NULL, "operands are hexadecimal codes on standard input"},
                     {"op", 0, NULL, &op, "OP", "operation: add, sub, mul, fma"},
                     {"format", 0, NULL, &format, "F", "format of operands and result"},
                     {"formats", 0, NULL, &file, "FILE", "YAML file that defines further formats"},
                     {"rounding", 0, NULL, &flags.rounding, "R", "rounding [rne]"},
                     {"overflow", 0, NULL, &flags.overflow, "O", "overflow policy [inf]"},
                     {"random-bits", 0, NULL, &flags.random_bits, "N", "sr: random bits, 1..32 [32]"},
                     {"seed", 0, NULL, &flags.seed, "N", "sr: seed; line i draws element i of its stream [1]"},
                     {"tininess", 0, NULL, &flags.tininess, "WHEN",
                      "underflow: tiny after, or before rounding [after]"},
                     {"status", 0, NULL, &flags.status, "HOW", "the flags' names, bits, or none [names]"},
                     {"verify", 0, &verify, NULL, NULL, CLI_VERIFY_HELP}},
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    operation_t operation = {0};
    if (status == PCS_OK && file != NULL) {
        status = cli_formats_load(&formats, file, err);
    }
    if (status == PCS_OK) {
        status = cli_numbers_init(&operation.numbers, &flags, "arith", err);
    }
    if (status == PCS_OK) {
        status = op_by_name(op, &operation.op, err);
    }
    if (status == PCS_OK) {
        status = cli_numbers_format(&formats, "arith", "format", format, &operation.format, err);
    }
    if (status == PCS_OK && !hex) {
        status = pcs_fail(err, PCS_INVALID, "arith: --hex is missing; legal: %s", args.usage);
    }
    operation.numbers.verify.on = verify;
    const cli_numbers_field_t field = {operation.format, ops[operation.op].operands};
    return status == PCS_OK ? cli_numbers_filter(&operation.numbers, &field, 1, operation.format, compute_line,
                                                 &operation, exit_status, err)
                            : status;
}
