/* `fast`: packed operands, exact integer kernels, threads over blocks.  Integers add up the same in any order, so the
   result does not depend on blocks, threads or kernel.  Here: what all ways share, and A stored by row, gathered row by
   row; bands.c and steps.c have the convolutions' own ways. */
#include <omp.h>
#include <string.h>

#include "models/gemm/kernels/kernels.h"
#include "models/mac/mac.h"

/* Rows of a block of A. */
enum { BLOCK_ROWS = 64, FLIP = 0x80 };

/* No library serves: oneDNN's s8s8s32 wants dense patches, nine times the image, and is slower on them in the forward
   and dgrad passes of CIFAR networks; it is faster in wgrad of few channels or strides (scripts/bench gemm).  sgemm is
   exact on these integers only while sums stay below 2^24, and slower everywhere. */
static const struct {
    const char *name;
    const pcs_kernel_ops_t *ops; /* NULL: the first of those below that the machine has */
} kernels[PCS_KERNEL_COUNT] = {
    [PCS_KERNEL_AUTO] = {"auto", NULL},
    [PCS_KERNEL_AMX] = {"amx", &pcs_kernel_amx},
    [PCS_KERNEL_AVX512VNNI] = {"avx512vnni", &pcs_kernel_avx512vnni},
    [PCS_KERNEL_AVX2] = {"avx2", &pcs_kernel_avx2},
    [PCS_KERNEL_PORTABLE] = {"portable", &pcs_kernel_portable},
};

const char *pcs_kernel_name(pcs_kernel_t kernel)
{
    return kernels[kernel].name;
}

bool pcs_kernel_available(pcs_kernel_t kernel)
{
    return kernels[kernel].ops == NULL || kernels[kernel].ops->available();
}

const pcs_kernel_ops_t *pcs_kernel_choose(pcs_kernel_t kernel)
{
    static const pcs_kernel_t fastest_first[] = {PCS_KERNEL_AMX, PCS_KERNEL_AVX512VNNI, PCS_KERNEL_AVX2};
    for (size_t i = 0; kernel == PCS_KERNEL_AUTO && i < sizeof fastest_first / sizeof fastest_first[0]; i++) {
        kernel = pcs_kernel_available(fastest_first[i]) ? fastest_first[i] : kernel;
    }
    return kernel == PCS_KERNEL_AUTO ? &pcs_kernel_portable : kernels[kernel].ops;
}

/* ---- shared ---------------------------------------------------------------------------------------------------------
 */

pcs_status_t pcs_fast_no_memory(const pcs_gemm_t *gemm, pcs_error_t *err)
{
    return pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu", gemm->m, gemm->n, gemm->k);
}

const uint8_t *pcs_b_step(const pcs_operand_t *b, size_t k, size_t n, uint8_t *line)
{
    if (!b->transposed) {
        return b->codes + k * b->ld;
    }
    for (size_t j = 0; j < n; j++) {
        line[j] = b->codes[j * b->ld + k];
    }
    return line;
}

void pcs_pack_b(const pcs_job_t *job, size_t k0, size_t len, size_t dwords, uint8_t *lines, void *dst)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t steps = job->kernel->steps;
    uint8_t *to = dst;
    for (size_t q = 0; q < dwords; q++, to += job->n * PCS_DWORD) {
        const uint8_t *rows[PCS_STEPS_MAX];
        const uint8_t *none[PCS_STEPS_MAX] = {NULL};
        for (size_t i = 0; i < steps; i++) {
            const size_t k = q * steps + i;
            rows[i] = k < len ? pcs_b_step(&gemm->b, k0 + k, gemm->n, lines + i * gemm->n) : NULL;
        }
        job->kernel->interleave(rows, gemm->n, 1, 0, job->b, to);
        job->kernel->interleave(none, job->n - gemm->n, 1, 0, job->b, to + gemm->n * PCS_DWORD);
    }
}

void pcs_copy_row(const pcs_operand_t *a, size_t row, size_t cols, uint8_t *dst)
{
    const pcs_patch_t *patch = a->patch;
    if (patch == NULL) {
        memcpy(dst, a->codes + row * a->ld, cols);
        return;
    }
    const pcs_position_t at = pcs_patch_position(patch, row);
    for (uint32_t tap = 0; tap < patch->taps; tap++) {
        const uint8_t *codes = pcs_patch_codes(a, &at, tap);
        for (size_t c = 0; c < patch->channels; c++) {
            const size_t to = patch->channel_major ? c * patch->taps + tap : (size_t)tap * patch->channels + c;
            dst[to] = codes == NULL ? 0 : codes[c];
        }
    }
}

