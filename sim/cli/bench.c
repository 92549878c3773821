/* precess bench: how fast a training step runs on this machine. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "models/format/philox.h"
#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/device.h"
#include "sim/cli/memory.h"
#include "sim/cli/profile.h"
#include "workloads/policy/schedule.h"
#include "workloads/train/step.h"
#include "workloads/train/train.h"
#include "workloads/zoo/shapes.h"
#include "workloads/zoo/zoo.h"

enum { WARM_UP = 2, REPEATS_DEFAULT = 10, REPEATS_MAX = 1000 };

typedef struct bench {
    pcs_config_t config;
    unsigned threads, repeats;
    pcs_network_spec_t spec;
    pcs_network_t *network;
    pcs_engine_t *engine;
    uint8_t *labels; /* (batch) */
    unsigned fw_bits, bw_bits;
    uint64_t macs; /* of one image, three passes of every convolution but the first one's dgrad */
    cli_profile_t profile;
    double start;             /* of the command */
    double first;             /* s from there to the end of the first step */
    double time[REPEATS_MAX]; /* s */
} bench_t;

/* "8/8", as in static:8/8, or fp32. */
static pcs_status_t parse_bits(const char *text, bench_t *bench, pcs_error_t *err)
{
    if (pcs_schedule_fp32(text)) {
        (void)snprintf(bench->config.schedule, sizeof bench->config.schedule, "%s", text);
        return pcs_config_check(&bench->config, err);
    }
    char spec[64];
    pcs_schedule_t schedule;
    (void)snprintf(spec, sizeof spec, "static:%.40s", text);
    const pcs_status_t status = pcs_schedule_parse(spec, 1, 1, &schedule, err);
    if (status != PCS_OK) {
        return pcs_fail(err, PCS_INVALID, "--bits: '%.40s'; legal: FW/BW, each 2..8, or fp32", text);
    }
    pcs_schedule_bits(&schedule, 0, &bench->fw_bits, &bench->bw_bits);
    pcs_schedule_free(&schedule);
    return PCS_OK;
}

static pcs_status_t parse_repeats(const char *text, unsigned *repeats, pcs_error_t *err)
{
    char *end = NULL;
    const unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > REPEATS_MAX) {
        return pcs_fail(err, PCS_INVALID, "--repeats: '%.40s'; legal: 1..%d", text, REPEATS_MAX);
    }
    *repeats = (unsigned)value;
    return PCS_OK;
}

static pcs_status_t count_macs(bench_t *bench, pcs_error_t *err)
{
    pcs_shapes_t shapes;
    const pcs_status_t status = pcs_shapes_find(bench->config.network, &shapes, err);
    if (status != PCS_OK) {
        return status;
    }
    bench->macs = 0;
    for (size_t i = 0; i < shapes.count; i++) {
        bench->macs += (shapes.layers[i].first ? 2U : 3U) * pcs_shape_macs(&shapes.layers[i]);
    }
    pcs_shapes_free(&shapes);
    return PCS_OK;
}

static pcs_status_t open_bench(bench_t *bench, pcs_error_t *err)
{
    const pcs_config_t *config = &bench->config;
    pcs_engine_config_t engine = {
        .executor = PCS_EXECUTOR_FAST,
        .serial = (pcs_serial_t)config->serial,
        .kernel = (pcs_kernel_t)config->kernel,
    };
    const pcs_numerics_t numerics = pcs_train_numerics(config);
    bench->threads = config->threads > 0 ? (unsigned)config->threads : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    engine.threads = bench->threads;
    pcs_status_t status = cli_memory_check(config, err);
    status = status == PCS_OK ? pcs_zoo_find(config->network, &bench->spec, err) : status;
    status = status == PCS_OK ? count_macs(bench, err) : status;
    status = status == PCS_OK ? cli_integer_array(config, &engine.array, err) : status;
    status = status == PCS_OK && numerics.fp32_threads == 0 ? pcs_engine_create(&engine, &bench->engine, err) : status;
    status = status == PCS_OK ? pcs_network_create(&bench->spec, &numerics, (uint32_t)config->batch, config->seed,
                                                   &bench->network, err)
                              : status;
    bench->labels = malloc(config->batch);
    if (status == PCS_OK && bench->labels == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "bench: out of memory");
    }
    return status;
}

