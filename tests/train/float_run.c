/* Training runs in floating point on a small data set: --case NAME picks one.
     same     final hashes of 1, 2 and 3 threads and of `ref` and `fast` are the same, for several recipes
     resume   a run that is interrupted and resumed ends as the one that is not, with Kahan's sum and back-off
     backoff  a loss scale that overflows is halved until it fits: skipped steps are counted and change no parameter
     learns   the loss of a few epochs falls
   --inject: another seed in the second run of `same`; a flipped hash bit in `resume`; a constant scale in `backoff`; no
   learning rate in `learns`. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "tests/support/idx_file.h"
#include "workloads/train/train.h"

enum { TRAIN = 64, TEST = 11, BATCH = 8, MOST = 64, NEVER = 1 << 30 };

typedef struct record {
    double loss[MOST];
    float loss_scale[MOST];
    bool skipped[MOST];
    uint64_t stop_after, zeroed;
} record_t;

static bool inject;

static pcs_status_t on_iteration(void *user, const pcs_train_progress_t *progress, pcs_error_t *err)
{
    record_t *record = user;
    PCS_ASSERT(progress->iteration < MOST && progress->floats != NULL && progress->fw_bits == 0);
    record->loss[progress->iteration] = progress->loss;
    record->loss_scale[progress->iteration] = progress->floats->loss_scale;
    record->skipped[progress->iteration] = progress->floats->skipped;
    record->zeroed += progress->floats->tally.tensor[PCS_FLOAT_DY].zeroed;
    return progress->iteration == record->stop_after ? pcs_fail(err, PCS_INTERRUPTED, "interrupted") : PCS_OK;
}

static void set(char *field, const char *text)
{
    (void)snprintf(field, PCS_CONFIG_TEXT_MAX, "%s", text);
}

static pcs_config_t small_config(const char *name, const char *schedule)
{
    pcs_config_t config;
    pcs_config_defaults(&config);
    (void)snprintf(config.data_dir, sizeof config.data_dir, "train_float_%s_data", name);
    (void)snprintf(config.output, sizeof config.output, "train_float_%s_out", name);
    set(config.network, "fmnist-tiny");
    set(config.schedule, schedule);
    config.iterations = 4;
    config.batch = BATCH;
    config.lr = 0.1;
    config.checkpoint_every = 0;
    config.threads = 1;
    return config;
}

static pcs_status_t run(const pcs_config_t *config, bool resume, record_t *record, pcs_train_result_t *result,
                        pcs_error_t *err)
{
    const pcs_train_hooks_t hooks = {.user = record, .iteration = on_iteration};
    pcs_train_t *train = NULL;
    pcs_status_t status = pcs_train_open(config, NULL, NULL, resume, &hooks, &train, err);
    if (status == PCS_OK) {
        status = pcs_train_run(train, result, err);
    }
    pcs_train_close(train);
    return status;
}

static uint64_t hash_of(const pcs_config_t *config, bool resume, record_t *record)
{
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    CHECK_OK(run(config, resume, record, &result, &err), &err);
    return result.final_hash;
}

static void same(const pcs_config_t *config, uint64_t want, const char *what)
{
    record_t record = {.stop_after = NEVER};
    const uint64_t got = hash_of(config, false, &record);
    CHECK(got == want, "%s, %s: final hash %016" PRIx64 ", expected %016" PRIx64, config->schedule, what, got, want);
}

static void case_same(void)
{
    for (int recipe = 0; recipe < (inject ? 1 : 3); recipe++) {
        static const char *const schedules[] = {"float:e5m2/e5m2", "float:e4m3/e5m2", "float:bf16/bf16"};
        pcs_config_t config = small_config("same", schedules[recipe]);
        config.iterations = recipe == 0 ? 2 : 1;
        config.batch = 2;
        switch (recipe) {
        case 0: /* stochastic everything, narrow everything */
            set(config.float_accumulator, "chunk:64");
            set(config.float_sum, "e6m9");
            set(config.float_master, "e6m9");
            set(config.float_first, "fp16");
            config.float_rounding = PCS_ROUNDING_SR;
            config.float_gradient_rounding = PCS_ROUNDING_SR;
            config.float_update = PCS_UPDATE_SR;
            config.float_momentum = 1;
            config.float_loss_scale = 1000;
            break;
        case 1:
            set(config.network, "fmnist-tiny-mobile");
            set(config.float_output, "bf16");
            set(config.float_first, "bf16");
            config.float_scaling = 1;
            break;
        default:
            set(config.float_master, "bf16");
            config.float_update = PCS_UPDATE_KAHAN;
            break;
        }
        record_t record = {.stop_after = NEVER};
        const uint64_t one = hash_of(&config, false, &record);
        config.seed += inject;
        for (config.threads = 2; config.threads <= 3; config.threads++) {
            same(&config, one, "more threads");
        }
        if (inject) {
            continue;
        }
        config.threads = 2;
        config.executor = PCS_EXECUTOR_REF;
        same(&config, one, "ref");
        config.executor = PCS_EXECUTOR_FAST;
        config.kernel = PCS_KERNEL_PORTABLE;
        same(&config, one, "the portable kernel");
    }
}

