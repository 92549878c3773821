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
    double clock_mhz;
    pcs_estimate_t pass[PCS_ROLE_COUNT]; /* of one iteration, as is the energy */
    pcs_energy_t energy[PCS_ROLE_COUNT][PCS_ENERGY_BOUND_COUNT];
} cli_estimate_bits_t;

/* Sums over iterations.  Doubles: exact up to 2^53, far beyond which a schedule of 1e8 iterations may reach. */
typedef struct cli_estimate_cost {
    double cycles, time_us, bitops; /* bitops: MACs x pa x pb of the GEMMs that run */
    double bound[PCS_BOUND_COUNT];
    pcs_energy_t energy[PCS_ENERGY_BOUND_COUNT];
} cli_estimate_cost_t;

enum { CLI_ESTIMATE_BITS = (PCS_PREC_MAX - PCS_PREC_MIN + 1) * (PCS_PREC_MAX - PCS_PREC_MIN + 1) };

/* At which clock the kinds are compared: values of array.clock. */
typedef enum cli_clock_id { CLI_CLOCK_COMMON, CLI_CLOCK_OWN, CLI_CLOCK_COUNT } cli_clock_id_t;
extern const char *const cli_clock_keys[CLI_CLOCK_COUNT]; /* of JSON: "common", "own" */

/* What a saving is against: the same iterations at static 8/8 on this array. */
typedef enum cli_baseline_id { CLI_BASE_SAME, CLI_BASE_AREA, CLI_BASE_PEAK, CLI_BASE_COUNT } cli_baseline_id_t;
extern const char *const cli_baseline_names[CLI_BASE_COUNT]; /* "the same array at static 8/8", ... */
extern const char *const cli_baseline_keys[CLI_BASE_COUNT];  /* of JSON: "same_array", "equal_area", "equal_peak" */

typedef struct cli_baseline {
    bool known; /* else `unknown` says what is missing */
    pcs_error_t unknown;
    pcs_array_config_t array;
    double clock_mhz;
    double ratio; /* its PEs' area, or its peak throughput, over that of the array it stands for; 1 for the same one */
    bool priced;
    cli_estimate_cost_t cost;
} cli_baseline_t;

/* One layer of the network on the kind that was asked for. */
typedef struct cli_estimate_layer {
    cli_estimate_cost_t cost, base; /* base: the same array at static 8/8; of the kinds float and bfp, gated at 8/8 */
} cli_estimate_layer_t;

/* One MAC kind at one clock. */
typedef struct cli_estimate_kind {
    cli_clock_id_t clock;
    pcs_array_config_t array;
    pcs_config_t config; /* clock and DRAM as they are for this kind */
    bool known;          /* it has such a clock; else `unknown` says what is missing, and nothing else is set */
    pcs_error_t unknown;
    bool priced; /* the energy table covers this kind; else `unpriced` says what it lacks */
    pcs_error_t unpriced;
    size_t rows;
    cli_estimate_bits_t row[CLI_ESTIMATE_BITS]; /* (rows) by forward, then backward bits */
    cli_estimate_bits_t base_row;               /* static 8/8 on the same array */
    cli_estimate_cost_t pass[PCS_ROLE_COUNT], base_pass[PCS_ROLE_COUNT];
    cli_estimate_cost_t all;
    cli_baseline_t baseline[CLI_BASE_COUNT];
} cli_estimate_kind_t;

typedef struct cli_estimate {
    pcs_config_t config;
    pcs_shapes_t shapes;
    pcs_schedule_t schedule;
    pcs_energy_table_t *table;
    pcs_format_t fw_format, bw_format; /* kind float */
    uint64_t block, block_bits;        /* kind bfp: codes that share an exponent, its width */
    cli_estimate_kind_t kind[CLI_CLOCK_COUNT][PCS_KIND_COUNT];
    cli_estimate_layer_t *layer; /* (shapes.count), owned */
} cli_estimate_t;

/* What --layers, --blocks and --conventions add to the report. */
typedef struct cli_estimate_show {
    bool layers, blocks, conventions;
} cli_estimate_show_t;

static inline const cli_estimate_kind_t *cli_estimate_asked(const cli_estimate_t *estimate)
{
    return &estimate->kind[estimate->config.clock][estimate->config.array_kind];
}

/* Bit operations by the published convention: every layer with forward, dgrad and wgrad. */
double cli_estimate_published(const cli_estimate_t *estimate);

/* What the estimate is on, for one array; config: a kind's, its clock resolved. */
pcs_estimate_device_t cli_estimate_device(const cli_estimate_t *estimate, const pcs_config_t *config,
                                          const pcs_array_config_t *array);

