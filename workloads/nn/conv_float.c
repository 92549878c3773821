#include "workloads/nn/conv_float.h"

#include <math.h>
#include <string.h>

#include "workloads/nn/code_patches.h"

/* Most bytes of patches of a chunk of positions, if it has more than one line. */
enum { CHUNK_BYTES = 1 << 23, ALIGN = PCS_ARENA_ALIGN };

static const char *const tensor_names[PCS_FLOAT_TENSORS] = {"x", "w", "dy", "y", "dx", "dw"};

const char *pcs_float_tensor_name(pcs_float_tensor_t tensor)
{
    return tensor_names[tensor];
}

static size_t most_of(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGN - 1U) / ALIGN * ALIGN;
}

static size_t x_size(const pcs_conv_shape_t *s)
{
    return (size_t)s->height * s->width * s->channels;
}

static size_t y_size(const pcs_conv_shape_t *s)
{
    return (size_t)s->out_h * s->out_w * s->filters;
}

static size_t bytes_of(const pcs_cast_t *cast)
{
    return pcs_fcode_bytes(cast->format);
}

/* ---- memory ---------------------------------------------------------------------------------------------------------
 */

/* Lines of `width` positions with `k` codes each that make a chunk, of `lines` in all. */
static size_t chunk_lines(size_t lines, size_t width, size_t k, size_t bytes)
{
    const size_t fit = CHUNK_BYTES / (width * k * bytes);
    return fit < 1 ? 1 : fit < lines ? fit : lines;
}

/* What a pass with positions in chunks needs: patches, and results of m rows. */
typedef struct room {
    size_t patches, results; /* bytes */
} room_t;

static void widen(room_t *room, size_t patches, size_t results)
{
    room->patches = most_of(room->patches, aligned(patches));
    room->results = most_of(room->results, aligned(results));
}

static void widen_by_chunk(room_t *room, size_t lines, size_t width, size_t k, size_t bytes, size_t m, size_t sum)
{
    const size_t positions = chunk_lines(lines, width, k, bytes) * width;
    widen(room, k * positions * bytes, m * positions * sum);
}

/* The whole tensor of x serves as patches. */
static bool is_pointwise(const pcs_conv_shape_t *s)
{
    return pcs_conv_taps(s) == 1 && s->stride == 1 && s->padding == 0 && pcs_conv_groups(s) == 1;
}

static room_t room_of(const pcs_conv_shape_t *s, const pcs_float_numerics_t *numerics, size_t batch)
{
    const size_t sum = pcs_fcode_bytes(numerics->sum);
    const size_t filters = s->filters / pcs_conv_groups(s);
    const size_t depth = pcs_conv_depth(s);
    const size_t fw = bytes_of(&numerics->forward);
    room_t room = {0, 0};
    widen_by_chunk(&room, batch * s->out_h, s->out_w, depth, fw, filters, sum);
    widen(&room, is_pointwise(s) ? 0 : batch * s->out_h * s->out_w * depth * fw, filters * depth * sum);
    /* A phase has at most the taps that one remainder meets, and positions by stride. */
    const size_t height = (s->height + s->stride - 1U) / s->stride;
    const size_t width = (s->width + s->stride - 1U) / s->stride;
    for (size_t taps = 1; taps <= pcs_conv_taps(s); taps++) {
        for (size_t w = width > 1 ? width - 1U : 1; w <= width; w++) {
            widen_by_chunk(&room, batch * height, w, taps * filters, bytes_of(&numerics->backward), pcs_conv_seen(s),
                           sum);
        }
    }
    return room;
}

void pcs_conv_float_place(pcs_conv_codes_t *codes, const pcs_conv_shape_t *shape, const pcs_float_numerics_t *numerics,
                          uint32_t batch, pcs_arena_t *arena)
{
    codes->x = pcs_arena_take(arena, batch * x_size(shape), bytes_of(&numerics->forward));
    codes->w = pcs_arena_take(arena, pcs_conv_weights(shape), bytes_of(&numerics->forward));
}

