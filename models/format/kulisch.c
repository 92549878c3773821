#include "models/format/kulisch.h"

#include <string.h>

#include "models/spec/status.h"

enum { WORD_BITS = 64 };

/* word += (high, low) at word `at`, or -= ; carries run to the top. */
static void add_at(uint64_t *word, unsigned at, uint64_t low, uint64_t high)
{
    uint64_t carry = (uint64_t)__builtin_add_overflow(word[at], low, &word[at]);
    uint64_t add = high;
    for (unsigned i = at + 1; i < PCS_KULISCH_WORDS && (add | carry) != 0; i++) {
        const uint64_t first = (uint64_t)__builtin_add_overflow(word[i], add, &word[i]);
        carry = first + (uint64_t)__builtin_add_overflow(word[i], carry, &word[i]);
        add = 0;
    }
}

static void subtract_at(uint64_t *word, unsigned at, uint64_t low, uint64_t high)
{
    uint64_t borrow = (uint64_t)__builtin_sub_overflow(word[at], low, &word[at]);
    uint64_t subtract = high;
    for (unsigned i = at + 1; i < PCS_KULISCH_WORDS && (subtract | borrow) != 0; i++) {
        const uint64_t first = (uint64_t)__builtin_sub_overflow(word[i], subtract, &word[i]);
        borrow = first + (uint64_t)__builtin_sub_overflow(word[i], borrow, &word[i]);
        subtract = 0;
    }
}

void pcs_kulisch_add(pcs_kulisch_t *sum, pcs_parts_t value)
{
    const bool zero = value.class_ == PCS_CLASS_ZERO;
    sum->plus = sum->plus || !(zero && value.sign);
    sum->minus = sum->minus || !(zero && !value.sign);
    switch (value.class_) {
    case PCS_CLASS_ZERO:
        return;
    case PCS_CLASS_NAN:
        sum->nan = true;
        sum->signaling = sum->signaling || value.signaling;
        return;
    case PCS_CLASS_INF:
        sum->inf = sum->inf || !value.sign;
        sum->minus_inf = sum->minus_inf || value.sign;
        return;
    case PCS_CLASS_FINITE:
        break;
    }
    const int place = value.exponent - PCS_KULISCH_UNIT;
    PCS_ASSERT(place >= 0 && value.exponent + WORD_BITS - __builtin_clzll(value.significand) <= PCS_KULISCH_TOP);
    const unsigned shift = (unsigned)place % WORD_BITS;
    const uint64_t low = value.significand << shift;
    const uint64_t high = shift == 0 ? 0 : value.significand >> (WORD_BITS - shift);
    (value.sign ? subtract_at : add_at)(sum->word, (unsigned)place / WORD_BITS, low, high);
}

void pcs_kulisch_add_integer(pcs_kulisch_t *sum, int64_t value, int exponent)
{
    pcs_kulisch_add(sum, (pcs_parts_t){.class_ = value == 0 ? PCS_CLASS_ZERO : PCS_CLASS_FINITE,
                                       .sign = value < 0,
                                       .exponent = exponent,
                                       .significand = value < 0 ? -(uint64_t)value : (uint64_t)value});
}

/* Bits of the magnitude `word`, not zero, from its leading one on: 64 of them, the last one sticky. */
static pcs_parts_t leading(const uint64_t *word, bool sign)
{
    unsigned top = PCS_KULISCH_WORDS - 1;
    while (word[top] == 0) {
        top--;
    }
    const unsigned zeros = (unsigned)__builtin_clzll(word[top]);
    const uint64_t below = top > 0 ? word[top - 1] : 0;
    uint64_t significand = word[top] << zeros;
    bool sticky = zeros == 0 ? below != 0 : below << zeros != 0;
    significand |= zeros == 0 ? 0 : below >> (WORD_BITS - zeros);
    for (unsigned i = 0; i + 1 < top; i++) {
        sticky = sticky || word[i] != 0;
    }
    return (pcs_parts_t){.class_ = PCS_CLASS_FINITE,
                         .sign = sign,
                         .exponent = (int)(top * WORD_BITS) - (int)zeros + PCS_KULISCH_UNIT,
                         .significand = significand | (sticky ? 1U : 0U)};
}

pcs_parts_t pcs_kulisch_value(const pcs_kulisch_t *sum, pcs_fpstate_t *state)
{
    const bool unlike = sum->inf && sum->minus_inf;
    if (sum->nan || unlike) {
        state->flags |= sum->signaling || (unlike && !sum->nan) ? (unsigned)PCS_FLAG_INVALID : 0U;
        return (pcs_parts_t){.class_ = PCS_CLASS_NAN};
    }
    if (sum->inf || sum->minus_inf) {
        return (pcs_parts_t){.class_ = PCS_CLASS_INF, .sign = sum->minus_inf};
    }
    const bool sign = sum->word[PCS_KULISCH_WORDS - 1] >> (WORD_BITS - 1) != 0;
    uint64_t magnitude[PCS_KULISCH_WORDS];
    uint64_t any = 0;
    uint64_t carry = sign ? 1 : 0;
    for (unsigned i = 0; i < PCS_KULISCH_WORDS; i++) {
        magnitude[i] = (sign ? ~sum->word[i] : sum->word[i]) + carry;
        carry = carry != 0 && magnitude[i] == 0 ? 1 : 0;
        any |= magnitude[i];
    }
    if (any == 0) {
        const bool mixed = sum->plus && sum->minus;
        return (pcs_parts_t){.class_ = PCS_CLASS_ZERO,
                             .sign = mixed ? state->rounding == PCS_ROUNDING_RDN : sum->minus};
    }
    return leading(magnitude, sign);
}
