/* The cycle model against the definition and the closed form: random streams of segments with mode changes, ragged
   edges, K = 1, stalls on both ports; accumulators, overflow flags, event counts. */
#include <stdlib.h>
#include <string.h>

#include "models/array/drive.h"
#include "models/gemm/gemm.h"
#include "models/mac/mac.h"
#include "tests/support/check.h"

enum { SEGMENTS = 6, STEPS_MAX = 40 };

typedef struct bench {
    check_rng_t *rng;
    pcs_tile_t tiles[SEGMENTS];
    size_t in_tile, in_step, out_tile;
    size_t out_row; /* rows of the leaving segment still to come */
    uint64_t overflows;
    bool stalls;
    int64_t acc[PCS_ARRAY_MAX_DIM * PCS_ARRAY_MAX_DIM];
    uint8_t overflow[PCS_ARRAY_MAX_DIM * PCS_ARRAY_MAX_DIM];
    unsigned acc_bits;
} bench_t;

static bool next(void *user, pcs_array_in_t *in)
{
    bench_t *bench = user;
    if (bench->in_tile == SEGMENTS) {
        return false;
    }
    const pcs_tile_t *tile = &bench->tiles[bench->in_tile];
    in->a = tile->a + bench->in_step * tile->rows;
    in->b = tile->b + bench->in_step * tile->cols;
    in->rows = (uint8_t)tile->rows;
    in->cols = (uint8_t)tile->cols;
    in->mode = pcs_mode_pack(&tile->mode);
    in->first = bench->in_step == 0;
    in->last = bench->in_step + 1 == tile->k;
    if (in->last) {
        bench->in_step = 0;
        bench->in_tile++;
    } else {
        bench->in_step++;
    }
    return true;
}

static void row(void *user, const pcs_array_out_t *out)
{
    bench_t *bench = user;
    const pcs_tile_t *tile = &bench->tiles[bench->out_tile];
    if (bench->out_row == 0) {
        bench->out_row = tile->rows;
        pcs_tile_ref(tile, bench->acc_bits, bench->acc, bench->overflow);
    }
    bench->out_row--;
    for (size_t c = 0; c < tile->cols; c++) {
        const size_t at = bench->out_row * tile->cols + c;
        CHECK_EQ(out->acc[c], bench->acc[at], "segment %zu row %zu column %zu", bench->out_tile, bench->out_row, c);
        CHECK_EQ(out->overflow[c], bench->overflow[at], "overflow of segment %zu", bench->out_tile);
        bench->overflows += bench->overflow[at];
    }
    CHECK_EQ(out->out_last, bench->out_row == 0, "out_last of segment %zu", bench->out_tile);
    if (bench->out_row == 0) {
        bench->out_tile++;
    }
}

static bool maybe(void *user)
{
    bench_t *bench = user;
    return !bench->stalls || check_range(bench->rng, 0, 3) != 0;
}

static void random_tile(bench_t *bench, const pcs_array_config_t *config, pcs_tile_t *tile, const pcs_mode_t *fixed)
{
    check_rng_t *rng = bench->rng;
    tile->rows = (uint32_t)check_range(rng, 1, config->rows);
    tile->cols = (uint32_t)check_range(rng, 1, config->cols);
    tile->k = (uint32_t)(check_range(rng, 0, 3) == 0 ? 1 : check_range(rng, 1, STEPS_MAX));
    tile->mode = fixed != NULL ? *fixed : (pcs_mode_t){(uint8_t)check_range(rng, 2, 8), (uint8_t)check_range(rng, 2, 8),
                                                       check_range(rng, 0, 1) == 1,     check_range(rng, 0, 1) == 1,
                                                       check_range(rng, 0, 1) == 1,     check_range(rng, 0, 1) == 1};
    tile->a = malloc((size_t)tile->k * tile->rows);
    tile->b = malloc((size_t)tile->k * tile->cols);
    PCS_ASSERT(tile->a != NULL && tile->b != NULL);
    for (size_t i = 0; i < (size_t)tile->k * tile->rows; i++) {
        tile->a[i] = (uint8_t)check_range(rng, pcs_code_min(tile->mode.pa, tile->mode.a_signed),
                                          pcs_code_max(tile->mode.pa, tile->mode.a_signed));
    }
    for (size_t i = 0; i < (size_t)tile->k * tile->cols; i++) {
        tile->b[i] = (uint8_t)check_range(rng, pcs_code_min(tile->mode.pb, tile->mode.b_signed),
                                          pcs_code_max(tile->mode.pb, tile->mode.b_signed));
    }
}

