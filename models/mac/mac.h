/* MAC kinds: what a PE computes and how many clocks a step takes.  No array, no ports.

   All integer kinds define the same function: acc <- acc + (sum over the lanes of a step of a * b) in an accumulator of
   W bits, two's complement, that wraps or saturates after every step (kinds with one accumulator), or for each lane
   acc[lane] <- acc[lane] + a * b (kinds with an accumulator for each lane).  They differ in the clocks and in the
   registers they use for it.  `float` and `bfp` add products that come aligned, with flags: aligned.h. */
#ifndef PCS_MODELS_MAC_MAC_H
#define PCS_MODELS_MAC_MAC_H

#include "models/spec/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Value of an integer operand code of `bits` bits (PCS_PREC_MIN..PCS_PREC_MAX).  Codes travel in 8 bits: unsigned codes
   zero-extended (0..2^bits - 1), signed ones sign-extended (-2^(bits-1)..2^(bits-1) - 1). */
static inline int32_t pcs_code_value(uint16_t code, bool is_signed)
{
    return is_signed ? (int32_t)(int8_t)code : (int32_t)code;
}

/* Smallest and largest value of a code. */
static inline int32_t pcs_code_min(unsigned bits, bool is_signed)
{
    return is_signed ? -(INT32_C(1) << (bits - 1U)) : 0;
}
static inline int32_t pcs_code_max(unsigned bits, bool is_signed)
{
    return (INT32_C(1) << (is_signed ? bits - 1U : bits)) - 1;
}

/* What an operand step is on a PE of some kind in some mode; the columns of kinds.def say what each field means. */
typedef struct pcs_mac_step {
    unsigned cycles;           /* clocks it occupies the PE, and the least distance of two steps at the array's port */
    unsigned shift_a, shift_b; /* how far the array edge shifts an operand word left */
    unsigned lanes;            /* codes in an operand word */
    unsigned field_a, field_b; /* bits of a code's field in its word */
} pcs_mac_step_t;

/* The kind and the digit of the array count.  Inline in loops over modes: some ten instructions. */
pcs_mac_step_t pcs_mac_step(const pcs_array_config_t *array, const pcs_mode_t *mode);

/* Operand word of codes: lane i takes codes[i * stride], lanes from `count` on are zero (they add nothing to a sum).
   As many lanes as the step has, fields of `field` bits; a code of `bits` bits is cut to its field. */
uint32_t pcs_word_pack(const pcs_mac_step_t *step, unsigned field, const uint16_t *codes, size_t stride, size_t count);

/* Value of lane `lane` of an operand word. */
static inline int32_t pcs_word_lane(uint32_t word, unsigned lane, unsigned field, bool is_signed)
{
    const uint32_t code = (word >> (lane * field)) & ((UINT32_C(1) << field) - 1U);
    const uint32_t sign = is_signed ? UINT32_C(1) << (field - 1U) : 0;
    return (int32_t)(code ^ sign) - (int32_t)sign;
}

/* An accumulator.  `overflow` is sticky: the exact sum did not fit at some step. */
typedef struct pcs_acc {
    int64_t value;
    bool overflow;
} pcs_acc_t;

/* acc + product in `acc_bits` (PCS_ACC_MIN_BITS..PCS_ACC_MAX_BITS) bits, wrapped or saturated.  This is THE definition
   of accumulation for every kind and executor.  |product| < 2^17, or < 2^(acc_bits + 1) where products come aligned. */
static inline pcs_acc_t pcs_acc_add(pcs_acc_t acc, int64_t product, unsigned acc_bits, bool saturate)
{
    const int64_t sum = acc.value + product;
    const int64_t max = (INT64_C(1) << (acc_bits - 1U)) - 1;
    const int64_t min = -max - 1;
    if (sum >= min && sum <= max) {
        acc.value = sum;
        return acc;
    }
    acc.overflow = true;
    if (saturate) {
        acc.value = sum > max ? max : min;
    } else {
        const uint64_t top = UINT64_C(1) << (acc_bits - 1U);
        const uint64_t low = (uint64_t)sum & ((top << 1U) - 1U);
        acc.value = (int64_t)((low ^ top) - top);
    }
    return acc;
}

#ifdef __cplusplus
}
#endif
#endif
