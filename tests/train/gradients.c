/* Backward passes of the FP32 layers against central differences of a scalar loss sum(y * weight), evaluated in
   binary64 from the binary32 forward pass.  --inject makes one analytic gradient wrong. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/check.h"
#include "models/format/quantize.h"
#include "workloads/nn/layers.h"

enum { THREADS = 2, MOST = 4096 };

static bool inject;

static float uniform(check_rng_t *rng)
{
    return (float)(check_u32(rng) >> 8U) * 0x1p-23F - 1.0F;
}

static void fill(check_rng_t *rng, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = uniform(rng);
    }
}

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/* Compares gradient[i] with (loss(x + h) - loss(x - h)) / 2h for each of the n variables x. */
static void compare(const char *what, float *x, const float *gradient, size_t n, float h, double tolerance,
                    double (*loss)(void *), void *context)
{
    double worst = 0.0;
    for (size_t i = 0; i < n; i++) {
        const float kept = x[i];
        x[i] = kept + h;
        const double up = (double)x[i];
        const double above = loss(context);
        x[i] = kept - h;
        const double step = up - (double)x[i];
        const double below = loss(context);
        x[i] = kept;
        const double numeric = (above - below) / step;
        const double analytic = (double)gradient[i] + (inject && i == n / 2 ? 0.3 : 0.0);
        const double error = fabs(numeric - analytic) / (1.0 + fabs(numeric));
        worst = fmax(worst, error);
        CHECK(error <= tolerance, "%s: gradient %zu is %g, differences give %g", what, i, analytic, numeric);
    }
    (void)printf("%s: %zu gradients, worst error %.2e\n", what, n, worst);
}

/* ---- batch normalisation ---------------------------------------------------------------------------------------- */

typedef struct bn_case {
    pcs_batchnorm_t bn;
    size_t rows;
    const float *x;
    float *y;
    const float *weight;
} bn_case_t;

static double bn_loss(void *context)
{
    const bn_case_t *c = context;
    pcs_span_t span;
    pcs_batchnorm_forward(&c->bn, THREADS, c->rows, c->x, c->y, false, &span);
    return dot(c->y, c->weight, c->rows * c->bn.channels);
}

static void check_batchnorm(check_rng_t *rng, size_t rows, uint32_t channels)
{
    static float x[MOST], y[MOST], weight[MOST], d[MOST], state[12][64];
    static double partial[4096];
    PCS_ASSERT(rows * channels <= MOST && pcs_batchnorm_partial(rows, channels) <= 4096);
    bn_case_t c = {.rows = rows, .x = x, .y = y, .weight = weight};
    c.bn = (pcs_batchnorm_t){.channels = channels,
                             .gamma = state[0],
                             .beta = state[1],
                             .gamma_grad = state[2],
                             .beta_grad = state[3],
                             .running_mean = state[4],
                             .running_var = state[5],
                             .mean = state[6],
                             .inv_std = state[7],
                             .shift = state[8],
                             .slope = state[9],
                             .partial = partial};
    const size_t n = rows * channels;
    fill(rng, x, n);
    fill(rng, weight, n);
    fill(rng, state[0], channels);
    fill(rng, state[1], channels);
    (void)bn_loss(&c);
    memcpy(d, weight, n * sizeof *d);
    pcs_span_t span;
    pcs_batchnorm_backward(&c.bn, THREADS, rows, x, false, d, d, &span);
    float gamma_grad[64];
    float beta_grad[64];
    memcpy(gamma_grad, state[2], channels * sizeof *gamma_grad);
    memcpy(beta_grad, state[3], channels * sizeof *beta_grad);
    compare("batchnorm x", x, d, n < 200 ? n : 200, 0x1p-7F, 2e-3, bn_loss, &c);
    compare("batchnorm gamma", state[0], gamma_grad, channels, 0x1p-6F, 2e-3, bn_loss, &c);
    compare("batchnorm beta", state[1], beta_grad, channels, 0x1p-6F, 2e-3, bn_loss, &c);
}

