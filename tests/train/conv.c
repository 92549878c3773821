/* The three contracts of a quantized convolution against a naive convolution, in binary64, of the operands that their
   codes stand for, for every weight policy and quantizer and for odd shapes.  The oracle shares no index arithmetic
   with the layer: it walks outputs, taps and channels and looks at the codes' values.  --inject changes one weight
   code's value on the oracle's side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/nn/conv.h"

enum { THREADS = 2 };

typedef struct tensors {
    size_t xs, ys, ws;
    float *x, *y, *dy, *dx, *w, *dw;
    double *qx, *qw, *qwt, *qdy; /* values of the codes; qwt: weights as dgrad sees them */
    double *bound;               /* sum of absolute products, for the tolerance */
} tensors_t;

static bool inject;

static float uniform(check_rng_t *rng)
{
    return (float)(check_u32(rng) >> 8U) * 0x1p-23F - 1.0F;
}

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    PCS_ASSERT(memory != NULL);
    return memory;
}

static double value(const pcs_conv_t *conv, uint8_t code, const pcs_scales_t *s, size_t channel)
{
    const size_t at = s->count == 1 ? 0 : channel;
    const int q = pcs_quantizer_signed(conv->numerics.quantizer) ? (int)(int8_t)code : (int)code;
    return (double)s->scale[at] * (double)(q - s->zero[at]) + (double)s->offset[at];
}

/* Channel of x that weight i meets. */
static size_t channel_of(const pcs_conv_shape_t *s, size_t i)
{
    return s->groups > 1 ? i % s->filters : i / s->filters % s->channels;
}

/* Values of the weights that dgrad uses, requantized here: channel c of x is scaled on its own with two copies. */
static void dgrad_weights(const pcs_conv_t *conv, unsigned bits, tensors_t *t)
{
    const pcs_conv_shape_t *s = &conv->shape;
    if (conv->numerics.weights != PCS_WEIGHTS_TWO_COPY) {
        memcpy(t->qwt, t->qw, t->ws * sizeof *t->qwt);
        return;
    }
    for (uint32_t c = 0; c < s->channels; c++) {
        float min = INFINITY;
        float max = -INFINITY;
        for (size_t i = 0; i < t->ws; i++) {
            if (channel_of(s, i) == c) {
                min = fminf(min, t->w[i]);
                max = fmaxf(max, t->w[i]);
            }
        }
        const pcs_qparams_t p = pcs_qparams_from_range(conv->numerics.quantizer, bits, min, max);
        for (size_t i = 0; i < t->ws; i++) {
            if (channel_of(s, i) == c) {
                uint8_t code;
                pcs_quantize(&p, &t->w[i], 1, NULL, 0, &code);
                const int q = pcs_quantizer_signed(conv->numerics.quantizer) ? (int)(int8_t)code : (int)code;
                t->qwt[i] = (double)p.scale * (double)(q - p.zero) + (double)p.offset;
            }
        }
    }
}

static void codes_to_values(const pcs_conv_t *conv, unsigned fw_bits, tensors_t *t)
{
    const pcs_conv_shape_t *s = &conv->shape;
    for (size_t i = 0; i < t->xs; i++) {
        t->qx[i] = value(conv, conv->x_codes[i], &conv->x_scales, 0);
    }
    for (size_t i = 0; i < t->ys; i++) {
        t->qdy[i] = value(conv, ((const uint8_t *)conv->scratch)[i], &conv->dy_scales, 0);
    }
    for (size_t i = 0; i < t->ws; i++) {
        t->qw[i] = value(conv, conv->w_codes[i], &conv->w_scales, i % s->filters);
    }
    dgrad_weights(conv, fw_bits, t);
    t->qw[t->ws / 2] += inject ? 0.25 : 0.0;
}

/* Which product a naive walk adds where: out[index] += a * b for every (output, tap, channel) inside the image. */
typedef enum which { FORWARD, DGRAD, WGRAD } which_t;

