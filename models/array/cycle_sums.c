/* The cycle model's products: lanes of words to values, values to sums.  Where no accumulator can overflow, sums of
   many steps are made in one block; else one step after the other by the definition of accumulation. */
#include <string.h>

#include "models/array/cycle_internal.h"
#include "models/spec/isa.h"

/* Columns of a vector; rows of a block at a time; inner products from which narrow sums are worth widening. */
enum { VECTOR = 16, ROWS = 8, RUN = 8 };

/* Compilers do not vectorise the loops that matter if they are written out: vector types, VECTOR columns at a time. */
typedef uint32_t words_t __attribute__((vector_size(VECTOR * sizeof(uint32_t))));
typedef int32_t sums_t __attribute__((vector_size(VECTOR * sizeof(int32_t))));
typedef uint32_t pairs_t __attribute__((vector_size(VECTOR * sizeof(int16_t))));
typedef int16_t values_t __attribute__((vector_size(VECTOR * sizeof(int16_t))));

/* How a lane of a word becomes a value: ((word & mask) ^ sign) - sign. */
typedef struct coding {
    uint32_t mask, sign;
} coding_t;

static inline coding_t coding_of(const pcs_cycle_codes_t *codes)
{
    return (coding_t){.mask = (UINT32_C(1) << codes->field) - 1U,
                      .sign = codes->is_signed ? UINT32_C(1) << (codes->field - 1U) : 0};
}

PCS_CLONES void pcs_cycle_decode_twice(const pcs_cycle_codes_t *codes, const uint32_t *words, uint32_t *values)
{
    const unsigned field = codes->field;
    const size_t stride = codes->stride;
    const coding_t coding = coding_of(codes);
    const uint32_t mask = coding.mask;
    const uint32_t sign = coding.sign;
    for (size_t s = 0; s < codes->steps; s++, words += codes->words, values += codes->values) {
        size_t i = 0;
        for (; i + VECTOR <= codes->count; i += VECTOR) {
            words_t word;
            memcpy(&word, words + i, sizeof word);
            for (unsigned lane = 0; lane < codes->lanes; lane++) {
                const words_t value = ((word & mask) ^ sign) - sign;
                const words_t twice = (value << 16U) | (value & 0xFFFFU);
                memcpy(values + lane * stride + i, &twice, sizeof twice);
                word >>= field;
            }
        }
        for (; i < codes->count; i++) {
            for (unsigned lane = 0; lane < codes->lanes; lane++) {
                const uint32_t value = (((words[i] >> (lane * field)) & mask) ^ sign) - sign;
                values[lane * stride + i] = (value << 16U) | (value & 0xFFFFU);
            }
        }
    }
}

PCS_CLONES void pcs_cycle_decode_values(const pcs_cycle_codes_t *codes, const uint32_t *words, size_t padded,
                                        int16_t *values)
{
    const unsigned field = codes->field;
    const size_t stride = codes->stride;
    const coding_t coding = coding_of(codes);
    const uint32_t mask = coding.mask;
    const uint32_t sign = coding.sign;
    for (size_t s = 0; s < codes->steps; s++, words += codes->words, values += codes->values) {
        size_t i = 0;
        for (; i + VECTOR <= codes->count; i += VECTOR) {
            words_t word;
            memcpy(&word, words + i, sizeof word);
            for (unsigned lane = 0; lane < codes->lanes; lane++) {
                const values_t value = __builtin_convertvector(((word & mask) ^ sign) - sign, values_t);
                memcpy(values + lane * stride + i, &value, sizeof value);
                word >>= field;
            }
        }
        for (; i < padded; i++) {
            uint32_t word = i < codes->count ? words[i] : 0;
            for (unsigned lane = 0; lane < codes->lanes; lane++) {
                values[lane * stride + i] = (int16_t)((int32_t)((word & mask) ^ sign) - (int32_t)sign);
                word >>= field;
            }
        }
    }
}

PCS_CLONES static void add_products(unsigned n, int32_t x, const int16_t *restrict y, int64_t *restrict acc)
{
    for (unsigned c = 0; c < n; c++) {
        acc[c] += x * y[c];
    }
}

/* The definition, for one accumulator of one row: x, y are `lanes` values each, y's y_stride apart. */
static void add_exactly(const pcs_cycle_t *model, bool saturate, unsigned lanes, const uint32_t *x, size_t x_stride,
                        const int16_t *y, size_t y_stride, unsigned n, int64_t *acc, uint8_t *ovf)
{
    for (unsigned c = 0; c < n; c++) {
        int64_t product = 0;
        for (unsigned lane = 0; lane < lanes; lane++) {
            product += (int16_t)x[lane * x_stride] * y[lane * y_stride + c];
        }
        const pcs_acc_t sum =
            pcs_acc_add((pcs_acc_t){acc[c], ovf[c] != 0}, product, model->dev.config.acc_bits, saturate);
        acc[c] = sum.value;
        ovf[c] = sum.overflow;
    }
}

