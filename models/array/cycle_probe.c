/* The cycle model's registers at this clock: the base, then every step in flight as far as it has come in each row. */
#include <string.h>

#include "models/array/cycle_internal.h"
#include "models/mac/pe.h"

/* ---- steps in flight ---- */

/* Clocks of a step in PE (r, c) not yet worked. */
static unsigned clocks_left(const pcs_cycle_t *model, const pcs_cycle_step_t *step, unsigned r, unsigned c)
{
    return (unsigned)(step->mac.cycles - pcs_cycle_passed(model->clock, step->clock + r + c + 1, step->mac.cycles));
}

/* Of an operand register only the last step that it took is seen: finds for each step in flight how many columns of row
   r have already taken a later one. */
static void cover(pcs_cycle_t *model, unsigned r)
{
    unsigned covered = 0;
    for (uint64_t at = model->accepted; at-- > model->base;) {
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
        model->live.covered[at - model->base] = (uint8_t)covered;
        if (step->stream && r >= step->top && r < step->top + step->rows) {
            const unsigned n = pcs_cycle_met(model, step, r, 0, step->cols);
            covered = n > covered ? n : covered;
        }
    }
}

/* The step's first columns of row r hold its operands, apart from those that hold a later one's. */
static void load(pcs_cycle_t *model, uint64_t at, unsigned r)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
    pcs_cycle_live_t *live = &model->live;
    const size_t row = r * model->width;
    const unsigned from = live->covered[at - model->base];
    const unsigned to = pcs_cycle_met(model, step, r, 0, step->cols);
    if (from >= to) {
        return;
    }
    pcs_cycle_meet_operands(model, &live->regs, at, r, from, to);
    for (unsigned c = from; c < to; c++) {
        live->left[row + c] = (uint8_t)clocks_left(model, step, r, c);
    }
    if (step->clock + r + to == model->clock) { /* the last of them at the last edge */
        live->active[row + to - 1] = true;
    }
}

/* OS: n columns of the row have finished the segment: what they captured. */
static void capture(pcs_cycle_t *model, const pcs_cycle_step_t *step, unsigned r, unsigned n)
{
    const pcs_cycle_regs_t *regs = &model->live.regs;
    const size_t at = ((size_t)(step->tile % model->tile_room) * model->rows + r) * model->cols * model->accs;
    for (unsigned i = 0; i < model->accs; i++) {
        const size_t row = (i * model->rows + r) * model->width;
        for (unsigned c = 0; c < n; c++) {
            model->result[at + c * model->accs + i] = regs->acc[row + c];
            model->result_ovf[at + c * model->accs + i] = regs->acc_ovf[row + c];
        }
    }
}

static void replay_os(pcs_cycle_t *model, unsigned r)
{
    pcs_cycle_live_t *live = &model->live;
    const size_t row = r * model->width;
    int64_t bound = model->bound;
    for (uint64_t at = model->base; at < model->accepted; at++) {
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
        if (step->clock + r >= model->clock) {
            break; /* neither it nor a later one has come to this row */
        }
        bound = (step->first ? 0 : bound) + step->reach;
        if (r >= step->rows) {
            continue;
        }
        load(model, at, r);
        const pcs_cycle_line_t y = pcs_cycle_line_of_step(model, at);
        const unsigned done = pcs_cycle_met(model, step, r, step->mac.cycles, step->cols);
        pcs_cycle_accumulate(model, at, r, y, done, step->first, bound <= model->limit, live->regs.acc + row,
                             live->regs.acc_ovf + row, model->rows * model->width);
        if (step->last) {
            capture(model, step, r, done);
        }
    }
}

/* A step's sums reach row r; what its first n columns hold then is in live->sum, and in their accumulators. */
static void add_row(pcs_cycle_t *model, uint64_t at, unsigned r, pcs_cycle_line_t y)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
    pcs_cycle_live_t *live = &model->live;
    const size_t plane = model->rows * model->width;
    const size_t sums = (size_t)(at - model->base) * model->accs * model->width;
    const unsigned n = pcs_cycle_met(model, step, r, step->mac.cycles, step->cols);
    pcs_cycle_accumulate(model, at, r, y, n, r == step->top, (int64_t)step->rows * step->reach <= model->limit,
                         live->sum + sums, live->sum_ovf + sums, model->width);
    for (unsigned i = 0; i < model->accs; i++) {
        memcpy(live->regs.acc + i * plane + r * model->width, live->sum + sums + i * model->width,
               n * sizeof *live->sum);
        memcpy(live->regs.acc_ovf + i * plane + r * model->width, live->sum_ovf + sums + i * model->width, n);
    }
    if (r + 1 == model->rows && n > 0 && step->clock + r + step->mac.cycles + n == model->clock) {
        live->drain_valid[r * model->width + n - 1] = true;
    }
}

