/* Precision schedules from files. */
#ifndef PCS_WORKLOADS_POLICY_SCHEDULE_FILE_H
#define PCS_WORKLOADS_POLICY_SCHEDULE_FILE_H

#include "workloads/policy/schedule.h"

/* Reads `iteration,fw_bits,bw_bits` rows: the header, then iterations 0, 1, ... without a gap, exactly `iterations` of
   them (PCS_SCHEDULE_OPEN: any number from 1).  Equal neighbours become one span.  The caller frees *spans. */
PCS_MUST_CHECK pcs_status_t pcs_schedule_file_read(const char *path, uint64_t iterations, pcs_schedule_span_t **spans,
                                                   size_t *count, pcs_error_t *err);

#endif
