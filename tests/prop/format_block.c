/* Integers, blocks with a shared scale and logarithmic numbers against their definitions in binary64, which holds every
   value here exactly; float elements against the oracle.  Values are small integers times powers of two.
   --count N: blocks of each format; the others in proportion. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/block.h"
#include "tests/support/float_case.h"

static bool inject;

static pcs_parts_t parts_of(double x)
{
    int exponent = 0;
    const double fraction = frexp(fabs(x), &exponent);
    return (pcs_parts_t){.class_ = isnan(x)   ? PCS_CLASS_NAN
                                   : isinf(x) ? PCS_CLASS_INF
                                   : x == 0.0 ? PCS_CLASS_ZERO
                                              : PCS_CLASS_FINITE,
                         .sign = signbit(x) != 0,
                         .exponent = exponent - 53,
                         .significand = isfinite(x) ? (uint64_t)ldexp(fraction, 53) : 0};
}

static double value_of(pcs_parts_t x)
{
    const double magnitude = x.class_ == PCS_CLASS_NAN    ? (double)NAN
                             : x.class_ == PCS_CLASS_ZERO ? 0.0
                                                          : ldexp((double)x.significand, x.exponent);
    return x.sign ? -magnitude : magnitude;
}

/* Round to an integer, by the definition of each mode; sr: N = how->random_bits. */
static double to_integer(double x, const pcs_fpstate_t *how)
{
    const double low = floor(fabs(x));
    const double f = fabs(x) - low;
    const double odd = fmod(low, 2.0);
    double up = 0.0;
    switch (how->rounding) {
    case PCS_ROUNDING_RNE:
        up = f > 0.5 || (f == 0.5 && odd != 0.0) ? 1.0 : 0.0;
        break;
    case PCS_ROUNDING_RNA:
        up = f >= 0.5 ? 1.0 : 0.0;
        break;
    case PCS_ROUNDING_RUP:
        up = f > 0.0 && x > 0.0 ? 1.0 : 0.0;
        break;
    case PCS_ROUNDING_RDN:
        up = f > 0.0 && x < 0.0 ? 1.0 : 0.0;
        break;
    case PCS_ROUNDING_RTO:
        up = f > 0.0 && odd == 0.0 ? 1.0 : 0.0;
        break;
    case PCS_ROUNDING_SR:
        up = floor(ldexp(f, (int)how->random_bits)) + how->random >= ldexp(1.0, (int)how->random_bits) ? 1.0 : 0.0;
        break;
    default:
        break;
    }
    return copysign(low + up, x);
}

/* +-m * 2^e with at most 16 bits of m. */
static double number(int low, int high, check_rng_t *rng)
{
    const double m = (double)check_range(rng, 0, check_u32(rng) % 4U == 0 ? 8 : 65535);
    const double x = ldexp(m, (int)check_range(rng, low, high) - 16);
    return check_u32(rng) % 2U == 0 ? x : -x;
}

static pcs_fpstate_t how_of(int rounding, check_rng_t *rng)
{
    pcs_fpstate_t state = float_case_state(rounding, ORACLE_SAT, rng);
    if (rounding == PCS_ROUNDING_SR) {
        state.random_bits = 1U + check_u32(rng) % 20U;
        state.random &= (1U << state.random_bits) - 1U;
    }
    return state;
}

static void integers(int count, check_rng_t *rng)
{
    for (unsigned bits = 2; bits <= 16; bits++) {
        for (int i = 0; i < 7 * count; i++) {
            const pcs_integer_t integer = {bits, check_u32(rng) % 2U == 0, (int)check_range(rng, -3, 14)};
            pcs_fpstate_t state = how_of((int)(check_u32(rng) % (PCS_ROUNDING_SR + 1U)), rng);
            const double x = number(-8, 12, rng);
            const double most = ldexp(1.0, (int)bits - 1);
            const double rounded = to_integer(ldexp(x, integer.point), &state);
            const double clamped = fmin(fmax(rounded, integer.symmetric ? 1.0 - most : -most), most - 1.0);
            const pcs_code_t code = pcs_integer_round(&integer, parts_of(x), &state);
            const double y = value_of(pcs_integer_decode(&integer, code)) + (inject && bits == 8 ? 1.0 : 0.0);
            CHECK(y == ldexp(clamped, -integer.point), "int%u of point %d, %s: %g becomes %g, not %g", bits,
                  integer.point, pcs_rounding_name(state.rounding), x, y, ldexp(clamped, -integer.point));
            const bool over = clamped != rounded;
            CHECK(((state.flags & PCS_FLAG_OVERFLOW) != 0) == over, "int%u: %g: overflow flag", bits, x);
            CHECK(((state.flags & PCS_FLAG_INEXACT) != 0) == (ldexp(clamped, -integer.point) != x),
                  "int%u: %g: inexact flag", bits, x);
        }
    }
}

