#include "energy/internal.h"

#include <stdio.h>
#include <string.h>

void pcs_energy_pe_name(const pcs_array_config_t *array, char name[PCS_ENERGY_NAME_MAX])
{
    const char *kind = pcs_kinds[array->kind].name;
    (void)snprintf(name, PCS_ENERGY_NAME_MAX, array->digit == 1 ? "%.20s" : "%.20s:%u", kind, array->digit);
}

bool pcs_energy_pe_by_name(const char *name, pcs_array_config_t *array)
{
    for (int pe = 0; pe < PCS_PE_COUNT; pe++) {
        const pcs_array_config_t of = pcs_energy_pe_array(pe);
        char own[PCS_ENERGY_NAME_MAX];
        pcs_energy_pe_name(&of, own);
        if (of.digit <= pcs_kinds[of.kind].digit_max && strcmp(own, name) == 0) {
            array->kind = of.kind;
            array->digit = of.digit;
            return true;
        }
    }
    return false;
}

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

static pcs_energy_figure_t figure_of(size_t charge, const pcs_energy_cell_t *cell, const pcs_array_config_t *array)
{
    const double bits = cell->per_bit ? pcs_energy_width_bits(array, pcs_charges[charge].width) : 1;
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
        const pcs_energy_cell_t(*cell)[PCS_PREC_COUNT] = table->cell[charge][pcs_energy_pe(array)];
        const bool one = cell[0][0].line != 0 && cell[0][0].line == cell[PCS_PREC_COUNT - 1][PCS_PREC_COUNT - 1].line;
        for (unsigned i = 0; status == PCS_OK && i < (one ? 1 : PCS_PREC_COUNT * PCS_PREC_COUNT); i++) {
            const pcs_energy_cell_t *at = &cell[i / PCS_PREC_COUNT][i % PCS_PREC_COUNT];
            if (at->line != 0) {
                pcs_energy_figure_t figure = figure_of(charge, at, array);
                figure.pa = one ? 0 : PCS_PREC_MIN + i / PCS_PREC_COUNT;
                figure.pb = one ? 0 : PCS_PREC_MIN + i % PCS_PREC_COUNT;
                status = visit(user, &figure, err);
            }
        }
    }
    return status;
}
