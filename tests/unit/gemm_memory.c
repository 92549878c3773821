/* The memory model: a tiling worked out by hand, the traffic of every chosen tiling against a walk through its blocks,
   and what must hold for all: a boundless memory changes nothing, more memory never costs more, the array's own counts
   stay.  --inject walks with one block more of n. */
#include "models/gemm/memory.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"

enum { PARTIAL_BITS = 64, RESULT_BITS = 32 };

typedef struct problem {
    pcs_gemm_t gemm;
    pcs_array_config_t array;
    pcs_plan_t plan; /* as pcs_gemm_plan has it */
} problem_t;

static problem_t make(size_t m, size_t n, size_t k, unsigned pa, unsigned pb, unsigned rows, unsigned cols,
                      size_t segment)
{
    static const float scale = 1;
    const pcs_affine_t affine = {.grain = PCS_GRAIN_TENSOR, .scale = &scale};
    problem_t p = {
        .gemm = {.m = m,
                 .n = n,
                 .k = k,
                 .a = {.bits = pa, .ld = k, .affine = affine},
                 .b = {.bits = pb, .ld = n, .affine = affine},
                 .segment = segment < k ? segment : k,
                 .acc_bits = 32},
        .array = {.rows = rows, .cols = cols, .kind = PCS_KIND_GATED, .acc_bits = 32, .digit = 1},
    };
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_gemm_plan(&p.gemm, &p.array, PCS_SERIAL_NARROWER, &p.plan, &err), &err);
    return p;
}

static pcs_tiling_t apply(const problem_t *p, const pcs_memory_t *memory, pcs_plan_t *plan)
{
    pcs_tiling_t tiling;
    *plan = p->plan;
    pcs_memory_apply(memory, &p->gemm, &p->array, plan, &tiling);
    return tiling;
}

/* ---- by hand ----------------------------------------------------------------------------------------------------- */

/* (256, 64)(64, 128) at 8/8 bits on 16 x 16.  A is 16 KB, B 8 KB.  Buffers of 4 KB (scratchpads of 8 KB in two halves)
   hold 64 rows of A and 64 columns of B.  Innermost n: A once, B four times = 48 KB.  Innermost m: B once, A twice =
   40 KB: chosen.  Results: 128 KB. */
static void by_hand(void)
{
    const problem_t p = make(256, 128, 64, 8, 8, 16, 16, 0);
    const pcs_memory_t memory = {.a_bytes = 8192, .b_bytes = 8192, .y_bytes = 8192, .dram_bytes = 16};
    pcs_plan_t plan;
    const pcs_tiling_t tiling = apply(&p, &memory, &plan);
    CHECK(tiling.innermost == PCS_LOOP_M && tiling.nb == 64 && tiling.kb == 64, "block of %u columns, innermost %s",
          (unsigned)tiling.nb, pcs_loop_name(tiling.innermost));
    CHECK(!tiling.a_streams && !tiling.b_streams && !tiling.y_spills, "both operands fit");
    CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_READ], 8 * (2 * 256 * 64 + 64 * 128), "bits fetched");
    CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_WRITE], 32 * 256 * 128, "bits stored");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_WRITE], 8 * (2 * 256 * 64 + 64 * 128) + 32 * 256 * 128, "scratchpad writes");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_A_WRITE], 8 * 2 * 256 * 64, "of them, A's");
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_B_WRITE], 8 * 64 * 128, "of them, B's");
    CHECK_EQ(tiling.dram_clocks, (2 * 256 * 64 + 64 * 128 + 4 * 256 * 128) / 16, "clocks of the DRAM");
    /* 10752 clocks of the DRAM against 16 x 8 tiles of 64 steps, 8192, and fill and drain. */
    CHECK(tiling.bound == PCS_BOUND_DRAM && tiling.array_clocks == p.plan.counts.n[PCS_EVENT_CYCLE], "DRAM limits");
    const uint64_t first = (tiling.mb * 64 + 64 * 64) / 16;
    const uint64_t last = 4 * tiling.mb * tiling.nb / 16;
    CHECK_EQ(tiling.clocks, tiling.dram_clocks + first + last, "the first fetch and the last store are not hidden");
    CHECK_EQ(plan.counts.n[PCS_EVENT_CYCLE], tiling.clocks, "clocks of the plan");

    pcs_memory_t single = memory;
    single.single = true; /* 8 KB: all of B stays */
    const pcs_tiling_t whole = apply(&p, &single, &plan);
    CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_READ], 8 * (256 * 64 + 64 * 128), "one buffer of twice the size");
    CHECK_EQ(whole.clocks, whole.array_clocks + whole.dram_clocks, "one buffer hides nothing");

    /* 512 bytes: not even one tile's 16 x 64 codes fit half of it, so both stream, for each of 16 x 8 tiles. */
    const pcs_memory_t tiny = {.a_bytes = 512, .b_bytes = 512, .y_bytes = 512};
    const pcs_tiling_t stream = apply(&p, &tiny, &plan);
    CHECK(stream.a_streams && stream.b_streams, "both operands stream");
    CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_READ], 8 * (8 * 256 * 64 + 16 * 64 * 128), "bits fetched tile by tile");

    /* A port of 8 bytes takes two clocks for the 16 codes of a step. */
    const pcs_memory_t port = {.sram_bytes = 8};
    const pcs_tiling_t slow = apply(&p, &port, &plan);
    CHECK_EQ(slow.sram_clocks, 2 * 64 * 16 * 8, "clocks of the port");
    CHECK(slow.bound == PCS_BOUND_SRAM && slow.clocks == slow.sram_clocks, "the port limits");

    /* A byte a code, whatever its bits. */
    const problem_t narrow = make(256, 128, 64, 3, 2, 16, 16, 0);
    const pcs_memory_t bytes = {.unpacked = true};
    (void)apply(&narrow, &bytes, &plan);
    CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_READ], 8 * (256 * 64 + 64 * 128), "a byte a code");
}

