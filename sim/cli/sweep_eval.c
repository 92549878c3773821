/* Evaluates design points: the same functions as precess estimate, with what points share kept. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/format/float.h"
#include "models/mac/mac.h"
#include "sim/cli/band.h"
#include "sim/cli/device.h"
#include "sim/cli/model.h"
#include "sim/cli/network.h"
#include "sim/cli/operands.h"
#include "sim/cli/sweep.h"

/* A schedule of the space: iterations at each pair of bits, or in formats, or why there are none. */
typedef struct counted {
    cli_operands_t operands;
    pcs_schedule_counts_t counts; /* not of formats */
    uint64_t iterations;
    char problem[200];
} counted_t;

/* One thread's share: the array of its latest point, and the bits that were evaluated on it. */
typedef struct worker {
    bool used;
    uint64_t slow; /* number of the point without its fast part */
    char problem[200];
    cli_estimate_t *estimate; /* config; network and table are borrowed */
    pcs_array_config_t array;
    double sram_kb[PCS_ENERGY_SRAMS];
    cli_operands_t operands; /* those that the bits are of; formats are at PCS_PREC_MIN */
    bool have[PCS_PREC_MAX + 1][PCS_PREC_MAX + 1];
    bool priced[PCS_PREC_MAX + 1][PCS_PREC_MAX + 1];
    pcs_error_t unpriced; /* of the latest that is not */
    cli_estimate_bits_t row[PCS_PREC_MAX + 1][PCS_PREC_MAX + 1];
} worker_t;

typedef struct named_network {
    char name[PCS_CONFIG_TEXT_MAX];
    pcs_shapes_t shapes;
} named_network_t;

typedef struct named_table {
    char name[PCS_CONFIG_TEXT_MAX];
    pcs_energy_table_t *table;
} named_table_t;

struct cli_evaluator {
    const cli_space_t *space;
    size_t networks, tables;
    named_network_t *network;
    named_table_t *table;
    counted_t *schedule; /* (space->fast) */
    unsigned workers;
    worker_t *worker;
};

/* ---- what all points share
 * ------------------------------------------------------------------------------------------- */

/* Values of a key in the space. */
static size_t values_of(const cli_space_t *space, const char *name, const char *fixed, const char *const **values,
                        const char **one)
{
    for (size_t i = 0; i < space->axes; i++) {
        if (strcmp(space->axis[i].key->key, name) == 0) {
            *values = (const char *const *)space->axis[i].values;
            return space->axis[i].count;
        }
    }
    *one = fixed;
    *values = one;
    return 1;
}

static pcs_status_t open_networks(cli_evaluator_t *evaluator, pcs_error_t *err)
{
    const char *one = NULL;
    const char *const *values = NULL;
    const size_t count = values_of(evaluator->space, "network", evaluator->space->base.network, &values, &one);
    evaluator->network = calloc(count, sizeof *evaluator->network);
    if (evaluator->network == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < count && status == PCS_OK; i++) {
        named_network_t *network = &evaluator->network[i];
        (void)snprintf(network->name, sizeof network->name, "%s", values[i]);
        status = cli_network_open(values[i], &network->shapes, err);
        evaluator->networks += status == PCS_OK ? 1 : 0;
    }
    return status;
}

static pcs_status_t open_tables(cli_evaluator_t *evaluator, pcs_error_t *err)
{
    const char *one = NULL;
    const char *const *values = NULL;
    const size_t count =
        values_of(evaluator->space, "energy.table", evaluator->space->base.energy_table, &values, &one);
    evaluator->table = calloc(count, sizeof *evaluator->table);
    if (evaluator->table == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; i < count && status == PCS_OK; i++) {
        named_table_t *table = &evaluator->table[i];
        (void)snprintf(table->name, sizeof table->name, "%s", values[i]);
        status = cli_energy_open(values[i], &table->table, err);
        evaluator->tables += status == PCS_OK ? 1 : 0;
    }
    return status;
}

/* A schedule that is wrong by itself ends the sweep; one that only does not fit a number of iterations or cycles is a
   problem of its points. */
