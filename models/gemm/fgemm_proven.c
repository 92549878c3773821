/* Sums whose order cannot matter: matrix products in binary64, of OpenBLAS where it is built in, then one rounding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/kulisch.h"
#include "models/gemm/fgemm_internal.h"

#if defined(PCS_WITH_OPENBLAS)
#include <cblas.h>
#endif

enum { DOUBLE_BITS = 53, PANEL_MAX = PCS_FAST_PANEL_MAX, LIMBS_MAX = 32, LIMB_ROWS = 64 };

bool pcs_fgemm_proof(const pcs_spread_t *a, const pcs_spread_t *b, size_t k, unsigned bits)
{
    if (a->max == 0.0 || b->max == 0.0) {
        return true;
    }
    /* Both are significands of up to 24 bits times a power of two: the product is exact. */
    const double largest = a->max / a->unit * (b->max / b->unit);
    return largest <= 0x1p53 && k <= (UINT64_C(1) << bits) / (uint64_t)largest;
}

/* The whole sum is one exact one, rounded at its end. */
static bool is_one_exact_sum(const pcs_fast_t *fast)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    if (accumulator->sum == PCS_SUM_REGISTER) {
        const size_t products = accumulator->group == 0 ? gemm->k : accumulator->group;
        return pcs_register_is_exact(accumulator, &fast->a.spread, &fast->b.spread, products);
    }
    return accumulator->sum == PCS_SUM_EXACT && accumulator->addend == PCS_ADDEND_INSIDE && accumulator->period == 0 &&
           accumulator->restart == 0 && (accumulator->group == 0 || accumulator->group >= gemm->k);
}

/* No rounding on the way ever rounds: every partial sum is a number of the format of c. */
static bool never_rounds(const pcs_fast_t *fast)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    const pcs_spread_t *a = &fast->a.spread;
    const pcs_spread_t *b = &fast->b.spread;
    if (accumulator->sum == PCS_SUM_ALIGNED || accumulator->sum == PCS_SUM_REGISTER ||
        accumulator->sum == PCS_SUM_BLOCKS || accumulator->flush || gemm->a.scales != NULL) {
        return false;
    }
    const double product_unit = a->unit * b->unit;
    const double unit = product_unit == 0.0                                 ? fast->c.unit
                        : fast->c.unit > 0.0 && fast->c.unit < product_unit ? fast->c.unit
                                                                            : product_unit;
    if (unit == 0.0) {
        return false; /* zeros only: nothing to be gained */
    }
    const double bound = a->max * b->max / unit * (double)gemm->k + fast->c.max / unit;
    return bound <= ldexp(1.0, (int)gemm->c_format->mantissa_bits + 1) && bound * unit <= fast->job.c.max &&
           unit >= fast->job.c.least * fast->job.c.to_step;
}

/* Limbs of an operand: `bits` each, of magnitudes in units of the spread. */
typedef struct limbs {
    unsigned count, bits;
    double unit;
} limbs_t;

static unsigned bits_of(const pcs_spread_t *spread)
{
    int exponent = 0;
    (void)frexp(spread->max / spread->unit, &exponent);
    return (unsigned)exponent;
}

static limbs_t limbs_of(const pcs_spread_t *spread, unsigned bits)
{
    return (limbs_t){(bits_of(spread) + bits - 1U) / bits, bits, spread->unit};
}

/* Bits of a limb such that k products of two limbs fit. */
static unsigned limb_bits(size_t k)
{
    unsigned carry = 0;
    while (carry < 40U && (UINT64_C(1) << carry) < k) {
        carry++;
    }
    return (DOUBLE_BITS - carry) / 2U;
}

static bool sum_in_double(const pcs_fast_t *fast)
{
    return pcs_fgemm_proof(&fast->a.spread, &fast->b.spread, fast->gemm->k, DOUBLE_BITS);
}

bool pcs_fast_is_proven(const pcs_fast_t *fast)
{
    const pcs_format_row_t *c = fast->gemm->c_format;
    const bool held = c->sign == PCS_SIGN_SIGNED && c->lowest == PCS_LOWEST_SUBNORMAL && c->zero == PCS_ZERO_SIGNED &&
                      !pcs_rounding_is_stochastic(fast->job.c.rounding);
    if (!held) {
        return false;
    }
    if (!is_one_exact_sum(fast)) {
        return never_rounds(fast);
    }
    const unsigned bits = limb_bits(fast->gemm->k);
    return sum_in_double(fast) ||
           (limbs_of(&fast->a.spread, bits).count <= LIMBS_MAX && limbs_of(&fast->b.spread, bits).count <= LIMBS_MAX);
}

