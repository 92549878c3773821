#include "models/gemm/output.h"

#include <stdlib.h>
#include <string.h>

#include "models/mac/mac.h"
#include "models/spec/isa.h"

pcs_output_terms_t pcs_output_terms(const pcs_gemm_t *gemm)
{
    const pcs_affine_t *a = &gemm->a.affine;
    const pcs_affine_t *b = &gemm->b.affine;
    const bool shifted_a = a->zero != NULL || a->offset != NULL;
    const bool shifted_b = b->zero != NULL || b->offset != NULL;
    /* P' gets one product for each zero-point, and one constant when both exist; RS' and CS' one product each. */
    const unsigned za = a->zero != NULL;
    const unsigned zb = b->zero != NULL;
    const unsigned ea = a->offset != NULL;
    const unsigned eb = b->offset != NULL;
    const pcs_output_terms_t terms = {
        .row_sums = shifted_b,
        .col_sums = shifted_a,
        .int_adds = za + zb + za * zb + eb * za + ea * zb,
        .int_muls = za + zb + eb * za + ea * zb,
        .fp_terms = ea + eb + ea * eb,
    };
    return terms;
}

/* Gives equal numbers to positions of an output axis that see the same taps inside [0, size), in order of appearance;
   returns how many numbers there are. */
static uint32_t axis_classes(uint32_t positions, int64_t origin, uint32_t stride, int64_t size, const int32_t *d,
                             uint32_t taps, uint32_t *class_of)
{
    uint32_t classes = 0;
    for (uint32_t o = 0; o < positions; o++) {
        uint32_t found = classes;
        for (uint32_t earlier = 0; earlier < o && found == classes; earlier++) {
            bool same = true;
            for (uint32_t t = 0; t < taps && same; t++) {
                const int64_t here = origin + (int64_t)o * stride + d[t];
                const int64_t there = origin + (int64_t)earlier * stride + d[t];
                same = (here >= 0 && here < size) == (there >= 0 && there < size);
            }
            found = same ? class_of[earlier] : found;
        }
        class_of[o] = found;
        classes += found == classes;
    }
    return classes;
}

size_t pcs_row_class(const pcs_sums_t *sums, const pcs_gemm_t *gemm, size_t m)
{
    const pcs_patch_t *patch = gemm->a.patch;
    if (patch == NULL) {
        return 0;
    }
    if (gemm->a.transposed) {
        return patch->channel_major ? m % patch->taps : m / patch->channels;
    }
    const size_t y = m / patch->out_w % patch->out_h;
    const size_t x = m % patch->out_w;
    return sums->class_y[y] * sums->classes_x + sums->class_x[x];
}

/* plane[i] += value of code i */
PCS_CLONES static void add_codes(const uint8_t *codes, size_t count, bool is_signed, int64_t *restrict plane)
{
    for (size_t i = 0; i < count; i++) {
        plane[i] += pcs_code_value(codes[i], is_signed);
    }
}

PCS_CLONES static void add_line(const int64_t *from, size_t count, int64_t *restrict sums)
{
    for (size_t i = 0; i < count; i++) {
        sums[i] += from[i];
    }
}

/* cols[n] += B[k][n] */
static void add_row(const pcs_operand_t *b, size_t k, size_t n_count, int64_t *cols)
{
    const size_t step = b->transposed ? b->ld : 1;
    const uint8_t *code = b->codes + k * (b->transposed ? 1 : b->ld);
    if (step == 1) {
        add_codes(code, n_count, b->is_signed, cols);
        return;
    }
    for (size_t n = 0; n < n_count; n++) {
        cols[n] += pcs_code_value(code[n * step], b->is_signed);
    }
}

