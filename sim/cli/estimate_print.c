/* The report of an estimate on the terminal. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "models/format/float.h"
#include "models/spec/spec.h"
#include "sim/cli/device.h"
#include "sim/cli/estimate.h"
#include "sim/cli/model.h"
#include "sim/cli/schedule.h"
#include "sim/cli/summary.h"

static void print_heading(const char *what)
{
    (void)printf("\n%-22s %9s %10s %11s %10s | saving %8s %9s %9s\n", what, "BitOPs", "clocks", "time", "energy",
                 "BitOPs", "time", "energy");
}

static void print_cost(const cli_estimate_kind_t *kind, const char *name, const cli_estimate_cost_t *cost,
                       const cli_estimate_cost_t *base)
{
    char bitops[40];
    char clocks[40];
    char time[40];
    char energy[40] = "-";
    char saving[40] = "-";
    cli_si(cost->bitops, "", bitops, sizeof bitops);
    cli_si(cost->cycles, "", clocks, sizeof clocks);
    cli_si(cost->time_us * 1e-6, "s", time, sizeof time);
    if (kind->priced) {
        const double pj = cli_estimate_pj(cost);
        cli_si(pj * 1e-12, "J", energy, sizeof energy);
        (void)snprintf(saving, sizeof saving, "%.2f %%", cli_estimate_percent(pj, cli_estimate_pj(base)));
    }
    (void)printf("  %-20s %9s %10s %11s %10s | %13.2f %% %7.2f %% %9s\n", name, bitops, clocks, time, energy,
                 cli_estimate_percent(cost->bitops, base->bitops), cli_estimate_percent(cost->time_us, base->time_us),
                 saving);
}

static void print_rows(const cli_estimate_kind_t *kind)
{
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s, by pass", pcs_kinds[kind->array.kind].name);
    print_heading(heading);
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        print_cost(kind, pcs_role_name((pcs_role_t)role), &kind->pass[role], &kind->base_pass[role]);
    }
    (void)snprintf(heading, sizeof heading, "%s, by bits", pcs_kinds[kind->array.kind].name);
    print_heading(heading);
    for (size_t i = 0; i < kind->rows; i++) {
        const cli_estimate_bits_t *row = &kind->row[i];
        const cli_estimate_cost_t cost = cli_estimate_row_cost(row, row->iterations);
        const cli_estimate_cost_t base = cli_estimate_row_cost(&kind->base_row, row->iterations);
        char name[48];
        (void)snprintf(name, sizeof name, "%u/%u, %" PRIu64 " it.", row->fw_bits, row->bw_bits, row->iterations);
        print_cost(kind, name, &cost, &base);
    }
}

static void print_components(const cli_estimate_kind_t *kind)
{
    const cli_estimate_cost_t *same = &kind->baseline[CLI_BASE_SAME].cost;
    const double total = cli_estimate_pj(&kind->all);
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s, by component", pcs_kinds[kind->array.kind].name);
    (void)printf("\n%-22s %10s %10s .. %-10s %9s %13s %9s\n", heading, "energy", "low", "high", "share", "at 8/8",
                 "saving");
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        char energy[PCS_ENERGY_BOUND_COUNT][40];
        char base[40];
        const double pj = kind->all.energy[PCS_ENERGY_NOMINAL].pj[i];
        const double base_pj = same->energy[PCS_ENERGY_NOMINAL].pj[i];
        for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
            cli_si(kind->all.energy[bound].pj[i] * 1e-12, "J", energy[bound], sizeof energy[bound]);
        }
        cli_si(base_pj * 1e-12, "J", base, sizeof base);
        (void)printf("  %-20s %10s %10s .. %-10s %7.2f %% %13s %7.2f %%\n", pcs_energy_components[i].name,
                     energy[PCS_ENERGY_NOMINAL], energy[PCS_ENERGY_LOW], energy[PCS_ENERGY_HIGH],
                     total > 0 ? 100.0 * pj / total : 0, base, cli_estimate_percent(pj, base_pj));
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

/* The smallest capacity that the table has a row for; *(double *)user: HUGE_VAL before. */
static pcs_status_t least_capacity(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err)
{
    double *least = user;
    (void)err;
    *least = figure->kb < *least ? figure->kb : *least;
    return PCS_OK;
}

/* How scratchpads are charged that the table has no capacity for: see pcs_energy_use_t. */
static void print_charged(const cli_estimate_t *estimate)
{
    double kb[PCS_ENERGY_SRAMS];
    double least = HUGE_VAL;
    pcs_error_t err = {{0}};
    bool boundless = false;
    bool small = false;
    cli_sram_kb(&estimate->config, kb);
    if (pcs_energy_visit_srams(estimate->table, least_capacity, &least, &err) != PCS_OK || least <= 0) {
        return; /* rows of any capacity */
    }
    for (int i = 0; i < PCS_ENERGY_SRAMS; i++) {
        boundless = boundless || kb[i] <= 0;
        small = small || (kb[i] > 0 && kb[i] < least);
    }
    if (boundless) {
        (void)printf("              a boundless scratchpad is charged, and takes area, as one of %d KB\n",
                     PCS_ENERGY_SRAM_KB);
    }
    if (small) {
        (void)printf("              a scratchpad below %g KB, the table's smallest, is charged as that\n", least);
    }
}

