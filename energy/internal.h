/* Shared by the loader and the account: the events that carry energy, and the table in memory. */
#ifndef PCS_ENERGY_INTERNAL_H
#define PCS_ENERGY_INTERNAL_H

#include <stdbool.h>

#include "energy/energy.h"

/* One id space: array events, system events, what time or clocks cost, areas, periods. */
enum {
    PCS_CHARGE_SYSTEM = PCS_EVENT_COUNT,
    PCS_CHARGE_STATIC = PCS_CHARGE_SYSTEM + PCS_SYSTEM_EVENT_COUNT,
    PCS_CHARGE_BEFORE_FIRST = PCS_CHARGE_STATIC - 1, /* the rest in the order of map.def */
#define PCS_ENERGY_ARRAY(event, component, width)
#define PCS_ENERGY_SYSTEM(event, component, width)
#define PCS_ENERGY_STATIC(name, text, component, per) PCS_CHARGE_##name,
#define PCS_ENERGY_CLOCK(name, text, component, per) PCS_CHARGE_##name,
#define PCS_ENERGY_AREA(name, text, per) PCS_CHARGE_##name,
#define PCS_ENERGY_PERIOD(name, text) PCS_CHARGE_##name,
#include "energy/map.def"
#undef PCS_ENERGY_ARRAY
#undef PCS_ENERGY_SYSTEM
#undef PCS_ENERGY_STATIC
#undef PCS_ENERGY_CLOCK
#undef PCS_ENERGY_AREA
#undef PCS_ENERGY_PERIOD
    PCS_CHARGE_COUNT
};

enum { PCS_WIDTH_NONE = 0, PCS_WIDTH_ACC = -1, PCS_WIDTH_WORD = -2, PCS_WIDTH_WORDS = -3 };

/* What is charged: a count of events, microseconds (static power), clocks; or no energy at all. */
typedef enum pcs_charged {
    PCS_CHARGED_EVENTS,
    PCS_CHARGED_TIME,
    PCS_CHARGED_CLOCKS,
    PCS_CHARGED_AREA,
    PCS_CHARGED_PERIOD
} pcs_charged_t;
typedef enum pcs_per { PCS_PER_ONCE, PCS_PER_PE, PCS_PER_SRAM } pcs_per_t;

typedef struct pcs_charge {
    int component; /* pcs_energy_component_t, or PCS_ENERGY_COMPONENT_COUNT: carries no energy */
    int width;     /* bits, or PCS_WIDTH_* */
    pcs_charged_t what;
    pcs_per_t per; /* PER_SRAM: figures by capacity */
} pcs_charge_t;
extern const pcs_charge_t pcs_charges[PCS_CHARGE_COUNT];
/* The name that tables use. */
const char *pcs_charge_name(int charge);

enum { PCS_FIELDS = 1 << PCS_MODE_PA_WIDTH }; /* operands of a kind, by the mode word's fields */

/* PEs that a table tells apart: a kind with digits of 1, 2 or 4 bits, output-stationary or with stationary weights. */
enum { PCS_DIGITS = 3, PCS_FLOWS = 2, PCS_PE_COUNT = PCS_KIND_COUNT * PCS_DIGITS * PCS_FLOWS };
/* 0..PCS_PE_COUNT-1; input-stationary PEs are those with stationary weights. */
static inline int pcs_energy_pe(const pcs_array_config_t *array)
{
    PCS_ASSERT(array->kind < PCS_KIND_COUNT && (array->digit == 1 || array->digit == 2 || array->digit == 4));
    return ((int)array->kind * PCS_DIGITS + (int)array->digit / 2) * PCS_FLOWS +
           (array->dataflow == PCS_DATAFLOW_OS ? 0 : 1);
}
/* Whether a kind has this operand: see pcs_energy_use_t. */
static inline bool pcs_energy_field_exists(pcs_kind_t kind, unsigned field)
{
    return pcs_kind_arith(kind) == PCS_ARITH_FLOAT ? pcs_format_is_operand((pcs_format_t)field)
                                                   : field >= PCS_PREC_MIN && field <= PCS_PREC_MAX;
}
/* The first and the last operand of a kind: a row that covers both, of A and B, covers every mode. */
static inline unsigned pcs_energy_field_first(pcs_kind_t kind)
{
    return pcs_kind_arith(kind) == PCS_ARITH_FLOAT ? 0 : PCS_PREC_MIN;
}
static inline unsigned pcs_energy_field_last(pcs_kind_t kind)
{
    return pcs_kind_arith(kind) == PCS_ARITH_FLOAT ? PCS_FIELDS - 1U : PCS_PREC_MAX;
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

/* Figures by capacity, in rising order; a single one of capacity 0 holds for any. */
enum { PCS_SIZES_MAX = 32 };
typedef struct pcs_energy_sizes {
    size_t count;
    double kb[PCS_SIZES_MAX];
    pcs_energy_cell_t cell[PCS_SIZES_MAX];
} pcs_energy_sizes_t;

struct pcs_energy_table {
    char *path;
    uint64_t hash;
    pcs_energy_sizes_t sizes[PCS_CHARGE_COUNT]; /* of charges PCS_PER_SRAM, whose cells are empty */
    pcs_energy_cell_t cell[PCS_CHARGE_COUNT][PCS_PE_COUNT][PCS_FIELDS][PCS_FIELDS];
};

/* Figures of a charge PCS_PER_SRAM at a capacity: see pcs_energy_use_t.  node_nm may be NULL. */
PCS_MUST_CHECK pcs_status_t pcs_energy_sized(const pcs_energy_table_t *table, int charge, double kb,
                                             double value[PCS_ENERGY_BOUND_COUNT], double *node_nm, pcs_error_t *err);

#endif
