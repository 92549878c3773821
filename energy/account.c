#include "energy/internal.h"

#include <assert.h>

const pcs_energy_component_row_t pcs_energy_components[PCS_ENERGY_COMPONENT_COUNT] = {
#define PCS_ENERGY_COMPONENT(name, text, meaning) [PCS_ENERGY_##name] = {text, meaning},
#include "energy/components.def"
#undef PCS_ENERGY_COMPONENT
};

/* Words that map.def uses beside the components. */
enum {
    PCS_ENERGY_NONE = PCS_ENERGY_COMPONENT_COUNT,
    NO_WIDTH = PCS_WIDTH_NONE,
    ACC_WIDTH = PCS_WIDTH_ACC,
    WORD_WIDTH = PCS_WIDTH_WORD,
    WORDS_WIDTH = PCS_WIDTH_WORDS,
    PER_PE = 1,
    ONCE = 0
};

/* Ids of the static rows, in the order of map.def. */
enum {
    STATIC_BEFORE_FIRST = PCS_CHARGE_STATIC - 1,
#define PCS_ENERGY_ARRAY(event, component, width)
#define PCS_ENERGY_SYSTEM(event, component, width)
#define PCS_ENERGY_STATIC(name, text, component, per) CHARGE_##name,
#define PCS_ENERGY_CLOCK(name, text, component, per) CHARGE_##name,
#define PCS_ENERGY_AREA(name, text) CHARGE_##name,
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
};

/* An event without a row in map.def would be free of charge by accident: count the rows. */
static_assert(PCS_CHARGE_COUNT == 0
#define PCS_ENERGY_ARRAY(event, component, width) +1
#define PCS_ENERGY_SYSTEM(event, component, width) +1
#define PCS_ENERGY_STATIC(name, text, component, per) +1
#define PCS_ENERGY_CLOCK(name, text, component, per) +1
#define PCS_ENERGY_AREA(name, text) +1
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
              ,
              "every event has a row in energy/map.def");

