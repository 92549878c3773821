/* Registers that a MAC kind keeps inside a PE beside what all kinds have.

   The cycle model moves operand *values* and lets each kind say what its registers hold at a given clock: a function of
   the operands and of how many clocks the running step still needs.  The RTL gets there bit by bit; lock-step compares.
 */
#ifndef PCS_MODELS_MAC_PE_H
#define PCS_MODELS_MAC_PE_H

#include "models/mac/mac.h"

typedef struct pcs_pe_regs {
    uint32_t a, b;     /* operand registers */
    uint8_t remaining; /* digits of the serial operand (of A) that the running step still needs */
    uint8_t inner;     /* digits of B that the running pass still needs */
    int32_t partial;   /* product of the digits used so far */
} pcs_pe_regs_t;

/* Registers after a clock edge.  a, b: operand words last loaded, as they came to the array's port; left: clocks of
   their step not yet worked, pcs_mac_step's cycles right after the load, 0 when it is done. */
typedef pcs_pe_regs_t pcs_pe_regs_fn(const pcs_array_config_t *array, const pcs_mode_t *mode, uint32_t a, uint32_t b,
                                     unsigned left);

/* pcs_pe_regs_<kind>, in models/mac/<kind>.c */
#define PCS_KIND(id, NAME, name, ...) pcs_pe_regs_fn pcs_pe_regs_##name;
#include "models/spec/kinds.def"
#undef PCS_KIND

/* By kind id. */
extern pcs_pe_regs_fn *const pcs_pe_regs[PCS_KIND_COUNT];

/* floor(value / 2^bits): the number that the top bits of an operand are. */
static inline int32_t pcs_floor_shift(int32_t value, unsigned bits)
{
    return value >= 0 ? value >> bits : -((-value + (1 << bits) - 1) >> bits);
}

#endif
