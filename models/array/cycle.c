/* The cycle model: the array clock by clock.  The RTL in rtl/array is the same machine; the two agree in every register
   after every clock.  How it can be fast, see cycle_internal.h; here are its ports, its control and its life. */
#include <stdlib.h>
#include <string.h>

#include "models/array/cycle_internal.h"

enum { VECTOR = 16, BATCH = 256 }; /* columns a row is padded to; steps that sums are made of at a time, at least */

/* ---- results ---- */

static size_t row_words(const pcs_cycle_t *model)
{
    return (size_t)model->cols * model->accs;
}

static void offer_row(pcs_cycle_t *model, pcs_array_out_t *out, const int64_t *acc, const uint8_t *ovf, unsigned cols)
{
    out->out_valid = true;
    out->acc = acc;
    out->flags = ovf;
    out->col_valid = model->valid + model->cols - cols;
}

static void offer_os(pcs_cycle_t *model, pcs_array_out_t *out)
{
    const size_t slot = (size_t)(model->tile_out % model->tile_room);
    const pcs_cycle_tile_t *tile = &model->tile[slot];
    const uint64_t end = tile->drain + 2 * model->rows + model->cols - 1; /* row 0 leaves in the clock before */
    if (model->clock + tile->rows < end) {
        return;
    }
    if (model->base <= tile->step) {
        pcs_cycle_advance(model, tile->step + 1);
    }
    const size_t row = (size_t)(end - 1 - model->clock);
    const size_t at = (slot * model->rows + row) * row_words(model);
    offer_row(model, out, model->result + at, model->result_ovf + at, tile->cols);
    out->out_last = row == 0;
}

static void offer_ws(pcs_cycle_t *model, pcs_array_out_t *out)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, model->leaving);
    while (!step->stream && ++model->leaving < model->accepted) {
        step = pcs_cycle_step_at(model, model->leaving);
    }
    if (!step->stream || model->clock < step->clock + step->mac.cycles + model->rows + model->cols - 1) {
        return;
    }
    if (model->summed <= model->leaving) {
        pcs_cycle_sum_rows(model);
    }
    const size_t at = pcs_cycle_slot(model, model->leaving) * row_words(model);
    offer_row(model, out, model->row_sum + at, model->row_ovf + at, step->cols);
    out->out_last = true;
}

static void outputs(pcs_cycle_t *model, pcs_array_out_t *out)
{
    out->out_valid = false;
    out->out_last = false;
    out->acc = model->no_sums;
    out->flags = model->valid + model->cols; /* zeros */
    out->col_valid = model->valid + model->cols;
    out->busy = model->clock < model->idle_at;
    out->error = model->error;
    if (model->tile_out < model->tiles) {
        offer_os(model, out);
    } else if (model->ws && model->leaving < model->accepted) {
        offer_ws(model, out);
    }
}

/* The row offered has been taken. */
static void row_left(pcs_cycle_t *model, const pcs_array_out_t *out)
{
    pcs_cycle_count_row(model, (unsigned)(model->valid + model->cols - out->col_valid), out->flags);
    model->leaving += model->ws;
    model->tile_out += !model->ws && out->out_last;
}

/* ---- steps ---- */

static bool tile_legal(const pcs_cycle_t *model, uint32_t mode, unsigned rows, unsigned cols)
{
    return pcs_mode_legal(model->dev.config.kind, mode) && rows >= 1 && rows <= model->rows && cols >= 1 &&
           cols <= model->cols;
}

static bool step_legal(const pcs_cycle_t *model, const pcs_array_in_t *in)
{
    const bool tile_good = !in->first || tile_legal(model, in->mode, in->rows, in->cols);
    if (!model->ws) {
        return tile_good;
    }
    return (in->stream || in->load) && (!in->stream || tile_good) &&
           (!in->load || tile_legal(model, in->load_mode, in->load_row + 1U, in->load_cols));
}

