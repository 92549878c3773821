/* Portable kernel: pairs of 16-bit values, loops that a compiler vectorises along the columns. */
#include <string.h>

#include "models/gemm/kernels/words.h"

enum { LANES = 8 };

static bool available(void)
{
    return true;
}

PCS_CLONES static void add_dword(size_t n, int32_t even, int32_t odd, const int16_t *restrict b, int32_t *restrict sum)
{
    for (size_t j = 0; j < n; j++) {
        sum[j] += even * b[2 * j] + odd * b[2 * j + 1];
    }
}

static void multiply(size_t m, size_t n, const pcs_walk_t *walk, const void *a, const void *b, int32_t *p, bool add)
{
    for (size_t i = 0; i < m; i++, p += n) {
        const int16_t *columns = b;
        if (!add) {
            memset(p, 0, n * sizeof *p);
        }
        for (const pcs_run_t *run = walk->runs; run < walk->runs + walk->count; run++) {
            const char *at = (const char *)a + run->offset + i * walk->row;
            for (size_t q = 0; q < run->dwords; q++, at += walk->step, columns += 2 * n) {
                int16_t pair[2];
                memcpy(pair, at, sizeof pair);
                add_dword(n, pair[0], pair[1], columns, p);
            }
        }
    }
}

PCS_CLONES static void add_lanes(size_t n, const int16_t *restrict a, const int16_t *restrict b, int32_t *restrict sum)
{
    for (size_t j = 0; j < n; j++) {
        sum[j] += a[2 * j] * b[2 * j] + a[2 * j + 1] * b[2 * j + 1];
    }
}

static void lanewise(size_t m, size_t n, const size_t *offset, size_t dwords, size_t row, const void *a, const void *b,
                     int32_t *p, bool add)
{
    const char *from = a;
    for (size_t i = 0; i < m; i++, from += row, p += n) {
        if (!add) {
            memset(p, 0, n * sizeof *p);
        }
        for (size_t q = 0; q < dwords; q++) {
            add_lanes(n, (const int16_t *)(const void *)(from + offset[q]), (const int16_t *)b + 2 * q * n, p);
        }
    }
}

const pcs_kernel_ops_t pcs_kernel_portable = {
    .available = available,
    .steps = PCS_WORDS_STEPS,
    .lanes = LANES,
    .run = 1,
    .most_k = PCS_WORDS_MOST_K,
    .copy = pcs_words_copy,
    .transpose = pcs_words_transpose,
    .interleave = pcs_words_interleave,
    .multiply = multiply,
    .lanewise = lanewise,
};
