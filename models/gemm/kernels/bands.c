/* A as patches of a convolution, K running over (tap, channel): implicit GEMM.  The source lines that a band of output
   lines needs are packed once, padding included; every tap then reads the same packed lines from its own offset, and no
   patch is ever copied. */
#include <omp.h>
#include <string.h>

#include "models/gemm/kernels/kernels.h"

/* Bytes of packed source that should stay in the first-level cache with B and the sums; row sums made at a time. */
enum { BAND_BYTES = 32768, SUM_LANES = 16, WATCHED_BYTES = 1 << 20 };
typedef uint32_t lanes_t __attribute__((vector_size(SUM_LANES * sizeof(int32_t))));

/* Where a tap is, in packed pixels from an output position, and its number in K. */
typedef struct tap {
    size_t pixel;
    uint32_t number;
} tap_t;

typedef struct bands {
    const pcs_job_t *job;
    const pcs_patch_t *patch;
    int32_t top, left;    /* source position of packed pixel (0, 0), less the origin of the output position */
    size_t lines;         /* output lines of a band */
    bool whole;           /* the lines of a band are multiplied at once */
    size_t height, width; /* packed pixels of a band */
    size_t dwords;        /* of a pixel: its channels, filled up */
    size_t pixel;         /* bytes */
    size_t depth;         /* dwords of B: those of each run, filled up as the kernel wants it */
    bool row_sums;
    tap_t *tap; /* (taps) */
    size_t runs;
    pcs_run_t *run; /* (runs): taps side by side are one */
    uint8_t *b;     /* (depth, n) */
    pcs_lines_t output;
} bands_t;

typedef struct share {
    uint8_t *source;   /* (height, width, pixel) */
    int32_t *sums;     /* (height, width) sums of the channels of a pixel */
    int32_t *row_sums; /* (out_w), without strides */
    int32_t *product;  /* (out_w, n), or of the band (lines, width, n) */
} share_t;

/* Rows of A of `lines` output lines multiplied at once, of which those of a line are `width` apart. */
static size_t rows_of(const bands_t *bands, size_t lines)
{
    return (lines - 1U) * bands->width + bands->patch->out_w;
}

static size_t lay_share(const bands_t *bands, char *base, share_t *share)
{
    size_t at = 0;
    const size_t run = bands->job->kernel->run; /* how far, in dwords and rows, A and p reach beyond their ends */
    const size_t beyond = run * PCS_DWORD + run * bands->patch->stride_x * bands->pixel;
    share->source = pcs_part(base, &at, bands->height * bands->width * bands->pixel + beyond);
    share->sums = pcs_part(base, &at, (bands->height * bands->width + SUM_LANES) * sizeof *share->sums);
    share->row_sums = pcs_part(base, &at, (bands->width + SUM_LANES) * sizeof *share->row_sums);
    const size_t rows = pcs_round_up(rows_of(bands, bands->whole ? bands->lines : 1), run);
    share->product = pcs_part(base, &at, rows * bands->job->n * sizeof *share->product);
    return at;
}

static void span(const int32_t *d, uint32_t count, int32_t *low, int32_t *high)
{
    *low = d[0];
    *high = d[0];
    for (uint32_t i = 1; i < count; i++) {
        *low = d[i] < *low ? d[i] : *low;
        *high = d[i] > *high ? d[i] : *high;
    }
}

/* Sizes, from the contract alone. */
static bands_t measure(const pcs_job_t *job)
{
    const pcs_patch_t *patch = job->gemm->a.patch;
    int32_t bottom;
    int32_t right;
    bands_t bands = {.job = job, .patch = patch, .row_sums = job->ob != 0 || job->sums->terms.row_sums};
    span(patch->dy, patch->taps, &bands.top, &bottom);
    span(patch->dx, patch->taps, &bands.left, &right);
    bands.dwords = pcs_round_up(patch->channels, job->kernel->steps) / job->kernel->steps;
    bands.pixel = bands.dwords * PCS_DWORD;
    bands.depth = patch->taps * pcs_round_up(bands.dwords, job->kernel->run); /* if no tap lies beside another */
    bands.width = (size_t)(patch->out_w - 1U) * patch->stride_x + (size_t)(right - bands.left) + 1U;
    const size_t extra = (size_t)(bottom - bands.top) + 1U;
    bands.whole = job->kernel->bands && patch->stride_x == 1 && patch->stride_y == 1;
    const size_t line = bands.width * bands.pixel;
    const size_t sums = bands.width * job->n * sizeof(int32_t); /* of a line, kept until the whole band is multiplied */
    const size_t halo = (extra - 1U) * line;
    const size_t most =
        BAND_BYTES > halo ? (BAND_BYTES - halo) / (line * patch->stride_y + (bands.whole ? sums : 0)) : 0;
    const size_t count = most > 0 ? ((size_t)patch->out_h + most - 1U) / most : patch->out_h; /* bands of an image */
    bands.lines = ((size_t)patch->out_h + count - 1U) / count;
    bands.height = (bands.lines - 1U) * patch->stride_y + extra;
    return bands;
}