static void naive(const pcs_conv_shape_t *s, uint32_t n, which_t which, const tensors_t *t, double *out)
{
    for (size_t o = 0; o < t->ys; o++) {
        const size_t f = o % s->filters;
        const int64_t ox = (int64_t)(o / s->filters % s->out_w);
        const int64_t oy = (int64_t)(o / s->filters / s->out_w % s->out_h);
        const size_t image = o / s->filters / s->out_w / s->out_h;
        PCS_ASSERT(image < n);
        for (uint32_t ky = 0; ky < s->kernel; ky++) {
            for (uint32_t kx = 0; kx < s->kernel; kx++) {
                const int64_t y = oy * s->stride + ky - s->padding;
                const int64_t x = ox * s->stride + kx - s->padding;
                if (y < 0 || x < 0 || y >= s->height || x >= s->width) {
                    continue;
                }
                const bool depthwise = s->groups > 1;
                for (size_t c = depthwise ? f : 0; c < (depthwise ? f + 1 : s->channels); c++) {
                    const size_t tap = (size_t)ky * s->kernel + kx;
                    const size_t xi = ((image * s->height + (size_t)y) * s->width + (size_t)x) * s->channels + c;
                    const size_t wi = (depthwise ? tap : tap * s->channels + c) * s->filters + f;
                    const double product[] = {t->qx[xi] * t->qw[wi], t->qdy[o] * t->qwt[wi], t->qx[xi] * t->qdy[o]};
                    const size_t index[] = {o, xi, wi};
                    out[index[which]] += product[which];
                    t->bound[index[which]] += fabs(product[which]);
                }
            }
        }
    }
}

static void compare(const pcs_conv_shape_t *s, uint32_t n, which_t which, const tensors_t *t, const float *got)
{
    static const char *const names[] = {"forward", "dgrad", "wgrad"};
    const size_t sizes[] = {t->ys, t->xs, t->ws};
    double *out = take(sizes[which], sizeof *out);
    memset(t->bound, 0, sizes[which] * sizeof *t->bound);
    naive(s, n, which, t, out);
    for (size_t i = 0; i < sizes[which]; i++) {
        /* Rounding of the scales' products, of up to four terms a group and of the groups' sum, with the terms of an
           offset larger than the result they cancel to. */
        const double tolerance = 4e-6 * t->bound[i] + 1e-6;
        CHECK(fabs((double)got[i] - out[i]) <= tolerance, "%s %ux%u s%u p%u %u->%u%s: element %zu is %g, naive %g",
              names[which], s->kernel, s->kernel, s->stride, s->padding, s->channels, s->filters,
              s->groups > 1 ? " depthwise" : "", i, (double)got[i], out[i]);
    }
    free(out);
}

static tensors_t make_tensors(const pcs_conv_shape_t *s, uint32_t n, check_rng_t *rng)
{
    tensors_t t = {.xs = (size_t)n * s->height * s->width * s->channels,
                   .ys = (size_t)n * s->out_h * s->out_w * s->filters,
                   .ws = (size_t)s->kernel * s->kernel * (s->groups > 1 ? 1 : s->channels) * s->filters};
    float **floats[] = {&t.x, &t.dx, &t.y, &t.dy, &t.w, &t.dw};
    double **doubles[] = {&t.qx, &t.qdy, &t.qw, &t.qwt};
    const size_t sizes[] = {t.xs, t.xs, t.ys, t.ys, t.ws, t.ws};
    const size_t double_sizes[] = {t.xs, t.ys, t.ws, t.ws};
    for (size_t i = 0; i < 6; i++) {
        *floats[i] = take(sizes[i], sizeof(float));
        for (size_t j = 0; j < sizes[i]; j++) {
            (*floats[i])[j] = uniform(rng) + (i == 0 ? 0.4F : 0.0F); /* results start dirty */
        }
    }
    for (size_t i = 0; i < 4; i++) {
        *doubles[i] = take(double_sizes[i], sizeof(double));
    }
    t.bound = take(t.xs + t.ys + t.ws, sizeof(double));
    return t;
}

static void free_tensors(tensors_t *t)
{
    void *all[] = {t->x, t->y, t->dy, t->dx, t->w, t->dw, t->qx, t->qw, t->qwt, t->qdy, t->bound};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]);
    }
}

