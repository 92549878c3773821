/* Formats of the caller's own: random legal rows, their conversions from binary32 against the oracle with the same
   parameters; and what is refused.  --count N: random rows, of which about half are legal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/float_case.h"

static bool inject;

/* The oracle's row, its codes by the definition of each top. */
static oracle_format_t oracle_of(const pcs_format_row_t *f)
{
    const uint32_t ones = (UINT32_C(1) << (f->exponent_bits + f->mantissa_bits)) - 1U;
    const uint32_t inf = ones - ((UINT32_C(1) << f->mantissa_bits) - 1U);
    const bool ieee = f->top == PCS_TOP_IEEE;
    oracle_format_t o = {.name = f->name,
                         .e = (int)f->exponent_bits,
                         .m = (int)f->mantissa_bits,
                         .bias = f->bias,
                         .bits = (int)(f->exponent_bits + f->mantissa_bits) + (f->sign == PCS_SIGN_SIGNED ? 1 : 0),
                         .max = ieee                     ? inf - 1
                                : f->top == PCS_TOP_FULL ? ones
                                                         : ones - 1,
                         .inf = ieee                    ? inf
                                : f->top == PCS_TOP_INF ? ones
                                                        : ORACLE_NONE,
                         .nan = ieee                      ? inf + (UINT32_C(1) << f->mantissa_bits) / 2U
                                : f->top == PCS_TOP_FN    ? ones
                                : f->zero == PCS_ZERO_NAN ? ones + 1U
                                                          : ORACLE_NONE,
                         .subnormals = f->lowest != PCS_LOWEST_NORMAL,
                         .flush = f->lowest == PCS_LOWEST_FLUSH,
                         .zero = f->zero != PCS_ZERO_NONE,
                         .minus_zero = f->zero == PCS_ZERO_SIGNED && f->sign == PCS_SIGN_SIGNED,
                         .negative = f->sign == PCS_SIGN_SIGNED};
    return o;
}

static pcs_format_row_t random_row(check_rng_t *rng)
{
    return (pcs_format_row_t){.name = "custom",
                              .sign = (pcs_format_sign_t)(check_u32(rng) % 4U == 0),
                              .exponent_bits = (unsigned)check_range(rng, 1, 9),
                              .mantissa_bits = (unsigned)check_range(rng, 0, check_u32(rng) % 4U == 0 ? 24 : 6),
                              .bias = (int)check_range(rng, -40, 140),
                              .top = (pcs_format_top_t)(check_u32(rng) % 4U),
                              .lowest = (pcs_format_lowest_t)(check_u32(rng) % 3U),
                              .zero = (pcs_format_zero_t)(check_u32(rng) % 3U),
                              .after = ""};
}

static void conversions(const pcs_format_row_t *row, check_rng_t *rng)
{
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    const oracle_format_t oracle = oracle_of(row);
    const uint32_t codes = UINT32_C(1) << (pcs_format_bits(row) < 10 ? pcs_format_bits(row) : 10U);
    for (int i = 0; i < 400; i++) {
        pcs_code_t code = float_case_code(fp32, rng);
        if (i % 2 == 0) { /* within the range of the format, more or less */
            const int exponent = 1 - row->bias + (int)(check_u32(rng) % (3U << (row->exponent_bits - 1U))) - 4;
            code.bits = (code.bits & 0x807fffffU) | (uint32_t)((exponent + 127) & 0xff) << 23U;
        }
        const int rounding = i % ORACLE_ROUNDINGS;
        pcs_fpstate_t state = float_case_state(rounding, i / ORACLE_ROUNDINGS % ORACLE_OVERFLOWS, rng);
        const oracle_how_t how = float_case_how(&state);
        const oracle_real_t x = oracle_decode(float_case_oracle(fp32), code.bits);
        oracle_place_t place;
        oracle_place_t scaled;
        oracle_place(&oracle, &x, &place, &scaled);
        unsigned flags = 0;
        const uint32_t expected = oracle_round(&oracle, &place, &how, &flags);
        uint32_t observed = pcs_float_convert(fp32, code, row, &state).bits;
        observed ^= inject ? 1U : 0U;
        float_case_check("fp32", row, &state, observed, expected, flags, (uint32_t[3]){code.bits});
    }
    for (uint32_t code = 0; code < codes && !inject; code++) { /* exact there and back, through binary32 */
        pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RTZ, .overflow = PCS_OVERFLOW_INF};
        const pcs_parts_t x = pcs_decode(row, (pcs_code_t){code});
        const pcs_code_t wide = pcs_round_pack(fp32, x, &state);
        const pcs_code_t back = pcs_float_convert(fp32, wide, row, &state);
        CHECK(x.class_ == PCS_CLASS_NAN || (state.flags == 0 && back.bits == code) ||
                  (x.class_ == PCS_CLASS_ZERO && (row->sign == PCS_SIGN_UNSIGNED || row->lowest == PCS_LOWEST_FLUSH)),
              "code %x of e%um%u, bias %d, comes back as %x", code, row->exponent_bits, row->mantissa_bits, row->bias,
              back.bits);
    }
}

