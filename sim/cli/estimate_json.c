/* The JSON form of an estimate: every count of every kind. */
#include <inttypes.h>
#include <stdio.h>

#include "models/spec/spec.h"
#include "sim/cli/band.h"
#include "sim/cli/estimate.h"
#include "sim/cli/keys.h"
#include "sim/cli/model.h"
#include "sim/cli/summary.h"

static void number(cJSON *object, const char *name, double value)
{
    (void)cJSON_AddNumberToObject(object, name, value);
}

static cJSON *energy_json(const pcs_energy_t *energy)
{
    cJSON *object = cJSON_CreateObject();
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        number(object, pcs_energy_components[i].name, energy->pj[i]);
    }
    number(object, "total", pcs_energy_total_pj(energy));
    return object;
}

/* Energy by component, and the same at either end of the table's bars. */
void cli_estimate_add_energy(cJSON *object, const pcs_energy_t energy[PCS_ENERGY_BOUND_COUNT])
{
    static const char *const names[PCS_ENERGY_BOUND_COUNT] = {
        [PCS_ENERGY_NOMINAL] = "energy_pj", [PCS_ENERGY_LOW] = "energy_low_pj", [PCS_ENERGY_HIGH] = "energy_high_pj"};
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        (void)cJSON_AddItemToObject(object, names[bound], energy_json(&energy[bound]));
    }
}

static void add_energy_saving(cJSON *saving, const cli_estimate_cost_t *cost, const cli_estimate_cost_t *base)
{
    double low;
    double high;
    cli_band(cost->energy, base->energy, &low, &high);
    number(saving, "energy", cli_saving(cli_estimate_pj(cost), cli_estimate_pj(base)));
    number(saving, "energy_low", low);
    number(saving, "energy_high", high);
}

static void add_cost(cJSON *object, const cli_estimate_kind_t *kind, const cli_estimate_cost_t *cost)
{
    number(object, "bitops", cost->bitops);
    number(object, "cycles", cost->cycles);
    number(object, "time_us", cost->time_us);
    cJSON *bound = cJSON_AddObjectToObject(object, "cycles_limited_by");
    number(bound, "compute", cost->bound[PCS_BOUND_COMPUTE]);
    number(bound, "sram", cost->bound[PCS_BOUND_SRAM]);
    number(bound, "dram", cost->bound[PCS_BOUND_DRAM]);
    if (kind->priced) {
        cli_estimate_add_energy(object, cost->energy);
    }
}

/* A cost with that of a base and what it saves. */
static void add_against(cJSON *object, const cli_estimate_kind_t *kind, const cli_estimate_cost_t *cost,
                        const char *name, const cli_estimate_cost_t *base)
{
    add_cost(object, kind, cost);
    add_cost(cJSON_AddObjectToObject(object, name), kind, base);
    cJSON *saving = cJSON_AddObjectToObject(object, "saving_percent");
    number(saving, "bitops", cli_saving(cost->bitops, base->bitops));
    number(saving, "time", cli_saving(cost->time_us, base->time_us));
    if (kind->priced) {
        add_energy_saving(saving, cost, base);
    }
}

static void add_compared(cJSON *object, const cli_estimate_kind_t *kind, const cli_estimate_cost_t *cost,
                         const cli_estimate_cost_t *base)
{
    add_against(object, kind, cost, "static88", base);
}

/* One pass of one iteration: every count. */
static cJSON *pass_json(const cli_estimate_kind_t *kind, const cli_estimate_bits_t *row, int role)
{
    const pcs_estimate_t *pass = &row->pass[role];
    cJSON *object = cJSON_CreateObject();
    number(object, "gemms", (double)pass->gemms);
    number(object, "unproven_gemms", (double)pass->unproven);
    number(object, "segment_steps", (double)pass->segment);
    number(object, "macs", (double)pass->macs);
    number(object, "array_cycles", (double)pass->array_clocks);
    for (int i = 0; i < PCS_EVENT_COUNT; i++) {
        number(object, pcs_events[i].name, (double)pass->counts.n[i]);
    }
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        number(object, pcs_system_events[i].name, (double)pass->system[i]);
    }
    if (kind->priced) {
        cli_estimate_add_energy(object, row->energy[role]);
    }
    return object;
}

