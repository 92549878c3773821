#include "sim/cosim/lockstep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct lockstep {
    pcs_array_dev_t dev;
    pcs_array_dev_t *dut, *model;
    pcs_fault_t fault;
    pcs_difference_t difference;
    uint32_t mask[PCS_PROBE_WORDS]; /* of a PE's probe words: what is compared */
    bool foreign;                   /* not everything is */
    uint64_t clock;                 /* since reset */
    uint64_t clocks, words;
} lockstep_t;

void pcs_difference_note(pcs_difference_t *difference, uint64_t clock, const char *signal, int row, int col,
                         int64_t observed, int64_t expected)
{
    if (!difference->found) {
        *difference = (pcs_difference_t){
            .found = true, .clock = clock, .row = row, .col = col, .observed = observed, .expected = expected};
        (void)snprintf(difference->signal, sizeof difference->signal, "%s", signal);
    }
}

static void compare(lockstep_t *pair, const char *signal, int col, int64_t observed, int64_t expected)
{
    pair->words++;
    if (observed != expected) {
        pcs_difference_note(&pair->difference, pair->clock, signal, PCS_NOWHERE, col, observed, expected);
    }
}

static void compare_outputs(lockstep_t *pair, const pcs_array_out_t *dut, const pcs_array_out_t *model)
{
    compare(pair, "in_ready", PCS_NOWHERE, dut->in_ready, model->in_ready);
    compare(pair, "out_valid", PCS_NOWHERE, dut->out_valid, model->out_valid);
    compare(pair, "out_last", PCS_NOWHERE, dut->out_last, model->out_last);
    compare(pair, "busy", PCS_NOWHERE, dut->busy, model->busy);
    compare(pair, "error", PCS_NOWHERE, dut->error, model->error);
    const unsigned accs = pcs_kinds[pair->dev.config.kind].accs;
    for (unsigned c = 0; c < pair->dev.config.cols; c++) {
        compare(pair, "out_col_valid", (int)c, dut->col_valid[c], model->col_valid[c]);
        if (dut->col_valid[c] && model->col_valid[c]) { /* payload means something only with its valid */
            for (unsigned i = c * accs; i < (c + 1) * accs; i++) {
                compare(pair, "out_acc", (int)c, dut->acc[i], model->acc[i]);
                compare(pair, "out_flags", (int)c, dut->flags[i], model->flags[i]);
            }
        }
    }
}

bool pcs_lockstep_is_internal(pcs_probe_t probe)
{
    return probe == PCS_PROBE_A || probe == PCS_PROBE_B || probe == PCS_PROBE_REMAINING || probe == PCS_PROBE_INNER ||
           probe == PCS_PROBE_PARTIAL;
}

static bool is_compared(const lockstep_t *pair, pcs_probe_t probe)
{
    return !(pair->foreign && pcs_lockstep_is_internal(probe));
}

static void make_mask(lockstep_t *pair)
{
    for (int probe = 0; probe < PCS_PROBE_COUNT; probe++) {
        const pcs_probe_row_t *row = &pcs_probes[probe];
        for (unsigned bit = row->lsb; bit < row->lsb + row->bits; bit++) {
            pair->mask[bit / 32U] |= (uint32_t)is_compared(pair, (pcs_probe_t)probe) << (bit % 32U);
        }
    }
}

static bool same_probes(const lockstep_t *pair, const uint32_t *dut, const uint32_t *model, size_t pes)
{
    if (!pair->foreign) {
        return memcmp(dut, model, pes * PCS_PROBE_WORDS * sizeof *dut) == 0;
    }
    uint32_t differs = 0;
    for (size_t pe = 0; pe < pes; pe++) {
        for (size_t i = 0; i < PCS_PROBE_WORDS; i++) {
            differs |= (dut[pe * PCS_PROBE_WORDS + i] ^ model[pe * PCS_PROBE_WORDS + i]) & pair->mask[i];
        }
    }
    return differs == 0;
}

static void compare_probes(lockstep_t *pair)
{
    const unsigned cols = pair->dev.config.cols;
    const size_t pes = (size_t)pair->dev.config.rows * cols;
    const uint32_t *dut = pair->dut->ops->probe(pair->dut);
    const uint32_t *model = pair->model->ops->probe(pair->model);
    pair->words += pes * PCS_PROBE_WORDS;
    if (same_probes(pair, dut, model, pes)) {
        return;
    }
    for (size_t pe = 0; pe < pes; pe++) {
        for (int probe = 0; probe < PCS_PROBE_COUNT; probe++) {
            const int64_t observed = pcs_probe_get(dut, pe, (pcs_probe_t)probe);
            const int64_t expected = pcs_probe_get(model, pe, (pcs_probe_t)probe);
            if (observed != expected && is_compared(pair, (pcs_probe_t)probe)) {
                pcs_difference_note(&pair->difference, pair->clock, pcs_probes[probe].name, (int)(pe / cols),
                                    (int)(pe % cols), observed, expected);
                return;
            }
        }
    }
}

