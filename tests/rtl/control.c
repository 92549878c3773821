/* The array's protocol on the Verilated RTL, checked against its text and not against the model: latencies to the
   clock, bubbles, freezing, refusal of illegal steps, reset in mid-tile, no register that depends on its power-up
   value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/mac/bfp.h"
#include "models/mac/mac.h"
#include "sim/bridge/rtl.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

enum { WORDS = PCS_ARRAY_MAX_DIM, PATIENCE = 2000 };

typedef struct bench {
    pcs_array_config_t array;
    pcs_array_dev_t *dev;
    pcs_array_in_t in;
    pcs_array_out_t out;
    uint32_t a[WORDS], b[WORDS]; /* codes in lane 0 */
    pcs_mode_t mode;
    size_t image_bytes;
    uint32_t *image;
} bench_t;

static void idle(bench_t *bench)
{
    bench->in.in_valid = false;
    bench->dev->ops->step(bench->dev, &bench->in, &bench->out);
}

static bool stationary(const bench_t *bench)
{
    return bench->array.dataflow == PCS_DATAFLOW_WS;
}

static void fill(uint32_t words[WORDS], uint32_t word)
{
    for (size_t i = 0; i < WORDS; i++) {
        words[i] = word;
    }
}

static bool offer_step(bench_t *bench, bool stream, bool load)
{
    bench->in.in_valid = true;
    bench->in.stream = stream;
    bench->in.load = load;
    bench->dev->ops->step(bench->dev, &bench->in, &bench->out);
    return bench->out.in_ready;
}

/* Offers a step in one clock; returns whether it was accepted.  WS: it only streams. */
static bool offer(bench_t *bench, bool first, bool last)
{
    bench->in.first = first;
    bench->in.last = last;
    return offer_step(bench, true, false);
}

/* WS: weights of rows `from`.. of the next tile, a step each, one a clock. */
static void load_rows(bench_t *bench, unsigned from)
{
    for (unsigned row = from; stationary(bench) && row < bench->array.rows; row++) {
        bench->in.load_row = (uint8_t)row;
        (void)CHECK(offer_step(bench, false, true), "weights of row %u in the next clock", row);
    }
}

/* The operand word that has this value, 0..7, in lane 0. */
static uint32_t word(const bench_t *bench, uint32_t value)
{
    static const uint16_t fp16[] = {0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700};
    switch (pcs_kind_arith(bench->array.kind)) {
    case PCS_ARITH_FLOAT:
        return fp16[value];
    case PCS_ARITH_BFP:
        return pcs_bfp_code(PCS_BFP_BIAS, (int)value);
    default:
        return value;
    }
}

/* Operands of these widths; float: FP16; bfp: mantissas of B that hold 7. */
static void set_mode(bench_t *bench, unsigned pa, unsigned pb)
{
    const pcs_arith_t arith = pcs_kind_arith(bench->array.kind);
    pa = arith == PCS_ARITH_FLOAT ? PCS_FORMAT_FP16 : pa;
    pb = arith == PCS_ARITH_FLOAT ? PCS_FORMAT_FP16 : arith == PCS_ARITH_BFP && pb < 4 ? 4 : pb;
    bench->mode = (pcs_mode_t){.pa = (uint8_t)pa, .pb = (uint8_t)pb};
    bench->in.mode = pcs_mode_pack(&bench->mode);
    bench->in.rows = (uint8_t)bench->array.rows;
    bench->in.cols = (uint8_t)bench->array.cols;
    bench->in.load_mode = bench->in.mode;
    bench->in.load_cols = bench->in.cols;
    bench->in.out_ready = true;
    fill(bench->a, word(bench, 1));
    fill(bench->b, word(bench, 3));
}

static unsigned step_clocks(const bench_t *bench)
{
    return pcs_mac_step(&bench->array, &bench->mode).cycles;
}

static int64_t lane_0(const bench_t *bench, unsigned col)
{
    return bench->out.acc[(size_t)col * pcs_kinds[bench->array.kind].accs];
}

static void drain(bench_t *bench)
{
    do {
        idle(bench);
    } while (bench->out.busy);
}

static uint64_t event(bench_t *bench, pcs_event_t id)
{
    return bench->dev->ops->csr(bench->dev, (unsigned)PCS_CSR_EVENT_BASE + (unsigned)id);
}

