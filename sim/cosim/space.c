#include "sim/cosim/space.h"

#include "models/mac/mac.h"

/* ---- the arrays -------------------------------------------------------------------------------------------------- */

static const struct {
    unsigned rows, cols;
} shapes[] = {{4, 4}, {1, 1}, {1, 5}, {5, 3}, {3, 2}, {6, 1}, {8, 8}};
static const unsigned widths[] = {32, 16, 24, 48};
enum { SHAPES = sizeof shapes / sizeof shapes[0], WIDTHS = sizeof widths / sizeof widths[0] };

static unsigned digits(pcs_kind_t kind)
{
    unsigned count = 1;
    while (1U << count <= pcs_kinds[kind].digit_max) {
        count++;
    }
    return count;
}

size_t pcs_space_count(void)
{
    size_t count = 0;
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        count += digits((pcs_kind_t)kind);
    }
    return count * PCS_DATAFLOW_COUNT * SHAPES * WIDTHS;
}

pcs_array_config_t pcs_space_array(size_t index)
{
    pcs_array_config_t array = {.rows = shapes[index % SHAPES].rows, .cols = shapes[index % SHAPES].cols};
    index /= SHAPES;
    array.acc_bits = widths[index % WIDTHS];
    index /= WIDTHS;
    array.dataflow = (pcs_dataflow_t)(index % PCS_DATAFLOW_COUNT);
    index /= PCS_DATAFLOW_COUNT;
    array.kind = (pcs_kind_t)0;
    while (index >= digits(array.kind)) {
        index -= digits(array.kind);
        array.kind = (pcs_kind_t)(array.kind + 1);
    }
    array.digit = 1U << index;
    return array;
}

/* ---- what was met ------------------------------------------------------------------------------------------------ */

/* Words of a segment, and whether all lanes and accumulators of all words have codes. */
static bool whole_words(const pcs_array_config_t *array, const pcs_tile_t *tile, unsigned lanes)
{
    if (pcs_kinds[array->kind].accs > 1) {
        return pcs_tile_segments(tile) % lanes == 0 && tile->k % tile->segment == 0;
    }
    return tile->segment % lanes == 0 && tile->k % lanes == 0;
}

static bool fewer_rows(const pcs_array_config_t *array, const pcs_tile_t *tile, unsigned lanes)
{
    const unsigned words = pcs_kinds[array->kind].accs > 1 ? tile->segment : (tile->segment + lanes - 1) / lanes;
    return array->dataflow == PCS_DATAFLOW_OS ? tile->m % array->rows != 0 : words < array->rows;
}

static bool meets(const pcs_array_config_t *array, const pcs_tiles_t *tiles, size_t i, pcs_space_edge_t edge)
{
    const pcs_tile_t *tile = &tiles->tile[i];
    const unsigned lanes = pcs_mac_step(array, &tile->mode).lanes;
    switch (edge) {
    case PCS_EDGE_FULL:
        return tile->m == array->rows && tile->n == array->cols && whole_words(array, tile, lanes);
    case PCS_EDGE_M_ONE:
        return tile->m == 1;
    case PCS_EDGE_N_ONE:
        return tile->n == 1;
    case PCS_EDGE_K_ONE:
        return tile->k == 1;
    case PCS_EDGE_RAGGED_ROWS:
        return fewer_rows(array, tile, lanes);
    case PCS_EDGE_RAGGED_COLS:
        return tile->n % array->cols != 0;
    case PCS_EDGE_RAGGED_LANES:
        return !whole_words(array, tile, lanes);
    case PCS_EDGE_BLOCKS:
        return tile->m > array->rows || tile->n > array->cols;
    case PCS_EDGE_SEGMENTS:
        return pcs_tile_segments(tile) > (pcs_kinds[array->kind].accs > 1 ? lanes : 1);
    case PCS_EDGE_MODE_CHANGE:
        return i > 0 && pcs_mode_pack(&tiles->tile[i - 1].mode) != pcs_mode_pack(&tile->mode);
    case PCS_EDGE_ONE_PE:
        return array->rows == 1 && array->cols == 1;
    case PCS_EDGE_COUNT:
        break;
    }
    return false;
}

