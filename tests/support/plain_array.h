/* The array as array.h tells it, register by register, clock by clock: every register of every PE gets its next value
   from its neighbours' last ones, and serial multipliers work digit by digit.  A thousand times too slow for anything
   but to disagree with the cycle model, with which it shares no code. */
#ifndef PCS_TESTS_SUPPORT_PLAIN_ARRAY_H
#define PCS_TESTS_SUPPORT_PLAIN_ARRAY_H

#include "models/array/array.h"

/* A device of any legal configuration; ends the program when memory does. */
pcs_array_dev_t *plain_array_create(const pcs_array_config_t *config);

#endif
