/* The contract's check, its definition `ref`, and what executors share. */
#include "models/gemm/fgemm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/fgemm_internal.h"

static const char *const way_names[PCS_FGEMM_WAYS] = {"proven", "single", "double", "defined", "array"};

const char *pcs_fgemm_way_name(pcs_fgemm_way_t way)
{
    return way_names[way];
}

size_t pcs_fcode_bytes(const pcs_format_row_t *format)
{
    const unsigned bits = pcs_format_bits(format);
    return bits <= 8 ? 1 : bits <= 16 ? 2 : 4;
}

pcs_code_t pcs_fcode_load(const pcs_format_row_t *format, const void *codes, size_t at)
{
    switch (pcs_fcode_bytes(format)) {
    case 1:
        return (pcs_code_t){((const uint8_t *)codes)[at]};
    case 2:
        return (pcs_code_t){((const uint16_t *)codes)[at]};
    default:
        return (pcs_code_t){((const uint32_t *)codes)[at]};
    }
}

void pcs_fcode_store(const pcs_format_row_t *format, void *codes, size_t at, pcs_code_t code)
{
    switch (pcs_fcode_bytes(format)) {
    case 1:
        ((uint8_t *)codes)[at] = (uint8_t)code.bits;
        break;
    case 2:
        ((uint16_t *)codes)[at] = (uint16_t)code.bits;
        break;
    default:
        ((uint32_t *)codes)[at] = code.bits;
    }
}

static pcs_dot_t dot_of(const pcs_fgemm_t *gemm)
{
    return (pcs_dot_t){
        .a = gemm->a.format, .b = gemm->b.format, .c = gemm->c_format, .k = gemm->k, .accumulator = gemm->accumulator};
}

void pcs_fgemm_stats_add(pcs_fgemm_stats_t *sum, const pcs_fgemm_stats_t *part)
{
    sum->outputs += part->outputs;
    sum->inexact += part->inexact;
    sum->underflow += part->underflow;
    sum->overflow += part->overflow;
    sum->invalid += part->invalid;
    sum->nan += part->nan;
    for (int way = 0; way < PCS_FGEMM_WAYS; way++) {
        sum->way[way] += part->way[way];
    }
}

pcs_code_t *pcs_fgemm_scratch(const pcs_fgemm_t *gemm)
{
    return calloc(2 * gemm->k + pcs_fgemm_tiles(gemm), sizeof(pcs_code_t)); /* scale and factor fit into a code */
}

/* Scales of an output's tiles. */
static void add_scales(const pcs_fgemm_t *gemm, size_t m, size_t n, int16_t *scale, uint8_t *factor)
{
    const size_t tiles = pcs_fgemm_tiles(gemm);
    for (size_t t = 0; t < tiles; t++) {
        const uint8_t a = pcs_fgemm_scale_a(gemm, m, t * pcs_fgemm_block(gemm));
        const uint8_t b = pcs_fgemm_scale_b(gemm, t * pcs_fgemm_block(gemm), n);
        pcs_dot_scale(gemm->scale_code, a, b, &scale[t], &factor[t]);
    }
}

pcs_code_t pcs_fgemm_output(const pcs_fgemm_t *gemm, size_t m, size_t n, pcs_code_t *codes, unsigned *flags)
{
    pcs_dot_t dot = dot_of(gemm);
    if (gemm->a.scales != NULL) {
        int16_t *scale = (int16_t *)(codes + 2 * gemm->k);
        uint8_t *factor = (uint8_t *)(scale + pcs_fgemm_tiles(gemm));
        add_scales(gemm, m, n, scale, factor);
        dot.scale = scale;
        dot.factor = gemm->scale_code != PCS_SCALE_CODE_E8M0 ? factor : NULL;
        dot.scale_group = pcs_fgemm_block(gemm);
    }
    for (size_t k = 0; k < gemm->k; k++) {
        codes[k] = pcs_foperand_at(&gemm->a, m, k);
        codes[gemm->k + k] = pcs_foperand_at(&gemm->b, k, n);
    }
    pcs_dot_state_t state = {
        .fp = {.rounding = gemm->rounding, .overflow = gemm->overflow, .random_bits = gemm->random_bits},
        .stream = gemm->stream,
        .draws = ((uint64_t)m * gemm->n + n) << 32U};
    const pcs_code_t c = gemm->c == NULL ? (pcs_code_t){0} : pcs_fcode_load(gemm->c_format, gemm->c, m * gemm->ldc + n);
    const pcs_code_t y = pcs_dot(&dot, codes, codes + gemm->k, c, &state);
    *flags = state.fp.flags;
    return y;
}

