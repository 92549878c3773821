/* Depthwise convolutions: a channel is a copy with one column, and 16 or 8 channels fill a vector.  Source lines of 64
   channels at a time are packed as the kernel wants them, each line once an image.  Forward and dgrad multiply along
   the taps, line by line of the box that they fill; wgrad along the positions of a line, for each tap. */
#include <omp.h>
#include <string.h>

#include "models/gemm/kernels/kernels.h"

enum { BLOCK = 64, BOX_MAX = 32, LINE_MAX = 1 << 14, NOTHING = -1 };

/* What all threads share. */
typedef struct depthwise {
    const pcs_job_t *job;
    const pcs_patch_t *patch;
    bool wgrad;
    bool row_sums;        /* something needs them */
    int32_t top, left;    /* corner of the box that holds all taps */
    size_t height, width; /* its sizes */
    size_t columns;       /* channels */
    size_t across;        /* dwords that a line of the box fills, or (wgrad) a line of positions */
    size_t dwords;        /* that are multiplied at once: those of the box, or of a line of positions */
    size_t items;         /* dwords of a channel in a packed source line */
    int32_t *from;        /* (items, steps) columns of the source that they take; NOTHING: the value zero */
    const uint8_t *b;     /* weights (dwords, n), block after block */
    const uint8_t *ones;  /* (dwords, BLOCK) of the value 1 */
    pcs_lines_t output;   /* not of wgrad */
} depthwise_t;

/* Channels that are worked on together. */
typedef struct block {
    size_t first, count;
    size_t n;    /* filled up to whole vectors */
    size_t item; /* bytes of a dword of each */
} block_t;

typedef struct share {
    uint8_t *source;   /* (height, items, n): line v is in slot v % height, see pack_lines */
    uint8_t *d;        /* wgrad: (dwords, n) gradients of a line of positions */
    size_t *offset;    /* (dwords) */
    int32_t *p, *rows; /* (out_w, n), or of wgrad (taps, n): products, and sums of A */
    int32_t *cols;     /* wgrad: (n) sums of B */
    size_t steps;      /* wgrad: in those sums, with those that fill dwords */
    int64_t *all_p;    /* wgrad: (taps, columns) of what was flushed, signs flipped back */
    int64_t *all_rows; /* wgrad: (taps, columns) */
} share_t;

static void span(const int32_t *d, uint32_t count, int32_t *low, int32_t *high)
{
    *low = d[0];
    *high = d[0];
    for (uint32_t i = 1; i < count; i++) {
        *low = d[i] < *low ? d[i] : *low;
        *high = d[i] > *high ? d[i] : *high;
    }
}

/* The taps fill a box, one in each place: two would share a weight, and what lies under none would enter the row sums.
 */
static bool taps_fill_box(const pcs_patch_t *patch)
{
    bool taken[BOX_MAX * BOX_MAX] = {false};
    int32_t top;
    int32_t bottom;
    int32_t left;
    int32_t right;
    span(patch->dy, patch->taps, &top, &bottom);
    span(patch->dx, patch->taps, &left, &right);
    const int64_t height = (int64_t)bottom - top + 1;
    const int64_t width = (int64_t)right - left + 1;
    bool fill = height <= BOX_MAX && width <= BOX_MAX && height * width == patch->taps;
    for (uint32_t t = 0; t < patch->taps && fill; t++) {
        bool *place = &taken[(patch->dy[t] - top) * BOX_MAX + patch->dx[t] - left];
        fill = !*place;
        *place = true;
    }
    return fill;
}

bool pcs_depthwise_takes(const pcs_gemm_t *gemm)
{
    const pcs_patch_t *patch = gemm->a.patch;
    return patch != NULL && patch->channels == 1 && gemm->n == 1 && patch->out_w <= LINE_MAX && taps_fill_box(patch) &&
           (gemm->a.transposed || pcs_output_simple(gemm));
}

/* ---- sizes ----------------------------------------------------------------------------------------------------------
 */

static size_t dwords_of(const pcs_job_t *job, size_t steps)
{
    return pcs_round_up(steps, job->kernel->steps) / job->kernel->steps;
}

