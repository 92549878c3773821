/* The Verilated multiply-add units and their definition, models/mac/float_mac.h, against an oracle of exact products:
   accumulator, flags and the result in FP32 after every step.
     pairs      every pair of codes of every two 8-bit (or narrower) formats, summed up: 256 products each
     places     products of powers of two at every distance from the accumulator's ends, both signs, wrapping and
   saturating random     --count steps with codes that are likely to hurt, formats, anchors and signs changing from step
   to step cancel     a large product, small ones, and the large one again with the other sign: what is left is exact
   --few: of the pairs only those of E5M2 and E4M3.  --inject: expects one accumulator wrongly, and is --few. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/bridge/float_mac.h"
#include "tests/support/float_sum.h"

enum { UNITS = PCS_RTL_FLOAT_MAC_UNITS };
typedef struct bench {
    pcs_rtl_float_mac_t *bank;
    float_sum_t expected[UNITS];
    pcs_float_mac_t model[UNITS];
    bool inject, few;
    uint64_t steps, inexact, overflow, special;
} bench_t;

static const unsigned overflow_flag = 1U << PCS_FLOAT_MAC_FLAG_OVERFLOW;

static void expect(bench_t *bench, const pcs_rtl_float_mac_in_t *in)
{
    const oracle_real_t product = float_sum_product(in->format_a, in->a, in->format_b, in->b);
    bool below = false;
    for (unsigned unit = 0; unit < UNITS; unit++) {
        float_sum_t *expected = &bench->expected[unit];
        if (in->first) {
            *expected = (float_sum_t){0};
        }
        below = float_sum_add(expected, &product, in->anchor, pcs_rtl_float_mac_bits(unit), in->saturate);
    }
    bench->inexact += below;
    bench->special += product.kind != ORACLE_NUMBER;
    bench->overflow += (bench->expected[0].flags & overflow_flag) != 0;
}

/* One step through units, definition and oracle; `result`: the results in FP32 too. */
static void step(bench_t *bench, const pcs_rtl_float_mac_in_t *in, bool result)
{
    pcs_rtl_float_mac_out_t out;
    pcs_rtl_float_mac_step(bench->bank, in, &out);
    expect(bench, in);
    bench->steps++;
    for (unsigned unit = 0; unit < UNITS; unit++) {
        pcs_float_mac_t *model = &bench->model[unit];
        float_sum_t *expected = &bench->expected[unit];
        if (in->first) {
            *model = (pcs_float_mac_t){.acc_bits = pcs_rtl_float_mac_bits(unit)};
        }
        model->anchor = in->anchor;
        model->saturate = in->saturate;
        pcs_float_mac_step(model, in->format_a, (pcs_code_t){in->a}, in->format_b, (pcs_code_t){in->b});
        const bool wrong = bench->inject && in->a == 0x3c && in->b == 0x35 && in->format_a == PCS_FORMAT_E5M2;
        const bool good = out.acc[unit] == expected->acc + wrong && out.flags[unit] == expected->flags &&
                          model->acc == expected->acc && model->flags == expected->flags;
        (void)CHECK(good,
                    "%s %x * %s %x, anchor %d, %u bits => rtl %" PRIx64 " flags %x, model %" PRIx64
                    " flags %x, expected %" PRIx64 " flags %x (low 64 bits)",
                    pcs_formats[in->format_a].name, in->a, pcs_formats[in->format_b].name, in->b, in->anchor,
                    pcs_rtl_float_mac_bits(unit), (uint64_t)out.acc[unit], out.flags[unit], (uint64_t)model->acc,
                    model->flags, (uint64_t)expected->acc, expected->flags);
        if (result) {
            unsigned flags = 0;
            unsigned model_flags = 0;
            const uint32_t code = float_sum_fp32(expected, in->anchor, &flags);
            const uint32_t model_code = pcs_float_mac_result(model, &model_flags).bits;
            (void)CHECK(
                out.fp32[unit] == code && out.round_flags[unit] == flags && model_code == code && model_flags == flags,
                "result of %" PRIx64 " (low 64 bits), anchor %d, flags %x => rtl %08x flags %x, model %08x flags %x, "
                "expected %08x flags %x",
                (uint64_t)expected->acc, in->anchor, expected->flags, out.fp32[unit], out.round_flags[unit], model_code,
                model_flags, code, flags);
        }
    }
}