void pcs_cycle_accumulate(const pcs_cycle_t *model, uint64_t step, unsigned r, pcs_cycle_line_t y, unsigned n,
                          bool fresh, bool safe, int64_t *acc, uint8_t *ovf, size_t stride)
{
    if (n == 0) {
        return;
    }
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    for (unsigned i = 0; fresh && i < model->accs; i++) {
        memset(acc + i * stride, 0, n * sizeof *acc);
        memset(ovf + i * stride, 0, n);
    }
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, at->mode);
    if (model->aligned) {
        const pcs_cycle_terms_t one = {.rows = 1, .inner = 1, .cols = n};
        pcs_cycle_add_terms(model, &mode, &one, model->term_a + pcs_cycle_slot(model, step) * model->rows + r, y.term,
                            acc, ovf);
        return;
    }
    const uint32_t *x = model->value_a + pcs_cycle_slot(model, step) * model->lanes * model->rows + r;
    const bool apart = model->accs > 1;
    if (safe) {
        for (unsigned lane = 0; lane < at->mac.lanes; lane++) {
            add_products(n, (int16_t)x[lane * model->rows], y.value + lane * y.stride,
                         acc + (apart ? lane * stride : 0));
        }
        return;
    }
    if (!apart) {
        add_exactly(model, mode.saturate, at->mac.lanes, x, model->rows, y.value, y.stride, n, acc, ovf);
        return;
    }
    for (unsigned lane = 0; lane < at->mac.lanes; lane++) {
        add_exactly(model, mode.saturate, 1, x + lane * model->rows, 0, y.value + lane * y.stride, 0, n,
                    acc + lane * stride, ovf + lane * stride);
    }
}

/* Adds VECTOR sums to what is there. */
static inline void add_sums(const sums_t *part, int32_t *sum)
{
    sums_t total;
    memcpy(&total, sum, sizeof total);
    total += *part;
    memcpy(sum, &total, sizeof total);
}

/* Inner products from..to-1 of `rows` rows (a constant, at most ROWS) of a block, VECTOR columns. */
static inline __attribute__((always_inline)) void block_rows(const pcs_cycle_block_t *block, unsigned rows, size_t from,
                                                             size_t to, const uint32_t *x, const int16_t *y,
                                                             int32_t *sum)
{
    sums_t part[ROWS] = {{0}};
    for (size_t k = from; k < to; k++) {
        for (unsigned lane = 0; lane < block->lanes; lane++) {
            values_t line;
            memcpy(&line, y + k * block->y_inner + lane * block->y_lane, sizeof line);
            const sums_t wide = __builtin_convertvector(line, sums_t);
            const uint32_t *at = x + k * block->x_inner + lane * block->x_lane;
            for (unsigned r = 0; r < rows; r++) {
                part[r] += (int16_t)at[r * block->x_row] * wide;
            }
        }
    }
    for (unsigned r = 0; r < rows; r++) {
        add_sums(&part[r], sum + r * block->width);
    }
}

/* The same where the sums fit in 16 bits. */
static inline __attribute__((always_inline)) void block_rows_narrow(const pcs_cycle_block_t *block, unsigned rows,
                                                                    size_t from, size_t to, const uint32_t *x,
                                                                    const int16_t *y, int32_t *sum)
{
    const pairs_t none = {0}; /* or with it spreads a word, without a shuffle as 16 bits would need */
    values_t part[ROWS] = {{0}};
    for (size_t k = from; k < to; k++) {
        for (unsigned lane = 0; lane < block->lanes; lane++) {
            values_t line;
            memcpy(&line, y + k * block->y_inner + lane * block->y_lane, sizeof line);
            const uint32_t *at = x + k * block->x_inner + lane * block->x_lane;
            for (unsigned r = 0; r < rows; r++) {
                part[r] += (values_t)(at[r * block->x_row] | none) * line;
            }
        }
    }
    for (unsigned r = 0; r < rows; r++) {
        const sums_t wide = __builtin_convertvector(part[r], sums_t);
        add_sums(&wide, sum + r * block->width);
    }
}

/* `rows` rows, in runs of inner products whose sums fit in 16 bits if such runs are long enough to be worth it. */
static inline __attribute__((always_inline)) void block_some(const pcs_cycle_block_t *block, unsigned rows,
                                                             const uint32_t *x, const int16_t *y, int32_t *sum)
{
    const size_t fit = INT16_MAX / ((size_t)block->lanes * block->reach);
    if (fit < RUN && fit < block->inner) {
        block_rows(block, rows, 0, block->inner, x, y, sum);
        return;
    }
    for (size_t k = 0; k < block->inner; k += fit) {
        block_rows_narrow(block, rows, k, k + fit < block->inner ? k + fit : block->inner, x, y, sum);
    }
}

PCS_CLONES void pcs_cycle_block(const pcs_cycle_block_t *block, const uint32_t *x, const int16_t *y, int32_t *sum)
{
    for (size_t c = 0; c < block->width; c += VECTOR) {
        unsigned r = 0;
        for (; r + ROWS <= block->rows; r += ROWS) {
            block_some(block, ROWS, x + r * block->x_row, y + c, sum + r * block->width + c);
        }
        for (; r < block->rows; r++) {
            block_some(block, 1, x + r * block->x_row, y + c, sum + r * block->width + c);
        }
    }
}