const pcs_charge_t pcs_charges[PCS_CHARGE_COUNT] = {
#define PCS_ENERGY_ARRAY(event, of, bits) [PCS_EVENT_##event] = {.component = PCS_ENERGY_##of, .width = (bits)},
#define PCS_ENERGY_SYSTEM(event, of, bits)                                                                             \
    [PCS_CHARGE_SYSTEM + PCS_SYSTEM_##event] = {.component = PCS_ENERGY_##of, .width = (bits)},
#define PCS_ENERGY_STATIC(name, text, of, per)                                                                         \
    [CHARGE_##name] = {.component = PCS_ENERGY_##of, .per_us = true, .per_pe = (per)},
#define PCS_ENERGY_CLOCK(name, text, of, per)                                                                          \
    [CHARGE_##name] = {.component = PCS_ENERGY_##of, .per_clock = true, .per_pe = (per)},
#define PCS_ENERGY_AREA(name, text) [CHARGE_##name] = {.component = PCS_ENERGY_COMPONENT_COUNT, .area = true},
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
};

const char *pcs_charge_name(int charge)
{
    static const char *const statics[] = {
#define PCS_ENERGY_ARRAY(event, component, width)
#define PCS_ENERGY_SYSTEM(event, component, width)
#define PCS_ENERGY_STATIC(name, text, component, per) text,
#define PCS_ENERGY_CLOCK(name, text, component, per) text,
#define PCS_ENERGY_AREA(name, text) text,
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
    };
    if (charge < PCS_CHARGE_SYSTEM) {
        return pcs_events[charge].name;
    }
    return charge < PCS_CHARGE_STATIC ? pcs_system_events[charge - PCS_CHARGE_SYSTEM].name
                                      : statics[charge - PCS_CHARGE_STATIC];
}

double pcs_energy_total_pj(const pcs_energy_t *energy)
{
    double total = 0;
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        total += energy->pj[i];
    }
    return total;
}

void pcs_energy_add(pcs_energy_t *sum, const pcs_energy_t *add)
{
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        sum->pj[i] += add->pj[i];
    }
}

/* How often a charge occurred: a count, or the microseconds or clocks that passed. */
static double amount(const pcs_energy_use_t *use, int charge)
{
    if (charge < PCS_CHARGE_SYSTEM) {
        return (double)use->counts->n[charge];
    }
    if (charge < PCS_CHARGE_STATIC) {
        return use->system != NULL ? (double)use->system[charge - PCS_CHARGE_SYSTEM] : 0;
    }
    const double clocks = (double)use->counts->n[PCS_EVENT_CYCLE];
    const double passed = pcs_charges[charge].per_us ? clocks / use->clock_mhz : clocks;
    return pcs_charges[charge].per_pe ? passed * use->array->rows * use->array->cols : passed;
}

unsigned pcs_energy_width_bits(const pcs_array_config_t *array, int width)
{
    const pcs_kind_row_t *kind = &pcs_kinds[array->kind];
    switch (width) {
    case PCS_WIDTH_ACC:
        return array->acc_bits * kind->accs;
    case PCS_WIDTH_WORD:
        return kind->word_bits;
    case PCS_WIDTH_WORDS:
        return 2 * kind->word_bits;
    default:
        return (unsigned)width;
    }
}

pcs_status_t pcs_energy_account(const pcs_energy_table_t *table, const pcs_energy_use_t *use, pcs_energy_t *energy,
                                pcs_error_t *err)
{
    PCS_ASSERT(use->pa >= PCS_PREC_MIN && use->pa <= PCS_PREC_MAX);
    PCS_ASSERT(use->pb >= PCS_PREC_MIN && use->pb <= PCS_PREC_MAX);
    PCS_ASSERT(use->array->kind < PCS_KIND_COUNT && use->clock_mhz > 0 && use->bound < PCS_ENERGY_BOUND_COUNT);
    pcs_energy_t sum = {{0}};
    for (int charge = 0; charge < PCS_CHARGE_COUNT; charge++) {
        const pcs_charge_t *row = &pcs_charges[charge];
        const double n = amount(use, charge);
        if (row->component == PCS_ENERGY_COMPONENT_COUNT || n <= 0) {
            continue;
        }
        const pcs_energy_cell_t *cell =
            &table->cell[charge][pcs_energy_pe(use->array)][use->pa - PCS_PREC_MIN][use->pb - PCS_PREC_MIN];
        if (cell->line == 0) {
            char name[PCS_ENERGY_NAME_MAX];
            pcs_energy_pe_name(use->array, name);
            return pcs_fail(err, PCS_INVALID, "%s: no row covers event %s, kind %s, pa %u, pb %u, which was counted",
                            table->path, pcs_charge_name(charge), name, use->pa, use->pb);
        }
        double pj = n * cell->value[use->bound]; /* uW x us = pJ */
        if (cell->per_bit) {
            pj *= pcs_energy_width_bits(use->array, row->width);
        }
        sum.pj[row->component] += pj;
    }
    *energy = sum;
    return PCS_OK;
}

pcs_status_t pcs_energy_area(const pcs_energy_table_t *table, const pcs_array_config_t *array, pcs_area_t *area,
                             pcs_error_t *err)
{
    const pcs_energy_cell_t *cell =
        &table->cell[CHARGE_AREA_PE][pcs_energy_pe(array)][0][0]; /* the same in every mode */
    if (cell->line == 0) {
        char name[PCS_ENERGY_NAME_MAX];
        pcs_energy_pe_name(array, name);
        return pcs_fail(err, PCS_INVALID, "%s: no area row: area_pe, kind %s", table->path, name);
    }
    *area = (pcs_area_t){.um2 = cell->value[PCS_ENERGY_NOMINAL] * array->rows * array->cols, .node_nm = cell->node_nm};
    return PCS_OK;
}
