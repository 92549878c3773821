/* The cycle model: the array clock by clock, with every register of every PE.  The RTL in rtl/array is the same
   machine; the two agree in every register after every clock.

   PEs are struct-of-arrays, rows padded to whole vectors, so that a clock is a few passes over bytes and words of all
   PEs that a compiler vectorises.  What PEs tell their neighbours is copied to wires before any of them changes.
   Operands move as values; what a kind's own registers hold follows from them (models/mac/pe.h) and is made when the
   probe image is asked for. */
#include <stdlib.h>
#include <string.h>

#include "models/array/array.h"
#include "models/array/rows.h"
#include "models/mac/mac.h"
#include "models/mac/pe.h"
#include "models/spec/isa.h"

enum { LANES = 16, HISTORY = PCS_ARRAY_MAX_DIM };

/* A step at the port, kept while its tokens wait in the edge's skew registers: row r (column c) sees it r (c) clocks
   later. */
typedef struct history {
    bool valid;
    uint8_t first, last, clocks, rows, cols;
    uint16_t mode;
    int16_t a[PCS_ARRAY_MAX_DIM], b[PCS_ARRAY_MAX_DIM]; /* values */
} history_t;

/* Tokens on the wires into all PEs, (R, width): from the left, and from above. */
typedef struct wires {
    uint8_t *valid, *first, *last, *clocks;
    uint16_t *mode;
    int16_t *value;
} wires_t;

/* A word on its way through the deskew registers. */
typedef struct word {
    bool valid, overflow, last;
    int64_t acc;
} word_t;

typedef struct cycle {
    pcs_array_dev_t dev;
    unsigned rows, cols;
    size_t width; /* distance of rows of PEs */

    /* Registers of the PEs, (R, width). */
    uint8_t *active, *first, *last, *clocks; /* clocks: of a step in the PE's mode */
    uint8_t *left;                           /* clocks of the running step not yet worked */
    uint16_t *mode;
    int16_t *a, *b;
    int64_t *acc; /* accumulator in the top acc_bits bits: wraps by itself, and overflow shows in the sign */
    int64_t *drain;
    uint8_t *acc_ovf, *drain_ovf, *drain_valid;

    history_t *steps; /* (HISTORY) ring: the step of clock e at e mod HISTORY */
    uint64_t clock;   /* enabled clocks, e */
    wires_t from_left, from_above;
    int64_t *sum;              /* (R, width) this clock's adder outputs */
    uint8_t *done;             /* (R, width) the PE writes its accumulator at this edge */
    uint8_t *flags, *overflow; /* (R, width) scratch */
    uint16_t *mask;            /* (R, width) scratch */

    /* Drain control, per column. */
    uint8_t *drain_on;
    uint8_t *drain_at;       /* shifts done */
    uint8_t *tail;           /* (R) last steps on their way down the edge: 0, or the clocks of their mode */
    unsigned wait, draining; /* columns that drain */

    word_t *deskew; /* column c has C - 1 - c registers: a ring, at the triangle of its depth */
    uint64_t deskew_live;

    /* Segment control. */
    uint32_t seg_mode;
    unsigned seg_rows, seg_cols;
    unsigned gap;       /* clocks until a step may follow */
    unsigned drain_gap; /* clocks until a result may be captured in row 0 */
    unsigned flight;    /* clocks until all that was accepted has left */
    bool error;
    pcs_counts_t counts;

    /* What step() and probe() return. */
    int64_t *out_acc;
    uint8_t *out_ovf, *out_valid;
    uint32_t *image;
    struct {
        bool on;
        size_t pe;
        unsigned bit; /* of the PE's probe word */
    } flip;

    void *memory; /* one block holds all arrays above */
    size_t memory_bytes;
} cycle_t;

static size_t triangle(size_t n)
{
    return n * (n - 1) / 2;
}

/* Hands out consecutive parts of a block; with base NULL it only measures. */
static void *carve(char *base, size_t *offset, size_t count, size_t size)
{
    void *part = base == NULL ? NULL : base + *offset;
    *offset += (count * size + 63U) & ~(size_t)63U;
    return part;
}

