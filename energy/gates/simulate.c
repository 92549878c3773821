#include "energy/gates/simulate.h"

#include <stdlib.h>
#include <string.h>

typedef struct pcs_simulation_work {
    uint64_t *next;      /* (flip-flops) next state; (instances) while a unit of time passes */
    uint32_t *fan_first; /* (nets + 1) gates that a net feeds: fan[fan_first[net]] .. */
    uint32_t *fan;
    uint32_t *dirty, *coming; /* (instances) unit delay: gates to evaluate now, and in the next unit */
    size_t dirties;
    bool *queued; /* (instances) to be evaluated */
} work_t;

static uint64_t evaluate(const pcs_simulation_t *simulation, const pcs_instance_t *instance)
{
    uint64_t stack[PCS_CELL_CODE_MAX];
    size_t top = 0;
    for (size_t i = 0; i < instance->cell->length; i++) {
        const int code = instance->cell->code[i];
        if (code >= 0) {
            stack[top++] = simulation->value[instance->input[code]];
        } else if (code == PCS_CELL_NOT) {
            stack[top - 1] = ~stack[top - 1];
        } else {
            const uint64_t right = stack[--top];
            const uint64_t left = stack[top - 1];
            stack[top - 1] = code == PCS_CELL_AND ? left & right : code == PCS_CELL_OR ? left | right : left ^ right;
        }
    }
    return stack[0];
}

/* The gates behind a net have to be evaluated again. */
static void enqueue_fan(pcs_simulation_t *simulation, uint32_t net)
{
    work_t *work = simulation->work;
    for (uint32_t f = work->fan_first[net]; f < work->fan_first[net + 1]; f++) {
        if (!work->queued[work->fan[f]]) {
            work->queued[work->fan[f]] = true;
            if (simulation->delay == PCS_UNIT_DELAY) {
                work->dirty[work->dirties++] = work->fan[f];
            }
        }
    }
}

/* An output takes a value: counts, and tells the gates behind it when time passes in units. */
static void drive(pcs_simulation_t *simulation, size_t index, uint64_t value)
{
    const uint32_t net = simulation->netlist->instance[index].output;
    const uint64_t changed = simulation->value[net] ^ value;
    if (changed != 0) {
        simulation->value[net] = value;
        simulation->toggles[index] += (unsigned)__builtin_popcountll(changed);
        enqueue_fan(simulation, net);
    }
}

void pcs_simulation_set(pcs_simulation_t *simulation, uint32_t net, uint64_t value)
{
    if (simulation->value[net] != value) {
        simulation->value[net] = value;
        enqueue_fan(simulation, net);
    }
}

void pcs_simulation_settle(pcs_simulation_t *simulation)
{
    const pcs_netlist_t *netlist = simulation->netlist;
    work_t *work = simulation->work;
    if (simulation->delay == PCS_ZERO_DELAY) {
        for (size_t i = netlist->flip_flops; i < netlist->instances; i++) { /* in order: once is enough */
            if (work->queued[i]) {
                work->queued[i] = false;
                drive(simulation, i, evaluate(simulation, &netlist->instance[i]));
            }
        }
        return;
    }
    while (work->dirties > 0) { /* a unit of time: all gates see the nets as they were, then all change */
        uint32_t *now = work->dirty;
        const size_t gates = work->dirties;
        work->dirty = work->coming;
        work->coming = now;
        work->dirties = 0;
        for (size_t i = 0; i < gates; i++) {
            work->next[now[i]] = evaluate(simulation, &netlist->instance[now[i]]);
            work->queued[now[i]] = false;
        }
        for (size_t i = 0; i < gates; i++) {
            drive(simulation, now[i], work->next[now[i]]);
        }
    }
}

void pcs_simulation_edge(pcs_simulation_t *simulation)
{
    const pcs_netlist_t *netlist = simulation->netlist;
    for (size_t i = 0; i < netlist->flip_flops; i++) {
        simulation->work->next[i] = evaluate(simulation, &netlist->instance[i]);
    }
    for (size_t i = 0; i < netlist->flip_flops; i++) {
        drive(simulation, i, simulation->work->next[i]);
    }
}

/* ---- creation ---- */

