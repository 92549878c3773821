#include "energy/gates/bench.h"

#include <stdio.h>
#include <string.h>

#include "models/mac/aligned.h"
#include "models/mac/mac.h"

enum {
    SIDE = PCS_TRACE_SIDE,
    PES = SIDE * SIDE,
    FLAGS_A =
        19,     /* of a token of A: valid, first, last, mode; over the word; one more (start) with stationary weights */
    ROWS_B = 8, /* of a token of B with stationary weights: how many rows it has yet to pass; over the word */
    EVENTS = 8,
    WEIGHTS_FIRST = 2 * SIDE, /* clocks before the first step, in which the first weights come */
    SEGMENT_LEAST = 2 * SIDE, /* steps of a segment: two drains must not meet */
    WIDTH_MAX = 256
};
#define LEFT_COLUMN UINT64_C(0x0101010101010101)
#define TOP_ROW UINT64_C(0xff)

/* Vectors of the netlist's ports and registers. */
typedef struct ports {
    uint32_t en, drain_shift, drain_pop;
    uint32_t a_i[WIDTH_MAX], a_o[WIDTH_MAX], b_i[WIDTH_MAX], b_o[WIDTH_MAX], drain_i[WIDTH_MAX], drain_o[WIDTH_MAX];
    uint32_t acc[WIDTH_MAX], events[EVENTS];
    size_t a, b, drain, accs; /* widths */
} ports_t;

/* An accumulator as it is expected. */
typedef struct sum {
    int64_t value;
    unsigned flags;
} sum_t;

typedef struct bench {
    const pcs_array_config_t *array;
    const pcs_trace_t *trace;
    pcs_mac_step_t step;
    unsigned steps, segment;   /* of the trace; of a segment */
    unsigned word_bits, lanes; /* lanes that have an accumulator of their own, else 1 */
    bool fault, stationary;
    unsigned start; /* clock of the first step */
    ports_t ports;
    pcs_simulation_t *simulation;
    pcs_bench_counts_t *counts;
    uint32_t edge_a[SIDE], edge_b[SIDE], edge_rows[SIDE]; /* words at the array's edge: they stay until the next */
    unsigned flag_bits;                                   /* of an accumulator */
    sum_t acc[PES][PCS_ACCS_MAX], captured[PES][PCS_ACCS_MAX];
    unsigned written[PES]; /* steps */
} bench_t;

static pcs_status_t find_ports(bench_t *bench, pcs_error_t *err)
{
    const pcs_netlist_t *netlist = bench->simulation->netlist;
    ports_t *p = &bench->ports;
    p->a = pcs_netlist_vector(netlist, "a_i", p->a_i, WIDTH_MAX);
    p->b = pcs_netlist_vector(netlist, "b_i", p->b_i, WIDTH_MAX);
    p->drain = pcs_netlist_vector(netlist, "drain_i", p->drain_i, WIDTH_MAX);
    p->accs = pcs_netlist_vector(netlist, "acc_q", p->acc, WIDTH_MAX);
    const unsigned accs = bench->lanes;
    const bool good =
        p->a == FLAGS_A + (bench->stationary ? 1U : 0U) + bench->word_bits &&
        p->b == 1 + (bench->stationary ? ROWS_B : 0U) + bench->word_bits &&
        p->drain == (bench->stationary ? 0U : 1U) + accs * (bench->array->acc_bits + bench->flag_bits) &&
        p->accs == accs * bench->array->acc_bits && pcs_netlist_vector(netlist, "a_o", p->a_o, WIDTH_MAX) == p->a &&
        pcs_netlist_vector(netlist, "b_o", p->b_o, WIDTH_MAX) == p->b &&
        pcs_netlist_vector(netlist, "drain_o", p->drain_o, p->drain) == p->drain && /* all of it but a constant valid */
        pcs_netlist_vector(netlist, "events_o", p->events, EVENTS) == EVENTS &&
        pcs_netlist_net(netlist, "en_i", &p->en) &&
        (bench->stationary || (pcs_netlist_net(netlist, "drain_shift_i", &p->drain_shift) &&
                               pcs_netlist_net(netlist, "drain_pop_i", &p->drain_pop)));
    return good ? PCS_OK
                : pcs_fail(
                      err, PCS_INVALID,
                      "the netlist is no pcs_pe of kind %s with %u-bit accumulators: a_i %zu, b_i %zu, drain_i %zu, "
                      "acc_q %zu bits",
                      pcs_kinds[bench->array->kind].name, bench->array->acc_bits, p->a, p->b, p->drain, p->accs);
}

