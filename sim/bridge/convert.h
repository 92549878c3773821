/* The Verilated bank of conversion units, rtl/convert/pcs_convert_bank.sv: a unit for each format, all fed alike. */
#ifndef PCS_SIM_BRIDGE_CONVERT_H
#define PCS_SIM_BRIDGE_CONVERT_H

#include "models/spec/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pcs_rtl_convert pcs_rtl_convert_t;

/* Inputs in one clock: a seed, a conversion, both or neither. */
typedef struct pcs_rtl_convert_in {
    bool seed_valid;
    uint32_t seed;
    bool valid;
    uint32_t fp32;     /* code of binary32 */
    unsigned rounding; /* PCS_CONVERT_ROUNDING_* */
    unsigned overflow; /* PCS_CONVERT_OVERFLOW_* */
} pcs_rtl_convert_in_t;

/* Registers after the clock's edge: the conversion of that clock.  All zero for a format that the units do not serve.
 */
typedef struct pcs_rtl_convert_out {
    bool valid[PCS_FORMAT_COUNT];
    uint32_t code[PCS_FORMAT_COUNT];
    uint8_t flags[PCS_FORMAT_COUNT];
} pcs_rtl_convert_out_t;

/* Reset.  seed: of the values that registers have before.  NULL: no memory. */
pcs_rtl_convert_t *pcs_rtl_convert_create(uint64_t seed);
void pcs_rtl_convert_destroy(pcs_rtl_convert_t *bank);
/* One clock. */
void pcs_rtl_convert_step(pcs_rtl_convert_t *bank, const pcs_rtl_convert_in_t *in, pcs_rtl_convert_out_t *out);
/* The low bits of `code` as a code of each format, to binary32; invalid: it was a signalling NaN.  No clock passes. */
void pcs_rtl_convert_widen(pcs_rtl_convert_t *bank, uint32_t code, uint32_t fp32[PCS_FORMAT_COUNT],
                           bool invalid[PCS_FORMAT_COUNT]);

#ifdef __cplusplus
}
#endif
#endif