/* Statistics against the textbook, in binary64; evaluation uses the running ones. */
static void check_statistics(check_rng_t *rng)
{
    enum { ROWS = 700, CHANNELS = 3, N = ROWS * CHANNELS };
    static float x[N], y[N], state[10][CHANNELS];
    static double partial[128];
    pcs_batchnorm_t bn = {.channels = CHANNELS,
                          .gamma = state[0],
                          .beta = state[1],
                          .running_mean = state[4],
                          .running_var = state[5],
                          .mean = state[6],
                          .inv_std = state[7],
                          .partial = partial};
    pcs_span_t span;
    PCS_ASSERT(pcs_batchnorm_partial(ROWS, CHANNELS) <= 128);
    fill(rng, x, N);
    for (int c = 0; c < CHANNELS; c++) {
        state[0][c] = 1.5F;
        state[1][c] = -0.25F;
        state[4][c] = 2.0F;
        state[5][c] = 1.0F;
    }
    pcs_batchnorm_forward(&bn, THREADS, ROWS, x, y, false, &span);
    for (int c = 0; c < CHANNELS; c++) {
        double mean = 0.0;
        double var = 0.0;
        for (int r = 0; r < ROWS; r++) {
            mean += (double)x[r * CHANNELS + c] / ROWS;
        }
        for (int r = 0; r < ROWS; r++) {
            var += pow((double)x[r * CHANNELS + c] - mean, 2.0) / ROWS;
        }
        const double expected = ((double)x[c] - mean) / sqrt(var + 1e-5) * 1.5 - 0.25;
        CHECK(fabs((double)y[c] - expected) < 1e-5, "channel %d: %g expected %g", c, (double)y[c], expected);
        CHECK(fabs((double)state[4][c] - (0.9 * 2.0 + 0.1 * mean)) < 1e-6, "running mean %g", (double)state[4][c]);
        CHECK(fabs((double)state[5][c] - (0.9 + 0.1 * var * ROWS / (ROWS - 1.0))) < 1e-6, "running variance %g",
              (double)state[5][c]);
    }
    pcs_batchnorm_evaluate(&bn, THREADS, ROWS, x, y, false);
    const double expected = ((double)x[1] - (double)state[4][1]) / sqrt((double)state[5][1] + 1e-5) * 1.5 - 0.25;
    CHECK(fabs((double)y[1] - expected) < 1e-5, "evaluation: %g expected %g", (double)y[1], expected);
}

/* ---- fully connected
 * -------------------------------------------------------------------------------------------------- */

typedef struct linear_case {
    pcs_linear_t linear;
    size_t n;
    const float *x;
    float *y;
    const float *weight;
} linear_case_t;

static double linear_loss(void *context)
{
    const linear_case_t *c = context;
    pcs_linear_forward(&c->linear, THREADS, c->n, c->x, c->y);
    return dot(c->y, c->weight, c->n * c->linear.outputs);
}

static void check_linear(check_rng_t *rng, size_t n, uint32_t inputs, uint32_t outputs)
{
    static float x[MOST], y[MOST], weight[MOST], dx[MOST], w[MOST], wg[MOST], b[64], bg[64];
    linear_case_t c = {.linear = {inputs, outputs, w, wg, b, bg}, .n = n, .x = x, .y = y, .weight = weight};
    fill(rng, x, n * inputs);
    fill(rng, w, (size_t)inputs * outputs);
    fill(rng, b, outputs);
    fill(rng, weight, n * outputs);
    pcs_linear_backward(&c.linear, THREADS, n, x, weight, dx);
    compare("linear x", x, dx, n * inputs, 0x1p-6F, 1e-3, linear_loss, &c);
    compare("linear weight", w, wg, (size_t)inputs * outputs, 0x1p-6F, 1e-3, linear_loss, &c);
    compare("linear bias", b, bg, outputs, 0x1p-6F, 1e-3, linear_loss, &c);
}

/* ---- rectifier, pool, loss
 * ---------------------------------------------------------------------------------------------- */

typedef struct vector_case {
    size_t n, area, channels;
    const float *x;
    float *y;
    const float *weight;
    const uint8_t *labels;
} vector_case_t;

static double relu_loss(void *context)
{
    const vector_case_t *c = context;
    memcpy(c->y, c->x, c->n * sizeof *c->y);
    pcs_relu_forward(THREADS, c->n, c->y);
    return dot(c->y, c->weight, c->n);
}

static double pool_loss(void *context)
{
    const vector_case_t *c = context;
    pcs_pool_forward(THREADS, c->n, c->area, c->channels, c->x, c->y);
    return dot(c->y, c->weight, c->n * c->channels);
}

static double softmax_loss(void *context)
{
    const vector_case_t *c = context;
    return pcs_softmax_loss(c->n, c->channels, c->x, c->labels, NULL).sum / (double)c->n;
}

