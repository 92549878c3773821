/* The platform's program: puts the operands of one GEMM into memory, has the accelerator compute it, and compares every
   result in memory with the definition. */
#ifndef PCS_SIM_PLATFORM_JOB_H
#define PCS_SIM_PLATFORM_JOB_H

#include "sim/platform/driver.h"

typedef struct pcs_job {
    uint64_t m, n, k; /* at least 1, product at most PCS_JOB_MACS */
    uint64_t segment; /* steps per accumulator read; 0 = the longest that cannot overflow, or that the array can run */
    pcs_mode_t mode;
    uint64_t seed; /* of the operands */
    uint64_t base; /* address of the accelerator's registers */
    /* Filled by pcs_job_run. */
    pcs_array_config_t array; /* as read from the registers */
    pcs_counts_t counts;      /* clocks and events that the hardware reported */
    pcs_counts_t predicted;   /* the closed form's; overflows are data and not predicted */
    uint64_t words;           /* results compared with the definition */
    uint64_t wrong;           /* of these, different */
    uint64_t overflows;       /* accumulators whose exact sum did not fit, by the definition */
} pcs_job_t;

enum { PCS_JOB_MACS = 1 << 30 };

/* Memory that the job needs: A, B and the result, each aligned to a cache line.  PCS_INVALID for an illegal size. */
PCS_MUST_CHECK pcs_status_t pcs_job_bytes(const pcs_job_t *job, uint64_t *bytes, pcs_error_t *err);

/* The program: a pcs_program_fn whose user is the job.  PCS_MISMATCH names the first wrong result, or the event that
   differs from the closed form. */
PCS_MUST_CHECK pcs_status_t pcs_job_run(void *job, const pcs_bus_t *bus, pcs_error_t *err);

#endif
