#include "sim/platform/job.h"

#include <inttypes.h>
#include <stdlib.h>

#include "models/format/philox.h"
#include "models/gemm/gemm.h"
#include "models/mac/mac.h"

enum { LINE_BYTES = 64, WORD_BYTES = 8 };

/* Operands as values; in memory they are codes. */
typedef struct operands {
    uint8_t *a; /* (M, K) codes */
    uint8_t *b; /* (K, N) codes */
} operands_t;

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

pcs_status_t pcs_job_bytes(const pcs_job_t *job, uint64_t *bytes, pcs_error_t *err)
{
    const uint64_t most = PCS_JOB_MACS;
    if (job->m < 1 || job->n < 1 || job->k < 1 || job->m > most || job->n > most / job->m ||
        job->k > most / (job->m * job->n)) {
        return pcs_fail(err, PCS_INVALID,
                        "GEMM of %" PRIu64 " x %" PRIu64 " x %" PRIu64 ": each size must be at least 1, the product at "
                        "most %" PRIu64,
                        job->m, job->n, job->k, most);
    }
    if (job->segment > job->k) {
        return pcs_fail(err, PCS_INVALID, "segment of %" PRIu64 " steps: must be 0..K = %" PRIu64, job->segment,
                        job->k);
    }
    if (!pcs_mode_legal(PCS_KIND_GATED, pcs_mode_pack(&job->mode))) { /* as for every integer kind */
        return pcs_fail(err, PCS_INVALID, "operands of %u and %u bits: must be %d..%d", job->mode.pa, job->mode.pb,
                        PCS_PREC_MIN, PCS_PREC_MAX);
    }
    *bytes = aligned(job->m * job->k) + aligned(job->k * job->n) + aligned(job->m * job->n * WORD_BYTES);
    return PCS_OK;
}

/* Uniform over all codes of the format. */
static void draw(uint8_t *codes, uint64_t count, uint64_t seed, uint32_t which, unsigned bits, bool is_signed)
{
    const pcs_stream_t stream = pcs_stream(seed, PCS_PURPOSE_TEST, 0, which);
    const uint32_t min = (uint32_t)pcs_code_min(bits, is_signed);
    for (uint64_t i = 0; i < count; i++) {
        codes[i] = (uint8_t)(min + pcs_philox_below(&stream, i, UINT32_C(1) << bits));
    }
}

/* The job as the array runs it: input-stationary, the transposed product; the same operand stays serial. */
static pcs_array_job_t array_job(const pcs_job_t *job)
{
    const pcs_mode_t *mode = &job->mode;
    if (job->array.dataflow != PCS_DATAFLOW_IS) {
        return (pcs_array_job_t){job->m, job->n, job->k, 1, job->segment, *mode};
    }
    const pcs_mode_t exchanged = {mode->pb,       mode->pa, mode->b_signed, mode->a_signed, !mode->serial_b,
                                  mode->saturate, 0};
    return (pcs_array_job_t){job->n, job->m, job->k, 1, job->segment, exchanged};
}

/* Products that enter an accumulator at once. */
static uint64_t together(const pcs_job_t *job)
{
    const pcs_mode_t mode = array_job(job).mode;
    return pcs_kinds[job->array.kind].accs == 1 ? pcs_mac_step(&job->array, &mode).lanes : 1;
}

/* One result by definition: an accumulator for each segment, segments added in 64 bits. */
static int64_t result_ref(const pcs_job_t *job, const operands_t *op, uint64_t m, uint64_t n, uint64_t *overflows)
{
    const uint64_t lanes = together(job);
    int64_t sum = 0;
    for (uint64_t k0 = 0; k0 < job->k; k0 += job->segment) {
        pcs_acc_t acc = {0, false};
        const uint64_t end = k0 + job->segment < job->k ? k0 + job->segment : job->k;
        for (uint64_t step = k0; step < end; step += lanes) {
            int64_t products = 0;
            for (uint64_t k = step; k < end && k < step + lanes; k++) {
                products += pcs_code_value(op->a[m * job->k + k], job->mode.a_signed) *
                            pcs_code_value(op->b[k * job->n + n], job->mode.b_signed);
            }
            acc = pcs_acc_add(acc, products, job->array.acc_bits, job->mode.saturate);
        }
        sum += acc.value;
        *overflows += acc.overflow;
    }
    return sum;
}

