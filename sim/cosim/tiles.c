#include "sim/cosim/tiles.h"

#include <stdlib.h>

#include "models/array/stream.h"
#include "models/format/philox.h"
#include "models/mac/bfp.h"
#include "models/mac/mac.h"

typedef struct run {
    const pcs_tiles_t *tiles;
    const pcs_tiles_hooks_t *hooks;
    pcs_stream_t stalls;
    uint64_t draw;
} run_t;

/* What a job's callbacks get. */
typedef struct member {
    run_t *run;
    size_t tile;
} member_t;

static const pcs_tile_t *tile_of(const member_t *member)
{
    return &member->run->tiles->tile[member->tile];
}

static void fetch_a(void *user, uint64_t m, uint64_t k, size_t count, uint16_t *codes)
{
    pcs_tile_fetch_a(tile_of(user), m, k, count, codes);
}

static void fetch_b(void *user, uint64_t n, uint64_t k, size_t count, uint16_t *codes)
{
    pcs_tile_fetch_b(tile_of(user), n, k, count, codes);
}

static void take_row(void *user, const pcs_stream_row_t *row)
{
    const member_t *member = user;
    const pcs_tiles_hooks_t *hooks = member->run->hooks;
    if (hooks->row != NULL) {
        hooks->row(hooks->user, member->tile, row);
    }
}

static bool stalled(run_t *run, unsigned percent)
{
    return percent > 0 && pcs_philox_below(&run->stalls, run->draw++, 100) < percent;
}

static bool offer(void *user)
{
    run_t *run = ((const member_t *)user)->run;
    return !stalled(run, run->tiles->stalls.offer_percent);
}

static bool take(void *user)
{
    run_t *run = ((const member_t *)user)->run;
    return !stalled(run, run->tiles->stalls.take_percent);
}

static bool after_clock(void *user)
{
    const pcs_tiles_hooks_t *hooks = ((const member_t *)user)->run->hooks;
    return hooks->clock == NULL || hooks->clock(hooks->user);
}

pcs_status_t pcs_tiles_run(pcs_array_dev_t *dev, const pcs_tiles_t *tiles, const pcs_tiles_hooks_t *hooks,
                           pcs_error_t *err)
{
    run_t run = {
        .tiles = tiles,
        .hooks = hooks,
        .stalls = pcs_stream(tiles->stalls.seed, PCS_PURPOSE_TEST, 0, 0),
    };
    member_t *members = calloc(tiles->count, sizeof *members);
    pcs_stream_job_t *jobs = calloc(tiles->count, sizeof *jobs);
    pcs_status_t status = PCS_OK;
    if (members == NULL || jobs == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "no memory for a stream of %zu tiles", tiles->count);
    } else {
        for (size_t i = 0; i < tiles->count; i++) {
            members[i] = (member_t){&run, i};
            jobs[i] = (pcs_stream_job_t){
                .job = pcs_tile_job(&tiles->tile[i]),
                .user = &members[i],
                .fetch_a = fetch_a,
                .fetch_b = fetch_b,
                .row = take_row,
                .offer = offer,
                .take = take,
                .clock = after_clock,
            };
        }
        dev->ops->reset(dev);
        status = pcs_stream_run(dev, jobs, tiles->count, err);
    }
    free(members);
    free(jobs);
    return status;
}

void pcs_tiles_free(pcs_tiles_t *tiles)
{
    for (size_t i = 0; i < tiles->count; i++) {
        pcs_tile_free(&tiles->tile[i]);
    }
    free(tiles->tile);
    *tiles = (pcs_tiles_t){0};
}

/* ---- random streams ---- */

typedef struct draws {
    pcs_stream_t stream;
    uint64_t index;
} draws_t;

/* How the codes of a matrix are drawn. */
typedef struct spread {
    bool extremes;
    uint32_t one_high_in; /* of extremes, one in so many is high, or negative */
    uint32_t exponent;    /* bfp: the lowest of the usual ones */
} spread_t;

static uint32_t below(draws_t *draws, uint32_t bound)
{
    return pcs_philox_below(&draws->stream, draws->index++, bound);
}

/* Uniform; or, to meet accumulators' limits, the extremes only. */
static uint16_t random_integer(draws_t *draws, const spread_t *spread, unsigned bits, bool is_signed)
{
    const int32_t low = pcs_code_min(bits, is_signed);
    const int32_t high = pcs_code_max(bits, is_signed);
    return (uint8_t)(!spread->extremes                        ? low + (int32_t)below(draws, UINT32_C(1) << bits)
                     : below(draws, spread->one_high_in) == 0 ? high
                                                              : low);
}

