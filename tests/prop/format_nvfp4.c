/* NVFP4: the unit mxf4nvf4 against its definition in binary64, which holds every term; tiles with UE4M3 scales against
   tiles of numbers that had the scales in them; conversion against the nearest of all scales and elements, compared
   without a division; `fast` against `ref`.  --inject: the definition cuts off a bit earlier.  --count N: of each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/block.h"
#include "models/gemm/fgemm.h"
#include "tests/support/check.h"

enum { BLOCK = 16, GROUP = 64, F = 35, ZERO_EXPONENT = -139, K_MAX = 200, TILES_MAX = K_MAX / BLOCK + 1, M = 3, N = 5 };

static const double elements[] = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0};

static double element_of(uint32_t code)
{
    return (code & 8U) != 0 ? -elements[code & 7U] : elements[code & 7U];
}

/* A UE4M3 code, with its exponent as the unit takes it. */
static double scale_of(uint8_t code, int *exponent)
{
    const int field = (code & 0x7F) >> 3;
    *exponent = (field == 0 ? 1 : field) - 7;
    return ldexp((field == 0 ? 0.0 : 1.0) + (code & 7) / 8.0, *exponent);
}

static double number_of(uint32_t fp32)
{
    float x;
    memcpy(&x, &fp32, sizeof x);
    return (double)x;
}

/* To binary32, toward zero. */
static uint32_t toward_zero(double x)
{
    float y = (float)x;
    if (fabs((double)y) > fabs(x)) {
        y = nextafterf(y, 0.0F);
    }
    uint32_t code;
    memcpy(&code, &y, sizeof code);
    return x == 0.0 ? 0 : code;
}

/* ---- the unit ------------------------------------------------------------------------------------------------------
 */

typedef struct line {
    size_t k;
    pcs_code_t a[K_MAX], b[K_MAX];
    uint8_t a_scale[TILES_MAX], b_scale[TILES_MAX];
} line_t;

static double defined_group(const line_t *line, size_t first, size_t count, double c, int f)
{
    double term[GROUP / BLOCK + 1];
    int exponent[GROUP / BLOCK + 1];
    size_t terms = 0;
    for (size_t at = first; at < first + count; at += BLOCK) {
        int of_a = 0;
        int of_b = 0;
        const double scale = scale_of(line->a_scale[at / BLOCK], &of_a) * scale_of(line->b_scale[at / BLOCK], &of_b);
        double sum = 0.0;
        bool zeros = true;
        for (size_t i = at; i < at + BLOCK && i < first + count; i++) {
            const double product = element_of(line->a[i].bits) * element_of(line->b[i].bits);
            zeros = zeros && product == 0.0;
            sum += product;
        }
        term[terms] = sum * scale;
        exponent[terms++] = zeros || scale == 0.0 ? ZERO_EXPONENT : of_a + of_b;
    }
    const int of_c = c == 0.0 ? ZERO_EXPONENT : ilogb(c) < -126 ? -126 : ilogb(c);
    term[terms] = c;
    exponent[terms++] = of_c;
    int largest = exponent[0];
    for (size_t i = 1; i < terms; i++) {
        largest = exponent[i] > largest ? exponent[i] : largest;
    }
    double sum = 0.0;
    for (size_t i = 0; i < terms; i++) {
        sum += trunc(ldexp(term[i], f - largest));
    }
    return ldexp(sum, largest - f);
}

static uint32_t defined(const line_t *line, uint32_t c, int f)
{
    for (size_t first = 0; first < line->k; first += GROUP) {
        const size_t count = line->k - first < GROUP ? line->k - first : GROUP;
        c = toward_zero(defined_group(line, first, count, number_of(c), f));
    }
    return c;
}

/* Scales near each other, zeros and subnormals among them, no NaN. */
static uint8_t any_scale(check_rng_t *rng, int centre)
{
    const int64_t code = centre + check_range(rng, -12, 12);
    const uint8_t near = (uint8_t)(code < 0 ? 0 : code > 0x7E ? 0x7E : code);
    return check_u32(rng) % 16U == 0 ? 0 : near;
}