static void remember(bench_t *bench)
{
    memcpy(bench->image, bench->dev->ops->probe(bench->dev), bench->image_bytes);
}

static bool unchanged(bench_t *bench)
{
    return memcmp(bench->image, bench->dev->ops->probe(bench->dev), bench->image_bytes) == 0;
}

/* Steps follow one another by exactly m clocks.  OS: the last one's row 0 leaves exactly m + 2R + C - 2 clocks later,
   the others in the clocks before; WS: each one's row leaves exactly m + R + C - 1 clocks later. */
static void test_latency(bench_t *bench, unsigned pa, unsigned pb)
{
    set_mode(bench, pa, pb);
    const unsigned m = step_clocks(bench);
    const unsigned rows = bench->array.rows;
    const bool ws = stationary(bench);
    const unsigned transit = m + (ws ? rows + bench->array.cols - 1 : 2 * rows + bench->array.cols - 2);
    load_rows(bench, 0);
    (void)CHECK(offer(bench, true, false), "an idle array takes a step");
    for (unsigned clock = 1; clock < m; clock++) {
        (void)CHECK(!offer(bench, false, true), "pa %u: clock %u of %u of a step", pa, clock, m);
    }
    (void)CHECK(offer(bench, false, true), "pa %u: a step every %u clocks", pa, m);
    for (unsigned clock = 1; clock <= transit; clock++) {
        idle(bench);
        const bool due = ws ? clock == transit - m || clock == transit : clock + rows > transit;
        (void)CHECK_EQ(bench->out.out_valid, due, "pa %u: row at clock %u of %u", pa, clock, transit);
        (void)CHECK_EQ(bench->out.out_last, ws ? due : clock == transit, "pa %u: last row at clock %u of %u", pa, clock,
                       transit);
        (void)CHECK_EQ(bench->out.busy, 1, "pa %u: busy at clock %u of %u", pa, clock, transit);
        for (unsigned c = 0; due && c < bench->array.cols; c++) {
            (void)CHECK_EQ(lane_0(bench, c), 3 * (ws ? rows : 2), "sum of 1 * 3 in column %u", c);
        }
    }
    idle(bench);
    (void)CHECK(!bench->out.busy && !bench->out.out_valid, "pa %u: idle after clock %u", pa, transit);
}

/* Segments of one step follow one another by max(m, R) clocks: the drain is the bound. */
static void test_segments(bench_t *bench)
{
    set_mode(bench, 4, 4);
    const unsigned m = step_clocks(bench);
    const unsigned distance = m > bench->array.rows ? m : bench->array.rows;
    (void)CHECK(offer(bench, true, true), "first segment");
    for (unsigned segment = 1; segment < 4; segment++) {
        for (unsigned clock = 1; clock < distance; clock++) {
            (void)CHECK(!offer(bench, true, true), "segment %u at clock %u of %u", segment, clock, distance);
        }
        (void)CHECK(offer(bench, true, true), "segment %u after %u clocks", segment, distance);
    }
    drain(bench);
}

/* Checks the row of a tile whose weights are 3 + its number, if one leaves in this clock. */
static void take_tile(bench_t *bench, unsigned *tile)
{
    if (bench->out.out_valid) {
        (void)CHECK_EQ(lane_0(bench, 0), (3 + *tile) * bench->array.rows, "sum of tile %u", *tile);
        (*tile)++;
    }
}

/* Tiles of one step, which also loads row 0 of the next tile: m clocks, and a clock for each other row's weights.
   Weights loaded with a first step are not its own. */
