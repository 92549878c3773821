/* A long command ends early and in order: SIGINT and SIGTERM are noted, and asked for between two pieces of work. */
#ifndef PCS_SIM_CLI_STOP_H
#define PCS_SIM_CLI_STOP_H

#include <stdbool.h>

/* From now on the signals are noted; the second one ends the process at once. */
void cli_stop_catch(void);
/* One has come. */
bool cli_stop_requested(void);

#endif