PCS_CLONES void pcs_add_codes(const uint8_t *codes, size_t count, bool is_signed, int32_t *sums)
{
    if (is_signed) {
        for (size_t i = 0; i < count; i++) {
            sums[i] += (int8_t)codes[i];
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            sums[i] += codes[i];
        }
    }
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

enum { UNIT = 16, BLOCK = 16 /* units */ };

/* Sums of 16 units of 16 codes: psadbw adds eight bytes, codes having their signs flipped if they have any, which adds
   128 to each. */
__attribute__((target("avx512f,avx512bw"))) static void sum_units(const uint8_t *codes, bool is_signed, int32_t *sums)
{
    const __m512i flip = _mm512_set1_epi8((char)(is_signed ? FLIP : 0));
    const __m512i zero = _mm512_setzero_si512();
    __m512i s[4]; /* unit 4 i + lane: its halves, below 2^11, in the halves of the lane */
    for (int i = 0; i < 4; i++) {
        s[i] = _mm512_sad_epu8(_mm512_xor_si512(_mm512_loadu_si512(codes + 64 * i), flip), zero);
    }
    const __m512i low = _mm512_or_si512(s[0], _mm512_slli_epi64(s[1], 16));
    const __m512i high = _mm512_or_si512(_mm512_slli_epi64(s[2], 32), _mm512_slli_epi64(s[3], 48));
    const __m512i halves = _mm512_or_si512(low, high);
    const __m512i whole = _mm512_add_epi64(halves, _mm512_bsrli_epi128(halves, 8));
    const __m512i order = _mm512_set_epi16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 27, 19, 11, 3, 26, 18, 10, 2,
                                           25, 17, 9, 1, 24, 16, 8, 0);
    const __m256i words = _mm512_castsi512_si256(_mm512_permutexvar_epi16(order, whole));
    const __m512i less = _mm512_set1_epi32(is_signed ? UNIT * FLIP : 0);
    _mm512_storeu_si512(sums, _mm512_sub_epi32(_mm512_cvtepu16_epi32(words), less));
}

/* As many pixels as fill blocks, side by side and of 1, 2, 4.. units; returns how many that were. */
static size_t sum_blocks(const uint8_t *codes, size_t count, size_t channels, bool is_signed, int32_t *sums)
{
    const size_t units = channels / UNIT;
    if (channels % UNIT != 0 || units == 0 || BLOCK % units != 0 || !__builtin_cpu_supports("avx512bw")) {
        return 0;
    }
    const size_t pixels = BLOCK / units; /* of a block */
    size_t done = 0;
    for (; done + pixels <= count; done += pixels, codes += BLOCK * UNIT) {
        int32_t unit[BLOCK];
        sum_units(codes, is_signed, units == 1 ? sums + done : unit);
        for (size_t i = 0; i < pixels && units > 1; i++) {
            int32_t sum = 0;
            for (size_t j = 0; j < units; j++) {
                sum += unit[i * units + j];
            }
            sums[done + i] = sum;
        }
    }
    return done;
}

#else

static size_t sum_blocks(const uint8_t *codes, size_t count, size_t channels, bool is_signed, int32_t *sums)
{
    (void)codes, (void)count, (void)channels, (void)is_signed, (void)sums;
    return 0;
}

#endif

void pcs_sum_pixels(const uint8_t *codes, size_t count, size_t stride, size_t channels, bool is_signed, int32_t *sums)
{
    const size_t done = stride == channels ? sum_blocks(codes, count, channels, is_signed, sums) : 0;
    for (size_t i = done; i < count; i++) {
        int32_t sum = 0;
        for (size_t c = 0; c < channels; c++) {
            sum += pcs_code_value(codes[i * stride + c], is_signed);
        }
        sums[i] = sum;
    }
}

/* ---- A stored by row, gathered --------------------------------------------------------------------------------------
 */

/* A group of K is cut into chunks whose sums fit 32 bits; each begins at a dword. */
typedef struct chunks {
    size_t most;   /* steps of a chunk */
    size_t dwords; /* of a group */
} chunks_t;

typedef struct share {
    uint8_t *codes, *lines; /* (K) of one row; (steps, N) */
    uint8_t *a;             /* (BLOCK_ROWS, groups, dwords) */
    int32_t *product;       /* (BLOCK_ROWS, n) */
    int64_t *p;             /* (BLOCK_ROWS, N) */
    int64_t *row_sums;      /* (BLOCK_ROWS, groups), then (BLOCK_ROWS) of one group */
} share_t;

static size_t lay_share(const pcs_job_t *job, const chunks_t *chunks, char *base, share_t *share)
{
    size_t at = 0;
    share->codes = pcs_part(base, &at, job->gemm->k);
    share->lines = pcs_part(base, &at, job->kernel->steps * job->gemm->n);
    share->a = pcs_part(base, &at, BLOCK_ROWS * job->groups * chunks->dwords * PCS_DWORD);
    share->product = pcs_part(base, &at, BLOCK_ROWS * job->n * sizeof *share->product);
    share->p = pcs_part(base, &at, BLOCK_ROWS * job->gemm->n * sizeof *share->p);
    share->row_sums = pcs_part(base, &at, BLOCK_ROWS * (job->groups + 1U) * sizeof *share->row_sums);
    return at;
}