static pcs_status_t count_schedules(cli_evaluator_t *evaluator, pcs_error_t *err)
{
    const cli_space_t *space = evaluator->space;
    evaluator->schedule = calloc(space->fast, sizeof *evaluator->schedule);
    if (evaluator->schedule == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    for (uint64_t i = 0; i < space->fast; i++) {
        pcs_config_t config;
        pcs_schedule_t schedule;
        pcs_error_t problem = {{0}};
        counted_t *counted = &evaluator->schedule[i];
        cli_operands_t *operands = &counted->operands;
        cli_space_point(space, i, &config);
        if (config.iterations == 0) {
            return pcs_fail(err, PCS_INVALID, "train.iterations: missing or 0; legal: 1..100000000");
        }
        counted->iterations = config.iterations;
        if (cli_operands_parse(config.schedule, operands, err) != PCS_OK) {
            return PCS_INVALID;
        }
        if (operands->arith == PCS_ARITH_FLOAT) {
            continue;
        }
        if (pcs_schedule_parse(operands->schedule, config.iterations, config.cycles, &schedule, &problem) == PCS_OK) {
            pcs_schedule_count(&schedule, &counted->counts);
            pcs_schedule_free(&schedule);
            continue;
        }
        if (pcs_schedule_parse(operands->schedule, PCS_SCHEDULE_OPEN, config.cycles, &schedule, err) != PCS_OK) {
            return PCS_INVALID;
        }
        pcs_schedule_free(&schedule);
        (void)snprintf(counted->problem, sizeof counted->problem, "%.190s", problem.text);
    }
    return PCS_OK;
}

static pcs_status_t create_workers(cli_evaluator_t *evaluator, unsigned workers, pcs_error_t *err)
{
    evaluator->worker = calloc(workers, sizeof *evaluator->worker);
    for (; evaluator->worker != NULL && evaluator->workers < workers; evaluator->workers++) {
        cli_estimate_t *estimate = calloc(1, sizeof *estimate);
        if (estimate == NULL) {
            break;
        }
        evaluator->worker[evaluator->workers].estimate = estimate;
    }
    return evaluator->workers == workers ? PCS_OK : pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
}

pcs_status_t cli_evaluator_create(const cli_space_t *space, unsigned workers, cli_evaluator_t **created,
                                  pcs_error_t *err)
{
    cli_evaluator_t *evaluator = calloc(1, sizeof *evaluator);
    if (evaluator == NULL) {
        return pcs_fail(err, PCS_MEMORY, "sweep: out of memory");
    }
    evaluator->space = space;
    pcs_status_t status = open_networks(evaluator, err);
    status = status == PCS_OK ? open_tables(evaluator, err) : status;
    status = status == PCS_OK ? count_schedules(evaluator, err) : status;
    status = status == PCS_OK ? create_workers(evaluator, workers, err) : status;
    if (status != PCS_OK) {
        cli_evaluator_destroy(evaluator);
        return status;
    }
    *created = evaluator;
    return PCS_OK;
}

void cli_evaluator_destroy(cli_evaluator_t *evaluator)
{
    if (evaluator == NULL) {
        return;
    }
    for (size_t i = 0; i < evaluator->networks; i++) {
        pcs_shapes_free(&evaluator->network[i].shapes);
    }
    for (size_t i = 0; i < evaluator->tables; i++) {
        pcs_energy_table_destroy(evaluator->table[i].table);
    }
    for (unsigned i = 0; i < evaluator->workers; i++) {
        free(evaluator->worker[i].estimate);
    }
    free(evaluator->network);
    free(evaluator->table);
    free(evaluator->schedule);
    free(evaluator->worker);
    free(evaluator);
}

/* ---- one point ------------------------------------------------------------------------------------------------------
 */

static void start(const cli_evaluator_t *evaluator, worker_t *worker, uint64_t id)
{
    cli_estimate_t *estimate = worker->estimate;
    pcs_error_t err = {{0}};
    worker->used = true;
    worker->slow = id / evaluator->space->fast;
    worker->problem[0] = '\0';
    memset(worker->have, 0, sizeof worker->have);
    cli_space_point(evaluator->space, id, &estimate->config);
    for (size_t i = 0; i < evaluator->networks; i++) {
        if (strcmp(evaluator->network[i].name, estimate->config.network) == 0) {
            estimate->shapes = evaluator->network[i].shapes;
        }
    }
    for (size_t i = 0; i < evaluator->tables; i++) {
        if (strcmp(evaluator->table[i].name, estimate->config.energy_table) == 0) {
            estimate->table = evaluator->table[i].table;
        }
    }
    cli_sram_kb(&estimate->config, worker->sram_kb);
    if (cli_array_config(&estimate->config, &worker->array, &err) != PCS_OK ||
        cli_operands_acc_bits(worker->array.kind, estimate->config.acc_bits, &err) != PCS_OK ||
        cli_clock_resolve(estimate->table, &worker->array, &estimate->config, &err) != PCS_OK) {
        (void)snprintf(worker->problem, sizeof worker->problem, "%.190s", err.text);
    }
}

/* Turns to other operands of the same array: nothing that was evaluated stands. */
static void take_operands(worker_t *worker, const cli_operands_t *operands)
{
    const cli_operands_t *had = &worker->operands;
    const bool same = had->arith == operands->arith && had->fw == operands->fw && had->bw == operands->bw &&
                      had->block == operands->block && had->block_bits == operands->block_bits;
    if (!same) {
        worker->operands = *operands;
        memset(worker->have, 0, sizeof worker->have);
    }
    worker->estimate->fw_format = operands->fw;
    worker->estimate->bw_format = operands->bw;
    worker->estimate->block = operands->block;
    worker->estimate->block_bits = operands->block_bits;
}

/* The iteration at these bits; NULL and a problem when it cannot be. */
static const cli_estimate_bits_t *evaluate(worker_t *worker, unsigned fw, unsigned bw)
{
    const cli_operands_t *operands = &worker->operands;
    const bool formats = operands->arith == PCS_ARITH_FLOAT;
    cli_estimate_bits_t *row = &worker->row[fw][bw];
    if (!worker->have[fw][bw] && worker->problem[0] == '\0') {
        pcs_error_t err = {{0}};
        *row = (cli_estimate_bits_t){.fw_bits = formats ? pcs_format_bits(&pcs_formats[operands->fw]) : fw,
                                     .bw_bits = formats ? pcs_format_bits(&pcs_formats[operands->bw]) : bw,
                                     .iterations = 1};
        worker->priced[fw][bw] = true;
        if (cli_estimate_row(worker->estimate, &worker->estimate->config, &worker->array, row, &worker->priced[fw][bw],
                             &worker->unpriced, &err) != PCS_OK) {
            (void)snprintf(worker->problem, sizeof worker->problem, "%.190s", err.text);
        }
        worker->have[fw][bw] = true;
    }
    return worker->problem[0] == '\0' ? row : NULL;
}

/* Sums over the iterations of a schedule; bits moved over the DRAM and clocks of the array beside the costs. */
typedef struct total {
    cli_estimate_cost_t cost;
    double macs, array_cycles, dram_bits;
    bool unpriced; /* one of the rows is */
} total_t;

static void add(total_t *total, const cli_estimate_bits_t *row, uint64_t iterations)
{
    cli_estimate_bits_t weighted = *row;
    weighted.iterations = iterations;
    for (int role = 0; role < PCS_ROLE_COUNT; role++) {
        const pcs_estimate_t *pass = &row->pass[role];
        const double n = (double)iterations;
        cli_estimate_add(&total->cost, &weighted, (pcs_role_t)role);
        total->macs += n * (double)pass->macs;
        total->array_cycles += n * (double)pass->array_clocks;
        total->dram_bits += n * (double)(pass->system[PCS_SYSTEM_DRAM_READ] + pass->system[PCS_SYSTEM_DRAM_WRITE]);
    }
}

/* base: NULL where there is none. */
static void fill_energy(const total_t *total, const total_t *base, cli_result_t *result)
{
    const double pj = cli_estimate_pj(&total->cost);
    result->energy_j = pj * 1e-12;
    result->energy_low_j = pcs_energy_total_pj(&total->cost.energy[PCS_ENERGY_LOW]) * 1e-12;
    result->energy_high_j = pcs_energy_total_pj(&total->cost.energy[PCS_ENERGY_HIGH]) * 1e-12;
    if (base != NULL) {
        const double base_pj = cli_estimate_pj(&base->cost);
        cli_band(total->cost.energy, base->cost.energy, &result->saving_energy_low, &result->saving_energy_high);
        result->static_energy_j = base_pj * 1e-12;
        result->saving_energy = cli_saving(pj, base_pj);
    }
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        result->component_j[i] = total->cost.energy[PCS_ENERGY_NOMINAL].pj[i] * 1e-12;
    }
}

