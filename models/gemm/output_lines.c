/* The output stage a line of positions at a time.  The formulas are those of gemm.h, each rounding in its place;
   integers are taken modulo 2^32, which pcs_output_narrow makes exact. */
#include <string.h>

#include "models/gemm/output.h"
#include "models/spec/isa.h"

enum { STRIP = 16 };

bool pcs_output_simple(const pcs_gemm_t *gemm)
{
    const pcs_patch_t *patch = gemm->a.patch;
    const bool even = (gemm->y.h == 1 && gemm->y.w == 1) || (patch != NULL && gemm->y.w == patch->out_w);
    return gemm->y.sums == NULL && patch != NULL && !gemm->a.transposed && gemm->a.affine.grain == PCS_GRAIN_TENSOR &&
           even && (gemm->group == 0 || gemm->group == gemm->k) && pcs_output_narrow(gemm);
}

static size_t classes_of(const pcs_sums_t *sums)
{
    return sums->cols != NULL ? sums->classes : 1;
}

static void *part(char *memory, size_t *at, size_t elements)
{
    void *here = memory == NULL ? NULL : memory + *at;
    *at += (elements * sizeof(int32_t) + 63U) / 64U * 64U;
    return here;
}

static size_t place(pcs_lines_t *lines, const pcs_sums_t *sums, char *memory)
{
    const size_t classes = classes_of(sums);
    const size_t columns = sums->columns;
    size_t at = 0;
    lines->scale = part(memory, &at, columns);
    lines->weight = part(memory, &at, columns);
    lines->factor = part(memory, &at, columns);
    lines->bias = part(memory, &at, classes * columns);
    lines->of_cols = part(memory, &at, classes * columns);
    lines->of_count = part(memory, &at, classes * columns);
    lines->less = part(memory, &at, classes);
    return at;
}

size_t pcs_lines_size(const pcs_sums_t *sums)
{
    pcs_lines_t lines;
    return place(&lines, sums, NULL);
}

void pcs_lines_init(pcs_lines_t *lines, const pcs_gemm_t *gemm, const pcs_sums_t *sums, int32_t ob, const int32_t *less,
                    char *memory)
{
    const pcs_affine_t *a = &gemm->a.affine;
    const pcs_affine_t *b = &gemm->b.affine;
    const float offset_a = a->offset != NULL ? a->offset[0] : 0.0F;
    const int32_t zero_a = a->zero != NULL ? a->zero[0] : 0;
    const size_t columns = sums->columns;
    (void)place(lines, sums, memory);
    lines->gemm = gemm;
    lines->sums = sums;
    for (size_t c = 0; c < classes_of(sums); c++) {
        const int32_t count = sums->cols != NULL ? (int32_t)sums->count[c] : 0;
        lines->less[c] = count * zero_a;
        for (size_t j = 0; j < columns; j++) {
            const size_t at = pcs_affine_of_b(gemm, j, 0);
            const int32_t zero_b = b->zero != NULL ? b->zero[at] : 0;
            const float offset_b = b->offset != NULL ? b->offset[at] : 0.0F;
            const int32_t cols = sums->cols != NULL ? (int32_t)sums->cols[c * columns + j] : 0;
            const uint32_t of_zeros = (uint32_t)lines->less[c] * (uint32_t)zero_b - (uint32_t)zero_a * (uint32_t)cols;
            const float cols_weight = offset_a * b->scale[at];
            const float count_weight = offset_a * offset_b;
            lines->scale[j] = a->scale[0] * b->scale[at];
            lines->weight[j] = a->scale[0] * offset_b;
            lines->factor[j] = zero_b - ob;
            lines->bias[c * columns + j] = (int32_t)(of_zeros - (uint32_t)less[j]);
            lines->of_cols[c * columns + j] = cols_weight * (float)(cols - count * zero_b);
            lines->of_count[c * columns + j] = count_weight * (float)count;
        }
    }
}

/* `count` columns from j of a line's positions, whose first is of class `first`; what the columns bring stays in
   registers. Which offsets exist is constant where it is inlined. */
__attribute__((always_inline)) static inline void strip(const pcs_lines_t *lines, size_t first, size_t j, size_t count,
                                                        const int32_t *restrict p, size_t ld,
                                                        const int32_t *restrict row_sums, float *restrict y,
                                                        size_t distance, bool offset_a, bool offset_b)
{
    const size_t rows = lines->gemm->a.patch->out_w;
    const size_t n = lines->gemm->n;
    const uint32_t *class_x = lines->sums->cols != NULL ? lines->sums->class_x : NULL;
    float scale[STRIP];
    float weight[STRIP];
    int32_t factor[STRIP];
    memcpy(scale, lines->scale + j, count * sizeof *scale);
    memcpy(weight, lines->weight + j, count * sizeof *weight);
    memcpy(factor, lines->factor + j, count * sizeof *factor);
    for (size_t i = 0; i < rows; i++) {
        const size_t id = class_x != NULL ? first + class_x[i] : 0;
        const int32_t *bias = lines->bias + id * n + j;
        const float *of_cols = lines->of_cols + id * n + j;
        const float *of_count = lines->of_count + id * n + j;
        const int32_t sum = row_sums != NULL ? row_sums[i] : 0;
        const float real = (float)(sum - lines->less[id]);
        for (size_t c = 0; c < count; c++) {
            const uint32_t exact = (uint32_t)p[i * ld + c] - (uint32_t)sum * (uint32_t)factor[c] + (uint32_t)bias[c];
            float value = scale[c] * (float)(int32_t)exact;
            if (offset_b) {
                const float term = weight[c] * real;
                value = value + term;
            }
            if (offset_a) {
                value = value + of_cols[c];
            }
            if (offset_a && offset_b) {
                value = value + of_count[c];
            }
            y[i * distance + c] = value;
        }
    }
}

