/* The Verilated conversion units against models/format, code and flags, every format at once:
     codes       every code of each format up to 16 bits to FP32; of wider formats every --stride'th
     boundaries  the FP32 numbers at each code, half-way to the next one, and next to these, in every rounding: signs
   and policies take turns; the largest number and its neighbourhood in every policy specials    every exponent of FP32
   with mantissas at its ends, NaNs and infinities too, all roundings and policies random      --count FP32 values with
   random roundings and policies protocol    bubbles, seeds in mid-stream Stochastic roundings draw from the unit's own
   register, which models/format/lfsr.h follows.  The four tests of values end with the same register as the model's.
   --inject: expects one bit wrongly. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/format/float.h"
#include "models/format/lfsr.h"
#include "sim/bridge/convert.h"
#include "tests/support/check.h"

enum { ROUNDINGS = 3, POLICIES = 3 };

static const pcs_rounding_t roundings[ROUNDINGS] = {[PCS_CONVERT_ROUNDING_RNE] = PCS_ROUNDING_RNE,
                                                    [PCS_CONVERT_ROUNDING_RTZ] = PCS_ROUNDING_RTZ,
                                                    [PCS_CONVERT_ROUNDING_SR] = PCS_ROUNDING_SR};
static const pcs_overflow_t policies[POLICIES] = {[PCS_CONVERT_OVERFLOW_SAT] = PCS_OVERFLOW_SAT,
                                                  [PCS_CONVERT_OVERFLOW_SAT_INF] = PCS_OVERFLOW_SAT_INF,
                                                  [PCS_CONVERT_OVERFLOW_INF] = PCS_OVERFLOW_INF};
static_assert(PCS_FLAG_INEXACT == 1 << PCS_CONVERT_FLAG_INEXACT &&
                  PCS_FLAG_UNDERFLOW == 1 << PCS_CONVERT_FLAG_UNDERFLOW,
              "one numbering");
static_assert(PCS_FLAG_OVERFLOW == 1 << PCS_CONVERT_FLAG_OVERFLOW && PCS_FLAG_INVALID == 1 << PCS_CONVERT_FLAG_INVALID,
              "one numbering");

typedef struct bench {
    pcs_rtl_convert_t *bank;
    pcs_lfsr_t lfsr;
    bool inject;
    bool served[PCS_FORMAT_COUNT];
    uint64_t values, conversions;
} bench_t;

static const pcs_format_row_t *const fp32_row = &pcs_formats[PCS_FORMAT_FP32];

/* One value through all units. */
static void convert(bench_t *bench, uint32_t fp32, unsigned rounding, unsigned overflow)
{
    const pcs_rtl_convert_in_t in = {.valid = true, .fp32 = fp32, .rounding = rounding, .overflow = overflow};
    pcs_rtl_convert_out_t out;
    pcs_rtl_convert_step(bench->bank, &in, &out);
    const uint32_t random = rounding == PCS_CONVERT_ROUNDING_SR ? pcs_lfsr_random(&bench->lfsr) : 0;
    bench->values++;
    for (int f = 0; f < PCS_FORMAT_COUNT; f++) {
        if (!bench->served[f]) {
            continue;
        }
        pcs_fpstate_t state = {.rounding = roundings[rounding],
                               .overflow = policies[overflow],
                               .random_bits = PCS_CONVERT_RANDOM_BITS,
                               .random = random};
        uint32_t code = pcs_float_convert(fp32_row, (pcs_code_t){fp32}, &pcs_formats[f], &state).bits;
        code ^= bench->inject && fp32 == 0x3f900000 && f == PCS_FORMAT_E4M3 ? 1U : 0U;
        (void)CHECK(out.valid[f] && out.code[f] == code && out.flags[f] == state.flags,
                    "fp32 %08x to %s, %s, %s, random %04x => observed %x flags %x expected %x flags %x", fp32,
                    pcs_formats[f].name, pcs_rounding_name(state.rounding), pcs_overflow_name(state.overflow), random,
                    out.code[f], out.flags[f], code, state.flags);
        bench->conversions++;
    }
}