static depthwise_t measure(const pcs_job_t *job)
{
    const pcs_patch_t *patch = job->gemm->a.patch;
    int32_t bottom;
    int32_t right;
    depthwise_t all = {
        .job = job,
        .patch = patch,
        .wgrad = job->gemm->a.transposed,
        .row_sums = job->ob != 0 || job->sums->terms.row_sums,
        .columns = pcs_gemm_columns(job->gemm),
    };
    span(patch->dy, patch->taps, &all.top, &bottom);
    span(patch->dx, patch->taps, &all.left, &right);
    all.height = (size_t)(bottom - all.top) + 1U;
    all.width = (size_t)(right - all.left) + 1U;
    all.across = dwords_of(job, all.wgrad ? patch->out_w : all.width);
    all.dwords = all.wgrad ? all.across : all.height * all.across;
    all.items = all.across * (all.wgrad ? all.width : patch->out_w);
    return all;
}

static size_t blocks_of(const depthwise_t *all)
{
    return (all->columns + BLOCK - 1U) / BLOCK;
}

static block_t block_of(const depthwise_t *all, size_t index)
{
    const size_t first = index * BLOCK;
    const size_t count = all->columns - first < BLOCK ? all->columns - first : BLOCK;
    const size_t n = pcs_round_up(count, all->job->kernel->lanes);
    return (block_t){first, count, n, n * PCS_DWORD};
}

static size_t lay_share(const depthwise_t *all, char *base, share_t *share)
{
    const size_t results = (all->wgrad ? all->patch->taps : all->patch->out_w) * (size_t)BLOCK;
    const size_t sums = all->wgrad ? all->patch->taps * all->columns : 0;
    size_t at = 0;
    share->source = pcs_part(base, &at, all->height * all->items * BLOCK * PCS_DWORD);
    share->d = pcs_part(base, &at, all->wgrad ? all->dwords * BLOCK * PCS_DWORD : 0);
    share->offset = pcs_part(base, &at, all->dwords * sizeof *share->offset);
    share->p = pcs_part(base, &at, results * sizeof *share->p);
    share->rows = pcs_part(base, &at, results * sizeof *share->rows);
    share->cols = pcs_part(base, &at, BLOCK * sizeof *share->cols);
    share->all_p = pcs_part(base, &at, sums * sizeof *share->all_p);
    share->all_rows = pcs_part(base, &at, sums * sizeof *share->all_rows);
    return at;
}

/* ---- packing --------------------------------------------------------------------------------------------------------
 */

/* Item (position, dword across) of forward and dgrad takes neighbouring columns; item (dword along the positions, tap
   across) of wgrad takes what that tap meets at neighbouring positions. */
static int32_t column_of(const depthwise_t *all, size_t item, size_t step)
{
    const pcs_patch_t *patch = all->patch;
    const size_t steps = all->job->kernel->steps;
    const size_t tap = all->wgrad ? item % all->width : item % all->across * steps + step;
    const size_t position = all->wgrad ? item / all->width * steps + step : item / all->across;
    const int64_t x = (int64_t)patch->origin_x + all->left + (int64_t)(position * patch->stride_x + tap);
    const bool exists = tap < all->width && position < patch->out_w && x >= 0 && x < (int64_t)patch->width;
    return exists ? (int32_t)x : NOTHING;
}

static void fill_columns(const depthwise_t *all)
{
    const size_t steps = all->job->kernel->steps;
    for (size_t i = 0; i < all->items * steps; i++) {
        all->from[i] = column_of(all, i / steps, i % steps);
    }
}

