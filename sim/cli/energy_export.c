/* Energy tables as Accelergy's reference tables. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/energy.h"

/* ---- out ---- */

/* One component, whose figures are visited; `of`: the kind of figures that is being written. */
typedef struct writer {
    const cli_energy_units_t *units;
    cli_text_t *out;
    const char *unit; /* "um2", "ns", or NULL: energies and powers */
    pcs_kind_t kind;  /* of the PE: of float, arguments are names of formats */
    double kb;        /* of the scratchpad; the figures of others are passed over */
    bool any;
} writer_t;

static bool is_energy(const char *unit)
{
    return strcmp(unit, "um2") != 0 && strcmp(unit, "ns") != 0;
}

static pcs_status_t write_figure(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err)
{
    (void)err;
    writer_t *writer = user;
    const double value = figure->value[PCS_ENERGY_NOMINAL];
    const bool wanted = writer->unit != NULL ? strcmp(figure->unit, writer->unit) == 0 : is_energy(figure->unit);
    if (!wanted || figure->kb < writer->kb || figure->kb > writer->kb || strcmp(figure->event, "area_edge_bit") == 0) {
        return PCS_OK;
    }
    if (writer->unit != NULL) {
        cli_text_add(writer->out, "%.9g\n", value);
    } else {
        cli_text_add(writer->out, "%s        - name: %s\n          arguments: {", writer->any ? "" : "      actions:\n",
                     figure->event);
        if (!figure->every) {
            char pa[PCS_ENERGY_FIELD_MAX];
            char pb[PCS_ENERGY_FIELD_MAX];
            pcs_energy_field_name(writer->kind, figure->pa, pa);
            pcs_energy_field_name(writer->kind, figure->pb, pb);
            cli_text_add(writer->out, "pa: %s, pb: %s", pa, pb);
        }
        cli_text_add(writer->out, "}\n          energy: %.9g\n",
                     strcmp(figure->unit, "uW") == 0 ? value / writer->units->clock_mhz : value);
    }
    writer->any = true;
    return PCS_OK;
}

/* What the table says of a PE, without its name. */
static pcs_status_t pe_text(const pcs_energy_table_t *table, const cli_energy_units_t *units,
                            const pcs_array_config_t *array, const char *unit, cli_text_t *text, pcs_error_t *err)
{
    writer_t writer = {.units = units, .out = text, .unit = unit, .kind = array->kind};
    return pcs_energy_visit(table, array, write_figure, &writer, err);
}

static void write_component(const char *before, const char *name, const char *flow, const char *after,
                            const cli_text_t *text, cli_text_t *out)
{
    if (text->size > 0) {
        cli_text_add(out, "%s%s%s%s%s", before, name, flow, after, text->data);
    }
}

/* Every PE; once when its two dataflows do not differ. */
static pcs_status_t write_pes(const pcs_energy_table_t *table, const cli_energy_units_t *units, const char *unit,
                              const char *before, const char *after, cli_text_t *out, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    pcs_array_config_t array = {.rows = 1, .cols = 1, .acc_bits = units->acc_bits, .digit = 1};
    for (bool more = true; status == PCS_OK && more; more = pcs_energy_next_pe(&array)) {
        char name[PCS_ENERGY_NAME_MAX];
        cli_text_t os = {0};
        cli_text_t ws = {0};
        pcs_energy_pe_name(&array, name);
        pcs_array_config_t stationary = array;
        stationary.dataflow = PCS_DATAFLOW_WS;
        status = pe_text(table, units, &array, unit, &os, err);
        status = status == PCS_OK ? pe_text(table, units, &stationary, unit, &ws, err) : status;
        const bool same = os.size == ws.size && (os.size == 0 || memcmp(os.data, ws.data, os.size) == 0);
        write_component(before, name, same ? "" : "/os", after, &os, out);
        if (!same) {
            write_component(before, name, "/ws", after, &ws, out);
        }
        cli_text_free(&os);
        cli_text_free(&ws);
    }
    return status;
}

