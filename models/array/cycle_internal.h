/* Inside the cycle model.

   Time advances only in enabled clocks, and PE (r, c) meets the step accepted at clock s at the end of clock s + r + c.
   So every register of every PE is a function of the steps accepted so far, and a clock need not touch the PEs: the
   model takes a step's words into a ring and is done.  Sums are made for many steps at a time, when they leave the
   array or the ring is full; registers are made when somebody looks at them.

   What is kept:
     steps    ring of accepted steps: [base, accepted) with their words and their lanes' values
     base     registers of all PEs as if all had met the steps before `base` and no other; those steps have left even
              the last PE
     tiles    OS: segments whose results have not yet left the drain registers
     head     WS: weights in step space, of the tile that streams and of the next; rows of sums ready to leave */
#ifndef PCS_MODELS_ARRAY_CYCLE_INTERNAL_H
#define PCS_MODELS_ARRAY_CYCLE_INTERNAL_H

#include "models/array/array.h"
#include "models/mac/aligned.h"
#include "models/mac/mac.h"

/* An accepted step. */
typedef struct pcs_cycle_step {
    uint64_t clock; /* of its acceptance, in enabled clocks */
    bool stream, first, last, load;
    uint8_t top, rows, cols; /* PEs that it meets: rows top..top+rows-1, columns 0..cols-1 */
    uint8_t load_row, load_cols;
    uint8_t load_shift; /* alignment of the weights it loads */
    uint16_t mode;
    uint32_t reach;     /* no product is larger (integer kinds) */
    pcs_mac_step_t mac; /* of its mode */
    uint64_t tile;      /* OS: number of its segment, in the last step */
} pcs_cycle_step_t;

/* OS: a segment from its last step's acceptance on. */
typedef struct pcs_cycle_tile {
    uint64_t step;  /* its last one */
    uint64_t drain; /* clock at whose end row 0, column 0 is captured */
    uint8_t rows, cols;
} pcs_cycle_tile_t;

/* Registers of PEs, (R, width) or (accs, R, width). */
typedef struct pcs_cycle_regs {
    int64_t *acc;     /* (accs, R, width) */
    uint8_t *acc_ovf; /* (accs, R, width) flags, see pcs_array_out_t */
    uint32_t *a, *b;  /* operand words as they came to the port */
    uint16_t *mode;
    uint8_t *first, *last, *start;
    uint32_t *weight, *staged; /* as they came to the port */
    uint8_t *weight_shift, *staged_shift, *weight_valid, *staged_valid;
    uint32_t *pass; /* aligned */
    uint8_t *pass_rows;
} pcs_cycle_regs_t;

/* What only the registers of this clock need. */
typedef struct pcs_cycle_live {
    pcs_cycle_regs_t regs;
    uint8_t *active, *pass_valid, *drain_valid; /* (R, width) */
    uint8_t *left;                              /* clocks of the running step not yet worked */
    int64_t *sum; /* WS: sums of the steps in flight on their way down, (steps, accs, width) */
    uint8_t *sum_ovf;
    int16_t *weight;  /* (lanes, width) values of a row */
    pcs_term_t *term; /* (width) the same of aligned kinds */
    uint8_t *covered; /* (steps in flight) columns of a row in which a later step has already come */
} pcs_cycle_live_t;

