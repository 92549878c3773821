/* The cycle model: every register of every PE, clock by clock.  The RTL in rtl/array is the same machine; the two agree
   in every register after every clock.

   Updates are in place: PEs are visited from the bottom right to the top left, so that a PE still finds the registers
   its left and upper neighbours had before the edge. */
#include <stdlib.h>
#include <string.h>

#include "models/array/array.h"
#include "models/mac/mac.h"
#include "models/mac/pe.h"

/* A chain of registers as a ring: at each enabled clock the oldest entry leaves and a new one enters. */
typedef struct token {
    bool valid, first, last;
    uint8_t code;
    uint16_t mode;
} token_t;

typedef struct word {
    bool valid, overflow, last;
    int64_t acc;
} word_t;

typedef struct cycle {
    pcs_array_dev_t dev;
    unsigned rows, cols;

    /* PE registers, (R, C). */
    pcs_pe_regs_t pe;
    uint8_t *first, *last;
    int64_t *acc, *drain;
    uint8_t *acc_ovf, *drain_ovf, *drain_valid;
    int32_t *product; /* this clock's wires */
    uint8_t *done;

    /* Edge: row r (column c) is delayed by r (c) registers. */
    token_t *skew_a, *skew_b; /* triangles: row r at r (r - 1) / 2 */
    uint64_t skew_live;       /* valid tokens in them */

    /* Drain control, per column. */
    uint8_t *drain_on;
    uint8_t *drain_at; /* j: shifts done */
    uint8_t *tail;     /* (R) steps marked last on their way down the edge: 0, or the clocks of their mode */
    unsigned wait;

    /* Column c is delayed by C - 1 - c registers on its way out. */
    word_t *deskew;
    uint64_t deskew_live;
    uint64_t edge_clock; /* enabled clocks, positions in all rings */

    /* Segment control. */
    uint32_t mode;
    unsigned seg_rows, seg_cols;
    unsigned gap;       /* clocks until a step may follow */
    unsigned drain_gap; /* clocks until a result may be captured in row 0 */
    unsigned flight;    /* clocks until all that was accepted has left */
    bool error;
    pcs_counts_t counts;

    /* What step() returns points here. */
    int64_t *out_acc;
    uint8_t *out_ovf, *out_valid;
    uint32_t *image;

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
    *offset += (count * size + 15U) & ~(size_t)15U;
    return part;
}

static size_t layout(cycle_t *model, char *base)
{
    const size_t rows = model->rows;
    const size_t cols = model->cols;
    const size_t pes = rows * cols;
    size_t at = 0;
#define CARVE(field, count) (model->field) = carve(base, &at, (count), sizeof *(model->field))
    CARVE(pe.a, pes);
    CARVE(pe.b, pes);
    CARVE(pe.mode, pes);
    CARVE(pe.active, pes);
    CARVE(pe.count, pes);
    CARVE(pe.partial, pes);
    CARVE(first, pes);
    CARVE(last, pes);
    CARVE(acc, pes);
    CARVE(drain, pes);
    CARVE(acc_ovf, pes);
    CARVE(drain_ovf, pes);
    CARVE(drain_valid, pes);
    CARVE(product, pes);
    CARVE(done, pes);
    CARVE(skew_a, triangle(rows));
    CARVE(skew_b, triangle(cols));
    CARVE(drain_on, cols);
    CARVE(drain_at, cols);
    CARVE(tail, rows);
    CARVE(deskew, triangle(cols));
    CARVE(out_acc, cols);
    CARVE(out_ovf, cols);
    CARVE(out_valid, cols);
    CARVE(image, pes * PCS_PROBE_WORDS);
#undef CARVE
    return at;
}

static void cycle_reset(pcs_array_dev_t *dev)
{
    cycle_t *model = (cycle_t *)dev;
    memset(model->memory, 0, model->memory_bytes);
    model->skew_live = 0;
    model->deskew_live = 0;
    model->edge_clock = 0;
    model->wait = 0;
    model->mode = 0;
    model->seg_rows = 0;
    model->seg_cols = 0;
    model->gap = 0;
    model->drain_gap = 0;
    model->flight = 0;
    model->error = false;
    model->counts = (pcs_counts_t){{0}};
}

/* ---- one clock ---- */

/* The word column c offers to its deskew chain: what stands at the bottom while the column drains. */
static word_t column_word(const cycle_t *model, size_t c)
{
    const size_t bottom = (size_t)(model->rows - 1) * model->cols + c;
    const word_t word = {
        .valid = model->drain_on[c] && model->drain_valid[bottom],
        .overflow = model->drain_ovf[bottom] != 0,
        .last = model->drain_at[c] + 1U == model->rows,
        .acc = model->drain[bottom],
    };
    return word;
}

