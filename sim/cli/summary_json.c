#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/band.h"
#include "sim/cli/summary.h"

static void number(cJSON *object, const char *name, double value)
{
    (void)cJSON_AddNumberToObject(object, name, value);
}

static cJSON *energy_json(const pcs_energy_t *energy, double per)
{
    cJSON *object = cJSON_CreateObject();
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        number(object, pcs_energy_components[i].name, energy->pj[i] / per);
    }
    number(object, "total", pcs_energy_total_pj(energy) / per);
    return object;
}

static cJSON *bits_json(const cli_bits_t *row)
{
    const double n = (double)row->iterations;
    cJSON *object = cJSON_CreateObject();
    number(object, "fw_bits", row->fw_bits);
    number(object, "bw_bits", row->bw_bits);
    number(object, "iterations", n);
    number(object, "cycles_per_iteration", row->all.cycles / n);
    number(object, "time_per_iteration_us", row->all.time_us / n);
    (void)cJSON_AddItemToObject(object, "energy_per_iteration_pj", energy_json(&row->all.energy, n));
    cJSON *passes = cJSON_AddObjectToObject(object, "passes");
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        cJSON *pass = cJSON_AddObjectToObject(passes, pcs_role_name((pcs_role_t)role));
        number(pass, "time_per_iteration_us", row->pass[role].time_us / n);
        number(pass, "energy_per_iteration_pj", pcs_energy_total_pj(&row->pass[role].energy) / n);
    }
    return object;
}

/* What the array did. */
static void array_json(const cli_model_t *model, cJSON *object)
{
    if (model->evals > 0) {
        number(object, "test_fw_bits", model->last_eval.fw_bits);
    }
    number(object, "macs", model->all.macs);
    number(object, "cycles", model->all.cycles);
    number(object, "time_us", model->all.time_us);
    number(object, "bitops", model->all.bitops);
    (void)cJSON_AddItemToObject(object, "energy_pj", energy_json(&model->all.energy, 1));
    (void)cJSON_AddItemToObject(object, "energy_low_pj", energy_json(&model->all.bar[PCS_ENERGY_LOW], 1));
    (void)cJSON_AddItemToObject(object, "energy_high_pj", energy_json(&model->all.bar[PCS_ENERGY_HIGH], 1));
    cJSON *saving = cJSON_AddObjectToObject(object, "saving_percent");
    (void)cJSON_AddStringToObject(saving, "baseline", "static 8/8 on the same array");
    cli_saving_row_t rows[CLI_SAVINGS];
    cli_savings(model, rows);
    for (size_t i = 0; i < CLI_SAVINGS; i++) {
        number(saving, rows[i].name + strlen("saving_"), rows[i].percent);
    }
    double low;
    double high;
    cli_band(model->all.bar, model->all.base_bar, &low, &high);
    number(saving, "energy_low", low);
    number(saving, "energy_high", high);
    cJSON *bits = cJSON_AddArrayToObject(object, "bits");
    for (unsigned b = PCS_PREC_MIN; b <= PCS_PREC_MAX; b++) {
        if (model->bits[b].iterations > 0) {
            (void)cJSON_AddItemToArray(bits, bits_json(&model->bits[b]));
        }
    }
    cJSON *accumulator = cJSON_AddObjectToObject(object, "accumulator");
    number(accumulator, "bits", (double)model->config.acc_bits);
    number(accumulator, "segment_steps", model->all.segment);
    number(accumulator, "unproven_gemms", model->all.unproven);
    number(accumulator, "overflow_words", model->all.overflows);
    cJSON *lockstep = cJSON_AddObjectToObject(object, "lockstep");
    number(lockstep, "tiles", (double)model->check_tiles);
    number(lockstep, "cycles", (double)model->check_cycles);
    number(lockstep, "words_compared", (double)model->check_words);
    number(lockstep, "differences", (double)model->check_differences);
}

static void casts_json(const cli_model_t *model, cJSON *object)
{
    number(object, "skipped_iterations", (double)model->skipped);
    cJSON *casts = cJSON_AddObjectToObject(object, "casts");
    for (int tensor = 0; tensor < PCS_FLOAT_TENSORS; tensor++) {
        const pcs_cast_counts_t *counts = &model->tally.tensor[tensor];
        if (counts->values > 0) {
            cJSON *of = cJSON_AddObjectToObject(casts, pcs_float_tensor_name((pcs_float_tensor_t)tensor));
            number(of, "values", (double)counts->values);
            number(of, "zeroed", (double)counts->zeroed);
            number(of, "subnormal", (double)counts->subnormal);
            number(of, "beyond", (double)counts->beyond);
            number(of, "special", (double)counts->special);
        }
    }
}

cJSON *cli_summary_json(const cli_model_t *model)
{
    cJSON *object = cJSON_CreateObject();
    number(object, "iterations", (double)model->iterations);
    if (model->evals > 0) {
        number(object, "test_accuracy", model->last_eval.accuracy);
        number(object, "test_loss_nats", model->last_eval.loss);
    }
    if (model->bare) {
        (void)cJSON_AddStringToObject(object, "note", cli_bare_note(model));
        if (model->formats != NULL) {
            casts_json(model, object);
        }
    } else {
        array_json(model, object);
    }
    const cli_provenance_t *p = &model->provenance;
    cJSON *provenance = cJSON_AddObjectToObject(object, "provenance");
    char seed[32]; /* 64 bits do not fit a JSON number */
    (void)snprintf(seed, sizeof seed, "%" PRIu64, model->config.seed);
    (void)cJSON_AddStringToObject(provenance, "seed", seed);
    (void)cJSON_AddStringToObject(provenance, "version", p->version);
    (void)cJSON_AddStringToObject(provenance, "commit", p->commit);
    (void)cJSON_AddStringToObject(provenance, "spec_hash", p->spec_hash);
    (void)cJSON_AddStringToObject(provenance, "energy_table_hash", p->table_hash);
    (void)cJSON_AddStringToObject(object, "directory", model->dir);
    (void)cJSON_AddStringToObject(object, "final_hash", p->final_hash);
    return object;
}

static pcs_status_t copy_text(const cJSON *object, const char *name, char *text, size_t size, const char *path,
                              pcs_error_t *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= size) {
        return pcs_fail(err, PCS_FORMAT, "%s: %s: missing or not a short text", path, name);
    }
    (void)snprintf(text, size, "%s", item->valuestring);
    return PCS_OK;
}

pcs_status_t cli_provenance_read(const char *dir, cli_provenance_t *provenance, pcs_error_t *err)
{
    char path[CLI_PATH_MAX];
    cli_path(path, sizeof path, dir, "summary.json");
    cli_text_t text = {0};
    pcs_status_t status = cli_text_read(path, &text, err);
    cJSON *object = status == PCS_OK ? cJSON_ParseWithLength(text.data, text.size) : NULL;
    if (status == PCS_OK && object == NULL) {
        status = pcs_fail(err, PCS_FORMAT, "%s: not a JSON object", path);
    }
    const cJSON *from = cJSON_GetObjectItemCaseSensitive(object, "provenance");
#define COPY(source, name, field)                                                                                      \
    status = status == PCS_OK ? copy_text(source, name, provenance->field, sizeof provenance->field, path, err) : status
    COPY(from, "version", version);
    COPY(from, "commit", commit);
    COPY(from, "spec_hash", spec_hash);
    COPY(from, "energy_table_hash", table_hash);
    COPY(object, "final_hash", final_hash);
#undef COPY
    cJSON_Delete(object);
    cli_text_free(&text);
    return status;
}
