#include "sim/cli/summary.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/band.h"
#include "sim/cli/keys.h"

void cli_si(double value, const char *unit, char *text, size_t size)
{
    static const struct {
        double scale;
        const char *prefix;
    } prefixes[] = {{1e18, "E"}, {1e15, "P"}, {1e12, "T"}, {1e9, "G"},  {1e6, "M"},
                    {1e3, "k"},  {1, ""},     {1e-3, "m"}, {1e-6, "µ"}, {1e-9, "n"}};
    size_t i = 0;
    while (i + 1 < sizeof prefixes / sizeof prefixes[0] && fabs(value) < prefixes[i].scale) {
        i++;
    }
    if (value == 0) {
        (void)snprintf(text, size, "0 %s", unit);
    } else {
        const double scaled = value / prefixes[i].scale;
        const int digits = fabs(scaled) < 10 ? 3 : fabs(scaled) < 100 ? 2 : 1;
        (void)snprintf(text, size, "%.*f %s%s", digits, scaled, prefixes[i].prefix, unit);
    }
}

void cli_grouped(double value, char *text, size_t size)
{
    char digits[64];
    (void)snprintf(digits, sizeof digits, "%.0f", value);
    const size_t length = strlen(digits);
    size_t used = 0;
    for (size_t i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-') {
            text[used++] = ',';
        }
        text[used++] = digits[i];
    }
    text[used] = '\0';
}

bool cli_has_bars(const cli_model_t *model)
{
    const pcs_energy_t *bar = model->all.bar;
    return pcs_energy_total_pj(&bar[PCS_ENERGY_LOW]) < pcs_energy_total_pj(&bar[PCS_ENERGY_HIGH]);
}

void cli_savings(const cli_model_t *model, cli_saving_row_t rows[CLI_SAVINGS])
{
    const cli_sum_t *all = &model->all;
    rows[0] = (cli_saving_row_t){"saving_bitops_published", "BitOPs, published convention",
                                 "schedule alone: every layer counted with forward, dgrad and wgrad",
                                 100.0 * (1.0 - model->published_bitops)};
    rows[1] =
        (cli_saving_row_t){"saving_bitops_executed", "BitOPs, as executed",
                           "sum of MACs x pa x pb of the GEMMs that ran", cli_saving(all->bitops, all->base_bitops)};
    rows[2] =
        (cli_saving_row_t){"saving_time", "time", "clocks of the array", cli_saving(all->time_us, all->base_time_us)};
    rows[3] = (cli_saving_row_t){"saving_energy", "energy", "all components, leakage included",
                                 cli_saving(pcs_energy_total_pj(&all->energy), pcs_energy_total_pj(&all->base_energy))};
}

/* Value of a CHOICE key of the configuration, by the offset of its field. */
static const char *choice_text(const cli_model_t *model, size_t offset, char *text, size_t size)
{
    for (size_t i = 0; i < cli_config_key_count; i++) {
        if (cli_config_keys[i].offset == offset) {
            cli_key_text(&cli_config_keys[i], &model->config, text, size);
        }
    }
    return text;
}

static void print_bits_table(const cli_model_t *model)
{
    (void)printf(
        "  forward bits   iterations   cycles/it        time/it    energy/it     forward       dgrad       wgrad\n");
    for (unsigned bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
        const cli_bits_t *row = &model->bits[bits];
        if (row->iterations == 0) {
            continue;
        }
        const double n = (double)row->iterations;
        char cycles[40];
        char time[40];
        char energy[40];
        cli_grouped(row->all.cycles / n, cycles, sizeof cycles);
        cli_si(row->all.time_us / n * 1e-6, "s", time, sizeof time);
        cli_si(pcs_energy_total_pj(&row->all.energy) / n * 1e-12, "J", energy, sizeof energy);
        (void)printf("  %-12u %12" PRIu64 " %11s %14s %12s", bits, row->iterations, cycles, time, energy);
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            cli_si(pcs_energy_total_pj(&row->pass[role].energy) / n * 1e-12, "J", energy, sizeof energy);
            (void)printf(" %11s", energy);
        }
        (void)printf("\n");
    }
}

