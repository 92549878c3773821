/* An exact accumulator after Kulisch: a fixed-point register that holds every sum of products of two binary32 numbers,
   so that a dot product is rounded once. */
#ifndef PCS_MODELS_FORMAT_KULISCH_H
#define PCS_MODELS_FORMAT_KULISCH_H

#include "models/format/float.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Two's complement, least significant word first; bit 0 weighs 2^PCS_KULISCH_UNIT.  The smallest product of binary32 is
   2^-298, the largest below 2^256: 2^62 of them fit. */
enum { PCS_KULISCH_WORDS = 10, PCS_KULISCH_UNIT = -320, PCS_KULISCH_TOP = 318 };

/* Zero-initialise. */
typedef struct pcs_kulisch {
    uint64_t word[PCS_KULISCH_WORDS];
    bool plus, minus;    /* terms other than -0, other than +0 */
    bool inf, minus_inf; /* +Inf, -Inf */
    bool nan, signaling;
} pcs_kulisch_t;

/* Adds a value, exactly.  Finite: its last bit is at least 2^-320; it and all sums are below 2^318. */
void pcs_kulisch_add(pcs_kulisch_t *sum, pcs_parts_t value);

/* Adds value * 2^exponent; zero is +0. */
void pcs_kulisch_add_integer(pcs_kulisch_t *sum, int64_t value, int exponent);

/* The sum, for pcs_round_pack: its last bit may be sticky.  NaN and infinities as in IEEE 754 for any order of the
   terms: unlike infinities are INVALID.  The sign of an exact zero: that of all terms if they are zeros of one sign,
   else - for rdn, else +. */
pcs_parts_t pcs_kulisch_value(const pcs_kulisch_t *sum, pcs_fpstate_t *state);

#ifdef __cplusplus
}
#endif
#endif
