/* A as patches of a convolution, stored by step (wgrad): dwords run along K, which are positions, so that an image is
   packed channel by channel, and every tap reads the same packed channels from its own offset. */
#include <omp.h>
#include <string.h>

#include "models/gemm/kernels/steps.h"

/* Steps of K that images of few positions are packed together to, and images whose codes a sum of 16 bits holds. */
enum { STACK_STEPS = 512, SUMMED_IMAGES = 255 };

/* With strides, an image falls apart into planes: plane (ry, rx) has its pixels (stride_y i + ry, stride_x j + rx).  A
   tap sees one plane, from an offset of its own, which may be negative; small images lie in a plane one below the
   other. K runs over whole lines of planes, so that some of its steps lie between the output's lines: there B is packed
   as zero, with no flipped sign. */
typedef struct images {
    const pcs_job_t *job;
    const pcs_patch_t *patch;
    int32_t top, left;   /* of a packed plane */
    size_t lines, width; /* of an image in a packed plane, pixels */
    size_t stack;        /* images of a plane */
    size_t row;          /* bytes of a channel of a plane */
    size_t dwords;       /* of K, filled up */
    size_t planes;       /* stride_y * stride_x */
    bool *plane_used;    /* (planes) */
    size_t *tap_offset;  /* (taps) bytes, plane included */
    bool row_sums;       /* something needs them */
} images_t;

typedef struct images_share {
    uint8_t *a, *b;   /* (planes, channels, row), (dwords, n) dwords */
    uint8_t *steps;   /* (dwords * steps, n) codes of B, between the output's lines those that are packed as zero */
    uint8_t *line;    /* (N) */
    uint16_t *source; /* (height of the source, width, channels) sums over the latest images */
    size_t summed;    /* images in it */
    pcs_steps_t sums;
} images_share_t;

static size_t lay_images(const images_t *images, char *base, images_share_t *share)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    size_t at = 0;
    share->a = pcs_part(base, &at, images->planes * patch->channels * images->row);
    share->b = pcs_part(base, &at, images->dwords * job->n * PCS_DWORD);
    share->steps = pcs_part(base, &at, images->dwords * job->kernel->steps * job->n);
    share->line = pcs_part(base, &at, job->gemm->n);
    share->source = pcs_part(base, &at, (size_t)patch->height * patch->width * patch->channels * sizeof *share->source);
    pcs_steps_lay(job, base, &at, &share->sums);
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
    images->stack = 1;
    while (2U * images->stack * images->lines * images->width <= STACK_STEPS &&
           2U * images->stack * (size_t)job->threads <= patch->batch) {
        images->stack *= 2U;
    }
    const size_t last = (images->stack - 1U) * images->lines + patch->out_h - 1U; /* line of the output */
    const size_t steps = last * images->width + patch->out_w;
    images->dwords = pcs_round_up(pcs_round_up(steps, job->kernel->steps) / job->kernel->steps, job->kernel->run);
    /* K, filled up, from the last offset. */
    const size_t reach = (size_t)(bottom - images->top) * images->width + (size_t)(right - images->left);
    images->row = pcs_round_up(reach * job->element + images->dwords * PCS_DWORD, 64);
    const size_t packed = pcs_round_up(images->stack * images->lines * images->width * job->element, 64);
    images->row = packed > images->row ? packed : images->row;
}

static void place_taps(const images_t *images)
{
    const pcs_patch_t *patch = images->patch;
    memset(images->plane_used, 0, images->planes * sizeof *images->plane_used);
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

/* Plane `plane` of an image, the `at`-th of its stack. */
static void pack_plane(const images_t *images, size_t image, size_t plane, size_t at, uint8_t *to)
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
    for (size_t h = 0; h < images->lines && from < end; h++) {
        const int64_t y = ((int64_t)h + images->top) * patch->stride_y + ry;
        const int64_t x = (from + images->left) * patch->stride_x + rx;
        if (y >= 0 && y < (int64_t)patch->height) {
            const size_t first = (image * patch->height + (size_t)y) * patch->width + (size_t)x;
            const size_t packed = (at * images->lines + h) * images->width + (size_t)from;
            job->kernel->transpose(job->gemm->a.codes + first * patch->src_channels + patch->channel0, pixel,
                                   (size_t)(end - from), patch->channels, job->a, to + packed * job->element,
                                   images->row);
        }
    }
}

