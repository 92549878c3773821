/* What a saving is against: arrays of parallel 8-bit multipliers as large, or as fast, as the array in question. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/mac/mac.h"
#include "sim/cli/device.h"
#include "sim/cli/estimate.h"

const char *const cli_baseline_names[CLI_BASE_COUNT] = {
    "the same array at static 8/8",
    "an 8-bit gated array with PEs of equal area at static 8/8",
    "an 8-bit gated array of equal peak throughput at static 8/8",
};
const char *const cli_baseline_keys[CLI_BASE_COUNT] = {"same_array", "equal_area", "equal_peak"};

/* The gated array whose number of PEs is nearest to `pes`, of about the given array's proportions: rows over columns
   within a factor of 2 of it, the nearest of those that are equally good.  False when none has at most 10 % more or
   fewer. */
static bool gated_array(double pes, const pcs_array_config_t *like, pcs_array_config_t *gated)
{
    const double proportion = (double)like->rows / like->cols;
    double best_error = 0.1;
    double best_skew = 0;
    bool found = false;
    for (unsigned rows = 1; rows <= PCS_ARRAY_MAX_DIM; rows++) {
        const double cols = fmax(1, floor(pes / rows + 0.5));
        const double skew = fmax(rows / cols / proportion, proportion * cols / rows);
        const double error = fabs(rows * cols / pes - 1.0);
        const bool better = error < best_error || (error <= best_error && (!found || skew < best_skew));
        if (cols <= PCS_ARRAY_MAX_DIM && skew <= 2 && better) {
            *gated = *like;
            gated->kind = PCS_KIND_GATED;
            gated->digit = 1;
            gated->rows = rows;
            gated->cols = (unsigned)cols;
            best_error = error;
            best_skew = skew;
            found = true;
        }
    }
    return found;
}

/* Multiplications at 8 x 8 bits that an array starts each clock. */
static double peak(const pcs_array_config_t *array)
{
    const pcs_mode_t mode = {.pa = PCS_PREC_MAX, .pb = PCS_PREC_MAX};
    const pcs_mac_step_t step = pcs_mac_step(array, &mode);
    return (double)array->rows * array->cols * step.lanes / step.cycles;
}

/* The array of a baseline, or why there is none; `one`: a gated PE, config: its clock. */
static pcs_status_t find_area(const cli_estimate_t *estimate, const pcs_array_config_t *array,
                              const pcs_array_config_t *one, cli_baseline_t *base)
{
    pcs_area_t pe;
    pcs_area_t area;
    const pcs_array_config_t *const both[] = {array, one};
    pcs_area_t *const areas[] = {&area, &pe};
    for (size_t i = 0; i < 2; i++) {
        pcs_error_t err = {{0}};
        if (pcs_energy_area(estimate->table, both[i], NULL, areas[i], &err) != PCS_OK) {
            return pcs_fail(&base->unknown, PCS_INVALID, "no area row: area_pe, kind %s",
                            pcs_kinds[both[i]->kind].name);
        }
    }
    if (fabs(pe.node_nm - area.node_nm) > 0) {
        return pcs_fail(&base->unknown, PCS_INVALID, "area rows at %g nm for gated and %g nm for %s do not compare",
                        pe.node_nm, area.node_nm, pcs_kinds[array->kind].name);
    }
    if (!gated_array(area.pe_um2 / pe.pe_um2, array, &base->array)) {
        return pcs_fail(&base->unknown, PCS_INVALID, "no gated array of like proportions, up to %d x %d, has that area",
                        PCS_ARRAY_MAX_DIM, PCS_ARRAY_MAX_DIM);
    }
    base->ratio = pe.pe_um2 * base->array.rows * base->array.cols / area.pe_um2;
    return PCS_OK;
}

static pcs_status_t find_peak(const cli_estimate_kind_t *kind, const pcs_config_t *config, cli_baseline_t *base)
{
    const double wanted = peak(&kind->array) * kind->config.clock_mhz / config->clock_mhz;
    if (!gated_array(wanted, &kind->array, &base->array)) {
        return pcs_fail(&base->unknown, PCS_INVALID, "no gated array of like proportions, up to %d x %d, is as fast",
                        PCS_ARRAY_MAX_DIM, PCS_ARRAY_MAX_DIM);
    }
    base->ratio = peak(&base->array) / wanted;
    return PCS_OK;
}

static pcs_status_t gated_baseline(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind,
                                   cli_baseline_id_t id, cli_baseline_t *base, pcs_error_t *err)
{
    pcs_config_t config = estimate->config;
    pcs_array_config_t one = kind->array;
    one.rows = one.cols = 1;
    one.kind = PCS_KIND_GATED;
    one.digit = 1;
    config.clock = kind->clock;
    *base = (cli_baseline_t){.priced = true};
    base->known = cli_clock_resolve(estimate->table, &one, &config, &base->unknown) == PCS_OK &&
                  (id == CLI_BASE_AREA ? find_area(estimate, &kind->array, &one, base)
                                       : find_peak(kind, &config, base)) == PCS_OK;
    if (!base->known) {
        return PCS_OK;
    }
    base->clock_mhz = config.clock_mhz;
    cli_estimate_bits_t row = {
        .fw_bits = kind->base_row.fw_bits, .bw_bits = kind->base_row.bw_bits, .iterations = kind->base_row.iterations};
    pcs_error_t unpriced = {{0}};
    const pcs_status_t status = cli_estimate_row(estimate, &config, &base->array, &row, &base->priced, &unpriced, err);
    base->cost = cli_estimate_row_cost(&row, row.iterations);
    return status;
}

pcs_status_t cli_estimate_baselines(const cli_estimate_t *estimate, cli_estimate_kind_t *kind, pcs_error_t *err)
{
    cli_baseline_t *same = &kind->baseline[CLI_BASE_SAME];
    *same = (cli_baseline_t){
        .known = true, .array = kind->array, .clock_mhz = kind->config.clock_mhz, .ratio = 1, .priced = kind->priced};
    same->cost = cli_estimate_row_cost(&kind->base_row, kind->base_row.iterations);
    pcs_status_t status = PCS_OK;
    for (int id = CLI_BASE_AREA; id < CLI_BASE_COUNT && status == PCS_OK; id++) {
        status = gated_baseline(estimate, kind, (cli_baseline_id_t)id, &kind->baseline[id], err);
    }
    return status;
}

pcs_status_t cli_estimate_area(const cli_estimate_t *estimate, const cli_estimate_kind_t *kind, pcs_area_t *area,
                               pcs_error_t *err)
{
    double sram_kb[PCS_ENERGY_SRAMS];
    cli_sram_kb(&kind->config, sram_kb);
    return pcs_energy_area(estimate->table, &kind->array, sram_kb, area, err);
}