void cli_estimate_add_passes(cJSON *object, const cli_estimate_kind_t *kind, const cli_estimate_bits_t *row)
{
    cJSON *passes = cJSON_AddObjectToObject(object, "per_iteration");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        (void)cJSON_AddItemToObject(passes, pcs_role_name((pcs_role_t)role), pass_json(kind, row, role));
    }
}

static cJSON *row_json(const cli_estimate_kind_t *kind, const cli_estimate_bits_t *row)
{
    const cli_estimate_cost_t cost = cli_estimate_row_cost(row, row->iterations);
    const cli_estimate_cost_t base = cli_estimate_row_cost(&kind->base_row, row->iterations);
    cJSON *object = cJSON_CreateObject();
    number(object, "fw_bits", row->fw_bits);
    number(object, "bw_bits", row->bw_bits);
    number(object, "iterations", (double)row->iterations);
    add_compared(object, kind, &cost, &base);
    cli_estimate_add_passes(object, kind, row);
    return object;
}

static cJSON *baseline_json(const cli_estimate_kind_t *kind, cli_baseline_id_t id)
{
    const cli_baseline_t *base = &kind->baseline[id];
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "name", cli_baseline_names[id]);
    if (!base->known) {
        (void)cJSON_AddStringToObject(object, "unknown", base->unknown.text);
        return object;
    }
    (void)cJSON_AddStringToObject(object, "kind", pcs_kinds[base->array.kind].name);
    number(object, "rows", base->array.rows);
    number(object, "cols", base->array.cols);
    number(object, "clock_mhz", base->clock_mhz);
    number(object, "ratio", base->ratio);
    number(object, "cycles", base->cost.cycles);
    number(object, "time_us", base->cost.time_us);
    if (base->priced) {
        cli_estimate_add_energy(object, base->cost.energy);
    }
    cJSON *saving = cJSON_AddObjectToObject(object, "saving_percent");
    number(saving, "time", cli_saving(kind->all.time_us, base->cost.time_us));
    if (base->priced && kind->priced) {
        add_energy_saving(saving, &kind->all, &base->cost);
    }
    return object;
}

static void add_area(cJSON *object, const cli_estimate_t *estimate, const cli_estimate_kind_t *kind)
{
    pcs_area_t area;
    pcs_error_t err = {{0}};
    if (cli_estimate_area(estimate, kind, &area, &err) != PCS_OK) {
        (void)cJSON_AddStringToObject(object, "no_area", err.text);
        return;
    }
    cJSON *um2 = cJSON_AddObjectToObject(object, "area_um2");
    number(um2, "pes", area.pe_um2);
    number(um2, "edge", area.edge_um2);
    number(um2, "scratchpads", area.sram_um2);
    number(um2, "node_nm", area.node_nm);
    number(um2, "scratchpads_node_nm", area.sram_node_nm);
}

/* A kind at one clock, without its splits. */
static cJSON *summary_json(const cli_estimate_kind_t *kind)
{
    cJSON *object = cJSON_CreateObject();
    if (!kind->known) {
        (void)cJSON_AddStringToObject(object, "unknown", kind->unknown.text);
        return object;
    }
    number(object, "clock_mhz", kind->config.clock_mhz);
    number(object, "dram_bytes_a_clock", kind->config.dram_bytes);
    add_compared(object, kind, &kind->all, &kind->baseline[CLI_BASE_SAME].cost);
    cJSON *baselines = cJSON_AddObjectToObject(object, "baselines");
    for (int id = 0; id < CLI_BASE_COUNT; id++) {
        (void)cJSON_AddItemToObject(baselines, cli_baseline_keys[id], baseline_json(kind, (cli_baseline_id_t)id));
    }
    if (!kind->priced) {
        (void)cJSON_AddStringToObject(object, "no_energy", kind->unpriced.text);
    }
    return object;
}

