/* Operations on the oracle's real numbers that its dot products share. */
#ifndef PCS_TESTS_SUPPORT_ORACLE_REALS_H
#define PCS_TESTS_SUPPORT_ORACLE_REALS_H

#include "tests/support/oracle.h"

int oracle_top_bit(const oracle_real_t *x); /* from 0 on, which weighs 2^ORACLE_UNIT; -1: zero */
bool oracle_is_zero(const oracle_real_t *x);
/* Bits below 2^exponent cut off: toward zero, or down. */
oracle_real_t oracle_cut(oracle_real_t x, int exponent, bool down);
oracle_real_t oracle_plus(oracle_real_t a, oracle_real_t b);
uint32_t oracle_rounded(const oracle_format_t *f, const oracle_real_t *x, const oracle_how_t *how, unsigned *flags);

#endif
