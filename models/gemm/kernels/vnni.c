/* `fast` on AVX-512 VNNI: packed bytes, no conversion to wider types; threads over blocks of rows, or of steps where A
   is stored by step (wgrad).  Blocks and threads do not change an integer sum. */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "models/gemm/engine_internal.h"
#include "models/gemm/kernels/avx512vnni/u8s8_acc32.h"
#include "models/gemm/kernels/kernels.h"

/* Rows or steps of a block; steps of K after which 32-bit sums go into 64 bits (they hold 65,793). */
enum { BLOCK_ROWS = 128, BLOCK_STEPS = 256, FLUSH_STEPS = 65536, QUAD = 4, LANES = 16, FLIP = 0x80 };

typedef struct job {
    const pcs_gemm_t *gemm;
    const pcs_sums_t *sums;
    size_t n_padded, k_padded, m_padded;
    uint8_t flip_a, flip_b; /* sign bits to flip: a signed A, an unsigned B */
    int64_t oa, ob;         /* what that adds to A and takes from B */
    bool narrow;            /* results fit 32 bits */
    int threads;
} job_t;

static size_t round_up(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

/* Consecutive 64-byte aligned parts of a block; base NULL only measures. */
static void *part(char *base, size_t *at, size_t bytes)
{
    void *here = base == NULL ? NULL : base + *at;
    *at += round_up(bytes, 64);
    return here;
}

static void flip_bytes(uint8_t *bytes, size_t count, uint8_t flip)
{
    for (size_t i = 0; flip != 0 && i < count; i++) {
        bytes[i] ^= flip;
    }
}

/* Stored row `row` of A as bytes, padding code 0; dst holds `count` of them, those past the row's end are 0. */
static void copy_row(const pcs_operand_t *a, size_t row, size_t cols, size_t count, uint8_t *dst)
{
    const pcs_patch_t *patch = a->patch;
    memset(dst + cols, 0, count - cols);
    if (patch == NULL) {
        memcpy(dst, a->codes + row * a->ld, cols);
        return;
    }
    const pcs_position_t at = pcs_patch_position(patch, row);
    for (uint32_t tap = 0; tap < patch->taps;) {
        const uint8_t *codes = pcs_patch_codes(a, &at, tap);
        if (patch->channel_major) {
            for (size_t c = 0; c < patch->channels; c++) {
                dst[c * patch->taps + tap] = codes == NULL ? 0 : codes[c];
            }
            tap++;
            continue;
        }
        const uint32_t run = codes == NULL ? 1 : pcs_patch_run(patch, &at, tap);
        uint8_t *to = dst + (size_t)tap * patch->channels;
        if (codes == NULL) {
            memset(to, 0, patch->channels);
        } else {
            memcpy(to, codes, (size_t)run * patch->channels);
        }
        tap += run;
    }
}

/* Steps k0..k0+len-1 of B as quads (len / 4 rounded up, n_padded, 4). */
static void pack_b(const job_t *job, size_t k0, size_t len, uint8_t *dst)
{
    const pcs_operand_t *b = &job->gemm->b;
    const size_t n = job->gemm->n;
    for (size_t k = k0; k < k0 + len; k += QUAD, dst += job->n_padded * QUAD) {
        const size_t live = k0 + len - k < QUAD ? k0 + len - k : QUAD;
        memset(dst + n * QUAD, 0, (job->n_padded - n) * QUAD);
        if (b->transposed) {
            for (size_t j = 0; j < n; j++) {
                for (size_t i = 0; i < QUAD; i++) {
                    dst[j * QUAD + i] = (uint8_t)((i < live ? b->codes[j * b->ld + k + i] : 0) ^ job->flip_b);
                }
            }
            continue;
        }
        const uint8_t *rows[QUAD];
        for (size_t i = 0; i < QUAD; i++) {
            rows[i] = i < live ? b->codes + (k + i) * b->ld : NULL;
        }
        pcs_vnni_interleave(rows, n, job->flip_b, job->flip_b, dst);
    }
}

/* Adds what the flipped signs took: sum a b of row i, column j from sum ua sb, over `steps` steps (padded). */
static int64_t unflipped(const job_t *job, int32_t p, int64_t sum_a, int64_t sum_b, size_t steps)
{
    return p + job->ob * sum_a - job->oa * sum_b - job->oa * job->ob * (int64_t)steps;
}

/* ---- A stored by row ------------------------------------------------------------------------------------------------
 */

typedef struct row_share {
    uint8_t *a;
    int32_t *product, *p32;
    int64_t *p64, *row_sums;
} row_share_t;

static size_t lay_row_share(const job_t *job, char *base, row_share_t *share)
{
    size_t at = 0;
    const size_t words = BLOCK_ROWS * job->n_padded;
    share->a = part(base, &at, BLOCK_ROWS * job->k_padded);
    share->product = part(base, &at, words * sizeof(int32_t));
    share->p32 = part(base, &at, words * sizeof(int32_t));
    share->p64 = part(base, &at, job->narrow ? 0 : words * sizeof(int64_t));
    share->row_sums = part(base, &at, BLOCK_ROWS * sizeof(int64_t));
    return at;
}

static void run_rows(const job_t *job, const row_share_t *share, const uint8_t *b, const int32_t *sum_b, size_t m0,
                     size_t rows)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t n = gemm->n;
    const bool sums = job->ob != 0 || job->sums->terms.row_sums;
    for (size_t i = 0; i < rows; i++) {
        uint8_t *row = share->a + i * job->k_padded;
        copy_row(&gemm->a, m0 + i, gemm->k, job->k_padded, row);
        flip_bytes(row, job->k_padded, job->flip_a);
        share->row_sums[i] = sums ? pcs_vnni_sum_bytes(row, job->k_padded) : 0;
    }
    memset(share->product, 0, rows * job->n_padded * sizeof *share->product);
    pcs_vnni_multiply(rows, job->n_padded, job->k_padded / QUAD, share->a, job->k_padded, QUAD, b, share->product);
    for (size_t i = 0; i < rows; i++) {
        const int32_t *from = share->product + i * job->n_padded;
        const int64_t sum_a = share->row_sums[i];
        if (job->narrow) {
            /* The result fits 32 bits, so that modular arithmetic in them is exact. */
            const uint32_t of_row = (uint32_t)(job->ob * sum_a - job->oa * job->ob * (int64_t)job->k_padded);
            const uint32_t oa = (uint32_t)job->oa;
            for (size_t j = 0; j < n; j++) {
                share->p32[i * n + j] = (int32_t)((uint32_t)from[j] + of_row - oa * (uint32_t)sum_b[j]);
            }
        } else {
            for (size_t j = 0; j < n; j++) {
                share->p64[i * n + j] = unflipped(job, from[j], sum_a, sum_b[j], job->k_padded);
            }
        }
        share->row_sums[i] = sum_a - job->oa * (int64_t)job->k_padded;
    }
    if (job->narrow) {
        pcs_output_group_i32(gemm, job->sums, 0, m0, rows, 0, n, share->p32, share->row_sums);
    } else {
        pcs_output_group(gemm, job->sums, 0, m0, rows, 0, n, share->p64, share->row_sums);
    }
}

