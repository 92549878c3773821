#include "energy/internal.h"

size_t pcs_energy_charges(void)
{
    return PCS_CHARGE_COUNT;
}

const char *pcs_energy_charge(size_t i, const char **unit)
{
    const pcs_charge_t *charge = &pcs_charges[i];
    const bool empty = charge->component == PCS_ENERGY_COMPONENT_COUNT && !charge->area;
    *unit = empty ? NULL : charge->area ? "um2" : charge->per_us ? "uW" : "pJ";
    return pcs_charge_name((int)i);
}

static pcs_energy_figure_t figure_of(size_t charge, const pcs_energy_cell_t *cell, unsigned acc_bits)
{
    const int width = pcs_charges[charge].width;
    const double bits = !cell->per_bit ? 1 : width == PCS_WIDTH_ACC ? (double)acc_bits : (double)width;
    pcs_energy_figure_t figure = {.pa = 0};
    figure.event = pcs_energy_charge(charge, &figure.unit);
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        figure.value[bound] = cell->value[bound] * bits;
    }
    return figure;
}

pcs_status_t pcs_energy_visit(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                              pcs_status_t (*visit)(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err),
                              void *user, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (size_t charge = 0; charge < PCS_CHARGE_COUNT; charge++) {
        const pcs_energy_cell_t(*cell)[PCS_PREC_COUNT] = table->cell[charge][array->kind];
        const bool one = cell[0][0].line != 0 && cell[0][0].line == cell[PCS_PREC_COUNT - 1][PCS_PREC_COUNT - 1].line;
        for (unsigned i = 0; status == PCS_OK && i < (one ? 1 : PCS_PREC_COUNT * PCS_PREC_COUNT); i++) {
            const pcs_energy_cell_t *at = &cell[i / PCS_PREC_COUNT][i % PCS_PREC_COUNT];
            if (at->line != 0) {
                pcs_energy_figure_t figure = figure_of(charge, at, array->acc_bits);
                figure.pa = one ? 0 : PCS_PREC_MIN + i / PCS_PREC_COUNT;
                figure.pb = one ? 0 : PCS_PREC_MIN + i % PCS_PREC_COUNT;
                status = visit(user, &figure, err);
            }
        }
    }
    return status;
}
