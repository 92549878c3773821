/* Dot products, c + sum of a[i] * b[i], by every accumulator that low-precision hardware has used: which products are
   added in which order, where they are aligned and cut off, and when the sum is rounded.

   Products are cut into groups.  A group is summed by one of four rules; its result is added to the running sum, which
   begins as c and has the format of c:

     EXACT       all terms exactly (Kulisch), one rounding
     SEQUENTIAL  s = +0; s = round(s + a[i] * b[i]) in index order, each product unrounded
     TREE        products rounded, then added in pairs: halves of n / 2 and n - n / 2 terms, each split likewise
     REGISTER    the MAC kinds `float` and `bfp`: products cut off toward zero below 2^anchor, added to an integer of
   register_bits bits that begins at zero and wraps or saturates; the registers of all groups and c are then added
                 exactly, one rounding
     ALIGNED     a tensor core: terms are aligned to the largest exponent E among them, cut off toward zero below
                 2^(E - F), added as integers, normalised and rounded to `out`
     BLOCKS      mxf4nvf4: the same, a term being the exact sum of `block` products times the scales of the block

   ALIGNED in detail.  Operands are taken as significand * 2^exponent, subnormals with the exponent of the smallest
   normal; a product has the sum of its exponents and a significand in [0, 4) that is not normalised; a zero term has
   the exponent -126.  A sum beyond the largest number is infinite whatever the rounding, an exact zero is +0, and NaN
   is all ones (`nan_ones`) or the format's canonical one.

   BLOCKS in detail, as microsoft/MMA-Sim has it of Blackwell: the significand of a term is the sum of its products
   times the significands of its two scales and is not normalised, its exponent is that of the scales alone (a UE4M3
   subnormal has -6).  A term whose products are all zeros or that has a zero scale, and c if it is zero, have the
   exponent -139; a sum of products that cancels keeps that of its scales.  c takes part as one more term.  What is
   chosen: without scales they are 1; infinite c stays infinite.

   Sources: Wang et al. 2018 (chunks); microsoft/MMA-Sim (arXiv 2511.10909) and north-numerical-computing/
   MATLAB-tensor-core for the presets; FPnew for sdotp.

   Where published models differ, and what the presets do:
     cdna1             trees of rounded adds; MATLAB-tensor-core and later versions of MMA-Sim add exactly: cdna1-exact
     zero terms        exponent -126; later MMA-Sim has -131 for volta, -132 to ada, -133 from hopper on, as MATLAB-
                       tensor-core has, and others for an FP16 c.  It shows when all terms are near 2^-126
     cdna3, infinities a true one goes before a product beyond binary32, of either sign; later MMA-Sim makes NaN of two
                       that differ in sign
     cdna3, last bits  both sums floored below the larger exponent; later MMA-Sim floors once more after adding: no
   value of 540,000 random sums differed, tiny negative ones kept their sign as -0 */
#ifndef PCS_MODELS_FORMAT_DOT_H
#define PCS_MODELS_FORMAT_DOT_H

#include <stddef.h>

#include "models/format/float.h"
#include "models/format/philox.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_sum {
    PCS_SUM_EXACT,
    PCS_SUM_SEQUENTIAL,
    PCS_SUM_TREE,
    PCS_SUM_ALIGNED,
    PCS_SUM_REGISTER,
    PCS_SUM_BLOCKS
} pcs_sum_t;

typedef enum pcs_addend {
    PCS_ADDEND_INSIDE,  /* the running sum is one more term of the group: EXACT, ALIGNED */
    PCS_ADDEND_OUTSIDE, /* the group's result is rounded, then added to the running sum with a second rounding */
    PCS_ADDEND_FLOORED  /* ALIGNED, CDNA3: group's sum and running sum are both floored, to 31 and F bits below the
                           larger exponent, then added and rounded */
} pcs_addend_t;

enum { PCS_DOT_ANCHOR_MIN = -300, PCS_DOT_ANCHOR_MAX = 127, PCS_DOT_REGISTER_MIN = 16, PCS_DOT_REGISTER_MAX = 96 };
enum { PCS_DOT_PERIOD_MAX = 256, PCS_DOT_FRACTION_MAX = 48, PCS_DOT_GROUP_MAX = 1024, PCS_DOT_SCALE_NAN = INT16_MAX };

