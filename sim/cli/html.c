#include "sim/cli/html.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/band.h"
#include "sim/cli/keys.h"
#include "sim/cli/plot.h"
#include "sim/cli/summary.h"

static void escape(cli_text_t *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        switch (*p) {
        case '&':
            cli_text_add(out, "&amp;");
            break;
        case '<':
            cli_text_add(out, "&lt;");
            break;
        case '>':
            cli_text_add(out, "&gt;");
            break;
        case '"':
            cli_text_add(out, "&quot;");
            break;
        default:
            cli_text_append(out, p, 1);
        }
    }
}

/* Text of a configuration key by its YAML name. */
static void config_text(const cli_model_t *model, const char *name, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (strcmp(cli_config_keys[i].key, name) == 0) {
            cli_key_text(&cli_config_keys[i], &model->config, text, size);
        }
    }
}

static void card(cli_text_t *out, const char *value, const char *text)
{
    cli_text_add(out, "<div class=card><b>%s</b><span>%s</span></div>\n", value, text);
}

static void headline(const cli_model_t *model, cli_text_t *out)
{
    char kind[32];
    char text[160];
    config_text(model, "array.kind", kind, sizeof kind);
    cli_text_add(out, "<h1>");
    escape(out, model->config.network);
    cli_text_add(out, " under <span class=whole>");
    escape(out, model->config.schedule);
    cli_text_add(out,
                 "</span></h1>\n<p class=soft>%" PRIu64 " training iterations of %" PRIu64 " images on a %" PRIu64
                 " × %" PRIu64
                 " array of %s PEs at %g MHz. Savings are against <b>static 8/8 on the same array</b>.</p>\n",
                 model->iterations, model->config.batch, model->config.array_rows, model->config.array_cols, kind,
                 model->config.clock_mhz);
    cli_text_add(out, "<div class=cards>\n");
    if (model->evals > 0) {
        char value[32];
        (void)snprintf(value, sizeof value, "%.2f %%", 100.0 * model->last_eval.accuracy);
        (void)snprintf(text, sizeof text, "test accuracy, forward at %u bit", model->last_eval.fw_bits);
        card(out, value, text);
    }
    cli_saving_row_t rows[CLI_SAVINGS];
    cli_savings(model, rows);
    for (size_t i = CLI_SAVINGS; i-- > 0;) {
        char value[32];
        (void)snprintf(value, sizeof value, "%.2f %%", rows[i].percent);
        (void)snprintf(text, sizeof text, "saved in %s", rows[i].title);
        card(out, value, text);
    }
    cli_text_add(out, "</div>\n");
    if (cli_has_bars(model)) {
        double low;
        double high;
        cli_band(model->all.bar, model->all.base_bar, &low, &high);
        cli_text_add(out,
                     "<p class=soft>By the bars of the energy table the saving in energy lies between %.2f %% and %.2f "
                     "%%.</p>\n",
                     low, high);
    }
    const bool clean = model->check_differences == 0;
    char words[40];
    cli_grouped((double)model->check_words, words, sizeof words);
    if (model->check_tiles > 0) {
        cli_text_add(out,
                     "<p class=%s>%s %" PRIu64
                     " live tiles ran through the RTL in lock-step: %s words compared, %" PRIu64 " differences.</p>\n",
                     clean ? "good" : "bad", clean ? "✓" : "✗", model->check_tiles, words, model->check_differences);
    } else {
        cli_text_add(out, "<p class=soft>No tile was compared with the RTL in this run.</p>\n");
    }
}

