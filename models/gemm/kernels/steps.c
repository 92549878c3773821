/* A stored by step (wgrad): threads take ranges of K, each with sums of its own, which are then added.  Here: those
   sums, and A gathered step by step; images.c has the patches of convolutions. */
#include "models/gemm/kernels/steps.h"

#include <omp.h>
#include <string.h>

enum { BLOCK_STEPS = 256, OUTPUT_ROWS = 32 };

void pcs_steps_lay(const pcs_job_t *job, char *base, size_t *at, pcs_steps_t *sums)
{
    const size_t m = job->gemm->m;
    const size_t n = job->gemm->n;
    sums->p32 = pcs_part(base, at, m * job->n * sizeof *sums->p32);
    sums->p = pcs_part(base, at, m * n * sizeof *sums->p);
    sums->row_sums = pcs_part(base, at, m * sizeof *sums->row_sums);
    sums->col_sums = pcs_part(base, at, n * sizeof *sums->col_sums);
    sums->rows = pcs_part(base, at, m * sizeof *sums->rows);
    sums->cols = pcs_part(base, at, n * sizeof *sums->cols);
}

static void clear(const pcs_job_t *job, pcs_steps_t *sums)
{
    memset(sums->p32, 0, job->gemm->m * job->n * sizeof *sums->p32);
    memset(sums->row_sums, 0, job->gemm->m * sizeof *sums->row_sums);
    memset(sums->col_sums, 0, job->gemm->n * sizeof *sums->col_sums);
    sums->steps = 0;
}

void pcs_steps_start(const pcs_job_t *job, pcs_steps_t *sums)
{
    memset(sums->p, 0, job->gemm->m * job->gemm->n * sizeof *sums->p);
    memset(sums->rows, 0, job->gemm->m * sizeof *sums->rows);
    memset(sums->cols, 0, job->gemm->n * sizeof *sums->cols);
    clear(job, sums);
}

/* What the 32-bit sums hold into the 64-bit ones, signs flipped back. */
void pcs_steps_flush(const pcs_job_t *job, pcs_steps_t *sums)
{
    const size_t n = job->gemm->n;
    for (size_t i = 0; i < job->gemm->m; i++) {
        for (size_t j = 0; j < n; j++) {
            const int64_t packed_b = sums->col_sums[j] - job->ob * (int64_t)sums->steps;
            sums->p[i * n + j] += sums->p32[i * job->n + j] + (int64_t)job->ob * sums->row_sums[i] - job->oa * packed_b;
        }
        sums->rows[i] += sums->row_sums[i];
    }
    for (size_t j = 0; j < n; j++) {
        sums->cols[j] += sums->col_sums[j];
    }
    clear(job, sums);
}

/* Room for `steps` more. */
void pcs_steps_reserve(const pcs_job_t *job, pcs_steps_t *sums, size_t steps)
{
    if (sums->steps + steps > job->kernel->most_k) {
        pcs_steps_flush(job, sums);
    }
    sums->steps += steps;
}

static void add(const pcs_job_t *job, const pcs_steps_t *from, pcs_steps_t *to)
{
    for (size_t i = 0; i < job->gemm->m * job->gemm->n; i++) {
        to->p[i] += from->p[i];
    }
    for (size_t i = 0; i < job->gemm->m; i++) {
        to->rows[i] += from->rows[i];
    }
}

void pcs_steps_finish(const pcs_job_t *job, pcs_steps_t *own, pcs_steps_t *total)
{
    const pcs_gemm_t *gemm = job->gemm;
    pcs_steps_flush(job, own);
#pragma omp barrier
#pragma omp critical
    if (own->p != total->p) {
        add(job, own, total);
    }
#pragma omp barrier
#pragma omp for schedule(static)
    for (size_t m0 = 0; m0 < gemm->m; m0 += OUTPUT_ROWS) {
        const size_t rows = gemm->m - m0 < OUTPUT_ROWS ? gemm->m - m0 : OUTPUT_ROWS;
        pcs_output_group(gemm, job->sums, 0, m0, rows, 0, gemm->n, total->p + m0 * gemm->n, total->rows + m0);
    }
}

