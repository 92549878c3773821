/* The systolic array: R x C PEs.  Three descriptions of one machine, which agree exactly: a device that is stepped
   clock by clock (this file's cycle model, or the Verilated RTL behind the same interface), and closed forms for its
   clocks and event counts.

   What follows speaks of products; integer kinds add integers, `float` and `bfp` products that come aligned to the
   accumulator, with flags that stick beside it (models/mac/aligned.h).

   Operands travel as words.  A word is one code, or `lanes` codes of fields side by side (pcs_mac_step, pcs_word_pack);
   a PE multiplies lane i of its A with lane i of its B.  Kinds with one accumulator add all lanes of a step to it;
   kinds with several (accs) add lane i to accumulator i, and lanes that the mode does not have add zeros.  Below,
   "product" is that sum, or those products.

   Output-stationary (OS).  A tile segment is a run of steps; step t brings one word of A for each of the first `rows`
   rows and one word of B for each of the first `cols` columns (1..R, 1..C); PE (r, c) accumulates A[r][t] * B[t][c].
   Tokens move one PE to the right (A, mode) and down (B) each clock; the edge skews row r by r and column c by c
   clocks: PE (r, c) loads the step accepted at clock s at the end of clock s + r + c.  The first step clears the
   accumulators, the last one copies them into the PE's drain registers, from where a column shifts down, one row a
   clock.  Rows leave the array bottom first: row rows-1, ..., row 0.

   Weight-stationary (WS).  A step may stream (bring A words), load (bring B words), or both.  A streaming step brings
   one word for each of the last `rows` rows, R-rows..R-1 (a[r] is physical row r), and makes one output row: the sum
   over those rows of A[r] * weight(r, c), formed from row R-rows (which starts from zero) downwards, one row a clock,
   in accumulators of acc_bits bits; every streaming step is a sum of its own, and its row leaves below row R-1.  A
   loading step brings a word of B for row load_row, columns 0..load_cols-1, of the NEXT tile: the word passes down
   column c, one row a clock, through pass registers, and stops in the staging register of its row at the end of clock
   s + load_row + c.  The streaming step marked first makes the staged weights the stationary ones as it passes each PE
   (a load in that very step is already for the tile after it), and a PE without a staged weight is idle for the tile.
   All of rows R-rows..R-1, columns 0..cols-1 and no further columns must have been loaded before a tile's first step,
   in its mode; anything else is undefined.

   Timing, m = clocks a step (pcs_mac_step), clock 0 = the first step is accepted:
     a step may follow the one before it by m clocks, m of that step; a loading step that does not stream: by 1 clock;
     OS: the last step of a segment may follow the last step of the segment before it by R + m_before - m clocks (the
     drain registers of row 0 must be free when its results are captured, m clocks after the step; at a constant mode:
   R); OS: with the last step accepted at clock L, row 0 of the segment leaves at clock L + m + 2R + C - 2; WS: the row
   of a streaming step accepted at clock s leaves at clock s + m + R + C - 1. While an output row waits (out_valid and
   not out_ready) the whole array freezes. */
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

/* Inputs in one clock.  `mode`, `rows` and `cols` are taken with the first step of a segment (OS) or tile (WS) and
   ignored afterwards.  The fields of a loading step are ignored by OS, where every step streams both operands. */
typedef struct pcs_array_in {
    bool in_valid;      /* a step is offered */
    bool first;         /* it is the first of its segment or tile */
    bool last;          /* it is the last of its segment or tile (one of a single step sets both) */
    uint32_t mode;      /* pcs_mode_pack */
    uint8_t rows;       /* valid rows, 1..R: OS the first ones, WS the last ones */
    uint8_t cols;       /* valid columns, 1..C */
    bool out_ready;     /* the consumer takes an output row in this clock */
    bool clear;         /* zero the event counters and the status register at the end of this clock */
    bool stream;        /* WS: the step brings A; first, last, mode, rows and cols count only then */
    bool load;          /* WS: the step brings B; at least one of stream and load is set */
    uint32_t load_mode; /* WS: mode of the tile that the weights are for (it aligns them) */
    uint8_t load_row;   /* WS: row that they are for, 0..R-1 */
    uint8_t load_cols;  /* WS: valid columns, 1..C */
    const uint32_t *a;  /* (R) operand words, those of other rows ignored */
    const uint32_t *b;  /* (C) operand words, those of other columns ignored */
} pcs_array_in_t;

/* Outputs in the same clock, before its edge.  The arrays belong to the device and live until the next call on it. */
typedef struct pcs_array_out {
    bool in_ready; /* the step offered in this clock is accepted (depends on in_valid's companions first, last, mode) */
    bool out_valid;       /* a row of accumulators is offered */
    bool out_last;        /* OS: it is row 0, the last row of its segment; WS: every row, it is a sum of its own */
    bool busy;            /* something accepted has not left yet */
    bool error;           /* sticky: a step with an illegal mode, row or count was offered and refused */
    const int64_t *acc;   /* (C, accs) accumulators of the row, sign-extended */
    const uint8_t *flags; /* (C, accs) its sticky flags: integer kinds 1 = overflow, others 1 << PCS_FLOAT_MAC_FLAG_* */
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

/* A GEMM as the array sees it (an input-stationary one comes with its operands exchanged: M, N, A and B are those of
   the transposed product).  M x N outputs, K cut into `groups` groups of equal length, each cut into segments of
   `segment` codes (the last one of a group shorter); an accumulator takes one segment and is read.  All sizes at
   least 1.

   Kinds with one accumulator put codes t * lanes .. t * lanes + lanes - 1 of a segment into its step t (OS) or its row
   R - rows + t (WS); the last word of a segment may be filled up with zeros.  Kinds with several accumulators run
   `lanes` segments of a group at a time, one a lane, code t of each in step or row t; shorter ones are filled up with
   zeros. OS: tiles are walked m outer, n inner; all segments of a tile follow one another, segments within groups. WS:
   blocks of C columns outer, then groups, then segments; a tile is such a segment (or such segments), at most R rows,
   so segment is at most R * lanes (one accumulator) or R (several); all M rows stream through each tile.  The steps
   of a tile also load the next one, a row a step from row R - rows on; what M steps could not bring follows in steps
   that only load, and so does the first tile before its first step. */
typedef struct pcs_array_job {
    uint64_t m, n, k;
    uint64_t groups;  /* divides k */
    uint64_t segment; /* 1..k / groups */
    pcs_mode_t mode;
} pcs_array_job_t;

/* The longest segment that the array's dataflow and kind can run in this mode; UINT64_MAX: any. */
uint64_t pcs_array_segment_max(const pcs_array_config_t *config, const pcs_mode_t *mode);

/* Clocks and event counts of a job that meets no stall: exact, O(1).  Overflows (data) are not predicted: zero. */
void pcs_array_counts(const pcs_array_config_t *config, const pcs_array_job_t *job, pcs_counts_t *counts);

/* counts += times * add */
void pcs_counts_add(pcs_counts_t *counts, const pcs_counts_t *add, uint64_t times);

#ifdef __cplusplus
}
#endif
#endif