/* Taps from the first packed pixel to the last, whatever their order in K: sums do not depend on it. */
static void place_taps(bands_t *bands)
{
    const pcs_patch_t *patch = bands->patch;
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        const size_t y = (size_t)(patch->dy[tap] - bands->top);
        const size_t x = (size_t)(patch->dx[tap] - bands->left);
        uint32_t at = tap;
        for (; at > 0 && bands->tap[at - 1U].pixel > y * bands->width + x; at--) {
            bands->tap[at] = bands->tap[at - 1U];
        }
        bands->tap[at] = (tap_t){y * bands->width + x, tap};
    }
    bands->runs = 0;
    for (uint32_t at = 0; at < patch->taps; at++) {
        const size_t offset = bands->tap[at].pixel * bands->pixel;
        pcs_run_t *last = bands->runs > 0 ? &bands->run[bands->runs - 1U] : NULL;
        if (last != NULL && offset == last->offset + last->dwords * PCS_DWORD) {
            last->dwords += bands->dwords;
        } else {
            bands->run[bands->runs++] = (pcs_run_t){offset, bands->dwords};
        }
    }
}

/* One dword a pixel: fewer than four channels. */
static void pack_narrow(const uint8_t *codes, size_t count, size_t pixel, size_t channels, uint8_t flip, uint8_t *to)
{
    uint8_t mask[PCS_DWORD] = {0};
    uint8_t flips[PCS_DWORD];
    uint32_t used;
    uint32_t flipped;
    memset(mask, 0xff, channels);
    memset(flips, flip, sizeof flips);
    memcpy(&used, mask, sizeof used);
    memcpy(&flipped, flips, sizeof flipped);
    for (size_t i = 0; i < count; i++) {
        uint32_t dword = 0;
        const bool inside = i * pixel + PCS_DWORD <= (count - 1U) * pixel + channels;
        memcpy(&dword, codes + i * pixel, inside ? PCS_DWORD : channels); /* the last ones reach no further */
        dword = (dword & used) ^ flipped;
        memcpy(to + i * PCS_DWORD, &dword, sizeof dword);
    }
}

/* Channels of one source pixel or many side by side, to packed pixels. */
static void pack_pixels(const bands_t *bands, const uint8_t *codes, size_t count, uint8_t *to, int32_t *sums)
{
    const pcs_job_t *job = bands->job;
    const pcs_patch_t *patch = bands->patch;
    const uint8_t *none[PCS_STEPS_MAX] = {NULL};
    const bool whole = patch->channels * job->element == bands->pixel && patch->channels == patch->src_channels;
    if (whole) {
        job->kernel->copy(codes, count * patch->channels, job->a, to);
    }
    const bool narrow = !whole && job->element == 1 && patch->channels < PCS_DWORD; /* one dword a pixel */
    if (narrow) {
        pack_narrow(codes, count, patch->src_channels, patch->channels, job->a.flip, to);
    }
    for (size_t i = 0; i < count && !whole && !narrow; i++) {
        job->kernel->interleave(none, 1, 1, 0, job->a, to + (i + 1U) * bands->pixel - PCS_DWORD);
        job->kernel->copy(codes + i * patch->src_channels, patch->channels, job->a, to + i * bands->pixel);
    }
    if (bands->row_sums) {
        pcs_sum_pixels(codes, count, patch->src_channels, patch->channels, job->gemm->a.is_signed, sums);
    }
}

static void pack_padding(const bands_t *bands, size_t count, uint8_t *to, int32_t *sums)
{
    const uint8_t *none[PCS_STEPS_MAX] = {NULL};
    bands->job->kernel->interleave(none, count * bands->dwords, 1, 0, bands->job->a, to);
    memset(sums, 0, count * sizeof *sums);
}

