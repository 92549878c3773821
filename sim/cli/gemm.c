/* precess gemm: a matrix product by any accumulator, from and to .npy files, with statistics. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/gemm_run.h"
#include "sim/cli/npy.h"

enum { THREADS_MAX = 1024 };

typedef struct gemm_flags {
    bool json;
    const char *a, *b, *c, *a_scales, *b_scales, *a_format, *b_format, *c_format, *accumulator, *output, *nan,
        *executor, *isa, *threads, *block, *scale, *scale_format;
    const char *file;
    cli_numbers_flags_t numbers;
} gemm_flags_t;

static pcs_status_t missing(const char *flag, const char *legal, pcs_error_t *err)
{
    return pcs_fail(err, PCS_INVALID, "gemm: --%s is missing; legal: %s", flag, legal);
}

/* --executor, --isa, --threads, --nan. */
static pcs_status_t read_choices(cli_gemm_run_t *run, const gemm_flags_t *flags, pcs_error_t *err)
{
    const char *executor = flags->executor != NULL ? flags->executor : "fast";
    const char *isa = flags->isa != NULL ? flags->isa : "auto";
    const char *nan = flags->nan != NULL ? flags->nan : "propagate";
    run->config.executor = PCS_EXECUTOR_REF;
    while (run->config.executor < PCS_EXECUTOR_COUNT &&
           strcmp(executor, pcs_executor_name(run->config.executor)) != 0) {
        run->config.executor++;
    }
    if (run->config.executor == PCS_EXECUTOR_COUNT) {
        return pcs_fail(err, PCS_INVALID, "gemm: --executor: '%.40s'; legal: fast|ref|cycle|rtl", executor);
    }
    while (run->config.kernel < PCS_KERNEL_COUNT && strcmp(isa, pcs_kernel_name(run->config.kernel)) != 0) {
        run->config.kernel++;
    }
    if (run->config.kernel == PCS_KERNEL_COUNT) {
        return pcs_fail(err, PCS_INVALID, "gemm: --isa: '%.40s'; legal: auto|portable|avx2|avx512vnni|amx", isa);
    }
    run->gemm.stop_at_nan = strcmp(nan, "stop") == 0;
    if (!run->gemm.stop_at_nan && strcmp(nan, "propagate") != 0) {
        return pcs_fail(err, PCS_INVALID, "gemm: --nan: '%.40s'; legal: propagate|stop", nan);
    }
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t threads = cores > 0 ? (uint64_t)cores : 1;
    pcs_status_t status = PCS_OK;
    if (flags->threads != NULL) {
        status = cli_numbers_whole("gemm", "threads", flags->threads, 1, THREADS_MAX, &threads, err);
    }
    run->config.threads = (unsigned)threads;
    return status;
}

/* A and B as blocks, of one length. */
static pcs_status_t read_blocks(cli_gemm_run_t *run, const gemm_flags_t *flags, pcs_error_t *err)
{
    const char *b_format = flags->b_format != NULL ? flags->b_format : flags->a_format;
    if (!cli_block_named(flags->a_format) || !cli_block_named(b_format)) {
        return pcs_fail(err, PCS_INVALID, "gemm: %.40s with %.40s; legal: block formats of both A and B, or of neither",
                        flags->a_format, b_format);
    }
    if (flags->a_scales != NULL || flags->b_scales != NULL || flags->block != NULL) {
        return pcs_fail(err, PCS_INVALID, "gemm: --%s has no meaning with %.40s, whose blocks bring their scales",
                        flags->block != NULL ? "block" : "a-scales", flags->a_format);
    }
    pcs_status_t status = cli_block_parse("gemm", "a-format", flags->a_format, flags->scale, &run->blocks[0], err);
    if (status == PCS_OK) {
        status = cli_block_parse("gemm", "b-format", b_format, flags->scale, &run->blocks[1], err);
    }
    const unsigned groups[2] = {run->blocks[0].block.group, run->blocks[1].block.group};
    if (status == PCS_OK && groups[0] != groups[1]) {
        return pcs_fail(err, PCS_INVALID, "gemm: blocks of %u in A, of %u in B; legal: as many", groups[0], groups[1]);
    }
    if (status == PCS_OK) {
        status = cli_matrix_read_blocks("gemm", "a", flags->a, &run->blocks[0], true, &run->a, &run->a_scales, err);
    }
    if (status == PCS_OK) {
        status = cli_matrix_read_blocks("gemm", "b", flags->b, &run->blocks[1], false, &run->b, &run->b_scales, err);
    }
    run->gemm.block = groups[0];
    return status;
}

