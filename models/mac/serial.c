/* `serial`: one bit of the serial operand a clock, most significant first (Horner), the other operand parallel.  In
   two's complement the first bit weighs negative.  The accumulator adds once a step, with the last bit. */
#include "models/mac/pe.h"

size_t pcs_pe_work_serial(const pcs_pe_regs_t *regs, size_t begin, size_t end, int32_t *product, uint8_t *done)
{
    size_t worked = 0;
    for (size_t i = begin; i < end; i++) {
        done[i] = regs->count[i] == 1;
        if (regs->count[i] == 0) {
            continue;
        }
        const pcs_mode_t mode = pcs_mode_unpack(regs->mode[i]);
        uint8_t *serial = mode.serial_b ? &regs->b[i] : &regs->a[i];
        const bool serial_signed = mode.serial_b ? mode.b_signed : mode.a_signed;
        const int32_t parallel =
            mode.serial_b ? pcs_pe_operand(regs->a[i], mode.a_signed) : pcs_pe_operand(regs->b[i], mode.b_signed);
        const bool bit = (*serial & 0x80U) != 0;
        const bool first_bit = regs->active[i] != 0;
        const int32_t before = first_bit ? 0 : regs->partial[i];
        const int32_t addend = !bit ? 0 : (first_bit && serial_signed ? -parallel : parallel);
        const int32_t sum = 2 * before + addend;
        product[i] = sum;
        regs->partial[i] = done[i] ? 0 : sum;
        *serial = (uint8_t)(*serial << 1U);
        regs->count[i]--;
        worked++;
    }
    return worked;
}