static void test_tiles(bench_t *bench)
{
    enum { TILES = 4 };
    set_mode(bench, 5, 3);
    const unsigned m = step_clocks(bench);
    unsigned taken = 0;
    load_rows(bench, 0);
    bench->in.first = true;
    bench->in.last = true;
    for (unsigned tile = 0; tile < TILES; tile++) {
        fill(bench->b, word(bench, 4 + tile));
        bench->in.load_row = 0;
        (void)CHECK(offer_step(bench, true, true), "tile %u in the next clock", tile);
        take_tile(bench, &taken);
        for (unsigned clock = 1; clock < m; clock++) {
            (void)CHECK(!offer_step(bench, false, true), "tile %u: clock %u of %u", tile, clock, m);
            take_tile(bench, &taken);
        }
        for (unsigned row = 1; row < bench->array.rows; row++) {
            bench->in.load_row = (uint8_t)row;
            (void)CHECK(offer_step(bench, false, true), "tile %u: weights of row %u in the next clock", tile, row);
            take_tile(bench, &taken);
        }
    }
    do {
        idle(bench);
        take_tile(bench, &taken);
    } while (bench->out.busy);
    (void)CHECK_EQ(taken, TILES, "one row a tile");
}

/* While a row waits nothing moves but the counters of clocks and stalls; the payload is stable. */
static void test_freeze(bench_t *bench)
{
    set_mode(bench, 3, 5);
    load_rows(bench, 0);
    (void)CHECK(offer(bench, true, true), "a step");
    bench->in.out_ready = false;
    for (unsigned clock = 0; !bench->out.out_valid && clock < PATIENCE; clock++) {
        idle(bench);
    }
    const int64_t acc = bench->out.acc[0];
    const uint64_t cycles = event(bench, PCS_EVENT_CYCLE);
    const uint64_t stalls = event(bench, PCS_EVENT_STALL);
    const uint64_t drains = event(bench, PCS_EVENT_DRAIN);
    remember(bench);
    for (unsigned clock = 0; clock < 10; clock++) {
        (void)CHECK(!offer(bench, true, false), "a frozen array takes nothing");
        (void)CHECK(!offer_step(bench, false, true), "nor weights");
        (void)CHECK(bench->out.out_valid && bench->out.acc[0] == acc, "the row waits, unchanged");
        (void)CHECK(unchanged(bench), "no register moves");
    }
    (void)CHECK_EQ(event(bench, PCS_EVENT_CYCLE), cycles + 20, "clocks count");
    (void)CHECK_EQ(event(bench, PCS_EVENT_STALL), stalls + 20, "stalls count");
    (void)CHECK_EQ(event(bench, PCS_EVENT_DRAIN), drains, "nothing else counts");
    bench->in.out_ready = true;
    drain(bench);
}

/* Offers an illegal step, and clears the error that it makes. */
static void refuse(bench_t *bench, bool stream, bool load, const char *what, size_t i)
{
    remember(bench);
    const uint64_t steps = event(bench, PCS_EVENT_STEP);
    bench->in.first = true;
    bench->in.last = true;
    (void)CHECK(!offer_step(bench, stream, load), "%s %zu refused", what, i);
    idle(bench);
    (void)CHECK(bench->out.error, "%s %zu sets the error", what, i);
    (void)CHECK_EQ(bench->dev->ops->csr(bench->dev, PCS_CSR_STATUS), 1, "%s %zu: status register", what, i);
    (void)CHECK(unchanged(bench) && !bench->out.busy, "%s %zu changes nothing", what, i);
    (void)CHECK_EQ(event(bench, PCS_EVENT_STEP), steps, "%s %zu counts nothing", what, i);
    bench->in.clear = true;
    idle(bench);
    bench->in.clear = false;
    idle(bench);
    (void)CHECK(!bench->out.error, "%s %zu: cleared", what, i);
}

enum { ILLEGAL_MODES = 6 };

/* Mode words like the legal one, but for one field, or a bit that no field has. */
static uint32_t illegal_mode(const bench_t *bench, uint32_t legal, size_t i)
{
    const uint32_t other_a = legal & ~0xfU;
    const uint32_t other_b = legal & ~0xf0U;
    const uint32_t widths[ILLEGAL_MODES] = {0,
                                            other_a,
                                            other_a | 1U,
                                            other_b | 0x90U,
                                            legal | 1U << 31U,
                                            legal | 1U << (pcs_kind_is_integer(bench->array.kind) ? 12U : 16U)};
    const uint32_t formats[ILLEGAL_MODES] = {other_a | 10U,   other_a | 13U,     other_b | 0xa0U,
                                             other_b | 0xd0U, legal | 1U << 31U, legal | 1U << 16U};
    return pcs_kind_arith(bench->array.kind) == PCS_ARITH_FLOAT ? formats[i] : widths[i];
}