static void replay_ws(pcs_cycle_t *model, unsigned r)
{
    pcs_cycle_live_t *live = &model->live;
    bool known = false; /* the values of the row's weights, */
    pcs_cycle_line_t y = {0};
    for (uint64_t at = model->base; at < model->accepted; at++) {
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
        if (step->clock + r >= model->clock) {
            break;
        }
        if (step->stream && r >= step->top) {
            if (step->first) {
                pcs_cycle_meet_swap(model, &live->regs, at, r, pcs_cycle_met(model, step, r, 0, model->cols));
            }
            if (step->first || !known) {
                y = pcs_cycle_line_of_words(model, at, live->regs.weight + r * model->width);
                known = true;
            }
            load(model, at, r);
            add_row(model, at, r, y);
        }
        if (step->load && r <= step->load_row) {
            const unsigned n = pcs_cycle_met(model, step, r, 0, step->load_cols);
            pcs_cycle_meet_weights(model, &live->regs, at, r, n);
            if (r < step->load_row && n > 0 && step->clock + r + n == model->clock) {
                live->pass_valid[r * model->width + n - 1] = true;
            }
        }
    }
}

/* ---- drain registers ---- */

typedef struct drain {
    const int64_t *value; /* (accs) */
    const uint8_t *ovf;
    bool valid;
} drain_t;

/* OS: what a segment left in the drain registers of PE (r, c); false: it has not been there. */
static bool drain_of(const pcs_cycle_t *model, uint64_t number, unsigned r, unsigned c, drain_t *drain)
{
    const size_t slot = (size_t)(number % model->tile_room);
    const pcs_cycle_tile_t *tile = &model->tile[slot];
    const uint64_t start = tile->drain + model->rows + c;
    const unsigned shifts = (unsigned)pcs_cycle_passed(model->clock, start, model->rows);
    const unsigned from = r >= shifts ? r - shifts : 0; /* whose result it is */
    if (c >= tile->cols || from >= tile->rows || (shifts == 0 && model->clock <= tile->drain + r + c)) {
        return false;
    }
    const size_t at = ((slot * model->rows + from) * model->cols + c) * model->accs;
    *drain = (drain_t){model->result + at, model->result_ovf + at, r >= shifts};
    return true;
}

static drain_t drain_os(const pcs_cycle_t *model, unsigned r, unsigned c)
{
    drain_t drain = {model->drained + c * model->accs, model->drained_ovf + c * model->accs, false};
    for (uint64_t number = model->tiles; number-- > model->tile_base;) {
        if (drain_of(model, number, r, c, &drain)) {
            break;
        }
    }
    return drain;
}

/* ---- the image ---- */

/* Ors a field of up to 64 bits into a probe word; lsb and bits are constants where it is inlined. */
static inline void put_field(uint32_t *words, unsigned lsb, unsigned bits, int64_t value)
{
    const uint64_t field = (uint64_t)value & (~UINT64_C(0) >> (64U - bits));
    const unsigned at = lsb % 32U;
    words += lsb / 32U;
    words[0] |= (uint32_t)(field << at);
    if (at + bits > 32) {
        words[1] |= (uint32_t)(field >> (32U - at));
    }
    if (at + bits > 64) {
        words[2] |= (uint32_t)(field >> (64U - at));
    }
}

#define PUT(name, value)                                                                                               \
    put_field(words, PCS_PROBE_##name##_LSB, PCS_PROBE_##name##_END - PCS_PROBE_##name##_LSB + 1, (value))

static void put_operands(const pcs_cycle_t *model, size_t i, uint32_t *words)
{
    const pcs_cycle_live_t *live = &model->live;
    const pcs_cycle_regs_t *regs = &live->regs;
    if (regs->mode[i] == 0 && !model->zero_mode) {
        return; /* nothing was loaded since reset */
    }
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, regs->mode[i]);
    const pcs_pe_regs_t pe =
        pcs_pe_regs[model->dev.config.kind](&model->dev.config, &mode, regs->a[i], regs->b[i], live->left[i]);
    PUT(A, pe.a);
    PUT(B, pe.b);
    PUT(MODE, regs->mode[i]);
    PUT(ACTIVE, live->active[i]);
    PUT(FIRST, regs->first[i]);
    PUT(LAST, regs->last[i]);
    PUT(REMAINING, pe.remaining);
    PUT(INNER, pe.inner);
    PUT(PARTIAL, pe.partial);
}

