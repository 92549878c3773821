#include "workloads/optim/master.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 8 }; /* of a parameter in a step; at most 4 are needed */

/* One parameter's arithmetic in the format. */
typedef struct unit {
    const pcs_format_row_t *format;
    pcs_fpstate_t state;
    const pcs_stream_t *stream; /* NULL: not stochastic */
    unsigned random_bits;
    uint64_t draw;
} unit_t;

static pcs_fpstate_t *next(unit_t *unit)
{
    if (unit->stream != NULL) {
        unit->state.random = pcs_philox_u32(unit->stream, unit->draw++) >> (32U - unit->random_bits);
    }
    return &unit->state;
}

static pcs_code_t rounded(unit_t *unit, float x)
{
    pcs_code_t code;
    memcpy(&code.bits, &x, sizeof code.bits);
    return pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], code, unit->format, next(unit));
}

/* The code of a number that the format has, of a scalar to nearest. */
static pcs_code_t code_of(const pcs_format_row_t *format, float x)
{
    pcs_fpstate_t nearest = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    pcs_code_t code;
    memcpy(&code.bits, &x, sizeof code.bits);
    return pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], code, format, &nearest);
}

/* Scalars of a step. */
typedef struct rates {
    float lr, momentum, decay;
    pcs_code_t minus_lr, momentum_code, decay_code; /* in the format */
} rates_t;

/* A parameter. */
typedef struct parameter {
    float gradient;
    float *velocity, *compensation, *value;
} parameter_t;

/* Moves the weight by the step u, an eta v already rounded, and keeps what is lost. */
static pcs_code_t add_kahan(unit_t *unit, pcs_code_t w, pcs_code_t u, float *compensation)
{
    const pcs_format_row_t *f = unit->format;
    const pcs_code_t c = code_of(f, *compensation);
    const pcs_code_t y = pcs_float_sub(f, u, c, next(unit));
    const pcs_code_t t = pcs_float_add(f, w, y, next(unit));
    const pcs_code_t moved = pcs_float_sub(f, t, w, next(unit));
    *compensation = pcs_cast_value(f, pcs_float_sub(f, moved, y, next(unit)).bits);
    return t;
}

/* v in the format; true: eta v is not zero. */
static bool step_narrow(unit_t *unit, const pcs_master_t *master, const rates_t *rates, const parameter_t *p)
{
    const pcs_format_row_t *f = unit->format;
    const pcs_code_t w = code_of(f, *p->value);
    const pcs_code_t g = rounded(unit, p->gradient);
    const pcs_code_t d = pcs_float_fma(f, rates->decay_code, w, g, next(unit));
    const pcs_code_t v = pcs_float_fma(f, rates->momentum_code, code_of(f, *p->velocity), d, next(unit));
    *p->velocity = pcs_cast_value(f, v.bits);
    pcs_code_t moved;
    if (master->rule == PCS_UPDATE_KAHAN) {
        moved = add_kahan(unit, w, pcs_float_mul(f, rates->minus_lr, v, next(unit)), p->compensation);
    } else {
        moved = pcs_float_fma(f, rates->minus_lr, v, w, next(unit));
    }
    *p->value = pcs_cast_value(f, moved.bits);
    return *p->velocity != 0.0F && pcs_cast_value(f, rates->minus_lr.bits) != 0.0F;
}

static bool step_wide(unit_t *unit, const pcs_master_t *master, const rates_t *rates, const parameter_t *p)
{
    const pcs_format_row_t *f = unit->format;
    const float decayed = rates->decay * *p->value;
    const float d = p->gradient + decayed;
    const float kept = rates->momentum * *p->velocity;
    const float v = kept + d;
    const float move = rates->lr * v;
    *p->velocity = v;
    pcs_code_t moved;
    if (master->rule == PCS_UPDATE_KAHAN) {
        moved = add_kahan(unit, code_of(f, *p->value), rounded(unit, -move), p->compensation);
    } else {
        moved = rounded(unit, *p->value - move);
    }
    *p->value = pcs_cast_value(f, moved.bits);
    return move != 0.0F;
}

void pcs_master_step(const pcs_master_t *master, unsigned threads, size_t n, float lr, float momentum, float decay,
                     const pcs_stream_t *stream, const float *gradient, float *velocity, float *compensation,
                     float *value, pcs_master_counts_t *counts)
{
    const bool random = master->rule == PCS_UPDATE_SR;
    const rates_t rates = {.lr = lr,
                           .momentum = momentum,
                           .decay = decay,
                           .minus_lr = code_of(master->format, -lr),
                           .momentum_code = code_of(master->format, momentum),
                           .decay_code = code_of(master->format, decay)};
    uint64_t moved = 0;
    uint64_t swamped = 0;
    uint64_t special = 0;
#pragma omp parallel for num_threads(threads) schedule(static) reduction(+ : moved, swamped, special)
    for (size_t i = 0; i < n; i++) {
        unit_t unit = {.format = master->format,
                       .state = {.rounding = random ? PCS_ROUNDING_SR : PCS_ROUNDING_RNE,
                                 .overflow = PCS_OVERFLOW_INF,
                                 .random_bits = master->random_bits},
                       .stream = random ? stream : NULL,
                       .random_bits = master->random_bits,
                       .draw = (uint64_t)i * DRAWS};
        const parameter_t p = {gradient[i], velocity + i, compensation != NULL ? compensation + i : NULL, value + i};
        const float before = value[i];
        const bool moves = (master->narrow_momentum ? step_narrow : step_wide)(&unit, master, &rates, &p);
        moved += moves ? 1 : 0;
        swamped += moves && value[i] == before ? 1 : 0;
        special += isfinite(value[i]) ? 0 : 1;
    }
    counts->values += n;
    counts->moved += moved;
    counts->swamped += swamped;
    counts->special += special;
}

void pcs_master_start(const pcs_master_t *master, unsigned threads, size_t n, float *value)
{
    const pcs_cast_t nearest = {master->format, PCS_ROUNDING_RNE, PCS_OVERFLOW_INF, 1};
    pcs_cast_round(&nearest, threads, value, n, NULL, NULL);
}
