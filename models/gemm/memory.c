#include "models/gemm/memory.h"

#include <math.h>

#include "models/gemm/exponents.h"

enum { RESULT_BITS = 32, PARTIAL_BITS = 64, SIZES_MAX = 40 };

const char *pcs_bound_name(pcs_bound_t bound)
{
    static const char *const names[PCS_BOUND_COUNT] = {"compute", "SRAM bandwidth", "DRAM bandwidth"};
    return names[bound];
}

const char *pcs_loop_name(pcs_loop_t loop)
{
    static const char *const names[PCS_LOOP_COUNT] = {"n", "m", "k"};
    return names[loop];
}

/* Codes, and the exponents that their blocks share. */
typedef struct amount {
    uint64_t codes, exponents;
} amount_t;

/* K in parts: exponents of a row of A or a column of B, see exponents.h. */
typedef struct steps {
    uint64_t kb;
    uint64_t of_parts, of_part;     /* dense: of all of K, of one part */
    uint64_t a_of_parts, a_of_part; /* A: of all rows, of a row's part */
} steps_t;

/* What the search looks at again and again. */
typedef struct search {
    const pcs_memory_t *memory;
    const pcs_gemm_t *gemm;
    uint64_t m, n, k;
    uint64_t unit_m, unit_n, unit_k; /* what one array tile takes: blocks are multiples of it, or the whole */
    uint64_t a_bits, b_bits;         /* of a code in memory */
    uint64_t block_bits;             /* of an exponent in memory */
    double a_room, b_room, y_room;   /* of one buffer, bits */
    uint64_t array_clocks, sram_clocks;
    double bits_per_clock; /* of the DRAM; 0 = boundless */
    amount_t image_row;    /* A a patch view: of its source; and input rows that neighbouring runs share */
    uint64_t halo;
    steps_t streamed;    /* K as array tiles take it */
    amount_t a_streamed; /* of A, that array tiles fetch in one pass, each its own */
} search_t;

/* A choice of blocks and what it costs. */
typedef struct candidate {
    pcs_tiling_t tiling;
    double read, written;  /* bits over the DRAM */
    double a_read, b_read; /* of read: codes of A, of B; the rest is partial sums */
    double energy;         /* as the goal weighs it */
} candidate_t;

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t parts(uint64_t size, uint64_t part)
{
    return (size + part - 1U) / part;
}

static double bits_of(const search_t *s, amount_t amount, uint64_t code_bits)
{
    return (double)amount.codes * (double)code_bits + (double)amount.exponents * (double)s->block_bits;
}

static steps_t steps_of(const pcs_gemm_t *gemm, uint64_t kb)
{
    return (steps_t){.kb = kb,
                     .of_parts = pcs_exponents_of_parts(gemm, kb),
                     .of_part = pcs_exponents_of_part(gemm, kb),
                     .a_of_parts = pcs_exponents_read_a(gemm, kb),
                     .a_of_part = pcs_exponents_of_part_a(gemm, kb)};
}

/* ---- codes of A ----------------------------------------------------------------------------------------------------
 */

static uint64_t span(const int32_t *offset, uint32_t taps)
{
    int32_t low = offset[0];
    int32_t high = offset[0];
    for (uint32_t t = 1; t < taps; t++) {
        low = offset[t] < low ? offset[t] : low;
        high = offset[t] > high ? offset[t] : high;
    }
    return (uint64_t)(high - low) + 1U;
}

static amount_t image_rows(const search_t *s, uint64_t rows)
{
    return (amount_t){rows * s->image_row.codes, rows * s->image_row.exponents};
}

/* At most so much does a run of `positions` positions of a convolution touch: whole rows of whole images. */
static amount_t patch_codes(const search_t *s, uint64_t positions)
{
    const pcs_patch_t *patch = s->gemm->a.patch;
    const uint64_t area = (uint64_t)patch->out_h * patch->out_w;
    const bool whole_rows = positions % patch->out_w == 0;
    const uint64_t out_rows = whole_rows ? positions / patch->out_w : parts(positions - 1U, patch->out_w) + 1U;
    const bool aligned = positions % area == 0 || (whole_rows && area % positions == 0);
    const uint64_t images = min_u64(parts(out_rows, patch->out_h) + (aligned ? 0 : 1U), patch->batch);
    const uint64_t in_rows = out_rows * patch->stride_y + images * s->halo;
    return image_rows(s, min_u64(in_rows, images * patch->height));
}

static amount_t fewer(amount_t a, amount_t b)
{
    return a.codes <= b.codes ? a : b;
}

