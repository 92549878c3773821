/* The cycle model's operands: words decoded once, when their step comes, as values of lanes (integer kinds) or as terms
   (aligned kinds); and the sums of terms. */
#include <string.h>

#include "models/array/cycle_internal.h"
#include "models/spec/isa.h"

static void decode_terms(const pcs_cycle_t *model, unsigned field, const uint32_t *words, size_t count,
                         pcs_term_t *terms)
{
    for (size_t i = 0; i < count; i++) {
        terms[i] = pcs_term_decode(model->dev.config.kind, field, words[i]);
    }
}

void pcs_cycle_decode_a(pcs_cycle_t *model, uint64_t step, const pcs_mode_t *mode, const uint32_t *words)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const size_t slot = pcs_cycle_slot(model, step);
    if (model->aligned) {
        decode_terms(model, mode->pa, words, at->rows, model->term_a + slot * model->rows + at->top);
        return;
    }
    pcs_cycle_decode_twice(&at->mac, at->mac.field_a, mode->a_signed, words, at->rows,
                           model->value_a + slot * model->lanes * model->rows + at->top, model->rows);
}

void pcs_cycle_decode_b(pcs_cycle_t *model, uint64_t step, const pcs_mode_t *mode, const uint32_t *words)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const size_t slot = pcs_cycle_slot(model, step);
    if (model->aligned) {
        decode_terms(model, mode->pb, words, at->load_cols, model->term_b + slot * model->width);
        return;
    }
    pcs_cycle_decode(&at->mac, at->mac.field_b, mode->b_signed, words, at->load_cols, model->width,
                     model->value_b + slot * model->lanes * model->width, model->width);
}

void pcs_cycle_decode_staged(pcs_cycle_t *model, const pcs_mode_t *mode, unsigned row, const uint32_t *words,
                             size_t cols)
{
    const pcs_mac_step_t mac = pcs_mac_step(&model->dev.config, mode);
    if (model->aligned) {
        decode_terms(model, mode->pb, words, cols, model->staged_term + row * model->width);
        return;
    }
    pcs_cycle_decode(&mac, mac.field_b, mode->b_signed, words, cols, model->width, model->staged + row * model->width,
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
        decode_terms(model, mode.pb, words, at->cols, model->live.term);
        return (pcs_cycle_line_t){.term = model->live.term};
    }
    pcs_cycle_decode(&at->mac, at->mac.field_b, mode.b_signed, words, at->cols, at->cols, model->live.weight,
                     model->width);
    return (pcs_cycle_line_t){.value = model->live.weight, .stride = model->width};
}

/* ---- sums of terms ---- */

enum { SHIFT_MAX = 40, OVERFLOW_BIT = 1 << PCS_FLOAT_MAC_FLAG_OVERFLOW, INEXACT_BIT = 1 << PCS_FLOAT_MAC_FLAG_INEXACT };

/* By definition, one after the other. */
static void add_exactly(const pcs_array_config_t *config, const pcs_mode_t *mode, pcs_term_t x, const pcs_term_t *y,
                        unsigned n, int64_t *acc, uint8_t *flags)
{
    for (unsigned c = 0; c < n; c++) {
        const pcs_aligned_product_t product = pcs_term_product(x, y[c], mode->anchor, config->acc_bits);
        const pcs_acc_t sum = pcs_acc_add((pcs_acc_t){acc[c], false}, product.value, config->acc_bits, mode->saturate);
        acc[c] = sum.value;
        flags[c] = (uint8_t)(flags[c] | product.flags | (sum.overflow ? OVERFLOW_BIT : 0U));
    }
}

/* The same without a branch, for finite terms whose products are shifted left by at most SHIFT_MAX. */
PCS_CLONES static void add_finite(pcs_term_t x, int anchor, unsigned acc_bits, bool saturate, unsigned n,
                                  const pcs_term_t *restrict y, int64_t *restrict acc, uint8_t *restrict flags)
{
    const int64_t max = (INT64_C(1) << (acc_bits - 1U)) - 1;
    const int64_t min = -max - 1;
    const unsigned unused = 64U - acc_bits;
    int64_t raised[PCS_ARRAY_MAX_DIM];
    for (unsigned c = 0; c < n; c++) {
        const int64_t product = (int64_t)x.significand * y[c].significand;
        const int64_t shift = (int64_t)x.exponent + y[c].exponent - anchor;
        const int64_t negative = product >> 63U; /* all ones, or zero */
        const uint64_t magnitude = (uint64_t)((product ^ negative) - negative);
        const int64_t up = shift > 0 ? shift : 0;
        const int64_t down = shift < -63 ? 63 : shift < 0 ? -shift : 0;
        const uint64_t kept = magnitude >> down;
        const int64_t aligned = (int64_t)(kept << up);
        const int64_t sum = acc[c] + ((aligned ^ negative) - negative);
        const int64_t wrapped = (int64_t)((uint64_t)sum << unused) >> unused;
        const int64_t clamped = sum > max ? max : sum < min ? min : sum;
        raised[c] = (kept << down != magnitude ? INEXACT_BIT : 0) | (sum != clamped ? OVERFLOW_BIT : 0);
        acc[c] = saturate ? clamped : wrapped;
    }
    for (unsigned c = 0; c < n; c++) {
        flags[c] = (uint8_t)(flags[c] | raised[c]);
    }
}

/* The largest exponent of n terms. */
PCS_CLONES static int largest_exponent(const pcs_term_t *y, unsigned n)
{
    int most = INT16_MIN;
    for (unsigned c = 0; c < n; c++) {
        most = y[c].exponent > most ? y[c].exponent : most;
    }
    return most;
}

void pcs_cycle_add_terms(const pcs_cycle_t *model, const pcs_mode_t *mode, pcs_term_t x, const pcs_term_t *y,
                         unsigned n, int64_t *acc, uint8_t *flags)
{
    const pcs_array_config_t *config = &model->dev.config;
    if (x.exponent + largest_exponent(y, n) - mode->anchor <= SHIFT_MAX) { /* and so none is infinite or NaN */
        add_finite(x, mode->anchor, config->acc_bits, mode->saturate, n, y, acc, flags);
    } else {
        add_exactly(config, mode, x, y, n, acc, flags);
    }
}