/* Uniform pixels and labels. */
static void fill(const bench_t *bench)
{
    const pcs_stream_t stream = pcs_stream(bench->config.seed, PCS_PURPOSE_TEST, 0, 0);
    const size_t pixels = (size_t)bench->spec.height * bench->spec.width * bench->spec.channels;
    float *x = pcs_network_input(bench->network);
    for (size_t i = 0; i < bench->config.batch * pixels; i++) {
        x[i] = 4.0F * pcs_uniform_centered(pcs_philox_u32(&stream, i));
    }
    for (size_t i = 0; i < bench->config.batch; i++) {
        bench->labels[i] = (uint8_t)pcs_philox_below(&stream, (UINT64_C(1) << 40U) + i, bench->spec.classes);
    }
}

static pcs_status_t run(bench_t *bench, pcs_error_t *err)
{
    const pcs_config_t *config = &bench->config;
    const pcs_update_t update = {(float)config->lr, (float)config->momentum, (float)config->weight_decay};
    pcs_step_t step = {
        .engine = bench->engine,
        .threads = bench->threads,
        .seed = config->seed,
        .fw_bits = bench->fw_bits,
        .bw_bits = bench->bw_bits,
        .training = true,
    };
    fill(bench);
    for (unsigned i = 0; i < WARM_UP + bench->repeats; i++) {
        if (i == WARM_UP) {
            cli_profile_start(&bench->profile);
            step.profile = &bench->profile.hook;
        }
        const double from = cli_now();
        pcs_loss_t loss;
        step.iteration = i;
        const pcs_status_t status =
            pcs_step_train(bench->network, &step, (uint32_t)config->batch, bench->labels, &update, &loss, err);
        if (status != PCS_OK) {
            return status;
        }
        if (i >= WARM_UP) {
            bench->time[i - WARM_UP] = cli_now() - from;
            cli_profile_step(&bench->profile);
        } else if (i == 0) {
            bench->first = cli_now() - bench->start;
        }
    }
    return PCS_OK;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What a benchmark says. */
typedef struct figures {
    double median, fastest, slowest; /* s a step */
    double images;                   /* a second, by the median */
    double gops;                     /* 1e9 multiplications and additions of the GEMMs a second, by the median */
    double peak;                     /* MiB of this process */
} figures_t;

static figures_t figures_of(bench_t *bench)
{
    const unsigned n = bench->repeats;
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    qsort(bench->time, n, sizeof bench->time[0], by_size);
    figures_t f = {
        .median = 0.5 * (bench->time[(n - 1U) / 2U] + bench->time[n / 2U]),
        .fastest = bench->time[0],
        .slowest = bench->time[n - 1U],
        .peak = (double)usage.ru_maxrss / 1024.0,
    };
    f.images = (double)bench->config.batch / f.median;
    f.gops = 2e-9 * (double)bench->macs * f.images;
    return f;
}

/* "8/8 bits", or "FP32". */
static void arithmetic(const bench_t *bench, char text[16])
{
    if (bench->engine == NULL) {
        (void)snprintf(text, 16, "FP32");
    } else {
        (void)snprintf(text, 16, "%u/%u bits", bench->fw_bits, bench->bw_bits);
    }
}

/* Who multiplies. */
static const char *multiplier(const bench_t *bench)
{
    return bench->engine == NULL ? "openblas" : pcs_kernel_name((pcs_kernel_t)bench->config.kernel);
}

static void print(bench_t *bench, bool profile)
{
    const figures_t f = figures_of(bench);
    char bits[16];
    arithmetic(bench, bits);
    (void)printf("step          %s, batch %" PRIu64 ", %s, %u threads, isa %s\n", bench->config.network,
                 bench->config.batch, bits, bench->threads, multiplier(bench));
    (void)printf("speed         %.1f images/s, %.2f ms a step (median of %u; %.2f..%.2f)\n", f.images, 1e3 * f.median,
                 bench->repeats, 1e3 * f.fastest, 1e3 * f.slowest);
    cli_threads_note(bench->threads);
    (void)printf("GEMMs         %.1f Gop/s of the whole step\n", f.gops);
    (void)printf("memory        %.0f MiB at the peak\n", f.peak);
    (void)printf("first step    %.2f s after the start\n", bench->first);
    if (profile) {
        cli_profile_print(&bench->profile);
    }
}

static pcs_status_t print_json(bench_t *bench, bool profile, pcs_error_t *err)
{
    const figures_t f = figures_of(bench);
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "network", bench->config.network);
    (void)cJSON_AddNumberToObject(object, "batch", (double)bench->config.batch);
    if (bench->engine != NULL) {
        (void)cJSON_AddNumberToObject(object, "fw_bits", bench->fw_bits);
        (void)cJSON_AddNumberToObject(object, "bw_bits", bench->bw_bits);
    }
    (void)cJSON_AddNumberToObject(object, "threads", bench->threads);
    (void)cJSON_AddStringToObject(object, "isa", multiplier(bench));
    (void)cJSON_AddNumberToObject(object, "repeats", bench->repeats);
    (void)cJSON_AddNumberToObject(object, "images_per_s", f.images);
    (void)cJSON_AddNumberToObject(object, "step_ms", 1e3 * f.median);
    (void)cJSON_AddNumberToObject(object, "step_ms_fastest", 1e3 * f.fastest);
    (void)cJSON_AddNumberToObject(object, "step_ms_slowest", 1e3 * f.slowest);
    (void)cJSON_AddNumberToObject(object, "gops", f.gops);
    (void)cJSON_AddNumberToObject(object, "peak_mib", f.peak);
    (void)cJSON_AddNumberToObject(object, "first_step_s", bench->first);
    if (profile) {
        (void)cJSON_AddItemToObject(object, "profile", cli_profile_json(&bench->profile));
    }
    return cli_json_print(object, err);
}