/* What of A a block touches. */
static amount_t a_codes(const search_t *s, uint64_t mb, const steps_t *steps)
{
    const amount_t elements = {mb * steps->kb, mb * steps->a_of_part};
    return s->gemm->a.patch == NULL ? elements
                                    : fewer(patch_codes(s, s->gemm->a.transposed ? steps->kb : mb), elements);
}

/* What of A one pass over `blocks` blocks of `block` each fetches. */
static amount_t a_pass(const search_t *s, uint64_t blocks, amount_t block, const steps_t *steps)
{
    const pcs_patch_t *patch = s->gemm->a.patch;
    const amount_t elements = {s->m * s->k, steps->a_of_parts};
    if (patch == NULL) {
        return elements;
    }
    const amount_t distinct = image_rows(s, (uint64_t)patch->batch * patch->height);
    const amount_t all = fewer((amount_t){blocks * block.codes, blocks * block.exponents}, elements);
    return blocks == 1 || all.codes <= distinct.codes ? distinct : all;
}

/* ---- the cost of a choice ------------------------------------------------------------------------------------------
 */

static uint64_t dram_clocks(const search_t *s, double bits)
{
    return s->bits_per_clock > 0 ? (uint64_t)ceil(bits / s->bits_per_clock) : 0;
}

static void set_clocks(const search_t *s, double first_block, double last_block, candidate_t *c)
{
    pcs_tiling_t *t = &c->tiling;
    t->array_clocks = s->array_clocks;
    t->sram_clocks = s->sram_clocks;
    t->dram_clocks = dram_clocks(s, c->read + c->written);
    const uint64_t edge = max_u64(t->array_clocks, t->sram_clocks);
    t->clocks = s->memory->single
                    ? edge + t->dram_clocks
                    : max_u64(edge, t->dram_clocks) + dram_clocks(s, first_block) + dram_clocks(s, last_block);
    t->bound = t->dram_clocks > edge              ? PCS_BOUND_DRAM
               : t->sram_clocks > t->array_clocks ? PCS_BOUND_SRAM
                                                  : PCS_BOUND_COMPUTE;
}

/* What a choice of blocks brings along, in whatever order. */
typedef struct blocks {
    const steps_t *steps;
    amount_t a, b; /* of a block */
} blocks_t;

/* How often A, B and Y move, for one order of the loops. */
static void cost(const search_t *s, pcs_loop_t innermost, const blocks_t *blocks, candidate_t *c)
{
    pcs_tiling_t *t = &c->tiling;
    const uint64_t tm = parts(s->m, t->mb);
    const uint64_t tn = parts(s->n, t->nb);
    const uint64_t tk = parts(s->k, t->kb);
    const uint64_t a_times = t->a_streams ? parts(s->n, s->unit_n) : innermost == PCS_LOOP_N ? 1 : tn;
    const uint64_t b_times = t->b_streams ? parts(s->m, s->unit_m) : innermost == PCS_LOOP_M ? 1 : tm;
    const uint64_t y_times = t->y_spills ? parts(s->k, s->unit_k) : innermost == PCS_LOOP_K ? 1 : tk;
    const double outputs = (double)s->m * (double)s->n;
    const amount_t a_kept = t->a_streams ? s->a_streamed : a_pass(s, tm * tk, blocks->a, blocks->steps);
    const uint64_t b_exponents = t->b_streams ? s->streamed.of_parts : blocks->steps->of_parts;
    t->innermost = innermost;
    c->a_read = (double)a_times * bits_of(s, a_kept, s->a_bits);
    c->b_read = (double)b_times * bits_of(s, (amount_t){s->k * s->n, s->n * b_exponents}, s->b_bits);
    c->read = c->a_read + c->b_read + (double)(y_times - 1U) * outputs * PARTIAL_BITS;
    c->written = outputs * RESULT_BITS + (double)(y_times - 1U) * outputs * PARTIAL_BITS;
    const double first =
        (t->a_streams ? 0 : bits_of(s, blocks->a, s->a_bits)) + (t->b_streams ? 0 : bits_of(s, blocks->b, s->b_bits));
    set_clocks(s, first, (double)t->mb * (double)t->nb * RESULT_BITS, c);
    const pcs_memory_t *w = s->memory;
    c->energy = w->pj_read == 0 && w->pj_write == 0 && w->pj_clock == 0
                    ? c->read + c->written
                    : c->read * w->pj_read + c->written * w->pj_write + (double)t->clocks * w->pj_clock;
}

