/* Known answers of dot products: Wang's chunks, the probes by which tensor cores were measured, names and bad input. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/format/dot.h"
#include "models/mac/float_mac.h"
#include "tests/support/check.h"

enum { K_MAX = 4096 };

static bool inject;

static pcs_code_t code_of(const pcs_format_row_t *format, double x)
{
    int exponent = 0;
    const double fraction = frexp(fabs(x), &exponent);
    const pcs_parts_t parts = {.class_ = isnan(x)   ? PCS_CLASS_NAN
                                         : isinf(x) ? PCS_CLASS_INF
                                         : x == 0.0 ? PCS_CLASS_ZERO
                                                    : PCS_CLASS_FINITE,
                               .sign = signbit(x) != 0,
                               .exponent = exponent - 53,
                               .significand = isfinite(x) ? (uint64_t)ldexp(fraction, 53) : 0};
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const pcs_code_t code = pcs_round_pack(format, parts, &state);
    CHECK(state.flags == 0, "%g is no number of %s", x, format->name);
    return code;
}

static double value_of(const pcs_format_row_t *format, pcs_code_t code)
{
    const pcs_parts_t x = pcs_decode(format, code);
    const double magnitude = x.class_ == PCS_CLASS_NAN   ? (double)NAN
                             : x.class_ == PCS_CLASS_INF ? (double)INFINITY
                                                         : ldexp((double)x.significand, x.exponent);
    return x.sign ? -magnitude : magnitude;
}

/* A dot product of numbers; those that are not listed are 0. */
typedef struct job {
    const char *accumulator;
    pcs_format_t operands, c_format;
    size_t k;
    double c, a[K_MAX], b[K_MAX];
} job_t;

static pcs_code_t run(const job_t *job)
{
    static pcs_code_t a[K_MAX];
    static pcs_code_t b[K_MAX];
    pcs_accumulator_t accumulator;
    pcs_error_t err = {{0}};
    const pcs_dot_t dot = {.a = &pcs_formats[job->operands],
                           .b = &pcs_formats[job->operands],
                           .c = &pcs_formats[job->c_format],
                           .k = job->k,
                           .accumulator = &accumulator};
    CHECK_OK(pcs_accumulator_parse(job->accumulator, dot.a, dot.b, dot.c, &accumulator, &err), &err);
    CHECK_OK(pcs_dot_check(&dot, &err), &err);
    for (size_t i = 0; i < job->k; i++) {
        a[i] = code_of(dot.a, job->a[i]);
        b[i] = code_of(dot.b, job->b[i]);
    }
    pcs_dot_state_t state = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
    return pcs_dot(&dot, a, b, code_of(dot.c, job->c), &state);
}

static void expect(const job_t *job, double expected, const char *what)
{
    const pcs_code_t code = run(job);
    const double value = value_of(&pcs_formats[job->c_format], code);
    CHECK(value == expected && signbit(value) == signbit(expected), "%s, %s: %a, not %a", job->accumulator, what, value,
          expected);
}

/* k ones, summed in a format. */
static void ones(const char *accumulator, pcs_format_t format, size_t k, double expected)
{
    static job_t job;
    job = (job_t){.accumulator = accumulator, .operands = PCS_FORMAT_FP16, .c_format = format, .k = k};
    for (size_t i = 0; i < k; i++) {
        job.a[i] = 1.0;
        job.b[i] = 1.0;
    }
    expect(&job, expected, "sum of ones");
}

static void partition_sums(void)
{
    ones("fma", PCS_FORMAT_E5M2, 10, 8.0);
    ones("fma", PCS_FORMAT_BF16, 1000, inject ? 257.0 : 256.0);
    ones("fma", PCS_FORMAT_E6M9, 4096, 1024.0);
    ones("mul-add", PCS_FORMAT_E6M9, 4096, 1024.0);
    ones("fma", PCS_FORMAT_FP16, 4096, 2048.0);
    ones("chunk:64", PCS_FORMAT_E6M9, 4096, 4096.0);
    ones("chunk:64", PCS_FORMAT_DLFLOAT16, 4096, 4096.0);
    ones("pairwise", PCS_FORMAT_E6M9, 4096, 4096.0);
    ones("exact", PCS_FORMAT_E6M9, 4095, 4096.0);
    ones("tile:16", PCS_FORMAT_BF16, 4096, 4096.0);
}

