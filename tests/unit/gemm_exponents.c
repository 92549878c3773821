/* Shared exponents of the kind bfp in a plan: one worked out by hand, and the closed forms against a walk over every
   row, column and step of dense operands and of patches, in every dataflow and around a memory.  --inject walks with
   blocks that are one code longer. */
#include <string.h>

#include "models/gemm/exponents.h"
#include "models/gemm/memory.h"
#include "tests/support/check.h"

enum { MANTISSA = 4, EXPONENT = 8, TAPS_MAX = 9 };

typedef struct problem {
    pcs_gemm_t gemm;
    pcs_patch_t patch;
    int32_t dy[TAPS_MAX], dx[TAPS_MAX];
    pcs_array_config_t array;
    pcs_plan_t plan;
} problem_t;

static void plan(problem_t *p)
{
    const pcs_mode_t mode = {.pa = MANTISSA, .pb = MANTISSA};
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_gemm_plan_aligned(&p->gemm, &p->array, &mode, &p->plan, &err), &err);
}

/* ---- by hand ----------------------------------------------------------------------------------------------------- */

/* (3, 20)(20, 5) on 2 x 2 PEs, 20 codes in blocks of 8: 8, 8 and 4. */
static void by_hand(void)
{
    problem_t p = {.gemm = {.m = 3,
                            .n = 5,
                            .k = 20,
                            .a = {.bits = MANTISSA, .ld = 20},
                            .b = {.bits = MANTISSA, .ld = 5},
                            .acc_bits = 48,
                            .block = 8,
                            .block_bits = EXPONENT},
                   .array = {.rows = 2, .cols = 2, .kind = PCS_KIND_BFP, .acc_bits = 48, .digit = 1}};
    plan(&p);
    const uint64_t a = 3 * (20 * MANTISSA + 3 * EXPONENT);
    const uint64_t b = 5 * (20 * MANTISSA + 3 * EXPONENT);
    CHECK_EQ(p.plan.system[PCS_SYSTEM_DRAM_READ], a + b, "bits fetched");
    CHECK_EQ(p.plan.system[PCS_SYSTEM_SRAM_A_WRITE], a, "of them, A's");
    CHECK_EQ(p.plan.system[PCS_SYSTEM_SRAM_READ], 3 * a + 2 * b, "A passes three columns of tiles, B two rows");
    p.array.dataflow = PCS_DATAFLOW_WS;
    p.array.rows = 5; /* folds of steps 0-4, 5-9, 10-14, 15-19 touch 1, 2, 1 and 2 blocks */
    plan(&p);
    CHECK_EQ(p.plan.system[PCS_SYSTEM_SRAM_READ],
             3 * 3 * (20 * MANTISSA + 6 * EXPONENT) + 5 * (20 * MANTISSA + 6 * EXPONENT), "blocks that folds cut");
    p.gemm.block = 0;
    plan(&p);
    CHECK_EQ(p.plan.system[PCS_SYSTEM_SRAM_READ], (3 * 3 + 5) * 20 * MANTISSA, "mantissas alone");
}

/* ---- a walk --------------------------------------------------------------------------------------------------------
 */

/* Where the block of a code begins in its source, as one number. */
static int64_t block_of(const problem_t *p, bool of_a, uint64_t line, uint64_t k, int64_t size)
{
    const pcs_patch_t *patch = p->gemm.a.patch;
    if (!of_a || patch == NULL) {
        return (int64_t)k / size;
    }
    const uint64_t position = p->gemm.a.transposed ? k : line;
    const uint64_t column = p->gemm.a.transposed ? line : k;
    const uint64_t tap = patch->channel_major ? column % patch->taps : column / patch->channels;
    const uint64_t channel = patch->channel_major ? column / patch->taps : column % patch->channels;
    const int64_t oy = (int64_t)(position / patch->out_w); /* of all images */
    const int64_t ox = (int64_t)(position % patch->out_w);
    const int64_t x = patch->origin_x + ox * patch->stride_x + patch->dx[tap];
    if (p->gemm.a.transposed) { /* an image row each, x from far enough below that division rounds down */
        return oy * 100000 + (x + 100 * size) / size;
    }
    return ((oy * 1000 + (int64_t)tap) * 1000 + x + 100) * 1000 + (int64_t)channel / size;
}

static uint64_t walked(const problem_t *p, bool of_a, uint64_t part, int64_t size)
{
    uint64_t exponents = 0;
    for (uint64_t line = 0; line < (of_a ? p->gemm.m : p->gemm.n); line++) {
        for (uint64_t k = 0; k < p->gemm.k; k++) {
            const bool held = k % part != 0 && block_of(p, of_a, line, k, size) == block_of(p, of_a, line, k - 1, size);
            exponents += held ? 0 : 1;
        }
    }
    return exponents;
}

