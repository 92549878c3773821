/* Training runs of a small network, --network, on a small data set: --case NAME picks one.  Each case makes its own
 * files in the working directory. */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/check.h"
#include "tests/support/idx_file.h"
#include "workloads/optim/optim.h"
#include "workloads/train/checkpoint.h"
#include "workloads/train/train.h"

enum { TRAIN = 100, TEST = 21, BATCH = 16, ITERATIONS = 12, MOST = 64, STOP_NEVER = 1 << 30 };

/* What the hooks saw. */
typedef struct record {
    double loss[MOST];
    unsigned fw_bits[MOST];
    uint64_t stop_after; /* iteration after which the run is interrupted */
    uint64_t seen, evaluations, restored_at;
    char note[32]; /* the caller's part of the checkpoint */
} record_t;

static bool inject;
static const char *network = "fmnist-tiny";

static pcs_status_t on_iteration(void *user, const pcs_train_progress_t *progress, pcs_error_t *err)
{
    record_t *record = user;
    PCS_ASSERT(progress->iteration < MOST);
    record->loss[progress->iteration] = progress->loss;
    record->fw_bits[progress->iteration] = progress->fw_bits;
    record->seen++;
    (void)snprintf(record->note, sizeof record->note, "note %" PRIu64, progress->iteration);
    return progress->iteration == record->stop_after ? pcs_fail(err, PCS_INTERRUPTED, "interrupted") : PCS_OK;
}

static pcs_status_t on_evaluated(void *user, const pcs_train_eval_t *eval, pcs_error_t *err)
{
    (void)eval;
    (void)err;
    ((record_t *)user)->evaluations++;
    return PCS_OK;
}

static pcs_status_t on_save(void *user, const void **bytes, size_t *size, pcs_error_t *err)
{
    record_t *record = user;
    (void)err;
    *bytes = record->note;
    *size = strlen(record->note);
    return PCS_OK;
}

static pcs_status_t on_restore(void *user, const void *bytes, size_t size, uint64_t iteration, pcs_error_t *err)
{
    record_t *record = user;
    (void)err;
    record->restored_at = iteration;
    (void)snprintf(record->note, sizeof record->note, "%.*s", (int)size, (const char *)bytes);
    return PCS_OK;
}

/* A small run in a directory of its own. */
static pcs_config_t small_config(const char *name)
{
    pcs_config_t config;
    pcs_config_defaults(&config);
    (void)snprintf(config.data_dir, sizeof config.data_dir, "train_%s_data", name);
    (void)snprintf(config.output, sizeof config.output, "train_%s_out", name);
    (void)snprintf(config.network, sizeof config.network, "%s", network);
    config.iterations = ITERATIONS;
    config.batch = BATCH;
    config.cycles = 2;
    config.lr = 0.1; /* explicit: golden losses are to outlive a change of defaults */
    config.lr_schedule = PCS_LR_STEP;
    config.checkpoint_every = 0;
    config.threads = 1;
    config.array_rows = 8;
    config.array_cols = 8;
    idx_tiny_dataset(config.data_dir, TRAIN, TEST, 5);
    return config;
}

/* Runs a configuration with its executor; returns the status and, on success, the result. */
static pcs_status_t run(const pcs_config_t *config, bool resume, record_t *record, pcs_train_result_t *result,
                        pcs_error_t *err)
{
    const pcs_array_config_t array = {(unsigned)config->array_rows,           (unsigned)config->array_cols,
                                      (pcs_kind_t)config->array_kind,         (unsigned)config->acc_bits,
                                      (pcs_dataflow_t)config->array_dataflow, (unsigned)config->array_digit};
    pcs_engine_config_t engine_config = {.executor = (pcs_executor_t)config->executor,
                                         .array = array,
                                         .kernel = (pcs_kernel_t)config->kernel,
                                         .threads = config->threads != 0 ? (unsigned)config->threads : 1};
    if (engine_config.executor == PCS_EXECUTOR_CYCLE) {
        CHECK_OK(pcs_array_cycle_create(&array, &engine_config.dev, err), err);
    }
    pcs_engine_t *engine = NULL;
    CHECK_OK(pcs_engine_create(&engine_config, &engine, err), err);
    const pcs_train_hooks_t hooks = {record, on_iteration, on_evaluated, on_save, on_restore, NULL};
    pcs_train_t *train = NULL;
    pcs_status_t status = pcs_train_open(config, engine, NULL, resume, record != NULL ? &hooks : NULL, &train, err);
    if (status == PCS_OK) {
        status = pcs_train_run(train, result, err);
    }
    pcs_train_close(train);
    pcs_engine_destroy(engine);
    pcs_array_dev_destroy(engine_config.dev);
    return status;
}

