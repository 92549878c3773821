/* The cycle model's base: registers of PEs that have all met the same steps. */
#include <string.h>

#include "models/array/cycle_internal.h"
#include "models/spec/isa.h"

/* ---- a step in a row ---- */

void pcs_cycle_meet_operands(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned from,
                             unsigned to)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const size_t slot = pcs_cycle_slot(model, step);
    const size_t row = r * model->width;
    const uint32_t a = model->word_a[slot * model->rows + r];
    const uint32_t *b = model->ws ? regs->weight + row : model->word_b + slot * model->width;
    for (unsigned c = from; c < to; c++) {
        regs->a[row + c] = a;
        regs->b[row + c] = b[c];
        regs->mode[row + c] = at->mode;
        regs->first[row + c] = model->ws ? r == at->top : at->first;
        regs->last[row + c] = at->last;
        regs->start[row + c] = model->ws && at->first;
    }
}

void pcs_cycle_meet_swap(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned n)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const size_t row = r * model->width;
    const unsigned swaps = n < at->cols ? n : at->cols;
    memcpy(regs->weight + row, regs->staged + row, swaps * sizeof *regs->weight);
    memcpy(regs->weight_shift + row, regs->staged_shift + row, swaps);
    memset(regs->weight_valid + row, true, swaps);
    memset(regs->staged_valid + row, false, swaps);
    if (n > at->cols) { /* the first PE without a weight sees the step too, and stops it */
        regs->weight_valid[row + at->cols] = false;
    }
}

void pcs_cycle_pass_weights(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned from,
                            unsigned to)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const uint32_t *b = model->word_b + pcs_cycle_slot(model, step) * model->width;
    const size_t row = r * model->width;
    for (unsigned c = from; c < to; c++) {
        regs->pass[row + c] = (b[c] << at->load_shift) & model->word_mask;
    }
    memset(regs->pass_rows + row + from, at->load_row - (int)r - 1, to - from);
}

void pcs_cycle_meet_weights(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned n)
{
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const uint32_t *b = model->word_b + pcs_cycle_slot(model, step) * model->width;
    const size_t row = r * model->width;
    if (r == at->load_row) {
        memcpy(regs->staged + row, b, n * sizeof *b);
        memset(regs->staged_shift + row, at->load_shift, n);
        memset(regs->staged_valid + row, true, n);
    } else if (r < at->load_row) {
        pcs_cycle_pass_weights(model, regs, step, r, 0, n);
    }
}

/* ---- output-stationary ---- */

/* Largest magnitude of the accumulators in the first rows and columns. */
PCS_CLONES static int64_t largest(const pcs_cycle_t *model, unsigned rows, unsigned cols)
{
    int64_t low = 0;
    int64_t high = 0;
    for (unsigned i = 0; i < model->accs; i++) {
        for (unsigned r = 0; r < rows; r++) {
            const int64_t *acc = model->regs.acc + (i * model->rows + r) * model->width;
            for (unsigned c = 0; c < cols; c++) {
                low = acc[c] < low ? acc[c] : low;
                high = acc[c] > high ? acc[c] : high;
            }
        }
    }
    return high > -low ? high : -low;
}

PCS_CLONES static void add_block(size_t n, const int32_t *restrict sum, int64_t *restrict acc)
{
    for (size_t i = 0; i < n; i++) {
        acc[i] += sum[i];
    }
}

/* `count` steps of a segment, next to each other in the ring; no overflow. */
static void sum_block(pcs_cycle_t *model, uint64_t from, size_t count)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const size_t slot = pcs_cycle_slot(model, from);
    const size_t slot_a = (size_t)model->lanes * model->rows;
    const size_t slot_b = model->lanes * model->width;
    const bool apart = model->accs > 1;
    const pcs_cycle_block_t block = {.rows = step->rows,
                                     .inner = count,
                                     .lanes = apart ? 1 : step->mac.lanes,
                                     .width = model->width,
                                     .reach = step->reach / (apart ? 1 : step->mac.lanes),
                                     .x_row = 1,
                                     .x_inner = slot_a,
                                     .x_lane = model->rows,
                                     .y_inner = slot_b,
                                     .y_lane = model->width};
    const size_t used = step->rows * model->width;
    for (unsigned i = 0; i < model->accs; i++) {
        memset(model->sum32, 0, used * sizeof *model->sum32);
        if (i < step->mac.lanes) {
            pcs_cycle_block(&block, model->value_a + slot * slot_a + i * model->rows,
                            model->value_b + slot * slot_b + i * model->width, model->sum32);
        }
        add_block(used, model->sum32, model->regs.acc + i * model->rows * model->width);
    }
}

