/* A stored by step (wgrad): threads take ranges of K, each with sums of its own, which are then added.  A convolution's
   patches are implicit here too: dwords run along K, which are positions, so that an image is packed channel by
   channel, and every tap reads the same packed channels from its own offset. */
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

/* With strides, an image falls apart into planes: plane (ry, rx) has its pixels (stride_y i + ry, stride_x j + rx).  A
   tap sees one plane, from an offset of its own, which may be negative; K runs over whole lines of planes, so that some
   of its steps lie between the output's lines: there B is packed as zero, with no flipped sign. */
typedef struct images {
    const pcs_job_t *job;
    const pcs_patch_t *patch;
    int32_t top, left;   /* of a packed plane */
    size_t lines, width; /* of a packed plane, pixels */
    size_t row;          /* bytes of a channel of a plane */
    size_t dwords;       /* of K, filled up */
    size_t planes;       /* stride_y * stride_x */
    bool *plane_used;    /* (planes) */
    size_t *tap_offset;  /* (taps) bytes, plane included */
    uint8_t *none;       /* (N) codes that are packed as zero */
} images_t;

typedef struct images_share {
    uint8_t *a, *b;  /* (planes, channels, row), (dwords, n) dwords */
    uint8_t *lines;  /* (steps, N) */
    int32_t *source; /* (height of the source, width, channels) sums over the images of a flush */
    sums_t sums;
} images_share_t;

static size_t lay_images(const images_t *images, char *base, images_share_t *share)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    size_t at = 0;
    share->a = pcs_part(base, &at, images->planes * patch->channels * images->row);
    share->b = pcs_part(base, &at, images->dwords * job->n * PCS_DWORD);
    share->lines = pcs_part(base, &at, job->kernel->steps * job->gemm->n);
    share->source = pcs_part(base, &at, (size_t)patch->height * patch->width * patch->channels * sizeof *share->source);
    lay_sums(job, base, &at, &share->sums);
    return at;
}

static int32_t floor_div(int32_t value, int32_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

static void measure(images_t *images)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    int32_t bottom = INT32_MIN;
    int32_t right = INT32_MIN;
    images->top = INT32_MAX;
    images->left = INT32_MAX;
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        const int32_t y = floor_div(patch->origin_y + patch->dy[tap], (int32_t)patch->stride_y);
        const int32_t x = floor_div(patch->origin_x + patch->dx[tap], (int32_t)patch->stride_x);
        images->top = y < images->top ? y : images->top;
        images->left = x < images->left ? x : images->left;
        bottom = y > bottom ? y : bottom;
        right = x > right ? x : right;
    }
    images->planes = (size_t)patch->stride_y * patch->stride_x;
    images->lines = (size_t)patch->out_h + (size_t)(bottom - images->top);
    images->width = (size_t)patch->out_w + (size_t)(right - images->left);
    const size_t steps = (patch->out_h - 1U) * images->width + patch->out_w;
    images->dwords = pcs_round_up(pcs_round_up(steps, job->kernel->steps) / job->kernel->steps, job->kernel->run);
    /* K, filled up, from the last offset. */
    const size_t reach = (size_t)(bottom - images->top) * images->width + (size_t)(right - images->left);
    images->row = pcs_round_up(reach * job->element + images->dwords * PCS_DWORD, 64);
    const size_t packed = pcs_round_up(images->lines * images->width * job->element, 64);
    images->row = packed > images->row ? packed : images->row;
}

static void place_taps(const images_t *images)
{
    const pcs_patch_t *patch = images->patch;
    memset(images->plane_used, 0, images->planes * sizeof *images->plane_used);
    memset(images->none, images->job->b.flip, images->job->gemm->n);
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        const int32_t stride_y = (int32_t)patch->stride_y;
        const int32_t stride_x = (int32_t)patch->stride_x;
        const int32_t down = patch->origin_y + patch->dy[tap];
        const int32_t across = patch->origin_x + patch->dx[tap];
        const int32_t y = floor_div(down, stride_y);
        const int32_t x = floor_div(across, stride_x);
        const size_t plane = (size_t)((down - y * stride_y) * stride_x + (across - x * stride_x));
        const size_t offset = (size_t)(y - images->top) * images->width + (size_t)(x - images->left);
        images->plane_used[plane] = true;
        images->tap_offset[tap] = plane * patch->channels * images->row + offset * images->job->element;
    }
}