/* The longest part's exponents of a line. */
static uint64_t largest_part(const problem_t *p, bool of_a, uint64_t part)
{
    uint64_t most = 0;
    const int64_t size = (int64_t)p->gemm.block;
    for (uint64_t line = 0; line < (of_a ? p->gemm.m : p->gemm.n); line++) {
        uint64_t here = 0;
        for (uint64_t k = 0; k < p->gemm.k; k++) {
            here = k % part == 0 ? 0 : here;
            here += k % part != 0 && block_of(p, of_a, line, k, size) == block_of(p, of_a, line, k - 1, size) ? 0 : 1;
            most = here > most ? here : most;
        }
    }
    return most;
}

static uint64_t stored(const problem_t *p)
{
    const pcs_patch_t *patch = p->gemm.a.patch;
    uint64_t exponents = 0;
    if (patch == NULL) {
        return walked(p, true, p->gemm.k, (int64_t)p->gemm.block);
    }
    for (uint64_t y = 0; y < (uint64_t)patch->batch * patch->height; y++) {
        for (uint64_t x = 0; x < patch->width; x++) {
            for (uint64_t c = 0; c < patch->channels; c++) {
                exponents += (p->gemm.a.transposed ? x : c) % p->gemm.block == 0 ? 1 : 0;
            }
        }
    }
    return exponents;
}

static uint64_t parts(uint64_t size, uint64_t part)
{
    return (size + part - 1) / part;
}

/* The bits of an operand that K in parts of `part` steps brings, once. */
static uint64_t once(const problem_t *p, bool of_a, uint64_t part, bool inject)
{
    const int64_t size = (int64_t)p->gemm.block + (inject ? 1 : 0);
    return p->gemm.k * (of_a ? p->gemm.m : p->gemm.n) * MANTISSA + walked(p, of_a, part, size) * EXPONENT;
}

static void edge(problem_t *p, bool inject)
{
    const uint64_t rows = p->array.rows;
    const uint64_t cols = p->array.cols;
    for (int flow = 0; flow < PCS_DATAFLOW_COUNT; flow++) {
        p->array.dataflow = (pcs_dataflow_t)flow;
        plan(p);
        const uint64_t part = flow == PCS_DATAFLOW_OS ? p->gemm.k : p->plan.job.segment;
        const uint64_t a_times = flow == PCS_DATAFLOW_IS ? 1 : parts(p->gemm.n, cols);
        const uint64_t b_times = flow == PCS_DATAFLOW_OS   ? parts(p->gemm.m, rows)
                                 : flow == PCS_DATAFLOW_IS ? parts(p->gemm.m, cols)
                                                           : 1;
        const uint64_t a = a_times * once(p, true, part, inject);
        CHECK_EQ(p->plan.system[PCS_SYSTEM_SRAM_A_READ], a, "dataflow %d, parts of %u: A at the edge", flow,
                 (unsigned)part);
        CHECK_EQ(p->plan.system[PCS_SYSTEM_SRAM_READ], a + b_times * once(p, false, part, inject),
                 "dataflow %d, parts of %u: both at the edge", flow, (unsigned)part);
    }
}

/* A memory that holds all of it changes nothing, a byte a code and an exponent counts bytes. */
static void boundless(const problem_t *p)
{
    const pcs_memory_t none = {.unpacked = false};
    const pcs_memory_t bytes = {.unpacked = true};
    pcs_tiling_t tiling;
    pcs_plan_t made = p->plan;
    pcs_memory_apply(&none, &p->gemm, &p->array, &made, &tiling);
    CHECK(memcmp(&made, &p->plan, sizeof made) == 0, "a boundless memory changes nothing");
    const uint64_t exponents = stored(p) + p->gemm.n * parts(p->gemm.k, p->gemm.block);
    const uint64_t fetched = made.system[PCS_SYSTEM_DRAM_READ];
    CHECK_EQ(fetched % MANTISSA, 0, "whole codes");
    pcs_memory_apply(&bytes, &p->gemm, &p->array, &made, &tiling);
    CHECK_EQ(made.system[PCS_SYSTEM_DRAM_READ], (fetched - exponents * EXPONENT) / MANTISSA * 8 + exponents * 8,
             "bytes fetched");
}