/* Any code of the format, infinities and NaN among them; of extremes, its largest numbers. */
static uint16_t random_float(draws_t *draws, const spread_t *spread, pcs_format_t format)
{
    const pcs_format_row_t *row = &pcs_formats[format];
    const unsigned bits = pcs_format_bits(row);
    if (!spread->extremes) {
        return (uint16_t)below(draws, UINT32_C(1) << bits);
    }
    const uint32_t sign = below(draws, spread->one_high_in) == 0 ? UINT32_C(1) << (bits - 1U) : 0;
    return (uint16_t)(pcs_format_max(row).bits | sign);
}

/* Exponents within a few of one another most of the time, so that sums meet all of their products. */
static uint16_t random_bfp(draws_t *draws, const spread_t *spread, unsigned bits)
{
    const unsigned mantissa = random_integer(draws, spread, bits, true);
    const unsigned anywhere = below(draws, 256);
    const unsigned near = spread->exponent + below(draws, 12);
    return pcs_bfp_code(below(draws, 16) == 0 ? anywhere : near, (int8_t)mantissa);
}

/* `field`: the mode's pa or pb. */
static void random_codes(draws_t *draws, const pcs_array_config_t *array, uint16_t *codes, size_t count, unsigned field,
                         bool is_signed)
{
    spread_t spread = {.extremes = below(draws, 4) == 0}; /* a statement a draw: C leaves their order open */
    spread.one_high_in = 1 + below(draws, 9);
    const pcs_arith_t arith = pcs_kind_arith(array->kind);
    spread.exponent = arith == PCS_ARITH_BFP ? PCS_BFP_BIAS - 12 + below(draws, 12) : 0;
    for (size_t i = 0; i < count; i++) {
        codes[i] = arith == PCS_ARITH_INTEGER ? random_integer(draws, &spread, field, is_signed)
                   : arith == PCS_ARITH_FLOAT ? random_float(draws, &spread, (pcs_format_t)field)
                                              : random_bfp(draws, &spread, field);
    }
}

/* A size in 1..2 max: exactly max half of the time. */
static uint32_t random_size(draws_t *draws, uint32_t max)
{
    if (below(draws, 2) == 0) {
        return max;
    }
    const uint32_t most = below(draws, 2) == 0 ? max : 2 * max;
    return 1 + below(draws, most);
}

static uint8_t random_format(draws_t *draws)
{
    uint32_t format = below(draws, PCS_FORMAT_COUNT);
    while (!pcs_format_is_operand((pcs_format_t)format)) {
        format = below(draws, PCS_FORMAT_COUNT);
    }
    return (uint8_t)format;
}

/* Half of the time where the formats' products are exact or nearly, else anywhere. */
static int16_t random_anchor(draws_t *draws, const pcs_mode_t *mode, pcs_arith_t arith)
{
    const uint32_t steps = (PCS_ANCHOR_MAX - PCS_ANCHOR_MIN) / PCS_ANCHOR_STEP + 1;
    const int anywhere = PCS_ANCHOR_MIN + PCS_ANCHOR_STEP * (int)below(draws, steps);
    if (below(draws, 2) == 0) {
        return (int16_t)anywhere;
    }
    int lowest = -2 * 12; /* bfp: as random_bfp draws */
    if (arith == PCS_ARITH_FLOAT) {
        lowest = 0;
        for (int i = 0; i < 2; i++) {
            const pcs_format_row_t *row = &pcs_formats[i == 0 ? mode->pa : mode->pb];
            lowest += 1 - row->bias - (int)row->mantissa_bits;
        }
    }
    const int anchor =
        lowest / PCS_ANCHOR_STEP * PCS_ANCHOR_STEP - PCS_ANCHOR_STEP + PCS_ANCHOR_STEP * (int)below(draws, 6);
    return (int16_t)(anchor < PCS_ANCHOR_MIN ? PCS_ANCHOR_MIN : anchor > PCS_ANCHOR_MAX ? PCS_ANCHOR_MAX : anchor);
}

