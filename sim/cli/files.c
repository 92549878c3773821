#include "sim/cli/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/policy/schedule.h"

/* Numbers are printed so that sums of a column agree with the totals to 12 digits. */
#define REAL "%.12g"

const char *const cli_bound_prefix[PCS_ENERGY_BOUND_COUNT] = {
    [PCS_ENERGY_NOMINAL] = "", [PCS_ENERGY_LOW] = "low_", [PCS_ENERGY_HIGH] = "high_"};

static void energy_columns(const char *prefix, cli_text_t *out)
{
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        cli_text_add(out, ",%senergy_%s_pj", prefix, pcs_energy_components[i].name);
    }
    cli_text_add(out, ",%senergy_total_pj", prefix);
}

static void energy_values(const pcs_energy_t *energy, cli_text_t *out)
{
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        cli_text_add(out, "," REAL, energy->pj[i]);
    }
    cli_text_add(out, "," REAL, pcs_energy_total_pj(energy));
}

/* Only then are there counts of updates. */
static bool narrow_master(const pcs_config_t *config)
{
    return strcmp(config->float_master, "fp32") != 0;
}

void cli_metrics_header(const pcs_config_t *config, cli_text_t *out)
{
    cli_text_add(out, "iteration,epoch,loss_nats,accuracy,lr");
    if (pcs_schedule_float(config->schedule) != NULL) {
        cli_text_add(out, narrow_master(config) ? ",loss_scale,skipped,moved_weights,swamped_weights"
                                                : ",loss_scale,skipped");
    } else if (!pcs_schedule_fp32(config->schedule)) {
        cli_text_add(out, ",fw_bits,bw_bits,macs,cycles,time_us,bitops");
        energy_columns("", out);
    }
}

void cli_metrics_row(const pcs_config_t *config, const pcs_train_progress_t *progress, const cli_iteration_t *sums,
                     cli_text_t *out)
{
    cli_text_add(out, "%" PRIu64 "," REAL "," REAL "," REAL "," REAL, progress->iteration, progress->epoch,
                 progress->loss, progress->accuracy, progress->lr);
    if (sums != NULL) {
        cli_text_add(out, ",%u,%u,%" PRIu64 ",%" PRIu64 "," REAL ",%" PRIu64, progress->fw_bits, progress->bw_bits,
                     sums->macs, sums->cycles, (double)sums->cycles / config->clock_mhz, sums->bitops);
        energy_values(&sums->energy, out);
    }
    if (progress->floats != NULL) {
        const pcs_float_report_t *report = progress->floats;
        cli_text_add(out, "," REAL ",%d", (double)report->loss_scale, report->skipped ? 1 : 0);
        if (narrow_master(config)) {
            cli_text_add(out, ",%" PRIu64 ",%" PRIu64, report->master.moved, report->master.swamped);
        }
    }
}

void cli_casts_header(cli_text_t *out)
{
    cli_text_add(out, "iteration,tensor,values,zeroed,subnormal,beyond,special");
}

void cli_casts_rows(const pcs_train_progress_t *progress, cli_text_t *out)
{
    for (int tensor = 0; tensor < PCS_FLOAT_TENSORS; tensor++) {
        const pcs_cast_counts_t *counts = &progress->floats->tally.tensor[tensor];
        if (counts->values > 0) {
            cli_text_add(out, "%s%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64,
                         out->size > 0 ? "\n" : "", progress->iteration,
                         pcs_float_tensor_name((pcs_float_tensor_t)tensor), counts->values, counts->zeroed,
                         counts->subnormal, counts->beyond, counts->special);
        }
    }
}

void cli_evals_header(bool bare, cli_text_t *out)
{
    cli_text_add(out,
                 bare ? "iteration,test_loss_nats,test_accuracy" : "iteration,fw_bits,test_loss_nats,test_accuracy");
}

void cli_evals_row(const pcs_train_eval_t *eval, cli_text_t *out)
{
    cli_text_add(out, "%" PRIu64, eval->iteration);
    if (eval->fw_bits > 0) {
        cli_text_add(out, ",%u", eval->fw_bits);
    }
    cli_text_add(out, "," REAL "," REAL, eval->loss, eval->accuracy);
}

const char *cli_layer_name(const cli_layers_t *layers, uint32_t layer)
{
    const char *name = pcs_train_layer_name(layers->train, layer);
    return name != NULL ? name : "unnamed";
}

static int compare_cells(const void *left, const void *right)
{
    const cli_cell_t *a = left;
    const cli_cell_t *b = right;
    const uint32_t key_a[] = {a->layer, a->role, a->fw_bits, a->pa, a->pb};
    const uint32_t key_b[] = {b->layer, b->role, b->fw_bits, b->pa, b->pb};
    for (size_t i = 0; i < sizeof key_a / sizeof key_a[0]; i++) {
        if (key_a[i] != key_b[i]) {
            return key_a[i] < key_b[i] ? -1 : 1;
        }
    }
    return 0;
}

static void layers_header(cli_text_t *out)
{
    cli_text_add(out, "layer,pass,fw_bits,pa_bits,pb_bits,gemms,unproven_gemms,segment_steps,macs,time_us,bitops,"
                      "static88_time_us,static88_cycles,static88_bitops");
    for (int i = 0; i < PCS_EVENT_COUNT; i++) {
        cli_text_add(out, ",%s_%s", pcs_events[i].name, pcs_events[i].unit);
    }
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        cli_text_add(out, ",%s_%s", pcs_system_events[i].name, pcs_system_events[i].unit);
    }
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        char prefix[32];
        energy_columns(cli_bound_prefix[bound], out);
        (void)snprintf(prefix, sizeof prefix, "static88_%s", cli_bound_prefix[bound]);
        energy_columns(prefix, out);
    }
    cli_text_add(out, "\n");
}

