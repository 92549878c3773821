#include "workloads/nn/conv.h"

#include <math.h>
#include <string.h>

/* Running range for evaluation: v <- 0.9 v + 0.1 new, from 0, without correction. */
#define EMA_KEEP 0.9F
#define EMA_NEW 0.1F

enum { EMA_LOW, EMA_RANGE };

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t x_size(const pcs_conv_shape_t *s)
{
    return (size_t)s->height * s->width * s->channels;
}

static size_t y_size(const pcs_conv_shape_t *s)
{
    return (size_t)s->out_h * s->out_w * s->filters;
}

void pcs_conv_place(pcs_conv_t *conv, pcs_arena_t *arena)
{
    const pcs_conv_shape_t *s = &conv->shape;
    const size_t xs = conv->batch * x_size(s);
    const size_t ys = conv->batch * y_size(s);
    const size_t ws = pcs_conv_weights(s);
    pcs_conv_views_place(&conv->views, s, arena);
    if (conv->numerics.fp32_threads > 0) {
        return;
    }
    conv->x_codes = pcs_arena_take(arena, xs, 1);
    conv->w_codes = pcs_arena_take(arena, ws, 1);
    conv->dgrad_codes = pcs_arena_take(arena, ws, 1);
    pcs_scales_place(&conv->x_scales, arena, 1);
    pcs_scales_place(&conv->w_scales, arena, s->filters);
    pcs_scales_place(&conv->dgrad_scales, arena, (uint32_t)max_size(s->filters, s->channels));
    pcs_scales_place(&conv->dy_scales, arena, 1);
    conv->line = pcs_arena_take(arena, ws, sizeof *conv->line);
    conv->line_codes = pcs_arena_take(arena, ws, 1);
    conv->spare_codes = pcs_arena_take(arena, ws, 1);
    conv->range = pcs_arena_take(arena, pcs_range_scratch(max_size(xs, ys)), sizeof *conv->range);
}

size_t pcs_conv_scratch(const pcs_conv_t *conv)
{
    const pcs_conv_shape_t *s = &conv->shape;
    const unsigned threads = conv->numerics.fp32_threads;
    return threads > 0 ? pcs_conv_fp32_scratch(s, threads) * sizeof(float) : conv->batch * y_size(s);
}

static pcs_status_t diverged(const pcs_conv_t *conv, const pcs_step_t *step, const char *what, pcs_error_t *err)
{
    return pcs_fail(err, PCS_INVALID,
                    "%s: %s not finite at iteration %u: training diverged; a smaller train.lr may help", conv->name,
                    what, step->iteration);
}

static void mark(const pcs_conv_t *conv, const pcs_step_t *step, pcs_pass_t pass, pcs_stage_t stage)
{
    pcs_profile_mark(step->profile, conv->layer + 1U, pass, stage);
}

/* What is quantized: a tensor in memory, or one that is made. */
typedef struct source {
    const float *data; /* NULL: maker */
    const pcs_maker_t *maker;
    const pcs_span_t *span; /* NULL: not known */
    size_t rows, channels;
} source_t;

static void quantize_tensor(const pcs_conv_t *conv, const pcs_step_t *step, unsigned bits, float min, float max,
                            const source_t *x, const pcs_stream_t *stream, uint8_t *codes, pcs_scales_t *scales)
{
    const pcs_qparams_t params = pcs_qparams_from_range(conv->numerics.quantizer, bits, min, max);
    if (x->data != NULL) {
        pcs_quantize_tensor(step->threads, &params, x->data, x->rows * x->channels, stream, codes);
    } else {
        pcs_quantize_made(step->threads, &params, x->maker, x->rows, x->channels, stream, codes);
    }
    pcs_scales_start(scales, 1);
    pcs_scales_set(scales, 0, &params);
}

