/* Arithmetic and conversions on edges, as test suites of floating-point units take them: exponents at the ends of the
   range, around one and where operands lose touch, significands of few patterns, both signs; every pair of them.  Code
   and flags, all roundings, tininess before and after rounding, against the oracle; binary32 and its conversion to and
   from binary16 also against this machine's own arithmetic, four roundings with their flags.
   --stride N: every Nth pair.  --inject: one wrong bit against the oracle; --inject-host: one against the machine. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "tests/support/float_case.h"

enum { EDGES_MAX = 1024 };

typedef struct edges {
    size_t count;
    uint32_t code[EDGES_MAX];
} edges_t;

/* Patterns of m bits: none, the ends, the bits next to them, a tie and its neighbours. */
static size_t patterns(unsigned m, bool few, uint32_t out[10])
{
    const uint32_t ones = (UINT32_C(1) << m) - 1U;
    const uint32_t top = UINT32_C(1) << (m - 1U);
    const uint32_t all[] = {0, ones, 1, top, ones - 1U, top - 1U, top + 1U, top | top >> 1U, 2, ones ^ top};
    const size_t n = few ? 4 : sizeof all / sizeof all[0];
    memcpy(out, all, n * sizeof *all);
    return n;
}

/* Exponent fields worth a visit: all of them up to 5 bits, else the ends, the middle and a significand's length on. */
static bool is_edge(const pcs_format_row_t *format, int field, bool few)
{
    const int m = (int)format->mantissa_bits;
    const int top = (1 << format->exponent_bits) - 1;
    const int from_one = abs(field - format->bias);
    const bool ends = field <= 1 || field >= top - 1;
    if (few) {
        return ends || from_one <= 1 || from_one == m + 1;
    }
    return format->exponent_bits <= 5 || ends || field == 2 || field == top - 2 || from_one <= 1 ||
           abs(from_one - m - 1) <= 1 || abs(field - m) <= 1 || from_one == format->bias / 2;
}

static void make_edges(const pcs_format_row_t *format, bool few, edges_t *edges)
{
    uint32_t pattern[10];
    const size_t n = patterns(format->mantissa_bits, few, pattern);
    edges->count = 0;
    for (uint32_t field = 0; field >> format->exponent_bits == 0; field++) {
        for (size_t i = 0; i < n && is_edge(format, (int)field, few); i++) {
            for (uint32_t sign = 0; sign < 2; sign++) {
                PCS_ASSERT(edges->count < EDGES_MAX);
                edges->code[edges->count++] =
                    (sign << format->exponent_bits | field) << format->mantissa_bits | pattern[i];
            }
        }
    }
}

static void arithmetic(const pcs_format_row_t *format, size_t stride, bool inject, check_rng_t *rng)
{
    edges_t edges;
    make_edges(format, false, &edges);
    for (size_t i = 0; i < edges.count * edges.count; i += stride) {
        const uint32_t x[3] = {edges.code[i / edges.count], edges.code[i % edges.count], 0};
        float_case_compare(format, i % 4 == 1 ? FLOAT_CASE_SUB : FLOAT_CASE_ADD, x, inject && i == 0, rng);
        float_case_compare(format, FLOAT_CASE_MUL, x, false, rng);
    }
    make_edges(format, true, &edges);
    for (size_t i = 0; i < edges.count * edges.count; i += stride) {
        for (size_t k = i % 5; k < edges.count; k += 5) { /* every fifth addend, in turn */
            const uint32_t x[3] = {edges.code[i / edges.count], edges.code[i % edges.count], edges.code[k]};
            float_case_compare(format, FLOAT_CASE_FMA, x, false, rng);
        }
    }
}

/* ---- this machine ------------------------------------------------------------------------------------------------ */

static const struct {
    int fenv;
    pcs_rounding_t rounding;
} directions[] = {{FE_TONEAREST, PCS_ROUNDING_RNE},
                  {FE_TOWARDZERO, PCS_ROUNDING_RTZ},
                  {FE_UPWARD, PCS_ROUNDING_RUP},
                  {FE_DOWNWARD, PCS_ROUNDING_RDN}};
enum { DIRECTIONS = sizeof directions / sizeof directions[0] };