/* ---- inputs ---- */

/* Step that enters row or column `i` of the edge in clock t, or -1. */
static int step_at(const bench_t *bench, unsigned t, unsigned i)
{
    const unsigned m = bench->step.cycles;
    const unsigned first = bench->start + i;
    return t >= first && (t - first) % m == 0 && (t - first) / m < bench->steps ? (int)((t - first) / m) : -1;
}

static uint32_t operand(const bench_t *bench, unsigned step, unsigned field, unsigned shift,
                        const uint16_t codes[][PCS_TRACE_SIDE], unsigned i)
{
    uint16_t of_lanes[PCS_LANES_MAX];
    for (unsigned lane = 0; lane < bench->step.lanes; lane++) {
        of_lanes[lane] = codes[step * bench->step.lanes + lane][i];
    }
    return pcs_word_pack(&bench->step, field, of_lanes, 1, bench->step.lanes) << shift;
}

static void set_vector(bench_t *bench, const uint32_t *nets, size_t bits, const uint64_t *value)
{
    for (size_t bit = 0; bit < bits; bit++) {
        pcs_simulation_set(bench->simulation, nets[bit], value[bit]);
    }
}

/* Bit `bit` of `word` into copy `pe` of a sliced vector. */
static void put(uint64_t *sliced, unsigned pe, unsigned lsb, unsigned bits, uint32_t word)
{
    for (unsigned bit = 0; bit < bits; bit++) {
        sliced[lsb + bit] |= (uint64_t)((word >> bit) & 1U) << pe;
    }
}

static void drive_a(bench_t *bench, unsigned t)
{
    const ports_t *p = &bench->ports;
    uint64_t value[WIDTH_MAX] = {0};
    for (size_t bit = 0; bit < p->a; bit++) { /* from the left neighbour */
        value[bit] = (bench->simulation->value[p->a_o[bit]] << 1U) & ~LEFT_COLUMN;
    }
    for (unsigned row = 0; row < SIDE; row++) {
        const int step = step_at(bench, t, row);
        const unsigned pe = row * SIDE;
        if (step >= 0) {
            bench->edge_a[row] =
                operand(bench, (unsigned)step, bench->step.field_a, bench->step.shift_a, bench->trace->a, row);
            const bool opens = (unsigned)step % bench->segment == 0;
            const bool ends = ((unsigned)step + 1) % bench->segment == 0;
            const bool first = bench->stationary ? row == 0 : opens;
            const bool last = bench->stationary ? row == SIDE - 1 : ends;
            const uint32_t flags = (first ? 2U : 0U) | (last ? 1U : 0U);
            put(value, pe, bench->word_bits + 16U, 4, bench->stationary ? 8U | (opens ? 4U : 0U) | flags : 4U | flags);
        }
        put(value, pe, bench->word_bits, 16, pcs_mode_pack(&bench->trace->mode));
        put(value, pe, 0, bench->word_bits, bench->edge_a[row]);
    }
    set_vector(bench, p->a_i, p->a, value);
}

/* The row of weights, counted over all tiles, that enters column `col` in clock t, or -1: those of a tile come while
   the tile before it starts, lowest row first, so that all stop at the same clock. */
static int weights_at(const bench_t *bench, unsigned t, unsigned col)
{
    const unsigned tiles = bench->steps / bench->segment;
    for (unsigned tile = 0; tile < tiles; tile++) {
        const unsigned begin = col + (tile == 0 ? 0 : bench->start + (tile - 1) * bench->segment * bench->step.cycles);
        if (t >= begin && t < begin + SIDE) {
            return (int)(tile * SIDE + SIDE - 1 - (t - begin));
        }
    }
    return -1;
}