static void lockstep_reset(pcs_array_dev_t *dev)
{
    lockstep_t *pair = (lockstep_t *)dev;
    pair->dut->ops->reset(pair->dut);
    pair->model->ops->reset(pair->model);
    pair->clock = 0;
    pair->difference = (pcs_difference_t){0};
}

static void lockstep_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    lockstep_t *pair = (lockstep_t *)dev;
    const pcs_fault_t *fault = &pair->fault;
    if (fault->kind == PCS_FAULT_PROBE && fault->clock == pair->clock) {
        PCS_ASSERT(pcs_array_cycle_flip(pair->model, fault->row, fault->col, fault->probe, fault->bit));
    }
    pcs_array_out_t expected;
    pair->dut->ops->step(pair->dut, in, out);
    pair->model->ops->step(pair->model, in, &expected);
    compare_outputs(pair, out, &expected);
    compare_probes(pair);
    pair->clock++;
    pair->clocks++;
}

static const uint32_t *lockstep_probe(pcs_array_dev_t *dev)
{
    lockstep_t *pair = (lockstep_t *)dev;
    return pair->dut->ops->probe(pair->dut);
}

static uint64_t lockstep_csr(pcs_array_dev_t *dev, unsigned addr)
{
    lockstep_t *pair = (lockstep_t *)dev;
    return pair->dut->ops->csr(pair->dut, addr);
}

static void lockstep_destroy(pcs_array_dev_t *dev)
{
    lockstep_t *pair = (lockstep_t *)dev;
    pcs_array_dev_destroy(pair->dut);
    pcs_array_dev_destroy(pair->model);
    free(pair);
}

static const pcs_array_dev_ops_t lockstep_ops = {
    .name = "lockstep",
    .reset = lockstep_reset,
    .step = lockstep_step,
    .probe = lockstep_probe,
    .csr = lockstep_csr,
    .destroy = lockstep_destroy,
};

/* Two machines that are not the same one have nothing to compare. */
static pcs_status_t same_machine(pcs_array_dev_t *dut, pcs_array_dev_t *model, pcs_error_t *err)
{
    static const struct {
        unsigned addr;
        const char *name;
    } registers[] = {{PCS_CSR_SPEC_HASH, "spec_hash"}, {PCS_CSR_ROWS, "rows"},         {PCS_CSR_COLS, "cols"},
                     {PCS_CSR_KIND, "kind"},           {PCS_CSR_ACC_BITS, "acc_bits"}, {PCS_CSR_DATAFLOW, "dataflow"},
                     {PCS_CSR_DIGIT, "digit"}};
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++) {
        const uint64_t observed = dut->ops->csr(dut, registers[i].addr);
        const uint64_t expected = model->ops->csr(model, registers[i].addr);
        if (observed != expected) {
            return pcs_fail(err, PCS_MISMATCH, "register %s: %s has 0x%llx, %s has 0x%llx", registers[i].name,
                            dut->ops->name, (unsigned long long)observed, model->ops->name,
                            (unsigned long long)expected);
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_lockstep_create(pcs_array_dev_t *dut, pcs_array_dev_t *model, const pcs_fault_t *fault, bool foreign,
                                 pcs_array_dev_t **dev, pcs_error_t *err)
{
    pcs_status_t status = same_machine(dut, model, err);
    lockstep_t *pair = status == PCS_OK ? calloc(1, sizeof *pair) : NULL;
    if (pair == NULL) {
        pcs_array_dev_destroy(dut);
        pcs_array_dev_destroy(model);
        return status != PCS_OK ? status : pcs_fail(err, PCS_MEMORY, "no memory for lock-step");
    }
    pair->dev.ops = &lockstep_ops;
    pair->dev.config = dut->config;
    pair->dut = dut;
    pair->model = model;
    pair->foreign = foreign;
    make_mask(pair);
    if (fault != NULL) {
        pair->fault = *fault;
    }
    *dev = &pair->dev;
    return PCS_OK;
}

const pcs_difference_t *pcs_lockstep_difference(const pcs_array_dev_t *dev)
{
    return &((const lockstep_t *)dev)->difference;
}

void pcs_lockstep_compare_events(pcs_array_dev_t *dev)
{
    lockstep_t *pair = (lockstep_t *)dev;
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        const unsigned addr = (unsigned)PCS_CSR_EVENT_BASE + event;
        const uint64_t wrong = pair->fault.kind == PCS_FAULT_EVENT && pair->fault.event == (pcs_event_t)event;
        compare(pair, pcs_events[event].name, PCS_NOWHERE, (int64_t)pair->dut->ops->csr(pair->dut, addr),
                (int64_t)(pair->model->ops->csr(pair->model, addr) + wrong));
    }
}

void pcs_lockstep_compared(const pcs_array_dev_t *dev, uint64_t *clocks, uint64_t *words)
{
    const lockstep_t *pair = (const lockstep_t *)dev;
    *clocks = pair->clocks;
    *words = pair->words;
}