/* Gradients of an image, the `at`-th of its stack. */
static void copy_steps(const images_t *images, images_share_t *share, size_t image, size_t at)
{
    const pcs_job_t *job = images->job;
    const pcs_operand_t *b = &job->gemm->b;
    const pcs_patch_t *patch = images->patch;
    const size_t n = job->gemm->n;
    const bool whole = n == job->n && !b->transposed && b->ld == n;
    for (size_t y = 0; y < patch->out_h; y++) {
        const size_t k = (image * patch->out_h + y) * patch->out_w;
        uint8_t *to = share->steps + (at * images->lines + y) * images->width * job->n;
        if (whole) {
            memcpy(to, b->codes + k * n, patch->out_w * n);
        }
        for (size_t x = 0; x < patch->out_w && !whole; x++) {
            memcpy(to + x * job->n, pcs_b_step(b, k + x, n, share->line), n);
        }
    }
}

/* A stack that is not full: what was there before is multiplied by zero. */
static void clear_steps(const images_t *images, const images_share_t *share, size_t from)
{
    const pcs_job_t *job = images->job;
    const size_t first = from * images->lines * images->width;
    memset(share->steps + first * job->n, job->b.flip, (images->dwords * job->kernel->steps - first) * job->n);
}

static void pack_steps(const images_t *images, const images_share_t *share)
{
    const pcs_job_t *job = images->job;
    const size_t steps = job->kernel->steps;
    const uint8_t *rows[PCS_STEPS_MAX];
    for (size_t i = 0; i < steps; i++) {
        rows[i] = share->steps + i * job->n;
    }
    job->kernel->interleave(rows, job->n, images->dwords, steps * job->n, job->b, share->b);
}

/* Output positions [*from, *to) of an axis whose tap lies inside the source. */
static void inside(uint32_t positions, int64_t first, uint32_t stride, uint32_t size, size_t *from, size_t *to)
{
    *from = 0;
    while (*from < positions && first + (int64_t)(*from * stride) < 0) {
        ++*from;
    }
    *to = positions;
    while (*to > *from && first + (int64_t)((*to - 1U) * stride) >= (int64_t)size) {
        --*to;
    }
}

PCS_CLONES static void add_sums(const uint16_t *from, size_t count, bool is_signed, int32_t *restrict sums)
{
    if (is_signed) {
        for (size_t i = 0; i < count; i++) {
            sums[i] += (int16_t)from[i];
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            sums[i] += from[i];
        }
    }
}

/* Sums of A's rows over the images in `source`: each tap's part of it, position by position. */
static void sum_rows(const images_t *images, images_share_t *share)
{
    const pcs_patch_t *patch = images->patch;
    const size_t channels = patch->channels;
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        const int64_t first_y = (int64_t)patch->origin_y + patch->dy[tap];
        const int64_t first_x = (int64_t)patch->origin_x + patch->dx[tap];
        size_t y[2];
        size_t x[2];
        inside(patch->out_h, first_y, patch->stride_y, patch->height, &y[0], &y[1]);
        inside(patch->out_w, first_x, patch->stride_x, patch->width, &x[0], &x[1]);
        for (size_t i = y[0]; i < y[1]; i++) {
            const size_t line = (size_t)(first_y + (int64_t)(i * patch->stride_y)) * patch->width;
            for (size_t j = x[0]; j < x[1]; j++) {
                const size_t at = line + (size_t)(first_x + (int64_t)(j * patch->stride_x));
                add_sums(share->source + at * channels, channels, images->job->gemm->a.is_signed,
                         share->sums.row_sums + tap * channels);
            }
        }
    }
    memset(share->source, 0, (size_t)patch->height * patch->width * channels * sizeof *share->source);
    share->summed = 0;
    pcs_steps_flush(images->job, &share->sums);
}

/* Modulo 2^16. */
PCS_CLONES static void add_codes(const uint8_t *codes, size_t count, bool is_signed, uint16_t *restrict sums)
{
    const uint8_t flip = is_signed ? 0x80 : 0; /* adds 128 to a signed code */
    const uint16_t less = flip;
    for (size_t i = 0; i < count; i++) {
        sums[i] = (uint16_t)(sums[i] + (codes[i] ^ flip) - less);
    }
}

