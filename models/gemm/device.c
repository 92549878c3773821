/* `cycle` and `rtl`: the contract as a job through an array device.  Clocks and event counts that the device measures
   must equal the closed form. */
#include <inttypes.h>
#include <stdlib.h>

#include "models/array/stream.h"
#include "models/gemm/engine_internal.h"

typedef struct run {
    const pcs_gemm_t *gemm;
    const pcs_plan_t *plan;
    const pcs_sums_t *sums;
    const int64_t *row_sums; /* (groups, M); NULL when not needed */
    int64_t *p;              /* (M of the job, C) sums of the group that leaves */
    size_t cols;             /* C */
    uint64_t overflows;
} run_t;

/* Codes of row i of A of the contract, and of column j of B. */
static void row_of_a(void *user, uint64_t i, uint64_t k, size_t count, uint16_t *codes)
{
    const run_t *run = user;
    for (size_t l = 0; l < count; l++) {
        uint8_t code;
        (void)pcs_operand_at(&run->gemm->a, i, k + l, &code);
        codes[l] = code;
    }
}

static void column_of_b(void *user, uint64_t j, uint64_t k, size_t count, uint16_t *codes)
{
    const run_t *run = user;
    for (size_t l = 0; l < count; l++) {
        uint8_t code;
        (void)pcs_operand_at(&run->gemm->b, k + l, j, &code);
        codes[l] = code;
    }
}

/* A complete group goes through the output stage.  Exchanged: a row of the array is a column of the contract. */
static void output(const run_t *run, const pcs_stream_row_t *row, const int64_t *p)
{
    const bool exchanged = run->plan->exchanged;
    const size_t m0 = exchanged ? row->n0 : row->m;
    const int64_t *row_sums = run->row_sums != NULL ? run->row_sums + row->group * run->gemm->m + m0 : NULL;
    pcs_output_group(run->gemm, run->sums, row->group, m0, exchanged ? row->cols : 1, exchanged ? row->m : row->n0,
                     exchanged ? 1 : row->cols, p, row_sums);
}

static void take_row(void *user, const pcs_stream_row_t *row)
{
    run_t *run = user;
    int64_t *p = run->p + row->m * run->cols;
    for (size_t c = 0; c < row->cols; c++) {
        p[c] = row->acc[c] + (row->segment == 0 ? 0 : p[c]);
        run->overflows += row->flags[c];
    }
    if (row->group_done) {
        output(run, row, p);
    }
}

static void sum_rows(const pcs_gemm_t *gemm, uint64_t groups, int64_t *row_sums)
{
    const size_t length = gemm->k / groups;
    for (uint64_t group = 0; group < groups; group++) {
        for (size_t m = 0; m < gemm->m; m++) {
            *row_sums++ = pcs_row_sum(&gemm->a, m, group * length, length);
        }
    }
}

static pcs_status_t compare_counts(pcs_array_dev_t *dev, const pcs_counts_t *before, const pcs_plan_t *plan,
                                   uint64_t overflows, pcs_error_t *err)
{
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        const uint64_t measured = dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event) - before->n[event];
        const uint64_t expected = event == PCS_EVENT_OVERFLOW ? overflows : plan->counts.n[event];
        if (measured != expected) {
            return pcs_fail(err, PCS_MISMATCH,
                            "event %s: the %s device counted %" PRIu64 ", the closed form says %" PRIu64,
                            pcs_events[event].name, dev->ops->name, measured, expected);
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_run_device(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan,
                            const pcs_sums_t *sums, uint64_t *overflows, pcs_error_t *err)
{
    pcs_array_dev_t *dev = engine->config.dev;
    const size_t sums_count = sums->terms.row_sums ? gemm->m * plan->job.groups : 0;
    const size_t p_count = plan->job.m * dev->config.cols;
    int64_t *memory = pcs_engine_scratch(engine, (sums_count + p_count) * sizeof *memory);
    if (memory == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory to run a GEMM on the %s device", dev->ops->name);
    }
    run_t run = {
        .gemm = gemm,
        .plan = plan,
        .sums = sums,
        .row_sums = sums_count > 0 ? memory + p_count : NULL,
        .p = memory,
        .cols = dev->config.cols,
    };
    if (sums_count > 0) {
        sum_rows(gemm, plan->job.groups, memory + p_count);
    }
    const pcs_stream_job_t job = {
        .job = plan->job,
        .user = &run,
        .fetch_a = plan->exchanged ? column_of_b : row_of_a,
        .fetch_b = plan->exchanged ? row_of_a : column_of_b,
        .row = take_row,
    };
    pcs_counts_t before;
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        before.n[event] = dev->ops->csr(dev, (unsigned)PCS_CSR_EVENT_BASE + event);
    }
    const pcs_status_t status = pcs_stream_run(dev, &job, 1, err);
    if (status != PCS_OK) {
        return status;
    }
    *overflows = run.overflows;
    return compare_counts(dev, &before, plan, run.overflows, err);
}