static void refused(pcs_format_row_t row, const char *says)
{
    pcs_error_t err = {{0}};
    row.name = "mine";
    CHECK(pcs_format_check(&row, &err) == PCS_INVALID && strstr(err.text, says) != NULL, "'%s' does not say '%s'",
          err.text, says);
}

/* Largest and smallest numbers of published formats that are no rows of formats.def, as one would write them. */
static void published(void)
{
    static const struct {
        pcs_format_row_t row;
        double max, min;
    } cases[] = {
        /* QPyTorch's E5M2, which is not OFP8's: the top exponent is an ordinary one */
        {{.name = "qpytorch-e5m2", .exponent_bits = 5, .mantissa_bits = 2, .bias = 15, .top = PCS_TOP_FULL},
         114688,
         0x1p-16},
        /* IntelLabs' E3M4 */
        {{.name = "intel-e3m4", .exponent_bits = 3, .mantissa_bits = 4, .bias = 3, .top = PCS_TOP_FN}, 30, 0x1p-6},
        /* P3109 Binary8p3sf and Binary8p4sf: finite, one zero, its negative code is NaN */
        {{.name = "binary8p3sf",
          .exponent_bits = 5,
          .mantissa_bits = 2,
          .bias = 16,
          .top = PCS_TOP_FULL,
          .zero = PCS_ZERO_NAN},
         57344,
         0x1p-17},
        {{.name = "binary8p4sf",
          .exponent_bits = 4,
          .mantissa_bits = 3,
          .bias = 8,
          .top = PCS_TOP_FULL,
          .zero = PCS_ZERO_NAN},
         240,
         0x1p-10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const pcs_format_row_t *row = &cases[i].row;
        pcs_error_t err = {{0}};
        CHECK_OK(pcs_format_check(row, &err), &err);
        const pcs_parts_t max = pcs_decode(row, pcs_format_max(row));
        const pcs_parts_t min = pcs_decode(row, (pcs_code_t){1});
        CHECK(ldexp((double)max.significand, max.exponent) == cases[i].max, "%s: max", row->name);
        CHECK(ldexp((double)min.significand, min.exponent) == cases[i].min, "%s: min", row->name);
    }
    CHECK(pcs_format_max(&cases[0].row).bits != pcs_format_max(&pcs_formats[PCS_FORMAT_E5M2]).bits, "not OFP8");
}

/* P3109's extremes; and of the formats with infinities, the largest number's successor is one. */
static void p3109(void)
{
    static const struct {
        const char *name;
        double max, min;
    } cases[] = {{"binary8p3se", 49152, 0x1p-17},    {"binary8p3sf", 57344, 0x1p-17}, {"binary8p4se", 224, 0x1p-10},
                 {"binary8p4sf", 240, 0x1p-10},      {"binary4p2sf", 3, 0.25},        {"binary5p1se", 64, 0x1p-7},
                 {"binary8p1uf", 0x1p126, 0x1p-127}, {"binary4p2uf", 8, 0x1p-4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pcs_format_row_t row;
        pcs_error_t err = {{0}};
        CHECK(pcs_format_by_fields(cases[i].name, &row), "%s", cases[i].name);
        CHECK_OK(pcs_format_check(&row, &err), &err);
        const pcs_parts_t max = pcs_decode(&row, pcs_format_max(&row));
        const pcs_parts_t min = pcs_decode(&row, (pcs_code_t){1});
        CHECK(ldexp((double)max.significand, max.exponent) == cases[i].max, "%s: max", row.name);
        CHECK(ldexp((double)min.significand, min.exponent) == cases[i].min, "%s: min", row.name);
        const uint32_t sign = UINT32_C(1) << (pcs_format_bits(&row) - 1U);
        const uint32_t last = 2U * sign - 1U;
        const bool is_signed = row.sign == PCS_SIGN_SIGNED;
        CHECK_EQ(pcs_decode(&row, (pcs_code_t){is_signed ? sign : last}).class_, PCS_CLASS_NAN, "%s: NaN", row.name);
        CHECK_EQ(pcs_decode(&row, (pcs_code_t){is_signed ? last : last - 1U}).class_,
                 row.top == PCS_TOP_INF ? PCS_CLASS_INF : PCS_CLASS_FINITE, "%s: the last code", row.name);
    }
    pcs_format_row_t row;
    CHECK(!pcs_format_by_fields("binary8p8se", &row) && !pcs_format_by_fields("binary8p0sf", &row) &&
              !pcs_format_by_fields("binary8p3", &row) && !pcs_format_by_fields("binary8p3ue", &row),
          "names that are none");
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    pcs_error_t err = {{0}};
    for (int i = 0; i < PCS_FORMAT_COUNT; i++) {
        CHECK_OK(pcs_format_check(&pcs_formats[i], &err), &err);
    }
    const char *text = "6000";
    (void)check_flag(argc, argv, "--count", &text);
    const int count = (int)strtol(text, NULL, 10);
    int legal = 0;
    for (int i = 0; i < count; i++) {
        const pcs_format_row_t row = random_row(&rng);
        if (pcs_format_check(&row, NULL) == PCS_OK) {
            legal++;
            conversions(&row, &rng);
        }
    }
    CHECK(legal > count / 20, "only %d legal rows", legal);
    pcs_format_row_t row;
    CHECK(pcs_format_by_fields("e3m4", &row) && row.bias == 3 && row.mantissa_bits == 4, "e3m4");
    CHECK(!pcs_format_by_fields("e3m4x", &row) && !pcs_format_by_fields("e03m4", &row) &&
              !pcs_format_by_fields("fp16", &row) && !pcs_format_by_fields("em", &row),
          "names that are none");
    const pcs_format_row_t fp16 = pcs_formats[PCS_FORMAT_FP16];
    row = fp16, row.exponent_bits = 0, refused(row, "0 exponent bits; legal: 2..8");
    row = fp16, row.exponent_bits = 9, refused(row, "9 exponent bits; legal: 2..8");
    row = fp16, row.mantissa_bits = 24, refused(row, "24 mantissa bits; legal: 1..23");
    row = fp16, row.mantissa_bits = 0, refused(row, "0 mantissa bits; legal: 1..23");
    row = fp16, row.bias = 200, refused(row, "bias 200 leaves the range of fp32; legal: -97..140");
    row = fp16, row.zero = PCS_ZERO_NAN, refused(row, "zero nan; legal: with a sign and top full or inf");
    row = fp16, row.top = PCS_TOP_INF, refused(row, "top inf; legal: with zero nan");
    row = pcs_formats[PCS_FORMAT_E4M3_FNUZ], row.lowest = PCS_LOWEST_FLUSH, refused(row, "lowest flush; legal:");
    row = fp16, row.zero = PCS_ZERO_NONE, refused(row, "zero none");
    row = fp16, row.sign = PCS_SIGN_UNSIGNED, row.top = PCS_TOP_FULL, refused(row, "no sign and top full");
    published();
    p3109();
    return check_done("conversions to formats of one's own");
}
