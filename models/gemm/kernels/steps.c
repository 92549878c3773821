/* A stored by step (wgrad): threads take ranges of K, each with sums of its own, which are then added.  A convolution's
   patches are implicit here too: the source lines of an image are packed once for each horizontal offset of a tap,
   since dwords run along K, which are positions; vertical offsets only begin at another line. */
#include <omp.h>
#include <string.h>

#include "models/gemm/kernels/kernels.h"

enum { BLOCK_STEPS = 256 };

/* Sums of one thread: 32 bits while they surely hold, then 64. */
typedef struct sums {
    int32_t *p32;      /* (M, n) */
    int64_t *p;        /* (M, N) */
    int32_t *row_sums; /* (M) values of A since the last flush */
    int32_t *col_sums; /* (N) values of B */
    int64_t *rows, *cols;
    size_t steps; /* since the last flush, those that fill dwords included */
} sums_t;

static void lay_sums(const pcs_job_t *job, char *base, size_t *at, sums_t *sums)
{
    const size_t m = job->gemm->m;
    const size_t n = job->gemm->n;
    sums->p32 = pcs_part(base, at, m * job->n * sizeof *sums->p32);
    sums->p = pcs_part(base, at, m * n * sizeof *sums->p);
    sums->row_sums = pcs_part(base, at, m * sizeof *sums->row_sums);
    sums->col_sums = pcs_part(base, at, n * sizeof *sums->col_sums);
    sums->rows = pcs_part(base, at, m * sizeof *sums->rows);
    sums->cols = pcs_part(base, at, n * sizeof *sums->cols);
}

static void clear(const pcs_job_t *job, sums_t *sums)
{
    memset(sums->p32, 0, job->gemm->m * job->n * sizeof *sums->p32);
    memset(sums->row_sums, 0, job->gemm->m * sizeof *sums->row_sums);
    memset(sums->col_sums, 0, job->gemm->n * sizeof *sums->col_sums);
    sums->steps = 0;
}

static void start(const pcs_job_t *job, sums_t *sums)
{
    memset(sums->p, 0, job->gemm->m * job->gemm->n * sizeof *sums->p);
    memset(sums->rows, 0, job->gemm->m * sizeof *sums->rows);
    memset(sums->cols, 0, job->gemm->n * sizeof *sums->cols);
    clear(job, sums);
}

/* What the 32-bit sums hold into the 64-bit ones, signs flipped back. */
static void flush(const pcs_job_t *job, sums_t *sums)
{
    const size_t n = job->gemm->n;
    for (size_t i = 0; i < job->gemm->m; i++) {
        for (size_t j = 0; j < n; j++) {
            const int64_t packed_b = sums->col_sums[j] - job->ob * (int64_t)sums->steps;
            sums->p[i * n + j] += sums->p32[i * job->n + j] + (int64_t)job->ob * sums->row_sums[i] - job->oa * packed_b;
        }
        sums->rows[i] += sums->row_sums[i];
    }
    for (size_t j = 0; j < n; j++) {
        sums->cols[j] += sums->col_sums[j];
    }
    clear(job, sums);
}

/* Room for `steps` more. */
static void reserve(const pcs_job_t *job, sums_t *sums, size_t steps)
{
    if (sums->steps + steps > job->kernel->most_k) {
        flush(job, sums);
    }
    sums->steps += steps;
}

static void add_sums(const pcs_job_t *job, const sums_t *from, sums_t *to)
{
    for (size_t i = 0; i < job->gemm->m * job->gemm->n; i++) {
        to->p[i] += from->p[i];
    }
    for (size_t i = 0; i < job->gemm->m; i++) {
        to->rows[i] += from->rows[i];
    }
}

/* ---- gathered -------------------------------------------------------------------------------------------------------
 */

typedef struct steps_share {
    uint8_t *row[PCS_STEPS_MAX]; /* (M) codes of steps side by side */
    uint8_t *lines;              /* (steps, N) */
    uint8_t *a, *b;              /* dwords of a block */
    sums_t sums;
} steps_share_t;