/* ---- matrix products -----------------------------------------------------------------------------------------------
 */

#if defined(PCS_WITH_OPENBLAS)
static bool multiply_blas(size_t m, size_t n, size_t k, const double *a, const double *b, double *y)
{
    if (m > INT32_MAX || n > INT32_MAX || k > INT32_MAX) {
        return false;
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)m, (blasint)n, (blasint)k, 1.0, a, (blasint)k, b,
                (blasint)n, 0.0, y, (blasint)n);
    return true;
}
#else
static bool multiply_blas(size_t m, size_t n, size_t k, const double *a, const double *b, double *y)
{
    (void)m, (void)n, (void)k, (void)a, (void)b, (void)y;
    return false;
}
#endif

/* y (m, n) = A B; a (m, k); b (k, n), or with `panels` panels of the kernel's width. */
static void multiply(const pcs_fast_t *fast, size_t m, const double *a, const double *b, bool panels, double *y)
{
    const size_t n = fast->gemm->n;
    const size_t k = fast->gemm->k;
    if (!panels) {
        const bool done = multiply_blas(m, n, k, a, b, y);
        PCS_ASSERT(done);
        return;
    }
    const size_t width = fast->ops->width;
    const size_t rows = fast->ops->double_rows;
    const size_t columns = (n + width - 1) / width;
    const size_t blocks = (m + rows - 1) / rows;
#pragma omp parallel for num_threads(fast->threads) schedule(dynamic)
    for (size_t i = 0; i < columns * blocks; i++) {
        const size_t m0 = i % blocks * rows;
        const size_t n0 = i / blocks * width;
        const size_t high = m - m0 < rows ? m - m0 : rows;
        const size_t wide = n - n0 < width ? n - n0 : width;
        double sum[8 * PANEL_MAX] = {0};
        fast->ops->doubles(high, k, a + m0 * k, k, b + n0 * k, sum);
        for (size_t row = 0; row < high; row++) {
            memcpy(y + (m0 + row) * n + n0, sum + row * width, wide * sizeof *y);
        }
    }
}

/* ---- outputs -------------------------------------------------------------------------------------------------------
 */

/* Whether an exact zero needs to be looked at: its sign depends on the signs of all terms. */
static bool zero_is_open(const pcs_fast_t *fast, double c)
{
    return fast->job.c.rounding == PCS_ROUNDING_RDN || (c == 0.0 && signbit(c));
}

/* Without an addend: the sums as they are, flags of the columns. */
static void take_sums(const pcs_fast_t *fast, size_t m, size_t n0, size_t count, const double *sums, double *y,
                      int64_t *flags)
{
    const int64_t row = fast->a.special[m] != 0 ? PCS_LANES_REDO : 0;
    const bool down = zero_is_open(fast, 0.0);
    for (size_t j = 0; j < count; j++) {
        y[j] = sums[n0 + j] + 0.0; /* +0, not -0 */
        flags[j] = row | (fast->b.special[n0 + j] != 0 ? PCS_LANES_REDO : 0);
    }
    for (size_t j = 0; j < count && down; j++) {
        flags[j] |= y[j] == 0.0 ? PCS_LANES_REDO : 0;
    }
}

static void take_sums_and_addends(const pcs_fast_t *fast, size_t m, size_t n0, size_t count, const double *sums,
                                  double *y, double *c, int64_t *flags)
{
    for (size_t j = 0; j < count; j++) {
        const bool finite = pcs_fast_addend(fast, m, n0 + j, &c[j]);
        flags[j] = pcs_fast_redo(fast, m, n0 + j, finite);
        c[j] = finite ? c[j] : 0.0;
        y[j] = sums[n0 + j] + 0.0;
        flags[j] |= y[j] == 0.0 && zero_is_open(fast, c[j]) ? PCS_LANES_REDO : 0;
    }
}