static void fill(const worker_t *worker, const total_t *total, const total_t *base, cli_result_t *result)
{
    const bool formats = worker->operands.arith == PCS_ARITH_FLOAT;
    const pcs_mode_t mode = {.pa = (uint8_t)(formats ? (unsigned)worker->operands.fw : PCS_PREC_MAX),
                             .pb = (uint8_t)(formats ? (unsigned)worker->operands.fw : PCS_PREC_MAX)};
    const pcs_mac_step_t step = pcs_mac_step(&worker->array, &mode);
    const cli_estimate_cost_t *cost = &total->cost;
    pcs_area_t area = {0};
    pcs_error_t err = {{0}};
    result->macs = total->macs;
    result->bitops = cost->bitops;
    result->cycles = cost->cycles;
    result->array_cycles = total->array_cycles;
    result->clock_mhz = worker->estimate->config.clock_mhz;
    result->time_s = cost->time_us * 1e-6;
    result->peak = (double)worker->array.rows * worker->array.cols * step.lanes / step.cycles;
    result->dram_bytes = total->dram_bits / 8;
    result->compute_share = cost->bound[PCS_BOUND_COMPUTE] / cost->cycles;
    result->sram_share = cost->bound[PCS_BOUND_SRAM] / cost->cycles;
    result->dram_share = cost->bound[PCS_BOUND_DRAM] / cost->cycles;
    if (base != NULL) {
        result->static_time_s = base->cost.time_us * 1e-6;
        result->saving_bitops = cli_saving(cost->bitops, base->cost.bitops);
        result->saving_time = cli_saving(cost->time_us, base->cost.time_us);
    }
    if (pcs_energy_area(worker->estimate->table, &worker->array, worker->sram_kb, &area, &err) == PCS_OK) {
        const bool mixed = area.sram_um2 > 0 && fabs(area.sram_node_nm - area.node_nm) > 0;
        result->area_pe_um2 = area.pe_um2;
        result->area_edge_um2 = area.edge_um2;
        result->area_sram_um2 = area.sram_um2;
        result->area_um2 = mixed ? (double)NAN : area.pe_um2 + area.edge_um2 + area.sram_um2;
    }
    if (!total->unpriced && (base == NULL || !base->unpriced)) {
        fill_energy(total, base, result);
    } else {
        (void)snprintf(result->problem, sizeof result->problem, "%.190s", worker->unpriced.text);
    }
}

