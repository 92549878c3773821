/* Silicon, and how fast it can be clocked. */
#include "energy/internal.h"

/* Bits of the registers at the array's edge: skew of A and B tokens, deskew of results (pcs_edge.sv, pcs_deskew.sv; the
   widths are those of pcs_array_pkg.sv).  Line i of a triangle is i registers long. */
static double edge_bits(const pcs_array_config_t *array)
{
    const pcs_kind_row_t *kind = &pcs_kinds[array->kind];
    const bool stationary = array->dataflow != PCS_DATAFLOW_OS;
    const double a = kind->word_bits + (stationary ? 20.0 : 19.0);
    const double b = kind->word_bits + (stationary ? 9.0 : 1.0);
    const double sums = kind->accs * (array->acc_bits + 1.0) + 1.0;
    const double rows = array->rows * (array->rows - 1.0) / 2.0;
    const double cols = array->cols * (array->cols - 1.0) / 2.0;
    return rows * a + cols * (b + sums);
}

static const pcs_energy_cell_t *cell_of(const pcs_energy_table_t *table, const pcs_array_config_t *array, int charge)
{
    return &table->cell[charge][pcs_energy_pe(array)][pcs_energy_field_first(array->kind)]
                       [pcs_energy_field_first(array->kind)]; /* the same in every mode */
}

static pcs_status_t no_row(const pcs_energy_table_t *table, const pcs_array_config_t *array, const char *what,
                           int charge, pcs_error_t *err)
{
    char name[PCS_ENERGY_NAME_MAX];
    pcs_energy_pe_name(array, name);
    return pcs_fail(err, PCS_INVALID, "%s: no %s row: %s, kind %s", table->path, what, pcs_charge_name(charge), name);
}

pcs_status_t pcs_energy_area(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                             const double sram_kb[PCS_ENERGY_SRAMS], pcs_area_t *area, pcs_error_t *err)
{
    const pcs_energy_cell_t *pe = cell_of(table, array, PCS_CHARGE_AREA_PE);
    const pcs_energy_cell_t *bit = cell_of(table, array, PCS_CHARGE_AREA_EDGE_BIT);
    if (pe->line == 0) {
        return no_row(table, array, "area", PCS_CHARGE_AREA_PE, err);
    }
    pcs_area_t sum = {.pe_um2 = pe->value[PCS_ENERGY_NOMINAL] * array->rows * array->cols,
                      .edge_um2 = bit->value[PCS_ENERGY_NOMINAL] * edge_bits(array),
                      .node_nm = pe->node_nm};
    for (int i = 0; sram_kb != NULL && i < PCS_ENERGY_SRAMS && table->sizes[PCS_CHARGE_AREA_SRAM].count > 0; i++) {
        double value[PCS_ENERGY_BOUND_COUNT];
        const pcs_status_t status =
            pcs_energy_sized(table, PCS_CHARGE_AREA_SRAM, sram_kb[i], value, &sum.sram_node_nm, err);
        if (status != PCS_OK) {
            return status;
        }
        sum.sram_um2 += value[PCS_ENERGY_NOMINAL];
    }
    *area = sum;
    return PCS_OK;
}

pcs_status_t pcs_energy_period(const pcs_energy_table_t *table, const pcs_array_config_t *array, double *ns,
                               pcs_error_t *err)
{
    const pcs_energy_cell_t *cell = cell_of(table, array, PCS_CHARGE_PERIOD_PE);
    if (cell->line == 0) {
        return no_row(table, array, "clock", PCS_CHARGE_PERIOD_PE, err);
    }
    *ns = cell->value[PCS_ENERGY_NOMINAL];
    return PCS_OK;
}
