#include "sim/cli/estimate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/args.h"
#include "sim/cli/device.h"
#include "sim/cli/model.h"
#include "sim/cli/network.h"
#include "workloads/train/train.h"

enum { STATIC_BITS = PCS_PREC_MAX };

const char *const cli_clock_keys[CLI_CLOCK_COUNT] = {"common", "own"};

bool cli_estimate_takes(const char *key)
{
    static const char *const whole[] = {"network", "train.iterations", "train.batch"};
    static const char *const sections[] = {"precision.", "array.", "memory.", "energy."};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (strcmp(whole[i], key) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (strncmp(sections[i], key, strlen(sections[i])) == 0) {
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

pcs_estimate_device_t cli_estimate_device(const cli_estimate_t *estimate, const pcs_config_t *config,
                                          const pcs_array_config_t *array)
{
    return (pcs_estimate_device_t){
        .array = *array,
        .numerics = pcs_train_numerics(config),
        .serial = (pcs_serial_t)config->serial,
        .memory = cli_memory(config, array, estimate->table),
        .fw_format = estimate->fw_format,
        .bw_format = estimate->bw_format,
        .block = (size_t)estimate->block,
        .block_bits = (unsigned)estimate->block_bits,
    };
}

static pcs_status_t price(const cli_estimate_t *estimate, const pcs_config_t *config, const pcs_array_config_t *array,
                          cli_estimate_bits_t *row, pcs_error_t *err)
{
    const pcs_estimate_device_t device = cli_estimate_device(estimate, config, array);
    pcs_status_t status = PCS_OK;
    pcs_energy_use_t use = {.array = array, .clock_mhz = config->clock_mhz};
    cli_sram_kb(config, use.sram_kb);
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        use.counts = &row->pass[role].counts;
        use.system = row->pass[role].system;
        pcs_estimate_fields(&device, (pcs_role_t)role, row->fw_bits, row->bw_bits, &use.pa, &use.pb);
        for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT && status == PCS_OK; bound++) {
            use.bound = (pcs_energy_bound_t)bound;
            status = pcs_energy_account(estimate->table, &use, &row->energy[role][bound], err);
        }
    }
    return status;
}

pcs_status_t cli_estimate_row(const cli_estimate_t *estimate, const pcs_config_t *config,
                              const pcs_array_config_t *array, cli_estimate_bits_t *row, bool *priced,
                              pcs_error_t *unpriced, pcs_error_t *err)
{
    const pcs_estimate_device_t device = cli_estimate_device(estimate, config, array);
    const pcs_status_t status = pcs_estimate_iteration(&estimate->shapes, &device, (uint32_t)config->batch,
                                                       row->fw_bits, row->bw_bits, row->pass, err);
    row->clock_mhz = config->clock_mhz;
    if (status == PCS_OK && *priced) {
        *priced = price(estimate, config, array, row, unpriced) == PCS_OK;
    }
    return status;
}

void cli_estimate_add(cli_estimate_cost_t *sum, const cli_estimate_bits_t *row, pcs_role_t role)
{
    unsigned pa;
    unsigned pb;
    const double n = (double)row->iterations;
    pcs_estimate_bits(role, row->fw_bits, row->bw_bits, &pa, &pb);
    sum->cycles += n * (double)row->pass[role].counts.n[PCS_EVENT_CYCLE];
    sum->time_us = sum->cycles / row->clock_mhz; /* one clock in all that is summed */
    sum->bitops += n * (double)(row->pass[role].macs * pa * pb);
    for (int i = 0; i < PCS_BOUND_COUNT; i++) {
        sum->bound[i] += n * (double)row->pass[role].bound[i];
    }
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
            sum->energy[bound].pj[i] += n * row->energy[role][bound].pj[i];
        }
    }
}