/* Range of a tensor, known as a span or looked for; false when an element, or their distance, is not finite. */
static bool range_of(const pcs_conv_t *conv, const pcs_step_t *step, const source_t *x, float *min, float *max)
{
    bool finite;
    if (x->span == NULL) {
        finite = pcs_range(step->threads, x->data, x->rows * x->channels, conv->range, min, max);
    } else {
        *min = x->span->low;
        *max = x->span->high;
        finite = x->span->poison == 0.0F && isfinite(*max - *min);
    }
    /* Which of two zeros came first depends on who looked where: +0 for both. */
    *min += 0.0F;
    *max += 0.0F;
    return finite;
}

static pcs_status_t quantize_input(pcs_conv_t *conv, const pcs_step_t *step, const source_t *x, pcs_error_t *err)
{
    float min = conv->ema[EMA_LOW];
    float max = min + conv->ema[EMA_RANGE];
    if (step->training) {
        if (!range_of(conv, step, x, &min, &max)) {
            return diverged(conv, step, "an input is", err);
        }
        const float range = max - min;
        conv->ema[EMA_LOW] = EMA_KEEP * conv->ema[EMA_LOW] + EMA_NEW * min;
        conv->ema[EMA_RANGE] = EMA_KEEP * conv->ema[EMA_RANGE] + EMA_NEW * range;
    }
    quantize_tensor(conv, step, step->fw_bits, min, max, x, NULL, conv->x_codes, &conv->x_scales);
    mark(conv, step, PCS_PASS_FORWARD, PCS_STAGE_QUANTIZE);
    return PCS_OK;
}

static pcs_status_t quantize_weights(const pcs_conv_t *conv, const pcs_step_t *step, const pcs_channels_t *channels,
                                     uint8_t *codes, pcs_scales_t *scales, pcs_error_t *err)
{
    if (!pcs_quantize_channels(step->threads, conv->numerics.quantizer, step->fw_bits, channels, conv->weight,
                               conv->line, conv->line_codes, codes, scales)) {
        return diverged(conv, step, "a weight is", err);
    }
    return PCS_OK;
}

static pcs_status_t quantize_forward_weights(pcs_conv_t *conv, const pcs_step_t *step, pcs_error_t *err)
{
    const pcs_conv_shape_t *s = &conv->shape;
    const pcs_channels_t whole = {.count = 1, .outer = 1, .inner = pcs_conv_weights(s)};
    const pcs_channels_t per_filter = {
        .count = s->filters,
        .stride = 1,
        .outer = pcs_conv_depth(s),
        .outer_stride = s->filters,
        .inner = 1,
    };
    const bool tensor = conv->numerics.weights == PCS_WEIGHTS_PER_TENSOR;
    const pcs_status_t status =
        quantize_weights(conv, step, tensor ? &whole : &per_filter, conv->w_codes, &conv->w_scales, err);
    mark(conv, step, PCS_PASS_FORWARD, PCS_STAGE_WEIGHTS);
    return status;
}

/* codes (tap, channels seen, filters) -> dgrad_codes, phase after phase. */
static void arrange_dgrad(pcs_conv_t *conv, unsigned threads, const uint8_t *codes)
{
    const pcs_conv_shape_t *s = &conv->shape;
    const bool filter_major = conv->numerics.weights == PCS_WEIGHTS_PAPER;
    const size_t tap_size = (size_t)pcs_conv_seen(s) * s->filters;
    const uint32_t filters = s->filters / pcs_conv_groups(s); /* that a channel meets */
    const pcs_conv_views_t *views = &conv->views;
    for (const pcs_phase_t *phase = views->phase; phase < views->phase + views->phases; phase++) {
        uint8_t *target = conv->dgrad_codes + phase->first * tap_size;
#pragma omp parallel for num_threads(threads) schedule(static) collapse(2)
        for (uint32_t t = 0; t < phase->taps; t++) {
            for (uint32_t f = 0; f < filters; f++) {
                const uint8_t *source = codes + views->phase_tap[phase->first + t] * tap_size;
                const size_t row = filter_major ? (size_t)f * phase->taps + t : (size_t)t * filters + f;
                for (uint32_t c = 0; c < s->channels; c++) {
                    target[row * s->channels + c] = source[(size_t)c * filters + f];
                }
            }
        }
    }
}