/* Parts of the scratch. */
typedef struct scratch {
    unsigned char *dy;      /* (n, out_h, out_w, filters) codes */
    unsigned char *weights; /* phase after phase (tap, filters, channels) codes */
    unsigned char *patches;
    unsigned char *results; /* of a contract */
} scratch_t;

/* Its end, as an offset from `base`; with base NULL the size. */
static size_t divide(const pcs_conv_shape_t *s, const pcs_float_numerics_t *numerics, size_t batch, unsigned char *base,
                     scratch_t *scratch)
{
    const room_t room = room_of(s, numerics, batch);
    const size_t dy = aligned(batch * y_size(s) * bytes_of(&numerics->backward));
    const size_t weights = aligned(pcs_conv_weights(s) * bytes_of(&numerics->forward));
    if (base != NULL) {
        *scratch = (scratch_t){base, base + dy, base + dy + weights, base + dy + weights + room.patches};
    }
    return dy + weights + room.patches + room.results;
}

size_t pcs_conv_float_scratch(const pcs_conv_shape_t *shape, const pcs_float_numerics_t *numerics, uint32_t batch)
{
    return divide(shape, numerics, batch, NULL, NULL);
}

/* ---- casts ----------------------------------------------------------------------------------------------------------
 */

static pcs_cast_counts_t *counts_of(const pcs_conv_float_t *conv, pcs_float_tensor_t tensor)
{
    return conv->tally != NULL ? &conv->tally->tensor[tensor] : NULL;
}

/* Codes of an operand; returns its scale. */
static int encode(const pcs_conv_float_t *conv, const pcs_cast_t *cast, pcs_float_tensor_t tensor,
                  pcs_purpose_t purpose, const float *x, size_t n, void *codes)
{
    const int scale = conv->numerics->scaled ? pcs_cast_scale(cast->format, conv->threads, x, n) : 0;
    const pcs_stream_t stream = pcs_stream(conv->seed, purpose, conv->iteration, conv->layer);
    pcs_cast_codes(cast, conv->threads, scale, x, n, &stream, codes, counts_of(conv, tensor));
    return scale;
}

static void mark(const pcs_conv_float_t *conv, pcs_pass_t pass, pcs_stage_t stage)
{
    pcs_profile_mark(conv->profile, conv->layer + 1U, pass, stage);
}

/* Rounds a result to its format. */
static void settle(const pcs_conv_float_t *conv, const pcs_cast_t *cast, pcs_float_tensor_t tensor, pcs_role_t role,
                   float *y, size_t n)
{
    if (cast->format != &pcs_formats[PCS_FORMAT_FP32]) {
        const uint32_t layer = conv->layer + ((uint32_t)role << 20U);
        const pcs_stream_t stream = pcs_stream(conv->seed, PCS_PURPOSE_RESULT, conv->iteration, layer);
        pcs_cast_round(cast, conv->threads, y, n, &stream, counts_of(conv, tensor));
    }
}

/* ---- contracts ------------------------------------------------------------------------------------------------------
 */

static pcs_status_t run(const pcs_conv_float_t *conv, pcs_role_t role, pcs_fgemm_t *gemm, pcs_error_t *err)
{
    const pcs_float_numerics_t *numerics = conv->numerics;
    const pcs_fgemm_config_t config = {
        .executor = conv->training ? numerics->executor : PCS_EXECUTOR_FAST,
        .kernel = numerics->kernel,
        .threads = conv->threads,
    };
    gemm->c_format = numerics->sum;
    gemm->accumulator = &numerics->accumulator[role];
    gemm->rounding = PCS_ROUNDING_RNE;
    gemm->overflow = PCS_OVERFLOW_INF;
    return pcs_fgemm_run(gemm, &config, NULL, err);
}

/* Where results of positions go: element f of position (image, y, x), on a grid of h x w, at data[image * image_step +
   y * y_step + x * x_step + f]. */
typedef struct place {
    float *data;
    size_t h, w, image_step, y_step, x_step;
} place_t;

