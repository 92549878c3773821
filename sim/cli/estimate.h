/* precess estimate: what a training run would cost, on every MAC kind, without training. */
#ifndef PCS_SIM_CLI_ESTIMATE_H
#define PCS_SIM_CLI_ESTIMATE_H

#include "energy/energy.h"
#include "sim/cli/cli.h"
#include "workloads/policy/schedule.h"
#include "workloads/train/config.h"
#include "workloads/zoo/estimate.h"

/* Iterations of one pair of bit-widths. */
typedef struct cli_estimate_bits {
    unsigned fw_bits, bw_bits;
    uint64_t iterations;
    pcs_estimate_t pass[PCS_ROLE_COUNT]; /* of one iteration, as is the energy */
    pcs_energy_t energy[PCS_ROLE_COUNT];
} cli_estimate_bits_t;

/* Sums over iterations.  Doubles: exact up to 2^53, far beyond which a schedule of 1e8 iterations may reach. */
typedef struct cli_estimate_cost {
    double cycles, bitops; /* bitops: MACs x pa x pb of the GEMMs that run */
    pcs_energy_t energy;
} cli_estimate_cost_t;

enum { CLI_ESTIMATE_BITS = (PCS_PREC_MAX - PCS_PREC_MIN + 1) * (PCS_PREC_MAX - PCS_PREC_MIN + 1) };

/* One MAC kind.  `base` is the same array at static 8/8. */
typedef struct cli_estimate_kind {
    pcs_array_config_t array;
    bool priced; /* the energy table covers this kind; else `unpriced` says what it lacks */
    pcs_error_t unpriced;
    size_t rows;
    cli_estimate_bits_t row[CLI_ESTIMATE_BITS]; /* (rows) by forward, then backward bits */
    cli_estimate_bits_t base_row;
    cli_estimate_cost_t pass[PCS_ROLE_COUNT], base_pass[PCS_ROLE_COUNT];
    cli_estimate_cost_t all, base;
} cli_estimate_kind_t;

typedef struct cli_estimate {
    pcs_config_t config;
    pcs_shapes_t shapes;
    pcs_schedule_t schedule;
    pcs_energy_table_t *table;
    cli_estimate_kind_t kind[PCS_KIND_COUNT];
} cli_estimate_t;

/* Bit operations by the published convention: every convolution with forward, dgrad and wgrad. */
double cli_estimate_published(const cli_estimate_t *estimate);

/* sum += the iterations of a row, one pass. */
void cli_estimate_add(cli_estimate_cost_t *sum, const cli_estimate_bits_t *row, pcs_role_t role);

/* Whether an estimate depends on this key of the configuration: its flags. */
bool cli_estimate_takes(const char *key);

void cli_estimate_print(const cli_estimate_t *estimate);
cJSON *cli_estimate_json(const cli_estimate_t *estimate);

#endif
