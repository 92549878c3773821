/* Portable kernel: 16-bit code values, 32-bit sums, loops a compiler vectorises along N. */
#include "models/gemm/kernels/kernels.h"

PCS_DEFINE_PACK(pack_i16, int16_t)
PCS_DEFINE_SUM_ROWS(sum_rows, int16_t)
PCS_DEFINE_ADD(add_i32, int32_t, int32_t)
PCS_DEFINE_ADD(add_i64, int32_t, int64_t)

static size_t exact_k(uint64_t product)
{
    return (size_t)(INT32_MAX / product);
}

PCS_CLONES static void multiply(size_t m, size_t n, size_t k, const void *a, size_t lda, bool a_by_step, const void *b,
                                void *product)
{
    const int16_t *pa = a;
    const int16_t *pb = b;
    int32_t *sum = product;
    const size_t row_step = a_by_step ? 1 : lda;
    const size_t k_step = a_by_step ? lda : 1;
    for (size_t i = 0; i < m; i++, sum += n) {
        for (size_t j = 0; j < n; j++) {
            sum[j] = 0;
        }
        for (size_t l = 0; l < k; l++) {
            const int16_t value = pa[i * row_step + l * k_step];
            const int16_t *row = pb + l * n;
            for (size_t j = 0; j < n; j++) {
                sum[j] += value * row[j];
            }
        }
    }
}

const pcs_kernel_ops_t pcs_kernel_portable = {
    .name = "portable",
    .element = sizeof(int16_t),
    .exact_k = exact_k,
    .pack = pack_i16,
    .sum_rows = sum_rows,
    .multiply = multiply,
    .add_i32 = add_i32,
    .add_i64 = add_i64,
};
