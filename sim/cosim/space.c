#include "sim/cosim/space.h"

#include <stdio.h>

#include "models/mac/mac.h"

/* ---- the arrays -------------------------------------------------------------------------------------------------- */

static const struct {
    unsigned rows, cols;
} shapes[] = {{4, 4}, {1, 1}, {1, 5}, {5, 3}, {3, 2}, {6, 1}, {8, 8}};
/* Accumulators of integer kinds, and of the others. */
static const unsigned widths[][2] = {{32, 32}, {16, 24}, {24, 40}, {48, 48}};
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
    const unsigned *acc_bits = widths[index % WIDTHS];
    index /= WIDTHS;
    array.dataflow = (pcs_dataflow_t)(index % PCS_DATAFLOW_COUNT);
    index /= PCS_DATAFLOW_COUNT;
    array.kind = (pcs_kind_t)0;
    while (index >= digits(array.kind)) {
        index -= digits(array.kind);
        array.kind = (pcs_kind_t)(array.kind + 1);
    }
    array.digit = 1U << index;
    array.acc_bits = acc_bits[pcs_kind_is_integer(array.kind) ? 0 : 1];
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
    case PCS_EDGE_COUNT:
        break;
    }
    return false;
}

/* A ragged word needs a mode of several lanes, or several accumulators, some of which a last segment may leave out. */
static bool can_meet_in(pcs_kind_t kind, const pcs_mode_t *mode, pcs_space_edge_t edge)
{
    const pcs_array_config_t array = {.rows = 1, .cols = 1, .kind = kind, .digit = 1};
    return edge != PCS_EDGE_RAGGED_LANES || pcs_kinds[kind].accs > 1 || pcs_mac_step(&array, mode).lanes > 1;
}

/* The mode word is a point: legal, and its anchor is zero (integer kinds have none). */
static bool is_point(pcs_kind_t kind, uint32_t word)
{
    return pcs_mode_legal(kind, word) && pcs_mode_unpack(kind, word).anchor == 0;
}

/* The point that a mode meets. */
static uint32_t point_of(pcs_mode_t mode)
{
    mode.anchor = 0;
    return pcs_mode_pack(&mode);
}

/* Two operands of these widths or formats make a mode. */
static bool are_operands(pcs_kind_t kind, unsigned pa, unsigned pb)
{
    const pcs_mode_t mode = {.pa = (uint8_t)pa, .pb = (uint8_t)pb};
    return pcs_mode_legal(kind, pcs_mode_pack(&mode));
}

static bool can_meet(pcs_kind_t kind, pcs_space_edge_t edge)
{
    for (uint32_t word = 0; word < PCS_SPACE_MODES; word++) {
        const pcs_mode_t mode = pcs_mode_unpack(kind, word);
        if (is_point(kind, word) && can_meet_in(kind, &mode, edge)) {
            return true;
        }
    }
    return false;
}

static unsigned stalls_of(const pcs_tiles_t *tiles)
{
    return (tiles->stalls.offer_percent > 0 ? 1U : 0U) + (tiles->stalls.take_percent > 0 ? 2U : 0U);
}

void pcs_coverage_add(pcs_coverage_t *coverage, const pcs_array_config_t *array, const pcs_tiles_t *tiles,
                      const pcs_cosim_result_t *result)
{
    const unsigned stalls = stalls_of(tiles);
    unsigned log2_digit = 0;
    while (1U << log2_digit < array->digit) {
        log2_digit++;
    }
    coverage->digit[array->kind][array->dataflow][log2_digit] = true;
    for (size_t i = 0; i < tiles->count; i++) {
        const pcs_mode_t *mode = &tiles->tile[i].mode;
        coverage->mode[array->kind][point_of(*mode)] = true;
        coverage->anchor[array->kind][(mode->anchor - PCS_ANCHOR_MIN) / PCS_ANCHOR_STEP] = true;
        for (unsigned edge = 0; edge < PCS_EDGE_COUNT; edge++) {
            if (meets(array, tiles, i, (pcs_space_edge_t)edge)) {
                coverage->edge[array->kind][array->dataflow][edge][stalls] = true;
                coverage->cross[array->kind][mode->pa][mode->pb][edge][stalls] = true;
            }
        }
    }
    for (unsigned saturate = 0; saturate < 2; saturate++) {
        coverage->limit[array->kind][saturate] |= result->overflows[saturate] > 0;
        coverage->limit[array->kind][2 + saturate] |= result->sums[saturate] > result->overflows[saturate];
    }
}

