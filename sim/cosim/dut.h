/* Somebody else's MAC in place of ours: a tree of sources whose array is this project's and whose multiplier of one
   kind is a file of the user's. */
#ifndef PCS_SIM_COSIM_DUT_H
#define PCS_SIM_COSIM_DUT_H

#include "sim/bridge/rtl.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_dut {
    char root[PCS_RTL_PATH_MAX];  /* for pcs_rtl_options_t.root */
    char cache[PCS_RTL_PATH_MAX]; /* for .dir: what is Verilated from it serves nobody else */
} pcs_dut_t;

/* Makes a temporary tree in which the module pcs_mac_<kind> comes from the SystemVerilog file `path`.  Verilator finds
   what that file includes or instantiates among the Verilog files beside it.  Close it also after a failure. */
PCS_MUST_CHECK pcs_status_t pcs_dut_open(const char *path, pcs_kind_t kind, pcs_dut_t *dut, pcs_error_t *err);
/* Removes the tree. */
void pcs_dut_close(pcs_dut_t *dut);

#ifdef __cplusplus
}
#endif
#endif