static void add_image(const images_t *images, images_share_t *share, size_t image)
{
    const pcs_patch_t *patch = images->patch;
    const pcs_operand_t *a = &images->job->gemm->a;
    const size_t pixels = (size_t)patch->height * patch->width;
    const size_t positions = (size_t)patch->out_h * patch->out_w;
    const uint8_t *codes = a->codes + image * pixels * patch->src_channels + patch->channel0;
    /* The sums of a row of A must fit 32 bits, those of one element of the source 16. */
    if (share->summed == SUMMED_IMAGES || (share->summed + 1U) * positions > images->job->kernel->most_k) {
        sum_rows(images, share);
    }
    share->summed++;
    if (patch->channels == patch->src_channels) {
        add_codes(codes, pixels * patch->channels, a->is_signed, share->source);
        return;
    }
    for (size_t i = 0; i < pixels; i++) {
        add_codes(codes + i * patch->src_channels, patch->channels, a->is_signed, share->source + i * patch->channels);
    }
}

/* Image `image`, the `at`-th of its stack. */
static void pack_image(const images_t *images, images_share_t *share, size_t image, size_t at)
{
    const pcs_job_t *job = images->job;
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = images->patch;
    const size_t positions = (size_t)patch->out_h * patch->out_w;
    for (size_t plane = 0; plane < images->planes; plane++) {
        if (images->plane_used[plane]) {
            pack_plane(images, image, plane, at, share->a + plane * patch->channels * images->row);
        }
    }
    copy_steps(images, share, image, at);
    if (images->row_sums) {
        add_image(images, share, image);
    }
    for (size_t k = 0; k < positions && job->oa != 0; k++) {
        pcs_add_codes(pcs_b_step(&gemm->b, image * positions + k, gemm->n, share->line), gemm->n, gemm->b.is_signed,
                      share->sums.col_sums);
    }
}

static void run_stack(const images_t *images, images_share_t *share, size_t first)
{
    const pcs_job_t *job = images->job;
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = images->patch;
    const size_t left = patch->batch - first;
    const size_t count = left < images->stack ? left : images->stack;
    pcs_steps_reserve(job, &share->sums, count * patch->out_h * patch->out_w);
    for (size_t i = 0; i < count; i++) {
        pack_image(images, share, first + i, i);
    }
    if (count < images->stack) {
        clear_steps(images, share, count);
    }
    pack_steps(images, share);
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

/* Everything that no image fills: the value zero. */
static void start(const images_t *images, images_share_t *share)
{
    const pcs_job_t *job = images->job;
    const pcs_patch_t *patch = images->patch;
    pcs_steps_start(job, &share->sums);
    memset(share->a, job->a.flip, images->planes * patch->channels * images->row);
    memset(share->source, 0, (size_t)patch->height * patch->width * patch->channels * sizeof *share->source);
    share->summed = 0;
    clear_steps(images, share, 0);
}

pcs_status_t pcs_fast_images(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = gemm->a.patch;
    /* The 32-bit sums of a stack must fit. */
    if ((size_t)patch->out_h * patch->out_w > job->kernel->most_k) {
        return pcs_fast_steps(engine, job, err);
    }
    images_t images = {.job = job, .patch = patch, .row_sums = job->ob != 0 || job->sums->terms.row_sums};
    images_share_t total;
    measure(&images);
    size_t at = 0;
    (void)pcs_part(NULL, &at, images.planes * sizeof *images.plane_used);
    (void)pcs_part(NULL, &at, patch->taps * sizeof *images.tap_offset);
    const size_t share_bytes = lay_images(&images, NULL, &total);
    char *scratch = pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    at = 0;
    images.plane_used = pcs_part(scratch, &at, images.planes * sizeof *images.plane_used);
    images.tap_offset = pcs_part(scratch, &at, patch->taps * sizeof *images.tap_offset);
    place_taps(&images);
    (void)lay_images(&images, scratch + at, &total);
#pragma omp parallel num_threads(job->threads)
    {
        images_share_t own;
        (void)lay_images(&images, scratch + at + (size_t)omp_get_thread_num() * share_bytes, &own);
        start(&images, &own);
        if (job->kernel->begin != NULL) {
            job->kernel->begin();
        }
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < patch->batch; i += images.stack) {
            run_stack(&images, &own, i);
        }
        if (job->kernel->end != NULL) {
            job->kernel->end();
        }
        sum_rows(&images, &own);
        pcs_steps_finish(job, &own.sums, &total.sums);
    }
    return PCS_OK;
}