static pcs_status_t quantize_dgrad_weights(pcs_conv_t *conv, const pcs_step_t *step, pcs_error_t *err)
{
    const pcs_conv_shape_t *s = &conv->shape;
    if (conv->numerics.weights != PCS_WEIGHTS_TWO_COPY) {
        arrange_dgrad(conv, step->threads, conv->w_codes);
        return PCS_OK;
    }
    const uint32_t filters = s->filters / pcs_conv_groups(s); /* that a channel meets */
    const pcs_channels_t per_channel = {
        .count = s->channels,
        .stride = filters,
        .outer = pcs_conv_taps(s),
        .outer_stride = (size_t)pcs_conv_seen(s) * s->filters,
        .inner = filters,
    };
    const pcs_status_t status = quantize_weights(conv, step, &per_channel, conv->spare_codes, &conv->dgrad_scales, err);
    if (status == PCS_OK) {
        arrange_dgrad(conv, step->threads, conv->spare_codes);
    }
    return status;
}

/* Scales of B in dgrad. */
static pcs_affine_t dgrad_affine(const pcs_conv_t *conv)
{
    switch (conv->numerics.weights) {
    case PCS_WEIGHTS_TWO_COPY:
        return pcs_scales_affine(&conv->dgrad_scales, PCS_GRAIN_OUTER);
    case PCS_WEIGHTS_PAPER:
        return pcs_scales_affine(&conv->w_scales, PCS_GRAIN_GROUP);
    default:
        return pcs_scales_affine(&conv->w_scales, PCS_GRAIN_TENSOR);
    }
}

/* The contract is set but for what says where it belongs. */
static pcs_status_t run(const pcs_conv_t *conv, const pcs_step_t *step, pcs_gemm_t *gemm, pcs_error_t *err)
{
    gemm->layer = conv->layer;
    gemm->iteration = step->iteration;
    const pcs_status_t status = pcs_gemm_run(step->engine, gemm, NULL, NULL, err);
    mark(conv, step, gemm->role == PCS_ROLE_FORWARD ? PCS_PASS_FORWARD : PCS_PASS_BACKWARD,
         (pcs_stage_t)((unsigned)PCS_STAGE_FORWARD + (unsigned)gemm->role));
    return status;
}

static pcs_result_t matrix(float *data, size_t row_distance)
{
    const pcs_result_t result = {.data = data, .h = 1, .w = 1, .stride_image = row_distance};
    return result;
}

/* ---- binary32 ------------------------------------------------------------------------------------------------------
 */

static pcs_conv_fp32_t fp32_of(const pcs_conv_t *conv)
{
    const pcs_conv_fp32_t fp32 = {&conv->shape, &conv->views, conv->numerics.fp32_threads, conv->scratch};
    return fp32;
}

static void fp32_forward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *x, float *y)
{
    const pcs_conv_fp32_t fp32 = fp32_of(conv);
    conv->x = x;
    pcs_conv_fp32_forward(&fp32, n, x, conv->weight, y);
    pcs_watch_all(&conv->y_watch, step->threads, (size_t)n * conv->shape.out_h * conv->shape.out_w);
    mark(conv, step, PCS_PASS_FORWARD, PCS_STAGE_FORWARD);
}

static void fp32_backward(const pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *dy, float *dx)
{
    const pcs_conv_fp32_t fp32 = fp32_of(conv);
    pcs_conv_fp32_wgrad(&fp32, n, conv->x, dy, conv->weight_grad);
    mark(conv, step, PCS_PASS_BACKWARD, PCS_STAGE_WGRAD);
    if (dx != NULL) {
        pcs_conv_fp32_dgrad(&fp32, n, dy, conv->weight, dx);
        pcs_watch_all(&conv->dx_watch, step->threads, (size_t)n * conv->shape.height * conv->shape.width);
        mark(conv, step, PCS_PASS_BACKWARD, PCS_STAGE_DGRAD);
    }
}

