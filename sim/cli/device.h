/* Devices and tables that a command opens by name. */
#ifndef PCS_SIM_CLI_DEVICE_H
#define PCS_SIM_CLI_DEVICE_H

#include "energy/energy.h"
#include "models/array/array.h"
#include "models/gemm/memory.h"
#include "workloads/train/config.h"

/* The array of a configuration, checked. */
PCS_MUST_CHECK pcs_status_t cli_array_config(const pcs_config_t *config, pcs_array_config_t *array, pcs_error_t *err);
/* The same of what runs integer contracts: the kind must multiply integers. */
PCS_MUST_CHECK pcs_status_t cli_integer_array(const pcs_config_t *config, pcs_array_config_t *array, pcs_error_t *err);
/* The device that an executor needs: NULL for ref and fast. */
PCS_MUST_CHECK pcs_status_t cli_device_create(pcs_executor_t executor, const pcs_array_config_t *array, bool quiet,
                                              pcs_array_dev_t **dev, pcs_error_t *err);
/* Says on stdout that something slow happens ("verilating ..."), unless *(const bool *)user: quiet. */
void cli_rtl_message(void *user, const char *line);

/* An energy table: a path when the name has a slash or ends in .csv, else the name of one in share/precess/tables
   beside the program's bin directory. */
PCS_MUST_CHECK pcs_status_t cli_energy_open(const char *name, pcs_energy_table_t **table, pcs_error_t *err);

/* What an energy account must know of a configuration's scratchpads: see pcs_energy_use_t. */
void cli_sram_kb(const pcs_config_t *config, double kb[PCS_ENERGY_SRAMS]);

/* Sets config->clock_mhz to the clock that the array runs at, and array.clock to common: where it says own, to the
   fastest that the table has for its PEs (PCS_INVALID when it has none); the DRAM, whose bytes are of the common clock,
   keeps its bytes a second. */
PCS_MUST_CHECK pcs_status_t cli_clock_resolve(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                                              pcs_config_t *config, pcs_error_t *err);

/* The memory of a configuration on this array: sizes and rates as configured, and what a bit over the DRAM and a clock
   of leakage cost by the table; what is
   written into a scratchpad costs as in operand A's.  A table that lacks these rows for the kind leaves bits alone to
   be weighed. */
pcs_memory_t cli_memory(const pcs_config_t *config, const pcs_array_config_t *array, const pcs_energy_table_t *table);

#endif
