/* Floating-point contracts: `fast` against `ref`, codes and counts, for random formats, accumulators, roundings and
   operands, by every kernel of this machine, one thread and several, each way on and off.  --count N: contracts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/fgemm.h"
#include "tests/support/float_case.h"

enum { M_MAX = 7, N_MAX = 70, K_MAX = 80, OUTPUTS_MAX = M_MAX * N_MAX };

static const char *const accumulators[] = {"exact",
                                           "exact",
                                           "fma",
                                           "fma",
                                           "mul-add",
                                           "sdotp",
                                           "fused:5",
                                           "tile:16",
                                           "chunk:8",
                                           "chunk:33",
                                           "pairwise",
                                           "tree:4",
                                           "volta",
                                           "turing",
                                           "ampere",
                                           "ada",
                                           "hopper",
                                           "hopper",
                                           "blackwell",
                                           "cdna1",
                                           "cdna1-exact",
                                           "cdna2",
                                           "cdna3",
                                           "hopper-mma-fp8",
                                           "hopper+promote:32",
                                           "aligned:f=20,group=7,out=bf16,round=rup,addend=outside",
                                           "aligned:f=30,groups=0.3/1.2,round=rto",
                                           "aligned:f=44,group=40,round=rdn",
                                           "register:anchor=-30,bits=48",
                                           "register:anchor=-60,bits=64,group=13,overflow=sat",
                                           "register:anchor=-160,bits=96"};
static const pcs_format_t operands[] = {
    PCS_FORMAT_E4M3, PCS_FORMAT_E5M2, PCS_FORMAT_FP16, PCS_FORMAT_BF16, PCS_FORMAT_E4M3_FNUZ, PCS_FORMAT_E5M2_FNUZ,
    PCS_FORMAT_E2M1, PCS_FORMAT_E3M4, PCS_FORMAT_TF32, PCS_FORMAT_FP32, PCS_FORMAT_DLFLOAT16, PCS_FORMAT_E8M0};
static const pcs_format_t addends[] = {PCS_FORMAT_FP32, PCS_FORMAT_FP32, PCS_FORMAT_FP32, PCS_FORMAT_FP32,
                                       PCS_FORMAT_FP32, PCS_FORMAT_FP16, PCS_FORMAT_FP16, PCS_FORMAT_BF16,
                                       PCS_FORMAT_BF16, PCS_FORMAT_E6M9, PCS_FORMAT_E4M3, PCS_FORMAT_DLFLOAT16};
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static bool inject;

/* A random contract and its storage. */
typedef struct job {
    pcs_fgemm_t gemm;
    pcs_accumulator_t accumulator;
    const char *name;
    pcs_stream_t stream;
    uint32_t a[M_MAX * K_MAX], b[K_MAX * N_MAX], c[OUTPUTS_MAX];
} job_t;

/* Magnitudes from a window of exponents: narrow ones are proven, wide ones round and overflow. */
static pcs_code_t code_near(const pcs_format_row_t *format, int center, int spread, bool sparse, check_rng_t *rng)
{
    const int64_t top = (INT64_C(1) << format->exponent_bits) - 1 - (format->top == PCS_TOP_IEEE ? 1 : 0);
    int64_t exponent = format->bias + center + check_range(rng, -spread, spread);
    exponent = exponent < 0 ? 0 : exponent > top ? top : exponent;
    uint32_t code = (uint32_t)exponent << format->mantissa_bits;
    code |= check_u32(rng) & ((UINT32_C(1) << format->mantissa_bits) - 1U);
    code = code > pcs_format_max(format).bits ? pcs_format_max(format).bits : code;
    code = sparse && check_u32(rng) % 2U == 0 && format->zero != PCS_ZERO_NONE ? 0 : code;
    const bool minus = format->sign == PCS_SIGN_SIGNED && check_u32(rng) % 2U != 0;
    const bool has_code = code != 0 || format->zero == PCS_ZERO_SIGNED;
    return (pcs_code_t){code | (minus && has_code ? UINT32_C(1) << (pcs_format_bits(format) - 1U) : 0U)};
}

