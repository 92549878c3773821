/* `serial2d`: both operands bit by bit, most significant first, one bit product a clock: a pass over the bits of B for
   each bit of A.  A is left-aligned and shifts out of its register, a place a pass; B stays where it is, and bit j of
   it weighs 2^j.  After p whole passes the partial product is B times the top p bits of A, read as a number; in a pass
   it is twice that, plus the running bit of A times the bits of B used so far, in their places. */
#include "models/mac/pe.h"

static int32_t partial_product(const pcs_mode_t *mode, int32_t a, int32_t b, unsigned passes, unsigned used)
{
    const int32_t top = passes == 0 ? 0 : pcs_floor_shift(a, mode->pa - passes);
    if (used == 0) {
        return top * b;
    }
    const int32_t bit = pcs_floor_shift(a, mode->pa - passes - 1U) - 2 * top; /* -1 for the sign */
    const unsigned unused = mode->pb - used;
    return 2 * top * b + bit * (pcs_floor_shift(b, unused) * (1 << unused));
}

pcs_pe_regs_t pcs_pe_regs_serial2d(const pcs_mode_t *mode, int32_t a, int32_t b, unsigned left)
{
    const unsigned worked = (unsigned)mode->pa * mode->pb - left;
    const unsigned passes = worked / mode->pb;
    const unsigned used = worked % mode->pb;
    const uint32_t top_a = (uint32_t)a << pcs_mac_shift_a(PCS_KIND_SERIAL2D, mode);
    const pcs_pe_regs_t regs = {
        .a = (uint8_t)(top_a << passes),
        .b = (uint8_t)((uint32_t)b << pcs_mac_shift_b(PCS_KIND_SERIAL2D, mode)),
        .remaining = (uint8_t)(mode->pa - passes),
        .inner = left == 0 ? 0 : (uint8_t)(mode->pb - used),
        .partial = left == 0 ? 0 : partial_product(mode, a, b, passes, used),
    };
    return regs;
}
