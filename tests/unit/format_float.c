/* Known answers of the number formats: ranges as published, OFP8 conversion limits, double rounding, IEEE's special
   cases, partition sums.  --inject corrupts one expected value. */
#include <math.h>
#include <string.h>

#include "models/format/float.h"
#include "tests/support/check.h"
#include "tests/support/oracle.h"

static const pcs_format_row_t *row(const char *name)
{
    const pcs_format_t format = pcs_format_by_name(name);
    PCS_ASSERT(format != PCS_FORMAT_COUNT);
    return &pcs_formats[format];
}

static double value(const pcs_format_row_t *format, uint32_t code)
{
    const pcs_parts_t x = pcs_decode(format, (pcs_code_t){code});
    const double magnitude = x.class_ == PCS_CLASS_NAN    ? (double)NAN
                             : x.class_ == PCS_CLASS_INF  ? (double)INFINITY
                             : x.class_ == PCS_CLASS_ZERO ? 0.0
                                                          : ldexp((double)x.significand, x.exponent);
    return x.sign ? -magnitude : magnitude;
}

static uint32_t fp32_code(float x)
{
    uint32_t bits = 0;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static uint32_t to(const char *name, float x, pcs_rounding_t rounding, pcs_overflow_t overflow, unsigned *flags)
{
    pcs_fpstate_t state = {.rounding = rounding, .overflow = overflow};
    const uint32_t code = pcs_float_convert(row("fp32"), (pcs_code_t){fp32_code(x)}, row(name), &state).bits;
    *flags = state.flags;
    return code;
}

static void ranges(void)
{
    CHECK_EQ(PCS_FORMAT_COUNT, ORACLE_FORMATS, "every format has an oracle");
    for (int i = 0; i < ORACLE_FORMATS; i++) {
        const oracle_format_t *f = &oracle_formats[i];
        const pcs_format_row_t *format = row(f->name);
        CHECK_EQ(pcs_format_bits(format), f->bits, "%s", f->name);
        CHECK_EQ(pcs_format_max(format).bits, f->max, "%s", f->name);
        CHECK(value(format, f->max) == f->max_value, "%s: max %g", f->name, value(format, f->max));
        const uint32_t smallest = f->zero ? 1 : 0;
        CHECK(value(format, smallest) == f->min_value, "%s: min %g", f->name, value(format, smallest));
        CHECK_EQ(pcs_format_has_nan(format), f->nan != ORACLE_NONE, "%s", f->name);
        CHECK_EQ(pcs_format_has_inf(format), f->inf != ORACLE_NONE, "%s", f->name);
    }
    CHECK_EQ(pcs_format_by_name("fp7"), PCS_FORMAT_COUNT, "a format that does not exist");
}

/* binary32 directly and through FP16, numerics of the E5M2 emulators. */
static void double_rounding(float expected_first)
{
    const struct {
        float x, direct, via;
    } cases[] = {
        {1.125F, expected_first, 1.0F}, {1.125F + 0x1p-12F, 1.25F, 1.0F}, {1.125F + 0x1p-11F, 1.25F, 1.0F},
        {1.375F, 1.5F, 1.5F},           {61440.0F, INFINITY, INFINITY},   {0x1p-17F, 0.0F, 0.0F},
        {0x1.004p-17F, 0x1p-16F, 0.0F}, {0x1.8p-17F, 0x1p-16F, 0x1p-16F},
    };
    const pcs_format_row_t *e5m2 = row("e5m2");
    const pcs_format_row_t *fp16 = row("fp16");
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const pcs_code_t x = {fp32_code(cases[i].x)};
        const pcs_code_t direct = pcs_float_convert(row("fp32"), x, e5m2, &state);
        const pcs_code_t half = pcs_float_convert(row("fp32"), x, fp16, &state);
        const pcs_code_t via = pcs_float_convert(fp16, half, e5m2, &state);
        CHECK(value(e5m2, direct.bits) == (double)cases[i].direct, "%a direct: %g, not %g", (double)cases[i].x,
              value(e5m2, direct.bits), (double)cases[i].direct);
        CHECK(value(e5m2, via.bits) == (double)cases[i].via, "%a via fp16: %g", (double)cases[i].x,
              value(e5m2, via.bits));
    }
}