static void any_line(check_rng_t *rng, line_t *line)
{
    const uint32_t zeros = check_u32(rng) % 3U; /* a third of the lines is mostly zeros */
    const int centre = (int)check_range(rng, 0, 0x7E);
    line->k = (size_t)check_range(rng, 1, K_MAX);
    for (size_t i = 0; i < line->k; i++) {
        const bool zero = zeros == 0 && check_u32(rng) % 8U != 0;
        line->a[i].bits = zero ? (check_u32(rng) & 8U) : (check_u32(rng) & 15U);
        line->b[i].bits = check_u32(rng) & 15U;
    }
    for (size_t t = 0; t < TILES_MAX; t++) {
        line->a_scale[t] = any_scale(rng, centre) | (uint8_t)(check_u32(rng) & 0x80U); /* the sign is not looked at */
        line->b_scale[t] = any_scale(rng, centre);
    }
}

static uint32_t any_c(check_rng_t *rng)
{
    const uint32_t exponent = (uint32_t)check_range(rng, 90, 150) << 23U;
    const uint32_t code = exponent | (check_u32(rng) & 0x807FFFFFU);
    const uint32_t form = check_u32(rng) % 8U;
    return form == 0 ? 0 : form == 1 ? code & 0x807FFFFFU : code;
}

static void units(check_rng_t *rng, uint32_t count, bool inject)
{
    const pcs_format_row_t *e2m1 = &pcs_formats[PCS_FORMAT_E2M1];
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    pcs_accumulator_t accumulator;
    pcs_error_t err = {{0}};
    line_t line;
    int16_t scale[TILES_MAX];
    uint8_t factor[TILES_MAX];
    CHECK_OK(pcs_accumulator_parse("mxf4nvf4", e2m1, e2m1, fp32, &accumulator, &err), &err);
    for (uint32_t i = 0; i < count; i++) {
        any_line(rng, &line);
        for (size_t t = 0; t < TILES_MAX; t++) {
            pcs_dot_scale(PCS_SCALE_CODE_UE4M3, line.a_scale[t], line.b_scale[t], &scale[t], &factor[t]);
        }
        const pcs_code_t c = {any_c(rng)};
        const pcs_dot_t dot = {.a = e2m1,
                               .b = e2m1,
                               .c = fp32,
                               .k = line.k,
                               .accumulator = &accumulator,
                               .scale = scale,
                               .factor = factor};
        CHECK_OK(pcs_dot_check(&dot, &err), &err);
        pcs_dot_state_t state = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
        CHECK_EQ(pcs_dot(&dot, line.a, line.b, c, &state).bits, defined(&line, c.bits, inject ? F - 12 : F),
                 "mxf4nvf4 of %zu products, case %u", line.k, i);
        if (i == 0) {
            scale[0] = PCS_DOT_SCALE_NAN;
            CHECK_EQ(pcs_dot(&dot, line.a, line.b, c, &state).bits, 0x7FFFFFFF, "a NaN scale");
        }
    }
    int16_t nan;
    uint8_t ignored;
    pcs_dot_scale(PCS_SCALE_CODE_UE4M3, 0x38, 0x7F, &nan, &ignored);
    CHECK_EQ(nan, PCS_DOT_SCALE_NAN, "0x7f is NaN");
    CHECK(pcs_accumulator_parse("mxf4nvf4", &pcs_formats[PCS_FORMAT_E2M3], e2m1, fp32, &accumulator, &err) ==
              PCS_INVALID,
          "E2M1 only");
    CHECK_OK(pcs_accumulator_parse("blackwell", e2m1, e2m1, fp32, &accumulator, &err), &err);
    const pcs_dot_t dot = {
        .a = e2m1, .b = e2m1, .c = fp32, .k = GROUP, .accumulator = &accumulator, .scale = scale, .factor = factor};
    CHECK(pcs_dot_check(&dot, &err) == PCS_INVALID && strstr(err.text, "legal: tile:N, mxf4nvf4") != NULL, "%s",
          err.text);
}

