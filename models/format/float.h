/* Floating point of any format of formats.def, bit for bit, in integers only.

   One path for everything: decode to {class, sign, exponent, significand}, operate exactly, round and pack once.
   A format is a row (pcs_formats, or one of the caller's own), never a branch.

   Rules that formats and standards leave open, and what holds here:
     NaN       results carry the canonical quiet NaN: sign 0; ieee: top mantissa bit set.  A format without NaN gives
               +max.  A signalling NaN operand, and a NaN or a value that the format cannot name, raises INVALID.
     infinity  where it is due and the format has none: its NaN; where it has no NaN either: max of that sign.
     DLFloat   zero and NaN keep no meaning in their sign; both sign codes are read, NaN is written with sign 0.
     unsigned  negative values become NaN.  A format without zero (e8m0) turns zero and less than its smallest number
               into its smallest number, in every rounding mode.
     underflow is IEEE 754's default: the result is inexact, and tiny after rounding with an unbounded exponent; with
               `tiny_before`, tiny before rounding, which IEEE 754 allows as well.  A format without subnormals:
               inexact and below its smallest number before rounding.
     flushing  a format whose exponent field 0 holds zeros only (lowest FLUSH) reads subnormal codes as zeros; a result
               that is tiny after rounding is a zero of its sign in every rounding mode, inexact and underflow. */
#ifndef PCS_MODELS_FORMAT_FLOAT_H
#define PCS_MODELS_FORMAT_FLOAT_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An encoding: sign, exponent field, mantissa, right-aligned; higher bits zero. */
typedef struct pcs_code {
    uint32_t bits;
} pcs_code_t;
static_assert(sizeof(pcs_code_t) == 4, "a code is one 32-bit word");

typedef enum pcs_rounding {
    PCS_ROUNDING_RNE, /* nearest, ties to the even code */
    PCS_ROUNDING_RNA, /* nearest, ties away from zero */
    PCS_ROUNDING_RTZ, /* toward zero */
    PCS_ROUNDING_RUP, /* toward +infinity */
    PCS_ROUNDING_RDN, /* toward -infinity */
    PCS_ROUNDING_RTO, /* to odd: truncate, then set the last bit if anything was lost */
    /* Stochastic, with N random bits R and the lost part f of a step: away from zero when ... */
    PCS_ROUNDING_SR,         /* floor(f 2^N) + R >= 2^N: add, then truncate (Intel, FAST, P3109 StochasticA) */
    PCS_ROUNDING_SR_HALF,    /* floor(f 2^(N+1)) + 2 R + 1 >= 2^(N+1): half corrected (P3109 StochasticB) */
    PCS_ROUNDING_SR_NEAREST, /* rne(f 2^N) + R >= 2^N (P3109 StochasticC) */
    PCS_ROUNDING_SR_COMPARE, /* R < floor(f 2^N) (FPnew RSR) */
    PCS_ROUNDING_SR_NORMAL,  /* as sr, but what lies below the normal numbers as rne (Intel's E5M2) */
    PCS_ROUNDING_COUNT
} pcs_rounding_t;

static inline bool pcs_rounding_is_stochastic(pcs_rounding_t rounding)
{
    return rounding >= PCS_ROUNDING_SR && rounding < PCS_ROUNDING_COUNT;
}

/* What a finite result beyond the largest number becomes, and what an infinite one does.  Roundings toward zero at
   that sign (rtz; rup when negative; rdn when positive; rto when max is odd) stop at max under every policy. */
typedef enum pcs_overflow {
    PCS_OVERFLOW_SAT,     /* max; infinities become max too */
    PCS_OVERFLOW_SAT_INF, /* max; infinities stay */
    PCS_OVERFLOW_INF,     /* infinity; infinities stay */
    PCS_OVERFLOW_COUNT
} pcs_overflow_t;

/* "rne", "rna", "rtz", "rup", "rdn", "rto", "sr", "sr-half", "sr-nearest", "sr-compare", "sr-normal" and "sat",
   "sat-inf", "inf"; by_name returns _COUNT when there is none. */
const char *pcs_rounding_name(pcs_rounding_t rounding);
pcs_rounding_t pcs_rounding_by_name(const char *name);
const char *pcs_overflow_name(pcs_overflow_t overflow);
pcs_overflow_t pcs_overflow_by_name(const char *name);

/* Status flags, the bits of fflags in RISC-V (which has DZ at bit 3). */
enum pcs_flag {
    PCS_FLAG_INEXACT = 1,
    PCS_FLAG_UNDERFLOW = 2,
    PCS_FLAG_OVERFLOW = 4,
    PCS_FLAG_INVALID = 16 /* a NaN was made, or a value has no code in the format */
};

