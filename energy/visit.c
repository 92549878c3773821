#include "energy/internal.h"

#include <stdio.h>
#include <string.h>

void pcs_energy_pe_name(const pcs_array_config_t *array, char name[PCS_ENERGY_NAME_MAX])
{
    char digit[8] = "";
    if (array->digit != 1) {
        (void)snprintf(digit, sizeof digit, ":%u", array->digit);
    }
    (void)snprintf(name, PCS_ENERGY_NAME_MAX, "%.20s%.4s%s", pcs_kinds[array->kind].name, digit,
                   array->dataflow == PCS_DATAFLOW_OS ? "" : "/ws");
}

bool pcs_energy_pe_by_name(const char *name, pcs_array_config_t *array, bool *both)
{
    const size_t length = strcspn(name, "/");
    const char *flow = name + length;
    if (*flow != '\0' && strcmp(flow, "/os") != 0 && strcmp(flow, "/ws") != 0) {
        return false;
    }
    pcs_array_config_t of = {.rows = 1, .cols = 1, .digit = 1};
    for (bool more = true; more; more = pcs_energy_next_pe(&of)) {
        char own[PCS_ENERGY_NAME_MAX];
        pcs_energy_pe_name(&of, own);
        if (strlen(own) == length && strncmp(own, name, length) == 0) {
            array->kind = of.kind;
            array->digit = of.digit;
            array->dataflow = strcmp(flow, "/ws") == 0 ? PCS_DATAFLOW_WS : PCS_DATAFLOW_OS;
            *both = *flow == '\0';
            return true;
        }
    }
    return false;
}

void pcs_energy_field_name(pcs_kind_t kind, unsigned field, char name[PCS_ENERGY_FIELD_MAX])
{
    if (pcs_kind_arith(kind) == PCS_ARITH_FLOAT) {
        (void)snprintf(name, PCS_ENERGY_FIELD_MAX, "%s", pcs_formats[field].name);
    } else {
        (void)snprintf(name, PCS_ENERGY_FIELD_MAX, "%u", field);
    }
}

bool pcs_energy_field_by_name(pcs_kind_t kind, const char *name, unsigned *field)
{
    for (*field = 0; *field < PCS_FIELDS; ++*field) {
        char own[PCS_ENERGY_FIELD_MAX];
        if (pcs_energy_field_exists(kind, *field)) {
            pcs_energy_field_name(kind, *field, own);
            if (strcmp(own, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool pcs_energy_next_pe(pcs_array_config_t *array)
{
    if (2 * array->digit <= pcs_kinds[array->kind].digit_max) {
        array->digit *= 2;
        return true;
    }
    array->digit = 1;
    array->kind = (pcs_kind_t)(array->kind + 1);
    return array->kind < PCS_KIND_COUNT;
}

size_t pcs_energy_charges(void)
{
    return PCS_CHARGE_COUNT;
}

const char *pcs_energy_charge(size_t i, const char **unit, bool *by_size)
{
    const pcs_charge_t *charge = &pcs_charges[i];
    static const char *const units[] = {[PCS_CHARGED_EVENTS] = "pJ",
                                        [PCS_CHARGED_TIME] = "uW",
                                        [PCS_CHARGED_CLOCKS] = "pJ",
                                        [PCS_CHARGED_AREA] = "um2",
                                        [PCS_CHARGED_PERIOD] = "ns"};
    const bool energy = charge->what != PCS_CHARGED_AREA && charge->what != PCS_CHARGED_PERIOD;
    *unit = energy && charge->component == PCS_ENERGY_COMPONENT_COUNT ? NULL : units[charge->what];
    *by_size = charge->per == PCS_PER_SRAM;
    return pcs_charge_name((int)i);
}

static pcs_energy_figure_t figure_of(size_t charge, const pcs_energy_cell_t *cell, double bits)
{
    bool by_size = false;
    pcs_energy_figure_t figure = {.every = true};
    figure.event = pcs_energy_charge(charge, &figure.unit, &by_size);
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        figure.value[bound] = cell->value[bound] * bits;
    }
    return figure;
}

pcs_status_t pcs_energy_visit(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                              pcs_energy_visit_t visit, void *user, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (size_t charge = 0; charge < PCS_CHARGE_COUNT; charge++) {
        const pcs_energy_cell_t(*cell)[PCS_FIELDS] = table->cell[charge][pcs_energy_pe(array)];
        const unsigned first = pcs_energy_field_first(array->kind);
        const unsigned last = pcs_energy_field_last(array->kind);
        const bool one = cell[first][first].line != 0 && cell[first][first].line == cell[last][last].line;
        const unsigned begin = first * PCS_FIELDS + first; /* of the one */
        const unsigned end = one ? begin + 1 : PCS_FIELDS * PCS_FIELDS;
        for (unsigned i = begin; status == PCS_OK && i < end; i++) {
            const pcs_energy_cell_t *at = &cell[i / PCS_FIELDS][i % PCS_FIELDS];
            if (at->line != 0) {
                const double bits = at->per_bit ? pcs_energy_width_bits(array, pcs_charges[charge].width) : 1;
                pcs_energy_figure_t figure = figure_of(charge, at, bits);
                figure.every = one;
                figure.pa = i / PCS_FIELDS;
                figure.pb = i % PCS_FIELDS;
                status = visit(user, &figure, err);
            }
        }
    }
    return status;
}

pcs_status_t pcs_energy_visit_srams(const pcs_energy_table_t *table, pcs_energy_visit_t visit, void *user,
                                    pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (size_t charge = 0; charge < PCS_CHARGE_COUNT; charge++) {
        const pcs_energy_sizes_t *sizes = &table->sizes[charge];
        for (size_t i = 0; status == PCS_OK && i < sizes->count; i++) {
            pcs_energy_figure_t figure = figure_of(charge, &sizes->cell[i], 1);
            figure.kb = sizes->kb[i];
            status = visit(user, &figure, err);
        }
    }
    return status;
}
