/* What the oracle expects of a wide aligned accumulator, models/mac/float_mac.h: exact products, bit by bit. */
#ifndef PCS_TESTS_SUPPORT_FLOAT_SUM_H
#define PCS_TESTS_SUPPORT_FLOAT_SUM_H

#include "models/mac/float_mac.h"
#include "tests/support/float_case.h"

typedef struct float_sum {
    pcs_int128_t acc;
    unsigned flags;
} float_sum_t;

/* The product of codes of two formats, and of two bfp codes (models/mac/bfp.h). */
oracle_real_t float_sum_product(pcs_format_t format_a, uint32_t a, pcs_format_t format_b, uint32_t b);
oracle_real_t float_sum_bfp(uint16_t a, uint16_t b);

/* Adds a product to an accumulator of `bits` bits; returns whether bits of it lay below the anchor. */
bool float_sum_add(float_sum_t *sum, const oracle_real_t *product, int anchor, unsigned bits, bool saturate);

/* acc * 2^anchor in binary32, with the flags of the rounding. */
uint32_t float_sum_fp32(const float_sum_t *sum, int anchor, unsigned *flags);

#endif
