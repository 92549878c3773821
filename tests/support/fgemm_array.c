#include "tests/support/fgemm_array.h"

#include <string.h>

#include "models/gemm/fgemm.h"

enum { M_MAX = 20, N_MAX = 20, K_MAX = 40 };

typedef struct job {
    pcs_fgemm_t gemm;
    pcs_accumulator_t accumulator;
    pcs_stream_t stream;
    uint32_t a[M_MAX * K_MAX], b[K_MAX * N_MAX], c[M_MAX * N_MAX];
} job_t;

static const pcs_format_row_t *operand_format(check_rng_t *rng)
{
    pcs_format_t format = PCS_FORMAT_COUNT;
    while (format == PCS_FORMAT_COUNT || !pcs_format_is_operand(format)) {
        format = (pcs_format_t)(check_u32(rng) % PCS_FORMAT_COUNT);
    }
    return &pcs_formats[format];
}

/* Any code, or a finite one whose exponent is near the middle. */
static void fill(const pcs_format_row_t *format, void *codes, size_t count, bool any, check_rng_t *rng)
{
    const uint32_t mask = (uint32_t)((UINT64_C(1) << pcs_format_bits(format)) - 1U);
    for (size_t i = 0; i < count; i++) {
        uint32_t code = float_case_code(format, rng).bits;
        if (!any) {
            const uint32_t exponent = (uint32_t)(format->bias + (int)check_range(rng, -1, 1));
            code = (check_u32(rng) & ~(((UINT32_C(1) << format->exponent_bits) - 1U) << format->mantissa_bits)) |
                   exponent << format->mantissa_bits;
        }
        pcs_fcode_store(format, codes, i, (pcs_code_t){code & mask});
    }
}

static void draw(job_t *job, const pcs_array_config_t *array, check_rng_t *rng)
{
    const pcs_format_row_t *a = operand_format(rng);
    const pcs_format_row_t *b = check_u32(rng) % 2U == 0 ? a : operand_format(rng);
    pcs_fgemm_t *gemm = &job->gemm;
    *gemm = (pcs_fgemm_t){.m = 1 + check_u32(rng) % M_MAX,
                          .n = 1 + check_u32(rng) % N_MAX,
                          .k = 1 + check_u32(rng) % K_MAX,
                          .c_format = check_u32(rng) % 4U == 0 ? operand_format(rng) : &pcs_formats[PCS_FORMAT_FP32],
                          .c = check_u32(rng) % 2U == 0 ? job->c : NULL,
                          .accumulator = &job->accumulator,
                          .rounding = (pcs_rounding_t)(check_u32(rng) % (PCS_ROUNDING_SR + 1U)),
                          .overflow = (pcs_overflow_t)(check_u32(rng) % PCS_OVERFLOW_COUNT),
                          .random_bits = 12,
                          .stream = &job->stream};
    gemm->a = (pcs_foperand_t){.format = a, .codes = job->a, .transposed = check_u32(rng) % 4U == 0};
    gemm->b = (pcs_foperand_t){.format = b, .codes = job->b, .transposed = check_u32(rng) % 4U == 0};
    gemm->a.ld = gemm->a.transposed ? gemm->m : gemm->k;
    gemm->b.ld = gemm->b.transposed ? gemm->k : gemm->n;
    gemm->ldc = gemm->n;
    gemm->ldy = gemm->n;
    job->stream = pcs_stream(check_u32(rng), PCS_PURPOSE_TEST, 0, 0);
    const bool any = check_u32(rng) % 3U == 0;
    fill(a, job->a, gemm->m * gemm->k, any, rng);
    fill(b, job->b, gemm->k * gemm->n, any, rng);
    fill(gemm->c_format, job->c, gemm->m * gemm->n, any, rng);
    const size_t most = array->dataflow == PCS_DATAFLOW_OS ? K_MAX : array->rows;
    const size_t group = array->dataflow == PCS_DATAFLOW_OS && check_u32(rng) % 2U == 0 ? 0 : 1 + check_u32(rng) % most;
    job->accumulator = (pcs_accumulator_t){.sum = PCS_SUM_REGISTER,
                                           .anchor = PCS_ANCHOR_STEP * (int)check_range(rng, -16, 2),
                                           .register_bits = array->acc_bits,
                                           .group = (unsigned)group,
                                           .saturate = check_u32(rng) % 2U == 0};
}

