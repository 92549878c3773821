#include <string.h>

#include "models/spec/isa.h"
#include "workloads/nn/layers.h"

/* y (outputs) = bias + sum over inputs, in order, of x[i] times row i of the weights. */
PCS_CLONES static void forward_image(const pcs_linear_t *linear, const float *restrict x, float *restrict y)
{
    const size_t outputs = linear->outputs;
    memcpy(y, linear->bias, outputs * sizeof *y);
    for (size_t i = 0; i < linear->inputs; i++) {
        const float *row = linear->weight + i * outputs;
        for (size_t o = 0; o < outputs; o++) {
            y[o] += x[i] * row[o];
        }
    }
}

void pcs_linear_forward(const pcs_linear_t *linear, unsigned threads, size_t n, const float *x, float *y)
{
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t image = 0; image < n; image++) {
        forward_image(linear, x + image * linear->inputs, y + image * linear->outputs);
    }
}

/* Row i of the weight gradient: sum over the images, in order. */
static void weight_grad_row(const pcs_linear_t *linear, size_t n, const float *x, const float *dy, size_t i)
{
    const size_t outputs = linear->outputs;
    float *sum = linear->weight_grad + i * outputs;
    memset(sum, 0, outputs * sizeof *sum);
    for (size_t image = 0; image < n; image++) {
        const float v = x[image * linear->inputs + i];
        for (size_t o = 0; o < outputs; o++) {
            sum[o] += v * dy[image * outputs + o];
        }
    }
}

void pcs_linear_backward(const pcs_linear_t *linear, unsigned threads, size_t n, const float *x, const float *dy,
                         float *dx)
{
    const size_t inputs = linear->inputs;
    const size_t outputs = linear->outputs;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t i = 0; i < inputs; i++) {
        weight_grad_row(linear, n, x, dy, i);
    }
    memset(linear->bias_grad, 0, outputs * sizeof *linear->bias_grad);
    for (size_t image = 0; image < n; image++) {
        for (size_t o = 0; o < outputs; o++) {
            linear->bias_grad[o] += dy[image * outputs + o];
        }
    }
#pragma omp parallel for num_threads(threads) schedule(static)
    for (size_t image = 0; image < n; image++) {
        for (size_t i = 0; i < inputs; i++) {
            const float *row = linear->weight + i * outputs;
            float sum = 0.0F;
            for (size_t o = 0; o < outputs; o++) {
                sum += dy[image * outputs + o] * row[o];
            }
            dx[image * inputs + i] = sum;
        }
    }
}