/* Largest magnitude of a field. */
static uint32_t field_reach(unsigned field, bool is_signed)
{
    return is_signed ? UINT32_C(1) << (field - 1U) : (UINT32_C(1) << field) - 1U;
}

/* Opens a tile: what its steps have in common. */
static void open_tile(pcs_cycle_t *model, const pcs_array_in_t *in, const pcs_mac_step_t *mac)
{
    model->mode_word = in->mode;
    model->mac = *mac;
    model->tile_rows = in->rows;
    model->tile_cols = in->cols;
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, in->mode);
    model->mode = mode;
    model->reach = model->aligned ? 0
                                  : field_reach(mac->field_a, mode.a_signed) *
                                        field_reach(mac->field_b, mode.b_signed) * (model->accs == 1 ? mac->lanes : 1U);
}

/* WS: the staged weights become those of the tile that begins. */
static void swap_weights(pcs_cycle_t *model)
{
    pcs_cycle_sum_rows(model);
    pcs_cycle_swap_staged(model);
}

/* copy[i] = words[i]: in parts of one length, or a compiler takes it for an invitation to something slow. */
static inline void copy_words(const uint32_t *words, size_t count, uint32_t *copy)
{
    size_t i = 0;
    for (; i + VECTOR <= count; i += VECTOR) {
        memcpy(copy + i, words + i, VECTOR * sizeof *copy);
    }
    for (; i < count; i++) {
        copy[i] = words[i];
    }
}

static void take_a(pcs_cycle_t *model, const pcs_array_in_t *in, const pcs_cycle_step_t *step)
{
    const size_t slot = pcs_cycle_slot(model, model->accepted);
    copy_words(in->a + step->top, step->rows, model->word_a + slot * model->rows + step->top);
}

static void take_b(pcs_cycle_t *model, const pcs_array_in_t *in, pcs_cycle_step_t *step)
{
    const size_t slot = pcs_cycle_slot(model, model->accepted);
    copy_words(in->b, step->load_cols, model->word_b + slot * model->width);
    if (!model->ws) {
        return;
    }
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, in->load_mode);
    step->load_shift = (uint8_t)pcs_mac_step(&model->dev.config, &mode).shift_b;
    pcs_cycle_count_load(model, in->load_row, in->load_cols);
    pcs_cycle_decode_staged(model, &mode, in->load_row, in->b, step->load_cols);
}

/* OS: the step just taken is the last of its segment. */
static void close_segment(pcs_cycle_t *model, pcs_cycle_step_t *step)
{
    pcs_cycle_retire_tiles(model);
    PCS_ASSERT(model->tiles - model->tile_base < model->tile_room);
    step->tile = model->tiles;
    model->drain_from = step->clock + step->mac.cycles + model->rows;
    model->tile[model->tiles % model->tile_room] = (pcs_cycle_tile_t){
        .step = model->accepted, .drain = step->clock + step->mac.cycles, .rows = step->rows, .cols = step->cols};
    model->tiles++;
}

/* The part of a step that streams. */
static void take_stream(pcs_cycle_t *model, const pcs_array_in_t *in, const pcs_mac_step_t *mac, pcs_cycle_step_t *step)
{
    if (in->first) {
        pcs_cycle_count_steps(model);
        open_tile(model, in, mac);
        pcs_cycle_count_first(model);
    }
    step->first = in->first;
    step->last = in->last;
    step->rows = model->tile_rows;
    step->top = (uint8_t)(model->ws ? model->rows - model->tile_rows : 0);
    step->cols = model->tile_cols;
    step->mode = (uint16_t)model->mode_word;
    step->reach = model->reach;
    step->mac = model->mac;
    take_a(model, in, step);
    if (model->ws && in->first) {
        swap_weights(model);
    }
    const unsigned transit = (model->ws ? 1U : model->rows) + model->rows + model->cols - 1U;
    model->open_at = model->clock + mac->cycles;
    model->idle_at = model->clock + mac->cycles + transit;
    model->uncounted++;
    if (in->last) {
        pcs_cycle_count_last(model);
    }
}

