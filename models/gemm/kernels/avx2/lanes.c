/* AVX2 lanes: 4 doubles, 8 floats a vector. */
#include "models/gemm/kernels/lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

typedef double doubles_t __attribute__((vector_size(32)));
typedef int64_t integers_t __attribute__((vector_size(32)));
typedef float singles_t __attribute__((vector_size(32)));
typedef int32_t words_t __attribute__((vector_size(32)));

static bool available(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#define NAME pcs_lanes_avx2
#define AVAILABLE available
#define TARGET __attribute__((target("avx2,fma")))
#define BYTES 32
#define MAX(x, y) _mm256_max_pd(x, y)
#define TRUNCATE(x) _mm256_round_pd(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define FLOOR(x) _mm256_round_pd(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)
#define MULTIPLY_ADD32(a, b, c) _mm256_fmadd_ps(a, b, c)
#define MULTIPLY_ADD64(a, b, c) _mm256_fmadd_pd(a, b, c)
#define ROWS 3
#include "models/gemm/kernels/lanes.inc"

#else

static bool available(void)
{
    return false;
}

const pcs_lanes_ops_t pcs_lanes_avx2 = {.available = available};

#endif
