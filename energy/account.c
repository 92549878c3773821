#include "energy/internal.h"

#include <assert.h>
#include <stdio.h>

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
    ONCE = PCS_PER_ONCE,
    PER_PE = PCS_PER_PE,
    PER_SRAM = PCS_PER_SRAM
};

/* An event without a row in map.def would be free of charge by accident: count the rows. */
static_assert(PCS_CHARGE_COUNT == 0
#define PCS_ENERGY_ARRAY(event, component, width) +1
#define PCS_ENERGY_SYSTEM(event, component, width) +1
#define PCS_ENERGY_STATIC(name, text, component, per) +1
#define PCS_ENERGY_CLOCK(name, text, component, per) +1
#define PCS_ENERGY_AREA(name, text, per) +1
#define PCS_ENERGY_PERIOD(name, text) +1
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
#undef PCS_ENERGY_PERIOD
              ,
              "every event has a row in energy/map.def");

const pcs_charge_t pcs_charges[PCS_CHARGE_COUNT] = {
#define PCS_ENERGY_ARRAY(event, of, bits) [PCS_EVENT_##event] = {.component = PCS_ENERGY_##of, .width = (bits)},
#define PCS_ENERGY_SYSTEM(event, of, bits)                                                                             \
    [PCS_CHARGE_SYSTEM + PCS_SYSTEM_##                                                                                 \
        event] = {.component = PCS_ENERGY_##of,                                                                        \
                  .width = (bits),                                                                                     \
                  .per = (int)PCS_ENERGY_##of == (int)PCS_ENERGY_SRAM ? PCS_PER_SRAM : PCS_PER_ONCE},
#define PCS_ENERGY_STATIC(name, text, of, each)                                                                        \
    [PCS_CHARGE_##name] = {.component = PCS_ENERGY_##of, .what = PCS_CHARGED_TIME, .per = (pcs_per_t)(each)},
#define PCS_ENERGY_CLOCK(name, text, of, each)                                                                         \
    [PCS_CHARGE_##name] = {.component = PCS_ENERGY_##of, .what = PCS_CHARGED_CLOCKS, .per = (pcs_per_t)(each)},
#define PCS_ENERGY_AREA(name, text, each)                                                                              \
    [PCS_CHARGE_##name] = {.component = PCS_ENERGY_COMPONENT_COUNT, .what = PCS_CHARGED_AREA, .per = (pcs_per_t)(each)},
#define PCS_ENERGY_PERIOD(name, text)                                                                                  \
    [PCS_CHARGE_##name] = {.component = PCS_ENERGY_COMPONENT_COUNT, .what = PCS_CHARGED_PERIOD, .per = PCS_PER_PE},
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
#undef PCS_ENERGY_PERIOD
};

const char *pcs_charge_name(int charge)
{
    static const char *const statics[] = {
#define PCS_ENERGY_ARRAY(event, component, width)
#define PCS_ENERGY_SYSTEM(event, component, width)
#define PCS_ENERGY_STATIC(name, text, component, per) text,
#define PCS_ENERGY_CLOCK(name, text, component, per) text,
#define PCS_ENERGY_AREA(name, text, per) text,
#define PCS_ENERGY_PERIOD(name, text) text,
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
#undef PCS_ENERGY_PERIOD
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

/* Bits that went to or came from each scratchpad: the events of the system say which were A's and which B's. */
static void sram_bits(const uint64_t *system, int charge, double bits[PCS_ENERGY_SRAMS])
{
    const bool read = charge == PCS_CHARGE_SYSTEM + PCS_SYSTEM_SRAM_READ;
    const uint64_t all = system[charge - PCS_CHARGE_SYSTEM];
    const uint64_t a = system[read ? PCS_SYSTEM_SRAM_A_READ : PCS_SYSTEM_SRAM_A_WRITE];
    const uint64_t b = read ? all - a : system[PCS_SYSTEM_SRAM_B_WRITE];
    PCS_ASSERT(a <= all && b <= all - a);
    bits[PCS_ENERGY_SRAM_A] = (double)a;
    bits[PCS_ENERGY_SRAM_B] = (double)b;
    bits[PCS_ENERGY_SRAM_Y] = (double)(all - a - b);
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
    const double passed = pcs_charges[charge].what == PCS_CHARGED_TIME ? clocks / use->clock_mhz : clocks;
    return pcs_charges[charge].per == PCS_PER_PE ? passed * use->array->rows * use->array->cols : passed;
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

/* A charge by the capacity of each scratchpad; `n`: bits moved, or microseconds. */
static pcs_status_t sram_pj(const pcs_energy_table_t *table, const pcs_energy_use_t *use, int charge, double n,
                            double *pj, pcs_error_t *err)
{
    double bits[PCS_ENERGY_SRAMS] = {n, n, n}; /* time passes for each */
    if (charge < PCS_CHARGE_STATIC) {
        sram_bits(use->system, charge, bits);
    }
    for (int i = 0; i < PCS_ENERGY_SRAMS; i++) {
        double value[PCS_ENERGY_BOUND_COUNT];
        if (bits[i] > 0) {
            const pcs_status_t status = pcs_energy_sized(table, charge, use->sram_kb[i], value, NULL, err);
            if (status != PCS_OK) {
                return status;
            }
            *pj += bits[i] * value[use->bound];
        }
    }
    return PCS_OK;
}

/* Says what is missing, and which operands of the kind, as A beside themselves, the table has. */
static pcs_status_t no_row(const pcs_energy_table_t *table, const pcs_energy_use_t *use, int charge, pcs_error_t *err)
{
    const pcs_energy_cell_t(*cell)[PCS_FIELDS] = table->cell[charge][pcs_energy_pe(use->array)];
    char name[PCS_ENERGY_NAME_MAX];
    char field[2][PCS_ENERGY_FIELD_MAX];
    char legal[PCS_FIELDS * PCS_ENERGY_FIELD_MAX] = "";
    size_t used = 0;
    for (unsigned i = 0; i < PCS_FIELDS; i++) {
        if (pcs_energy_field_exists(use->array->kind, i) && cell[i][i].line != 0) {
            pcs_energy_field_name(use->array->kind, i, field[0]);
            used += (size_t)snprintf(legal + used, sizeof legal - used, "%s%s", used > 0 ? "|" : "", field[0]);
        }
    }
    pcs_energy_pe_name(use->array, name);
    pcs_energy_field_name(use->array->kind, use->pa, field[0]);
    pcs_energy_field_name(use->array->kind, use->pb, field[1]);
    return pcs_fail(err, PCS_INVALID,
                    "%s: no row covers event %s, kind %s, pa %s, pb %s, which was counted; there are rows of this kind "
                    "for %s",
                    table->path, pcs_charge_name(charge), name, field[0], field[1], used > 0 ? legal : "none");
}

static pcs_status_t cell_pj(const pcs_energy_table_t *table, const pcs_energy_use_t *use, int charge, double n,
                            double *pj, pcs_error_t *err)
{
    const pcs_energy_cell_t *cell = &table->cell[charge][pcs_energy_pe(use->array)][use->pa][use->pb];
    if (cell->line == 0) {
        return no_row(table, use, charge, err);
    }
    *pj += n * cell->value[use->bound] * /* uW x us = pJ */
           (cell->per_bit ? pcs_energy_width_bits(use->array, pcs_charges[charge].width) : 1);
    return PCS_OK;
}

pcs_status_t pcs_energy_account(const pcs_energy_table_t *table, const pcs_energy_use_t *use, pcs_energy_t *energy,
                                pcs_error_t *err)
{
    PCS_ASSERT(pcs_energy_field_exists(use->array->kind, use->pa) &&
               pcs_energy_field_exists(use->array->kind, use->pb));
    PCS_ASSERT(use->array->kind < PCS_KIND_COUNT && use->clock_mhz > 0 && use->bound < PCS_ENERGY_BOUND_COUNT);
    pcs_energy_t sum = {{0}};
    for (int charge = 0; charge < PCS_CHARGE_COUNT; charge++) {
        const pcs_charge_t *row = &pcs_charges[charge];
        const double n = amount(use, charge);
        if (row->component == PCS_ENERGY_COMPONENT_COUNT || n <= 0) {
            continue;
        }
        double *pj = &sum.pj[row->component];
        const pcs_status_t status = row->per == PCS_PER_SRAM ? sram_pj(table, use, charge, n, pj, err)
                                                             : cell_pj(table, use, charge, n, pj, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    *energy = sum;
    return PCS_OK;
}