cli_estimate_cost_t cli_estimate_row_cost(const cli_estimate_bits_t *row, uint64_t iterations)
{
    cli_estimate_cost_t sum = {0};
    cli_estimate_bits_t weighted = *row;
    weighted.iterations = iterations;
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cli_estimate_add(&sum, &weighted, (pcs_role_t)role);
    }
    return sum;
}

static void add_row(const cli_estimate_bits_t *row, cli_estimate_cost_t pass[PCS_ROLE_COUNT], cli_estimate_cost_t *all)
{
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cli_estimate_add(&pass[role], row, (pcs_role_t)role);
        if (all != NULL) {
            cli_estimate_add(all, row, (pcs_role_t)role);
        }
    }
}

/* Only the kind and the clock that were asked for must be known. */
static bool is_asked(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind)
{
    return kind == cli_estimate_asked(estimate);
}

static pcs_status_t evaluate(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, cli_estimate_bits_t *row,
                             pcs_error_t *err)
{
    const pcs_status_t status =
        cli_estimate_row(estimate, &kind->config, &kind->array, row, &kind->priced, &kind->unpriced, err);
    if (status != PCS_OK) {
        return status;
    }
    return kind->priced || !is_asked(estimate, kind) ? PCS_OK : pcs_fail(err, PCS_INVALID, "%s", kind->unpriced.text);
}

static pcs_status_t estimate_kind(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, pcs_error_t *err)
{
    pcs_schedule_counts_t counts;
    pcs_schedule_count(&estimate->schedule, &counts);
    kind->config = estimate->config;
    kind->config.clock = kind->clock;
    kind->known = cli_clock_resolve(estimate->table, &kind->array, &kind->config, &kind->unknown) == PCS_OK;
    if (!kind->known) {
        return is_asked(estimate, kind)
                   ? pcs_fail(err, PCS_INVALID, "array.clock: %s; legal: common", kind->unknown.text)
                   : PCS_OK;
    }
    kind->priced = true;
    kind->base_row = (cli_estimate_bits_t){
        .fw_bits = STATIC_BITS, .bw_bits = STATIC_BITS, .iterations = estimate->config.iterations};
    pcs_status_t status = evaluate(estimate, kind, &kind->base_row, err);
    add_row(&kind->base_row, kind->base_pass, NULL);
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
    return status == PCS_OK ? cli_estimate_baselines(estimate, kind, err) : status;
}

/* One layer over the iterations of a row of a kind. */
static pcs_status_t add_layer(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind, const pcs_shape_t *layer,
                              const cli_estimate_bits_t *bits, cli_estimate_cost_t *sum, pcs_error_t *err)
{
    const pcs_config_t *config = &kind->config;
    const pcs_estimate_device_t device = cli_estimate_device(estimate, config, &kind->array);
    cli_estimate_bits_t row = {.fw_bits = bits->fw_bits,
                               .bw_bits = bits->bw_bits,
                               .iterations = bits->iterations,
                               .clock_mhz = config->clock_mhz};
    pcs_status_t status =
        pcs_estimate_layer(layer, &device, (uint32_t)config->batch, row.fw_bits, row.bw_bits, row.pass, err);
    status = status == PCS_OK ? price(estimate, config, &kind->array, &row, err) : status;
    for (int role = 0; role < PCS_ROLE_COUNT && status == PCS_OK; role++) {
        cli_estimate_add(sum, &row, (pcs_role_t)role);
    }
    return status;
}

pcs_status_t cli_estimate_layers(cli_estimate_t *estimate, const cli_estimate_kind_t *base,
                                 const cli_estimate_bits_t *base_row, pcs_error_t *err)
{
    const cli_estimate_kind_t *kind = cli_estimate_asked(estimate);
    estimate->layer = calloc(estimate->shapes.count, sizeof *estimate->layer);
    if (estimate->layer == NULL) {
        return pcs_fail(err, PCS_MEMORY, "estimate: out of memory");
    }
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < estimate->shapes.count && status == PCS_OK; i++) {
        const pcs_shape_t *shape = &estimate->shapes.layers[i];
        status = add_layer(estimate, base, shape, base_row, &estimate->layer[i].base, err);
        for (size_t k = 0; k < kind->rows && status == PCS_OK; k++) {
            status = add_layer(estimate, kind, shape, &kind->row[k], &estimate->layer[i].cost, err);
        }
    }
    return status;
}

