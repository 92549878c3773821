#include "sim/cli/band.h"

/* The ratio cost / base where the sum over components of cost - ratio x base is largest, which it is for the largest
   ratio, or smallest (sign -1): Dinkelbach's iteration, which ends because there are finitely many choices. */
static double extreme_ratio(const pcs_energy_t *cost, const pcs_energy_t *base, double sign)
{
    double ratio = pcs_energy_total_pj(&cost[PCS_ENERGY_NOMINAL]) / pcs_energy_total_pj(&base[PCS_ENERGY_NOMINAL]);
    for (double before = -1; ratio != before;) {
        double above = 0;
        double below = 0;
        before = ratio;
        for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
            int best = PCS_ENERGY_NOMINAL;
            for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
                const double gain = cost[bound].pj[i] - ratio * base[bound].pj[i];
                const double so_far = cost[best].pj[i] - ratio * base[best].pj[i];
                best = sign * gain > sign * so_far ? bound : best;
            }
            above += cost[best].pj[i];
            below += base[best].pj[i];
        }
        /* Rounding must not make it go round in circles: only a step in the wanted direction counts. */
        ratio = sign * (above / below) > sign * ratio ? above / below : ratio;
    }
    return ratio;
}

void cli_band(const pcs_energy_t cost[PCS_ENERGY_BOUND_COUNT], const pcs_energy_t base[PCS_ENERGY_BOUND_COUNT],
              double *low, double *high)
{
    const bool any = pcs_energy_total_pj(&base[PCS_ENERGY_NOMINAL]) > 0;
    *low = any ? 100.0 * (1.0 - extreme_ratio(cost, base, 1)) : 0;
    *high = any ? 100.0 * (1.0 - extreme_ratio(cost, base, -1)) : 0;
}
