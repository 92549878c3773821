/* Kinds whose products are aligned to their accumulator (`float`, `bfp`), as the array runs them: their step by
   definition, and the same in two halves, for models that decode an operand once and multiply it often. */
#ifndef PCS_MODELS_MAC_ALIGNED_H
#define PCS_MODELS_MAC_ALIGNED_H

#include "models/mac/float_mac.h"
#include "models/mac/mac.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The definition: mac->acc += a * b of codes of an array of this kind (not an integer one) in this mode.  mac holds
   the array's accumulator width, and the mode's anchor and overflow: pcs_aligned_start. */
void pcs_aligned_step(pcs_kind_t kind, const pcs_mode_t *mode, pcs_float_mac_t *mac, uint16_t a, uint16_t b);
/* An accumulator at zero. */
pcs_float_mac_t pcs_aligned_start(const pcs_array_config_t *array, const pcs_mode_t *mode);

/* A decoded operand: significand * 2^exponent, or, by its exponent, infinite with the significand 1 or -1, or NaN. */
typedef struct pcs_term {
    int16_t significand; /* magnitude below 2^PCS_FLOAT_MAC_SIGNIFICAND_BITS */
    int16_t exponent;    /* of finite numbers -2^8..2^8 - 1 */
} pcs_term_t;
enum { PCS_TERM_INFINITE = 1 << 12, PCS_TERM_NAN = 1 << 13 };
static inline bool pcs_term_is_finite(pcs_term_t term)
{
    return term.exponent < PCS_TERM_INFINITE;
}

/* `field`: the mode's pa or pb, whichever operand it is. */
pcs_term_t pcs_term_decode(pcs_kind_t kind, unsigned field, uint32_t word);
/* The same of `count` words. */
void pcs_terms_decode(pcs_kind_t kind, unsigned field, const uint32_t *words, size_t count, pcs_term_t *terms);

/* What a multiplier hands to pcs_acc_add: the product in units of 2^anchor, cut toward zero.  A magnitude that reaches
   2^acc_bits is 2^acc_bits plus its low acc_bits bits: added to any accumulator it overflows to the right side, and it
   wraps to the right bits. */
typedef struct pcs_aligned_product {
    int64_t value;  /* magnitude below 2^(acc_bits + 1) */
    unsigned flags; /* 1 << PCS_FLOAT_MAC_FLAG_* */
} pcs_aligned_product_t;
pcs_aligned_product_t pcs_term_product(pcs_term_t a, pcs_term_t b, int anchor, unsigned acc_bits);

#ifdef __cplusplus
}
#endif
#endif
