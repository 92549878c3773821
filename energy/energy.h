/* Energy of what was counted: event counts x a table, nothing else.  This room sees event ids and counts only; it does
   not know networks, executors or simulators.

   A table is a CSV file with the columns
     event      a name of models/spec/events.def or system_events.def that map.def charges to a component, or a name
                of map.def: leak_pe, leak_sram, idle_dram, clock_pe, area_pe, area_sram, area_edge_bit, period_pe
     kind       MAC kind, with :2 or :4 after it when its digits have so many bits (serial:2), and /os or /ws when the
                row is of its output-stationary PE or of the one with stationary weights alone (serial:2/ws); or * for
                all of these.  Rows of scratchpads have *
     pa, pb     operand bits 2..8; of the kind bfp, of the mantissas; of the kind float, names of formats; or *.  Bits
                of kind * do not cover the kind float
     energy     finite, not negative
     unit       pJ      per count
                pJ/bit  per count and bit of the word it moves (events with a width in map.def)
                        (clock_pe: per clock of each PE, busy or not)
                uW      static power: leak_pe per PE, leak_sram per scratchpad (there are three), idle_dram for all DRAM
                um2     silicon: area_pe of one PE, area_sram of one scratchpad, area_edge_bit of one bit of a skew or
                        deskew register; pa and pb are *
                ns      period_pe: shortest clock period of a PE, above 0; pa and pb are *
     node_nm    technology of the figure, nm; `unstated` when the source does not say
     voltage_v  supply, V; likewise
     source     where the figure comes from, not empty
   and, after these, any of
     low, high  what the figure may be, in its unit: 0 <= low <= energy <= high; without them the energy itself
     kb         capacity that a row of sram_read, sram_write, leak_sram or area_sram holds for, KB of 1024 bytes, or *
                for any; elsewhere *
     spec_hash  the spec that the row was made for, 16 hexadecimal digits, or -: another spec than this build's is
                refused
     netlist_hash, rtl_hash, cells_hash, trace_hash   what a gate-level figure was made from, likewise; not compared
     tools      free text
   Two rows may not cover the same (event, kind, pa, pb, kb): there is no precedence.  A count without a row is an
   error. */
#ifndef PCS_ENERGY_ENERGY_H
#define PCS_ENERGY_ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pcs_energy_component {
#define PCS_ENERGY_COMPONENT(name, text, meaning) PCS_ENERGY_##name,
#include "energy/components.def"
#undef PCS_ENERGY_COMPONENT
    PCS_ENERGY_COMPONENT_COUNT
} pcs_energy_component_t;

typedef struct pcs_energy_component_row {
    const char *name, *meaning;
} pcs_energy_component_row_t;
extern const pcs_energy_component_row_t pcs_energy_components[PCS_ENERGY_COMPONENT_COUNT];

/* Energy by component. */
typedef struct pcs_energy {
    double pj[PCS_ENERGY_COMPONENT_COUNT];
} pcs_energy_t;

/* Sum of the components, in their order. */
double pcs_energy_total_pj(const pcs_energy_t *energy);
/* sum += add */
void pcs_energy_add(pcs_energy_t *sum, const pcs_energy_t *add);

typedef struct pcs_energy_table pcs_energy_table_t;

/* Reads and checks a table.  Errors name file, line and the legal values. */
PCS_MUST_CHECK pcs_status_t pcs_energy_table_load(const char *path, pcs_energy_table_t **table, pcs_error_t *err);
void pcs_energy_table_destroy(pcs_energy_table_t *table);
/* FNV-1a of the file's bytes: a report names the table by it. */
uint64_t pcs_energy_table_hash(const pcs_energy_table_t *table);
/* The path it was read from. */
const char *pcs_energy_table_path(const pcs_energy_table_t *table);

/* Which figure of a row is taken. */
typedef enum pcs_energy_bound {
    PCS_ENERGY_NOMINAL,
    PCS_ENERGY_LOW,
    PCS_ENERGY_HIGH,
    PCS_ENERGY_BOUND_COUNT
} pcs_energy_bound_t;

/* The scratchpads, and what a boundless one is charged as, KB. */
typedef enum pcs_energy_sram {
    PCS_ENERGY_SRAM_A,
    PCS_ENERGY_SRAM_B,
    PCS_ENERGY_SRAM_Y,
    PCS_ENERGY_SRAMS
} pcs_energy_sram_t;
enum { PCS_ENERGY_SRAM_KB = 32 };