static size_t lay_steps(const pcs_job_t *job, char *base, steps_share_t *share)
{
    const size_t dwords = BLOCK_STEPS / job->kernel->steps;
    size_t at = 0;
    for (int i = 0; i < PCS_STEPS_MAX; i++) {
        share->row[i] = pcs_part(base, &at, job->gemm->m);
    }
    share->lines = pcs_part(base, &at, job->kernel->steps * job->gemm->n);
    share->a = pcs_part(base, &at, dwords * job->gemm->m * PCS_DWORD);
    share->b = pcs_part(base, &at, dwords * job->n * PCS_DWORD);
    lay_sums(job, base, &at, &share->sums);
    return at;
}

static void run_steps(const pcs_job_t *job, steps_share_t *share, size_t k0, size_t len)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t steps = job->kernel->steps;
    const size_t dwords = (len + steps - 1U) / steps;
    reserve(job, &share->sums, dwords * steps);
    pcs_pack_b(job, k0, len, dwords, share->lines, share->b);
    for (size_t k = 0; k < len; k++) {
        pcs_add_codes(pcs_b_step(&gemm->b, k0 + k, gemm->n, share->lines), gemm->n, gemm->b.is_signed,
                      share->sums.col_sums);
    }
    for (size_t q = 0; q < dwords; q++) {
        const uint8_t *rows[PCS_STEPS_MAX];
        for (size_t i = 0; i < steps; i++) {
            const size_t k = q * steps + i;
            rows[i] = k < len ? share->row[i] : NULL;
            if (k < len) {
                pcs_copy_row(&gemm->a, k0 + k, gemm->m, share->row[i]);
                pcs_add_codes(share->row[i], gemm->m, gemm->a.is_signed, share->sums.row_sums);
            }
        }
        job->kernel->interleave(rows, gemm->m, job->a, share->a + q * gemm->m * PCS_DWORD);
    }
    const pcs_run_t run = {.dwords = dwords};
    const pcs_walk_t walk = {.row = PCS_DWORD, .step = gemm->m * PCS_DWORD, .runs = &run, .count = 1};
    job->kernel->multiply(gemm->m, job->n, &walk, share->a, share->b, share->sums.p32, true);
}

pcs_status_t pcs_fast_steps(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t blocks = (gemm->k + BLOCK_STEPS - 1U) / BLOCK_STEPS;
    steps_share_t total;
    const size_t share_bytes = lay_steps(job, NULL, &total);
    char *scratch = pcs_engine_scratch(engine, (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    (void)lay_steps(job, scratch, &total);
#pragma omp parallel num_threads(job->threads)
    {
        steps_share_t own;
        (void)lay_steps(job, scratch + (size_t)omp_get_thread_num() * share_bytes, &own);
        start(job, &own.sums);
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks; i++) {
            const size_t k0 = i * BLOCK_STEPS;
            run_steps(job, &own, k0, gemm->k - k0 < BLOCK_STEPS ? gemm->k - k0 : BLOCK_STEPS);
        }
        flush(job, &own.sums);
#pragma omp barrier
#pragma omp critical
        if (own.sums.p != total.sums.p) {
            add_sums(job, &own.sums, &total.sums);
        }
    }
    pcs_output_group(gemm, job->sums, 0, 0, gemm->m, 0, gemm->n, total.sums.p, total.sums.rows);
    return PCS_OK;
}

/* ---- patches of a convolution ---------------------------------------------------------------------------------------
 */

typedef struct images {
    const pcs_job_t *job;
    const pcs_patch_t *patch;
    int32_t top;         /* smallest dy */
    size_t height;       /* source lines that the taps of an image meet */
    size_t quads;        /* dwords of an output line */
    size_t line;         /* bytes of a packed source line: (quads, channels) dwords */
    size_t plane;        /* bytes of all lines at one horizontal offset */
    uint32_t shifts;     /* distinct dx */
    int32_t *shift;      /* (shifts) */
    uint32_t *tap_shift; /* (taps) index of its dx */
    pcs_run_t *run;      /* (out_h) */
} images_t;

typedef struct images_share {
    uint8_t *a, *b;  /* (shifts, height, quads, channels), (out_h, quads, n) dwords */
    uint8_t *lines;  /* (steps, N) */
    int32_t *source; /* (height of the source, width, channels) sums over the images of a flush */
    sums_t sums;
} images_share_t;

static size_t lay_images(const images_t *images, char *base, images_share_t *share)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    size_t at = 0;
    share->a = pcs_part(base, &at, images->shifts * images->plane);
    share->b = pcs_part(base, &at, patch->out_h * images->quads * job->n * PCS_DWORD);
    share->lines = pcs_part(base, &at, job->kernel->steps * job->gemm->n);
    share->source = pcs_part(base, &at, (size_t)patch->height * patch->width * patch->channels * sizeof *share->source);
    lay_sums(job, base, &at, &share->sums);
    return at;
}

