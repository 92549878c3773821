/* The cycle model's operands: words decoded once, when their step comes, as values of lanes (integer kinds) or as terms
   (aligned kinds); and the sums of terms. */
#include <math.h>
#include <string.h>

#include "models/array/cycle_internal.h"
#include "models/spec/isa.h"

/* Columns 0..cols-1 of each of `steps` lines (steps, width); zero beyond. */
static void decode_terms(const pcs_cycle_t *model, unsigned field, size_t steps, const uint32_t *words, size_t cols,
                         pcs_term_t *terms)
{
    const size_t width = model->width;
    pcs_terms_decode(model->dev.config.kind, field, words, (steps - 1) * width + cols, terms);
    for (size_t s = 0; cols < width && s < steps; s++) {
        memset(terms + s * width + cols, 0, (width - cols) * sizeof *terms);
    }
}

/* Codes of `steps` lines of the ring, `count` of each, lines of words and lanes of values `line` apart. */
static pcs_cycle_codes_t codes_of(const pcs_cycle_t *model, const pcs_mac_step_t *mac, size_t steps, size_t count,
                                  size_t line)
{
    return (pcs_cycle_codes_t){.lanes = mac->lanes,
                               .steps = steps,
                               .count = count,
                               .words = line,
                               .values = model->lanes * line,
                               .stride = line};
}

/* A of `count` steps of a tile, next to each other in the ring. */
static void decode_a(pcs_cycle_t *model, uint64_t from, size_t count, const pcs_mode_t *mode)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const size_t rows = model->rows;
    const size_t slot = pcs_cycle_slot(model, from);
    const size_t word = slot * rows + step->top;
    if (model->aligned) { /* words of other rows are in between */
        pcs_terms_decode(model->dev.config.kind, mode->pa, model->word_a + word, (count - 1) * rows + step->rows,
                         model->term_a + word);
        return;
    }
    pcs_cycle_codes_t codes = codes_of(model, &step->mac, count, step->rows, rows);
    codes.field = step->mac.field_a;
    codes.is_signed = mode->a_signed;
    pcs_cycle_decode_twice(&codes, model->word_a + word, model->value_a + slot * model->lanes * rows + step->top);
}

/* OS: B of them. */
static void decode_b(pcs_cycle_t *model, uint64_t from, size_t count, const pcs_mode_t *mode)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const size_t width = model->width;
    const size_t slot = pcs_cycle_slot(model, from);
    const uint32_t *words = model->word_b + slot * width;
    if (model->aligned) {
        decode_terms(model, mode->pb, count, words, step->cols, model->term_b + slot * width);
        return;
    }
    pcs_cycle_codes_t codes = codes_of(model, &step->mac, count, step->cols, width);
    codes.field = step->mac.field_b;
    codes.is_signed = mode->b_signed;
    pcs_cycle_decode_values(&codes, words, width, model->value_b + slot * model->lanes * width);
}

void pcs_cycle_decode(pcs_cycle_t *model)
{
    while (model->decoded < model->accepted) {
        const uint64_t from = model->decoded;
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
        uint64_t to = from + 1;
        if (step->stream) {
            const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, step->mode);
            while (to < model->accepted && pcs_cycle_slot(model, to) != 0 && pcs_cycle_step_at(model, to)->stream &&
                   !pcs_cycle_step_at(model, to)->first) {
                to++;
            }
            decode_a(model, from, (size_t)(to - from), &mode);
            if (!model->ws) {
                decode_b(model, from, (size_t)(to - from), &mode);
            }
        }
        model->decoded = to;
    }
}

/* WS: a row of weights; lanes `stride` apart. */
static void decode_weights(const pcs_mac_step_t *mac, bool is_signed, const uint32_t *words, size_t cols, size_t padded,
                           int16_t *values, size_t stride)
{
    const pcs_cycle_codes_t codes = {.lanes = mac->lanes,
                                     .field = mac->field_b,
                                     .is_signed = is_signed,
                                     .steps = 1,
                                     .count = cols,
                                     .stride = stride};
    pcs_cycle_decode_values(&codes, words, padded, values);
}

void pcs_cycle_decode_staged(pcs_cycle_t *model, const pcs_mode_t *mode, unsigned row, const uint32_t *words,
                             size_t cols)
{
    if (model->aligned) {
        decode_terms(model, mode->pb, 1, words, cols, model->staged_term + row * model->width);
        return;
    }
    const pcs_mac_step_t mac = pcs_mac_step(&model->dev.config, mode);
    decode_weights(&mac, mode->b_signed, words, cols, model->width, model->staged + row * model->width,
                   model->rows * model->width);
}