/* Blocks of K that a small memory makes, dense operands: A and B as often as the order of the loops says. */
static void blocks(check_rng_t *rng, const problem_t *p)
{
    const pcs_memory_t memory = {
        .a_bytes = (uint64_t)check_range(rng, 16, 300), .b_bytes = (uint64_t)check_range(rng, 16, 300), .single = true};
    pcs_tiling_t t;
    pcs_plan_t made = p->plan;
    pcs_memory_apply(&memory, &p->gemm, &p->array, &made, &t);
    if (t.a_streams || t.b_streams) {
        return;
    }
    const uint64_t a_times = t.innermost == PCS_LOOP_N ? 1 : parts(p->gemm.n, t.nb);
    const uint64_t b_times = t.innermost == PCS_LOOP_M ? 1 : parts(p->gemm.m, t.mb);
    CHECK_EQ(made.system[PCS_SYSTEM_SRAM_A_WRITE], a_times * once(p, true, t.kb, false), "A in blocks of %u steps",
             (unsigned)t.kb);
    CHECK_EQ(made.system[PCS_SYSTEM_SRAM_B_WRITE], b_times * once(p, false, t.kb, false), "B in blocks of %u steps",
             (unsigned)t.kb);
    CHECK(8 * memory.a_bytes >= t.mb * t.kb * MANTISSA + t.mb * largest_part(p, true, t.kb) * EXPONENT, "A fits");
    CHECK(8 * memory.b_bytes >= t.nb * t.kb * MANTISSA + t.nb * largest_part(p, false, t.kb) * EXPONENT, "B fits");
}

static void one(check_rng_t *rng, problem_t *p, bool inject)
{
    const uint64_t part = (uint64_t)check_range(rng, 1, (int64_t)p->gemm.k);
    const int64_t size = (int64_t)p->gemm.block;
    CHECK_EQ(pcs_exponents_read_a(&p->gemm, part), walked(p, true, part, size), "A, parts of %u", (unsigned)part);
    CHECK_EQ(pcs_exponents_read_b(&p->gemm, part), walked(p, false, part, size), "B, parts of %u", (unsigned)part);
    CHECK_EQ(pcs_exponents_stored_a(&p->gemm), stored(p), "A in memory");
    CHECK(pcs_exponents_of_part(&p->gemm, part) >= largest_part(p, false, part), "a part of B, from above");
    CHECK(pcs_exponents_of_part_a(&p->gemm, part) >= largest_part(p, true, part), "a part of A, from above");
    edge(p, inject);
    boundless(p);
    if (p->gemm.a.patch == NULL) {
        blocks(rng, p);
    }
}

/* Patches of up to 3 x 3 taps, with stride and padding; form 0: forward, 1: transposed, 2: channel after channel. */
static void convolution(check_rng_t *rng, problem_t *p, int form)
{
    const uint32_t side = (uint32_t)check_range(rng, 1, 3);
    const uint32_t stride = (uint32_t)check_range(rng, 1, 3);
    for (uint32_t tap = 0; tap < side * side; tap++) {
        p->dy[tap] = (int32_t)(tap / side);
        p->dx[tap] = (int32_t)(tap % side);
    }
    p->patch = (pcs_patch_t){.batch = (uint32_t)check_range(rng, 1, 2),
                             .out_h = (uint32_t)check_range(rng, 1, 5),
                             .out_w = (uint32_t)check_range(rng, 1, 9),
                             .channels = (uint32_t)check_range(rng, 1, 20),
                             .origin_y = -(int32_t)(side / 2),
                             .origin_x = -(int32_t)(side / 2),
                             .stride_y = stride,
                             .stride_x = stride,
                             .taps = side * side,
                             .dy = p->dy,
                             .dx = p->dx,
                             .channel_major = form == 2};
    p->patch.src_channels = p->patch.channels;
    p->patch.height = p->patch.out_h * stride;
    p->patch.width = p->patch.out_w * stride;
    const size_t positions = (size_t)p->patch.batch * p->patch.out_h * p->patch.out_w;
    const size_t columns = (size_t)p->patch.taps * p->patch.channels;
    p->gemm.m = form == 1 ? columns : positions;
    p->gemm.k = form == 1 ? positions : columns;
    p->gemm.a.transposed = form == 1;
    p->gemm.a.patch = &p->patch;
}

int main(int argc, char **argv)
{
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    check_rng_t rng = {check_seed(argc, argv, 17), 0};
    by_hand();
    for (int i = 0; i < 400; i++) {
        problem_t p = {.gemm = {.m = (size_t)check_range(&rng, 1, 20),
                                .n = (size_t)check_range(&rng, 1, 20),
                                .k = (size_t)check_range(&rng, 1, 70),
                                .a = {.bits = MANTISSA},
                                .b = {.bits = MANTISSA},
                                .acc_bits = 48,
                                .block = (size_t)check_range(&rng, 1, 20),
                                .block_bits = EXPONENT},
                       .array = {.rows = (unsigned)check_range(&rng, 1, 9),
                                 .cols = (unsigned)check_range(&rng, 1, 9),
                                 .kind = PCS_KIND_BFP,
                                 .acc_bits = 48,
                                 .digit = 1}};
        if (i % 4 > 0) {
            convolution(&rng, &p, i % 4 - 1);
        }
        one(&rng, &p, inject);
    }
    return check_done("exponents");
}
