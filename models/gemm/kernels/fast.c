/* `fast`: packed panels, exact integer kernels, threads over blocks.  Integers add up the same in any order, so the
   result does not depend on blocks, threads or kernel. */
#include <omp.h>
#include <string.h>

#include "models/gemm/engine_internal.h"
#include "models/gemm/kernels/avx512vnni/u8s8_acc32.h"
#include "models/gemm/kernels/kernels.h"
#include "models/mac/mac.h"

/* Rows or steps of a packed block, and the elements it should not exceed much: it is to stay in the second-level cache.
 */
enum { BLOCK_ROWS = 256, BLOCK_STEPS = 256, PANEL = 32768 };

/* What all blocks of one GEMM share. */
typedef struct job {
    const pcs_gemm_t *gemm;
    const pcs_sums_t *sums;
    const pcs_kernel_ops_t *kernel;
    size_t m, n, k;
    size_t groups, group_len;
    size_t exact_k; /* steps of one kernel call */
    bool narrow;    /* sums are 32 bits wide */
    int threads;
} job_t;

/* Parts of a thread's share of the scratch memory. */
typedef struct share {
    void *a, *b, *product;
    union {
        int32_t *i32;
        int64_t *i64;
    } p;
    int64_t *row_sums;
} share_t;

static size_t align64(size_t bytes)
{
    return (bytes + 63U) & ~(size_t)63U;
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Bytes of a share; with base, also its parts. */
static size_t lay_share(const job_t *job, size_t a_elements, size_t b_elements, size_t rows, char *base, share_t *share)
{
    const size_t sizes[] = {a_elements * job->kernel->element, b_elements * job->kernel->element,
                            rows * job->n * sizeof(int32_t), rows * job->n * sizeof(int64_t), rows * sizeof(int64_t)};
    size_t at[6] = {0};
    for (size_t i = 0; i < 5; i++) {
        at[i + 1] = at[i] + align64(sizes[i]);
    }
    if (base != NULL) {
        *share = (share_t){base + at[0], base + at[1], base + at[2], {(void *)(base + at[3])}, (void *)(base + at[4])};
    }
    return at[5];
}

/* Rows k0.. of B, (len, N). */
static void pack_b(const job_t *job, size_t k0, size_t len, char *dst)
{
    enum { STRIP = 64 };
    const pcs_operand_t *b = &job->gemm->b;
    if (!b->transposed) {
        job->kernel->pack(b, job->n, k0, len, dst);
        return;
    }
    for (size_t k = k0; k < k0 + len; k++) {
        for (size_t n0 = 0; n0 < job->n; n0 += STRIP) {
            uint8_t strip[STRIP];
            const size_t count = min_size(STRIP, job->n - n0);
            for (size_t j = 0; j < count; j++) {
                strip[j] = b->codes[(n0 + j) * b->ld + k];
            }
            const pcs_operand_t line = {.codes = strip, .is_signed = b->is_signed, .ld = STRIP};
            job->kernel->pack(&line, count, 0, 1, dst);
            dst += count * job->kernel->element;
        }
    }
}

/* share->p (rows, N) += A B over len steps. */
static void multiply(const job_t *job, const share_t *share, size_t rows, size_t len, const void *a, size_t lda,
                     bool a_by_step, const void *b)
{
    job->kernel->multiply(rows, job->n, len, a, lda, a_by_step, b, share->product);
    if (job->narrow) {
        job->kernel->add_i32(share->product, rows * job->n, share->p.i32);
    } else {
        job->kernel->add_i64(share->product, rows * job->n, share->p.i64);
    }
}

static void clear_sums(const job_t *job, const share_t *share, size_t rows)
{
    memset(share->p.i64, 0, rows * job->n * (job->narrow ? sizeof(int32_t) : sizeof(int64_t)));
    memset(share->row_sums, 0, rows * sizeof *share->row_sums);
}

static void output(const job_t *job, const share_t *share, size_t group, size_t m0, size_t rows)
{
    if (job->narrow) {
        pcs_output_group_i32(job->gemm, job->sums, group, m0, rows, 0, job->n, share->p.i32, share->row_sums);
    } else {
        pcs_output_group(job->gemm, job->sums, group, m0, rows, 0, job->n, share->p.i64, share->row_sums);
    }
}

/* One block of rows of A (stored by row): all groups. */
static void run_rows(const job_t *job, const share_t *share, const char *b, size_t m0, size_t rows)
{
    const size_t element = job->kernel->element;
    job->kernel->pack(&job->gemm->a, job->k, m0, rows, share->a);
    for (size_t group = 0; group < job->groups; group++) {
        clear_sums(job, share, rows);
        const size_t end = (group + 1) * job->group_len;
        for (size_t k = group * job->group_len; k < end; k += job->exact_k) {
            multiply(job, share, rows, min_size(job->exact_k, end - k), (const char *)share->a + k * element, job->k,
                     false, b + k * job->n * element);
        }
        if (job->sums->terms.row_sums) {
            job->kernel->sum_rows(rows, job->group_len, (const char *)share->a + group * job->group_len * element,
                                  job->k, false, share->row_sums);
        }
        output(job, share, group, m0, rows);
    }
}

/* A stored by row: threads take blocks of rows; B is packed once. */
static pcs_status_t by_rows(pcs_engine_t *engine, const job_t *job, pcs_error_t *err)
{
    const size_t block = min_size(BLOCK_ROWS, 16 + PANEL / job->k);
    const size_t blocks = (job->m + block - 1) / block;
    const size_t b_bytes = align64(job->k * job->n * job->kernel->element);
    const size_t share_bytes = lay_share(job, block * job->k, 0, block, NULL, NULL);
    char *scratch = pcs_engine_scratch(engine, b_bytes + (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu", job->m, job->n, job->k);
    }
    pack_b(job, 0, job->k, scratch);
#pragma omp parallel num_threads(job->threads)
    {
        share_t share;
        (void)lay_share(job, block * job->k, 0, block, scratch + b_bytes + (size_t)omp_get_thread_num() * share_bytes,
                        &share);
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks; i++) {
            run_rows(job, &share, scratch, i * block, min_size(block, job->m - i * block));
        }
    }
    return PCS_OK;
}

/* A stored by step (wgrad): threads take ranges of K, each with sums of its own, which are then added. */
static pcs_status_t by_steps(pcs_engine_t *engine, const job_t *job, pcs_error_t *err)
{
    const size_t block = min_size(job->exact_k, BLOCK_STEPS);
    const size_t blocks = (job->k + block - 1) / block;
    const size_t share_bytes = lay_share(job, block * job->m, block * job->n, job->m, NULL, NULL);
    char *scratch = pcs_engine_scratch(engine, (size_t)job->threads * share_bytes);
    if (scratch == NULL) {
        return pcs_fail(err, PCS_MEMORY, "no memory to pack a GEMM of %zu x %zu x %zu", job->m, job->n, job->k);
    }
    share_t total;
    (void)lay_share(job, block * job->m, block * job->n, job->m, scratch, &total);
#pragma omp parallel num_threads(job->threads)
    {
        share_t share;
        (void)lay_share(job, block * job->m, block * job->n, job->m,
                        scratch + (size_t)omp_get_thread_num() * share_bytes, &share);
        clear_sums(job, &share, job->m);
#pragma omp for schedule(static)
        for (size_t i = 0; i < blocks; i++) {
            const size_t len = min_size(block, job->k - i * block);
            job->kernel->pack(&job->gemm->a, job->m, i * block, len, share.a);
            pack_b(job, i * block, len, share.b);
            multiply(job, &share, job->m, len, share.a, job->m, true, share.b);
            if (job->sums->terms.row_sums) {
                job->kernel->sum_rows(job->m, len, share.a, job->m, true, share.row_sums);
            }
        } /* all ranges are done here: the loop ends with a barrier */
#pragma omp critical
        if (share.p.i64 != total.p.i64) {
            for (size_t i = 0; i < job->m * job->n; i++) {
                total.p.i64[i] += share.p.i64[i];
            }
            for (size_t i = 0; i < job->m; i++) {
                total.row_sums[i] += share.row_sums[i];
            }
        }
    }
    output(job, &total, 0, 0, job->m);
    return PCS_OK;
}

bool pcs_kernel_available(pcs_kernel_t kernel)
{
    return kernel != PCS_KERNEL_AVX512VNNI || pcs_vnni_available();
}

pcs_status_t pcs_run_fast(pcs_engine_t *engine, const pcs_gemm_t *gemm, const pcs_plan_t *plan, const pcs_sums_t *sums,
                          uint64_t *overflows, pcs_error_t *err)
{
    /* Where an accumulator may overflow, order matters; where K groups meet operands stored by step, no network of ours
       goes: both run as defined. */
    if (!plan->proven || (gemm->a.transposed && plan->job.groups > 1)) {
        return pcs_run_ref(engine, gemm, plan, sums, overflows, err);
    }
    const pcs_kernel_t chosen = engine->config.kernel;
    if ((chosen == PCS_KERNEL_AUTO || chosen == PCS_KERNEL_AVX512VNNI) && pcs_vnni_takes(gemm, plan)) {
        return pcs_run_vnni(engine, gemm, sums, err);
    }
    const uint64_t product = plan->worst / plan->job.segment;
    const pcs_kernel_ops_t *kernel = chosen == PCS_KERNEL_PORTABLE ? &pcs_kernel_portable : &pcs_kernel_openblas;
    const job_t job = {
        .gemm = gemm,
        .sums = sums,
        .kernel = kernel,
        .m = gemm->m,
        .n = gemm->n,
        .k = gemm->k,
        .groups = plan->job.groups,
        .group_len = gemm->k / plan->job.groups,
        .exact_k = kernel->exact_k(product),
        .narrow = !gemm->a.transposed && pcs_output_narrow(gemm), /* by steps the results are few, the sums long */
        .threads = (int)engine->config.threads,
    };
    PCS_ASSERT(job.exact_k > 0);
    *overflows = 0;
    return gemm->a.transposed ? by_steps(engine, &job, err) : by_rows(engine, &job, err);
}