static void fill(const pcs_format_row_t *format, void *codes, size_t count, int style, int center, check_rng_t *rng)
{
    static const int spreads[] = {0, 1, 3, 8, 20, 140};
    const int spread = spreads[style % 6];
    for (size_t i = 0; i < count; i++) {
        const bool any = style >= 30 || (style >= 24 && check_u32(rng) % 128U == 0);
        const pcs_code_t code =
            any ? float_case_code(format, rng) : code_near(format, center, spread, style % 4 == 1, rng);
        pcs_fcode_store(format, codes, i, code);
    }
}

/* Row 1 of A cancels: its second half is the negated first one, and B repeats. */
static void cancel(job_t *job)
{
    const pcs_fgemm_t *gemm = &job->gemm;
    const uint32_t sign = UINT32_C(1) << (pcs_format_bits(gemm->a.format) - 1U);
    const size_t half = gemm->k / 2;
    if (gemm->m < 2 || gemm->a.transposed || gemm->b.transposed || gemm->a.format->zero != PCS_ZERO_SIGNED ||
        gemm->a.format->sign == PCS_SIGN_UNSIGNED) {
        return;
    }
    for (size_t k = 0; k < half; k++) {
        const pcs_code_t x = pcs_fcode_load(gemm->a.format, job->a, gemm->a.ld + k);
        pcs_fcode_store(gemm->a.format, job->a, gemm->a.ld + half + k, (pcs_code_t){x.bits ^ sign});
        for (size_t n = 0; n < gemm->n; n++) {
            const pcs_code_t y = pcs_fcode_load(gemm->b.format, job->b, k * gemm->b.ld + n);
            pcs_fcode_store(gemm->b.format, job->b, (half + k) * gemm->b.ld + n, y);
        }
    }
}

/* False: the accumulator does not take the formats. */
static bool make(job_t *job, check_rng_t *rng)
{
    pcs_fgemm_t *gemm = &job->gemm;
    const pcs_format_row_t *a = &pcs_formats[operands[check_u32(rng) % COUNT_OF(operands)]];
    const pcs_format_row_t *b =
        check_u32(rng) % 2U == 0 ? a : &pcs_formats[operands[check_u32(rng) % COUNT_OF(operands)]];
    const pcs_format_row_t *c = &pcs_formats[addends[check_u32(rng) % COUNT_OF(addends)]];
    job->name = accumulators[check_u32(rng) % COUNT_OF(accumulators)];
    if (pcs_accumulator_parse(job->name, a, b, c, &job->accumulator, NULL) != PCS_OK) {
        return false;
    }
    *gemm = (pcs_fgemm_t){.m = 1 + check_u32(rng) % M_MAX,
                          .n = 1 + check_u32(rng) % N_MAX,
                          .k = 1 + check_u32(rng) % K_MAX,
                          .a = {.format = a, .codes = job->a, .transposed = check_u32(rng) % 4U == 0},
                          .b = {.format = b, .codes = job->b, .transposed = check_u32(rng) % 4U == 0},
                          .c_format = c,
                          .c = check_u32(rng) % 3U == 0 ? NULL : job->c,
                          .accumulator = &job->accumulator,
                          .random_bits = 1 + check_u32(rng) % 32U,
                          .stream = &job->stream};
    const unsigned period = job->accumulator.period;
    gemm->k = period != 0 ? period * (1 + gemm->k % (K_MAX / period)) : gemm->k;
    gemm->a.ld = gemm->a.transposed ? gemm->m : gemm->k;
    gemm->b.ld = gemm->b.transposed ? gemm->k : gemm->n;
    gemm->ldc = gemm->n;
    gemm->ldy = gemm->n;
    gemm->rounding =
        check_u32(rng) % 2U == 0 ? PCS_ROUNDING_RNE : (pcs_rounding_t)(check_u32(rng) % PCS_ROUNDING_COUNT);
    gemm->overflow = (pcs_overflow_t)(check_u32(rng) % PCS_OVERFLOW_COUNT);
    job->stream = pcs_stream(check_u32(rng), PCS_PURPOSE_TEST, 0, 0);
    const int style = (int)(check_u32(rng) % 32U);
    const int center = check_u32(rng) % 3U == 0 ? (int)check_range(rng, -70, 70) : 0;
    fill(a, job->a, gemm->m * gemm->k, style, center, rng);
    fill(b, job->b, gemm->k * gemm->n, style, center, rng);
    fill(c, job->c, gemm->m * gemm->n, style, 2 * center, rng);
    if (check_u32(rng) % 3U == 0) {
        cancel(job);
    }
    return true;
}

