/* precess energy: check, export and import tables; measure PEs at the gates. */
#include "sim/cli/energy.h"

#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "energy/csv.h"
#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/device.h"

static const char about[] =
    "  check TABLE         reads a table strictly and says what it holds\n"
    "  export TABLE        writes it as Accelergy's ERT and ART, or with --csv as a table bound to this build's spec\n"
    "  import FILE         makes a table of an ERT/ART file, or of a table (CSV) after checking it\n"
    "  characterize ...    measures PEs at the gates, see precess energy characterize --help\n"
    "\n"
    "TABLE is a name of energy/tables or a CSV file.  Accelergy's energies are pJ per action: pJ/bit is multiplied by "
    "the\n"
    "word's width (--acc-bits for accumulators), static power becomes pJ a clock (--clock-mhz), and back.  Components "
    "are\n"
    "named by MAC kind (precess.serial, precess.serial:2 with digits of 2 bits, /os or /ws where the dataflow counts) "
    "or\n"
    "scratchpad (precess.scratchpad-32kb), actions by event, with the arguments pa and pb.  The result goes to "
    "standard\n"
    "output, or whole and checked to --output: a file that was there stays until then.";

typedef struct job {
    cli_energy_units_t units;
    const char *output;
    bool csv;
} job_t;

/* ---- results ---- */

static pcs_status_t deliver(const cli_text_t *text, const char *output, pcs_error_t *err)
{
    if (text->failed) {
        return pcs_fail(err, PCS_MEMORY, "out of memory");
    }
    if (output == NULL) {
        (void)fwrite(text->data, 1, text->size, stdout);
        return PCS_OK;
    }
    char dir[CLI_PATH_MAX];
    char name[CLI_PATH_MAX];
    if (strlen(output) >= sizeof dir - 8) {
        return pcs_fail(err, PCS_INVALID, "--output: a path of %zu characters; legal: up to %d", strlen(output),
                        CLI_PATH_MAX - 9);
    }
    (void)snprintf(dir, sizeof dir, "%s", output);
    (void)snprintf(name, sizeof name, "%s", output);
    char *file = basename(name);
    return cli_text_write(text, dirname(dir), file, err);
}

/* ---- tables as they are, with the spec's hash ---- */

static void add_field(cli_text_t *out, const char *field)
{
    if (strpbrk(field, ",\"") == NULL) {
        cli_text_add(out, "%s", field);
        return;
    }
    cli_text_append(out, "\"", 1);
    for (; *field != '\0'; field++) {
        cli_text_append(out, "\"\"", *field == '"' ? 2 : 0);
        cli_text_append(out, field, *field == '"' ? 0 : 1);
    }
    cli_text_append(out, "\"", 1);
}

static pcs_status_t copy_rows(pcs_csv_t *csv, cli_text_t *out, pcs_error_t *err)
{
    size_t spec = PCS_CSV_FIELDS_MAX; /* field of the column spec_hash */
    char hash[20];
    (void)snprintf(hash, sizeof hash, "%016" PRIx64, pcs_spec_hash());
    bool header = true;
    for (;;) {
        bool more = false;
        const pcs_status_t status = pcs_csv_next(csv, &more, err);
        if (status != PCS_OK || !more) {
            return status;
        }
        for (size_t i = 0; i < csv->fields; i++) {
            spec = header && strcmp(csv->field[i], "spec_hash") == 0 ? i : spec;
            cli_text_add(out, i == 0 ? "" : ",");
            add_field(out, i == spec && !header ? hash : csv->field[i]);
        }
        if (spec == PCS_CSV_FIELDS_MAX) {
            cli_text_add(out, ",%s", header ? "spec_hash" : hash);
        }
        cli_text_add(out, "\n");
        header = false;
    }
}

/* The rows of a table that has been checked. */
static pcs_status_t copy_table(const pcs_energy_table_t *table, cli_text_t *out, pcs_error_t *err)
{
    pcs_csv_t *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return pcs_fail(err, PCS_MEMORY, "out of memory");
    }
    pcs_status_t status = pcs_csv_open(pcs_energy_table_path(table), csv, err);
    cli_text_add(out, "# From %s (FNV-1a %016" PRIx64 ").\n", pcs_energy_table_path(table),
                 pcs_energy_table_hash(table));
    status = status == PCS_OK ? copy_rows(csv, out, err) : status;
    pcs_csv_close(csv);
    free(csv);
    return status;
}