/* ---- passes --------------------------------------------------------------------------------------------------------
 */

static pcs_status_t forward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const source_t *x, float *y,
                            pcs_error_t *err)
{
    const pcs_conv_shape_t *s = &conv->shape;
    PCS_ASSERT(n >= 1 && n <= conv->batch);
    pcs_status_t status = quantize_input(conv, step, x, err);
    if (status == PCS_OK) {
        status = quantize_forward_weights(conv, step, err);
    }
    if (status != PCS_OK) {
        return status;
    }
    const bool tensor = conv->numerics.weights == PCS_WEIGHTS_PER_TENSOR;
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    pcs_conv_contract_forward(s, &conv->views, &conv->numerics, n, step->fw_bits, &patch, &gemm);
    gemm.a.codes = conv->x_codes;
    gemm.a.affine = pcs_scales_affine(&conv->x_scales, PCS_GRAIN_TENSOR);
    gemm.b.codes = conv->w_codes;
    gemm.b.affine = pcs_scales_affine(&conv->w_scales, tensor ? PCS_GRAIN_TENSOR : PCS_GRAIN_OUTER);
    gemm.y = matrix(y, s->filters);
    gemm.y.watch = conv->y_watch;
    return run(conv, step, &gemm, err);
}

pcs_status_t pcs_conv_forward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *x,
                              const pcs_span_t *span, float *y, pcs_error_t *err)
{
    const size_t rows = (size_t)n * conv->shape.height * conv->shape.width;
    const source_t source = {.data = x, .span = span, .rows = rows, .channels = conv->shape.channels};
    if (conv->numerics.fp32_threads > 0) {
        fp32_forward(conv, step, n, x, y);
        return PCS_OK;
    }
    return forward(conv, step, n, &source, y, err);
}

pcs_status_t pcs_conv_forward_made(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const pcs_maker_t *x,
                                   const pcs_span_t *span, float *y, pcs_error_t *err)
{
    const size_t rows = (size_t)n * conv->shape.height * conv->shape.width;
    const source_t source = {.maker = x, .span = span, .rows = rows, .channels = conv->shape.channels};
    return forward(conv, step, n, &source, y, err);
}

static pcs_status_t weight_gradient(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, pcs_error_t *err)
{
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    pcs_conv_contract_wgrad(&conv->shape, &conv->views, &conv->numerics, n, step->fw_bits, step->bw_bits, &patch,
                            &gemm);
    gemm.a.codes = conv->x_codes;
    gemm.a.affine = pcs_scales_affine(&conv->x_scales, PCS_GRAIN_TENSOR);
    gemm.b.codes = conv->scratch;
    gemm.b.affine = pcs_scales_affine(&conv->dy_scales, PCS_GRAIN_TENSOR);
    gemm.y = matrix(conv->weight_grad, conv->shape.filters);
    return run(conv, step, &gemm, err);
}

/* Positions of a phase, as a grid inside dx. */
static pcs_result_t phase_result(const pcs_conv_t *conv, const pcs_phase_t *phase, float *dx)
{
    const pcs_conv_shape_t *s = &conv->shape;
    const pcs_result_t result = {
        .data = dx + ((size_t)phase->y * s->width + phase->x) * s->channels,
        .h = phase->out_h,
        .w = phase->out_w,
        .stride_image = x_size(s),
        .stride_y = (size_t)s->stride * s->width * s->channels,
        .stride_x = (size_t)s->stride * s->channels,
    };
    return result;
}

/* One phase fills all of dx: who watches its rows learns of them from the contract. */
static bool watched_early(const pcs_conv_t *conv)
{
    return conv->views.phases == 1 && conv->views.phase[0].taps > 0;
}

static void zero_phase(const pcs_result_t *r, unsigned threads, uint32_t n, uint32_t channels)
{
#pragma omp parallel for num_threads(threads) schedule(static)
    for (uint32_t image = 0; image < n; image++) {
        for (uint32_t y = 0; y < r->h; y++) {
            for (uint32_t x = 0; x < r->w; x++) {
                memset(r->data + image * r->stride_image + y * r->stride_y + x * r->stride_x, 0,
                       channels * sizeof *r->data);
            }
        }
    }
}

