/* AMX int8: 16 x 16 sums of 64-byte rows by 16 x 64-byte columns an instruction, bytes of either sign.  Only whole runs
   of dwords side by side can be read as tiles: contracts whose A is stored by step, or gathered, go to AVX-512 VNNI. */
#define _DEFAULT_SOURCE /* syscall */

#include "models/gemm/kernels/kernels.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__)

#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET __attribute__((target("amx-tile,amx-int8")))

enum { ROWS = 16, COLUMNS = 16, TILE_DWORDS = 16, TILE_BYTES = 64 };

/* The processor has the instructions, and Linux lets this process use the registers. */
static bool available(void)
{
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    __builtin_cpu_init();
    return pcs_kernel_avx512vnni.available() && __builtin_cpu_supports("amx-tile") &&
           __builtin_cpu_supports("amx-int8") && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

/* As the instruction reads it (Intel SDM, LDTILECFG). */
typedef struct config {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16]; /* of a row */
    uint8_t rows[16];
} config_t;
_Static_assert(sizeof(config_t) == 64, "LDTILECFG reads 64 bytes");

/* Tiles 0..3: sums of two tiles of rows by two of columns; 4, 5: A; 6, 7: B. */
TARGET static void configure(size_t rows, size_t more_rows)
{
    config_t config = {.palette = 1};
    for (int i = 0; i < 8; i++) {
        const bool second = i == 2 || i == 3 || i == 5;
        config.bytes[i] = TILE_BYTES;
        config.rows[i] = (uint8_t)(i >= 6 ? TILE_DWORDS : second && more_rows > 0 ? more_rows : rows);
    }
    __asm__ volatile("" : : "r"(&config) : "memory"); /* gcc's intrinsic says that it reads 8 bytes only */
    _tile_loadconfig(&config);
}

/* One or two tiles of rows by one or two of columns, DOT being the instruction for A's and B's signs. */
#define DEFINE_TILES(name, DOT)                                                                                        \
    TARGET static void name(const pcs_walk_t *walk, const uint8_t *a, const uint8_t *b, size_t n, int32_t *p,          \
                            bool two_rows, bool two_columns)                                                           \
    {                                                                                                                  \
        const size_t line = n * PCS_DWORD;                                                                             \
        _tile_zero(0);                                                                                                 \
        _tile_zero(1);                                                                                                 \
        _tile_zero(2);                                                                                                 \
        _tile_zero(3);                                                                                                 \
        for (const pcs_run_t *run = walk->runs; run < walk->runs + walk->count; run++) {                               \
            const uint8_t *at = a + run->offset;                                                                       \
            for (size_t q = 0; q < run->dwords; q += TILE_DWORDS, at += TILE_BYTES, b += TILE_DWORDS * line) {         \
                _tile_loadd(6, b, line);                                                                               \
                _tile_loadd(4, at, walk->row);                                                                         \
                DOT(0, 4, 6);                                                                                          \
                if (two_rows) {                                                                                        \
                    _tile_loadd(5, at + ROWS * walk->row, walk->row);                                                  \
                    DOT(2, 5, 6);                                                                                      \
                }                                                                                                      \
                if (two_columns) {                                                                                     \
                    _tile_loadd(7, b + TILE_BYTES, line);                                                              \
                    DOT(1, 4, 7);                                                                                      \
                }                                                                                                      \
                if (two_rows && two_columns) {                                                                         \
                    DOT(3, 5, 7);                                                                                      \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        _tile_stored(0, p, line);                                                                                      \
        if (two_columns) {                                                                                             \
            _tile_stored(1, p + COLUMNS, line);                                                                        \
        }                                                                                                              \
        if (two_rows) {                                                                                                \
            _tile_stored(2, p + ROWS * n, line);                                                                       \
        }                                                                                                              \
        if (two_rows && two_columns) {                                                                                 \
            _tile_stored(3, p + ROWS * n + COLUMNS, line);                                                             \
        }                                                                                                              \
    }
DEFINE_TILES(tiles_uu, _tile_dpbuud)
DEFINE_TILES(tiles_us, _tile_dpbusd)
DEFINE_TILES(tiles_su, _tile_dpbsud)
DEFINE_TILES(tiles_ss, _tile_dpbssd)

typedef void tiles_fn(const pcs_walk_t *walk, const uint8_t *a, const uint8_t *b, size_t n, int32_t *p, bool two_rows,
                      bool two_columns);
static tiles_fn *const by_signs[2][2] = {{tiles_uu, tiles_us}, {tiles_su, tiles_ss}};

TARGET static void multiply(size_t m, size_t n, const pcs_walk_t *walk, const void *a, const void *b, int32_t *p,
                            bool add)
{
    PCS_ASSERT(walk->step == PCS_DWORD && !add);
    tiles_fn *const tiles = by_signs[walk->a_signed][walk->b_signed];
    for (size_t i = 0; i < m; i += 2U * ROWS) {
        const size_t rows = m - i < ROWS ? m - i : ROWS;
        const size_t more = m - i - rows < ROWS ? m - i - rows : ROWS;
        if (m > 2U * ROWS && m % (2U * ROWS) != 0) {
            configure(rows, more); /* the last block differs from the others */
        }
        for (size_t j = 0; j < n; j += 2U * COLUMNS) {
            tiles(walk, (const uint8_t *)a + i * walk->row, (const uint8_t *)b + j * PCS_DWORD, n, p + i * n + j,
                  more > 0, n - j > COLUMNS);
        }
    }
}

TARGET static void begin(size_t m)
{
    const size_t rows = m < ROWS ? m : ROWS;
    configure(rows, m - rows < ROWS ? m - rows : ROWS);
}

TARGET static void end(void)
{
    _tile_release();
}

static void copy(const uint8_t *codes, size_t count, pcs_coding_t coding, void *dst)
{
    (void)coding;
    memcpy(dst, codes, count);
}

static void interleave(const uint8_t *const *rows, size_t count, pcs_coding_t coding, void *dst)
{
    (void)coding; /* nothing is flipped */
    pcs_kernel_avx512vnni.interleave(rows, count, (pcs_coding_t){0, false}, dst);
}

const pcs_kernel_ops_t pcs_kernel_amx = {
    .available = available,
    .steps = PCS_STEPS_MAX,
    .lanes = COLUMNS,
    .run = TILE_DWORDS,
    .most_k = 32768, /* 255 * 255 a product */
    .begin = begin,
    .end = end,
    .otherwise = &pcs_kernel_avx512vnni,
    .copy = copy,
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
