/* The array's protocol on the Verilated RTL, checked against its text and not against the model: latencies to the
   clock, bubbles, freezing, refusal of illegal steps, reset in mid-tile, no register that depends on its power-up
   value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/mac/mac.h"
#include "sim/bridge/rtl.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

enum { CODES = PCS_ARRAY_MAX_DIM, PATIENCE = 2000 };

typedef struct bench {
    pcs_array_config_t array;
    pcs_array_dev_t *dev;
    pcs_array_in_t in;
    pcs_array_out_t out;
    uint8_t a[CODES], b[CODES];
    pcs_mode_t mode;
    size_t image_bytes;
    uint32_t *image;
} bench_t;

static void idle(bench_t *bench)
{
    bench->in.in_valid = false;
    bench->dev->ops->step(bench->dev, &bench->in, &bench->out);
}

/* Offers a step in one clock; returns whether it was accepted. */
static bool offer(bench_t *bench, bool first, bool last)
{
    bench->in.in_valid = true;
    bench->in.first = first;
    bench->in.last = last;
    bench->dev->ops->step(bench->dev, &bench->in, &bench->out);
    return bench->out.in_ready;
}

static void set_mode(bench_t *bench, unsigned pa, unsigned pb)
{
    bench->mode = (pcs_mode_t){.pa = (uint8_t)pa, .pb = (uint8_t)pb};
    bench->in.mode = pcs_mode_pack(&bench->mode);
    bench->in.rows = (uint8_t)bench->array.rows;
    bench->in.cols = (uint8_t)bench->array.cols;
    bench->in.out_ready = true;
    memset(bench->a, 1, sizeof bench->a);
    memset(bench->b, 3, sizeof bench->b);
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

/* Steps follow one another by exactly m clocks, and the last one's row 0 leaves exactly m + 2R + C - 2 clocks later. */
static void test_latency(bench_t *bench, unsigned pa, unsigned pb)
{
    set_mode(bench, pa, pb);
    const unsigned m = pcs_mac_step(&bench->array, &bench->mode).cycles;
    const unsigned rows = bench->array.rows;
    const unsigned transit = m + 2 * rows + bench->array.cols - 2;
    (void)CHECK(offer(bench, true, false), "an idle array takes a step");
    for (unsigned clock = 1; clock < m; clock++) {
        (void)CHECK(!offer(bench, false, true), "pa %u: clock %u of %u of a step", pa, clock, m);
    }
    (void)CHECK(offer(bench, false, true), "pa %u: a step every %u clocks", pa, m);
    for (unsigned clock = 1; clock <= transit; clock++) {
        idle(bench);
        const bool due = clock + rows > transit; /* rows leave in the last `rows` clocks, one a clock */
        (void)CHECK_EQ(bench->out.out_valid, due, "pa %u: row at clock %u of %u", pa, clock, transit);
        (void)CHECK_EQ(bench->out.out_last, clock == transit, "pa %u: row 0 at clock %u of %u", pa, clock, transit);
        (void)CHECK_EQ(bench->out.busy, 1, "pa %u: busy at clock %u of %u", pa, clock, transit);
        for (unsigned c = 0; due && c < bench->array.cols; c++) {
            (void)CHECK_EQ(bench->out.acc[c], 6, "two steps of 1 * 3 in column %u", c);
        }
    }
    idle(bench);
    (void)CHECK(!bench->out.busy && !bench->out.out_valid, "pa %u: idle after clock %u", pa, transit);
}

/* Segments of one step follow one another by max(m, R) clocks: the drain is the bound. */
static void test_segments(bench_t *bench)
{
    set_mode(bench, 4, 4);
    const unsigned m = pcs_mac_step(&bench->array, &bench->mode).cycles;
    const unsigned distance = m > bench->array.rows ? m : bench->array.rows;
    (void)CHECK(offer(bench, true, true), "first segment");
    for (unsigned segment = 1; segment < 4; segment++) {
        for (unsigned clock = 1; clock < distance; clock++) {
            (void)CHECK(!offer(bench, true, true), "segment %u at clock %u of %u", segment, clock, distance);
        }
        (void)CHECK(offer(bench, true, true), "segment %u after %u clocks", segment, distance);
    }
    while (bench->out.busy) {
        idle(bench);
    }
}

/* While a row waits nothing moves but the counters of clocks and stalls; the payload is stable. */
static void test_freeze(bench_t *bench)
{
    set_mode(bench, 3, 5);
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
        (void)CHECK(bench->out.out_valid && bench->out.acc[0] == acc, "the row waits, unchanged");
        (void)CHECK(unchanged(bench), "no register moves");
    }
    (void)CHECK_EQ(event(bench, PCS_EVENT_CYCLE), cycles + 10, "clocks count");
    (void)CHECK_EQ(event(bench, PCS_EVENT_STALL), stalls + 10, "stalls count");
    (void)CHECK_EQ(event(bench, PCS_EVENT_DRAIN), drains, "nothing else counts");
    bench->in.out_ready = true;
    do {
        idle(bench);
    } while (bench->out.busy);
}

/* Illegal first steps are refused, set the error, and change nothing; a legal one still works. */
static void test_illegal(bench_t *bench)
{
    set_mode(bench, 8, 8);
    const uint32_t legal = bench->in.mode;
    const struct {
        uint32_t mode;
        unsigned rows, cols;
    } bad[] = {
        {0, 1, 1},
        {legal & ~0xfU, 1, 1},
        {(legal & ~0xfU) | 1U, 1, 1},
        {(legal & ~0xf0U) | 0x90U, 1, 1},
        {legal | 1U << 12U, 1, 1},
        {legal | 1U << 31U, 1, 1},
        {legal, 0, 1},
        {legal, bench->array.rows + 1, 1},
        {legal, 1, 0},
        {legal, 1, bench->array.cols + 1},
        {legal, 255, 255},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        remember(bench);
        bench->in.mode = bad[i].mode;
        bench->in.rows = (uint8_t)bad[i].rows;
        bench->in.cols = (uint8_t)bad[i].cols;
        const uint64_t steps = event(bench, PCS_EVENT_STEP);
        (void)CHECK(!offer(bench, true, true), "case %zu refused", i);
        idle(bench);
        (void)CHECK(bench->out.error, "case %zu sets the error", i);
        (void)CHECK_EQ(bench->dev->ops->csr(bench->dev, PCS_CSR_STATUS), 1, "case %zu: status register", i);
        (void)CHECK(unchanged(bench) && !bench->out.busy, "case %zu changes nothing", i);
        (void)CHECK_EQ(event(bench, PCS_EVENT_STEP), steps, "case %zu counts nothing", i);
        bench->in.clear = true;
        idle(bench);
        bench->in.clear = false;
        idle(bench);
        (void)CHECK(!bench->out.error, "case %zu: cleared", i);
    }
    set_mode(bench, 8, 8);
    (void)CHECK(offer(bench, true, true), "a legal step after all that");
    while (bench->out.busy || bench->in.in_valid) {
        idle(bench);
    }
}

/* Reset in mid-tile: all registers and counters are zero, and the next tile is right. */
static void test_reset(bench_t *bench)
{
    set_mode(bench, 6, 7);
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
        test_segments(&bench);
        test_freeze(&bench);
        test_illegal(&bench);
        test_reset(&bench);
        pcs_array_dev_destroy(bench.dev);
    }
    free(bench.image);
    return check_done("rtl.control");
}