/* A kind that knows no digits, or narrower ones only, takes the widest that it can. */
static unsigned digit_of(const pcs_array_config_t *array, pcs_kind_t kind)
{
    return array->digit < pcs_kinds[kind].digit_max ? array->digit : pcs_kinds[kind].digit_max;
}

static pcs_status_t run(cli_estimate_t *estimate, pcs_error_t *err)
{
    const pcs_config_t *config = &estimate->config;
    pcs_array_config_t array;
    if (config->iterations == 0) {
        return pcs_fail(err, PCS_INVALID, "train.iterations: missing or 0; legal: --iterations 1..100000000");
    }
    pcs_status_t status = cli_network_open(config->network, &estimate->shapes, err);
    status = status == PCS_OK
                 ? pcs_schedule_parse(config->schedule, config->iterations, config->cycles, &estimate->schedule, err)
                 : status;
    status = status == PCS_OK ? cli_integer_array(config, &array, err) : status;
    status = status == PCS_OK ? cli_energy_open(config->energy_table, &estimate->table, err) : status;
    for (unsigned i = 0; i < CLI_CLOCK_COUNT * PCS_KIND_COUNT && status == PCS_OK; i++) {
        const pcs_kind_t number = (pcs_kind_t)(i % PCS_KIND_COUNT);
        if (!pcs_kind_is_integer(number)) {
            continue;
        }
        cli_estimate_kind_t *kind = &estimate->kind[i / PCS_KIND_COUNT][number];
        kind->clock = (cli_clock_id_t)(i / PCS_KIND_COUNT);
        kind->array = array;
        kind->array.kind = number;
        kind->array.digit = digit_of(&array, number);
        status = estimate_kind(estimate, kind, err);
    }
    const cli_estimate_kind_t *asked = cli_estimate_asked(estimate);
    return status == PCS_OK ? cli_estimate_layers(estimate, asked, &asked->base_row, err) : status;
}

static bool is_given(const cli_args_t *args, const char *key)
{
    bool found = false;
    for (size_t i = 0; i < args->given; i++) {
        found = found || strcmp(args->give[i].key->key, key) == 0;
    }
    return found;
}

/* What needs contracts again. */
static pcs_status_t print_contracts(const cli_estimate_t *estimate, const cli_estimate_show_t *show, pcs_error_t *err)
{
    const pcs_status_t status = show->blocks ? cli_estimate_print_blocks(estimate, err) : PCS_OK;
    return status == PCS_OK && show->conventions ? cli_estimate_print_conventions(estimate, err) : status;
}

static pcs_status_t command_aligned(const cli_args_t *args, const cli_estimate_show_t *show, bool json,
                                    cli_estimate_formats_t *formats, cli_estimate_t *estimate, pcs_error_t *err)
{
    formats->acc_bits = is_given(args, "array.acc-bits");
    formats->schedule = is_given(args, "precision.schedule");
    const pcs_status_t status = cli_estimate_aligned(estimate, formats, err);
    if (status == PCS_OK && json) {
        return cli_json_print(cli_estimate_aligned_json(estimate), err);
    }
    if (status != PCS_OK) {
        return status;
    }
    cli_estimate_aligned_print(estimate, show);
    return print_contracts(estimate, show, err);
}