static pcs_status_t phase_gradient(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const pcs_phase_t *phase,
                                   float *dx, pcs_error_t *err)
{
    const pcs_conv_shape_t *s = &conv->shape;
    pcs_result_t result = phase_result(conv, phase, dx);
    result.watch = watched_early(conv) ? conv->dx_watch : (pcs_watch_t){0};
    pcs_patch_t patch;
    pcs_gemm_t gemm;
    if (!pcs_conv_contract_dgrad(s, &conv->views, &conv->numerics, n, step->fw_bits, step->bw_bits, phase, &patch,
                                 &gemm)) {
        zero_phase(&result, step->threads, n, s->channels);
        return PCS_OK;
    }
    gemm.a.codes = conv->scratch;
    gemm.a.affine = pcs_scales_affine(&conv->dy_scales, PCS_GRAIN_TENSOR);
    gemm.b.codes = conv->dgrad_codes + (size_t)phase->first * pcs_conv_seen(s) * s->filters;
    gemm.b.affine = dgrad_affine(conv);
    gemm.y = result;
    return run(conv, step, &gemm, err);
}

static pcs_status_t input_gradient(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, float *dx, pcs_error_t *err)
{
    pcs_status_t status = quantize_dgrad_weights(conv, step, err);
    mark(conv, step, PCS_PASS_BACKWARD, PCS_STAGE_WEIGHTS);
    for (uint32_t p = 0; p < conv->views.phases && status == PCS_OK; p++) {
        const pcs_phase_t *phase = &conv->views.phase[p];
        if (phase->out_h > 0 && phase->out_w > 0) {
            status = phase_gradient(conv, step, n, phase, dx, err);
        }
    }
    if (status == PCS_OK && !watched_early(conv)) {
        pcs_watch_all(&conv->dx_watch, step->threads, (size_t)n * conv->shape.height * conv->shape.width);
    }
    return status;
}

static pcs_status_t backward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const source_t *dy, float *dx,
                             pcs_error_t *err)
{
    PCS_ASSERT(step->training && n >= 1 && n <= conv->batch);
    float min;
    float max;
    if (!range_of(conv, step, dy, &min, &max)) {
        return diverged(conv, step, "a gradient is", err);
    }
    const pcs_stream_t stream = pcs_stream(step->seed, PCS_PURPOSE_GRADIENT, step->iteration, conv->layer);
    quantize_tensor(conv, step, step->bw_bits, min, max, dy, &stream, conv->scratch, &conv->dy_scales);
    mark(conv, step, PCS_PASS_BACKWARD, PCS_STAGE_QUANTIZE);
    pcs_status_t status = weight_gradient(conv, step, n, err);
    if (status == PCS_OK && dx != NULL) {
        status = input_gradient(conv, step, n, dx, err);
    }
    return status;
}

pcs_status_t pcs_conv_backward(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const float *dy,
                               const pcs_span_t *span, float *dx, pcs_error_t *err)
{
    const size_t rows = (size_t)n * conv->shape.out_h * conv->shape.out_w;
    const source_t source = {.data = dy, .span = span, .rows = rows, .channels = conv->shape.filters};
    if (conv->numerics.fp32_threads > 0) {
        fp32_backward(conv, step, n, dy, dx);
        return PCS_OK;
    }
    return backward(conv, step, n, &source, dx, err);
}

pcs_status_t pcs_conv_backward_made(pcs_conv_t *conv, const pcs_step_t *step, uint32_t n, const pcs_maker_t *dy,
                                    const pcs_span_t *span, float *dx, pcs_error_t *err)
{
    const size_t rows = (size_t)n * conv->shape.out_h * conv->shape.out_w;
    const source_t source = {.maker = dy, .span = span, .rows = rows, .channels = conv->shape.filters};
    return backward(conv, step, n, &source, dx, err);
}