/* ---- the points ---- */

typedef void point_fn(void *user, const char *name, bool met);

static const char *const edge_names[PCS_EDGE_COUNT] = {
    [PCS_EDGE_FULL] = "full",
    [PCS_EDGE_M_ONE] = "m1",
    [PCS_EDGE_N_ONE] = "n1",
    [PCS_EDGE_K_ONE] = "k1",
    [PCS_EDGE_RAGGED_ROWS] = "ragged-rows",
    [PCS_EDGE_RAGGED_COLS] = "ragged-cols",
    [PCS_EDGE_RAGGED_LANES] = "ragged-lanes",
    [PCS_EDGE_BLOCKS] = "blocks",
    [PCS_EDGE_SEGMENTS] = "segments",
    [PCS_EDGE_MODE_CHANGE] = "mode-change",
};
static const char *const stall_names[PCS_SPACE_STALLS] = {"none", "in", "out", "both"};
static const char *const limit_names[PCS_SPACE_LIMITS] = {"wrapped", "saturated", "in-range-wrap", "in-range-saturate"};

enum { NAME_CHARS = 80 };

/* "3x8", "e4m3 x fp16" */
static void name_operands(pcs_kind_t kind, unsigned pa, unsigned pb, char name[NAME_CHARS])
{
    if (pcs_kind_arith(kind) == PCS_ARITH_FLOAT) {
        (void)snprintf(name, NAME_CHARS, "%s x %s", pcs_formats[pa].name, pcs_formats[pb].name);
    } else {
        (void)snprintf(name, NAME_CHARS, "%ux%u", pa, pb);
    }
}

static void visit_modes(const pcs_coverage_t *coverage, pcs_kind_t kind, point_fn *fn, void *user)
{
    char name[NAME_CHARS];
    for (uint32_t word = 0; word < PCS_SPACE_MODES; word++) {
        if (is_point(kind, word)) {
            (void)snprintf(name, sizeof name, "%s mode %03x", pcs_kinds[kind].name, (unsigned)word);
            fn(user, name, coverage->mode[kind][word]);
        }
    }
}

static void visit_anchors(const pcs_coverage_t *coverage, pcs_kind_t kind, point_fn *fn, void *user)
{
    char name[NAME_CHARS];
    for (unsigned i = 0; !pcs_kind_is_integer(kind) && i < PCS_SPACE_ANCHORS; i++) {
        (void)snprintf(name, sizeof name, "%s anchor %d", pcs_kinds[kind].name,
                       PCS_ANCHOR_MIN + PCS_ANCHOR_STEP * (int)i);
        fn(user, name, coverage->anchor[kind][i]);
    }
}

static void visit_edges(const pcs_coverage_t *coverage, pcs_kind_t kind, point_fn *fn, void *user)
{
    char name[NAME_CHARS];
    for (unsigned i = 0; i < PCS_DATAFLOW_COUNT * PCS_EDGE_COUNT * PCS_SPACE_STALLS; i++) {
        const unsigned stalls = i % PCS_SPACE_STALLS;
        const unsigned edge = i / PCS_SPACE_STALLS % PCS_EDGE_COUNT;
        const unsigned dataflow = i / PCS_SPACE_STALLS / PCS_EDGE_COUNT;
        if (can_meet(kind, (pcs_space_edge_t)edge)) {
            (void)snprintf(name, sizeof name, "%s %s %s stall-%s", pcs_kinds[kind].name, pcs_dataflows[dataflow].name,
                           edge_names[edge], stall_names[stalls]);
            fn(user, name, coverage->edge[kind][dataflow][edge][stalls]);
        }
    }
}

static void visit_digits(const pcs_coverage_t *coverage, pcs_kind_t kind, point_fn *fn, void *user)
{
    char name[NAME_CHARS];
    for (unsigned dataflow = 0; dataflow < PCS_DATAFLOW_COUNT; dataflow++) {
        for (unsigned i = 0; i < digits(kind); i++) {
            (void)snprintf(name, sizeof name, "%s %s digit %u", pcs_kinds[kind].name, pcs_dataflows[dataflow].name,
                           1U << i);
            fn(user, name, coverage->digit[kind][dataflow][i]);
        }
    }
}