static void report(bench_t *bench, const char *what)
{
    (void)printf("%s: %" PRIu64 " steps, of these cut off %" PRIu64 ", not finite %" PRIu64
                 ", after an overflow of 32 bits %" PRIu64 "\n",
                 what, bench->steps, bench->inexact, bench->special, bench->overflow);
    (void)CHECK(bench->steps > 0, "%s: nothing was compared", what);
    bench->steps = 0;
    bench->inexact = 0;
    bench->special = 0;
    bench->overflow = 0;
}

static unsigned code_bits(pcs_format_t format)
{
    return pcs_float_mac_serves(format) ? pcs_format_bits(&pcs_formats[format]) : 0;
}

/* Exponent of the last bit of the smallest number. */
static int last_bit(pcs_format_t format)
{
    return 1 - pcs_formats[format].bias - (int)pcs_formats[format].mantissa_bits;
}

/* Every pair of two formats: a row of products is a sum.  The anchor makes all of it exact, but in every fourth row. */
static void pairs_of(bench_t *bench, pcs_format_t format_a, pcs_format_t format_b)
{
    pcs_rtl_float_mac_in_t in = {.valid = true, .format_a = format_a, .format_b = format_b};
    const uint32_t end_a = UINT32_C(1) << code_bits(format_a);
    const uint32_t end_b = UINT32_C(1) << code_bits(format_b);
    for (in.a = 0; in.a < end_a; in.a++) {
        in.anchor = last_bit(format_a) + last_bit(format_b) + (in.a % 4U == 3 ? 1 + (int)(in.a / 4U % 8U) : 0);
        in.saturate = in.a % 2U != 0;
        for (in.b = 0; in.b < end_b; in.b++) {
            in.first = in.b % 128U == 0;
            step(bench, &in, in.b % 16U == 15);
        }
    }
}

static void test_pairs(bench_t *bench)
{
    for (unsigned a = 0; a < PCS_FORMAT_COUNT; a++) {
        for (unsigned b = 0; b < PCS_FORMAT_COUNT; b++) {
            const bool narrow = code_bits((pcs_format_t)a) - 1U < 8U && code_bits((pcs_format_t)b) - 1U < 8U;
            if (narrow && (!bench->few || (a == PCS_FORMAT_E5M2 && b == PCS_FORMAT_E4M3))) {
                pairs_of(bench, (pcs_format_t)a, (pcs_format_t)b);
            }
        }
    }
    report(bench, "pairs of 8-bit codes");
}

/* A full significand squared, at every distance between the product and the accumulator, added thrice: the second one
   overflows first where the first fills the accumulator. */
static void test_places(bench_t *bench)
{
    static const pcs_format_t formats[] = {PCS_FORMAT_BF16, PCS_FORMAT_FP16, PCS_FORMAT_E5M2};
    for (unsigned f = 0; f < sizeof formats / sizeof formats[0]; f++) {
        const pcs_format_row_t *row = &pcs_formats[formats[f]];
        const uint32_t sign = UINT32_C(1) << (code_bits(formats[f]) - 1U);
        const uint32_t ones = (uint32_t)row->bias << row->mantissa_bits | ((UINT32_C(1) << row->mantissa_bits) - 1U);
        for (int anchor = -140; anchor <= 40; anchor++) {
            for (unsigned how = 0; how < 12; how++) {
                pcs_rtl_float_mac_in_t in = {.valid = true,
                                             .format_a = formats[f],
                                             .format_b = formats[f],
                                             .anchor = anchor,
                                             .saturate = (how & 1U) != 0};
                in.a = ones | ((how & 2U) != 0 ? sign : 0U);
                in.b = how >= 8 ? (uint32_t)row->bias << row->mantissa_bits : ones;
                in.b |= how >= 4 && how < 8 ? sign : 0U;
                for (unsigned i = 0; i < 3; i++) {
                    in.first = i == 0;
                    step(bench, &in, true);
                }
            }
        }
    }
    report(bench, "places");
}