/* ---- check ---- */

static pcs_status_t count_figure(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err)
{
    (void)figure;
    (void)err;
    ++*(size_t *)user;
    return PCS_OK;
}

static pcs_status_t check(const pcs_energy_table_t *table, const job_t *job, pcs_error_t *err)
{
    (void)printf("%s: FNV-1a %016" PRIx64 ", fine\n", pcs_energy_table_path(table), pcs_energy_table_hash(table));
    pcs_array_config_t array = {.rows = 1, .cols = 1, .acc_bits = job->units.acc_bits, .digit = 1};
    for (bool more = true; more; more = pcs_energy_next_pe(&array)) {
        size_t figures = 0;
        pcs_area_t area;
        char name[PCS_ENERGY_NAME_MAX];
        pcs_energy_pe_name(&array, name);
        const pcs_status_t status = pcs_energy_visit(table, &array, count_figure, &figures, err);
        if (status != PCS_OK) {
            return status;
        }
        (void)printf("  %-10s %4zu figures", name, figures);
        if (pcs_energy_area(table, &array, NULL, &area, NULL) == PCS_OK) {
            (void)printf(", a PE of %.6g um2", area.pe_um2);
        }
        double ns = 0;
        if (pcs_energy_period(table, &array, &ns, NULL) == PCS_OK) {
            (void)printf(", %.4g ns a clock", ns);
        }
        (void)printf("\n");
    }
    size_t figures = 0;
    const pcs_status_t status = pcs_energy_visit_srams(table, count_figure, &figures, err);
    if (status == PCS_OK) {
        (void)printf("  %-10s %4zu figures\n", "scratchpad", figures);
    }
    return status;
}

/* ---- verbs ---- */

static bool is_yaml(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static pcs_status_t with_table(const char *verb, const char *name, const job_t *job, pcs_error_t *err)
{
    pcs_energy_table_t *table = NULL;
    cli_text_t out = {0};
    pcs_status_t status = cli_energy_open(name, &table, err);
    if (status != PCS_OK) {
        return status;
    }
    if (strcmp(verb, "check") == 0) {
        status = check(table, job, err);
    } else {
        const bool csv = job->csv || strcmp(verb, "import") == 0;
        status = csv ? copy_table(table, &out, err) : cli_energy_accelergy(table, &job->units, &out, err);
        status = status == PCS_OK ? deliver(&out, job->output, err) : status;
    }
    cli_text_free(&out);
    pcs_energy_table_destroy(table);
    return status;
}

static pcs_status_t import_yaml(const char *path, const job_t *job, pcs_error_t *err)
{
    if (job->units.source == NULL) {
        return pcs_fail(err, PCS_INVALID,
                        "energy: import of %.200s needs --source TEXT: a figure without one enters no table", path);
    }
    cli_text_t out = {0};
    pcs_status_t status = cli_energy_import(path, &job->units, &out, err);
    status = status == PCS_OK ? deliver(&out, job->output, err) : status;
    cli_text_free(&out);
    return status;
}

/* The script beside the tables, with the measuring program beside this one. */
static pcs_status_t characterize(int argc, char **argv, pcs_error_t *err)
{
    char program[CLI_PATH_MAX];
    char script[CLI_PATH_MAX];
    char measure[CLI_PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 64);
    program[length > 0 ? length : 0] = '\0';
    const char *bin = dirname(program);
    (void)snprintf(measure, sizeof measure, "%.1900s/gates_measure", bin);
    (void)snprintf(script, sizeof script, "%.1900s/../share/precess/energy/gates/characterize", bin);
    char **words = calloc((size_t)argc + 4, sizeof(char *));
    if (words == NULL) {
        return pcs_fail(err, PCS_MEMORY, "out of memory");
    }
    words[0] = script;
    words[1] = "--measure";
    words[2] = measure;
    for (int i = 2; i < argc; i++) {
        words[i + 1] = argv[i];
    }
    (void)execv(script, words);
    free(words);
    return pcs_fail(err, PCS_IO, "%s: %s", script, strerror(errno));
}

static bool positive(const char *text, double low, double high, double *value)
{
    char *end = NULL;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value) && *value >= low && *value <= high;
}