static pcs_status_t by_rows(pcs_engine_t *engine, const job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t blocks = (gemm->m + BLOCK_ROWS - 1) / BLOCK_ROWS;
    row_share_t share;
    size_t at = 0;
    (void)part(NULL, &at, job->k_padded * job->n_padded);
    (void)part(NULL, &at, job->n_padded * sizeof(int32_t));
    const size_t share_bytes = lay_row_share(job, NULL, &share);
    char *scratch = pcs_engine_scratch(engine, at + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu", gemm->m, gemm->n, gemm->k);
    }
    at = 0;
    uint8_t *b = part(scratch, &at, job->k_padded * job->n_padded);
    int32_t *sum_b = part(scratch, &at, job->n_padded * sizeof(int32_t));
    char *shares = scratch + at;
    pack_b(job, 0, gemm->k, b);
    memset(sum_b, 0, job->n_padded * sizeof *sum_b);
    for (size_t q = 0; job->oa != 0 && q < job->k_padded / QUAD; q++) {
        pcs_vnni_sum_dwords(b + q * job->n_padded * QUAD, job->n_padded, true, sum_b);
    }
#pragma omp parallel num_threads(job->threads)
    {
        row_share_t own;
        (void)lay_row_share(job, shares + (size_t)omp_get_thread_num() * share_bytes, &own);
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks; i++) {
            const size_t m0 = i * BLOCK_ROWS;
            run_rows(job, &own, b, sum_b, m0, gemm->m - m0 < BLOCK_ROWS ? gemm->m - m0 : BLOCK_ROWS);
        }
    }
    return PCS_OK;
}

/* ---- A stored by step -----------------------------------------------------------------------------------------------
 */

typedef struct step_share {
    uint8_t *row[QUAD]; /* (M) bytes of four steps */
    uint8_t *a, *b;     /* quads of a block */
    int32_t *p32, *sum_a, *sum_b;
    int64_t *p64, *row_sums;
    size_t steps; /* in the 32-bit sums, padded */
} step_share_t;

static size_t lay_step_share(const job_t *job, char *base, step_share_t *share)
{
    size_t at = 0;
    for (int i = 0; i < QUAD; i++) {
        share->row[i] = part(base, &at, job->m_padded);
    }
    share->a = part(base, &at, BLOCK_STEPS * job->m_padded);
    share->b = part(base, &at, BLOCK_STEPS * job->n_padded);
    share->p32 = part(base, &at, job->gemm->m * job->n_padded * sizeof(int32_t));
    share->sum_a = part(base, &at, job->m_padded * sizeof(int32_t));
    share->sum_b = part(base, &at, job->n_padded * sizeof(int32_t));
    share->p64 = part(base, &at, job->gemm->m * job->gemm->n * sizeof(int64_t));
    share->row_sums = part(base, &at, job->gemm->m * sizeof(int64_t));
    return at;
}

