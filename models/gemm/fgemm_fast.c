/* `fast`: chooses the way of a contract, and the two ways that keep the order of additions, an output a lane.  Outputs
   are independent, so blocks and threads do not matter. */
#include <limits.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#else
#include <fenv.h>
#endif

#include "models/gemm/fgemm_internal.h"

enum { BLOCK_ROWS = 12, PRODUCT_BITS = 24, CHUNK = 64 };
enum { PANEL_MAX = PCS_FAST_PANEL_MAX, SINGLE_ROWS_MAX = 8 };

/* ---- what lanes need to know ---------------------------------------------------------------------------------------
 */

static bool lanes_hold(const pcs_format_row_t *format)
{
    return format->sign == PCS_SIGN_SIGNED && format->lowest == PCS_LOWEST_SUBNORMAL && format->zero == PCS_ZERO_SIGNED;
}

static pcs_lanes_format_t lanes_format(const pcs_format_row_t *format, pcs_rounding_t rounding, pcs_overflow_t overflow)
{
    const int mantissa = (int)format->mantissa_bits;
    return (pcs_lanes_format_t){.least = ldexp(1.0, 1 - format->bias),
                                .max = pcs_number_value(pcs_decode(format, pcs_format_max(format))),
                                .to_adder = ldexp(1.0, 52 - mantissa),
                                .to_step = ldexp(1.0, -mantissa),
                                .rounding = rounding,
                                .saturates = overflow != PCS_OVERFLOW_INF};
}

pcs_lanes_job_t pcs_lanes_job(const pcs_dot_t *dot, pcs_rounding_t rounding, pcs_overflow_t overflow)
{
    const pcs_accumulator_t *accumulator = dot->accumulator;
    const bool own = accumulator->own_rounding;
    const pcs_format_row_t *out = accumulator->out != NULL ? accumulator->out : dot->c;
    pcs_lanes_job_t job = {.accumulator = accumulator, .k = dot->k};
    job.c = lanes_format(dot->c, own ? PCS_ROUNDING_RNE : rounding, own ? PCS_OVERFLOW_INF : overflow);
    job.c.flush = accumulator->flush;
    job.out = lanes_format(out, accumulator->rounding, PCS_OVERFLOW_INF);
    job.total = lanes_format(dot->c, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF);
    return job;
}

/* Sums of ALIGNED are integers below 2^53 in units of 2^(E - F), and no product is infinite where that counts. */
static bool aligned_fits(const pcs_fast_t *fast)
{
    const pcs_accumulator_t *accumulator = fast->gemm->accumulator;
    size_t most = accumulator->group == 0 ? fast->gemm->k : accumulator->group;
    for (unsigned list = 0; accumulator->period != 0 && list < accumulator->lists; list++) {
        most = list == 0 || accumulator->size[list] > most ? accumulator->size[list] : most;
    }
    const double sum = ldexp((double)most + 1.0, (int)accumulator->fraction_bits + 2);
    const bool finite = accumulator->addend != PCS_ADDEND_FLOORED || fast->a.spread.max * fast->b.spread.max < 0x1p128;
    return sum <= 0x1p53 && finite && (accumulator->out == NULL || lanes_hold(accumulator->out));
}

static bool serves_double(const pcs_fast_t *fast)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    const bool random = fast->job.stream == NULL || gemm->random_bits + gemm->c_format->mantissa_bits + 2U <= 52U;
    if (!lanes_hold(gemm->c_format) || !random || gemm->scale_code != PCS_SCALE_CODE_E8M0) {
        return false;
    }
    const size_t group = accumulator->group == 0 ? gemm->k : accumulator->group;
    switch (accumulator->sum) {
    case PCS_SUM_EXACT:
        return accumulator->period == 0 && (group == 1 || pcs_fgemm_proof(&fast->a.spread, &fast->b.spread, group, 53));
    case PCS_SUM_SEQUENTIAL:
    case PCS_SUM_TREE:
        return true;
    case PCS_SUM_REGISTER:
    case PCS_SUM_BLOCKS:
        return false;
    case PCS_SUM_ALIGNED:
        break;
    }
    return gemm->a.scales == NULL && aligned_fits(fast);
}

