#include "tests/support/fgemm_array.h"

#include <string.h>

#include "models/format/block.h"
#include "models/format/kulisch.h"
#include "models/gemm/fgemm.h"

enum { M_MAX = 20, N_MAX = 20, K_MAX = 40, SCALE_BIAS = 127, SCALE_NAN = 255 };

typedef struct job {
    pcs_fgemm_t gemm;
    pcs_accumulator_t accumulator;
    pcs_stream_t stream;
    uint32_t a[M_MAX * K_MAX], b[K_MAX * N_MAX], c[M_MAX * N_MAX];
    uint8_t a_scales[M_MAX * K_MAX], b_scales[K_MAX * N_MAX];
    pcs_format_row_t rows[2]; /* formats of A and B that are in no table */
} job_t;

static const pcs_format_row_t *operand_format(check_rng_t *rng)
{
    pcs_format_t format = PCS_FORMAT_COUNT;
    while (format == PCS_FORMAT_COUNT || !pcs_format_is_operand(format)) {
        format = (pcs_format_t)(check_u32(rng) % PCS_FORMAT_COUNT);
    }
    return &pcs_formats[format];
}

/* Formats of the kind bfp: elements of block formats of up to 8 bits, and floats that are such integers. */
static const pcs_format_row_t *integer_format(pcs_format_row_t *row, check_rng_t *rng)
{
    static const char *const names[] = {"bfp:1:1:2",  "bfp:1:2:2", "bfp:1:3:2",  "bfp:1:4:2", "bfp:1:7:2",
                                        "hbfp:1:3:2", "mxint8",    "mxfp6-e2m3", "mxfp4",     "hbfp:1:5:2"};
    pcs_block_format_t block;
    pcs_error_t err = {{0}};
    const char *name = names[check_u32(rng) % (sizeof names / sizeof names[0])];
    CHECK_OK(pcs_block_format_parse(name, PCS_SCALE_FLOOR, &block, &err), &err);
    *row = pcs_block_format_row(&block, name);
    return row;
}

static void fill_integers(const pcs_format_row_t *format, void *codes, size_t count, check_rng_t *rng)
{
    for (size_t i = 0; i < count; i++) {
        pcs_fcode_store(format, codes, i, (pcs_code_t){check_u32(rng) >> (32U - pcs_format_bits(format))});
    }
}

/* Scales near the middle, or any, and no number now and then. */
static void fill_scales(uint8_t *scales, size_t count, bool any, check_rng_t *rng)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t low = SCALE_BIAS - 5;
        const uint32_t random = any ? check_u32(rng) % (SCALE_NAN + 1) : low + check_u32(rng) % 11U;
        scales[i] = any && check_u32(rng) % 3U != 0 ? (uint8_t)(low + random % 11U) : (uint8_t)random;
    }
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
    const bool bfp = array->kind == PCS_KIND_BFP;
    const pcs_format_row_t *a = bfp ? integer_format(&job->rows[0], rng) : operand_format(rng);
    const pcs_format_row_t *b = bfp                        ? integer_format(&job->rows[1], rng)
                                : check_u32(rng) % 2U == 0 ? a
                                                           : operand_format(rng);
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
    if (bfp) {
        fill_integers(a, job->a, gemm->m * gemm->k, rng);
        fill_integers(b, job->b, gemm->k * gemm->n, rng);
        fill_scales(job->a_scales, sizeof job->a_scales, any, rng);
        fill_scales(job->b_scales, sizeof job->b_scales, any, rng);
        gemm->block = 1 + check_u32(rng) % (gemm->k + 3);
        gemm->a.scales = check_u32(rng) % 5U != 0 ? job->a_scales : NULL;
        gemm->b.scales = gemm->a.scales != NULL ? job->b_scales : NULL;
    } else {
        fill(a, job->a, gemm->m * gemm->k, any, rng);
        fill(b, job->b, gemm->k * gemm->n, any, rng);
    }
    fill(gemm->c_format, job->c, gemm->m * gemm->n, any, rng);
    const size_t most = array->dataflow == PCS_DATAFLOW_OS ? K_MAX : array->rows;
    const size_t group = array->dataflow == PCS_DATAFLOW_OS && check_u32(rng) % 2U == 0 ? 0 : 1 + check_u32(rng) % most;
    /* the array's own anchor is a multiple of the step, integers put it below the contract's by their units */
    const int unit = bfp ? 2 - a->bias - b->bias - (int)(a->mantissa_bits + b->mantissa_bits) : 0;
    job->accumulator = (pcs_accumulator_t){.sum = PCS_SUM_REGISTER,
                                           .anchor = unit + PCS_ANCHOR_STEP * (int)check_range(rng, bfp ? -5 : -16, 2),
                                           .register_bits = array->acc_bits,
                                           .group = (unsigned)group,
                                           .saturate = check_u32(rng) % 2U == 0};
}