typedef struct pcs_accumulator {
    pcs_sum_t sum;
    pcs_addend_t addend;
    /* Products of a group: `group` consecutive ones (the last group may be shorter), 0 = all; or, with period > 0, the
       lists of `index`: list j holds size[j] of them, and together they name each of 0..period-1 once.  k is then a
       multiple of period. */
    unsigned group, period, lists;
    uint16_t size[PCS_DOT_PERIOD_MAX], index[PCS_DOT_PERIOD_MAX];
    /* Products after which the running sum is added to c, nearest even, and begins again as +0; 0 = never. */
    unsigned restart;
    bool own_rounding; /* a unit's, not the caller's: nearest even and infinity on overflow, or as ALIGNED says */
    bool flush;        /* TREE: subnormal operands become +0, subnormal results keep their sign and become 0 */

    /* REGISTER only; its register sticks at its ends, or wraps. */
    int anchor;             /* exponent of the last bit, PCS_DOT_ANCHOR_MIN..MAX */
    unsigned register_bits; /* PCS_DOT_REGISTER_MIN..MAX */
    bool saturate;

    /* BLOCKS only: products of a term; a group is whole blocks. */
    unsigned block;

    /* ALIGNED; of BLOCKS fraction_bits, out, rounding and nan_ones. */
    unsigned fraction_bits;          /* F, 1..48, and at least the bits below a product's binary point */
    unsigned lanes;                  /* FLOORED: products i modulo lanes are aligned and summed apart, 1 or 2 */
    unsigned reach;                  /* FLOORED: a running sum whose exponent is lower by more is dropped; 0: never */
    const pcs_format_row_t *operand; /* operands are turned into this first, FP32 to TF32 by truncation; NULL: not */
    const pcs_format_row_t *out;     /* result of a group; NULL: the format of c */
    pcs_rounding_t rounding;         /* result of a group: any but sr */
    bool nan_ones;
} pcs_accumulator_t;

/* Codes of block scales.  UE4M3 are those of E4M3; the sign is not looked at. */
typedef enum pcs_scale_code { PCS_SCALE_CODE_E8M0, PCS_SCALE_CODE_UE4M3, PCS_SCALE_CODES } pcs_scale_code_t;
/* The product of two scales as factor * 2^(scale - 6), as pcs_dot_t takes them; of E8M0 the factor is 64. */
enum { PCS_DOT_FACTOR_BITS = 6, PCS_DOT_FACTOR_ONE = 1 << PCS_DOT_FACTOR_BITS };
void pcs_dot_scale(pcs_scale_code_t code, uint8_t a, uint8_t b, int16_t *scale, uint8_t *factor);
bool pcs_scale_is_nan(pcs_scale_code_t code, uint8_t scale);

/* A partial sum, for those who want to see it. */
typedef struct pcs_dot_step {
    const char *what;               /* "sum", "product", "group": of which the value is the rounded result */
    size_t first, count;            /* products that went in, in the order of the groups */
    bool aligned;                   /* exponent is that of the alignment */
    int exponent;                   /* E */
    const pcs_format_row_t *format; /* of the code */
    pcs_code_t code;
} pcs_dot_step_t;
typedef void (*pcs_dot_step_fn)(void *user, const pcs_dot_step_t *step);

typedef struct pcs_dot {
    const pcs_format_row_t *a, *b, *c; /* formats; the result has that of c */
    size_t k;                          /* products, at least 1 */
    const pcs_accumulator_t *accumulator;
    pcs_dot_step_fn step; /* called for each partial sum; may be NULL */
    void *user;
    /* Of the products of group j, or NaN; -508..508, of two E8M0 codes; NULL: none.  tile:N: the exact sum of the group
       is multiplied by 2^scale[j] before it is rounded.  ALIGNED, INSIDE: the exponents of the group's products that
       are not zero grow by it (mxf8f6f4 of RTX Blackwell).  REGISTER: of products j scale_group.. on, whatever its
       groups are; each is multiplied by 2^scale[j] before it is cut off.  BLOCKS: of block j. */
    const int16_t *scale;
    /* Scale j is multiplied by factor[j] * 2^-6; NULL: by 1.  tile:N and BLOCKS. */
    const uint8_t *factor;
    size_t scale_group; /* REGISTER with scales: at least 1; others have that of the accumulator */
} pcs_dot_t;

/* Rounding and overflow policy of the results, unless the accumulator brings its own, and flags.  sr: draw `draws` of
 * `stream` (not NULL) rounds next. */
typedef struct pcs_dot_state {
    pcs_fpstate_t fp;
    const pcs_stream_t *stream;
    uint64_t draws;
} pcs_dot_state_t;

/* An accumulator by its name, for operands a, b and the addend c.  Names: see pcs_accumulator_help.  An unknown name,
   an illegal parameter and formats that a preset does not take are PCS_INVALID. */
PCS_MUST_CHECK pcs_status_t pcs_accumulator_parse(const char *name, const pcs_format_row_t *a,
                                                  const pcs_format_row_t *b, const pcs_format_row_t *c,
                                                  pcs_accumulator_t *accumulator, pcs_error_t *err);
/* Lines of text: every name and what it stands for. */
const char *pcs_accumulator_help(void);
/* The names, with a number where one is due; ended by NULL. */
extern const char *const pcs_accumulator_names[];

/* Whether the accumulator takes k products of these formats. */
PCS_MUST_CHECK pcs_status_t pcs_dot_check(const pcs_dot_t *dot, pcs_error_t *err);

/* A code of `format` as the accumulator computes with it: in its operand format, subnormals flushed if it does so. */
pcs_parts_t pcs_dot_operand(const pcs_accumulator_t *accumulator, const pcs_format_row_t *format, pcs_code_t code);

/* The dot product, of a job that pcs_dot_check took.  a, b: (k) codes. */
pcs_code_t pcs_dot(const pcs_dot_t *dot, const pcs_code_t *a, const pcs_code_t *b, pcs_code_t c,
                   pcs_dot_state_t *state);

#ifdef __cplusplus
}
#endif
#endif