static void find_shifts(images_t *images)
{
    const pcs_patch_t *patch = images->patch;
    images->shifts = 0;
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        uint32_t s = 0;
        while (s < images->shifts && images->shift[s] != patch->dx[tap]) {
            s++;
        }
        images->shift[s] = patch->dx[tap];
        images->tap_shift[tap] = s;
        images->shifts += s == images->shifts;
    }
}

static void measure(images_t *images)
{
    const pcs_patch_t *patch = images->patch;
    const size_t steps = images->job->kernel->steps;
    int32_t bottom = patch->dy[0];
    images->top = patch->dy[0];
    for (uint32_t tap = 1; tap < patch->taps; tap++) {
        images->top = patch->dy[tap] < images->top ? patch->dy[tap] : images->top;
        bottom = patch->dy[tap] > bottom ? patch->dy[tap] : bottom;
    }
    images->height = (size_t)(patch->out_h - 1U) * patch->stride_y + (size_t)(bottom - images->top) + 1U;
    images->quads = (patch->out_w + steps - 1U) / steps;
    images->line = images->quads * patch->channels * PCS_DWORD;
    images->plane = images->height * images->line;
    for (size_t y = 0; y < patch->out_h; y++) {
        images->run[y] = (pcs_run_t){.offset = y * patch->stride_y * images->line, .dwords = images->quads};
    }
}

/* Source line `h` of an image at one horizontal offset. */
static void pack_line(const images_t *images, size_t image, size_t h, int32_t shift, uint8_t *to)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    const size_t steps = job->kernel->steps;
    const int64_t y = patch->origin_y + (int64_t)h + images->top;
    const bool outside = y < 0 || y >= (int64_t)patch->height;
    const uint8_t *line = job->gemm->a.codes + patch->channel0;
    line += outside ? 0 : (image * patch->height + (size_t)y) * patch->width * patch->src_channels;
    for (size_t q = 0; q < images->quads; q++, to += patch->channels * PCS_DWORD) {
        const uint8_t *rows[PCS_STEPS_MAX];
        for (size_t i = 0; i < steps; i++) {
            const size_t position = q * steps + i;
            const int64_t x = patch->origin_x + (int64_t)(position * patch->stride_x) + shift;
            const bool none = outside || position >= patch->out_w || x < 0 || x >= (int64_t)patch->width;
            rows[i] = none ? NULL : line + (size_t)x * patch->src_channels;
        }
        job->kernel->interleave(rows, patch->channels, job->a, to);
    }
}

/* Sums of A's rows over the images since the last flush: each tap's part of the source, position by position. */
static void sum_rows(const images_t *images, images_share_t *share)
{
    const pcs_patch_t *patch = images->patch;
    const size_t channels = patch->channels;
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        int32_t *sums = share->sums.row_sums + tap * channels;
        for (size_t at = 0; at < (size_t)patch->out_h * patch->out_w; at++) {
            const int64_t y = patch->origin_y + (int64_t)(at / patch->out_w * patch->stride_y) + patch->dy[tap];
            const int64_t x = patch->origin_x + (int64_t)(at % patch->out_w * patch->stride_x) + patch->dx[tap];
            if (y >= 0 && y < (int64_t)patch->height && x >= 0 && x < (int64_t)patch->width) {
                const int32_t *from = share->source + ((size_t)y * patch->width + (size_t)x) * channels;
                for (size_t c = 0; c < channels; c++) {
                    sums[c] += from[c];
                }
            }
        }
    }
    memset(share->source, 0, (size_t)patch->height * patch->width * channels * sizeof *share->source);
}

static void add_image(const images_t *images, images_share_t *share, size_t image)
{
    const pcs_patch_t *patch = images->patch;
    const pcs_operand_t *a = &images->job->gemm->a;
    const size_t pixels = (size_t)patch->height * patch->width;
    const uint8_t *codes = a->codes + image * pixels * patch->src_channels + patch->channel0;
    if (patch->channels == patch->src_channels) {
        pcs_add_codes(codes, pixels * patch->channels, a->is_signed, share->source);
        return;
    }
    for (size_t i = 0; i < pixels; i++) {
        pcs_add_codes(codes + i * patch->src_channels, patch->channels, a->is_signed,
                      share->source + i * patch->channels);
    }
}

