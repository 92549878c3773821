/* `gated`: one 8x8 multiplier, a step a clock.  Operands are left-aligned, unused low bits at zero, and hold still
   between steps. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_gated(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                unsigned left)
{
    (void)left;
    const pcs_mac_step_t step = pcs_mac_step(array, mode);
    const pcs_pe_regs_t regs = {.a = (uint8_t)(a << step.shift_a), .b = (uint8_t)(b << step.shift_b)};
    return regs;
}