void pcs_cycle_swap_staged(pcs_cycle_t *model)
{
    const size_t from = (model->rows - model->tile_rows) * model->width;
    const size_t words = model->tile_rows * model->width;
    if (model->aligned) {
        memcpy(model->weight_term + from, model->staged_term + from, words * sizeof *model->weight_term);
        return;
    }
    for (unsigned lane = 0; lane < model->mac.lanes; lane++) {
        const size_t at = lane * model->rows * model->width + from;
        memcpy(model->weight + at, model->staged + at, words * sizeof *model->weight);
    }
}

pcs_cycle_line_t pcs_cycle_line_of_step(const pcs_cycle_t *model, uint64_t step)
{
    const size_t slot = pcs_cycle_slot(model, step);
    if (model->aligned) {
        return (pcs_cycle_line_t){.term = model->term_b + slot * model->width};
    }
    return (pcs_cycle_line_t){.value = model->value_b + slot * model->lanes * model->width, .stride = model->width};
}

pcs_cycle_line_t pcs_cycle_line_of_row(const pcs_cycle_t *model, unsigned r)
{
    if (model->aligned) {
        return (pcs_cycle_line_t){.term = model->weight_term + r * model->width};
    }
    return (pcs_cycle_line_t){.value = model->weight + r * model->width, .stride = model->rows * model->width};
}

pcs_cycle_line_t pcs_cycle_line_of_words(pcs_cycle_t *model, uint64_t step, const uint32_t *words)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, at->mode);
    if (model->aligned) {
        decode_terms(model, mode.pb, 1, words, at->cols, model->live.term);
        return (pcs_cycle_line_t){.term = model->live.term};
    }
    decode_weights(&at->mac, mode.b_signed, words, at->cols, at->cols, model->live.weight, model->width);
    return (pcs_cycle_line_t){.value = model->live.weight, .stride = model->width};
}

/* ---- sums of terms ---- */

/* Sums are made in binary64, in units of 2^anchor: a product of two significands is exact there, a whole number below
   2^53 is, and so is a sum of those.  Rows whose sums may leave the accumulator, and those that meet infinities and
   NaN, are made by definition. */

enum { LANES = 8, PARTS = 2, GROUP = LANES * PARTS }; /* columns of a vector; vectors at a time */
typedef double numbers_t __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t bits_t __attribute__((vector_size(LANES * sizeof(double))));

enum { BIAS = 1023, FRACTION_BITS = 52, TOP_EXPONENT = 2047 }; /* of binary64 */
static const double unit_one = 0x1p52;                         /* numbers from here to 2^53 are whole */
static const double integer = 0x1.8p52; /* |i| < 2^51: the bits of integer + i are those of integer, plus i */
static const int64_t integer_bits = 0x4338000000000000;

/* Terms in units of 2^unit; the smallest exponent. */
PCS_CLONES static int to_numbers(const pcs_term_t *restrict terms, size_t count, int unit, double *restrict numbers)
{
    int least = INT16_MAX;
    for (size_t i = 0; i < count; i++) {
        const int exponent = terms[i].exponent - unit + BIAS; /* beyond all numbers for what is none */
        const int64_t bits = (int64_t)(exponent < TOP_EXPONENT ? exponent : TOP_EXPONENT) << FRACTION_BITS;
        double power;
        memcpy(&power, &bits, sizeof power);
        numbers[i] = terms[i].significand * power;
        least = terms[i].exponent < least ? terms[i].exponent : least;
    }
    return least;
}

/* bound[row]: all magnitudes that come together in an accumulator of the row are not more, but for roundings; infinite
   or NaN where something is. */
PCS_CLONES static void bound_rows(const pcs_cycle_terms_t *block, const double *restrict x, const double *restrict y,
                                  size_t width, double *restrict bound)
{
    memset(bound, 0, block->rows * sizeof *bound);
    for (size_t k = 0; k < block->inner; k++) {
        int64_t most = 0; /* bits of magnitudes compare as those do, and NaN is the largest */
        for (size_t c = 0; c < width; c++) {
            int64_t bits;
            memcpy(&bits, y + k * width + c, sizeof bits);
            bits &= INT64_MAX;
            most = bits > most ? bits : most;
        }
        double largest;
        memcpy(&largest, &most, sizeof largest);
        for (size_t row = 0; row < block->rows; row++) {
            bound[row] += fabs(x[row * block->x_row + k * block->x_inner]) * largest;
        }
    }
}

/* One row, GROUP columns, of which the first n count; whole: nothing is cut off.  False, and nothing done, if an
   accumulator is above `limit`. */
