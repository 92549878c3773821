/* `cycle` and `rtl` of a floating-point contract: its registers come from an array of the kind float or bfp, the vector
   unit adds them and C exactly and rounds once.  Clocks and event counts that the device measures must equal the closed
   form. */
#include <inttypes.h>
#include <stdlib.h>

#include "models/array/stream.h"
#include "models/format/kulisch.h"
#include "models/gemm/fgemm_internal.h"
#include "models/mac/bfp.h"

/* An output on its way: the exact sum of its registers, and what their flags said. */
typedef struct partial {
    pcs_kulisch_t sum;
    unsigned flags; /* 1 << PCS_FLOAT_MAC_FLAG_* */
} partial_t;

typedef struct run {
    const pcs_fgemm_t *gemm;
    const pcs_fplan_t *plan;
    pcs_fgemm_stats_t *stats;
    partial_t *partial; /* (M of the job, C): of the columns that are on their way */
    size_t cols;        /* C */
    bool bfp;           /* the array takes {shared exponent, mantissa} */
    pcs_code_t *codes;  /* scratch of a definition */
    uint64_t overflows; /* registers */
    uint64_t wrong;     /* NaN that the definition does not have */
} run_t;

/* An integer in units of 2^unit, and its scale, as the kind bfp has them. */
static uint16_t bfp_of(pcs_parts_t x, int unit, unsigned scale)
{
    if (scale == PCS_SCALE_NAN || x.class_ == PCS_CLASS_ZERO) {
        return pcs_bfp_code(scale == PCS_SCALE_NAN ? PCS_BFP_NAN : scale, 0);
    }
    const int magnitude = (int)(x.significand << (unsigned)(x.exponent - unit));
    return pcs_bfp_code(scale, x.sign ? -magnitude : magnitude);
}
static_assert((int)PCS_SCALE_BIAS == (int)PCS_BFP_BIAS && (int)PCS_SCALE_NAN == (int)PCS_BFP_NAN,
              "scales are shared exponents");

static void row_of_a(void *user, uint64_t i, uint64_t k, size_t count, uint16_t *codes)
{
    const run_t *run = user;
    const pcs_fgemm_t *gemm = run->gemm;
    for (size_t l = 0; l < count; l++) {
        const pcs_code_t code = pcs_foperand_at(&gemm->a, i, k + l);
        const unsigned scale = gemm->a.scales != NULL ? pcs_fgemm_scale_a(gemm, i, k + l) : PCS_SCALE_BIAS;
        codes[l] = run->bfp ? bfp_of(pcs_decode(gemm->a.format, code), run->plan->unit_a, scale) : (uint16_t)code.bits;
    }
}

static void column_of_b(void *user, uint64_t j, uint64_t k, size_t count, uint16_t *codes)
{
    const run_t *run = user;
    const pcs_fgemm_t *gemm = run->gemm;
    for (size_t l = 0; l < count; l++) {
        const pcs_code_t code = pcs_foperand_at(&gemm->b, k + l, j);
        const unsigned scale = gemm->b.scales != NULL ? pcs_fgemm_scale_b(gemm, k + l, j) : PCS_SCALE_BIAS;
        codes[l] = run->bfp ? bfp_of(pcs_decode(gemm->b.format, code), run->plan->unit_b, scale) : (uint16_t)code.bits;
    }
}

static bool has(unsigned flags, unsigned flag)
{
    return (flags >> flag & 1U) != 0;
}

/* A register and its flags, in units of 2^anchor. */
static void add_register(partial_t *partial, int64_t value, unsigned flags, int anchor)
{
    pcs_kulisch_add_integer(&partial->sum, value, anchor);
    partial->flags |= flags;
}

/* Infinities and NaN that the unit kept beside its registers join their sum. */
static void add_specials(partial_t *partial)
{
    if (has(partial->flags, PCS_FLOAT_MAC_FLAG_POSITIVE)) {
        pcs_kulisch_add(&partial->sum, (pcs_parts_t){.class_ = PCS_CLASS_INF});
    }
    if (has(partial->flags, PCS_FLOAT_MAC_FLAG_NEGATIVE)) {
        pcs_kulisch_add(&partial->sum, (pcs_parts_t){.class_ = PCS_CLASS_INF, .sign = true});
    }
    if (has(partial->flags, PCS_FLOAT_MAC_FLAG_NAN)) {
        pcs_kulisch_add(&partial->sum, (pcs_parts_t){.class_ = PCS_CLASS_NAN});
    }
}