static pcs_status_t command(int argc, char **argv, cli_estimate_t *estimate, pcs_error_t *err)
{
    bool json = false;
    cli_estimate_show_t show = {false, false, false};
    cli_estimate_formats_t formats = {.fw = NULL};
    const char *only[CLI_GIVEN_MAX];
    size_t keys = 0;
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_estimate_takes(cli_config_keys[i].key)) {
            only[keys++] = cli_config_keys[i].key;
        }
    }
    only[keys] = NULL;
    cli_args_t args = {
        .command = "estimate",
        .usage = "--network NAME --schedule SPEC --iterations N [--cycles C] [--batch B] [flags]",
        .about =
            "What training would cost on the array, without training: clocks, time, energy and BitOPs on every MAC\n"
            "kind, and the saving against the same array at static 8/8.  The counts are those of precess train, from\n"
            "the same closed forms: forward, dgrad and wgrad of every layer, no dgrad of the first.  The kind of\n"
            "--kind is split by pass, bit-width and component.  Kinds are compared at a common clock and, where the\n"
            "energy table has clock periods, each at its own fastest; --clock says which of the two is split.\n\n"
            "Networks: those of precess train; by shape resnet20-cifar, resnet38-cifar, resnet74-cifar,\n"
            "resnet110-cifar, mobilenetv2-cifar, mobilenetv2, resnet18, resnet34, resnet50, lstm-ptb,\n"
            "transformer-wikitext103; a SCALE-Sim topology (FILE.csv); a list of layers (FILE.yaml).\n"
            "Schedules: see precess schedule --help.  --iterations must be given.\n\n"
            "--kind float and --kind bfp give their own clocks and energy, beside gated at static 8/8: float in the\n"
            "formats of --fw-format (activations and weights) and --bw-format (gradients), or those of a schedule\n"
            "float:FW/BW, bfp with the schedule's bits as those of the mantissas, of which --block along K share an "
            "exponent of --exponent-bits; of a\n"
            "convolution's images, along the channels of a pixel, for wgrad along the pixels of a row.  The energy\n"
            "table must have rows of the operands; they were measured with accumulators of 48 bits.",
        .sets = {{cli_config_keys, cli_config_key_count, only, &estimate->config}},
        .switches = {{"layers", 0, &show.layers, NULL, NULL, "split the kind of --kind by layer, too"},
                     {"blocks", 0, &show.blocks, NULL, NULL,
                      "show the blocks chosen for each GEMM of one iteration at the last bits of the schedule"},
                     {"conventions", 0, &show.conventions, NULL, NULL,
                      "show the clocks of one iteration as SCALE-Sim and others would count them"},
                     {"fw-format", 0, NULL, &formats.fw, "F", "kind float: format of activations and weights"},
                     {"bw-format", 0, NULL, &formats.bw, "F", "kind float: format of gradients [that of the others]"},
                     {"block", 0, NULL, &formats.block, "N",
                      "kind bfp: mantissas that share an exponent, 1..1024 [16]"},
                     {"exponent-bits", 0, NULL, &formats.exponent, "N", "kind bfp: width of that exponent, 2..8 [8]"},
                     {"json", 0, &json, NULL, NULL, "print one JSON object, with every count of every kind"}},
    };
    pcs_config_defaults(&estimate->config);
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    status = status == PCS_OK ? cli_args_apply(&args, err) : status;
    if (status == PCS_OK && !pcs_kind_is_integer((pcs_kind_t)estimate->config.array_kind)) {
        return command_aligned(&args, &show, json, &formats, estimate, err);
    }
    status = status == PCS_OK ? cli_estimate_formats_refuse(&formats, PCS_KIND_FLOAT, "for integers", err) : status;
    status = status == PCS_OK ? cli_estimate_formats_refuse(&formats, PCS_KIND_BFP, "for integers", err) : status;
    status = status == PCS_OK ? run(estimate, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    if (json) {
        return cli_json_print(cli_estimate_json(estimate), err);
    }
    cli_estimate_print(estimate, &show);
    return print_contracts(estimate, &show, err);
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
    free(estimate->layer);
    free(estimate);
    return status;
}