/* The definition of the shared exponent, with a logarithm's integer part by comparison. */
static int floor_log2(double x)
{
    int e = -2000;
    while (ldexp(1.0, e + 1) <= x) {
        e++;
    }
    return e;
}

static int expected_scale(const pcs_block_format_t *block, double amax, double largest, int mantissa)
{
    const int e = floor_log2(amax);
    const double grain = ldexp(1.0, e - mantissa);
    const pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE};
    int s = -1100;
    switch (block->rule) {
    case PCS_SCALE_FLOOR:
        return e - block->shift;
    case PCS_SCALE_CEIL:
        return (ldexp(1.0, e) == amax ? e : e + 1) - block->shift;
    case PCS_SCALE_EVEN:
        return floor_log2(to_integer(amax / grain, &nearest) * grain) - block->shift;
    default:
        while (ldexp(largest, s) < amax) {
            s++;
        }
        return s;
    }
}

/* The element of a float format: the oracle's rounding of a binary32 number. */
static double element_value(const pcs_format_row_t *element, double x, const pcs_fpstate_t *state)
{
    const pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    pcs_fpstate_t exact = nearest;
    const pcs_code_t code = pcs_round_pack(&pcs_formats[PCS_FORMAT_FP32], parts_of(x), &exact);
    PCS_ASSERT(exact.flags == 0);
    const oracle_real_t real = oracle_decode(&oracle_formats[PCS_FORMAT_FP32], code.bits);
    oracle_place_t place;
    oracle_place_t scaled;
    oracle_place(float_case_oracle(element), &real, &place, &scaled);
    const oracle_how_t how = float_case_how(state);
    unsigned flags = 0;
    return value_of(pcs_decode(element, (pcs_code_t){oracle_round(float_case_oracle(element), &place, &how, &flags)}));
}

static void block(const char *name, pcs_scale_rule_t rule, check_rng_t *rng)
{
    enum { MOST = 64 };
    pcs_block_format_t block;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_block_format_parse(name, rule, &block, &err), &err);
    const unsigned bits = block.integer.bits;
    const double largest = block.element != NULL ? value_of(pcs_decode(block.element, pcs_format_max(block.element)))
                                                 : ldexp(ldexp(1.0, (int)bits - 1) - 1.0, -block.integer.point);
    const int mantissa = block.element != NULL ? (int)block.element->mantissa_bits : (int)bits - 2;
    double x[MOST];
    pcs_parts_t parts[MOST];
    pcs_code_t scale;
    pcs_code_t codes[MOST];
    const size_t n = 1U + check_u32(rng) % block.group;
    const int center = check_u32(rng) % 8U == 0 ? (int)check_range(rng, -120, 100) : 0;
    double amax = 0.0;
    for (size_t i = 0; i < n; i++) {
        x[i] = number(center - 10, center + 4, rng);
        amax = fmax(amax, fabs(x[i]));
        parts[i] = parts_of(x[i]);
    }
    pcs_fpstate_t state = how_of((int)(check_u32(rng) % PCS_ROUNDING_SR), rng);
    pcs_block_format_quantize(&block, parts, n, &state, NULL, 0, &scale, codes);
    int s = amax == 0.0 ? block.scale_min : expected_scale(&block, amax, largest, mantissa);
    s = s < block.scale_min ? block.scale_min : s > block.scale_max ? block.scale_max : s;
    CHECK_EQ((int)scale.bits + block.scale_min, s, "%s, %s: scale for %a", name, pcs_scale_rule_name(block.rule), amax);
    for (size_t i = 0; i < n; i++) {
        const double v = ldexp(x[i], -s);
        double expected = 0.0;
        if (block.element != NULL) {
            expected = element_value(block.element, v, &state);
        } else {
            expected =
                fmin(fmax(ldexp(to_integer(ldexp(v, block.integer.point), &state), -block.integer.point), -largest),
                     largest);
        }
        const double y = value_of(pcs_block_format_decode(&block, scale, codes[i]));
        CHECK(y == ldexp(expected, s), "%s, %s: %a becomes %a, not %a", name, pcs_scale_rule_name(block.rule), x[i], y,
              ldexp(expected, s));
    }
}

/* Levels by the definition; bounds[i]: the least magnitude that rounds up to level i + 1. */
static double log4_level(const pcs_log4_t *format, int level)
{
    return level == 0 ? 0.0 : ldexp(1.0, (int)format->step * (level - 7) + format->top);
}

