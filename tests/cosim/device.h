/* Command line of the tests that run on a Verilated array: --array ROWS COLS KIND ACC_BITS, --dataflow os|ws|is,
   --digit BITS, and, for those that the build does not make, --root DIR (the RTL's sources) and --cache DIR (where they
   go). */
#ifndef PCS_TESTS_COSIM_DEVICE_H
#define PCS_TESTS_COSIM_DEVICE_H

#include "sim/bridge/rtl.h"

void device_options(int argc, char **argv, pcs_array_config_t *array, pcs_rtl_options_t *rtl);

#endif