/* The same of a run on no array. */
static void headline_bare(const cli_model_t *model, cli_text_t *out)
{
    char name[2 * PCS_SCHEDULE_NAME];
    cli_bare_name(model, name, sizeof name);
    cli_text_add(out, "<h1>");
    escape(out, model->config.network);
    cli_text_add(out, " in <span class=whole>");
    escape(out, name);
    cli_text_add(out,
                 "</span></h1>\n<p class=soft>%" PRIu64 " training iterations of %" PRIu64
                 " images: %s.</p>\n<div class=cards>\n",
                 model->iterations, model->config.batch, cli_bare_note(model));
    if (model->evals > 0) {
        char value[32];
        (void)snprintf(value, sizeof value, "%.2f %%", 100.0 * model->last_eval.accuracy);
        card(out, value, "test accuracy");
    }
    cli_text_add(out, "</div>\n");
}

/* What rounding did to the tensors of a run in floating point. */
static void casts_table(const cli_model_t *model, cli_text_t *out)
{
    cli_text_add(out, "<h2>Rounded tensors</h2>\n<table><tr><th>tensor<th>values<th>to zero, %%<th>subnormal, %%"
                      "<th>beyond, %%<th>not finite, %%\n");
    for (int tensor = 0; tensor < PCS_FLOAT_TENSORS; tensor++) {
        const pcs_cast_counts_t *counts = &model->tally.tensor[tensor];
        if (counts->values > 0) {
            char values[40];
            cli_grouped((double)counts->values, values, sizeof values);
            cli_text_add(out, "<tr><th>%s<td>%s<td>%.4f<td>%.4f<td>%.4f<td>%.4f\n",
                         pcs_float_tensor_name((pcs_float_tensor_t)tensor), values,
                         cli_cast_share(counts, counts->zeroed), cli_cast_share(counts, counts->subnormal),
                         cli_cast_share(counts, counts->beyond), cli_cast_share(counts, counts->special));
        }
    }
    cli_text_add(out,
                 "</table>\n<p class=soft>%" PRIu64 " of %" PRIu64
                 " iterations made no update; <code>casts.csv</code> has every iteration.</p>\n",
                 model->skipped, model->iterations);
}

static void figure(cli_text_t *out, const char *shape, const cli_text_t *svg, const char *missing)
{
    cli_text_add(out, "<figure class=%s>", shape);
    if (svg->size > 0) {
        cli_text_append(out, svg->data, svg->size);
    } else {
        cli_text_add(out, "<p class=soft>");
        escape(out, missing != NULL ? missing : "no plot");
        cli_text_add(out, "</p>");
    }
    cli_text_add(out, "<figcaption>");
}

static void key(cli_text_t *out, const char *colour, const char *name)
{
    cli_text_add(out, "<span class=key><i style=\"background:%s\"></i>%s</span>", colour, name);
}

static void figure_bare(const cli_plots_t *plots, cli_text_t *out)
{
    cli_text_add(out, "<h2>Loss</h2>\n");
    figure(out, "whole", &plots->loss, plots->missing);
    key(out, cli_line_colour[0], "training loss, mean over equal stretches");
    cli_text_add(out, "</figcaption></figure>\n");
}

static void figures(const cli_plots_t *plots, cli_text_t *out)
{
    cli_text_add(out, "<h2>Loss and precision</h2>\n");
    figure(out, "whole", &plots->loss, plots->missing);
    key(out, cli_line_colour[0], "training loss, mean over equal stretches");
    key(out, cli_line_colour[1], "forward bits");
    cli_text_add(out, "</figcaption></figure>\n<div class=pair>\n<div><h2>Energy per iteration</h2>\n");
    figure(out, "half", &plots->energy, plots->missing);
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        key(out, cli_component_colour[i], pcs_energy_components[i].name);
    }
    cli_text_add(out, "</figcaption></figure></div>\n<div><h2>Time per layer and pass</h2>\n");
    figure(out, "half", &plots->layers, plots->missing);
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        key(out, cli_pass_colour[role], pcs_role_name((pcs_role_t)role));
    }
    cli_text_add(out, "mean over all iterations</figcaption></figure></div>\n</div>\n");
}