/* ---- a walk through the blocks -------------------------------------------------------------------------------------
 */

/* One buffer that remembers what it holds; a block that is not there is fetched. */
typedef struct buffer {
    bool full;
    uint64_t i, j, bits;
} buffer_t;

static bool want(buffer_t *buffer, uint64_t i, uint64_t j, uint64_t codes, uint64_t bits)
{
    const bool there = buffer->full && buffer->i == i && buffer->j == j;
    buffer->bits += there ? 0 : codes * bits;
    *buffer = (buffer_t){true, i, j, buffer->bits};
    return there;
}

static uint64_t parts(uint64_t size, uint64_t part)
{
    return (size + part - 1) / part;
}

static uint64_t size_of(uint64_t whole, uint64_t part, uint64_t index)
{
    return index < whole / part ? part : whole - index * part;
}

/* Bits read of a dense GEMM whose operands both fit, and whose sums do: walks the blocks in the tiling's order. */
static void walk(const problem_t *p, const pcs_tiling_t *t, bool inject, uint64_t *read, uint64_t *written)
{
    const uint64_t tm = parts(p->gemm.m, t->mb);
    const uint64_t tn = parts(p->gemm.n, t->nb) + (inject ? 1 : 0);
    const uint64_t tk = parts(p->gemm.k, t->kb);
    const uint64_t inner = t->innermost == PCS_LOOP_M ? tm : t->innermost == PCS_LOOP_N ? tn : tk;
    const uint64_t middle = t->innermost == PCS_LOOP_N ? tk : tn;
    const uint64_t outer = t->innermost == PCS_LOOP_M ? tk : tm;
    buffer_t a = {0};
    buffer_t b = {0};
    buffer_t y = {0};
    *read = *written = 0;
    for (uint64_t o = 0; o < outer; o++) {
        for (uint64_t c = 0; c < middle; c++) {
            for (uint64_t i = 0; i < inner; i++) {
                const uint64_t m = t->innermost == PCS_LOOP_M ? i : o;
                const uint64_t n = t->innermost == PCS_LOOP_N ? i : c;
                const uint64_t k = t->innermost == PCS_LOOP_K ? i : t->innermost == PCS_LOOP_M ? o : c;
                const uint64_t ms = size_of(p->gemm.m, t->mb, m);
                const uint64_t ns = size_of(p->gemm.n, t->nb, n);
                const uint64_t ks = size_of(p->gemm.k, t->kb, k);
                (void)want(&a, m, k, ms * ks, p->gemm.a.bits);
                (void)want(&b, k, n, ks * ns, p->gemm.b.bits);
                const bool there = want(&y, m, n, 0, 0);
                *read += !there && k > 0 ? ms * ns * PARTIAL_BITS : 0;
                /* The sums leave when the next block is another one of Y. */
                const bool last = k + 1 == tk;
                const bool stays = t->innermost == PCS_LOOP_K || tk == 1;
                *written += last ? ms * ns * RESULT_BITS : stays ? 0 : ms * ns * PARTIAL_BITS;
            }
        }
    }
    *read += a.bits + b.bits;
}

