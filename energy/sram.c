/* What depends on the capacity of a scratchpad. */
#include <math.h>

#include "energy/internal.h"

/* Along what a figure is a straight line between two rows: bit lines and word lines grow with the square root of the
   capacity, and with them what an access costs; leakage and area with the capacity. */
static double abscissa(int charge, double kb)
{
    return pcs_charges[charge].what == PCS_CHARGED_EVENTS ? sqrt(kb) : kb;
}

pcs_status_t pcs_energy_sized(const pcs_energy_table_t *table, int charge, double kb,
                              double value[PCS_ENERGY_BOUND_COUNT], double *node_nm, pcs_error_t *err)
{
    const pcs_energy_sizes_t *sizes = &table->sizes[charge];
    const double wanted = kb > 0 ? kb : PCS_ENERGY_SRAM_KB;
    if (sizes->count == 0) {
        return pcs_fail(err, PCS_INVALID, "%s: no row covers %s", table->path, pcs_charge_name(charge));
    }
    const double least = sizes->kb[0];
    const double most = sizes->kb[sizes->count - 1U];
    if (most > 0 && wanted > most) {
        return pcs_fail(err, PCS_INVALID, "%s: %s: no row for a scratchpad of %g KB; legal: up to %g KB, the largest",
                        table->path, pcs_charge_name(charge), wanted, most);
    }
    size_t above = 0; /* the first row that is not smaller */
    while (above + 1U < sizes->count && sizes->kb[above] < wanted) {
        above++;
    }
    const pcs_energy_cell_t *high = &sizes->cell[above];
    double share = 1; /* of the row above; the rest of the one below */
    if (above > 0 && wanted > least) {
        const double from = abscissa(charge, sizes->kb[above - 1U]);
        share = (abscissa(charge, wanted) - from) / (abscissa(charge, sizes->kb[above]) - from);
    }
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        const double below = above > 0 ? sizes->cell[above - 1U].value[bound] : 0;
        value[bound] = share * high->value[bound] + (1.0 - share) * below;
    }
    if (node_nm != NULL) {
        *node_nm = high->node_nm;
    }
    return PCS_OK;
}