static bool same_counts(const pcs_fgemm_stats_t *x, const pcs_fgemm_stats_t *y)
{
    return x->outputs == y->outputs && x->inexact == y->inexact && x->underflow == y->underflow &&
           x->overflow == y->overflow && x->invalid == y->invalid && x->nan == y->nan;
}

static void compare(const job_t *job, const pcs_fgemm_config_t *config, const void *expected,
                    const pcs_fgemm_stats_t *expected_stats, uint64_t *ways, uint64_t *drawn)
{
    static uint32_t y[OUTPUTS_MAX];
    pcs_fgemm_t gemm = job->gemm;
    pcs_fgemm_stats_t stats;
    pcs_error_t err = {{0}};
    gemm.y = y;
    memset(y, 0xee, sizeof y);
    CHECK_OK(pcs_fgemm_run(&gemm, config, &stats, &err), &err);
    const char *kernel = pcs_kernel_name(config->kernel);
    size_t first = gemm.m * gemm.n;
    for (size_t i = gemm.m * gemm.n; i-- > 0;) {
        const uint32_t flip = inject && i == 0 ? 1U : 0U;
        const uint32_t code = pcs_fcode_load(gemm.c_format, y, i).bits ^ flip;
        first = code != pcs_fcode_load(gemm.c_format, expected, i).bits ? i : first;
    }
    const int way = stats.way[PCS_FGEMM_PROVEN] != 0   ? PCS_FGEMM_PROVEN
                    : stats.way[PCS_FGEMM_SINGLE] != 0 ? PCS_FGEMM_SINGLE
                    : stats.way[PCS_FGEMM_DOUBLE] != 0 ? PCS_FGEMM_DOUBLE
                                                       : PCS_FGEMM_DEFINED;
    CHECK(first == gemm.m * gemm.n,
          "fast %s of %s, %s * %s + %s, %zu x %zu x %zu, %s, %s, way %s: output %zu is %x, ref %x", kernel, job->name,
          gemm.a.format->name, gemm.b.format->name, gemm.c_format->name, gemm.m, gemm.n, gemm.k,
          pcs_rounding_name(gemm.rounding), pcs_overflow_name(gemm.overflow), pcs_fgemm_way_name((pcs_fgemm_way_t)way),
          first, pcs_fcode_load(gemm.c_format, y, first % (gemm.m * gemm.n)).bits,
          pcs_fcode_load(gemm.c_format, expected, first % (gemm.m * gemm.n)).bits);
    CHECK(same_counts(&stats, expected_stats),
          "fast %s of %s, %s * %s + %s, %s, way %s: %llu inexact %llu underflow %llu overflow %llu invalid %llu NaN; "
          "ref %llu %llu %llu %llu %llu",
          kernel, job->name, gemm.a.format->name, gemm.b.format->name, gemm.c_format->name,
          pcs_rounding_name(gemm.rounding), pcs_fgemm_way_name((pcs_fgemm_way_t)way), (unsigned long long)stats.inexact,
          (unsigned long long)stats.underflow, (unsigned long long)stats.overflow, (unsigned long long)stats.invalid,
          (unsigned long long)stats.nan, (unsigned long long)expected_stats->inexact,
          (unsigned long long)expected_stats->underflow, (unsigned long long)expected_stats->overflow,
          (unsigned long long)expected_stats->invalid, (unsigned long long)expected_stats->nan);
    for (int i = 0; i < PCS_FGEMM_WAYS; i++) {
        ways[i] += stats.way[i];
    }
    if (pcs_rounding_is_stochastic(gemm.rounding) && !job->accumulator.own_rounding) {
        *drawn += stats.way[PCS_FGEMM_DOUBLE];
    }
}