/* Takes an accepted step into the ring. */
static void accept(pcs_cycle_t *model, const pcs_array_in_t *in, const pcs_mac_step_t *mac)
{
    if (model->accepted - model->base > model->step_mask) {
        pcs_cycle_retire(model);
        PCS_ASSERT(model->accepted - model->base <= model->step_mask);
    }
    pcs_cycle_step_t *step = &model->step[pcs_cycle_slot(model, model->accepted)];
    step->clock = model->clock;
    step->stream = !model->ws || in->stream;
    step->load = !model->ws || in->load;
    if (step->stream) {
        take_stream(model, in, mac, step);
    } else {
        step->mac.cycles = 0; /* it occupies no PE */
    }
    if (step->load) {
        step->load_row = model->ws ? in->load_row : 0;
        step->load_cols = model->ws ? in->load_cols : model->tile_cols;
        take_b(model, in, step);
    }
    if (!model->ws && in->last) {
        close_segment(model, step);
    }
    model->accepted++;
}

static void cycle_step(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    pcs_cycle_t *model = (pcs_cycle_t *)dev;
    outputs(model, out);
    const bool enabled = !out->out_valid || in->out_ready;
    const bool open = enabled && model->clock >= model->open_at;
    const bool legal = step_legal(model, in);
    pcs_mac_step_t mac = model->mac;
    if (in->first && legal && in->mode != model->mode_word && (!model->ws || in->stream)) {
        const pcs_mode_t mode = pcs_mode_unpack(dev->config.kind, in->mode);
        mac = pcs_mac_step(&dev->config, &mode);
    }
    out->in_ready = open && legal && (model->ws || !in->last || model->clock + mac.cycles >= model->drain_from);
    const bool accepted = in->in_valid && out->in_ready;
    model->counts.n[PCS_EVENT_CYCLE] += accepted || out->busy;
    model->counts.n[PCS_EVENT_STALL] += !enabled;
    model->error = model->error || (open && in->in_valid && !legal);
    if (enabled) {
        if (out->out_valid) {
            row_left(model, out);
        }
        if (accepted) {
            accept(model, in, &mac);
        }
        model->clock++;
        model->not_yet_known = false;
    }
    if (in->clear) {
        pcs_cycle_clear_counts(model);
        model->error = false;
    }
}

/* ---- registers ---- */

static const uint32_t *cycle_probe(pcs_array_dev_t *dev)
{
    pcs_cycle_t *model = (pcs_cycle_t *)dev;
    pcs_cycle_image(model);
    return model->image;
}

static uint64_t cycle_csr(pcs_array_dev_t *dev, unsigned addr)
{
    pcs_cycle_t *model = (pcs_cycle_t *)dev;
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
        return model->ws ? PCS_DATAFLOW_WS : PCS_DATAFLOW_OS;
    case PCS_CSR_DIGIT:
        return dev->config.digit;
    case PCS_CSR_STATUS:
        return model->error;
    default:
        break;
    }
    const unsigned event = addr - (unsigned)PCS_CSR_EVENT_BASE;
    return addr >= (unsigned)PCS_CSR_EVENT_BASE && event < PCS_EVENT_COUNT ? pcs_cycle_count(model, (pcs_event_t)event)
                                                                           : 0;
}

bool pcs_array_cycle_flip(pcs_array_dev_t *dev, unsigned row, unsigned col, pcs_probe_t probe, unsigned bit)
{
    if (dev->ops->probe != cycle_probe || bit >= pcs_probes[probe].bits) {
        return false;
    }
    pcs_cycle_t *model = (pcs_cycle_t *)dev;
    const unsigned at = pcs_probes[probe].lsb + bit;
    model->flip_word = ((size_t)row * model->cols + col) * PCS_PROBE_WORDS + at / 32U;
    model->flip_mask = UINT32_C(1) << (at % 32U);
    return true;
}

