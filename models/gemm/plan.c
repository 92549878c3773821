/* How the array runs a contract, and what the system around it does: closed forms only. */
#include <inttypes.h>
#include <string.h>

#include "models/gemm/exponents.h"
#include "models/gemm/gemm.h"
#include "models/gemm/output.h"
#include "models/mac/mac.h"

enum { RESULT_BITS = 32 };

static uint64_t magnitude(unsigned bits, bool is_signed)
{
    const int64_t low = -(int64_t)pcs_code_min(bits, is_signed);
    const int64_t high = pcs_code_max(bits, is_signed);
    return (uint64_t)(low > high ? low : high);
}

uint64_t pcs_segment_bound(unsigned pa, bool a_signed, unsigned pb, bool b_signed, unsigned acc_bits)
{
    /* The most negative accumulator is larger by one, but no sum reaches it that the positive bound forbids. */
    const uint64_t product = magnitude(pa, a_signed) * magnitude(pb, b_signed);
    return ((UINT64_C(1) << (acc_bits - 1U)) - 1U) / product;
}

/* Codes of A that exist in memory: a patch view repeats them. */
static uint64_t distinct_codes(const pcs_operand_t *operand, uint64_t elements)
{
    const pcs_patch_t *patch = operand->patch;
    return patch == NULL ? elements : (uint64_t)patch->batch * patch->height * patch->width * patch->channels;
}

static uint64_t ceil_div(uint64_t size, uint64_t by)
{
    return (size + by - 1U) / by;
}

/* Bits that the array's edge reads: codes that stream come once for each block that they pass, stationary ones once. */
static void edge_bits(const pcs_gemm_t *gemm, const pcs_array_config_t *array, const pcs_array_job_t *job,
                      bool exchanged, uint64_t *n)
{
    const uint64_t part = pcs_exponents_part(array, job);
    const uint64_t of_a =
        (uint64_t)gemm->m * gemm->k * gemm->a.bits + pcs_exponents_read_a(gemm, part) * gemm->block_bits;
    const uint64_t of_b =
        (uint64_t)gemm->k * gemm->n * gemm->b.bits + pcs_exponents_read_b(gemm, part) * gemm->block_bits;
    const uint64_t streams = ceil_div(job->n, array->cols);
    const uint64_t stays = array->dataflow == PCS_DATAFLOW_OS ? ceil_div(job->m, array->rows) : 1;
    n[PCS_SYSTEM_SRAM_A_READ] = of_a * (exchanged ? stays : streams);
    n[PCS_SYSTEM_SRAM_READ] = n[PCS_SYSTEM_SRAM_A_READ] + of_b * (exchanged ? streams : stays);
}

/* What the passes make the system do is added up in `n` before; the rest follows from the contract. */
static void system_counts(const pcs_gemm_t *gemm, uint64_t groups, unsigned passes, uint64_t *n)
{
    const uint64_t outputs = (uint64_t)gemm->m * gemm->n;
    const pcs_output_terms_t terms = pcs_output_terms(gemm);
    const uint64_t fetched_a = distinct_codes(&gemm->a, (uint64_t)gemm->m * gemm->k) * gemm->a.bits +
                               pcs_exponents_stored_a(gemm) * gemm->block_bits;
    const uint64_t fetched_b =
        (uint64_t)gemm->k * gemm->n * gemm->b.bits + pcs_exponents_read_b(gemm, gemm->k) * gemm->block_bits;
    const uint64_t fetched = fetched_a + fetched_b;

    n[PCS_SYSTEM_SRAM_WRITE] += fetched + outputs * RESULT_BITS;
    n[PCS_SYSTEM_SRAM_A_WRITE] += fetched_a;
    n[PCS_SYSTEM_SRAM_B_WRITE] += fetched_b;
    n[PCS_SYSTEM_DRAM_READ] += fetched;
    n[PCS_SYSTEM_DRAM_WRITE] += outputs * RESULT_BITS;
    /* Row sums and column sums (one addition a code), passes, integer offsets. */
    n[PCS_SYSTEM_VEC_INT_ADD] += (terms.row_sums ? (uint64_t)gemm->m * gemm->k : 0) +
                                 (terms.col_sums ? (uint64_t)gemm->n * gemm->k : 0) + groups * outputs * (passes - 1U) +
                                 groups * outputs * terms.int_adds;
    n[PCS_SYSTEM_VEC_INT_MUL] += groups * outputs * terms.int_muls;
    n[PCS_SYSTEM_VEC_FP_MUL] += groups * outputs * (1U + terms.fp_terms);
    n[PCS_SYSTEM_VEC_FP_ADD] += groups * outputs * terms.fp_terms + (groups - 1U) * outputs;
}

