#include "sim/cli/matrix_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/fgemm.h"

enum { SCALE_BIAS = 127, SCALE_NAN = 255 }; /* E8M0 */

bool cli_block_named(const char *name)
{
    char lower[CLI_NAME_MAX];
    const char *text = cli_numbers_name(name, lower);
    return strncmp(text, "mx", 2) == 0 || strncmp(text, "bfp", 3) == 0 || strncmp(text, "hbfp", 4) == 0;
}

/* "bfp" alone has no numbers: let the parser say what is legal. */
static const char *full_name(const char *name)
{
    return strcmp(name, "bfp") == 0 ? "bfp:" : strcmp(name, "hbfp") == 0 ? "hbfp:" : name;
}

pcs_status_t cli_block_parse(const char *command, const char *flag, const char *name, const char *rule,
                             cli_block_t *block, pcs_error_t *err)
{
    char lower[CLI_NAME_MAX];
    const char *text = cli_numbers_name(name, lower);
    const pcs_scale_rule_t scale = rule == NULL ? PCS_SCALE_FLOOR : pcs_scale_rule_by_name(rule);
    pcs_error_t why = {{0}};
    if (scale == PCS_SCALE_COUNT) {
        return pcs_fail(err, PCS_INVALID, "%s: --scale: '%.40s'; legal: floor|ceil|round-up|even", command, rule);
    }
    if (rule != NULL && strncmp(text, "mx", 2) != 0) {
        return pcs_fail(err, PCS_INVALID, "%s: --scale has no meaning for %.40s; legal: with mx formats", command,
                        name);
    }
    if (pcs_block_format_parse(full_name(text), scale, &block->block, &why) != PCS_OK) {
        return pcs_fail(err, PCS_INVALID, "%s: --%s: %.400s", command, flag, why.text);
    }
    pcs_block_format_t *to = &block->block;
    to->scale_min = to->scale_min < -SCALE_BIAS ? -SCALE_BIAS : to->scale_min;
    to->scale_max = to->scale_max > SCALE_BIAS ? SCALE_BIAS : to->scale_max;
    to->scale_nan = true;
    (void)strncpy(block->name, text, sizeof block->name - 1);
    block->row = pcs_block_format_row(to, block->name);
    block->format = to->element != NULL ? to->element : &block->row;
    return PCS_OK;
}

static double value_of(pcs_parts_t x)
{
    const double magnitude = x.class_ == PCS_CLASS_FINITE ? ldexp((double)x.significand, x.exponent) : 0.0;
    return x.sign ? -magnitude : magnitude;
}

/* Elements of `from`, FP32, at first, first + step, ..., to the same places of `to`; returns the scale's code. */
static uint8_t quantize(const cli_block_t *block, const cli_matrix_t *from, size_t first, size_t step, size_t count,
                        cli_matrix_t *to)
{
    pcs_parts_t x[PCS_BLOCK_GROUP_MAX];
    pcs_code_t elements[PCS_BLOCK_GROUP_MAX];
    pcs_code_t scale = {0};
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_SAT};
    PCS_ASSERT(count > 0);
    for (size_t i = 0; i < count; i++) {
        x[i] = pcs_decode(from->format, pcs_fcode_load(from->format, from->codes, first + i * step));
    }
    pcs_block_format_quantize(&block->block, x, count, &nearest, NULL, 0, &scale, elements);
    const int exponent = block->block.scale_min + (int)scale.bits;
    const bool nan = exponent > block->block.scale_max;
    for (size_t i = 0; i < count; i++) {
        const pcs_parts_t y = pcs_block_format_decode(&block->block, scale, elements[i]);
        to->nan += nan ? 1 : 0;
        to->rounded += !nan && value_of(x[i]) != value_of(y) ? 1 : 0;
        pcs_fcode_store(to->format, to->codes, first + i * step, pcs_block_format_code(&block->block, elements[i]));
    }
    return nan ? SCALE_NAN : (uint8_t)(exponent + SCALE_BIAS);
}

static void quantize_all(const cli_block_t *block, bool along_rows, const cli_matrix_t *from, cli_matrix_t *to,
                         cli_matrix_t *scales)
{
    const size_t group = block->block.group;
    const size_t lines = along_rows ? from->rows : from->cols;
    const size_t length = along_rows ? from->cols : from->rows;
    const size_t step = along_rows ? 1 : from->cols;
    const size_t blocks = (length + group - 1) / group;
    for (size_t line = 0; line < lines; line++) {
        for (size_t i = 0; i < blocks; i++) {
            const size_t count = length - i * group < group ? length - i * group : group;
            const size_t first = (along_rows ? line * from->cols : line) + i * group * step;
            const size_t at = along_rows ? line * blocks + i : i * lines + line;
            ((uint8_t *)scales->codes)[at] = quantize(block, from, first, step, count, to);
        }
    }
}

pcs_status_t cli_matrix_read_blocks(const char *command, const char *flag, const char *path, const cli_block_t *block,
                                    bool along_rows, cli_matrix_t *matrix, cli_matrix_t *scales, pcs_error_t *err)
{
    cli_matrix_t from = {.codes = NULL};
    pcs_status_t status = cli_matrix_read(command, flag, path, &pcs_formats[PCS_FORMAT_FP32], &from, err);
    if (status != PCS_OK) {
        return status;
    }
    const size_t group = block->block.group;
    *matrix = (cli_matrix_t){.format = block->format, .rows = from.rows, .cols = from.cols};
    *scales = (cli_matrix_t){.format = &pcs_formats[PCS_FORMAT_E8M0],
                             .rows = along_rows ? from.rows : (from.rows + group - 1) / group,
                             .cols = along_rows ? (from.cols + group - 1) / group : from.cols};
    matrix->codes = calloc(from.rows * from.cols, pcs_fcode_bytes(block->format));
    scales->codes = calloc(scales->rows * scales->cols, 1);
    if (matrix->codes != NULL && scales->codes != NULL) {
        quantize_all(block, along_rows, &from, matrix, scales);
    } else {
        status = pcs_fail(err, PCS_MEMORY, "%s: no memory for blocks of %zu elements", path, from.rows * from.cols);
    }
    free(from.codes);
    return status;
}