typedef struct pcs_cycle {
    pcs_array_dev_t dev;
    unsigned rows, cols, accs, lanes; /* lanes: most of the kind */
    size_t width;                     /* distance of rows of PEs */
    bool zero_mode;                   /* mode word 0 is legal: it does not tell that nothing was loaded since reset */
    bool ws, aligned;   /* aligned: products come aligned to the accumulators, with flags (models/mac/aligned.h) */
    int64_t limit;      /* largest accumulator */
    uint32_t word_mask; /* bits of an operand word */

    /* The port. */
    uint64_t clock;      /* enabled clocks, the running one's number */
    uint64_t open_at;    /* a step may come from this clock on */
    uint64_t drain_from; /* OS: results may be captured in row 0 from this clock on */
    uint64_t idle_at;    /* all that was accepted has left from this clock on */
    pcs_mode_t mode;     /* of the running tile */
    uint32_t mode_word;
    pcs_mac_step_t mac;
    uint32_t reach;
    uint8_t tile_rows, tile_cols;
    bool error;

    /* Steps: number n is at n & step_mask. */
    uint64_t base, accepted;
    size_t step_mask;
    pcs_cycle_step_t *step;
    uint32_t *word_a, *word_b;   /* (steps, R), (steps, width) */
    uint64_t decoded;            /* steps before this one are decoded, too: */
    uint32_t *value_a;           /* (steps, lanes, R), each value in both halves: what a PE row's columns share is */
    int16_t *value_b;            /* spread over a vector in one load; (steps, lanes, width), zero beyond cols */
    pcs_term_t *term_a, *term_b; /* aligned kinds, instead: (steps, R), (steps, width) */
    pcs_cycle_regs_t regs;
    pcs_cycle_live_t live;
    size_t regs_bytes; /* of the arrays of a pcs_cycle_regs_t, which are one block */
    int64_t bound;     /* OS: no accumulator of the running segment is larger */

    /* OS: segments, number n at n % tile_room. */
    uint64_t tile_base, tile_out, tiles; /* oldest in the drain registers, next to leave, accepted */
    size_t tile_room;
    pcs_cycle_tile_t *tile;
    int64_t *result;     /* (tile_room, R, C * accs) */
    uint8_t *result_ovf; /* likewise */
    int64_t *drained;    /* (C * accs) what was left in the drain registers of a column */
    uint8_t *drained_ovf;

    /* WS: rows of sums, number of their step. */
    uint64_t summed, leaving;
    int16_t *weight, *staged;              /* (lanes, R, width) values */
    pcs_term_t *weight_term, *staged_term; /* (R, width) the same of aligned kinds */
    int64_t *row_sum;                      /* (steps, C * accs) */
    uint8_t *row_ovf;

    /* Counters: `counts` already has all that the accepted steps will count; not_yet says how much of it is to come. */
    pcs_counts_t counts, not_yet;
    uint64_t uncounted; /* steps of the running tile that `counts` has not */
    bool not_yet_known;

    int32_t *sum32;   /* (R or steps, width) scratch */
    double *number_a; /* aligned: (steps, R) scratch, */
    double *number_b; /* (R or steps, width), */
    double *bound_a;  /* (R or steps) */
    uint32_t *image;  /* what probe() returns */
    uint8_t *valid;   /* (2 C) ones, then zeros */
    int64_t *no_sums; /* (C * accs) zeros */
    size_t flip_word; /* of the image */
    uint32_t flip_mask;

    void *memory; /* one block holds all arrays above */
    size_t memory_bytes;
} pcs_cycle_t;

static inline size_t pcs_cycle_slot(const pcs_cycle_t *model, uint64_t step)
{
    return (size_t)step & model->step_mask;
}

static inline const pcs_cycle_step_t *pcs_cycle_step_at(const pcs_cycle_t *model, uint64_t step)
{
    return &model->step[pcs_cycle_slot(model, step)];
}

/* Clocks of [from, from + length) that are before `now`. */
static inline uint64_t pcs_cycle_passed(uint64_t now, uint64_t from, uint64_t length)
{
    return now <= from ? 0 : now - from < length ? now - from : length;
}

/* How many of the step's first `count` columns have met it in row r, `later` clocks after it came. */
static inline unsigned pcs_cycle_met(const pcs_cycle_t *model, const pcs_cycle_step_t *step, unsigned r, unsigned later,
                                     unsigned count)
{
    return (unsigned)pcs_cycle_passed(model->clock, step->clock + r + later, count);
}

/* Every PE has done with the step, and that not just at the last edge, which valid flags still show. */
static inline bool pcs_cycle_retired(const pcs_cycle_t *model, const pcs_cycle_step_t *step)
{
    return model->clock >= step->clock + step->mac.cycles + model->rows + model->cols;
}

/* ---- cycle_sums.c: products ---- */

/* Where the words of `steps` steps are, the first `count` of each, and where the values of their lanes go: word c of
   step s at s * words + c, its lane i at s * values + i * stride + c.  */
typedef struct pcs_cycle_codes {
    unsigned lanes, field;
    bool is_signed;
    size_t steps, count, words, values, stride;
} pcs_cycle_codes_t;
/* Up to `padded` values of each lane of a step become zero. */
void pcs_cycle_decode_values(const pcs_cycle_codes_t *codes, const uint32_t *words, size_t padded, int16_t *values);
/* Each value twice, in both halves of its word; none beyond `count`. */
void pcs_cycle_decode_twice(const pcs_cycle_codes_t *codes, const uint32_t *words, uint32_t *values);
/* What of B meets a row of PEs: lane i of column c at value[i * stride + c]; aligned kinds: term[c]. */
typedef struct pcs_cycle_line {
    const int16_t *value;
    size_t stride;
    const pcs_term_t *term; /* (width) */
} pcs_cycle_line_t;
/* Accumulators (accs, R, width) of row r, columns 0..n-1, after the step: from zero if `fresh`, else from their values
   (acc, ovf: lane i at i * stride).  safe: nothing can overflow. */