/* All ways by one kernel; by the others, one each in turn. */
static void compare_all(const job_t *job, uint32_t turn, uint64_t *ways, uint64_t *drawn)
{
    static const pcs_kernel_t kernels[] = {PCS_KERNEL_PORTABLE, PCS_KERNEL_AVX2, PCS_KERNEL_AVX512VNNI};
    static uint32_t expected[OUTPUTS_MAX];
    pcs_fgemm_t gemm = job->gemm;
    pcs_fgemm_stats_t stats;
    pcs_error_t err = {{0}};
    gemm.y = expected;
    const pcs_fgemm_config_t ref = {.executor = PCS_EXECUTOR_REF, .threads = 1};
    CHECK_OK(pcs_fgemm_run(&gemm, &ref, &stats, &err), &err);
    for (size_t i = 0; i < COUNT_OF(kernels); i++) {
        if (pcs_kernel_available(kernels[i])) {
            for (unsigned how = 0; how < 3; how++) {
                const pcs_fgemm_config_t config = {.executor = PCS_EXECUTOR_FAST,
                                                   .kernel = kernels[i],
                                                   .threads = turn % 16U == 0 ? how + 1 : 1,
                                                   .ordered = how == 1,
                                                   .own_products = how == 2};
                if (how == turn % 3U || kernels[i] == PCS_KERNEL_AVX512VNNI) {
                    compare(job, &config, expected, &stats, ways, drawn);
                }
            }
        }
    }
}

enum { TILE = 16, TILES = K_MAX / TILE };

