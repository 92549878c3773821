/* precess estimate for the kinds float and bfp: their clocks and energy beside those of gated at static 8/8. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/device.h"
#include "sim/cli/estimate.h"
#include "sim/cli/network.h"
#include "sim/cli/numbers.h"
#include "sim/cli/operands.h"
#include "sim/cli/summary.h"

enum { GATED_ACC_BITS = 32, GATED_BITS = PCS_PREC_MAX };

/* What it is compared with: of as many PEs, in the same surroundings. */
static const cli_estimate_kind_t *gated(const cli_estimate_t *estimate)
{
    return &estimate->kind[estimate->config.clock][PCS_KIND_GATED];
}

static bool is_float(const cli_estimate_t *estimate)
{
    return estimate->config.array_kind == PCS_KIND_FLOAT;
}

/* ---- what is asked -------------------------------------------------------------------------------------------------
 */

pcs_status_t cli_estimate_formats_refuse(const cli_estimate_formats_t *formats, pcs_kind_t kind, const char *where,
                                         pcs_error_t *err)
{
    const struct {
        const char *flag, *text;
        pcs_kind_t kind;
    } flags[] = {{"fw-format", formats->fw, PCS_KIND_FLOAT},
                 {"bw-format", formats->bw, PCS_KIND_FLOAT},
                 {"block", formats->block, PCS_KIND_BFP},
                 {"exponent-bits", formats->exponent, PCS_KIND_BFP}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (flags[i].kind == kind && flags[i].text != NULL) {
            return pcs_fail(err, PCS_INVALID, "estimate: --%s has no meaning %s; legal: with --kind %s", flags[i].flag,
                            where, pcs_kinds[kind].name);
        }
    }
    return PCS_OK;
}

static pcs_status_t read_blocks(cli_estimate_t *estimate, const cli_estimate_formats_t *formats,
                                const cli_operands_t *operands, pcs_error_t *err)
{
    pcs_status_t status = cli_estimate_formats_refuse(
        formats, PCS_KIND_FLOAT, "with --kind bfp, whose mantissas have the bits of --schedule", err);
    status = status == PCS_OK ? cli_operands_check(operands, PCS_KIND_BFP, err) : status;
    estimate->block = operands->block;
    estimate->block_bits = operands->block_bits;
    if (status == PCS_OK && operands->arith == PCS_ARITH_BFP) {
        return cli_estimate_formats_refuse(formats, PCS_KIND_BFP, "with a schedule bfp:N:E:SPEC", err);
    }
    if (status == PCS_OK && formats->block != NULL) {
        status = cli_numbers_whole("estimate", "block", formats->block, 1, CLI_BLOCK_MAX, &estimate->block, err);
    }
    if (status == PCS_OK && formats->exponent != NULL) {
        status = cli_numbers_whole("estimate", "exponent-bits", formats->exponent, CLI_EXPONENT_BITS_MIN,
                                   CLI_EXPONENT_BITS, &estimate->block_bits, err);
    }
    return status;
}

static pcs_status_t read_formats(cli_estimate_t *estimate, const cli_estimate_formats_t *formats,
                                 const cli_operands_t *operands, pcs_error_t *err)
{
    if (cli_estimate_formats_refuse(formats, PCS_KIND_BFP, "with --kind float", err) != PCS_OK) {
        return PCS_INVALID;
    }
    if (formats->schedule && formats->fw == NULL && formats->bw == NULL) {
        estimate->fw_format = operands->fw;
        estimate->bw_format = operands->bw;
        return cli_operands_check(operands, PCS_KIND_FLOAT, err);
    }
    if (formats->schedule) {
        return pcs_fail(err, PCS_INVALID,
                        "estimate: --schedule has no meaning with --%s; legal: --fw-format and --bw-format, or "
                        "--schedule float:FW/BW",
                        formats->fw != NULL ? "fw-format" : "bw-format");
    }
    if (formats->fw == NULL) {
        return pcs_fail(err, PCS_INVALID, "estimate: --fw-format is missing; legal: a format, see precess formats");
    }
    const pcs_status_t status = cli_operand_format("estimate: --fw-format", formats->fw, &estimate->fw_format, err);
    return status == PCS_OK
               ? cli_operand_format("estimate: --bw-format", formats->bw != NULL ? formats->bw : formats->fw,
                                    &estimate->bw_format, err)
               : status;
}

