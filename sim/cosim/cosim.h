/* Lock-step checks of tiles: the Verilated array against the cycle model, and both against the definition.

   A check runs a stream of tiles from reset and compares, clock by clock, all outputs and every register of every PE;
   each accumulator that leaves with its definition (pcs_tile_ref); at the end the event counters, and, for a single
   tile without stalls, the counters with their closed form.  The first difference ends it, with a message that names
   tile, clock, PE or port, signal, both values, and the operands; the tiles are saved for replay, and the RTL runs them
   again with a waveform of the clocks around the difference. */
#ifndef PCS_SIM_COSIM_COSIM_H
#define PCS_SIM_COSIM_COSIM_H

#include "sim/bridge/rtl.h"
#include "sim/cosim/lockstep.h"
#include "sim/cosim/tiles.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PCS_COSIM_WAVE_BEFORE = 32, PCS_COSIM_WAVE_AFTER = 8 }; /* clocks of waveform around a difference */

/* Strings in here must live as long as the checker. */
typedef struct pcs_cosim_options {
    pcs_array_config_t array;
    pcs_rtl_options_t rtl;
    /* Path and beginning of the name of the files of a difference, <dump>.replay and <dump>.fst; NULL: none. */
    const char *dump;
    bool foreign; /* the MAC is not this project's: see pcs_lockstep_create */
    /* For tests; NULL: none.  closed_form, when a legal event id, adds one to that closed form. */
    const pcs_fault_t *fault;
    const pcs_event_t *closed_form_fault;
} pcs_cosim_options_t;

typedef struct pcs_cosim_result {
    uint64_t clocks; /* compared */
    uint64_t words;  /* compared: registers in units of 32 bits, output signals, accumulators, counters */
    uint64_t sums[2], overflows[2]; /* accumulators that left, and those that overflowed: wrapping, saturating */
    pcs_difference_t difference;
    char message[1024]; /* one line; empty when there is no difference */
} pcs_cosim_result_t;

typedef struct pcs_cosim pcs_cosim_t;

/* Makes both devices.  Without a usable RTL it fails here. */
PCS_MUST_CHECK pcs_status_t pcs_cosim_create(const pcs_cosim_options_t *options, pcs_cosim_t **cosim, pcs_error_t *err);
void pcs_cosim_destroy(pcs_cosim_t *cosim);
const pcs_array_config_t *pcs_cosim_array(const pcs_cosim_t *cosim);

/* PCS_MISMATCH on a difference: the message is in result and, cut, in err. */
PCS_MUST_CHECK pcs_status_t pcs_cosim_check(pcs_cosim_t *cosim, const pcs_tiles_t *tiles, pcs_cosim_result_t *result,
                                            pcs_error_t *err);

#ifdef __cplusplus
}
#endif
#endif