static pcs_format_t random_format(check_rng_t *rng)
{
    pcs_format_t format = PCS_FORMAT_FP32;
    while (!pcs_float_mac_serves(format)) {
        format = (pcs_format_t)(check_u32(rng) % PCS_FORMAT_COUNT);
    }
    return format;
}

static void test_random(bench_t *bench, uint64_t count, check_rng_t *rng)
{
    pcs_rtl_float_mac_in_t in = {.valid = true, .first = true};
    for (uint64_t i = 0; i < count; i++) {
        in.format_a = random_format(rng);
        in.format_b = random_format(rng);
        in.a = float_case_code(&pcs_formats[in.format_a], rng).bits;
        in.b = float_case_code(&pcs_formats[in.format_b], rng).bits;
        if (in.first) {
            in.saturate = check_range(rng, 0, 1) != 0;
            in.anchor = (int)(check_range(rng, 0, 3) == 0 ? check_range(rng, -256, 255) : check_range(rng, -60, 0));
        }
        step(bench, &in, check_range(rng, 0, 3) == 0);
        in.first = check_range(rng, 0, 15) == 0;
    }
    report(bench, "random steps");
}

/* x, then small products, then -x: what is left is the small ones' exact sum. */
static void test_cancellation(bench_t *bench, check_rng_t *rng)
{
    enum { SMALL = 20 };
    const uint32_t large = 0x7bff; /* 65504 */
    for (unsigned round = 0; round < 500; round++) {
        pcs_rtl_float_mac_in_t in = {.valid = true,
                                     .first = true,
                                     .format_a = PCS_FORMAT_FP16,
                                     .format_b = PCS_FORMAT_FP16,
                                     .anchor = -48,
                                     .a = large,
                                     .b = large};
        step(bench, &in, true);
        in.first = false;
        pcs_int128_t sum = 0;
        for (unsigned i = 0; i < SMALL; i++) {
            in.a = check_u32(rng) % 0x1000U;
            in.b = check_u32(rng) % 0x1000U;
            const pcs_parts_t a = pcs_decode(&pcs_formats[PCS_FORMAT_FP16], (pcs_code_t){in.a});
            const pcs_parts_t b = pcs_decode(&pcs_formats[PCS_FORMAT_FP16], (pcs_code_t){in.b});
            sum += (pcs_int128_t)(a.significand * b.significand) << (unsigned)(a.exponent + b.exponent + 48) % 64U;
            step(bench, &in, false);
        }
        in.a = large | 0x8000U;
        in.b = large;
        step(bench, &in, true);
        (void)CHECK(bench->expected[2].acc == sum && bench->model[2].acc == sum, "round %u: what is left", round);
    }
    report(bench, "cancellation");
}

/* Sums of two BF16 products around and below the smallest numbers of FP32, at every distance from the anchor. */
static void test_small(bench_t *bench, check_rng_t *rng)
{
    for (unsigned i = 0; i < 20000; i++) {
        pcs_rtl_float_mac_in_t in = {
            .valid = true, .first = true, .format_a = PCS_FORMAT_BF16, .format_b = PCS_FORMAT_BF16};
        in.anchor = (int)check_range(rng, -256, -120);
        const int fields = 254 + in.anchor + (int)check_range(rng, 0, 94); /* sum of the exponent fields */
        const uint32_t field = fields < 2 ? 1 : (uint32_t)fields / 2U;
        for (unsigned k = 0; k < 2; k++) {
            in.a = field << 7U | check_u32(rng) % 128U;
            in.b = field << 7U | (i % 4U == 0 ? 127U : check_u32(rng) % 128U) | (check_u32(rng) % 2U) << 15U;
            step(bench, &in, true);
            in.first = false;
        }
    }
    for (uint32_t j = 140; j < 190; j++) { /* 2^-126 - 2^-j: whether it is tiny depends on the rounding */
        pcs_rtl_float_mac_in_t in = {
            .valid = true, .first = true, .format_a = PCS_FORMAT_BF16, .format_b = PCS_FORMAT_BF16};
        in.anchor = -200;
        in.a = 64U << 7U;
        in.b = 64U << 7U;
        step(bench, &in, true);
        in.first = false;
        in.a = 55U << 7U;
        in.b = 1U << 15U | (127U + 72U - j) << 7U;
        step(bench, &in, true);
    }
    report(bench, "small sums");
}