/* One rounding to FP32 a product, in order, and products that binary32 holds. */
static bool serves_single(const pcs_fast_t *fast)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    const bool fused = accumulator->sum == PCS_SUM_EXACT && accumulator->addend == PCS_ADDEND_INSIDE;
    const bool apart = accumulator->sum == PCS_SUM_TREE;
    const bool in_order = (accumulator->group == 1 && (fused || apart)) || accumulator->sum == PCS_SUM_SEQUENTIAL;
    const bool plain = accumulator->period == 0 && accumulator->restart == 0 && !accumulator->flush;
    const unsigned bits = gemm->a.format->mantissa_bits + gemm->b.format->mantissa_bits + 2U;
    return in_order && plain && gemm->c_format == &pcs_formats[PCS_FORMAT_FP32] &&
           fast->job.c.rounding == PCS_ROUNDING_RNE && bits <= PRODUCT_BITS &&
           fast->a.spread.unit * fast->b.spread.unit >= 0x1p-149 && fast->a.spread.max * fast->b.spread.max < 0x1p128;
}

/* ---- lanes ---------------------------------------------------------------------------------------------------------
 */

/* Packed operands of one of the two ways, and where a thread works: columns n0.. of panel `panel`, rows m0... */
typedef struct packed {
    void *a, *a_power, *b, *b_power;
    double *a_scale, *b_scale; /* (M, tiles); panels of (tiles, width) */
    size_t width;
} packed_t;

typedef struct block {
    size_t panel, m0, rows, n0, cols;
    pcs_code_t *codes;
} block_t;

static void run_double(const pcs_fast_t *fast, const packed_t *packed, const block_t *block, pcs_fgemm_stats_t *stats)
{
    const size_t k = fast->gemm->k;
    const size_t width = packed->width;
    const size_t step = block->panel * k * width;
    for (size_t m = block->m0; m < block->m0 + block->rows; m++) {
        double y[PANEL_MAX] = {0};
        int64_t flags[PANEL_MAX] = {0};
        for (size_t j = 0; j < block->cols; j++) {
            flags[j] = pcs_fast_redo(fast, m, block->n0 + j, pcs_fast_addend(fast, m, block->n0 + j, &y[j]));
            y[j] = flags[j] != 0 || (fast->job.c.flush && fabs(y[j]) < fast->job.c.least) ? 0.0 : y[j];
        }
        pcs_panel_t panel = {.a = (const double *)packed->a + m * k,
                             .b = (const double *)packed->b + step,
                             .output = (uint64_t)m * fast->gemm->n + block->n0};
        if (packed->a_power != NULL) {
            panel.a_power = (const double *)packed->a_power + m * k;
            panel.b_power = (const double *)packed->b_power + step;
        }
        if (packed->a_scale != NULL) {
            const size_t tiles = pcs_fgemm_tiles(fast->gemm);
            panel.a_scale = packed->a_scale + m * tiles;
            panel.b_scale = packed->b_scale + block->panel * tiles * width;
        }
        fast->ops->dots(&fast->job, &panel, y, flags);
        pcs_fast_store(fast, m, block->n0, block->cols, y, flags, PCS_FGEMM_DOUBLE, block->codes, stats);
    }
}

/* The processor's sticky flag of rounded results, of this thread. */
static void clear_inexact(void)
{
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() & ~(unsigned)_MM_EXCEPT_INEXACT);
#else
    (void)feclearexcept(FE_INEXACT);
#endif
}

static bool was_inexact(void)
{
#if defined(__x86_64__)
    return (_mm_getcsr() & _MM_EXCEPT_INEXACT) != 0;
#else
    return fetestexcept(FE_INEXACT) != 0;
#endif
}

typedef struct singles {
    float sum[SINGLE_ROWS_MAX * PANEL_MAX];
    int32_t inexact[SINGLE_ROWS_MAX * PANEL_MAX];
    bool all[SINGLE_ROWS_MAX]; /* outputs of the row are inexact */
} singles_t;

/* Steps q..q + steps - 1 again, for the flags of rows in which some output had none. */
static void look_for_inexact(const pcs_fast_t *fast, const block_t *block, size_t width, size_t steps, const float *a,
                             const float *b, float *before, singles_t *singles)
{
    const size_t k = fast->gemm->k;
    for (size_t i = 0; i < block->rows; i++) {
        if (singles->all[i]) {
            continue;
        }
        int32_t *inexact = singles->inexact + i * width;
        fast->ops->singles_checked(1, steps, a + i * k, k, b, before + i * width, inexact);
        int32_t all = -1;
        for (size_t j = 0; j < width; j++) {
            all &= inexact[j];
        }
        singles->all[i] = all != 0;
    }
}

