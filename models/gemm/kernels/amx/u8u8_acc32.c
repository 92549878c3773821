/* AMX int8: 16 x 16 sums of 64-byte rows by 16 x 64-byte columns an instruction, bytes of either sign.  Only whole runs
   of dwords side by side can be read as tiles: contracts whose A is stored by step, or gathered, go to AVX-512 VNNI. */
#define _DEFAULT_SOURCE /* syscall */

#include "models/gemm/kernels/kernels.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET __attribute__((target("amx-tile,amx-int8")))

enum { ROWS = 16, COLUMNS = 16, TILE_DWORDS = 16, TILE_BYTES = 64 };

/* The processor has the instructions (CPUID 7: EDX bit 24 tiles, bit 25 int8), and Linux lets this process use them. */
static bool available(void)
{
    enum { LEAF = 7, TILES_AND_INT8 = 3 << 24, REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx = 0;
    const bool has = __get_cpuid_count(LEAF, 0, &eax, &ebx, &ecx, &edx) && (edx & TILES_AND_INT8) == TILES_AND_INT8;
    return has && pcs_kernel_avx512vnni.available() && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

/* As the instruction reads it (Intel SDM, LDTILECFG). */
typedef struct config {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16]; /* of a row */
    uint8_t rows[16];
} config_t;
_Static_assert(sizeof(config_t) == 64, "LDTILECFG reads 64 bytes");

/* All tiles whole: rows beyond the last one are computed too, and never read. */
TARGET static void begin(void)
{
    config_t config = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        config.bytes[i] = TILE_BYTES;
        config.rows[i] = ROWS;
    }
    __asm__ volatile("" : : "r"(&config) : "memory"); /* gcc's intrinsic says that it reads 8 bytes only */
    _tile_loadconfig(&config);
}

TARGET static void end(void)
{
    _tile_release();
}

/* A block of four tiles of sums, which hide each other's latency, DOT being the instruction for A's and B's signs:
   `tall`, for one tile of columns: sums 0..3 of up to four tiles of rows, A in 4 and 5, B in 6;
   `square`: sums 0..3 of up to two tiles of rows by two of columns, A in 4 and 5, B in 6 and 7. */
#define EACH_TALL(OP)                                                                                                  \
    do {                                                                                                               \
        OP(0, p, line);                                                                                                \
        if (tiles > 1) {                                                                                               \
            OP(1, p + ROWS * n, line);                                                                                 \
        }                                                                                                              \
        if (tiles > 2) {                                                                                               \
            OP(2, p + 2 * ROWS * n, line);                                                                             \
        }                                                                                                              \
        if (tiles > 3) {                                                                                               \
            OP(3, p + 3 * ROWS * n, line);                                                                             \
        }                                                                                                              \
    } while (0)
#define EACH_SQUARE(OP)                                                                                                \
    do {                                                                                                               \
        OP(0, p, line);                                                                                                \
        OP(1, p + COLUMNS, line);                                                                                      \
        if (tiles > 1) {                                                                                               \
            OP(2, p + ROWS * n, line);                                                                                 \
            OP(3, p + ROWS * n + COLUMNS, line);                                                                       \
        }                                                                                                              \
    } while (0)