/* ---- matrices ------------------------------------------------------------------------------------------------------
 */

static void matrices(check_rng_t *rng)
{
    static uint8_t a[M * K_MAX], b[K_MAX * N], a_scale[M * TILES_MAX], b_scale[TILES_MAX * N];
    static uint32_t wide_a[M * K_MAX], wide_b[K_MAX * N], c[M * N], y[3][M * N];
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    const pcs_format_row_t *e2m1 = &pcs_formats[PCS_FORMAT_E2M1];
    const size_t k = (size_t)check_range(rng, 1, K_MAX);
    const size_t tiles = (k + BLOCK - 1) / BLOCK;
    int ignored = 0;
    for (size_t i = 0; i < M * tiles; i++) {
        a_scale[i] = any_scale(rng, 60);
    }
    for (size_t i = 0; i < tiles * N; i++) {
        b_scale[i] = any_scale(rng, 50);
    }
    for (size_t i = 0; i < M * k; i++) {
        a[i] = (uint8_t)(check_u32(rng) & 15U);
        wide_a[i] = toward_zero(element_of(a[i]) * scale_of(a_scale[i / k * tiles + i % k / BLOCK], &ignored));
    }
    for (size_t i = 0; i < k * N; i++) {
        b[i] = (uint8_t)(check_u32(rng) & 15U);
        wide_b[i] = toward_zero(element_of(b[i]) * scale_of(b_scale[i / N / BLOCK * N + i % N], &ignored));
    }
    for (size_t i = 0; i < M * N; i++) {
        c[i] = any_c(rng);
    }
    pcs_accumulator_t accumulator;
    pcs_error_t err = {{0}};
    pcs_fgemm_t gemm = {.m = M,
                        .n = N,
                        .k = k,
                        .a = {.format = fp32, .codes = wide_a, .ld = k},
                        .b = {.format = fp32, .codes = wide_b, .ld = N},
                        .c_format = fp32,
                        .c = c,
                        .ldc = N,
                        .ldy = N,
                        .y = y[0],
                        .accumulator = &accumulator,
                        .overflow = PCS_OVERFLOW_INF};
    const pcs_fgemm_config_t executors[] = {{.executor = PCS_EXECUTOR_REF, .threads = 1},
                                            {.executor = PCS_EXECUTOR_FAST, .threads = 2}};
    CHECK_OK(pcs_accumulator_parse("tile:16", fp32, fp32, fp32, &accumulator, &err), &err);
    CHECK_OK(pcs_fgemm_run(&gemm, &executors[0], NULL, &err), &err);
    gemm.a = (pcs_foperand_t){.format = e2m1, .codes = a, .ld = k, .scales = a_scale};
    gemm.b = (pcs_foperand_t){.format = e2m1, .codes = b, .ld = N, .scales = b_scale};
    gemm.scale_code = PCS_SCALE_CODE_UE4M3;
    for (int unit = 0; unit < 2; unit++) {
        pcs_fgemm_stats_t stats[2];
        CHECK_OK(pcs_accumulator_parse(unit == 0 ? "tile:16" : "mxf4nvf4", e2m1, e2m1, fp32, &accumulator, &err), &err);
        for (int i = 0; i < 2; i++) {
            gemm.y = y[1 + i];
            CHECK_OK(pcs_fgemm_run(&gemm, &executors[i], &stats[i], &err), &err);
        }
        CHECK(unit == 1 || memcmp(y[0], y[1], sizeof y[0]) == 0, "tiles with UE4M3 scales differ from scaled numbers");
        CHECK(memcmp(y[1], y[2], sizeof y[0]) == 0 && stats[0].inexact == stats[1].inexact, "fast differs from ref");
    }
    a_scale[0] = 0xFF;
    pcs_fgemm_stats_t stats;
    CHECK_OK(pcs_fgemm_run(&gemm, &executors[1], &stats, &err), &err);
    CHECK_EQ(stats.nan, N, "a row with a NaN scale");
    gemm.stop_at_nan = true;
    CHECK(pcs_fgemm_run(&gemm, &executors[1], NULL, &err) == PCS_INVALID && strstr(err.text, "NaN") != NULL, "%s",
          err.text);
    gemm.block = 32;
    CHECK(pcs_fgemm_run(&gemm, &executors[1], NULL, &err) == PCS_INVALID && strstr(err.text, "groups of 16") != NULL,
          "%s", err.text);
}

