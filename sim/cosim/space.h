/* The space that a random walk in lock-step covers: which arrays there are to walk on, and what of it streams of tiles
   have met.  Both follow from the spec rows. */
#ifndef PCS_SIM_COSIM_SPACE_H
#define PCS_SIM_COSIM_SPACE_H

#include "sim/cosim/cosim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Arrays of the walk: every kind, dataflow and digit at a few shapes and accumulator widths, the extremes among them.
 */
size_t pcs_space_count(void);
/* index: 0..pcs_space_count() - 1. */
pcs_array_config_t pcs_space_array(size_t index);

/* What a tile meets beyond its mode. */
typedef enum pcs_space_edge {
    PCS_EDGE_FULL,         /* M and N are the array's, whole words */
    PCS_EDGE_M_ONE,        /* M = 1 */
    PCS_EDGE_N_ONE,        /* N = 1 */
    PCS_EDGE_K_ONE,        /* K = 1 */
    PCS_EDGE_RAGGED_ROWS,  /* OS: M is no multiple of R; else fewer rows of words than R */
    PCS_EDGE_RAGGED_COLS,  /* N is no multiple of C */
    PCS_EDGE_RAGGED_LANES, /* a last word or the last accumulators are not full */
    PCS_EDGE_BLOCKS,       /* M or N is larger than the array */
    PCS_EDGE_SEGMENTS,     /* several segments, one after the other */
    PCS_EDGE_MODE_CHANGE,  /* the tile before it has another mode */
    PCS_EDGE_COUNT
} pcs_space_edge_t;

enum {
    PCS_SPACE_STALLS = 4,
    PCS_SPACE_MODES = 1 << 12,
    PCS_SPACE_ANCHORS = (PCS_ANCHOR_MAX - PCS_ANCHOR_MIN) / PCS_ANCHOR_STEP + 1,
    PCS_SPACE_DIGITS = 3,
    PCS_SPACE_LIMITS = 4,
    PCS_SPACE_FIELDS = 1 << PCS_MODE_PA_WIDTH
};

/* What was met.  All zero: nothing. */
typedef struct pcs_coverage {
    bool mode[PCS_KIND_COUNT][PCS_SPACE_MODES];     /* by mode word without its anchor */
    bool anchor[PCS_KIND_COUNT][PCS_SPACE_ANCHORS]; /* of kinds that have one, the lowest first */
    bool edge[PCS_KIND_COUNT][PCS_DATAFLOW_COUNT][PCS_EDGE_COUNT][PCS_SPACE_STALLS]; /* stalls: bit 0 in, 1 out */
    bool cross[PCS_KIND_COUNT][PCS_SPACE_FIELDS][PCS_SPACE_FIELDS][PCS_EDGE_COUNT][PCS_SPACE_STALLS]; /* by pa, pb */
    bool digit[PCS_KIND_COUNT][PCS_DATAFLOW_COUNT][PCS_SPACE_DIGITS];                                 /* by log2 */
    bool limit[PCS_KIND_COUNT][PCS_SPACE_LIMITS]; /* wrapped, saturated, and no overflow in either mode */
} pcs_coverage_t;

void pcs_coverage_add(pcs_coverage_t *coverage, const pcs_array_config_t *array, const pcs_tiles_t *tiles,
                      const pcs_cosim_result_t *result);

typedef struct pcs_covered {
    unsigned met, of;
} pcs_covered_t;

/* A stream of tiles that meet points of the mode words and of the operands x edges x stalls which this array can meet
   and `coverage` has not.  No tiles: there is none. */
PCS_MUST_CHECK pcs_status_t pcs_space_missing(const pcs_coverage_t *coverage, const pcs_array_config_t *array,
                                              uint64_t seed, pcs_tiles_t *tiles, pcs_error_t *err);

/* Points of one kind: modes (without anchors); anchors; edges x stalls x dataflows; digits x dataflows; limits;
   operands x edges x stalls, where an operand is the width of A or B, or its format. */
typedef enum pcs_space_part {
    PCS_PART_MODES,
    PCS_PART_ANCHORS,
    PCS_PART_EDGES,
    PCS_PART_DIGITS,
    PCS_PART_LIMITS,
    PCS_PART_CROSS,
    PCS_PART_COUNT
} pcs_space_part_t;
pcs_covered_t pcs_coverage_count(const pcs_coverage_t *coverage, pcs_kind_t kind, pcs_space_part_t part);
/* Shows every point, its name and whether it was met. */
void pcs_coverage_show(const pcs_coverage_t *coverage, void (*show)(void *user, const char *name, bool met),
                       void *user);
const char *pcs_space_part_name(pcs_space_part_t part);

#ifdef __cplusplus
}
#endif
#endif