/* One line of the source; `y` may lie outside the image. */
static void pack_line(const depthwise_t *all, const block_t *block, size_t image, int64_t y, uint8_t *to)
{
    const pcs_job_t *job = all->job;
    const pcs_patch_t *patch = all->patch;
    const size_t steps = job->kernel->steps;
    const bool inside = y >= 0 && y < (int64_t)patch->height;
    const size_t first = (image * patch->height + (inside ? (size_t)y : 0)) * patch->width;
    const uint8_t *codes = job->gemm->a.codes + first * patch->src_channels + patch->channel0 + block->first;
    for (size_t item = 0; item < all->items; item++, to += block->item) {
        const uint8_t *rows[PCS_STEPS_MAX] = {NULL};
        for (size_t i = 0; i < steps && inside; i++) {
            const int32_t x = all->from[item * steps + i];
            rows[i] = x != NOTHING ? codes + (size_t)x * patch->src_channels : NULL;
        }
        job->kernel->interleave(rows, block->count, 1, 0, job->a, to);
    }
}

/* Offset of packed source line v. */
static size_t slot_of(const depthwise_t *all, const block_t *block, size_t v)
{
    return v % all->height * all->items * block->item;
}

/* Source lines of output line `line`: number v of an image is stride_y line + r for line r of the box.  Those before
   `*done` are packed already. */
static void pack_lines(const depthwise_t *all, const block_t *block, const share_t *share, size_t image, size_t line,
                       size_t *done)
{
    const pcs_patch_t *patch = all->patch;
    const size_t from = line * patch->stride_y;
    for (size_t v = from > *done ? from : *done; v < from + all->height; v++) {
        pack_line(all, block, image, (int64_t)patch->origin_y + all->top + (int64_t)v,
                  share->source + slot_of(all, block, v));
    }
    *done = from + all->height;
}

/* Weights, place by place of the box. */
static void pack_weights(const depthwise_t *all, uint8_t *to)
{
    const pcs_job_t *job = all->job;
    const pcs_patch_t *patch = all->patch;
    const size_t steps = job->kernel->steps;
    const uint8_t *place[BOX_MAX * BOX_MAX];
    for (uint32_t t = 0; t < patch->taps; t++) {
        place[(size_t)(patch->dy[t] - all->top) * all->width + (size_t)(patch->dx[t] - all->left)] =
            job->gemm->b.codes + t * job->gemm->b.ld;
    }
    for (size_t i = 0; i < blocks_of(all) * all->dwords; i++) {
        const block_t block = block_of(all, i / all->dwords);
        const size_t q = i % all->dwords;
        const uint8_t *const *line = place + q / all->across * all->width;
        const uint8_t *rows[PCS_STEPS_MAX] = {NULL};
        for (size_t x = q % all->across * steps, k = 0; k < steps && x + k < all->width; k++) {
            rows[k] = line[x + k] + block.first;
        }
        job->kernel->interleave(rows, block.count, 1, 0, job->b, to);
        to += block.item;
    }
}

static void fill_ones(const depthwise_t *all, uint8_t *to)
{
    uint8_t ones[BLOCK];
    memset(ones, 1, sizeof ones);
    const uint8_t *rows[PCS_STEPS_MAX] = {ones, ones, ones, ones};
    const pcs_coding_t plain = {.flip = 0, .is_signed = true};
    for (size_t q = 0; q < all->dwords; q++) {
        all->job->kernel->interleave(rows, BLOCK, 1, 0, plain, to + q * BLOCK * PCS_DWORD);
    }
}

/* What flipped signs of A take from each column: oa times the sum of what is packed of B. */
static void fill_less(const depthwise_t *all, int32_t *less)
{
    const pcs_job_t *job = all->job;
    const pcs_operand_t *b = &job->gemm->b;
    for (size_t j = 0; j < all->columns; j++) {
        less[j] = -job->ob * (int32_t)(all->dwords * job->kernel->steps);
    }
    for (size_t t = 0; t < all->patch->taps; t++) {
        pcs_add_codes(b->codes + t * b->ld, all->columns, b->is_signed, less);
    }
    for (size_t j = 0; j < all->columns; j++) {
        less[j] *= job->oa;
    }
}

/* ---- forward, dgrad -------------------------------------------------------------------------------------------------
 */

