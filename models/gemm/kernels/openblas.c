/* OpenBLAS kernel: sgemm on code values.  Every product and every partial sum is an integer; as long as no sum of
   absolute products exceeds 2^24, binary32 holds each of them exactly, in whatever order OpenBLAS adds.  exact_k is
   that bound; longer K is cut, and the pieces are added as integers. */
#include <cblas.h>

#include "models/gemm/kernels/kernels.h"

PCS_DEFINE_PACK(pack_f32, float)
PCS_DEFINE_SUM_ROWS(sum_rows, float)
PCS_DEFINE_ADD(add_i32, float, int32_t)
PCS_DEFINE_ADD(add_i64, float, int64_t)

static size_t exact_k(uint64_t product)
{
    return (size_t)((UINT64_C(1) << 24U) / product);
}

static void multiply(size_t m, size_t n, size_t k, const void *a, size_t lda, bool a_by_step, const void *b,
                     void *product)
{
    cblas_sgemm(CblasRowMajor, a_by_step ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1.0F, a,
                (int)lda, b, (int)n, 0.0F, product, (int)n);
}

const pcs_kernel_ops_t pcs_kernel_openblas = {
    .name = "openblas",
    .element = sizeof(float),
    .exact_k = exact_k,
    .pack = pack_f32,
    .sum_rows = sum_rows,
    .multiply = multiply,
    .add_i32 = add_i32,
    .add_i64 = add_i64,
};

void pcs_kernels_init(void)
{
    openblas_set_num_threads(1); /* the engine's own threads call it */
}
