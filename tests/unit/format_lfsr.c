/* The hardware's random source: its polynomial is primitive, its bits are the sequence that the header gives, draws
   follow one another without a gap.  --inject takes one tap away. */
#include "models/format/lfsr.h"
#include "tests/support/check.h"

/* a * b in GF(2)[x] modulo x^32 + taps. */
static uint32_t multiply(uint32_t a, uint32_t b, uint32_t taps)
{
    uint32_t product = 0;
    for (int bit = 31; bit >= 0; bit--) {
        product = product << 1U ^ (product >> 31U ? taps : 0U);
        product ^= (b >> (unsigned)bit & 1U) != 0 ? a : 0U;
    }
    return product;
}

static uint32_t power_of_x(uint32_t exponent, uint32_t taps)
{
    uint32_t result = 1;
    for (int bit = 31; bit >= 0; bit--) {
        result = multiply(result, result, taps);
        result = (exponent >> (unsigned)bit & 1U) != 0 ? multiply(result, 2, taps) : result;
    }
    return result;
}

/* The order of x is 2^32 - 1 and no divisor of it: the sequence has that period. */
static void test_period(uint32_t taps)
{
    static const uint32_t primes[] = {3, 5, 17, 257, 65537};
    uint32_t product = 1;
    CHECK_EQ(power_of_x(UINT32_MAX, taps), 1, "x^(2^32 - 1)");
    for (unsigned i = 0; i < sizeof primes / sizeof primes[0]; i++) {
        product *= primes[i];
        CHECK(power_of_x(UINT32_MAX / primes[i], taps) != 1, "x^((2^32 - 1) / %u)", primes[i]);
    }
    CHECK_EQ(product, UINT32_MAX, "the primes of 2^32 - 1");
}

static void test_sequence(uint32_t seed)
{
    enum { DRAWS = 200, BITS = 32 * DRAWS };
    static uint32_t s[BITS];
    for (unsigned t = 0; t < BITS; t++) {
        s[t] = t < 32 ? (seed >> t) & 1U : s[t - 32] ^ s[t - 31] ^ s[t - 30] ^ s[t - 10];
    }
    pcs_lfsr_t lfsr = pcs_lfsr(seed);
    for (unsigned draw = 0; draw < DRAWS; draw++) {
        const uint32_t word = pcs_lfsr_draw(&lfsr);
        for (unsigned bit = 0; bit < 32; bit++) {
            CHECK_EQ(word >> bit & 1U, s[32 * draw + bit], "seed %08x, draw %u, bit %u", seed, draw, bit);
        }
    }
}

int main(int argc, char **argv)
{
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    test_period(inject ? PCS_CONVERT_LFSR_TAPS & ~4U : PCS_CONVERT_LFSR_TAPS);
    test_sequence(1);
    test_sequence(0xdeadbeef);
    pcs_lfsr_t zero = pcs_lfsr(0);
    CHECK_EQ(pcs_lfsr_draw(&zero), UINT32_MAX, "seed 0 stands for all ones");
    pcs_lfsr_t upper = pcs_lfsr(0xabcd1234);
    CHECK_EQ(pcs_lfsr_random(&upper), 0xabcd, "the upper 16 bits of a draw");
    return check_done("unit.format.lfsr");
}