static pcs_status_t read_operands(cli_estimate_t *estimate, const cli_estimate_formats_t *formats, pcs_error_t *err)
{
    const pcs_config_t *config = &estimate->config;
    cli_operands_t operands;
    pcs_status_t status = cli_operands_parse(config->schedule, &operands, err);
    if (status != PCS_OK) {
        return status;
    }
    if (is_float(estimate)) {
        return read_formats(estimate, formats, &operands, err);
    }
    status = read_blocks(estimate, formats, &operands, err);
    return status == PCS_OK
               ? pcs_schedule_parse(operands.schedule, config->iterations, config->cycles, &estimate->schedule, err)
               : status;
}

/* ---- what it costs -------------------------------------------------------------------------------------------------
 */

static pcs_status_t add_row(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, unsigned fw, unsigned bw,
                            uint64_t iterations, pcs_error_t *err)
{
    cli_estimate_bits_t *row = &kind->row[kind->rows++];
    *row = (cli_estimate_bits_t){.fw_bits = fw, .bw_bits = bw, .iterations = iterations};
    const pcs_status_t status =
        cli_estimate_row(estimate, &kind->config, &kind->array, row, &kind->priced, &kind->unpriced, err);
    if (status == PCS_OK && !kind->priced) {
        return pcs_fail(err, PCS_INVALID, "%s", kind->unpriced.text);
    }
    for (int role = 0; role < PCS_ROLE_COUNT && status == PCS_OK; role++) {
        cli_estimate_add(&kind->pass[role], row, (pcs_role_t)role);
        cli_estimate_add(&kind->all, row, (pcs_role_t)role);
    }
    return status;
}

/* Every pair of widths of the schedule; of float, its formats. */
static pcs_status_t add_rows(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, pcs_error_t *err)
{
    const uint64_t iterations = estimate->config.iterations;
    if (kind->array.kind == PCS_KIND_GATED) {
        return add_row(estimate, kind, GATED_BITS, GATED_BITS, iterations, err);
    }
    if (is_float(estimate)) {
        return add_row(estimate, kind, pcs_format_bits(&pcs_formats[estimate->fw_format]),
                       pcs_format_bits(&pcs_formats[estimate->bw_format]), iterations, err);
    }
    pcs_schedule_counts_t counts;
    pcs_schedule_count(&estimate->schedule, &counts);
    pcs_status_t status = PCS_OK;
    for (unsigned fw = PCS_PREC_MIN; fw <= PCS_PREC_MAX; fw++) {
        for (unsigned bw = PCS_PREC_MIN; bw <= PCS_PREC_MAX && status == PCS_OK; bw++) {
            status = counts.n[fw][bw] == 0 ? PCS_OK : add_row(estimate, kind, fw, bw, counts.n[fw][bw], err);
        }
    }
    return status;
}

static pcs_status_t add_kind(cli_estimate_t *estimate, const pcs_array_config_t *array, pcs_error_t *err)
{
    cli_estimate_kind_t *kind = &estimate->kind[estimate->config.clock][array->kind];
    *kind = (cli_estimate_kind_t){.config = estimate->config, .array = *array, .priced = true};
    kind->config.acc_bits = array->acc_bits;
    pcs_error_t why = {{0}};
    if (cli_clock_resolve(estimate->table, array, &kind->config, &why) != PCS_OK) {
        return pcs_fail(err, PCS_INVALID, "array.clock: %s; legal: common", why.text);
    }
    return add_rows(estimate, kind, err);
}

pcs_status_t cli_estimate_aligned(cli_estimate_t *estimate, const cli_estimate_formats_t *formats, pcs_error_t *err)
{
    pcs_config_t *config = &estimate->config;
    pcs_array_config_t array;
    if (config->iterations == 0) {
        return pcs_fail(err, PCS_INVALID, "train.iterations: missing or 0; legal: --iterations 1..100000000");
    }
    if (!formats->acc_bits) {
        config->acc_bits = CLI_MEASURED_ACC_BITS;
    }
    pcs_status_t status = cli_operands_acc_bits((pcs_kind_t)config->array_kind, config->acc_bits, err);
    status = status == PCS_OK ? read_operands(estimate, formats, err) : status;
    status = status == PCS_OK ? cli_network_open(config->network, &estimate->shapes, err) : status;
    status = status == PCS_OK ? cli_array_config(config, &array, err) : status;
    status = status == PCS_OK ? cli_energy_open(config->energy_table, &estimate->table, err) : status;
    status = status == PCS_OK ? add_kind(estimate, &array, err) : status;
    if (status == PCS_OK) {
        array.kind = PCS_KIND_GATED;
        array.acc_bits = GATED_ACC_BITS;
        status = add_kind(estimate, &array, err);
    }
    return status == PCS_OK ? cli_estimate_layers(estimate, gated(estimate), gated(estimate)->row, err) : status;
}

