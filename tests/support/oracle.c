#include "tests/support/oracle.h"

#include <string.h>

/* Constants as published: OFP8, OCP MX, ml_dtypes, the DLFloat patent, IEEE 754. */
const oracle_format_t oracle_formats[ORACLE_FORMATS] = {
    {"e5m2", 8, 5, 2, 15, 0x7b, 0x7e, 0x7c, true, true, true, true, false, 57344, 0x1p-16},
    {"e4m3", 8, 4, 3, 7, 0x7e, 0x7f, ORACLE_NONE, true, true, true, true, false, 448, 0x1p-9},
    {"e4m3-ieee", 8, 4, 3, 7, 0x77, 0x7c, 0x78, true, true, true, true, false, 240, 0x1p-9},
    {"e4m3fnuz", 8, 4, 3, 8, 0x7f, 0x80, ORACLE_NONE, true, true, false, true, false, 240, 0x1p-10},
    {"e5m2fnuz", 8, 5, 2, 16, 0x7f, 0x80, ORACLE_NONE, true, true, false, true, false, 57344, 0x1p-17},
    {"e4m3b11fnuz", 8, 4, 3, 11, 0x7f, 0x80, ORACLE_NONE, true, true, false, true, false, 30, 0x1p-13},
    {"e3m4", 8, 3, 4, 3, 0x6f, 0x78, 0x70, true, true, true, true, false, 15.5, 0x1p-6},
    {"e3m2", 6, 3, 2, 3, 0x1f, ORACLE_NONE, ORACLE_NONE, true, true, true, true, false, 28, 0x1p-4},
    {"e2m3", 6, 2, 3, 1, 0x1f, ORACLE_NONE, ORACLE_NONE, true, true, true, true, false, 7.5, 0x1p-3},
    {"e2m1", 4, 2, 1, 1, 0x7, ORACLE_NONE, ORACLE_NONE, true, true, true, true, false, 6, 0.5},
    {"e8m0", 8, 8, 0, 127, 0xfe, 0xff, ORACLE_NONE, false, false, false, false, false, 0x1p127, 0x1p-127},
    {"e5m3", 9, 5, 3, 15, 0xf7, 0xfc, 0xf8, true, true, true, true, false, 61440, 0x1p-17},
    {"e6m9", 16, 6, 9, 31, 0x7dff, 0x7f00, 0x7e00, true, true, true, true, false, 4290772992.0, 0x1p-39},
    {"dlfloat16", 16, 6, 9, 31, 0x7ffe, 0x7fff, ORACLE_NONE, false, true, true, true, false, 8573157376.0, 0x1.008p-31},
    {"fp16", 16, 5, 10, 15, 0x7bff, 0x7e00, 0x7c00, true, true, true, true, false, 65504, 0x1p-24},
    {"bf16", 16, 8, 7, 127, 0x7f7f, 0x7fc0, 0x7f80, true, true, true, true, false, 0x1.fep127, 0x1p-133},
    {"tf32", 19, 8, 10, 127, 0x3fbff, 0x3fe00, 0x3fc00, true, true, true, true, false, 0x1.ffcp127, 0x1p-136},
    {"e8m13", 22, 8, 13, 127, 0x1fdfff, 0x1ff000, 0x1fe000, true, true, true, true, false, 0x1.fff8p127, 0x1p-139},
    {"fp32", 32, 8, 23, 127, 0x7f7fffff, 0x7fc00000, 0x7f800000, true, true, true, true, false, 0x1.fffffep127,
     0x1p-149},
};