static size_t layout(cycle_t *model, char *base)
{
    const size_t pes = model->rows * model->width;
    const size_t cols = model->cols;
    size_t at = 0;
#define CARVE(field, count) (model->field) = carve(base, &at, (count), sizeof *(model->field))
    CARVE(active, pes);
    CARVE(first, pes);
    CARVE(last, pes);
    CARVE(clocks, pes);
    CARVE(left, pes);
    CARVE(mode, pes);
    CARVE(a, pes);
    CARVE(b, pes);
    CARVE(acc, pes);
    CARVE(drain, pes);
    CARVE(acc_ovf, pes);
    CARVE(drain_ovf, pes);
    CARVE(drain_valid, pes);
    CARVE(steps, HISTORY);
    CARVE(from_left.valid, pes);
    CARVE(from_left.first, pes);
    CARVE(from_left.last, pes);
    CARVE(from_left.clocks, pes);
    CARVE(from_left.mode, pes);
    CARVE(from_left.value, pes);
    CARVE(from_above.valid, pes);
    CARVE(from_above.value, pes);
    CARVE(sum, pes);
    CARVE(done, pes);
    CARVE(flags, pes);
    CARVE(overflow, pes);
    CARVE(mask, pes);
    CARVE(drain_on, cols);
    CARVE(drain_at, cols);
    CARVE(tail, model->rows);
    CARVE(deskew, triangle(cols));
    CARVE(out_acc, cols);
    CARVE(out_ovf, cols);
    CARVE(out_valid, cols);
    CARVE(image, (size_t)model->rows * cols * PCS_PROBE_WORDS);
#undef CARVE
    return at;
}

static void cycle_reset(pcs_array_dev_t *dev)
{
    cycle_t *model = (cycle_t *)dev;
    memset(model->memory, 0, model->memory_bytes);
    model->clock = 0;
    model->wait = 0;
    model->draining = 0;
    model->deskew_live = 0;
    model->seg_mode = 0;
    model->seg_rows = 0;
    model->seg_cols = 0;
    model->gap = 0;
    model->drain_gap = 0;
    model->flight = 0;
    model->error = false;
    model->counts = (pcs_counts_t){{0}};
    model->flip.on = false;
}

static unsigned acc_shift(const cycle_t *model)
{
    return 64U - model->dev.config.acc_bits;
}

/* An accumulator from its place in the top bits: an arithmetic shift, written so that every compiler agrees. */
static int64_t acc_value(const cycle_t *model, int64_t top)
{
    const uint64_t sign = UINT64_C(1) << (model->dev.config.acc_bits - 1U);
    return (int64_t)((((uint64_t)top >> acc_shift(model)) ^ sign) - sign);
}

/* ---- outputs and deskew ---- */

/* The word column c offers to its deskew registers: what stands at the bottom while the column drains. */
static word_t column_word(const cycle_t *model, size_t c)
{
    const size_t bottom = (size_t)(model->rows - 1) * model->width + c;
    const word_t word = {
        .valid = model->drain_on[c] && model->drain_valid[bottom],
        .overflow = model->drain_ovf[bottom] != 0,
        .last = model->drain_at[c] + 1U == model->rows,
        .acc = acc_value(model, model->drain[bottom]),
    };
    return word;
}

/* The register of column c's deskew chain that leaves at this clock. */
static word_t *deskew_slot(const cycle_t *model, size_t c)
{
    const size_t depth = model->cols - 1 - c;
    return &model->deskew[triangle(depth) + (size_t)(model->clock % depth)];
}

static void outputs(cycle_t *model, pcs_array_out_t *out)
{
    const size_t cols = model->cols;
    out->out_valid = false;
    out->out_last = false;
    memset(model->out_valid, 0, cols * sizeof *model->out_valid);
    for (size_t c = 0; model->draining + model->deskew_live > 0 && c < cols; c++) {
        const word_t word = c + 1 == cols ? column_word(model, c) : *deskew_slot(model, c);
        model->out_acc[c] = word.acc;
        model->out_ovf[c] = word.overflow;
        model->out_valid[c] = word.valid;
        if (c == 0) {
            out->out_valid = word.valid;
            out->out_last = word.valid && word.last;
        }
    }
    out->acc = model->out_acc;
    out->overflow = model->out_ovf;
    out->col_valid = model->out_valid;
    out->busy = model->flight != 0;
    out->error = model->error;
}

static void advance_deskew(cycle_t *model)
{
    for (size_t c = 0; c + 1 < model->cols; c++) {
        word_t *slot = deskew_slot(model, c);
        const word_t enters = column_word(model, c);
        model->deskew_live = model->deskew_live - slot->valid + enters.valid;
        *slot = enters;
    }
    model->counts.n[PCS_EVENT_DESKEW] += model->deskew_live;
}

/* ---- PEs ---- */

