/* A job (array.h) as a stream of steps through an array device, for every kind and dataflow: what steps to offer in
   which order, and which result each row is that leaves.  The only place that knows how codes of a GEMM become
   operand words and rows become sums. */
#ifndef PCS_MODELS_ARRAY_STREAM_H
#define PCS_MODELS_ARRAY_STREAM_H

#include "models/array/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A row of results: columns n0..n0+cols-1 of row m, of one segment of one group.  Of a job whose plan proved it free of
   overflow all `flags` are zero. */
typedef struct pcs_stream_row {
    uint64_t m, n0;
    uint64_t group, segment; /* segment inside the group */
    bool group_done;         /* all other segments of the group have come for this m and n0 */
    uint32_t cols;           /* 1..C */
    const int64_t *acc;      /* (cols) */
    const uint8_t *flags;    /* (cols) of the accumulators, see pcs_array_out_t */
} pcs_stream_row_t;

typedef struct pcs_stream_job {
    pcs_array_job_t job;
    void *user;
    /* Codes A[m][k .. k+count-1] and B[k .. k+count-1][n]: of integer kinds 8 bits, see pcs_code_value, with zeros
       above; of others see float_mac.h and bfp.h. */
    void (*fetch_a)(void *user, uint64_t m, uint64_t k, size_t count, uint16_t *codes);
    void (*fetch_b)(void *user, uint64_t n, uint64_t k, size_t count, uint16_t *codes);
    /* Rows of an OS tile come m descending, WS rows ascending. */
    void (*row)(void *user, const pcs_stream_row_t *row);
    /* Tests and checkers, each may be NULL, those of the first job are asked for all: whether to offer a step, to take
       a row, in this clock; and, after each clock, whether to go on (false: PCS_MISMATCH). */
    bool (*offer)(void *user);
    bool (*take)(void *user);
    bool (*clock)(void *user);
} pcs_stream_job_t;

/* Runs the jobs back to back through the device, which need not be idle-fresh: no reset, counters go on.  For the same
   device and stalls the clocks are those of pcs_array_counts for a single job.  PCS_INVALID: a job that the array
   cannot run (segment longer than pcs_array_segment_max, an illegal mode), named; PCS_MISMATCH: `clock` said stop. */
PCS_MUST_CHECK pcs_status_t pcs_stream_run(pcs_array_dev_t *dev, const pcs_stream_job_t *jobs, size_t count,
                                           pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
