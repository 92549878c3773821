/* `fusion`: 16 bricks that multiply 2 bits by 2 bits, put together as the operands' fields want it; all products of a
   word are added in one clock.  Operand words hold still between steps. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_fusion(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                 unsigned left)
{
    (void)array;
    (void)mode;
    (void)left;
    const pcs_pe_regs_t regs = {.a = a, .b = b};
    return regs;
}
