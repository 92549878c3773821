/* Drives an array device with a script (array_script.h), with stalls on both ports, refused steps and cleared counters
   in between, beside a second device of the same array.  Compares every output in every clock, registers and counters
   as often as wanted, and every row that leaves with what the script foretells, in content and in clock. */
#ifndef PCS_TESTS_SUPPORT_ARRAY_RUN_H
#define PCS_TESTS_SUPPORT_ARRAY_RUN_H

#include "tests/support/array_script.h"

typedef struct array_run {
    pcs_array_dev_t *dev, *partner; /* partner: NULL, none */
    const script_t *script;
    check_rng_t *rng;
    unsigned stall;     /* of 8 clocks, in how many a port stalls */
    bool disturb;       /* refused steps and cleared counters in between */
    unsigned probe_gap; /* registers and counters are compared every so many clocks, at random */
    uint64_t clocks;    /* run, frozen ones too */
    uint64_t words;     /* compared with the partner */
    uint64_t clock;     /* of this run: clocks in which the array was not frozen */
    uint64_t *accepted; /* (steps) clock of each step's acceptance */
    size_t in, out;     /* steps accepted, rows taken */
} array_run_t;

/* By chance: the first clocks of the script, then a reset. */
void array_run_cut(array_run_t *run);
/* The whole script: at its end every step was accepted and every row has left, and registers and counters agree. */
void array_run_whole(array_run_t *run);
/* The script, but at most so many clocks of it. */
void array_run(array_run_t *run, uint64_t most);

#endif