static void case_resume(void)
{
    pcs_config_t config = small_config("resume", "float:e4m3/e5m2");
    set(config.float_master, "fp16");
    config.float_update = PCS_UPDATE_KAHAN;
    config.float_momentum = 1;
    config.float_loss_scaling = 1;
    config.float_loss_scale = 1e8;
    config.float_gradient_rounding = PCS_ROUNDING_SR;
    config.iterations = 12;
    record_t whole = {.stop_after = NEVER};
    const uint64_t want = hash_of(&config, false, &whole) ^ inject;
    CHECK(whole.skipped[0] && !whole.skipped[11], "it backs off at first: %d %d", whole.skipped[0], whole.skipped[11]);
    for (uint64_t stop = 0; stop < 12; stop += 5) {
        pcs_error_t err = {{0}};
        pcs_train_result_t result = {0};
        record_t record = {.stop_after = stop};
        CHECK_EQ(run(&config, false, &record, &result, &err), PCS_INTERRUPTED, "stopped");
        record.stop_after = NEVER;
        const uint64_t got = hash_of(&config, true, &record);
        CHECK(got == want, "resumed after %" PRIu64 ": final hash %016" PRIx64 ", expected %016" PRIx64, stop, got,
              want);
        CHECK(memcmp(record.loss_scale, whole.loss_scale, sizeof record.loss_scale) == 0, "other loss scales");
    }
    config.float_loss_scale = 1e7; /* another run */
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    record_t record = {.stop_after = NEVER};
    CHECK_EQ(run(&config, true, &record, &result, &err), PCS_INVALID, "a checkpoint of another loss scale");
    CHECK(strstr(err.text, "float.loss-scale") != NULL, "the message names the key: %s", err.text);
}

static void case_backoff(void)
{
    pcs_config_t config = small_config("backoff", "float:e5m2/e5m2");
    config.float_loss_scale = 1e9;
    config.float_loss_scaling = inject ? 0 : 1;
    config.iterations = 20;
    config.momentum = 0;
    record_t record = {.stop_after = NEVER};
    const uint64_t hash = hash_of(&config, false, &record);
    int skipped = 0;
    for (int i = 0; i + 1 < 20; i++) {
        const float next = record.skipped[i] ? 0.5F * record.loss_scale[i] : record.loss_scale[i];
        CHECK(record.loss_scale[i + 1] == next, "scale %g follows %g", (double)record.loss_scale[i + 1],
              (double)record.loss_scale[i]);
        skipped += record.skipped[i] ? 1 : 0;
    }
    CHECK(skipped > 0 && skipped < 19, "%d of 20 steps are left out", skipped);
    (void)printf("back-off: %d steps left out, scale %g, final hash %016" PRIx64 "\n", skipped,
                 (double)record.loss_scale[19], hash);
}

/* Underflow makes gradients vanish; a loss scale brings them back. */
static void case_learns(void)
{
    pcs_config_t config = small_config("learns", "float:e5m2/e5m2");
    config.iterations = MOST;
    config.lr = inject ? 0.0 : 0.2;
    record_t plain = {.stop_after = NEVER};
    (void)hash_of(&config, false, &plain);
    config.float_loss_scale = 1024;
    record_t scaled = {.stop_after = NEVER};
    (void)hash_of(&config, false, &scaled);
    CHECK(scaled.loss[MOST - 1] < 0.8 * scaled.loss[0], "the loss went from %g to %g", scaled.loss[0],
          scaled.loss[MOST - 1]);
    CHECK(scaled.zeroed < plain.zeroed / 4, "%" PRIu64 " gradients became zero with a loss scale, %" PRIu64 " without",
          scaled.zeroed, plain.zeroed);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"same", case_same}, {"resume", case_resume}, {"backoff", case_backoff}, {"learns", case_learns}};
    const char *name = "";
    inject = check_flag(argc, argv, "--inject", NULL);
    (void)check_flag(argc, argv, "--case", &name);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            char data[64];
            (void)snprintf(data, sizeof data, "train_float_%s_data", name);
            idx_tiny_dataset(data, TRAIN, TEST, 5);
            cases[i].run();
        }
    }
    return check_done("runs in floating point");
}
