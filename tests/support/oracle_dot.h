/* An independent oracle of dot products: exact real numbers (oracle.h) and the published description of each
   accumulator, in a table of its own. */
#ifndef PCS_TESTS_SUPPORT_ORACLE_DOT_H
#define PCS_TESTS_SUPPORT_ORACLE_DOT_H

#include <stddef.h>

#include "tests/support/oracle.h"

typedef struct oracle_dot {
    const char *accumulator; /* as precess dot spells it; a name of the table, or a general one */
    const oracle_format_t *a, *b, *c;
    size_t k;
    oracle_how_t how;     /* of the general ones: any rounding but sr */
    const int16_t *scale; /* of NVIDIA's: what the exponents of each group's products grow by; NULL: nothing */
    size_t scale_group;   /* registers: products that share one */
} oracle_dot_t;

/* The result's code; flags (general accumulators only) are or-ed into *flags.  False: the accumulator does not take
   these formats. */
bool oracle_dot(const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, uint32_t c, uint32_t *code,
                unsigned *flags);

/* The accumulators register:..., for oracle_dot; false: it is another one. */
bool oracle_register(const oracle_dot_t *dot, const uint32_t *a, const uint32_t *b, uint32_t c, uint32_t *code,
                     unsigned *flags);

/* Whether the flags of this accumulator mean anything here. */
bool oracle_dot_has_flags(const char *accumulator);

#endif