/* A ragged word needs a mode of several lanes, ragged segments of several accumulators one too. */
static bool can_meet(pcs_kind_t kind, pcs_space_edge_t edge)
{
    if (edge != PCS_EDGE_RAGGED_LANES || pcs_kinds[kind].accs > 1) {
        return true;
    }
    const pcs_array_config_t array = {.rows = 1, .cols = 1, .kind = kind, .digit = 1};
    for (uint32_t word = 0; word < PCS_SPACE_MODES; word++) {
        const pcs_mode_t mode = pcs_mode_unpack(word);
        if (pcs_mode_legal(word) && pcs_mac_step(&array, &mode).lanes > 1) {
            return true;
        }
    }
    return false;
}

void pcs_coverage_add(pcs_coverage_t *coverage, const pcs_array_config_t *array, const pcs_tiles_t *tiles,
                      const pcs_cosim_result_t *result)
{
    const unsigned stalls = (tiles->stalls.offer_percent > 0 ? 1U : 0U) + (tiles->stalls.take_percent > 0 ? 2U : 0U);
    unsigned log2_digit = 0;
    while (1U << log2_digit < array->digit) {
        log2_digit++;
    }
    coverage->digit[array->kind][array->dataflow][log2_digit] = true;
    for (size_t i = 0; i < tiles->count; i++) {
        coverage->mode[array->kind][pcs_mode_pack(&tiles->tile[i].mode)] = true;
        for (unsigned edge = 0; edge < PCS_EDGE_COUNT; edge++) {
            if (meets(array, tiles, i, (pcs_space_edge_t)edge)) {
                coverage->edge[array->kind][array->dataflow][edge][stalls] = true;
            }
        }
    }
    for (unsigned saturate = 0; saturate < 2; saturate++) {
        coverage->limit[array->kind][saturate] |= result->overflows[saturate] > 0;
        coverage->limit[array->kind][2 + saturate] |= result->sums[saturate] > result->overflows[saturate];
    }
}

static void count_point(pcs_covered_t *covered, bool met)
{
    covered->met += met;
    covered->of++;
}

pcs_covered_t pcs_coverage_count(const pcs_coverage_t *coverage, pcs_kind_t kind, pcs_space_part_t part)
{
    pcs_covered_t covered = {0, 0};
    for (uint32_t word = 0; part == PCS_PART_MODES && word < PCS_SPACE_MODES; word++) {
        if (pcs_mode_legal(word)) {
            count_point(&covered, coverage->mode[kind][word]);
        }
    }
    for (unsigned i = 0; part == PCS_PART_LIMITS && i < PCS_SPACE_LIMITS; i++) {
        count_point(&covered, coverage->limit[kind][i]);
    }
    for (unsigned dataflow = 0; dataflow < PCS_DATAFLOW_COUNT; dataflow++) {
        for (unsigned i = 0; part == PCS_PART_DIGITS && i < digits(kind); i++) {
            count_point(&covered, coverage->digit[kind][dataflow][i]);
        }
        for (unsigned i = 0; part == PCS_PART_EDGES && i < PCS_EDGE_COUNT * PCS_SPACE_STALLS; i++) {
            const unsigned edge = i / PCS_SPACE_STALLS;
            if (can_meet(kind, (pcs_space_edge_t)edge)) {
                count_point(&covered, coverage->edge[kind][dataflow][edge][i % PCS_SPACE_STALLS]);
            }
        }
    }
    return covered;
}

const char *pcs_space_part_name(pcs_space_part_t part)
{
    static const char *const names[PCS_PART_COUNT] = {"modes", "edges x stalls x dataflows", "digits x dataflows",
                                                      "limits"};
    return names[part];
}