static void run(check_rng_t *rng, const pcs_array_config_t *config, bool stalls)
{
    bench_t *bench = calloc(1, sizeof *bench);
    pcs_array_dev_t *dev = NULL;
    pcs_error_t err = {0};
    PCS_ASSERT(bench != NULL);
    bench->rng = rng;
    bench->stalls = stalls;
    bench->acc_bits = config->acc_bits;
    for (int i = 0; i < SEGMENTS; i++) {
        random_tile(bench, config, &bench->tiles[i], NULL);
    }
    CHECK_OK(pcs_array_cycle_create(config, &dev, &err), &err);
    const pcs_drive_t drive = {.user = bench, .next = next, .row = row, .offer = maybe, .take = maybe};
    CHECK_OK(pcs_array_drive(dev, &drive, &err), &err);
    CHECK_EQ(bench->out_tile, SEGMENTS, "all segments left");
    CHECK_EQ(dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + PCS_EVENT_OVERFLOW), bench->overflows, "overflows");
    pcs_array_dev_destroy(dev);
    for (int i = 0; i < SEGMENTS; i++) {
        pcs_tile_free(&bench->tiles[i]);
    }
    free(bench);
}

/* A job of equal-shaped segments without stalls: all event counts equal the closed form. */
typedef struct count_bench {
    const pcs_array_config_t *config;
    const pcs_array_job_t *job;
    uint64_t m0, n0, group, at, step;
    uint8_t zeros[PCS_ARRAY_MAX_DIM];
} count_bench_t;

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool count_next(void *user, pcs_array_in_t *in)
{
    count_bench_t *b = user;
    const pcs_array_job_t *job = b->job;
    const uint64_t group_len = job->k / job->groups;
    if (b->m0 >= job->m) {
        return false;
    }
    const uint64_t len = min_u64(job->segment, group_len - b->at);
    in->a = b->zeros;
    in->b = b->zeros;
    in->rows = (uint8_t)min_u64(b->config->rows, job->m - b->m0);
    in->cols = (uint8_t)min_u64(b->config->cols, job->n - b->n0);
    in->mode = pcs_mode_pack(&job->mode);
    in->first = b->step == 0;
    in->last = b->step + 1 == len;
    b->step++;
    if (in->last) {
        b->step = 0;
        b->at += len;
        if (b->at == group_len) {
            b->at = 0;
            b->group++;
        }
        if (b->group == job->groups) {
            b->group = 0;
            b->n0 += b->config->cols;
        }
        if (b->n0 >= job->n) {
            b->n0 = 0;
            b->m0 += b->config->rows;
        }
    }
    return true;
}

static void ignore_row(void *user, const pcs_array_out_t *out)
{
    (void)user;
    (void)out;
}

static void counts(check_rng_t *rng, const pcs_array_config_t *config, bool inject)
{
    pcs_array_job_t job = {.m = (uint64_t)check_range(rng, 1, 20),
                           .n = (uint64_t)check_range(rng, 1, 20),
                           .groups = (uint64_t)check_range(rng, 1, 3),
                           .mode = {(uint8_t)check_range(rng, 2, 8), (uint8_t)check_range(rng, 2, 8), false, true,
                                    check_range(rng, 0, 1) == 1, false}};
    const uint64_t group_len = (uint64_t)check_range(rng, 1, 30);
    job.k = job.groups * group_len;
    job.segment = (uint64_t)check_range(rng, 1, (int64_t)group_len);
    count_bench_t bench = {.config = config, .job = &job};
    pcs_array_dev_t *dev = NULL;
    pcs_error_t err = {0};
    pcs_counts_t expected;
    CHECK_OK(pcs_array_cycle_create(config, &dev, &err), &err);
    const pcs_drive_t drive = {.user = &bench, .next = count_next, .row = ignore_row};
    CHECK_OK(pcs_array_drive(dev, &drive, &err), &err);
    pcs_array_counts(config, &job, &expected);
    expected.n[PCS_EVENT_CYCLE] += inject; /* the twin: a closed form that is wrong by one clock */
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        CHECK_EQ(dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event), expected.n[event],
                 "event %s, %u x %u %s, job %d x %d x %d, segment %d", pcs_events[event].name, config->rows,
                 config->cols, pcs_kinds[config->kind].name, (int)job.m, (int)job.n, (int)job.k, (int)job.segment);
    }
    pcs_array_dev_destroy(dev);
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    for (int i = 0; i < 200; i++) {
        const pcs_array_config_t config = {(unsigned)check_range(&rng, 1, 8),
                                           (unsigned)check_range(&rng, 1, 8),
                                           (pcs_kind_t)check_range(&rng, 0, PCS_KIND_COUNT - 1),
                                           (unsigned)check_range(&rng, PCS_ACC_MIN_BITS, 40),
                                           PCS_DATAFLOW_OS,
                                           1};
        run(&rng, &config, i % 2 == 1);
        counts(&rng, &config, inject);
    }
    const pcs_array_config_t large = {64, 64, PCS_KIND_SERIAL, 32, PCS_DATAFLOW_OS, 1};
    run(&rng, &large, true);
    counts(&rng, &large, inject);
    return check_done("cycle model against definition and closed form");
}