TARGET static inline void clear(void)
{
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

#define DEFINE_BLOCKS(name, DOT)                                                                                       \
    TARGET static void tall_##name(const pcs_walk_t *walk, const uint8_t *a, const uint8_t *b, size_t n, int32_t *p,   \
                                   size_t tiles, bool add)                                                             \
    {                                                                                                                  \
        const size_t line = n * PCS_DWORD;                                                                             \
        const size_t row = walk->row;                                                                                  \
        clear();                                                                                                       \
        if (add) {                                                                                                     \
            EACH_TALL(_tile_loadd);                                                                                    \
        }                                                                                                              \
        for (const pcs_run_t *run = walk->runs; run < walk->runs + walk->count; run++) {                               \
            const uint8_t *at = a + run->offset;                                                                       \
            for (size_t q = 0; q < run->dwords; q += TILE_DWORDS, at += TILE_BYTES, b += TILE_DWORDS * line) {         \
                _tile_loadd(6, b, line);                                                                               \
                _tile_loadd(4, at, row);                                                                               \
                DOT(0, 4, 6);                                                                                          \
                if (tiles > 1) {                                                                                       \
                    _tile_loadd(5, at + ROWS * row, row);                                                              \
                    DOT(1, 5, 6);                                                                                      \
                }                                                                                                      \
                if (tiles > 2) {                                                                                       \
                    _tile_loadd(4, at + 2 * ROWS * row, row);                                                          \
                    DOT(2, 4, 6);                                                                                      \
                }                                                                                                      \
                if (tiles > 3) {                                                                                       \
                    _tile_loadd(5, at + 3 * ROWS * row, row);                                                          \
                    DOT(3, 5, 6);                                                                                      \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        EACH_TALL(_tile_stored);                                                                                       \
    }                                                                                                                  \
    TARGET static void square_##name(const pcs_walk_t *walk, const uint8_t *a, const uint8_t *b, size_t n, int32_t *p, \
                                     size_t tiles, bool add)                                                           \
    {                                                                                                                  \
        const size_t line = n * PCS_DWORD;                                                                             \
        const size_t row = walk->row;                                                                                  \
        clear();                                                                                                       \
        if (add) {                                                                                                     \
            EACH_SQUARE(_tile_loadd);                                                                                  \
        }                                                                                                              \
        for (const pcs_run_t *run = walk->runs; run < walk->runs + walk->count; run++) {                               \
            const uint8_t *at = a + run->offset;                                                                       \
            for (size_t q = 0; q < run->dwords; q += TILE_DWORDS, at += TILE_BYTES, b += TILE_DWORDS * line) {         \
                _tile_loadd(6, b, line);                                                                               \
                _tile_loadd(4, at, row);                                                                               \
                DOT(0, 4, 6);                                                                                          \
                _tile_loadd(7, b + TILE_BYTES, line);                                                                  \
                DOT(1, 4, 7);                                                                                          \
                if (tiles > 1) {                                                                                       \
                    _tile_loadd(5, at + ROWS * row, row);                                                              \
                    DOT(2, 5, 6);                                                                                      \
                    DOT(3, 5, 7);                                                                                      \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        EACH_SQUARE(_tile_stored);                                                                                     \
    }
DEFINE_BLOCKS(uu, _tile_dpbuud)
DEFINE_BLOCKS(us, _tile_dpbusd)
DEFINE_BLOCKS(su, _tile_dpbsud)
DEFINE_BLOCKS(ss, _tile_dpbssd)

typedef void block_fn(const pcs_walk_t *walk, const uint8_t *a, const uint8_t *b, size_t n, int32_t *p, size_t tiles,
                      bool add);
/* By the signs of A and B. */
static block_fn *const tall[2][2] = {{tall_uu, tall_us}, {tall_su, tall_ss}};
static block_fn *const square[2][2] = {{square_uu, square_us}, {square_su, square_ss}};

static void multiply(size_t m, size_t n, const pcs_walk_t *walk, const void *a, const void *b, int32_t *p, bool add)
{
    PCS_ASSERT(walk->step == PCS_DWORD && (!add || m % ROWS == 0));
    for (size_t j = 0; j < n;) {
        const bool two = n - j > COLUMNS;
        block_fn *const block = (two ? square : tall)[walk->a_signed][walk->b_signed];
        const size_t most = two ? 2 : 4;
        for (size_t i = 0; i < m; i += most * ROWS) {
            const size_t tiles = (m - i + ROWS - 1U) / ROWS;
            block(walk, (const uint8_t *)a + i * walk->row, (const uint8_t *)b + j * PCS_DWORD, n, p + i * n + j,
                  tiles < most ? tiles : most, add);
        }
        j += two ? 2U * COLUMNS : COLUMNS;
    }
}

static void copy(const uint8_t *codes, size_t count, pcs_coding_t coding, void *dst)
{
    (void)coding;
    memcpy(dst, codes, count);
}

static void transpose(const uint8_t *codes, size_t pixel, size_t count, size_t channels, pcs_coding_t coding, void *dst,
                      size_t row)
{
    (void)coding;
    pcs_kernel_avx512vnni.transpose(codes, pixel, count, channels, (pcs_coding_t){0, false}, dst, row);
}

static void interleave(const uint8_t *const *rows, size_t count, size_t dwords, size_t advance, pcs_coding_t coding,
                       void *dst)
{
    (void)coding; /* nothing is flipped */
    pcs_kernel_avx512vnni.interleave(rows, count, dwords, advance, (pcs_coding_t){0, false}, dst);
}

const pcs_kernel_ops_t pcs_kernel_amx = {
    .available = available,
    .steps = PCS_STEPS_MAX,
    .lanes = COLUMNS,
    .run = TILE_DWORDS,
    .bands = true,
    .most_k = 32768, /* 255 * 255 a product */
    .begin = begin,
    .end = end,
    .otherwise = &pcs_kernel_avx512vnni,
    .copy = copy,
    .transpose = transpose,
    .interleave = interleave,
    .multiply = multiply,
};

#else

static bool available(void)
{
    return false;
}

const pcs_kernel_ops_t pcs_kernel_amx = {.available = available};

#endif
