/* What a Verilated array exports: one shared object per (rows, cols, kind, accumulator bits, dataflow, digit,
   traced or not).
   sim/bridge/rtl.c loads it; nobody else includes this file. */
#ifndef PCS_SIM_BRIDGE_PLUGIN_H
#define PCS_SIM_BRIDGE_PLUGIN_H

#include "models/array/array.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_rtl_model pcs_rtl_model_t;

typedef struct pcs_rtl_plugin {
    /* seed: of the values that registers have before reset, 1.. .  NULL when there is no memory or the
       design has no probes. */
    pcs_rtl_model_t *(*create)(uint64_t seed);
    void (*destroy)(pcs_rtl_model_t *model);
    void (*reset)(pcs_rtl_model_t *model);
    void (*step)(pcs_rtl_model_t *model, const pcs_array_in_t *in, pcs_array_out_t *out);
    const uint32_t *(*probe)(pcs_rtl_model_t *model);
    uint64_t (*csr)(pcs_rtl_model_t *model, unsigned addr);
    /* Writes clocks from..to (since reset, both included) to an FST file.  False: not a traced plugin, or the file
       cannot be written. */
    bool (*trace)(pcs_rtl_model_t *model, const char *path, uint64_t from, uint64_t to);
} pcs_rtl_plugin_t;

/* The one exported symbol. */
#define PCS_RTL_PLUGIN_SYMBOL "pcs_rtl_plugin"
const pcs_rtl_plugin_t *pcs_rtl_plugin(void);

#ifdef __cplusplus
}
#endif
#endif
