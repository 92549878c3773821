/* The cycle model's counters.  All that an accepted step (or segment) will do is counted when it is accepted; what is
   still to come of it is taken off when somebody reads a counter. */
#include <string.h>

#include "models/array/cycle_internal.h"

/* PEs of rows top..top+rows-1, columns 0..cols-1 that meet the step at clock `now` or later. */
static uint64_t to_come(uint64_t met, unsigned top, unsigned rows, unsigned cols, uint64_t now)
{
    uint64_t count = 0;
    for (unsigned r = top; r < top + rows; r++) {
        count += cols - pcs_cycle_passed(now, met + r, cols);
    }
    return count;
}

/* Clocks to come in which words in columns 0..cols-1 move through delay lines: column c from clock `from` + c
   (ascending) on, through c or C - 1 - c registers. */
static uint64_t skew_to_come(uint64_t from, unsigned first, unsigned lines, uint64_t now)
{
    uint64_t count = 0;
    for (unsigned line = first; line < first + lines; line++) {
        count += line - pcs_cycle_passed(now, from, line);
    }
    return count;
}

static uint64_t deskew_to_come(const pcs_cycle_t *model, uint64_t from, unsigned cols, uint64_t now)
{
    uint64_t count = 0;
    for (unsigned c = 0; c < cols; c++) {
        const uint64_t depth = model->cols - 1 - c;
        count += depth - pcs_cycle_passed(now, from + c, depth);
    }
    return count;
}

/* What the step does at clock `now` and later. */
static void add_step(const pcs_cycle_t *model, const pcs_cycle_step_t *step, uint64_t now, uint64_t *n)
{
    const unsigned m = step->mac.cycles;
    const bool streams = step->stream;
    if (streams) {
        const uint64_t loads = to_come(step->clock, step->top, step->rows, step->cols, now);
        n[PCS_EVENT_SKEW] += skew_to_come(step->clock, step->top, step->rows, now);
        n[PCS_EVENT_PE_LOAD] += loads;
        n[PCS_EVENT_ACC_WRITE] += to_come(step->clock + m, step->top, step->rows, step->cols, now);
        for (unsigned work = 1; work <= m; work++) {
            n[PCS_EVENT_MAC_CYCLE] += to_come(step->clock + work, step->top, step->rows, step->cols, now);
        }
        if (model->ws) {
            n[PCS_EVENT_WEIGHT_SWAP] += step->first ? loads : 0;
            n[PCS_EVENT_CAPTURE] += to_come(step->clock + m, model->rows - 1, 1, step->cols, now);
            n[PCS_EVENT_DESKEW] += deskew_to_come(model, step->clock + m + model->rows, step->cols, now);
        }
    }
    if (step->load) {
        n[PCS_EVENT_SKEW] += skew_to_come(step->clock, 0, step->load_cols, now);
    }
    if (step->load && model->ws) {
        n[PCS_EVENT_WEIGHT_PASS] += to_come(step->clock, 0, step->load_row, step->load_cols, now);
        n[PCS_EVENT_WEIGHT_STAGE] += to_come(step->clock, step->load_row, 1, step->load_cols, now);
    }
}

/* OS: what a segment's results do at clock `now` and later. */
static void add_tile(const pcs_cycle_t *model, const pcs_cycle_tile_t *tile, uint64_t now, uint64_t *n)
{
    const unsigned rows = model->rows;
    const uint64_t start = tile->drain + rows; /* of column 0's drain */
    n[PCS_EVENT_CAPTURE] += to_come(tile->drain, 0, tile->rows, tile->cols, now);
    for (unsigned shift = 0; shift < rows; shift++) {
        const unsigned moving = rows - 1 - shift < tile->rows ? rows - 1 - shift : tile->rows;
        n[PCS_EVENT_DRAIN] += moving * (tile->cols - pcs_cycle_passed(now, start + shift, tile->cols));
        if (rows - 1 - shift < tile->rows) {
            n[PCS_EVENT_DESKEW] += deskew_to_come(model, start + shift, tile->cols, now);
        }
    }
}

/* 0 + 1 + ... + n - 1 */
static uint64_t triangle(uint64_t n)
{
    return n * (n - 1) / 2;
}

/* Deskew registers that a row of results goes through. */
static uint64_t deskewed(const pcs_cycle_t *model)
{
    return (uint64_t)model->tile_cols * (model->cols - 1) - triangle(model->tile_cols);
}