static pcs_mode_t random_mode(draws_t *draws, pcs_kind_t kind)
{
    enum { SPAN = PCS_PREC_MAX - PCS_PREC_MIN + 1 };
    const pcs_arith_t arith = pcs_kind_arith(kind);
    pcs_mode_t mode = {0};
    mode.pa = arith == PCS_ARITH_FLOAT ? random_format(draws) : (uint8_t)(PCS_PREC_MIN + below(draws, SPAN));
    mode.pb = arith == PCS_ARITH_FLOAT ? random_format(draws) : (uint8_t)(PCS_PREC_MIN + below(draws, SPAN));
    if (arith == PCS_ARITH_INTEGER) {
        mode.a_signed = below(draws, 2) != 0;
        mode.b_signed = below(draws, 2) != 0;
        mode.serial_b = below(draws, 2) != 0;
    }
    mode.saturate = below(draws, 2) != 0;
    if (arith != PCS_ARITH_INTEGER) {
        mode.anchor = random_anchor(draws, &mode, arith);
    }
    return mode;
}

/* Half of the time a segment as long as the array can run, or as gives every accumulator work. */
static uint32_t random_segment(draws_t *draws, const pcs_array_config_t *array, const pcs_tile_t *tile)
{
    const uint64_t max = pcs_array_segment_max(array, &tile->mode);
    const uint32_t longest = max < tile->k ? (uint32_t)max : tile->k;
    const unsigned apart = pcs_kinds[array->kind].accs == 1 ? 1 : pcs_mac_step(array, &tile->mode).lanes;
    const uint32_t even = (tile->k + apart - 1) / apart;
    return below(draws, 2) == 0 ? (even < longest ? even : longest) : 1 + below(draws, longest);
}

static unsigned random_percent(draws_t *draws)
{
    return below(draws, 2) == 0 ? 0 : 1 + below(draws, 79);
}

/* mode: NULL: any. */
static bool random_tile(draws_t *draws, const pcs_array_config_t *array, uint32_t max_k, const pcs_mode_t *mode,
                        pcs_tile_t *tile)
{
    *tile = (pcs_tile_t){.m = random_size(draws, array->rows)}; /* a statement a draw: C leaves their order open */
    tile->n = random_size(draws, array->cols);
    tile->k = below(draws, 4) == 0 ? 1 : 1 + below(draws, max_k);
    tile->mode = mode != NULL ? *mode : random_mode(draws, array->kind);
    tile->segment = random_segment(draws, array, tile);
    if (!pcs_tile_allocate(tile)) {
        return false;
    }
    random_codes(draws, array, tile->a, (size_t)tile->m * tile->k, tile->mode.pa, tile->mode.a_signed);
    random_codes(draws, array, tile->b, (size_t)tile->k * tile->n, tile->mode.pb, tile->mode.b_signed);
    return true;
}

pcs_status_t pcs_tiles_random(const pcs_array_config_t *array, uint64_t seed, size_t count, uint32_t max_k,
                              pcs_tiles_t *tiles, pcs_error_t *err)
{
    draws_t draws = {.stream = pcs_stream(seed, PCS_PURPOSE_TEST, 1, 0)};
    pcs_tiles_t made = {.count = count, .tile = calloc(count, sizeof *made.tile), .stalls = {.seed = seed}};
    bool good = made.tile != NULL;
    made.stalls.offer_percent = random_percent(&draws);
    made.stalls.take_percent = random_percent(&draws);
    for (size_t i = 0; good && i < count; i++) {
        good = random_tile(&draws, array, max_k, NULL, &made.tile[i]);
    }
    if (!good) {
        if (made.tile != NULL) {
            pcs_tiles_free(&made);
        }
        return pcs_fail(err, PCS_MEMORY, "no memory for a stream of %zu tiles", count);
    }
    *tiles = made;
    return PCS_OK;
}

pcs_status_t pcs_tiles_append(const pcs_array_config_t *array, uint64_t seed, uint32_t max_k, const pcs_mode_t *mode,
                              pcs_tiles_t *tiles, pcs_error_t *err)
{
    draws_t draws = {.stream = pcs_stream(seed, PCS_PURPOSE_TEST, 3, 0)};
    pcs_tile_t tile;
    if (!random_tile(&draws, array, max_k, mode, &tile)) {
        pcs_tile_free(&tile);
        return pcs_fail(err, PCS_MEMORY, "no memory for a tile");
    }
    pcs_tile_t *longer = realloc(tiles->tile, (tiles->count + 1) * sizeof *longer);
    if (longer == NULL) {
        pcs_tile_free(&tile);
        return pcs_fail(err, PCS_MEMORY, "no memory for a stream of %zu tiles", tiles->count + 1);
    }
    longer[tiles->count++] = tile;
    tiles->tile = longer;
    return PCS_OK;
}
