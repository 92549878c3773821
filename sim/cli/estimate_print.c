/* The two forms of an estimate: terminal and JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "models/spec/spec.h"
#include "sim/cli/estimate.h"
#include "sim/cli/keys.h"
#include "sim/cli/model.h"
#include "sim/cli/summary.h"

static const char baseline[] = "the same array at static 8/8";

static double time_us(const cli_estimate_t *estimate, const cli_estimate_cost_t *cost)
{
    return cost->cycles / estimate->config.clock_mhz;
}

static const cli_estimate_kind_t *asked(const cli_estimate_t *estimate)
{
    return &estimate->kind[estimate->config.array_kind];
}

/* What the iterations of one row cost, and would have cost at static 8/8. */
static cli_estimate_cost_t row_cost(const cli_estimate_bits_t *row, uint64_t iterations)
{
    cli_estimate_cost_t sum = {0};
    cli_estimate_bits_t weighted = *row;
    weighted.iterations = iterations;
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cli_estimate_add(&sum, &weighted, (pcs_role_t)role);
    }
    return sum;
}

/* A saving as it is printed: sums of doubles may leave a "-0.00". */
static double percent(double value, double base)
{
    const double saving = cli_saving(value, base);
    return fabs(saving) < 0.005 ? 0 : saving;
}

/* ---- terminal ---------------------------------------------------------------------------------------------------- */

static void print_heading(const char *what)
{
    (void)printf("\n%-22s %9s %10s %11s %10s | saving %8s %9s %9s\n", what, "BitOPs", "clocks", "time", "energy",
                 "BitOPs", "time", "energy");
}

static void print_cost(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind, const char *name,
                       const cli_estimate_cost_t *cost, const cli_estimate_cost_t *base)
{
    char bitops[40];
    char clocks[40];
    char time[40];
    char energy[40] = "-";
    char saving[40] = "-";
    cli_si(cost->bitops, "", bitops, sizeof bitops);
    cli_si(cost->cycles, "", clocks, sizeof clocks);
    cli_si(time_us(estimate, cost) * 1e-6, "s", time, sizeof time);
    if (kind->priced) {
        const double pj = pcs_energy_total_pj(&cost->energy);
        cli_si(pj * 1e-12, "J", energy, sizeof energy);
        (void)snprintf(saving, sizeof saving, "%.2f %%", percent(pj, pcs_energy_total_pj(&base->energy)));
    }
    (void)printf("  %-20s %9s %10s %11s %10s | %13.2f %% %7.2f %% %9s\n", name, bitops, clocks, time, energy,
                 percent(cost->bitops, base->bitops), percent(cost->cycles, base->cycles), saving);
}

static void print_rows(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind)
{
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s, by pass", pcs_kinds[kind->array.kind].name);
    print_heading(heading);
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        print_cost(estimate, kind, pcs_role_name((pcs_role_t)role), &kind->pass[role], &kind->base_pass[role]);
    }
    (void)snprintf(heading, sizeof heading, "%s, by bits", pcs_kinds[kind->array.kind].name);
    print_heading(heading);
    for (size_t i = 0; i < kind->rows; i++) {
        const cli_estimate_bits_t *row = &kind->row[i];
        const cli_estimate_cost_t cost = row_cost(row, row->iterations);
        const cli_estimate_cost_t base = row_cost(&kind->base_row, row->iterations);
        char name[48];
        (void)snprintf(name, sizeof name, "%u/%u, %" PRIu64 " it.", row->fw_bits, row->bw_bits, row->iterations);
        print_cost(estimate, kind, name, &cost, &base);
    }
}

static void print_components(const cli_estimate_kind_t *kind)
{
    const double total = pcs_energy_total_pj(&kind->all.energy);
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s, by component", pcs_kinds[kind->array.kind].name);
    (void)printf("\n%-22s %10s %9s %13s %9s\n", heading, "energy", "share", "at 8/8", "saving");
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        char energy[40];
        char base[40];
        cli_si(kind->all.energy.pj[i] * 1e-12, "J", energy, sizeof energy);
        cli_si(kind->base.energy.pj[i] * 1e-12, "J", base, sizeof base);
        (void)printf("  %-20s %10s %7.2f %% %13s %7.2f %%\n", pcs_energy_components[i].name, energy,
                     total > 0 ? 100.0 * kind->all.energy.pj[i] / total : 0, base,
                     percent(kind->all.energy.pj[i], kind->base.energy.pj[i]));
    }
}

/* Whether accumulators can overflow, over all iterations. */
static void print_accumulators(const cli_estimate_kind_t *kind)
{
    uint64_t segment = 0;
    uint64_t gemms = 0;
    uint64_t unproven = 0;
    for (size_t i = 0; i < kind->rows; i++) {
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            const pcs_estimate_t *pass = &kind->row[i].pass[role];
            segment = pass->segment > segment ? pass->segment : segment;
            gemms += pass->gemms * kind->row[i].iterations;
            unproven += pass->unproven * kind->row[i].iterations;
        }
    }
    (void)printf("accumulators  %u bits, read after at most %" PRIu64 " steps of K: ", kind->array.acc_bits, segment);
    if (unproven == 0) {
        (void)printf("proven free of overflow\n");
    } else {
        (void)printf("%" PRIu64 " of %" PRIu64 " GEMMs not proven free of overflow\n", unproven, gemms);
    }
}