static void check_vectors(check_rng_t *rng)
{
    static float x[MOST], y[MOST], weight[MOST], d[MOST];
    uint8_t labels[16];
    vector_case_t c = {.n = 500, .x = x, .y = y, .weight = weight, .labels = labels};
    fill(rng, x, MOST);
    fill(rng, weight, MOST);
    for (size_t i = 0; i < c.n; i++) { /* away from the corner at 0 */
        x[i] += x[i] >= 0.0F ? 0.05F : -0.05F;
    }
    (void)relu_loss(&c);
    memcpy(d, weight, c.n * sizeof *d);
    pcs_relu_backward(THREADS, c.n, y, NULL, d);
    compare("relu", x, d, c.n, 0x1p-6F, 1e-3, relu_loss, &c);
    c.n = 3;
    c.area = 10;
    c.channels = 5;
    pcs_pool_backward(THREADS, c.n, c.area, c.channels, weight, d);
    compare("pool", x, d, c.n * c.area * c.channels, 0x1p-6F, 1e-3, pool_loss, &c);
    c.n = 16;
    c.channels = 10;
    for (size_t i = 0; i < c.n; i++) {
        labels[i] = (uint8_t)(check_u32(rng) % c.channels);
    }
    (void)pcs_softmax_loss(c.n, c.channels, x, labels, d);
    compare("softmax", x, d, c.n * c.channels, 0x1p-8F, 1e-4, softmax_loss, &c);
}

/* Loss of equal logits is log(classes); a large lead costs nothing; far logits do not overflow. */
static void check_loss_values(void)
{
    float z[10] = {0.0F};
    const uint8_t label = 3;
    pcs_loss_t loss = pcs_softmax_loss(1, 10, z, &label, NULL);
    CHECK(fabs(loss.sum - log(10.0)) < 1e-14, "loss of equal logits %g", loss.sum);
    CHECK_EQ(loss.correct, 0, "the first of equal logits counts");
    z[3] = 2000.0F;
    loss = pcs_softmax_loss(1, 10, z, &label, NULL);
    CHECK(loss.sum == 0.0 && loss.correct == 1, "a certain answer costs %g", loss.sum);
    z[3] = -2000.0F;
    loss = pcs_softmax_loss(1, 10, z, &label, NULL);
    CHECK(fabs(loss.sum - (2000.0 + log(9.0))) < 1e-9, "a certain error costs %g", loss.sum);
}

/* ---- fused passes: the bits of those they replace
 * --------------------------------------------------------------------
 */

static void same_floats(const char *what, const float *a, const float *b, size_t n)
{
    size_t differ = 0;
    for (size_t i = 0; i < n; i++) {
        differ += memcmp(&a[i], &b[i], sizeof a[i]) != 0;
    }
    CHECK_EQ(differ, inject && n > 3000 ? 1 : 0, "%s: elements that differ", what);
}

static void same_span(const char *what, const pcs_span_t *span, const float *x, size_t n)
{
    float low;
    float high;
    CHECK(pcs_tensor_range(x, n, &low, &high) && span->poison == 0.0F, "%s: finite", what);
    CHECK(span->low == low && span->high == high, "%s: span %g..%g, range %g..%g", what, (double)span->low,
          (double)span->high, (double)low, (double)high);
}

/* A layer whose ten vectors are the rows of `state`, `stride` apart. */
static pcs_batchnorm_t layer_of(uint32_t channels, float *state, size_t stride, double *partial)
{
    return (pcs_batchnorm_t){.channels = channels,
                             .gamma = state,
                             .beta = state + stride,
                             .gamma_grad = state + 2 * stride,
                             .beta_grad = state + 3 * stride,
                             .running_mean = state + 4 * stride,
                             .running_var = state + 5 * stride,
                             .mean = state + 6 * stride,
                             .inv_std = state + 7 * stride,
                             .shift = state + 8 * stride,
                             .slope = state + 9 * stride,
                             .partial = partial};
}