/* Sums that overflow, and those of accumulators too narrow for a product's sign to be seen in the adder, are done by
   the definition. */
static void exact_sum(cycle_t *model, size_t i)
{
    const pcs_mode_t mode = pcs_mode_unpack(model->mode[i]);
    const pcs_acc_t base = {model->first[i] ? 0 : acc_value(model, model->acc[i]), false};
    const pcs_acc_t sum =
        pcs_acc_add(base, (int64_t)model->a[i] * model->b[i], model->dev.config.acc_bits, mode.saturate);
    model->sum[i] = (int64_t)((uint64_t)sum.value << acc_shift(model));
    model->overflow[i] = sum.overflow;
}

static void exact_sums(cycle_t *model, size_t n)
{
    enum { SAFE_BITS = 18 }; /* every product fits */
    const bool narrow = model->dev.config.acc_bits < SAFE_BITS;
    and_row(n, model->overflow, model->done, model->flags);
    if (!narrow && count_flags(n, model->flags) == 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (model->done[i] && (model->overflow[i] || narrow)) {
            exact_sum(model, i);
        }
    }
}

/* A segment ends in some PEs (flags): their accumulators, just written, are copied into the drain registers. */
static void capture(cycle_t *model, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (model->flags[i]) {
            model->drain[i] = model->acc[i];
            model->drain_ovf[i] = model->acc_ovf[i];
            model->drain_valid[i] = true;
            model->counts.n[PCS_EVENT_CAPTURE]++;
        }
    }
}

/* The multipliers and adders. */
PCS_CLONES static void work(cycle_t *model)
{
    const size_t n = model->rows * model->width;
    count_down(n, model->left, model->flags, model->done);
    model->counts.n[PCS_EVENT_MAC_CYCLE] += count_flags(n, model->flags);
    const unsigned writes = count_flags(n, model->done);
    model->counts.n[PCS_EVENT_ACC_WRITE] += writes;
    if (writes == 0) {
        return;
    }
    multiply_row(n, acc_shift(model), model->a, model->b, model->sum);
    add_row(n, model->first, model->acc, model->sum, model->overflow);
    exact_sums(model, n);
    mask_row(n, model->done, model->flags);
    select_i64(n, (const int8_t *)model->flags, model->sum, model->acc);
    sticky_row(n, model->first, model->acc_ovf, model->overflow);
    select_u8(n, model->flags, model->overflow, model->acc_ovf);
    and_row(n, model->done, model->last, model->flags);
    if (count_flags(n, model->flags) > 0) {
        capture(model, n);
    }
}

/* Drain shift of a row while columns drain: a row moves down only as far as rows above still have results. */
static void drain_row(cycle_t *model, size_t r)
{
    for (size_t c = 0; c < model->cols; c++) {
        const size_t i = r * model->width + c;
        const unsigned j = model->drain_at[c];
        if (!model->drain_on[c] || j > r) {
            continue;
        }
        if (j == r) {
            model->drain_valid[i] = false;
            continue;
        }
        const size_t above = i - model->width;
        if (model->drain_valid[above]) {
            model->drain[i] = model->drain[above];
            model->drain_ovf[i] = model->drain_ovf[above];
            model->counts.n[PCS_EVENT_DRAIN]++;
        }
        model->drain_valid[i] = model->drain_valid[above];
    }
}

/* The step that row or column `delay` sees at this clock; NULL when there is none. */
static const history_t *delayed(const cycle_t *model, unsigned delay)
{
    if (delay > model->clock) {
        return NULL;
    }
    const history_t *step = &model->steps[(model->clock - delay) % HISTORY];
    return step->valid ? step : NULL;
}

/* Tokens from the left: what each PE's left neighbour held, and the edge's at the start of a row. */
static void wire_left(cycle_t *model)
{
    const wires_t *w = &model->from_left;
    const size_t count = model->rows * model->width - 1U;
    memcpy(w->valid + 1, model->active, count);
    memcpy(w->first + 1, model->first, count);
    memcpy(w->last + 1, model->last, count);
    memcpy(w->clocks + 1, model->clocks, count);
    memcpy(w->mode + 1, model->mode, count * sizeof *w->mode);
    memcpy(w->value + 1, model->a, count * sizeof *w->value);
    for (unsigned r = 0; r < model->rows; r++) {
        const size_t i = r * model->width;
        const history_t *step = delayed(model, r);
        w->valid[i] = step != NULL && r < step->rows;
        if (w->valid[i]) {
            w->first[i] = step->first;
            w->last[i] = step->last;
            w->clocks[i] = step->clocks;
            w->mode[i] = step->mode;
            w->value[i] = step->a[r];
        }
    }
}

