/* `float`: codes of two formats are decoded, multiplied and aligned in one clock; see float_mac.h.  Operands hold still
   between steps. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_float(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                unsigned left)
{
    (void)array;
    (void)mode;
    (void)left;
    const pcs_pe_regs_t regs = {.a = (uint16_t)a, .b = (uint16_t)b};
    return regs;
}