/* Published probes: how many bits below the largest exponent a unit keeps, and what it cuts off. */
static void fraction_bits(const char *accumulator, pcs_format_t operands, pcs_format_t c_format, int f)
{
    const double x = (2.0 - 0x1p-10) * 0x1p-14;
    job_t job = {.accumulator = accumulator, .operands = operands, .c_format = c_format, .k = 4, .c = x};
    for (int p = f - 26; p <= f - 22; p++) {
        job.a[0] = ldexp(1.0, p / 2);
        job.b[0] = ldexp(1.0, p - p / 2);
        job.a[1] = -job.a[0];
        job.b[1] = job.b[0];
        const double unit = ldexp(1.0, p - f);
        expect(&job, floor(x / unit) * unit, "kept bits");
    }
}

static void probes(void)
{
    fraction_bits("volta", PCS_FORMAT_FP16, PCS_FORMAT_FP32, 23);
    fraction_bits("turing", PCS_FORMAT_FP16, PCS_FORMAT_FP32, 24);
    fraction_bits("ampere", PCS_FORMAT_BF16, PCS_FORMAT_FP32, 24);
    fraction_bits("ada", PCS_FORMAT_TF32, PCS_FORMAT_FP32, 24);
    fraction_bits("ada", PCS_FORMAT_E5M2, PCS_FORMAT_FP32, 13);
    fraction_bits("hopper", PCS_FORMAT_E5M2, PCS_FORMAT_FP32, 13);
    fraction_bits("hopper", PCS_FORMAT_FP16, PCS_FORMAT_FP16, 25);
    fraction_bits("blackwell", PCS_FORMAT_E5M2, PCS_FORMAT_FP32, 25);
    fraction_bits("aligned:f=30", PCS_FORMAT_BF16, PCS_FORMAT_FP32, 30);

    /* a product's exponent is the sum of its operands', also when the significand is 2 or more */
    job_t job = {.accumulator = "turing", .operands = PCS_FORMAT_FP16, .c_format = PCS_FORMAT_FP32, .k = 2};
    job.c = (2.0 - 0x1p-10) * 0x1p-14;
    job.a[0] = 1.5, job.b[0] = 1.5, job.a[1] = -1.5, job.b[1] = 1.5;
    expect(&job, job.c, "1.5 * 1.5 is not normalised: exponent 0");
    job.a[0] = 2.25, job.b[0] = 1.0, job.a[1] = -2.25, job.b[1] = 1.0;
    expect(&job, job.c - 0x1p-24, "2.25 * 1: exponent 1");
}

/* One large product and its negative as the addend: what small ones survive shows the groups. */
static void groups(const char *accumulator, pcs_format_t operands, size_t k, double survivors)
{
    static job_t job;
    job = (job_t){.accumulator = accumulator, .operands = operands, .c_format = PCS_FORMAT_FP32, .k = k, .c = -0x1p14};
    for (size_t i = 0; i < k; i++) {
        job.a[i] = i == 0 ? 0x1p7 : 0x1p-6;
        job.b[i] = i == 0 ? 0x1p7 : 0x1p-6;
    }
    expect(&job, survivors * 0x1p-12, "small products outside the large one's group");
}

static void group_sizes(void)
{
    groups("volta", PCS_FORMAT_FP16, 16, 12.0);
    groups("turing", PCS_FORMAT_FP16, 16, 8.0);
    groups("ampere", PCS_FORMAT_FP16, 16, 8.0);
    groups("ampere", PCS_FORMAT_TF32, 8, 4.0);
    groups("ada", PCS_FORMAT_E4M3, 32, 16.0);
    groups("hopper", PCS_FORMAT_BF16, 32, 16.0);
    groups("hopper", PCS_FORMAT_TF32, 16, 8.0);
    groups("hopper", PCS_FORMAT_E4M3, 64, 32.0);
    groups("blackwell", PCS_FORMAT_E5M2, 64, 32.0);
    groups("aligned:f=24,groups=0.2/3.1", PCS_FORMAT_FP16, 8, 6.0);
    groups("exact", PCS_FORMAT_FP16, 16, 15.0);
}