static void drive_b(bench_t *bench, unsigned t)
{
    const ports_t *p = &bench->ports;
    uint64_t value[WIDTH_MAX] = {0};
    for (size_t bit = 0; bit < p->b; bit++) { /* from above */
        value[bit] = bench->simulation->value[p->b_o[bit]] << SIDE;
    }
    for (unsigned col = 0; col < SIDE; col++) {
        const int step = bench->stationary ? weights_at(bench, t, col) : step_at(bench, t, col);
        if (step >= 0) {
            bench->edge_b[col] =
                operand(bench, (unsigned)step, bench->step.field_b, bench->step.shift_b, bench->trace->b, col);
            bench->edge_rows[col] = (uint32_t)step % SIDE;
            put(value, col, (unsigned)p->b - 1U, 1, 1);
        }
        put(value, col, 0, bench->word_bits, bench->edge_b[col]);
        if (bench->stationary) {
            put(value, col, bench->word_bits, ROWS_B, bench->edge_rows[col]);
        }
    }
    set_vector(bench, p->b_i, p->b, value);
}

/* Rows of column `col` that have drained in clock t, 0..SIDE-1, or -1 while it does not drain: see pcs_drain. */
static int drained(const bench_t *bench, unsigned t, unsigned col)
{
    for (unsigned last = bench->segment - 1; !bench->stationary && last < bench->steps; last += bench->segment) {
        const unsigned start = (last + 1) * bench->step.cycles + SIDE + col;
        if (t >= start && t < start + SIDE) {
            return (int)(t - start);
        }
    }
    return -1;
}

static void drive_drain(bench_t *bench, unsigned t)
{
    const ports_t *p = &bench->ports;
    uint64_t shift = 0;
    uint64_t pop = 0;
    for (unsigned col = 0; col < SIDE; col++) {
        const int at = drained(bench, t, col);
        for (int row = at; at >= 0 && row < SIDE; row++) {
            *(row == at ? &pop : &shift) |= UINT64_C(1) << ((unsigned)row * SIDE + col);
        }
    }
    if (!bench->stationary) {
        pcs_simulation_set(bench->simulation, p->drain_shift, shift);
        pcs_simulation_set(bench->simulation, p->drain_pop, pop);
    }
    for (size_t bit = 0; bit < p->drain; bit++) { /* from above; nothing above row 0 */
        pcs_simulation_set(bench->simulation, p->drain_i[bit], bench->simulation->value[p->drain_o[bit]] << SIDE);
    }
}

/* ---- checks ---- */

static int64_t gather(const bench_t *bench, const uint32_t *nets, unsigned bits, unsigned pe)
{
    uint64_t word = 0;
    for (unsigned bit = 0; bit < bits; bit++) {
        word |= ((bench->simulation->value[nets[bit]] >> pe) & 1U) << bit;
    }
    const uint64_t sign = UINT64_C(1) << (bits - 1U);
    return (int64_t)((word ^ sign) - sign);
}

static void compare(bench_t *bench, const char *what, unsigned pe, int64_t observed, int64_t expected)
{
    bench->counts->checked++;
    if (observed != expected && bench->counts->differences++ == 0) {
        (void)snprintf(bench->counts->first, sizeof bench->counts->first, "PE (%u, %u), step %u: %s %lld expected %lld",
                       pe / SIDE, pe % SIDE, bench->written[pe], what, (long long)observed, (long long)expected);
    }
}

/* Integer kinds: the products of a step join the sums of their lanes. */
static void add_integers(bench_t *bench, unsigned pe, unsigned step, unsigned of_b)
{
    const pcs_trace_t *trace = bench->trace;
    const unsigned lanes = bench->step.lanes;
    const unsigned row = pe / SIDE;
    int64_t product[PCS_LANES_MAX];
    int64_t sum = 0;
    for (unsigned lane = 0; lane < lanes; lane++) {
        product[lane] = (int64_t)pcs_code_value(trace->a[step * lanes + lane][row], trace->mode.a_signed) *
                        pcs_code_value(trace->b[of_b * lanes + lane][pe % SIDE], trace->mode.b_signed);
        sum += product[lane];
    }
    sum += bench->fault && step == 0 && pe == 0 ? 1 : 0;
    for (unsigned i = 0; i < bench->lanes; i++) {
        sum_t *acc = &bench->acc[pe][i];
        const int64_t add = bench->lanes == 1 ? sum : i < lanes ? product[i] : 0;
        const pcs_acc_t before = {acc->value, acc->flags != 0};
        const pcs_acc_t after = pcs_acc_add(before, add, bench->array->acc_bits, trace->mode.saturate);
        *acc = (sum_t){after.value, after.overflow};
    }
}