/* ---- life ---- */

/* Hands out consecutive parts of a block; with base NULL it only measures. */
static void *carve(char *base, size_t *offset, size_t count, size_t size)
{
    void *part = base == NULL ? NULL : base + *offset;
    *offset += (count * size + 63U) & ~(size_t)63U;
    return part;
}

#define CARVE(pointer, count) ((pointer) = carve(base, at, (count), sizeof *(pointer)))

static void layout_regs(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, char *base, size_t *at)
{
    const size_t pes = model->rows * model->width;
    const size_t weights = model->ws ? pes : 0;
    CARVE(regs->acc, model->accs * pes); /* first: the block begins here */
    CARVE(regs->acc_ovf, model->accs * pes);
    CARVE(regs->a, pes);
    CARVE(regs->b, pes);
    CARVE(regs->mode, pes);
    CARVE(regs->first, pes);
    CARVE(regs->last, pes);
    CARVE(regs->start, pes);
    CARVE(regs->weight, weights);
    CARVE(regs->staged, weights);
    CARVE(regs->weight_shift, weights);
    CARVE(regs->staged_shift, weights);
    CARVE(regs->weight_valid, weights);
    CARVE(regs->staged_valid, weights);
    CARVE(regs->pass, weights);
    CARVE(regs->pass_rows, weights);
}

static void layout_live(const pcs_cycle_t *model, pcs_cycle_live_t *live, char *base, size_t *at)
{
    const size_t pes = model->rows * model->width;
    const size_t sums = model->ws ? (model->step_mask + 1) * model->accs * model->width : 0;
    layout_regs(model, &live->regs, base, at);
    CARVE(live->active, pes);
    CARVE(live->pass_valid, pes);
    CARVE(live->drain_valid, pes);
    CARVE(live->left, pes);
    CARVE(live->sum, sums);
    CARVE(live->sum_ovf, sums);
    CARVE(live->weight, model->ws && !model->aligned ? model->lanes * model->width : 0);
    CARVE(live->term, model->ws && model->aligned ? model->width : 0);
    CARVE(live->covered, model->step_mask + 1);
}

static size_t layout(pcs_cycle_t *model, char *base)
{
    const size_t pes = model->rows * model->width;
    const size_t steps = model->step_mask + 1;
    const size_t lines = steps > model->rows ? steps : model->rows;
    const size_t words = row_words(model);
    const size_t results = model->tile_room * model->rows * words;
    size_t offset = 0;
    size_t *at = &offset;
    CARVE(model->step, steps);
    CARVE(model->word_a, steps * model->rows);
    CARVE(model->word_b, steps * model->width);
    CARVE(model->value_a, model->aligned ? 0 : steps * model->lanes * model->rows);
    CARVE(model->value_b, model->ws || model->aligned ? 0 : steps * model->lanes * model->width);
    CARVE(model->term_a, model->aligned ? steps * model->rows : 0);
    CARVE(model->term_b, model->ws || !model->aligned ? 0 : steps * model->width);
    const size_t regs = offset;
    layout_regs(model, &model->regs, base, at);
    model->regs_bytes = offset - regs;
    layout_live(model, &model->live, base, at);
    CARVE(model->tile, model->tile_room);
    CARVE(model->result, results);
    CARVE(model->result_ovf, results);
    CARVE(model->drained, words);
    CARVE(model->drained_ovf, words);
    CARVE(model->weight, model->ws && !model->aligned ? model->lanes * pes : 0);
    CARVE(model->staged, model->ws && !model->aligned ? model->lanes * pes : 0);
    CARVE(model->weight_term, model->ws && model->aligned ? pes : 0);
    CARVE(model->staged_term, model->ws && model->aligned ? pes : 0);
    CARVE(model->row_sum, model->ws ? steps * words : 0);
    CARVE(model->row_ovf, model->ws ? steps * words : 0);
    CARVE(model->sum32, lines * model->width);
    CARVE(model->number_a, model->aligned ? steps * model->rows : 0);
    CARVE(model->number_b, model->aligned ? lines * model->width : 0);
    CARVE(model->bound_a, model->aligned ? lines : 0);
    CARVE(model->image, (size_t)model->rows * model->cols * PCS_PROBE_WORDS);
    CARVE(model->valid, model->cols + words);
    CARVE(model->no_sums, words);
    return offset;
}

