#include "sim/cli/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/csv.h"
#include "sim/cli/files.h"
#include "sim/cli/text.h"
#include "sim/cli/yaml.h"
#include "workloads/policy/schedule.h"

double cli_saving(double value, double base)
{
    return base > 0 ? 100.0 * (1.0 - value / base) : 0;
}

/* A CSV file with its columns found by name.  The first error sticks and makes every later access a no-op. */
typedef struct reader {
    pcs_csv_t csv;
    char path[CLI_PATH_MAX];
    size_t columns;
    char *names[PCS_CSV_FIELDS_MAX];
    pcs_status_t status;
    pcs_error_t *err;
} reader_t;

static reader_t *reader_open(const char *dir, const char *name, pcs_error_t *err)
{
    reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return NULL;
    }
    reader->err = err;
    cli_path(reader->path, sizeof reader->path, dir, name);
    bool more = false;
    reader->status = pcs_csv_open(reader->path, &reader->csv, err);
    if (reader->status == PCS_OK) {
        reader->status = pcs_csv_next(&reader->csv, &more, err);
    }
    if (reader->status == PCS_OK && !more) {
        reader->status = pcs_fail(err, PCS_FORMAT, "%s:1: no header line", reader->path);
    }
    for (; reader->status == PCS_OK && reader->columns < reader->csv.fields; reader->columns++) {
        reader->names[reader->columns] = strdup(reader->csv.field[reader->columns]);
        if (reader->names[reader->columns] == NULL) {
            reader->status = pcs_fail(err, PCS_MEMORY, "%s: out of memory", reader->path);
        }
    }
    return reader;
}

static pcs_status_t reader_close(reader_t *reader)
{
    const pcs_status_t status = reader->status;
    for (size_t i = 0; i < reader->columns; i++) {
        free(reader->names[i]);
    }
    pcs_csv_close(&reader->csv);
    free(reader);
    return status;
}

static bool reader_next(reader_t *reader)
{
    bool more = false;
    if (reader->status == PCS_OK) {
        reader->status = pcs_csv_next(&reader->csv, &more, reader->err);
    }
    if (reader->status == PCS_OK && more && reader->csv.fields != reader->columns) {
        reader->status = pcs_fail(reader->err, PCS_FORMAT, "%s:%u: %zu fields; legal: %zu, as in the header",
                                  reader->path, reader->csv.line, reader->csv.fields, reader->columns);
    }
    return reader->status == PCS_OK && more;
}

static const char *text_of(reader_t *reader, const char *column)
{
    for (size_t i = 0; reader->status == PCS_OK && i < reader->columns; i++) {
        if (strcmp(reader->names[i], column) == 0) {
            return reader->csv.field[i];
        }
    }
    if (reader->status == PCS_OK) {
        reader->status = pcs_fail(reader->err, PCS_FORMAT, "%s:1: no column '%s'", reader->path, column);
    }
    return "";
}

static double real_of(reader_t *reader, const char *column)
{
    const char *text = text_of(reader, column);
    char *end = NULL;
    const double value = strtod(text, &end);
    if (reader->status == PCS_OK && (end == text || *end != '\0')) {
        reader->status = pcs_fail(reader->err, PCS_FORMAT, "%s:%u: %s: '%.40s' is not a number", reader->path,
                                  reader->csv.line, column, text);
    }
    return reader->status == PCS_OK ? value : 0;
}

/* A bit-width that indexes cli_model_t.bits. */
static unsigned bits_of(reader_t *reader, const char *column)
{
    const double value = real_of(reader, column);
    if (reader->status == PCS_OK && (value < PCS_PREC_MIN || value > PCS_PREC_MAX)) {
        reader->status = pcs_fail(reader->err, PCS_FORMAT, "%s:%u: %s: %g is not legal; legal: %d..%d", reader->path,
                                  reader->csv.line, column, value, PCS_PREC_MIN, PCS_PREC_MAX);
    }
    return reader->status == PCS_OK ? (unsigned)value : PCS_PREC_MIN;
}

static void energy_of(reader_t *reader, const char *prefix, pcs_energy_t *energy)
{
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        char column[96];
        (void)snprintf(column, sizeof column, "%senergy_%s_pj", prefix, pcs_energy_components[i].name);
        energy->pj[i] = real_of(reader, column);
    }
}

