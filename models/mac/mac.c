#include "models/mac/mac.h"

#include "models/mac/pe.h"

pcs_pe_regs_fn *const pcs_pe_regs[PCS_KIND_COUNT] = {
#define PCS_KIND(id, NAME, name, ...) [id] = pcs_pe_regs_##name,
#include "models/spec/kinds.def"
#undef PCS_KIND
};

/* The functions that the expressions of kinds.def call. */
static unsigned digits(unsigned bits, unsigned digit)
{
    return (bits + digit - 1U) / digit;
}

static unsigned field(unsigned bits)
{
    return bits <= 2 ? 2 : bits <= 4 ? 4 : 8;
}

static unsigned fit(unsigned bits)
{
    return 8U / field(bits);
}

static unsigned wider(unsigned p, unsigned q)
{
    return p > q ? p : q;
}

pcs_mac_step_t pcs_mac_step(const pcs_array_config_t *array, const pcs_mode_t *mode)
{
    const unsigned pa = mode->pa;
    const unsigned pb = mode->pb;
    const unsigned digit = array->digit;
    const bool serial_b = mode->serial_b;
    pcs_mac_step_t step = {0};
    switch (array->kind) {
#define PCS_KIND(id, NAME, name, cycles_, shift_a_, shift_b_, lanes_, field_a_, field_b_, ...)                         \
    case PCS_KIND_##NAME:                                                                                              \
        step = (pcs_mac_step_t){cycles_, shift_a_, shift_b_, lanes_, field_a_, field_b_};                              \
        break;
#include "models/spec/kinds.def"
#undef PCS_KIND
    case PCS_KIND_COUNT:
        break;
    }
    return step;
}

uint32_t pcs_word_pack(const pcs_mac_step_t *step, unsigned field_bits, const uint16_t *codes, size_t stride,
                       size_t count)
{
    uint32_t word = 0;
    for (size_t lane = 0; lane < step->lanes && lane < count; lane++) {
        const uint32_t code = codes[lane * stride] & ((UINT32_C(1) << field_bits) - 1U);
        word |= code << (lane * field_bits);
    }
    return word;
}
