/* Records operands of a training run for the gate-level flow: prints a trace file (energy/gates/trace.h) on standard
   output.  usage: gates_record [DATA_DIRECTORY]

   The run: fmnist-cnn, cpt:3-8/8, affine codes, 96 iterations of 64 images, 4 precision cycles.  Of every role at every
   pair of bit-widths it keeps four windows of 64 steps of 8 rows and 8 columns, each drawn uniformly from all GEMMs of
   the run that are large enough; the draws are seeded. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "energy/gates/trace.h"
#include "models/format/philox.h"
#include "workloads/train/train.h"

enum { WINDOW = 64, WINDOWS = PCS_TRACE_STEPS / WINDOW, GROUPS_MAX = 64, SEED = 1 };

/* The windows of one role at one mode. */
typedef struct group {
    pcs_role_t role;
    pcs_mode_t mode;
    uint32_t gemms; /* seen */
    uint8_t a[PCS_TRACE_STEPS][PCS_TRACE_SIDE], b[PCS_TRACE_STEPS][PCS_TRACE_SIDE];
} group_t;

typedef struct recorder {
    pcs_array_config_t array;
    group_t group[GROUPS_MAX];
    size_t groups;
    uint64_t draws;
} recorder_t;

static group_t *group_of(recorder_t *recorder, pcs_role_t role, const pcs_mode_t *mode)
{
    for (size_t i = 0; i < recorder->groups; i++) {
        group_t *group = &recorder->group[i];
        if (group->role == role && pcs_mode_pack(&group->mode) == pcs_mode_pack(mode)) {
            return group;
        }
    }
    PCS_ASSERT(recorder->groups < GROUPS_MAX);
    group_t *group = &recorder->group[recorder->groups++];
    *group = (group_t){.role = role, .mode = *mode};
    return group;
}

static uint32_t below(recorder_t *recorder, size_t bound)
{
    const pcs_stream_t stream = pcs_stream(SEED, PCS_PURPOSE_SAMPLE, 0, 0);
    return pcs_philox_below(&stream, recorder->draws++, (uint32_t)bound);
}

/* A random window of the GEMM into place `w` of the group. */
static pcs_status_t copy_window(recorder_t *recorder, const pcs_gemm_t *gemm, const pcs_plan_t *plan, group_t *group,
                                size_t w, pcs_error_t *err)
{
    const size_t m0 = below(recorder, gemm->m - PCS_TRACE_SIDE + 1);
    const size_t n0 = below(recorder, gemm->n - PCS_TRACE_SIDE + 1);
    const size_t k0 = below(recorder, gemm->k - WINDOW + 1);
    pcs_tile_t tile;
    const pcs_block_t window = {.m0 = m0, .m = PCS_TRACE_SIDE, .n0 = n0, .n = PCS_TRACE_SIDE, .k0 = k0, .k = WINDOW};
    const pcs_status_t status = pcs_tile_extract(gemm, plan, &window, WINDOW, &tile, err);
    if (status == PCS_OK) {
        for (size_t k = 0; k < WINDOW; k++) {
            for (size_t row = 0; row < PCS_TRACE_SIDE; row++) {
                group->a[w * WINDOW + k][row] = (uint8_t)tile.a[row * WINDOW + k];
                group->b[w * WINDOW + k][row] = (uint8_t)tile.b[k * PCS_TRACE_SIDE + row];
            }
        }
        pcs_tile_free(&tile);
    }
    return status;
}

static pcs_status_t observe(void *user, const pcs_gemm_t *gemm, const pcs_plan_t *plan, pcs_error_t *err)
{
    recorder_t *recorder = user;
    pcs_status_t status = PCS_OK;
    if (gemm->m < PCS_TRACE_SIDE || gemm->n < PCS_TRACE_SIDE || gemm->k < WINDOW) {
        return PCS_OK;
    }
    group_t *group = group_of(recorder, gemm->role, &plan->job.mode);
    group->gemms++;
    for (size_t w = 0; status == PCS_OK && w < WINDOWS; w++) {
        if (below(recorder, group->gemms) == 0) { /* it takes the place with probability 1 / (GEMMs so far) */
            status = copy_window(recorder, gemm, plan, group, w, err);
        }
    }
    return status;
}

static void print_codes(const uint8_t codes[PCS_TRACE_SIDE], char end)
{
    for (size_t i = 0; i < PCS_TRACE_SIDE; i++) {
        (void)fprintf(stdout, "%02x", codes[i]);
    }
    (void)fputc(end, stdout);
}

static void print(const recorder_t *recorder, const pcs_config_t *config, const pcs_train_result_t *result)
{
    (void)fprintf(stdout,
                  "# Operands of a training run, recorded by gates_record: %s, %s, seed %" PRIu64 ", %" PRIu64
                  " iterations of %" PRIu64 " images,\n# %" PRIu64 " cycles; final-hash %016" PRIx64 ".\n",
                  config->network, config->schedule, config->seed, config->iterations, config->batch, config->cycles,
                  result->final_hash);
    for (size_t g = 0; g < recorder->groups; g++) {
        const group_t *group = &recorder->group[g];
        (void)fprintf(stdout, "block %s %u %u %d %d %d\n", pcs_role_name(group->role), group->mode.pa, group->mode.pb,
                      group->mode.a_signed, group->mode.b_signed, PCS_TRACE_STEPS);
        for (size_t k = 0; k < PCS_TRACE_STEPS; k++) {
            print_codes(group->a[k], ' ');
            print_codes(group->b[k], '\n');
        }
    }
}

static pcs_status_t record(const char *data, pcs_error_t *err)
{
    static recorder_t recorder = {
        .array = {.rows = PCS_TRACE_SIDE, .cols = PCS_TRACE_SIDE, .kind = PCS_KIND_GATED, .acc_bits = 32, .digit = 1}};
    pcs_config_t config;
    pcs_config_defaults(&config);
    config.iterations = 96;
    config.batch = 64;
    config.cycles = 4;
    config.checkpoint_every = 0;
    if (data != NULL) {
        (void)snprintf(config.data_dir, sizeof config.data_dir, "%s", data);
    }
    pcs_engine_config_t engine_config = {.executor = PCS_EXECUTOR_FAST,
                                         .array = recorder.array,
                                         .threads = 1,
                                         .observe = observe,
                                         .observe_user = &recorder};
    const pcs_train_hooks_t hooks = {.user = NULL};
    pcs_engine_t *engine = NULL;
    pcs_engine_t *evaluator = NULL; /* nobody records the test set */
    pcs_train_t *train = NULL;
    pcs_train_result_t result = {0};
    pcs_status_t status = pcs_engine_create(&engine_config, &engine, err);
    engine_config.observe = NULL;
    status = status == PCS_OK ? pcs_engine_create(&engine_config, &evaluator, err) : status;
    status = status == PCS_OK ? pcs_train_open(&config, engine, evaluator, false, &hooks, &train, err) : status;
    status = status == PCS_OK ? pcs_train_run(train, &result, err) : status;
    if (status == PCS_OK) {
        print(&recorder, &config, &result);
        status = fflush(stdout) == 0 ? PCS_OK : pcs_fail(err, PCS_IO, "standard output: write error");
    }
    pcs_train_close(train);
    pcs_engine_destroy(engine);
    pcs_engine_destroy(evaluator);
    return status;
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    const pcs_status_t status = record(argc > 1 ? argv[1] : NULL, &err);
    if (status != PCS_OK) {
        (void)fprintf(stderr, "gates_record: %s\n", err.text);
        return 2;
    }
    return 0;
}