static int compare(const uint32_t *a, const uint32_t *b)
{
    for (int i = ORACLE_WORDS - 1; i >= 0; i--) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

static bool is_zero(const uint32_t *a)
{
    static const uint32_t zero[ORACLE_WORDS];
    return compare(a, zero) == 0;
}

static void add(uint32_t *sum, const uint32_t *a, const uint32_t *b)
{
    uint64_t carry = 0;
    for (int i = 0; i < ORACLE_WORDS; i++) {
        carry += (uint64_t)a[i] + b[i];
        sum[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* a >= b */
static void subtract(uint32_t *difference, const uint32_t *a, const uint32_t *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < ORACLE_WORDS; i++) {
        borrow += (int64_t)a[i] - b[i];
        difference[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
}

static void times(uint32_t *product, const uint32_t *a, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < ORACLE_WORDS; i++) {
        carry += (uint64_t)a[i] * factor;
        product[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* words = integer * 2^exponent, integer below 2^62 */
static void fixed_point(uint32_t *words, int64_t integer, int exponent)
{
    memset(words, 0, ORACLE_WORDS * sizeof *words);
    const int place = exponent - ORACLE_UNIT;
    const int at = place / 32;
    const int shift = place % 32;
    const uint64_t low = (uint64_t)integer << shift;
    const uint64_t high = shift == 0 ? 0 : (uint64_t)integer >> (64 - shift);
    const uint32_t part[3] = {(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high};
    for (int i = 0; i < 3; i++) {
        if (at + i < ORACLE_WORDS) {
            words[at + i] = part[i];
        }
    }
}

/* The value of a magnitude by the definition, exponents going on beyond the format's last one. */
static void magnitude_value(const oracle_format_t *f, uint32_t magnitude, int64_t *integer, int *exponent)
{
    const int64_t one = INT64_C(1) << f->m;
    const int64_t e_field = magnitude / one;
    const int64_t m_field = magnitude % one;
    if (magnitude == 0 && f->zero) {
        *integer = 0;
        *exponent = 0;
    } else if (e_field == 0 && f->subnormals) {
        *integer = m_field;
        *exponent = 1 - f->bias - f->m;
    } else {
        *integer = one + m_field;
        *exponent = (int)e_field - f->bias - f->m;
    }
}

static void magnitude_words(const oracle_format_t *f, uint32_t magnitude, uint32_t *words)
{
    int64_t integer = 0;
    int exponent = 0;
    magnitude_value(f, magnitude, &integer, &exponent);
    fixed_point(words, integer, exponent);
}

oracle_real_t oracle_decode(const oracle_format_t *f, uint32_t code)
{
    oracle_real_t x = {.kind = ORACLE_NUMBER};
    const uint32_t sign_bit = f->negative ? UINT32_C(1) << (f->bits - 1) : 0;
    const uint32_t magnitude = code & ~sign_bit;
    x.sign = (code & sign_bit) != 0;
    if (code == f->nan || magnitude > f->max) {
        x.kind = magnitude == f->inf ? ORACLE_INFINITE : ORACLE_NOT_A_NUMBER;
        x.signaling = x.kind == ORACLE_NOT_A_NUMBER && code != f->nan && f->inf != ORACLE_NONE && magnitude < f->nan;
        return x;
    }
    magnitude_value(f, f->flush && magnitude >> f->m == 0 ? 0 : magnitude, &x.integer, &x.exponent);
    fixed_point(x.word, x.integer, x.exponent);
    return x;
}

static oracle_real_t not_a_number(bool invalid, unsigned *flags)
{
    *flags |= invalid ? ORACLE_NV : 0;
    return (oracle_real_t){.kind = ORACLE_NOT_A_NUMBER};
}

oracle_real_t oracle_add(oracle_real_t a, oracle_real_t b, bool negative_zero, unsigned *flags)
{
    if (a.kind == ORACLE_NOT_A_NUMBER || b.kind == ORACLE_NOT_A_NUMBER) {
        return not_a_number(a.signaling || b.signaling, flags);
    }
    if (a.kind == ORACLE_INFINITE || b.kind == ORACLE_INFINITE) {
        if (a.kind == b.kind && a.sign != b.sign) {
            return not_a_number(true, flags);
        }
        return a.kind == ORACLE_INFINITE ? a : b;
    }
    oracle_real_t sum = {.kind = ORACLE_NUMBER, .sign = a.sign};
    if (a.sign == b.sign) {
        add(sum.word, a.word, b.word);
    } else if (compare(a.word, b.word) > 0) {
        subtract(sum.word, a.word, b.word);
    } else {
        subtract(sum.word, b.word, a.word);
        sum.sign = is_zero(sum.word) ? negative_zero : b.sign;
    }
    return sum;
}

oracle_real_t oracle_mul(oracle_real_t a, oracle_real_t b, unsigned *flags)
{
    if (a.kind == ORACLE_NOT_A_NUMBER || b.kind == ORACLE_NOT_A_NUMBER) {
        return not_a_number(a.signaling || b.signaling, flags);
    }
    oracle_real_t product = {.kind = ORACLE_NUMBER, .sign = a.sign ^ b.sign};
    if (a.kind == ORACLE_INFINITE || b.kind == ORACLE_INFINITE) {
        const oracle_real_t *other = a.kind == ORACLE_INFINITE ? &b : &a;
        if (other->kind == ORACLE_NUMBER && is_zero(other->word)) {
            return not_a_number(true, flags);
        }
        product.kind = ORACLE_INFINITE;
        return product;
    }
    fixed_point(product.word, a.integer * b.integer, a.exponent + b.exponent);
    return product;
}

/* x * 2^64 */
static oracle_real_t scaled_up(oracle_real_t x)
{
    memmove(x.word + 2, x.word, (ORACLE_WORDS - 2) * sizeof *x.word);
    x.word[0] = 0;
    x.word[1] = 0;
    return x;
}

static void place_number(const oracle_format_t *f, const oracle_real_t *x, oracle_place_t *place)
{
    uint32_t low = 0; /* value(low) <= |x| < value(high), unless |x| is below them all */
    uint32_t high = (uint32_t)(258 + f->bias) << f->m;
    uint32_t middle_value[ORACLE_WORDS];
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        magnitude_words(f, middle, middle_value);
        if (compare(middle_value, x->word) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    uint32_t below[ORACLE_WORDS];
    uint32_t above[ORACLE_WORDS];
    magnitude_words(f, low, below);
    magnitude_words(f, low + 1, above);
    place->below = low;
    place->exact = compare(below, x->word) == 0;
    subtract(place->rest, x->word, below);
    subtract(place->step, above, below);
    uint32_t twice[ORACLE_WORDS];
    times(twice, place->rest, 2);
    place->half = compare(twice, place->step);
}

void oracle_place(const oracle_format_t *f, const oracle_real_t *x, oracle_place_t *place, oracle_place_t *scaled)
{
    place->x = *x;
    place->as_if = NULL;
    place->under = false;
    if (x->kind != ORACLE_NUMBER) {
        return;
    }
    place_number(f, x, place);
    uint32_t lowest[ORACLE_WORDS];
    const uint32_t smallest = f->subnormals ? UINT32_C(1) << f->m : f->zero ? 1 : 0;
    magnitude_words(f, smallest, lowest);
    place->under = compare(x->word, lowest) < 0;
    if (place->under && f->subnormals) {
        const oracle_real_t up = scaled_up(*x);
        scaled->x = up;
        place_number(f, &up, scaled);
        place->as_if = scaled;
        place->as_if_normal = (UINT32_C(1) << f->m) + (UINT32_C(64) << f->m);
    }
}

/* rest / step * scale * more against count: -1, 0, 1 */
static int lost_against(const oracle_place_t *place, uint32_t scale, uint32_t count, uint32_t more)
{
    uint32_t left[ORACLE_WORDS];
    uint32_t scaled[ORACLE_WORDS];
    uint32_t right[ORACLE_WORDS];
    times(scaled, place->rest, scale);
    times(left, scaled, more);
    times(right, place->step, count);
    return compare(left, right);
}

static bool at_least(const oracle_place_t *place, uint32_t scale, uint32_t count, uint32_t more)
{
    return lost_against(place, scale, count, more) >= 0;
}

static bool at_most(const oracle_place_t *place, uint32_t scale, uint32_t count, uint32_t more)
{
    return lost_against(place, scale, count, more) <= 0;
}

static uint32_t choose(const oracle_place_t *place, const oracle_how_t *how)
{
    const uint32_t two_n = UINT32_C(1) << how->n;
    const uint32_t up = place->below + 1;
    const bool odd = place->below % 2 != 0;
    if (place->exact) {
        return place->below;
    }
    switch (how->rounding) {
    case ORACLE_RNE:
        return place->half > 0 || (place->half == 0 && odd) ? up : place->below;
    case ORACLE_RNA:
        return place->half >= 0 ? up : place->below;
    case ORACLE_RUP:
        return place->x.sign ? place->below : up;
    case ORACLE_RDN:
        return place->x.sign ? up : place->below;
    case ORACLE_RTO:
        return odd ? place->below : up;
    case ORACLE_SR: /* floor(f 2^N) >= 2^N - R, that is rest 2^N >= (2^N - R) step */
        return at_least(place, two_n, two_n - how->random, 1) ? up : place->below;
    case ORACLE_SR_NORMAL: /* the same, above the subnormals */
        if (place->under) {
            return place->half > 0 || (place->half == 0 && odd) ? up : place->below;
        }
        return at_least(place, two_n, two_n - how->random, 1) ? up : place->below;
    case ORACLE_SR_HALF: /* floor(f 2 2^N) >= 2 2^N - 2 R - 1 */
        return at_least(place, two_n, 2 * (two_n - how->random) - 1, 2) ? up : place->below;
    case ORACLE_SR_NEAREST: { /* the integer nearest to f 2^N >= t: f 2^N above t - 1/2, or there with t even */
        const uint32_t t = two_n - how->random;
        const bool reached = at_least(place, two_n, 2 * t - 1, 2);
        return reached && (t % 2 == 0 || !at_most(place, two_n, 2 * t - 1, 2)) ? up : place->below;
    }
    case ORACLE_SR_COMPARE: /* floor(f 2^N) >= R + 1 */
        return at_least(place, two_n, how->random + 1, 1) ? up : place->below;
    default:
        return place->below;
    }
}

/* A number below the normal ones, scaled out of there, as if the exponents went on. */
static uint32_t choose_tiny(const oracle_place_t *scaled, const oracle_how_t *how)
{
    oracle_how_t as_if = *how;
    as_if.rounding = how->rounding == ORACLE_SR_NORMAL ? ORACLE_RNE : how->rounding;
    return choose(scaled, &as_if);
}

static uint32_t signed_code(const oracle_format_t *f, bool sign, uint32_t magnitude)
{
    const bool keep = sign && f->negative && (magnitude != 0 || f->minus_zero);
    return keep ? magnitude | UINT32_C(1) << (f->bits - 1) : magnitude;
}

static uint32_t nan_code(const oracle_format_t *f, unsigned *flags)
{
    *flags |= f->nan == ORACLE_NONE ? ORACLE_NV : 0;
    return f->nan == ORACLE_NONE ? f->max : f->nan;
}

static uint32_t infinity_code(const oracle_format_t *f, bool sign, unsigned *flags)
{
    if (f->inf != ORACLE_NONE) {
        return signed_code(f, sign, f->inf);
    }
    *flags |= f->nan != ORACLE_NONE ? ORACLE_NV : 0;
    return f->nan != ORACLE_NONE ? f->nan : signed_code(f, sign, f->max);
}

static uint32_t overflow_code(const oracle_format_t *f, bool sign, const oracle_how_t *how, unsigned *flags)
{
    *flags |= ORACLE_OF | ORACLE_NX;
    const bool stays = how->rounding == ORACLE_RTZ || (how->rounding == ORACLE_RUP && sign) ||
                       (how->rounding == ORACLE_RDN && !sign) || (how->rounding == ORACLE_RTO && f->max % 2 == 1);
    if (stays || how->overflow != ORACLE_INF) {
        return signed_code(f, sign, f->max);
    }
    return infinity_code(f, sign, flags);
}

uint32_t oracle_round(const oracle_format_t *f, const oracle_place_t *place, const oracle_how_t *how, unsigned *flags)
{
    const oracle_real_t *x = &place->x;
    if (x->kind == ORACLE_NOT_A_NUMBER) {
        *flags |= x->signaling ? ORACLE_NV : 0;
        return nan_code(f, flags);
    }
    if (!f->negative && x->sign && (x->kind == ORACLE_INFINITE || !is_zero(x->word))) {
        *flags |= ORACLE_NV;
        return f->nan;
    }
    if (x->kind == ORACLE_INFINITE) {
        return how->overflow == ORACLE_SAT ? signed_code(f, x->sign, f->max) : infinity_code(f, x->sign, flags);
    }
    if (!f->zero && place->under) { /* a format without zero ends at its smallest number */
        *flags |= ORACLE_NX | ORACLE_UF;
        return 0;
    }
    const uint32_t magnitude = choose(place, how);
    if (magnitude > f->max) {
        return overflow_code(f, x->sign, how, flags);
    }
    const bool nonzero = !is_zero(x->word);
    const bool after = place->as_if != NULL && !how->tiny_before;
    const bool tiny = place->under && (!after || choose_tiny(place->as_if, how) < place->as_if_normal);
    if (f->flush && place->under && nonzero) { /* a zero, unless it rounds to the smallest normal number first */
        const bool reaches = choose_tiny(place->as_if, how) == place->as_if_normal;
        *flags |= ORACLE_NX | (tiny ? ORACLE_UF : 0);
        return signed_code(f, x->sign, reaches ? UINT32_C(1) << f->m : 0);
    }
    *flags |= place->exact ? 0 : ORACLE_NX;
    *flags |= !place->exact && tiny ? ORACLE_UF : 0;
    return signed_code(f, x->sign, magnitude);
}
