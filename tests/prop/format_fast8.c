/* Fast conversion to 8-bit formats against the slow one: every binary32 neighbourhood of every code and of the middles
   between codes, random words, every alignment of the random stream. */
#include <string.h>

#include "models/format/fast8.h"
#include "tests/support/check.h"

enum { MOST = 1500 };

static bool inject;

static void compare(const pcs_format_row_t *to, const pcs_fpstate_t *how, const float *x, size_t n, uint64_t first)
{
    const pcs_stream_t stream = pcs_stream(3, PCS_PURPOSE_TEST, 1, 2);
    uint8_t codes[MOST];
    PCS_ASSERT(n <= MOST);
    pcs_fast8_convert(to, how, &stream, first, x, n, codes);
    codes[0] ^= inject ? 1U : 0U;
    for (size_t i = 0; i < n; i++) {
        pcs_fpstate_t state = *how;
        pcs_code_t code;
        memcpy(&code.bits, x + i, sizeof code.bits);
        state.random = how->random_bits == 0 ? 0 : pcs_philox_u32(&stream, first + i) >> (32U - how->random_bits);
        const uint32_t expected = pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], code, to, &state).bits;
        CHECK(codes[i] == expected, "%s, %s, %s, element %zu from %llu: %x becomes %x, not %x", to->name,
              pcs_rounding_name(how->rounding), pcs_overflow_name(how->overflow), i, (unsigned long long)first,
              code.bits, codes[i], expected);
    }
}

/* The binary32 word of each code and of the middle above it, and words next to those, both signs. */
static size_t neighbourhoods(const pcs_format_row_t *to, uint32_t code, float *x)
{
    pcs_fpstate_t exact = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    const pcs_code_t low = pcs_float_convert(to, (pcs_code_t){code}, &pcs_formats[PCS_FORMAT_FP32], &exact);
    const pcs_code_t high = pcs_float_convert(to, (pcs_code_t){code + 1U}, &pcs_formats[PCS_FORMAT_FP32], &exact);
    const uint32_t middle = low.bits == 0 ? high.bits - 0x800000U : low.bits + (high.bits - low.bits) / 2U;
    size_t n = 0;
    for (uint32_t sign = 0; sign < 2; sign++) {
        for (uint32_t d = 0; d < 7; d++) {
            const uint32_t words[2] = {(low.bits + d - 3U) & 0x7fffffffU, (middle + d - 3U) & 0x7fffffffU};
            for (int w = 0; w < 2; w++) {
                const uint32_t bits = words[w] | sign << 31U;
                memcpy(&x[n++], &bits, sizeof bits);
            }
        }
    }
    return n;
}

static void one_way(const pcs_format_row_t *to, const pcs_fpstate_t *how, check_rng_t *rng)
{
    float x[MOST];
    const uint32_t codes = UINT32_C(1) << (pcs_format_bits(to) - 1U);
    for (uint32_t code = 0; code + 1 < codes; code++) {
        const size_t n = neighbourhoods(to, code, x);
        compare(to, how, x, n, code % 9U);
    }
    for (int turn = 0; turn < 40; turn++) {
        const size_t n = 1U + check_u32(rng) % (turn % 2 == 0 ? 70U : MOST);
        for (size_t i = 0; i < n; i++) {
            uint32_t bits = check_u32(rng);
            if (turn % 4 != 0) { /* around the format's range */
                const uint32_t exponent =
                    (uint32_t)(127 - to->bias - 8 + (int)(check_u32(rng) % (16U + (2U << to->exponent_bits))));
                bits = (bits & 0x807fffffU) | (exponent & 0xffU) << 23U;
            }
            memcpy(&x[i], &bits, sizeof bits);
        }
        compare(to, how, x, n, check_u32(rng) % 5U + (turn % 8 == 0 ? UINT64_C(0x3fffffff0) : 0U));
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    int served = 0;
    for (int format = 0; format < PCS_FORMAT_COUNT; format++) {
        for (int overflow = 0; overflow < PCS_OVERFLOW_COUNT; overflow++) {
            static const unsigned random_bits[] = {0, 1, 8, 20, 32};
            for (size_t i = 0; i < sizeof random_bits / sizeof random_bits[0]; i++) {
                const pcs_fpstate_t how = {.rounding = random_bits[i] == 0 ? PCS_ROUNDING_RNE : PCS_ROUNDING_SR,
                                           .overflow = (pcs_overflow_t)overflow,
                                           .random_bits = random_bits[i]};
                if (pcs_fast8_serves(&pcs_formats[format], &how)) {
                    served++;
                    one_way(&pcs_formats[format], &how, &rng);
                }
            }
        }
    }
    CHECK_EQ(served, 10 * 3 * 5, "formats, policies and roundings served");
    return check_done("fast conversions");
}