/* Whether A or B is to be blocks. */
static bool wants_blocks(const gemm_flags_t *flags)
{
    return (flags->a_format != NULL && cli_block_named(flags->a_format)) ||
           (flags->a_format != NULL && flags->b_format != NULL && cli_block_named(flags->b_format));
}

/* A format by its flag; none given: NULL. */
static pcs_status_t optional_format(cli_formats_t *formats, const char *flag, const char *text,
                                    const pcs_format_row_t **format, pcs_error_t *err)
{
    *format = NULL;
    return text == NULL ? PCS_OK : cli_numbers_format(formats, "gemm", flag, text, format, err);
}

static pcs_status_t read_operands(cli_gemm_run_t *run, const gemm_flags_t *flags, cli_formats_t *formats,
                                  pcs_error_t *err)
{
    if (wants_blocks(flags)) {
        return read_blocks(run, flags, err);
    }
    if (flags->scale != NULL) {
        return pcs_fail(err, PCS_INVALID, "gemm: --scale has no meaning for numbers; legal: with mx formats");
    }
    const pcs_format_row_t *a_format = NULL;
    const pcs_format_row_t *b_format = NULL;
    pcs_status_t status = optional_format(formats, "a-format", flags->a_format, &a_format, err);
    if (status == PCS_OK) {
        const char *name = flags->b_format != NULL ? flags->b_format : flags->a_format;
        status = optional_format(formats, "b-format", name, &b_format, err);
    }
    if (status == PCS_OK) {
        status = cli_matrix_read("gemm", "a", flags->a, a_format, &run->a, err);
    }
    if (status == PCS_OK) {
        status = cli_matrix_read("gemm", "b", flags->b, b_format, &run->b, err);
    }
    return status;
}

static pcs_status_t read_matrices(cli_gemm_run_t *run, const gemm_flags_t *flags, cli_formats_t *formats,
                                  pcs_error_t *err)
{
    const char *name = flags->c_format != NULL ? flags->c_format : "fp32";
    pcs_status_t status = cli_numbers_format(formats, "gemm", "c-format", name, &run->c_format, err);
    if (status == PCS_OK) {
        status = read_operands(run, flags, formats, err);
    }
    if (status == PCS_OK && run->a.cols != run->b.rows) {
        status = pcs_fail(err, PCS_INVALID,
                          "gemm: A is %zu x %zu, B is %zu x %zu; legal: as many rows of B as A has "
                          "columns",
                          run->a.rows, run->a.cols, run->b.rows, run->b.cols);
    }
    if (status == PCS_OK && flags->c != NULL) {
        status = cli_matrix_read("gemm", "c", flags->c, run->c_format, &run->c, err);
    }
    if (status == PCS_OK && flags->c != NULL && (run->c.rows != run->a.rows || run->c.cols != run->b.cols)) {
        status = pcs_fail(err, PCS_INVALID, "gemm: C is %zu x %zu; legal: %zu x %zu, rows of A and columns of B",
                          run->c.rows, run->c.cols, run->a.rows, run->b.cols);
    }
    return status;
}