static float host(uint32_t bits)
{
    float x = 0;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static unsigned raised(void)
{
    const int bits = fetestexcept(FE_ALL_EXCEPT);
    return ((bits & FE_INEXACT) != 0 ? (unsigned)PCS_FLAG_INEXACT : 0U) |
           ((bits & FE_UNDERFLOW) != 0 ? (unsigned)PCS_FLAG_UNDERFLOW : 0U) |
           ((bits & FE_OVERFLOW) != 0 ? (unsigned)PCS_FLAG_OVERFLOW : 0U) |
           ((bits & FE_INVALID) != 0 ? (unsigned)PCS_FLAG_INVALID : 0U);
}

/* The operands are volatile, so that the operation stays between the calls that look at its flags. */
static uint32_t on_host(float_case_op_t op, const uint32_t x[3], unsigned *flags)
{
    volatile float a = host(x[0]);
    volatile float b = host(x[1]);
    volatile float c = host(x[2]);
    volatile float y = 0;
    (void)feclearexcept(FE_ALL_EXCEPT);
    if (op == FLOAT_CASE_ADD) {
        y = a + b;
    } else if (op == FLOAT_CASE_SUB) {
        y = a - b;
    } else if (op == FLOAT_CASE_MUL) {
        y = a * b;
    } else {
        y = fmaf(a, b, c);
    }
    *flags = raised();
    const float result = y;
    uint32_t bits = 0;
    memcpy(&bits, &result, sizeof bits);
    return bits;
}

/* NaN compares as NaN: which one is the machine's choice. */
static void against_host(float_case_op_t op, const uint32_t x[3], pcs_rounding_t rounding, bool inject)
{
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    unsigned flags = 0;
    const uint32_t expected = on_host(op, x, &flags);
    pcs_fpstate_t state = {.rounding = rounding, .overflow = PCS_OVERFLOW_INF};
    const uint32_t observed = float_case_device(fp32, op, x, &state) ^ (inject ? 1U : 0U);
    /* whether 0 * Inf + NaN is invalid is left open by IEEE 754; here it is */
    const bool left_open = op == FLOAT_CASE_FMA && isnan(host(x[2])) && isnan(host(x[0]) * host(x[1]));
    CHECK((observed == expected || (isnan(host(observed)) && isnan(host(expected)))) &&
              (state.flags == flags || left_open),
          "host %s %x %x %x, %s => observed %x flags %x expected %x flags %x", float_case_op_name(op), x[0], x[1], x[2],
          pcs_rounding_name(rounding), observed, state.flags, expected, flags);
}

static void arithmetic_of_host(size_t stride, bool inject)
{
    edges_t edges;
    edges_t addends;
    make_edges(&pcs_formats[PCS_FORMAT_FP32], false, &edges);
    make_edges(&pcs_formats[PCS_FORMAT_FP32], true, &addends);
    for (int d = 0; d < DIRECTIONS; d++) {
        (void)fesetround(directions[d].fenv);
        for (size_t i = 0; i < edges.count * edges.count; i += stride) {
            for (int op = 0; op < FLOAT_CASE_OPS; op++) {
                const uint32_t c = addends.code[(i + i / edges.count) % addends.count];
                const uint32_t x[3] = {edges.code[i / edges.count], edges.code[i % edges.count], c};
                against_host((float_case_op_t)op, x, directions[d].rounding, inject && i == 0 && op == FLOAT_CASE_MUL);
            }
        }
    }
    (void)fesetround(FE_TONEAREST);
}

#if defined(__x86_64__)
__attribute__((target("f16c"))) static uint32_t half_on_host(float x, unsigned *flags)
{
    volatile float value = x;
    (void)feclearexcept(FE_ALL_EXCEPT);
    const __m128i y = _mm_cvtps_ph(_mm_set_ss(value), _MM_FROUND_CUR_DIRECTION);
    volatile uint32_t bits = (uint32_t)_mm_cvtsi128_si32(y) & 0xffffU;
    *flags = raised();
    return bits;
}

__attribute__((target("f16c"))) static float half_of_host(uint32_t code)
{
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128((int)code)));
}

static bool is_nan_half(uint32_t code)
{
    return (code & 0x7fffU) > 0x7c00U;
}

/* Every binary16 code, the middle to the next one and its neighbours, in four directions; and back. */
static void halves_of_host(uint32_t stride)
{
    const pcs_format_row_t *fp32 = &pcs_formats[PCS_FORMAT_FP32];
    const pcs_format_row_t *fp16 = &pcs_formats[PCS_FORMAT_FP16];
    for (int d = 0; d < DIRECTIONS; d++) {
        (void)fesetround(directions[d].fenv);
        for (uint32_t code = 0; code < 65536; code += stride) {
            pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
            const uint32_t wide = pcs_float_convert(fp16, (pcs_code_t){code}, fp32, &exact).bits;
            CHECK(is_nan_half(code) || memcmp(&(float){half_of_host(code)}, &wide, sizeof wide) == 0, "fp16 %x", code);
            const uint32_t next = pcs_float_convert(fp16, (pcs_code_t){(code + 1U) & 0xffffU}, fp32, &exact).bits;
            const uint32_t middle = wide + (next - wide) / 2U;
            for (uint32_t i = 0; i < 6; i++) { /* the code and its neighbours, the middle and its neighbours */
                const uint32_t x = (i < 3 ? wide : middle) + i % 3U - 1U;
                pcs_fpstate_t state = {.rounding = directions[d].rounding, .overflow = PCS_OVERFLOW_INF};
                const uint32_t observed = pcs_float_convert(fp32, (pcs_code_t){x}, fp16, &state).bits;
                unsigned flags = 0;
                const uint32_t expected = half_on_host(host(x), &flags);
                CHECK((observed == expected || (is_nan_half(observed) && is_nan_half(expected))) &&
                          state.flags == flags,
                      "host fp32 %x to fp16, %s => observed %x flags %x expected %x flags %x", x,
                      pcs_rounding_name(state.rounding), observed, state.flags, expected, flags);
            }
        }
    }
    (void)fesetround(FE_TONEAREST);
}
#endif

int main(int argc, char **argv)
{
    static const pcs_format_t formats[] = {PCS_FORMAT_FP16, PCS_FORMAT_BF16, PCS_FORMAT_TF32, PCS_FORMAT_FP32};
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    const char *text = "1";
    (void)check_flag(argc, argv, "--stride", &text);
    const size_t stride = strtoul(text, NULL, 10);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const bool wide = formats[i] == PCS_FORMAT_FP32;
        arithmetic(&pcs_formats[formats[i]], wide ? stride : 3 * stride, inject, &rng);
    }
    arithmetic_of_host(stride, check_flag(argc, argv, "--inject-host", NULL));
#if defined(__x86_64__)
    if (__builtin_cpu_supports("f16c")) {
        halves_of_host((uint32_t)stride);
    }
#endif
    return check_done("operations on edges");
}