/* ---- conversion ----------------------------------------------------------------------------------------------------
 */

/* The nearer of two neighbours, the even code in the middle: x against the middle of low and high, all times `by`. */
static bool takes_upper(double x, double low, double high, double by, uint32_t low_code)
{
    const double twice = 2.0 * x;
    const double middle = (low + high) * by;
    return twice > middle || (twice == middle && (low_code & 1U) != 0);
}

static void conversion(check_rng_t *rng)
{
    pcs_block_format_t format;
    pcs_error_t err = {{0}};
    double x[BLOCK];
    pcs_parts_t parts[BLOCK];
    pcs_code_t scale;
    pcs_code_t codes[BLOCK];
    const size_t n = (size_t)check_range(rng, 1, BLOCK);
    const int spread = (int)check_range(rng, -16, 16);
    double amax = 0.0;
    for (size_t i = 0; i < n; i++) {
        const int64_t integer = check_range(rng, -4096, 4096);
        x[i] = ldexp((double)integer, spread - 8);
        parts[i] = (pcs_parts_t){.class_ = integer == 0 ? PCS_CLASS_ZERO : PCS_CLASS_FINITE,
                                 .sign = integer < 0,
                                 .exponent = spread - 8,
                                 .significand = (uint64_t)llabs(integer)};
        amax = fabs(x[i]) > amax ? fabs(x[i]) : amax;
    }
    CHECK_OK(pcs_block_format_parse("nvfp4", PCS_SCALE_FLOOR, &format, &err), &err);
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE};
    pcs_block_format_quantize(&format, parts, n, &state, NULL, 0, &scale, codes);
    int ignored = 0;
    uint32_t expected = 0;
    while (expected < 0x7E && takes_upper(amax, scale_of((uint8_t)expected, &ignored),
                                          scale_of((uint8_t)(expected + 1U), &ignored), 6.0, expected)) {
        expected++;
    }
    CHECK_EQ(scale.bits, expected, "scale of %g", amax);
    const double by = scale_of((uint8_t)expected, &ignored);
    for (size_t i = 0; i < n; i++) {
        uint32_t code = 0;
        while (by > 0.0 && code < 7 && takes_upper(fabs(x[i]), elements[code], elements[code + 1U], by, code)) {
            code++;
        }
        CHECK_EQ(codes[i].bits & 7U, code, "%g over %g", x[i], by);
        const pcs_parts_t y = pcs_block_format_decode(&format, scale, codes[i]);
        const double value = y.class_ == PCS_CLASS_ZERO ? 0.0 : ldexp((double)y.significand, y.exponent);
        CHECK(value == elements[code] * by, "%g decoded as %g", x[i], value);
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    const char *text = "4000";
    (void)check_flag(argc, argv, "--count", &text);
    const uint32_t count = (uint32_t)strtoul(text, NULL, 10);
    units(&rng, count, inject);
    for (uint32_t i = 0; i < count; i++) {
        conversion(&rng);
    }
    for (uint32_t i = 0; i < count / 100; i++) {
        matrices(&rng);
    }
    return check_done("NVFP4");
}