void pcs_cycle_count_steps(pcs_cycle_t *model)
{
    const unsigned rows = model->tile_rows;
    const unsigned cols = model->tile_cols;
    const uint64_t times = model->uncounted;
    const unsigned top = model->ws ? model->rows - rows : 0;
    uint64_t *n = model->counts.n;
    n[PCS_EVENT_STEP] += times;
    n[PCS_EVENT_A_LOAD] += times * rows;
    n[PCS_EVENT_SKEW] += times * (triangle(top + rows) - triangle(top));
    n[PCS_EVENT_PE_LOAD] += times * rows * cols;
    n[PCS_EVENT_MAC_CYCLE] += times * rows * cols * model->mac.cycles;
    n[PCS_EVENT_ACC_WRITE] += times * rows * cols;
    if (model->ws) {
        n[PCS_EVENT_CAPTURE] += times * cols;
        n[PCS_EVENT_DESKEW] += times * deskewed(model);
    } else {
        n[PCS_EVENT_B_LOAD] += times * cols;
        n[PCS_EVENT_SKEW] += times * triangle(cols);
    }
    model->uncounted = 0;
}

void pcs_cycle_count_first(pcs_cycle_t *model)
{
    model->counts.n[PCS_EVENT_WEIGHT_SWAP] += model->ws ? (uint64_t)model->tile_rows * model->tile_cols : 0;
}

void pcs_cycle_count_last(pcs_cycle_t *model)
{
    const uint64_t rows = model->tile_rows;
    uint64_t *n = model->counts.n;
    n[PCS_EVENT_TILE]++;
    if (!model->ws) {
        n[PCS_EVENT_CAPTURE] += rows * model->tile_cols;
        n[PCS_EVENT_DRAIN] += model->tile_cols * (rows * (model->rows - 1) - triangle(rows));
        n[PCS_EVENT_DESKEW] += rows * deskewed(model);
    }
}

void pcs_cycle_count_load(pcs_cycle_t *model, unsigned row, unsigned cols)
{
    uint64_t *n = model->counts.n;
    n[PCS_EVENT_B_LOAD] += cols;
    n[PCS_EVENT_SKEW] += triangle(cols);
    n[PCS_EVENT_WEIGHT_PASS] += (uint64_t)row * cols;
    n[PCS_EVENT_WEIGHT_STAGE] += cols;
}

/* In how many of n bytes this bit is set. */
static unsigned count_bit(const uint8_t *byte, unsigned n, unsigned bit)
{
    uint64_t bytes = 0; /* eight counts next to each other; n is at most 255 x 8 */
    unsigned i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, byte + i, sizeof eight);
        bytes += eight >> bit & 0x0101010101010101U;
    }
    unsigned count = 0;
    for (; i < n; i++) {
        count += byte[i] >> bit & 1U;
    }
    for (; bytes != 0; bytes >>= 8U) {
        count += bytes & 0xFFU;
    }
    return count;
}

void pcs_cycle_count_row(pcs_cycle_t *model, unsigned cols, const uint8_t *flags)
{
    uint64_t *n = model->counts.n;
    n[PCS_EVENT_OUT] += cols;
    n[PCS_EVENT_OVERFLOW] +=
        count_bit(flags, cols * model->accs, model->aligned ? PCS_FLOAT_MAC_FLAG_OVERFLOW : 0U); /* integers have one */
}

static const pcs_counts_t *not_yet(pcs_cycle_t *model)
{
    if (!model->not_yet_known) {
        uint64_t at = model->accepted;
        model->not_yet = (pcs_counts_t){{0}};
        while (at-- > model->base && !pcs_cycle_retired(model, pcs_cycle_step_at(model, at))) {
            add_step(model, pcs_cycle_step_at(model, at), model->clock, model->not_yet.n);
        }
        for (uint64_t tile = model->tile_base; tile < model->tiles; tile++) {
            add_tile(model, &model->tile[tile % model->tile_room], model->clock, model->not_yet.n);
        }
        model->not_yet_known = true;
    }
    return &model->not_yet;
}

uint64_t pcs_cycle_count(pcs_cycle_t *model, pcs_event_t event)
{
    pcs_cycle_count_steps(model);
    return model->counts.n[event] - not_yet(model)->n[event];
}

void pcs_cycle_clear_counts(pcs_cycle_t *model)
{
    model->uncounted = 0;
    model->counts = *not_yet(model);
}
