/* The FP32 convolution against one in binary64 that walks outputs, taps and channels.  A sum of k products in binary32,
   in whatever order and with or without fused multiply-adds, is off by at most k u / (1 - k u) times the sum of their
   absolute values, u = 2^-24: that is the bound, for every element.  Then training in FP32 must learn one batch by
   heart.
   --inject makes one weight of the oracle wrong; --inject-update trains with a learning rate of 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/nn/conv_fp32.h"
#include "workloads/train/step.h"
#include "workloads/zoo/zoo.h"

typedef struct tensors {
    size_t xs, ys, ws;
    float *x, *dx, *y, *dy, *w, *dw;
} tensors_t;

typedef enum which { FORWARD, DGRAD, WGRAD } which_t;

static bool inject, inject_update;

static void *take(size_t count, size_t size)
{
    void *memory = aligned_alloc(64, (count * size + 63U) / 64U * 64U);
    PCS_ASSERT(memory != NULL);
    return memory;
}

static float *uniform(check_rng_t *rng, size_t n)
{
    float *x = take(n, sizeof *x);
    for (size_t i = 0; i < n; i++) {
        x[i] = (float)(check_u32(rng) >> 8U) * 0x1p-23F - 1.0F;
    }
    return x;
}

/* sum[i], absolute[i] and terms[i]: of the products that make element i. */
static void naive(const pcs_conv_shape_t *s, which_t which, const tensors_t *t, double *sum, double *absolute,
                  unsigned *terms)
{
    for (size_t o = 0; o < t->ys; o++) {
        const size_t f = o % s->filters;
        const int64_t ox = (int64_t)(o / s->filters % s->out_w);
        const int64_t oy = (int64_t)(o / s->filters / s->out_w % s->out_h);
        const size_t image = o / s->filters / s->out_w / s->out_h;
        for (uint32_t tap = 0; tap < s->kernel * s->kernel; tap++) {
            const int64_t y = oy * s->stride + tap / s->kernel - s->padding;
            const int64_t x = ox * s->stride + tap % s->kernel - s->padding;
            const bool depthwise = s->groups > 1;
            const bool inside = y >= 0 && x >= 0 && y < s->height && x < s->width;
            for (size_t c = depthwise ? f : 0; inside && c < (depthwise ? f + 1 : s->channels); c++) {
                const size_t xi = ((image * s->height + (size_t)y) * s->width + (size_t)x) * s->channels + c;
                const size_t wi = (depthwise ? tap : tap * s->channels + c) * s->filters + f;
                const double w = (double)t->w[wi] + (inject && wi == t->ws / 2 ? 0.25 : 0.0);
                const double product[] = {(double)t->x[xi] * w, (double)t->dy[o] * w,
                                          (double)t->x[xi] * (double)t->dy[o]};
                const size_t index[] = {o, xi, wi};
                sum[index[which]] += product[which];
                absolute[index[which]] += fabs(product[which]);
                terms[index[which]]++;
            }
        }
    }
}

/* Largest share of the bound that was used. */
static double compare(const pcs_conv_shape_t *s, which_t which, const tensors_t *t, const float *got)
{
    static const char *const names[] = {"forward", "dgrad", "wgrad"};
    const size_t sizes[] = {t->ys, t->xs, t->ws};
    const size_t n = sizes[which];
    double *sum = calloc(n, sizeof *sum);
    double *absolute = calloc(n, sizeof *absolute);
    unsigned *terms = calloc(n, sizeof *terms);
    double worst = 0;
    PCS_ASSERT(sum != NULL && absolute != NULL && terms != NULL);
    naive(s, which, t, sum, absolute, terms);
    for (size_t i = 0; i < n; i++) {
        const double ku = (double)terms[i] * 0x1p-24;
        const double bound = ku / (1.0 - ku) * absolute[i];
        const double error = fabs((double)got[i] - sum[i]);
        CHECK(error <= bound, "%s %ux%u s%u p%u %u->%u: element %zu is %.9g, naive %.9g, bound %g", names[which],
              s->kernel, s->kernel, s->stride, s->padding, s->channels, s->filters, i, (double)got[i], sum[i], bound);
        worst = bound > 0 ? fmax(worst, error / bound) : worst;
    }
    free(sum);
    free(absolute);
    free(terms);
    return worst;
}