/* Aligned kinds: by definition. */
static void add_aligned(bench_t *bench, unsigned pe, unsigned step, unsigned of_b)
{
    const pcs_trace_t *trace = bench->trace;
    sum_t *acc = &bench->acc[pe][0];
    pcs_float_mac_t mac = pcs_aligned_start(bench->array, &trace->mode);
    mac.acc = acc->value + (bench->fault && step == 0 && pe == 0 ? 1 : 0);
    mac.flags = acc->flags;
    pcs_aligned_step(bench->array->kind, &trace->mode, &mac, trace->a[step][pe / SIDE], trace->b[of_b][pe % SIDE]);
    *acc = (sum_t){(int64_t)mac.acc, mac.flags};
}

/* The step that PE `pe` writes at this edge, into its expected accumulators. */
static void expect_step(bench_t *bench, unsigned pe)
{
    const unsigned step = bench->written[pe];
    const unsigned row = pe / SIDE;
    const unsigned of_b = bench->stationary ? step / bench->segment * SIDE + row : step;
    const bool opens = bench->stationary ? row == 0 : step % bench->segment == 0;
    for (unsigned i = 0; i < bench->lanes; i++) {
        if (opens) {
            bench->acc[pe][i] = (sum_t){0};
        } else if (bench->stationary) {
            bench->acc[pe][i] = bench->acc[pe - SIDE][i];
        }
    }
    (pcs_kind_is_integer(bench->array->kind) ? add_integers : add_aligned)(bench, pe, step, of_b);
}

/* After the edge that ended the clock in which `events` happened. */
static void check_edge(bench_t *bench, const uint64_t events[EVENTS])
{
    const unsigned acc_bits = bench->array->acc_bits;
    enum { WRITE = 2, CAPTURE = 3 };
    for (unsigned pe = PES; pe-- > 0;) { /* from below: a sum goes on from the one above as that was before the edge */
        if (((events[WRITE] >> pe) & 1U) == 0) {
            continue;
        }
        if (bench->written[pe] == bench->steps) {
            compare(bench, "writes, one more than", pe, (int64_t)bench->steps + 1, bench->steps);
            continue;
        }
        expect_step(bench, pe);
        for (unsigned i = 0; i < bench->lanes; i++) {
            compare(bench, "accumulator", pe, gather(bench, bench->ports.acc + i * acc_bits, acc_bits, pe),
                    bench->acc[pe][i].value);
        }
        bench->written[pe]++;
        if (((events[CAPTURE] >> pe) & 1U) != 0) {
            memcpy(bench->captured[pe], bench->acc[pe], sizeof bench->captured[pe]);
            compare(bench, "captured after a step of its segment", pe, bench->written[pe] % bench->segment, 0);
        }
    }
}

/* What leaves the bottom row in this clock: {valid, flags, accumulator} each lane's. */
static void check_drain(bench_t *bench, unsigned t)
{
    const unsigned acc_bits = bench->array->acc_bits;
    const uint32_t *out = bench->ports.drain_o; /* from bit 0: for each accumulator its value, then its flags */
    for (unsigned col = 0; col < SIDE; col++) {
        const int at = drained(bench, t, col);
        if (at < 0) {
            continue;
        }
        const unsigned from = (SIDE - 1U - (unsigned)at) * SIDE + col;
        const unsigned pe = (SIDE - 1U) * SIDE + col;
        compare(bench, "drained valid", pe, (int64_t)(bench->simulation->value[out[bench->ports.drain - 1]] >> pe & 1U),
                1);
        for (unsigned i = 0; i < bench->lanes; i++) {
            const uint32_t *lane = out + i * (acc_bits + bench->flag_bits);
            compare(bench, "drained", pe, gather(bench, lane, acc_bits, pe), bench->captured[from][i].value);
            for (unsigned flag = 0; flag < bench->flag_bits; flag++) {
                compare(bench, "drained flag", pe,
                        (int64_t)(bench->simulation->value[lane[acc_bits + flag]] >> pe & 1U),
                        bench->captured[from][i].flags >> flag & 1U);
            }
        }
    }
}

