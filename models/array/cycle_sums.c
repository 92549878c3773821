/* The cycle model's products: lanes of words to values, values to sums.  Where no accumulator can overflow, sums of
   many steps are made in one block; else one step after the other by the definition of accumulation. */
#include <string.h>

#include "models/array/cycle_internal.h"
#include "models/spec/isa.h"

enum { VECTOR = 16 };

/* Compilers do not vectorise the loops that matter if they are written out: vector types, VECTOR columns at a time. */
typedef uint32_t words_t __attribute__((vector_size(VECTOR * sizeof(uint32_t))));
typedef int32_t sums_t __attribute__((vector_size(VECTOR * sizeof(int32_t))));
typedef int16_t values_t __attribute__((vector_size(VECTOR * sizeof(int16_t))));

PCS_CLONES static void decode_lane(unsigned shift, unsigned field, uint32_t sign, const uint32_t *words, size_t count,
                                   int16_t *values)
{
    const uint32_t mask = (UINT32_C(1) << field) - 1U;
    size_t i = 0;
    for (; i + VECTOR <= count; i += VECTOR) {
        words_t word;
        memcpy(&word, words + i, sizeof word);
        const words_t value = (((word >> shift) & mask) ^ sign) - sign;
        const values_t narrow = __builtin_convertvector(value, values_t);
        memcpy(values + i, &narrow, sizeof narrow);
    }
    for (; i < count; i++) {
        values[i] = (int16_t)((int32_t)(((words[i] >> shift) & mask) ^ sign) - (int32_t)sign);
    }
}

PCS_CLONES void pcs_cycle_copy(const uint32_t *words, size_t count, uint32_t *copy)
{
    size_t i = 0;
    for (; i + VECTOR <= count; i += VECTOR) {
        memcpy(copy + i, words + i, VECTOR * sizeof *copy);
    }
    for (; i < count; i++) {
        copy[i] = words[i];
    }
}

