/* A Liberty cell library, as far as gate-level simulation needs it: what each cell computes, its area, and the load of
   its clock pin.  Delays and power tables are OpenSTA's matter. */
#ifndef PCS_ENERGY_GATES_LIBERTY_H
#define PCS_ENERGY_GATES_LIBERTY_H

#include <stdbool.h>
#include <stddef.h>

#include "models/spec/status.h"

enum { PCS_CELL_PINS_MAX = 6, PCS_CELL_CODE_MAX = 16, PCS_CELL_NAME_MAX = 32 };

/* A function as postfix code: 0.. pushes input pin i, the others pop. */
enum { PCS_CELL_NOT = -1, PCS_CELL_AND = -2, PCS_CELL_OR = -3, PCS_CELL_XOR = -4 };

typedef struct pcs_cell {
    char name[PCS_CELL_NAME_MAX];
    char pin[PCS_CELL_PINS_MAX][PCS_CELL_NAME_MAX]; /* inputs; of a flip-flop D, clock, then clear and preset */
    size_t pins;
    char output[PCS_CELL_NAME_MAX];
    signed char code[PCS_CELL_CODE_MAX]; /* function of the output; of a flip-flop that of its next state */
    size_t length;
    bool flip_flop; /* edge-triggered by pin `clock`, rising */
    char clock[PCS_CELL_NAME_MAX], clear[PCS_CELL_NAME_MAX],
        preset[PCS_CELL_NAME_MAX]; /* empty: none; both active low */
    double area_um2;
    double clock_pf; /* load of the clock pin of a flip-flop */
} pcs_cell_t;

typedef struct pcs_liberty {
    pcs_cell_t *cell;
    size_t cells;
    double volts;
} pcs_liberty_t;

/* Reads a library.  Cells that are neither one-output gates nor rising-edge flip-flops (latches, tri-states, adders
   with two outputs) are left out: a netlist that uses one is refused where it names it. */
PCS_MUST_CHECK pcs_status_t pcs_liberty_read(const char *path, pcs_liberty_t *library, pcs_error_t *err);
void pcs_liberty_free(pcs_liberty_t *library);
/* NULL when there is none. */
const pcs_cell_t *pcs_liberty_cell(const pcs_liberty_t *library, const char *name);

#endif
