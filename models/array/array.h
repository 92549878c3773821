/* The systolic array: R x C PEs, output-stationary.  Three descriptions of one machine, which agree exactly:
   a device that is stepped clock by clock (this file's cycle model, or the Verilated RTL behind the same interface),
   and closed forms for its clocks and event counts.

   A tile segment is a run of steps k = 0..K-1.  Step k brings one code of A for each of the first `rows` rows and one
   code of B for each of the first `cols` columns (1..R, 1..C); PE (r, c) accumulates A[r][k] * B[k][c].  Tokens move
   one PE to the right (A, mode) and down (B) each clock; the edge skews row r by r and column c by c clocks.  The first
   step clears the accumulators, the last one copies each into its PE's drain register, from where a column shifts
   down, one row a clock.  Rows leave the array bottom first: row rows-1, ..., row 0.

   Timing, m = clocks a step (pcs_mac_step), clock 0 = the first step is accepted:
     a step may follow the one before it by m clocks;
     the last step of a segment may follow the last step of the segment before it by R + m_before - m clocks (the drain
     registers of row 0 must be free when its results are captured, m clocks after the step; at a constant mode: R);
     with the last step accepted at clock L, row 0 of the segment leaves at clock L + m + 2R + C - 2.
   While an output row waits (out_valid and not out_ready) the whole array freezes. */
#ifndef PCS_MODELS_ARRAY_ARRAY_H
#define PCS_MODELS_ARRAY_ARRAY_H

#include "models/spec/spec.h"
#include "models/spec/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Checks ranges; the message names the field and its legal values. */
PCS_MUST_CHECK pcs_status_t pcs_array_config_check(const pcs_array_config_t *config, pcs_error_t *err);

/* ---- the port, clock by clock ---------------------------------------------------------------------------------- */

/* Inputs in one clock.  `mode`, `rows` and `cols` are taken with the first step of a segment and ignored afterwards. */
typedef struct pcs_array_in {
    bool in_valid;    /* a step is offered */
    bool first;       /* it is the first of its segment */
    bool last;        /* it is the last of its segment (a segment of K = 1 sets both) */
    uint32_t mode;    /* pcs_mode_pack */
    uint8_t rows;     /* valid rows, 1..R */
    uint8_t cols;     /* valid columns, 1..C */
    bool out_ready;   /* the consumer takes an output row in this clock */
    bool clear;       /* zero the event counters and the status register at the end of this clock */
    const uint8_t *a; /* (R) codes, those past `rows` ignored */
    const uint8_t *b; /* (C) codes, those past `cols` ignored */
} pcs_array_in_t;

/* Outputs in the same clock, before its edge.  The arrays belong to the device and live until the next call on it. */
typedef struct pcs_array_out {
    bool in_ready; /* the step offered in this clock is accepted (depends on in_valid's companions first, last, mode) */
    bool out_valid;           /* a row of accumulators is offered */
    bool out_last;            /* it is row 0: the last row of its segment */
    bool busy;                /* something accepted has not left yet */
    bool error;               /* sticky: a first step with an illegal mode, rows or cols was offered and refused */
    const int64_t *acc;       /* (C) accumulators of the row, sign-extended */
    const uint8_t *overflow;  /* (C) 1 = sticky overflow of that accumulator */
    const uint8_t *col_valid; /* (C) 1 = column < cols of the segment */
} pcs_array_out_t;

/* A device: the cycle model or the RTL. */
typedef struct pcs_array_dev pcs_array_dev_t;
typedef struct pcs_array_dev_ops {
    const char *name; /* "cycle", "rtl" */
    /* Back to the state after power-up, counters zero. */
    void (*reset)(pcs_array_dev_t *dev);
    /* One clock: outputs for these inputs, then the edge. */
    void (*step)(pcs_array_dev_t *dev, const pcs_array_in_t *in, pcs_array_out_t *out);
    /* Registers of all PEs after the last edge: (R * C * PCS_PROBE_WORDS) words, PE (r, c) at index r * C + c. */
    const uint32_t *(*probe)(pcs_array_dev_t *dev);
    /* A read-only register (enum pcs_csr, or PCS_CSR_EVENT_BASE + event). */
    uint64_t (*csr)(pcs_array_dev_t *dev, unsigned addr);
    void (*destroy)(pcs_array_dev_t *dev);
} pcs_array_dev_ops_t;
struct pcs_array_dev {
    const pcs_array_dev_ops_t *ops;
    pcs_array_config_t config;
};

/* The cycle model. */
PCS_MUST_CHECK pcs_status_t pcs_array_cycle_create(const pcs_array_config_t *config, pcs_array_dev_t **dev,
                                                   pcs_error_t *err);
/* Destroys any device; NULL is fine. */
void pcs_array_dev_destroy(pcs_array_dev_t *dev);

/* Test hook: from now on bit `bit` of register `probe` of PE (row, col) shows inverted in the probe image, until a
   reset. Returns false when the device is not a cycle model or the field is not that wide. */
bool pcs_array_cycle_flip(pcs_array_dev_t *dev, unsigned row, unsigned col, pcs_probe_t probe, unsigned bit);

/* Value of one probe field of one PE, from a probe image (sign-extended when the row says so). */
int64_t pcs_probe_get(const uint32_t *image, size_t pe, pcs_probe_t probe);

/* ---- closed forms ---------------------------------------------------------------------------------------------- */

/* A GEMM as the array sees it: M x N outputs, K cut into `groups` groups of equal length, each cut into segments of
   `segment` steps (the last one of a group shorter).  All sizes at least 1.  Tiles are walked m outer, n inner; all
   segments of a tile follow one another. */
typedef struct pcs_array_job {
    uint64_t m, n, k;
    uint64_t groups;  /* divides k */
    uint64_t segment; /* 1..k / groups */
    pcs_mode_t mode;
} pcs_array_job_t;

/* Clocks and event counts of a job that meets no stall: exact, O(1).  Overflows (data) are not predicted: zero. */
void pcs_array_counts(const pcs_array_config_t *config, const pcs_array_job_t *job, pcs_counts_t *counts);

/* counts += times * add */
void pcs_counts_add(pcs_counts_t *counts, const pcs_counts_t *add, uint64_t times);

#ifdef __cplusplus
}
#endif
#endif
