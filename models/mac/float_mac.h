/* Multiply-add of floating-point operands into a wide aligned accumulator.

   Operands are codes of up to 16 bits with sign and subnormals: the 8-bit formats, FP16, BF16, ...; A and B each in a
   format of its own, which may change from step to step.  The accumulator is an integer of acc_bits bits, two's
   complement, whose last bit weighs 2^anchor.  A step adds the exact product to it: bits of the product's magnitude
   below 2^anchor are cut off (toward zero, INEXACT), a sum that does not fit wraps or saturates (OVERFLOW).  So sums do
   not depend on the order of their products as long as nothing overflows, and are exact when nothing is cut either.
   Products that are no finite number leave the accumulator alone and set a flag: infinities POSITIVE or NEGATIVE, NaN
   operands and infinity times zero NAN.  All flags are sticky until the accumulator starts again.

   Exact for any K up to 2^(acc_bits - 1 - bits): `bits` spans the products of two formats, from anchor, the exponent of
   the product of the smallest numbers, up to that of the largest.  E4M3 * E4M3: anchor -18, 36 bits (448^2 < 2^18), so
   K up to 2^11 with 48 bits; E5M2 * E5M2: anchor -32, 64 bits; FP16 * FP16: anchor -48, 80 bits, K up to 2^15 with 96.
 */
#ifndef PCS_MODELS_MAC_FLOAT_MAC_H
#define PCS_MODELS_MAC_FLOAT_MAC_H

#include "models/format/float.h"

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef __int128 pcs_int128_t;

typedef struct pcs_float_mac {
    unsigned acc_bits; /* PCS_FLOAT_MAC_ACC_MIN_BITS..PCS_FLOAT_MAC_ACC_MAX_BITS */
    int anchor;        /* -2^8..2^8 - 1 */
    bool saturate;     /* else it wraps */
    pcs_int128_t acc;  /* zero at the start */
    unsigned flags;    /* 1 << PCS_FLOAT_MAC_FLAG_*, zero at the start */
} pcs_float_mac_t;

/* Whether codes of this format may be operands. */
bool pcs_float_mac_serves(pcs_format_t format);

/* One step: acc += a * b.  Bits of a code above its format's are not looked at. */
void pcs_float_mac_step(pcs_float_mac_t *mac, pcs_format_t format_a, pcs_code_t a, pcs_format_t format_b, pcs_code_t b);

/* acc += product, an exact one with a significand below 2^22. */
void pcs_float_mac_add(pcs_float_mac_t *mac, pcs_parts_t product);

/* acc * 2^anchor in binary32, rounded once, to nearest even, beyond the largest number infinity; NaN if a product was,
   or infinities of both signs were; +0 for zero.  pcs_flag of the rounding are or-ed into *flags: none for NaN and
   infinities that come from products. */
pcs_code_t pcs_float_mac_result(const pcs_float_mac_t *mac, unsigned *flags);

#ifdef __cplusplus
}
#endif
#endif