void pcs_cycle_accumulate(const pcs_cycle_t *model, uint64_t step, unsigned r, pcs_cycle_line_t y, unsigned n,
                          bool fresh, bool safe, int64_t *acc, uint8_t *ovf, size_t stride);
/* sum (rows, width) += x * y over `inner` x `lanes` products: x at row * x_row + k * x_inner + lane * x_lane, y at
   k * y_inner + lane * y_lane + column; no product is larger than `reach`, no sum than 32 bits. */
typedef struct pcs_cycle_block {
    unsigned rows;
    size_t inner;
    unsigned lanes;
    size_t width; /* a multiple of 16 */
    uint32_t reach;
    size_t x_row, x_inner, x_lane;
    size_t y_inner, y_lane;
} pcs_cycle_block_t;
void pcs_cycle_block(const pcs_cycle_block_t *block, const uint32_t *x, const int16_t *y, int32_t *sum);
/* WS: makes the sums of all steps accepted. */
void pcs_cycle_sum_rows(pcs_cycle_t *model);

/* ---- cycle_terms.c: operands of either sort, and what aligned kinds do with theirs ---- */

/* Decodes the words of all steps accepted: A; OS: B. */
void pcs_cycle_decode(pcs_cycle_t *model);
/* WS: weights of row `row`, to be staged; staged ones become those in use in the running tile's rows. */
void pcs_cycle_decode_staged(pcs_cycle_t *model, const pcs_mode_t *mode, unsigned row, const uint32_t *words,
                             size_t cols);
void pcs_cycle_swap_staged(pcs_cycle_t *model);
/* What of B an OS step brings; WS: the weights of row r in use; words of weights of the step's tile, decoded (in live).
 */
pcs_cycle_line_t pcs_cycle_line_of_step(const pcs_cycle_t *model, uint64_t step);
pcs_cycle_line_t pcs_cycle_line_of_row(const pcs_cycle_t *model, unsigned r);
pcs_cycle_line_t pcs_cycle_line_of_words(pcs_cycle_t *model, uint64_t step, const uint32_t *words);
/* Aligned kinds: acc (rows, width) += x * y over `inner` products, in their order, columns 0..cols-1; flags (rows,
   width) that they raise are or-ed.  x at row * x_row + k * x_inner; y (inner, width), zero beyond cols. */
typedef struct pcs_cycle_terms {
    size_t rows, inner;
    unsigned cols;
    size_t x_row, x_inner;
} pcs_cycle_terms_t;
void pcs_cycle_add_terms(const pcs_cycle_t *model, const pcs_mode_t *mode, const pcs_cycle_terms_t *block,
                         const pcs_term_t *x, const pcs_term_t *y, int64_t *acc, uint8_t *flags);

/* ---- cycle_base.c: steps that all PEs have met ---- */

/* What a step does to the registers of row r, apart from sums: columns from..to-1, or its first n, have met it. */
void pcs_cycle_meet_operands(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned from,
                             unsigned to);
void pcs_cycle_meet_swap(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned n);
/* The weights that a step moves down through row r, columns from..to-1. */
void pcs_cycle_pass_weights(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned from,
                            unsigned to);
void pcs_cycle_meet_weights(const pcs_cycle_t *model, pcs_cycle_regs_t *regs, uint64_t step, unsigned r, unsigned n);
/* Takes the steps before `upto`, all retired, into the base. */
void pcs_cycle_advance(pcs_cycle_t *model, uint64_t upto);
/* Takes all retired steps into the base. */
void pcs_cycle_retire(pcs_cycle_t *model);
/* OS: forgets the oldest segments, as long as they have left all drain registers. */
void pcs_cycle_retire_tiles(pcs_cycle_t *model);

/* ---- cycle_probe.c: registers at this clock ---- */

void pcs_cycle_image(pcs_cycle_t *model);

/* ---- cycle_counts.c ---- */

/* Counts all that the running tile's steps since the last call will do. */
void pcs_cycle_count_steps(pcs_cycle_t *model);
/* Counts what the first and the last step of the running tile do beside. */
void pcs_cycle_count_first(pcs_cycle_t *model);
void pcs_cycle_count_last(pcs_cycle_t *model);
/* Counts what a step that loads weights will do. */
void pcs_cycle_count_load(pcs_cycle_t *model, unsigned row, unsigned cols);
/* Counts a row of results that leaves: columns 0..cols-1, flags (cols, accs). */
void pcs_cycle_count_row(pcs_cycle_t *model, unsigned cols, const uint8_t *flags);
/* Counters as they are now. */
uint64_t pcs_cycle_count(pcs_cycle_t *model, pcs_event_t event);
void pcs_cycle_clear_counts(pcs_cycle_t *model);

#endif