static void pack_rows(const pcs_job_t *job, const chunks_t *chunks, const share_t *share, size_t m0, size_t rows)
{
    const pcs_operand_t *a = &job->gemm->a;
    const uint8_t *none[PCS_STEPS_MAX] = {NULL};
    const size_t bytes = chunks->dwords * PCS_DWORD;
    for (size_t i = 0; i < rows; i++) {
        pcs_copy_row(a, m0 + i, job->gemm->k, share->codes);
        for (size_t group = 0; group < job->groups; group++) {
            const uint8_t *codes = share->codes + group * job->group_len;
            uint8_t *to = share->a + (i * job->groups + group) * bytes;
            job->kernel->interleave(none, 1, 1, 0, job->a, to + bytes - PCS_DWORD);
            job->kernel->copy(codes, job->group_len, job->a, to);
            int64_t sum = 0;
            for (size_t k = 0; k < job->group_len; k++) {
                sum += pcs_code_value(codes[k], a->is_signed);
            }
            share->row_sums[i * job->groups + group] = sum;
        }
    }
}

/* One group of a block of rows; sum_b: (groups, N) sums of the packed elements of B. */
static void run_group(const pcs_job_t *job, const chunks_t *chunks, const share_t *share, const uint8_t *b,
                      const int64_t *sum_b, size_t group, size_t m0, size_t rows)
{
    const size_t n = job->gemm->n;
    const size_t steps = job->kernel->steps;
    int64_t *row_sums = share->row_sums + BLOCK_ROWS * job->groups;
    for (size_t i = 0; i < rows; i++) {
        row_sums[i] = share->row_sums[i * job->groups + group];
        for (size_t j = 0; j < n; j++) {
            share->p[i * n + j] = job->ob * row_sums[i] - job->oa * sum_b[group * n + j];
        }
    }
    for (size_t q = 0; q < chunks->dwords; q += chunks->most / steps) {
        const size_t left = chunks->dwords - q;
        const pcs_run_t run = {.offset = (group * chunks->dwords + q) * PCS_DWORD,
                               .dwords = left < chunks->most / steps ? left : chunks->most / steps};
        const pcs_walk_t walk = {
            .row = job->groups * chunks->dwords * PCS_DWORD, .step = PCS_DWORD, .runs = &run, .count = 1};
        job->kernel->multiply(rows, job->n, &walk, share->a, b + (group * chunks->dwords + q) * job->n * PCS_DWORD,
                              share->product, false);
        for (size_t i = 0; i < rows; i++) {
            for (size_t j = 0; j < n; j++) {
                share->p[i * n + j] += share->product[i * job->n + j];
            }
        }
    }
    pcs_output_group(job->gemm, job->sums, group, m0, rows, 0, n, share->p, row_sums);
}

/* All of B, and per group the sums of its packed elements. */
static void pack_groups(const pcs_job_t *job, const chunks_t *chunks, uint8_t *lines, uint8_t *b, int64_t *sum_b)
{
    const size_t n = job->gemm->n;
    for (size_t group = 0; group < job->groups; group++) {
        pcs_pack_b(job, group * job->group_len, job->group_len, chunks->dwords, lines,
                   b + group * chunks->dwords * job->n * PCS_DWORD);
        for (size_t j = 0; j < n; j++) {
            sum_b[group * n + j] = -job->ob * (int64_t)(chunks->dwords * job->kernel->steps);
        }
        for (size_t k = 0; k < job->group_len && job->oa != 0; k++) {
            const uint8_t *codes = pcs_b_step(&job->gemm->b, group * job->group_len + k, n, lines);
            for (size_t j = 0; j < n; j++) {
                sum_b[group * n + j] += pcs_code_value(codes[j], job->gemm->b.is_signed);
            }
        }
    }
}