#define DEFINE_LINE(name, offset_a, offset_b)                                                                          \
    PCS_CLONES static void name(const pcs_lines_t *lines, size_t first, const int32_t *p, size_t ld,                   \
                                const int32_t *row_sums, float *y, size_t distance)                                    \
    {                                                                                                                  \
        const size_t n = lines->gemm->n;                                                                               \
        size_t j = 0;                                                                                                  \
        for (; j + STRIP <= n; j += STRIP) {                                                                           \
            strip(lines, first, j, STRIP, p + j, ld, row_sums, y + j, distance, offset_a, offset_b);                   \
        }                                                                                                              \
        if (j < n) {                                                                                                   \
            strip(lines, first, j, n - j, p + j, ld, row_sums, y + j, distance, offset_a, offset_b);                   \
        }                                                                                                              \
    }
DEFINE_LINE(line_plain, false, false)
DEFINE_LINE(line_a, true, false)
DEFINE_LINE(line_b, false, true)
DEFINE_LINE(line_both, true, true)

void pcs_output_line(const pcs_lines_t *lines, size_t m0, const int32_t *p, size_t ld, const int32_t *row_sums)
{
    const pcs_gemm_t *gemm = lines->gemm;
    const pcs_result_t *y = &gemm->y;
    float *first = pcs_result_row(y, m0);
    const size_t distance = y->w > 1 || y->h > 1 ? y->stride_x : y->stride_image;
    const pcs_sums_t *sums = lines->sums;
    const size_t class = sums->cols != NULL ? pcs_row_class(sums, gemm, m0) - sums->class_x[0] : 0;
    const bool offset_a = gemm->a.affine.offset != NULL;
    const bool offset_b = gemm->b.affine.offset != NULL;
    if (offset_a) {
        (offset_b ? line_both : line_a)(lines, class, p, ld, row_sums, first, distance);
    } else {
        (offset_b ? line_b : line_plain)(lines, class, p, ld, row_sums, first, distance);
    }
}

/* ---- a row sum for every column -------------------------------------------------------------------------------------
 */

__attribute__((always_inline)) static inline void columns(const pcs_lines_t *lines, size_t class_at, int32_t less,
                                                          size_t j0, size_t count, const int32_t *restrict p,
                                                          const int32_t *restrict row_sums, float *restrict y,
                                                          bool offset_a, bool offset_b)
{
    const float *scale = lines->scale + j0;
    const float *weight = lines->weight + j0;
    const int32_t *factor = lines->factor + j0;
    const int32_t *bias = lines->bias + class_at + j0;
    const float *of_cols = lines->of_cols + class_at + j0;
    const float *of_count = lines->of_count + class_at + j0;
    for (size_t j = 0; j < count; j++) {
        const uint32_t sum = (uint32_t)row_sums[j];
        const uint32_t exact = (uint32_t)p[j] - sum * (uint32_t)factor[j] + (uint32_t)bias[j];
        float value = scale[j] * (float)(int32_t)exact;
        if (offset_b) {
            const float term = weight[j] * (float)(row_sums[j] - less);
            value = value + term;
        }
        if (offset_a) {
            value = value + of_cols[j];
        }
        if (offset_a && offset_b) {
            value = value + of_count[j];
        }
        y[j] = value;
    }
}

#define DEFINE_COLUMNS(name, offset_a, offset_b)                                                                       \
    PCS_CLONES static void name(const pcs_lines_t *lines, size_t class_at, int32_t less, size_t j0, size_t count,      \
                                const int32_t *p, const int32_t *row_sums, float *y)                                   \
    {                                                                                                                  \
        columns(lines, class_at, less, j0, count, p, row_sums, y, offset_a, offset_b);                                 \
    }
DEFINE_COLUMNS(columns_plain, false, false)
DEFINE_COLUMNS(columns_a, true, false)
DEFINE_COLUMNS(columns_b, false, true)
DEFINE_COLUMNS(columns_both, true, true)

void pcs_output_columns(const pcs_lines_t *lines, size_t m0, size_t j0, size_t count, const int32_t *p,
                        const int32_t *row_sums, size_t ld)
{
    const pcs_gemm_t *gemm = lines->gemm;
    const pcs_sums_t *sums = lines->sums;
    const pcs_result_t *y = &gemm->y;
    const size_t distance = y->w > 1 || y->h > 1 ? y->stride_x : y->stride_image;
    const bool classed = sums->cols != NULL;
    const size_t first = classed ? pcs_row_class(sums, gemm, m0) - sums->class_x[0] : 0;
    const bool offset_a = gemm->a.affine.offset != NULL;
    const bool offset_b = gemm->b.affine.offset != NULL;
    float *to = pcs_result_row(y, m0) + j0;
    for (size_t i = 0; i < gemm->a.patch->out_w; i++, p += ld, row_sums += ld, to += distance) {
        const size_t id = classed ? first + sums->class_x[i] : 0;
        const int32_t less = lines->less[id];
        if (offset_a) {
            (offset_b ? columns_both : columns_a)(lines, id * sums->columns, less, j0, count, p, row_sums, to);
        } else {
            (offset_b ? columns_b : columns_plain)(lines, id * sums->columns, less, j0, count, p, row_sums, to);
        }
    }
}
