/* The Verilated multiply-add units, rtl/float/pcs_float_mac_bank.sv: three widths of accumulator, all fed alike. */
#ifndef PCS_SIM_BRIDGE_FLOAT_MAC_H
#define PCS_SIM_BRIDGE_FLOAT_MAC_H

#include "models/mac/float_mac.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_RTL_FLOAT_MAC_UNITS = 3 };
/* Accumulator bits of a unit. */
static inline unsigned pcs_rtl_float_mac_bits(unsigned unit)
{
    return unit == 0 ? 32 : unit == 1 ? 48 : PCS_FLOAT_MAC_ACC_MAX_BITS;
}

typedef struct pcs_rtl_float_mac pcs_rtl_float_mac_t;

/* Inputs in one clock. */
typedef struct pcs_rtl_float_mac_in {
    bool valid, first;
    pcs_format_t format_a, format_b;
    uint32_t a, b; /* codes */
    int anchor;
    bool saturate;
} pcs_rtl_float_mac_in_t;

/* After the clock's edge; fp32 and round_flags are for the anchor of that clock. */
typedef struct pcs_rtl_float_mac_out {
    pcs_int128_t acc[PCS_RTL_FLOAT_MAC_UNITS];
    unsigned flags[PCS_RTL_FLOAT_MAC_UNITS];
    uint32_t fp32[PCS_RTL_FLOAT_MAC_UNITS];
    unsigned round_flags[PCS_RTL_FLOAT_MAC_UNITS];
} pcs_rtl_float_mac_out_t;

/* Reset.  seed: of the values that registers have before.  NULL: no memory. */
pcs_rtl_float_mac_t *pcs_rtl_float_mac_create(uint64_t seed);
void pcs_rtl_float_mac_destroy(pcs_rtl_float_mac_t *bank);
/* One clock. */
void pcs_rtl_float_mac_step(pcs_rtl_float_mac_t *bank, const pcs_rtl_float_mac_in_t *in, pcs_rtl_float_mac_out_t *out);

#ifdef __cplusplus
}
#endif
#endif