static void check_fused(check_rng_t *rng, size_t rows, uint32_t channels)
{
    static float x[MOST], more[MOST], y[MOST], rectified[MOST], d[MOST], fused[MOST], state[10][64], kept[2][64];
    static double partial[4096];
    const pcs_batchnorm_t bn = layer_of(channels, state[0], sizeof state[0] / sizeof state[0][0], partial);
    const size_t n = rows * channels;
    pcs_span_t span;
    PCS_ASSERT(n <= MOST && channels <= 64);
    fill(rng, x, n);
    fill(rng, more, n);
    fill(rng, d, n);
    fill(rng, state[0], channels);
    fill(rng, state[1], channels);
    pcs_batchnorm_forward(&bn, THREADS, rows, x, y, false, &span);
    same_span("batchnorm", &span, y, n);
    pcs_relu_forward(THREADS, n, y);
    pcs_batchnorm_forward(&bn, THREADS, rows, x, rectified, true, &span);
    same_floats("batchnorm and rectifier", y, rectified, n);
    same_span("batchnorm and rectifier", &span, y, n);

    memcpy(fused, d, n * sizeof *d);
    pcs_batchnorm_backward(&bn, THREADS, rows, x, true, fused, fused, &span);
    memcpy(kept, state + 2, sizeof kept);
    same_span("backward", &span, fused, n);
    pcs_relu_backward(THREADS, n, y, NULL, d);
    pcs_batchnorm_backward(&bn, THREADS, rows, x, false, d, rectified, &span);
    same_floats("backward of both", rectified, fused, n);
    same_floats("gradients of gamma and beta", kept[0], state[2], channels);
    same_floats("gradients of beta", kept[1], state[3], channels);

    memcpy(fused, y, n * sizeof *y);
    memcpy(rectified, y, n * sizeof *y);
    pcs_add_relu(THREADS, n, more, fused, &span);
    pcs_add(THREADS, n, more, rectified);
    pcs_relu_forward(THREADS, n, rectified);
    same_floats("addition and rectifier", rectified, fused, n);
    same_span("addition and rectifier", &span, fused, n);
    memcpy(fused, d, n * sizeof *d);
    pcs_relu_backward(THREADS, n, y, more, fused);
    pcs_add(THREADS, n, more, d);
    pcs_relu_backward(THREADS, n, y, NULL, d);
    same_floats("two gradients through a rectifier", d, fused, n);
}

/* The range of a gradient visits few of many chunks: that it finds the extremes wherever they are, and whatever is not
   finite. */
static void check_spans(check_rng_t *rng, uint32_t channels)
{
    enum { ROWS = 256 * 9 + 13, CHANNELS = 20, N = ROWS * CHANNELS };
    static float x[N], d[N], dx[N], state[10][CHANNELS];
    static double partial[11 * 6 * CHANNELS];
    const pcs_batchnorm_t bn = layer_of(channels, state[0], sizeof state[0] / sizeof state[0][0], partial);
    const size_t n = (size_t)ROWS * channels;
    pcs_span_t span;
    PCS_ASSERT(channels <= CHANNELS && pcs_batchnorm_partial(ROWS, channels) <= sizeof partial / sizeof partial[0]);
    for (int trial = 0; trial < 16; trial++) {
        const bool relu = trial % 2 != 0;
        const uint32_t spikes = (uint32_t)check_range(rng, 0, 12);
        fill(rng, x, n);
        fill(rng, d, n);
        fill(rng, state[0], channels);
        fill(rng, state[1], channels);
        for (uint32_t i = 0; i < spikes; i++) {
            float *all = check_range(rng, 0, 1) == 0 ? x : d;
            all[check_u32(rng) % n] *= (float)(1U << (unsigned)check_range(rng, 0, 12));
        }
        pcs_batchnorm_measure(&bn, THREADS, ROWS, x, relu, &span);
        pcs_batchnorm_backward(&bn, THREADS, ROWS, x, relu, d, dx, &span);
        same_span("gradient of many rows", &span, dx, n);
        d[check_u32(rng) % n] = trial % 3 == 0 ? NAN : INFINITY;
        pcs_batchnorm_backward(&bn, THREADS, ROWS, x, false, d, dx, &span);
        CHECK(span.poison != 0.0F, "a gradient that is not finite goes unseen");
    }
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 21), 0};
    inject = check_flag(argc, argv, "--inject", NULL);
    check_batchnorm(&rng, 12, 5);
    check_batchnorm(&rng, 600, 6); /* several chunks */
    check_statistics(&rng);
    check_fused(&rng, 700, 5);
    check_fused(&rng, 255, 16);
    check_fused(&rng, 110, 37);
    check_spans(&rng, 5);
    check_spans(&rng, 20);
    check_linear(&rng, 4, 9, 7);
    check_linear(&rng, 1, 1, 1);
    check_vectors(&rng);
    check_loss_values();
    return check_done("gradients");
}
