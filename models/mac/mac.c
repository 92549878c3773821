#include "models/mac/mac.h"

#include "models/mac/pe.h"

pcs_pe_regs_fn *const pcs_pe_regs[PCS_KIND_COUNT] = {
    [PCS_KIND_GATED] = pcs_pe_regs_gated,
    [PCS_KIND_SERIAL] = pcs_pe_regs_serial,
    [PCS_KIND_SERIAL2D] = pcs_pe_regs_serial2d,
};

static unsigned serial_bits(const pcs_mode_t *mode)
{
    return mode->serial_b ? mode->pb : mode->pa;
}

unsigned pcs_mac_cycles(pcs_kind_t kind, const pcs_mode_t *mode)
{
    switch (pcs_kinds[kind].cycles) {
    case PCS_CYCLES_SERIAL:
        return serial_bits(mode);
    case PCS_CYCLES_PRODUCT:
        return (unsigned)mode->pa * mode->pb;
    case PCS_CYCLES_ONE:
        break;
    }
    return 1;
}

static unsigned shift_for(pcs_align_t align, bool is_serial, unsigned bits)
{
    const bool top = align == PCS_ALIGN_TOP || (align == PCS_ALIGN_SERIAL && is_serial);
    return top ? (unsigned)PCS_CODE_BITS - bits : 0;
}

unsigned pcs_mac_shift_a(pcs_kind_t kind, const pcs_mode_t *mode)
{
    return shift_for(pcs_kinds[kind].align_a, !mode->serial_b, mode->pa);
}

unsigned pcs_mac_shift_b(pcs_kind_t kind, const pcs_mode_t *mode)
{
    return shift_for(pcs_kinds[kind].align_b, mode->serial_b, mode->pb);
}