static void wire_above(cycle_t *model)
{
    const wires_t *w = &model->from_above;
    const size_t count = (model->rows - 1U) * model->width;
    memcpy(w->valid + model->width, model->active, count);
    memcpy(w->value + model->width, model->b, count * sizeof *w->value);
    for (unsigned c = 0; c < model->cols; c++) {
        const history_t *step = delayed(model, c);
        w->valid[c] = step != NULL && c < step->cols;
        w->value[c] = w->valid[c] ? step->b[c] : 0;
    }
}

/* PEs with tokens on both wires load them. */
PCS_CLONES static void load(cycle_t *model)
{
    const size_t n = model->rows * model->width;
    const wires_t *l = &model->from_left;
    const wires_t *u = &model->from_above;
    and_row(n, l->valid, u->valid, model->active);
    const unsigned loads = count_flags(n, model->active);
    if (loads == 0) {
        return;
    }
    model->counts.n[PCS_EVENT_PE_LOAD] += loads;
    and_row(n, model->active, l->first, model->done);
    if (count_flags(n, model->done) > 0) { /* a segment begins: its mode comes with the token */
        widen_row(n, model->done, model->mask);
        select_u16(n, model->mask, l->mode, model->mode);
        mask_row(n, model->done, model->flags);
        select_u8(n, model->flags, l->clocks, model->clocks);
    }
    widen_row(n, model->active, model->mask);
    select_i16(n, model->mask, l->value, model->a);
    select_i16(n, model->mask, u->value, model->b);
    mask_row(n, model->active, model->flags);
    select_u8(n, model->flags, l->first, model->first);
    select_u8(n, model->flags, l->last, model->last);
    select_u8(n, model->flags, model->clocks, model->left);
}

static void clock_pes(cycle_t *model)
{
    wire_left(model);
    wire_above(model);
    for (unsigned r = model->rows; model->draining > 0 && r-- > 0;) {
        drain_row(model, r); /* bottom up: a row takes what the row above held before the edge */
    }
    work(model);
    load(model);
}

/* ---- edge and control ---- */

/* Codes written into skew registers at this clock: a step accepted i clocks ago enters register i + 1 of all its rows
   and columns that are longer. */
static uint64_t skew_writes(const cycle_t *model)
{
    const unsigned longest = model->rows > model->cols ? model->rows : model->cols;
    uint64_t writes = 0;
    for (unsigned age = 0; age + 1 < longest; age++) {
        const history_t *step = delayed(model, age);
        if (step != NULL) {
            writes += step->rows > age + 1U ? step->rows - (age + 1U) : 0;
            writes += step->cols > age + 1U ? step->cols - (age + 1U) : 0;
        }
    }
    return writes;
}

static void advance_drain(cycle_t *model, unsigned accepted_last)
{
    const unsigned rows = model->rows;
    const unsigned tail = model->tail[rows - 1]; /* clocks of a segment whose last step reached the bottom row */
    memmove(model->tail + 1, model->tail, rows - 1);
    model->tail[0] = (uint8_t)accepted_last;
    const bool start = tail == 1 || model->wait == 1;
    if (tail > 1) {
        model->wait = tail - 1;
    } else if (model->wait > 0) {
        model->wait--;
    }
    if (!start && model->draining == 0) {
        return;
    }
    model->draining -= model->drain_on[model->cols - 1];
    memmove(model->drain_on + 1, model->drain_on, model->cols - 1);
    memmove(model->drain_at + 1, model->drain_at, model->cols - 1);
    if (start) {
        model->drain_on[0] = true;
        model->drain_at[0] = 0;
    } else if (model->drain_on[0]) {
        if (model->drain_at[0] + 1U == rows) {
            model->drain_on[0] = false;
        } else {
            model->drain_at[0]++;
        }
    }
    model->draining += model->drain_on[0];
}

static bool step_legal(const cycle_t *model, const pcs_array_in_t *in)
{
    return !in->first || (pcs_mode_legal(in->mode) && in->rows >= 1 && in->rows <= model->rows && in->cols >= 1 &&
                          in->cols <= model->cols);
}