/* How to round, and what happened. */
typedef struct pcs_fpstate {
    pcs_rounding_t rounding;
    pcs_overflow_t overflow;
    unsigned random_bits; /* sr: N, 1..32 */
    uint32_t random;      /* sr: R, below 2^N; the caller draws a new one before each operation */
    unsigned flags;       /* PCS_FLAG_*, sticky: only ever set here */
    bool tiny_before;     /* UNDERFLOW looks at the value before rounding; the codes are the same */
} pcs_fpstate_t;

typedef enum pcs_class { PCS_CLASS_ZERO, PCS_CLASS_FINITE, PCS_CLASS_INF, PCS_CLASS_NAN } pcs_class_t;

/* A decoded value: finite ones are (-1)^sign * significand * 2^exponent, significand > 0, not normalised. */
typedef struct pcs_parts {
    pcs_class_t class_;
    bool sign;
    bool signaling; /* NaN only */
    int exponent;
    uint64_t significand;
} pcs_parts_t;

/* Whether a row, of a table or of the caller's own, is a format: exponent bits 2..8, mantissa bits 0..23 (1..23 with
   top IEEE), every number within the exponents of binary32, 2^-149..2^128; zero NAN goes with top FULL or INF, and
   INF with it; NONE with lowest NORMAL, no sign and top FN; no sign with a top that has NaN; lowest FLUSH with zero
   SIGNED. */
PCS_MUST_CHECK pcs_status_t pcs_format_check(const pcs_format_row_t *format, pcs_error_t *err);
/* "e<X>m<Y>": the IEEE-like format of X exponent and Y mantissa bits, bias 2^(X-1) - 1.  "binary<K>p<P>se", "...sf" and
   "...uf": K bits, P of precision, signed with infinities, signed or unsigned and finite, as P3109 defines them. False:
   not such a name. */
bool pcs_format_by_fields(const char *name, pcs_format_row_t *format);

/* Width of a code in bits, 2..32. */
unsigned pcs_format_bits(const pcs_format_row_t *format);
/* The code of the largest finite number, and the canonical NaN and +Inf or what stands for them (see above). */
pcs_code_t pcs_format_max(const pcs_format_row_t *format);
pcs_code_t pcs_format_nan(const pcs_format_row_t *format);
pcs_code_t pcs_format_inf(const pcs_format_row_t *format);
bool pcs_format_has_nan(const pcs_format_row_t *format);
bool pcs_format_has_inf(const pcs_format_row_t *format);

/* The value of a code; exact. */
pcs_parts_t pcs_decode(const pcs_format_row_t *format, pcs_code_t code);

/* The one rounding.  Bit 0 of a significand of 61 bits or more may stand for everything that lies below it (sticky):
   enough for 24 bits of result and 32 random ones. */
pcs_code_t pcs_round_pack(const pcs_format_row_t *format, pcs_parts_t value, pcs_fpstate_t *state);

/* |value| / 2^exponent rounded to an integer of at most `most` (below 2^62): a larger one becomes `most` with OVERFLOW.
   The value is finite; flags are or-ed into the state. */
uint64_t pcs_round_integer(pcs_parts_t value, int exponent, uint64_t most, pcs_fpstate_t *state);

/* a * b, exact; significands below 2^32. */
pcs_parts_t pcs_parts_mul(pcs_parts_t a, pcs_parts_t b, pcs_fpstate_t *state);
/* a + b, exact or with a sticky last bit as pcs_round_pack takes it; significands below 2^48.  The sign of an exact
   zero of unlike signs follows the rounding: - for rdn, else +. */
pcs_parts_t pcs_parts_add(pcs_parts_t a, pcs_parts_t b, pcs_fpstate_t *state);

/* One rounding each.  The operands have the result's format; fma is a * b + c, and 0 * Inf + NaN is INVALID. */
pcs_code_t pcs_float_convert(const pcs_format_row_t *from, pcs_code_t code, const pcs_format_row_t *to,
                             pcs_fpstate_t *state);
pcs_code_t pcs_float_add(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_fpstate_t *state);
pcs_code_t pcs_float_sub(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_fpstate_t *state);
pcs_code_t pcs_float_mul(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_fpstate_t *state);
pcs_code_t pcs_float_fma(const pcs_format_row_t *format, pcs_code_t a, pcs_code_t b, pcs_code_t c,
                         pcs_fpstate_t *state);

#ifdef __cplusplus
}
#endif
#endif
