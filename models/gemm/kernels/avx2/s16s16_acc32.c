/* AVX2: products of pairs of 16-bit values into 32-bit sums (vpmaddwd).  Bytes would saturate: vpmaddubsw adds two
   products in 16 bits. */
#include "models/gemm/kernels/words.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

static bool available(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}

#define NAME pcs_kernel_avx2
#define STEPS PCS_WORDS_STEPS
#define BIASED false
#define MOST_K PCS_WORDS_MOST_K
#define AVAILABLE available
#define COPY pcs_words_copy
#define TRANSPOSE pcs_words_transpose
#define INTERLEAVE pcs_words_interleave
#define TARGET __attribute__((target("avx2")))
#define VECTOR __m256i
#define LANES 8U
#define LOAD(p) _mm256_loadu_si256((const void *)(p))
#define STORE(p, v) _mm256_storeu_si256((void *)(p), (v))
#define BROADCAST(x) _mm256_set1_epi32(x)
#define DOT(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))
#define BLOCK1 8
#define BLOCK2 4
#define BLOCK3 3
#define BLOCK4 2
#include "models/gemm/kernels/multiply.inc"

#else

static bool available(void)
{
    return false;
}

const pcs_kernel_ops_t pcs_kernel_avx2 = {.available = available};

#endif