/* Takes an accepted step into the history ring, with its counts. */
static void accept(cycle_t *model, const pcs_array_in_t *in, unsigned clocks)
{
    if (in->first) {
        model->seg_mode = in->mode;
        model->seg_rows = in->rows;
        model->seg_cols = in->cols;
    }
    const pcs_mode_t mode = pcs_mode_unpack(model->seg_mode);
    history_t *step = &model->steps[model->clock % HISTORY];
    step->valid = true;
    step->first = in->first;
    step->last = in->last;
    step->clocks = (uint8_t)clocks;
    step->rows = (uint8_t)model->seg_rows;
    step->cols = (uint8_t)model->seg_cols;
    step->mode = (uint16_t)model->seg_mode;
    for (unsigned r = 0; r < model->seg_rows; r++) {
        step->a[r] = (int16_t)pcs_code_value(in->a[r], mode.a_signed);
    }
    for (unsigned c = 0; c < model->seg_cols; c++) {
        step->b[c] = (int16_t)pcs_code_value(in->b[c], mode.b_signed);
    }
    uint64_t *n = model->counts.n;
    n[PCS_EVENT_STEP]++;
    n[PCS_EVENT_TILE] += in->last;
    n[PCS_EVENT_A_LOAD] += model->seg_rows;
    n[PCS_EVENT_B_LOAD] += model->seg_cols;
}

static void count_output(cycle_t *model, const pcs_array_out_t *out)
{
    for (unsigned c = 0; out->out_valid && c < model->cols; c++) {
        model->counts.n[PCS_EVENT_OUT] += out->col_valid[c];
        model->counts.n[PCS_EVENT_OVERFLOW] += out->col_valid[c] && out->overflow[c];
    }
}

static unsigned less_one(unsigned value)
{
    return value > 0 ? value - 1 : 0;
}

static void cycle_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    cycle_t *model = (cycle_t *)dev;
    outputs(model, out);
    const bool enabled = !(out->out_valid && !in->out_ready);
    const bool legal = step_legal(model, in);
    /* The mode this step would run in. */
    const pcs_mode_t mode = pcs_mode_unpack(in->first && legal ? in->mode : model->seg_mode);
    const unsigned clocks = pcs_mac_step(&dev->config, &mode).cycles;
    out->in_ready = enabled && model->gap == 0 && (!in->last || model->drain_gap <= clocks) && legal;
    const bool accepted = in->in_valid && out->in_ready;

    model->counts.n[PCS_EVENT_CYCLE] += accepted || out->busy;
    model->counts.n[PCS_EVENT_STALL] += !enabled;
    if (enabled) {
        model->error = model->error || (in->in_valid && model->gap == 0 && !legal);
        count_output(model, out);
        model->steps[model->clock % HISTORY].valid = false;
        if (accepted) {
            accept(model, in, clocks);
        }
        model->counts.n[PCS_EVENT_SKEW] += skew_writes(model);
        if (model->draining + model->deskew_live > 0) {
            advance_deskew(model);
        }
        clock_pes(model);
        advance_drain(model, accepted && in->last ? clocks : 0);
        model->clock++;
        model->gap = accepted ? clocks - 1 : less_one(model->gap);
        model->drain_gap = accepted && in->last ? model->rows + clocks - 1 : less_one(model->drain_gap);
        model->flight = accepted ? clocks + 2 * model->rows + model->cols - 2 : less_one(model->flight);
    }
    if (in->clear) {
        model->counts = (pcs_counts_t){{0}};
        model->error = false;
    }
}

/* ---- probe, registers, life ---- */

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