static pcs_status_t make_result(const cli_gemm_run_t *run, const pcs_format_row_t *format, cli_matrix_t *matrix,
                                pcs_error_t *err)
{
    *matrix = (cli_matrix_t){.format = format, .rows = run->a.rows, .cols = run->b.cols};
    matrix->codes = calloc(matrix->rows * matrix->cols, pcs_fcode_bytes(format));
    return matrix->codes != NULL
               ? PCS_OK
               : pcs_fail(err, PCS_MEMORY, "gemm: no memory for %zu x %zu outputs", matrix->rows, matrix->cols);
}

static pcs_status_t read_accumulator(cli_gemm_run_t *run, const gemm_flags_t *flags, pcs_error_t *err)
{
    char lower[CLI_NAME_MAX];
    const char *name = cli_numbers_name(flags->accumulator, lower);
    if (strcmp(name, "register") == 0) {
        run->accumulator = (pcs_accumulator_t){.sum = PCS_SUM_REGISTER};
        run->array.fitted = true; /* once the scales are known */
        return PCS_OK;
    }
    const pcs_status_t status =
        pcs_accumulator_parse(name, run->a.format, run->b.format, run->c_format, &run->accumulator, err);
    if (status == PCS_OK && run->accumulator.own_rounding &&
        (flags->numbers.rounding != NULL || flags->numbers.overflow != NULL)) {
        return pcs_fail(err, PCS_INVALID, "gemm: --%s has no meaning with accumulator %.40s, which has its own",
                        flags->numbers.rounding != NULL ? "rounding" : "overflow", flags->accumulator);
    }
    return status;
}

/* Codes of scales, (rows, cols). */
static pcs_status_t read_scales(const char *flag, const char *path, const pcs_format_row_t *format, size_t rows,
                                size_t cols, cli_matrix_t *scales, pcs_error_t *err)
{
    const pcs_status_t status = cli_matrix_read("gemm", flag, path, format, scales, err);
    if (status == PCS_OK && (scales->rows != rows || scales->cols != cols)) {
        return pcs_fail(err, PCS_INVALID, "gemm: --%s: %zu x %zu; legal: %zu x %zu, a scale for each tile of K", flag,
                        scales->rows, scales->cols, rows, cols);
    }
    return status;
}

static pcs_status_t read_all_scales(cli_gemm_run_t *run, const gemm_flags_t *flags, pcs_error_t *err)
{
    if (flags->a_scales == NULL && flags->b_scales == NULL) {
        return flags->block == NULL && flags->scale_format == NULL
                   ? PCS_OK
                   : pcs_fail(err, PCS_INVALID, "gemm: --%s has no meaning without --a-scales",
                              flags->block != NULL ? "block" : "scale-format");
    }
    if (flags->a_scales == NULL || flags->b_scales == NULL) {
        return missing(flags->a_scales == NULL ? "a-scales" : "b-scales", "scales of both operands or of neither", err);
    }
    const pcs_format_row_t *format = NULL;
    pcs_status_t status = cli_numbers_scale_code("gemm", flags->scale_format, &run->gemm.scale_code, &format, err);
    if (status != PCS_OK) {
        return status;
    }
    uint64_t block = run->accumulator.block != 0 ? run->accumulator.block : run->accumulator.group;
    if (flags->block != NULL) {
        status = cli_numbers_whole("gemm", "block", flags->block, 1, UINT32_MAX, &block, err);
        run->gemm.block = (size_t)block;
    } else if (run->accumulator.sum == PCS_SUM_REGISTER) {
        return missing("block", "steps of K that share a scale", err);
    }
    if (status != PCS_OK) {
        return status;
    }
    const size_t tiles = block == 0 ? 1 : (run->a.cols + (size_t)block - 1) / (size_t)block;
    status = read_scales("a-scales", flags->a_scales, format, run->a.rows, tiles, &run->a_scales, err);
    if (status == PCS_OK) {
        status = read_scales("b-scales", flags->b_scales, format, tiles, run->b.cols, &run->b_scales, err);
    }
    return status;
}