static void test_illegal_loads(bench_t *bench)
{
    const uint32_t legal = bench->in.mode;
    const struct {
        uint32_t mode;
        unsigned row, cols;
    } bad[] = {
        {illegal_mode(bench, legal, 0), 0, 1},
        {illegal_mode(bench, legal, 3), 0, 1},
        {illegal_mode(bench, legal, 5), 0, 1},
        {legal, bench->array.rows, 1},
        {legal, 255, 1},
        {legal, 0, 0},
        {legal, 0, bench->array.cols + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bench->in.load_mode = bad[i].mode;
        bench->in.load_row = (uint8_t)bad[i].row;
        bench->in.load_cols = (uint8_t)bad[i].cols;
        refuse(bench, false, true, "load", i);
        refuse(bench, true, true, "load of a streaming step", i);
    }
    refuse(bench, false, false, "neither", 0);
}

/* Illegal steps are refused, set the error, and change nothing; a legal one still works. */
static void test_illegal(bench_t *bench)
{
    set_mode(bench, 8, 8);
    const uint32_t legal = bench->in.mode;
    const struct {
        uint32_t mode;
        unsigned rows, cols;
    } bad[] = {
        {illegal_mode(bench, legal, 0), 1, 1},
        {illegal_mode(bench, legal, 1), 1, 1},
        {illegal_mode(bench, legal, 2), 1, 1},
        {illegal_mode(bench, legal, 3), 1, 1},
        {illegal_mode(bench, legal, 4), 1, 1},
        {illegal_mode(bench, legal, 5), 1, 1},
        {legal, 0, 1},
        {legal, bench->array.rows + 1, 1},
        {legal, 1, 0},
        {legal, 1, bench->array.cols + 1},
        {legal, 255, 255},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bench->in.mode = bad[i].mode;
        bench->in.rows = (uint8_t)bad[i].rows;
        bench->in.cols = (uint8_t)bad[i].cols;
        refuse(bench, true, false, "step", i);
    }
    set_mode(bench, 8, 8);
    if (stationary(bench)) {
        test_illegal_loads(bench);
    }
    set_mode(bench, 8, 8);
    load_rows(bench, 0);
    (void)CHECK(offer(bench, true, true), "a legal step after all that");
    drain(bench);
}

/* Reset in mid-tile: all registers and counters are zero, and the next tile is right. */
static void test_reset(bench_t *bench)
{
    set_mode(bench, 6, 7);
    load_rows(bench, 0);
    for (unsigned step = 0; step < 20; step++) {
        (void)offer(bench, step == 0, false);
    }
    bench->dev->ops->reset(bench->dev);
    memset(bench->image, 0, bench->image_bytes);
    (void)CHECK(unchanged(bench), "registers are zero after reset");
    for (unsigned id = 0; id < PCS_EVENT_COUNT; id++) {
        (void)CHECK_EQ(event(bench, (pcs_event_t)id), 0, "counter %s after reset", pcs_events[id].name);
    }
    test_latency(bench, 2, 8);
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_rtl_options_t options;
    bench_t bench = {0};
    device_options(argc, argv, &bench.array, &options);
    bench.in.a = bench.a;
    bench.in.b = bench.b;
    bench.image_bytes = (size_t)bench.array.rows * bench.array.cols * PCS_PROBE_WORDS * sizeof *bench.image;
    bench.image = malloc(bench.image_bytes);
    if (bench.image == NULL) {
        return 1;
    }
    for (uint64_t seed = 1; seed <= 2; seed++) { /* of the power-up values */
        options.seed = seed;
        CHECK_OK(pcs_rtl_create(&bench.array, &options, &bench.dev, &err), &err);
        for (unsigned bits = PCS_PREC_MIN; bits <= PCS_PREC_MAX; bits++) {
            test_latency(&bench, bits, PCS_PREC_MAX + PCS_PREC_MIN - bits);
        }
        if (stationary(&bench)) {
            test_tiles(&bench);
        } else {
            test_segments(&bench);
        }
        test_freeze(&bench);
        test_illegal(&bench);
        test_reset(&bench);
        pcs_array_dev_destroy(bench.dev);
    }
    free(bench.image);
    return check_done("rtl.control");
}