/* The source lines of output lines line0.. of an image. */
static void pack_band(const bands_t *bands, const share_t *share, size_t image, size_t line0, size_t lines)
{
    const pcs_patch_t *patch = bands->patch;
    const int64_t y0 = patch->origin_y + (int64_t)(line0 * patch->stride_y) + bands->top;
    const int64_t x0 = patch->origin_x + bands->left;
    const int64_t width = (int64_t)bands->width;
    /* Packed columns [from, to) lie inside the image. */
    const int64_t from = x0 >= 0 ? 0 : (-x0 < width ? -x0 : width);
    const int64_t inside = (int64_t)patch->width - x0;
    const int64_t to = inside < from ? from : (inside < width ? inside : width);
    const size_t height = bands->height - (bands->lines - lines) * patch->stride_y;
    for (size_t h = 0; h < height; h++) {
        const int64_t y = y0 + (int64_t)h;
        uint8_t *line = share->source + h * bands->width * bands->pixel;
        int32_t *sums = share->sums + h * bands->width;
        if (y < 0 || y >= (int64_t)patch->height || from == to) {
            pack_padding(bands, bands->width, line, sums);
            continue;
        }
        const size_t first = (image * patch->height + (size_t)y) * patch->width + (size_t)(x0 + from);
        const uint8_t *codes = bands->job->gemm->a.codes + first * patch->src_channels + patch->channel0;
        pack_padding(bands, (size_t)from, line, sums);
        pack_pixels(bands, codes, (size_t)(to - from), line + (size_t)from * bands->pixel, sums + from);
        pack_padding(bands, (size_t)(width - to), line + (size_t)to * bands->pixel, sums + to);
    }
}

/* Sums of the rows of A of one output line: of their taps' pixels.  Without strides first, SUM_LANES at a time: what
   lies beyond a line, and between its positions, is added up too, and not used. */
PCS_CLONES static void sum_line(const bands_t *bands, const int32_t *sums, int32_t *restrict row_sums)
{
    const pcs_patch_t *patch = bands->patch;
    const size_t span = (patch->out_w - 1U) * patch->stride_x + 1U;
    for (size_t x = 0; x < span; x += SUM_LANES) {
        lanes_t sum = {0};
        for (uint32_t tap = 0; tap < patch->taps; tap++) {
            lanes_t some;
            memcpy(&some, sums + bands->tap[tap].pixel + x, sizeof some);
            sum += some;
        }
        memcpy(row_sums + x, &sum, sizeof sum);
    }
    for (size_t x = 0; x < patch->out_w && patch->stride_x > 1; x++) {
        row_sums[x] = row_sums[x * patch->stride_x];
    }
}

static void run_band(const bands_t *bands, const share_t *share, size_t image, size_t line0, size_t lines)
{
    const pcs_job_t *job = bands->job;
    const pcs_patch_t *patch = bands->patch;
    const pcs_walk_t walk = {
        .row = patch->stride_x * bands->pixel,
        .step = PCS_DWORD,
        .runs = bands->run,
        .count = bands->runs,
        .a_signed = job->gemm->a.is_signed,
        .b_signed = job->gemm->b.is_signed,
    };
    pack_band(bands, share, image, line0, lines);
    if (bands->whole) {
        job->kernel->multiply(rows_of(bands, lines), job->n, &walk, share->source, bands->b, share->product, false);
    }
    for (size_t line = 0; line < lines; line++) {
        const size_t first = line * patch->stride_y * bands->width;
        const int32_t *product = share->product + (bands->whole ? line * bands->width * job->n : 0);
        if (!bands->whole) {
            job->kernel->multiply(patch->out_w, job->n, &walk, share->source + first * bands->pixel, bands->b,
                                  share->product, false);
        }
        if (bands->row_sums) {
            sum_line(bands, share->sums + first, share->row_sums);
        }
        pcs_output_line(&bands->output, (image * patch->out_h + line0 + line) * patch->out_w, product, job->n,
                        bands->row_sums ? share->row_sums : NULL);
    }
}

/* Packs B tap by tap, each tap's channels filled up to whole dwords and each run as the kernel wants it; less[j] = what
   flipped signs of A take from column j. */
