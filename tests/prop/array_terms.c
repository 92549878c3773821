/* Words of float and bfp operands, decoded many at a time, against one at a time: every word of every operand format
   and every bfp code, in runs of all short lengths, so that infinities and NaN stand among numbers and apart from them.
 */
#include "models/mac/aligned.h"
#include "tests/support/check.h"

enum { WORDS = 1 << 16, RUN = 40 };

/* The same number, infinity or NaN; a zero's exponent does not matter. */
static bool same(pcs_term_t a, pcs_term_t b)
{
    return a.significand == b.significand &&
           (a.exponent == b.exponent || (a.significand == 0 && pcs_term_is_finite(a) && pcs_term_is_finite(b)));
}

static void decode(pcs_kind_t kind, unsigned field, const char *name, bool inject)
{
    uint32_t words[RUN];
    pcs_term_t terms[RUN];
    uint32_t next = 0;
    for (size_t length = 1; next < WORDS; length = length % RUN + 1) {
        for (size_t i = 0; i < length; i++) {
            words[i] = (next + (uint32_t)i) % WORDS;
        }
        pcs_terms_decode(kind, field, words, length, terms);
        terms[0].significand ^= inject && next == 0;
        for (size_t i = 0; i < length; i++) {
            const pcs_term_t expected = pcs_term_decode(kind, field, words[i]);
            CHECK(same(terms[i], expected), "%s word 0x%04x: observed %d * 2^%d expected %d * 2^%d", name,
                  (unsigned)words[i], terms[i].significand, terms[i].exponent, expected.significand, expected.exponent);
        }
        next += (uint32_t)length;
    }
}

int main(int argc, char **argv)
{
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    for (unsigned format = 0; format < PCS_FORMAT_COUNT; format++) {
        if (pcs_format_is_operand((pcs_format_t)format)) {
            decode(PCS_KIND_FLOAT, format, pcs_formats[format].name, inject);
        }
    }
    decode(PCS_KIND_BFP, PCS_PREC_MAX, "bfp", inject);
    return check_done("operand words decoded many at a time");
}