void pcs_fgemm_define(const pcs_fgemm_t *gemm, size_t m, size_t n, pcs_code_t *codes, pcs_fgemm_stats_t *stats)
{
    unsigned flags = 0;
    const pcs_code_t y = pcs_fgemm_output(gemm, m, n, codes, &flags);
    pcs_fcode_store(gemm->c_format, gemm->y, m * gemm->ldy + n, y);
    const bool nan = pcs_decode(gemm->c_format, y).class_ == PCS_CLASS_NAN;
    pcs_fgemm_count(flags, nan, PCS_FGEMM_DEFINED, stats);
}

static pcs_status_t run_ref(const pcs_fgemm_t *gemm, pcs_fgemm_stats_t *stats, pcs_error_t *err)
{
    pcs_code_t *codes = pcs_fgemm_scratch(gemm);
    if (codes == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for a dot product of %zu", gemm->k);
    }
    for (size_t m = 0; m < gemm->m; m++) {
        for (size_t n = 0; n < gemm->n; n++) {
            pcs_fgemm_define(gemm, m, n, codes, stats);
        }
    }
    free(codes);
    return PCS_OK;
}

static pcs_status_t check_operand(const char *name, const pcs_foperand_t *operand, size_t rows, size_t cols,
                                  pcs_error_t *err)
{
    const size_t least = operand->transposed ? rows : cols;
    return operand->ld >= least ? PCS_OK
                                : pcs_fail(err, PCS_INVALID, "%s: rows are %zu codes apart; legal: at least %zu", name,
                                           operand->ld, least);
}

pcs_status_t pcs_fgemm_check(const pcs_fgemm_t *gemm, pcs_error_t *err)
{
    if (gemm->m == 0 || gemm->n == 0 || gemm->k == 0) {
        return pcs_fail(err, PCS_INVALID, "a GEMM of %zu x %zu x %zu; legal: at least 1 each", gemm->m, gemm->n,
                        gemm->k);
    }
    if (gemm->m > (UINT64_C(1) << 32U) / gemm->n) {
        return pcs_fail(err, PCS_INVALID, "a GEMM of %zu x %zu outputs; legal: up to 2^32", gemm->m, gemm->n);
    }
    if ((gemm->a.scales == NULL) != (gemm->b.scales == NULL)) {
        return pcs_fail(err, PCS_INVALID, "scales of %s only; legal: of both operands or of neither",
                        gemm->a.scales != NULL ? "a" : "b");
    }
    pcs_dot_t dot = dot_of(gemm);
    const int16_t any = 0;
    const uint8_t one = PCS_DOT_FACTOR_ONE;
    const unsigned group = gemm->accumulator->block != 0 ? gemm->accumulator->block : gemm->accumulator->group;
    dot.scale = gemm->a.scales != NULL ? &any : NULL; /* that there are some, for the check */
    dot.factor = gemm->a.scales != NULL && gemm->scale_code != PCS_SCALE_CODE_E8M0 ? &one : NULL;
    dot.scale_group = gemm->block;
    pcs_status_t status = pcs_dot_check(&dot, err);
    if (status == PCS_OK && dot.scale != NULL && gemm->block != 0 && gemm->block != group &&
        gemm->accumulator->sum != PCS_SUM_REGISTER) {
        return pcs_fail(err, PCS_INVALID,
                        "blocks of %zu with an accumulator of groups of %u; legal: the same, or register", gemm->block,
                        group);
    }
    if (status == PCS_OK) {
        status = check_operand("a", &gemm->a, gemm->m, gemm->k, err);
    }
    if (status == PCS_OK) {
        status = check_operand("b", &gemm->b, gemm->k, gemm->n, err);
    }
    const size_t ldc = gemm->c == NULL ? gemm->n : gemm->ldc;
    if (status == PCS_OK && (gemm->ldy < gemm->n || ldc < gemm->n)) {
        return pcs_fail(err, PCS_INVALID, "%s: rows are %zu codes apart; legal: at least %zu",
                        gemm->ldy < gemm->n ? "y" : "c", gemm->ldy < gemm->n ? gemm->ldy : ldc, gemm->n);
    }
    const bool draws = pcs_rounding_is_stochastic(gemm->rounding) && !gemm->accumulator->own_rounding;
    PCS_ASSERT(!draws || gemm->stream != NULL);
    if (status == PCS_OK && draws && (gemm->random_bits < 1 || gemm->random_bits > 32)) {
        return pcs_fail(err, PCS_INVALID, "rounding %s with %u random bits; legal: 1..32",
                        pcs_rounding_name(gemm->rounding), gemm->random_bits);
    }
    return status;
}