static void pack_columns(bands_t *bands, uint8_t *lines, int32_t *less)
{
    const pcs_job_t *job = bands->job;
    const pcs_gemm_t *gemm = job->gemm;
    const uint32_t channels = bands->patch->channels;
    const tap_t *tap = bands->tap;
    bands->depth = 0;
    for (const pcs_run_t *run = bands->run; run < bands->run + bands->runs; run++) {
        const size_t filled = pcs_round_up(run->dwords, job->kernel->run);
        for (size_t q = 0; q < run->dwords; q += bands->dwords, tap++) {
            pcs_pack_b(job, tap->number * channels, channels, bands->dwords, lines,
                       bands->b + (bands->depth + q) * job->n * PCS_DWORD);
        }
        pcs_pack_b(job, 0, 0, filled - run->dwords, lines,
                   bands->b + (bands->depth + run->dwords) * job->n * PCS_DWORD);
        bands->depth += filled;
    }
    const int32_t padded = (int32_t)(bands->depth * job->kernel->steps);
    for (size_t j = 0; j < gemm->n; j++) {
        less[j] = -job->ob * padded;
    }
    for (size_t i = 0; i < gemm->k && job->oa != 0; i++) {
        pcs_add_codes(pcs_b_step(&gemm->b, i, gemm->n, lines), gemm->n, gemm->b.is_signed, less);
    }
    for (size_t j = 0; j < gemm->n; j++) {
        less[j] *= job->oa;
    }
}

/* Images that a thread takes at a time for those who watch their rows, which stay in the second-level cache; 0: rows
   watched together and images do not go together well. */
static size_t watched_images(const pcs_job_t *job)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t area = (size_t)gemm->a.patch->out_h * gemm->a.patch->out_w;
    const size_t watched = gemm->y.watch.done != NULL ? gemm->y.watch.rows : 0;
    const size_t images = watched > area ? watched / area : 1;
    const bool even = watched > 0 && images * area % watched == 0 && gemm->a.patch->batch % images == 0;
    return even && images * area * gemm->n * sizeof(float) <= WATCHED_BYTES ? images : 0;
}

pcs_status_t pcs_fast_bands(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const pcs_patch_t *patch = gemm->a.patch;
    bands_t bands = measure(job);
    share_t none;
    const size_t share_bytes = lay_share(&bands, NULL, &none);
    const size_t sizes[] = {bands.depth * job->n * PCS_DWORD, patch->taps * sizeof *bands.run,
                            job->kernel->steps * gemm->n,     gemm->n * sizeof(int32_t),
                            pcs_lines_size(job->sums),        patch->taps * sizeof *bands.tap};
    void *parts[sizeof sizes / sizeof sizes[0]];
    size_t at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        (void)pcs_part(NULL, &at, sizes[i]);
    }
    char *scratch = pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        parts[i] = pcs_part(scratch, &at, sizes[i]);
    }
    bands.b = parts[0];
    bands.run = parts[1];
    bands.tap = parts[5];
    place_taps(&bands);
    pack_columns(&bands, parts[2], parts[3]);
    pcs_lines_init(&bands.output, gemm, job->sums, job->ob, parts[3], parts[4]);
    const size_t per_image = (patch->out_h + bands.lines - 1U) / bands.lines;
    const size_t count = patch->batch * per_image;
    const size_t watched = watched_images(job);
    const size_t grain = watched > 0 ? watched * per_image : 1;
    const size_t rows = watched * patch->out_h * patch->out_w;
    char *shares = scratch + at;
    engine->told = watched > 0;
#pragma omp parallel num_threads(job->threads)
    {
        share_t own;
        (void)lay_share(&bands, shares + (size_t)omp_get_thread_num() * share_bytes, &own);
        if (job->kernel->begin != NULL) {
            job->kernel->begin();
        }
#pragma omp for schedule(dynamic)
        for (size_t first = 0; first < count; first += grain) {
            for (size_t i = first; i < first + grain; i++) {
                const size_t line0 = i % per_image * bands.lines;
                const size_t left = patch->out_h - line0;
                run_band(&bands, &own, i / per_image, line0, left < bands.lines ? left : bands.lines);
            }
            for (size_t row = 0; row < rows; row += gemm->y.watch.rows) {
                gemm->y.watch.done(gemm->y.watch.user, first / grain * rows + row, gemm->y.watch.rows);
            }
        }
        if (job->kernel->end != NULL) {
            job->kernel->end();
        }
    }
    return PCS_OK;
}
