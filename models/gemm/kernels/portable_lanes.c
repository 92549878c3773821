/* Portable lanes: vectors of 16 bytes, which every compiler of ours breaks down to what the machine has. */
#include "models/gemm/kernels/lanes.h"

typedef double doubles_t __attribute__((vector_size(16)));
typedef int64_t integers_t __attribute__((vector_size(16)));
typedef float singles_t __attribute__((vector_size(16)));
typedef int32_t words_t __attribute__((vector_size(16)));

static bool available(void)
{
    return true;
}

static inline doubles_t larger(doubles_t x, doubles_t y)
{
    const integers_t first = x > y;
    return (doubles_t)(((integers_t)x & first) | ((integers_t)y & ~first));
}

/* To an integer: nearest even by the adder, then one back where that went too far. */
static inline doubles_t floored(doubles_t x)
{
    const doubles_t y = (x + 0x1.8p52) - 0x1.8p52;
    return y + __builtin_convertvector(y > x, doubles_t);
}

static inline doubles_t truncated(doubles_t x)
{
    const integers_t sign = (integers_t)x & INT64_MIN;
    return (doubles_t)((integers_t)floored((doubles_t)((integers_t)x ^ sign)) | sign);
}

#define NAME pcs_lanes_portable
#define AVAILABLE available
#define TARGET
#define BYTES 16
#define MAX(x, y) larger(x, y)
#define TRUNCATE(x) truncated(x)
#define FLOOR(x) floored(x)
#define MULTIPLY_ADD32(a, b, c) ((a) * (b) + (c))
#define MULTIPLY_ADD64(a, b, c) ((a) * (b) + (c))
#define ROWS 2
#include "models/gemm/kernels/lanes.inc"
