#include "sim/cli/estimate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/args.h"
#include "sim/cli/device.h"
#include "sim/cli/model.h"
#include "workloads/train/train.h"

enum { STATIC_BITS = PCS_PREC_MAX };

static const char *const only[] = {"network",
                                   "train.iterations",
                                   "train.batch",
                                   "precision.schedule",
                                   "precision.cycles",
                                   "precision.quantizer",
                                   "precision.weights",
                                   "array.rows",
                                   "array.cols",
                                   "array.kind",
                                   "array.dataflow",
                                   "array.digit",
                                   "array.acc-bits",
                                   "array.overflow",
                                   "array.serial",
                                   "array.segment",
                                   "array.clock-mhz",
                                   "energy.table",
                                   NULL};

bool cli_estimate_takes(const char *key)
{
    for (size_t i = 0; only[i] != NULL; i++) {
        if (strcmp(only[i], key) == 0) {
            return true;
        }
    }
    return false;
}

double cli_estimate_published(const cli_estimate_t *estimate)
{
    const double images = (double)estimate->config.iterations * (double)estimate->config.batch;
    return pcs_schedule_bitops(&estimate->schedule) * 3.0 * 8.0 * 8.0 * (double)pcs_shapes_macs(&estimate->shapes) *
           images;
}

static pcs_status_t price(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, cli_estimate_bits_t *row,
                          pcs_error_t *err)
{
    for (int role = 0; role < PCS_ROLE_COUNT && kind->priced; role++) {
        pcs_energy_use_t use = {
            .array = &kind->array,
            .clock_mhz = estimate->config.clock_mhz,
            .counts = &row->pass[role].counts,
            .system = row->pass[role].system,
        };
        pcs_estimate_bits((pcs_role_t)role, row->fw_bits, row->bw_bits, &use.pa, &use.pb);
        const pcs_status_t status = pcs_energy_account(estimate->table, &use, &row->energy[role], &kind->unpriced);
        kind->priced = status == PCS_OK;
    }
    /* Only the kind that was asked for must have a price. */
    return kind->priced || kind->array.kind != (pcs_kind_t)estimate->config.array_kind
               ? PCS_OK
               : pcs_fail(err, PCS_INVALID, "%s", kind->unpriced.text);
}

static pcs_status_t evaluate(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, cli_estimate_bits_t *row,
                             pcs_error_t *err)
{
    const pcs_config_t *config = &estimate->config;
    const pcs_numerics_t numerics = pcs_train_numerics(config);
    const pcs_status_t status =
        pcs_estimate_iteration(&estimate->shapes, &numerics, &kind->array, (pcs_serial_t)config->serial,
                               (uint32_t)config->batch, row->fw_bits, row->bw_bits, row->pass, err);
    return status == PCS_OK ? price(estimate, kind, row, err) : status;
}

void cli_estimate_add(cli_estimate_cost_t *sum, const cli_estimate_bits_t *row, pcs_role_t role)
{
    unsigned pa;
    unsigned pb;
    const double n = (double)row->iterations;
    pcs_estimate_bits(role, row->fw_bits, row->bw_bits, &pa, &pb);
    sum->cycles += n * (double)row->pass[role].counts.n[PCS_EVENT_CYCLE];
    sum->bitops += n * (double)(row->pass[role].macs * pa * pb);
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        sum->energy.pj[i] += n * row->energy[role].pj[i];
    }
}

static void add_row(const cli_estimate_bits_t *row, cli_estimate_cost_t pass[PCS_ROLE_COUNT], cli_estimate_cost_t *all)
{
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cli_estimate_add(&pass[role], row, (pcs_role_t)role);
        cli_estimate_add(all, row, (pcs_role_t)role);
    }
}

