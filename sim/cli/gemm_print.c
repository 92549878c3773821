#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/cli/gemm_run.h"

static double relative_error(const cli_gemm_error_t *error)
{
    return error->norm > 0.0 ? sqrt(error->square) / sqrt(error->norm) : 0.0;
}

static double mean_error(const cli_gemm_error_t *error)
{
    return error->finite == 0 ? 0.0 : error->sum / (double)error->finite;
}

static void print_matrix(const char *name, const cli_matrix_t *matrix)
{
    (void)printf("%-16s %zu x %zu, %s, %" PRIu64 " elements rounded to it, %" PRIu64 " NaN\n", name, matrix->rows,
                 matrix->cols, matrix->format->name, matrix->rounded, matrix->nan);
}

static cli_status_counts_t counts_of(const pcs_fgemm_stats_t *stats)
{
    return (cli_status_counts_t){.of = stats->outputs,
                                 .inexact = stats->inexact,
                                 .overflow = stats->overflow,
                                 .underflow = stats->underflow,
                                 .invalid = stats->invalid};
}

void cli_gemm_print_text(const cli_gemm_run_t *run, const char *accumulator)
{
    const pcs_fgemm_stats_t *stats = &run->stats;
    const cli_status_counts_t counts = counts_of(stats);
    print_matrix("A", &run->a);
    print_matrix("B", &run->b);
    if (run->c.codes != NULL) {
        print_matrix("C", &run->c);
    }
    (void)printf("%-16s %" PRIu64 " outputs, %s, %s\n", "Y", stats->outputs, run->c_format->name, accumulator);
    cli_status_counts_print(&counts);
    cli_status_count_print("NaN", stats->nan, stats->outputs);
    if (run->a_scales.codes == NULL) {
        (void)printf("%-16s %.9g\n%-16s %.9g\n%-16s %.9g (of %" PRIu64
                     " finite outputs, to exact sums rounded to fp32)\n",
                     "max |error|", run->error.max, "mean |error|", mean_error(&run->error), "relative error",
                     relative_error(&run->error), run->error.finite);
    }
    cli_gemm_array_print(&run->array, &run->gemm, stats);
    (void)printf("%-16s", "computed");
    for (int way = 0; way < PCS_FGEMM_WAYS; way++) {
        if (way == PCS_FGEMM_ARRAY && stats->way[way] == 0) {
            continue;
        }
        (void)printf("%s %s %.3f %%", way > 0 ? "," : "", pcs_fgemm_way_name((pcs_fgemm_way_t)way),
                     100.0 * (double)stats->way[way] / (double)stats->outputs);
    }
    (void)printf("\n");
}

pcs_status_t cli_gemm_print_json(const cli_gemm_run_t *run, const char *accumulator, pcs_error_t *err)
{
    const pcs_fgemm_stats_t *stats = &run->stats;
    const cli_status_counts_t counts = counts_of(stats);
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(object, "accumulator", accumulator);
    (void)cJSON_AddStringToObject(object, "a_format", run->a.format->name);
    (void)cJSON_AddStringToObject(object, "b_format", run->b.format->name);
    (void)cJSON_AddStringToObject(object, "c_format", run->c_format->name);
    (void)cJSON_AddNumberToObject(object, "m", (double)run->gemm.m);
    (void)cJSON_AddNumberToObject(object, "n", (double)run->gemm.n);
    (void)cJSON_AddNumberToObject(object, "k", (double)run->gemm.k);
    (void)cJSON_AddNumberToObject(object, "a_rounded", (double)run->a.rounded);
    (void)cJSON_AddNumberToObject(object, "b_rounded", (double)run->b.rounded);
    (void)cJSON_AddNumberToObject(object, "nan_in", (double)(run->a.nan + run->b.nan + run->c.nan));
    (void)cJSON_AddNumberToObject(object, "outputs", (double)stats->outputs);
    cli_status_counts_json(&counts, object);
    (void)cJSON_AddNumberToObject(object, "nan_out", (double)stats->nan);
    if (run->a_scales.codes == NULL) {
        (void)cJSON_AddNumberToObject(object, "max_abs_error", run->error.max);
        (void)cJSON_AddNumberToObject(object, "mean_abs_error", mean_error(&run->error));
        (void)cJSON_AddNumberToObject(object, "relative_error", relative_error(&run->error));
    }
    for (int way = 0; way < PCS_FGEMM_WAYS; way++) {
        (void)cJSON_AddNumberToObject(object, pcs_fgemm_way_name((pcs_fgemm_way_t)way), (double)stats->way[way]);
    }
    cli_gemm_array_json(&run->array, &run->gemm, stats, object);
    return cli_json_print(object, err);
}
