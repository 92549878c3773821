/* MAC kinds: what a PE computes and how many clocks a step takes.  No array, no ports.

   All kinds define the same integer function: acc <- acc + a * b in an accumulator of W bits, two's complement, that
   wraps or saturates after every step; they differ in the clocks and in the registers they use for it. */
#ifndef PCS_MODELS_MAC_MAC_H
#define PCS_MODELS_MAC_MAC_H

#include "models/spec/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Value of an operand code of `bits` bits (PCS_PREC_MIN..PCS_PREC_MAX).  Codes travel in 8 bits: unsigned codes
   zero-extended (0..2^bits - 1), signed ones sign-extended (-2^(bits-1)..2^(bits-1) - 1). */
static inline int32_t pcs_code_value(uint8_t code, bool is_signed)
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

/* Clocks that one operand step occupies a PE of this kind (and the least distance of two steps at the array's port). */
unsigned pcs_mac_cycles(pcs_kind_t kind, const pcs_mode_t *mode);

/* How far the array edge shifts a code left before it enters the PEs: 0..PCS_CODE_BITS - PCS_PREC_MIN bits. */
unsigned pcs_mac_shift_a(pcs_kind_t kind, const pcs_mode_t *mode);
unsigned pcs_mac_shift_b(pcs_kind_t kind, const pcs_mode_t *mode);

/* An accumulator.  `overflow` is sticky: the exact sum did not fit at some step. */
typedef struct pcs_acc {
    int64_t value;
    bool overflow;
} pcs_acc_t;

/* acc + product in `acc_bits` (PCS_ACC_MIN_BITS..PCS_ACC_MAX_BITS) bits, wrapped or saturated.  This is THE definition
   of accumulation for every kind and executor.  |product| < 2^17. */
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