static void bits_table(const cli_model_t *model, cli_text_t *out)
{
    cli_text_add(out, "<h2>By forward bit-width</h2>\n<div class=wide><table>\n<tr><th>bits, fw/bw<th>iterations"
                      "<th>cycles<br>per iteration<th>time<br>per iteration<th>energy<br>per iteration<th>forward"
                      "<th>dgrad<th>wgrad<th>time<br>saved<th>energy<br>saved</tr>\n");
    for (unsigned bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
        const cli_bits_t *row = &model->bits[bits];
        if (row->iterations == 0) {
            continue;
        }
        const double n = (double)row->iterations;
        const double energy = pcs_energy_total_pj(&row->all.energy);
        char text[40];
        if (row->bw_bits == 0) {
            cli_text_add(out, "<tr><td>%u/several", bits);
        } else {
            cli_text_add(out, "<tr><td>%u/%u", bits, row->bw_bits);
        }
        cli_grouped(n, text, sizeof text);
        cli_text_add(out, "<td>%s", text);
        cli_grouped(row->all.cycles / n, text, sizeof text);
        cli_text_add(out, "<td>%s", text);
        cli_si(row->all.time_us * 1e-6 / n, "s", text, sizeof text);
        cli_text_add(out, "<td>%s", text);
        cli_si(energy * 1e-12 / n, "J", text, sizeof text);
        cli_text_add(out, "<td>%s", text);
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            cli_si(pcs_energy_total_pj(&row->pass[role].energy) * 1e-12 / n, "J", text, sizeof text);
            cli_text_add(out, "<td>%s", text);
        }
        cli_text_add(out, "<td>%.2f %%<td>%.2f %%</tr>\n", cli_saving(row->all.time_us, row->all.base_time_us),
                     cli_saving(energy, pcs_energy_total_pj(&row->all.base_energy)));
    }
    cli_text_add(out, "</table></div>\n");
}

static void joules(double pj, cli_text_t *out)
{
    char text[40];
    cli_si(pj * 1e-12, "J", text, sizeof text);
    cli_text_add(out, "<td>%s", text);
}

static void component_end(double pj, double total, double base, cli_text_t *out)
{
    cli_text_add(out, "<td>%.1f %%", total > 0 ? 100.0 * pj / total : 0);
    joules(base, out);
    cli_text_add(out, "<td>%.2f %%</tr>\n", cli_saving(pj, base));
}

static void components_table(const cli_model_t *model, cli_text_t *out)
{
    const double total = pcs_energy_total_pj(&model->all.energy);
    cli_text_add(out,
                 "<h2>Energy by component</h2>\n<div class=wide><table>\n<tr><th>component<th>energy<th>low<th>high"
                 "<th>share<th>at static 8/8<th>saved</tr>\n");
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        cli_text_add(out, "<tr><td title=\"%s\">%s", pcs_energy_components[i].meaning, pcs_energy_components[i].name);
        for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
            joules(model->all.bar[bound].pj[i], out);
        }
        component_end(model->all.energy.pj[i], total, model->all.base_energy.pj[i], out);
    }
    cli_text_add(out, "<tr><td><b>total</b>");
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        joules(pcs_energy_total_pj(&model->all.bar[bound]), out);
    }
    component_end(total, total, pcs_energy_total_pj(&model->all.base_energy), out);
    cli_text_add(out, "</table></div>\n");
}

static void checks(const cli_model_t *model, cli_text_t *out)
{
    char tiles[40];
    char cycles[40];
    char words[40];
    cli_grouped((double)model->check_tiles, tiles, sizeof tiles);
    cli_grouped((double)model->check_cycles, cycles, sizeof cycles);
    cli_grouped((double)model->check_words, words, sizeof words);
    cli_text_add(out,
                 "<h2>Lock-step checks</h2>\n<dl><dt>tiles<dd>%s<dt>clocks, both machines<dd>%s"
                 "<dt>words compared<dd>%s<dt>differences<dd class=%s>%" PRIu64 "</dl>\n"
                 "<p class=soft>Every architectural register of every PE is compared after every clock; "
                 "<code>checks.csv</code> lists each tile.</p>\n",
                 tiles, cycles, words, model->check_differences == 0 ? "good" : "bad", model->check_differences);
}

