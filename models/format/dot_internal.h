/* What the files of the dot product share. */
#ifndef PCS_MODELS_FORMAT_DOT_INTERNAL_H
#define PCS_MODELS_FORMAT_DOT_INTERNAL_H

#include "models/format/dot.h"

/* A group of a running dot product: product i of the group is number position[i] of the whole, i < count; position
   NULL stands for first, first + 1, ... */
typedef struct pcs_dot_group {
    const pcs_dot_t *dot;
    const pcs_code_t *a, *b;
    size_t first, count;
    const uint16_t *index; /* NULL, or offsets from first */
} pcs_dot_group_t;

/* Operands of product i, decoded; and the product, exact. */
pcs_parts_t pcs_dot_product(const pcs_dot_group_t *group, size_t i, pcs_fpstate_t *state);

/* Draws, then rounds to the format of c. */
pcs_code_t pcs_dot_round(const pcs_dot_t *dot, pcs_parts_t value, pcs_dot_state_t *state);

/* ALIGNED: the group and, unless OUTSIDE, the running sum; returns the new running sum, or the group's result, in the
   format of c. */
pcs_code_t pcs_dot_aligned(const pcs_dot_group_t *group, pcs_code_t sum, pcs_dot_state_t *state);

/* BLOCKS: the group and the running sum; returns the new running sum. */
pcs_code_t pcs_dot_blocks(const pcs_dot_group_t *group, pcs_code_t sum, pcs_dot_state_t *state);

/* REGISTER, all products: returns the result. */
pcs_code_t pcs_dot_register(const pcs_dot_group_t *all, pcs_code_t c, pcs_dot_state_t *state);

#endif