/* Whether accumulators can have overflowed: nothing overflows silently. */
static void print_accumulators(const cli_model_t *model)
{
    char segment[40];
    cli_grouped(model->all.segment, segment, sizeof segment);
    (void)printf("accumulators   %" PRIu64 " bits, read after at most %s steps of K: ", model->config.acc_bits,
                 segment);
    if (model->all.unproven == 0) {
        (void)printf("proven free of overflow\n\n");
    } else {
        (void)printf("%.0f of %.0f GEMMs not proven free of overflow, %.0f words overflowed\n\n", model->all.unproven,
                     model->all.gemms, model->all.overflows);
    }
}

const char *cli_bare_note(const cli_model_t *model)
{
    return model->formats != NULL
               ? "floating-point contracts on no array: no cycles or energy are claimed, no tile was checked; the bits "
                 "depend neither on the machine nor on the number of threads"
               : "binary32 by OpenBLAS on no array: no cycles, energy or bits are claimed, no tile was checked, and "
                 "another machine or number of threads may give other bits";
}

void cli_bare_name(const cli_model_t *model, char *text, size_t size)
{
    (void)snprintf(text, size, "%s", model->formats != NULL ? model->formats : "fp32");
    for (char *p = text; *p != '\0'; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
}

double cli_cast_share(const pcs_cast_counts_t *counts, uint64_t of)
{
    return counts->values > 0 ? 100.0 * (double)of / (double)counts->values : 0.0;
}

/* What rounding did to each kind of tensor. */
static void print_casts(const cli_model_t *model)
{
    (void)printf("casts, %%       tensor   to zero  subnormal    beyond  not finite\n");
    for (int tensor = 0; tensor < PCS_FLOAT_TENSORS; tensor++) {
        const pcs_cast_counts_t *counts = &model->tally.tensor[tensor];
        if (counts->values > 0) {
            (void)printf("               %6s %9.4f  %9.4f %9.4f   %9.4f\n",
                         pcs_float_tensor_name((pcs_float_tensor_t)tensor), cli_cast_share(counts, counts->zeroed),
                         cli_cast_share(counts, counts->subnormal), cli_cast_share(counts, counts->beyond),
                         cli_cast_share(counts, counts->special));
        }
    }
    if (model->config.float_loss_scaling != 0) {
        (void)printf("skipped        %" PRIu64 " of %" PRIu64 " iterations made no update: a gradient was not finite\n",
                     model->skipped, model->iterations);
    }
}

static void print_accuracy(const cli_model_t *model)
{
    const cli_eval_t *eval = &model->last_eval;
    char bits[2 * PCS_SCHEDULE_NAME];
    cli_bare_name(model, bits, sizeof bits);
    if (!model->bare) {
        (void)snprintf(bits, sizeof bits, "forward at %u bit", eval->fw_bits);
    }
    if (model->evals > 0) {
        (void)printf("\ntest accuracy  %.2f %%  (loss %.4f nats, %s, after %" PRIu64 " iterations)\n",
                     100.0 * eval->accuracy, eval->loss, bits, eval->iteration);
    }
}

void cli_summary_print(const cli_model_t *model)
{
    const pcs_config_t *config = &model->config;
    print_accuracy(model);
    if (model->bare) {
        if (model->formats != NULL) {
            print_casts(model);
        }
        (void)printf("%s           %s\nreport: %s/report.html\n", model->formats != NULL ? "bits" : "FP32",
                     cli_bare_note(model), model->dir);
        return;
    }
    char kind[32];
    char time[40];
    char energy[40];
    char words[40];
    cli_si(model->all.time_us * 1e-6, "s", time, sizeof time);
    cli_si(pcs_energy_total_pj(&model->all.energy) * 1e-12, "J", energy, sizeof energy);
    (void)printf("on the array   %s, %s in %" PRIu64 " iterations: %" PRIu64 " x %" PRIu64 " %s PEs at %g MHz, %s\n",
                 time, energy, model->iterations, config->array_rows, config->array_cols,
                 choice_text(model, offsetof(pcs_config_t, array_kind), kind, sizeof kind), config->clock_mhz,
                 config->energy_table);
    print_accumulators(model);
    print_bits_table(model);
    (void)printf("\nsaving against static 8/8 on the same array\n");
    cli_saving_row_t rows[CLI_SAVINGS];
    cli_savings(model, rows);
    for (size_t i = 0; i < CLI_SAVINGS; i++) {
        (void)printf("  %-30s %7.2f %%  (%s)\n", rows[i].title, rows[i].percent, rows[i].meaning);
    }
    if (cli_has_bars(model)) {
        double low;
        double high;
        cli_band(model->all.bar, model->all.base_bar, &low, &high);
        (void)printf("  %-30s %7.2f .. %.2f %%  (by the table's bars: components apart, the same on both sides)\n", "",
                     low, high);
    }
    cli_grouped((double)model->check_words, words, sizeof words);
    (void)printf("\nlock-step with the RTL: %" PRIu64 " tiles, %s words compared, %" PRIu64 " differences\n",
                 model->check_tiles, words, model->check_differences);
    (void)printf("report: %s/report.html\n", model->dir);
}

static void array_csv(const cli_model_t *model, cli_text_t *out)
{
    const cli_sum_t *all = &model->all;
    cli_text_add(out,
                 "gemms,%.0f,GEMMs\nmacs,%.0f,MACs\ncycles,%.0f,clocks\ntime,%.12g,us\nbitops,%.0f,bit operations\n",
                 all->gemms, all->macs, all->cycles, all->time_us, all->bitops);
    cli_text_add(out, "unproven_gemms,%.0f,GEMMs\noverflow,%.0f,words\nsegment,%.0f,steps\n", all->unproven,
                 all->overflows, all->segment);
    const double total = pcs_energy_total_pj(&all->energy);
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        const char *name = pcs_energy_components[i].name;
        const double pj = all->energy.pj[i];
        const double base = all->base_energy.pj[i];
        cli_text_add(out, "energy_%s,%.12g,pJ\nstatic88_energy_%s,%.12g,pJ\n", name, pj, name, base);
        cli_text_add(out, "share_energy_%s,%.12g,%% of energy_total\n", name, total > 0 ? 100.0 * pj / total : 0);
        cli_text_add(out, "saving_energy_%s,%.12g,%% against static 8/8 on the same array\n", name,
                     cli_saving(pj, base));
    }
    double low;
    double high;
    cli_band(all->bar, all->base_bar, &low, &high);
    cli_text_add(out, "energy_total,%.12g,pJ\nlow_energy_total,%.12g,pJ\nhigh_energy_total,%.12g,pJ\n", total,
                 pcs_energy_total_pj(&all->bar[PCS_ENERGY_LOW]), pcs_energy_total_pj(&all->bar[PCS_ENERGY_HIGH]));
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        cli_text_add(out, "low_energy_%s,%.12g,pJ\nhigh_energy_%s,%.12g,pJ\n", pcs_energy_components[i].name,
                     all->bar[PCS_ENERGY_LOW].pj[i], pcs_energy_components[i].name, all->bar[PCS_ENERGY_HIGH].pj[i]);
    }
    cli_text_add(out,
                 "low_saving_energy,%.12g,%% against static 8/8 on the same array\n"
                 "high_saving_energy,%.12g,%% against static 8/8 on the same array\n",
                 low, high);
    cli_text_add(out,
                 "static88_cycles,%.0f,clocks\nstatic88_time,%.12g,us\nstatic88_bitops,%.0f,bit operations\n"
                 "static88_energy_total,%.12g,pJ\n",
                 all->base_cycles, all->base_time_us, all->base_bitops, pcs_energy_total_pj(&all->base_energy));
    cli_saving_row_t rows[CLI_SAVINGS];
    cli_savings(model, rows);
    for (size_t i = 0; i < CLI_SAVINGS; i++) {
        cli_text_add(out, "%s,%.12g,%% against static 8/8 on the same array\n", rows[i].name, rows[i].percent);
    }
    cli_text_add(out,
                 "lockstep_tiles,%" PRIu64 ",tiles\nlockstep_cycles,%" PRIu64 ",clocks\nlockstep_words,%" PRIu64
                 ",words\nlockstep_differences,%" PRIu64 ",differences\n",
                 model->check_tiles, model->check_cycles, model->check_words, model->check_differences);
}

