/* An independent oracle of floating-point arithmetic: slow, and sharing neither code nor tables with models/format.

   A real number is a fixed-point integer of 640 bits whose last bit weighs 2^-320: every product of two binary32
   numbers, and every sum of such, is exact.  A code's value follows from the definition of its format; rounding is a
   binary search for the two codes around the number, and a choice between them by exact comparison. */
#ifndef PCS_TESTS_SUPPORT_ORACLE_H
#define PCS_TESTS_SUPPORT_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

enum { ORACLE_WORDS = 20, ORACLE_UNIT = -320, ORACLE_FORMATS = 19 };

/* Flags, roundings and overflow policies by their own numbers; tests map them by name. */
enum { ORACLE_NX = 1, ORACLE_UF = 2, ORACLE_OF = 4, ORACLE_NV = 8 };
enum {
    ORACLE_RNE,
    ORACLE_RNA,
    ORACLE_RTZ,
    ORACLE_RUP,
    ORACLE_RDN,
    ORACLE_RTO,
    ORACLE_SR,
    ORACLE_SR_HALF,
    ORACLE_SR_NEAREST,
    ORACLE_SR_COMPARE,
    ORACLE_SR_NORMAL,
    ORACLE_ROUNDINGS
};
enum { ORACLE_SAT, ORACLE_SAT_INF, ORACLE_INF, ORACLE_OVERFLOWS };

typedef struct oracle_format {
    const char *name;
    int bits, e, m, bias; /* bits: width of a code */
    uint32_t max;         /* code of the largest finite number */
    uint32_t nan, inf;    /* codes, or NONE */
    bool subnormals;      /* else exponent 0 is one more normal binade */
    bool zero, minus_zero, negative;
    bool flush;                  /* subnormals are zeros, read and written */
    double max_value, min_value; /* as published; min_value: the smallest positive number */
} oracle_format_t;
#define ORACLE_NONE UINT32_C(0xffffffff)
extern const oracle_format_t oracle_formats[ORACLE_FORMATS];

typedef enum oracle_kind { ORACLE_NUMBER, ORACLE_INFINITE, ORACLE_NOT_A_NUMBER } oracle_kind_t;

typedef struct oracle_real {
    oracle_kind_t kind;
    bool sign, signaling;
    uint32_t word[ORACLE_WORDS]; /* magnitude, least significant first; all zero: +-0 */
    int64_t integer;             /* of a decoded code: magnitude = integer * 2^exponent */
    int exponent;
} oracle_real_t;

typedef struct oracle_how {
    int rounding, overflow;
    unsigned n;       /* sr and its kin: random bits, at most 31 */
    uint32_t random;  /* sr */
    bool tiny_before; /* UF looks at the number before rounding */
} oracle_how_t;

/* Where a number lies in a format: found once, used by every rounding. */
typedef struct oracle_place {
    oracle_real_t x;
    uint32_t below;                   /* largest magnitude code <= |x|, exponents going on beyond max */
    bool exact;                       /* it is |x| */
    int half;                         /* |x| against the middle to the next one: -1, 0, 1 */
    uint32_t rest[ORACLE_WORDS];      /* |x| - below */
    uint32_t step[ORACLE_WORDS];      /* next - below */
    bool under;                       /* |x| below the smallest number, or below the smallest normal one */
    const struct oracle_place *as_if; /* under, with subnormals: the same number, scaled out of the subnormals */
    uint32_t as_if_normal;            /* its code of the scaled smallest normal number */
} oracle_place_t;

oracle_real_t oracle_decode(const oracle_format_t *f, uint32_t code);
/* Exact; negative_zero: the sign of x + (-x).  The result's flags (ORACLE_NV) are or-ed into *flags. */
oracle_real_t oracle_add(oracle_real_t a, oracle_real_t b, bool negative_zero, unsigned *flags);
/* Both must come from oracle_decode. */
oracle_real_t oracle_mul(oracle_real_t a, oracle_real_t b, unsigned *flags);

/* `scaled` is storage for the place that `as_if` points to. */
void oracle_place(const oracle_format_t *f, const oracle_real_t *x, oracle_place_t *place, oracle_place_t *scaled);
/* The code that the number rounds to; flags are or-ed into *flags. */
uint32_t oracle_round(const oracle_format_t *f, const oracle_place_t *place, const oracle_how_t *how, unsigned *flags);

#endif