static void compare(const job_t *job, pcs_array_dev_t *dev, pcs_executor_t executor, bool inject)
{
    static uint32_t y[3][M_MAX * N_MAX];
    pcs_fgemm_t gemm = job->gemm;
    pcs_fgemm_stats_t stats[3];
    pcs_error_t err = {{0}};
    const pcs_fgemm_config_t configs[3] = {{.executor = PCS_EXECUTOR_REF, .threads = 1},
                                           {.executor = executor, .threads = 1, .dev = dev},
                                           {.executor = PCS_EXECUTOR_FAST, .threads = 1}};
    memset(y, 0, sizeof y);
    for (int i = 0; i < 3; i++) {
        gemm.y = y[i];
        CHECK_OK(pcs_fgemm_run(&gemm, &configs[i], &stats[i], &err), &err);
    }
    y[1][0] ^= inject ? 1U : 0U;
    for (int i = 1; i < 3; i++) {
        CHECK(memcmp(y[0], y[i], sizeof y[0]) == 0,
              "%s %s: %s * %s, %zu x %zu x %zu, blocks of %zu, anchor %d, %u bits: the first is %x, not %x",
              i == 1 ? dev->ops->name : "fast, not", pcs_dataflows[dev->config.dataflow].name, gemm.a.format->name,
              gemm.b.format->name, gemm.m, gemm.n, gemm.k, gemm.block, job->accumulator.anchor, dev->config.acc_bits,
              y[i][0], y[0][0]);
        CHECK(stats[0].inexact == stats[i].inexact && stats[0].overflow == stats[i].overflow &&
                  stats[0].underflow == stats[i].underflow && stats[0].invalid == stats[i].invalid &&
                  stats[0].nan == stats[i].nan,
              "counts of %s * %s", gemm.a.format->name, gemm.b.format->name);
    }
    CHECK_EQ(stats[1].way[PCS_FGEMM_ARRAY], gemm.m * gemm.n, "outputs on the array");
    CHECK(stats[1].counts.n[PCS_EVENT_CYCLE] > 0, "clocks");
}

/* Element (i, j) of an operand, its scale included. */
static pcs_parts_t element(const pcs_fgemm_t *gemm, bool of_a, size_t i, size_t j)
{
    const pcs_foperand_t *operand = of_a ? &gemm->a : &gemm->b;
    const size_t at = operand->transposed ? j * operand->ld + i : i * operand->ld + j;
    pcs_parts_t x = pcs_decode(operand->format, pcs_fcode_load(operand->format, operand->codes, at));
    if (operand->scales != NULL) {
        const size_t blocks = (gemm->k + gemm->block - 1) / gemm->block;
        const uint8_t scale = operand->scales[of_a ? i * blocks + j / gemm->block : i / gemm->block * gemm->n + j];
        x.exponent += (int)scale - SCALE_BIAS;
        x.class_ = scale == SCALE_NAN ? PCS_CLASS_NAN : x.class_;
    }
    return x;
}

/* The exact sum of an output's products, rounded once to FP32. */
static uint32_t exact_sum(const pcs_fgemm_t *gemm, size_t m, size_t n)
{
    pcs_kulisch_t sum = {.plus = false};
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    for (size_t k = 0; k < gemm->k; k++) {
        pcs_kulisch_add(&sum, pcs_parts_mul(element(gemm, true, m, k), element(gemm, false, k, n), &nearest));
    }
    return pcs_round_pack(&pcs_formats[PCS_FORMAT_FP32], pcs_kulisch_value(&sum, &nearest), &nearest).bits;
}