static void put_weights(const pcs_cycle_t *model, size_t i, uint32_t *words)
{
    const pcs_cycle_regs_t *regs = &model->live.regs;
    PUT(START, regs->start[i]);
    PUT(WEIGHT, (regs->weight[i] << regs->weight_shift[i]) & model->word_mask);
    PUT(WEIGHT_VALID, regs->weight_valid[i]);
    PUT(STAGED, (regs->staged[i] << regs->staged_shift[i]) & model->word_mask);
    PUT(STAGED_VALID, regs->staged_valid[i]);
    PUT(PASS, regs->pass[i]);
    PUT(PASS_ROWS, regs->pass_rows[i]);
    PUT(PASS_VALID, model->live.pass_valid[i]);
}

/* Accumulators are `stride` apart, drain registers next to each other. */
static void put_sums(const pcs_cycle_t *model, size_t i, size_t stride, const drain_t *drain, uint32_t *words)
{
    const int64_t *acc = model->live.regs.acc + i;
    const uint8_t *ovf = model->live.regs.acc_ovf + i;
    PUT(ACC, acc[0]);
    PUT(ACC_FLAGS, ovf[0]);
    if (drain != NULL) {
        PUT(DRAIN, drain->value[0]);
        PUT(DRAIN_FLAGS, drain->ovf[0]);
        PUT(DRAIN_VALID, drain->valid);
    }
    if (model->accs == 1) {
        return;
    }
    PUT(ACC1, acc[stride]);
    PUT(ACC1_OVF, ovf[stride]);
    PUT(ACC2, acc[2 * stride]);
    PUT(ACC2_OVF, ovf[2 * stride]);
    PUT(ACC3, acc[3 * stride]);
    PUT(ACC3_OVF, ovf[3 * stride]);
    if (drain != NULL) {
        PUT(DRAIN1, drain->value[1]);
        PUT(DRAIN1_OVF, drain->ovf[1]);
        PUT(DRAIN2, drain->value[2]);
        PUT(DRAIN2_OVF, drain->ovf[2]);
        PUT(DRAIN3, drain->value[3]);
        PUT(DRAIN3_OVF, drain->ovf[3]);
    }
}

static void pack_pe(const pcs_cycle_t *model, unsigned r, unsigned c, uint32_t *words)
{
    const size_t stride = model->rows * model->width;
    const size_t i = r * model->width + c;
    int64_t value[PCS_ACCS_MAX];
    uint8_t ovf[PCS_ACCS_MAX];
    drain_t drain = {value, ovf, model->live.drain_valid[i]};
    memset(words, 0, PCS_PROBE_WORDS * sizeof *words);
    put_operands(model, i, words);
    if (!model->ws) {
        drain = drain_os(model, r, c);
        put_sums(model, i, stride, &drain, words);
        return;
    }
    put_weights(model, i, words);
    for (unsigned lane = 0; lane < model->accs; lane++) { /* the bottom row captures every sum */
        value[lane] = model->live.regs.acc[lane * stride + i];
        ovf[lane] = model->live.regs.acc_ovf[lane * stride + i];
    }
    put_sums(model, i, stride, r + 1 == model->rows ? &drain : NULL, words);
}

void pcs_cycle_image(pcs_cycle_t *model)
{
    const size_t pes = model->rows * model->width;
    pcs_cycle_live_t *live = &model->live;
    pcs_cycle_decode(model);
    pcs_cycle_retire(model);
    memcpy(live->regs.acc, model->regs.acc, model->regs_bytes);
    memset(live->active, 0, pes);
    memset(live->pass_valid, 0, pes);
    memset(live->drain_valid, 0, pes);
    memset(live->left, 0, pes);
    for (unsigned r = 0; r < model->rows; r++) {
        cover(model, r);
        if (model->ws) {
            replay_ws(model, r);
        } else {
            replay_os(model, r);
        }
    }
    uint32_t *words = model->image;
    for (unsigned r = 0; r < model->rows; r++) {
        for (unsigned c = 0; c < model->cols; c++, words += PCS_PROBE_WORDS) {
            pack_pe(model, r, c, words);
        }
    }
    model->image[model->flip_word] ^= model->flip_mask;
}