/* Sums over K for one representative row of a class, step by step. */
static void class_steps(pcs_sums_t *sums, const pcs_gemm_t *gemm, size_t class_id, size_t row)
{
    const size_t group_len = gemm->k / sums->groups;
    for (size_t k = 0; k < gemm->k; k++) {
        uint8_t code = 0;
        if (!pcs_operand_at(&gemm->a, row, k, &code)) {
            continue;
        }
        const size_t slot = k / group_len * sums->classes + class_id;
        sums->count[slot]++;
        add_row(&gemm->b, k, sums->columns, &sums->cols[slot * sums->columns]);
    }
}

/* The same where the channels of a tap lie side by side: by taps, each of which has been added up before, `tap` (taps,
   N). */
static void class_taps(pcs_sums_t *sums, const pcs_gemm_t *gemm, size_t class_id, size_t row, const int64_t *tap)
{
    const pcs_patch_t *patch = gemm->a.patch;
    for (size_t t = 0; t < patch->taps; t++) {
        uint8_t code = 0;
        if (pcs_operand_at(&gemm->a, row, t * patch->channels, &code)) {
            sums->count[class_id] += (int64_t)patch->channels;
            add_line(tap + t * sums->columns, sums->columns, sums->cols + class_id * sums->columns);
        }
    }
}

/* Sums over the images of one line of B's positions, into plane (positions, N). */
static void plane_lines(const pcs_gemm_t *gemm, size_t line, int64_t *plane)
{
    const pcs_patch_t *patch = gemm->a.patch;
    const pcs_operand_t *b = &gemm->b;
    const size_t width = patch->out_w;
    const size_t columns = pcs_gemm_columns(gemm);
    int64_t *to = plane + line * width * columns;
    memset(to, 0, width * columns * sizeof *to);
    for (size_t image = 0; image < patch->batch; image++) {
        const size_t k = (image * patch->out_h + line) * width;
        if (!b->transposed && b->ld == columns) {
            add_codes(b->codes + k * columns, width * columns, b->is_signed, to);
        } else {
            for (size_t x = 0; x < width; x++) {
                add_row(b, k + x, columns, to + x * columns);
            }
        }
    }
}

/* wgrad: classes are taps, K runs over the positions of all images, and a tap's padding is the same in each image.  So
   the images are added up first, position by position, and the taps add positions of that one image. */
static void plane_sums(pcs_sums_t *sums, const pcs_gemm_t *gemm, unsigned threads, int64_t *plane)
{
    const pcs_patch_t *patch = gemm->a.patch;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t line = 0; line < patch->out_h; line++) {
        plane_lines(gemm, line, plane);
    }
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t tap = 0; tap < patch->taps; tap++) {
        int64_t count = 0;
        for (size_t at = 0; at < (size_t)patch->out_h * patch->out_w; at++) {
            const int64_t y = patch->origin_y + (int64_t)(at / patch->out_w * patch->stride_y) + patch->dy[tap];
            const int64_t x = patch->origin_x + (int64_t)(at % patch->out_w * patch->stride_x) + patch->dx[tap];
            if (y >= 0 && y < (int64_t)patch->height && x >= 0 && x < (int64_t)patch->width) {
                count += patch->batch;
                add_line(plane + at * sums->columns, sums->columns, sums->cols + tap * sums->columns);
            }
        }
        sums->count[tap] = count;
    }
}

/* Classes are numbered in order of appearance: the first row of each is its representative.  tap: room for (taps, N),
   NULL: the taps' sums are of no use. */
static void class_sums(pcs_sums_t *sums, const pcs_gemm_t *gemm, int64_t *tap)
{
    size_t seen = 0;
    for (size_t k = 0; k < gemm->k && tap != NULL; k++) {
        add_row(&gemm->b, k, sums->columns, tap + k / gemm->a.patch->channels * sums->columns);
    }
    for (size_t m = 0; m < gemm->m && seen < sums->classes; m++) {
        if (pcs_row_class(sums, gemm, m) == seen) {
            if (tap != NULL) {
                class_taps(sums, gemm, seen, m, tap);
            } else {
                class_steps(sums, gemm, seen, m);
            }
            seen++;
        }
    }
    PCS_ASSERT(seen == sums->classes);
}

