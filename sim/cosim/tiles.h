/* A stream of tiles: what lock-step runs from reset, and what a replay file holds. */
#ifndef PCS_SIM_COSIM_TILES_H
#define PCS_SIM_COSIM_TILES_H

#include "models/array/stream.h"
#include "models/gemm/gemm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How often, in percent of the clocks, no step is offered or no row is taken; seeded, so that a run repeats. */
typedef struct pcs_stalls {
    uint64_t seed;
    unsigned offer_percent, take_percent; /* 0..99 */
} pcs_stalls_t;

typedef struct pcs_tiles {
    size_t count;     /* at least 1 */
    pcs_tile_t *tile; /* (count) jobs, back to back */
    pcs_stalls_t stalls;
} pcs_tiles_t;

typedef struct pcs_tiles_run_hooks {
    void *user;
    /* A row of accumulators of tile `tile` leaves.  May be NULL. */
    void (*row)(void *user, size_t tile, const pcs_stream_row_t *row);
    /* After each clock; false stops the run (PCS_MISMATCH).  May be NULL. */
    bool (*clock)(void *user);
} pcs_tiles_hooks_t;

/* Resets the device and runs the stream to its end.  Fails as pcs_stream_run does. */
PCS_MUST_CHECK pcs_status_t pcs_tiles_run(pcs_array_dev_t *dev, const pcs_tiles_t *tiles,
                                          const pcs_tiles_hooks_t *hooks, pcs_error_t *err);

/* Releases the tiles. */
void pcs_tiles_free(pcs_tiles_t *tiles);

/* A random stream for an array: M and N up to twice the array's, K in 1..max_k, any segment that the array can run, any
   legal mode, random codes; all of it and the stalls drawn from `seed`. */
PCS_MUST_CHECK pcs_status_t pcs_tiles_random(const pcs_array_config_t *array, uint64_t seed, size_t count,
                                             uint32_t max_k, pcs_tiles_t *tiles, pcs_error_t *err);

/* Adds a tile to a stream (at first {0}), drawn in the same way but in this mode. */
PCS_MUST_CHECK pcs_status_t pcs_tiles_append(const pcs_array_config_t *array, uint64_t seed, uint32_t max_k,
                                             const pcs_mode_t *mode, pcs_tiles_t *tiles, pcs_error_t *err);

/* A replay file: text, one item a line, checked against the spec hash when it is read.  Written to a temporary name and
   renamed. */
PCS_MUST_CHECK pcs_status_t pcs_replay_write(const char *path, const pcs_array_config_t *array,
                                             const pcs_tiles_t *tiles, pcs_error_t *err);
/* Every malformed line is an error that names file and line.  Releases with pcs_tiles_free. */
PCS_MUST_CHECK pcs_status_t pcs_replay_read(const char *path, pcs_array_config_t *array, pcs_tiles_t *tiles,
                                            pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
