#include "workloads/nn/code_patches.h"

#include <stdint.h>
#include <string.h>

/* One tap of a line: which line of the source it reads (NULL: none) and from which column on. */
typedef struct tap_line {
    const unsigned char *line; /* (width, src_channels) codes */
    int64_t column;
} tap_line_t;

static tap_line_t tap_line(const pcs_code_source_t *source, size_t line, size_t tap)
{
    const pcs_patch_t *p = source->patch;
    const size_t image = line / p->out_h;
    const int64_t y = p->origin_y + (int64_t)(line % p->out_h) * p->stride_y + p->dy[tap];
    tap_line_t at = {.column = (int64_t)p->origin_x + p->dx[tap]};
    if (y >= 0 && y < p->height) {
        const size_t row = (image * p->height + (size_t)y) * p->width;
        at.line = (const unsigned char *)source->codes + row * p->src_channels * source->bytes;
    }
    return at;
}

/* Positions first..end - 1 of a line whose tap lies inside the source. */
static void inside(const pcs_patch_t *p, const tap_line_t *at, size_t *first, size_t *end)
{
    const int64_t stride = p->stride_x;
    const int64_t before = at->column < 0 ? (-at->column + stride - 1) / stride : 0;
    const int64_t left = (int64_t)p->width - at->column; /* columns from the first position's on */
    const int64_t past = left > 0 ? (left + stride - 1) / stride : 0;
    *end = (size_t)(past < p->out_w ? past : p->out_w);
    *first = (size_t)before < *end ? (size_t)before : *end;
    if (at->line == NULL) {
        *first = *end = 0;
    }
}

/* Codes `step` apart, side by side. */
static void pick(size_t bytes, const unsigned char *from, size_t step, size_t count, unsigned char *to)
{
    switch (bytes) {
    case 1:
        for (size_t i = 0; i < count; i++) {
            to[i] = from[i * step];
        }
        break;
    case 2:
        for (size_t i = 0; i < count; i++) {
            memcpy(to + 2 * i, from + 2 * i * step, 2);
        }
        break;
    default:
        for (size_t i = 0; i < count; i++) {
            memcpy(to + 4 * i, from + 4 * i * step, 4);
        }
        break;
    }
}

static void columns_of_line(const pcs_code_source_t *source, size_t line, size_t distance, unsigned char *to)
{
    const pcs_patch_t *p = source->patch;
    const size_t bytes = source->bytes;
    const size_t step = (size_t)p->stride_x * p->src_channels;
    for (size_t tap = 0; tap < p->taps; tap++) {
        const tap_line_t at = tap_line(source, line, tap);
        size_t first;
        size_t end;
        inside(p, &at, &first, &end);
        const size_t column = (size_t)(at.column + (int64_t)(first * p->stride_x));
        for (size_t c = 0; c < p->channels; c++, to += distance * bytes) {
            memset(to, 0, first * bytes);
            if (end > first) {
                const size_t from = column * p->src_channels + p->channel0 + c;
                pick(bytes, at.line + from * bytes, step, end - first, to + first * bytes);
            }
            memset(to + end * bytes, 0, (p->out_w - end) * bytes);
        }
    }
}

void pcs_code_patches_columns(const pcs_code_source_t *source, unsigned threads, size_t first, size_t lines, void *to)
{
    PCS_ASSERT(!source->patch->channel_major);
    const size_t width = source->patch->out_w;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t line = 0; line < lines; line++) {
        columns_of_line(source, first + line, lines * width, (unsigned char *)to + line * width * source->bytes);
    }
}

static void rows_of_line(const pcs_code_source_t *source, size_t line, unsigned char *to)
{
    const pcs_patch_t *p = source->patch;
    const size_t run = p->channels * source->bytes; /* of one tap */
    const size_t distance = p->taps * run;
    for (size_t tap = 0; tap < p->taps; tap++, to += run) {
        const tap_line_t at = tap_line(source, line, tap);
        size_t first;
        size_t end;
        inside(p, &at, &first, &end);
        for (size_t i = 0; i < p->out_w; i++) {
            if (i < first || i >= end) {
                memset(to + i * distance, 0, run);
                continue;
            }
            const size_t column = (size_t)(at.column + (int64_t)(i * p->stride_x));
            const size_t from = column * p->src_channels + p->channel0;
            memcpy(to + i * distance, at.line + from * source->bytes, run);
        }
    }
}

void pcs_code_patches_rows(const pcs_code_source_t *source, unsigned threads, size_t first, size_t lines, void *to)
{
    PCS_ASSERT(!source->patch->channel_major);
    const size_t row = (size_t)source->patch->taps * source->patch->channels * source->bytes;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t line = 0; line < lines; line++) {
        rows_of_line(source, first + line, (unsigned char *)to + line * source->patch->out_w * row);
    }
}
