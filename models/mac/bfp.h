/* Multiply-add of block floating-point operands into a wide aligned accumulator.

   A code is 16 bits: {shared exponent e, 8 bits; mantissa m, two's complement of `bits` bits, sign-extended to 8}.  Its
   value is m * 2^(e - PCS_BFP_BIAS), whatever the bits; e = PCS_BFP_NAN is no number.  A point inside the mantissas
   (MX: 6 bits behind it in MXINT8) is a constant power of two of the whole sum, so it belongs to who places the anchor.

   A step adds one exact product, aligned by the sum of both exponents, to the accumulator of float_mac.h: bits of its
   magnitude below 2^anchor are cut off toward zero (INEXACT), a sum that does not fit wraps or saturates (OVERFLOW), a
   factor that is no number sets NAN and adds nothing.

   Against "integer sums inside a group of K, aligned when it ends" (FAST, MX): products of one pair of blocks all have
   the same exponents, so while that sum of exponents is at least the anchor nothing is cut, and both give the same sum,
   exact as long as nothing overflows.  Below the anchor this accumulator cuts every product, that one cuts their sum
   once; so this one can end nearer to zero, by less than 1 unit of its last bit for each product, and it says INEXACT.
   Exact for any K up to 2^(acc_bits - 1 - bits): `bits` = bits_a + bits_b - 1 + spread, where spread is how far the
   largest sum of two exponents lies above the anchor: with mantissas of 4 bits and 48 bits, spread 24: K up to 2^16. */
#ifndef PCS_MODELS_MAC_BFP_H
#define PCS_MODELS_MAC_BFP_H

#include "models/mac/float_mac.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Code of a shared exponent (0..255) and a mantissa of PCS_PREC_MIN..PCS_PREC_MAX bits. */
static inline uint16_t pcs_bfp_code(unsigned exponent, int mantissa)
{
    return (uint16_t)(exponent << 8U | ((unsigned)mantissa & 0xffU));
}

/* One step: acc += a * b.  How many bits the mantissas have decides the clocks of a PE, not the sum. */
void pcs_bfp_step(pcs_float_mac_t *mac, uint16_t a, uint16_t b);

#ifdef __cplusplus
}
#endif
#endif
