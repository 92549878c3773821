/* `gated`: one 8x8 multiplier a clock.  Operands are left-aligned with their unused low bits at zero, so the product
   carries (8 - pa) + (8 - pb) zeros at its low end, which are shifted out before it is accumulated. */
#include "models/mac/pe.h"

size_t pcs_pe_work_gated(const pcs_pe_regs_t *regs, size_t begin, size_t end, int32_t *product, uint8_t *done)
{
    size_t worked = 0;
    for (size_t i = begin; i < end; i++) {
        done[i] = regs->active[i];
        if (!regs->active[i]) {
            continue;
        }
        const pcs_mode_t mode = pcs_mode_unpack(regs->mode[i]);
        const int32_t wide = pcs_pe_operand(regs->a[i], mode.a_signed) * pcs_pe_operand(regs->b[i], mode.b_signed);
        /* Exact: the bits below are zero.  Division, since >> of a negative number is the compiler's choice. */
        product[i] = wide / (INT32_C(1) << (2U * PCS_CODE_BITS - mode.pa - mode.pb));
        worked++;
    }
    return worked;
}