/* All of the contract but where Y goes. */
static void set_contract(cli_gemm_run_t *run)
{
    pcs_fgemm_t *gemm = &run->gemm;
    gemm->m = run->a.rows;
    gemm->n = run->b.cols;
    gemm->k = run->a.cols;
    gemm->a = (pcs_foperand_t){.format = run->a.format, .codes = run->a.codes, .ld = gemm->k};
    gemm->b = (pcs_foperand_t){.format = run->b.format, .codes = run->b.codes, .ld = gemm->n};
    gemm->c_format = run->c_format;
    gemm->c = run->c.codes;
    gemm->ldc = gemm->n;
    gemm->ldy = gemm->n;
    gemm->accumulator = &run->accumulator;
    gemm->rounding = run->numbers.state.rounding;
    gemm->overflow = run->numbers.state.overflow;
    gemm->random_bits = run->numbers.state.random_bits;
    gemm->stream = &run->stream;
}

static pcs_status_t multiply(cli_gemm_run_t *run, pcs_error_t *err)
{
    run->gemm.y = run->y.codes;
    run->config.dev = run->array.dev;
    return pcs_fgemm_run(&run->gemm, &run->config, &run->stats, err);
}

static double value_of(const cli_matrix_t *matrix, size_t i)
{
    const pcs_parts_t x = pcs_decode(matrix->format, pcs_fcode_load(matrix->format, matrix->codes, i));
    const double magnitude = x.class_ == PCS_CLASS_FINITE ? ldexp((double)x.significand, x.exponent)
                             : x.class_ == PCS_CLASS_ZERO ? 0.0
                                                          : HUGE_VAL;
    return x.sign ? -magnitude : magnitude;
}

/* The same product, exactly, with C as FP32. */
static pcs_status_t compare_with_exact(cli_gemm_run_t *run, pcs_error_t *err)
{
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    pcs_accumulator_t exact;
    pcs_fgemm_t gemm = run->gemm;
    pcs_fgemm_config_t config = run->config;
    config.executor = config.executor == PCS_EXECUTOR_REF ? PCS_EXECUTOR_REF : PCS_EXECUTOR_FAST;
    cli_matrix_t c = {.codes = NULL};
    pcs_status_t status = pcs_accumulator_parse("exact", run->a.format, run->b.format, fp32, &exact, err);
    if (status == PCS_OK) {
        status = make_result(run, fp32, &run->exact, err);
    }
    if (status == PCS_OK && run->c.codes != NULL) {
        status = make_result(run, fp32, &c, err);
    }
    const size_t outputs = run->y.rows * run->y.cols;
    for (size_t i = 0; status == PCS_OK && run->c.codes != NULL && i < outputs; i++) {
        pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
        const pcs_code_t code = pcs_fcode_load(run->c_format, run->c.codes, i);
        pcs_fcode_store(fp32, c.codes, i, pcs_float_convert(run->c_format, code, fp32, &nearest));
    }
    gemm.c_format = fp32;
    gemm.c = c.codes;
    gemm.y = run->exact.codes;
    gemm.accumulator = &exact;
    gemm.rounding = PCS_ROUNDING_RNE;
    gemm.overflow = PCS_OVERFLOW_INF;
    if (status == PCS_OK) {
        status = pcs_fgemm_run(&gemm, &config, NULL, err);
    }
    free(c.codes);
    for (size_t i = 0; status == PCS_OK && i < outputs; i++) {
        const double y = value_of(&run->y, i);
        const double e = value_of(&run->exact, i);
        if (isfinite(y) && isfinite(e)) {
            const double error = fabs(y - e);
            run->error.finite++;
            run->error.max = error > run->error.max ? error : run->error.max;
            run->error.sum += error;
            run->error.square += error * error;
            run->error.norm += e * e;
        }
    }
    return status;
}

