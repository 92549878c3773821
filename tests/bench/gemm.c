/* Exact int8 GEMMs of the `fast` executor beside oneDNN's s8s8s32 and OpenBLAS' sgemm of the same sizes, in one run, by
   turns: the three passes of ResNet-20's convolutions at a batch, and 1024^3, a line for each:
     <work> <ours> <oneDNN> <sgemm>     Gop/s, the best of the repeats; 0: the library is not there
   Ours reads images where they lie and leaves binary32 results; the libraries are given dense matrices, made for
   nothing.  The libraries are opened at run time.
   usage: bench_gemm [--threads T] [--batch B] [--repeats R] [--isa NAME] [--only TEXT] [--alone] [--cpu]
   --only: works whose names contain the text; --alone: without the libraries
   --cpu: processor time, for one thread on a busy machine */
#include <dlfcn.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/support/check.h"
#include "workloads/nn/conv_contract.h"

enum { PARTS = 4, BITS = 8, CUBE = 1024, BLAS_ROW_MAJOR = 101, BLAS_NO_TRANS = 111 };

typedef int dnnl_gemm_fn(char transa, char transb, char offsetc, int64_t m, int64_t n, int64_t k, float alpha,
                         const int8_t *a, int64_t lda, int8_t ao, const int8_t *b, int64_t ldb, int8_t bo, float beta,
                         int32_t *c, int64_t ldc, const int32_t *co);
typedef void sgemm_fn(int order, int transa, int transb, int m, int n, int k, float alpha, const float *a, int lda,
                      const float *b, int ldb, float beta, float *c, int ldc);
typedef void set_threads_fn(int threads);

typedef struct bench {
    unsigned threads, batch, repeats;
    bool cpu;
    const char *only;
    pcs_engine_t *engine;
    dnnl_gemm_fn *dnnl;
    sgemm_fn *sgemm;
    /* large enough for any work, A, B and the result of each */
    uint8_t *codes_a, *codes_b;
    float *float_a, *float_b;
    float *y;
    int32_t *y32;
} bench_t;

/* One or more contracts that belong together. */
typedef struct work {
    char name[48];
    size_t parts;
    pcs_gemm_t gemm[PARTS];
    pcs_patch_t patch[PARTS];
} work_t;

static const float one = 1.0F;

