/* A netlist in 64 copies at once, a bit of a word each: gates are evaluated with word operations, toggles counted with
   population counts.  Two models of time inside a clock:
     ZERO_DELAY  every gate takes its final value at once: no glitches, the least that can toggle
     UNIT_DELAY  every gate takes one unit, and every transition counts: more glitches than real gates show, which
   swallow short pulses */
#ifndef PCS_ENERGY_GATES_SIMULATE_H
#define PCS_ENERGY_GATES_SIMULATE_H

#include "energy/gates/netlist.h"

typedef enum pcs_delay { PCS_ZERO_DELAY, PCS_UNIT_DELAY } pcs_delay_t;

typedef struct pcs_simulation {
    const pcs_netlist_t *netlist;
    pcs_delay_t delay;
    uint64_t *value;   /* (nets) bit i = copy i */
    uint64_t *toggles; /* (instances) transitions of the output, all copies */
    struct pcs_simulation_work *work;
} pcs_simulation_t;

/* All registers zero, as after reset; `reset` is the net of the active-low reset, which stays at one.  Every flip-flop
   must be cleared by it and clocked by `clock`, or PCS_INVALID. */
PCS_MUST_CHECK pcs_status_t pcs_simulation_create(const pcs_netlist_t *netlist, const char *clock, const char *reset,
                                                  pcs_delay_t delay, pcs_simulation_t *simulation, pcs_error_t *err);
void pcs_simulation_destroy(pcs_simulation_t *simulation);

/* Sets an input net; gates follow with pcs_simulation_settle. */
void pcs_simulation_set(pcs_simulation_t *simulation, uint32_t net, uint64_t value);
/* Gates take their values for the inputs and registers as they are. */
void pcs_simulation_settle(pcs_simulation_t *simulation);
/* The clock edge: registers take their next state.  Gates follow at the next settle. */
void pcs_simulation_edge(pcs_simulation_t *simulation);

#endif