static void special_values(void)
{
    job_t job = {.accumulator = "hopper", .operands = PCS_FORMAT_BF16, .c_format = PCS_FORMAT_FP32, .k = 2};
    job.a[0] = 0.75, job.b[0] = 0x1p127, job.a[1] = 0.75, job.b[1] = 0x1p127, job.c = 0x1p125 * (2.0 - 0x1p-23);
    expect(&job, (2.0 - 0x1p-23) * 0x1p127, "toward zero below 2^128");
    job.a[0] = 1.0, job.a[1] = 1.0, job.c = 0.0;
    expect(&job, (double)INFINITY, "2^128");
    job.a[0] = -1.0, job.a[1] = -1.0;
    expect(&job, (double)-INFINITY, "-2^128");
    job.a[0] = -0.0, job.a[1] = -0.0, job.b[0] = 1.0, job.b[1] = 1.0, job.c = -0.0;
    expect(&job, 0.0, "minus zeros");
    job.a[0] = (double)INFINITY, job.b[0] = -1.0;
    expect(&job, (double)-INFINITY, "infinity");
    job.a[1] = (double)INFINITY;
    CHECK_EQ(run(&job).bits, 0x7fffffff, "unlike infinities");
    job.operands = PCS_FORMAT_FP16, job.c_format = PCS_FORMAT_FP16;
    CHECK_EQ(run(&job).bits, 0x7fff, "unlike infinities in FP16");
    job.accumulator = "cdna3", job.c_format = PCS_FORMAT_FP32;
    CHECK_EQ(run(&job).bits, 0x7fc00000, "unlike infinities on CDNA3");
}

static void cdna(void)
{
    job_t job = {.accumulator = "cdna3", .operands = PCS_FORMAT_FP16, .c_format = PCS_FORMAT_FP32, .k = 2, .c = 1.0};
    job.a[0] = 0x1p-12, job.b[0] = 0x1p-12, job.a[1] = 0x1p-12, job.b[1] = 0x1p-19;
    expect(&job, 1.0 + 0x1p-23, "31 bits below the larger exponent are kept");
    job.b[1] = 0x1p-20;
    expect(&job, 1.0, "the 32nd is not");
    job.a[0] = 1.0, job.b[0] = 1.0, job.a[1] = 0.0, job.b[1] = 0.0, job.c = -0x1p-40;
    expect(&job, 1.0 - 0x1p-24, "an addend far below is floored");
    job.operands = PCS_FORMAT_E4M3_FNUZ;
    job.c = -0x1p-25;
    expect(&job, 1.0 - 0x1p-24, "FP8: an exponent 25 below counts");
    job.c = -0x1p-26;
    expect(&job, 1.0, "FP8: one 26 below does not");

    job.operands = PCS_FORMAT_FP16, job.accumulator = "cdna2", job.c = 0x1p-130;
    job.a[0] = 0x1p-15, job.b[0] = 1.0, job.a[1] = 0.0;
    expect(&job, 0.0, "CDNA2 has no subnormals");
    job.accumulator = "cdna1";
    expect(&job, 0x1p-15, "CDNA1 has");
    /* (2^24 + 1) + (1 + 0): pairs, where the exact sum would be 2^24 + 2 */
    job = (job_t){.accumulator = "cdna1", .operands = PCS_FORMAT_FP16, .c_format = PCS_FORMAT_FP32, .k = 4};
    job.a[0] = 0x1p12, job.b[0] = 0x1p12;
    for (int i = 1; i < 4; i++) {
        job.a[i] = 1.0;
        job.b[i] = i == 3 ? 0.0 : 1.0;
    }
    expect(&job, 0x1p24, "pairs");
    job.accumulator = "cdna1-exact";
    expect(&job, 0x1p24 + 2.0, "exact");
}