static void provenance(const cli_model_t *model, cli_text_t *out)
{
    const cli_provenance_t *p = &model->provenance;
    cli_text_add(out,
                 "<h2>Provenance</h2>\n<dl><dt>final hash<dd><code>%s</code><dt>seed<dd>%" PRIu64
                 "<dt>spec hash<dd><code>%s</code>",
                 p->final_hash, model->config.seed, p->spec_hash);
    if (!model->bare) {
        cli_text_add(out, "<dt>energy table<dd><code>");
        escape(out, model->config.energy_table);
        cli_text_add(out, "</code> (<code>%s</code>)", p->table_hash);
    }
    cli_text_add(out,
                 "<dt>version<dd>%s, commit <code>%s</code></dl>\n<p>%s:</p>\n"
                 "<pre>precess train -c run.yaml --output DIRECTORY</pre>\n"
                 "<details><summary>Configuration, run.yaml</summary>\n<pre>",
                 p->version, p->commit,
                 model->bare && model->formats == NULL ? "To run it again" : "To get the same bits again");
    cli_text_t yaml = {0};
    cli_config_yaml(&model->config, &yaml);
    escape(out, yaml.data != NULL ? yaml.data : "");
    cli_text_free(&yaml);
    cli_text_add(out, "</pre></details>\n");
}

static void definitions(cli_text_t *out)
{
    cli_text_add(
        out,
        "<h2>What the numbers mean</h2>\n<dl>"
        "<dt>accumulators<dd><code>layers.csv</code> says for each GEMM how many steps of K an accumulator takes "
        "before it "
        "is read, whether that is proven free of overflow, and how many words overflowed.\n"
        "<dt>cycles, time<dd>clocks of the array from closed forms that equal the RTL's own counters; time = clocks / "
        "clock frequency. Memory and vector unit are taken to keep up.\n"
        "<dt>energy<dd>counted events × the table named above, in joules; leakage × time included. Training GEMMs "
        "only: evaluations are not charged.\n"
        "<dt>low, high<dd>what the rows of the energy table say an event may cost. A saving's bounds: the rows of a "
        "component move together, the same in the run and at static 8/8; components move apart.\n"
        "<dt>static 8/8<dd>the same GEMMs, shapes and tiling rules on the same array with 8-bit operands throughout.\n"
        "<dt>BitOPs, published<dd>mean over iterations of (b·b + 2·b·g) / (3·8·8), b forward bits, g backward bits.\n"
        "<dt>BitOPs, as executed<dd>sum over the GEMMs that ran of MACs × pa × pb, operands as the array got them.\n"
        "<dt>forward, dgrad, wgrad<dd>the three GEMMs of a layer: output, gradient of the input, gradient of the "
        "weights.\n"
        "<dt>files<dd><code>summary.csv bits.csv metrics.csv layers.csv checks.csv evals.csv</code> hold every number "
        "of this page; <code>timeline.json</code> opens in Perfetto.</dl>\n");
}

void cli_html(const cli_model_t *model, const cli_plots_t *plots, cli_text_t *out)
{
    cli_text_add(out, "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
                      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
                      "<meta name=color-scheme content=\"light dark\">\n<title>Precess: ");
    escape(out, model->config.network);
    cli_text_add(out, ", ");
    escape(out, model->config.schedule);
    cli_text_add(out, "</title>\n<style>\n%s</style></head>\n<body><main>\n", cli_html_style);
    if (model->bare) {
        headline_bare(model, out);
        figure_bare(plots, out);
        if (model->formats != NULL) {
            casts_table(model, out);
        }
        provenance(model, out);
    } else {
        headline(model, out);
        figures(plots, out);
        bits_table(model, out);
        components_table(model, out);
        checks(model, out);
        provenance(model, out);
        definitions(out);
    }
    cli_text_add(out, "</main></body></html>\n");
}