/* Steps k0..k0 + count - 1.  Flags are an output's own, so they are looked for lane by lane, but only where the
   processor says that something was rounded. */
static void add_products(const pcs_fast_t *fast, const packed_t *packed, const block_t *block, size_t k0, size_t count,
                         singles_t *singles)
{
    const size_t k = fast->gemm->k;
    const size_t width = packed->width;
    const float *a = (const float *)packed->a + block->m0 * k;
    const float *b = (const float *)packed->b + block->panel * k * width;
    for (size_t q = k0; q < k0 + count; q += CHUNK) {
        const size_t steps = k0 + count - q < CHUNK ? k0 + count - q : CHUNK;
        float before[SINGLE_ROWS_MAX * PANEL_MAX];
        memcpy(before, singles->sum, block->rows * width * sizeof *before);
        clear_inexact();
        fast->ops->singles(block->rows, steps, a + q, k, b + q * width, singles->sum);
        if (was_inexact()) {
            look_for_inexact(fast, block, width, steps, a + q, b + q * width, before, singles);
        }
    }
}

/* A chunk that began at zero joins its running sum. */
static void join(size_t lanes, const float *before, singles_t *singles)
{
    for (size_t i = 0; i < lanes; i++) {
        const float part = singles->sum[i];
        const float sum = before[i] + part;
        singles->inexact[i] |= sum - before[i] != part || sum - part != before[i] ? -1 : 0;
        singles->sum[i] = sum;
    }
}

static void run_single(const pcs_fast_t *fast, const packed_t *packed, const block_t *block, pcs_fgemm_stats_t *stats)
{
    const pcs_accumulator_t *accumulator = fast->gemm->accumulator;
    const size_t k = fast->gemm->k;
    const size_t width = packed->width;
    const size_t lanes = block->rows * width;
    const bool parts = accumulator->sum == PCS_SUM_SEQUENTIAL;
    const size_t chunk = !parts || accumulator->group == 0 ? k : accumulator->group;
    singles_t singles = {.all = {false}};
    int64_t redo[SINGLE_ROWS_MAX][PANEL_MAX];
    for (size_t i = 0; i < block->rows; i++) {
        for (size_t j = 0; j < width; j++) {
            double c = 0.0;
            const size_t m = block->m0 + i;
            const size_t n = block->n0 + j;
            redo[i][j] = j < block->cols ? pcs_fast_redo(fast, m, n, pcs_fast_addend(fast, m, n, &c)) : 0;
            singles.sum[i * width + j] = redo[i][j] != 0 ? 0.0F : (float)c;
            singles.inexact[i * width + j] = j < block->cols ? 0 : -1; /* nobody asks */
        }
    }
    for (size_t k0 = 0; k0 < k; k0 += chunk) {
        const size_t count = k - k0 < chunk ? k - k0 : chunk;
        float before[SINGLE_ROWS_MAX * PANEL_MAX];
        memcpy(before, singles.sum, lanes * sizeof *before);
        if (parts) {
            memset(singles.sum, 0, lanes * sizeof *before);
        }
        add_products(fast, packed, block, k0, count, &singles);
        if (parts) {
            join(lanes, before, &singles);
        }
    }
    for (size_t i = 0; i < block->rows; i++) {
        double y[PANEL_MAX];
        int64_t flags[PANEL_MAX];
        for (size_t j = 0; j < block->cols; j++) {
            y[j] = (double)singles.sum[i * width + j];
            flags[j] = redo[i][j] | (singles.inexact[i * width + j] & PCS_FLAG_INEXACT);
        }
        pcs_fast_store(fast, block->m0 + i, block->n0, block->cols, y, flags, PCS_FGEMM_SINGLE, block->codes, stats);
    }
}

/* All blocks of `rows` rows and a panel of columns. */
static pcs_status_t run_blocks(const pcs_fast_t *fast, const packed_t *packed, bool single, pcs_fgemm_stats_t *stats,
                               pcs_error_t *err)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const size_t rows = single ? fast->ops->single_rows : BLOCK_ROWS;
    const size_t panels = (gemm->n + packed->width - 1) / packed->width;
    const size_t blocks = (gemm->m + rows - 1) / rows;
    PCS_ASSERT(packed->width <= PANEL_MAX && (!single || rows <= SINGLE_ROWS_MAX));
    bool memory = true;
