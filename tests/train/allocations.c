/* A training step takes no memory: from the third iteration on, nothing that is linked into this program calls malloc,
   calloc, realloc or aligned_alloc - through other bit-widths, the shuffle of a new epoch and evaluations.  The linker
   sends those calls here (--wrap); what shared libraries (OpenMP, OpenBLAS, libc) do inside is not seen.
   --inject: an observer of the GEMMs allocates once, in the middle of a late step. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/idx_file.h"
#include "workloads/train/train.h"

enum { TRAIN = 50, TEST = 9, ITERATIONS = 12, WARM = 2, INJECT_AT = 7 };

static atomic_bool counting;
static atomic_uint calls;
static atomic_size_t last_size; /* bytes of the latest counted call */

static void count(size_t size)
{
    if (counting) {
        calls++;
        last_size = size;
    }
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
    count(size);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    count(n * size);
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    count(size);
    return __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    count(size);
    return __real_aligned_alloc(alignment, size);
}

typedef struct run {
    const char *name;
    bool inject;
    unsigned seen; /* iterations finished */
    unsigned steps;
    void *taken;
} run_t;

static pcs_status_t on_gemm(void *user, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err)
{
    run_t *run = user;
    (void)gemm;
    (void)plan;
    (void)err;
    if (run->inject && run->seen == INJECT_AT && run->taken == NULL) {
        run->taken = malloc(77);
    }
    return PCS_OK;
}

/* Between two calls lie one step and, from time to time, an evaluation. */
static pcs_status_t on_iteration(void *user, const pcs_train_progress_t *progress, pcs_error_t *err)
{
    run_t *run = user;
    (void)err;
    counting = false;
    if (progress->iteration >= WARM) {
        CHECK(calls == 0, "%s: step %" PRIu64 " at %u bits allocates %u times, the last time %zu bytes", run->name,
              progress->iteration, progress->fw_bits, calls, last_size);
        run->steps++;
    }
    calls = 0;
    run->seen = (unsigned)progress->iteration + 1U;
    counting = run->seen >= WARM && run->seen < progress->iterations;
    return PCS_OK;
}

static pcs_config_t small_config(void)
{
    pcs_config_t config;
    pcs_config_defaults(&config);
    (void)snprintf(config.data_dir, sizeof config.data_dir, "train_allocations_data");
    memcpy(config.network, "fmnist-tiny", sizeof "fmnist-tiny");
    config.iterations = ITERATIONS;
    config.batch = 8;
    config.cycles = 2;
    config.checkpoint_every = 0;
    config.eval_every = 3;
    config.threads = 1;
    config.array_rows = 8;
    config.array_cols = 8;
    return config;
}

static void check_run(const char *name, const pcs_config_t *config, bool inject)
{
    run_t run = {.name = name, .inject = inject};
    pcs_error_t err = {{0}};
    const pcs_array_config_t array = {(unsigned)config->array_rows,           (unsigned)config->array_cols,
                                      (pcs_kind_t)config->array_kind,         (unsigned)config->acc_bits,
                                      (pcs_dataflow_t)config->array_dataflow, (unsigned)config->array_digit};
    const pcs_engine_config_t engine_config = {
        .executor = (pcs_executor_t)config->executor,
        .array = array,
        .kernel = (pcs_kernel_t)config->kernel,
        .threads = (unsigned)config->threads,
        .observe = on_gemm,
        .observe_user = &run,
    };
    const pcs_train_hooks_t hooks = {.user = &run, .iteration = on_iteration};
    pcs_engine_t *engine = NULL;
    pcs_train_t *train = NULL;
    pcs_train_result_t result;
    CHECK_OK(pcs_engine_create(&engine_config, &engine, &err), &err);
    CHECK_OK(pcs_train_open(config, engine, NULL, false, &hooks, &train, &err), &err);
    CHECK_OK(pcs_train_run(train, &result, &err), &err);
    CHECK_EQ(run.seen, config->iterations, "%s: iterations", name);
    (void)printf("%s: %u steps watched\n", name, run.steps);
    pcs_train_close(train);
    pcs_engine_destroy(engine);
    free(run.taken);
}

int main(int argc, char **argv)
{
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    const pcs_config_t small = small_config();
    pcs_config_t defaults;
    pcs_config_defaults(&defaults);
    idx_tiny_dataset(small.data_dir, TRAIN, TEST, 5);
    pcs_config_t config = small;
    config.threads = 2;
    check_run("2 threads", &config, inject);
    if (inject) {
        return check_done("steps without allocation");
    }
    config = small;
    for (unsigned i = 0; i < 9; i++) { /* every policy with every quantizer; the kernels of this machine take turns */
        const pcs_kernel_t kernel = (pcs_kernel_t)(1U + i % (PCS_KERNEL_COUNT - 1U));
        char name[64];
        config.kernel = pcs_kernel_available(kernel) ? (unsigned)kernel : PCS_KERNEL_PORTABLE;
        config.weight_policy = i / 3;
        config.quantizer = i % 3;
        (void)snprintf(name, sizeof name, "weights %u, quantizer %u, %s", i / 3, i % 3,
                       pcs_kernel_name((pcs_kernel_t)config.kernel));
        check_run(name, &config, false);
    }
    config = small;
    config.executor = PCS_EXECUTOR_REF;
    config.batch = 4;
    check_run("ref", &config, false);
    config = small;
    config.segment = 7;
    check_run("segments of 7", &config, false);
    config = small;
    config.augment = 1;
    memcpy(config.network, "resnet20-fmnist", sizeof "resnet20-fmnist");
    config.batch = 2;
    config.iterations = 4;
    config.eval_every = 0;
    check_run("resnet20-fmnist", &config, false);
    config = small;
    config.array_rows = defaults.array_rows; /* no array */
    config.array_cols = defaults.array_cols;
    memcpy(config.schedule, "fp32", sizeof "fp32");
    check_run("fp32", &config, false);
    return check_done("steps without allocation");
}