static void report(bench_t *bench, const char *what)
{
    (void)printf("%s: %" PRIu64 " values, %" PRIu64 " conversions\n", what, bench->values, bench->conversions);
    bench->values = 0;
    bench->conversions = 0;
}

static unsigned stride_of(const pcs_format_row_t *format, unsigned stride)
{
    return pcs_format_bits(format) <= 16 ? 1 : stride;
}

static uint32_t to_fp32(const pcs_format_row_t *format, uint32_t code, unsigned *flags)
{
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const uint32_t fp32 = pcs_float_convert(format, (pcs_code_t){code}, fp32_row, &state).bits;
    *flags = state.flags;
    return fp32;
}

static void test_codes(bench_t *bench, unsigned stride)
{
    for (int f = 0; f < PCS_FORMAT_COUNT; f++) {
        const pcs_format_row_t *format = &pcs_formats[f];
        const uint32_t end = UINT32_C(1) << pcs_format_bits(format) % 32U;
        for (uint32_t code = 0; bench->served[f] && code < end; code += stride_of(format, stride)) {
            uint32_t observed[PCS_FORMAT_COUNT];
            bool invalid[PCS_FORMAT_COUNT];
            unsigned flags = 0;
            const uint32_t expected = to_fp32(format, code, &flags);
            pcs_rtl_convert_widen(bench->bank, code, observed, invalid);
            (void)CHECK(observed[f] == expected && invalid[f] == ((flags & PCS_FLAG_INVALID) != 0),
                        "%s %x to fp32 => observed %08x expected %08x flags %x", format->name, code, observed[f],
                        expected, flags);
            bench->values++;
            bench->conversions++;
        }
    }
    report(bench, "codes to FP32");
}

/* The number at a magnitude code, half-way to the next one, and their neighbours. */
static void around(bench_t *bench, const pcs_format_row_t *format, uint32_t code, bool all)
{
    unsigned flags = 0;
    const uint32_t max = pcs_format_max(format).bits;
    const uint32_t here = to_fp32(format, code, &flags);
    const uint32_t next = code < max ? to_fp32(format, code + 1, &flags) : 2 * here - to_fp32(format, code - 1, &flags);
    /* FP32 codes are in proportion between two neighbours, but for zero and a normal number: there a half is an
     * exponent. */
    const uint32_t half =
        here == 0 && next >= UINT32_C(2) << 23U ? next - (UINT32_C(1) << 23U) : here + (next - here) / 2;
    const uint32_t points[] = {here, here + 1, half - 1, half, half + 1, next - 1};
    for (unsigned i = 0; i < sizeof points / sizeof points[0]; i++) {
        for (unsigned rounding = 0; rounding < ROUNDINGS; rounding++) {
            const uint32_t sign = (code + i + rounding) % 2 == 0 ? 0 : UINT32_C(1) << 31U;
            for (unsigned k = 0; k < (all ? POLICIES : 1U); k++) {
                convert(bench, points[i] ^ sign, rounding, (code / 2 + k) % POLICIES);
            }
        }
    }
}

static void test_boundaries(bench_t *bench, unsigned stride)
{
    for (int f = 0; f < PCS_FORMAT_COUNT; f++) {
        const pcs_format_row_t *format = &pcs_formats[f];
        const uint32_t max = pcs_format_max(format).bits;
        if (!bench->served[f] || (bench->inject && f != PCS_FORMAT_E4M3)) { /* the twin looks where the fault is */
            continue;
        }
        const bool few = pcs_format_bits(format) <= 9;
        for (uint32_t code = 0; code < max; code += stride_of(format, stride)) {
            around(bench, format, code, few);
        }
        around(bench, format, max, true);
    }
    report(bench, "boundaries of codes");
}