static bool scale_is_nan(const pcs_fgemm_t *gemm, const pcs_foperand_t *operand, size_t i, size_t j)
{
    return operand->scales != NULL &&
           pcs_scale_is_nan(gemm->scale_code,
                            operand == &gemm->a ? pcs_fgemm_scale_a(gemm, i, j) : pcs_fgemm_scale_b(gemm, i, j));
}

/* NaNs of a (rows, cols) matrix, for the policy that stops at them. */
static pcs_status_t refuse_nan(const pcs_fgemm_t *gemm, const char *name, const pcs_foperand_t *operand, size_t rows,
                               size_t cols, pcs_error_t *err)
{
    uint64_t count = 0;
    size_t first_row = 0;
    size_t first_col = 0;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++) {
            if (scale_is_nan(gemm, operand, i, j) ||
                pcs_decode(operand->format, pcs_foperand_at(operand, i, j)).class_ == PCS_CLASS_NAN) {
                first_row = count == 0 ? i : first_row;
                first_col = count == 0 ? j : first_col;
                count++;
            }
        }
    }
    return count == 0 ? PCS_OK
                      : pcs_fail(err, PCS_INVALID, "%s: %" PRIu64 " of %zu elements are NaN, the first at [%zu, %zu]",
                                 name, count, rows * cols, first_row, first_col);
}

static pcs_status_t refuse_nans(const pcs_fgemm_t *gemm, pcs_error_t *err)
{
    pcs_status_t status = refuse_nan(gemm, "a", &gemm->a, gemm->m, gemm->k, err);
    if (status == PCS_OK) {
        status = refuse_nan(gemm, "b", &gemm->b, gemm->k, gemm->n, err);
    }
    if (status == PCS_OK && gemm->c != NULL) {
        const pcs_foperand_t c = {.format = gemm->c_format, .codes = gemm->c, .ld = gemm->ldc};
        status = refuse_nan(gemm, "c", &c, gemm->m, gemm->n, err);
    }
    return status;
}

pcs_status_t pcs_fgemm_run(const pcs_fgemm_t *gemm, const pcs_fgemm_config_t *config, pcs_fgemm_stats_t *stats,
                           pcs_error_t *err)
{
    pcs_status_t status = pcs_fgemm_check(gemm, err);
    if (status != PCS_OK) {
        return status;
    }
    if (config->threads < 1) {
        return pcs_fail(err, PCS_INVALID, "threads: must be at least 1");
    }
    if (gemm->stop_at_nan) {
        status = refuse_nans(gemm, err);
    }
    pcs_fgemm_stats_t counted = {.outputs = 0};
    if (status == PCS_OK) {
        status = config->executor == PCS_EXECUTOR_REF    ? run_ref(gemm, &counted, err)
                 : config->executor == PCS_EXECUTOR_FAST ? pcs_fgemm_fast(gemm, config, &counted, err)
                                                         : pcs_fgemm_device(gemm, config, &counted, err);
    }
    if (status == PCS_OK && stats != NULL) {
        *stats = counted;
    }
    return status;
}