static inline __attribute__((always_inline)) bool add_group(const pcs_cycle_terms_t *block, bool whole, double limit,
                                                            const double *x, const double *y, size_t width, unsigned n,
                                                            int64_t *acc, uint8_t *flags)
{
    const bits_t ones = (bits_t)((numbers_t){0} + 1.0);
    numbers_t sum[PARTS];
    bits_t cut[PARTS] = {{0}};
    bits_t above = {0}; /* negative where an accumulator is */
    for (unsigned i = 0; i < PARTS; i++) {
        bits_t start;
        memcpy(&start, acc + i * LANES, sizeof start);
        sum[i] = (numbers_t)(start + integer_bits) - integer;
        above |= (bits_t)(limit - (numbers_t)((bits_t)sum[i] & INT64_MAX));
    }
    int64_t any = 0;
    for (unsigned lane = 0; lane < LANES; lane++) {
        any |= above[lane];
    }
    if (any < 0) {
        return false;
    }
    for (size_t k = 0; k < block->inner; k++) {
        for (unsigned i = 0; i < PARTS; i++) {
            numbers_t line;
            memcpy(&line, y + k * width + i * LANES, sizeof line);
            const numbers_t product = x[k * block->x_inner] * line;
            if (whole) {
                sum[i] += product;
                continue;
            }
            const numbers_t magnitude = (numbers_t)((bits_t)product & INT64_MAX);
            numbers_t kept = (magnitude + unit_one) - unit_one; /* rounded, up or down */
            kept -= (numbers_t)((bits_t)(magnitude - kept) >> 63U & ones);
            sum[i] += (numbers_t)((bits_t)kept | ((bits_t)product & INT64_MIN));
            cut[i] |= (bits_t)kept ^ (bits_t)magnitude;
        }
    }
    int64_t sums[GROUP];
    int64_t cuts[GROUP];
    for (unsigned i = 0; i < PARTS; i++) {
        const bits_t end = (bits_t)(sum[i] + integer) - integer_bits;
        memcpy(sums + i * LANES, &end, sizeof end);
        memcpy(cuts + i * LANES, &cut[i], sizeof cut[i]);
    }
    if (n == GROUP) {
        memcpy(acc, sums, sizeof sums);
    } else {
        memcpy(acc, sums, n * sizeof *acc);
    }
    for (unsigned c = 0; !whole && c < n; c++) {
        flags[c] = (uint8_t)(flags[c] | (cuts[c] != 0 ? 1U << PCS_FLOAT_MAC_FLAG_INEXACT : 0U));
    }
    return true;
}

/* The definition: one product after the other, n columns. */
static void add_exactly(const pcs_array_config_t *config, const pcs_mode_t *mode, pcs_term_t x, const pcs_term_t *y,
                        unsigned n, int64_t *acc, uint8_t *flags)
{
    for (unsigned c = 0; c < n; c++) {
        const pcs_aligned_product_t product = pcs_term_product(x, y[c], mode->anchor, config->acc_bits);
        const pcs_acc_t sum = pcs_acc_add((pcs_acc_t){acc[c], false}, product.value, config->acc_bits, mode->saturate);
        acc[c] = sum.value;
        flags[c] = (uint8_t)(flags[c] | product.flags | (sum.overflow ? 1U << PCS_FLOAT_MAC_FLAG_OVERFLOW : 0U));
    }
}

/* All rows: x, y are terms, x_number, y_number the same as numbers. */
PCS_CLONES static void add_rows(const pcs_cycle_t *model, const pcs_mode_t *mode, const pcs_cycle_terms_t *block,
                                bool whole, const pcs_term_t *x, const pcs_term_t *y, int64_t *acc, uint8_t *flags)
{
    const size_t width = model->width;
    const double most = (double)model->limit * (1.0 - 0x1p-20); /* the bounds are rounded */
    for (size_t row = 0; row < block->rows; row++, acc += width, flags += width) {
        const double *line = model->number_a + row * block->x_row;
        const double limit = most - model->bound_a[row];
        for (unsigned c = 0; c < block->cols; c += GROUP) {
            const unsigned n = block->cols - c < GROUP ? block->cols - c : GROUP;
            const double *numbers = model->number_b + c;
            const bool added =
                limit >= 0.0 && (whole ? add_group(block, true, limit, line, numbers, width, n, acc + c, flags + c)
                                       : add_group(block, false, limit, line, numbers, width, n, acc + c, flags + c));
            for (size_t k = 0; !added && k < block->inner; k++) {
                add_exactly(&model->dev.config, mode, x[row * block->x_row + k * block->x_inner], y + k * width + c, n,
                            acc + c, flags + c);
            }
        }
    }
}

void pcs_cycle_add_terms(const pcs_cycle_t *model, const pcs_mode_t *mode, const pcs_cycle_terms_t *block,
                         const pcs_term_t *x, const pcs_term_t *y, int64_t *acc, uint8_t *flags)
{
    const size_t terms = (block->rows - 1) * block->x_row + (block->inner - 1) * block->x_inner + 1;
    const int least_a = to_numbers(x, terms, mode->anchor, model->number_a);
    const int least_b = to_numbers(y, block->inner * model->width, 0, model->number_b);
    bound_rows(block, model->number_a, model->number_b, model->width, model->bound_a);
    add_rows(model, mode, block, least_a + least_b >= mode->anchor, x, y, acc, flags);
}
