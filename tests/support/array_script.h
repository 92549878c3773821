/* Random streams of steps for an array device, legal by array.h, with the rows that must leave by definition: sums of
   plain products, one at a time. */
#ifndef PCS_TESTS_SUPPORT_ARRAY_SCRIPT_H
#define PCS_TESTS_SUPPORT_ARRAY_SCRIPT_H

#include "models/array/array.h"
#include "tests/support/check.h"

/* A step to offer; its words are those of the script. */
typedef struct script_step {
    pcs_array_in_t in;
    unsigned clocks; /* m, 0 for a WS step that only loads */
} script_step_t;

/* A row that must leave. */
typedef struct script_row {
    size_t step;    /* the step whose acceptance at clock s decides when: it leaves at clock s + delay */
    unsigned delay; /* in clocks in which the array was not frozen */
    unsigned cols;
    bool last;
    uint64_t tile;
    int64_t *acc;   /* (cols, accs) */
    uint8_t *flags; /* (cols, accs) */
} script_row_t;

typedef struct script {
    pcs_array_config_t config;
    unsigned accs;
    script_step_t *step;
    script_row_t *row;
    size_t steps, rows, steps_room, rows_room;
    uint64_t overflows;
} script_t;

/* `tiles` tiles (WS) or segments (OS) of up to `length` steps, with mode changes, ragged edges, extreme operands. */
void script_random(script_t *script, const pcs_array_config_t *config, check_rng_t *rng, unsigned tiles,
                   unsigned length);
/* The job of array.h, all operands zero; no rows are foretold. */
void script_job(script_t *script, const pcs_array_config_t *config, const pcs_array_job_t *job);
/* A legal mode of the kind. */
pcs_mode_t script_mode(check_rng_t *rng, pcs_kind_t kind);
/* Gives every step random words. */
void script_fill(script_t *script, check_rng_t *rng);
/* The words of step number `step`: R of A, then C of B. */
uint32_t *script_words(script_t *script, size_t step);
void script_free(script_t *script);

#endif
