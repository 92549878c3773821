/* What a run directory says, read back from its CSV files: the only source of the printed summary and of report.html,
   so every number in them is in a CSV. */
#ifndef PCS_SIM_CLI_MODEL_H
#define PCS_SIM_CLI_MODEL_H

#include "energy/energy.h"
#include "models/gemm/gemm.h"
#include "workloads/nn/conv_float.h"
#include "workloads/policy/schedule.h"
#include "workloads/train/config.h"

enum { CLI_LAYERS_MAX = 256, CLI_MODEL_NAME_MAX = 64, CLI_HASH_MAX = 24 };

/* A cost and that of the same GEMMs at static 8/8 on the same array. */
typedef struct cli_sum {
    double gemms, macs, cycles, time_us, bitops;
    double unproven, overflows; /* GEMMs not proven free of overflow, accumulators that did overflow */
    double segment;             /* longest run of K that an accumulator took, steps */
    pcs_energy_t energy;
    double base_cycles, base_time_us, base_bitops;
    pcs_energy_t base_energy;
    pcs_energy_t bar[PCS_ENERGY_BOUND_COUNT], base_bar[PCS_ENERGY_BOUND_COUNT]; /* by bound; the nominal ones again */
} cli_sum_t;

typedef struct cli_bits {
    unsigned fw_bits, bw_bits; /* backward: 0 = several, as a schedule from a file may have them */
    uint64_t iterations;       /* 0: this bit-width did not occur */
    cli_sum_t pass[PCS_ROLE_COUNT];
    cli_sum_t all;
} cli_bits_t;

typedef struct cli_layer {
    char name[CLI_MODEL_NAME_MAX];
    cli_sum_t pass[PCS_ROLE_COUNT];
} cli_layer_t;

typedef struct cli_eval {
    uint64_t iteration;
    unsigned fw_bits;
    double loss, accuracy;
} cli_eval_t;

/* Who made the run; not in any CSV but summary.csv. */
typedef struct cli_provenance {
    char final_hash[CLI_HASH_MAX], spec_hash[CLI_HASH_MAX], table_hash[CLI_HASH_MAX];
    char commit[CLI_MODEL_NAME_MAX], version[CLI_MODEL_NAME_MAX];
} cli_provenance_t;

typedef struct cli_model {
    char dir[PCS_CONFIG_TEXT_MAX];
    pcs_config_t config;
    cli_provenance_t provenance;
    cli_bits_t bits[PCS_PREC_MAX + 1]; /* by forward bits */
    cli_sum_t all;
    uint64_t iterations;
    bool bare;               /* the run was on no array: but for loss, accuracy and casts there is nothing */
    const char *formats;     /* floating point: "e4m3/e5m2", in config; else NULL */
    pcs_float_tally_t tally; /* floating point: casts of all iterations */
    uint64_t skipped;        /* and iterations without an update */
    double metrics_cycles, metrics_energy_pj; /* the same totals from metrics.csv, for a cross-check */
    double first_loss, last_loss;
    cli_layer_t layers[CLI_LAYERS_MAX];
    size_t layer_count;
    cli_eval_t last_eval;
    size_t evals;
    uint64_t check_tiles, check_words, check_cycles, check_differences;
    double published_bitops; /* relative to static 8/8, published convention, of the iterations that ran */
} cli_model_t;

/* Reads dir/run.yaml and the CSV files; provenance is the caller's.  Large: allocate it. */
PCS_MUST_CHECK pcs_status_t cli_model_load(const char *dir, const cli_provenance_t *provenance, cli_model_t *model,
                                           pcs_error_t *err);

/* A saving in percent: 100 (1 - value / base); 0 when there is no base. */
double cli_saving(double value, double base);

#endif