/* One image's plane. */
static void pack_plane(const images_t *images, size_t image, size_t plane, uint8_t *to)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    const int64_t ry = (int64_t)(plane / patch->stride_x);
    const int64_t rx = (int64_t)(plane % patch->stride_x);
    /* Packed columns [from, end) lie inside the image. */
    const int64_t columns = ((int64_t)patch->width - rx + patch->stride_x - 1) / patch->stride_x - images->left;
    const int64_t from = images->left < 0 ? -images->left : 0;
    const int64_t end = columns < (int64_t)images->width ? columns : (int64_t)images->width;
    const size_t pixel = (size_t)patch->stride_x * patch->src_channels;
    memset(to, job->a.flip, patch->channels * images->row); /* the value zero */
    for (size_t h = 0; h < images->lines && from < end; h++) {
        const int64_t y = ((int64_t)h + images->top) * patch->stride_y + ry;
        const int64_t x = (from + images->left) * patch->stride_x + rx;
        if (y >= 0 && y < (int64_t)patch->height) {
            const size_t first = (image * patch->height + (size_t)y) * patch->width + (size_t)x;
            job->kernel->transpose(job->gemm->a.codes + first * patch->src_channels + patch->channel0, pixel,
                                   (size_t)(end - from), patch->channels, job->a,
                                   to + (h * images->width + (size_t)from) * job->element, images->row);
        }
    }
}

/* One image's gradients. */
static void pack_steps(const images_t *images, size_t image, uint8_t *lines, uint8_t *to)
{
    const pcs_job_t *job = images->job;
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = images->patch;
    const uint8_t *none[PCS_STEPS_MAX] = {NULL};
    size_t k = image * patch->out_h * patch->out_w;
    size_t y = 0;
    size_t x = 0;
    for (size_t q = 0; q < images->dwords; q++, to += job->n * PCS_DWORD) {
        const uint8_t *rows[PCS_STEPS_MAX];
        for (size_t i = 0; i < job->kernel->steps; i++) {
            const bool inside = y < patch->out_h && x < patch->out_w;
            rows[i] = inside ? pcs_b_step(&gemm->b, k++, gemm->n, lines + i * gemm->n) : images->none;
            x++;
            if (x == images->width) {
                x = 0;
                y++;
            }
        }
        job->kernel->interleave(rows, gemm->n, job->b, to);
        job->kernel->interleave(none, job->n - gemm->n, job->b, to + gemm->n * PCS_DWORD);
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
    if (share->sums.steps + positions > job->kernel->most_k) {
        sum_rows(images, share);
    }
    reserve(job, &share->sums, positions);
    for (size_t plane = 0; plane < images->planes; plane++) {
        if (images->plane_used[plane]) {
            pack_plane(images, image, plane, share->a + plane * patch->channels * images->row);
        }
    }
    pack_steps(images, image, share->lines, share->b);
    add_image(images, share, image);
    for (size_t k = 0; k < positions && job->oa != 0; k++) {
        pcs_add_codes(pcs_b_step(&gemm->b, image * positions + k, gemm->n, share->lines), gemm->n, gemm->b.is_signed,
                      share->sums.col_sums);
    }
    const pcs_run_t run = {.dwords = images->dwords};
    const pcs_walk_t walk = {
        .row = images->row,
        .step = PCS_DWORD,
        .runs = &run,
        .count = 1,
        .a_signed = gemm->a.is_signed,
        .b_signed = gemm->b.is_signed,
    };
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        job->kernel->multiply(patch->channels, job->n, &walk, share->a + images->tap_offset[tap], share->b,
                              share->sums.p32 + (size_t)tap * patch->channels * job->n, true);
    }
}

pcs_status_t pcs_fast_images(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = gemm->a.patch;
    /* The 32-bit sums of an image must fit, and so must the sums of a pixel over the images of a flush: it is below
       that of a row of A. */
    if ((size_t)patch->out_h * patch->out_w > job->kernel->most_k) {
        return pcs_fast_steps(engine, job, err);
    }
    images_t images = {.job = job, .patch = patch};
    images_share_t total;
    measure(&images);
    size_t at = 0;
    (void)pcs_part(NULL, &at, images.planes * sizeof *images.plane_used);
    (void)pcs_part(NULL, &at, patch->taps * sizeof *images.tap_offset);
    (void)pcs_part(NULL, &at, gemm->n);
    const size_t share_bytes = lay_images(&images, NULL, &total);
    char *scratch = pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    at = 0;
    images.plane_used = pcs_part(scratch, &at, images.planes * sizeof *images.plane_used);
    images.tap_offset = pcs_part(scratch, &at, patch->taps * sizeof *images.tap_offset);
    images.none = pcs_part(scratch, &at, gemm->n);
    place_taps(&images);
    (void)lay_images(&images, scratch + at, &total);
#pragma omp parallel num_threads(job->threads)
    {
        images_share_t own;
        (void)lay_images(&images, scratch + at + (size_t)omp_get_thread_num() * share_bytes, &own);
        start(job, &own.sums);
        memset(own.source, 0, (size_t)patch->height * patch->width * patch->channels * sizeof *own.source);
        if (job->kernel->begin != NULL) {
            job->kernel->begin();
        }
#pragma omp for schedule(static)
        for (size_t i = 0; i < patch->batch; i++) {
            run_image(&images, &own, i);
        }
        if (job->kernel->end != NULL) {
            job->kernel->end();
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