static pcs_train_result_t must_run(const pcs_config_t *config, bool resume, record_t *record)
{
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    CHECK_OK(run(config, resume, record, &result, &err), &err);
    return result;
}

static void same_hash(const pcs_train_result_t *got, const pcs_train_result_t *want, const char *what)
{
    CHECK(got->final_hash == want->final_hash, "%s: final hash %016" PRIx64 ", expected %016" PRIx64, what,
          got->final_hash, want->final_hash);
    CHECK(got->loss == want->loss && got->accuracy == want->accuracy, "%s: test loss %a, expected %a", what, got->loss,
          want->loss);
}

/* ---- the same bits
 * ---------------------------------------------------------------------------------------------------- */

static void case_threads(void)
{
    pcs_config_t config = small_config("threads");
    const pcs_train_result_t one = must_run(&config, false, NULL);
    for (config.threads = 2; config.threads <= 3; config.threads++) {
        config.seed += inject;
        const pcs_train_result_t more = must_run(&config, false, NULL);
        same_hash(&more, &one, "threads");
    }
}

static void case_executors(void)
{
    pcs_config_t config = small_config("executors");
    config.iterations = 2;
    config.cycles = 1;
    config.batch = 4;
    config.executor = PCS_EXECUTOR_REF;
    for (config.weight_policy = 0; config.weight_policy < 3; config.weight_policy++) {
        config.executor = PCS_EXECUTOR_REF;
        const pcs_train_result_t ref = must_run(&config, false, NULL);
        for (config.kernel = 0; config.kernel < PCS_KERNEL_COUNT; config.kernel++) {
            config.executor = PCS_EXECUTOR_FAST;
            const pcs_train_result_t fast = must_run(&config, false, NULL);
            same_hash(&fast, &ref, "fast and ref");
        }
        config.kernel = 0;
        config.executor = PCS_EXECUTOR_CYCLE;
        config.lr += inject ? 0.01 : 0.0;
        const pcs_train_result_t cycle = must_run(&config, false, NULL);
        same_hash(&cycle, &ref, "cycle and ref");
    }
}

/* Accumulators of 20 bits make the planner cut K: the sums, hence the bits, stay the same. */
static void case_segments(void)
{
    pcs_config_t config = small_config("segments");
    const pcs_train_result_t wide = must_run(&config, false, NULL);
    config.acc_bits = 20;
    config.seed += inject;
    const pcs_train_result_t narrow = must_run(&config, false, NULL);
    same_hash(&narrow, &wide, "20-bit accumulators");
    config.acc_bits = 32;
    config.segment = 7;
    const pcs_train_result_t cut = must_run(&config, false, NULL);
    same_hash(&cut, &wide, "segments of 7");
}

static void case_golden(const char *path, bool write)
{
    pcs_config_t config = small_config("golden");
    record_t record = {.stop_after = STOP_NEVER};
    const pcs_train_result_t result = must_run(&config, false, &record);
    record.loss[3] += inject ? 0x1p-50 : 0.0;
    FILE *file = fopen(path, write ? "w" : "r");
    CHECK(file != NULL, "%s opens", path);
    if (file == NULL) {
        return;
    }
    if (write) {
        (void)fprintf(file, "# Loss of each iteration (nats, binary64) and final hash of the run in tests/train/run.c\n"
                            "# Regenerate: test_train_run_golden --case golden --golden THIS_FILE --write\n");
        for (int i = 0; i < ITERATIONS; i++) {
            (void)fprintf(file, "%d %u %a\n", i, record.fw_bits[i], record.loss[i]);
        }
        (void)fprintf(file, "final-hash %016" PRIx64 "\n", result.final_hash);
    } else {
        char line[128];
        char expected[128];
        for (int i = -2; i <= ITERATIONS && fgets(line, sizeof line, file) != NULL; i++) {
            if (i < ITERATIONS) {
                (void)snprintf(expected, sizeof expected, "%d %u %a\n", i, i < 0 ? 0 : record.fw_bits[i],
                               i < 0 ? 0.0 : record.loss[i]);
            } else {
                (void)snprintf(expected, sizeof expected, "final-hash %016" PRIx64 "\n", result.final_hash);
            }
            CHECK(i < 0 || strcmp(line, expected) == 0, "golden has %s, this run %s", line, expected);
        }
        CHECK(fgets(line, sizeof line, file) == NULL && feof(file), "the golden file ends where the run does");
    }
    (void)fclose(file);
}

