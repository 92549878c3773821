#include "workloads/train/floats.h"

#include <stdio.h>
#include <string.h>

#include "workloads/policy/schedule.h"

/* A format by its name: a row of formats.def or e<X>m<Y>. */
static pcs_status_t find_format(pcs_floats_t *floats, const char *key, const char *name,
                                const pcs_format_row_t **format, pcs_error_t *err)
{
    const pcs_format_t id = pcs_format_by_name(name);
    if (id != PCS_FORMAT_COUNT) {
        *format = &pcs_formats[id];
    } else {
        PCS_ASSERT(floats->rows < PCS_FLOATS_FORMATS);
        char *kept = floats->name[floats->rows];
        pcs_format_row_t *row = &floats->row[floats->rows];
        const bool fits = strlen(name) < sizeof floats->name[0];
        (void)snprintf(kept, sizeof floats->name[0], "%s", fits ? name : "");
        if (!pcs_format_by_fields(kept, row)) {
            return pcs_fail(err, PCS_INVALID, "%s: '%.40s' is no format; legal: a name of precess formats, or e<X>m<Y>",
                            key, name);
        }
        const pcs_status_t status = pcs_format_check(row, err);
        if (status != PCS_OK) {
            return status;
        }
        floats->rows++;
        *format = row;
    }
    if ((*format)->sign != PCS_SIGN_SIGNED || (*format)->zero == PCS_ZERO_NONE) {
        return pcs_fail(err, PCS_INVALID, "%s: %.40s has no sign or no zero; legal: a format with both", key, name);
    }
    return PCS_OK;
}

static pcs_status_t find_accumulators(const pcs_config_t *config, pcs_float_numerics_t *numerics, pcs_error_t *err)
{
    const pcs_format_row_t *fw = numerics->forward.format;
    const pcs_format_row_t *bw = numerics->backward.format;
    const pcs_format_row_t *a[PCS_ROLE_COUNT] = {[PCS_ROLE_FORWARD] = fw, [PCS_ROLE_DGRAD] = fw, [PCS_ROLE_WGRAD] = bw};
    const pcs_format_row_t *b[PCS_ROLE_COUNT] = {[PCS_ROLE_FORWARD] = fw, [PCS_ROLE_DGRAD] = bw, [PCS_ROLE_WGRAD] = fw};
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        pcs_accumulator_t *accumulator = &numerics->accumulator[role];
        pcs_error_t why = {{0}};
        pcs_status_t status =
            pcs_accumulator_parse(config->float_accumulator, a[role], b[role], numerics->sum, accumulator, &why);
        const pcs_dot_t dot = {.a = a[role], .b = b[role], .c = numerics->sum, .k = 1, .accumulator = accumulator};
        if (status == PCS_OK && accumulator->period > 0) {
            return pcs_fail(err, PCS_INVALID,
                            "float.accumulator: %.60s takes products in lists of %u, which does not divide every K; "
                            "legal: an accumulator without index lists",
                            config->float_accumulator, accumulator->period);
        }
        status = status == PCS_OK ? pcs_dot_check(&dot, &why) : status;
        if (status != PCS_OK) {
            return pcs_fail(err, status, "float.accumulator, for %s: %s", pcs_role_name((pcs_role_t)role), why.text);
        }
    }
    return PCS_OK;
}

static pcs_status_t open_numerics(const pcs_config_t *config, pcs_floats_t *floats, pcs_error_t *err)
{
    char fw[PCS_SCHEDULE_NAME];
    char bw[PCS_SCHEDULE_NAME];
    pcs_float_numerics_t *numerics = &floats->numerics;
    const pcs_cast_t forward = {NULL, (pcs_rounding_t)config->float_rounding, (pcs_overflow_t)config->float_overflow,
                                (unsigned)config->float_random_bits};
    const pcs_cast_t backward = {NULL, (pcs_rounding_t)config->float_gradient_rounding,
                                 (pcs_overflow_t)config->float_gradient_overflow, (unsigned)config->float_random_bits};
    *numerics = (pcs_float_numerics_t){
        .forward = forward,
        .backward = backward,
        .output = forward,
        .output_gradient = backward,
        .scaled = config->float_scaling != 0,
        .executor = (pcs_executor_t)config->executor,
        .kernel = (pcs_kernel_t)config->kernel,
        .compensated = config->float_update == PCS_UPDATE_KAHAN,
    };
    pcs_status_t status = pcs_schedule_formats(config->schedule, fw, bw, err);
    status = status == PCS_OK ? find_format(floats, "precision.schedule", fw, &numerics->forward.format, err) : status;
    status = status == PCS_OK ? find_format(floats, "precision.schedule", bw, &numerics->backward.format, err) : status;
    status = status == PCS_OK ? find_format(floats, "float.sum", config->float_sum, &numerics->sum, err) : status;
    status = status == PCS_OK ? find_format(floats, "float.output", config->float_output, &numerics->output.format, err)
                              : status;
    numerics->output_gradient.format = numerics->output.format;
    return status == PCS_OK ? find_accumulators(config, numerics, err) : status;
}

/* The first convolution may have formats of its own. */
static pcs_status_t open_first(const pcs_config_t *config, pcs_floats_t *floats, pcs_error_t *err)
{
    if (strcmp(config->float_first, "same") == 0) {
        return PCS_OK;
    }
    floats->first = floats->numerics;
    pcs_status_t status = find_format(floats, "float.first", config->float_first, &floats->first.forward.format, err);
    floats->first.backward.format = floats->first.forward.format;
    status = status == PCS_OK ? find_accumulators(config, &floats->first, err) : status;
    floats->numerics.first = &floats->first;
    return status;
}

static pcs_status_t open_master(const pcs_config_t *config, pcs_floats_t *floats, pcs_error_t *err)
{
    floats->master = (pcs_master_t){
        .rule = (pcs_update_rule_t)config->float_update,
        .narrow_momentum = config->float_momentum != 0,
        .random_bits = (unsigned)config->float_random_bits,
    };
    const pcs_status_t status = find_format(floats, "float.master", config->float_master, &floats->master.format, err);
    if (status != PCS_OK) {
        return status;
    }
    floats->binary32_master = floats->master.format == &pcs_formats[PCS_FORMAT_FP32];
    if (floats->binary32_master && (config->float_update != PCS_UPDATE_RNE || floats->master.narrow_momentum)) {
        return pcs_fail(err, PCS_INVALID,
                        "%s: binary32 parameters are rounded to nearest and have no narrower format; legal: its "
                        "default, or another float.master",
                        floats->master.narrow_momentum ? "float.momentum" : "float.update");
    }
    return PCS_OK;
}

pcs_status_t pcs_floats_open(const pcs_config_t *config, pcs_floats_t *floats, pcs_error_t *err)
{
    memset(floats, 0, sizeof *floats);
    if (config->executor != PCS_EXECUTOR_REF && config->executor != PCS_EXECUTOR_FAST) {
        return pcs_fail(err, PCS_INVALID, "executor: precision.schedule %.60s runs on no array; legal: ref, fast",
                        config->schedule);
    }
    if (config->float_loss_scaling != 0 && config->float_gradient_overflow != PCS_OVERFLOW_INF) {
        return pcs_fail(err, PCS_INVALID,
                        "float.gradient-overflow: what saturates is never seen, and float.loss-scaling backoff never "
                        "backs off; legal with it: inf");
    }
    floats->backoff = config->float_loss_scaling != 0;
    pcs_status_t status = open_numerics(config, floats, err);
    status = status == PCS_OK ? open_first(config, floats, err) : status;
    return status == PCS_OK ? open_master(config, floats, err) : status;
}