static void run_line(const depthwise_t *all, const block_t *block, const share_t *share, size_t image, size_t line)
{
    const pcs_job_t *job = all->job;
    const pcs_patch_t *patch = all->patch;
    const size_t row = all->across * block->item;
    for (size_t q = 0; q < all->dwords; q++) {
        share->offset[q] =
            slot_of(all, block, line * patch->stride_y + q / all->across) + q % all->across * block->item;
    }
    const uint8_t *weights = all->b + all->dwords * block->first * PCS_DWORD;
    job->kernel->lanewise(patch->out_w, block->n, share->offset, all->dwords, row, share->source, weights, share->p,
                          false);
    if (all->row_sums) {
        job->kernel->lanewise(patch->out_w, block->n, share->offset, all->dwords, row, share->source, all->ones,
                              share->rows, false);
        const int32_t flipped = job->oa * (int32_t)(all->dwords * job->kernel->steps);
        for (size_t i = 0; i < patch->out_w * block->n && flipped != 0; i++) {
            share->rows[i] -= flipped;
        }
    }
    pcs_output_columns(&all->output, (image * patch->out_h + line) * patch->out_w, block->first, block->count, share->p,
                       share->rows, block->n);
}

/* ---- wgrad ----------------------------------------------------------------------------------------------------------
 */

/* What the 32-bit sums hold into the 64-bit ones, signs flipped back. */
static void flush(const depthwise_t *all, const block_t *block, share_t *share)
{
    const int64_t oa = all->job->oa;
    const int64_t ob = all->job->ob;
    const int64_t steps = (int64_t)share->steps;
    for (size_t t = 0; t < all->patch->taps; t++) {
        int64_t *p = share->all_p + t * all->columns + block->first;
        int64_t *rows = share->all_rows + t * all->columns + block->first;
        for (size_t j = 0; j < block->count; j++) {
            const int64_t row = share->rows[t * block->n + j] - oa * steps;
            p[j] += share->p[t * block->n + j] + ob * row - oa * (share->cols[j] - ob * steps);
            rows[j] += row;
        }
    }
    memset(share->p, 0, all->patch->taps * block->n * sizeof *share->p);
    memset(share->rows, 0, all->patch->taps * block->n * sizeof *share->rows);
    memset(share->cols, 0, block->n * sizeof *share->cols);
    share->steps = 0;
}

/* The gradients of a line of positions, from B's step m0 on. */
static void pack_gradients(const depthwise_t *all, const block_t *block, const share_t *share, size_t m0)
{
    const pcs_job_t *job = all->job;
    const size_t steps = job->kernel->steps;
    const uint8_t *codes = job->gemm->b.codes + m0 * job->gemm->b.ld + block->first;
    for (size_t q = 0; q < all->dwords; q++) {
        const uint8_t *rows[PCS_STEPS_MAX] = {NULL};
        for (size_t i = 0; i < steps && q * steps + i < all->patch->out_w; i++) {
            rows[i] = codes + (q * steps + i) * job->gemm->b.ld;
        }
        job->kernel->interleave(rows, block->count, 1, 0, job->b, share->d + q * block->item);
    }
    for (size_t x = 0; x < all->patch->out_w && job->oa != 0; x++) {
        pcs_add_codes(codes + x * job->gemm->b.ld, block->count, job->gemm->b.is_signed, share->cols);
    }
}

static void add_line(const depthwise_t *all, const block_t *block, share_t *share, size_t image, size_t line)
{
    const pcs_job_t *job = all->job;
    const pcs_patch_t *patch = all->patch;
    const size_t steps = all->dwords * job->kernel->steps;
    if (share->steps + steps > job->kernel->most_k) {
        flush(all, block, share);
    }
    share->steps += steps;
    pack_gradients(all, block, share, (image * patch->out_h + line) * patch->out_w);
    for (size_t q = 0; q < all->dwords; q++) {
        share->offset[q] = q * all->width * block->item;
    }
    for (uint32_t t = 0; t < patch->taps; t++) {
        const size_t v = line * patch->stride_y + (size_t)(patch->dy[t] - all->top);
        const uint8_t *from = share->source + slot_of(all, block, v) + (size_t)(patch->dx[t] - all->left) * block->item;
        job->kernel->lanewise(1, block->n, share->offset, all->dwords, 0, from, share->d, share->p + t * block->n,
                              true);
        if (all->row_sums) {
            job->kernel->lanewise(1, block->n, share->offset, all->dwords, 0, from, all->ones,
                                  share->rows + t * block->n, true);
        }
    }
}