static pcs_status_t run_all(cli_gemm_run_t *run, const gemm_flags_t *flags, cli_formats_t *formats, pcs_error_t *err)
{
    pcs_status_t status = read_matrices(run, flags, formats, err);
    if (status == PCS_OK) {
        set_contract(run);
        status = read_accumulator(run, flags, err);
    }
    if (status == PCS_OK) {
        status = read_all_scales(run, flags, err);
        run->gemm.a.scales = run->a_scales.codes;
        run->gemm.b.scales = run->b_scales.codes;
    }
    if (status == PCS_OK && run->array.fitted) {
        status = cli_gemm_array_fit(&run->array, &run->gemm, &run->accumulator, err);
    }
    if (status == PCS_OK) {
        status = make_result(run, run->c_format, &run->y, err);
    }
    if (status == PCS_OK) {
        status = multiply(run, err);
    }
    if (status == PCS_OK && run->a_scales.codes == NULL) { /* tiles with scales have no exact sum to compare with */
        status = compare_with_exact(run, err);
    }
    if (status == PCS_OK && flags->output != NULL) {
        status = cli_matrix_write(flags->output, &run->y, err);
    }
    if (status == PCS_OK && flags->json) {
        return cli_gemm_print_json(run, flags->accumulator, err);
    }
    if (status == PCS_OK) {
        cli_gemm_print_text(run, flags->accumulator);
    }
    return status;
}

static pcs_status_t start(cli_gemm_run_t *run, const gemm_flags_t *flags, cli_formats_t *formats, pcs_error_t *err)
{
    if (flags->a == NULL || flags->b == NULL) {
        return missing(flags->a == NULL ? "a" : "b", "a .npy file", err);
    }
    if (flags->accumulator == NULL) {
        return missing("accumulator", "a name, see precess gemm --help", err);
    }
    if (flags->output != NULL && !cli_npy_named(flags->output)) {
        return pcs_fail(err, PCS_INVALID, "gemm: --output: '%.200s'; legal: a .npy file", flags->output);
    }
    pcs_status_t status = cli_numbers_init(&run->numbers, &flags->numbers, "gemm", err);
    if (status == PCS_OK && flags->file != NULL) {
        status = cli_formats_load(formats, flags->file, err);
    }
    run->stream = pcs_stream(run->numbers.seed, PCS_PURPOSE_ROUND, 0, 0);
    return status == PCS_OK ? read_choices(run, flags, err) : status;
}

