/* The multiplier side of a PE, clock by clock: one function per MAC kind, one row in pcs_pe_work.

   A PE's other registers (accumulator, drain, tokens) are the same for all kinds and live in models/array/cycle.c. */
#ifndef PCS_MODELS_MAC_PE_H
#define PCS_MODELS_MAC_PE_H

#include "models/mac/mac.h"

/* Registers that a kind's multiplier reads and writes, one entry per PE (struct of arrays: PEs are many). */
typedef struct pcs_pe_regs {
    uint8_t *a, *b;   /* operand registers, aligned */
    uint16_t *mode;   /* mode word, low 16 bits */
    uint8_t *active;  /* operands were loaded at the last edge */
    uint8_t *count;   /* clocks the running step still needs */
    int32_t *partial; /* product of the serial bits used so far */
} pcs_pe_regs_t;

/* Works one enabled clock of PEs begin..end-1, before their operand registers load: updates a, b, count and partial,
   writes product[i] and done[i] (a step's product is complete and is accumulated at this edge), and returns how many
   PEs worked.  product[i] is meaningful where done[i]. */
typedef size_t pcs_pe_work_fn(const pcs_pe_regs_t *regs, size_t begin, size_t end, int32_t *product, uint8_t *done);

pcs_pe_work_fn pcs_pe_work_gated;
pcs_pe_work_fn pcs_pe_work_serial;

/* By kind id. */
extern pcs_pe_work_fn *const pcs_pe_work[PCS_KIND_COUNT];

/* Operand register as a number: sign- or zero-extended from 8 bits. */
static inline int32_t pcs_pe_operand(uint8_t value, bool is_signed)
{
    return pcs_code_value(value, is_signed);
}

#endif