/* K = 2^(acc_bits - 1 - bits) of the largest products are exact, as the header says; the first sum that does not fit is
   the one that the largest product's size tells. */
static void bound_of(bench_t *bench, pcs_format_t format, unsigned unit, int anchor, unsigned bits)
{
    const uint32_t max = pcs_format_max(&pcs_formats[format]).bits;
    const pcs_parts_t x = pcs_decode(&pcs_formats[format], (pcs_code_t){max});
    const pcs_int128_t product = (pcs_int128_t)(x.significand * x.significand) << (unsigned)(2 * x.exponent - anchor);
    const unsigned acc_bits = pcs_rtl_float_mac_bits(unit);
    const uint64_t exact = UINT64_C(1) << (acc_bits - 1U - bits);
    const uint64_t fits = (uint64_t)((((pcs_int128_t)1 << (acc_bits - 1U)) - 1) / product);
    pcs_rtl_float_mac_in_t in = {
        .valid = true, .format_a = format, .format_b = format, .anchor = anchor, .a = max, .b = max};
    for (uint64_t k = 1; k <= fits + 1; k++) {
        in.first = k == 1;
        step(bench, &in, k == exact);
        const bool over = (bench->expected[unit].flags & overflow_flag) != 0;
        (void)CHECK(over == (k > fits), "%s, %u bits, K %" PRIu64 ": overflow %d", pcs_formats[format].name, acc_bits,
                    k, over);
    }
    (void)CHECK(exact <= fits, "%s, %u bits: the bound holds", pcs_formats[format].name, acc_bits);
}

static void test_bounds(bench_t *bench)
{
    bound_of(bench, PCS_FORMAT_E4M3, 1, -18, 36);
    bound_of(bench, PCS_FORMAT_FP16, 2, -48, 80);
    report(bench, "up to the largest exact K");
}

/* A clock without a step changes nothing. */
static void test_bubble(bench_t *bench)
{
    pcs_rtl_float_mac_in_t in = {.valid = true,
                                 .first = true,
                                 .format_a = PCS_FORMAT_E4M3,
                                 .format_b = PCS_FORMAT_E4M3,
                                 .a = 0x38,
                                 .b = 0x40,
                                 .anchor = -18};
    step(bench, &in, true);
    pcs_rtl_float_mac_out_t out;
    in.valid = false;
    pcs_rtl_float_mac_step(bench->bank, &in, &out);
    for (unsigned unit = 0; unit < UNITS; unit++) {
        (void)CHECK(out.acc[unit] == bench->expected[unit].acc && out.fp32[unit] == 0x40000000, "1 * 2 stays");
    }
}

int main(int argc, char **argv)
{
    const uint64_t seed = check_seed(argc, argv, 1);
    const char *count_text = "1000000";
    (void)check_flag(argc, argv, "--count", &count_text);
    check_rng_t rng = {seed, 0};
    bench_t bench = {.bank = pcs_rtl_float_mac_create(seed), .inject = check_flag(argc, argv, "--inject", NULL)};
    bench.few = bench.inject || check_flag(argc, argv, "--few", NULL);
    if (bench.bank == NULL) {
        return 1;
    }
    test_pairs(&bench);
    if (!bench.inject) {
        test_places(&bench);
        test_random(&bench, strtoull(count_text, NULL, 10), &rng);
        test_cancellation(&bench, &rng);
        test_bounds(&bench);
        test_small(&bench, &rng);
        test_bubble(&bench);
    }
    pcs_rtl_float_mac_destroy(bench.bank);
    return check_done("rtl.float_mac");
}