static bool better(const search_t *s, const candidate_t *a, const candidate_t *b)
{
    if (s->memory->goal == PCS_MEMORY_TIME && a->tiling.clocks != b->tiling.clocks) {
        return a->tiling.clocks < b->tiling.clocks;
    }
    return a->energy < b->energy || (a->energy <= b->energy && a->tiling.clocks < b->tiling.clocks);
}

static void try_orders(const search_t *s, const blocks_t *blocks, candidate_t *c, candidate_t *best)
{
    for (int innermost = 0; innermost < PCS_LOOP_COUNT; innermost++) {
        cost(s, (pcs_loop_t)innermost, blocks, c);
        if (best->tiling.mb == 0 || better(s, c, best)) {
            *best = *c;
        }
    }
}

/* Tries the three orders for blocks of one size.  An operand that does not fit streams; where time is what counts, so
   may one that fits: nothing then waits for its first block. */
static void try_block(const search_t *s, uint64_t mb, uint64_t nb, const steps_t *steps, candidate_t *best)
{
    const bool all_k = steps->kb == s->k;
    const uint64_t held_m = all_k ? min_u64(s->unit_m, s->m) : mb; /* partial sums: of one array tile, or the block */
    const uint64_t held_n = all_k ? min_u64(s->unit_n, s->n) : nb;
    const blocks_t blocks = {steps, a_codes(s, mb, steps), {steps->kb * nb, nb * steps->of_part}};
    const bool a_fits = bits_of(s, blocks.a, s->a_bits) <= s->a_room;
    const bool b_fits = bits_of(s, blocks.b, s->b_bits) <= s->b_room;
    const bool choice = s->memory->goal == PCS_MEMORY_TIME && s->bits_per_clock > 0;
    candidate_t c = {.tiling = {.mb = mb, .nb = nb, .kb = steps->kb}};
    c.tiling.y_spills = parts(s->k, s->unit_k) > 1 && (double)held_m * (double)held_n * PARTIAL_BITS > s->y_room;
    for (int a = a_fits ? 0 : 1; a < (a_fits && !choice ? 1 : 2); a++) {
        for (int b = b_fits ? 0 : 1; b < (b_fits && !choice ? 1 : 2); b++) {
            c.tiling.a_streams = a == 1;
            c.tiling.b_streams = b == 1;
            try_orders(s, &blocks, &c, best);
        }
    }
}

/* Sizes of blocks to try: the whole, then an array tile's share doubled as often as it fits, from large to small. */
static size_t sizes(uint64_t whole, uint64_t unit, uint64_t size[SIZES_MAX])
{
    size_t count = 0;
    size[count++] = whole;
    uint64_t part = unit;
    while (part <= whole / 2U && count < SIZES_MAX) {
        part *= 2U;
    }
    for (; part >= unit && count < SIZES_MAX; part /= 2U) {
        if (part < whole) {
            size[count++] = part;
        }
    }
    return count;
}

static void search(const search_t *s, candidate_t *best)
{
    uint64_t mb[SIZES_MAX];
    uint64_t nb[SIZES_MAX];
    uint64_t kb[SIZES_MAX];
    const size_t ms = sizes(s->m, s->unit_m, mb);
    const size_t ns = sizes(s->n, s->unit_n, nb);
    const size_t ks = sizes(s->k, s->unit_k, kb);
    for (size_t k = 0; k < ks; k++) {
        const steps_t steps = steps_of(s->gemm, kb[k]);
        for (size_t m = 0; m < ms; m++) {
            for (size_t n = 0; n < ns; n++) {
                try_block(s, mb[m], nb[n], &steps, best);
            }
        }
    }
}

/* ---- entry ---------------------------------------------------------------------------------------------------------
 */

/* Bits of whole bytes. */
static uint64_t bytes_of(unsigned bits)
{
    return parts(bits, PCS_CODE_BITS) * PCS_CODE_BITS;
}

/* Bits of one buffer. */
static double room(const pcs_memory_t *memory, uint64_t bytes)
{
    return bytes == 0 ? HUGE_VAL : 8.0 * (double)bytes / (memory->single ? 1.0 : 2.0);
}

static uint64_t port_clocks(const pcs_memory_t *memory, uint64_t bits)
{
    return memory->sram_bytes > 0 ? (uint64_t)ceil((double)bits / (8.0 * memory->sram_bytes)) : 0;
}

/* Two dimensions of the array's tile, and the run along the third: K ends where a segment ends; the rows that stream
   past weights, or the columns past inputs, are not cut. */
