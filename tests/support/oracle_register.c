/* The register of the MAC kinds `float` and `bfp`, in real numbers. */
#include <stdio.h>
#include <string.h>

#include "tests/support/oracle_dot.h"
#include "tests/support/oracle_reals.h"

typedef struct register_of {
    int anchor, top; /* exponents of the last bit and of the sign */
    size_t group;
    bool saturate;
} register_t;

/* What is no number among the terms. */
typedef struct special {
    bool nan, plus, minus;
} special_t;

static void note(special_t *special, const oracle_real_t *x, unsigned *flags)
{
    special->nan = special->nan || x->kind == ORACLE_NOT_A_NUMBER;
    special->plus = special->plus || (x->kind == ORACLE_INFINITE && !x->sign);
    special->minus = special->minus || (x->kind == ORACLE_INFINITE && x->sign);
    *flags |= x->kind == ORACLE_NOT_A_NUMBER && x->signaling ? ORACLE_NV : 0;
}

static oracle_real_t power_of_two(int exponent, bool sign)
{
    oracle_real_t x = {.kind = ORACLE_NUMBER, .sign = sign};
    x.word[(exponent - ORACLE_UNIT) / 32] = UINT32_C(1) << ((exponent - ORACLE_UNIT) % 32);
    return x;
}

/* Of a multiple of the last bit: it is one of -2^top .. 2^top - 2^anchor. */
static bool holds(const register_t *r, const oracle_real_t *x)
{
    const int highest = oracle_top_bit(x) + ORACLE_UNIT;
    const oracle_real_t beyond = oracle_plus(*x, power_of_two(r->top, false));
    return oracle_is_zero(x) || highest < r->top || (highest == r->top && x->sign && oracle_is_zero(&beyond));
}

/* What a sum that it does not hold becomes. */
static oracle_real_t overflowed(const register_t *r, oracle_real_t sum)
{
    if (r->saturate) {
        const oracle_real_t end = power_of_two(r->top, sum.sign);
        return sum.sign ? end : oracle_plus(end, power_of_two(r->anchor, true));
    }
    for (int at = r->top + 1 - ORACLE_UNIT; at < 32 * ORACLE_WORDS; at++) { /* multiples of 2^(top + 1) fall off */
        sum.word[at / 32] &= ~(UINT32_C(1) << (at % 32));
    }
    return holds(r, &sum) ? sum : oracle_plus(sum, power_of_two(r->top + 1, !sum.sign));
}

/* x * 2^n; what would fall off an end of the words is not there. */
static oracle_real_t times_power(oracle_real_t x, int n)
{
    oracle_real_t y = x;
    for (int at = 0; at < 32 * ORACLE_WORDS; at++) {
        const int from = at - n;
        const bool inside = from >= 0 && from < 32 * ORACLE_WORDS;
        const uint32_t bit = inside ? x.word[from / 32] >> (from % 32) & 1U : 0;
        y.word[at / 32] = (y.word[at / 32] & ~(UINT32_C(1) << (at % 32))) | bit << (at % 32);
    }
    return y;
}

/* Product i, in its block's scale. */
static oracle_real_t product(const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, size_t i, unsigned *flags)
{
    const oracle_real_t x = oracle_mul(oracle_decode(dot->a, a[i]), oracle_decode(dot->b, b[i]), flags);
    return dot->scale == NULL ? x : times_power(x, dot->scale[i / dot->scale_group]);
}

/* Products first.., cut off and added one by one. */
static oracle_real_t fill(const oracle_dot_t *dot, const register_t *r, const uint32_t *a, const uint32_t *b,
                          size_t first, size_t count, special_t *special, unsigned *flags)
{
    oracle_real_t sum = {.kind = ORACLE_NUMBER};
    for (size_t i = first; i < first + count; i++) {
        const oracle_real_t x = product(dot, a, b, i, flags);
        note(special, &x, flags);
        if (x.kind == ORACLE_NUMBER) {
            const oracle_real_t kept = oracle_cut(x, r->anchor, false);
            sum = oracle_plus(sum, kept);
            *flags |= memcmp(kept.word, x.word, sizeof x.word) != 0 ? ORACLE_NX : 0;
            if (!holds(r, &sum)) {
                *flags |= ORACLE_OF | ORACLE_NX;
                sum = overflowed(r, sum);
            }
        }
    }
    return sum;
}

/* register:anchor=A,bits=W[,group=N][,overflow=sat], in this order. */
static bool parse(const oracle_dot_t *dot, register_t *r)
{
    int bits = 0;
    int used = 0;
    *r = (register_t){.group = dot->k};
    if (sscanf(dot->accumulator, "register:anchor=%d,bits=%d%n", &r->anchor, &bits, &used) < 2) {
        return false;
    }
    (void)sscanf(dot->accumulator + used, ",group=%zu", &r->group);
    r->saturate = strstr(dot->accumulator, "overflow=sat") != NULL;
    r->top = r->anchor + bits - 1;
    return true;
}

bool oracle_register(const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, uint32_t c, uint32_t *code,
                     unsigned *flags)
{
    register_t r;
    if (!parse(dot, &r)) {
        return false;
    }
    special_t special = {.nan = false};
    oracle_real_t sum = {.kind = ORACLE_NUMBER};
    bool cancelled = false;
    for (size_t first = 0; first < dot->k; first += r.group) {
        const size_t count = first + r.group < dot->k ? r.group : dot->k - first;
        const oracle_real_t part = fill(dot, &r, a, b, first, count, &special, flags);
        cancelled = cancelled || !oracle_is_zero(&part);
        sum = oracle_plus(sum, part);
    }
    if (oracle_is_zero(&sum)) { /* a register's zero is +0, that of several which cancel follows the rounding */
        sum.sign = cancelled && dot->how.rounding == ORACLE_RDN;
    }
    const oracle_real_t addend = oracle_decode(dot->c, c);
    note(&special, &addend, flags);
    if (special.nan || special.plus || special.minus) {
        const bool unlike = special.plus && special.minus;
        *flags |= unlike && !special.nan ? ORACLE_NV : 0;
        sum = (oracle_real_t){.kind = special.nan || unlike ? ORACLE_NOT_A_NUMBER : ORACLE_INFINITE,
                              .sign = special.minus};
    } else {
        sum = oracle_add(sum, addend, dot->how.rounding == ORACLE_RDN, flags);
    }
    *code = oracle_rounded(dot->c, &sum, &dot->how, flags);
    return true;
}