/* The contract's result (m, lines * w) to its places, times 2^-scale. */
static void store(const pcs_conv_float_t *conv, const place_t *place, size_t first, size_t lines, size_t m, int scale,
                  const void *results)
{
    const pcs_format_row_t *format = conv->numerics->sum;
    const double factor = ldexp(1.0, -scale);
    const size_t distance = lines * place->w;
#pragma omp parallel for num_threads(conv->threads) schedule(static)
    for (size_t line = 0; line < lines; line++) {
        const size_t image = (first + line) / place->h;
        const size_t y = (first + line) % place->h;
        float *to = place->data + image * place->image_step + y * place->y_step;
        for (size_t x = 0; x < place->w; x++, to += place->x_step) {
            for (size_t i = 0; i < m; i++) {
                const pcs_code_t code = pcs_fcode_load(format, results, i * distance + line * place->w + x);
                const float value = pcs_cast_value(format, code.bits);
                to[i] = scale == 0 ? value : (float)((double)value * factor);
            }
        }
    }
}

/* m outputs for each position of a view: weights (k, ld) by columns, patches (k, positions). */
typedef struct product {
    pcs_role_t role;
    pcs_patch_t patch;
    size_t m, k;
    const pcs_format_row_t *w_format, *x_format;
    const unsigned char *w;
    size_t ld;
    const void *x;
    int scale; /* of both together */
    place_t place;
} product_t;

static pcs_status_t multiply(const pcs_conv_float_t *conv, const scratch_t *scratch, const product_t *p,
                             pcs_error_t *err)
{
    const pcs_code_source_t source = {&p->patch, p->x, pcs_fcode_bytes(p->x_format)};
    const size_t lines = (size_t)p->patch.batch * p->patch.out_h;
    const size_t width = p->patch.out_w;
    const size_t chunk = chunk_lines(lines, width, p->k, source.bytes);
    for (size_t first = 0; first < lines; first += chunk) {
        const size_t count = lines - first < chunk ? lines - first : chunk;
        const size_t positions = count * width;
        pcs_code_patches_columns(&source, conv->threads, first, count, scratch->patches);
        pcs_fgemm_t gemm = {
            .m = p->m,
            .n = positions,
            .k = p->k,
            .a = {.format = p->w_format, .codes = p->w, .ld = p->ld, .transposed = true},
            .b = {.format = p->x_format, .codes = scratch->patches, .ld = positions},
            .y = scratch->results,
            .ldy = positions,
        };
        const pcs_status_t status = run(conv, p->role, &gemm, err);
        if (status != PCS_OK) {
            return status;
        }
        store(conv, &p->place, first, count, p->m, p->scale, scratch->results);
    }
    return PCS_OK;
}

/* ---- forward --------------------------------------------------------------------------------------------------------
 */

