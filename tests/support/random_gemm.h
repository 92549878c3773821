/* Seeded random GEMM contracts: dense and patch views, every bit-width and signedness, offsets, grains, groups. */
#ifndef PCS_TESTS_SUPPORT_RANDOM_GEMM_H
#define PCS_TESTS_SUPPORT_RANDOM_GEMM_H

#include "models/gemm/gemm.h"
#include "tests/support/check.h"

typedef struct random_gemm {
    pcs_gemm_t gemm;
    pcs_patch_t patch;
    int32_t dy[16], dx[16];
    size_t y_count;
    void *owned[14];
    size_t owned_count;
} random_gemm_t;

typedef struct random_gemm_limits {
    size_t m, n, k;        /* largest sizes; patch views may exceed k by a tap */
    bool overflow;         /* segments may be chosen so long that accumulators overflow */
    bool wide;             /* operands of 9..16 bits too */
    size_t copies;         /* so many products of one column side by side at most, fewer of several; 0: one */
    uint32_t whole;        /* channels of patch views come in so many; 0: in any number */
    unsigned acc_bits_min; /* accumulators of acc_bits_min..PCS_ACC_MAX_BITS */
    unsigned acc_bits_max;
} random_gemm_limits_t;

/* Fills a contract; its result goes to an array of its own.  Free with random_gemm_free. */
void random_gemm_make(random_gemm_t *made, check_rng_t *rng, const random_gemm_limits_t *limits);
void random_gemm_free(random_gemm_t *made);
/* Longest segment that the array can run of it, in every pass. */
uint64_t random_gemm_longest(const random_gemm_t *made, const pcs_array_config_t *array);
/* "17 x 3 x 40, A 5 bits signed patch transposed, ..." for messages. */
const char *random_gemm_text(const random_gemm_t *made, char *text, size_t size);

#endif
