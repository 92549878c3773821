/* AVX-512 lanes: 8 doubles, 16 floats a vector. */
#include "models/gemm/kernels/lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

typedef double doubles_t __attribute__((vector_size(64)));
typedef int64_t integers_t __attribute__((vector_size(64)));
typedef float singles_t __attribute__((vector_size(64)));
typedef int32_t words_t __attribute__((vector_size(64)));

static bool available(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
}

#define NAME pcs_lanes_avx512
#define AVAILABLE available
#define TARGET __attribute__((target("avx512f,avx512dq")))
#define BYTES 64
#define MAX(x, y) _mm512_max_pd(x, y)
#define TRUNCATE(x) _mm512_roundscale_pd(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC)
#define FLOOR(x) _mm512_roundscale_pd(x, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)
#define MULTIPLY_ADD32(a, b, c) _mm512_fmadd_ps(a, b, c)
#define MULTIPLY_ADD64(a, b, c) _mm512_fmadd_pd(a, b, c)
#define ROWS 6
#include "models/gemm/kernels/lanes.inc"

#else

static bool available(void)
{
    return false;
}

const pcs_lanes_ops_t pcs_lanes_avx512 = {.available = available};

#endif