static void compare(const job_t *job, pcs_array_dev_t *dev, pcs_executor_t executor, bool inject)
{
    static uint32_t y[2][M_MAX * N_MAX];
    pcs_fgemm_t gemm = job->gemm;
    pcs_fgemm_stats_t stats[2];
    pcs_error_t err = {{0}};
    const pcs_fgemm_config_t configs[2] = {{.executor = PCS_EXECUTOR_REF, .threads = 1},
                                           {.executor = executor, .threads = 1, .dev = dev}};
    memset(y, 0, sizeof y);
    for (int i = 0; i < 2; i++) {
        gemm.y = y[i];
        CHECK_OK(pcs_fgemm_run(&gemm, &configs[i], &stats[i], &err), &err);
    }
    y[1][0] ^= inject ? 1U : 0U;
    CHECK(memcmp(y[0], y[1], sizeof y[0]) == 0,
          "%s %s: %s * %s, %zu x %zu x %zu, anchor %d, %u bits: the first is %x, not %x", dev->ops->name,
          pcs_dataflows[dev->config.dataflow].name, gemm.a.format->name, gemm.b.format->name, gemm.m, gemm.n, gemm.k,
          job->accumulator.anchor, dev->config.acc_bits, y[1][0], y[0][0]);
    CHECK(stats[0].inexact == stats[1].inexact && stats[0].overflow == stats[1].overflow &&
              stats[0].underflow == stats[1].underflow && stats[0].invalid == stats[1].invalid &&
              stats[0].nan == stats[1].nan,
          "counts of %s * %s", gemm.a.format->name, gemm.b.format->name);
    CHECK_EQ(stats[1].way[PCS_FGEMM_ARRAY], gemm.m * gemm.n, "outputs on the array");
    CHECK(stats[1].counts.n[PCS_EVENT_CYCLE] > 0, "clocks");
}

/* A fitted register never overflows; an exact one gives the exact sums. */
static void fitted(job_t *job, const pcs_array_config_t *array, uint64_t *exact_ones)
{
    static uint32_t y[2][M_MAX * N_MAX];
    const pcs_accumulator_t before = job->accumulator;
    pcs_fgemm_t gemm = job->gemm;
    pcs_accumulator_t accumulators[2];
    pcs_fgemm_stats_t stats[2];
    pcs_error_t err = {{0}};
    bool exact = false;
    CHECK_OK(pcs_fgemm_register(&gemm, array->acc_bits, before.group, false, &accumulators[0], &exact, &err), &err);
    CHECK_OK(pcs_accumulator_parse("exact", gemm.a.format, gemm.b.format, gemm.c_format, &accumulators[1], &err), &err);
    const pcs_fgemm_config_t ref = {.executor = PCS_EXECUTOR_REF, .threads = 1};
    gemm.overflow = PCS_OVERFLOW_INF;
    gemm.rounding = PCS_ROUNDING_RNE;
    gemm.c_format = &pcs_formats[PCS_FORMAT_FP32];
    gemm.c = NULL;
    memset(y, 0, sizeof y);
    for (int i = 0; i < 2; i++) {
        gemm.accumulator = &accumulators[i];
        gemm.y = y[i];
        CHECK_OK(pcs_fgemm_run(&gemm, &ref, &stats[i], &err), &err);
    }
    const bool within = accumulators[0].anchor + (int)array->acc_bits < 127; /* hence no sum is beyond FP32 */
    CHECK(!within || stats[0].overflow == 0, "a fitted register overflows: anchor %d, %u bits", accumulators[0].anchor,
          array->acc_bits);
    bool same = true;
    for (size_t i = 0; i < gemm.m * gemm.n; i++) {
        same = same && (y[0][i] == y[1][i] || (y[0][i] << 1U) + (y[1][i] << 1U) == 0); /* zeros of either sign */
    }
    CHECK(!exact || same, "exact is not: anchor %d, %u bits", accumulators[0].anchor, array->acc_bits);
    *exact_ones += exact ? 1 : 0;
}

uint64_t fgemm_array_check(pcs_array_dev_t *dev, pcs_executor_t executor, uint32_t count, bool inject, check_rng_t *rng)
{
    static job_t job;
    uint64_t exact = 0;
    for (uint32_t i = 0; i < count; i++) {
        draw(&job, &dev->config, rng);
        compare(&job, dev, executor, inject);
        fitted(&job, &dev->config, &exact);
    }
    return exact;
}