static const char *const only[] = {"seed",
                                   "isa",
                                   "threads",
                                   "network",
                                   "train.batch",
                                   "precision.quantizer",
                                   "precision.weights",
                                   "array.rows",
                                   "array.cols",
                                   "array.kind",
                                   "array.acc-bits",
                                   NULL};

static pcs_status_t command(int argc, char **argv, bench_t *bench, pcs_error_t *err)
{
    bool json = false;
    bool profile = false;
    const char *bits = "8/8";
    const char *repeats = NULL;
    cli_args_t args = {
        .command = "bench",
        .usage = "step [--network NAME] [--batch B] [--bits FW/BW] [--threads T] [flags]",
        .about = "Times one training step (forward, loss, backward, update) on synthetic data after a warm-up: median\n"
                 "images per second, peak memory, and with --profile where the time goes.  No file is read or written.",
        .sets = {{cli_config_keys, cli_config_key_count, only, &bench->config}},
        .switches = {{"bits", 0, NULL, &bits, "FW/BW",
                      "forward and backward bits, or fp32: binary32 by OpenBLAS (8/8)"},
                     {"repeats", 0, NULL, &repeats, "N", "timed steps (10)"},
                     {"profile", 0, &profile, NULL, NULL, "milliseconds by stage and layer"},
                     {"json", 0, &json, NULL, NULL, "print one JSON object"}},
        .operands_max = 1,
    };
    pcs_config_defaults(&bench->config);
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    if (status == PCS_OK && (args.operands != 1 || strcmp(args.operand[0], "step") != 0)) {
        return pcs_fail(err, PCS_INVALID, "bench: what to time is missing or unknown; legal: precess bench step");
    }
    bench->repeats = REPEATS_DEFAULT;
    status = status == PCS_OK ? cli_args_apply(&args, err) : status;
    status = status == PCS_OK ? parse_bits(bits, bench, err) : status;
    status = status == PCS_OK && repeats != NULL ? parse_repeats(repeats, &bench->repeats, err) : status;
    status = status == PCS_OK ? open_bench(bench, err) : status;
    status = status == PCS_OK ? run(bench, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    if (json) {
        return print_json(bench, profile, err);
    }
    print(bench, profile);
    return PCS_OK;
}

pcs_status_t cli_bench(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    bench_t *bench = calloc(1, sizeof *bench);
    if (bench == NULL) {
        return pcs_fail(err, PCS_MEMORY, "bench: out of memory");
    }
    bench->start = cli_now();
    const pcs_status_t status = command(argc, argv, bench, err);
    pcs_network_destroy(bench->network);
    pcs_engine_destroy(bench->engine);
    pcs_zoo_free(&bench->spec);
    free(bench->labels);
    free(bench);
    return status;
}
