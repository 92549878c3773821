/* The hardware's random source: a linear feedback shift register, bit for bit as rtl/convert/pcs_lfsr.sv has it.

   Its bits are the sequence s(t + 32) = s(t) ^ s(t + 1) ^ s(t + 2) ^ s(t + 22), of the primitive polynomial
   x^32 + x^22 + x^2 + x + 1, so they repeat after 2^32 - 1.  A draw is 32 of them in a row, the first one in bit 0; the
   next draw is the next 32, so that draws share no bit, and all 2^32 - 1 nonzero words come once in a period.  Zero
   never comes: of N upper bits, 0 is short of the others by one in 2^32 draws. */
#ifndef PCS_MODELS_FORMAT_LFSR_H
#define PCS_MODELS_FORMAT_LFSR_H

#include "models/spec/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_lfsr {
    uint32_t state; /* the next draw; never zero */
} pcs_lfsr_t;

/* Any seed; 0, from which the register would never get away, stands for all ones, its value after reset. */
static inline pcs_lfsr_t pcs_lfsr(uint32_t seed)
{
    const pcs_lfsr_t lfsr = {seed == 0 ? UINT32_MAX : seed};
    return lfsr;
}

/* One bit further. */
static inline uint32_t pcs_lfsr_step(uint32_t state)
{
    const uint32_t bit = (uint32_t)__builtin_parity(state & PCS_CONVERT_LFSR_TAPS);
    return state >> 1U | bit << (PCS_CONVERT_LFSR_BITS - 1);
}

/* The next draw.  A stochastic rounding takes its upper PCS_CONVERT_RANDOM_BITS: pcs_lfsr_random. */
static inline uint32_t pcs_lfsr_draw(pcs_lfsr_t *lfsr)
{
    const uint32_t draw = lfsr->state;
    for (unsigned i = 0; i < PCS_CONVERT_LFSR_BITS; i++) {
        lfsr->state = pcs_lfsr_step(lfsr->state);
    }
    return draw;
}

/* `random` of pcs_fpstate_t, with random_bits PCS_CONVERT_RANDOM_BITS, for one conversion. */
static inline uint32_t pcs_lfsr_random(pcs_lfsr_t *lfsr)
{
    return pcs_lfsr_draw(lfsr) >> (PCS_CONVERT_LFSR_BITS - PCS_CONVERT_RANDOM_BITS);
}

#ifdef __cplusplus
}
#endif
#endif