static void check_shape(check_rng_t *rng, pcs_conv_shape_t s, uint32_t n, unsigned threads)
{
    CHECK(pcs_conv_shape_check(&s), "shape");
    tensors_t t = {.xs = (size_t)n * s.height * s.width * s.channels,
                   .ys = (size_t)n * s.out_h * s.out_w * s.filters,
                   .ws = (size_t)s.kernel * s.kernel * (s.groups > 1 ? 1 : s.channels) * s.filters};
    t.x = uniform(rng, t.xs);
    t.dx = uniform(rng, t.xs); /* results start dirty */
    t.y = uniform(rng, t.ys);
    t.dy = uniform(rng, t.ys);
    t.w = uniform(rng, t.ws);
    t.dw = uniform(rng, t.ws);
    pcs_conv_views_t views;
    pcs_arena_t arena = {NULL, 0};
    pcs_conv_views_place(&views, &s, &arena);
    void *memory = take(arena.used, 1);
    arena = (pcs_arena_t){memory, 0};
    pcs_conv_views_place(&views, &s, &arena);
    float *scratch = take(pcs_conv_fp32_scratch(&s, threads), sizeof *scratch);
    const pcs_conv_fp32_t conv = {&s, &views, threads, scratch};
    pcs_conv_fp32_forward(&conv, n, t.x, t.w, t.y);
    pcs_conv_fp32_wgrad(&conv, n, t.x, t.dy, t.dw);
    pcs_conv_fp32_dgrad(&conv, n, t.dy, t.w, t.dx);
    const double forward = compare(&s, FORWARD, &t, t.y);
    const double dgrad = compare(&s, DGRAD, &t, t.dx);
    const double wgrad = compare(&s, WGRAD, &t, t.dw);
    (void)printf("%u x %u x %u -> %u, kernel %u, stride %u, %u threads: worst error / bound %.3f %.3f %.3f\n", s.height,
                 s.width, s.channels, s.filters, s.kernel, s.stride, threads, forward, dgrad, wgrad);
    void *all[] = {t.x, t.dx, t.y, t.dy, t.w, t.dw, memory, scratch};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]);
    }
}

/* Twenty steps on one batch. */
static void check_learns(check_rng_t *rng, unsigned threads)
{
    enum { BATCH = 16, STEPS = 20 };
    pcs_error_t err = {{0}};
    pcs_network_spec_t spec;
    pcs_network_t *network = NULL;
    const pcs_numerics_t numerics = {.fp32_threads = threads};
    CHECK_OK(pcs_zoo_find("fmnist-cnn", &spec, &err), &err);
    CHECK_OK(pcs_network_create(&spec, &numerics, BATCH, 3, &network, &err), &err);
    float *images = uniform(rng, (size_t)BATCH * spec.height * spec.width);
    uint8_t labels[BATCH];
    for (uint8_t i = 0; i < BATCH; i++) {
        labels[i] = i % 10U;
    }
    memcpy(pcs_network_input(network), images, (size_t)BATCH * spec.height * spec.width * sizeof *images);
    const pcs_update_t update = {inject_update ? 0.0F : 0.05F, 0.9F, 1e-4F};
    pcs_loss_t loss = {0.0, 0};
    double first = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        const pcs_step_t step = {.threads = threads, .iteration = i, .training = true};
        CHECK_OK(pcs_step_train(network, &step, BATCH, labels, &update, &loss, &err), &err);
        first = i == 0 ? loss.sum : first;
    }
    CHECK(loss.sum < 0.2 * first, "the loss went from %g to %g nats", first / BATCH, loss.sum / BATCH);
    (void)printf("loss of a batch of %d: %.4f, after %d steps %.4f nats\n", BATCH, first / BATCH, STEPS,
                 loss.sum / BATCH);
    pcs_network_destroy(network);
    pcs_zoo_free(&spec);
    free(images);
}

int main(int argc, char **argv)
{
    static const pcs_conv_shape_t shapes[] = {
        /* height, width, channels, kernel, stride, padding, filters */
        {7, 6, 3, 3, 1, 1, 5, 0, 0, 0, 0},     {8, 9, 2, 3, 2, 1, 4, 0, 0, 0, 0},
        {7, 7, 4, 1, 1, 0, 3, 0, 0, 0, 0},     {7, 8, 4, 1, 2, 0, 3, 0, 0, 0, 0}, /* phases without taps */
        {9, 9, 2, 5, 1, 2, 3, 0, 0, 0, 0},     {11, 10, 2, 5, 3, 2, 3, 0, 0, 0, 0},
        {6, 6, 1, 3, 2, 0, 2, 0, 0, 0, 0},     {5, 5, 3, 2, 2, 1, 2, 0, 0, 0, 0},
        {4, 4, 2, 3, 4, 1, 2, 0, 0, 0, 0},     {3, 3, 1, 3, 1, 0, 1, 0, 0, 0, 0},
        {24, 24, 16, 3, 1, 1, 16, 0, 0, 0, 0}, /* of ResNet-20, several chunks */
        {24, 24, 16, 3, 2, 1, 32, 0, 0, 0, 0}, {8, 8, 64, 3, 1, 1, 64, 0, 0, 0, 0},
        {7, 6, 5, 3, 1, 1, 5, 0, 0, 0, 5}, /* depthwise */
        {9, 8, 40, 3, 2, 1, 40, 0, 0, 0, 40},  {8, 8, 16, 5, 3, 2, 16, 0, 0, 0, 16},
        {5, 5, 3, 2, 2, 1, 3, 0, 0, 0, 3},
    };
    check_rng_t rng = {check_seed(argc, argv, 41), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    inject_update = check_flag(argc, argv, "--inject-update", NULL);
    pcs_conv_fp32_start();
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && !inject_update; i++) {
        check_shape(&rng, shapes[i], (uint32_t)(1 + i % 3), (unsigned)(1 + i % 4));
    }
    if (!inject) {
        check_learns(&rng, 1);
    }
    return check_done("FP32 convolutions");
}