/* ---- gathered -------------------------------------------------------------------------------------------------------
 */

typedef struct steps_share {
    uint8_t *row[PCS_STEPS_MAX]; /* (M) codes of steps side by side */
    uint8_t *lines;              /* (steps, N) */
    uint8_t *a, *b;              /* dwords of a block */
    pcs_steps_t sums;
} steps_share_t;

static size_t lay_steps(const pcs_job_t *job, char *base, steps_share_t *share)
{
    const size_t dwords = BLOCK_STEPS / job->kernel->steps;
    size_t at = 0;
    for (int i = 0; i < PCS_STEPS_MAX; i++) {
        share->row[i] = pcs_part(base, &at, job->gemm->m);
    }
    share->lines = pcs_part(base, &at, job->kernel->steps * job->gemm->n);
    share->a = pcs_part(base, &at, dwords * job->gemm->m * PCS_DWORD);
    share->b = pcs_part(base, &at, dwords * job->n * PCS_DWORD);
    pcs_steps_lay(job, base, &at, &share->sums);
    return at;
}

static void run_steps(const pcs_job_t *job, steps_share_t *share, size_t k0, size_t len)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t steps = job->kernel->steps;
    const size_t dwords = (len + steps - 1U) / steps;
    pcs_steps_reserve(job, &share->sums, dwords * steps);
    pcs_pack_b(job, k0, len, dwords, share->lines, share->b);
    for (size_t k = 0; k < len; k++) {
        pcs_add_codes(pcs_b_step(&gemm->b, k0 + k, gemm->n, share->lines), gemm->n, gemm->b.is_signed,
                      share->sums.col_sums);
    }
    for (size_t q = 0; q < dwords; q++) {
        const uint8_t *rows[PCS_STEPS_MAX];
        for (size_t i = 0; i < steps; i++) {
            const size_t k = q * steps + i;
            rows[i] = k < len ? share->row[i] : NULL;
            if (k < len) {
                pcs_copy_row(&gemm->a, k0 + k, gemm->m, share->row[i]);
                pcs_add_codes(share->row[i], gemm->m, gemm->a.is_signed, share->sums.row_sums);
            }
        }
        job->kernel->interleave(rows, gemm->m, 1, 0, job->a, share->a + q * gemm->m * PCS_DWORD);
    }
    const pcs_run_t run = {.dwords = dwords};
    const pcs_walk_t walk = {.row = PCS_DWORD, .step = gemm->m * PCS_DWORD, .runs = &run, .count = 1};
    job->kernel->multiply(gemm->m, job->n, &walk, share->a, share->b, share->sums.p32, true);
}

pcs_status_t pcs_fast_steps(pcs_engine_t *engine, const pcs_job_t *job, pcs_error_t *err)
{
    const pcs_gemm_t *gemm = job->gemm;
    const size_t blocks = (gemm->k + BLOCK_STEPS - 1U) / BLOCK_STEPS;
    steps_share_t total;
    const size_t share_bytes = lay_steps(job, NULL, &total);
    char *scratch = pcs_engine_scratch(engine, (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fast_no_memory(gemm, err);
    }
    (void)lay_steps(job, scratch, &total);
#pragma omp parallel num_threads(job->threads)
    {
        steps_share_t own;
        (void)lay_steps(job, scratch + (size_t)omp_get_thread_num() * share_bytes, &own);
        pcs_steps_start(job, &own.sums);
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < blocks; i++) {
            const size_t k0 = i * BLOCK_STEPS;
            run_steps(job, &own, k0, gemm->k - k0 < BLOCK_STEPS ? gemm->k - k0 : BLOCK_STEPS);
        }
        pcs_steps_finish(job, &own.sums, &total.sums);
    }
    return PCS_OK;
}
