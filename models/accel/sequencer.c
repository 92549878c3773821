#include "models/accel/sequencer.h"

#include <stdlib.h>
#include <string.h>

#include "models/array/drive.h"

enum { CHUNK_STEPS = 256 }; /* depth of the operand scratchpads, steps; no result depends on it */
enum { WORD_BYTES = 8 };    /* a register, and a sum in memory */

/* The command, latched by START: the registers that it may be at fault for. */
typedef struct command {
    uint64_t a_base, a_stride, b_base, b_stride, y_base, y_stride;
    uint64_t m, n, k, segment;
    pcs_mode_t mode;
    uint32_t mode_word;
} command_t;

/* A position in the stream of tile segments. */
typedef struct cursor {
    uint64_t m0, n0, k0;
} cursor_t;

struct pcs_seq {
    pcs_array_dev_t *dev;
    pcs_mem_t mem;
    uint64_t values[PCS_REG_COUNT]; /* of the RW registers, by row */
    uint64_t status, fault;
    uint64_t events[PCS_EVENT_COUNT];
    bool bus_error;
    command_t cmd;

    cursor_t in;             /* segment whose steps are being offered; in.m0 == m: none left */
    uint64_t step;           /* next step of it */
    uint64_t chunk0, chunk1; /* steps [chunk0, chunk1) of it are in the scratchpads */
    uint8_t *a_pad;          /* (R, CHUNK_STEPS) codes */
    uint8_t *b_pad;          /* (CHUNK_STEPS, C) codes */
    uint8_t *a_step;         /* (R) codes of one step */

    cursor_t out;     /* segment whose accumulators come next */
    uint64_t out_row; /* rows of it still to come */
    uint64_t *sums;   /* (R, C): segments of the tile so far, two's complement */
    uint8_t *bytes;   /* (C) words on their way to memory */
};

/* ---- registers --------------------------------------------------------------------------------------------------- */

static size_t row_of(uint64_t offset)
{
    for (size_t i = 0; i < PCS_REG_COUNT; i++) {
        if ((uint64_t)pcs_regs[i].offset == offset) {
            return i;
        }
    }
    return PCS_REG_COUNT;
}

static uint64_t value_of(const pcs_seq_t *seq, pcs_reg_t reg)
{
    return seq->values[row_of((uint64_t)reg)];
}

bool pcs_seq_read(const pcs_seq_t *seq, uint64_t offset, uint64_t *value)
{
    const uint64_t first_event = PCS_REG_EVENT_BASE;
    if (offset >= first_event && offset % WORD_BYTES == 0 && (offset - first_event) / WORD_BYTES < PCS_EVENT_COUNT) {
        *value = seq->events[(offset - first_event) / WORD_BYTES];
        return true;
    }
    const size_t row = row_of(offset);
    if (row == PCS_REG_COUNT || pcs_regs[row].access == PCS_ACCESS_WO) {
        return false;
    }
    switch (pcs_regs[row].offset) {
    case PCS_REG_SPEC_HASH:
        *value = seq->dev->ops->csr(seq->dev, PCS_CSR_SPEC_HASH);
        break;
    case PCS_REG_ARRAY_ROWS:
        *value = seq->dev->config.rows;
        break;
    case PCS_REG_ARRAY_COLS:
        *value = seq->dev->config.cols;
        break;
    case PCS_REG_ARRAY_KIND:
        *value = (uint64_t)seq->dev->config.kind;
        break;
    case PCS_REG_ACC_BITS:
        *value = seq->dev->config.acc_bits;
        break;
    case PCS_REG_MEM_BYTES:
        *value = seq->mem.bytes;
        break;
    case PCS_REG_STATUS:
        *value = seq->status;
        break;
    case PCS_REG_FAULT:
        *value = seq->fault;
        break;
    case PCS_REG_CYCLES:
        *value = seq->events[PCS_EVENT_CYCLE];
        break;
    default:
        *value = seq->values[row];
        break;
    }
    return true;
}

/* 0 when bytes [base, base + (rows - 1) stride + row_bytes) lie in memory, else the register to blame; `end` gets the
   end.  rows and row_bytes are at least 1. */