/* Row m of outputs from its exact sums. */
static void round_row(const pcs_fast_t *fast, size_t m, const double *sums, pcs_code_t *codes, pcs_fgemm_stats_t *stats)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const size_t width = fast->ops->width;
    for (size_t n0 = 0; n0 < gemm->n; n0 += width) {
        const size_t count = gemm->n - n0 < width ? gemm->n - n0 : width;
        double y[PANEL_MAX] = {0};
        double c[PANEL_MAX] = {0};
        int64_t flags[PANEL_MAX] = {0};
        if (gemm->c == NULL) {
            take_sums(fast, m, n0, count, sums, y, flags);
        } else {
            take_sums_and_addends(fast, m, n0, count, sums, y, c, flags);
        }
        fast->ops->round(&fast->job, gemm->c == NULL ? NULL : c, y, flags);
        pcs_fast_store(fast, m, n0, count, y, flags, PCS_FGEMM_PROVEN, codes, stats);
    }
}

static pcs_status_t no_memory(const pcs_fast_t *fast, pcs_error_t *err)
{
    return pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu", fast->gemm->m, fast->gemm->n,
                    fast->gemm->k);
}

/* One product holds all sums. */
static pcs_status_t run_whole(const pcs_fast_t *fast, bool blas, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    double *a = pcs_numbers_fill(&fast->a, PCS_NUMBER_VALUES, 0, fast->threads);
    double *b = pcs_numbers_fill(&fast->b, PCS_NUMBER_VALUES, blas ? 0 : fast->ops->width, fast->threads);
    double *y = malloc(gemm->m * gemm->n * sizeof *y);
    bool memory = a != NULL && b != NULL && y != NULL;
    if (memory) {
        multiply(fast, gemm->m, a, b, !blas, y);
#pragma omp parallel num_threads(fast->threads)
        {
            pcs_fgemm_stats_t own = {.outputs = 0};
            pcs_code_t *codes = pcs_fgemm_scratch(gemm);
#pragma omp for
            for (size_t m = 0; m < gemm->m; m++) {
                if (codes != NULL) {
                    round_row(fast, m, y + m * gemm->n, codes, &own);
                }
            }
#pragma omp critical
            {
                memory = memory && codes != NULL;
                pcs_fgemm_stats_add(stats, &own);
            }
            free(codes);
        }
        stats->products = 1;
    }
    free(a);
    free(b);
    free(y);
    return memory ? PCS_OK : no_memory(fast, err);
}

/* ---- limbs ---------------------------------------------------------------------------------------------------------
 */

/* Limb `index` of `count` numbers; false: it is zero in all of them. */
static bool take_limb(const limbs_t *limbs, unsigned index, const double *x, size_t count, double *limb)
{
    const double low = ldexp(limbs->unit, (int)(index * limbs->bits));
    const double high = ldexp(limbs->unit, (int)((index + 1U) * limbs->bits));
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const double part = trunc(x[i] / low) * low - trunc(x[i] / high) * high;
        any = any || part != 0.0;
        limb[i] = part;
    }
    return any;
}

/* Without zeros at its end, which might lie below the register's last bit. */
static pcs_parts_t parts_of(double x)
{
    int exponent = 0;
    const uint64_t significand = (uint64_t)ldexp(frexp(fabs(x), &exponent), DOUBLE_BITS);
    const int zeros = __builtin_ctzll(significand);
    PCS_ASSERT(significand != 0);
    return (pcs_parts_t){.class_ = PCS_CLASS_FINITE,
                         .sign = signbit(x) != 0,
                         .exponent = exponent - DOUBLE_BITS + zeros,
                         .significand = significand >> zeros};
}

/* An output from its exact sum without the addend. */
static void round_output(const pcs_fast_t *fast, size_t m, size_t n, pcs_kulisch_t *sum, pcs_code_t *codes,
                         pcs_fgemm_stats_t *stats)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    double c = 0.0;
    const bool finite = pcs_fast_addend(fast, m, n, &c);
    bool redo = pcs_fast_redo(fast, m, n, finite) != 0;
    pcs_fpstate_t state = {.rounding = fast->job.c.rounding, .overflow = gemm->overflow};
    if (!redo && c != 0.0) {
        pcs_kulisch_add(sum, parts_of(c));
    }
    const pcs_parts_t value = pcs_kulisch_value(sum, &state);
    if (redo || (value.class_ == PCS_CLASS_ZERO && zero_is_open(fast, c))) {
        pcs_fgemm_define(gemm, m, n, codes, stats);
        return;
    }
    const pcs_parts_t plus_zero = {.class_ = PCS_CLASS_ZERO};
    const pcs_code_t code = pcs_round_pack(gemm->c_format, value.class_ == PCS_CLASS_ZERO ? plus_zero : value, &state);
    pcs_fcode_store(gemm->c_format, gemm->y, m * gemm->ldy + n, code);
    const bool nan = pcs_decode(gemm->c_format, code).class_ == PCS_CLASS_NAN;
    pcs_fgemm_count(state.flags, nan, PCS_FGEMM_PROVEN, stats);
}