/* Any kind and dataflow; a plan's segments are then the planner's. */
static problem_t any_problem(check_rng_t *rng)
{
    problem_t p =
        make((size_t)check_range(rng, 1, 90), (size_t)check_range(rng, 1, 90), (size_t)check_range(rng, 1, 90),
             (unsigned)check_range(rng, 2, 8), (unsigned)check_range(rng, 2, 8), (unsigned)check_range(rng, 1, 9),
             (unsigned)check_range(rng, 1, 9), (size_t)check_range(rng, 0, 1) * 7);
    if (check_range(rng, 0, 1) == 1) {
        pcs_error_t err = {{0}};
        p.gemm.segment = 0;
        p.array.kind = pcs_integer_kind((unsigned)check_range(rng, 0, (int64_t)pcs_integer_kinds() - 1));
        p.array.dataflow = (pcs_dataflow_t)check_range(rng, 0, PCS_DATAFLOW_COUNT - 1);
        CHECK_OK(pcs_gemm_plan(&p.gemm, &p.array, PCS_SERIAL_NARROWER, &p.plan, &err), &err);
    }
    return p;
}

/* Codes that enter the array by the plan's own count. */
static void edge(const problem_t *p)
{
    const pcs_memory_t port = {.sram_bytes = 1.0 / 8, .unpacked = false};
    pcs_plan_t plan;
    const pcs_tiling_t t = apply(p, &port, &plan);
    CHECK(t.sram_clocks <= p->plan.system[PCS_SYSTEM_SRAM_READ] &&
              2 * t.sram_clocks >= p->plan.system[PCS_SYSTEM_SRAM_READ],
          "a port of one bit needs %u clocks for the slower operand of %u bits", (unsigned)t.sram_clocks,
          (unsigned)p->plan.system[PCS_SYSTEM_SRAM_READ]);
}

static void walks(check_rng_t *rng, bool inject)
{
    for (int i = 0; i < 600; i++) {
        const problem_t p = any_problem(rng);
        edge(&p);
        const pcs_memory_t memory = {.a_bytes = (uint64_t)check_range(rng, 64, 4000),
                                     .b_bytes = (uint64_t)check_range(rng, 64, 4000),
                                     .y_bytes = (uint64_t)check_range(rng, 64, 20000),
                                     .dram_bytes = (double)check_range(rng, 0, 4),
                                     .single = check_range(rng, 0, 1) == 1,
                                     .goal = (pcs_memory_goal_t)check_range(rng, 0, 1)};
        pcs_plan_t plan;
        const pcs_tiling_t t = apply(&p, &memory, &plan);
        if (t.a_streams || t.b_streams || t.y_spills) {
            continue;
        }
        uint64_t read = 0;
        uint64_t written = 0;
        walk(&p, &t, inject, &read, &written);
        CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_READ], read, "blocks %ux%ux%u of %zux%zux%zu, innermost %s: read",
                 (unsigned)t.mb, (unsigned)t.nb, (unsigned)t.kb, p.gemm.m, p.gemm.n, p.gemm.k,
                 pcs_loop_name(t.innermost));
        CHECK_EQ(plan.system[PCS_SYSTEM_DRAM_WRITE], written, "written");
        /* What the tiling says must fit, fits. */
        const double half = memory.single ? 8 : 4;
        CHECK((double)(t.mb * t.kb * p.gemm.a.bits) <= half * (double)memory.a_bytes, "A fits");
        CHECK((double)(t.kb * t.nb * p.gemm.b.bits) <= half * (double)memory.b_bytes, "B fits");
    }
}

/* ---- for all -------------------------------------------------------------------------------------------------------
 */

/* The patches of a 3 x 3 convolution over h x w images, padding 1. */
static void convolution(problem_t *p, pcs_patch_t *patch, bool transposed, uint32_t batch, uint32_t size,
                        uint32_t channels)
{
    static const int32_t dy[] = {0, 0, 0, 1, 1, 1, 2, 2, 2};
    static const int32_t dx[] = {0, 1, 2, 0, 1, 2, 0, 1, 2};
    *patch = (pcs_patch_t){.batch = batch,
                           .height = size,
                           .width = size,
                           .src_channels = channels,
                           .channels = channels,
                           .out_h = size,
                           .out_w = size,
                           .origin_y = -1,
                           .origin_x = -1,
                           .stride_y = 1,
                           .stride_x = 1,
                           .taps = 9,
                           .dy = dy,
                           .dx = dx};
    const size_t positions = (size_t)batch * size * size;
    *p = transposed ? make(9U * channels, 16, positions, 8, 8, 8, 8, 0)
                    : make(positions, 16, 9U * channels, 8, 8, 8, 8, 0);
    p->gemm.a.patch = patch;
    p->gemm.a.transposed = transposed;
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_gemm_plan(&p->gemm, &p->array, PCS_SERIAL_NARROWER, &p->plan, &err), &err);
}