/* mma.sync on FP8: products k mod 4 in {2, 3} come after the others, c last of all. */
static void interleaved(void)
{
    job_t job = {.accumulator = "hopper-mma-fp8", .operands = PCS_FORMAT_E5M2, .c_format = PCS_FORMAT_FP16, .k = 32};
    job.a[0] = 2048.0, job.b[0] = 1.0;
    job.a[1] = 1.0, job.b[1] = 1.0; /* same step: 2049, a tie, to even */
    expect(&job, 2048.0, "2048 + 1");
    job.a[6] = 1.0, job.b[6] = 1.0;
    expect(&job, 2048.0, "+ 1 in the second step");
    job.a[6] = 0.0, job.a[8] = 1.0, job.b[8] = 1.0;
    expect(&job, 2050.0, "+ 1 in the first step");
    job.c = 1.0;
    expect(&job, 2052.0, "c is rounded apart: 2051, a tie");
}

/* FP32 codes are read as TF32. */
static void truncated_inputs(void)
{
    check_rng_t rng = {7, 0};
    for (int i = 0; i < 2000; i++) {
        pcs_code_t wide[8];
        pcs_code_t narrow[8];
        for (int j = 0; j < 8; j++) {
            wide[j].bits = check_u32(&rng) & 0xc1ffffffU; /* far from infinity */
            narrow[j].bits = wide[j].bits >> 13U;
        }
        pcs_accumulator_t as_fp32;
        pcs_accumulator_t as_tf32;
        const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
        const pcs_format_row_t *tf32 = &pcs_formats[PCS_FORMAT_TF32];
        pcs_error_t err = {{0}};
        CHECK_OK(pcs_accumulator_parse("ampere", fp32, fp32, fp32, &as_fp32, &err), &err);
        CHECK_OK(pcs_accumulator_parse("ampere", tf32, tf32, fp32, &as_tf32, &err), &err);
        const pcs_dot_t dot32 = {.a = fp32, .b = fp32, .c = fp32, .k = 4, .accumulator = &as_fp32};
        const pcs_dot_t dot19 = {.a = tf32, .b = tf32, .c = fp32, .k = 4, .accumulator = &as_tf32};
        pcs_dot_state_t state = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
        CHECK_EQ(pcs_dot(&dot32, wide, wide + 4, wide[0], &state).bits,
                 pcs_dot(&dot19, narrow, narrow + 4, wide[0], &state).bits, "FP32 operands as TF32");
    }
}

static void promotion(void)
{
    static job_t job;
    job = (job_t){.accumulator = "hopper", .operands = PCS_FORMAT_E4M3, .c_format = PCS_FORMAT_FP32, .k = 4096};
    for (size_t i = 0; i < job.k; i++) {
        job.a[i] = 1.0;
        job.b[i] = i % 32 == 0 ? 1.125 : 1.0;
    }
    /* 128 groups of 32.125; from 1024 on the last kept bit weighs 2^-3, from 2048 on 2^-2 */
    expect(&job, 128.0 * 32.125 - 64.0 * 0.125, "FP22");
    job.accumulator = "hopper+promote:128";
    expect(&job, 128.0 * 32.125, "FP32 every 128 products");
}