void *pcs_room_take(pcs_room_t *room, size_t bytes)
{
    if (bytes > room->bytes) {
        const size_t rounded = (bytes + 63U) & ~(size_t)63U;
        void *grown = aligned_alloc(64, rounded);
        if (grown == NULL) {
            return NULL;
        }
        free(room->data);
        *room = (pcs_room_t){grown, rounded};
    }
    return room->data;
}

void pcs_room_free(pcs_room_t *room)
{
    free(room->data);
    *room = (pcs_room_t){0};
}

/* Numbers the classes of a plain patch view; 0: no memory. */
static size_t find_classes(pcs_sums_t *sums, const pcs_patch_t *patch, pcs_room_t *room)
{
    sums->class_y = pcs_room_take(room, ((size_t)patch->out_h + patch->out_w) * sizeof *sums->class_y);
    if (sums->class_y == NULL) {
        return 0;
    }
    sums->class_x = sums->class_y + patch->out_h;
    sums->classes_x = axis_classes(patch->out_w, patch->origin_x, patch->stride_x, patch->width, patch->dx, patch->taps,
                                   sums->class_x);
    return sums->classes_x * axis_classes(patch->out_h, patch->origin_y, patch->stride_y, patch->height, patch->dy,
                                          patch->taps, sums->class_y);
}

pcs_status_t pcs_sums_init(pcs_sums_t *sums, const pcs_gemm_t *gemm, unsigned threads, pcs_sums_room_t *room,
                           pcs_error_t *err)
{
    const size_t columns = pcs_gemm_columns(gemm);
    *sums = (pcs_sums_t){
        .terms = pcs_output_terms(gemm),
        .groups = gemm->group != 0 ? gemm->k / gemm->group : 1,
        .columns = columns,
    };
    if (!sums->terms.col_sums) {
        return PCS_OK; /* without an offset of A nothing depends on the taps seen */
    }
    const pcs_patch_t *patch = gemm->a.patch;
    const bool planes = patch != NULL && gemm->a.transposed && sums->groups == 1;
    const bool taps = patch != NULL && !gemm->a.transposed && sums->groups == 1 && !patch->channel_major;
    sums->classes = patch == NULL ? 1 : (gemm->a.transposed ? patch->taps : find_classes(sums, patch, &room->classes));
    const size_t slots = sums->groups * sums->classes;
    /* Sums that those of the classes are made of. */
    const size_t parts = planes ? (size_t)patch->out_h * patch->out_w : (taps ? patch->taps : 0);
    int64_t *memory = pcs_room_take(&room->sums, (slots * (columns + 1U) + parts * columns) * sizeof *memory);
    if (sums->classes == 0 || memory == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory for the column sums of a GEMM");
    }
    sums->count = memory;
    sums->cols = memory + slots;
    memset(memory, 0, (slots * (columns + 1U) + (taps ? parts * columns : 0)) * sizeof *memory);
    int64_t *part = sums->cols + slots * columns;
    if (planes) {
        plane_sums(sums, gemm, threads, part);
    } else {
        class_sums(sums, gemm, taps ? part : NULL);
    }
    return PCS_OK;
}

int64_t pcs_row_sum(const pcs_operand_t *a, size_t m, size_t k0, size_t len)
{
    int64_t sum = 0;
    for (size_t k = k0; k < k0 + len; k++) {
        uint8_t code = 0;
        if (pcs_operand_at(a, m, k, &code)) {
            sum += pcs_code_value(code, a->is_signed);
        }
    }
    return sum;
}

void pcs_watch_all(const pcs_watch_t *watch, unsigned threads, size_t m)
{
    if (watch->done == NULL) {
        return;
    }
    PCS_ASSERT(watch->rows >= 1);
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t row = 0; row < m; row += watch->rows) {
        watch->done(watch->user, row, m - row < watch->rows ? m - row : watch->rows);
    }
}