static void one_conv(check_rng_t *rng, pcs_engine_t *engine, pcs_conv_shape_t shape, pcs_quantizer_t quantizer,
                     pcs_weight_policy_t policy, uint32_t n)
{
    pcs_error_t err = {{0}};
    CHECK(pcs_conv_shape_check(&shape), "shape");
    float ema[2] = {0.0F, 0.0F};
    pcs_conv_t conv = {.name = "conv1",
                       .layer = 0,
                       .batch = n + 1,
                       .shape = shape,
                       .ema = ema,
                       .numerics = {.quantizer = quantizer, .weights = policy, .acc_bits = 32}};
    pcs_arena_t arena = {NULL, 0};
    pcs_conv_place(&conv, &arena);
    void *memory = aligned_alloc(PCS_ARENA_ALIGN, arena.used);
    PCS_ASSERT(memory != NULL);
    arena = (pcs_arena_t){memory, 0};
    pcs_conv_place(&conv, &arena);
    conv.scratch = malloc(pcs_conv_scratch(&conv));
    PCS_ASSERT(conv.scratch != NULL);
    tensors_t t = make_tensors(&shape, n, rng);
    conv.weight = t.w;
    conv.weight_grad = t.dw;
    const pcs_step_t step = {.engine = engine,
                             .threads = THREADS,
                             .seed = 5,
                             .iteration = check_u32(rng),
                             .fw_bits = (unsigned)check_range(rng, 2, 8),
                             .bw_bits = (unsigned)check_range(rng, 2, 8),
                             .training = true};
    CHECK_OK(pcs_conv_forward(&conv, &step, n, t.x, NULL, t.y, &err), &err);
    CHECK_OK(pcs_conv_backward(&conv, &step, n, t.dy, NULL, t.dx, &err), &err);
    codes_to_values(&conv, step.fw_bits, &t);
    compare(&shape, n, FORWARD, &t, t.y);
    compare(&shape, n, DGRAD, &t, t.dx);
    compare(&shape, n, WGRAD, &t, t.dw);
    free_tensors(&t);
    free(conv.scratch);
    free(memory);
}

int main(int argc, char **argv)
{
    static const pcs_conv_shape_t shapes[] = {
        /* height, width, channels, kernel, stride, padding, filters */
        {7, 6, 3, 3, 1, 1, 5, 0, 0, 0, 0},
        {8, 9, 2, 3, 2, 1, 4, 0, 0, 0, 0},
        {7, 7, 4, 1, 1, 0, 3, 0, 0, 0, 0},
        {7, 8, 4, 1, 2, 0, 3, 0, 0, 0, 0}, /* phases without taps */
        {9, 9, 2, 5, 1, 2, 3, 0, 0, 0, 0},
        {11, 10, 2, 5, 3, 2, 3, 0, 0, 0, 0},
        {6, 6, 1, 3, 2, 0, 2, 0, 0, 0, 0},
        {5, 5, 3, 2, 2, 1, 2, 0, 0, 0, 0},
        {4, 4, 2, 3, 4, 1, 2, 0, 0, 0, 0},
        {3, 3, 1, 3, 1, 0, 1, 0, 0, 0, 0},
        /* depthwise: part of a vector, several and a part, more than a block of channels; strides, a large kernel */
        {7, 6, 5, 3, 1, 1, 5, 0, 0, 0, 5},
        {9, 8, 40, 3, 2, 1, 40, 0, 0, 0, 40},
        {6, 5, 70, 3, 1, 1, 70, 0, 0, 0, 70},
        {8, 8, 16, 5, 3, 2, 16, 0, 0, 0, 16},
        {5, 5, 3, 2, 2, 1, 3, 0, 0, 0, 3},
        {4, 4, 130, 1, 1, 0, 130, 0, 0, 0, 130},
    };
    check_rng_t rng = {check_seed(argc, argv, 31), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    for (int executor = PCS_EXECUTOR_REF; executor <= PCS_EXECUTOR_FAST; executor++) {
        const pcs_engine_config_t config = {.executor = (pcs_executor_t)executor,
                                            .array = {4, 4, PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 1},
                                            .threads = THREADS};
        pcs_engine_t *engine = NULL;
        pcs_error_t err = {{0}};
        CHECK_OK(pcs_engine_create(&config, &engine, &err), &err);
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            for (int policy = 0; policy < PCS_WEIGHTS_COUNT; policy++) {
                for (int q = 0; q < PCS_QUANTIZER_COUNT; q++) {
                    one_conv(&rng, engine, shapes[i], (pcs_quantizer_t)q, (pcs_weight_policy_t)policy,
                             (uint32_t)(1 + i % 3));
                }
            }
        }
        pcs_engine_destroy(engine);
    }
    pcs_conv_shape_t bad[] = {{0, 5, 1, 3, 1, 1, 1, 0, 0, 0, 0}, {5, 5, 1, 3, 0, 1, 1, 0, 0, 0, 0},
                              {5, 5, 1, 8, 1, 1, 1, 0, 0, 0, 0}, {5, 5, 1, 3, 1, 3, 1, 0, 0, 0, 0},
                              {5, 5, 0, 3, 1, 1, 1, 0, 0, 0, 0}, {5, 5, 4, 3, 1, 1, 8, 0, 0, 0, 4},
                              {5, 5, 4, 3, 1, 1, 4, 0, 0, 0, 2}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!pcs_conv_shape_check(&bad[i]), "impossible shape %zu", i);
    }
    return check_done("convolutions");
}