static void run_image(const images_t *images, images_share_t *share, size_t image)
{
    const pcs_job_t *job = images->job;
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = images->patch;
    const size_t positions = (size_t)patch->out_h * patch->out_w;
    const size_t padded = patch->out_h * images->quads * job->kernel->steps;
    if (share->sums.steps + padded > job->kernel->most_k) {
        sum_rows(images, share);
    }
    reserve(job, &share->sums, padded);
    for (uint32_t s = 0; s < images->shifts; s++) {
        for (size_t h = 0; h < images->height; h++) {
            pack_line(images, image, h, images->shift[s], share->a + s * images->plane + h * images->line);
        }
    }
    for (size_t y = 0; y < patch->out_h; y++) {
        pcs_pack_b(job, image * positions + y * patch->out_w, patch->out_w, images->quads, share->lines,
                   share->b + y * images->quads * job->n * PCS_DWORD);
    }
    add_image(images, share, image);
    for (size_t k = 0; k < positions && job->oa != 0; k++) {
        pcs_add_codes(pcs_b_step(&gemm->b, image * positions + k, gemm->n, share->lines), gemm->n, gemm->b.is_signed,
                      share->sums.col_sums);
    }
    const pcs_walk_t walk = {
        .row = PCS_DWORD, .step = patch->channels * PCS_DWORD, .runs = images->run, .count = patch->out_h};
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        const size_t down = (size_t)(patch->dy[tap] - images->top);
        job->kernel->multiply(patch->channels, job->n, &walk,
                              share->a + images->tap_shift[tap] * images->plane + down * images->line, share->b,
                              share->sums.p32 + (size_t)tap * patch->channels * job->n, true);
    }
}

pcs_status_t pcs_fast_images(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = gemm->a.patch;
    /* The 32-bit sums of an image must fit, and so must the sums of a pixel over the images of a flush: it is below
       that of a row of A. */
    if ((size_t)patch->out_h * pcs_round_up(patch->out_w, job->kernel->steps) > job->kernel->most_k) {
        return pcs_fast_steps(engine, job, err);
    }
    images_t images = {.job = job, .patch = patch, .shifts = patch->taps};
    const size_t tables[] = {patch->taps * sizeof *images.shift, patch->taps * sizeof *images.tap_shift,
                             patch->out_h * sizeof *images.run};
    size_t at = 0;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        (void)pcs_part(NULL, &at, tables[i]);
    }
    char *scratch = pcs_engine_scratch(engine, at);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    /* Sizes depend on the tables, which move when the scratch grows: filled once to measure, once for good. */
    images_share_t total;
    size_t share_bytes = 0;
    for (int round = 0; round < 2; round++) {
        at = 0;
        images.shift = pcs_part(scratch, &at, tables[0]);
        images.tap_shift = pcs_part(scratch, &at, tables[1]);
        images.run = pcs_part(scratch, &at, tables[2]);
        find_shifts(&images);
        measure(&images);
        share_bytes = lay_images(&images, NULL, &total);
        scratch = round == 0 ? pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes) : scratch;
        if (scratch == NULL) {
            return pcs_fast_no_memory(gemm, err);
        }
    }
    (void)lay_images(&images, scratch + at, &total);
#pragma omp parallel num_threads(job->threads)
    {
        images_share_t own;
        (void)lay_images(&images, scratch + at + (size_t)omp_get_thread_num() * share_bytes, &own);
        start(job, &own.sums);
        memset(own.source, 0, (size_t)patch->height * patch->width * patch->channels * sizeof *own.source);
#pragma omp for schedule(static)
        for (size_t i = 0; i < patch->batch; i++) {
            run_image(&images, &own, i);
        }
        sum_rows(&images, &own);
        flush(job, &own.sums);
#pragma omp barrier
#pragma omp critical
        if (own.sums.p != total.sums.p) {
            add_sums(job, &own.sums, &total.sums);
        }
    }
    pcs_output_group(gemm, job->sums, 0, 0, gemm->m, 0, gemm->n, total.sums.p, total.sums.rows);
    return PCS_OK;
}