/* ---- what is printed ----------------------------------------------------------------------------------------------
 */

static void print_cost(const char *name, const cli_estimate_cost_t *cost)
{
    char clocks[40];
    char time[40];
    char energy[PCS_ENERGY_BOUND_COUNT][40];
    cli_si(cost->cycles, "", clocks, sizeof clocks);
    cli_si(cost->time_us * 1e-6, "s", time, sizeof time);
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        cli_si(pcs_energy_total_pj(&cost->energy[bound]) * 1e-12, "J", energy[bound], sizeof energy[bound]);
    }
    (void)printf("  %-20s %10s %11s %11s %10s .. %s\n", name, clocks, time, energy[PCS_ENERGY_NOMINAL],
                 energy[PCS_ENERGY_LOW], energy[PCS_ENERGY_HIGH]);
}

static void print_head(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind)
{
    const pcs_config_t *config = &estimate->config;
    char macs[40];
    uint64_t segment = 0;
    for (size_t i = 0; i < kind->rows; i++) {
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            const uint64_t longest = kind->row[i].pass[role].segment;
            segment = longest > segment ? longest : segment;
        }
    }
    cli_grouped((double)pcs_shapes_macs(&estimate->shapes), macs, sizeof macs);
    (void)printf("%s, %s, ", config->network, pcs_kinds[kind->array.kind].name);
    if (is_float(estimate)) {
        (void)printf("%s and gradients in %s", pcs_formats[estimate->fw_format].name,
                     pcs_formats[estimate->bw_format].name);
    } else {
        (void)printf("mantissas of %s", config->schedule);
    }
    (void)printf(": %" PRIu64 " iterations of %" PRIu64 " samples\n", config->iterations, config->batch);
    (void)printf("array         %u x %u PEs, %s, at %g MHz, energy of %s\n", kind->array.rows, kind->array.cols,
                 pcs_dataflows[kind->array.dataflow].name, kind->config.clock_mhz, config->energy_table);
    double ns = 0;
    if (pcs_energy_period(estimate->table, &kind->array, &ns, NULL) == PCS_OK && ns * kind->config.clock_mhz > 1e3) {
        (void)printf("              by that table its PEs reach %.4g MHz: see --clock own\n", 1e3 / ns);
    }
    (void)printf("accumulators  %u bits, read after at most %" PRIu64 " steps of K\n", kind->array.acc_bits, segment);
    (void)printf("MACs          %s per %s, forward pass of %zu layers\n", macs, estimate->shapes.sample,
                 estimate->shapes.count);
    cli_estimate_print_memory(estimate);
    if (!is_float(estimate)) {
        (void)printf("              %" PRIu64 " mantissas along K share an exponent of %" PRIu64 " bits\n",
                     estimate->block, estimate->block_bits);
    }
}