static void clear(cli_result_t *result)
{
    *result = (cli_result_t){
#define PCS_RESULT(field, column, meaning) .field = (double)NAN,
#include "sim/cli/sweep.def"
#undef PCS_RESULT
    };
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        result->component_j[i] = (double)NAN;
    }
}

/* The bits of a schedule, and the same array at 8/8. */
static void run_bits(worker_t *worker, const counted_t *schedule, cli_result_t *result)
{
    total_t total = {.macs = 0};
    total_t base = {.macs = 0};
    for (unsigned fw = PCS_PREC_MIN; fw <= PCS_PREC_MAX; fw++) {
        for (unsigned bw = PCS_PREC_MIN; bw <= PCS_PREC_MAX; bw++) {
            const uint64_t n = schedule->counts.n[fw][bw];
            const cli_estimate_bits_t *row = n > 0 ? evaluate(worker, fw, bw) : NULL;
            if (row != NULL) {
                add(&total, row, n);
                total.unpriced = total.unpriced || !worker->priced[fw][bw];
            }
        }
    }
    const cli_estimate_bits_t *widest = evaluate(worker, PCS_PREC_MAX, PCS_PREC_MAX);
    if (widest == NULL) {
        (void)snprintf(result->problem, sizeof result->problem, "%s", worker->problem);
        return;
    }
    add(&base, widest, schedule->iterations);
    base.unpriced = !worker->priced[PCS_PREC_MAX][PCS_PREC_MAX];
    fill(worker, &total, &base, result);
}

/* Formats, which have no 8/8 to be compared with. */
static void run_formats(worker_t *worker, const counted_t *schedule, cli_result_t *result)
{
    total_t total = {.macs = 0};
    const cli_estimate_bits_t *row = evaluate(worker, PCS_PREC_MIN, PCS_PREC_MIN);
    if (row == NULL) {
        (void)snprintf(result->problem, sizeof result->problem, "%s", worker->problem);
        return;
    }
    add(&total, row, schedule->iterations);
    total.unpriced = !worker->priced[PCS_PREC_MIN][PCS_PREC_MIN];
    fill(worker, &total, NULL, result);
}

void cli_evaluator_run(cli_evaluator_t *evaluator, unsigned number, uint64_t id, cli_result_t *result)
{
    worker_t *worker = &evaluator->worker[number];
    const counted_t *schedule = &evaluator->schedule[id % evaluator->space->fast];
    clear(result);
    if (!worker->used || worker->slow != id / evaluator->space->fast) {
        start(evaluator, worker, id);
    }
    if (schedule->problem[0] != '\0') {
        (void)snprintf(result->problem, sizeof result->problem, "%s", schedule->problem);
        return;
    }
    pcs_error_t err = {{0}};
    if (worker->problem[0] == '\0' && cli_operands_check(&schedule->operands, worker->array.kind, &err) != PCS_OK) {
        (void)snprintf(result->problem, sizeof result->problem, "%.190s", err.text);
        return;
    }
    take_operands(worker, &schedule->operands);
    if (schedule->operands.arith == PCS_ARITH_FLOAT) {
        run_formats(worker, schedule, result);
    } else {
        run_bits(worker, schedule, result);
    }
}