void pcs_cycle_decode(const pcs_mac_step_t *mac, unsigned field, bool is_signed, const uint32_t *words, size_t count,
                      size_t padded, int16_t *values, size_t stride)
{
    const uint32_t sign = is_signed ? UINT32_C(1) << (field - 1U) : 0;
    for (unsigned lane = 0; lane < mac->lanes; lane++, values += stride) {
        decode_lane(lane * field, field, sign, words, count, values);
        if (padded > count) {
            memset(values + count, 0, (padded - count) * sizeof *values);
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
static void add_exactly(const pcs_cycle_t *model, bool saturate, unsigned lanes, const int16_t *x, size_t x_stride,
                        const int16_t *y, size_t y_stride, unsigned n, int64_t *acc, uint8_t *ovf)
{
    for (unsigned c = 0; c < n; c++) {
        int64_t product = 0;
        for (unsigned lane = 0; lane < lanes; lane++) {
            product += x[lane * x_stride] * y[lane * y_stride + c];
        }
        const pcs_acc_t sum =
            pcs_acc_add((pcs_acc_t){acc[c], ovf[c] != 0}, product, model->dev.config.acc_bits, saturate);
        acc[c] = sum.value;
        ovf[c] = sum.overflow;
    }
}

void pcs_cycle_accumulate(const pcs_cycle_t *model, uint64_t step, unsigned r, const int16_t *y, size_t y_stride,
                          unsigned n, bool fresh, bool safe, int64_t *acc, uint8_t *ovf, size_t stride)
{
    if (n == 0) {
        return;
    }
    const pcs_cycle_step_t *at = pcs_cycle_step_at(model, step);
    const int16_t *x = model->value_a + pcs_cycle_slot(model, step) * model->lanes * model->rows + r;
    for (unsigned i = 0; fresh && i < model->accs; i++) {
        memset(acc + i * stride, 0, n * sizeof *acc);
        memset(ovf + i * stride, 0, n);
    }
    const bool apart = model->accs > 1;
    if (safe) {
        for (unsigned lane = 0; lane < at->mac.lanes; lane++) {
            add_products(n, x[lane * model->rows], y + lane * y_stride, acc + (apart ? lane * stride : 0));
        }
        return;
    }
    const bool saturate = pcs_mode_unpack(at->mode).saturate;
    if (!apart) {
        add_exactly(model, saturate, at->mac.lanes, x, model->rows, y, y_stride, n, acc, ovf);
        return;
    }
    for (unsigned lane = 0; lane < at->mac.lanes; lane++) {
        add_exactly(model, saturate, 1, x + lane * model->rows, 0, y + lane * y_stride, 0, n, acc + lane * stride,
                    ovf + lane * stride);
    }
}

/* Four rows of a block, VECTOR columns. */
static inline void block4(const int16_t *const x[4], size_t inner, size_t x_inner, const int16_t *y, size_t y_inner,
                          int32_t *const sum[4])
{
    sums_t part[4] = {{0}};
    for (size_t k = 0; k < inner; k++) {
        values_t line;
        memcpy(&line, y + k * y_inner, sizeof line);
        const sums_t wide = __builtin_convertvector(line, sums_t);
        part[0] += (int32_t)x[0][k * x_inner] * wide;
        part[1] += (int32_t)x[1][k * x_inner] * wide;
        part[2] += (int32_t)x[2][k * x_inner] * wide;
        part[3] += (int32_t)x[3][k * x_inner] * wide;
    }
    for (unsigned i = 0; i < 4; i++) {
        sums_t total;
        memcpy(&total, sum[i], sizeof total);
        total += part[i];
        memcpy(sum[i], &total, sizeof total);
    }
}

/* The same where the sums fit in 16 bits. */
static inline void block4_narrow(const int16_t *const x[4], size_t inner, size_t x_inner, const int16_t *y,
                                 size_t y_inner, int32_t *const sum[4])
{
    values_t part[4] = {{0}};
    for (size_t k = 0; k < inner; k++) {
        values_t line;
        memcpy(&line, y + k * y_inner, sizeof line);
        part[0] += x[0][k * x_inner] * line;
        part[1] += x[1][k * x_inner] * line;
        part[2] += x[2][k * x_inner] * line;
        part[3] += x[3][k * x_inner] * line;
    }
    for (unsigned i = 0; i < 4; i++) {
        sums_t total;
        memcpy(&total, sum[i], sizeof total);
        total += __builtin_convertvector(part[i], sums_t);
        memcpy(sum[i], &total, sizeof total);
    }
}

PCS_CLONES void pcs_cycle_block(unsigned rows, size_t inner, size_t width, const int16_t *x, size_t x_row,
                                size_t x_inner, const int16_t *y, size_t y_inner, uint32_t reach, int32_t *sum)
{
    const bool narrow = inner * reach <= INT16_MAX;
    int32_t unused[VECTOR] = {0};
    for (unsigned r = 0; r < rows; r += 4) {
        const unsigned count = rows - r < 4 ? rows - r : 4;
        for (size_t c = 0; c < width; c += VECTOR) {
            const int16_t *line[4];
            int32_t *at[4];
            for (unsigned i = 0; i < 4; i++) {
                line[i] = x + (i < count ? r + i : r) * x_row;
                at[i] = i < count ? sum + (r + i) * width + c : unused;
            }
            if (narrow) {
                block4_narrow(line, inner, x_inner, y + c, y_inner, at);
            } else {
                block4(line, inner, x_inner, y + c, y_inner, at);
            }
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
    const uint32_t reach = step->reach / (model->accs > 1 ? 1 : step->mac.lanes); /* of one product */
    const size_t plane = model->rows * model->width;
    const size_t row_words = (size_t)model->cols * model->accs;
    for (unsigned i = 0; i < model->accs; i++) {
        memset(model->sum32, 0, count * model->width * sizeof *model->sum32);
        for (unsigned lane = i; lane < (model->accs > 1 ? i + 1 : step->mac.lanes) && lane < step->mac.lanes; lane++) {
            pcs_cycle_block((unsigned)count, step->rows, model->width,
                            model->value_a + slot * x_row + lane * model->rows + step->top, x_row, 1,
                            model->weight + lane * plane + step->top * model->width, model->width, reach, model->sum32);
        }
        for (size_t t = 0; t < count; t++) {
            spread(model->cols, model->accs, model->sum32 + t * model->width,
                   model->row_sum + (slot + t) * row_words + i);
        }
    }
    memset(model->row_ovf + slot * row_words, 0, count * row_words);
}

/* A row of sums by definition, row by row of the array. */
static void sum_exactly(pcs_cycle_t *model, uint64_t at)
{
    const pcs_cycle_step_t *step = pcs_cycle_step_at(model, at);
    const size_t plane = model->rows * model->width;
    const size_t row_words = (size_t)model->cols * model->accs;
    int64_t *acc = model->live.sum;
    uint8_t *ovf = model->live.sum_ovf;
    memset(acc, 0, model->accs * model->width * sizeof *acc);
    memset(ovf, 0, model->accs * model->width);
    for (unsigned r = step->top; r < model->rows; r++) {
        pcs_cycle_accumulate(model, at, r, model->weight + r * model->width, plane, step->cols, false, false, acc, ovf,
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
            sum_run(model, from, (size_t)(to - from));
        }
        model->summed = to;
    }
}