static void logarithmic(const pcs_log4_t *format, int count, check_rng_t *rng)
{
    const double radix = ldexp(1.0, (int)format->step);
    for (int i = 0; i < 20 * count; i++) {
        const double x = number(format->top - 18, format->top + 4, rng);
        const double m = fabs(x);
        int low = 0;
        while (low < 7 && log4_level(format, low + 1) <= m) {
            low++;
        }
        static const int roundings[] = {PCS_ROUNDING_RNE, PCS_ROUNDING_RTZ, PCS_ROUNDING_SR};
        pcs_fpstate_t state = how_of(roundings[i % 3], rng);
        const double lower = log4_level(format, low);
        const double upper = log4_level(format, low + 1);
        const double imagined = low == 0 ? upper / radix : lower;
        const double share = low == 0 ? m / upper : (m - lower) / (upper - lower);
        const double draws = ldexp(1.0, (int)state.random_bits);
        const bool up =
            low < 7 && (state.rounding == PCS_ROUNDING_RNE   ? m >= imagined * (1.0 + radix) / 2.0
                        : state.rounding == PCS_ROUNDING_RTZ ? false
                                                             : floor(share * draws) + state.random >= draws);
        const double expected = copysign(log4_level(format, low + (up ? 1 : 0)), x);
        const pcs_code_t code = pcs_log4_round(format, parts_of(x), &state);
        const double y = value_of(pcs_log4_decode(format, code));
        CHECK(y == expected, "radix %g, %s, random %u of %u bits: %a becomes %a, not %a", radix,
              pcs_rounding_name(state.rounding), state.random, state.random_bits, x, y, expected);
    }
}

/* Published examples: numerics of MX scales, special values, exponents of the predecessors of powers of two. */
static void known_answers(void)
{
    static const struct {
        const char *name;
        pcs_scale_rule_t rule;
        double amax, scale, element;
    } cases[] = {{"mxfp8-e4m3", PCS_SCALE_FLOOR, 480.0, 1.0, 448.0},
                 {"mxfp8-e4m3", PCS_SCALE_ROUND_UP, 480.0, 2.0, 240.0},
                 {"mxfp4", PCS_SCALE_FLOOR, 7.9, 1.0, 6.0},
                 {"mxfp4", PCS_SCALE_ROUND_UP, 7.9, 2.0, 4.0},
                 {"mxfp4", PCS_SCALE_EVEN, 7.9, 2.0, 4.0},
                 {"mxfp4", PCS_SCALE_EVEN, 6.9, 1.0, 6.0},
                 {"mxfp8-e4m3", PCS_SCALE_CEIL, 480.0, 2.0, 240.0},
                 {"mxint8", PCS_SCALE_FLOOR, 1.999, 1.0, 127.0 / 64.0},
                 {"mxfp8-e5m2", PCS_SCALE_FLOOR, 65535.0, 1.0, 57344.0}};
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE};
    pcs_block_format_t block;
    pcs_code_t scale;
    pcs_code_t code;
    pcs_error_t err = {{0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const pcs_parts_t x = parts_of(cases[i].amax);
        CHECK_OK(pcs_block_format_parse(cases[i].name, cases[i].rule, &block, &err), &err);
        pcs_block_format_quantize(&block, &x, 1, &state, NULL, 0, &scale, &code);
        CHECK(ldexp(1.0, (int)scale.bits - 127) == cases[i].scale, "%s of %g: scale 2^%d", cases[i].name, cases[i].amax,
              (int)scale.bits - 127);
        CHECK(value_of(pcs_block_format_decode(&block, scale, code)) == cases[i].scale * cases[i].element, "%s of %g",
              cases[i].name, cases[i].amax);
    }
    CHECK_OK(pcs_block_format_parse("mxfp8-e5m2", PCS_SCALE_FLOOR, &block, &err), &err);
    for (int e = -111; e <= 127; e++) { /* floor(log2 x) of the float below 2^e is e - 1 */
        const pcs_parts_t x = parts_of((double)nextafterf(ldexpf(1.0F, e), 0.0F));
        pcs_block_format_quantize(&block, &x, 1, &state, NULL, 0, &scale, &code);
        CHECK_EQ((int)scale.bits - 127, e - 1 - 15, "below 2^%d", e);
    }
    static const double specials[] = {(double)INFINITY, (double)-INFINITY, (double)NAN};
    for (int i = 0; i < 3; i++) {
        const pcs_parts_t x[2] = {parts_of(1.0), parts_of(specials[i])};
        pcs_code_t codes[2];
        state.flags = 0;
        pcs_block_format_quantize(&block, x, 2, &state, NULL, 0, &scale, codes);
        CHECK_EQ(scale.bits, 255, "scale of a block with %g", specials[i]);
        CHECK(isnan(value_of(pcs_block_format_decode(&block, scale, codes[0]))), "a block with %g is NaN", specials[i]);
        CHECK_EQ(state.flags, PCS_FLAG_INVALID, "flag of %g", specials[i]);
    }
    const pcs_parts_t zero = parts_of(0.0);
    pcs_block_format_quantize(&block, &zero, 1, &state, NULL, 0, &scale, &code);
    CHECK_EQ(scale.bits, 0, "scale of zeros");
    /* HBFP: 1 has E = 0 and is clipped by a quantum; FAST's convention holds it */
    const pcs_parts_t one = parts_of(1.0);
    CHECK_OK(pcs_block_format_parse("hbfp:16:7:8", PCS_SCALE_FLOOR, &block, &err), &err);
    pcs_block_format_quantize(&block, &one, 1, &state, NULL, 0, &scale, &code);
    CHECK(value_of(pcs_block_format_decode(&block, scale, code)) == 1.0 - 0x1p-7, "0.m clips a power of two");
    CHECK_OK(pcs_block_format_parse("bfp:16:4:4", PCS_SCALE_FLOOR, &block, &err), &err);
    CHECK_EQ(pcs_block_format_scale_bits(&block), 4, "exponent bits");
    pcs_block_format_quantize(&block, &one, 1, &state, NULL, 0, &scale, &code);
    CHECK(value_of(pcs_block_format_decode(&block, scale, code)) == 1.0, "1.m holds it");
    /* 1.6 * 2.5 = 4 */
    code = pcs_log4_round(&pcs_log4_radix4, parts_of(0x1.4p-1), &state);
    CHECK(value_of(pcs_log4_decode(&pcs_log4_radix4, code)) == 1.0, "0.625 is the middle of 1/4 and 1");
    code = pcs_log4_round(&pcs_log4_luq, parts_of(0.75), &state);
    CHECK(value_of(pcs_log4_decode(&pcs_log4_luq, code)) == 1.0, "RDNP takes 3/4 of alpha up");
    CHECK(pcs_block_format_parse("mxfp9", PCS_SCALE_FLOOR, &block, &err) == PCS_INVALID &&
              strstr(err.text, "mxfp8-e4m3|") != NULL,
          "%s", err.text);
    CHECK(pcs_block_format_parse("bfp:16:16:8", PCS_SCALE_FLOOR, &block, &err) == PCS_INVALID &&
              strstr(err.text, "M 1..15") != NULL,
          "%s", err.text);
}

