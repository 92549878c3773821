/* The three plots of a report, as gnuplot scripts with inline data. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "energy/csv.h"
#include "sim/cli/plot.h"

const char *const cli_component_colour[PCS_ENERGY_COMPONENT_COUNT] = {
    [PCS_ENERGY_MAC] = "#4e79a7",     [PCS_ENERGY_OPERAND] = "#f28e2b", [PCS_ENERGY_ACCUMULATOR] = "#59a14f",
    [PCS_ENERGY_SRAM] = "#b07aa1",    [PCS_ENERGY_DRAM] = "#e15759",    [PCS_ENERGY_VECTOR] = "#9c755f",
    [PCS_ENERGY_LEAKAGE] = "#8a9299", [PCS_ENERGY_CLOCK] = "#edc948"};
const char *const cli_pass_colour[PCS_ROLE_COUNT] = {"#4e79a7", "#f28e2b", "#59a14f"};
const char *const cli_line_colour[2] = {"#4e79a7", "#e1884a"};

enum { POINTS = 400 };

/* Mean loss and last forward bits (0 in binary32) of up to POINTS equal stretches of the run. */
static pcs_status_t loss_data(const cli_model_t *model, cli_text_t *script, pcs_error_t *err)
{
    char path[CLI_PATH_MAX];
    cli_path(path, sizeof path, model->dir, "metrics.csv");
    pcs_csv_t *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return pcs_fail(err, PCS_MEMORY, "plot: out of memory");
    }
    bool more = false;
    size_t loss = 0;
    size_t bits = 0;
    pcs_status_t status = pcs_csv_open(path, csv, err);
    status = status == PCS_OK ? pcs_csv_next(csv, &more, err) : status;
    for (size_t i = 0; status == PCS_OK && i < csv->fields; i++) {
        loss = strcmp(csv->field[i], "loss_nats") == 0 ? i : loss;
        bits = strcmp(csv->field[i], "fw_bits") == 0 ? i : bits;
    }
    const uint64_t stretch = model->iterations / POINTS + 1;
    double sum = 0;
    uint64_t rows = 0;
    cli_text_add(script, "$loss << END\n");
    while (status == PCS_OK && (status = pcs_csv_next(csv, &more, err)) == PCS_OK && more) {
        double value = 0;
        double width = 0;
        if (!pcs_csv_real(csv, loss, &value) || (!model->bare && !pcs_csv_real(csv, bits, &width))) {
            status = pcs_fail(err, PCS_FORMAT, "%s:%u: loss_nats, fw_bits: not numbers", path, csv->line);
            break;
        }
        sum += value;
        rows++;
        if (rows % stretch == 0 || rows == model->iterations) {
            const uint64_t in_stretch = rows % stretch == 0 ? stretch : rows % stretch;
            cli_text_add(script, "%" PRIu64 " %.6g %g\n", rows, sum / (double)in_stretch, width);
            sum = 0;
        }
    }
    cli_text_add(script, "END\n");
    pcs_csv_close(csv);
    free(csv);
    return status;
}

/* Distance of ticks on an axis up to `most`: 1, 2 or 5 times a power of ten, at most six ticks. */
static uint64_t tick_distance(uint64_t most)
{
    static const uint64_t steps[] = {1, 2, 5};
    uint64_t power = 1;
    for (size_t i = 0;; i++) {
        if (i == sizeof steps / sizeof steps[0]) {
            i = 0;
            power *= 10;
        }
        if (most / (steps[i] * power) <= 5) {
            return steps[i] * power;
        }
    }
}

pcs_status_t cli_plot_loss(const cli_model_t *model, cli_text_t *svg, pcs_error_t *err)
{
    cli_text_t script = {0};
    pcs_status_t status = loss_data(model, &script, err);
    if (status == PCS_OK) {
        cli_text_add(&script,
                     "set xlabel 'iteration'\nset ylabel 'loss, nats'\nset yrange [0:*]\nset xrange [0:%" PRIu64 "]\n"
                     "set xtics %" PRIu64 "\n",
                     model->iterations > 0 ? model->iterations : 1, tick_distance(model->iterations));
        if (!model->bare) {
            cli_text_add(&script, "set y2label 'forward bits'\nset border 11\nset y2tics 1\nset y2range [%d.5:%d.5]\n",
                         PCS_PREC_MIN - 1, PCS_PREC_MAX);
        }
        cli_text_add(&script, "plot ");
        if (!model->bare) {
            cli_text_add(&script, "$loss using 1:3 axes x1y2 with steps lw 1.4 lc rgb '%s', ", cli_line_colour[1]);
        }
        cli_text_add(&script, "$loss using 1:2 with lines lw 1.8 lc rgb '%s'\n", cli_line_colour[0]);
        status = cli_plot_run("loss", CLI_PLOT_WHOLE, &script, svg, err);
    }
    cli_text_free(&script);
    return status;
}

