#include "sim/cli/gemm_array.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/cli/device.h"

const char *const cli_gemm_array_keys[] = {"array.rows",     "array.cols",     "array.kind",
                                           "array.acc-bits", "array.dataflow", NULL};

void cli_gemm_array_defaults(cli_gemm_array_t *array, bool blocks)
{
    enum { ACC_BITS = 48 };
    pcs_config_defaults(&array->config);
    array->config.array_kind = blocks ? PCS_KIND_BFP : PCS_KIND_FLOAT;
    array->config.acc_bits = ACC_BITS;
}

pcs_status_t cli_gemm_array_open(cli_gemm_array_t *array, const cli_args_t *args, pcs_executor_t executor, bool quiet,
                                 pcs_error_t *err)
{
    const bool needed = executor == PCS_EXECUTOR_CYCLE || executor == PCS_EXECUTOR_RTL;
    if (!needed && args->given > 0) {
        return pcs_fail(err, PCS_INVALID, "gemm: %s has no meaning with --executor %s; legal: with cycle and rtl",
                        args->give[0].key->key, pcs_executor_name(executor));
    }
    pcs_array_config_t config;
    pcs_status_t status = needed ? cli_array_config(&array->config, &config, err) : PCS_OK;
    if (status == PCS_OK && needed) {
        status = cli_device_create(executor, &config, quiet, &array->dev, err);
    }
    return status;
}

void cli_gemm_array_close(cli_gemm_array_t *array)
{
    pcs_array_dev_destroy(array->dev);
    array->dev = NULL;
}

pcs_status_t cli_gemm_array_fit(cli_gemm_array_t *array, const pcs_fgemm_t *gemm, pcs_accumulator_t *accumulator,
                                pcs_error_t *err)
{
    const bool bounded = array->dev != NULL && array->dev->config.dataflow != PCS_DATAFLOW_OS;
    const pcs_array_config_t fitted = {.kind = array->config.array_kind, .acc_bits = (unsigned)array->config.acc_bits};
    return pcs_fgemm_register(gemm, &fitted, bounded ? array->dev->config.rows : 0, false, accumulator, &array->exact,
                              err);
}

/* Products a clock of those that the PEs could do. */
static double utilisation(const cli_gemm_array_t *array, const pcs_fgemm_t *gemm, const pcs_fgemm_stats_t *stats)
{
    const pcs_array_config_t *config = &array->dev->config;
    const double products = (double)gemm->m * (double)gemm->n * (double)gemm->k;
    return products / ((double)stats->counts.n[PCS_EVENT_CYCLE] * (double)config->rows * (double)config->cols);
}

void cli_gemm_array_print(const cli_gemm_array_t *array, const pcs_fgemm_t *gemm, const pcs_fgemm_stats_t *stats)
{
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    if (array->fitted) {
        (void)printf("%-16s anchor %d, %u bits: %s\n", "register", accumulator->anchor, accumulator->register_bits,
                     array->exact ? "no product is cut off, no sum overflows: exact for these operands"
                                  : "no sum overflows, products are cut off below the anchor");
    }
    if (array->dev != NULL) {
        const pcs_array_config_t *config = &array->dev->config;
        (void)printf("%-16s %u x %u %s, %s, by the %s device\n", "array", config->rows, config->cols,
                     pcs_kinds[config->kind].name, pcs_dataflows[config->dataflow].name, array->dev->ops->name);
        (void)printf("%-16s %" PRIu64 ", as the closed form says; %.3f of the PEs' products\n", "clocks",
                     stats->counts.n[PCS_EVENT_CYCLE], utilisation(array, gemm, stats));
    }
}

void cli_gemm_array_json(const cli_gemm_array_t *array, const pcs_fgemm_t *gemm, const pcs_fgemm_stats_t *stats,
                         cJSON *object)
{
    if (array->fitted) {
        (void)cJSON_AddNumberToObject(object, "anchor", gemm->accumulator->anchor);
        (void)cJSON_AddNumberToObject(object, "register_bits", gemm->accumulator->register_bits);
        (void)cJSON_AddBoolToObject(object, "exact", array->exact);
    }
    if (array->dev != NULL) {
        const pcs_array_config_t *config = &array->dev->config;
        (void)cJSON_AddStringToObject(object, "kind", pcs_kinds[config->kind].name);
        (void)cJSON_AddStringToObject(object, "dataflow", pcs_dataflows[config->dataflow].name);
        (void)cJSON_AddNumberToObject(object, "rows", config->rows);
        (void)cJSON_AddNumberToObject(object, "cols", config->cols);
        (void)cJSON_AddNumberToObject(object, "clocks", (double)stats->counts.n[PCS_EVENT_CYCLE]);
        (void)cJSON_AddNumberToObject(object, "utilisation", utilisation(array, gemm, stats));
    }
}