static void ofp8_limits(void)
{
    const struct {
        const char *format;
        float x;
        pcs_rounding_t rounding;
        pcs_overflow_t overflow;
        uint32_t code;
        unsigned flags;
    } cases[] = {
        {"e4m3", 464.0F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x7e, PCS_FLAG_INEXACT},
        {"e4m3", 0x1.d00002p8F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x7f,
         PCS_FLAG_INEXACT | PCS_FLAG_OVERFLOW | PCS_FLAG_INVALID},
        {"e4m3", 0x1.d00002p8F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x7e, PCS_FLAG_INEXACT | PCS_FLAG_OVERFLOW},
        {"e4m3", -0x1.d00002p8F, PCS_ROUNDING_RUP, PCS_OVERFLOW_INF, 0xfe, PCS_FLAG_INEXACT},
        {"e4m3", -480.0F, PCS_ROUNDING_RUP, PCS_OVERFLOW_INF, 0xfe, PCS_FLAG_INEXACT | PCS_FLAG_OVERFLOW},
        {"e4m3", 0x1p-10F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x00, PCS_FLAG_INEXACT | PCS_FLAG_UNDERFLOW},
        {"e4m3", 0x1.8p-10F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x01, PCS_FLAG_INEXACT | PCS_FLAG_UNDERFLOW},
        {"e4m3", INFINITY, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x7e, 0},
        {"e4m3", INFINITY, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x7f, PCS_FLAG_INVALID},
        {"e5m2", 0x1.dffffep15F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x7b, PCS_FLAG_INEXACT},
        {"e5m2", 61440.0F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 0x7c, PCS_FLAG_INEXACT | PCS_FLAG_OVERFLOW},
        {"e5m2", INFINITY, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x7b, 0},
        {"e5m2", INFINITY, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT_INF, 0x7c, 0},
        {"e5m2", NAN, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x7e, 0},
        {"e8m0", 0x1p-127F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x00, 0},
        {"e8m0", 0x1p-128F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x00, PCS_FLAG_INEXACT | PCS_FLAG_UNDERFLOW},
        {"e8m0", 0x1p127F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0xfe, 0},
        {"e8m0", -1.0F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0xff, PCS_FLAG_INVALID},
        {"e8m0", NAN, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0xff, 0},
        {"e2m1", 7.9F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x7, PCS_FLAG_INEXACT | PCS_FLAG_OVERFLOW},
        {"e4m3fnuz", -0.0F, PCS_ROUNDING_RNE, PCS_OVERFLOW_SAT, 0x00, 0},
        {"dlfloat16", 0x1p-31F, PCS_ROUNDING_RNA, PCS_OVERFLOW_SAT, 0x0001, PCS_FLAG_INEXACT | PCS_FLAG_UNDERFLOW},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned flags = 0;
        CHECK_EQ(to(cases[i].format, cases[i].x, cases[i].rounding, cases[i].overflow, &flags), cases[i].code,
                 "%s of %a", cases[i].format, (double)cases[i].x);
        CHECK_EQ(flags, cases[i].flags, "flags of %s of %a", cases[i].format, (double)cases[i].x);
    }
}

/* binary32 to bfloat16 to E8M0 rounds twice. */
static void scale_rounds_twice(void)
{
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_SAT};
    const pcs_code_t x = {fp32_code(0x1.7ffffep0F)};
    const pcs_code_t direct = pcs_float_convert(row("fp32"), x, row("e8m0"), &state);
    const pcs_code_t brain = pcs_float_convert(row("fp32"), x, row("bf16"), &state);
    CHECK_EQ(direct.bits, 127, "just below 1.5 is nearest to 1");
    CHECK_EQ(pcs_float_convert(row("bf16"), brain, row("e8m0"), &state).bits, 128, "through bf16 it is a tie");
}

/* x becomes 2 in fp16 and so on: sums of ones stall at 2^(m+1). */
static void partition_sums(void)
{
    const struct {
        const char *format;
        int count;
        double sum;
    } cases[] = {{"e5m2", 10, 8}, {"bf16", 1000, 256}, {"e6m9", 10000, 1024}, {"fp16", 10000, 2048}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
        unsigned flags = 0;
        const pcs_code_t one = {to(cases[i].format, 1.0F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, &flags)};
        pcs_code_t sum = {0};
        for (int k = 0; k < cases[i].count; k++) {
            sum = pcs_float_fma(row(cases[i].format), one, one, sum, &state);
        }
        CHECK(value(row(cases[i].format), sum.bits) == cases[i].sum, "%s", cases[i].format);
    }
}