/* Most lanes of a word of the kind. */
static unsigned most_lanes(const pcs_array_config_t *config)
{
    unsigned most = 1;
    for (unsigned pa = PCS_PREC_MIN; pa <= PCS_PREC_MAX; pa++) {
        for (unsigned pb = PCS_PREC_MIN; pb <= PCS_PREC_MAX; pb++) {
            const pcs_mode_t mode = {.pa = (uint8_t)pa, .pb = (uint8_t)pb};
            const unsigned lanes = pcs_mac_step(config, &mode).lanes;
            most = lanes > most ? lanes : most;
        }
    }
    return most;
}

/* What the configuration decides. */
static void dimension(pcs_cycle_t *model, const pcs_array_config_t *config)
{
    const unsigned bits = pcs_kinds[config->kind].word_bits;
    model->dev.config = *config;
    model->rows = config->rows;
    model->cols = config->cols;
    model->accs = pcs_kinds[config->kind].accs;
    model->lanes = most_lanes(config);
    model->width = (config->cols + VECTOR - 1U) / VECTOR * VECTOR;
    model->ws = config->dataflow != PCS_DATAFLOW_OS;
    model->aligned = !pcs_kind_is_integer(config->kind);
    model->zero_mode = pcs_mode_legal(config->kind, 0);
    model->limit = (INT64_C(1) << (config->acc_bits - 1U)) - 1;
    model->word_mask = bits == 32 ? UINT32_MAX : (UINT32_C(1) << bits) - 1U;
    /* At most R + C steps are on their way through the PEs, for each one a clock. */
    size_t steps = 1;
    while (steps < config->rows + config->cols + BATCH) {
        steps *= 2;
    }
    model->step_mask = steps - 1;
    /* A segment is kept for up to STEP_MAX + 2 R + C clocks; drains follow one another by at least R. */
    model->tile_room = model->ws ? 0 : (PCS_STEP_MAX + 2U * config->rows + config->cols) / config->rows + 2U;
}

static void cycle_reset(pcs_array_dev_t *dev)
{
    pcs_cycle_t *model = (pcs_cycle_t *)dev;
    const pcs_array_dev_ops_t *ops = dev->ops;
    const pcs_array_config_t config = dev->config;
    char *memory = model->memory;
    const size_t bytes = model->memory_bytes;
    memset(model, 0, sizeof *model);
    memset(memory, 0, bytes);
    model->dev.ops = ops;
    dimension(model, &config);
    (void)layout(model, memory);
    model->memory = memory;
    model->memory_bytes = bytes;
    memset(model->valid, 1, model->cols);
    model->bound = model->limit;
    model->mac.cycles = 1;
    model->mode_word = UINT32_MAX; /* no tile's: 0 may be one */
}

static void cycle_destroy(pcs_array_dev_t *dev)
{
    pcs_cycle_t *model = (pcs_cycle_t *)dev;
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
    pcs_cycle_t *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the cycle model");
    }
    dimension(model, config);
    model->dev.ops = &cycle_ops;
    model->memory_bytes = layout(model, NULL);
    model->memory = aligned_alloc(64, model->memory_bytes);
    if (model->memory == NULL) {
        free(model);
        return pcs_fail(err, PCS_MEMORY, "no memory for the cycle model of %u x %u PEs", config->rows, config->cols);
    }
    cycle_reset(&model->dev);
    *dev = &model->dev;
    return PCS_OK;
}
