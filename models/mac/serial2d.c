/* `serial2d`: both operands digit by digit, most significant first, one product of digits a clock: a pass over the
   digits of B for each digit of A.  A is aligned at the top and shifts out of its register, a digit a pass; B stays
   where it is, and its digit j weighs 2^(digit j).  Both come sign- or zero-extended to whole digits.  After p whole
   passes the partial product is B times the top p digits of A, read as a number; in a pass it is that shifted left by a
   digit, plus the running digit of A times the digits of B used so far, in their places. */
#include "models/mac/pe.h"

typedef struct product {
    int32_t a, b;
    unsigned digit;
    unsigned digits_a, digits_b;
} product_t;

static int32_t partial_product(const product_t *p, unsigned passes, unsigned used)
{
    const int32_t top = passes == 0 ? 0 : pcs_floor_shift(p->a, p->digit * (p->digits_a - passes));
    if (used == 0) {
        return top * p->b;
    }
    const int32_t digit = pcs_floor_shift(p->a, p->digit * (p->digits_a - passes - 1U)) - top * (1 << p->digit);
    const unsigned unused = p->digit * (p->digits_b - used);
    return top * (1 << p->digit) * p->b + digit * (pcs_floor_shift(p->b, unused) * (1 << unused));
}

pcs_pe_regs_t pcs_pe_regs_serial2d(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                   unsigned left)
{
    const pcs_mac_step_t step = pcs_mac_step(array, mode);
    const unsigned digit = array->digit;
    const product_t p = {
        .a = pcs_code_value((uint8_t)a, mode->a_signed),
        .b = pcs_code_value((uint8_t)b, mode->b_signed),
        .digit = digit,
        .digits_a = (mode->pa + digit - 1U) / digit,
        .digits_b = (mode->pb + digit - 1U) / digit,
    };
    const unsigned worked = step.cycles - left;
    const unsigned passes = worked / p.digits_b;
    const unsigned used = worked % p.digits_b;
    const pcs_pe_regs_t regs = {
        .a = (uint8_t)(a << step.shift_a << (digit * passes)),
        .b = (uint8_t)(b << step.shift_b),
        .remaining = (uint8_t)(p.digits_a - passes),
        .inner = left == 0 ? 0 : (uint8_t)(p.digits_b - used),
        .partial = left == 0 ? 0 : partial_product(&p, passes, used),
    };
    return regs;
}
