/* precess: one command, a row per subcommand. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/spec/spec.h"
#include "sim/cli/build_info.h"
#include "sim/cli/cli.h"

static const struct {
    const char *name;
    cli_command_fn run;
    const char *about;
} commands[] = {
    {"train", cli_train, "train a network on the array; bits, cycles and energy of every GEMM"},
    {"estimate", cli_estimate, "what a training run would cost, on every MAC kind, without training"},
    {"sweep", cli_sweep, "walk a space of designs and schedules; every point in one database"},
    {"energy", cli_energy, "check, export and import energy tables; measure PEs at the gates"},
    {"bench", cli_bench, "how fast a training step runs on this machine"},
    {"cosim", cli_cosim, "run tiles through the C model and the RTL in lock-step"},
    {"report", cli_report, "rebuild the report and summary of a run from its CSV files"},
    {"schedule", cli_schedule, "show a precision schedule and what it saves"},
    {"formats", cli_formats, "show the number formats: range, precision, special values"},
    {"convert", cli_convert, "round numbers or codes from one format to another"},
    {"arith", cli_arith, "add, subtract, multiply or multiply-add codes of a format"},
    {"dot", cli_dot, "a dot product by any accumulator, with its partial sums"},
    {"gemm", cli_gemm, "a matrix product by any accumulator, from and to .npy files"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void usage(void)
{
    (void)printf("precess <command> [flags]\n\n"
                 "Trains networks on a training accelerator that does not exist yet: exact bits, cycles and energy.\n\n"
                 "commands:\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)printf("  %-10s %s\n", commands[i].name, commands[i].about);
    }
    (void)printf("\n  precess <command> --help   flags of a command\n"
                 "  precess --version          version, commit and spec hash\n\n"
                 "exit status: 0 fine, 1 a check failed, 2 bad input or environment, 130 interrupted\n");
}

pcs_status_t cli_json_print(cJSON *object, pcs_error_t *err)
{
    char *text = cJSON_Print(object);
    cJSON_Delete(object);
    if (text == NULL) {
        return pcs_fail(err, PCS_MEMORY, "out of memory");
    }
    (void)printf("%s\n", text);
    cJSON_free(text);
    return PCS_OK;
}

static int exit_status_of(pcs_status_t status)
{
    return status == PCS_MISMATCH      ? CLI_EXIT_CHECK_FAILED
           : status == PCS_INTERRUPTED ? CLI_EXIT_INTERRUPTED
                                       : CLI_EXIT_BAD;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        usage();
        return CLI_EXIT_FINE;
    }
    if (strcmp(name, "--version") == 0) {
        (void)printf("precess %s (commit %s, spec %016" PRIx64 ")\n", PCS_BUILD_VERSION, PCS_BUILD_COMMIT,
                     pcs_spec_hash());
        return CLI_EXIT_FINE;
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) != 0) {
            continue;
        }
        pcs_error_t err = {{0}};
        int exit_status = CLI_EXIT_FINE;
        const pcs_status_t status = commands[i].run(argc - 1, argv + 1, &exit_status, &err);
        if (status != PCS_OK) {
            (void)fflush(stdout);
            (void)fprintf(stderr, "precess: %s\n", err.text[0] != '\0' ? err.text : pcs_status_name(status));
            return exit_status_of(status);
        }
        if (fflush(stdout) != 0) {
            (void)fprintf(stderr, "precess: standard output: write error\n");
            return CLI_EXIT_BAD;
        }
        return exit_status;
    }
    (void)fprintf(stderr, "precess: unknown command '%.40s'; legal: ", name);
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(stderr, "%s%s", i > 0 ? "|" : "", commands[i].name);
    }
    (void)fputs(", see precess --help\n", stderr);
    return CLI_EXIT_BAD;
}
