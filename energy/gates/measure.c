/* Measures a mapped PE on operand traces and prints a CSV row for each: see energy/gates/characterize, which calls it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "energy/gates/bench.h"
#include "energy/gates/power.h"
#include "models/array/array.h"

enum { PRECS = PCS_PREC_MAX - PCS_PREC_MIN + 1, MODES = PRECS * PRECS };

typedef struct options {
    const char *netlist, *liberty, *idle, *busy; /* files */
    const char *traces;                          /* a file of recorded operands, or "uniform" */
    const char *modes, *tail;                    /* see wanted; fields that end each row */
    pcs_array_config_t array;
    double period_ns, critical_ns;
    bool fault;
} options_t;

static const char header[] =
    "kind,digit,dataflow,acc_bits,trace,pa,pb,a_signed,b_signed,clocks_per_step,macs_per_step,"
    "mac_cycle_pj,pe_load_pj,acc_write_pj,drain_word_pj,weight_word_pj,"
    "clock_mac_pj,clock_operand_pj,clock_accumulator_pj,clock_drain_pj,clock_weight_pj,clock_pj,"
    "mac_pj,glitch_factor,leakage_nw,area_um2,area_mac_um2,critical_ns,checked,"
    "netlist_hash,trace_hash";

/* Energies of one run, pJ per event. */
typedef struct energies {
    double mac_cycle, pe_load, acc_write, drain_word, weight_word, mac;
} energies_t;

static double clock_pj(const pcs_gate_power_t *power)
{
    double sum = 0;
    for (size_t i = 0; i < PCS_PART_COUNT; i++) {
        sum += power->clock_pj[i];
    }
    return sum;
}

static pcs_status_t run(const options_t *options, const pcs_netlist_t *netlist, const pcs_gate_power_t *power,
                        const pcs_trace_t *trace, pcs_delay_t delay, pcs_bench_counts_t *counts, energies_t *energies,
                        pcs_error_t *err)
{
    pcs_simulation_t simulation;
    uint64_t idle_toggles = 0;
    pcs_status_t status = pcs_simulation_create(netlist, "clk_i", "rst_ni", delay, &simulation, err);
    if (status != PCS_OK) {
        return status;
    }
    status = pcs_bench_run(&options->array, trace, options->fault, &simulation, counts, &idle_toggles, err);
    if (status == PCS_OK && counts->differences > 0) {
        status =
            pcs_fail(err, PCS_MISMATCH, "%s: %s: %" PRIu64 " of %" PRIu64 " words differ from models/mac; first: %s",
                     options->netlist, trace->name, counts->differences, counts->checked, counts->first);
    }
    if (status == PCS_OK && idle_toggles > 0) {
        status = pcs_fail(err, PCS_MISMATCH, "%s: %s: outputs toggled %" PRIu64 " times in %d idle clocks",
                          options->netlist, trace->name, idle_toggles, PCS_BENCH_IDLE);
    }
    double part[PCS_PART_COUNT] = {0};
    for (size_t i = 0; status == PCS_OK && i < netlist->instances; i++) {
        part[netlist->instance[i].part] += (double)simulation.toggles[i] * power->toggle_pj[i];
    }
    pcs_simulation_destroy(&simulation);
    if (status != PCS_OK) {
        return status;
    }
    *energies = (energies_t){
        .mac_cycle = part[PCS_PART_MAC] / (double)counts->works,
        .pe_load = part[PCS_PART_OPERAND] / (double)counts->loads,
        .acc_write = part[PCS_PART_ACCUMULATOR] / (double)counts->writes,
    };
    const uint64_t drained = counts->captures + counts->drains; /* none with stationary weights, and the reverse */
    const uint64_t weights = counts->passes + counts->stages + counts->swaps;
    energies->drain_word = drained > 0 ? part[PCS_PART_DRAIN] / (double)drained : 0;
    energies->weight_word = weights > 0 ? part[PCS_PART_WEIGHT] / (double)weights : 0;
    energies->mac =
        (counts->cycles * (energies->mac_cycle + clock_pj(power)) + energies->pe_load + energies->acc_write) /
        counts->lanes;
    return PCS_OK;
}

static double area(const pcs_netlist_t *netlist, int part)
{
    double sum = 0;
    for (size_t i = 0; i < netlist->instances; i++) {
        sum += part < 0 || (int)netlist->instance[i].part == part ? netlist->instance[i].cell->area_um2 : 0;
    }
    return sum;
}