static pcs_status_t compare_results(pcs_job_t *job, const operands_t *op, const pcs_bus_t *bus, uint64_t y_base,
                                    pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (uint64_t i = 0; i < job->m * job->n; i++) {
        uint8_t bytes[WORD_BYTES];
        if (!bus->read(bus->user, y_base + i * WORD_BYTES, bytes, sizeof bytes)) {
            return pcs_fail(err, PCS_IO, "memory at 0x%" PRIx64 ": read refused by the bus", y_base + i * WORD_BYTES);
        }
        uint64_t word = 0;
        for (unsigned byte = 0; byte < WORD_BYTES; byte++) {
            word |= (uint64_t)bytes[byte] << (8U * byte);
        }
        const int64_t expected = result_ref(job, op, i / job->n, i % job->n, &job->overflows);
        job->words++;
        if ((int64_t)word != expected) {
            job->wrong++;
            status = status != PCS_OK ? status
                                      : pcs_fail(err, PCS_MISMATCH,
                                                 "result (%" PRIu64 ", %" PRIu64 "): memory has %" PRId64
                                                 ", the definition gives %" PRId64,
                                                 i / job->n, i % job->n, (int64_t)word, expected);
        }
    }
    return status;
}

static pcs_status_t compare_counts(const pcs_job_t *job, pcs_error_t *err)
{
    for (unsigned event = 0; event < PCS_EVENT_COUNT; event++) {
        const uint64_t expected = pcs_events[event].data_dependent ? job->overflows : job->predicted.n[event];
        if (job->counts.n[event] != expected) {
            return pcs_fail(err, PCS_MISMATCH, "event %s: the hardware counted %" PRIu64 ", expected %" PRIu64,
                            pcs_events[event].name, job->counts.n[event], expected);
        }
    }
    return PCS_OK;
}

static pcs_status_t compute(pcs_job_t *job, const operands_t *op, const pcs_bus_t *bus, pcs_error_t *err)
{
    const uint64_t a_bytes = job->m * job->k;
    const uint64_t b_bytes = job->k * job->n;
    const pcs_accel_gemm_t gemm = {
        .a_base = 0,
        .a_stride = job->k,
        .b_base = aligned(a_bytes),
        .b_stride = job->n,
        .y_base = aligned(a_bytes) + aligned(b_bytes),
        .y_stride = job->n * WORD_BYTES,
        .m = job->m,
        .n = job->n,
        .k = job->k,
        .segment = job->segment,
        .mode = job->mode,
    };
    if (!bus->write(bus->user, gemm.a_base, op->a, a_bytes) || !bus->write(bus->user, gemm.b_base, op->b, b_bytes)) {
        return pcs_fail(err, PCS_IO, "operands: write refused by the bus");
    }
    pcs_status_t status = pcs_accel_run(bus, job->base, &gemm, &job->counts, err);
    if (status == PCS_OK) {
        status = compare_results(job, op, bus, gemm.y_base, err);
    }
    return status == PCS_OK ? compare_counts(job, err) : status;
}

pcs_status_t pcs_job_run(void *user, const pcs_bus_t *bus, pcs_error_t *err)
{
    pcs_job_t *job = user;
    const pcs_mode_t *mode = &job->mode;
    pcs_status_t status = pcs_accel_probe(bus, job->base, &job->array, err);
    if (status != PCS_OK) {
        return status;
    }
    if (job->segment == 0) {
        const uint64_t bound =
            pcs_segment_bound(mode->pa, mode->a_signed, mode->pb, mode->b_signed, job->array.acc_bits);
        const pcs_mode_t run = array_job(job).mode;
        const uint64_t longest = pcs_array_segment_max(&job->array, &run);
        job->segment = longest < job->k ? longest : job->k;
        job->segment = bound == 0 || bound > job->segment ? job->segment : bound;
    }
    const pcs_array_job_t shape = array_job(job);
    pcs_array_counts(&job->array, &shape, &job->predicted);

    operands_t op = {malloc(job->m * job->k), malloc(job->k * job->n)};
    if (op.a == NULL || op.b == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "no memory for the operands");
    } else {
        draw(op.a, job->m * job->k, job->seed, 0, mode->pa, mode->a_signed);
        draw(op.b, job->k * job->n, job->seed, 1, mode->pb, mode->b_signed);
        status = compute(job, &op, bus, err);
    }
    free(op.a);
    free(op.b);
    return status;
}
