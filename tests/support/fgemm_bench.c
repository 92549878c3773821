/* How fast GEMMs with floating-point accumulators are: rows "NAME GMAC_PER_S WAY", the best of the repeats,
   or of as many as two seconds hold.
   Operands are normally distributed numbers, rounded to the format.
   Usage: fgemm_bench REPEATS THREADS SIZE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/gemm/fgemm.h"

static const struct {
    const char *name;
    pcs_format_t format;
    const char *accumulator;
    bool ordered;
    bool random; /* sums in FP16, rounded stochastically with 16 bits; else in FP32, to nearest */
} rows[] = {{"e4m3-exact", PCS_FORMAT_E4M3, "exact", false, false},
            {"e5m2-exact", PCS_FORMAT_E5M2, "exact", false, false},
            {"bf16-exact", PCS_FORMAT_BF16, "exact", false, false},
            {"e4m3-fma", PCS_FORMAT_E4M3, "fma", true, false},
            {"e5m2-fma", PCS_FORMAT_E5M2, "fma", true, false},
            {"fp16-fma", PCS_FORMAT_FP16, "fma", true, false},
            {"bf16-fma", PCS_FORMAT_BF16, "fma", true, false},
            {"e5m2-chunk64", PCS_FORMAT_E5M2, "chunk:64", true, false},
            {"e4m3-pairwise", PCS_FORMAT_E4M3, "pairwise", true, false},
            {"e4m3-hopper", PCS_FORMAT_E4M3, "hopper", true, false},
            {"e4m3-blackwell", PCS_FORMAT_E4M3, "blackwell", true, false},
            {"fp16-ampere", PCS_FORMAT_FP16, "ampere", true, false},
            {"bf16-cdna3", PCS_FORMAT_BF16, "cdna3", true, false},
            {"e5m2-fma-sr", PCS_FORMAT_E5M2, "fma", true, true},
            {"e5m2-chunk64-sr", PCS_FORMAT_E5M2, "chunk:64", true, true}};
enum { ROWS = sizeof rows / sizeof rows[0], SIZE_MAX_ = 8192 };

static double now(void)
{
    struct timespec t;
    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Sums of twelve uniform numbers are near enough to normal ones, and the same on every machine. */
static void fill(const pcs_format_row_t *format, void *codes, size_t count, uint32_t layer)
{
    const pcs_stream_t stream = pcs_stream(1, PCS_PURPOSE_TEST, 0, layer);
    for (size_t i = 0; i < count; i++) {
        float sum = 0;
        for (uint64_t j = 0; j < 12; j++) {
            sum += pcs_uniform_centered(pcs_philox_u32(&stream, 12 * i + j));
        }
        pcs_code_t code;
        memcpy(&code.bits, &sum, sizeof sum);
        pcs_fpstate_t state = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_SAT};
        pcs_fcode_store(format, codes, i, pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], code, format, &state));
    }
}

static int run(int which, size_t size, unsigned threads, int repeats, void *a, void *b, void *y)
{
    const pcs_format_row_t *format = &pcs_formats[rows[which].format];
    const pcs_format_row_t *c_format = &pcs_formats[rows[which].random ? PCS_FORMAT_FP16 : PCS_FORMAT_FP32];
    const pcs_stream_t stream = pcs_stream(1, PCS_PURPOSE_ROUND, 0, 0);
    pcs_accumulator_t accumulator;
    pcs_error_t err = {{0}};
    pcs_fgemm_stats_t stats;
    fill(format, a, size * size, 0);
    fill(format, b, size * size, 1);
    pcs_status_t status = pcs_accumulator_parse(rows[which].accumulator, format, format, c_format, &accumulator, &err);
    const pcs_fgemm_t gemm = {.m = size,
                              .n = size,
                              .k = size,
                              .a = {.format = format, .codes = a, .ld = size},
                              .b = {.format = format, .codes = b, .ld = size},
                              .c_format = c_format,
                              .y = y,
                              .ldy = size,
                              .accumulator = &accumulator,
                              .rounding = rows[which].random ? PCS_ROUNDING_SR : PCS_ROUNDING_RNE,
                              .random_bits = 16,
                              .stream = &stream,
                              .overflow = PCS_OVERFLOW_INF};
    const pcs_fgemm_config_t config = {
        .executor = PCS_EXECUTOR_FAST, .threads = threads, .ordered = rows[which].ordered};
    double best = 0;
    const double first = now();
    for (int i = 0; i < repeats && status == PCS_OK && (i == 0 || now() - first < 2.0); i++) {
        const double start = now();
        status = pcs_fgemm_run(&gemm, &config, &stats, &err);
        const double seconds = now() - start;
        best = best == 0 || seconds < best ? seconds : best;
    }
    if (status != PCS_OK) {
        (void)fprintf(stderr, "fgemm_bench: %s: %s\n", rows[which].name, err.text);
        return 1;
    }
    int way = 0;
    for (int i = 1; i < PCS_FGEMM_WAYS; i++) {
        way = stats.way[i] > stats.way[way] ? i : way;
    }
    (void)printf("%s %.3f %s\n", rows[which].name, 1e-9 * (double)(size * size * size) / best,
                 pcs_fgemm_way_name((pcs_fgemm_way_t)way));
    (void)fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    const int repeats = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
    const int threads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2;
    const int size = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 1024;
    if (repeats < 1 || threads < 1 || size < 1 || size > SIZE_MAX_) {
        (void)fprintf(stderr, "fgemm_bench: REPEATS and THREADS are at least 1, SIZE is 1..%d\n", SIZE_MAX_);
        return 2;
    }
    const size_t count = (size_t)size * (size_t)size;
    void *a = malloc(count * sizeof(uint32_t));
    void *b = malloc(count * sizeof(uint32_t));
    void *y = malloc(count * sizeof(uint32_t));
    int status = a == NULL || b == NULL || y == NULL ? 2 : 0;
    for (int i = 0; i < ROWS && status == 0; i++) {
        status = run(i, (size_t)size, (unsigned)threads, repeats, a, b, y);
    }
    free(a);
    free(b);
    free(y);
    return status;
}
