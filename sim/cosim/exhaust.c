#include "sim/cosim/exhaust.h"

#include <stdlib.h>

#include "models/mac/bfp.h"
#include "models/mac/mac.h"

/* How far the codes of a lane are turned against those of the lane before: lanes see different pairs at a time. */
enum {
    SPAN = PCS_PREC_MAX - PCS_PREC_MIN + 1,
    LANE_TURN_A = 37,
    LANE_TURN_B = 91,
    INTEGER_TILES = SPAN * SPAN * 4 * 2
};

/* The i-th format of operands of up to 8 bits; PCS_FORMAT_COUNT: there is none. */
static pcs_format_t narrow_format(unsigned i)
{
    for (unsigned format = 0; format < PCS_FORMAT_COUNT; format++) {
        const bool narrow = pcs_format_is_operand((pcs_format_t)format) && pcs_format_bits(&pcs_formats[format]) <= 8;
        if (narrow && i-- == 0) {
            return (pcs_format_t)format;
        }
    }
    return PCS_FORMAT_COUNT;
}

static unsigned narrow_formats(void)
{
    unsigned count = 0;
    while (narrow_format(count) != PCS_FORMAT_COUNT) {
        count++;
    }
    return count;
}

unsigned pcs_exhaust_tiles(pcs_kind_t kind)
{
    const unsigned formats = narrow_formats();
    switch (pcs_kind_arith(kind)) {
    case PCS_ARITH_FLOAT:
        return formats * formats;
    case PCS_ARITH_BFP:
        return SPAN * SPAN;
    default:
        return INTEGER_TILES;
    }
}

const char *pcs_exhaust_text(pcs_kind_t kind)
{
    static const char *const texts[PCS_ARITH_COUNT] = {
        [PCS_ARITH_INTEGER] = "every pair of codes at every precision, signedness and serial operand, in every lane",
        [PCS_ARITH_FLOAT] = "every pair of codes of every two formats of up to 8 bits",
        [PCS_ARITH_BFP] = "every pair of mantissas of every two widths",
    };
    return texts[pcs_kind_arith(kind)];
}

/* A multiple of what an anchor may be, at or below the exponent. */
static int16_t anchor_below(int exponent)
{
    const int steps = (exponent - PCS_ANCHOR_MIN) / PCS_ANCHOR_STEP;
    return (int16_t)(PCS_ANCHOR_MIN + steps * PCS_ANCHOR_STEP);
}

/* Exponent of the last bit of the format's smallest number. */
static int last_bit(pcs_format_t format)
{
    return 1 - pcs_formats[format].bias - (int)pcs_formats[format].mantissa_bits;
}

static pcs_mode_t mode_of(pcs_kind_t kind, unsigned index)
{
    const unsigned formats = narrow_formats();
    pcs_mode_t mode = {0};
    switch (pcs_kind_arith(kind)) {
    case PCS_ARITH_FLOAT:
        mode.pa = (uint8_t)narrow_format(index % formats);
        mode.pb = (uint8_t)narrow_format(index / formats);
        /* Every fourth pair of formats cuts the smallest products. */
        mode.anchor = anchor_below(last_bit((pcs_format_t)mode.pa) + last_bit((pcs_format_t)mode.pb));
        mode.anchor = (int16_t)(mode.anchor + (index % 4U == 3 ? 2 * PCS_ANCHOR_STEP : 0));
        break;
    case PCS_ARITH_BFP:
        mode.pa = (uint8_t)(PCS_PREC_MIN + index % SPAN);
        mode.pb = (uint8_t)(PCS_PREC_MIN + index / SPAN);
        break;
    default:
        mode.pa = (uint8_t)(PCS_PREC_MIN + index % SPAN);
        mode.pb = (uint8_t)(PCS_PREC_MIN + index / SPAN % SPAN);
        mode.a_signed = (index / (SPAN * SPAN) & 1U) != 0;
        mode.b_signed = (index / (SPAN * SPAN) & 2U) != 0;
        mode.serial_b = (index / (SPAN * SPAN) & 4U) != 0;
        break;
    }
    return mode;
}

/* How many codes an operand has; bfp: mantissas. */
static uint32_t codes_of(pcs_kind_t kind, unsigned field)
{
    const bool is_float = pcs_kind_arith(kind) == PCS_ARITH_FLOAT;
    return UINT32_C(1) << (is_float ? pcs_format_bits(&pcs_formats[field]) : field);
}

/* Code number i of an operand, integers in the order of their values; i is taken modulo their number. */
static uint16_t code(pcs_kind_t kind, uint32_t i, unsigned field, bool is_signed, int turn)
{
    const uint32_t at = i & (codes_of(kind, field) - 1U);
    switch (pcs_kind_arith(kind)) {
    case PCS_ARITH_FLOAT:
        return (uint16_t)at;
    case PCS_ARITH_BFP: /* exponents from all below the accumulator to all above it, and none at all */
        return pcs_bfp_code(i % 32U == 31 ? PCS_BFP_NAN : (unsigned)(PCS_BFP_BIAS - 20 + turn * (int)(i % 31U)),
                            pcs_code_min(field, true) + (int32_t)at);
    default:
        return (uint8_t)(pcs_code_min(field, is_signed) + (int32_t)at);
    }
}

pcs_status_t pcs_tiles_exhaustive(const pcs_array_config_t *array, unsigned index, pcs_tiles_t *tiles, uint64_t *pairs,
                                  pcs_error_t *err)
{
    const pcs_mode_t mode = mode_of(array->kind, index);
    const uint32_t lanes = pcs_mac_step(array, &mode).lanes;
    const uint32_t segment = pcs_kinds[array->kind].accs == 1 ? lanes : 1;
    pcs_tile_t *tile = malloc(sizeof *tile);
    if (tile != NULL) {
        *tile = (pcs_tile_t){.m = codes_of(array->kind, mode.pa),
                             .n = codes_of(array->kind, mode.pb),
                             .k = lanes,
                             .segment = segment,
                             .mode = mode};
    }
    if (tile == NULL || !pcs_tile_allocate(tile)) {
        free(tile);
        return pcs_fail(err, PCS_MEMORY, "no memory for a tile of every pair of codes");
    }
    *tiles = (pcs_tiles_t){.count = 1, .tile = tile};
    for (uint32_t lane = 0; lane < lanes; lane++) {
        for (uint32_t m = 0; m < tile->m; m++) {
            tile->a[(size_t)m * lanes + lane] = code(array->kind, m + LANE_TURN_A * lane, mode.pa, mode.a_signed, 2);
        }
        for (uint32_t n = 0; n < tile->n; n++) {
            tile->b[(size_t)lane * tile->n + n] = code(array->kind, n + LANE_TURN_B * lane, mode.pb, mode.b_signed, 1);
        }
    }
    *pairs = (uint64_t)tile->m * tile->n * lanes;
    return PCS_OK;
}