#pragma omp parallel num_threads(fast->threads)
    {
        pcs_fgemm_stats_t own = {.outputs = 0};
        pcs_code_t *codes = pcs_fgemm_scratch(gemm);
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < panels * blocks; i++) {
            block_t block = {.panel = i / blocks, .m0 = i % blocks * rows, .codes = codes};
            block.n0 = block.panel * packed->width;
            block.rows = gemm->m - block.m0 < rows ? gemm->m - block.m0 : rows;
            block.cols = gemm->n - block.n0 < packed->width ? gemm->n - block.n0 : packed->width;
            if (codes != NULL) {
                (single ? run_single : run_double)(fast, packed, &block, &own);
            }
        }
#pragma omp critical
        {
            memory = memory && codes != NULL;
            pcs_fgemm_stats_add(stats, &own);
        }
        free(codes);
    }
    return memory ? PCS_OK : pcs_fail(err, PCS_MEMORY, "no memory for a dot product of %zu", gemm->k);
}

/* The scales as powers of two; false: no memory. */
static bool pack_scales(const pcs_fgemm_t *gemm, packed_t *packed)
{
    const size_t tiles = pcs_fgemm_tiles(gemm);
    const size_t width = packed->width;
    const size_t padded = (gemm->n + width - 1) / width * width;
    packed->a_scale = calloc(gemm->m * tiles, sizeof(double));
    packed->b_scale = calloc(tiles * padded, sizeof(double));
    if (packed->a_scale == NULL || packed->b_scale == NULL) {
        return false;
    }
    for (size_t i = 0; i < gemm->m * tiles; i++) {
        packed->a_scale[i] = ldexp(1.0, gemm->a.scales[i] - PCS_SCALE_BIAS);
    }
    for (size_t i = 0; i < tiles * gemm->n; i++) {
        const size_t n = i % gemm->n;
        const size_t at = (n / width * tiles + i / gemm->n) * width + n % width;
        packed->b_scale[at] = ldexp(1.0, gemm->b.scales[i] - PCS_SCALE_BIAS);
    }
    return true;
}

/* Rows and columns with a scale that is NaN are special. */
static void mark_scales(const pcs_fast_t *fast)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    const size_t tiles = pcs_fgemm_tiles(gemm);
    for (size_t i = 0; gemm->a.scales != NULL && i < gemm->m * tiles; i++) {
        fast->a.special[i / tiles] |= pcs_scale_is_nan(gemm->scale_code, gemm->a.scales[i]) ? 1 : 0;
    }
    for (size_t i = 0; gemm->b.scales != NULL && i < tiles * gemm->n; i++) {
        fast->b.special[i % gemm->n] |= pcs_scale_is_nan(gemm->scale_code, gemm->b.scales[i]) ? 1 : 0;
    }
}

static pcs_status_t run_lanes(const pcs_fast_t *fast, bool single, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
    const bool powers = fast->gemm->accumulator->sum == PCS_SUM_ALIGNED;
    const pcs_number_kind_t kind = single ? PCS_NUMBER_SINGLES : PCS_NUMBER_VALUES;
    packed_t packed = {.width = single ? fast->ops->single_width : fast->ops->width};
    packed.a = pcs_numbers_fill(&fast->a, kind, 0, fast->threads);
    packed.b = pcs_numbers_fill(&fast->b, kind, packed.width, fast->threads);
    if (powers) {
        packed.a_power = pcs_numbers_fill(&fast->a, PCS_NUMBER_POWERS, 0, fast->threads);
        packed.b_power = pcs_numbers_fill(&fast->b, PCS_NUMBER_POWERS, packed.width, fast->threads);
    }
    const bool scales = fast->gemm->a.scales == NULL || pack_scales(fast->gemm, &packed);
    const bool memory = scales && packed.a != NULL && packed.b != NULL &&
                        (!powers || (packed.a_power != NULL && packed.b_power != NULL));
    const pcs_status_t status = memory ? run_blocks(fast, &packed, single, stats, err)
                                       : pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu",
                                                  fast->gemm->m, fast->gemm->n, fast->gemm->k);
    free(packed.a);
    free(packed.b);
    free(packed.a_power);
    free(packed.b_power);
    free(packed.a_scale);
    free(packed.b_scale);
    return status;
}