pcs_status_t cli_gemm(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    gemm_flags_t flags = {.json = false};
    cli_gemm_run_t run = {.config = {.threads = 1}};
    char about[8000];
    (void)snprintf(
        about, sizeof about,
        "Y = C + A B, each output a dot product in the order, alignment and rounding of an accumulator.\n"
        "Matrices are .npy files of two dimensions: f2 and f4 elements are numbers and are rounded to the\n"
        "format (nearest even), u1, u2 and u4 are codes of it.  Y is written as f4 (fp32), f2 (fp16) or\n"
        "codes.  Printed: outputs in whose sum a flag was raised, errors against the exact sums, and how\n"
        "outputs were computed: `proven` where no order of additions can matter.  Executors cycle and rtl\n"
        "run it on an array of the kind float or bfp, whose accumulator is a register: `register` alone\n"
        "fits its anchor to the operands, and says whether it is exact for them.\n"
        "--a-format and --b-format also take blocks along K that share a power of two, which numbers are\n"
        "quantized to: bfp:G:M:E, hbfp:G:M:E, mxint8, mxfp8-e4m3 and the other mx formats; the array is\n"
        "then of the kind bfp, of elements that are integers of up to 8 bits with their sign (also mxfp4 and\n"
        "mxfp6-e2m3).  Accumulators: register, tile:G, and units of NVIDIA that take G products at a time.\n\n"
        "%s\n%s",
        pcs_accumulator_help(), cli_numbers_help);
    cli_args_t args = {
        .command = "gemm",
        .usage = "--a FILE --b FILE --accumulator A [--a-format F] [--b-format F] [--c FILE] [--output FILE]",
        .about = about,
        .sets = {{cli_config_keys, cli_config_key_count, cli_gemm_array_keys, &run.array.config}},
        .switches = {{"a", 0, NULL, &flags.a, "FILE", "A, M x K"},
                     {"b", 0, NULL, &flags.b, "FILE", "B, K x N"},
                     {"c", 0, NULL, &flags.c, "FILE", "C, M x N [zeros]"},
                     {"a-scales", 0, NULL, &flags.a_scales, "FILE", "scales, M x blocks of K"},
                     {"b-scales", 0, NULL, &flags.b_scales, "FILE", "scales, blocks of K x N"},
                     {"scale-format", 0, NULL, &flags.scale_format, "F",
                      "of the scales: e8m0, or ue4m3 with tile:N and mxf4nvf4 [e8m0]"},
                     {"block", 0, NULL, &flags.block, "N", "steps of K that share a scale [N of tile:N]"},
                     {"scale", 0, NULL, &flags.scale, "RULE", "mx formats: floor, ceil, round-up, even [floor]"},
                     {"a-format", 0, NULL, &flags.a_format, "F", "format of A [that of its floats]"},
                     {"b-format", 0, NULL, &flags.b_format, "F", "format of B [that of A]"},
                     {"c-format", 0, NULL, &flags.c_format, "F", "format of C and of Y [fp32]"},
                     {"accumulator", 0, NULL, &flags.accumulator, "A", "how the products are summed; names above"},
                     {"output", 0, NULL, &flags.output, "FILE", "write Y"},
                     {"nan", 0, NULL, &flags.nan, "POLICY", "propagate, or stop at a NaN among A, B and C [propagate]"},
                     {"executor", 0, NULL, &flags.executor, "E",
                      "fast; ref, which defines it; cycle or rtl: on an array [fast]"},
                     {"isa", 0, NULL, &flags.isa, "ISA",
                      "instructions of fast: auto, portable, avx2, avx512vnni [auto]"},
                     {"threads", 0, NULL, &flags.threads, "N", "1..1024 [cores]; results do not depend on it"},
                     {"json", 0, &flags.json, NULL, NULL, "print the statistics as one JSON object"},
                     {"formats", 0, NULL, &flags.file, "FILE", "YAML file that defines further formats"},
                     {"rounding", 0, NULL, &flags.numbers.rounding, "R", "rounding, unless the unit's own [rne]"},
                     {"overflow", 0, NULL, &flags.numbers.overflow, "O", "overflow policy, likewise [inf]"},
                     {"random-bits", 0, NULL, &flags.numbers.random_bits, "N", "sr: random bits, 1..32 [32]"},
                     {"seed", 0, NULL, &flags.numbers.seed, "N", "sr: seed; each output draws from its own part [1]"}},
    };
    cli_gemm_array_defaults(&run.array, false);
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    cli_formats_t formats = {.count = 0};
    if (status == PCS_OK) {
        cli_gemm_array_defaults(&run.array, wants_blocks(&flags) || flags.a_scales != NULL);
        status = cli_args_apply(&args, err);
    }
    if (status == PCS_OK) {
        status = start(&run, &flags, &formats, err);
    }
    if (status == PCS_OK) {
        status = cli_gemm_array_open(&run.array, &args, run.config.executor, flags.json, err);
    }
    if (status == PCS_OK) {
        status = run_all(&run, &flags, &formats, err);
    }
    cli_gemm_array_close(&run.array);
    free(run.a.codes);
    free(run.b.codes);
    free(run.c.codes);
    free(run.a_scales.codes);
    free(run.b_scales.codes);
    free(run.y.codes);
    free(run.exact.codes);
    return status;
}