/* ---- checkpoints
 * ------------------------------------------------------------------------------------------------------- */

static void case_resume(void)
{
    pcs_config_t config = small_config("resume");
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    config.eval_every = 5;
    record_t whole = {.stop_after = STOP_NEVER};
    pcs_train_result_t uninterrupted = must_run(&config, false, &whole);
    uninterrupted.final_hash ^= inject;
    CHECK_EQ(whole.evaluations, 3, "evaluations after 5, 10 and 12 iterations");
    const uint64_t stops[] = {0, 4, 5, 6, ITERATIONS - 1};
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        record_t record = {.stop_after = stops[i]};
        CHECK_EQ(run(&config, false, &record, &result, &err), PCS_INTERRUPTED, "stopped after %d", (int)stops[i]);
        CHECK_EQ(record.seen, stops[i] + 1, "iterations before the stop");
        char note[32];
        memcpy(note, record.note, sizeof note);
        memset(record.note, 0, sizeof record.note);
        record.stop_after = STOP_NEVER;
        config.threads = 1 + i % 2;
        const pcs_train_result_t resumed = must_run(&config, true, &record);
        same_hash(&resumed, &uninterrupted, "resumed");
        CHECK_EQ(record.restored_at, stops[i] + 1, "resumed at");
        CHECK_EQ(record.seen, ITERATIONS, "iterations in all");
        CHECK_EQ(record.evaluations, 3, "evaluations in all");
        CHECK(memcmp(record.loss, whole.loss, ITERATIONS * sizeof whole.loss[0]) == 0, "losses of all iterations");
        CHECK(record.restored_at == ITERATIONS || strcmp(note, record.note) != 0, "the caller's part changes");
    }
    /* A run that is killed goes on from its latest regular checkpoint; a finished one can be looked at again. */
    config.checkpoint_every = 4;
    record_t killed = {.stop_after = STOP_NEVER};
    (void)must_run(&config, false, &killed);
    record_t again = {.stop_after = STOP_NEVER};
    const pcs_train_result_t finished = must_run(&config, true, &again);
    same_hash(&finished, &uninterrupted, "finished run");
    CHECK(again.seen == 0 && again.restored_at == ITERATIONS, "nothing is left to train");
    CHECK(strcmp(again.note, "note 11") == 0, "caller's part '%s'", again.note);
}

static size_t read_all(const char *path, uint8_t *bytes, size_t room)
{
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL, "%s opens", path);
    const size_t size = file != NULL ? fread(bytes, 1, room, file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    return size;
}

static void write_all(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size, "%s is written", path);
    if (file != NULL) {
        (void)fclose(file);
    }
}