static pcs_reg_t range_fault(const pcs_seq_t *seq, pcs_reg_t base_reg, pcs_reg_t stride_reg, uint64_t rows,
                             uint64_t row_bytes, uint64_t *end)
{
    const uint64_t base = value_of(seq, base_reg);
    const uint64_t stride = value_of(seq, stride_reg);
    if (row_bytes > seq->mem.bytes || base > seq->mem.bytes - row_bytes) {
        return base_reg;
    }
    if (rows > 1 && stride > (seq->mem.bytes - row_bytes - base) / (rows - 1)) {
        return stride_reg;
    }
    *end = base + (rows - 1) * stride + row_bytes;
    return (pcs_reg_t)0;
}

/* The first register whose value makes no GEMM, 0 when all do. */
static pcs_reg_t command_fault(const pcs_seq_t *seq)
{
    const uint64_t m = value_of(seq, PCS_REG_M);
    const uint64_t n = value_of(seq, PCS_REG_N);
    const uint64_t k = value_of(seq, PCS_REG_K);
    const uint64_t segment = value_of(seq, PCS_REG_SEGMENT);
    const uint64_t mode = value_of(seq, PCS_REG_MODE);
    const uint64_t y_base = value_of(seq, PCS_REG_Y_BASE);
    const uint64_t y_stride = value_of(seq, PCS_REG_Y_STRIDE);
    if (m == 0) {
        return PCS_REG_M;
    }
    if (n == 0 || n > seq->mem.bytes / WORD_BYTES) {
        return PCS_REG_N;
    }
    if (k == 0) {
        return PCS_REG_K;
    }
    if (segment == 0 || segment > k) {
        return PCS_REG_SEGMENT;
    }
    if (mode > UINT32_MAX || !pcs_mode_legal((uint32_t)mode)) {
        return PCS_REG_MODE;
    }
    if (y_base % WORD_BYTES != 0) {
        return PCS_REG_Y_BASE;
    }
    if (y_stride % WORD_BYTES != 0 || (m > 1 && y_stride < n * WORD_BYTES)) {
        return PCS_REG_Y_STRIDE;
    }
    uint64_t a_end = 0;
    uint64_t b_end = 0;
    uint64_t y_end = 0;
    pcs_reg_t fault = range_fault(seq, PCS_REG_A_BASE, PCS_REG_A_STRIDE, m, k, &a_end);
    if (fault == 0) {
        fault = range_fault(seq, PCS_REG_B_BASE, PCS_REG_B_STRIDE, k, n, &b_end);
    }
    if (fault == 0) {
        fault = range_fault(seq, PCS_REG_Y_BASE, PCS_REG_Y_STRIDE, m, n * WORD_BYTES, &y_end);
    }
    if (fault == 0 && ((y_base < a_end && y_end > value_of(seq, PCS_REG_A_BASE)) ||
                       (y_base < b_end && y_end > value_of(seq, PCS_REG_B_BASE)))) {
        fault = PCS_REG_Y_BASE;
    }
    return fault;
}

static void start(pcs_seq_t *seq, uint64_t value)
{
    const pcs_reg_t fault = value == 1 ? command_fault(seq) : PCS_REG_START;
    seq->fault = (uint64_t)fault;
    seq->status = fault == 0 ? PCS_REG_STATUS_BUSY : PCS_REG_STATUS_ERROR;
}

bool pcs_seq_write(pcs_seq_t *seq, uint64_t offset, uint64_t value)
{
    const size_t row = row_of(offset);
    if (row == PCS_REG_COUNT || pcs_regs[row].access == PCS_ACCESS_RO || pcs_seq_busy(seq)) {
        return false;
    }
    if (pcs_regs[row].offset == PCS_REG_START) {
        start(seq, value);
    } else {
        seq->values[row] = value;
    }
    return true;
}

bool pcs_seq_busy(const pcs_seq_t *seq)
{
    return (seq->status & PCS_REG_STATUS_BUSY) != 0;
}

/* ---- the walk over tiles ----------------------------------------------------------------------------------------- */

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t tile_rows(const pcs_seq_t *seq, const cursor_t *at)
{
    return min_u64(seq->cmd.m - at->m0, seq->dev->config.rows);
}

static uint64_t tile_cols(const pcs_seq_t *seq, const cursor_t *at)
{
    return min_u64(seq->cmd.n - at->n0, seq->dev->config.cols);
}

static uint64_t segment_steps(const pcs_seq_t *seq, const cursor_t *at)
{
    return min_u64(seq->cmd.k - at->k0, seq->cmd.segment);
}

static void advance(const pcs_seq_t *seq, cursor_t *at)
{
    at->k0 += segment_steps(seq, at);
    if (at->k0 < seq->cmd.k) {
        return;
    }
    at->k0 = 0;
    at->n0 += tile_cols(seq, at);
    if (at->n0 < seq->cmd.n) {
        return;
    }
    at->n0 = 0;
    at->m0 += tile_rows(seq, at);
}

