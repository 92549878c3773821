#include "energy/gates/power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "energy/gates/text.h"

typedef struct figure {
    double dynamic_w, leakage_w;
    bool read;
} figure_t;

static bool watts(const char *word, double *value)
{
    char *end = NULL;
    *value = strtod(word, &end);
    return end != word && *end == '\0' && isfinite(*value) && *value >= 0;
}

static int by_name(const void *left, const void *right)
{
    return strcmp((*(const pcs_instance_t *const *)left)->name, (*(const pcs_instance_t *const *)right)->name);
}

/* Rows of a report into figure[instance]; sorted: the instances by name. */
static pcs_status_t read_report(const char *path, const pcs_netlist_t *netlist, const pcs_instance_t **sorted,
                                figure_t *figure, pcs_error_t *err)
{
    char *text = NULL;
    const pcs_status_t status = pcs_gates_read(path, &text, err);
    if (status != PCS_OK) {
        return status;
    }
    memset(figure, 0, netlist->instances * sizeof *figure);
    size_t rows = 0;
    for (char *at = text; at != NULL;) {
        char *word[6];
        double value[3];
        if (pcs_gates_words(&at, word, 6) != 5 || !watts(word[0], &value[0]) || !watts(word[1], &value[1]) ||
            !watts(word[2], &value[2])) {
            continue; /* heading */
        }
        const pcs_instance_t key = {.name = word[4]};
        const pcs_instance_t *const key_at = &key;
        const pcs_instance_t *const *found =
            bsearch(&key_at, sorted, netlist->instances, sizeof(const pcs_instance_t *), by_name);
        if (found != NULL) {
            figure_t *row = &figure[*found - netlist->instance];
            rows += row->read ? 0 : 1;
            *row = (figure_t){value[0] / 2 + value[1], value[2], true}; /* half the internal power: see power.h */
        }
    }
    free(text);
    return rows == netlist->instances ? PCS_OK
                                      : pcs_fail(err, PCS_FORMAT, "%s: power of %zu instances, the netlist has %zu",
                                                 path, rows, netlist->instances);
}

pcs_status_t pcs_gate_power_read(const char *idle, const char *busy, const pcs_netlist_t *netlist, double volts,
                                 double period_ns, pcs_gate_power_t *power, pcs_error_t *err)
{
    const size_t n = netlist->instances;
    *power = (pcs_gate_power_t){.toggle_pj = calloc(n, sizeof *power->toggle_pj)};
    const pcs_instance_t **sorted = calloc(n, sizeof(const pcs_instance_t *));
    figure_t *at[2] = {calloc(n, sizeof *at[0]), calloc(n, sizeof *at[1])};
    pcs_status_t status = power->toggle_pj != NULL && sorted != NULL && at[0] != NULL && at[1] != NULL
                              ? PCS_OK
                              : pcs_fail(err, PCS_MEMORY, "%s: out of memory", idle);
    if (status == PCS_OK) {
        for (size_t i = 0; i < n; i++) {
            sorted[i] = &netlist->instance[i];
        }
        qsort(sorted, n, sizeof(const pcs_instance_t *), by_name);
        status = read_report(idle, netlist, sorted, at[0], err);
    }
    status = status == PCS_OK ? read_report(busy, netlist, sorted, at[1], err) : status;
    const double pj_per_watt = period_ns * 1e3; /* W x ns = 1000 pJ */
    for (size_t i = 0; status == PCS_OK && i < n; i++) {
        const double difference = at[1][i].dynamic_w - at[0][i].dynamic_w;
        if (difference < 0) {
            status = pcs_fail(err, PCS_FORMAT, "%s: instance %s burns less when it toggles", busy,
                              netlist->instance[i].name);
        }
        power->toggle_pj[i] = difference * pj_per_watt;
        power->leakage_nw += at[1][i].leakage_w * 1e9;
        const pcs_instance_t *instance = &netlist->instance[i];
        power->clock_pj[instance->part] += at[0][i].dynamic_w * pj_per_watt;
        /* The clock net itself: its pins charge and discharge once a clock, C V^2. */
        power->clock_pj[instance->part] += instance->cell->clock_pf * volts * volts;
    }
    free(sorted);
    free(at[0]);
    free(at[1]);
    if (status != PCS_OK) {
        pcs_gate_power_free(power);
    }
    return status;
}

void pcs_gate_power_free(pcs_gate_power_t *power)
{
    free(power->toggle_pj);
    *power = (pcs_gate_power_t){.toggle_pj = NULL};
}