static void visit_limits(const pcs_coverage_t *coverage, pcs_kind_t kind, point_fn *fn, void *user)
{
    char name[NAME_CHARS];
    for (unsigned i = 0; i < PCS_SPACE_LIMITS; i++) {
        (void)snprintf(name, sizeof name, "%s %s", pcs_kinds[kind].name, limit_names[i]);
        fn(user, name, coverage->limit[kind][i]);
    }
}

static void visit_cross(const pcs_coverage_t *coverage, pcs_kind_t kind, point_fn *fn, void *user)
{
    char operands[NAME_CHARS];
    char name[2 * NAME_CHARS];
    for (unsigned i = 0; i < PCS_SPACE_FIELDS * PCS_SPACE_FIELDS * PCS_EDGE_COUNT; i++) {
        const unsigned edge = i % PCS_EDGE_COUNT;
        const unsigned a = i / PCS_EDGE_COUNT / PCS_SPACE_FIELDS;
        const unsigned b = i / PCS_EDGE_COUNT % PCS_SPACE_FIELDS;
        const pcs_mode_t mode = {.pa = (uint8_t)a, .pb = (uint8_t)b};
        if (!are_operands(kind, a, b) || !can_meet_in(kind, &mode, (pcs_space_edge_t)edge)) {
            continue;
        }
        name_operands(kind, a, b, operands);
        for (unsigned stalls = 0; stalls < PCS_SPACE_STALLS; stalls++) {
            (void)snprintf(name, sizeof name, "%s %s %s stall-%s", pcs_kinds[kind].name, operands, edge_names[edge],
                           stall_names[stalls]);
            fn(user, name, coverage->cross[kind][a][b][edge][stalls]);
        }
    }
}

static void visit(const pcs_coverage_t *coverage, pcs_kind_t kind, pcs_space_part_t part, point_fn *fn, void *user)
{
    static void (*const visits[PCS_PART_COUNT])(const pcs_coverage_t *, pcs_kind_t, point_fn *, void *) = {
        visit_modes, visit_anchors, visit_edges, visit_digits, visit_limits, visit_cross};
    visits[part](coverage, kind, fn, user);
}

static void count_point(void *user, const char *name, bool met)
{
    (void)name;
    pcs_covered_t *covered = user;
    covered->met += met;
    covered->of++;
}

pcs_covered_t pcs_coverage_count(const pcs_coverage_t *coverage, pcs_kind_t kind, pcs_space_part_t part)
{
    pcs_covered_t covered = {0, 0};
    visit(coverage, kind, part, count_point, &covered);
    return covered;
}

void pcs_coverage_show(const pcs_coverage_t *coverage, point_fn *show, void *user)
{
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        for (int part = 0; part < PCS_PART_COUNT; part++) {
            visit(coverage, (pcs_kind_t)kind, (pcs_space_part_t)part, show, user);
        }
    }
}

const char *pcs_space_part_name(pcs_space_part_t part)
{
    static const char *const names[PCS_PART_COUNT] = {
        "modes", "anchors", "edges x stalls x dataflows", "digits x dataflows", "limits", "operands x edges x stalls"};
    return names[part];
}

/* ---- streams for what is missing ---- */

enum { STREAM_TILES = 48, DRAWS = 3000, STALL_PERCENT = 30 };

/* An anchor that was not met, if there is one; 0 for integer kinds. */
static int16_t missing_anchor(const pcs_coverage_t *coverage, pcs_kind_t kind)
{
    int anchor = 0;
    for (unsigned i = PCS_SPACE_ANCHORS; !pcs_kind_is_integer(kind) && i-- > 0;) {
        if (!coverage->anchor[kind][i]) {
            anchor = PCS_ANCHOR_MIN + PCS_ANCHOR_STEP * (int)i;
        }
    }
    return (int16_t)anchor;
}

/* A mode of these operands: one whose word was not met, if there is one. */
static pcs_mode_t missing_mode(const pcs_coverage_t *coverage, pcs_kind_t kind, unsigned pa, unsigned pb)
{
    pcs_mode_t choice = {.pa = (uint8_t)pa, .pb = (uint8_t)pb};
    for (uint32_t word = 0; word < PCS_SPACE_MODES; word++) {
        const pcs_mode_t mode = pcs_mode_unpack(kind, word);
        if (is_point(kind, word) && mode.pa == pa && mode.pb == pb && !coverage->mode[kind][word]) {
            choice = mode;
        }
    }
    choice.anchor = missing_anchor(coverage, kind);
    return choice;
}