/* ---- WS: rows of sums ---- */

/* row[c * stride] = sum[c] */
PCS_CLONES static void spread(unsigned n, unsigned stride, const int32_t *restrict sum, int64_t *restrict row)
{
    if (stride == 1) {
        for (unsigned c = 0; c < n; c++) {
            row[c] = sum[c];
        }
        return;
    }
    for (unsigned c = 0; c < n; c++) {
        row[(size_t)c * stride] = sum[c];
    }
}

/* Rows of sums of `count` steps of the running tile from `from` on, next to each other in the ring; no overflow. */
static void sum_run(pcs_cycle_t *model, uint64_t from, size_t count)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const size_t slot = pcs_cycle_slot(model, from);
    const size_t x_row = (size_t)model->lanes * model->rows;
    const size_t plane = model->rows * model->width;
    const size_t row_words = (size_t)model->cols * model->accs;
    const bool apart = model->accs > 1;
    const pcs_cycle_block_t block = {.rows = (unsigned)count,
                                     .inner = step->rows,
                                     .lanes = apart ? 1 : step->mac.lanes,
                                     .width = model->width,
                                     .reach = step->reach / (apart ? 1 : step->mac.lanes),
                                     .x_row = x_row,
                                     .x_inner = 1,
                                     .x_lane = model->rows,
                                     .y_inner = model->width,
                                     .y_lane = plane};
    const uint32_t *x = model->value_a + slot * x_row + step->top;
    const int16_t *y = model->weight + step->top * model->width;
    for (unsigned i = 0; i < model->accs; i++) {
        memset(model->sum32, 0, count * model->width * sizeof *model->sum32);
        if (i < step->mac.lanes) {
            pcs_cycle_block(&block, x + i * model->rows, y + i * plane, model->sum32);
        }
        for (size_t t = 0; t < count; t++) {
            spread(model->cols, model->accs, model->sum32 + t * model->width,
                   model->row_sum + (slot + t) * row_words + i);
        }
    }
    memset(model->row_ovf + slot * row_words, 0, count * row_words);
}

/* The same of an aligned kind. */
static void sum_terms(pcs_cycle_t *model, uint64_t from, size_t count)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
    const pcs_mode_t mode = pcs_mode_unpack(model->dev.config.kind, step->mode);
    const size_t slot = pcs_cycle_slot(model, from);
    const pcs_cycle_terms_t block = {
        .rows = count, .inner = step->rows, .cols = step->cols, .x_row = model->rows, .x_inner = 1};
    int64_t *acc = model->live.sum;
    uint8_t *flags = model->live.sum_ovf;
    memset(acc, 0, count * model->width * sizeof *acc);
    memset(flags, 0, count * model->width);
    pcs_cycle_add_terms(model, &mode, &block, model->term_a + slot * model->rows + step->top,
                        model->weight_term + step->top * model->width, acc, flags);
    for (size_t t = 0; t < count; t++) {
        memcpy(model->row_sum + (slot + t) * model->cols, acc + t * model->width, model->cols * sizeof *acc);
        memcpy(model->row_ovf + (slot + t) * model->cols, flags + t * model->width, model->cols);
    }
}

/* A row of sums by definition, row by row of the array. */
static void sum_exactly(pcs_cycle_t *model, uint64_t at)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
    const size_t row_words = (size_t)model->cols * model->accs;
    int64_t *acc = model->live.sum;
    uint8_t *ovf = model->live.sum_ovf;
    memset(acc, 0, model->accs * model->width * sizeof *acc);
    memset(ovf, 0, model->accs * model->width);
    for (unsigned r = step->top; r < model->rows; r++) {
        pcs_cycle_accumulate(model, at, r, pcs_cycle_line_of_row(model, r), step->cols, false, false, acc, ovf,
                             model->width);
    }
    const size_t slot = pcs_cycle_slot(model, at);
    for (unsigned c = 0; c < model->cols; c++) {
        for (unsigned i = 0; i < model->accs; i++) {
            model->row_sum[slot * row_words + c * model->accs + i] = acc[i * model->width + c];
            model->row_ovf[slot * row_words + c * model->accs + i] = ovf[i * model->width + c];
        }
    }
}

void pcs_cycle_sum_rows(pcs_cycle_t *model)
{
    pcs_cycle_decode(model);
    while (model->summed < model->accepted) {
        const uint64_t from = model->summed;
        const pcs_cycle_step_t *step = pcs_cycle_step_at(model, from);
        uint64_t to = from + 1;
        if (step->stream && (int64_t)step->rows * step->reach > model->limit) {
            sum_exactly(model, from);
        } else if (step->stream) {
            while (to < model->accepted && pcs_cycle_slot(model, to) != 0 && pcs_cycle_step_at(model, to)->stream) {
                to++;
            }
            (model->aligned ? sum_terms : sum_run)(model, from, (size_t)(to - from));
        }
        model->summed = to;
    }
}
