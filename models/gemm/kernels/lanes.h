/* Kernels of floating-point contracts: an output a lane, so that the order within each dot product is kept.  Each is a
   row of a table; all give the same bits, which a test shows for every row the machine has.

   Values are held in binary64, where each number of every format and each product of two is exact.  A sum of two is
   rounded to odd first: what follows is rounded as the exact sum would be, since 53 bits are at least two more than
   any format has; stochastic roundings look at N + 2 more of its bits than the format has.  Lanes know no NaN and no
   infinity: an output that meets one is marked REDO, and computed anew by pcs_dot. */
#ifndef PCS_MODELS_GEMM_KERNELS_LANES_H
#define PCS_MODELS_GEMM_KERNELS_LANES_H

#include "models/format/dot.h"
#include "models/gemm/gemm.h"

enum { PCS_LANES_REDO = 64 }; /* beside PCS_FLAG_* */

/* A rounding to a format with sign, subnormals and both zeros. */
typedef struct pcs_lanes_format {
    double least, max; /* smallest normal number, largest number */
    double to_adder;   /* times the binade of a number: what makes the adder round to a step of the format */
    double to_step;    /* times the binade: the step */
    pcs_rounding_t rounding;
    unsigned random_bits; /* stochastic: N; N + 2 bits below the step must be in binary64 */
    bool saturates;       /* beyond max: max; else REDO */
    bool flush;           /* subnormal results become zeros of their sign */
} pcs_lanes_format_t;

typedef struct pcs_lanes_job {
    const pcs_accumulator_t *accumulator;
    size_t k;
    pcs_lanes_format_t c;       /* roundings to the format of c */
    pcs_lanes_format_t out;     /* ALIGNED: a group's result */
    pcs_lanes_format_t total;   /* parts are added up so, with `restart` */
    bool far_below;             /* ALIGNED: a product's exponent may be below that of a zero term */
    const pcs_stream_t *stream; /* c rounds stochastically: output i takes draws i 2^32, i 2^32 + 1, ... */
} pcs_lanes_job_t;

/* The job of a dot product in binary64 lanes, without far_below. */
pcs_lanes_job_t pcs_lanes_job(const pcs_dot_t *dot, pcs_rounding_t rounding, pcs_overflow_t overflow);

/* One panel of `width` columns: b, b_power (k, width).  a, a_power (k).  Powers are 2^exponent of each element, 0 for
   zeros, and read by ALIGNED only.  Arrays of doubles need no alignment. */
typedef struct pcs_panel {
    const double *a, *a_power, *b, *b_power;
    const double *a_scale, *b_scale; /* (tiles), (tiles, width), or NULL */
    uint64_t output;                 /* number of the first column's output, the others follow */
} pcs_panel_t;

typedef struct pcs_lanes_ops {
    bool (*available)(void);
    size_t width; /* columns of a panel of binary64 */
    /* y (width): in c, out the dot products; flags (width), PCS_FLAG_* and PCS_LANES_REDO, are or-ed into. */
    void (*dots)(const pcs_lanes_job_t *job, const pcs_panel_t *panel, double *y, int64_t *flags);
    /* The same for y = c + exact sums already there, one rounding; c NULL: none. */
    void (*round)(const pcs_lanes_job_t *job, const double *c, double *y, int64_t *flags);
    /* s (rows, width) += A B, one addition a product, in order: a (rows, k) of row distance lda, b (k, width).  rows is
       at most double_rows.  Sums must be exact. */
    size_t double_rows;
    void (*doubles)(size_t rows, size_t k, const double *a, size_t lda, const double *b, double *s);
    /* The same in binary32, each addition rounded; products must be exact. */
    size_t single_width, single_rows;
    void (*singles)(size_t rows, size_t k, const float *a, size_t lda, const float *b, float *s);
    /* And inexact (rows, width) = -1 where an addition rounded. */
    void (*singles_checked)(size_t rows, size_t k, const float *a, size_t lda, const float *b, float *s,
                            int32_t *inexact);
} pcs_lanes_ops_t;

extern const pcs_lanes_ops_t pcs_lanes_portable, pcs_lanes_avx2, pcs_lanes_avx512;

#endif
