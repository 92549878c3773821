/* precess energy: tables to and from other forms. */
#ifndef PCS_SIM_CLI_ENERGY_H
#define PCS_SIM_CLI_ENERGY_H

#include "energy/energy.h"
#include "sim/cli/text.h"

/* What a conversion has to know: widths for pJ/bit, the clock for pJ a clock, and provenance, which Accelergy's files
   do not carry. */
typedef struct cli_energy_units {
    unsigned acc_bits;                        /* PCS_ACC_MIN_BITS..PCS_ACC_MAX_BITS */
    double clock_mhz;                         /* > 0 */
    const char *node_nm, *voltage_v, *source; /* as a table writes them */
} cli_energy_units_t;

/* The table as Accelergy's energy and area reference tables (ERT and ART, version 0.4): a component "precess.<kind>"
   for each kind that the table knows, "<kind>/os" and "<kind>/ws" where the dataflow makes a difference,
   "precess.scratchpad-<n>kb" for each capacity and "precess.edge_bit"; an action for each event.  pJ per action, um2.
   Static power becomes an action a clock: pJ = uW / MHz.  Clock periods are under `precess: period_ns`. */
PCS_MUST_CHECK pcs_status_t cli_energy_accelergy(const pcs_energy_table_t *table, const cli_energy_units_t *units,
                                                 cli_text_t *out, pcs_error_t *err);

/* Reads such a file back into the rows of a table.  The last part of a component's name must be one of these, an
   action's an event; arguments pa and pb, both or none.  A negative or missing figure, an unknown name, a duplicate or
   a file of another spec is an error with file and line. */
PCS_MUST_CHECK pcs_status_t cli_energy_import(const char *path, const cli_energy_units_t *units, cli_text_t *out,
                                              pcs_error_t *err);

#endif