float *pcs_result_row(const pcs_result_t *y, size_t m)
{
    const size_t x = m % y->w;
    const size_t row = m / y->w % y->h;
    const size_t image = m / ((size_t)y->w * y->h);
    return y->data + image * y->stride_image + row * y->stride_y + x * y->stride_x;
}

static size_t affine_index(const pcs_affine_t *affine, size_t outer, size_t group)
{
    switch (affine->grain) {
    case PCS_GRAIN_OUTER:
        return outer;
    case PCS_GRAIN_GROUP:
        return group;
    case PCS_GRAIN_TENSOR:
        break;
    }
    return 0;
}

size_t pcs_affine_of_b(const pcs_gemm_t *gemm, size_t column, size_t group)
{
    const size_t groups = gemm->group != 0 ? gemm->k / gemm->group : 1;
    return affine_index(&gemm->b.affine, column, column / gemm->n * groups + group);
}

static uint64_t largest(const int32_t *values, size_t count)
{
    uint64_t most = 0;
    for (size_t i = 0; values != NULL && i < count; i++) {
        const uint64_t size = (uint64_t)(values[i] < 0 ? -(int64_t)values[i] : values[i]);
        most = size > most ? size : most;
    }
    return most;
}

static uint64_t operand_size(const pcs_operand_t *operand, size_t outer, size_t groups)
{
    const size_t count = operand->affine.grain == PCS_GRAIN_TENSOR  ? 1
                         : operand->affine.grain == PCS_GRAIN_OUTER ? outer
                                                                    : groups;
    const int64_t low = -(int64_t)pcs_code_min(operand->bits, operand->is_signed);
    const int64_t high = pcs_code_max(operand->bits, operand->is_signed);
    return (uint64_t)(low > high ? low : high) + largest(operand->affine.zero, count);
}

bool pcs_output_narrow(const pcs_gemm_t *gemm)
{
    const uint64_t group = gemm->group != 0 ? gemm->group : gemm->k;
    const size_t groups = gemm->k / group;
    const size_t copies = pcs_gemm_copies(gemm);
    /* (|qa| + |za|) (|qb| + |zb|) bounds the sum of the sizes of all terms of P' for one k. */
    const uint64_t term =
        operand_size(&gemm->a, gemm->m, groups) * operand_size(&gemm->b, copies * gemm->n, copies * groups);
    return group <= (uint64_t)INT32_MAX / term;
}

/* What the columns of a strip bring to each of their results, and one row's results. */
enum { STRIP = 64 };
typedef struct strip {
    size_t n0, count;
    float scale[STRIP], offset[STRIP];
    int32_t zero[STRIP];
} strip_t;

static void strip_fill(strip_t *strip, const pcs_gemm_t *gemm, size_t group, size_t n0, size_t count)
{
    const pcs_affine_t *b = &gemm->b.affine;
    strip->n0 = n0;
    strip->count = count;
    for (size_t j = 0; j < count; j++) {
        const size_t at = pcs_affine_of_b(gemm, n0 + j, group);
        strip->scale[j] = b->scale[at];
        strip->zero[j] = b->zero != NULL ? b->zero[at] : 0;
        strip->offset[j] = b->offset != NULL ? b->offset[at] : 0.0F;
    }
}

/* What a row of A brings to each of its results. */
typedef struct row_terms {
    float scale, offset;
    int64_t zero, sum, count;
    const int64_t *cols; /* (N) column sums of its class; NULL when not needed */
} row_terms_t;