/* Each constant step of plain and of Kahan-compensated descent. */
static void kahan_steps(void)
{
    const struct {
        const char *format;
        float step;
        double plain, kahan;
    } cases[] = {{"fp16", 0x1p-12F, 1, 0}, {"fp16", 0x1p-14F, 1, 0.75}, {"bf16", 0x1p-9F, 1, -7}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const pcs_format_row_t *f = row(cases[i].format);
        pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
        unsigned flags = 0;
        const pcs_code_t down = {to(cases[i].format, -cases[i].step, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, &flags)};
        pcs_code_t plain = {to(cases[i].format, 1.0F, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, &flags)};
        pcs_code_t w = plain;
        pcs_code_t c = {0};
        for (int k = 0; k < 4096; k++) {
            plain = pcs_float_add(f, plain, down, &state);
            const pcs_code_t y = pcs_float_sub(f, down, c, &state);
            const pcs_code_t t = pcs_float_add(f, w, y, &state);
            c = pcs_float_sub(f, pcs_float_sub(f, t, w, &state), y, &state);
            w = t;
        }
        CHECK(value(f, plain.bits) == cases[i].plain, "%s plain", cases[i].format);
        CHECK(value(f, w.bits) == cases[i].kahan, "%s Kahan: %g", cases[i].format, value(f, w.bits));
    }
}

static void ieee_specials(void)
{
    const pcs_format_row_t *f = row("fp16");
    const struct {
        char op;
        uint32_t a, b, c, code;
        unsigned flags;
        pcs_rounding_t rounding;
    } cases[] = {
        {'+', 0x7c00, 0xfc00, 0, 0x7e00, PCS_FLAG_INVALID, PCS_ROUNDING_RNE}, /* Inf - Inf */
        {'+', 0x7c01, 0x0000, 0, 0x7e00, PCS_FLAG_INVALID, PCS_ROUNDING_RNE}, /* signalling */
        {'+', 0xfe01, 0x0000, 0, 0x7e00, 0, PCS_ROUNDING_RNE},                /* quiet, made canonical */
        {'+', 0x0000, 0x8000, 0, 0x0000, 0, PCS_ROUNDING_RNE},
        {'+', 0x0000, 0x8000, 0, 0x8000, 0, PCS_ROUNDING_RDN},
        {'+', 0x3c00, 0xbc00, 0, 0x8000, 0, PCS_ROUNDING_RDN},
        {'+', 0x8000, 0x8000, 0, 0x8000, 0, PCS_ROUNDING_RUP},
        {'*', 0x7c00, 0x8000, 0, 0x7e00, PCS_FLAG_INVALID, PCS_ROUNDING_RNE},
        {'*', 0x7bff, 0x7bff, 0, 0x7bff, PCS_FLAG_OVERFLOW | PCS_FLAG_INEXACT, PCS_ROUNDING_RTZ},
        {'*', 0x0001, 0x0001, 0, 0x0001, PCS_FLAG_UNDERFLOW | PCS_FLAG_INEXACT, PCS_ROUNDING_RUP},
        {'f', 0x7c00, 0x0000, 0x7e00, 0x7e00, PCS_FLAG_INVALID, PCS_ROUNDING_RNE},
        {'f', 0x3c01, 0x3c01, 0xbc02, 0x0010, 0, PCS_ROUNDING_RNE}, /* (1 + u)^2 - (1 + 2u) = u^2 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pcs_fpstate_t state = {.rounding = cases[i].rounding, .overflow = PCS_OVERFLOW_INF};
        const pcs_code_t a = {cases[i].a};
        const pcs_code_t b = {cases[i].b};
        const pcs_code_t y = cases[i].op == '+'   ? pcs_float_add(f, a, b, &state)
                             : cases[i].op == '*' ? pcs_float_mul(f, a, b, &state)
                                                  : pcs_float_fma(f, a, b, (pcs_code_t){cases[i].c}, &state);
        CHECK_EQ(y.bits, cases[i].code, "case %zu", i);
        CHECK_EQ(state.flags, cases[i].flags, "flags of case %zu", i);
    }
}

static void names(void)
{
    for (int i = 0; i < PCS_ROUNDING_COUNT; i++) {
        CHECK_EQ(pcs_rounding_by_name(pcs_rounding_name((pcs_rounding_t)i)), i, "rounding %d", i);
    }
    for (int i = 0; i < PCS_OVERFLOW_COUNT; i++) {
        CHECK_EQ(pcs_overflow_by_name(pcs_overflow_name((pcs_overflow_t)i)), i, "overflow %d", i);
    }
    CHECK_EQ(pcs_rounding_by_name("up"), PCS_ROUNDING_COUNT, "a rounding that does not exist");
}

int main(int argc, char **argv)
{
    ranges();
    double_rounding(check_flag(argc, argv, "--inject", NULL) ? 1.25F : 1.0F);
    ofp8_limits();
    scale_rounds_twice();
    partition_sums();
    kahan_steps();
    ieee_specials();
    names();
    return check_done("formats");
}
