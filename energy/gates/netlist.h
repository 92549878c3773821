/* A mapped netlist: instances of library cells, in an order in which gates can be evaluated. */
#ifndef PCS_ENERGY_GATES_NETLIST_H
#define PCS_ENERGY_GATES_NETLIST_H

#include <stdint.h>

#include "energy/gates/liberty.h"

/* Which part of a PE an instance belongs to, decided by the registers it sits between:
     OPERAND      operand, mode and step registers, and gates that feed only them
     MAC          registers of the multiplier itself (u_mac.*), and gates on the way to the accumulator that no
                  accumulator reaches
     ACCUMULATOR  accumulators, and gates that they reach
     DRAIN        drain registers, and gates that feed only them
     WEIGHT       registers of a stationary weight, of the staged one and of one that passes by, and gates that feed
   only them */
typedef enum pcs_part {
    PCS_PART_OPERAND,
    PCS_PART_MAC,
    PCS_PART_ACCUMULATOR,
    PCS_PART_DRAIN,
    PCS_PART_WEIGHT,
    PCS_PART_COUNT
} pcs_part_t;
const char *pcs_part_name(pcs_part_t part);

typedef struct pcs_instance {
    const char *name; /* as in the Verilog netlist */
    const pcs_cell_t *cell;
    uint32_t input[PCS_CELL_PINS_MAX]; /* net of each input pin */
    uint32_t output;
    pcs_part_t part;
} pcs_instance_t;

enum { PCS_NET_ZERO = 0, PCS_NET_ONE = 1 }; /* the constants are nets too */

typedef struct pcs_netlist {
    char *text; /* the names point into it */
    uint64_t hash;
    const char **net; /* (nets) a name of each */
    size_t nets;
    pcs_instance_t *instance; /* (instances) flip-flops first, then gates, each after those that drive it */
    size_t instances, flip_flops;
    struct pcs_netlist_names *names;
} pcs_netlist_t;

/* Reads a BLIF file as Yosys writes it (write_blif -cname): one model, .subckt of library cells, .names for constants
   and aliases. */
PCS_MUST_CHECK pcs_status_t pcs_netlist_read(const char *path, const pcs_liberty_t *library, pcs_netlist_t *netlist,
                                             pcs_error_t *err);
void pcs_netlist_free(pcs_netlist_t *netlist);

/* Net of a name such as "acc_q[3]"; false when there is none. */
bool pcs_netlist_net(const pcs_netlist_t *netlist, const char *name, uint32_t *net);
/* Nets of a vector, bit 0 first: "a_i" -> a_i[0], a_i[1] ...; a scalar is a vector of one.  Returns how many there are,
   at most `most`. */
size_t pcs_netlist_vector(const pcs_netlist_t *netlist, const char *name, uint32_t *nets, size_t most);
/* Instance of a name, or NULL. */
const pcs_instance_t *pcs_netlist_instance(const pcs_netlist_t *netlist, const char *name);

#endif
