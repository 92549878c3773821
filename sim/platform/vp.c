/* precess-vp: one GEMM through the virtual platform. */
#include <inttypes.h>
#include <stdio.h>

#include "models/gemm/gemm.h"
#include "sim/bridge/rtl.h"
#include "sim/cosim/lockstep.h"
#include "sim/platform/job.h"
#include "sim/platform/options.h"
#include "sim/platform/platform.h"

enum { EXIT_FINE = 0, EXIT_CHECK_FAILED = 1, EXIT_BAD_INPUT = 2 };

enum { BODY_CYCLE, BODY_RTL, BODY_LOCKSTEP }; /* as in options.def */
static const char *const body_names[] = {"cycle", "rtl", "lockstep"};

static void message(void *user, const char *line)
{
    (void)user;
    (void)fprintf(stderr, "precess-vp: %s\n", line);
}

static pcs_status_t create_body(const vp_options_t *options, const pcs_array_config_t *config, pcs_array_dev_t **dev,
                                pcs_error_t *err)
{
    const pcs_rtl_options_t rtl = {.seed = options->seed, .message = message};
    if (options->body == BODY_CYCLE) {
        return pcs_array_cycle_create(config, dev, err);
    }
    pcs_status_t status = pcs_rtl_create(config, &rtl, dev, err);
    if (status == PCS_OK && options->body == BODY_LOCKSTEP) {
        pcs_array_dev_t *dut = *dev;
        pcs_array_dev_t *model = NULL;
        status = pcs_array_cycle_create(config, &model, err);
        if (status == PCS_OK) {
            *dev = NULL; /* the pair takes both, also when it fails */
            status = pcs_lockstep_create(dut, model, NULL, false, dev, err);
        }
    }
    return status;
}

/* What a lock-step pair has compared; PCS_MISMATCH names the first difference. */
static pcs_status_t lockstep_result(pcs_array_dev_t *dev, uint64_t *clocks, uint64_t *words, pcs_error_t *err)
{
    pcs_lockstep_compare_events(dev);
    pcs_lockstep_compared(dev, clocks, words);
    const pcs_difference_t *first = pcs_lockstep_difference(dev);
    if (!first->found) {
        return PCS_OK;
    }
    return pcs_fail(err, PCS_MISMATCH,
                    "lock-step: clock %" PRIu64 ", PE (%d, %d), %s: the RTL has %" PRId64 ", the model %" PRId64,
                    first->clock, first->row, first->col, first->signal, first->observed, first->expected);
}

static pcs_job_t job_of(const vp_options_t *options)
{
    const pcs_serial_t serial = (pcs_serial_t)options->serial;
    const bool b_narrower = options->b.bits <= options->a.bits;
    const pcs_job_t job = {
        .m = options->m,
        .n = options->n,
        .k = options->k,
        .segment = options->segment,
        .mode = {.pa = options->a.bits,
                 .pb = options->b.bits,
                 .a_signed = options->a.is_signed,
                 .b_signed = options->b.is_signed,
                 .serial_b = serial == PCS_SERIAL_B || (serial == PCS_SERIAL_NARROWER && b_narrower),
                 .saturate = options->overflow == 1},
        .seed = options->seed,
        .base = PCS_PLATFORM_ACCEL_BASE,
    };
    return job;
}

/* One figure: a line for a person, or a member of a JSON object.  `unit` NULL: the value is text. */
static void figure(bool json, const char *name, const char *value, const char *unit)
{
    if (!json) {
        (void)printf("%s: %s%s%s\n", name, value, unit != NULL && unit[0] != '\0' ? " " : "", unit != NULL ? unit : "");
    } else if (unit == NULL) {
        (void)printf(",\n  \"%s\": \"%s\"", name, value);
    } else {
        (void)printf(",\n  \"%s\": %s", name, value);
    }
}

typedef struct vp_result {
    pcs_platform_result_t platform;
    uint64_t lockstep_clocks, lockstep_words; /* compared, 32-bit words of registers and outputs; 0 in other bodies */
} vp_result_t;