static pcs_status_t measure(const options_t *options, const pcs_netlist_t *netlist, const pcs_gate_power_t *power,
                            const pcs_trace_t *trace, pcs_error_t *err)
{
    /* Glitches are measured on a part of the trace: as many steps as a quarter of it has where a step is one code. */
    pcs_bench_counts_t counts;
    pcs_bench_counts_t part_counts;
    energies_t zero;
    energies_t part_zero;
    energies_t part_unit;
    pcs_trace_t part = *trace;
    pcs_status_t status = run(options, netlist, power, trace, PCS_ZERO_DELAY, &counts, &zero, err);
    if (status == PCS_OK) {
        part.steps = counts.lanes < 4 ? PCS_TRACE_STEPS / 4 * counts.lanes : PCS_TRACE_STEPS;
        status = run(options, netlist, power, &part, PCS_ZERO_DELAY, &part_counts, &part_zero, err);
    }
    status =
        status == PCS_OK ? run(options, netlist, power, &part, PCS_UNIT_DELAY, &part_counts, &part_unit, err) : status;
    if (status != PCS_OK) {
        return status;
    }
    const pcs_mode_t *mode = &trace->mode;
    (void)fprintf(
        stdout,
        "%s,%u,%s,%u,%s,%u,%u,%d,%d,%u,%u,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f,%.3f,"
        "%.0f,%.0f,"
        "%.3f,%" PRIu64 ",%016" PRIx64 ",%016" PRIx64 "%s\n",
        pcs_kinds[options->array.kind].name, options->array.digit, pcs_dataflows[options->array.dataflow].name,
        options->array.acc_bits, trace->name, mode->pa, mode->pb, mode->a_signed, mode->b_signed, counts.cycles,
        counts.lanes, zero.mac_cycle, zero.pe_load, zero.acc_write, zero.drain_word, zero.weight_word,
        power->clock_pj[PCS_PART_MAC], power->clock_pj[PCS_PART_OPERAND], power->clock_pj[PCS_PART_ACCUMULATOR],
        power->clock_pj[PCS_PART_DRAIN], power->clock_pj[PCS_PART_WEIGHT], clock_pj(power), zero.mac,
        part_unit.mac / part_zero.mac, power->leakage_nw, area(netlist, -1), area(netlist, PCS_PART_MAC),
        options->critical_ns, counts.checked + part_counts.checked, netlist->hash, trace->hash, options->tail);
    return PCS_OK;
}

/* "3/8,8/8" names modes; "" all. */
static bool wanted(const char *modes, const pcs_mode_t *mode)
{
    char name[16];
    (void)snprintf(name, sizeof name, "%u/%u", mode->pa, mode->pb);
    for (const char *at = modes; at != NULL && *at != '\0'; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        const size_t length = strcspn(at, ",");
        if (length == strlen(name) && strncmp(at, name, length) == 0) {
            return true;
        }
    }
    return *modes == '\0';
}

static pcs_status_t measure_uniform(const options_t *options, const pcs_netlist_t *netlist,
                                    const pcs_gate_power_t *power, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (unsigned i = 0; status == PCS_OK && i < 2 * MODES; i++) { /* unsigned codes, then signed ones */
        pcs_trace_t trace;
        const unsigned mode = i % MODES;
        pcs_trace_uniform(PCS_PREC_MIN + mode / PRECS, PCS_PREC_MIN + mode % PRECS, i >= MODES, i >= MODES, &trace);
        if (wanted(options->modes, &trace.mode)) {
            status = measure(options, netlist, power, &trace, err);
        }
    }
    return status;
}

/* Pairs of formats, or of mantissas' bits, on normally distributed numbers. */
static pcs_status_t measure_normal(const options_t *options, const pcs_netlist_t *netlist,
                                   const pcs_gate_power_t *power, pcs_error_t *err)
{
    static const unsigned formats[] = {PCS_FORMAT_E5M2, PCS_FORMAT_E4M3, PCS_FORMAT_E2M1, PCS_FORMAT_FP16,
                                       PCS_FORMAT_BF16};
    static const unsigned mantissas[] = {2, 3, 4, 6, 8};
    enum { FIELDS = sizeof formats / sizeof formats[0] };
    _Static_assert(FIELDS == sizeof mantissas / sizeof mantissas[0], "as many of both");
    const unsigned *fields = options->array.kind == PCS_KIND_BFP ? mantissas : formats;
    pcs_status_t status = PCS_OK;
    for (unsigned i = 0; status == PCS_OK && i < FIELDS * FIELDS; i++) {
        pcs_trace_t trace;
        pcs_trace_normal(options->array.kind, fields[i / FIELDS], fields[i % FIELDS], &trace);
        if (wanted(options->modes, &trace.mode)) {
            status = measure(options, netlist, power, &trace, err);
        }
    }
    return status;
}

static pcs_status_t measure_recorded(const options_t *options, const pcs_netlist_t *netlist,
                                     const pcs_gate_power_t *power, pcs_error_t *err)
{
    pcs_trace_t *traces = NULL;
    size_t count = 0;
    pcs_status_t status = pcs_trace_read(options->traces, &traces, &count, err);
    if (status != PCS_OK) {
        return status;
    }
    for (size_t i = 0; status == PCS_OK && i < count; i++) {
        if (wanted(options->modes, &traces[i].mode)) {
            status = measure(options, netlist, power, &traces[i], err);
        }
    }
    for (unsigned i = 0; status == PCS_OK && i < MODES; i++) {
        pcs_trace_t trace;
        status = pcs_trace_trained(traces, count, PCS_PREC_MIN + i / PRECS, PCS_PREC_MIN + i % PRECS, &trace, err);
        if (status == PCS_OK && wanted(options->modes, &trace.mode)) {
            status = measure(options, netlist, power, &trace, err);
        }
    }
    free(traces);
    return status;
}