/* One flipped bit in any byte, and any missing tail, is found. */
static void case_damage(void)
{
    pcs_error_t err = {{0}};
    static uint8_t state[1000];
    static uint8_t file[4096];
    const char *text = "seed: 1\nnetwork: x\n";
    for (size_t i = 0; i < sizeof state; i++) {
        state[i] = (uint8_t)(i * 31);
    }
    const pcs_checkpoint_t written = {3, text, state, sizeof state, "caller", 6};
    CHECK_OK(pcs_checkpoint_write("train_damage_out", &written, &err), &err);
    const char *path = "train_damage_out/checkpoint/state";
    const size_t size = read_all(path, file, sizeof file);
    pcs_checkpoint_t found;
    void *memory = NULL;
    CHECK_OK(pcs_checkpoint_read("train_damage_out", text, sizeof state, &found, &memory, &err), &err);
    CHECK(found.iteration == 3 && found.caller_size == 6 && memcmp(found.caller, "caller", 6) == 0 &&
              memcmp(found.state, state, sizeof state) == 0,
          "read back");
    free(memory);
    for (size_t i = 0; i < size; i++) {
        const uint8_t bit = (uint8_t)(inject && i == 40 ? 0U : 1U << (i % 8U));
        file[i] ^= bit;
        write_all(path, file, size);
        file[i] ^= bit;
        const pcs_status_t status = pcs_checkpoint_read("train_damage_out", text, sizeof state, &found, &memory, &err);
        CHECK(status == PCS_FORMAT && strstr(err.text, "checksum") != NULL, "flip in byte %zu: %s", i, err.text);
    }
    for (size_t cut = 1; cut <= size; cut += 7) {
        write_all(path, file, size - cut);
        CHECK_EQ(pcs_checkpoint_read("train_damage_out", text, sizeof state, &found, &memory, &err), PCS_FORMAT,
                 "%d bytes missing", (int)cut);
    }
    write_all(path, file, size);
    CHECK_EQ(pcs_checkpoint_read("train_damage_out", text, sizeof state - 1, &found, &memory, &err), PCS_FORMAT,
             "another size of state");
}

/* A checkpoint continues its own run only: the first key that differs is named. */
static void case_other_run(void)
{
    pcs_config_t config = small_config("other");
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    record_t record = {.stop_after = 2};
    CHECK_EQ(run(&config, false, &record, &result, &err), PCS_INTERRUPTED, "stopped");
    pcs_config_t others[5];
    const char *const keys[] = {"'seed: 1', this run has 'seed: 2'", "train.batch", "precision.schedule",
                                "precision.weights: two-copy", "data:"};
    for (int i = 0; i < 5; i++) {
        others[i] = config;
    }
    others[0].seed = inject ? 1 : 2;
    others[1].batch = 8;
    memcpy(others[2].schedule, "static:8/8", sizeof "static:8/8");
    others[3].weight_policy = 0;
    memcpy(others[4].data_dir, "train_other_data2", sizeof "train_other_data2");
    idx_tiny_dataset(others[4].data_dir, TRAIN, TEST, 6);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(run(&others[i], true, &record, &result, &err), PCS_INVALID, "run %d must be refused", i);
        CHECK(strstr(err.text, keys[i]) != NULL, "message '%s' lacks '%s'", err.text, keys[i]);
    }
    config.executor = PCS_EXECUTOR_REF; /* who computes does not matter */
    record.stop_after = STOP_NEVER;
    (void)must_run(&config, true, &record);
}

/* A file system that takes no more: the error is clear, the earlier checkpoint stays as it was. */
static void case_full_disk(void)
{
    pcs_config_t config = small_config("full");
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    record_t record = {.stop_after = 2};
    static uint8_t before[65536];
    static uint8_t after[65536];
    const char *path = "train_full_out/checkpoint/state";
    CHECK_EQ(run(&config, false, &record, &result, &err), PCS_INTERRUPTED, "stopped");
    const size_t size = read_all(path, before, sizeof before);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0, "limit read");
    const rlim_t kept = limit.rlim_cur;
    limit.rlim_cur = inject ? kept : 1000;
    (void)signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0, "limit set");
    record.stop_after = 5;
    const pcs_status_t status = run(&config, true, &record, &result, &err);
    limit.rlim_cur = kept;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0, "limit lifted");
    CHECK_EQ(status, PCS_IO, "the write fails");
    CHECK(strstr(err.text, "train_full_out/checkpoint/state.new: cannot write") != NULL, "message '%s'", err.text);
    CHECK(read_all(path, after, sizeof after) == size && memcmp(before, after, size) == 0, "earlier file untouched");
    CHECK(access("train_full_out/checkpoint/state.new", F_OK) != 0, "no temporary file stays");
}

/* ---- what opening refuses
 * ------------------------------------------------------------------------------------------------ */

static void refuse(pcs_config_t config, bool resume, const char *says)
{
    pcs_error_t err = {{0}};
    pcs_train_result_t result = {0};
    const pcs_status_t status = run(&config, resume, NULL, &result, &err);
    CHECK(status != PCS_OK && strstr(err.text, says) != NULL, "status %s, message '%s' lacks '%s'",
          pcs_status_name(status), err.text, says);
}

