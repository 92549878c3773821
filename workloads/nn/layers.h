/* The FP32 layers, as forward/backward pairs on NHWC tensors.  A tensor of (n, h, w, c) is a matrix of rows = n h w
   positions by c channels.  Sums run over chunks of a fixed number of rows, whose partial sums are added in order:
   results depend neither on the number of threads nor on the machine.  Every function overwrites its outputs. */
#ifndef PCS_WORKLOADS_NN_LAYERS_H
#define PCS_WORKLOADS_NN_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rows, and elements, of the chunks that passes over tensors are cut into; threads take them as they come, so that a
   core that is away for a while holds up one chunk. */
enum { PCS_CHUNK_ROWS = 256, PCS_CHUNK_ELEMENTS = 16384 };

static inline size_t pcs_chunks(size_t count, size_t chunk)
{
    return (count + chunk - 1U) / chunk;
}

/* Smallest and largest element of a tensor, found while it is made.  poison is 0 while all elements are finite. */
typedef struct pcs_span {
    float low, high, poison;
} pcs_span_t;

/* Merges lanes into a span. */
static inline void pcs_span_gather(pcs_span_t *span, size_t lanes, const float *low, const float *high,
                                   const float *poison)
{
    for (size_t i = 0; i < lanes; i++) {
        span->low = low[i] < span->low ? low[i] : span->low;
        span->high = high[i] > span->high ? high[i] : span->high;
        span->poison += poison[i];
    }
}

/* ---- batch normalisation ---------------------------------------------------------------------------------------- */

#define PCS_BN_EPSILON 1e-5F
#define PCS_BN_MOMENTUM 0.1F /* running <- 0.9 running + 0.1 new */

typedef struct pcs_batchnorm {
    uint32_t channels;
    float *gamma, *beta;               /* (channels) parameters */
    float *gamma_grad, *beta_grad;     /* (channels) */
    float *running_mean, *running_var; /* (channels) state; the variance is the unbiased one */
    float *mean, *inv_std;             /* (channels) of the batch: forward leaves them for backward */
    float *shift, *slope;              /* (channels) scratch of backward */
    double *partial; /* (pcs_batchnorm_partial(...)) scratch; forward leaves the extremes of x for backward */
} pcs_batchnorm_t;

/* Elements of `partial` for at most `rows` rows. */
size_t pcs_batchnorm_partial(size_t rows, uint32_t channels);

/* y = gamma (x - mean) / sqrt(var + eps) + beta over `rows` positions, with `relu` the rectifier of that; x and y are
   (rows, channels) and may not alias.  Two steps: first the constants of all rows, then any rows of y, where and as
   often as they are needed.

   Training: statistics of the batch, rows >= 2, running ones updated; span: that of the whole y. */
void pcs_batchnorm_measure(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                           pcs_span_t *span);
/* The same where x is made: rows `row`.. of it, PCS_CHUNK_ROWS or those left, each once and by any thread; then what
   they come to. */
void pcs_batchnorm_see(const pcs_batchnorm_t *bn, size_t row, size_t rows, const float *x);
void pcs_batchnorm_settle(const pcs_batchnorm_t *bn, size_t rows, bool relu, pcs_span_t *span);
/* Evaluation: the running statistics. */
void pcs_batchnorm_recall(const pcs_batchnorm_t *bn);
/* Rows of y from as many of x: `rows` of them, and all. */
void pcs_batchnorm_make(const pcs_batchnorm_t *bn, size_t rows, const float *x, bool relu, float *y);
void pcs_batchnorm_make_all(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                            float *y);

/* d (rows, channels): gradient of y; x and relu as in the forward pass.  Fills gamma_grad, beta_grad and what the
   second step needs; span: that of the whole gradient of x. */
void pcs_batchnorm_measure_grad(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                                const float *d, pcs_span_t *span);
/* The same where d is made: rows `row`.. of it, as above, and what they come to. */
void pcs_batchnorm_see_grad(const pcs_batchnorm_t *bn, size_t row, size_t rows, const float *x, bool relu,
                            const float *d);
void pcs_batchnorm_settle_grad(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                               const float *d, pcs_span_t *span);
/* Rows of dx, the gradient of x, which may be d: `rows` of them, and all. */
void pcs_batchnorm_make_grad(const pcs_batchnorm_t *bn, size_t rows, const float *x, bool relu, const float *d,
                             float *dx);
void pcs_batchnorm_make_grad_all(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                                 const float *d, float *dx);

/* Both steps of whole tensors. */
void pcs_batchnorm_forward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y,
                           bool relu, pcs_span_t *span);
void pcs_batchnorm_evaluate(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, float *y,
                            bool relu);
void pcs_batchnorm_backward(const pcs_batchnorm_t *bn, unsigned threads, size_t rows, const float *x, bool relu,
                            const float *d, float *dx, pcs_span_t *span);

/* ---- rectifier ----------------------------------------------------------------------------------------------------
 */

/* In place: y = max(y, 0), the result of a negative or zero element is +0. */
void pcs_relu_forward(unsigned threads, size_t n, float *y);
/* d = y > 0 ? d + more : 0, y being the output of the forward pass; more may be NULL: nothing is added. */
void pcs_relu_backward(unsigned threads, size_t n, const float *y, const float *more, float *d);
void pcs_relu_backward_part(size_t n, const float *y, const float *more, float *d); /* by one thread */

/* y += x, element by element. */
void pcs_add(unsigned threads, size_t n, const float *x, float *y);
/* y = max(y + x, 0), and its span. */
void pcs_add_relu(unsigned threads, size_t n, const float *x, float *y, pcs_span_t *span);
/* A part of either by one thread; the span grows. */
void pcs_add_part(size_t n, const float *x, float *y);
void pcs_add_relu_part(size_t n, const float *x, float *y, pcs_span_t *span);

/* ---- global average pool -------------------------------------------------------------------------------------------
 */

/* y (n, channels) = mean over `area` = h w positions of x (n, area, channels). */
void pcs_pool_forward(unsigned threads, size_t n, size_t area, size_t channels, const float *x, float *y);
void pcs_pool_backward(unsigned threads, size_t n, size_t area, size_t channels, const float *dy, float *dx);

/* ---- fully connected ------------------------------------------------------------------------------------------------
 */

typedef struct pcs_linear {
    uint32_t inputs, outputs;
    float *weight, *weight_grad; /* (inputs, outputs) */
    float *bias, *bias_grad;     /* (outputs) */
} pcs_linear_t;

/* y (n, outputs) = x (n, inputs) weight + bias. */
void pcs_linear_forward(const pcs_linear_t *linear, unsigned threads, size_t n, const float *x, float *y);
/* Fills the gradients of weight and bias, and dx (n, inputs). */
void pcs_linear_backward(const pcs_linear_t *linear, unsigned threads, size_t n, const float *x, const float *dy,
                         float *dx);

/* ---- loss
 * ------------------------------------------------------------------------------------------------------------ */

typedef struct pcs_loss {
    double sum;     /* of the cross-entropies, nats */
    size_t correct; /* samples whose largest logit is at their label (the first of equal ones counts) */
} pcs_loss_t;

/* Softmax and cross-entropy of logits (n, classes), in binary64.  d (n, classes), may be NULL: gradient of the mean
   over the n samples. */
pcs_loss_t pcs_softmax_loss(size_t n, size_t classes, const float *logits, const uint8_t *labels, float *d);

#ifdef __cplusplus
}
#endif
#endif