/* What the command line says of the kinds float and bfp. */
typedef struct cli_estimate_formats {
    const char *fw, *bw;          /* --fw-format, --bw-format; NULL: not given */
    const char *block, *exponent; /* --block, --exponent-bits; likewise */
    bool acc_bits, schedule;      /* were given */
} cli_estimate_formats_t;
/* Refuses what was given of the flags of one of these kinds; `where` they have no meaning. */
PCS_MUST_CHECK pcs_status_t cli_estimate_formats_refuse(const cli_estimate_formats_t *formats, pcs_kind_t kind,
                                                        const char *where, pcs_error_t *err);
/* An estimate of the kind float or bfp, in place of all the others, beside `gated` at static 8/8. */
PCS_MUST_CHECK pcs_status_t cli_estimate_aligned(cli_estimate_t *estimate, const cli_estimate_formats_t *formats,
                                                 pcs_error_t *err);
void cli_estimate_aligned_print(const cli_estimate_t *estimate, const cli_estimate_show_t *show);
cJSON *cli_estimate_aligned_json(const cli_estimate_t *estimate);
/* Lines on what is around the array. */
void cli_estimate_print_memory(const cli_estimate_t *estimate);
/* A line on what a kind waits for. */
void cli_estimate_print_bound(const cli_estimate_kind_t *kind);
/* Every count of one iteration, by pass: "per_iteration". */
void cli_estimate_add_passes(cJSON *object, const cli_estimate_kind_t *kind, const cli_estimate_bits_t *row);
/* What has no kind of its own in JSON: energy by component, and at either end of the bars. */
void cli_estimate_add_energy(cJSON *object, const pcs_energy_t energy[PCS_ENERGY_BOUND_COUNT]);

/* Fills estimate->layer: every layer by itself on the kind that was asked for, and of a base kind with this row. */
PCS_MUST_CHECK pcs_status_t cli_estimate_layers(cli_estimate_t *estimate, const cli_estimate_kind_t *base,
                                                const cli_estimate_bits_t *base_row, pcs_error_t *err);
/* Bits of the last iteration, and the operands that they are, "4/8 bits" or "e4m3/e5m2". */
void cli_estimate_last(const cli_estimate_t *estimate, unsigned *fw, unsigned *bw, char *text, size_t size);

/* Fills the costs of a row's iteration.  *priced turns false, with a message, when the table lacks a row. */
PCS_MUST_CHECK pcs_status_t cli_estimate_row(const cli_estimate_t *estimate, const pcs_config_t *config,
                                             const pcs_array_config_t *array, cli_estimate_bits_t *row, bool *priced,
                                             pcs_error_t *unpriced, pcs_error_t *err);

/* sum += the iterations of a row, one pass. */
void cli_estimate_add(cli_estimate_cost_t *sum, const cli_estimate_bits_t *row, pcs_role_t role);
/* A row's passes over `iterations`. */
cli_estimate_cost_t cli_estimate_row_cost(const cli_estimate_bits_t *row, uint64_t iterations);

/* Area of a kind's array and scratchpads, or why it is not known. */
PCS_MUST_CHECK pcs_status_t cli_estimate_area(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind,
                                              pcs_area_t *area, pcs_error_t *err);

/* Baselines of a kind whose array, rows and base_row are set. */
PCS_MUST_CHECK pcs_status_t cli_estimate_baselines(const cli_estimate_t *estimate, cli_estimate_kind_t *kind,
                                                   pcs_error_t *err);

/* Whether an estimate depends on this key of the configuration: its flags. */
bool cli_estimate_takes(const char *key);

/* Nominal energy, pJ. */
static inline double cli_estimate_pj(const cli_estimate_cost_t *cost)
{
    return pcs_energy_total_pj(&cost->energy[PCS_ENERGY_NOMINAL]);
}

void cli_estimate_print(const cli_estimate_t *estimate, const cli_estimate_show_t *show);
/* A table of layers. */
void cli_estimate_print_layers(const cli_estimate_t *estimate);
/* "layers_of_asked_kind"; `base`: the name of what savings are against. */
void cli_estimate_add_layers(cJSON *object, const cli_estimate_t *estimate, const char *base);
/* Its tables of all kinds: one for each clock, bars, areas. */
void cli_estimate_print_kinds(const cli_estimate_t *estimate);
/* A saving as it is printed: sums of doubles may leave a "-0.00". */
double cli_estimate_percent(double value, double base);
/* Sections of the report that need contracts again. */
PCS_MUST_CHECK pcs_status_t cli_estimate_print_blocks(const cli_estimate_t *estimate, pcs_error_t *err);
PCS_MUST_CHECK pcs_status_t cli_estimate_print_conventions(const cli_estimate_t *estimate, pcs_error_t *err);
cJSON *cli_estimate_json(const cli_estimate_t *estimate);

#endif
