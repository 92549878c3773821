/* What a person should know of a schedule before it is run. */
#ifndef PCS_SIM_CLI_SCHEDULE_H
#define PCS_SIM_CLI_SCHEDULE_H

#include "workloads/policy/schedule.h"

/* Prints a line when a cyclic schedule ends below its largest forward width, with the reason: what a network is then
   evaluated and left at is not its best. */
void cli_schedule_note(const pcs_schedule_t *schedule);

#endif
