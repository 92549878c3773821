/* Executors agree bit for bit on random contracts: ref against an independent double-precision oracle within rounding,
   fast (every kernel that the machine has, 1 and 3 threads) and cycle (every kind, dataflow and digit, several shapes)
   against ref exactly. A segment that the array cannot run is refused with the legal range. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/output.h"
#include "models/mac/mac.h"
#include "tests/support/check.h"
#include "tests/support/random_gemm.h"

typedef struct run {
    float *y;
    uint64_t overflows;
    pcs_plan_t plan;
} run_t;

/* Rows of results as they were when they were told of, and how often that was. */
typedef struct told {
    const pcs_gemm_t *gemm;
    float *y;        /* (M, N) */
    unsigned *times; /* (M) */
} told_t;

static void tell(void *user, size_t row, size_t rows)
{
    const told_t *told = user;
    for (size_t m = row; m < row + rows; m++) {
        memcpy(told->y + m * told->gemm->n, pcs_result_row(&told->gemm->y, m), told->gemm->n * sizeof(float));
        told->times[m]++;
    }
}

static void check_told(const told_t *told)
{
    size_t wrong = 0;
    for (size_t m = 0; m < told->gemm->m; m++) {
        const float *y = pcs_result_row(&told->gemm->y, m);
        wrong += told->times[m] != 1 || memcmp(told->y + m * told->gemm->n, y, told->gemm->n * sizeof(float)) != 0;
    }
    CHECK_EQ(wrong, 0, "rows that were not told of once and final");
}

/* Watching `watched` rows at a time. */
static void execute(const random_gemm_t *made, const pcs_engine_config_t *config, size_t watched, run_t *run)
{
    pcs_error_t err = {0};
    pcs_engine_t *engine = NULL;
    pcs_gemm_t gemm = made->gemm;
    told_t told = {&gemm, calloc(gemm.m * gemm.n, sizeof(float)), calloc(gemm.m, sizeof(unsigned))};
    PCS_ASSERT(told.y != NULL && told.times != NULL);
    gemm.y.watch = (pcs_watch_t){tell, &told, watched};
    memset(made->gemm.y.data, 0xff, made->y_count * sizeof(float));
    CHECK_OK(pcs_engine_create(config, &engine, &err), &err);
    CHECK_OK(pcs_gemm_run(engine, &gemm, &run->plan, &run->overflows, &err), &err);
    pcs_engine_destroy(engine);
    check_told(&told);
    free(told.y);
    free(told.times);
    run->y = malloc(made->y_count * sizeof(float));
    PCS_ASSERT(run->y != NULL);
    memcpy(run->y, made->gemm.y.data, made->y_count * sizeof(float));
}

/* An element, and the size of the parts that it is the sum of, which may cancel. */
typedef struct real {
    double value, size;
} real_t;

static real_t real_value(const pcs_operand_t *operand, size_t i, size_t j, size_t outer, size_t group)
{
    uint8_t code = 0;
    if (!pcs_operand_at(operand, i, j, &code)) {
        return (real_t){0, 0};
    }
    const pcs_affine_t *affine = &operand->affine;
    const size_t at = affine->grain == PCS_GRAIN_TENSOR ? 0 : (affine->grain == PCS_GRAIN_OUTER ? outer : group);
    const double zero = affine->zero != NULL ? (double)affine->zero[at] : 0.0;
    const double offset = affine->offset != NULL ? (double)affine->offset[at] : 0.0;
    double value = pcs_code_value(code, operand->is_signed);
    if (operand->bits > PCS_LIMB_BITS) {
        pcs_operand_t high = *operand;
        high.codes = operand->high;
        uint8_t high_code = 0;
        (void)pcs_operand_at(&high, i, j, &high_code);
        value = code + 256.0 * pcs_code_value(high_code, operand->is_signed);
    }
    const double scaled = (double)affine->scale[at] * (value - zero);
    return (real_t){scaled + offset, fabs(scaled) + fabs(offset)};
}

/* A as copy number `copy` sees it: dense, that many columns of it further; a patch view, that many channels. */
static pcs_operand_t a_of_copy(const pcs_gemm_t *g, size_t copy, pcs_patch_t *patch)
{
    pcs_operand_t a = g->a;
    if (a.patch != NULL) {
        *patch = *a.patch;
        patch->channel0 += (uint32_t)copy * patch->channels;
        a.patch = patch;
        return a;
    }
    const size_t skipped = copy * (a.transposed ? g->m : g->k);
    a.codes += skipped;
    a.high += a.high != NULL ? skipped : 0;
    return a;
}

/* The real-valued product of the dequantized operands; only where no accumulator overflowed. */
static void against_real(const random_gemm_t *made, const run_t *run, const char *text)
{
    const pcs_gemm_t *g = &made->gemm;
    const size_t group = g->group != 0 ? g->group : g->k;
    for (size_t m = 0; m < g->m; m++) {
        for (size_t n = 0; n < g->n * g->copies; n++) {
            const size_t copy = n / g->n;
            pcs_patch_t patch;
            const pcs_operand_t a = a_of_copy(g, copy, &patch);
            double sum = 0;
            double size = 0;
            for (size_t k = 0; k < g->k; k++) {
                const real_t of_a = real_value(&a, m, k, m, k / group);
                const real_t of_b = real_value(&g->b, k, n, n, copy * (g->k / group) + k / group);
                sum += of_a.value * of_b.value;
                size += of_a.size * of_b.size;
            }
            const double y = (double)run->y[m * g->y.stride_image + n];
            CHECK(fabs(y - sum) <= 1e-6 * size + 1e-12, "%s: y[%zu][%zu] = %.9g, real %.9g", text, m, n, y, sum);
        }
    }
}

