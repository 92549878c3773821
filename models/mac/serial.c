/* `serial`: one bit of the serial operand a clock, most significant first, the other operand parallel.  After j of m
   clocks the operand has been shifted left j times and the partial product is the parallel operand times the top j bits
   of the serial one, read as a number: floor(serial / 2^(m - j)), in two's complement if it is signed.  The last
   clock's product goes straight into the accumulator, so nothing is left of it. */
#include "models/mac/pe.h"

pcs_pe_regs_t pcs_pe_regs_serial(const pcs_mode_t *mode, int32_t a, int32_t b, unsigned left)
{
    const unsigned clocks = pcs_mac_cycles(PCS_KIND_SERIAL, mode);
    const unsigned shifts = clocks - left;
    const uint32_t top_a = (uint32_t)a << pcs_mac_shift_a(PCS_KIND_SERIAL, mode);
    const uint32_t top_b = (uint32_t)b << pcs_mac_shift_b(PCS_KIND_SERIAL, mode);
    const int32_t serial = mode->serial_b ? b : a;
    const int32_t parallel = mode->serial_b ? a : b;
    const pcs_pe_regs_t regs = {
        .a = (uint8_t)(top_a << (mode->serial_b ? 0 : shifts)),
        .b = (uint8_t)(top_b << (mode->serial_b ? shifts : 0)),
        .remaining = (uint8_t)left,
        .partial = left == 0 || shifts == 0 ? 0 : parallel * pcs_floor_shift(serial, left),
    };
    return regs;
}