/* MXFP8 on Blackwell: 32 products of 1, times 2^-30 in all, beside an addend of 1; then NaN as a scale. */
static void block_scales(void)
{
    const pcs_format_row_t *e4m3 = &pcs_formats[PCS_FORMAT_E4M3];
    const pcs_format_row_t *e2m1 = &pcs_formats[PCS_FORMAT_E2M1];
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    pcs_accumulator_t accumulator;
    pcs_error_t err = {{0}};
    pcs_code_t a[64];
    pcs_code_t b[64];
    for (size_t i = 0; i < 64; i++) {
        a[i] = (pcs_code_t){0x38};
        b[i] = (pcs_code_t){0x2};
    }
    int16_t scale[2] = {-26, -20};
    CHECK_OK(pcs_accumulator_parse("blackwell", e4m3, e2m1, fp32, &accumulator, &err), &err);
    const pcs_dot_t dot = {.a = e4m3, .b = e2m1, .c = fp32, .k = 64, .accumulator = &accumulator, .scale = scale};
    CHECK_OK(pcs_dot_check(&dot, &err), &err);
    pcs_dot_state_t state = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
    const pcs_code_t one = {0x3f800000};
    /* 2^-26 is below 2^-25 of the one and cut off, 32 times; 2^-20 is not, and makes 2^-15 */
    CHECK_EQ(pcs_dot(&dot, a, b, one, &state).bits, 0x3f800100, "aligned with the scale");
    CHECK_EQ(pcs_dot(&dot, a, b, (pcs_code_t){0}, &state).bits, 0x38020000, "and without an addend");
    scale[1] = PCS_DOT_SCALE_NAN;
    CHECK_EQ(pcs_dot(&dot, a, b, one, &state).bits, 0x7fffffff, "a NaN scale");
    CHECK_OK(pcs_accumulator_parse("blackwell+promote:48", e4m3, e2m1, fp32, &accumulator, &err), &err);
    CHECK(pcs_dot_check(&dot, &err) == PCS_INVALID && strstr(err.text, "scales") != NULL, "%s", err.text);
}

/* The accumulator `register` is the MAC unit: every step of models/mac/float_mac.h, its result and what its flags say.
 */
static void register_is_the_unit(void)
{
    check_rng_t rng = {11, 0};
    static const struct {
        pcs_format_t a, b;
        const char *name;
        int anchor;
        unsigned bits;
        bool saturate;
    } cases[] = {{PCS_FORMAT_E4M3, PCS_FORMAT_E4M3, "register:anchor=-20,bits=48", -20, 48, false},
                 {PCS_FORMAT_E4M3, PCS_FORMAT_E5M2, "register:anchor=-4,bits=24", -4, 24, false},
                 {PCS_FORMAT_E5M2, PCS_FORMAT_E5M2, "register:anchor=-8,bits=30,overflow=sat", -8, 30, true},
                 {PCS_FORMAT_FP16, PCS_FORMAT_BF16, "register:anchor=-48,bits=96", -48, 96, false}};
    for (size_t i = 0; i < 4000; i++) {
        const size_t which = i % (sizeof cases / sizeof cases[0]);
        const pcs_format_row_t *fa = &pcs_formats[cases[which].a];
        const pcs_format_row_t *fb = &pcs_formats[cases[which].b];
        pcs_accumulator_t accumulator;
        pcs_error_t err = {{0}};
        CHECK_OK(pcs_accumulator_parse(cases[which].name, fa, fb, &pcs_formats[PCS_FORMAT_FP32], &accumulator, &err),
                 &err);
        pcs_code_t a[24];
        pcs_code_t b[24];
        pcs_float_mac_t mac = {
            .acc_bits = cases[which].bits, .anchor = cases[which].anchor, .saturate = cases[which].saturate};
        const bool finite = i % 3 != 0;
        for (size_t k = 0; k < 24; k++) {
            a[k].bits = check_u32(&rng) % (UINT32_C(1) << pcs_format_bits(fa));
            b[k].bits = check_u32(&rng) % (UINT32_C(1) << pcs_format_bits(fb));
            a[k].bits = finite && pcs_decode(fa, a[k]).class_ > PCS_CLASS_FINITE ? 0 : a[k].bits;
            b[k].bits = finite && pcs_decode(fb, b[k]).class_ > PCS_CLASS_FINITE ? 0 : b[k].bits;
            pcs_float_mac_step(&mac, cases[which].a, a[k], cases[which].b, b[k]);
        }
        const pcs_dot_t dot = {
            .a = fa, .b = fb, .c = &pcs_formats[PCS_FORMAT_FP32], .k = 24, .accumulator = &accumulator};
        pcs_dot_state_t state = {.fp = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF}};
        unsigned flags = 0;
        const pcs_code_t expected = pcs_float_mac_result(&mac, &flags);
        CHECK_EQ(pcs_dot(&dot, a, b, (pcs_code_t){0}, &state).bits, expected.bits, "%s, case %zu", cases[which].name,
                 i);
        const bool cut = (mac.flags >> PCS_FLOAT_MAC_FLAG_INEXACT & 1U) != 0;
        const bool over = (mac.flags >> PCS_FLOAT_MAC_FLAG_OVERFLOW & 1U) != 0;
        flags |= (cut || over ? (unsigned)PCS_FLAG_INEXACT : 0U) | (over ? (unsigned)PCS_FLAG_OVERFLOW : 0U);
        CHECK_EQ(state.fp.flags & ~(unsigned)PCS_FLAG_INVALID, flags, "flags of %s, case %zu", cases[which].name, i);
    }
}