/* What a run with limbs works on. */
typedef struct limb_run {
    limbs_t a, b;
    bool blas;
    bool b_any[LIMBS_MAX];
    double *a_all, *b_all; /* (M, K); (K, N) or panels */
    double *b_limb;        /* (limbs of b) times that */
    double *a_limb, *y;    /* (rows, K), (rows, N) */
    pcs_kulisch_t *sums;   /* (rows, N) */
    pcs_code_t *codes;
    size_t b_size;
} limb_run_t;

static void add_limbs(const pcs_fast_t *fast, limb_run_t *run, size_t m0, size_t rows, pcs_fgemm_stats_t *stats)
{
    const size_t n = fast->gemm->n;
    const size_t k = fast->gemm->k;
    memset(run->sums, 0, rows * n * sizeof *run->sums);
    for (unsigned i = 0; i < run->a.count; i++) {
        const bool any = take_limb(&run->a, i, run->a_all + m0 * k, rows * k, run->a_limb);
        for (unsigned j = 0; any && j < run->b.count; j++) {
            if (!run->b_any[j]) {
                continue;
            }
            multiply(fast, rows, run->a_limb, run->b_limb + j * run->b_size, !run->blas, run->y);
#pragma omp parallel for num_threads(fast->threads)
            for (size_t at = 0; at < rows * n; at++) {
                if (run->y[at] != 0.0) {
                    pcs_kulisch_add(&run->sums[at], parts_of(run->y[at]));
                }
            }
        }
    }
    for (size_t at = 0; at < rows * n; at++) {
        round_output(fast, m0 + at / n, at % n, &run->sums[at], run->codes, stats);
    }
}

static pcs_status_t run_limbs(const pcs_fast_t *fast, bool blas, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const unsigned bits = limb_bits(gemm->k);
    const size_t width = blas ? gemm->n : fast->ops->width;
    const size_t rows = gemm->m < LIMB_ROWS ? gemm->m : LIMB_ROWS;
    limb_run_t run = {.a = limbs_of(&fast->a.spread, bits), .b = limbs_of(&fast->b.spread, bits), .blas = blas};
    run.b_size = gemm->k * ((gemm->n + width - 1) / width * width);
    run.a_all = pcs_numbers_fill(&fast->a, PCS_NUMBER_VALUES, 0, fast->threads);
    run.b_all = pcs_numbers_fill(&fast->b, PCS_NUMBER_VALUES, blas ? 0 : width, fast->threads);
    run.b_limb = calloc(run.b.count * run.b_size, sizeof *run.b_limb);
    run.a_limb = calloc(rows * gemm->k, sizeof *run.a_limb);
    run.y = calloc(rows * gemm->n, sizeof *run.y);
    run.sums = calloc(rows * gemm->n, sizeof *run.sums);
    run.codes = pcs_fgemm_scratch(gemm);
    const bool memory = run.a_all != NULL && run.b_all != NULL && run.b_limb != NULL && run.a_limb != NULL &&
                        run.y != NULL && run.sums != NULL && run.codes != NULL;
    if (memory) {
        for (unsigned j = 0; j < run.b.count; j++) {
            run.b_any[j] = take_limb(&run.b, j, run.b_all, run.b_size, run.b_limb + j * run.b_size);
        }
        for (size_t m0 = 0; m0 < gemm->m; m0 += rows) {
            add_limbs(fast, &run, m0, gemm->m - m0 < rows ? gemm->m - m0 : rows, stats);
        }
        stats->products = run.a.count * run.b.count;
    }
    free(run.a_all);
    free(run.b_all);
    free(run.b_limb);
    free(run.a_limb);
    free(run.y);
    free(run.sums);
    free(run.codes);
    return memory ? PCS_OK : no_memory(fast, err);
}

pcs_status_t pcs_fast_proven(const pcs_fast_t *fast, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
#if defined(PCS_WITH_OPENBLAS)
    const bool blas = !fast->config->own_products;
#else
    const bool blas = false;
#endif
    const pcs_status_t status =
        sum_in_double(fast) ? run_whole(fast, blas, stats, err) : run_limbs(fast, blas, stats, err);
    stats->blas = blas && stats->products > 0;
    return status;
}