static void clear_steps(const job_t *job, step_share_t *share)
{
    memset(share->p32, 0, job->gemm->m * job->n_padded * sizeof *share->p32);
    memset(share->sum_a, 0, job->m_padded * sizeof *share->sum_a);
    memset(share->sum_b, 0, job->n_padded * sizeof *share->sum_b);
    share->steps = 0;
}

/* 32-bit sums into 64-bit ones. */
static void flush_steps(const job_t *job, step_share_t *share)
{
    const size_t n = job->gemm->n;
    for (size_t i = 0; i < job->gemm->m; i++) {
        for (size_t j = 0; j < n; j++) {
            share->p64[i * n + j] +=
                unflipped(job, share->p32[i * job->n_padded + j], share->sum_a[i], share->sum_b[j], share->steps);
        }
        share->row_sums[i] += share->sum_a[i] - job->oa * (int64_t)share->steps;
    }
    clear_steps(job, share);
}

static void run_steps(const job_t *job, step_share_t *share, size_t k0, size_t len)
{
    const size_t quads = (len + QUAD - 1) / QUAD;
    if (share->steps + quads * QUAD > FLUSH_STEPS) {
        flush_steps(job, share);
    }
    pack_b(job, k0, len, share->b);
    for (size_t q = 0; q < quads; q++) {
        const uint8_t *rows[QUAD];
        uint8_t *quad = share->a + q * job->m_padded * QUAD;
        for (size_t i = 0; i < QUAD; i++) {
            const size_t k = q * QUAD + i;
            rows[i] = k < len ? share->row[i] : NULL;
            if (k < len) {
                copy_row(&job->gemm->a, k0 + k, job->gemm->m, job->m_padded, share->row[i]);
            }
        }
        pcs_vnni_interleave(rows, job->m_padded, job->flip_a, job->flip_a, quad);
        pcs_vnni_sum_dwords(quad, job->m_padded, false, share->sum_a);
        pcs_vnni_sum_dwords(share->b + q * job->n_padded * QUAD, job->n_padded, true, share->sum_b);
    }
    pcs_vnni_multiply(job->gemm->m, job->n_padded, quads, share->a, QUAD, job->m_padded * QUAD, share->b, share->p32);
    share->steps += quads * QUAD;
}

static pcs_status_t by_steps(pcs_engine_t *engine, const job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t blocks = (gemm->k + BLOCK_STEPS - 1) / BLOCK_STEPS;
    step_share_t total;
    const size_t share_bytes = lay_step_share(job, NULL, &total);
    char *scratch = pcs_engine_scratch(engine, (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu", gemm->m, gemm->n, gemm->k);
    }
    (void)lay_step_share(job, scratch, &total);
#pragma omp parallel num_threads(job->threads)
    {
        step_share_t own;
        (void)lay_step_share(job, scratch + (size_t)omp_get_thread_num() * share_bytes, &own);
        memset(own.p64, 0, gemm->m * gemm->n * sizeof *own.p64);
        memset(own.row_sums, 0, gemm->m * sizeof *own.row_sums);
        clear_steps(job, &own);
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks; i++) {
            const size_t k0 = i * BLOCK_STEPS;
            run_steps(job, &own, k0, gemm->k - k0 < BLOCK_STEPS ? gemm->k - k0 : BLOCK_STEPS);
        }
        flush_steps(job, &own);
#pragma omp barrier
#pragma omp critical
        if (own.p64 != total.p64) {
            for (size_t i = 0; i < gemm->m * gemm->n; i++) {
                total.p64[i] += own.p64[i];
            }
            for (size_t i = 0; i < gemm->m; i++) {
                total.row_sums[i] += own.row_sums[i];
            }
        }
    }
    pcs_output_group(gemm, job->sums, 0, 0, gemm->m, 0, gemm->n, total.p64, total.row_sums);
    return PCS_OK;
}

bool pcs_vnni_takes(const pcs_gemm_t *gemm, const pcs_plan_t *plan)
{
    return pcs_vnni_available() && plan->job.groups == 1 && (gemm->a.transposed || gemm->k <= FLUSH_STEPS);
}

pcs_status_t pcs_run_vnni(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_sums_t *sums, pcs_error_t *err)
{
    const bool flips_a = gemm->a.is_signed;
    const bool flips_b = !gemm->b.is_signed;
    const job_t job = {
        .gemm = gemm,
        .sums = sums,
        .n_padded = round_up(gemm->n, LANES),
        .k_padded = round_up(gemm->k, QUAD),
        .m_padded = round_up(gemm->m, LANES),
        .flip_a = flips_a ? FLIP : 0,
        .flip_b = flips_b ? FLIP : 0,
        .oa = flips_a ? FLIP : 0,
        .ob = flips_b ? FLIP : 0,
        .narrow = pcs_output_narrow(gemm),
        .threads = (int)engine->config.threads,
    };
    return gemm->a.transposed ? by_steps(engine, &job, err) : by_rows(engine, &job, err);
}