static void refused(const char *accumulator, pcs_format_t a, pcs_format_t b, pcs_format_t c, const char *says)
{
    pcs_error_t err = {{0}};
    pcs_accumulator_t parsed;
    const pcs_status_t status =
        pcs_accumulator_parse(accumulator, &pcs_formats[a], &pcs_formats[b], &pcs_formats[c], &parsed, &err);
    CHECK(status == PCS_INVALID && strstr(err.text, says) != NULL, "%s: '%s' does not say '%s'", accumulator, err.text,
          says);
}

static void bad_input(void)
{
    const pcs_format_t half = PCS_FORMAT_FP16;
    const pcs_format_t wide = PCS_FORMAT_FP32;
    refused("kulisch", half, half, wide, "legal: exact|fma");
    refused("chunk", half, half, wide, "chunk:N, N 1..65536");
    refused("chunk:0", half, half, wide, "N 1..65536");
    refused("chunk:8x", half, half, wide, "N 1..65536");
    refused("fma:2", half, half, wide, "legal: fma");
    refused("volta", PCS_FORMAT_BF16, PCS_FORMAT_BF16, wide, "operands bf16 and bf16");
    refused("ampere", half, PCS_FORMAT_BF16, wide, "operands fp16 and bf16");
    refused("hopper", PCS_FORMAT_BF16, PCS_FORMAT_BF16, half, "with c fp16");
    refused("hopper", PCS_FORMAT_E2M1, PCS_FORMAT_E4M3, wide, "operands e2m1 and e4m3");
    refused("blackwell", PCS_FORMAT_E2M1, half, wide, "operands e2m1 and fp16");
    refused("register:bits=48", half, half, wide, "anchor=-300..127 (due)");
    refused("register:anchor=-301", half, half, wide, "anchor=-300..127");
    refused("register:anchor=-20,bits=97", half, half, wide, "bits=16..96");
    refused("register:anchor=-20,overflow=stop", half, half, wide, "overflow=wrap|sat");
    refused("hopper+promote:0", half, half, wide, "+promote:N");
    refused("aligned:f=13", half, half, wide, "narrower than a product");
    refused("aligned:f=49", half, half, wide, "f=1..48");
    refused("aligned:f=24,groups=0.1/1.2", half, half, wide, "repeats index 1");
    refused("aligned:f=24,groups=0.1/3.4", half, half, wide, "misses one");
    refused("aligned:f=24,groups=0,,", half, half, wide, "KEY=VALUE");
    refused("aligned:f=24,round=sr", half, half, wide, "round=rne");
    refused("aligned:f=24,out=e9m9", half, half, wide, "out=FORMAT");
    pcs_error_t err = {{0}};
    pcs_accumulator_t accumulator;
    const pcs_format_row_t *format = &pcs_formats[half];
    CHECK_OK(pcs_accumulator_parse("aligned:f=24,groups=0.1/3.2", format, format, format, &accumulator, &err), &err);
    const pcs_dot_t dot = {.a = format, .b = format, .c = format, .k = 6, .accumulator = &accumulator};
    CHECK(pcs_dot_check(&dot, &err) == PCS_INVALID && strstr(err.text, "a multiple of 4") != NULL, "%s", err.text);
}

int main(int argc, char **argv)
{
    inject = check_flag(argc, argv, "--inject", NULL);
    partition_sums();
    probes();
    group_sizes();
    special_values();
    cdna();
    interleaved();
    truncated_inputs();
    promotion();
    block_scales();
    register_is_the_unit();
    bad_input();
    return check_done("known answers");
}