void cli_estimate_add_layers(cJSON *object, const cli_estimate_t *estimate, const char *base)
{
    cJSON *layers = cJSON_AddArrayToObject(object, "layers_of_asked_kind");
    for (size_t i = 0; i < estimate->shapes.count; i++) {
        const cli_estimate_layer_t *layer = &estimate->layer[i];
        cJSON *each = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(each, "name", estimate->shapes.layers[i].name);
        number(each, "macs_per_sample", (double)pcs_shape_macs(&estimate->shapes.layers[i]));
        add_against(each, cli_estimate_asked(estimate), &layer->cost, base, &layer->base);
        (void)cJSON_AddItemToArray(layers, each);
    }
}

static cJSON *kind_json(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind)
{
    cJSON *object = summary_json(kind);
    add_area(object, estimate, kind);
    if (!kind->known) {
        return object;
    }
    cJSON *passes = cJSON_AddObjectToObject(object, "passes");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cJSON *pass = cJSON_AddObjectToObject(passes, pcs_role_name((pcs_role_t)role));
        add_compared(pass, kind, &kind->pass[role], &kind->base_pass[role]);
    }
    cJSON *bits = cJSON_AddArrayToObject(object, "bits");
    for (size_t i = 0; i < kind->rows; i++) {
        (void)cJSON_AddItemToArray(bits, row_json(kind, &kind->row[i]));
    }
    return object;
}

static void add_hash(cJSON *object, const char *name, uint64_t hash)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%016" PRIx64, hash);
    (void)cJSON_AddStringToObject(object, name, text);
}

/* Every key that the estimate depends on, as the command line would write it. */
static void add_keys(cJSON *object, const pcs_config_t *config)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_estimate_takes(cli_config_keys[i].key)) {
            char value[PCS_CONFIG_TEXT_MAX];
            cli_key_text(&cli_config_keys[i], config, value, sizeof value);
            (void)cJSON_AddStringToObject(object, cli_config_keys[i].key, value);
        }
    }
}

cJSON *cli_estimate_json(const cli_estimate_t *estimate)
{
    cJSON *object = cJSON_CreateObject();
    add_keys(cJSON_AddObjectToObject(object, "configuration"), &estimate->config);
    add_hash(object, "spec_hash", pcs_spec_hash());
    add_hash(object, "energy_table_hash", pcs_energy_table_hash(estimate->table));
    number(object, "layers", (double)estimate->shapes.count);
    number(object, "macs_per_sample", (double)pcs_shapes_macs(&estimate->shapes));
    cJSON *published = cJSON_AddObjectToObject(object, "published_convention");
    number(published, "gbitops", cli_estimate_published(estimate) * 1e-9);
    number(published, "saving_percent", 100.0 * (1.0 - pcs_schedule_bitops(&estimate->schedule)));
    (void)cJSON_AddStringToObject(object, "baseline", cli_baseline_names[CLI_BASE_SAME]);
    cJSON *kinds = cJSON_AddObjectToObject(object, "kinds"); /* at the clock that was asked for */
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        if (!pcs_kind_is_integer((pcs_kind_t)k)) {
            continue;
        }
        (void)cJSON_AddItemToObject(kinds, pcs_kinds[k].name,
                                    kind_json(estimate, &estimate->kind[estimate->config.clock][k]));
    }
    cJSON *clocks = cJSON_AddObjectToObject(object, "kinds_by_clock");
    for (int clock = 0; clock < CLI_CLOCK_COUNT; clock++) {
        cJSON *each = cJSON_AddObjectToObject(clocks, cli_clock_keys[clock]);
        for (int k = 0; k < PCS_KIND_COUNT; k++) {
            if (!pcs_kind_is_integer((pcs_kind_t)k)) {
                continue;
            }
            (void)cJSON_AddItemToObject(each, pcs_kinds[k].name, summary_json(&estimate->kind[clock][k]));
        }
    }
    cli_estimate_add_layers(object, estimate, "static88");
    return object;
}
