/* Formats that are not one float a code: integers, blocks of elements that share a power of two (block floating point,
   OCP MX), and logarithmic 4-bit numbers.

   A block's scale is X = 2^s, from the largest magnitude amax of its finite elements; an element is round(V / X).

     rule      s before clamping to scale_min..scale_max, with `shift` = exponent of the element's largest power of two
     floor     floor(log2 amax) - shift                       OCP MX v1.0
     ceil      ceil(log2 amax) - shift
     round-up  smallest s with 2^s * largest element >= amax
     even      floor(log2 amax') - shift, amax' = amax rounded to the element's mantissa bits

   NVFP4 has a scale of its own kind: X = amax / 6 rounded to E4M3, nearest even, at most 448, its code without a sign;
   an element is V / X, the exact quotient, rounded once.  A scale that becomes 0 leaves +0.  A tensor's binary32 scale
   is the caller's to multiply by.

   Exponents come from the bits.  What the publications leave open: a block of zeros gets the smallest scale; a NaN or
   an infinity makes the scale NaN where it has one (elements +0), else a NaN becomes 0 and an infinity the largest
   element, all of them INVALID; elements beyond the largest saturate. */
#ifndef PCS_MODELS_FORMAT_BLOCK_H
#define PCS_MODELS_FORMAT_BLOCK_H

#include <stddef.h>

#include "models/format/float.h"
#include "models/format/philox.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- integers -----------------------------------------------------------------------------------------------------
   Two's complement codes of 2..16 bits; value = q * 2^-point. */
typedef struct pcs_integer {
    unsigned bits;
    bool symmetric; /* the most negative code is not used */
    int point;
} pcs_integer_t;

/* Rounds, and clamps to the end levels, whatever the overflow policy.  NaN becomes 0, with INVALID. */
pcs_code_t pcs_integer_round(const pcs_integer_t *integer, pcs_parts_t value, pcs_fpstate_t *state);
pcs_parts_t pcs_integer_decode(const pcs_integer_t *integer, pcs_code_t code);

/* ---- blocks -------------------------------------------------------------------------------------------------------
 */

typedef enum pcs_scale_rule {
    PCS_SCALE_FLOOR,
    PCS_SCALE_CEIL,
    PCS_SCALE_ROUND_UP,
    PCS_SCALE_EVEN,
    PCS_SCALE_COUNT
} pcs_scale_rule_t;

typedef struct pcs_block_format {
    unsigned group;                  /* elements that share a scale, 1..PCS_BLOCK_GROUP_MAX */
    const pcs_format_row_t *element; /* NULL: `integer` */
    pcs_integer_t integer;
    pcs_scale_rule_t rule;
    int shift;
    int scale_min, scale_max; /* of s; its code is s - scale_min */
    bool scale_nan;           /* code scale_max - scale_min + 1 */
    bool scale_ue4m3;         /* scales are no powers of two; scale_min is 0, scale_max the code of 448 */
} pcs_block_format_t;
enum { PCS_BLOCK_GROUP_MAX = 1024 };

/* "floor", "ceil", "round-up", "even"; by_name returns _COUNT when there is none. */
const char *pcs_scale_rule_name(pcs_scale_rule_t rule);
pcs_scale_rule_t pcs_scale_rule_by_name(const char *name);

/* A block format by its name:
     mxfp8-e4m3 mxfp8-e5m2 mxfp6-e3m2 mxfp6-e2m3 mxfp4 mxint8   OCP MX: 32 elements, E8M0 scale; `rule` as given
     nvfp4        16 elements E2M1, UE4M3 scale; its rule is its own
     hbfp:G:M:E   G elements of M magnitude bits, "0.m": E = ceil(log2 amax), quantum 2^(E - M), +-(2^E - quantum)
     bfp:G:M:E    the same with E = floor(log2 amax), "1.m": quantum 2^(E - M + 1)
   M 1..15; E, 2..10: bits of the shared exponent, which is -(2^(E-1) - 1)..2^(E-1); their rule is their own. */
PCS_MUST_CHECK pcs_status_t pcs_block_format_parse(const char *name, pcs_scale_rule_t rule, pcs_block_format_t *block,
                                                   pcs_error_t *err);

/* Widths of the codes, bits. */
unsigned pcs_block_format_scale_bits(const pcs_block_format_t *block);
unsigned pcs_block_format_element_bits(const pcs_block_format_t *block);

/* Quantizes x[0..n-1], n = 1..group, to elements[0..n-1] and *scale.  Stochastic roundings: element i draws number
   first + i of the stream. */
void pcs_block_format_quantize(const pcs_block_format_t *block, const pcs_parts_t *x, size_t n, pcs_fpstate_t *state,
                               const pcs_stream_t *stream, uint64_t first, pcs_code_t *scale, pcs_code_t *elements);

/* The value of an element. */
pcs_parts_t pcs_block_format_decode(const pcs_block_format_t *block, pcs_code_t scale, pcs_code_t element);

/* Elements as codes of a floating-point format of up to 17 bits, which is what GEMMs with blocks take: integers are
   sign and magnitude there.  A row with one exponent bit holds them, since both of its exponents have the same last
   bit. `name` is the row's. */
pcs_format_row_t pcs_block_format_row(const pcs_block_format_t *block, const char *name);
/* Code of an element in that row; the most negative integer, which `symmetric` leaves out, has none. */
pcs_code_t pcs_block_format_code(const pcs_block_format_t *block, pcs_code_t element);

/* ---- logarithmic numbers -------------------------------------------------------------------------------------------
   Sign and 3 exponent bits c: 0 is zero, else the value is 2^(step * (c - 7) + top).
   Nearest is the nearer of the two levels, the upper one for a tie, and below the smallest level as if levels went on
   (Intel's "times 1.6 and truncate", LUQ's RDNP); rtz is the lower one; sr takes the upper one with the probability
   that makes it unbiased, also between 0 and the smallest level (LUQ).  Beyond the largest level: that. */
typedef struct pcs_log4 {
    unsigned step; /* 1: powers of 2, 2: powers of 4 */
    int top;
} pcs_log4_t;

/* Radix-4 FP4 of Sun et al. 2020 in IntelLabs' variant, 2^-12 .. 1; and LUQ's FP4 [1,3,0], 1 .. 2^6 in units of alpha.
 */
extern const pcs_log4_t pcs_log4_radix4, pcs_log4_luq;

/* rounding: rne, rtz or sr. */
pcs_code_t pcs_log4_round(const pcs_log4_t *format, pcs_parts_t value, pcs_fpstate_t *state);
pcs_parts_t pcs_log4_decode(const pcs_log4_t *format, pcs_code_t code);

#ifdef __cplusplus
}
#endif
#endif