static pcs_array_config_t random_array(check_rng_t *rng, unsigned acc_bits)
{
    const pcs_kind_t kind = pcs_integer_kind((unsigned)check_range(rng, 0, (int64_t)pcs_integer_kinds() - 1));
    unsigned digit = 1U << check_range(rng, 0, 2);
    while (digit > pcs_kinds[kind].digit_max) {
        digit /= 2;
    }
    return (pcs_array_config_t){
        .rows = (unsigned)check_range(rng, 1, 9),
        .cols = (unsigned)check_range(rng, 1, 9),
        .kind = kind,
        .acc_bits = acc_bits,
        .dataflow = (pcs_dataflow_t)check_range(rng, 0, PCS_DATAFLOW_COUNT - 1),
        .digit = digit,
    };
}

/* A segment too long for the array must be refused; then the longest that it can run takes its place. */
static void fit_segment(random_gemm_t *made, const pcs_engine_config_t *config, const char *text)
{
    pcs_gemm_t *gemm = &made->gemm;
    const uint64_t longest = random_gemm_longest(made, &config->array);
    if (gemm->segment > longest) {
        pcs_error_t err = {0};
        pcs_plan_t plan;
        CHECK_EQ(pcs_gemm_plan(gemm, &config->array, config->serial, &plan, &err), PCS_INVALID, "%s: %s", text,
                 "a segment that the array cannot run");
        CHECK(strstr(err.text, "runs 1..") != NULL, "'%s' names the legal range", err.text);
        gemm->segment = (size_t)longest;
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const char *count_text = NULL;
    const int count = check_flag(argc, argv, "--count", &count_text) ? atoi(count_text) : 300;
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    for (int i = 0; i < count; i++) {
        random_gemm_t made;
        char text[256];
        const bool whole = i % 3 == 0; /* channels that fill tiles and vectors */
        const random_gemm_limits_t limits = {.m = 40,
                                             .n = whole ? 40 : 24,
                                             .k = 60,
                                             .overflow = true,
                                             .wide = true,
                                             .copies = 80,
                                             .whole = whole ? 16 : 0,
                                             .acc_bits_min = 16,
                                             .acc_bits_max = 48};
        random_gemm_make(&made, &rng, &limits);
        (void)random_gemm_text(&made, text, sizeof text);
        const pcs_array_config_t array = random_array(&rng, made.gemm.acc_bits);
        pcs_engine_config_t config = {.executor = PCS_EXECUTOR_REF,
                                      .array = array,
                                      .threads = 1,
                                      .serial = (pcs_serial_t)check_range(&rng, 0, 2)};
        fit_segment(&made, &config, text);
        run_t ref;
        const pcs_patch_t *patch = made.gemm.a.patch;
        const size_t image = patch != NULL ? (size_t)patch->out_h * patch->out_w : 1;
        const size_t watched = i % 4 == 0 ? 1U + (size_t)i % 50U : i % 4 == 1 ? 2U * image : image;
        execute(&made, &config, watched, &ref);
        if (ref.overflows == 0) {
            against_real(&made, &ref, text);
        }
        CHECK(!(ref.plan.proven && ref.overflows > 0), "%s: proven free of overflow, yet %d", text, (int)ref.overflows);

        pcs_array_dev_t *dev = NULL;
        pcs_error_t err = {0};
        CHECK_OK(pcs_array_cycle_create(&array, &dev, &err), &err);
        enum { THREADS = 2, OTHERS = THREADS * PCS_KERNEL_COUNT + 1 };
        for (int o = 0; o < OTHERS; o++) {
            const bool cycle = o == OTHERS - 1;
            config.executor = cycle ? PCS_EXECUTOR_CYCLE : PCS_EXECUTOR_FAST;
            config.kernel = cycle ? PCS_KERNEL_AUTO : (pcs_kernel_t)(o / THREADS);
            config.threads = !cycle && o % THREADS == 1 ? 3 : 1;
            config.dev = dev;
            if (!pcs_kernel_available(config.kernel)) {
                continue;
            }
            char name[32];
            (void)snprintf(name, sizeof name, "%s %s %u", pcs_executor_name(config.executor),
                           pcs_kernel_name(config.kernel), config.threads);
            run_t run;
            execute(&made, &config, watched, &run);
            if (inject && config.kernel == PCS_KERNEL_PORTABLE && config.threads == 1) {
                run.y[0] += 1.0F; /* the twin: a wrong result must be found */
            }
            CHECK(memcmp(run.y, ref.y, made.y_count * sizeof(float)) == 0, "%s: %s differs from ref", text, name);
            CHECK_EQ(run.overflows, ref.overflows, "%s: %s overflows", text, name);
            free(run.y);
        }
        pcs_array_dev_destroy(dev);
        free(ref.y);
        random_gemm_free(&made);
    }
    return check_done("contracts, executors against ref");
}
