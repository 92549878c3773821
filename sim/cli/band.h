/* What the bars of an energy table leave of a saving. */
#ifndef PCS_SIM_CLI_BAND_H
#define PCS_SIM_CLI_BAND_H

#include "energy/energy.h"

/* Least and greatest energy saving, percent, of `cost` against `base`, each by bound.  The rows of a component move
   together, from low to high, the same on both sides: what is uncertain is what an event costs, not that it costs the
   same in both.  Components move apart from each other.  Both equal the nominal saving when the table has no bars. */
void cli_band(const pcs_energy_t cost[PCS_ENERGY_BOUND_COUNT], const pcs_energy_t base[PCS_ENERGY_BOUND_COUNT],
              double *low, double *high);

#endif
