#include "sim/cosim/exhaust.h"

#include <stdlib.h>

#include "models/mac/mac.h"

/* How far the codes of a lane are turned against those of the lane before: lanes see different pairs at a time. */
enum { SPAN = PCS_PREC_MAX - PCS_PREC_MIN + 1, LANE_TURN_A = 37, LANE_TURN_B = 91 };

/* Code number i of an operand, all codes in the order of their values; i is taken modulo their number. */
static uint8_t code(uint32_t i, unsigned bits, bool is_signed)
{
    const uint32_t last = (UINT32_C(1) << bits) - 1U;
    return (uint8_t)(pcs_code_min(bits, is_signed) + (int32_t)(i & last));
}

pcs_status_t pcs_tiles_exhaustive(const pcs_array_config_t *array, unsigned index, pcs_tiles_t *tiles, uint64_t *pairs,
                                  pcs_error_t *err)
{
    const pcs_mode_t mode = {
        .pa = (uint8_t)(PCS_PREC_MIN + index % SPAN),
        .pb = (uint8_t)(PCS_PREC_MIN + index / SPAN % SPAN),
        .a_signed = (index / (SPAN * SPAN) & 1U) != 0,
        .b_signed = (index / (SPAN * SPAN) & 2U) != 0,
        .serial_b = (index / (SPAN * SPAN) & 4U) != 0,
    };
    const uint32_t lanes = pcs_mac_step(array, &mode).lanes;
    const uint32_t segment = pcs_kinds[array->kind].accs == 1 ? lanes : 1;
    pcs_tile_t *tile = malloc(sizeof *tile);
    if (tile != NULL) {
        *tile = (pcs_tile_t){.m = 1U << mode.pa, .n = 1U << mode.pb, .k = lanes, .segment = segment, .mode = mode};
        tile->a = malloc((size_t)tile->m * tile->k);
        tile->b = malloc((size_t)tile->k * tile->n);
    }
    *tiles = (pcs_tiles_t){.count = 1, .tile = tile};
    if (tile == NULL || tile->a == NULL || tile->b == NULL) {
        if (tile != NULL) {
            pcs_tiles_free(tiles);
        }
        return pcs_fail(err, PCS_MEMORY, "no memory for a tile of every pair of codes");
    }
    for (uint32_t lane = 0; lane < lanes; lane++) {
        for (uint32_t m = 0; m < tile->m; m++) {
            tile->a[(size_t)m * lanes + lane] = code(m + LANE_TURN_A * lane, mode.pa, mode.a_signed);
        }
        for (uint32_t n = 0; n < tile->n; n++) {
            tile->b[(size_t)lane * tile->n + n] = code(n + LANE_TURN_B * lane, mode.pb, mode.b_signed);
        }
    }
    *pairs = (uint64_t)tile->m * tile->n * lanes;
    return PCS_OK;
}
