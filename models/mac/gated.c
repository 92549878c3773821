/* `gated`: one 8x8 multiplier, a step a clock.  Operands are left-aligned, unused low bits at zero, and hold still
   between steps. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_gated(const pcs_mode_t *mode, int32_t a, int32_t b, unsigned left)
{
    (void)left;
    const pcs_pe_regs_t regs = {
        .a = (uint8_t)((uint32_t)a << pcs_mac_shift_a(PCS_KIND_GATED, mode)),
        .b = (uint8_t)((uint32_t)b << pcs_mac_shift_b(PCS_KIND_GATED, mode)),
    };
    return regs;
}
