/* A register for a contract's operands, and an array of the kind float that runs it. */
#include <math.h>
#include <string.h>

#include "models/gemm/fgemm_internal.h"

/* The exponent of a power of two; the smallest e with x <= 2^e of any number. */
static int exponent_of(double x)
{
    int exponent = 0;
    const double fraction = frexp(x, &exponent);
    return fraction == 0.5 ? exponent - 1 : exponent;
}

/* To a multiple of PCS_ANCHOR_STEP, down. */
static int anchor_below(int exponent)
{
    return exponent - ((exponent % PCS_ANCHOR_STEP + PCS_ANCHOR_STEP) % PCS_ANCHOR_STEP);
}

static size_t longest_sum(const pcs_fgemm_t *gemm, size_t group)
{
    return group == 0 || group > gemm->k ? gemm->k : group;
}

bool pcs_register_is_exact(const pcs_accumulator_t *accumulator, const pcs_spread_t *a, const pcs_spread_t *b,
                           size_t products)
{
    const double unit = ldexp(1.0, accumulator->anchor);
    return a->max == 0.0 || b->max == 0.0 ||
           (a->unit * b->unit >= unit &&
            a->max * b->max / unit * (double)products < ldexp(1.0, (int)accumulator->register_bits - 1));
}

pcs_status_t pcs_fgemm_register(const pcs_fgemm_t *gemm, unsigned bits, size_t group, bool saturate,
                                pcs_accumulator_t *accumulator, bool *exact, pcs_error_t *err)
{
    pcs_accumulator_t fit = {.sum = PCS_SUM_REGISTER, .register_bits = bits, .group = (unsigned)group};
    fit.saturate = saturate;
    pcs_numbers_t a = {.table = NULL};
    pcs_numbers_t b = {.table = NULL};
    pcs_status_t status = pcs_numbers_init(&a, &gemm->a, &fit, gemm->m, gemm->k, true, 1, err);
    if (status == PCS_OK) {
        status = pcs_numbers_init(&b, &gemm->b, &fit, gemm->k, gemm->n, false, 1, err);
    }
    if (status == PCS_OK && a.spread.max > 0.0 && b.spread.max > 0.0) {
        const double largest = a.spread.max * b.spread.max * (double)longest_sum(gemm, group);
        const int lowest = anchor_below(exponent_of(a.spread.unit) + exponent_of(b.spread.unit));
        /* the last bit as low as sums below 2^(bits - 1) of its units allow */
        const int held = anchor_below(exponent_of(largest) + 2 - (int)bits + PCS_ANCHOR_STEP - 1);
        fit.anchor = lowest > held ? lowest : held;
    }
    fit.anchor = fit.anchor < PCS_ANCHOR_MIN   ? PCS_ANCHOR_MIN
                 : fit.anchor > PCS_ANCHOR_MAX ? PCS_ANCHOR_MAX
                                               : fit.anchor;
    if (status == PCS_OK) {
        *accumulator = fit;
        *exact = pcs_register_is_exact(&fit, &a.spread, &b.spread, longest_sum(gemm, group));
    }
    pcs_numbers_free(&a);
    pcs_numbers_free(&b);
    return status;
}

/* Number of a format in formats.def; PCS_FORMAT_COUNT: one of the caller's own. */
static pcs_format_t number_of(const pcs_format_row_t *format)
{
    return format >= pcs_formats && format < pcs_formats + PCS_FORMAT_COUNT ? (pcs_format_t)(format - pcs_formats)
                                                                            : PCS_FORMAT_COUNT;
}

static pcs_status_t check_array(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, pcs_error_t *err)
{
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    const pcs_format_row_t *formats[] = {gemm->a.format, gemm->b.format};
    if (array->kind != PCS_KIND_FLOAT) {
        return pcs_fail(err, PCS_INVALID, "kind %s does not multiply floating-point numbers; legal: %s",
                        pcs_kinds[array->kind].name, pcs_kinds[PCS_KIND_FLOAT].name);
    }
    if (accumulator->sum != PCS_SUM_REGISTER || gemm->a.scales != NULL) {
        return pcs_fail(err, PCS_INVALID, "this accumulator on an array; legal: register:anchor=A,..., without scales");
    }
    for (int i = 0; i < 2; i++) {
        if (number_of(formats[i]) == PCS_FORMAT_COUNT || !pcs_format_is_operand(number_of(formats[i]))) {
            return pcs_fail(err, PCS_INVALID,
                            "format %.40s on an array; legal: presets of up to 16 bits with a sign and subnormals",
                            formats[i]->name);
        }
    }
    if (accumulator->register_bits != array->acc_bits) {
        return pcs_fail(err, PCS_INVALID, "the contract wants a register of %u bits, the array has %u",
                        accumulator->register_bits, array->acc_bits);
    }
    if (accumulator->anchor % PCS_ANCHOR_STEP != 0 || accumulator->anchor < PCS_ANCHOR_MIN ||
        accumulator->anchor > PCS_ANCHOR_MAX) {
        return pcs_fail(err, PCS_INVALID, "anchor %d on an array; legal: multiples of %d, %d..%d", accumulator->anchor,
                        PCS_ANCHOR_STEP, PCS_ANCHOR_MIN, PCS_ANCHOR_MAX);
    }
    return pcs_array_config_check(array, err);
}

pcs_status_t pcs_fgemm_plan(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, pcs_fplan_t *plan,
                            pcs_error_t *err)
{
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    const pcs_status_t status = check_array(gemm, array, err);
    if (status != PCS_OK) {
        return status;
    }
    const bool exchanged = array->dataflow == PCS_DATAFLOW_IS;
    const pcs_format_row_t *first = exchanged ? gemm->b.format : gemm->a.format;
    const pcs_format_row_t *second = exchanged ? gemm->a.format : gemm->b.format;
    const pcs_fplan_t made = {.exchanged = exchanged,
                              .job = {.m = exchanged ? gemm->n : gemm->m,
                                      .n = exchanged ? gemm->m : gemm->n,
                                      .k = gemm->k,
                                      .groups = 1,
                                      .segment = longest_sum(gemm, accumulator->group),
                                      .mode = {.pa = (uint8_t)number_of(first),
                                               .pb = (uint8_t)number_of(second),
                                               .saturate = accumulator->saturate,
                                               .anchor = (int16_t)accumulator->anchor}}};
    const uint64_t longest = pcs_array_segment_max(array, &made.job.mode);
    if (made.job.segment > longest) {
        return pcs_fail(err, PCS_INVALID,
                        "registers of %llu products: the %s array of %u rows takes 1..%llu, accumulator "
                        "register:...,group=N",
                        (unsigned long long)made.job.segment, pcs_dataflows[array->dataflow].name, array->rows,
                        (unsigned long long)longest);
    }
    *plan = made;
    pcs_array_counts(array, &plan->job, &plan->counts);
    return PCS_OK;
}