static pcs_status_t load_metrics(const char *dir, cli_model_t *model, pcs_error_t *err)
{
    reader_t *reader = reader_open(dir, "metrics.csv", err);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s/metrics.csv: out of memory", dir);
    }
    double bitops = 0; /* of one MAC of each layer, summed over the iterations; integers: exact */
    while (reader_next(reader)) {
        model->last_loss = real_of(reader, "loss_nats");
        model->first_loss = model->iterations == 0 ? model->last_loss : model->first_loss;
        model->iterations++;
        model->skipped += model->formats != NULL && real_of(reader, "skipped") > 0 ? 1U : 0U;
        if (model->bare) {
            continue;
        }
        cli_bits_t *bits = &model->bits[bits_of(reader, "fw_bits")];
        const unsigned bw_bits = bits_of(reader, "bw_bits");
        bits->bw_bits = bits->iterations == 0 || bits->bw_bits == bw_bits ? bw_bits : 0;
        bits->iterations++;
        bitops += (double)(bits->fw_bits * bits->fw_bits + 2U * bits->fw_bits * bw_bits);
        model->metrics_cycles += real_of(reader, "cycles");
        model->metrics_energy_pj += real_of(reader, "energy_total_pj");
    }
    model->published_bitops = model->iterations > 0 ? bitops / (3.0 * 8.0 * 8.0 * (double)model->iterations) : 0;
    return reader_close(reader);
}

static void sum_add(cli_sum_t *sum, const cli_sum_t *add)
{
    sum->gemms += add->gemms;
    sum->macs += add->macs;
    sum->cycles += add->cycles;
    sum->time_us += add->time_us;
    sum->bitops += add->bitops;
    sum->unproven += add->unproven;
    sum->overflows += add->overflows;
    sum->segment = add->segment > sum->segment ? add->segment : sum->segment;
    sum->base_cycles += add->base_cycles;
    sum->base_time_us += add->base_time_us;
    sum->base_bitops += add->base_bitops;
    pcs_energy_add(&sum->energy, &add->energy);
    pcs_energy_add(&sum->base_energy, &add->base_energy);
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        pcs_energy_add(&sum->bar[bound], &add->bar[bound]);
        pcs_energy_add(&sum->base_bar[bound], &add->base_bar[bound]);
    }
}

static cli_layer_t *layer_of(reader_t *reader, cli_model_t *model)
{
    const char *name = text_of(reader, "layer");
    for (size_t i = 0; i < model->layer_count; i++) {
        if (strcmp(model->layers[i].name, name) == 0) {
            return &model->layers[i];
        }
    }
    if (model->layer_count == CLI_LAYERS_MAX) {
        reader->status = pcs_fail(reader->err, PCS_FORMAT, "%s:%u: more than %d layers", reader->path, reader->csv.line,
                                  CLI_LAYERS_MAX);
        return &model->layers[0];
    }
    cli_layer_t *layer = &model->layers[model->layer_count++];
    (void)snprintf(layer->name, sizeof layer->name, "%s", name);
    return layer;
}

static int role_of(reader_t *reader)
{
    const char *name = text_of(reader, "pass");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        if (strcmp(name, pcs_role_name((pcs_role_t)role)) == 0) {
            return role;
        }
    }
    if (reader->status == PCS_OK) {
        reader->status =
            pcs_fail(reader->err, PCS_FORMAT, "%s:%u: pass: '%.40s' is not legal; legal: forward|dgrad|wgrad",
                     reader->path, reader->csv.line, name);
    }
    return 0;
}

static pcs_status_t load_layers(const char *dir, cli_model_t *model, pcs_error_t *err)
{
    reader_t *reader = reader_open(dir, "layers.csv", err);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s/layers.csv: out of memory", dir);
    }
    while (reader_next(reader)) {
        cli_sum_t sum = {
            .gemms = real_of(reader, "gemms"),
            .macs = real_of(reader, "macs"),
            .cycles = real_of(reader, "cycle_clocks"),
            .time_us = real_of(reader, "time_us"),
            .bitops = real_of(reader, "bitops"),
            .unproven = real_of(reader, "unproven_gemms"),
            .overflows = real_of(reader, "overflow_words"),
            .segment = real_of(reader, "segment_steps"),
            .base_cycles = real_of(reader, "static88_cycles"),
            .base_time_us = real_of(reader, "static88_time_us"),
            .base_bitops = real_of(reader, "static88_bitops"),
        };
        for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
            char prefix[32];
            energy_of(reader, cli_bound_prefix[bound], &sum.bar[bound]);
            (void)snprintf(prefix, sizeof prefix, "static88_%s", cli_bound_prefix[bound]);
            energy_of(reader, prefix, &sum.base_bar[bound]);
        }
        sum.energy = sum.bar[PCS_ENERGY_NOMINAL];
        sum.base_energy = sum.base_bar[PCS_ENERGY_NOMINAL];
        const int role = role_of(reader);
        cli_bits_t *bits = &model->bits[bits_of(reader, "fw_bits")];
        sum_add(&bits->pass[role], &sum);
        sum_add(&bits->all, &sum);
        sum_add(&layer_of(reader, model)->pass[role], &sum);
        sum_add(&model->all, &sum);
    }
    return reader_close(reader);
}