/* A plan from sizes and a mode alone, as estimates make it, is that of the contract. */
static void planned(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, const pcs_fplan_t *plan)
{
    const pcs_gemm_t sizes = {.m = gemm->m,
                              .n = gemm->n,
                              .k = gemm->k,
                              .a = {.bits = 5, .ld = gemm->k},
                              .b = {.bits = 11, .ld = gemm->n},
                              .segment = gemm->accumulator->group};
    pcs_mode_t mode = plan->job.mode;
    mode.pa = plan->exchanged ? plan->job.mode.pb : mode.pa;
    mode.pb = plan->exchanged ? plan->job.mode.pa : mode.pb;
    pcs_plan_t other;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_gemm_plan_aligned(&sizes, array, &mode, &other, &err), &err);
    CHECK_EQ(other.job.segment, plan->job.segment, "steps of a register");
    for (int event = 0; event < PCS_EVENT_COUNT; event++) {
        CHECK_EQ(other.counts.n[event], plan->counts.n[event], "%s by sizes alone", pcs_events[event].name);
    }
    const uint64_t a = gemm->m * gemm->k * 5U;
    const uint64_t b = gemm->n * gemm->k * 11U;
    const uint64_t outputs = gemm->m * gemm->n;
    CHECK_EQ(other.system[PCS_SYSTEM_DRAM_READ], a + b, "bits fetched");
    CHECK_EQ(other.system[PCS_SYSTEM_SRAM_A_WRITE], a, "bits of A");
    CHECK_EQ(other.system[PCS_SYSTEM_VEC_FP_MUL], outputs, "scaled outputs");
    const uint64_t registers = (gemm->k + plan->job.segment - 1) / plan->job.segment;
    CHECK_EQ(other.system[PCS_SYSTEM_VEC_INT_ADD], (registers - 1) * outputs, "registers added");
}

/* A fitted register never overflows; an exact one gives the exact sums; a plan takes it. */
static void fitted(job_t *job, const pcs_array_config_t *array, uint64_t *exact_ones)
{
    static uint32_t y[M_MAX * N_MAX];
    pcs_fgemm_t gemm = job->gemm;
    pcs_accumulator_t accumulator;
    pcs_fgemm_stats_t stats;
    pcs_fplan_t plan;
    pcs_error_t err = {{0}};
    bool exact = false;
    CHECK_OK(pcs_fgemm_register(&gemm, array, job->accumulator.group, false, &accumulator, &exact, &err), &err);
    gemm.accumulator = &accumulator;
    CHECK_OK(pcs_fgemm_plan(&gemm, array, &plan, &err), &err);
    planned(&gemm, array, &plan);
    const pcs_fgemm_config_t ref = {.executor = PCS_EXECUTOR_REF, .threads = 1};
    gemm.overflow = PCS_OVERFLOW_INF;
    gemm.rounding = PCS_ROUNDING_RNE;
    gemm.c_format = &pcs_formats[PCS_FORMAT_FP32];
    gemm.c = NULL;
    gemm.y = y;
    CHECK_OK(pcs_fgemm_run(&gemm, &ref, &stats, &err), &err);
    const bool within = accumulator.anchor + (int)array->acc_bits < 127; /* hence no sum is beyond FP32 */
    CHECK(!within || stats.overflow == 0, "a fitted register overflows: anchor %d, %u bits", accumulator.anchor,
          array->acc_bits);
    bool same = true;
    for (size_t i = 0; exact && i < gemm.m * gemm.n; i++) {
        const uint32_t expected = exact_sum(&gemm, i / gemm.n, i % gemm.n);
        same = same && (y[i] == expected || (y[i] << 1U) + (expected << 1U) == 0); /* zeros of either sign */
    }
    CHECK(same, "exact is not: anchor %d, %u bits", accumulator.anchor, array->acc_bits);
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
