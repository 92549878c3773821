/* MAC kinds as their headers in rtl/mac tell them, a digit a clock; see plain_array.h. */
#ifndef PCS_TESTS_SUPPORT_PLAIN_MAC_H
#define PCS_TESTS_SUPPORT_PLAIN_MAC_H

#include "models/spec/spec.h"

typedef struct plain_mac {
    uint32_t a, b;     /* operand registers */
    uint32_t mantissa; /* bfp: that of A, its running digit at the top */
    unsigned left;     /* clocks of the running step, this one included */
    uint8_t remaining; /* probe fields */
    uint8_t inner;
    int32_t partial;
} plain_mac_t;

/* Operand words as the edge aligns them. */
uint32_t plain_mac_align_a(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t word);
uint32_t plain_mac_align_b(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t word);

/* Aligned words enter. */
void plain_mac_load(const pcs_array_config_t *array, const pcs_mode_t *mode, plain_mac_t *mac, uint32_t a, uint32_t b);
/* Products of integer kinds, one for each accumulator, complete in a clock with left = 1. */
void plain_mac_product(const pcs_array_config_t *array, const pcs_mode_t *mode, const plain_mac_t *mac,
                       int32_t product[PCS_ACCS_MAX]);
/* The edge of a clock in which it works (left > 0). */
void plain_mac_clock(const pcs_array_config_t *array, const pcs_mode_t *mode, plain_mac_t *mac);

#endif