/* Adds a tile that meets the edge; none if many draws do not find one: the array cannot meet it. */
static pcs_status_t add_tile(const pcs_array_config_t *array, uint64_t seed, const pcs_mode_t *mode,
                             pcs_space_edge_t edge, pcs_tiles_t *tiles, pcs_error_t *err)
{
    const uint32_t max_k = 2 * pcs_mac_step(array, mode).lanes + 4;
    for (unsigned draw = 0; draw < DRAWS; draw++) {
        const pcs_status_t status = pcs_tiles_append(array, seed + draw, max_k, mode, tiles, err);
        if (status != PCS_OK || meets(array, tiles, tiles->count - 1, edge)) {
            return status;
        }
        pcs_tile_free(&tiles->tile[--tiles->count]);
    }
    return PCS_OK;
}

/* Tiles in modes whose words were not met. */
static pcs_status_t add_modes(const pcs_coverage_t *coverage, const pcs_array_config_t *array, uint64_t seed,
                              pcs_tiles_t *tiles, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (uint32_t word = 0; word < PCS_SPACE_MODES && tiles->count < STREAM_TILES && status == PCS_OK; word++) {
        if (is_point(array->kind, word) && !coverage->mode[array->kind][word]) {
            const pcs_mode_t mode = pcs_mode_unpack(array->kind, word);
            status = add_tile(array, seed + word, &mode, PCS_EDGE_K_ONE, tiles, err);
        }
    }
    return status;
}

pcs_status_t pcs_space_missing(const pcs_coverage_t *coverage, const pcs_array_config_t *array, uint64_t seed,
                               pcs_tiles_t *tiles, pcs_error_t *err)
{
    pcs_coverage_t planned = *coverage;
    const pcs_cosim_result_t nothing = {0};
    pcs_status_t status = PCS_OK;
    *tiles = (pcs_tiles_t){.stalls = {.seed = seed}};
    for (unsigned stalls = 0; stalls < PCS_SPACE_STALLS && tiles->count == 0; stalls++) {
        tiles->stalls.offer_percent = stalls % 2 != 0 ? STALL_PERCENT : 0;
        tiles->stalls.take_percent = stalls >= 2 ? STALL_PERCENT : 0;
        for (unsigned i = 0; i < PCS_SPACE_FIELDS * PCS_SPACE_FIELDS * PCS_EDGE_COUNT; i++) {
            const pcs_space_edge_t edge = (pcs_space_edge_t)(i % PCS_EDGE_COUNT);
            const unsigned a = i / PCS_EDGE_COUNT / PCS_SPACE_FIELDS;
            const unsigned b = i / PCS_EDGE_COUNT % PCS_SPACE_FIELDS;
            if (!are_operands(array->kind, a, b) || planned.cross[array->kind][a][b][edge][stalls] ||
                tiles->count >= STREAM_TILES) {
                continue;
            }
            const pcs_mode_t mode = missing_mode(&planned, array->kind, a, b);
            if (!can_meet_in(array->kind, &mode, edge)) {
                continue;
            }
            const uint64_t draw = seed + (uint64_t)i * DRAWS;
            if (tiles->count == 0) { /* for the next one to change the mode */
                pcs_mode_t other = mode;
                other.saturate = !mode.saturate;
                status = add_tile(array, draw, &other, PCS_EDGE_K_ONE, tiles, err);
            }
            status = status == PCS_OK ? add_tile(array, draw, &mode, edge, tiles, err) : status;
            if (status != PCS_OK) {
                pcs_tiles_free(tiles);
                return status;
            }
            pcs_coverage_add(&planned, array, tiles, &nothing);
        }
        if (tiles->count == 1) { /* it changes the mode for nothing: the array cannot meet what is missing */
            pcs_tiles_free(tiles);
            *tiles = (pcs_tiles_t){.stalls = {.seed = seed}};
        }
    }
    if (tiles->count == 0) {
        status = add_modes(coverage, array, seed, tiles, err);
        if (status != PCS_OK) {
            pcs_tiles_free(tiles);
        }
    }
    return status;
}
