/* Floating-point contracts on an array of the kind float, or with scales on one of the kind bfp. */
#ifndef PCS_TESTS_SUPPORT_FGEMM_ARRAY_H
#define PCS_TESTS_SUPPORT_FGEMM_ARRAY_H

#include "models/gemm/gemm.h"
#include "tests/support/float_case.h"

/* Random contracts on the device, by the executor that it is: codes and status counts are those of `ref` and
   of `fast`, clocks and events those of the closed form.  And registers fitted to the contracts' operands, which never
   overflow, and give the exact sums where they say so; returns how many of them do.  inject: expects one result
   wrongly. */
uint64_t fgemm_array_check(pcs_array_dev_t *dev, pcs_executor_t executor, uint32_t count, bool inject,
                           check_rng_t *rng);

#endif