/* A complete output: C joins, one rounding. */
static void finish(run_t *run, partial_t *partial, size_t m, size_t n)
{
    const pcs_fgemm_t *gemm = run->gemm;
    const pcs_format_row_t *format = gemm->c_format;
    pcs_fpstate_t state = {.rounding = gemm->rounding, .overflow = gemm->overflow, .random_bits = gemm->random_bits};
    if (pcs_rounding_is_stochastic(state.rounding)) {
        const uint64_t draw = ((uint64_t)m * gemm->n + n) << 32U;
        state.random = pcs_philox_u32(gemm->stream, draw) >> (32U - state.random_bits);
    }
    add_specials(partial);
    pcs_kulisch_add(&partial->sum, gemm->c == NULL
                                       ? (pcs_parts_t){.class_ = PCS_CLASS_ZERO}
                                       : pcs_decode(format, pcs_fcode_load(format, gemm->c, m * gemm->ldc + n)));
    const pcs_code_t y = pcs_round_pack(format, pcs_kulisch_value(&partial->sum, &state), &state);
    const bool over = has(partial->flags, PCS_FLOAT_MAC_FLAG_OVERFLOW);
    unsigned flags = state.flags | (over ? (unsigned)PCS_FLAG_OVERFLOW : 0U);
    flags |= over || has(partial->flags, PCS_FLOAT_MAC_FLAG_INEXACT) ? (unsigned)PCS_FLAG_INEXACT : 0U;
    const bool nan = pcs_decode(format, y).class_ == PCS_CLASS_NAN;
    if (has(partial->flags, PCS_FLOAT_MAC_FLAG_NAN)) { /* the unit does not say which NaN were invalid operations */
        run->wrong += pcs_fgemm_output(gemm, m, n, run->codes, &flags).bits != y.bits ? 1 : 0;
    }
    pcs_fcode_store(format, gemm->y, m * gemm->ldy + n, y);
    pcs_fgemm_count(flags, nan, PCS_FGEMM_ARRAY, run->stats);
    *partial = (partial_t){.flags = 0};
}

static void take_row(void *user, const pcs_stream_row_t *row)
{
    run_t *run = user;
    for (size_t c = 0; c < row->cols; c++) {
        partial_t *partial = &run->partial[row->m * run->cols + c];
        add_register(partial, row->acc[c], row->flags[c], run->gemm->accumulator->anchor);
        run->overflows += has(row->flags[c], PCS_FLOAT_MAC_FLAG_OVERFLOW) ? 1 : 0;
        if (row->group_done) {
            const size_t n = row->n0 + c;
            finish(run, partial, run->plan->exchanged ? n : row->m, run->plan->exchanged ? row->m : n);
        }
    }
}

static pcs_status_t compare_counts(pcs_array_dev_t *dev, const pcs_counts_t *before, const run_t *run, pcs_error_t *err)
{
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        const uint64_t measured = dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event) - before->n[event];
        const uint64_t expected = event == PCS_EVENT_OVERFLOW ? run->overflows : run->plan->counts.n[event];
        if (measured != expected) {
            return pcs_fail(err, PCS_MISMATCH,
                            "event %s: the %s device counted %" PRIu64 ", the closed form says %" PRIu64,
                            pcs_events[event].name, dev->ops->name, measured, expected);
        }
        run->stats->counts.n[event] = measured;
    }
    return run->wrong == 0 ? PCS_OK
                           : pcs_fail(err, PCS_MISMATCH, "%" PRIu64 " NaN of the %s device are no NaN by definition",
                                      run->wrong, dev->ops->name);
}

static pcs_status_t run_stream(pcs_array_dev_t *dev, run_t *run, pcs_error_t *err)
{
    const bool exchanged = run->plan->exchanged;
    const pcs_stream_job_t job = {
        .job = run->plan->job,
        .user = run,
        .fetch_a = exchanged ? column_of_b : row_of_a,
        .fetch_b = exchanged ? row_of_a : column_of_b,
        .row = take_row,
    };
    pcs_counts_t before;
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        before.n[event] = dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event);
    }
    const pcs_status_t status = pcs_stream_run(dev, &job, 1, err);
    return status == PCS_OK ? compare_counts(dev, &before, run, err) : status;
}

pcs_status_t pcs_fgemm_device(const pcs_fgemm_t *gemm, const pcs_fgemm_config_t *config, pcs_fgemm_stats_t *stats,
                              pcs_error_t *err)
{
    pcs_fplan_t plan;
    if (config->dev == NULL) {
        return pcs_fail(err, PCS_INVALID, "executor %s: no device is given; legal: an array of the kind float or bfp",
                        pcs_executor_name(config->executor));
    }
    pcs_status_t status = pcs_fgemm_plan(gemm, &config->dev->config, &plan, err);
    if (status != PCS_OK) {
        return status;
    }
    run_t run = {.gemm = gemm,
                 .plan = &plan,
                 .stats = stats,
                 .cols = config->dev->config.cols,
                 .bfp = config->dev->config.kind == PCS_KIND_BFP};
    run.partial = calloc(plan.job.m * run.cols, sizeof *run.partial);
    run.codes = pcs_fgemm_scratch(gemm);
    status = run.partial == NULL || run.codes == NULL
                 ? pcs_fail(err, PCS_MEMORY, "no memory to run a GEMM on the %s device", config->dev->ops->name)
                 : run_stream(config->dev, &run, err);
    free(run.partial);
    free(run.codes);
    return status;
}
