/* A register for a contract's operands, and an array of the kind float or bfp that runs it. */
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

/* Width of the integers, in units of 2^*unit, that all codes of a format are; 0: not all of them are. */
static unsigned integer_bits(const pcs_format_row_t *format, int *unit)
{
    if (format->sign != PCS_SIGN_SIGNED || format->lowest != PCS_LOWEST_SUBNORMAL || pcs_format_has_nan(format) ||
        pcs_format_has_inf(format)) {
        return 0;
    }
    const pcs_parts_t max = pcs_decode(format, pcs_format_max(format));
    *unit = 1 - format->bias - (int)format->mantissa_bits;
    return (unsigned)(max.exponent + 64 - __builtin_clzll(max.significand) - *unit) + 1U;
}

/* What the weights of products on an array of the kind are multiples of, beside their scales. */
static int units(const pcs_fgemm_t *gemm, pcs_kind_t kind)
{
    int a = 0;
    int b = 0;
    const bool integers = integer_bits(gemm->a.format, &a) > 0 && integer_bits(gemm->b.format, &b) > 0;
    return kind == PCS_KIND_BFP && integers ? a + b : 0;
}

pcs_status_t pcs_fgemm_register(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, size_t group, bool saturate,
                                pcs_accumulator_t *accumulator, bool *exact, pcs_error_t *err)
{
    const unsigned bits = array->acc_bits;
    const int offset = units(gemm, array->kind);
    pcs_accumulator_t fit = {.sum = PCS_SUM_REGISTER, .register_bits = bits, .group = (unsigned)group};
    fit.saturate = saturate;
    pcs_numbers_t a = {.table = NULL};
    pcs_numbers_t b = {.table = NULL};
    pcs_status_t status = pcs_numbers_init(&a, gemm, true, &fit, 1, err);
    if (status == PCS_OK) {
        status = pcs_numbers_init(&b, gemm, false, &fit, 1, err);
    }
    if (status == PCS_OK && a.spread.max > 0.0 && b.spread.max > 0.0) {
        const double largest = a.spread.max * b.spread.max * (double)longest_sum(gemm, group);
        const int lowest = anchor_below(exponent_of(a.spread.unit) + exponent_of(b.spread.unit) - offset);
        /* the last bit as low as sums below 2^(bits - 1) of its units allow */
        const int held = anchor_below(exponent_of(largest) + 2 - (int)bits - offset + PCS_ANCHOR_STEP - 1);
        fit.anchor = lowest > held ? lowest : held;
    }
    fit.anchor = fit.anchor < PCS_ANCHOR_MIN   ? PCS_ANCHOR_MIN
                 : fit.anchor > PCS_ANCHOR_MAX ? PCS_ANCHOR_MAX
                                               : fit.anchor;
    fit.anchor += offset;
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

/* What the mode of an array of the kind says of an operand. */
static pcs_status_t check_format(pcs_kind_t kind, const pcs_format_row_t *format, uint8_t *field, pcs_error_t *err)
{
    int unit = 0;
    const unsigned bits = integer_bits(format, &unit);
    if (kind == PCS_KIND_BFP) {
        *field = (uint8_t)bits;
        return bits >= PCS_PREC_MIN && bits <= PCS_PREC_MAX
                   ? PCS_OK
                   : pcs_fail(
                         err, PCS_INVALID,
                         "format %.40s on an array of the kind bfp; legal: integers of up to %d bits, sign included, "
                         "times a power of two: bfp and hbfp of up to %d magnitude bits, mxint8, e2m3, e2m1",
                         format->name, PCS_PREC_MAX, PCS_PREC_MAX - 1);
    }
    *field = (uint8_t)number_of(format);
    return number_of(format) != PCS_FORMAT_COUNT && pcs_format_is_operand(number_of(format))
               ? PCS_OK
               : pcs_fail(err, PCS_INVALID,
                          "format %.40s on an array; legal: presets of up to 16 bits with a sign and subnormals",
                          format->name);
}

/* What the contract and the array must have in common; the mode that follows, of A and B of the contract. */
static pcs_status_t check_array(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, pcs_mode_t *mode,
                                pcs_error_t *err)
{
    const pcs_accumulator_t *accumulator = gemm->accumulator;
    const pcs_kind_t kind = array->kind;
    if (kind != PCS_KIND_FLOAT && kind != PCS_KIND_BFP) {
        return pcs_fail(err, PCS_INVALID, "kind %s does not multiply floating-point numbers; legal: %s, %s",
                        pcs_kinds[kind].name, pcs_kinds[PCS_KIND_FLOAT].name, pcs_kinds[PCS_KIND_BFP].name);
    }
    if (accumulator->sum != PCS_SUM_REGISTER) {
        return pcs_fail(err, PCS_INVALID, "this accumulator on an array; legal: register:anchor=A,...");
    }
    if (kind == PCS_KIND_FLOAT && gemm->a.scales != NULL) {
        return pcs_fail(err, PCS_INVALID, "operands with scales on an array of the kind float; legal: the kind bfp");
    }
    pcs_status_t status = check_format(kind, gemm->a.format, &mode->pa, err);
    if (status == PCS_OK) {
        status = check_format(kind, gemm->b.format, &mode->pb, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    if (accumulator->register_bits != array->acc_bits) {
        return pcs_fail(err, PCS_INVALID, "the contract wants a register of %u bits, the array has %u",
                        accumulator->register_bits, array->acc_bits);
    }
    const int offset = units(gemm, kind);
    const int anchor = accumulator->anchor - offset;
    if (anchor % PCS_ANCHOR_STEP != 0 || anchor < PCS_ANCHOR_MIN || anchor > PCS_ANCHOR_MAX) {
        return pcs_fail(err, PCS_INVALID, "anchor %d on an array; legal: %d..%d in steps of %d", accumulator->anchor,
                        PCS_ANCHOR_MIN + offset, PCS_ANCHOR_MAX + offset, PCS_ANCHOR_STEP);
    }
    mode->saturate = accumulator->saturate;
    mode->anchor = (int16_t)anchor;
    return pcs_array_config_check(array, err);
}

pcs_status_t pcs_fgemm_plan(const pcs_fgemm_t *gemm, const pcs_array_config_t *array, pcs_fplan_t *plan,
                            pcs_error_t *err)
{
    pcs_mode_t mode = {.pa = 0};
    const pcs_status_t status = check_array(gemm, array, &mode, err);
    if (status != PCS_OK) {
        return status;
    }
    const bool exchanged = array->dataflow == PCS_DATAFLOW_IS;
    const uint8_t pa = mode.pa;
    mode.pa = exchanged ? mode.pb : pa;
    mode.pb = exchanged ? pa : mode.pb;
    pcs_fplan_t made = {.exchanged = exchanged,
                        .job = {.m = exchanged ? gemm->n : gemm->m,
                                .n = exchanged ? gemm->m : gemm->n,
                                .k = gemm->k,
                                .groups = 1,
                                .segment = longest_sum(gemm, gemm->accumulator->group),
                                .mode = mode}};
    if (array->kind == PCS_KIND_BFP) {
        (void)integer_bits(gemm->a.format, &made.unit_a);
        (void)integer_bits(gemm->b.format, &made.unit_b);
    }
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
