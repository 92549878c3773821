/* `subword`: one 8x8 multiplier cut into lanes, a product and an accumulator each.  Operand words hold still between
   steps. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_subword(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                  unsigned left)
{
    (void)array;
    (void)mode;
    (void)left;
    const pcs_pe_regs_t regs = {.a = (uint8_t)a, .b = (uint8_t)b};
    return regs;
}
