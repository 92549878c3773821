#include "models/accel/sequencer.h"

#include <stdlib.h>
#include <string.h>

#include "models/array/stream.h"

enum { WORD_BYTES = 8 };                                                        /* a register, and a sum in memory */
enum { PANEL_ROWS = PCS_ARRAY_MAX_DIM * PCS_LANES_MAX, PANELS = PCS_ACCS_MAX }; /* no result depends on them */

/* The command, latched by START: the registers that it may be at fault for. */
typedef struct command {
    uint64_t a_base, a_stride, b_base, b_stride, y_base, y_stride;
    uint64_t m, n, k, segment;
    pcs_mode_t mode;
} command_t;

/* Rows k0..k0+rows-1 of B, columns n0..: memory has them by rows, the array wants columns. */
typedef struct panel {
    bool valid;
    uint64_t k0, n0;
    size_t rows;
    uint8_t *codes; /* (PANEL_ROWS, C) */
} panel_t;

struct pcs_seq {
    pcs_array_dev_t *dev;
    pcs_mem_t mem;
    uint64_t values[PCS_REG_COUNT]; /* of the RW registers, by row */
    uint64_t status, fault;
    uint64_t events[PCS_EVENT_COUNT];
    bool bus_error;
    command_t cmd;
    panel_t panel[PANELS];
    size_t oldest;  /* panel to be filled next */
    uint64_t *sums; /* (M of the job, C) of one command: segments so far, two's complement */
    uint8_t *bytes; /* (C) words on their way to memory */
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
    case PCS_REG_ARRAY_DATAFLOW:
        *value = (uint64_t)seq->dev->config.dataflow;
        break;
    case PCS_REG_ARRAY_DIGIT:
        *value = seq->dev->config.digit;
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

/* An input-stationary array runs the transposed product: its A is B of the command. */
static bool exchanged(const pcs_seq_t *seq)
{
    return seq->dev->config.dataflow == PCS_DATAFLOW_IS;
}

static pcs_mode_t job_mode_of(const pcs_seq_t *seq, uint32_t word)
{
    const pcs_mode_t mode = pcs_mode_unpack(seq->dev->config.kind, word);
    return exchanged(seq)
               ? (pcs_mode_t){mode.pb, mode.pa, mode.b_signed, mode.a_signed, !mode.serial_b, mode.saturate, 0}
               : mode;
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
    if (!pcs_kind_is_integer(seq->dev->config.kind)) {
        return PCS_REG_ARRAY_KIND;
    }
    if (mode > UINT32_MAX || !pcs_mode_legal(seq->dev->config.kind, (uint32_t)mode)) {
        return PCS_REG_MODE;
    }
    const pcs_mode_t job_mode = job_mode_of(seq, (uint32_t)mode);
    if (segment == 0 || segment > k || segment > pcs_array_segment_max(&seq->dev->config, &job_mode)) {
        return PCS_REG_SEGMENT;
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

/* ---- operands in ------------------------------------------------------------------------------------------------- */

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

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

static void row_of_a(void *user, uint64_t m, uint64_t k, size_t count, uint16_t *codes)
{
    pcs_seq_t *seq = user;
    const command_t *cmd = &seq->cmd;
    uint8_t bytes[PANEL_ROWS];
    PCS_ASSERT(count <= PANEL_ROWS);
    fetch(seq, cmd->a_base + m * cmd->a_stride + k, count, cmd->mode.pa, cmd->mode.a_signed, bytes);
    for (size_t i = 0; i < count; i++) {
        codes[i] = bytes[i];
    }
}

/* The panel that holds rows k.. of B and the column n. */
static const panel_t *panel_of(pcs_seq_t *seq, uint64_t k, size_t rows, uint64_t n)
{
    const command_t *cmd = &seq->cmd;
    const size_t width = seq->dev->config.cols;
    const uint64_t n0 = n / width * width;
    for (size_t i = 0; i < PANELS; i++) {
        const panel_t *panel = &seq->panel[i];
        if (panel->valid && panel->k0 == k && panel->rows == rows && panel->n0 == n0) {
            return panel;
        }
    }
    panel_t *panel = &seq->panel[seq->oldest];
    seq->oldest = (seq->oldest + 1) % PANELS;
    panel->valid = true;
    panel->k0 = k;
    panel->rows = rows;
    panel->n0 = n0;
    for (size_t i = 0; i < rows; i++) {
        fetch(seq, cmd->b_base + (k + i) * cmd->b_stride + n0, (size_t)min_u64(width, cmd->n - n0), cmd->mode.pb,
              cmd->mode.b_signed, panel->codes + i * width);
    }
    return panel;
}

static void column_of_b(void *user, uint64_t n, uint64_t k, size_t count, uint16_t *codes)
{
    pcs_seq_t *seq = user;
    const size_t width = seq->dev->config.cols;
    PCS_ASSERT(count <= PANEL_ROWS);
    const panel_t *panel = panel_of(seq, k, count, n);
    for (size_t i = 0; i < count; i++) {
        codes[i] = panel->codes[i * width + (size_t)(n - panel->n0)];
    }
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

/* A complete row of the job: part of a row of Y, or exchanged, of a column. */
static void store_row(pcs_seq_t *seq, const pcs_stream_row_t *row, const uint64_t *sums)
{
    const command_t *cmd = &seq->cmd;
    if (!exchanged(seq)) {
        store(seq, cmd->y_base + row->m * cmd->y_stride + row->n0 * WORD_BYTES, sums, row->cols);
        return;
    }
    for (uint32_t c = 0; c < row->cols; c++) {
        store(seq, cmd->y_base + (row->n0 + c) * cmd->y_stride + row->m * WORD_BYTES, sums + c, 1);
    }
}

static void take_row(void *user, const pcs_stream_row_t *row)
{
    pcs_seq_t *seq = user;
    uint64_t *sums = seq->sums + row->m * seq->dev->config.cols;
    for (uint32_t c = 0; c < row->cols; c++) {
        sums[c] = (row->segment == 0 ? 0 : sums[c]) + (uint64_t)row->acc[c];
    }
    if (row->group_done) {
        store_row(seq, row, sums);
    }
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static void read_events(const pcs_seq_t *seq, uint64_t *events)
{
    for (unsigned i = 0; i < PCS_EVENT_COUNT; i++) {
        events[i] = seq->dev->ops->csr(seq->dev, PCS_CSR_EVENT_BASE + i);
    }
}

static pcs_status_t run_job(pcs_seq_t *seq, pcs_error_t *err)
{
    const command_t *cmd = &seq->cmd;
    const bool swap = exchanged(seq);
    const pcs_stream_job_t job = {
        .job = {.m = swap ? cmd->n : cmd->m,
                .n = swap ? cmd->m : cmd->n,
                .k = cmd->k,
                .groups = 1,
                .segment = cmd->segment,
                .mode = job_mode_of(seq, pcs_mode_pack(&cmd->mode))},
        .user = seq,
        .fetch_a = swap ? column_of_b : row_of_a,
        .fetch_b = swap ? row_of_a : column_of_b,
        .row = take_row,
    };
    seq->sums = calloc(job.job.m * seq->dev->config.cols, sizeof *seq->sums);
    if (seq->sums == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the sums of a command");
    }
    const pcs_status_t status = pcs_stream_run(seq->dev, &job, 1, err);
    free(seq->sums);
    seq->sums = NULL;
    return status;
}

pcs_status_t pcs_seq_execute(pcs_seq_t *seq, uint64_t *clocks, pcs_error_t *err)
{
    PCS_ASSERT(pcs_seq_busy(seq));
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
        .mode = pcs_mode_unpack(seq->dev->config.kind, (uint32_t)value_of(seq, PCS_REG_MODE)),
    };
    seq->bus_error = false;
    for (size_t i = 0; i < PANELS; i++) {
        seq->panel[i].valid = false;
    }
    uint64_t before[PCS_EVENT_COUNT];
    read_events(seq, before);
    const pcs_status_t status = run_job(seq, err);
    seq->bus_error = seq->bus_error || status != PCS_OK; /* either way the result is incomplete */
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
    const size_t cols = dev->config.cols;
    pcs_seq_t *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for a sequencer");
    }
    made->dev = dev;
    made->mem = *mem;
    uint8_t *codes = calloc(cols, PANELS * PANEL_ROWS);
    for (size_t i = 0; i < PANELS && codes != NULL; i++) {
        made->panel[i].codes = codes + i * PANEL_ROWS * cols;
    }
    made->bytes = calloc(cols, WORD_BYTES);
    if (codes == NULL || made->bytes == NULL) {
        pcs_seq_destroy(made);
        return pcs_fail(err, PCS_MEMORY, "no memory for the scratchpads of an array of %zu columns", cols);
    }
    *seq = made;
    return PCS_OK;
}

void pcs_seq_destroy(pcs_seq_t *seq)
{
    if (seq != NULL) {
        free(seq->panel[0].codes);
        free(seq->bytes);
        free(seq);
    }
}