static row_terms_t terms_of_row(const pcs_gemm_t *gemm, const pcs_sums_t *sums, size_t group, size_t m, int64_t row_sum)
{
    const pcs_affine_t *a = &gemm->a.affine;
    const size_t at = affine_index(a, m, group);
    row_terms_t row = {.scale = a->scale[at],
                       .offset = a->offset != NULL ? a->offset[at] : 0.0F,
                       .zero = a->zero != NULL ? a->zero[at] : 0,
                       .sum = row_sum};
    if (sums->cols != NULL) {
        const size_t slot = group * sums->classes + pcs_row_class(sums, gemm, m);
        row.count = sums->count[slot];
        row.cols = &sums->cols[slot * sums->columns];
    }
    return row;
}

/* y of a row's strip and a group: the formulas of gemm.h, one rounding a statement, in passes that a compiler
   vectorises. */
PCS_CLONES static void results(const pcs_gemm_t *gemm, const row_terms_t *row, const strip_t *strip, const int64_t *p,
                               float *y)
{
    const size_t count = strip->count;
    const int64_t sum = (int64_t)row->sum;
    const int64_t taps = (int64_t)row->count;
    const int64_t za = (int64_t)row->zero;
    const int64_t *cols = row->cols != NULL ? row->cols + strip->n0 : NULL;
    int64_t exact[STRIP];
    for (size_t j = 0; j < count; j++) {
        exact[j] = p[j] - (sum - taps * za) * (int64_t)strip->zero[j];
    }
    for (size_t j = 0; cols != NULL && j < count; j++) {
        exact[j] -= za * (int64_t)cols[j];
    }
    for (size_t j = 0; j < count; j++) {
        const float scale = row->scale * strip->scale[j];
        y[j] = scale * (float)exact[j];
    }
    const float row_sum = (float)(sum - taps * za);
    for (size_t j = 0; gemm->b.affine.offset != NULL && j < count; j++) {
        const float weight = row->scale * strip->offset[j];
        const float term = weight * row_sum;
        y[j] = y[j] + term;
    }
    for (size_t j = 0; gemm->a.affine.offset != NULL && j < count; j++) {
        const float weight = row->offset * strip->scale[j];
        const float term = weight * (float)((int64_t)cols[j] - taps * (int64_t)strip->zero[j]);
        y[j] = y[j] + term;
    }
    for (size_t j = 0; gemm->a.affine.offset != NULL && gemm->b.affine.offset != NULL && j < count; j++) {
        const float weight = row->offset * strip->offset[j];
        const float term = weight * (float)taps;
        y[j] = y[j] + term;
    }
}

/* A pass of a contract with wide operands: its integers, weighed. */
static void add_sums(const pcs_gemm_t *gemm, size_t group, size_t m0, size_t rows, size_t n0, size_t cols,
                     const int64_t *p)
{
    for (size_t i = 0; i < rows; i++) {
        int64_t *sums = gemm->y.sums + (group * gemm->m + m0 + i) * gemm->n + n0;
        for (size_t j = 0; j < cols; j++) {
            sums[j] += *p++ * (INT64_C(1) << gemm->y.shift);
        }
    }
}

void pcs_output_group(const pcs_gemm_t *gemm, const pcs_sums_t *sums, size_t group, size_t m0, size_t rows, size_t n0,
                      size_t cols, const int64_t *p, const int64_t *row_sums)
{
    if (gemm->y.sums != NULL) {
        add_sums(gemm, group, m0, rows, n0, cols, p);
        return;
    }
    for (size_t at = 0; at < cols; at += STRIP) {
        strip_t strip;
        strip_fill(&strip, gemm, group, n0 + at, cols - at < STRIP ? cols - at : STRIP);
        for (size_t i = 0; i < rows; i++) {
            const row_terms_t row = terms_of_row(gemm, sums, group, m0 + i, sums->terms.row_sums ? row_sums[i] : 0);
            float *y = pcs_result_row(&gemm->y, m0 + i) + strip.n0;
            float value[STRIP];
            results(gemm, &row, &strip, p + i * cols + at, group == 0 ? y : value);
            for (size_t j = 0; group > 0 && j < strip.count; j++) {
                y[j] = y[j] + value[j];
            }
        }
    }
}
