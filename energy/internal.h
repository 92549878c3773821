/* Shared by the loader and the account: the events that carry energy, and the table in memory. */
#ifndef PCS_ENERGY_INTERNAL_H
#define PCS_ENERGY_INTERNAL_H

#include <stdbool.h>

#include "energy/energy.h"

/* One id space: array events, system events, what time or clocks cost. */
enum {
    PCS_CHARGE_SYSTEM = PCS_EVENT_COUNT,
    PCS_CHARGE_STATIC = PCS_CHARGE_SYSTEM + PCS_SYSTEM_EVENT_COUNT,
    PCS_CHARGE_COUNT = PCS_CHARGE_STATIC
#define PCS_ENERGY_ARRAY(event, component, width)
#define PCS_ENERGY_SYSTEM(event, component, width)
#define PCS_ENERGY_STATIC(name, text, component, per) +1
#define PCS_ENERGY_CLOCK(name, text, component, per) +1
#define PCS_ENERGY_AREA(name, text) +1
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
};

enum { PCS_WIDTH_NONE = 0, PCS_WIDTH_ACC = -1, PCS_WIDTH_WORD = -2, PCS_WIDTH_WORDS = -3 };

typedef struct pcs_charge {
    int component;  /* pcs_energy_component_t, or PCS_ENERGY_COMPONENT_COUNT: carries no energy */
    int width;      /* bits, or PCS_WIDTH_* */
    bool per_us;    /* static power: the count is time */
    bool per_clock; /* the count is clocks of the array */
    bool per_pe;    /* these two: of one PE */
    bool area;      /* no energy: um2 of a PE */
} pcs_charge_t;
extern const pcs_charge_t pcs_charges[PCS_CHARGE_COUNT];
/* The name that tables use. */
const char *pcs_charge_name(int charge);

enum { PCS_PREC_COUNT = PCS_PREC_MAX - PCS_PREC_MIN + 1 };

/* PEs that a table tells apart: a kind with digits of 1, 2 or 4 bits. */
enum { PCS_DIGITS = 3, PCS_PE_COUNT = PCS_KIND_COUNT * PCS_DIGITS };
/* 0..PCS_PE_COUNT-1 */
static inline int pcs_energy_pe(const pcs_array_config_t *array)
{
    PCS_ASSERT(array->kind < PCS_KIND_COUNT && (array->digit == 1 || array->digit == 2 || array->digit == 4));
    return (int)array->kind * PCS_DIGITS + (int)array->digit / 2;
}
static inline pcs_array_config_t pcs_energy_pe_array(int pe)
{
    return (pcs_array_config_t){
        .rows = 1, .cols = 1, .kind = (pcs_kind_t)(pe / PCS_DIGITS), .digit = 1U << (unsigned)(pe % PCS_DIGITS)};
}
/* Bits that one count of an event of this width (pcs_charge_t) moves in an array. */
unsigned pcs_energy_width_bits(const pcs_array_config_t *array, int width);

/* One cell of the table: pJ per count (or uW), and whether it is multiplied by the word's width. */
typedef struct pcs_energy_cell {
    double value[PCS_ENERGY_BOUND_COUNT]; /* by pcs_energy_bound_t */
    double node_nm;                       /* 0: unstated */
    unsigned line;                        /* of the file; 0 = no row */
    bool per_bit;
} pcs_energy_cell_t;

struct pcs_energy_table {
    char *path;
    uint64_t hash;
    pcs_energy_cell_t cell[PCS_CHARGE_COUNT][PCS_PE_COUNT][PCS_PREC_COUNT][PCS_PREC_COUNT];
};

#endif