/* What was counted in one mode on one array.  Counts of several GEMMs may be summed first: energy is linear. */
typedef struct pcs_energy_use {
    const pcs_array_config_t *array;
    unsigned pa, pb;  /* operand bits, PCS_PREC_MIN..PCS_PREC_MAX; of the kind float numbers of formats: mode.def */
    double clock_mhz; /* > 0; clocks of the array / clock = the time that leaks */
    const pcs_counts_t *counts;
    const uint64_t *system; /* (PCS_SYSTEM_EVENT_COUNT), or NULL: none */
    pcs_energy_bound_t bound;
    /* Capacities, KB; 0 = boundless, charged as PCS_ENERGY_SRAM_KB.  Between two rows of the table an access is
       interpolated along the square root of the capacity, leakage along the capacity; a scratchpad smaller than the
       smallest row is charged as that row, a larger one than the largest is an error. */
    double sram_kb[PCS_ENERGY_SRAMS];
} pcs_energy_use_t;

/* counts x table.  PCS_INVALID when an event that was counted has no row, or a scratchpad none of its size: the message
   names it, and the operands of the kind that have one.  `energy` is untouched on failure. */
PCS_MUST_CHECK pcs_status_t pcs_energy_account(const pcs_energy_table_t *table, const pcs_energy_use_t *use,
                                               pcs_energy_t *energy, pcs_error_t *err);

/* Name of an array's PEs as tables write it: kind, :digit unless that is 1, and /ws unless it is output-stationary. */
enum { PCS_ENERGY_NAME_MAX = 40 };
void pcs_energy_pe_name(const pcs_array_config_t *array, char name[PCS_ENERGY_NAME_MAX]);
/* The reverse, where /os may be said, too: sets kind, digit and dataflow; *both: the name says no dataflow and stands
   for either.  False when there is no such kind, or no such digit of it. */
bool pcs_energy_pe_by_name(const char *name, pcs_array_config_t *array, bool *both);
/* An operand of a kind as tables write it: "8", "e4m3". */
enum { PCS_ENERGY_FIELD_MAX = 24 };
void pcs_energy_field_name(pcs_kind_t kind, unsigned field, char name[PCS_ENERGY_FIELD_MAX]);
/* The reverse; false: the kind has no such operand. */
bool pcs_energy_field_by_name(pcs_kind_t kind, const char *name, unsigned *field);

/* From one kind with a digit to the next; false after the last.  The first is kind 0 with digit 1. */
bool pcs_energy_next_pe(pcs_array_config_t *array);

/* ---- what a table holds, figure by figure: for those who print or convert it ---------------------------------------
 */

/* Number of things that a table may charge for; those that carry neither energy, area nor period included. */
size_t pcs_energy_charges(void);
/* Name of charge `i` as tables write it, and the unit of its figures once pJ/bit has been multiplied by the word's
   width: "pJ", "uW", "um2" or "ns"; NULL when it carries nothing.  *by_size: its rows are of scratchpads. */
const char *pcs_energy_charge(size_t i, const char **unit, bool *by_size);

typedef struct pcs_energy_figure {
    const char *event, *unit;
    bool every; /* mode; else pa and pb as in pcs_energy_use_t */
    unsigned pa, pb;
    double kb; /* of a scratchpad; 0: any, or of no scratchpad */
    double value[PCS_ENERGY_BOUND_COUNT];
} pcs_energy_figure_t;
typedef pcs_status_t (*pcs_energy_visit_t)(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err);

/* Visits the figures that hold for an array (its kind, digit, dataflow and acc_bits count), events in the order of the
   charges, one figure where a row covers all modes; and those of scratchpads, of which an array's are none.  Stops at
   the first status that is not PCS_OK and returns it. */
PCS_MUST_CHECK pcs_status_t pcs_energy_visit(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                                             pcs_energy_visit_t visit, void *user, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t pcs_energy_visit_srams(const pcs_energy_table_t *table, pcs_energy_visit_t visit,
                                                   void *user, pcs_error_t *err);

/* Area of an array and its scratchpads, without control, vector unit and wires.  Areas of different nodes do not
   compare. */
typedef struct pcs_area {
    double pe_um2;   /* PEs: multipliers, operand registers, accumulators, drain registers */
    double edge_um2; /* skew and deskew registers; 0 = the table does not say */
    double sram_um2; /* three scratchpads; 0 = the table does not say */
    double node_nm, sram_node_nm;
} pcs_area_t;

/* sram_kb as in pcs_energy_use_t, or NULL: without scratchpads.  PCS_INVALID when the table has no area row for the
   kind, or none for so large a scratchpad: the message names it.  `area` is untouched on failure. */
PCS_MUST_CHECK pcs_status_t pcs_energy_area(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                                            const double sram_kb[PCS_ENERGY_SRAMS], pcs_area_t *area, pcs_error_t *err);

/* Shortest clock period of the array's PEs, ns.  PCS_INVALID when the table has no such row: the message names it. */
PCS_MUST_CHECK pcs_status_t pcs_energy_period(const pcs_energy_table_t *table, const pcs_array_config_t *array,
                                              double *ns, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