/* The same of an aligned kind, overflow or not. */
static void sum_terms(pcs_cycle_t *model, uint64_t from, size_t count)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, step->mode);
    const size_t slot = pcs_cycle_slot(model, from);
    const pcs_cycle_terms_t block = {
        .rows = step->rows, .inner = count, .cols = step->cols, .x_row = 1, .x_inner = model->rows};
    pcs_cycle_add_terms(model, &mode, &block, model->term_a + slot * model->rows, model->term_b + slot * model->width,
                        model->regs.acc, model->regs.acc_ovf);
}

static void sum_exactly(pcs_cycle_t *model, uint64_t at)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
    const pcs_cycle_line_t y = pcs_cycle_line_of_step(model, at);
    for (unsigned r = 0; r < step->rows; r++) {
        pcs_cycle_accumulate(model, at, r, y, step->cols, false, false, model->regs.acc + r * model->width,
                             model->regs.acc_ovf + r * model->width, model->rows * model->width);
    }
}

static void open_segment(pcs_cycle_t *model, const pcs_cycle_step_t *step)
{
    for (unsigned i = 0; i < model->accs; i++) {
        for (unsigned r = 0; r < step->rows; r++) {
            const size_t row = (i * model->rows + r) * model->width;
            memset(model->regs.acc + row, 0, step->cols * sizeof *model->regs.acc);
            memset(model->regs.acc_ovf + row, 0, step->cols);
        }
    }
    model->bound = 0;
}

static void sum_segment(pcs_cycle_t *model, uint64_t from, size_t count)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const int64_t growth = (int64_t)count * step->reach;
    if (step->first) {
        open_segment(model, step);
    }
    if (model->aligned) {
        sum_terms(model, from, count);
        return;
    }
    if (model->bound + growth > model->limit) {
        model->bound = largest(model, step->rows, step->cols);
    }
    if (model->bound + growth <= model->limit) {
        sum_block(model, from, count);
        model->bound += growth;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        sum_exactly(model, from + i);
    }
    model->bound = model->limit;
}

/* The segment's accumulators, as they will leave. */
static void keep_result(pcs_cycle_t *model, const pcs_cycle_step_t *step)
{
    const size_t row_words = (size_t)model->cols * model->accs;
    const size_t at = (size_t)(step->tile % model->tile_room) * model->rows * row_words;
    for (unsigned i = 0; i < model->accs; i++) {
        for (unsigned r = 0; r < step->rows; r++) {
            const size_t row = (i * model->rows + r) * model->width;
            int64_t *result = model->result + at + r * row_words;
            uint8_t *ovf = model->result_ovf + at + r * row_words;
            for (unsigned c = 0; c < step->cols; c++) {
                result[c * model->accs + i] = model->regs.acc[row + c];
                ovf[c * model->accs + i] = model->regs.acc_ovf[row + c];
            }
        }
    }
}

static void advance_os(pcs_cycle_t *model, uint64_t upto)
{
    while (model->base < upto) {
        const uint64_t from = model->base;
        uint64_t to = from + 1;
        while (to < upto && pcs_cycle_slot(model, to) != 0 && !pcs_cycle_step_at(model, to - 1)->last &&
               !pcs_cycle_step_at(model, to)->first) {
            to++;
        }
        sum_segment(model, from, (size_t)(to - from));
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, to - 1);
        for (unsigned r = 0; r < step->rows; r++) {
            pcs_cycle_meet_operands(model, &model->regs, to - 1, r, 0, step->cols);
        }
        if (step->last) {
            keep_result(model, step);
        }
        model->base = to;
    }
}