void cli_estimate_aligned_print(const cli_estimate_t *estimate, const cli_estimate_show_t *show)
{
    const cli_estimate_kind_t *kind = cli_estimate_asked(estimate);
    const cli_estimate_kind_t *other = gated(estimate);
    print_head(estimate, kind);
    (void)printf("\n%-22s %10s %11s %11s %10s .. %s\n", "by pass", "clocks", "time", "energy", "low", "high");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        print_cost(pcs_role_name((pcs_role_t)role), &kind->pass[role]);
    }
    print_cost("all", &kind->all);
    if (!is_float(estimate)) {
        (void)printf("\nby bits\n");
    }
    for (size_t i = 0; i < kind->rows && !is_float(estimate); i++) {
        const cli_estimate_cost_t cost = cli_estimate_row_cost(&kind->row[i], kind->row[i].iterations);
        char name[48];
        (void)snprintf(name, sizeof name, "%u/%u, %" PRIu64 " it.", kind->row[i].fw_bits, kind->row[i].bw_bits,
                       kind->row[i].iterations);
        print_cost(name, &cost);
    }
    if (show->layers) {
        cli_estimate_print_layers(estimate);
        (void)printf("  savings against gated, 8/8 bits, of as many PEs\n");
    }
    (void)printf("\nby component\n");
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        char energy[40];
        const double pj = kind->all.energy[PCS_ENERGY_NOMINAL].pj[i];
        cli_si(pj * 1e-12, "J", energy, sizeof energy);
        (void)printf("  %-20s %10s %9.2f %%\n", pcs_energy_components[i].name, energy,
                     100.0 * pj / cli_estimate_pj(&kind->all));
    }
    (void)printf("\nbeside it, of as many PEs\n");
    print_cost("gated, 8/8 bits", &other->all);
    (void)printf("  %s takes %.3f of its time and %.3f of its energy\n", pcs_kinds[kind->array.kind].name,
                 kind->all.time_us / other->all.time_us, cli_estimate_pj(&kind->all) / cli_estimate_pj(&other->all));
    cli_estimate_print_bound(kind);
}

static cJSON *cost_json(const cli_estimate_cost_t *cost)
{
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(object, "cycles", cost->cycles);
    (void)cJSON_AddNumberToObject(object, "time_us", cost->time_us);
    cli_estimate_add_energy(object, cost->energy);
    return object;
}

cJSON *cli_estimate_aligned_json(const cli_estimate_t *estimate)
{
    const cli_estimate_kind_t *kind = cli_estimate_asked(estimate);
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "network", estimate->config.network);
    (void)cJSON_AddStringToObject(object, "kind", pcs_kinds[kind->array.kind].name);
    (void)cJSON_AddStringToObject(object, "dataflow", pcs_dataflows[kind->array.dataflow].name);
    if (is_float(estimate)) {
        (void)cJSON_AddStringToObject(object, "fw_format", pcs_formats[estimate->fw_format].name);
        (void)cJSON_AddStringToObject(object, "bw_format", pcs_formats[estimate->bw_format].name);
    } else {
        (void)cJSON_AddStringToObject(object, "schedule", estimate->config.schedule);
        (void)cJSON_AddNumberToObject(object, "block", (double)estimate->block);
        (void)cJSON_AddNumberToObject(object, "exponent_bits", (double)estimate->block_bits);
    }
    (void)cJSON_AddNumberToObject(object, "iterations", (double)estimate->config.iterations);
    (void)cJSON_AddNumberToObject(object, "batch", (double)estimate->config.batch);
    (void)cJSON_AddNumberToObject(object, "rows", kind->array.rows);
    (void)cJSON_AddNumberToObject(object, "cols", kind->array.cols);
    (void)cJSON_AddNumberToObject(object, "acc_bits", kind->array.acc_bits);
    (void)cJSON_AddNumberToObject(object, "clock_mhz", kind->config.clock_mhz);
    (void)cJSON_AddStringToObject(object, "energy_table", estimate->config.energy_table);
    cJSON *pass = cJSON_AddObjectToObject(object, "pass");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        (void)cJSON_AddItemToObject(pass, pcs_role_name((pcs_role_t)role), cost_json(&kind->pass[role]));
    }
    (void)cJSON_AddItemToObject(object, "all", cost_json(&kind->all));
    cJSON *rows = cJSON_AddArrayToObject(object, "bits");
    for (size_t i = 0; i < kind->rows; i++) {
        const cli_estimate_cost_t cost = cli_estimate_row_cost(&kind->row[i], kind->row[i].iterations);
        cJSON *row = cost_json(&cost);
        (void)cJSON_AddNumberToObject(row, "fw_bits", kind->row[i].fw_bits);
        (void)cJSON_AddNumberToObject(row, "bw_bits", kind->row[i].bw_bits);
        (void)cJSON_AddNumberToObject(row, "iterations", (double)kind->row[i].iterations);
        cli_estimate_add_passes(row, kind, &kind->row[i]);
        (void)cJSON_AddItemToArray(rows, row);
    }
    (void)cJSON_AddItemToObject(object, "gated_static88", cost_json(&gated(estimate)->all));
    cli_estimate_add_layers(object, estimate, "gated_static88");
    return object;
}
