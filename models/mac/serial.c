/* `serial`: one digit of the serial operand a clock, most significant first, the other operand parallel.  The operand
   comes sign- or zero-extended to whole digits.  After j of m clocks it has been shifted left by j digits and the
   partial product is the parallel operand times the top j digits of the serial one, read as a number:
   floor(serial / 2^(digit (m - j))), in two's complement if it is signed.  The last clock's product goes straight into
   the accumulator, so nothing is left of it. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_serial(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                 unsigned left)
{
    const pcs_mac_step_t step = pcs_mac_step(array, mode);
    const unsigned worked = step.cycles - left;
    const unsigned shifts = worked * array->digit;
    const int32_t value_a = pcs_code_value((uint8_t)a, mode->a_signed);
    const int32_t value_b = pcs_code_value((uint8_t)b, mode->b_signed);
    const int32_t serial = mode->serial_b ? value_b : value_a;
    const int32_t parallel = mode->serial_b ? value_a : value_b;
    const pcs_pe_regs_t regs = {
        .a = (uint8_t)(a << step.shift_a << (mode->serial_b ? 0 : shifts)),
        .b = (uint8_t)(b << step.shift_b << (mode->serial_b ? shifts : 0)),
        .remaining = (uint8_t)left,
        .partial = left == 0 || worked == 0 ? 0 : parallel * pcs_floor_shift(serial, left * array->digit),
    };
    return regs;
}