static void add_totals(const depthwise_t *all, const share_t *from, share_t *to)
{
    for (size_t i = 0; i < all->patch->taps * all->columns; i++) {
        to->all_p[i] += from->all_p[i];
        to->all_rows[i] += from->all_rows[i];
    }
}

/* Every column is a copy, with row sums of its own. */
static void output_gradients(const depthwise_t *all, const share_t *total)
{
    const pcs_job_t *job = all->job;
    const size_t taps = all->patch->taps;
    int64_t p[BOX_MAX * BOX_MAX];
    int64_t rows[BOX_MAX * BOX_MAX];
    for (size_t j = 0; j < all->columns; j++) {
        for (size_t t = 0; t < taps; t++) {
            p[t] = total->all_p[t * all->columns + j];
            rows[t] = total->all_rows[t * all->columns + j];
        }
        pcs_output_group(job->gemm, job->sums, 0, 0, taps, j, 1, p, rows);
    }
}

/* ---- all of it ------------------------------------------------------------------------------------------------------
 */

static void run_block(const depthwise_t *all, const block_t *block, share_t *share, size_t image)
{
    size_t done = 0;
    for (size_t line = 0; line < all->patch->out_h; line++) {
        pack_lines(all, block, share, image, line, &done);
        if (all->wgrad) {
            add_line(all, block, share, image, line);
        } else {
            run_line(all, block, share, image, line);
        }
    }
    if (all->wgrad) {
        flush(all, block, share);
    }
}

static void run_all(const depthwise_t *all, char *shares, size_t share_bytes)
{
    const pcs_job_t *job = all->job;
    const size_t batch = all->patch->batch;
    share_t total;
    (void)lay_share(all, shares, &total);
#pragma omp parallel num_threads(job->threads)
    {
        share_t own;
        char *memory = shares + (size_t)omp_get_thread_num() * share_bytes;
        (void)lay_share(all, memory, &own);
        memset(memory, 0, share_bytes); /* sums, and lanes that no channel fills */
        own.steps = 0;
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks_of(all) * batch; i++) {
            const block_t block = block_of(all, i / batch);
            run_block(all, &block, &own, i % batch);
        }
#pragma omp critical
        if (all->wgrad && own.all_p != total.all_p) {
            add_totals(all, &own, &total);
        }
    }
    if (all->wgrad) {
        output_gradients(all, &total);
    }
}

pcs_status_t pcs_fast_depthwise(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t steps = job->kernel->steps;
    depthwise_t all = measure(job);
    share_t none;
    const size_t weights = all.wgrad ? 0 : pcs_round_up(all.columns, BLOCK) * all.dwords * PCS_DWORD;
    const size_t sizes[] = {weights, all.dwords * BLOCK * PCS_DWORD, all.items * steps * sizeof *all.from,
                            all.wgrad ? 0 : all.columns * sizeof(int32_t), all.wgrad ? 0 : pcs_lines_size(job->sums)};
    enum { PARTS = sizeof sizes / sizeof sizes[0] };
    void *parts[PARTS];
    size_t at = 0;
    for (size_t i = 0; i < PARTS; i++) {
        (void)pcs_part(NULL, &at, sizes[i]);
    }
    const size_t share_bytes = lay_share(&all, NULL, &none);
    char *scratch = pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    at = 0;
    for (size_t i = 0; i < PARTS; i++) {
        parts[i] = pcs_part(scratch, &at, sizes[i]);
    }
    all.b = parts[0];
    all.ones = parts[1];
    all.from = parts[2];
    fill_ones(&all, parts[1]);
    fill_columns(&all);
    if (!all.wgrad) {
        memset(parts[0], 0, weights);
        pack_weights(&all, parts[0]);
        fill_less(&all, parts[3]);
        pcs_lines_init(&all.output, gemm, job->sums, job->ob, parts[3], parts[4]);
    }
    run_all(&all, scratch + at, share_bytes);
    return PCS_OK;
}