void pcs_cycle_retire_tiles(pcs_cycle_t *model)
{
    const size_t row_words = (size_t)model->cols * model->accs;
    while (model->tile_base < model->tile_out) {
        const size_t slot = (size_t)(model->tile_base % model->tile_room);
        const pcs_cycle_tile_t *tile = &model->tile[slot];
        if (model->clock < tile->drain + 2 * model->rows + model->cols - 1) {
            return;
        }
        /* Row 0 went through all drain registers of its columns and stays in them. */
        const size_t words = (size_t)tile->cols * model->accs;
        memcpy(model->drained, model->result + slot * model->rows * row_words, words * sizeof *model->drained);
        memcpy(model->drained_ovf, model->result_ovf + slot * model->rows * row_words, words);
        model->tile_base++;
    }
}

/* ---- weight-stationary ---- */

/* The last of the tile's steps that all PEs have met: operands and the sums on their way down. */
static void finish_run(pcs_cycle_t *model, uint64_t at)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
    const bool safe = (int64_t)step->rows * step->reach <= model->limit;
    const size_t plane = model->rows * model->width;
    pcs_cycle_regs_t *regs = &model->regs;
    for (unsigned r = step->top; r < model->rows; r++) {
        const size_t row = r * model->width;
        pcs_cycle_meet_operands(model, regs, at, r, 0, step->cols);
        const pcs_cycle_line_t y = pcs_cycle_line_of_words(model, at, regs->weight + row);
        for (unsigned i = 0; r > step->top && i < model->accs; i++) {
            memcpy(regs->acc + i * plane + row, regs->acc + i * plane + row - model->width,
                   step->cols * sizeof *regs->acc);
            memcpy(regs->acc_ovf + i * plane + row, regs->acc_ovf + i * plane + row - model->width, step->cols);
        }
        pcs_cycle_accumulate(model, at, r, y, step->cols, r == step->top, safe, regs->acc + row, regs->acc_ovf + row,
                             plane);
    }
}

/* A step that meets all PEs that another did leaves nothing of that one but weights. */
static bool covers(const pcs_cycle_step_t *step, const pcs_cycle_step_t *other)
{
    return step->top <= other->top && step->cols >= other->cols;
}

/* Of the weights that went down a row, the last one in each column stays in its pass register. */
static void pass_weights(pcs_cycle_t *model, uint64_t upto)
{
    uint8_t covered[PCS_ARRAY_MAX_DIM] = {0}; /* columns of each row that a later step has passed */
    for (uint64_t at = upto; at-- > model->base;) {
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
        for (unsigned r = 0; step->load && r < step->load_row; r++) {
            if (step->load_cols > covered[r]) {
                pcs_cycle_pass_weights(model, &model->regs, at, r, covered[r], step->load_cols);
                covered[r] = step->load_cols;
            }
        }
    }
}

static void advance_ws(pcs_cycle_t *model, uint64_t upto)
{
    const uint64_t none = UINT64_MAX;
    uint64_t run = none; /* the last streaming step of the tile */
    for (uint64_t at = model->base; at < upto; at++) {
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
        if (step->stream && step->first) {
            if (run != none && !covers(step, pcs_cycle_step_at(model, run))) {
                finish_run(model, run);
            }
            for (unsigned r = step->top; r < model->rows; r++) {
                pcs_cycle_meet_swap(model, &model->regs, at, r, model->cols);
            }
        }
        run = step->stream ? at : run;
        if (step->load) {
            pcs_cycle_meet_weights(model, &model->regs, at, step->load_row, step->load_cols);
        }
    }
    if (run != none) {
        finish_run(model, run);
    }
    pass_weights(model, upto);
    model->base = upto;
}

void pcs_cycle_advance(pcs_cycle_t *model, uint64_t upto)
{
    if (model->base >= upto) {
        return;
    }
    pcs_cycle_decode(model);
    if (model->ws) {
        advance_ws(model, upto);
    } else {
        advance_os(model, upto);
    }
}

void pcs_cycle_retire(pcs_cycle_t *model)
{
    uint64_t upto = model->base;
    while (upto < model->accepted && pcs_cycle_retired(model, pcs_cycle_step_at(model, upto))) {
        upto++;
    }
    pcs_cycle_advance(model, upto);
}