static pcs_status_t estimate_kind(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, pcs_error_t *err)
{
    pcs_schedule_counts_t counts;
    pcs_schedule_count(&estimate->schedule, &counts);
    kind->priced = true;
    kind->base_row = (cli_estimate_bits_t){
        .fw_bits = STATIC_BITS, .bw_bits = STATIC_BITS, .iterations = estimate->config.iterations};
    pcs_status_t status = evaluate(estimate, kind, &kind->base_row, err);
    add_row(&kind->base_row, kind->base_pass, &kind->base);
    for (unsigned fw = PCS_PREC_MIN; fw <= PCS_PREC_MAX; fw++) {
        for (unsigned bw = PCS_PREC_MIN; bw <= PCS_PREC_MAX && status == PCS_OK; bw++) {
            if (counts.n[fw][bw] == 0) {
                continue;
            }
            cli_estimate_bits_t *row = &kind->row[kind->rows++];
            *row = (cli_estimate_bits_t){.fw_bits = fw, .bw_bits = bw, .iterations = counts.n[fw][bw]};
            status = evaluate(estimate, kind, row, err);
            add_row(row, kind->pass, &kind->all);
        }
    }
    return status;
}

static pcs_status_t run(cli_estimate_t *estimate, pcs_error_t *err)
{
    const pcs_config_t *config = &estimate->config;
    pcs_array_config_t array;
    if (config->iterations == 0) {
        return pcs_fail(err, PCS_INVALID, "train.iterations: missing or 0; legal: --iterations 1..100000000");
    }
    pcs_status_t status = pcs_shapes_find(config->network, &estimate->shapes, err);
    status = status == PCS_OK
                 ? pcs_schedule_parse(config->schedule, config->iterations, config->cycles, &estimate->schedule, err)
                 : status;
    status = status == PCS_OK ? cli_array_config(config, &array, err) : status;
    status = status == PCS_OK ? cli_energy_open(config->energy_table, &estimate->table, err) : status;
    for (unsigned kind = 0; kind < PCS_KIND_COUNT && status == PCS_OK; kind++) {
        estimate->kind[kind].array = array;
        estimate->kind[kind].array.kind = (pcs_kind_t)kind;
        if (array.digit > pcs_kinds[kind].digit_max) {
            estimate->kind[kind].array.digit = pcs_kinds[kind].digit_max;
        }
        status = estimate_kind(estimate, &estimate->kind[kind], err);
    }
    return status;
}

static pcs_status_t command(int argc, char **argv, cli_estimate_t *estimate, pcs_error_t *err)
{
    bool json = false;
    cli_args_t args = {
        .command = "estimate",
        .usage = "--network NAME --schedule SPEC --iterations N [--cycles C] [--batch B] [flags]",
        .about =
            "What training would cost on the array, without training: clocks, time, energy and BitOPs on every MAC\n"
            "kind, and the saving against the same array at static 8/8.  The counts are those of precess train, from\n"
            "the same closed forms: forward, dgrad and wgrad of every convolution, no dgrad of the first.  The kind\n"
            "of --kind is split by pass, bit-width and component.\n\n"
            "Networks: those of precess train, and resnet20-cifar, resnet38-cifar, resnet74-cifar, resnet110-cifar.\n"
            "Schedules: see precess schedule --help.  --iterations must be given.",
        .sets = {{cli_config_keys, cli_config_key_count, only, &estimate->config}},
        .switches = {{"json", 0, &json, NULL, NULL, "print one JSON object, with every count of every kind"}},
    };
    pcs_config_defaults(&estimate->config);
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    status = status == PCS_OK ? cli_args_apply(&args, err) : status;
    status = status == PCS_OK ? run(estimate, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    if (json) {
        return cli_json_print(cli_estimate_json(estimate), err);
    }
    cli_estimate_print(estimate);
    return PCS_OK;
}

pcs_status_t cli_estimate(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    (void)exit_status;
    cli_estimate_t *estimate = calloc(1, sizeof *estimate);
    if (estimate == NULL) {
        return pcs_fail(err, PCS_MEMORY, "estimate: out of memory");
    }
    const pcs_status_t status = command(argc, argv, estimate, err);
    pcs_shapes_free(&estimate->shapes);
    pcs_schedule_free(&estimate->schedule);
    pcs_energy_table_destroy(estimate->table);
    free(estimate);
    return status;
}