static void layers_row(const cli_collect_t *collect, const cli_cell_t *cell, const char *layer,
                       const pcs_energy_t energy[PCS_ENERGY_BOUND_COUNT],
                       const pcs_energy_t base[PCS_ENERGY_BOUND_COUNT], cli_text_t *out)
{
    const uint64_t cycles = cell->cost.counts.n[PCS_EVENT_CYCLE];
    const uint64_t base_cycles = cell->base.counts.n[PCS_EVENT_CYCLE];
    cli_text_add(
        out, "%s,%s,%u,%u,%u,%" PRIu64 ",%" PRIu64 ",%u,%" PRIu64 "," REAL ",%" PRIu64 "," REAL ",%" PRIu64 ",%" PRIu64,
        layer, pcs_role_name((pcs_role_t)cell->role), cell->fw_bits, cell->pa, cell->pb, cell->gemms, cell->unproven,
        cell->segment, cell->macs, (double)cycles / collect->clock_mhz, cell->macs * cell->pa * cell->pb,
        (double)base_cycles / collect->clock_mhz, base_cycles, cell->macs * CLI_STATIC_BITS * CLI_STATIC_BITS);
    for (int i = 0; i < PCS_EVENT_COUNT; i++) {
        cli_text_add(out, ",%" PRIu64, cell->cost.counts.n[i]);
    }
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        cli_text_add(out, ",%" PRIu64, cell->cost.system[i]);
    }
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        energy_values(&energy[bound], out);
        energy_values(&base[bound], out);
    }
    cli_text_add(out, "\n");
}

pcs_status_t cli_layers_csv(const cli_collect_t *collect, const cli_layers_t *layers, cli_text_t *out, pcs_error_t *err)
{
    cli_cell_t *sorted = malloc((collect->cell_count + 1) * sizeof *sorted);
    if (sorted == NULL) {
        return pcs_fail(err, PCS_MEMORY, "layers.csv: out of memory");
    }
    if (collect->cell_count > 0) {
        memcpy(sorted, collect->cells, collect->cell_count * sizeof *sorted);
        qsort(sorted, collect->cell_count, sizeof *sorted, compare_cells);
    }
    layers_header(out);
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; status == PCS_OK && i < collect->cell_count; i++) {
        const cli_cell_t *cell = &sorted[i];
        pcs_energy_t energy[PCS_ENERGY_BOUND_COUNT];
        pcs_energy_t base[PCS_ENERGY_BOUND_COUNT];
        for (int b = 0; b < PCS_ENERGY_BOUND_COUNT && status == PCS_OK; b++) {
            const pcs_energy_bound_t bound = (pcs_energy_bound_t)b;
            status = cli_collect_energy(collect, &cell->cost, cell->pa, cell->pb, bound, &energy[b], err);
            if (status == PCS_OK) {
                status =
                    cli_collect_energy(collect, &cell->base, CLI_STATIC_BITS, CLI_STATIC_BITS, bound, &base[b], err);
            }
        }
        if (status == PCS_OK) {
            layers_row(collect, cell, cli_layer_name(layers, cell->layer), energy, base, out);
        }
    }
    free(sorted);
    return status;
}

/* Process and track names: metadata events of the trace format. */
static void timeline_names(const cli_span_t *span, bool first_of_bits, cli_text_t *out)
{
    if (first_of_bits) {
        cli_text_add(out,
                     "{\"ph\":\"M\",\"pid\":%u,\"name\":\"process_name\",\"args\":{\"name\":\"forward %u bit, backward "
                     "%u bit, iteration %" PRIu64 "\"}},\n",
                     span->fw_bits, span->fw_bits, span->bw_bits, span->iteration);
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            cli_text_add(out,
                         "{\"ph\":\"M\",\"pid\":%u,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}},\n",
                         span->fw_bits, role, pcs_role_name((pcs_role_t)role));
        }
    }
}

void cli_timeline_json(const cli_collect_t *collect, const cli_layers_t *layers, cli_text_t *out)
{
    cli_text_add(out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    double now_us = 0;
    for (size_t i = 0; i < collect->span_count; i++) {
        const cli_span_t *span = &collect->spans[i];
        const bool first = i == 0 || collect->spans[i - 1].fw_bits != span->fw_bits;
        now_us = first ? 0 : now_us;
        timeline_names(span, first, out);
        const double us = (double)span->cycles / collect->clock_mhz;
        cli_text_add(out,
                     "{\"ph\":\"X\",\"pid\":%u,\"tid\":%u,\"name\":\"%s\",\"cat\":\"%s\",\"ts\":" REAL ",\"dur\":" REAL
                     ",\"args\":{\"pa_bits\":%u,\"pb_bits\":%u,\"cycles\":%" PRIu64 ",\"macs\":%" PRIu64 "}}%s\n",
                     span->fw_bits, span->role, cli_layer_name(layers, span->layer),
                     pcs_role_name((pcs_role_t)span->role), now_us, us, span->pa, span->pb, span->cycles, span->macs,
                     i + 1 < collect->span_count ? "," : "");
        now_us += us;
    }
    cli_text_add(out, "]}\n");
}