/* Tiles with scales are what tiles of numbers are that had the scale in them: FP32 codes of a * 2^s. */
static void scaled_tiles(check_rng_t *rng)
{
    static const pcs_format_t elements[] = {PCS_FORMAT_E2M1, PCS_FORMAT_E4M3, PCS_FORMAT_E3M2};
    static uint32_t a[M_MAX * K_MAX], b[K_MAX * N_MAX], c[OUTPUTS_MAX], scaled[OUTPUTS_MAX], plain[OUTPUTS_MAX];
    static uint32_t wide_a[M_MAX * K_MAX], wide_b[K_MAX * N_MAX];
    uint8_t a_scales[M_MAX * TILES];
    uint8_t b_scales[TILES * N_MAX];
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    const pcs_format_row_t *element = &pcs_formats[elements[check_u32(rng) % COUNT_OF(elements)]];
    const size_t k = K_MAX - check_u32(rng) % (TILE / 2U);
    fill(element, a, M_MAX * k, (int)(check_u32(rng) % 24U), 0, rng);
    fill(element, b, k * N_MAX, (int)(check_u32(rng) % 24U), 0, rng);
    fill(fp32, c, OUTPUTS_MAX, 3, 0, rng);
    for (size_t i = 0; i < COUNT_OF(a_scales); i++) {
        a_scales[i] = (uint8_t)check_range(rng, 100, 150);
    }
    for (size_t i = 0; i < COUNT_OF(b_scales); i++) {
        b_scales[i] = (uint8_t)check_range(rng, 100, 150);
    }
    pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    for (size_t i = 0; i < M_MAX * k; i++) {
        pcs_parts_t x = pcs_decode(element, pcs_fcode_load(element, a, i));
        x.exponent += a_scales[i / k * TILES + i % k / TILE] - 127;
        wide_a[i] = pcs_round_pack(fp32, x, &exact).bits;
    }
    for (size_t i = 0; i < k * N_MAX; i++) {
        pcs_parts_t x = pcs_decode(element, pcs_fcode_load(element, b, i));
        x.exponent += b_scales[i / N_MAX / TILE * N_MAX + i % N_MAX] - 127;
        wide_b[i] = pcs_round_pack(fp32, x, &exact).bits;
    }
    pcs_accumulator_t tiles;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_accumulator_parse("tile:16", fp32, fp32, fp32, &tiles, &err), &err);
    pcs_fgemm_t gemm = {.m = M_MAX,
                        .n = N_MAX,
                        .k = k,
                        .a = {.format = fp32, .codes = wide_a, .ld = k},
                        .b = {.format = fp32, .codes = wide_b, .ld = N_MAX},
                        .c_format = fp32,
                        .c = c,
                        .y = plain,
                        .ldc = N_MAX,
                        .ldy = N_MAX,
                        .accumulator = &tiles,
                        .overflow = PCS_OVERFLOW_INF};
    const pcs_fgemm_config_t ref = {.executor = PCS_EXECUTOR_REF, .threads = 1};
    pcs_fgemm_stats_t stats;
    CHECK_OK(pcs_fgemm_run(&gemm, &ref, &stats, &err), &err);
    gemm.a = (pcs_foperand_t){.format = element, .codes = a, .ld = k, .scales = a_scales};
    gemm.b = (pcs_foperand_t){.format = element, .codes = b, .ld = N_MAX, .scales = b_scales};
    gemm.y = scaled;
    for (int executor = 0; executor < 2; executor++) {
        const pcs_fgemm_config_t config = {.executor = executor == 0 ? PCS_EXECUTOR_REF : PCS_EXECUTOR_FAST,
                                           .threads = 1};
        pcs_fgemm_stats_t scaled_stats;
        CHECK_OK(pcs_fgemm_run(&gemm, &config, &scaled_stats, &err), &err);
        CHECK(memcmp(plain, scaled, sizeof plain) == 0, "%s: tiles of %s with scales differ from scaled numbers",
              pcs_executor_name(config.executor), element->name);
        CHECK(same_counts(&stats, &scaled_stats), "%s: counts of tiles of %s with scales",
              pcs_executor_name(config.executor), element->name);
        CHECK(executor == 0 || scaled_stats.way[PCS_FGEMM_DOUBLE] == OUTPUTS_MAX, "%llu of %d outputs in lanes",
              (unsigned long long)scaled_stats.way[PCS_FGEMM_DOUBLE], OUTPUTS_MAX);
    }
    a_scales[0] = 255; /* a NaN scale makes its tile NaN, hence row 0 */
    const pcs_fgemm_config_t fast = {.executor = PCS_EXECUTOR_FAST, .threads = 1};
    CHECK_OK(pcs_fgemm_run(&gemm, &fast, &stats, &err), &err);
    CHECK(stats.nan == N_MAX && scaled[0] == 0x7fc00000, "%llu NaN from a NaN scale", (unsigned long long)stats.nan);
    gemm.b.scales = NULL;
    CHECK(pcs_fgemm_run(&gemm, &fast, NULL, &err) == PCS_INVALID, "scales of A only");
    gemm.b.scales = b_scales;
    CHECK_OK(pcs_accumulator_parse("fma", element, element, fp32, &tiles, &err), &err);
    CHECK(pcs_fgemm_run(&gemm, &fast, NULL, &err) == PCS_INVALID && strstr(err.text, "tile:N") != NULL,
          "fma with scales");
}

int main(int argc, char **argv)
{
    static job_t job;
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    const char *text = "300";
    (void)check_flag(argc, argv, "--count", &text);
    const uint32_t count = (uint32_t)strtoul(text, NULL, 10);
    uint64_t ways[PCS_FGEMM_WAYS] = {0};
    uint64_t drawn = 0;
    for (uint32_t i = 0; i < count;) {
        if (make(&job, &rng)) {
            compare_all(&job, i, ways, &drawn);
            i++;
        }
    }
    for (int i = 0; i < 8; i++) {
        scaled_tiles(&rng);
    }
    for (int way = 0; way < PCS_FGEMM_ARRAY; way++) { /* the ways of `fast` */
        printf("%llu outputs %s\n", (unsigned long long)ways[way], pcs_fgemm_way_name((pcs_fgemm_way_t)way));
        CHECK(ways[way] > 0 || inject, "no output took the way %s", pcs_fgemm_way_name((pcs_fgemm_way_t)way));
    }
    printf("%llu of them in lanes with stochastic roundings\n", (unsigned long long)drawn);
    CHECK(drawn > 0 || inject, "no stochastic rounding in lanes");
    return check_done("floating-point contracts");
}