static pcs_status_t measure_all(const options_t *options, pcs_error_t *err)
{
    pcs_liberty_t library;
    pcs_netlist_t netlist = {.text = NULL};
    pcs_gate_power_t power = {.toggle_pj = NULL};
    pcs_status_t status = pcs_liberty_read(options->liberty, &library, err);
    if (status != PCS_OK) {
        return status;
    }
    status = pcs_netlist_read(options->netlist, &library, &netlist, err);
    status = status == PCS_OK ? pcs_gate_power_read(options->idle, options->busy, &netlist, library.volts,
                                                    options->period_ns, &power, err)
                              : status;
    if (status == PCS_OK) {
        status = strcmp(options->traces, "uniform") == 0  ? measure_uniform(options, &netlist, &power, err)
                 : strcmp(options->traces, "normal") == 0 ? measure_normal(options, &netlist, &power, err)
                                                          : measure_recorded(options, &netlist, &power, err);
    }
    pcs_gate_power_free(&power);
    pcs_netlist_free(&netlist);
    pcs_liberty_free(&library);
    return status;
}

/* ---- command line: key=value words, all required but those with a default ---- */

static bool number(const char *text, double low, double *value)
{
    char *end = NULL;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= low && *value < 1e6;
}

static pcs_status_t parse(int argc, char **argv, options_t *options, pcs_error_t *err)
{
    const char *kind = NULL;
    const char *digit = "1";
    const char *acc_bits = "32";
    const char *period = NULL;
    const char *critical = NULL;
    const char *inject = "0";
    const char *dataflow = "os";
    const struct {
        const char *key, **text;
    } keys[] = {
        {"kind", &kind},
        {"digit", &digit},
        {"acc_bits", &acc_bits},
        {"dataflow", &dataflow},
        {"netlist", &options->netlist},
        {"period", &period},
        {"critical", &critical},
        {"liberty", &options->liberty},
        {"idle", &options->idle},
        {"busy", &options->busy},
        {"traces", &options->traces},
        {"modes", &options->modes},
        {"tail", &options->tail},
        {"inject", &inject},
    };
    enum { KEYS = sizeof keys / sizeof keys[0] };
    options->modes = "";
    options->tail = "";
    for (int i = 1; i < argc; i++) {
        size_t k = 0;
        while (k < KEYS &&
               (strncmp(argv[i], keys[k].key, strlen(keys[k].key)) != 0 || argv[i][strlen(keys[k].key)] != '=')) {
            k++;
        }
        if (k == KEYS) {
            return pcs_fail(err, PCS_INVALID,
                            "'%.60s' is not a setting; legal: kind|digit|acc_bits|dataflow|netlist|period|critical|"
                            "liberty|idle|busy|traces|modes|tail|inject=...",
                            argv[i]);
        }
        *keys[k].text = argv[i] + strlen(keys[k].key) + 1;
    }
    for (size_t k = 0; k < KEYS; k++) {
        if (*keys[k].text == NULL) {
            return pcs_fail(err, PCS_INVALID, "setting %s=... is missing", keys[k].key);
        }
    }
    double bits = 0;
    double width = 0;
    options->array.kind = pcs_kind_by_name(kind);
    options->array.rows = PCS_TRACE_SIDE;
    options->array.cols = PCS_TRACE_SIDE;
    options->fault = strcmp(inject, "0") != 0;
    if (options->array.kind == PCS_KIND_COUNT || !number(digit, 1, &bits) ||
        !number(acc_bits, PCS_ACC_MIN_BITS, &width) || !number(period, 1e-3, &options->period_ns) ||
        !number(critical, 1e-3, &options->critical_ns)) {
        return pcs_fail(err, PCS_INVALID, "kind=%s digit=%s acc_bits=%s period=%s critical=%s: not a PE", kind, digit,
                        acc_bits, period, critical);
    }
    if (strcmp(dataflow, "os") != 0 && strcmp(dataflow, "ws") != 0) {
        return pcs_fail(err, PCS_INVALID, "dataflow=%.20s; legal: os|ws", dataflow);
    }
    options->array.dataflow = strcmp(dataflow, "ws") == 0 ? PCS_DATAFLOW_WS : PCS_DATAFLOW_OS;
    options->array.digit = (unsigned)bits;
    options->array.acc_bits = (unsigned)width;
    return pcs_array_config_check(&options->array, err);
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    options_t options = {.netlist = NULL};
    if (argc == 2 && strcmp(argv[1], "header") == 0) {
        (void)fprintf(stdout, "%s\n", header);
        return 0;
    }
    pcs_status_t status = parse(argc, argv, &options, &err);
    status = status == PCS_OK ? measure_all(&options, &err) : status;
    if (status == PCS_OK && fflush(stdout) != 0) {
        status = pcs_fail(&err, PCS_IO, "standard output: write error");
    }
    if (status != PCS_OK) {
        (void)fprintf(stderr, "gates_measure: %s\n", err.text);
    }
    return status == PCS_OK ? 0 : status == PCS_MISMATCH ? 1 : 2;
}