static void case_refused(void)
{
    const pcs_config_t good = small_config("refused");
    pcs_config_t config = good;
    memcpy(config.network, "resnet-9000", sizeof "resnet-9000");
    refuse(config, false, "network: unknown 'resnet-9000'; legal are fmnist-cnn, fmnist-tiny");
    config = good;
    config.batch = inject ? TRAIN : TRAIN + 1;
    refuse(config, false, "train.batch: 101 images, the training set has only 100");
    config = good;
    config.cycles = ITERATIONS + 1;
    refuse(config, false, "precision.cycles: 13 cycles in 12 iterations");
    memcpy(config.schedule, "cpt:1-8/8", sizeof "cpt:1-8/8");
    refuse(config, false, "precision.schedule: 1 bits");
    config = good;
    memcpy(config.data_dir, "train_nowhere", sizeof "train_nowhere");
    refuse(config, false, "train_nowhere/train-images-idx3-ubyte.gz: cannot open: No such file");
    config = good;
    memcpy(config.output, "train_refused_out/empty", sizeof "train_refused_out/empty");
    refuse(config, true, "train_refused_out/empty/checkpoint/state: cannot open checkpoint: No such file");
    write_all("train_refused_file", (const uint8_t *)"x", 1);
    memcpy(config.output, "train_refused_file", sizeof "train_refused_file");
    refuse(config, false, "train_refused_file is a file");
    memcpy(config.output, "train_refused_file/x", sizeof "train_refused_file/x");
    refuse(config, false, "train_refused_file/x: cannot use as output directory");
    config = good;
    config.output[0] = '\0';
    config.checkpoint_every = 1;
    refuse(config, false, "output: checkpoints need a directory");
    config = good;
    config.lr = 100.0;
    config.weight_decay = 1.0;
    config.momentum = 1.0;
    config.iterations = 60;
    refuse(config, false, "training diverged");
    CHECK(access("train_refused_out", F_OK) != 0, "nothing was written");
}

/* ---- every numeric choice runs, and matters
 * --------------------------------------------------------------------------- */

static void case_choices(void)
{
    pcs_config_t config = small_config("choices");
    uint64_t hashes[9];
    config.iterations = 4;
    for (unsigned i = 0; i < 9; i++) {
        config.weight_policy = i / 3;
        config.quantizer = inject ? 0 : i % 3;
        const pcs_train_result_t result = must_run(&config, false, NULL);
        hashes[i] = result.final_hash;
        CHECK(isfinite(result.loss), "policy %u quantizer %u: loss %g", i / 3, i % 3, result.loss);
        for (unsigned j = 0; j < i; j++) {
            CHECK(hashes[j] != hashes[i], "choices %u and %u give the same bits", j, i);
        }
    }
}

/* The whole chain learns: the squares of the test set are told apart after some epochs. */
static void case_learns(void)
{
    pcs_config_t config = small_config("learns");
    idx_tiny_dataset(config.data_dir, 800, 200, 8);
    config.iterations = 200;
    config.cycles = 4;
    config.lr *= inject ? 0.0 : 1.0;
    const pcs_train_result_t result = must_run(&config, false, NULL);
    (void)printf("test accuracy %.3f\n", result.accuracy);
    CHECK(result.accuracy > 0.8, "test accuracy %.3f", result.accuracy);
}

int main(int argc, char **argv)
{
    const char *name = "";
    const char *golden = "";
    (void)check_flag(argc, argv, "--case", &name);
    (void)check_flag(argc, argv, "--golden", &golden);
    (void)check_flag(argc, argv, "--network", &network);
    inject = check_flag(argc, argv, "--inject", NULL);
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"threads", case_threads},     {"executors", case_executors}, {"segments", case_segments},
                 {"resume", case_resume},       {"damage", case_damage},       {"other-run", case_other_run},
                 {"full-disk", case_full_disk}, {"refused", case_refused},     {"choices", case_choices},
                 {"learns", case_learns}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            cases[i].run();
        }
    }
    if (strcmp(name, "golden") == 0) {
        case_golden(golden, check_flag(argc, argv, "--write", NULL));
    }
    return check_done(name);
}