/* Operands meet in the order of the contract, or exchanged; the same one of them is serial. */
static pcs_array_job_t job_of(const pcs_gemm_t *gemm, uint64_t group, pcs_serial_t serial, bool exchanged)
{
    const pcs_operand_t *a = exchanged ? &gemm->b : &gemm->a;
    const pcs_operand_t *b = exchanged ? &gemm->a : &gemm->b;
    const bool serial_b = serial == PCS_SERIAL_B || (serial == PCS_SERIAL_NARROWER && gemm->b.bits <= gemm->a.bits);
    return (pcs_array_job_t){
        .m = exchanged ? gemm->n : gemm->m,
        .n = exchanged ? gemm->m : gemm->n,
        .k = gemm->k,
        .groups = gemm->k / group,
        .mode = {.pa = (uint8_t)a->bits,
                 .pb = (uint8_t)b->bits,
                 .a_signed = a->is_signed,
                 .b_signed = b->is_signed,
                 .serial_b = serial_b != exchanged,
                 .saturate = gemm->saturate},
    };
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A contract without wide operands: all but the part of the system that does not depend on passes. */
static pcs_status_t plan_pass(const pcs_gemm_t *gemm, const pcs_array_config_t *array, pcs_serial_t serial,
                              pcs_plan_t *plan, pcs_error_t *err)
{
    if (pcs_need_integer_kind(array->kind, err) != PCS_OK) {
        return PCS_INVALID;
    }
    const uint64_t group = gemm->group != 0 ? gemm->group : gemm->k;
    const uint64_t bound =
        pcs_segment_bound(gemm->a.bits, gemm->a.is_signed, gemm->b.bits, gemm->b.is_signed, gemm->acc_bits);
    if (gemm->segment == 0 && bound == 0) {
        return pcs_fail(err, PCS_INVALID,
                        "an accumulator of %u bits cannot hold one %u x %u bit product: widen it, or set the segment "
                        "to accept overflow",
                        gemm->acc_bits, gemm->a.bits, gemm->b.bits);
    }
    plan->exchanged = array->dataflow == PCS_DATAFLOW_IS;
    plan->job = job_of(gemm, group, serial, plan->exchanged);
    const bool one_acc = pcs_kinds[array->kind].accs == 1;
    const unsigned lanes = pcs_mac_step(array, &plan->job.mode).lanes;
    const uint64_t longest = min_u64(group, pcs_array_segment_max(array, &plan->job.mode));
    const uint64_t given = min_u64(gemm->segment, group);
    if (given > longest) {
        return pcs_fail(err, PCS_INVALID,
                        "segments of %zu: the %s %s array of %u rows runs 1..%" PRIu64 " of %u x %u bits",
                        gemm->segment, pcs_dataflows[array->dataflow].name, pcs_kinds[array->kind].name, array->rows,
                        longest, gemm->a.bits, gemm->b.bits);
    }
    const uint64_t wanted = one_acc ? longest : min_u64(longest, ceil_div(group, lanes));
    plan->job.segment = given != 0 ? given : min_u64(bound, wanted);
    plan->together = one_acc ? lanes : 1;
    plan->proven = plan->job.segment <= bound;
    plan->worst =
        plan->job.segment * magnitude(gemm->a.bits, gemm->a.is_signed) * magnitude(gemm->b.bits, gemm->b.is_signed);
    pcs_array_counts(array, &plan->job, &plan->counts);
    memset(plan->system, 0, sizeof plan->system);
    edge_bits(gemm, array, &plan->job, plan->exchanged, plan->system);
    plan->system[PCS_SYSTEM_VEC_INT_ADD] = /* segments of a group */
        (ceil_div(group, plan->job.segment) - 1U) * plan->job.groups * gemm->m * gemm->n;
    return PCS_OK;
}

/* The copies follow one another. */
static void plan_copies(pcs_plan_t *plan, uint64_t copies)
{
    for (int event = 0; event < PCS_EVENT_COUNT; event++) {
        plan->counts.n[event] *= copies;
    }
    for (int event = 0; event < PCS_SYSTEM_EVENT_COUNT; event++) {
        plan->system[event] *= copies;
    }
}

pcs_status_t pcs_gemm_plan(const pcs_gemm_t *gemm, const pcs_array_config_t *array, pcs_serial_t serial,
                           pcs_plan_t *plan, pcs_error_t *err)
{
    if (array->acc_bits != gemm->acc_bits) {
        return pcs_fail(err, PCS_INVALID, "the contract wants an accumulator of %u bits, the array has %u",
                        gemm->acc_bits, array->acc_bits);
    }
    const unsigned passes = pcs_gemm_passes(gemm);
    for (unsigned i = 0; i < passes; i++) {
        const pcs_gemm_t part = passes == 1 ? *gemm : pcs_gemm_pass(gemm, i, NULL);
        pcs_plan_t pass;
        const pcs_status_t status = plan_pass(&part, array, serial, &pass, err);
        if (status != PCS_OK) {
            return status;
        }
        if (i == 0) {
            *plan = pass;
            continue;
        }
        plan->proven = plan->proven && pass.proven;
        plan->worst = pass.worst > plan->worst ? pass.worst : plan->worst;
        pcs_counts_add(&plan->counts, &pass.counts, 1);
        for (int event = 0; event < PCS_SYSTEM_EVENT_COUNT; event++) {
            plan->system[event] += pass.system[event];
        }
    }
    plan->passes = passes;
    system_counts(gemm, plan->job.groups, passes, plan->system);
    plan_copies(plan, pcs_gemm_copies(gemm));
    return PCS_OK;
}

pcs_status_t pcs_gemm_plan_aligned(const pcs_gemm_t *gemm, const pcs_array_config_t *array, const pcs_mode_t *mode,
                                   pcs_plan_t *plan, pcs_error_t *err)
{
    PCS_ASSERT(!pcs_kind_is_integer(array->kind));
    const bool exchanged = array->dataflow == PCS_DATAFLOW_IS;
    *plan = (pcs_plan_t){.passes = 1,
                         .exchanged = exchanged,
                         .together = 1,
                         .job = {.m = exchanged ? gemm->n : gemm->m,
                                 .n = exchanged ? gemm->m : gemm->n,
                                 .k = gemm->k,
                                 .groups = 1,
                                 .mode = *mode}};
    plan->job.mode.pa = exchanged ? mode->pb : mode->pa;
    plan->job.mode.pb = exchanged ? mode->pa : mode->pb;
    const uint64_t longest = min_u64(gemm->k, pcs_array_segment_max(array, &plan->job.mode));
    const uint64_t given = min_u64(gemm->segment, gemm->k);
    if (given > longest) {
        return pcs_fail(err, PCS_INVALID, "segments of %zu: the %s %s array of %u rows runs 1..%" PRIu64, gemm->segment,
                        pcs_dataflows[array->dataflow].name, pcs_kinds[array->kind].name, array->rows, longest);
    }
    plan->job.segment = given != 0 ? given : longest;
    pcs_array_counts(array, &plan->job, &plan->counts);
    edge_bits(gemm, array, &plan->job, exchanged, plan->system);
    plan->system[PCS_SYSTEM_VEC_INT_ADD] = (ceil_div(gemm->k, plan->job.segment) - 1U) * gemm->m * gemm->n;
    system_counts(gemm, 1, 1, plan->system);
    plan_copies(plan, pcs_gemm_copies(gemm));
    return PCS_OK;
}