/* A figure of provenance: a number above 0, or unstated. */
static bool stated(const char *text)
{
    double value = 0;
    return strcmp(text, "unstated") == 0 || (positive(text, 0, 1e9, &value) && value > 0);
}

static pcs_status_t units_of(const char *acc_bits, const char *clock_mhz, cli_energy_units_t *units, pcs_error_t *err)
{
    double bits = 0;
    if (!positive(acc_bits, PCS_ACC_MIN_BITS, PCS_ACC_MAX_BITS, &bits) || bits != floor(bits)) {
        return pcs_fail(err, PCS_INVALID, "energy: --acc-bits '%.40s'; legal: %d..%d", acc_bits, PCS_ACC_MIN_BITS,
                        PCS_ACC_MAX_BITS);
    }
    units->acc_bits = (unsigned)bits;
    if (!positive(clock_mhz, 0.001, 100000, &units->clock_mhz)) {
        return pcs_fail(err, PCS_INVALID, "energy: --clock-mhz '%.40s'; legal: 0.001..100000", clock_mhz);
    }
    if (!stated(units->node_nm) || !stated(units->voltage_v)) {
        return pcs_fail(err, PCS_INVALID, "energy: %s '%.40s'; legal: a number above 0, or unstated",
                        stated(units->node_nm) ? "--voltage-v" : "--node-nm",
                        stated(units->node_nm) ? units->voltage_v : units->node_nm);
    }
    if (units->source != NULL && (units->source[0] == '\0' || strpbrk(units->source, "\"\n") != NULL)) {
        return pcs_fail(err, PCS_INVALID, "energy: --source: legal: text without quotes and line ends, not empty");
    }
    return PCS_OK;
}

pcs_status_t cli_energy(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    if (argc > 1 && strcmp(argv[1], "characterize") == 0) {
        return characterize(argc, argv, err);
    }
    const char *acc_bits = "32";
    const char *clock_mhz = "500";
    job_t job = {.units = {.node_nm = "unstated", .voltage_v = "unstated"}};
    cli_args_t args = {
        .command = "energy",
        .usage = "check|export|import FILE [flags] | characterize ...",
        .about = about,
        .switches = {{"csv", 0, &job.csv, NULL, NULL, "export: a table with the spec's hash instead of YAML"},
                     {"output", 'o', NULL, &job.output, "FILE", "where the result goes [standard output]"},
                     {"acc-bits", 0, NULL, &acc_bits, "N", "accumulator width, bits [32]"},
                     {"clock-mhz", 0, NULL, &clock_mhz, "F", "clock of static power in YAML, MHz [500, or the file's]"},
                     {"source", 0, NULL, &job.units.source, "TEXT", "import of YAML: where the figures come from"},
                     {"node-nm", 0, NULL, &job.units.node_nm, "N", "import of YAML: technology, nm [unstated]"},
                     {"voltage-v", 0, NULL, &job.units.voltage_v, "V", "import of YAML: supply, V [unstated]"}},
        .operands_max = 2,
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    status = status == PCS_OK ? units_of(acc_bits, clock_mhz, &job.units, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    const char *verb = args.operands > 0 ? args.operand[0] : "";
    if (strcmp(verb, "check") != 0 && strcmp(verb, "export") != 0 && strcmp(verb, "import") != 0) {
        return pcs_fail(err, PCS_INVALID, "energy: '%.40s' is not a verb; legal: check|export|import|characterize",
                        verb);
    }
    if (args.operands != 2) {
        return pcs_fail(err, PCS_INVALID, "energy: %s needs a table or a file; see precess energy --help", verb);
    }
    return strcmp(verb, "import") == 0 && is_yaml(args.operand[1]) ? import_yaml(args.operand[1], &job, err)
                                                                   : with_table(verb, args.operand[1], &job, err);
}
