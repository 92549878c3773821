/* Energy of each instance of a netlist, from OpenSTA's report_power at one activity everywhere.

   At activity 0 an instance burns what its clock pin costs in every clock; at activity 1 it burns in addition what one
   transition of its output costs, with the load and slew it has in the netlist.  Powers are linear in the activity.

   OpenSTA 2.0.17 multiplies the rise and the fall energy of a cell, added up, by the number of transitions; a
   transition is one of the two, so the internal power is halved here.  Switching power, C V^2 / 2 a transition, is
   right.  By hand: the clock pin of DFFSR takes 0.040 pJ to rise and 0.121 pJ to fall, 0.161 pJ a clock; the report
   says 0.321. */
#ifndef PCS_ENERGY_GATES_POWER_H
#define PCS_ENERGY_GATES_POWER_H

#include "energy/gates/netlist.h"

typedef struct pcs_gate_power {
    double *toggle_pj; /* (instances) per transition of the output */
    /* Of the registers of each part, per clock: their clock pins, and the charge of the clock net at these pins.
       Buffers and wires of a clock tree are not in it. */
    double clock_pj[PCS_PART_COUNT];
    double leakage_nw; /* of all instances */
} pcs_gate_power_t;

/* idle, busy: reports of watts at activity 0 and 1 (columns internal, switching, leakage, total, instance) for a clock
   of period_ns.  An instance that a report lacks, a negative or missing figure is PCS_FORMAT. */
PCS_MUST_CHECK pcs_status_t pcs_gate_power_read(const char *idle, const char *busy, const pcs_netlist_t *netlist,
                                                double volts, double period_ns, pcs_gate_power_t *power,
                                                pcs_error_t *err);
void pcs_gate_power_free(pcs_gate_power_t *power);

#endif
