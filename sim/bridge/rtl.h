/* The Verilated array as a device.

   Each configuration (rows, cols, kind, accumulator bits, dataflow, digit, traced or not) is a shared object made by
   scripts/verilate, named by its configuration and by the hashes of the RTL and of the spec.  An input-stationary array
   is a weight-stationary one whose user exchanges the operands.  The build makes some; any other one is Verilated when
   it is first asked for, into a cache directory, and found there afterwards. */
#ifndef PCS_SIM_BRIDGE_RTL_H
#define PCS_SIM_BRIDGE_RTL_H

#include "models/array/array.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_rtl_options {
    /* Seed of the values that registers have before reset: a result that depends on it is an uninitialised register. */
    uint64_t seed;
    /* FST waveform of clocks trace_from..trace_to since reset, both included; NULL: none. */
    const char *trace_file;
    uint64_t trace_from, trace_to;
    /* Called with one line before something slow happens ("verilating ..."); NULL: silent. */
    void (*message)(void *user, const char *line);
    void *user;
    /* For tests and the build; NULL: found by itself.
         root   holds rtl/, models/, sim/bridge/, scripts/verilate: <prefix>/share/precess beside the running program's
                directory, else the source tree of the build
         dir    where shared objects made on demand go: $XDG_CACHE_HOME/precess, else $HOME/.cache/precess */
    const char *root;
    const char *dir;
} pcs_rtl_options_t;

/* Makes the device "rtl", reset.  options may be NULL (all zero).  The spec hash and the ROWS, COLS, KIND, ACC_BITS,
   DATAFLOW and DIGIT registers are read back first; a difference is PCS_MISMATCH and names the register.
   PCS_UNSUPPORTED: this configuration has no shared object yet, and Verilator or the compiler is not installed. */
PCS_MUST_CHECK pcs_status_t pcs_rtl_create(const pcs_array_config_t *config, const pcs_rtl_options_t *options,
                                           pcs_array_dev_t **dev, pcs_error_t *err);

/* The dataflow of the RTL that runs this one: OS or WS. */
static inline pcs_dataflow_t pcs_rtl_dataflow(pcs_dataflow_t dataflow)
{
    return dataflow == PCS_DATAFLOW_OS ? PCS_DATAFLOW_OS : PCS_DATAFLOW_WS;
}

enum { PCS_RTL_PATH_MAX = 4096 };

/* Path of the shared object that pcs_rtl_create would load; makes it when there is none. */
PCS_MUST_CHECK pcs_status_t pcs_rtl_plugin_path(const pcs_array_config_t *config, const pcs_rtl_options_t *options,
                                                char path[PCS_RTL_PATH_MAX], pcs_error_t *err);

/* Directory that holds the sources of the RTL, see options.root; options may be NULL. */
PCS_MUST_CHECK pcs_status_t pcs_rtl_root(const pcs_rtl_options_t *options, char root[PCS_RTL_PATH_MAX],
                                         pcs_error_t *err);

/* Removes a directory with all that is in it; links are not followed. */
void pcs_rtl_remove_tree(const char *path);

/* Which of these arrays have their shared objects: pcs_rtl_create would be quick.  None when the RTL's sources cannot
   be read. */
void pcs_rtl_which_made(const pcs_array_config_t *configs, size_t count, const pcs_rtl_options_t *options, bool *made);

#ifdef __cplusplus
}
#endif
#endif
