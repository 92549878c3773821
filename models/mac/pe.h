/* Registers that a MAC kind keeps inside a PE beside what all kinds have.

   The cycle model moves operand *values* and lets each kind say what its registers hold at a given clock: a function of
   the operands and of how many clocks the running step still needs.  The RTL gets there bit by bit; lock-step compares.
 */
#ifndef PCS_MODELS_MAC_PE_H
#define PCS_MODELS_MAC_PE_H

#include "models/mac/mac.h"

typedef struct pcs_pe_regs {
    uint8_t a, b;      /* operand registers */
    uint8_t remaining; /* bits of the serial operand (of A) that the running step still needs */
    uint8_t inner;     /* bits of B that the running pass still needs */
    int32_t partial;   /* product of the bits used so far */
} pcs_pe_regs_t;

/* Registers after a clock edge.  a, b: values of the operands last loaded; left: clocks of their step not yet worked,
   pcs_mac_cycles right after the load, 0 when it is done. */
typedef pcs_pe_regs_t pcs_pe_regs_fn(const pcs_mode_t *mode, int32_t a, int32_t b, unsigned left);

pcs_pe_regs_fn pcs_pe_regs_gated;
pcs_pe_regs_fn pcs_pe_regs_serial;
pcs_pe_regs_fn pcs_pe_regs_serial2d;

/* By kind id. */
extern pcs_pe_regs_fn *const pcs_pe_regs[PCS_KIND_COUNT];

/* floor(value / 2^bits): the number that the top bits of an operand are. */
static inline int32_t pcs_floor_shift(int32_t value, unsigned bits)
{
    return value >= 0 ? value >> bits : -((-value + (1 << bits) - 1) >> bits);
}

#endif
