/* precess report: rebuilds what a run directory's CSV files say. */
#include "sim/cli/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/html.h"
#include "sim/cli/plot.h"
#include "sim/cli/summary.h"

static pcs_status_t draw(const cli_model_t *model, cli_plots_t *plots, pcs_error_t *why, pcs_error_t *err)
{
    pcs_status_t status = cli_plot_loss(model, &plots->loss, why);
    status = status == PCS_OK && !model->bare ? cli_plot_energy(model, &plots->energy, why) : status;
    status = status == PCS_OK && !model->bare ? cli_plot_layers(model, &plots->layers, why) : status;
    if (status == PCS_UNSUPPORTED) {
        plots->missing = why->text;
        (void)fprintf(stderr, "precess: %s\n", why->text);
        return PCS_OK;
    }
    return status == PCS_OK ? PCS_OK : pcs_fail(err, status, "%s", why->text);
}

static pcs_status_t write_json(const char *dir, const cli_model_t *model, pcs_error_t *err)
{
    cJSON *object = cli_summary_json(model);
    char *json = cJSON_Print(object);
    cJSON_Delete(object);
    if (json == NULL) {
        return pcs_fail(err, PCS_MEMORY, "summary.json: out of memory");
    }
    cli_text_t text = {0};
    cli_text_add(&text, "%s\n", json);
    cJSON_free(json);
    const pcs_status_t status = cli_text_write(&text, dir, "summary.json", err);
    cli_text_free(&text);
    return status;
}

static pcs_status_t write_text(const char *dir, const char *name, const cli_model_t *model,
                               void (*make)(const cli_model_t *, cli_text_t *), pcs_error_t *err)
{
    cli_text_t text = {0};
    make(model, &text);
    const pcs_status_t status = cli_text_write(&text, dir, name, err);
    cli_text_free(&text);
    return status;
}

pcs_status_t cli_report_build(const char *dir, const cli_provenance_t *provenance, cli_model_t *model, pcs_error_t *err)
{
    pcs_status_t status = cli_model_load(dir, provenance, model, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_error_t why = {{0}};
    cli_plots_t plots = {0};
    cli_text_t page = {0};
    status = draw(model, &plots, &why, err);
    cli_html(model, &plots, &page);
    status = status == PCS_OK && !model->bare ? write_text(dir, "bits.csv", model, cli_bits_csv, err) : status;
    status = status == PCS_OK ? write_text(dir, "summary.csv", model, cli_summary_csv, err) : status;
    status = status == PCS_OK ? write_json(dir, model, err) : status;
    status = status == PCS_OK ? cli_text_write(&page, dir, "report.html", err) : status;
    cli_text_free(&page);
    cli_text_free(&plots.loss);
    cli_text_free(&plots.energy);
    cli_text_free(&plots.layers);
    return status;
}

static pcs_status_t rebuild(const char *dir, bool json, int *exit_status, cli_model_t *model, pcs_error_t *err)
{
    cli_provenance_t provenance;
    pcs_status_t status = cli_provenance_read(dir, &provenance, err);
    status = status == PCS_OK ? cli_report_build(dir, &provenance, model, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    *exit_status = model->check_differences > 0 ? CLI_EXIT_CHECK_FAILED : CLI_EXIT_FINE;
    if (json) {
        return cli_json_print(cli_summary_json(model), err);
    }
    cli_summary_print(model);
    return PCS_OK;
}

pcs_status_t cli_report(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    bool json = false;
    cli_args_t args = {
        .command = "report",
        .usage = "DIR [--json]",
        .about =
            "Rebuilds report.html, summary.json, summary.csv and bits.csv of a run directory from its CSV files and\n"
            "prints the summary.  Exit status 1 when the run has lock-step differences.",
        .switches = {{"json", 0, &json, NULL, NULL, "print one JSON object instead of text"}},
        .operands_max = 1,
    };
    pcs_status_t status = cli_args_parse(&args, argc, argv, err);
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
        return PCS_OK;
    }
    if (status != PCS_OK) {
        return status;
    }
    if (args.operands != 1) {
        return pcs_fail(err, PCS_INVALID, "report: DIR is missing; legal: the directory of a run");
    }
    cli_model_t *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return pcs_fail(err, PCS_MEMORY, "report: out of memory");
    }
    status = rebuild(args.operand[0], json, exit_status, model, err);
    free(model);
    return status;
}