/* ---- operands in ------------------------------------------------------------------------------------------------- */

/* Codes from memory, as they travel in the array: the low `bits` bits, sign- or zero-extended. */
static void fetch(pcs_seq_t *seq, uint64_t addr, size_t count, unsigned bits, bool is_signed, uint8_t *codes)
{
    if (!seq->bus_error && !seq->mem.read(seq->mem.user, addr, codes, count)) {
        seq->bus_error = true;
    }
    if (seq->bus_error) {
        memset(codes, 0, count);
        return;
    }
    const unsigned sign = is_signed ? 1U << (bits - 1U) : 0U;
    const unsigned mask = (1U << bits) - 1U;
    for (size_t i = 0; i < count; i++) {
        codes[i] = (uint8_t)(((codes[i] & mask) ^ sign) - sign);
    }
}

static void fill_pads(pcs_seq_t *seq)
{
    const command_t *cmd = &seq->cmd;
    const uint64_t steps = min_u64(segment_steps(seq, &seq->in) - seq->step, CHUNK_STEPS);
    const uint64_t k = seq->in.k0 + seq->step;
    for (uint64_t r = 0; r < tile_rows(seq, &seq->in); r++) {
        fetch(seq, cmd->a_base + (seq->in.m0 + r) * cmd->a_stride + k, steps, cmd->mode.pa, cmd->mode.a_signed,
              seq->a_pad + r * CHUNK_STEPS);
    }
    for (uint64_t i = 0; i < steps; i++) {
        fetch(seq, cmd->b_base + (k + i) * cmd->b_stride + seq->in.n0, tile_cols(seq, &seq->in), cmd->mode.pb,
              cmd->mode.b_signed, seq->b_pad + i * seq->dev->config.cols);
    }
    seq->chunk0 = seq->step;
    seq->chunk1 = seq->step + steps;
}

static bool next_step(void *user, pcs_array_in_t *in)
{
    pcs_seq_t *seq = user;
    if (seq->in.m0 >= seq->cmd.m) {
        return false;
    }
    if (seq->step == seq->chunk1) {
        fill_pads(seq);
    }
    const uint64_t rows = tile_rows(seq, &seq->in);
    const uint64_t slot = seq->step - seq->chunk0;
    for (uint64_t r = 0; r < rows; r++) {
        seq->a_step[r] = seq->a_pad[r * CHUNK_STEPS + slot];
    }
    in->first = seq->step == 0;
    in->last = seq->step + 1 == segment_steps(seq, &seq->in);
    in->mode = seq->cmd.mode_word;
    in->rows = (uint8_t)rows;
    in->cols = (uint8_t)tile_cols(seq, &seq->in);
    in->a = seq->a_step;
    in->b = seq->b_pad + slot * seq->dev->config.cols;
    seq->step++;
    if (in->last) {
        advance(seq, &seq->in);
        seq->step = 0;
        seq->chunk1 = 0;
    }
    return true;
}

/* ---- results out ------------------------------------------------------------------------------------------------- */

static void store(pcs_seq_t *seq, uint64_t addr, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count * WORD_BYTES; i++) {
        seq->bytes[i] = (uint8_t)(words[i / WORD_BYTES] >> (8U * (i % WORD_BYTES)));
    }
    if (!seq->bus_error && !seq->mem.write(seq->mem.user, addr, seq->bytes, count * WORD_BYTES)) {
        seq->bus_error = true;
    }
}