void cli_estimate_print(const cli_estimate_t *estimate)
{
    const pcs_config_t *config = &estimate->config;
    char macs[40];
    cli_grouped((double)pcs_shapes_macs(&estimate->shapes), macs, sizeof macs);
    (void)printf("%s, %s: %" PRIu64 " iterations of %" PRIu64 " samples", config->network, config->schedule,
                 config->iterations, config->batch);
    if (pcs_schedule_cyclic(&estimate->schedule)) {
        (void)printf(", %" PRIu64 " cycles", config->cycles);
    }
    (void)printf("\narray         %" PRIu64 " x %" PRIu64 " PEs at %g MHz, energy of %s\n", config->array_rows,
                 config->array_cols, config->clock_mhz, config->energy_table);
    print_accumulators(asked(estimate));
    (void)printf("MACs          %s per %s, forward pass of %zu layers\n", macs, estimate->shapes.sample,
                 estimate->shapes.count);
    const double gbitops = cli_estimate_published(estimate) * 1e-9;
    const bool large = gbitops >= 1e6; /* as the published tables have it */
    (void)printf("BitOPs        %.4g%s GBitOPs by the published convention (forward, dgrad and wgrad of every\n"
                 "              layer), saving %.2f %%; below, of the GEMMs that run\n",
                 large ? gbitops * 1e-8 : gbitops, large ? "e8" : "",
                 100.0 * (1.0 - pcs_schedule_bitops(&estimate->schedule)));
    (void)printf("baseline      %s\n", baseline);
    print_heading("MAC kind");
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        const cli_estimate_kind_t *kind = &estimate->kind[k];
        print_cost(estimate, kind, pcs_kinds[k].name, &kind->all, &kind->base);
        if (!kind->priced) {
            (void)printf("    no energy: %s\n", kind->unpriced.text);
        }
    }
    print_rows(estimate, asked(estimate));
    print_components(asked(estimate));
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

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

static void add_cost(cJSON *object, const cli_estimate_t *estimate, const cli_estimate_kind_t *kind,
                     const cli_estimate_cost_t *cost)
{
    number(object, "bitops", cost->bitops);
    number(object, "cycles", cost->cycles);
    number(object, "time_us", time_us(estimate, cost));
    if (kind->priced) {
        (void)cJSON_AddItemToObject(object, "energy_pj", energy_json(&cost->energy));
    }
}

/* A cost with its baseline and what it saves. */
static void add_compared(cJSON *object, const cli_estimate_t *estimate, const cli_estimate_kind_t *kind,
                         const cli_estimate_cost_t *cost, const cli_estimate_cost_t *base)
{
    add_cost(object, estimate, kind, cost);
    add_cost(cJSON_AddObjectToObject(object, "static88"), estimate, kind, base);
    cJSON *saving = cJSON_AddObjectToObject(object, "saving_percent");
    number(saving, "bitops", cli_saving(cost->bitops, base->bitops));
    number(saving, "time", cli_saving(cost->cycles, base->cycles));
    if (kind->priced) {
        number(saving, "energy", cli_saving(pcs_energy_total_pj(&cost->energy), pcs_energy_total_pj(&base->energy)));
    }
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
    for (int i = 0; i < PCS_EVENT_COUNT; i++) {
        number(object, pcs_events[i].name, (double)pass->counts.n[i]);
    }
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        number(object, pcs_system_events[i].name, (double)pass->system[i]);
    }
    if (kind->priced) {
        (void)cJSON_AddItemToObject(object, "energy_pj", energy_json(&row->energy[role]));
    }
    return object;
}

static cJSON *row_json(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind, const cli_estimate_bits_t *row)
{
    const cli_estimate_cost_t cost = row_cost(row, row->iterations);
    const cli_estimate_cost_t base = row_cost(&kind->base_row, row->iterations);
    cJSON *object = cJSON_CreateObject();
    number(object, "fw_bits", row->fw_bits);
    number(object, "bw_bits", row->bw_bits);
    number(object, "iterations", (double)row->iterations);
    add_compared(object, estimate, kind, &cost, &base);
    cJSON *passes = cJSON_AddObjectToObject(object, "per_iteration");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        (void)cJSON_AddItemToObject(passes, pcs_role_name((pcs_role_t)role), pass_json(kind, row, role));
    }
    return object;
}

static cJSON *kind_json(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind)
{
    cJSON *object = cJSON_CreateObject();
    add_compared(object, estimate, kind, &kind->all, &kind->base);
    if (!kind->priced) {
        (void)cJSON_AddStringToObject(object, "no_energy", kind->unpriced.text);
    }
    cJSON *passes = cJSON_AddObjectToObject(object, "passes");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cJSON *pass = cJSON_AddObjectToObject(passes, pcs_role_name((pcs_role_t)role));
        add_compared(pass, estimate, kind, &kind->pass[role], &kind->base_pass[role]);
    }
    cJSON *bits = cJSON_AddArrayToObject(object, "bits");
    for (size_t i = 0; i < kind->rows; i++) {
        (void)cJSON_AddItemToArray(bits, row_json(estimate, kind, &kind->row[i]));
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
    (void)cJSON_AddStringToObject(object, "baseline", baseline);
    cJSON *kinds = cJSON_AddObjectToObject(object, "kinds");
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        (void)cJSON_AddItemToObject(kinds, pcs_kinds[k].name, kind_json(estimate, &estimate->kind[k]));
    }
    return object;
}