static void set_units(const pcs_array_config_t *array, const pcs_plan_t *plan, search_t *s)
{
    s->unit_k = plan->job.segment;
    switch (array->dataflow) {
    case PCS_DATAFLOW_WS:
        s->unit_m = s->m;
        s->unit_n = array->cols;
        break;
    case PCS_DATAFLOW_IS:
        s->unit_m = array->cols;
        s->unit_n = s->n;
        break;
    default:
        s->unit_m = array->rows;
        s->unit_n = array->cols;
        break;
    }
}

/* What of A's view the search asks for again and again. */
static void set_view(search_t *s)
{
    const pcs_patch_t *patch = s->gemm->a.patch;
    const uint64_t mb = min_u64(s->unit_m, s->m);
    s->streamed = steps_of(s->gemm, min_u64(s->unit_k, s->k));
    if (patch != NULL) {
        const uint64_t reach = span(patch->dy, patch->taps);
        s->halo = reach > patch->stride_y ? reach - patch->stride_y : 0;
        s->image_row = (amount_t){(uint64_t)patch->width * patch->channels, pcs_exponents_image_row(s->gemm)};
    }
    s->a_streamed =
        a_pass(s, parts(s->m, mb) * parts(s->k, s->streamed.kb), a_codes(s, mb, &s->streamed), &s->streamed);
}

void pcs_memory_apply(const pcs_memory_t *memory, const pcs_gemm_t *gemm, const pcs_array_config_t *array,
                      pcs_plan_t *plan, pcs_tiling_t *tiling)
{
    const uint64_t copies = pcs_gemm_copies(gemm);
    search_t s = {
        .memory = memory,
        .gemm = gemm,
        .m = gemm->m,
        .n = gemm->n,
        .k = gemm->k,
        .a_bits = memory->unpacked ? bytes_of(gemm->a.bits) : gemm->a.bits,
        .b_bits = memory->unpacked ? bytes_of(gemm->b.bits) : gemm->b.bits,
        .block_bits = memory->unpacked ? bytes_of(gemm->block_bits) : gemm->block_bits,
        .a_room = room(memory, memory->a_bytes),
        .b_room = room(memory, memory->b_bytes),
        .y_room = room(memory, memory->y_bytes),
        .array_clocks = plan->counts.n[PCS_EVENT_CYCLE] / copies,
        .bits_per_clock = 8.0 * memory->dram_bytes,
    };
    set_units(array, plan, &s);
    set_view(&s);
    /* What enters the array: as often as there are tiles across the other operand. */
    const uint64_t part = pcs_exponents_part(array, &plan->job);
    const uint64_t a_read =
        (s.m * s.k * s.a_bits + pcs_exponents_read_a(gemm, part) * s.block_bits) * parts(s.n, s.unit_n);
    const uint64_t b_read =
        (s.k * s.n * s.b_bits + pcs_exponents_read_b(gemm, part) * s.block_bits) * parts(s.m, s.unit_m);
    s.sram_clocks = max_u64(port_clocks(memory, a_read), port_clocks(memory, b_read));
    candidate_t best = {.tiling = {.mb = 0}};
    const bool boundless = memory->a_bytes == 0 && memory->b_bytes == 0 && memory->y_bytes == 0;
    if (boundless && memory->dram_bytes <= 0) {
        const steps_t whole = steps_of(gemm, s.k);
        try_block(&s, s.m, s.n, &whole, &best); /* nothing to choose */
    } else {
        search(&s, &best);
    }
    if (memory->unpacked) {
        plan->system[PCS_SYSTEM_SRAM_READ] = copies * (a_read + b_read);
        plan->system[PCS_SYSTEM_SRAM_A_READ] = copies * a_read;
    }
    plan->system[PCS_SYSTEM_SRAM_WRITE] = copies * ((uint64_t)best.read + (uint64_t)gemm->m * gemm->n * RESULT_BITS);
    plan->system[PCS_SYSTEM_SRAM_A_WRITE] = copies * (uint64_t)best.a_read;
    plan->system[PCS_SYSTEM_SRAM_B_WRITE] = copies * (uint64_t)best.b_read;
    plan->system[PCS_SYSTEM_DRAM_READ] = copies * (uint64_t)best.read;
    plan->system[PCS_SYSTEM_DRAM_WRITE] = copies * (uint64_t)best.written;
    plan->counts.n[PCS_EVENT_CYCLE] = copies * best.tiling.clocks;
    *tiling = best.tiling;
}