static void test_specials(bench_t *bench)
{
    static const uint32_t mantissas[] = {0, 1, 2, 0x3fffff, 0x400000, 0x400001, 0x7ffffe, 0x7fffff};
    for (uint32_t top = 0; top < 512; top++) { /* sign and exponent */
        for (unsigned m = 0; m < sizeof mantissas / sizeof mantissas[0]; m++) {
            for (unsigned how = 0; how < ROUNDINGS * POLICIES; how++) {
                convert(bench, top << 23U | mantissas[m], how % ROUNDINGS, how / ROUNDINGS);
            }
        }
    }
    report(bench, "ends of exponents");
}

/* Half of them any bits, half with exponents where narrow formats have their numbers. */
static void test_random(bench_t *bench, uint64_t count, check_rng_t *rng)
{
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t how = check_u32(rng);
        uint32_t fp32 = check_u32(rng);
        if ((how & 1U) != 0) {
            fp32 = (fp32 & 0x807fffffU) | (127U - 26U + (how >> 8U) % 44U) << 23U;
        }
        convert(bench, fp32, (how >> 1U) % ROUNDINGS, (how >> 4U) % POLICIES);
    }
    report(bench, "random values");
}

/* A clock in which nothing is converted. */
static void bubble(bench_t *bench, bool seed_valid, uint32_t seed)
{
    const pcs_rtl_convert_in_t in = {
        .seed_valid = seed_valid, .seed = seed, .fp32 = 0x40490fdb, .rounding = PCS_CONVERT_ROUNDING_SR};
    pcs_rtl_convert_out_t out;
    pcs_rtl_convert_step(bench->bank, &in, &out);
    for (int f = 0; f < PCS_FORMAT_COUNT; f++) {
        (void)CHECK(!out.valid[f], "%s: valid after a clock without a conversion", pcs_formats[f].name);
    }
    if (seed_valid) {
        bench->lfsr = pcs_lfsr(seed);
    }
}

static void test_protocol(bench_t *bench, check_rng_t *rng)
{
    for (unsigned i = 0; i < 3000; i++) {
        const uint32_t what = check_u32(rng);
        if (what % 16U == 0) {
            bubble(bench, true, what % 64U == 0 ? 0 : check_u32(rng));
        } else if (what % 3U == 0) {
            bubble(bench, false, 0);
        } else {
            convert(bench, (check_u32(rng) & 0x803fffffU) | 0x3f800000U, (what >> 8U) % ROUNDINGS, 0);
        }
    }
    report(bench, "between bubbles and seeds");
}

static uint64_t number(int argc, char **argv, const char *flag, const char *text)
{
    (void)check_flag(argc, argv, flag, &text);
    return strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
    const uint64_t seed = check_seed(argc, argv, 1);
    const uint64_t count = number(argc, argv, "--count", "1000000");
    const unsigned stride = (unsigned)number(argc, argv, "--stride", "61");
    check_rng_t rng = {seed, 0};
    bench_t bench = {
        .bank = pcs_rtl_convert_create(seed), .lfsr = pcs_lfsr(0), .inject = check_flag(argc, argv, "--inject", NULL)};
    if (bench.bank == NULL) {
        return 1;
    }
    for (int f = 0; f < PCS_FORMAT_COUNT; f++) {
        const pcs_format_row_t *format = &pcs_formats[f];
        bench.served[f] =
            format->sign == PCS_SIGN_SIGNED && format->lowest == PCS_LOWEST_SUBNORMAL && f != PCS_FORMAT_FP32;
    }
    if (!bench.inject) {
        test_codes(&bench, stride);
        test_specials(&bench);
        test_random(&bench, count, &rng);
        test_protocol(&bench, &rng);
    }
    test_boundaries(&bench, stride);
    pcs_rtl_convert_destroy(bench.bank);
    return check_done("rtl.convert");
}