static double now(const bench_t *bench)
{
    struct timespec time;
    (void)clock_gettime(bench->cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* A library's function, NULL where the library is not there. */
static void find(const char *library, const char *name, void *function, size_t size)
{
    void *handle = dlopen(library, RTLD_NOW);
    void *found = handle != NULL ? dlsym(handle, name) : NULL;
    memcpy(function, &found, size); /* ISO C converts no object pointer to one of a function */
}

static void run_ours(const bench_t *bench, const work_t *work)
{
    for (size_t i = 0; i < work->parts; i++) {
        pcs_error_t err = {0};
        CHECK_OK(pcs_gemm_run(bench->engine, &work->gemm[i], NULL, NULL, &err), &err);
    }
}

static void run_dnnl(const bench_t *bench, const work_t *work)
{
    for (size_t i = 0; i < work->parts; i++) {
        const pcs_gemm_t *g = &work->gemm[i];
        const int32_t none = 0;
        const char trans = g->a.transposed ? 'T' : 'N';
        const int64_t m = (int64_t)g->m;
        const int64_t n = (int64_t)g->n;
        const int64_t k = (int64_t)g->k;
        (void)bench->dnnl(trans, 'N', 'F', m, n, k, 1.0F, (const int8_t *)bench->codes_a, trans == 'T' ? m : k, 0,
                          (const int8_t *)bench->codes_b, n, 0, 0.0F, bench->y32, n, &none);
    }
}

static void run_sgemm(const bench_t *bench, const work_t *work)
{
    enum { BLAS_TRANS = 112 };
    for (size_t i = 0; i < work->parts; i++) {
        const pcs_gemm_t *g = &work->gemm[i];
        const int lda = (int)(g->a.transposed ? g->m : g->k);
        bench->sgemm(BLAS_ROW_MAJOR, g->a.transposed ? BLAS_TRANS : BLAS_NO_TRANS, BLAS_NO_TRANS, (int)g->m, (int)g->n,
                     (int)g->k, 1.0F, bench->float_a, lda, bench->float_b, (int)g->n, 0.0F, bench->y, (int)g->n);
    }
}

static void measure(const bench_t *bench, const work_t *work)
{
    typedef void run_fn(const bench_t *bench, const work_t *work);
    run_fn *const runs[] = {run_ours, bench->dnnl != NULL ? run_dnnl : NULL, bench->sgemm != NULL ? run_sgemm : NULL};
    enum { RUNS = sizeof runs / sizeof runs[0] };
    double best[RUNS] = {0};
    double ops = 0;
    if (strstr(work->name, bench->only) == NULL) {
        return;
    }
    for (size_t i = 0; i < work->parts; i++) {
        ops += 2.0 * (double)work->gemm[i].m * (double)work->gemm[i].n * (double)work->gemm[i].k;
    }
    for (unsigned turn = 0; turn <= bench->repeats; turn++) { /* the first warms up */
        for (int i = 0; i < RUNS; i++) {
            if (runs[i] != NULL) {
                const double start = now(bench);
                runs[i](bench, work);
                const double rate = 1e-9 * ops / (now(bench) - start);
                best[i] = turn > 0 && rate > best[i] ? rate : best[i];
            }
        }
    }
    (void)printf("%s %.2f %.2f %.2f\n", work->name, best[0], best[1], best[2]);
}

static void finish(const bench_t *bench, pcs_gemm_t *gemm)
{
    gemm->a.codes = bench->codes_a;
    gemm->b.codes = bench->codes_b;
    gemm->a.affine.scale = &one;
    gemm->b.affine.scale = &one;
    gemm->y = (pcs_result_t){.data = bench->y, .h = 1, .w = 1, .stride_image = gemm->n};
}

static void convolution(const bench_t *bench, pcs_conv_shape_t shape)
{
    static const pcs_numerics_t numerics = {
        .quantizer = PCS_QUANTIZER_SYMMETRIC, .weights = PCS_WEIGHTS_PER_TENSOR, .acc_bits = 32};
    pcs_arena_t arena = {NULL, 0};
    pcs_conv_views_t views;
    work_t work = {.parts = 1};
    PCS_ASSERT(pcs_conv_shape_check(&shape));
    pcs_conv_views_place(&views, &shape, &arena);
    arena = (pcs_arena_t){aligned_alloc(PCS_ARENA_ALIGN, arena.used), 0};
    PCS_ASSERT(arena.base != NULL);
    pcs_conv_views_place(&views, &shape, &arena);
    char name[32];
    (void)snprintf(name, sizeof name, "%ux%u-%u-%u-%u-s%u", shape.kernel, shape.kernel, shape.channels, shape.filters,
                   shape.width, shape.stride);

    (void)snprintf(work.name, sizeof work.name, "%s-forward", name);
    pcs_conv_contract_forward(&shape, &views, &numerics, bench->batch, BITS, &work.patch[0], &work.gemm[0]);
    finish(bench, &work.gemm[0]);
    measure(bench, &work);
    (void)snprintf(work.name, sizeof work.name, "%s-wgrad", name);
    pcs_conv_contract_wgrad(&shape, &views, &numerics, bench->batch, BITS, BITS, &work.patch[0], &work.gemm[0]);
    finish(bench, &work.gemm[0]);
    measure(bench, &work);
    work.parts = 0;
    for (uint32_t p = 0; p < views.phases && shape.channels > 3; p++) { /* the images have no gradient */
        const size_t i = work.parts;
        work.parts += pcs_conv_contract_dgrad(&shape, &views, &numerics, bench->batch, BITS, BITS, &views.phase[p],
                                              &work.patch[i], &work.gemm[i]);
        finish(bench, &work.gemm[i]);
    }
    if (work.parts > 0) {
        (void)snprintf(work.name, sizeof work.name, "%s-dgrad", name);
        measure(bench, &work);
    }
    free(arena.base);
}

static void cube(const bench_t *bench)
{
    work_t work = {.name = "1024^3", .parts = 1};
    work.gemm[0] = (pcs_gemm_t){.m = CUBE,
                                .n = CUBE,
                                .k = CUBE,
                                .a = {.bits = BITS, .is_signed = true, .ld = CUBE},
                                .b = {.bits = BITS, .is_signed = true, .ld = CUBE},
                                .acc_bits = 32};
    finish(bench, &work.gemm[0]);
    measure(bench, &work);
}

static unsigned number(int argc, char **argv, const char *flag, unsigned otherwise)
{
    const char *text = NULL;
    const long value = check_flag(argc, argv, flag, &text) ? strtol(text, NULL, 10) : (long)otherwise;
    if (value < 1 || value > 1000) {
        (void)fprintf(stderr, "bench_gemm: %s is 1..1000\n", flag);
        exit(2);
    }
    return (unsigned)value;
}

static void open_engine(bench_t *bench, const char *isa)
{
    pcs_engine_config_t config = {
        .executor = PCS_EXECUTOR_FAST,
        .array = {.rows = 16, .cols = 16, .kind = PCS_KIND_GATED, .acc_bits = 32, .digit = 1},
        .threads = bench->threads,
    };
    pcs_error_t err = {0};
    while (config.kernel < PCS_KERNEL_COUNT && strcmp(isa, pcs_kernel_name(config.kernel)) != 0) {
        config.kernel = (pcs_kernel_t)((unsigned)config.kernel + 1U);
    }
    if (config.kernel == PCS_KERNEL_COUNT || !pcs_kernel_available(config.kernel)) {
        (void)fprintf(stderr, "bench_gemm: no kernel %s here\n", isa);
        exit(2);
    }
    CHECK_OK(pcs_engine_create(&config, &bench->engine, &err), &err);
}

/* The libraries use as many threads as we do. */
static void open_libraries(bench_t *bench)
{
    set_threads_fn *set_threads = NULL;
    omp_set_num_threads((int)bench->threads);
    find("libdnnl.so.2", "dnnl_gemm_s8s8s32", &bench->dnnl, sizeof bench->dnnl);
    find("libopenblas.so.0", "cblas_sgemm", &bench->sgemm, sizeof bench->sgemm);
    find("libopenblas.so.0", "openblas_set_num_threads", &set_threads, sizeof set_threads);
    if (set_threads != NULL) {
        set_threads((int)bench->threads);
    }
}

static void *room(size_t bytes)
{
    void *made = aligned_alloc(PCS_ARENA_ALIGN, (bytes + PCS_ARENA_ALIGN - 1U) / PCS_ARENA_ALIGN * PCS_ARENA_ALIGN);
    PCS_ASSERT(made != NULL);
    return made;
}

int main(int argc, char **argv)
{
    static const pcs_conv_shape_t shapes[] = {
        {.height = 32, .width = 32, .channels = 3, .kernel = 3, .stride = 1, .padding = 1, .filters = 16},
        {.height = 32, .width = 32, .channels = 16, .kernel = 3, .stride = 1, .padding = 1, .filters = 16},
        {.height = 32, .width = 32, .channels = 16, .kernel = 3, .stride = 2, .padding = 1, .filters = 32},
        {.height = 32, .width = 32, .channels = 16, .kernel = 1, .stride = 2, .padding = 0, .filters = 32},
        {.height = 16, .width = 16, .channels = 32, .kernel = 3, .stride = 1, .padding = 1, .filters = 32},
        {.height = 16, .width = 16, .channels = 32, .kernel = 3, .stride = 2, .padding = 1, .filters = 64},
        {.height = 16, .width = 16, .channels = 32, .kernel = 1, .stride = 2, .padding = 0, .filters = 64},
        {.height = 8, .width = 8, .channels = 64, .kernel = 3, .stride = 1, .padding = 1, .filters = 64},
    };
    const char *isa = "auto";
    bench_t bench = {.threads = number(argc, argv, "--threads", 1),
                     .batch = number(argc, argv, "--batch", 128),
                     .repeats = number(argc, argv, "--repeats", 5),
                     .cpu = check_flag(argc, argv, "--cpu", NULL),
                     .only = ""};
    (void)check_flag(argc, argv, "--isa", &isa);
    (void)check_flag(argc, argv, "--only", &bench.only);
    open_engine(&bench, isa);
    if (!check_flag(argc, argv, "--alone", NULL)) {
        open_libraries(&bench);
    }
    /* The largest dense A is the patches of 16 channels at 32 x 32, the largest B and result the gradients there. */
    const size_t positions = (size_t)bench.batch * 32 * 32;
    const size_t a = positions * 9 * 16 > (size_t)CUBE * CUBE ? positions * 9 * 16 : (size_t)CUBE * CUBE;
    const size_t b = positions * 16 > (size_t)CUBE * CUBE ? positions * 16 : (size_t)CUBE * CUBE;
    check_rng_t rng = {1, 0};
    bench.codes_a = room(a);
    bench.codes_b = room(b);
    bench.float_a = room(a * sizeof(float));
    bench.float_b = room(b * sizeof(float));
    bench.y = room(b * sizeof(float));
    bench.y32 = room(b * sizeof(int32_t));
    for (size_t i = 0; i < a; i++) {
        bench.codes_a[i] = (uint8_t)check_range(&rng, 0, 255);
        bench.float_a[i] = (float)(int8_t)bench.codes_a[i];
    }
    for (size_t i = 0; i < b; i++) {
        bench.codes_b[i] = (uint8_t)check_range(&rng, 0, 255);
        bench.float_b[i] = (float)(int8_t)bench.codes_b[i];
    }
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        convolution(&bench, shapes[i]);
    }
    cube(&bench);
    pcs_engine_destroy(bench.engine);
    free(bench.codes_a);
    free(bench.codes_b);
    free(bench.float_a);
    free(bench.float_b);
    free(bench.y);
    free(bench.y32);
    return 0;
}
