/* The report of an estimate: every MAC kind against every baseline, at each clock. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/spec/spec.h"
#include "sim/cli/band.h"
#include "sim/cli/estimate.h"
#include "sim/cli/model.h"
#include "sim/cli/summary.h"

double cli_estimate_percent(double value, double base)
{
    const double saving = cli_saving(value, base);
    return fabs(saving) < 0.005 ? 0 : saving;
}

/* One saving of a table, or why there is none. */
static void print_saving(bool known, double value, double base)
{
    if (known) {
        (void)printf(" %8.2f", cli_estimate_percent(value, base));
    } else {
        (void)printf(" %8s", "-");
    }
}

static bool has_saving(const cli_estimate_kind_t *kind, const cli_baseline_t *base)
{
    return base->known && base->priced && kind->priced;
}

static void print_kind(const cli_estimate_kind_t *kind)
{
    const double pj = cli_estimate_pj(&kind->all);
    char clocks[40];
    char time[40];
    char energy[40] = "-";
    cli_si(kind->all.cycles, "", clocks, sizeof clocks);
    cli_si(kind->all.time_us * 1e-6, "s", time, sizeof time);
    if (kind->priced) {
        cli_si(pj * 1e-12, "J", energy, sizeof energy);
    }
    (void)printf("  %-10s %7.4g %9s %10s %10s |", pcs_kinds[kind->array.kind].name, kind->config.clock_mhz, clocks,
                 time, energy);
    for (int id = 0; id < CLI_BASE_COUNT; id++) {
        const cli_baseline_t *base = &kind->baseline[id];
        print_saving(base->known, kind->all.time_us, base->cost.time_us);
        print_saving(has_saving(kind, base), pj, cli_estimate_pj(&base->cost));
    }
    (void)printf("\n");
}

/* The gated arrays that stand in two of the columns, or why there is none. */
static void print_baselines(const cli_estimate_kind_t *kind)
{
    const char *name = pcs_kinds[kind->array.kind].name;
    const cli_baseline_t *area = &kind->baseline[CLI_BASE_AREA];
    const cli_baseline_t *peak = &kind->baseline[CLI_BASE_PEAK];
    if (!kind->priced) {
        (void)printf("  %s: no energy: %s\n", name, kind->unpriced.text);
    }
    (void)printf("  %s:", name);
    if (area->known) {
        (void)printf(" equal area is gated %u x %u, %.3f of its PEs' area;", area->array.rows, area->array.cols,
                     area->ratio);
    } else {
        (void)printf(" equal area: %s;", area->unknown.text);
    }
    if (peak->known) {
        (void)printf(" equal peak is gated %u x %u, %.3f of it\n", peak->array.rows, peak->array.cols, peak->ratio);
    } else {
        (void)printf(" equal peak: %s\n", peak->unknown.text);
    }
}

/* Every kind against every baseline. */
static void print_clock(const cli_estimate_t *estimate, cli_clock_id_t clock)
{
    const cli_estimate_kind_t *kinds = estimate->kind[clock];
    const char *title = clock == CLI_CLOCK_OWN ? "each at its own clock" : "at the common clock";
    bool any = false;
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        if (!pcs_kind_is_integer((pcs_kind_t)k)) {
            continue;
        }
        any = any || kinds[k].known;
    }
    if (!any) {
        (void)printf("\n%s: none: %s\n", title, kinds[0].unknown.text);
        return;
    }
    (void)printf("\n%-50s | saving, %%, against static 8/8 on\n", title);
    (void)printf("%-50s | %17s %17s %17s\n", "", "the same array", "gated, equal area", "gated, equal peak");
    (void)printf("%-12s %7s %9s %10s %10s |", "MAC kind", "MHz", "clocks", "time", "energy");
    for (int id = 0; id < CLI_BASE_COUNT; id++) {
        (void)printf(" %8s %8s", "time", "energy");
    }
    (void)printf("\n");
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        if (!pcs_kind_is_integer((pcs_kind_t)k)) {
            continue;
        }
        if (kinds[k].known) {
            print_kind(&kinds[k]);
        } else {
            (void)printf("  %-10s none: %s\n", pcs_kinds[k].name, kinds[k].unknown.text);
        }
    }
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        if (!pcs_kind_is_integer((pcs_kind_t)k)) {
            continue;
        }
        if (kinds[k].known) {
            print_baselines(&kinds[k]);
        }
    }
}