static pcs_status_t run_defined(const pcs_fast_t *fast, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
    const pcs_fgemm_t *gemm = fast->gemm;
    bool memory = true;
#pragma omp parallel num_threads(fast->threads)
    {
        pcs_fgemm_stats_t own = {.outputs = 0};
        pcs_code_t *codes = pcs_fgemm_scratch(gemm);
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < gemm->m * gemm->n; i++) {
            if (codes != NULL) {
                pcs_fgemm_define(gemm, i / gemm->n, i % gemm->n, codes, &own);
            }
        }
#pragma omp critical
        {
            memory = memory && codes != NULL;
            pcs_fgemm_stats_add(stats, &own);
        }
        free(codes);
    }
    return memory ? PCS_OK : pcs_fail(err, PCS_MEMORY, "no memory for a dot product of %zu", gemm->k);
}

/* ---- choice --------------------------------------------------------------------------------------------------------
 */

static const pcs_lanes_ops_t *choose_ops(pcs_kernel_t kernel)
{
    switch (kernel) {
    case PCS_KERNEL_PORTABLE:
        return &pcs_lanes_portable;
    case PCS_KERNEL_AVX2:
        return &pcs_lanes_avx2;
    case PCS_KERNEL_AVX512VNNI:
    case PCS_KERNEL_AMX:
        return &pcs_lanes_avx512;
    default:
        return pcs_lanes_avx512.available() ? &pcs_lanes_avx512
               : pcs_lanes_avx2.available() ? &pcs_lanes_avx2
                                            : &pcs_lanes_portable;
    }
}

/* C's finite elements. */
static pcs_spread_t spread_of_c(const pcs_fgemm_t *gemm)
{
    pcs_spread_t spread = {0.0, 0.0};
    for (size_t i = 0; gemm->c != NULL && i < gemm->m * gemm->n; i++) {
        const size_t at = i / gemm->n * gemm->ldc + i % gemm->n;
        const pcs_parts_t x = pcs_decode(gemm->c_format, pcs_fcode_load(gemm->c_format, gemm->c, at));
        if (x.class_ == PCS_CLASS_FINITE) {
            const double value = fabs(pcs_number_value(x));
            const double unit = ldexp(1.0, x.exponent + __builtin_ctzll(x.significand));
            spread.max = value > spread.max ? value : spread.max;
            spread.unit = spread.unit > 0.0 && spread.unit < unit ? spread.unit : unit;
        }
    }
    return spread;
}

static pcs_status_t run_chosen(pcs_fast_t *fast, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
    fast->c = spread_of_c(fast->gemm);
    mark_scales(fast);
    fast->job.far_below = fast->a.spread.unit * fast->b.spread.unit < 0x1p-126;
    if (!fast->config->ordered && pcs_fast_is_proven(fast)) {
        return pcs_fast_proven(fast, stats, err);
    }
    if (serves_single(fast)) {
        return run_lanes(fast, true, stats, err);
    }
    return serves_double(fast) ? run_lanes(fast, false, stats, err) : run_defined(fast, stats, err);
}

pcs_status_t pcs_fgemm_fast(const pcs_fgemm_t *gemm, const pcs_fgemm_config_t *config, pcs_fgemm_stats_t *stats,
                            pcs_error_t *err)
{
    const pcs_dot_t dot = {
        .a = gemm->a.format, .b = gemm->b.format, .c = gemm->c_format, .k = gemm->k, .accumulator = gemm->accumulator};
    pcs_fast_t fast = {.gemm = gemm, .config = config, .ops = choose_ops(config->kernel)};
    fast.threads = config->threads > INT_MAX ? INT_MAX : (int)config->threads;
    if (!fast.ops->available()) {
        return pcs_fail(err, PCS_UNSUPPORTED, "kernel %s: this processor lacks its instructions; auto runs everywhere",
                        pcs_kernel_name(config->kernel));
    }
    fast.job = pcs_lanes_job(&dot, gemm->rounding, gemm->overflow);
    if (pcs_rounding_is_stochastic(fast.job.c.rounding)) {
        fast.job.stream = gemm->stream;
        fast.job.c.random_bits = gemm->random_bits;
    }
    pcs_status_t status = pcs_numbers_init(&fast.a, gemm, true, gemm->accumulator, fast.threads, err);
    if (status == PCS_OK) {
        status = pcs_numbers_init(&fast.b, gemm, false, gemm->accumulator, fast.threads, err);
    }
    if (status == PCS_OK) {
        status = run_chosen(&fast, stats, err);
    }
    pcs_numbers_free(&fast.a);
    pcs_numbers_free(&fast.b);
    return status;
}