/* The register of column c's deskew chain that leaves at this clock. */
static word_t *deskew_slot(const cycle_t *model, size_t c)
{
    const size_t depth = model->cols - 1 - c;
    return &model->deskew[triangle(depth) + (size_t)(model->edge_clock % depth)];
}

static void outputs(cycle_t *model, pcs_array_out_t *out)
{
    const size_t cols = model->cols;
    for (size_t c = 0; c < cols; c++) {
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

static void accumulate(cycle_t *model, size_t i)
{
    const pcs_mode_t mode = pcs_mode_unpack(model->pe.mode[i]);
    pcs_acc_t acc = {model->acc[i], model->acc_ovf[i] != 0};
    if (model->first[i]) {
        acc = (pcs_acc_t){0, false};
    }
    acc = pcs_acc_add(acc, model->product[i], model->dev.config.acc_bits, mode.saturate);
    model->acc[i] = acc.value;
    model->acc_ovf[i] = acc.overflow;
    model->counts.n[PCS_EVENT_ACC_WRITE]++;
    if (model->last[i]) {
        model->drain[i] = acc.value;
        model->drain_ovf[i] = acc.overflow;
        model->drain_valid[i] = true;
        model->counts.n[PCS_EVENT_CAPTURE]++;
    }
}

/* Drain shift of PE (r, c) while its column drains: a row moves down only as far as rows above still have results. */
static void drain_shift(cycle_t *model, size_t r, size_t c, size_t i)
{
    const unsigned j = model->drain_at[c];
    if (r > 0 && j < r) {
        const size_t above = i - model->cols;
        if (model->drain_valid[above]) {
            model->drain[i] = model->drain[above];
            model->drain_ovf[i] = model->drain_ovf[above];
            model->counts.n[PCS_EVENT_DRAIN]++;
        }
        model->drain_valid[i] = model->drain_valid[above];
    } else if (j == r) {
        model->drain_valid[i] = false;
    }
}

static token_t forwarded(const cycle_t *model, size_t i, uint8_t code)
{
    const token_t token = {
        .valid = model->pe.active[i] != 0,
        .first = model->first[i] != 0,
        .last = model->last[i] != 0,
        .code = code,
        .mode = model->pe.mode[i],
    };
    return token;
}

static void load(cycle_t *model, size_t i, token_t a, token_t b)
{
    const bool loads = a.valid && b.valid;
    model->pe.active[i] = loads;
    if (!loads) {
        return;
    }
    model->pe.a[i] = a.code;
    model->pe.b[i] = b.code;
    model->first[i] = a.first;
    model->last[i] = a.last;
    if (a.first) {
        model->pe.mode[i] = a.mode;
    }
    const pcs_mode_t mode = pcs_mode_unpack(model->pe.mode[i]);
    const pcs_kind_t kind = model->dev.config.kind;
    model->pe.count[i] = pcs_kinds[kind].cycles == PCS_CYCLES_ONE ? 0 : (uint8_t)pcs_mac_cycles(kind, &mode);
    model->counts.n[PCS_EVENT_PE_LOAD]++;
}

/* The edge of all PEs.  Forwarded operands are those from before the edge: a serial kind shifts its operand registers
   during the work of the same clock, so the tokens of the row are taken first. */
static void clock_pes(cycle_t *model, const token_t *edge_a, const token_t *edge_b, token_t *wires)
{
    const size_t cols = model->cols;
    token_t *right = wires;       /* (C) what PE (r, c) offers to (r, c + 1) */
    token_t *down = wires + cols; /* (C) what PE (r - 1, c) offers to (r, c) */
    for (size_t r = model->rows; r-- > 0;) {
        const size_t row = r * cols;
        for (size_t c = 0; c < cols; c++) {
            right[c] = forwarded(model, row + c, model->pe.a[row + c]);
            down[c] = r == 0 ? edge_b[c] : forwarded(model, row + c - cols, model->pe.b[row + c - cols]);
        }
        model->counts.n[PCS_EVENT_MAC_CYCLE] +=
            pcs_pe_work[model->dev.config.kind](&model->pe, row, row + cols, model->product, model->done);
        for (size_t c = cols; c-- > 0;) {
            const size_t i = row + c;
            if (model->drain_on[c]) {
                drain_shift(model, r, c, i);
            }
            if (model->done[i]) {
                accumulate(model, i);
            }
            load(model, i, c == 0 ? edge_a[r] : right[c - 1], down[c]);
        }
    }
}

/* Passes a token through a chain of `depth` skew registers. */
static token_t skew(cycle_t *model, token_t *chains, size_t depth, token_t enters)
{
    if (depth == 0) {
        return enters;
    }
    token_t *slot = &chains[triangle(depth) + (size_t)(model->edge_clock % depth)];
    const token_t leaves = *slot;
    model->skew_live = model->skew_live - leaves.valid + enters.valid;
    *slot = enters;
    return leaves;
}

static void advance_drain(cycle_t *model, unsigned accepted_last)
{
    const unsigned rows = model->rows;
    const unsigned tail = model->tail[rows - 1]; /* clocks of a segment whose last step reached the bottom row */
    memmove(model->tail + 1, model->tail, rows - 1);
    model->tail[0] = (uint8_t)accepted_last;

    for (size_t c = model->cols; c-- > 1;) {
        model->drain_on[c] = model->drain_on[c - 1];
        model->drain_at[c] = model->drain_at[c - 1];
    }
    const bool start = tail == 1 || model->wait == 1;
    if (tail > 1) {
        model->wait = tail - 1;
    } else if (model->wait > 0) {
        model->wait--;
    }
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
}

static bool step_legal(const cycle_t *model, const pcs_array_in_t *in)
{
    return !in->first || (pcs_mode_legal(in->mode) && in->rows >= 1 && in->rows <= model->rows && in->cols >= 1 &&
                          in->cols <= model->cols);
}

/* Takes the step's segment parameters and the counts of its acceptance. */
static void accept(cycle_t *model, const pcs_array_in_t *in)
{
    if (in->first) {
        model->mode = in->mode;
        model->seg_rows = in->rows;
        model->seg_cols = in->cols;
    }
    uint64_t *n = model->counts.n;
    n[PCS_EVENT_STEP]++;
    n[PCS_EVENT_TILE] += in->last;
    n[PCS_EVENT_A_LOAD] += model->seg_rows;
    n[PCS_EVENT_B_LOAD] += model->seg_cols;
}

static void edge_tokens(cycle_t *model, const pcs_array_in_t *in, bool accepted, token_t *edge_a, token_t *edge_b)
{
    const pcs_mode_t mode = pcs_mode_unpack(model->mode);
    const unsigned shift_a = pcs_mac_shift_a(model->dev.config.kind, &mode);
    const unsigned shift_b = pcs_mac_shift_b(model->dev.config.kind, &mode);
    for (unsigned r = 0; r < model->rows; r++) {
        token_t token = {0};
        if (accepted && r < model->seg_rows) {
            token = (token_t){true, in->first, in->last, (uint8_t)(in->a[r] << shift_a), (uint16_t)model->mode};
        }
        edge_a[r] = skew(model, model->skew_a, r, token);
    }
    for (unsigned c = 0; c < model->cols; c++) {
        token_t token = {0};
        if (accepted && c < model->seg_cols) {
            token = (token_t){true, in->first, in->last, (uint8_t)(in->b[c] << shift_b), 0};
        }
        edge_b[c] = skew(model, model->skew_b, c, token);
    }
    model->counts.n[PCS_EVENT_SKEW] += model->skew_live;
}

static void count_output(cycle_t *model, const pcs_array_out_t *out)
{
    for (unsigned c = 0; out->out_valid && c < model->cols; c++) {
        model->counts.n[PCS_EVENT_OUT] += out->col_valid[c];
        model->counts.n[PCS_EVENT_OVERFLOW] += out->col_valid[c] && out->overflow[c];
    }
}

static void cycle_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    cycle_t *model = (cycle_t *)dev;
    outputs(model, out);
    const bool enabled = !(out->out_valid && !in->out_ready);
    const bool legal = step_legal(model, in);
    /* The mode this step would run in. */
    const pcs_mode_t mode = pcs_mode_unpack(in->first && legal ? in->mode : model->mode);
    const unsigned clocks = pcs_mac_cycles(dev->config.kind, &mode);
    out->in_ready = enabled && model->gap == 0 && (!in->last || model->drain_gap <= clocks) && legal;
    const bool accepted = in->in_valid && out->in_ready;

    model->counts.n[PCS_EVENT_CYCLE] += accepted || out->busy;
    model->counts.n[PCS_EVENT_STALL] += !enabled;
    if (enabled) {
        model->error = model->error || (in->in_valid && model->gap == 0 && !legal);
        count_output(model, out);
        if (accepted) {
            accept(model, in);
        }
        token_t edge_a[PCS_ARRAY_MAX_DIM];
        token_t edge_b[PCS_ARRAY_MAX_DIM];
        token_t wires[2 * PCS_ARRAY_MAX_DIM];
        edge_tokens(model, in, accepted, edge_a, edge_b);
        advance_deskew(model);
        clock_pes(model, edge_a, edge_b, wires);
        advance_drain(model, accepted && in->last ? clocks : 0);
        model->edge_clock++;
        model->gap = accepted ? clocks - 1 : model->gap - (model->gap > 0);
        model->drain_gap = accepted && in->last ? model->rows + clocks - 1 : model->drain_gap - (model->drain_gap > 0);
        model->flight = accepted ? clocks + 2 * model->rows + model->cols - 2 : model->flight - (model->flight > 0);
    }
    if (in->clear) {
        model->counts = (pcs_counts_t){{0}};
        model->error = false;
    }
}

/* ---- probe, registers, life ---- */

/* Packs one PE's registers in the order of probe.def. */
static void pack_pe(const cycle_t *model, size_t i, uint32_t *words)
{
    const int64_t fields[PCS_PROBE_COUNT] = {
        [PCS_PROBE_ACC] = model->acc[i],
        [PCS_PROBE_ACC_OVF] = model->acc_ovf[i],
        [PCS_PROBE_DRAIN] = model->drain[i],
        [PCS_PROBE_DRAIN_OVF] = model->drain_ovf[i],
        [PCS_PROBE_DRAIN_VALID] = model->drain_valid[i],
        [PCS_PROBE_A] = model->pe.a[i],
        [PCS_PROBE_B] = model->pe.b[i],
        [PCS_PROBE_MODE] = model->pe.mode[i],
        [PCS_PROBE_ACTIVE] = model->pe.active[i],
        [PCS_PROBE_FIRST] = model->first[i],
        [PCS_PROBE_LAST] = model->last[i],
        [PCS_PROBE_REMAINING] = model->pe.count[i],
        [PCS_PROBE_PARTIAL] = model->pe.partial[i],
    };
    uint64_t low = 0;
    unsigned held = 0;
    for (int probe = 0; probe < PCS_PROBE_COUNT; probe++) {
        const unsigned bits = pcs_probes[probe].bits;
        const uint64_t field = (uint64_t)fields[probe] & ((UINT64_C(1) << bits) - 1U);
        low |= field << held;
        unsigned used = 0;
        while (held + (bits - used) >= 32) {
            *words++ = (uint32_t)low;
            used += 32 - held;
            low = used < bits ? field >> used : 0;
            held = 0;
        }
        held += bits - used;
    }
}

static const uint32_t *cycle_probe(pcs_array_dev_t *dev)
{
    cycle_t *model = (cycle_t *)dev;
    for (size_t i = 0; i < (size_t)model->rows * model->cols; i++) {
        pack_pe(model, i, model->image + i * PCS_PROBE_WORDS);
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
    model->memory_bytes = layout(model, NULL);
    model->memory = malloc(model->memory_bytes);
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
    const size_t i = (size_t)row * model->cols + col;
    switch (probe) {
    case PCS_PROBE_ACC:
        model->acc[i] ^= INT64_C(1) << bit;
        return true;
    case PCS_PROBE_ACC_OVF:
        model->acc_ovf[i] ^= 1U;
        return true;
    case PCS_PROBE_DRAIN:
        model->drain[i] ^= INT64_C(1) << bit;
        return true;
    case PCS_PROBE_DRAIN_OVF:
        model->drain_ovf[i] ^= 1U;
        return true;
    case PCS_PROBE_DRAIN_VALID:
        model->drain_valid[i] ^= 1U;
        return true;
    case PCS_PROBE_A:
        model->pe.a[i] ^= (uint8_t)(1U << bit);
        return true;
    case PCS_PROBE_B:
        model->pe.b[i] ^= (uint8_t)(1U << bit);
        return true;
    case PCS_PROBE_MODE:
        model->pe.mode[i] ^= (uint16_t)(1U << bit);
        return true;
    case PCS_PROBE_ACTIVE:
        model->pe.active[i] ^= 1U;
        return true;
    case PCS_PROBE_FIRST:
        model->first[i] ^= 1U;
        return true;
    case PCS_PROBE_LAST:
        model->last[i] ^= 1U;
        return true;
    case PCS_PROBE_REMAINING:
        model->pe.count[i] ^= (uint8_t)(1U << bit);
        return true;
    case PCS_PROBE_PARTIAL:
        model->pe.partial[i] ^= INT32_C(1) << bit;
        return true;
    case PCS_PROBE_COUNT:
        break;
    }
    return false;
}