static bool has_bars(const cli_estimate_kind_t *kind)
{
    const pcs_energy_t *energy = kind->all.energy;
    return pcs_energy_total_pj(&energy[PCS_ENERGY_LOW]) < pcs_energy_total_pj(&energy[PCS_ENERGY_HIGH]);
}

/* What the table's bars leave of an energy and of its savings. */
static void print_bars(const cli_estimate_t *estimate, cli_clock_id_t clock)
{
    if (!has_bars(cli_estimate_asked(estimate))) {
        (void)printf("\nerror bars: none: %s has no columns low and high\n", estimate->config.energy_table);
        return;
    }
    (void)printf("\n%-50s | energy saving, %%, low .. high\n",
                 clock == CLI_CLOCK_OWN ? "error bars, each at its own clock" : "error bars, at the common clock");
    (void)printf("%-12s %10s %10s .. %-10s   | %18s %18s %18s\n", "MAC kind", "energy", "low", "high", "the same array",
                 "gated, equal area", "gated, equal peak");
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        if (!pcs_kind_is_integer((pcs_kind_t)k)) {
            continue;
        }
        const cli_estimate_kind_t *kind = &estimate->kind[clock][k];
        char energy[PCS_ENERGY_BOUND_COUNT][40];
        if (!kind->known || !kind->priced) {
            continue;
        }
        for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
            cli_si(pcs_energy_total_pj(&kind->all.energy[bound]) * 1e-12, "J", energy[bound], sizeof energy[bound]);
        }
        (void)printf("  %-10s %10s %10s .. %-10s   |", pcs_kinds[k].name, energy[PCS_ENERGY_NOMINAL],
                     energy[PCS_ENERGY_LOW], energy[PCS_ENERGY_HIGH]);
        for (int id = 0; id < CLI_BASE_COUNT; id++) {
            const cli_baseline_t *base = &kind->baseline[id];
            double low = 0;
            double high = 0;
            char band[40] = "-";
            if (has_saving(kind, base)) {
                cli_band(kind->all.energy, base->cost.energy, &low, &high);
                (void)snprintf(band, sizeof band, "%.2f .. %.2f", fabs(low) < 0.005 ? 0 : low,
                               fabs(high) < 0.005 ? 0 : high);
            }
            (void)printf(" %18s", band);
        }
        (void)printf("\n");
    }
    (void)printf("  the rows of a component move together between low and high, the same in a run and its baseline\n");
}

/* What silicon each kind takes; boundless scratchpads as they are charged. */
static void print_areas(const cli_estimate_t *estimate)
{
    (void)printf("\n%-12s %10s %10s %12s %10s   without control, vector unit and wires\n", "area, mm2", "PEs", "edge",
                 "scratchpads", "node, nm");
    for (int k = 0; k < PCS_KIND_COUNT; k++) {
        if (!pcs_kind_is_integer((pcs_kind_t)k)) {
            continue;
        }
        const cli_estimate_kind_t *kind = &estimate->kind[CLI_CLOCK_COMMON][k];
        pcs_area_t area;
        pcs_error_t err = {{0}};
        if (cli_estimate_area(estimate, kind, &area, &err) != PCS_OK) {
            (void)printf("  %-10s none: %s\n", pcs_kinds[k].name, err.text);
            continue;
        }
        (void)printf("  %-10s %10.4f", pcs_kinds[k].name, area.pe_um2 * 1e-6);
        (void)(area.edge_um2 > 0 ? printf(" %10.4f", area.edge_um2 * 1e-6) : printf(" %10s", "-"));
        (void)(area.sram_um2 > 0 ? printf(" %12.4f", area.sram_um2 * 1e-6) : printf(" %12s", "-"));
        (void)printf(" %10.4g", area.node_nm);
        if (area.sram_um2 > 0 && fabs(area.sram_node_nm - area.node_nm) > 0) {
            (void)printf("   scratchpads at %g nm", area.sram_node_nm);
        }
        (void)printf("\n");
    }
}

void cli_estimate_print_kinds(const cli_estimate_t *estimate)
{
    const cli_clock_id_t asked = cli_estimate_asked(estimate)->clock;
    print_clock(estimate, asked);
    print_clock(estimate, asked == CLI_CLOCK_OWN ? CLI_CLOCK_COMMON : CLI_CLOCK_OWN);
    print_bars(estimate, asked);
    print_areas(estimate);
}