static pcs_status_t load_evals(const char *dir, cli_model_t *model, pcs_error_t *err)
{
    reader_t *reader = reader_open(dir, "evals.csv", err);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s/evals.csv: out of memory", dir);
    }
    while (reader_next(reader)) {
        model->last_eval = (cli_eval_t){
            .iteration = (uint64_t)real_of(reader, "iteration"),
            .fw_bits = model->bare ? 0 : bits_of(reader, "fw_bits"),
            .loss = real_of(reader, "test_loss_nats"),
            .accuracy = real_of(reader, "test_accuracy"),
        };
        model->evals++;
    }
    return reader_close(reader);
}

static pcs_status_t load_casts(const char *dir, cli_model_t *model, pcs_error_t *err)
{
    reader_t *reader = reader_open(dir, "casts.csv", err);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s/casts.csv: out of memory", dir);
    }
    while (reader_next(reader)) {
        const char *name = text_of(reader, "tensor");
        for (int tensor = 0; tensor < PCS_FLOAT_TENSORS; tensor++) {
            if (strcmp(name, pcs_float_tensor_name((pcs_float_tensor_t)tensor)) == 0) {
                const pcs_cast_counts_t row = {(uint64_t)real_of(reader, "values"), (uint64_t)real_of(reader, "zeroed"),
                                               (uint64_t)real_of(reader, "subnormal"),
                                               (uint64_t)real_of(reader, "beyond"),
                                               (uint64_t)real_of(reader, "special")};
                pcs_cast_counts_add(&model->tally.tensor[tensor], &row);
            }
        }
    }
    return reader_close(reader);
}

static pcs_status_t load_checks(const char *dir, cli_model_t *model, pcs_error_t *err)
{
    reader_t *reader = reader_open(dir, "checks.csv", err);
    if (reader == NULL) {
        return pcs_fail(err, PCS_MEMORY, "%s/checks.csv: out of memory", dir);
    }
    while (reader_next(reader)) {
        model->check_tiles++;
        model->check_cycles += (uint64_t)real_of(reader, "cycles");
        model->check_words += (uint64_t)real_of(reader, "words_compared");
        model->check_differences += (uint64_t)real_of(reader, "differences");
    }
    return reader_close(reader);
}

pcs_status_t cli_model_load(const char *dir, const cli_provenance_t *provenance, cli_model_t *model, pcs_error_t *err)
{
    memset(model, 0, sizeof *model);
    (void)snprintf(model->dir, sizeof model->dir, "%s", dir);
    model->provenance = *provenance;
    pcs_config_defaults(&model->config);
    for (unsigned bits = 0; bits <= PCS_PREC_MAX; bits++) {
        model->bits[bits].fw_bits = bits;
    }
    char path[CLI_PATH_MAX];
    cli_path(path, sizeof path, dir, "run.yaml");
    pcs_status_t status = cli_yaml_load(path, &model->config, err);
    model->formats = pcs_schedule_float(model->config.schedule);
    model->bare = pcs_schedule_fp32(model->config.schedule) || model->formats != NULL;
    status = status == PCS_OK ? load_metrics(dir, model, err) : status;
    status = status == PCS_OK ? load_evals(dir, model, err) : status;
    if (status == PCS_OK && model->formats != NULL) {
        return load_casts(dir, model, err);
    }
    if (status != PCS_OK || model->bare) {
        return status;
    }
    status = load_layers(dir, model, err);
    return status == PCS_OK ? load_checks(dir, model, err) : status;
}