pcs_status_t pcs_conv_float_forward(const pcs_conv_float_t *conv, uint32_t n, const float *x, const float *w, float *y,
                                    pcs_error_t *err)
{
    const pcs_conv_shape_t *s = conv->shape;
    const pcs_float_numerics_t *numerics = conv->numerics;
    const pcs_numerics_t none = {0};
    const uint32_t groups = pcs_conv_groups(s);
    pcs_conv_codes_t *codes = conv->codes;
    scratch_t scratch;
    (void)divide(s, numerics, n, conv->scratch, &scratch);
    codes->x_scale = encode(conv, &numerics->forward, PCS_FLOAT_X, PCS_PURPOSE_INPUT, x, n * x_size(s), codes->x);
    codes->w_scale =
        encode(conv, &numerics->forward, PCS_FLOAT_W, PCS_PURPOSE_WEIGHT, w, pcs_conv_weights(s), codes->w);
    mark(conv, PCS_PASS_FORWARD, PCS_STAGE_QUANTIZE);
    product_t product = {.role = PCS_ROLE_FORWARD,
                         .w_format = numerics->forward.format,
                         .x_format = numerics->forward.format,
                         .ld = s->filters,
                         .x = codes->x,
                         .scale = codes->x_scale + codes->w_scale};
    pcs_gemm_t sizes;
    pcs_conv_contract_forward(s, conv->views, &none, n, 0, &product.patch, &sizes);
    product.m = sizes.n;
    product.k = sizes.k;
    for (uint32_t group = 0; group < groups; group++) {
        product.patch.channel0 = group * product.patch.channels;
        product.w = (const unsigned char *)codes->w + group * product.m * bytes_of(&numerics->forward);
        product.place =
            (place_t){y + group * product.m, s->out_h, s->out_w, y_size(s), (size_t)s->out_w * s->filters, s->filters};
        const pcs_status_t status = multiply(conv, &scratch, &product, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    settle(conv, &numerics->output, PCS_FLOAT_Y, PCS_ROLE_FORWARD, y, n * y_size(s));
    mark(conv, PCS_PASS_FORWARD, PCS_STAGE_FORWARD);
    return PCS_OK;
}

/* ---- wgrad ----------------------------------------------------------------------------------------------------------
 */

/* (filters, depth) -> dw (depth, all filters), times 2^-scale. */
static void store_weights(const pcs_conv_float_t *conv, size_t filters, size_t depth, int scale, const void *results,
                          float *dw)
{
    const pcs_format_row_t *format = conv->numerics->sum;
    const double factor = ldexp(1.0, -scale);
    for (size_t d = 0; d < depth; d++) {
        for (size_t f = 0; f < filters; f++) {
            const float value = pcs_cast_value(format, pcs_fcode_load(format, results, f * depth + d).bits);
            dw[d * conv->shape->filters + f] = (float)((double)value * factor);
        }
    }
}

static pcs_status_t weight_gradient(const pcs_conv_float_t *conv, const scratch_t *scratch, uint32_t n, int dy_scale,
                                    float *dw, pcs_error_t *err)
{
    const pcs_conv_shape_t *s = conv->shape;
    const pcs_float_numerics_t *numerics = conv->numerics;
    const pcs_numerics_t none = {0};
    const uint32_t groups = pcs_conv_groups(s);
    pcs_patch_t patch;
    pcs_gemm_t sizes;
    pcs_conv_contract_wgrad(s, conv->views, &none, n, 0, 0, &patch, &sizes);
    const pcs_code_source_t source = {&patch, conv->codes->x, bytes_of(&numerics->forward)};
    for (uint32_t group = 0; group < groups; group++) {
        patch.channel0 = group * patch.channels;
        if (!is_pointwise(s)) {
            pcs_code_patches_rows(&source, conv->threads, 0, (size_t)n * s->out_h, scratch->patches);
        }
        pcs_fgemm_t gemm = {
            .m = sizes.n,
            .n = sizes.m,
            .k = sizes.k,
            .a = {.format = numerics->backward.format,
                  .codes = scratch->dy + group * sizes.n * bytes_of(&numerics->backward),
                  .ld = s->filters,
                  .transposed = true},
            .b = {.format = numerics->forward.format,
                  .codes = is_pointwise(s) ? conv->codes->x : scratch->patches,
                  .ld = sizes.m},
            .y = scratch->results,
            .ldy = sizes.m,
        };
        const pcs_status_t status = run(conv, PCS_ROLE_WGRAD, &gemm, err);
        if (status != PCS_OK) {
            return status;
        }
        store_weights(conv, sizes.n, sizes.m, conv->codes->x_scale + dy_scale, scratch->results, dw + group * sizes.n);
    }
    settle(conv, &numerics->output_gradient, PCS_FLOAT_DW, PCS_ROLE_WGRAD, dw, pcs_conv_weights(s));
    return PCS_OK;
}

/* ---- dgrad ----------------------------------------------------------------------------------------------------------
 */

/* Codes of w (tap, channels seen, filters) -> phase after phase (tap, filters that a channel meets, channels). */
static void arrange(const pcs_conv_float_t *conv, unsigned char *to)
{
    const pcs_conv_shape_t *s = conv->shape;
    const size_t bytes = bytes_of(&conv->numerics->forward);
    const size_t tap_size = (size_t)pcs_conv_seen(s) * s->filters;
    const uint32_t filters = s->filters / pcs_conv_groups(s);
    for (size_t t = 0; t < pcs_conv_taps(s); t++) {
        const unsigned char *from =
            (const unsigned char *)conv->codes->w + conv->views->phase_tap[t] * tap_size * bytes;
        for (size_t f = 0; f < filters; f++) {
            for (size_t c = 0; c < s->channels; c++, to += bytes) {
                memcpy(to, from + (c * filters + f) * bytes, bytes);
            }
        }
    }
}

/* Positions of a phase in dx. */
static place_t phase_place(const pcs_conv_shape_t *s, const pcs_phase_t *phase, float *dx)
{
    const size_t row = (size_t)s->width * s->channels;
    return (place_t){dx + phase->y * row + phase->x * s->channels,
                     phase->out_h,
                     phase->out_w,
                     x_size(s),
                     s->stride * row,
                     (size_t)s->stride * s->channels};
}

static void clear_phase(const pcs_conv_float_t *conv, const place_t *place, uint32_t n)
{
    for (size_t line = 0; line < n * place->h; line++) {
        float *to = place->data + line / place->h * place->image_step + line % place->h * place->y_step;
        for (size_t x = 0; x < place->w; x++, to += place->x_step) {
            memset(to, 0, conv->shape->channels * sizeof *to);
        }
    }
}

static pcs_status_t phase_gradient(const pcs_conv_float_t *conv, const scratch_t *scratch, uint32_t n,
                                   const pcs_phase_t *phase, int dy_scale, float *dx, pcs_error_t *err)
{
    const pcs_conv_shape_t *s = conv->shape;
    const pcs_float_numerics_t *numerics = conv->numerics;
    const pcs_numerics_t none = {0};
    const place_t place = phase_place(s, phase, dx);
    product_t product = {.role = PCS_ROLE_DGRAD,
                         .w_format = numerics->forward.format,
                         .x_format = numerics->backward.format,
                         .ld = s->channels,
                         .x = scratch->dy,
                         .scale = conv->codes->w_scale + dy_scale,
                         .place = place};
    pcs_gemm_t sizes;
    if (!pcs_conv_contract_dgrad(s, conv->views, &none, n, 0, 0, phase, &product.patch, &sizes)) {
        clear_phase(conv, &place, n);
        return PCS_OK;
    }
    const size_t tap_size = (size_t)s->filters / pcs_conv_groups(s) * s->channels;
    const unsigned char *weights = scratch->weights + phase->first * tap_size * bytes_of(&numerics->forward);
    product.m = sizes.n;
    product.k = sizes.k;
    for (uint32_t group = 0; group < pcs_conv_groups(s); group++) {
        product.patch.channel0 = group * product.patch.channels;
        product.w = weights + group * product.m * bytes_of(&numerics->forward);
        product.place.data = place.data + group * product.m;
        const pcs_status_t status = multiply(conv, scratch, &product, err);
        if (status != PCS_OK) {
            return status;
        }
    }
    return PCS_OK;
}

pcs_status_t pcs_conv_float_backward(const pcs_conv_float_t *conv, uint32_t n, const float *dy, float *dw, float *dx,
                                     pcs_error_t *err)
{
    const pcs_conv_shape_t *s = conv->shape;
    const pcs_float_numerics_t *numerics = conv->numerics;
    scratch_t scratch;
    (void)divide(s, numerics, n, conv->scratch, &scratch);
    const int dy_scale =
        encode(conv, &numerics->backward, PCS_FLOAT_DY, PCS_PURPOSE_GRADIENT, dy, n * y_size(s), scratch.dy);
    mark(conv, PCS_PASS_BACKWARD, PCS_STAGE_QUANTIZE);
    pcs_status_t status = weight_gradient(conv, &scratch, n, dy_scale, dw, err);
    mark(conv, PCS_PASS_BACKWARD, PCS_STAGE_WGRAD);
    if (status != PCS_OK || dx == NULL) {
        return status;
    }
    arrange(conv, scratch.weights);
    for (uint32_t p = 0; p < conv->views->phases && status == PCS_OK; p++) {
        const pcs_phase_t *phase = &conv->views->phase[p];
        if (phase->out_h > 0 && phase->out_w > 0) {
            status = phase_gradient(conv, &scratch, n, phase, dy_scale, dx, err);
        }
    }
    settle(conv, &numerics->output_gradient, PCS_FLOAT_DX, PCS_ROLE_DGRAD, dx, n * x_size(s));
    mark(conv, PCS_PASS_BACKWARD, PCS_STAGE_DGRAD);
    return status;
}