/* Stacked bars: one column of $bars per part. */
static void stacked(cli_text_t *script, size_t parts, const char *const *colours)
{
    cli_text_add(script, "set rmargin 1\nset style data histograms\nset style histogram rowstacked\nset boxwidth 0.7\n"
                         "set style fill solid 1.0 noborder\nset yrange [0:*]\nplot ");
    for (size_t i = 0; i < parts; i++) {
        cli_text_add(script, "%s$bars using %zu%s lc rgb '%s'", i == 0 ? "" : ", ", i + 2, i == 0 ? ":xtic(1)" : "",
                     colours[i]);
    }
    cli_text_add(script, "\n");
}

/* A power of 1000 for an axis, so that its numbers stay short. */
typedef struct scale {
    double factor;
    const char *prefix;
} scale_t;

static scale_t scale_for(double largest)
{
    static const scale_t scales[] = {{1, ""}, {1e3, "m"}, {1e6, "µ"}, {1e9, "n"}, {1e12, "p"}};
    size_t i = 0;
    while (i + 1 < sizeof scales / sizeof scales[0] && largest * scales[i].factor < 1) {
        i++;
    }
    return scales[i];
}

pcs_status_t cli_plot_energy(const cli_model_t *model, cli_text_t *svg, pcs_error_t *err)
{
    double largest = 0;
    for (unsigned bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
        const cli_bits_t *row = &model->bits[bits];
        if (row->iterations > 0) {
            largest = fmax(largest, pcs_energy_total_pj(&row->all.energy) * 1e-12 / (double)row->iterations);
        }
    }
    const scale_t scale = scale_for(largest);
    cli_text_t script = {0};
    cli_text_add(&script, "$bars << END\n");
    for (unsigned bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
        const cli_bits_t *row = &model->bits[bits];
        if (row->iterations == 0) {
            continue;
        }
        cli_text_add(&script, "%u", bits);
        for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
            cli_text_add(&script, " %.6g", row->all.energy.pj[i] * 1e-12 * scale.factor / (double)row->iterations);
        }
        cli_text_add(&script, "\n");
    }
    cli_text_add(&script, "END\nset xlabel 'forward bits'\nset ylabel 'energy per iteration, %sJ'\n", scale.prefix);
    stacked(&script, PCS_ENERGY_COMPONENT_COUNT, cli_component_colour);
    const pcs_status_t status = cli_plot_run("energy", CLI_PLOT_HALF, &script, svg, err);
    cli_text_free(&script);
    return status;
}

pcs_status_t cli_plot_layers(const cli_model_t *model, cli_text_t *svg, pcs_error_t *err)
{
    const double n = model->iterations > 0 ? (double)model->iterations : 1;
    double largest = 0;
    for (size_t i = 0; i < model->layer_count; i++) {
        double sum = 0;
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            sum += model->layers[i].pass[role].time_us * 1e-6 / n;
        }
        largest = fmax(largest, sum);
    }
    const scale_t scale = scale_for(largest);
    cli_text_t script = {0};
    cli_text_add(&script, "$bars << END\n");
    for (size_t i = 0; i < model->layer_count; i++) {
        cli_text_add(&script, "\"%s\"", model->layers[i].name);
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            cli_text_add(&script, " %.6g", model->layers[i].pass[role].time_us * 1e-6 * scale.factor / n);
        }
        cli_text_add(&script, "\n");
    }
    cli_text_add(&script, "END\nset ylabel 'time per iteration, %ss'\nset xtics rotate by %d right noenhanced\n",
                 scale.prefix, model->layer_count > 8 ? 60 : 0);
    stacked(&script, PCS_ROLE_COUNT, cli_pass_colour);
    const pcs_status_t status = cli_plot_run("layers", CLI_PLOT_HALF, &script, svg, err);
    cli_text_free(&script);
    return status;
}