static void properties(const problem_t *p, const char *what)
{
    pcs_plan_t plan;
    const pcs_memory_t boundless = {0};
    (void)apply(p, &boundless, &plan);
    const pcs_memory_t bytes = {.unpacked = true};
    pcs_plan_t plan8;
    (void)apply(p, &bytes, &plan8);
    const uint64_t a = (uint64_t)p->gemm.m * p->gemm.k * ((p->gemm.n + p->array.cols - 1U) / p->array.cols);
    const uint64_t b = (uint64_t)p->gemm.k * p->gemm.n * ((p->gemm.m + p->array.rows - 1U) / p->array.rows);
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_READ], a * p->gemm.a.bits + b * p->gemm.b.bits, "%s: codes at the edge", what);
    CHECK_EQ(plan8.system[PCS_SYSTEM_SRAM_READ], 8 * (a + b), "%s: bytes at the edge", what);
    CHECK_EQ(plan.system[PCS_SYSTEM_SRAM_A_READ], a * p->gemm.a.bits, "%s: codes of A at the edge", what);
    CHECK_EQ(plan8.system[PCS_SYSTEM_SRAM_A_READ], 8 * a, "%s: bytes of A at the edge", what);
    CHECK(memcmp(&plan.counts, &p->plan.counts, sizeof plan.counts) == 0 &&
              memcmp(plan.system, p->plan.system, sizeof plan.system) == 0,
          "%s: a boundless memory changes nothing", what);
    uint64_t before[PCS_MEMORY_GOAL_COUNT] = {UINT64_MAX, UINT64_MAX};
    for (uint64_t kb = 1; kb <= 4096; kb *= 2) {
        for (int goal = 0; goal < PCS_MEMORY_GOAL_COUNT; goal++) {
            const pcs_memory_t memory = {.a_bytes = kb * 1024,
                                         .b_bytes = kb * 1024,
                                         .y_bytes = kb * 1024,
                                         .dram_bytes = 8,
                                         .goal = (pcs_memory_goal_t)goal};
            const pcs_tiling_t t = apply(p, &memory, &plan);
            const uint64_t bits = plan.system[PCS_SYSTEM_DRAM_READ] + plan.system[PCS_SYSTEM_DRAM_WRITE];
            const uint64_t worth = goal == PCS_MEMORY_TIME ? t.clocks : bits;
            CHECK(worth <= before[goal], "%s: %u KB cost more than half of it", what, (unsigned)kb);
            before[goal] = worth;
            CHECK(plan.system[PCS_SYSTEM_DRAM_READ] >= p->plan.system[PCS_SYSTEM_DRAM_READ], "%s: least traffic", what);
            CHECK(t.clocks >= t.array_clocks && t.clocks >= t.dram_clocks, "%s: waiting", what);
            for (int i = 0; i < PCS_EVENT_COUNT; i++) {
                CHECK(i == PCS_EVENT_CYCLE || plan.counts.n[i] == p->plan.counts.n[i], "%s: event %s", what,
                      pcs_events[i].name);
            }
        }
    }
    CHECK_EQ(before[PCS_MEMORY_ENERGY], p->plan.system[PCS_SYSTEM_DRAM_READ] + p->plan.system[PCS_SYSTEM_DRAM_WRITE],
             "%s: 4 MB hold all of it", what);
}

int main(int argc, char **argv)
{
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    check_rng_t rng = {check_seed(argc, argv, 11), 0};
    by_hand();
    walks(&rng, inject);
    for (int i = 0; i < 20; i++) {
        const problem_t p = make((size_t)check_range(&rng, 1, 700), (size_t)check_range(&rng, 1, 300),
                                 (size_t)check_range(&rng, 1, 900), 8, 4, 16, 16, (size_t)check_range(&rng, 0, 1) * 64);
        properties(&p, "dense");
    }
    for (uint32_t batch = 1; batch <= 3; batch++) {
        for (uint32_t size = 4; size <= 13; size += 3) {
            problem_t p;
            pcs_patch_t patch;
            convolution(&p, &patch, false, batch, size, 5);
            properties(&p, "forward");
            convolution(&p, &patch, true, batch, size, 5);
            properties(&p, "wgrad");
        }
    }
    return check_done("memory");
}