static pcs_status_t check_flip_flop(const pcs_instance_t *instance, const char *clock, uint32_t clock_net,
                                    uint32_t reset_net, pcs_error_t *err)
{
    const pcs_cell_t *cell = instance->cell;
    for (size_t pin = 0; pin < cell->pins; pin++) {
        const uint32_t net = instance->input[pin];
        const char *name = cell->pin[pin];
        const bool good = strcmp(name, cell->clock) == 0    ? net == clock_net
                          : strcmp(name, cell->clear) == 0  ? net == reset_net
                          : strcmp(name, cell->preset) == 0 ? net == PCS_NET_ONE
                                                            : true;
        if (!good) {
            return pcs_fail(err, PCS_INVALID, "flip-flop %s: pin %s is not on %s, the reset or a constant",
                            instance->name, name, clock);
        }
    }
    return cell->clear[0] != '\0'
               ? PCS_OK
               : pcs_fail(err, PCS_INVALID, "flip-flop %s (%s) has no clear: its state after reset is not known",
                          instance->name, cell->name);
}

static bool make_fan(pcs_simulation_t *simulation)
{
    const pcs_netlist_t *netlist = simulation->netlist;
    work_t *work = simulation->work;
    size_t pins = 0;
    for (size_t i = netlist->flip_flops; i < netlist->instances; i++) {
        pins += netlist->instance[i].cell->pins;
    }
    work->fan_first = calloc(netlist->nets + 2, sizeof *work->fan_first);
    work->fan = calloc(pins + 1, sizeof *work->fan);
    if (work->fan_first == NULL || work->fan == NULL) {
        return false;
    }
    uint32_t *count = work->fan_first + 1; /* counts, then running starts */
    for (size_t i = netlist->flip_flops; i < netlist->instances; i++) {
        for (size_t pin = 0; pin < netlist->instance[i].cell->pins; pin++) {
            count[netlist->instance[i].input[pin] + 1]++;
        }
    }
    for (size_t net = 1; net <= netlist->nets; net++) {
        work->fan_first[net + 1] += work->fan_first[net];
    }
    for (size_t i = netlist->flip_flops; i < netlist->instances; i++) {
        for (size_t pin = 0; pin < netlist->instance[i].cell->pins; pin++) {
            work->fan[count[netlist->instance[i].input[pin]]++] = (uint32_t)i;
        }
    }
    return true;
}

pcs_status_t pcs_simulation_create(const pcs_netlist_t *netlist, const char *clock, const char *reset,
                                   pcs_delay_t delay, pcs_simulation_t *simulation, pcs_error_t *err)
{
    uint32_t clock_net = 0;
    uint32_t reset_net = 0;
    if (!pcs_netlist_net(netlist, clock, &clock_net) || !pcs_netlist_net(netlist, reset, &reset_net)) {
        return pcs_fail(err, PCS_INVALID, "the netlist has no net %s or no net %s", clock, reset);
    }
    for (size_t i = 0; i < netlist->flip_flops; i++) {
        const pcs_status_t status = check_flip_flop(&netlist->instance[i], clock, clock_net, reset_net, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    *simulation = (pcs_simulation_t){.netlist = netlist, .delay = delay};
    work_t *work = calloc(1, sizeof *work);
    simulation->work = work;
    simulation->value = calloc(netlist->nets, sizeof *simulation->value);
    simulation->toggles = calloc(netlist->instances, sizeof *simulation->toggles);
    bool good = work != NULL && simulation->value != NULL && simulation->toggles != NULL;
    if (good) {
        work->next = calloc(netlist->instances, sizeof *work->next);
        work->dirty = calloc(netlist->instances, sizeof *work->dirty);
        work->coming = calloc(netlist->instances, sizeof *work->coming);
        work->queued = calloc(netlist->instances, sizeof *work->queued);
        good = work->next != NULL && work->dirty != NULL && work->coming != NULL && work->queued != NULL &&
               make_fan(simulation);
    }
    if (!good) {
        pcs_simulation_destroy(simulation);
        return pcs_fail(err, PCS_MEMORY, "no memory to simulate %zu instances", netlist->instances);
    }
    simulation->value[PCS_NET_ONE] = UINT64_MAX;
    simulation->value[reset_net] = UINT64_MAX;
    simulation->delay = PCS_ZERO_DELAY; /* every gate once, so that it fits its inputs */
    for (size_t i = netlist->flip_flops; i < netlist->instances; i++) {
        work->queued[i] = true;
    }
    pcs_simulation_settle(simulation);
    simulation->delay = delay;
    memset(simulation->toggles, 0, netlist->instances * sizeof *simulation->toggles);
    return PCS_OK;
}

void pcs_simulation_destroy(pcs_simulation_t *simulation)
{
    work_t *work = simulation->work;
    if (work != NULL) {
        free(work->next);
        free(work->fan_first);
        free(work->fan);
        free(work->dirty);
        free(work->coming);
        free(work->queued);
        free(work);
    }
    free(simulation->value);
    free(simulation->toggles);
    *simulation = (pcs_simulation_t){.netlist = NULL};
}