enum { SIZES_MAX = 256 };
typedef struct capacities {
    size_t count;
    double kb[SIZES_MAX];
} capacities_t;

static pcs_status_t note_capacity(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err)
{
    capacities_t *all = user;
    (void)err;
    for (size_t i = 0; i < all->count; i++) {
        if (!(all->kb[i] < figure->kb) && !(all->kb[i] > figure->kb)) {
            return PCS_OK;
        }
    }
    PCS_ASSERT(all->count < SIZES_MAX);
    all->kb[all->count++] = figure->kb;
    return PCS_OK;
}

/* A component for each capacity. */
static pcs_status_t write_scratchpads(const pcs_energy_table_t *table, const cli_energy_units_t *units,
                                      const char *unit, cli_text_t *out, pcs_error_t *err)
{
    capacities_t all = {.count = 0};
    pcs_status_t status = pcs_energy_visit_srams(table, note_capacity, &all, err);
    for (size_t i = 0; status == PCS_OK && i < all.count; i++) {
        cli_text_t text = {0};
        writer_t writer = {.units = units, .out = &text, .unit = unit, .kb = all.kb[i]};
        char name[64] = "scratchpad";
        if (all.kb[i] > 0) {
            (void)snprintf(name, sizeof name, "scratchpad-%.9gkb", all.kb[i]);
        }
        status = pcs_energy_visit_srams(table, write_figure, &writer, err);
        write_component("    - name: precess.", name, "", unit != NULL ? "\n      area: " : "\n", &text, out);
        cli_text_free(&text);
    }
    return status;
}

static pcs_status_t write_edge_bit(void *user, const pcs_energy_figure_t *figure, pcs_error_t *err)
{
    (void)err;
    if (strcmp(figure->event, "area_edge_bit") == 0) {
        cli_text_add(user, "    - name: precess.edge_bit\n      area: %.9g\n", figure->value[PCS_ENERGY_NOMINAL]);
    }
    return PCS_OK;
}

pcs_status_t cli_energy_accelergy(const pcs_energy_table_t *table, const cli_energy_units_t *units, cli_text_t *out,
                                  pcs_error_t *err)
{
    const pcs_array_config_t any = {.rows = 1, .cols = 1, .acc_bits = units->acc_bits, .digit = 1};
    cli_text_add(out,
                 "# Energy and area of precess' PEs and scratchpads, from %s (FNV-1a %016" PRIx64 ").\n"
                 "# energy: pJ per action.  pJ/bit was multiplied by the word's width, accumulators of %u bits.\n"
                 "# leak_*, idle_*: pJ per clock at %.9g MHz, = uW / MHz.  area: um2.  period_ns: ns.\n"
                 "precess:\n  spec_hash: '%016" PRIx64 "'\n  acc_bits: %u\n  clock_mhz: %.9g\n  period_ns:\n",
                 pcs_energy_table_path(table), pcs_energy_table_hash(table), units->acc_bits, units->clock_mhz,
                 pcs_spec_hash(), units->acc_bits, units->clock_mhz);
    pcs_status_t status = write_pes(table, units, "ns", "    '", "': ", out, err);
    cli_text_add(out, "ERT:\n  version: '0.4'\n  tables:\n");
    status = status == PCS_OK ? write_pes(table, units, NULL, "    - name: precess.", "\n", out, err) : status;
    status = status == PCS_OK ? write_scratchpads(table, units, NULL, out, err) : status;
    cli_text_add(out, "ART:\n  version: '0.4'\n  tables:\n");
    status =
        status == PCS_OK ? write_pes(table, units, "um2", "    - name: precess.", "\n      area: ", out, err) : status;
    status = status == PCS_OK ? write_scratchpads(table, units, "um2", out, err) : status;
    return status == PCS_OK ? pcs_energy_visit(table, &any, write_edge_bit, out, err) : status;
}