pcs_status_t pcs_fast_rows(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t blocks = (gemm->m + BLOCK_ROWS - 1U) / BLOCK_ROWS;
    const chunks_t chunks = {
        .most = job->kernel->most_k,
        .dwords = pcs_round_up(job->group_len, job->kernel->steps) / job->kernel->steps,
    };
    share_t first;
    size_t at = 0;
    const size_t b_bytes = job->groups * chunks.dwords * job->n * PCS_DWORD;
    (void)pcs_part(NULL, &at, b_bytes);
    (void)pcs_part(NULL, &at, job->groups * gemm->n * sizeof(int64_t));
    const size_t share_bytes = lay_share(job, &chunks, NULL, &first);
    char *scratch = pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    at = 0;
    uint8_t *b = pcs_part(scratch, &at, b_bytes);
    int64_t *sum_b = pcs_part(scratch, &at, job->groups * gemm->n * sizeof *sum_b);
    char *shares = scratch + at;
    (void)lay_share(job, &chunks, shares, &first);
    pack_groups(job, &chunks, first.lines, b, sum_b);
#pragma omp parallel num_threads(job->threads)
    {
        share_t own;
        (void)lay_share(job, &chunks, shares + (size_t)omp_get_thread_num() * share_bytes, &own);
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks; i++) {
            const size_t m0 = i * BLOCK_ROWS;
            const size_t rows = gemm->m - m0 < BLOCK_ROWS ? gemm->m - m0 : BLOCK_ROWS;
            pack_rows(job, &chunks, &own, m0, rows);
            for (size_t group = 0; group < job->groups; group++) {
                run_group(job, &chunks, &own, b, sum_b, group, m0, rows);
            }
        }
    }
    return PCS_OK;
}

/* Rows of a dense A as pixels of images of one line: they divide M, and are enough to fill tiles. */
static uint32_t line_length(size_t m)
{
    for (uint32_t length = BLOCK_ROWS; length >= BLOCK_ROWS / 4; length--) {
        if (m % length == 0) {
            return length;
        }
    }
    return 0;
}

const pcs_gemm_t *pcs_fast_view(const pcs_gemm_t *gemm, pcs_fast_view_t *view)
{
    static const int32_t here = 0;
    const uint32_t length = line_length(gemm->m);
    const bool whole = gemm->group == 0 || gemm->group == gemm->k;
    const bool matrix = gemm->y.sums == NULL && gemm->y.h == 1 && gemm->y.w == 1;
    if (gemm->a.patch != NULL || gemm->a.transposed || gemm->copies > 1 || !whole || !matrix || length == 0 ||
        gemm->k > UINT32_MAX || gemm->a.ld > UINT32_MAX || gemm->m / length > UINT32_MAX) {
        return gemm;
    }
    view->patch = (pcs_patch_t){
        .batch = (uint32_t)(gemm->m / length),
        .height = 1,
        .width = length,
        .src_channels = (uint32_t)gemm->a.ld,
        .channels = (uint32_t)gemm->k,
        .out_h = 1,
        .out_w = length,
        .stride_y = 1,
        .stride_x = 1,
        .taps = 1,
        .dy = &here,
        .dx = &here,
    };
    view->gemm = *gemm;
    view->gemm.a.patch = &view->patch;
    return &view->gemm;
}

bool pcs_fast_takes_copies(const pcs_gemm_t *gemm, const pcs_plan_t *plan)
{
    return plan->proven && plan->passes == 1 && plan->job.groups == 1 && pcs_depthwise_takes(gemm);
}

pcs_status_t pcs_run_fast(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_sums_t *sums,
                          uint64_t *overflows, pcs_error_t *err)
{
    /* Where an accumulator may overflow, order matters; where K groups meet operands stored by step, no network of ours
       goes: both run as defined. */
    if (!plan->proven || (gemm->a.transposed && plan->job.groups > 1)) {
        return pcs_run_ref(engine, gemm, plan, sums, overflows, err);
    }
    const bool plain = pcs_patch_plain(gemm);
    const bool bands = plain && !gemm->a.transposed && pcs_output_simple(gemm);
    const bool images = plain && gemm->a.transposed;
    const bool depthwise = gemm->copies > 1;
    const bool served = !depthwise && (bands || (images && gemm->a.patch->channels % engine->kernel->run == 0));
    const pcs_kernel_ops_t *kernel =
        engine->kernel->otherwise != NULL && !served ? engine->kernel->otherwise : engine->kernel;
    const bool flips_a = kernel->biased && gemm->a.is_signed;
    const bool flips_b = kernel->biased && !gemm->b.is_signed;
    const pcs_job_t job = {
        .gemm = gemm,
        .sums = sums,
        .kernel = kernel,
        .a = {flips_a ? FLIP : 0, gemm->a.is_signed},
        .b = {flips_b ? FLIP : 0, gemm->b.is_signed},
        .element = PCS_DWORD / kernel->steps,
        .n = pcs_round_up(gemm->n, kernel->lanes),
        .oa = flips_a ? FLIP : 0,
        .ob = flips_b ? FLIP : 0,
        .groups = plan->job.groups,
        .group_len = gemm->k / plan->job.groups,
        .threads = (int)engine->config.threads,
    };
    *overflows = 0;
    if (depthwise) {
        return pcs_fast_depthwise(engine, &job, err);
    }
    if (gemm->a.transposed) {
        return images ? pcs_fast_images(engine, &job, err) : pcs_fast_steps(engine, &job, err);
    }
    return bands ? pcs_fast_bands(engine, &job, err) : pcs_fast_rows(engine, &job, err);
}
