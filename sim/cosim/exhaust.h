/* Every product of a MAC: tiles that bring each pair of codes to a multiplier, at every precision, signedness and
   choice of the serial operand, in every lane. */
#ifndef PCS_SIM_COSIM_EXHAUST_H
#define PCS_SIM_COSIM_EXHAUST_H

#include "sim/cosim/tiles.h"

#ifdef __cplusplus
extern "C" {
#endif

/* pa, pb in 2..8, four signednesses, two serial operands; the accumulator wraps. */
enum { PCS_EXHAUST_TILES = 7 * 7 * 4 * 2 };

/* Tile number `index` (0..PCS_EXHAUST_TILES - 1) as a stream of one without stalls: M = 2^pa, N = 2^pb, and a K that
   fills the lanes of one operand word; in each lane every code of A meets every code of B once.  `pairs` receives how
   many pairs that are.  Release with pcs_tiles_free. */
PCS_MUST_CHECK pcs_status_t pcs_tiles_exhaustive(const pcs_array_config_t *array, unsigned index, pcs_tiles_t *tiles,
                                                 uint64_t *pairs, pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