/* Packs one PE's registers in the order of probe.def. */
static void pack_pe(const cycle_t *model, size_t i, uint32_t *words)
{
    const pcs_mode_t mode = pcs_mode_unpack(model->mode[i]);
    const pcs_pe_regs_t regs =
        model->mode[i] == 0 ? (pcs_pe_regs_t){0} /* nothing was loaded since reset */
                            : pcs_pe_regs[model->dev.config.kind](&model->dev.config, &mode, (uint8_t)model->a[i],
                                                                  (uint8_t)model->b[i], model->left[i]);
    const int64_t fields[PCS_PROBE_COUNT] = {
        [PCS_PROBE_ACC] = acc_value(model, model->acc[i]),
        [PCS_PROBE_ACC_OVF] = model->acc_ovf[i],
        [PCS_PROBE_DRAIN] = acc_value(model, model->drain[i]),
        [PCS_PROBE_DRAIN_OVF] = model->drain_ovf[i],
        [PCS_PROBE_DRAIN_VALID] = model->drain_valid[i],
        [PCS_PROBE_A] = regs.a,
        [PCS_PROBE_B] = regs.b,
        [PCS_PROBE_MODE] = model->mode[i],
        [PCS_PROBE_ACTIVE] = model->active[i],
        [PCS_PROBE_FIRST] = model->first[i],
        [PCS_PROBE_LAST] = model->last[i],
        [PCS_PROBE_REMAINING] = regs.remaining,
        [PCS_PROBE_INNER] = regs.inner,
        [PCS_PROBE_PARTIAL] = regs.partial,
    };
    memset(words, 0, PCS_PROBE_WORDS * sizeof *words);
#define PCS_PROBE(name, text, bits, sign, meaning)                                                                     \
    put_field(words, PCS_PROBE_##name##_LSB, (bits), fields[PCS_PROBE_##name]);
#include "models/spec/probe.def"
#undef PCS_PROBE
}

static const uint32_t *cycle_probe(pcs_array_dev_t *dev)
{
    cycle_t *model = (cycle_t *)dev;
    uint32_t *words = model->image;
    for (unsigned r = 0; r < model->rows; r++) {
        for (unsigned c = 0; c < model->cols; c++, words += PCS_PROBE_WORDS) {
            pack_pe(model, r * model->width + c, words);
        }
    }
    if (model->flip.on) {
        model->image[model->flip.pe * PCS_PROBE_WORDS + model->flip.bit / 32U] ^= UINT32_C(1)
                                                                                  << (model->flip.bit % 32U);
    }
    return model->image;
}

static uint64_t cycle_csr(pcs_array_dev_t *dev, unsigned addr)
{
    const cycle_t *model = (const cycle_t *)dev;
    switch (addr) {
    case PCS_CSR_SPEC_HASH:
        return pcs_spec_hash();
    case PCS_CSR_ROWS:
        return model->rows;
    case PCS_CSR_COLS:
        return model->cols;
    case PCS_CSR_KIND:
        return dev->config.kind;
    case PCS_CSR_ACC_BITS:
        return dev->config.acc_bits;
    case PCS_CSR_DATAFLOW:
        return dev->config.dataflow == PCS_DATAFLOW_OS ? PCS_DATAFLOW_OS : PCS_DATAFLOW_WS;
    case PCS_CSR_DIGIT:
        return dev->config.digit;
    case PCS_CSR_STATUS:
        return model->error;
    default:
        break;
    }
    const unsigned event = addr - (unsigned)PCS_CSR_EVENT_BASE;
    return addr >= (unsigned)PCS_CSR_EVENT_BASE && event < PCS_EVENT_COUNT ? model->counts.n[event] : 0;
}

static void cycle_destroy(pcs_array_dev_t *dev)
{
    cycle_t *model = (cycle_t *)dev;
    free(model->memory);
    free(model);
}

static const pcs_array_dev_ops_t cycle_ops = {
    .name = "cycle",
    .reset = cycle_reset,
    .step = cycle_step,
    .probe = cycle_probe,
    .csr = cycle_csr,
    .destroy = cycle_destroy,
};

pcs_status_t pcs_array_cycle_create(const pcs_array_config_t *config, pcs_array_dev_t **dev, pcs_error_t *err)
{
    const pcs_status_t status = pcs_array_config_check(config, err);
    if (status != PCS_OK) {
        return status;
    }
    cycle_t *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the cycle model");
    }
    model->dev.ops = &cycle_ops;
    model->dev.config = *config;
    model->rows = config->rows;
    model->cols = config->cols;
    model->width = (config->cols + LANES - 1U) / LANES * LANES;
    model->memory_bytes = layout(model, NULL);
    model->memory = aligned_alloc(64, model->memory_bytes);
    if (model->memory == NULL) {
        free(model);
        return pcs_fail(err, PCS_MEMORY, "no memory for the cycle model of %u x %u PEs", config->rows, config->cols);
    }
    (void)layout(model, model->memory);
    cycle_reset(&model->dev);
    *dev = &model->dev;
    return PCS_OK;
}

bool pcs_array_cycle_flip(pcs_array_dev_t *dev, unsigned row, unsigned col, pcs_probe_t probe, unsigned bit)
{
    if (dev->ops != &cycle_ops || bit >= pcs_probes[probe].bits) {
        return false;
    }
    cycle_t *model = (cycle_t *)dev;
    model->flip.on = true;
    model->flip.pe = (size_t)row * model->cols + col;
    model->flip.bit = pcs_probes[probe].lsb + bit;
    return true;
}
