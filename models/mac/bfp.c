/* `bfp`: the mantissas' product as `serial2d` makes it, with digits of 2 bits; the last clock aligns it by the sum of
   the shared exponents.  Operand words hold still: digits of A are picked, not shifted out. */
#include "models/mac/bfp.h"

#include "models/mac/pe.h"

static pcs_parts_t parts_of(uint16_t code)
{
    const unsigned exponent = code >> 8U;
    const int mantissa = (int8_t)code;
    return (pcs_parts_t){.class_ = exponent == PCS_BFP_NAN ? PCS_CLASS_NAN
                                   : mantissa == 0         ? PCS_CLASS_ZERO
                                                           : PCS_CLASS_FINITE,
                         .sign = mantissa < 0,
                         .exponent = (int)exponent - PCS_BFP_BIAS,
                         .significand = (uint64_t)(mantissa < 0 ? -mantissa : mantissa)};
}

void pcs_bfp_step(pcs_float_mac_t *mac, uint16_t a, uint16_t b)
{
    pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE};
    pcs_float_mac_add(mac, pcs_parts_mul(parts_of(a), parts_of(b), &state));
}

pcs_pe_regs_t pcs_pe_regs_bfp(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                              unsigned left)
{
    const pcs_array_config_t mantissas = {array->rows,     array->cols,     PCS_KIND_SERIAL2D,
                                          array->acc_bits, array->dataflow, PCS_BFP_DIGIT};
    const pcs_mode_t integers = {.pa = mode->pa, .pb = mode->pb, .a_signed = true, .b_signed = true};
    pcs_pe_regs_t regs = pcs_pe_regs_serial2d(&mantissas, &integers, a & 0xffU, b & 0xffU, left);
    regs.a = (uint16_t)a;
    regs.b = (uint16_t)b;
    return regs;
}