static void count_events(const bench_t *bench, const uint64_t events[EVENTS])
{
    pcs_bench_counts_t *counts = bench->counts;
    uint64_t *const count[EVENTS] = {&counts->loads,  &counts->works,  &counts->writes, &counts->captures,
                                     &counts->drains, &counts->passes, &counts->stages, &counts->swaps};
    for (size_t i = 0; i < EVENTS; i++) {
        *count[i] += (unsigned)__builtin_popcountll(events[i]);
    }
}

/* ---- run ---- */

static void clock_once(bench_t *bench, unsigned t)
{
    pcs_simulation_t *simulation = bench->simulation;
    drive_a(bench, t);
    drive_b(bench, t);
    drive_drain(bench, t);
    pcs_simulation_settle(simulation);
    uint64_t events[EVENTS];
    for (size_t i = 0; i < EVENTS; i++) {
        events[i] = simulation->value[bench->ports.events[i]];
    }
    count_events(bench, events);
    check_drain(bench, t);
    pcs_simulation_edge(simulation);
    check_edge(bench, events);
}

static uint64_t all_toggles(const pcs_simulation_t *simulation)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < simulation->netlist->instances; i++) {
        sum += simulation->toggles[i];
    }
    return sum;
}

pcs_status_t pcs_bench_run(const pcs_array_config_t *array, const pcs_trace_t *trace, bool fault,
                           pcs_simulation_t *simulation, pcs_bench_counts_t *counts, uint64_t *idle_toggles,
                           pcs_error_t *err)
{
    const pcs_kind_row_t *kind = &pcs_kinds[array->kind];
    *counts = (pcs_bench_counts_t){0};
    bench_t bench = {.array = array, .trace = trace, .fault = fault, .simulation = simulation, .counts = counts};
    bench.step = pcs_mac_step(array, &trace->mode);
    bench.word_bits = kind->word_bits;
    bench.lanes = kind->accs;
    bench.flag_bits = pcs_ariths[kind->arith].acc_flags;
    bench.stationary = array->dataflow != PCS_DATAFLOW_OS;
    bench.start = bench.stationary ? WEIGHTS_FIRST : 0;
    bench.steps = trace->steps / bench.step.lanes;
    bench.segment = 64U / bench.step.lanes > SEGMENT_LEAST ? 64U / bench.step.lanes : SEGMENT_LEAST;
    const pcs_status_t status = find_ports(&bench, err);
    if (status != PCS_OK) {
        return status;
    }
    pcs_simulation_set(simulation, bench.ports.en, UINT64_MAX);
    const unsigned clocks = bench.start + bench.steps * bench.step.cycles + 4 * SIDE;
    for (unsigned t = 0; t < clocks; t++) {
        clock_once(&bench, t);
    }
    const uint64_t busy = all_toggles(simulation);
    for (unsigned t = clocks; t < clocks + PCS_BENCH_IDLE; t++) {
        clock_once(&bench, t);
    }
    *idle_toggles = all_toggles(simulation) - busy;
    counts->clocks = (uint64_t)clocks * PES;
    counts->macs = (uint64_t)PES * trace->steps;
    counts->cycles = bench.step.cycles;
    counts->lanes = bench.step.lanes;
    for (unsigned pe = 0; pe < PES; pe++) {
        compare(&bench, "steps written", pe, bench.written[pe], bench.steps);
    }
    const uint64_t steps = (uint64_t)PES * bench.steps;
    compare(&bench, "loads", 0, (int64_t)counts->loads, (int64_t)steps);
    compare(&bench, "multiplier clocks", 0, (int64_t)counts->works, (int64_t)(steps * bench.step.cycles));
    const uint64_t tiles = bench.stationary ? bench.steps / bench.segment : 0;
    compare(&bench, "weights staged", 0, (int64_t)counts->stages, (int64_t)(tiles * PES));
    compare(&bench, "weights taken", 0, (int64_t)counts->swaps, (int64_t)(tiles * PES));
    compare(&bench, "weights passed", 0, (int64_t)counts->passes, (int64_t)(tiles * PES * (SIDE - 1) / 2));
    return PCS_OK;
}