/* Elements as codes of a row: the same value, and the row's width, for every code that an element may have. */
static void rows(void)
{
    static const char *const names[] = {"mxfp8-e4m3", "mxfp6-e2m3", "mxfp4",     "mxint8",    "bfp:1:1:2",
                                        "bfp:1:7:2",  "hbfp:1:7:2", "bfp:1:2:2", "bfp:1:15:2"};
    pcs_block_format_t format;
    pcs_error_t err = {{0}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK_OK(pcs_block_format_parse(names[i], PCS_SCALE_FLOOR, &format, &err), &err);
        const pcs_format_row_t row = pcs_block_format_row(&format, names[i]);
        const unsigned bits = pcs_block_format_element_bits(&format);
        CHECK_EQ(pcs_format_bits(&row), format.element == NULL ? bits + (bits == 1 ? 1U : 0U) : bits, "%s", names[i]);
        const pcs_code_t one = {(uint32_t)-format.scale_min};
        for (uint32_t code = 0; code >> bits == 0; code++) {
            const pcs_parts_t x = pcs_block_format_decode(&format, one, (pcs_code_t){code});
            const bool lowest = format.element == NULL && code == UINT32_C(1) << (bits - 1U);
            if (!lowest && x.class_ != PCS_CLASS_NAN) {
                const pcs_code_t in_row = pcs_block_format_code(&format, (pcs_code_t){code});
                const double y = value_of(pcs_decode(&row, in_row)) + (inject && i == 3 ? 1.0 : 0.0);
                CHECK(y == value_of(x), "%s: %x in its row is %x = %g, not %g", names[i], code, in_row.bits, y,
                      value_of(x));
            }
        }
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    const char *text = "3000";
    (void)check_flag(argc, argv, "--count", &text);
    const int count = (int)strtol(text, NULL, 10);
    known_answers();
    integers(count, &rng);
    rows();
    static const char *const names[] = {"mxfp8-e4m3", "mxfp8-e5m2", "mxfp6-e3m2", "mxfp6-e2m3",
                                        "mxfp4",      "mxint8",     "bfp:16:4:4", "hbfp:24:7:10"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int turn = 0; turn < count; turn++) {
            block(names[i], (pcs_scale_rule_t)(turn % PCS_SCALE_COUNT), &rng);
        }
    }
    logarithmic(&pcs_log4_radix4, count, &rng);
    logarithmic(&pcs_log4_luq, count, &rng);
    return check_done("quantized values");
}
