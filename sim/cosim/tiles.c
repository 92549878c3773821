#include "sim/cosim/tiles.h"

#include <stdlib.h>
#include <string.h>

#include "models/array/drive.h"
#include "models/format/philox.h"
#include "models/mac/mac.h"

typedef struct run {
    const pcs_tiles_t *tiles;
    const pcs_tiles_hooks_t *hooks;
    size_t tile;     /* being offered */
    uint32_t step;   /* next step of it */
    size_t out_tile; /* being drained */
    uint32_t out_row;
    uint8_t a[PCS_ARRAY_MAX_DIM], b[PCS_ARRAY_MAX_DIM];
    pcs_stream_t stalls;
    uint64_t draw;
} run_t;

static bool next_step(void *user, pcs_array_in_t *in)
{
    run_t *run = user;
    if (run->tile == run->tiles->count) {
        return false;
    }
    const pcs_tile_t *tile = &run->tiles->tile[run->tile];
    in->first = run->step == 0;
    in->last = run->step + 1 == tile->k;
    in->mode = pcs_mode_pack(&tile->mode);
    in->rows = (uint8_t)tile->rows;
    in->cols = (uint8_t)tile->cols;
    memcpy(run->a, tile->a + (size_t)run->step * tile->rows, tile->rows);
    memcpy(run->b, tile->b + (size_t)run->step * tile->cols, tile->cols);
    in->a = run->a;
    in->b = run->b;
    run->step++;
    if (in->last) {
        run->tile++;
        run->step = 0;
    }
    return true;
}

static void take_row(void *user, const pcs_array_out_t *out)
{
    run_t *run = user;
    const uint32_t rows = run->out_tile < run->tiles->count ? run->tiles->tile[run->out_tile].rows : 0;
    if (rows == 0 || run->out_row == rows) {
        return; /* more rows than were sent: a broken device, which the counters show */
    }
    run->out_row++;
    if (run->hooks->row != NULL) {
        run->hooks->row(run->hooks->user, run->out_tile, rows - run->out_row, out);
    }
    if (out->out_last) {
        run->out_tile++;
        run->out_row = 0;
    }
}

static bool stalled(run_t *run, unsigned percent)
{
    return percent > 0 && pcs_philox_below(&run->stalls, run->draw++, 100) < percent;
}

static bool offer(void *user)
{
    run_t *run = user;
    return !stalled(run, run->tiles->stalls.offer_percent);
}

static bool take(void *user)
{
    run_t *run = user;
    return !stalled(run, run->tiles->stalls.take_percent);
}

static bool after_clock(void *user)
{
    const run_t *run = user;
    return run->hooks->clock == NULL || run->hooks->clock(run->hooks->user);
}

pcs_status_t pcs_tiles_run(pcs_array_dev_t *dev, const pcs_tiles_t *tiles, const pcs_tiles_hooks_t *hooks,
                           pcs_error_t *err)
{
    run_t run = {
        .tiles = tiles,
        .hooks = hooks,
        .stalls = pcs_stream(tiles->stalls.seed, PCS_PURPOSE_TEST, 0, 0),
    };
    const pcs_drive_t drive = {
        .user = &run, .next = next_step, .row = take_row, .offer = offer, .take = take, .clock = after_clock};
    dev->ops->reset(dev);
    return pcs_array_drive(dev, &drive, err);
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

static uint32_t below(draws_t *draws, uint32_t bound)
{
    return pcs_philox_below(&draws->stream, draws->index++, bound);
}

static void random_codes(draws_t *draws, uint8_t *codes, size_t count, unsigned bits, bool is_signed)
{
    const int32_t low = pcs_code_min(bits, is_signed);
    for (size_t i = 0; i < count; i++) {
        codes[i] = (uint8_t)(low + (int32_t)below(draws, UINT32_C(1) << bits));
    }
}

/* A size in 1..max: the whole array half of the time. */
static uint32_t random_size(draws_t *draws, uint32_t max)
{
    return below(draws, 2) == 0 ? max : 1 + below(draws, max);
}

static bool random_tile(draws_t *draws, const pcs_array_config_t *array, uint32_t max_k, pcs_tile_t *tile)
{
    enum { SPAN = PCS_PREC_MAX - PCS_PREC_MIN + 1 };
    *tile = (pcs_tile_t){
        .rows = random_size(draws, array->rows),
        .cols = random_size(draws, array->cols),
        .k = 1 + below(draws, 4) * below(draws, max_k) / 3, /* K = 1 often */
    };
    tile->mode.pa = (uint8_t)(PCS_PREC_MIN + below(draws, SPAN));
    tile->mode.pb = (uint8_t)(PCS_PREC_MIN + below(draws, SPAN));
    tile->mode.a_signed = below(draws, 2) != 0;
    tile->mode.b_signed = below(draws, 2) != 0;
    tile->mode.serial_b = below(draws, 2) != 0;
    tile->mode.saturate = below(draws, 2) != 0;
    tile->a = malloc((size_t)tile->k * tile->rows);
    tile->b = malloc((size_t)tile->k * tile->cols);
    if (tile->a == NULL || tile->b == NULL) {
        return false;
    }
    random_codes(draws, tile->a, (size_t)tile->k * tile->rows, tile->mode.pa, tile->mode.a_signed);
    random_codes(draws, tile->b, (size_t)tile->k * tile->cols, tile->mode.pb, tile->mode.b_signed);
    return true;
}

pcs_status_t pcs_tiles_random(const pcs_array_config_t *array, uint64_t seed, size_t count, uint32_t max_k,
                              pcs_tiles_t *tiles, pcs_error_t *err)
{
    draws_t draws = {.stream = pcs_stream(seed, PCS_PURPOSE_TEST, 1, 0)};
    pcs_tiles_t made = {.count = count, .tile = calloc(count, sizeof *made.tile), .stalls = {.seed = seed}};
    bool good = made.tile != NULL;
    if (below(&draws, 2) != 0) {
        made.stalls.offer_percent = below(&draws, 80);
        made.stalls.take_percent = below(&draws, 80);
    }
    for (size_t i = 0; good && i < count; i++) {
        good = random_tile(&draws, array, max_k, &made.tile[i]);
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