static void casts_csv(const cli_model_t *model, cli_text_t *out)
{
    cli_text_add(out, "skipped,%" PRIu64 ",iterations\n", model->skipped);
    for (int tensor = 0; tensor < PCS_FLOAT_TENSORS; tensor++) {
        const pcs_cast_counts_t *counts = &model->tally.tensor[tensor];
        const char *name = pcs_float_tensor_name((pcs_float_tensor_t)tensor);
        if (counts->values > 0) {
            cli_text_add(out,
                         "%s_values,%" PRIu64 ",values\n%s_zeroed,%" PRIu64 ",values\n%s_subnormal,%" PRIu64
                         ",values\n%s_beyond,%" PRIu64 ",values\n%s_special,%" PRIu64 ",values\n",
                         name, counts->values, name, counts->zeroed, name, counts->subnormal, name, counts->beyond,
                         name, counts->special);
        }
    }
}

void cli_summary_csv(const cli_model_t *model, cli_text_t *out)
{
    cli_text_add(out, "quantity,value,unit\n");
    cli_text_add(out, "iterations,%" PRIu64 ",iterations\n", model->iterations);
    if (model->evals > 0) {
        cli_text_add(out, "test_accuracy,%.12g,fraction\ntest_loss,%.12g,nats\n", model->last_eval.accuracy,
                     model->last_eval.loss);
    }
    if (model->evals > 0 && !model->bare) {
        cli_text_add(out, "test_fw_bits,%u,bits\n", model->last_eval.fw_bits);
    }
    cli_text_add(out, "first_loss,%.12g,nats\nlast_loss,%.12g,nats\n", model->first_loss, model->last_loss);
    if (!model->bare) {
        array_csv(model, out);
    }
    if (model->formats != NULL) {
        casts_csv(model, out);
    }
    cli_text_add(out,
                 "final_hash,%s,FNV-1a\nspec_hash,%s,FNV-1a\nenergy_table_hash,%s,FNV-1a\ncommit,%s,git\n"
                 "version,%s,\nseed,%" PRIu64 ",\n",
                 model->provenance.final_hash, model->provenance.spec_hash, model->provenance.table_hash,
                 model->provenance.commit, model->provenance.version, model->config.seed);
}