void cli_estimate_last(const cli_estimate_t *estimate, unsigned *fw, unsigned *bw, char *text, size_t size)
{
    if (pcs_kind_arith(cli_estimate_asked(estimate)->array.kind) == PCS_ARITH_FLOAT) {
        const pcs_format_row_t *formats[] = {&pcs_formats[estimate->fw_format], &pcs_formats[estimate->bw_format]};
        *fw = pcs_format_bits(formats[0]);
        *bw = pcs_format_bits(formats[1]);
        (void)snprintf(text, size, "%s/%s", formats[0]->name, formats[1]->name);
        return;
    }
    pcs_schedule_bits(&estimate->schedule, estimate->schedule.iterations - 1U, fw, bw);
    (void)snprintf(text, size, "%u/%u bits", *fw, *bw);
}

/* What is around the array, as far as it is not boundless. */
static void print_memory(const pcs_config_t *config)
{
    const struct {
        const char *name, *unit;
        double value;
    } sizes[] = {
        {"A", "KB", (double)config->sram_a_kb},        {"B", "KB", (double)config->sram_b_kb},
        {"results", "KB", (double)config->sram_y_kb},  {"port", "bytes a clock", config->sram_bytes},
        {"DRAM", "bytes a clock", config->dram_bytes},
    };
    bool any = false;
    (void)printf("memory        ");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (sizes[i].value > 0) {
            (void)printf("%s %g %s, ", sizes[i].name, sizes[i].value, sizes[i].unit);
            any = true;
        }
    }
    (void)printf("%s%s, %s\n", any ? "" : "boundless: each operand fetched once per GEMM, no waiting; ",
                 config->packing == 0 ? "codes packed" : "a byte per code",
                 config->buffers == 0 ? "double buffering" : "single buffering");
}

void cli_estimate_print_memory(const cli_estimate_t *estimate)
{
    print_memory(&estimate->config);
    print_charged(estimate);
}

void cli_estimate_print_layers(const cli_estimate_t *estimate)
{
    const cli_estimate_kind_t *kind = cli_estimate_asked(estimate);
    char heading[64];
    (void)snprintf(heading, sizeof heading, "%s, by layer", pcs_kinds[kind->array.kind].name);
    print_heading(heading);
    for (size_t i = 0; i < estimate->shapes.count; i++) {
        print_cost(kind, estimate->shapes.layers[i].name, &estimate->layer[i].cost, &estimate->layer[i].base);
    }
}

void cli_estimate_print_bound(const cli_estimate_kind_t *kind)
{
    (void)printf("\n%s, limited by", pcs_kinds[kind->array.kind].name);
    for (int i = 0; i < PCS_BOUND_COUNT; i++) {
        const double all = kind->all.cycles > 0 ? kind->all.cycles : 1;
        (void)printf("%s %s %.2f %%", i == 0 ? "" : ",", pcs_bound_name((pcs_bound_t)i),
                     100.0 * kind->all.bound[i] / all);
    }
    (void)printf(" of the time\n");
}

void cli_estimate_print(const cli_estimate_t *estimate, const cli_estimate_show_t *show)
{
    const pcs_config_t *config = &estimate->config;
    char macs[40];
    cli_grouped((double)pcs_shapes_macs(&estimate->shapes), macs, sizeof macs);
    (void)printf("%s, %s: %" PRIu64 " iterations of %" PRIu64 " samples", config->network, config->schedule,
                 config->iterations, config->batch);
    if (pcs_schedule_cyclic(&estimate->schedule)) {
        (void)printf(", %" PRIu64 " cycles", config->cycles);
    }
    (void)printf("\n");
    cli_schedule_note(&estimate->schedule);
    (void)printf("array         %" PRIu64 " x %" PRIu64 " PEs at a common clock of %g MHz, energy of %s\n",
                 config->array_rows, config->array_cols, config->clock_mhz, config->energy_table);
    print_accumulators(cli_estimate_asked(estimate));
    (void)printf("MACs          %s per %s, forward pass of %zu layers\n", macs, estimate->shapes.sample,
                 estimate->shapes.count);
    const double gbitops = cli_estimate_published(estimate) * 1e-9;
    const bool large = gbitops >= 1e6; /* as the published tables have it */
    (void)printf("BitOPs        %.4g%s GBitOPs by the published convention (forward, dgrad and wgrad of every\n"
                 "              layer), saving %.2f %%; below, of the GEMMs that run\n",
                 large ? gbitops * 1e-8 : gbitops, large ? "e8" : "",
                 100.0 * (1.0 - pcs_schedule_bitops(&estimate->schedule)));
    cli_estimate_print_memory(estimate);
    cli_estimate_print_kinds(estimate);
    print_rows(cli_estimate_asked(estimate));
    if (show->layers) {
        cli_estimate_print_layers(estimate);
    }
    print_components(cli_estimate_asked(estimate));
    cli_estimate_print_bound(cli_estimate_asked(estimate));
}
