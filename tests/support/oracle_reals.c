#include "tests/support/oracle_reals.h"

static bool bit_at(const oracle_real_t *x, int at)
{
    return at >= 0 && at < 32 * ORACLE_WORDS && (x->word[at / 32] >> (at % 32) & 1U) != 0;
}

int oracle_top_bit(const oracle_real_t *x) /* -1: zero */
{
    int at = 32 * ORACLE_WORDS - 1;
    while (at >= 0 && !bit_at(x, at)) {
        at--;
    }
    return at;
}

bool oracle_is_zero(const oracle_real_t *x)
{
    return x->kind == ORACLE_NUMBER && oracle_top_bit(x) < 0;
}

/* Bits below 2^exponent cut off: toward zero, or down. */
oracle_real_t oracle_cut(oracle_real_t x, int exponent, bool down)
{
    bool lost = false;
    const int end = exponent - ORACLE_UNIT;
    for (int at = 0; at < end && at < 32 * ORACLE_WORDS; at++) {
        lost = lost || bit_at(&x, at);
        x.word[at / 32] &= ~(UINT32_C(1) << (at % 32));
    }
    if (down && lost && x.sign && end < 32 * ORACLE_WORDS) {
        oracle_real_t one = {.kind = ORACLE_NUMBER, .sign = true};
        unsigned flags = 0;
        one.word[end / 32] = UINT32_C(1) << (end % 32);
        x = oracle_add(x, one, false, &flags);
    }
    return x;
}

oracle_real_t oracle_plus(oracle_real_t a, oracle_real_t b)
{
    unsigned flags = 0;
    return oracle_add(a, b, false, &flags);
}

uint32_t oracle_rounded(const oracle_format_t *f, const oracle_real_t *x, const oracle_how_t *how, unsigned *flags)
{
    oracle_place_t place;
    oracle_place_t scaled;
    oracle_place(f, x, &place, &scaled);
    return oracle_round(f, &place, how, flags);
}