static void take_row(void *user, const pcs_array_out_t *out)
{
    pcs_seq_t *seq = user;
    const command_t *cmd = &seq->cmd;
    PCS_ASSERT(seq->out.m0 < cmd->m);
    const uint64_t cols = tile_cols(seq, &seq->out);
    if (seq->out_row == 0) {
        seq->out_row = tile_rows(seq, &seq->out);
    }
    seq->out_row--; /* rows leave the array bottom first */
    uint64_t *sums = seq->sums + seq->out_row * seq->dev->config.cols;
    for (uint64_t c = 0; c < cols; c++) {
        sums[c] = (seq->out.k0 == 0 ? 0 : sums[c]) + (uint64_t)out->acc[c];
    }
    if (seq->out.k0 + segment_steps(seq, &seq->out) == cmd->k) {
        const uint64_t row = seq->out.m0 + seq->out_row;
        store(seq, cmd->y_base + row * cmd->y_stride + seq->out.n0 * WORD_BYTES, sums, cols);
    }
    if (seq->out_row == 0) {
        advance(seq, &seq->out);
    }
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static void read_events(const pcs_seq_t *seq, uint64_t *events)
{
    for (unsigned i = 0; i < PCS_EVENT_COUNT; i++) {
        events[i] = seq->dev->ops->csr(seq->dev, PCS_CSR_EVENT_BASE + i);
    }
}

pcs_status_t pcs_seq_execute(pcs_seq_t *seq, uint64_t *clocks, pcs_error_t *err)
{
    PCS_ASSERT(pcs_seq_busy(seq));
    const uint32_t mode_word = (uint32_t)value_of(seq, PCS_REG_MODE);
    seq->cmd = (command_t){
        .a_base = value_of(seq, PCS_REG_A_BASE),
        .a_stride = value_of(seq, PCS_REG_A_STRIDE),
        .b_base = value_of(seq, PCS_REG_B_BASE),
        .b_stride = value_of(seq, PCS_REG_B_STRIDE),
        .y_base = value_of(seq, PCS_REG_Y_BASE),
        .y_stride = value_of(seq, PCS_REG_Y_STRIDE),
        .m = value_of(seq, PCS_REG_M),
        .n = value_of(seq, PCS_REG_N),
        .k = value_of(seq, PCS_REG_K),
        .segment = value_of(seq, PCS_REG_SEGMENT),
        .mode = pcs_mode_unpack(mode_word),
        .mode_word = mode_word,
    };
    seq->in = (cursor_t){0, 0, 0};
    seq->out = seq->in;
    seq->step = 0;
    seq->chunk1 = 0;
    seq->out_row = 0;
    seq->bus_error = false;

    uint64_t before[PCS_EVENT_COUNT];
    read_events(seq, before);
    const pcs_drive_t drive = {.user = seq, .next = next_step, .row = take_row};
    const pcs_status_t status = pcs_array_drive(seq->dev, &drive, err);
    PCS_ASSERT(status != PCS_OK || seq->out.m0 >= seq->cmd.m); /* every result has arrived */
    seq->bus_error = seq->bus_error || status != PCS_OK;       /* either way the result is incomplete */
    read_events(seq, seq->events);
    for (unsigned i = 0; i < PCS_EVENT_COUNT; i++) {
        seq->events[i] -= before[i];
    }
    *clocks = seq->events[PCS_EVENT_CYCLE];
    return status;
}

void pcs_seq_retire(pcs_seq_t *seq)
{
    seq->status = seq->bus_error ? PCS_REG_STATUS_ERROR | PCS_REG_STATUS_BUS : PCS_REG_STATUS_DONE;
}

pcs_status_t pcs_seq_create(pcs_array_dev_t *dev, const pcs_mem_t *mem, pcs_seq_t **seq, pcs_error_t *err)
{
    const uint64_t hash = dev->ops->csr(dev, PCS_CSR_SPEC_HASH);
    if (hash != pcs_spec_hash()) {
        return pcs_fail(err, PCS_MISMATCH, "%s device: spec hash %016llx, this program has %016llx", dev->ops->name,
                        (unsigned long long)hash, (unsigned long long)pcs_spec_hash());
    }
    const size_t rows = dev->config.rows;
    const size_t cols = dev->config.cols;
    pcs_seq_t *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for a sequencer");
    }
    made->dev = dev;
    made->mem = *mem;
    made->a_pad = calloc(rows, CHUNK_STEPS);
    made->b_pad = calloc(cols, CHUNK_STEPS);
    made->a_step = calloc(rows, 1);
    made->sums = calloc(rows * cols, sizeof *made->sums);
    made->bytes = calloc(cols, WORD_BYTES);
    if (made->a_pad == NULL || made->b_pad == NULL || made->a_step == NULL || made->sums == NULL ||
        made->bytes == NULL) {
        pcs_seq_destroy(made);
        return pcs_fail(err, PCS_MEMORY, "no memory for the scratchpads of a %zu x %zu array", rows, cols);
    }
    *seq = made;
    return PCS_OK;
}

void pcs_seq_destroy(pcs_seq_t *seq)
{
    if (seq != NULL) {
        free(seq->a_pad);
        free(seq->b_pad);
        free(seq->a_step);
        free(seq->sums);
        free(seq->bytes);
        free(seq);
    }
}