void cli_bits_csv(const cli_model_t *model, cli_text_t *out)
{
    cli_text_add(out, "fw_bits,bw_bits,iterations,cycles_per_iteration,time_per_iteration_us,"
                      "energy_per_iteration_total_pj");
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        cli_text_add(out, ",energy_per_iteration_%s_pj", pcs_energy_components[i].name);
    }
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        const char *name = pcs_role_name((pcs_role_t)role);
        cli_text_add(out, ",%s_time_per_iteration_us,%s_energy_per_iteration_pj", name, name);
    }
    cli_text_add(out, ",static88_time_per_iteration_us,static88_energy_per_iteration_pj,saving_bitops_percent,"
                      "saving_time_percent,saving_energy_percent\n");
    for (unsigned bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
        const cli_bits_t *row = &model->bits[bits];
        const double n = (double)row->iterations;
        if (row->iterations == 0) {
            continue;
        }
        const double energy = pcs_energy_total_pj(&row->all.energy);
        const double base = pcs_energy_total_pj(&row->all.base_energy);
        cli_text_add(out, "%u,%u,%" PRIu64 ",%.12g,%.12g,%.12g", bits, row->bw_bits, row->iterations,
                     row->all.cycles / n, row->all.time_us / n, energy / n);
        for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
            cli_text_add(out, ",%.12g", row->all.energy.pj[i] / n);
        }
        for (int role = 0; role < PCS_ROLE_COUNT; role++) {
            cli_text_add(out, ",%.12g,%.12g", row->pass[role].time_us / n,
                         pcs_energy_total_pj(&row->pass[role].energy) / n);
        }
        cli_text_add(out, ",%.12g,%.12g,%.12g,%.12g,%.12g\n", row->all.base_time_us / n, base / n,
                     cli_saving(row->all.bitops, row->all.base_bitops),
                     cli_saving(row->all.time_us, row->all.base_time_us), cli_saving(energy, base));
    }
}
