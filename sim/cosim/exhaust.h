/* Every product of a MAC: tiles that bring each pair of codes to a multiplier.  Integer kinds: at every precision,
   signedness and choice of the serial operand, in every lane.  float: every pair of 8-bit codes in every pair of
   formats of up to 8 bits.  bfp: every pair of mantissas of every pair of widths, exponents that meet all distances
   between product and accumulator. */
#ifndef PCS_SIM_COSIM_EXHAUST_H
#define PCS_SIM_COSIM_EXHAUST_H

#include "sim/cosim/tiles.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many tiles there are for this kind; their accumulators wrap. */
unsigned pcs_exhaust_tiles(pcs_kind_t kind);
/* What they bring: "every pair of ...". */
const char *pcs_exhaust_text(pcs_kind_t kind);

/* Tile number `index` (0..pcs_exhaust_tiles - 1) as a stream of one without stalls: M and N are the numbers of codes, K
   fills the lanes of one operand word; in each lane every code of A meets every code of B once.  `pairs` receives how
   many pairs that are.  Release with pcs_tiles_free. */
PCS_MUST_CHECK pcs_status_t pcs_tiles_exhaustive(const pcs_array_config_t *array, unsigned index, pcs_tiles_t *tiles,
                                                 uint64_t *pairs, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