static void report(const vp_options_t *options, const pcs_job_t *job, const vp_result_t *result, bool equal)
{
    const struct {
        const char *name, *unit;
        uint64_t value;
    } numbers[] = {
        {"digit", "bits", job->array.digit},
        {"rows", "PEs", job->array.rows},
        {"cols", "PEs", job->array.cols},
        {"m", "", job->m},
        {"n", "", job->n},
        {"k", "steps", job->k},
        {"segment", "codes", job->segment},
        {"cycles", "clocks of the array", job->counts.n[PCS_EVENT_CYCLE]},
        {"cycles_closed_form", "clocks", job->predicted.n[PCS_EVENT_CYCLE]},
        {"overflows", "accumulators", job->overflows},
        {"dma_reads", "transactions", result->platform.dma_reads},
        {"dma_writes", "transactions", result->platform.dma_writes},
        {"time_ps", "simulated picoseconds", result->platform.time_ps},
        {"lockstep_clocks", "clocks", result->lockstep_clocks},
        {"lockstep_words", "words compared", result->lockstep_words},
        {"words_compared", "results", job->words},
        {"words_wrong", "results", job->wrong},
    };
    char text[32];
    if (options->json) {
        (void)printf("{\n  \"program\": \"precess-vp\"");
    }
    figure(options->json, "body", body_names[options->body], NULL);
    figure(options->json, "kind", pcs_kinds[job->array.kind].name, NULL);
    figure(options->json, "dataflow", pcs_dataflows[job->array.dataflow].name, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)snprintf(text, sizeof text, "%" PRIu64, numbers[i].value);
        figure(options->json, numbers[i].name, text, numbers[i].unit);
    }
    (void)snprintf(text, sizeof text, "%016" PRIx64, pcs_spec_hash());
    figure(options->json, "spec_hash", text, NULL);
    (void)snprintf(text, sizeof text, "%016" PRIx64, result->platform.mem_hash);
    figure(options->json, "memory_hash", text, NULL);
    figure(options->json, "result", equal ? "equal to the definition" : "different", NULL);
    if (options->json) {
        (void)printf("\n}\n");
    }
}

static int run(const vp_options_t *options)
{
    pcs_error_t err = {{0}};
    pcs_job_t job = job_of(options);
    pcs_array_dev_t *dev = NULL;
    pcs_platform_config_t config = {
        .clock_mhz = (double)options->clock_mhz,
        .latency = (unsigned)options->latency,
        .bus_bytes = (unsigned)options->bus_bytes,
        .inject_read = options->inject_read,
    };
    const pcs_array_config_t array = {
        .rows = (unsigned)options->rows,
        .cols = (unsigned)options->cols,
        .kind = (pcs_kind_t)options->kind,
        .acc_bits = (unsigned)options->acc_bits,
        .dataflow = (pcs_dataflow_t)options->dataflow,
        .digit = (unsigned)options->digit,
    };
    pcs_status_t status = pcs_need_integer_kind(array.kind, &err);
    if (status == PCS_OK) {
        status = pcs_job_bytes(&job, &config.mem_bytes, &err);
    }
    if (status == PCS_OK) {
        status = create_body(options, &array, &dev, &err);
    }
    if (status == PCS_OK) {
        vp_result_t result = {0};
        config.dev = dev;
        status = pcs_platform_run(&config, pcs_job_run, &job, &result.platform, &err);
        if (status == PCS_OK && options->body == BODY_LOCKSTEP) {
            status = lockstep_result(dev, &result.lockstep_clocks, &result.lockstep_words, &err);
        }
        if (status == PCS_OK || status == PCS_MISMATCH) {
            report(options, &job, &result, status == PCS_OK);
        }
    }
    pcs_array_dev_destroy(dev);
    if (status != PCS_OK) {
        (void)fprintf(stderr, "precess-vp: %s\n", err.text);
    }
    return status == PCS_OK ? EXIT_FINE : status == PCS_MISMATCH ? EXIT_CHECK_FAILED : EXIT_BAD_INPUT;
}

int main(int argc, char **argv)
{
    vp_options_t options;
    pcs_error_t err = {{0}};
    if (vp_options_parse(argc, argv, &options, &err) != PCS_OK) {
        (void)fprintf(stderr, "precess-vp: %s\n", err.text);
        return EXIT_BAD_INPUT;
    }
    if (options.help) {
        vp_options_help();
        return EXIT_FINE;
    }
    return run(&options);
}
