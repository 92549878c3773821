/* The kinds whose products come aligned (`float`, `bfp`) in the Verilated array, each sum against an oracle of exact
   products: accumulator, flags and result in FP32.
     pairs    float: every pair of codes of every two formats of up to 8 bits; bfp: every pair of mantissas of every two
              widths, with exponents at every distance between product and accumulator.  --stride N: of A every Nth code
     sums     --sums tiles of random sums: codes that are likely to hurt, any formats, anchors at the ends of the
   products cancel   a large product, small ones, and the large one with the other sign: what is left is exact change
   tiles in other formats follow one another in no more clocks than tiles in one format
   --inject: expects one accumulator wrongly. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/array/stream.h"
#include "models/mac/aligned.h"
#include "models/mac/bfp.h"
#include "tests/cosim/device.h"
#include "tests/support/float_sum.h"

enum { SIDE_MAX = 256, K_MAX = 32, TILES = 6 };

/* A tile: as many rows and columns of codes as it says. */
typedef struct tile {
    pcs_array_job_t job;
    uint16_t a[SIDE_MAX][K_MAX]; /* (m, k) */
    uint16_t b[SIDE_MAX][K_MAX]; /* (n, k) */
} tile_t;

typedef struct bench {
    pcs_array_dev_t *dev;
    check_rng_t rng;
    bool inject;
    uint64_t products, sums, inexact, special, overflow;
    tile_t *tile; /* (TILES) */
} bench_t;

/* What a job's callbacks get. */
typedef struct member {
    bench_t *bench;
    const tile_t *tile;
} member_t;

static void fetch_a(void *user, uint64_t m, uint64_t k, size_t count, uint16_t *codes)
{
    memcpy(codes, &((const member_t *)user)->tile->a[m][k], count * sizeof *codes);
}

static void fetch_b(void *user, uint64_t n, uint64_t k, size_t count, uint16_t *codes)
{
    memcpy(codes, &((const member_t *)user)->tile->b[n][k], count * sizeof *codes);
}

static oracle_real_t product_of(const bench_t *bench, const pcs_mode_t *mode, uint16_t a, uint16_t b)
{
    return bench->dev->config.kind == PCS_KIND_BFP
               ? float_sum_bfp(a, b)
               : float_sum_product((pcs_format_t)mode->pa, a, (pcs_format_t)mode->pb, b);
}

/* A segment's sum by the oracle. */
static float_sum_t expect(bench_t *bench, const tile_t *tile, const pcs_stream_row_t *row, uint64_t n)
{
    const pcs_array_job_t *job = &tile->job;
    float_sum_t sum = {0};
    const uint64_t k0 = row->segment * job->segment;
    for (uint64_t k = k0; k < job->k && k < k0 + job->segment; k++) {
        const oracle_real_t product = product_of(bench, &job->mode, tile->a[row->m][k], tile->b[n][k]);
        bench->special += product.kind != ORACLE_NUMBER;
        (void)float_sum_add(&sum, &product, job->mode.anchor, bench->dev->config.acc_bits, job->mode.saturate);
        bench->products++;
    }
    return sum;
}

/* The result stage's definition, against the oracle's rounding. */
static void check_result(const bench_t *bench, const pcs_mode_t *mode, int64_t acc, const float_sum_t *expected)
{
    pcs_float_mac_t mac = pcs_aligned_start(&bench->dev->config, mode);
    mac.acc = acc;
    mac.flags = expected->flags;
    unsigned flags = 0;
    unsigned expected_flags = 0;
    const uint32_t code = pcs_float_mac_result(&mac, &flags).bits;
    const uint32_t wanted = float_sum_fp32(expected, mode->anchor, &expected_flags);
    (void)CHECK(code == wanted && flags == expected_flags, "result of %" PRId64 ", anchor %d => %08x, expected %08x",
                acc, mode->anchor, code, wanted);
}

static void take_row(void *user, const pcs_stream_row_t *row)
{
    bench_t *bench = ((const member_t *)user)->bench;
    const tile_t *tile = ((const member_t *)user)->tile;
    const pcs_mode_t *mode = &tile->job.mode;
    for (uint32_t c = 0; c < row->cols; c++) {
        const float_sum_t sum = expect(bench, tile, row, row->n0 + c);
        const bool good = row->acc[c] == (int64_t)sum.acc + bench->inject && row->flags[c] == sum.flags;
        bench->inject = false;
        bench->sums++;
        bench->inexact += (sum.flags >> PCS_FLOAT_MAC_FLAG_INEXACT & 1U);
        bench->overflow += (sum.flags >> PCS_FLOAT_MAC_FLAG_OVERFLOW & 1U);
        (void)CHECK(good,
                    "operands %u x %u, anchor %d, %s, first codes %04x * %04x, K %" PRIu64 " => rtl %" PRId64
                    " flags %x, expected %" PRId64 " flags %x",
                    mode->pa, mode->pb, mode->anchor, mode->saturate ? "saturate" : "wrap", tile->a[row->m][0],
                    tile->b[row->n0 + c][0], tile->job.k, row->acc[c], row->flags[c], (int64_t)sum.acc, sum.flags);
        if (good && bench->sums % 16 == 0) {
            check_result(bench, mode, row->acc[c], &sum);
        }
    }
}

/* Runs the first `count` tiles back to back. */
static void run(bench_t *bench, size_t count)
{
    member_t member[TILES];
    pcs_stream_job_t jobs[TILES];
    pcs_error_t err = {{0}};
    for (size_t i = 0; i < count; i++) {
        member[i] = (member_t){bench, &bench->tile[i]};
        jobs[i] = (pcs_stream_job_t){
            .job = bench->tile[i].job, .user = &member[i], .fetch_a = fetch_a, .fetch_b = fetch_b, .row = take_row};
    }
    CHECK_OK(pcs_stream_run(bench->dev, jobs, count, &err), &err);
}

static void report(bench_t *bench, const char *what)
{
    (void)printf("%s: %" PRIu64 " sums of %" PRIu64 " products; cut off %" PRIu64 ", overflowed %" PRIu64
                 ", products not finite %" PRIu64 "\n",
                 what, bench->sums, bench->products, bench->inexact, bench->overflow, bench->special);
    (void)CHECK(bench->sums > 0, "%s: nothing was compared", what);
    bench->sums = bench->products = bench->inexact = bench->overflow = bench->special = 0;
}

/* ---- every pair ---- */

static int last_bit(unsigned format)
{
    return 1 - pcs_formats[format].bias - (int)pcs_formats[format].mantissa_bits;
}

static bool is_narrow(unsigned format)
{
    return pcs_format_is_operand((pcs_format_t)format) && pcs_format_bits(&pcs_formats[format]) <= 8;
}

/* A legal anchor at or below the exponent. */
static int16_t anchor_at(int exponent)
{
    int anchor = PCS_ANCHOR_MIN;
    while (anchor + PCS_ANCHOR_STEP <= exponent && anchor < PCS_ANCHOR_MAX) {
        anchor += PCS_ANCHOR_STEP;
    }
    return (int16_t)anchor;
}

/* Sums of one product each. */
static void pairs_of(bench_t *bench, const pcs_mode_t *mode, const uint16_t *a, size_t m, const uint16_t *b, size_t n)
{
    tile_t *tile = &bench->tile[0];
    tile->job = (pcs_array_job_t){.m = m, .n = n, .k = 1, .groups = 1, .segment = 1, .mode = *mode};
    for (size_t i = 0; i < m; i++) {
        tile->a[i][0] = a[i];
    }
    for (size_t i = 0; i < n; i++) {
        tile->b[i][0] = b[i];
    }
    run(bench, 1);
}

static void float_pairs(bench_t *bench, unsigned stride)
{
    uint16_t a[SIDE_MAX];
    uint16_t b[SIDE_MAX];
    for (unsigned pair = 0; pair < PCS_FORMAT_COUNT * PCS_FORMAT_COUNT; pair++) {
        const unsigned fa = pair / PCS_FORMAT_COUNT;
        const unsigned fb = pair % PCS_FORMAT_COUNT;
        if (!is_narrow(fa) || !is_narrow(fb)) {
            continue;
        }
        pcs_mode_t mode = {.pa = (uint8_t)fa, .pb = (uint8_t)fb, .saturate = pair % 2U != 0};
        mode.anchor = anchor_at(last_bit(fa) + last_bit(fb) + (pair % 4U == 3 ? 8 : 0));
        size_t m = 0;
        const unsigned codes = 1U << pcs_format_bits(&pcs_formats[fa]);
        for (unsigned code = pair % (stride < codes ? stride : codes); code < codes; code += stride) {
            a[m++] = (uint16_t)code;
        }
        const size_t n = (size_t)1 << pcs_format_bits(&pcs_formats[fb]);
        for (unsigned code = 0; code < n; code++) {
            b[code] = (uint16_t)code;
        }
        pairs_of(bench, &mode, a, m, b, n);
    }
}

/* Row i and column j have the exponents i and j of a few around the middle, so that their sums pass the accumulator. */
static void bfp_pairs(bench_t *bench, unsigned stride)
{
    uint16_t a[SIDE_MAX];
    uint16_t b[SIDE_MAX];
    for (unsigned pa = PCS_PREC_MIN; pa <= PCS_PREC_MAX; pa++) {
        for (unsigned pb = PCS_PREC_MIN; pb <= PCS_PREC_MAX; pb++) {
            const pcs_mode_t mode = {.pa = (uint8_t)pa, .pb = (uint8_t)pb, .saturate = (pa + pb) % 2U != 0};
            size_t m = 0;
            for (int code = 0; code < 1 << pa; code += (int)stride) {
                const unsigned exponent = code % 64 == 63 ? PCS_BFP_NAN : (unsigned)(100 + 3 * (code % 19));
                a[m++] = pcs_bfp_code(exponent, code - (1 << (pa - 1U)));
            }
            for (int code = 0; code < 1 << pb; code++) {
                b[code] = pcs_bfp_code((unsigned)(120 + code % 23), code - (1 << (pb - 1U)));
            }
            pairs_of(bench, &mode, a, m, b, (size_t)1 << pb);
        }
    }
}

/* ---- sums ---- */

static uint16_t random_code(bench_t *bench, const pcs_mode_t *mode, unsigned field)
{
    if (bench->dev->config.kind == PCS_KIND_FLOAT) {
        return (uint16_t)float_case_code(&pcs_formats[field], &bench->rng).bits;
    }
    const int half = 1 << (field - 1U);
    const int mantissa = (int)(check_range(&bench->rng, 0, 3) == 0 ? -half : check_range(&bench->rng, -half, half - 1));
    /* Around the anchor and around the accumulator's top. */
    const int middle = PCS_BFP_BIAS + mode->anchor / 2 + (check_range(&bench->rng, 0, 3) == 0 ? 18 : 0);
    const int64_t exponent = check_range(&bench->rng, 0, 31) == 0 ? check_range(&bench->rng, 0, 255)
                                                                  : middle + check_range(&bench->rng, -8, 8);
    return pcs_bfp_code((unsigned)(exponent < 0 ? 0 : exponent > 255 ? 255 : exponent), mantissa);
}

static pcs_mode_t random_mode(bench_t *bench)
{
    pcs_mode_t mode = {.saturate = check_range(&bench->rng, 0, 1) != 0};
    if (bench->dev->config.kind == PCS_KIND_BFP) {
        mode.pa = (uint8_t)check_range(&bench->rng, PCS_PREC_MIN, PCS_PREC_MAX);
        mode.pb = (uint8_t)check_range(&bench->rng, PCS_PREC_MIN, PCS_PREC_MAX);
        mode.anchor = anchor_at((int)check_range(&bench->rng, -240, 200));
        return mode;
    }
    do {
        mode.pa = (uint8_t)check_range(&bench->rng, 0, 15);
        mode.pb = (uint8_t)check_range(&bench->rng, 0, 15);
    } while (!pcs_format_is_operand((pcs_format_t)mode.pa) || !pcs_format_is_operand((pcs_format_t)mode.pb));
    const int low = last_bit(mode.pa) + last_bit(mode.pb);
    mode.anchor = anchor_at(check_range(&bench->rng, 0, 1) == 0 ? (int)check_range(&bench->rng, -256, 252)
                                                                : low + (int)check_range(&bench->rng, -8, 40));
    return mode;
}

static void random_tile(bench_t *bench, tile_t *tile)
{
    const pcs_array_config_t *array = &bench->dev->config;
    const pcs_mode_t mode = random_mode(bench);
    tile->job = (pcs_array_job_t){.m = 2 * array->rows, .n = 2 * array->cols, .groups = 1, .mode = mode};
    tile->job.k = (uint64_t)check_range(&bench->rng, 1, K_MAX);
    const uint64_t longest = pcs_array_segment_max(array, &mode);
    tile->job.segment = tile->job.k < longest ? tile->job.k : longest;
    for (size_t k = 0; k < tile->job.k; k++) {
        for (size_t m = 0; m < tile->job.m; m++) {
            tile->a[m][k] = random_code(bench, &mode, mode.pa);
        }
        for (size_t n = 0; n < tile->job.n; n++) {
            tile->b[n][k] = random_code(bench, &mode, mode.pb);
        }
    }
}

static void random_sums(bench_t *bench, uint64_t count)
{
    for (uint64_t done = 0; done < count; done += TILES) {
        for (size_t i = 0; i < TILES; i++) {
            random_tile(bench, &bench->tile[i]);
        }
        run(bench, TILES);
    }
}

/* Rows: x y + small products - x y, in any place of the sum. */
static void cancellation(bench_t *bench, unsigned count)
{
    const bool is_float = bench->dev->config.kind == PCS_KIND_FLOAT;
    const uint64_t rows = bench->dev->config.rows;
    for (unsigned i = 0; i < count; i++) {
        tile_t *tile = &bench->tile[0];
        const uint64_t longest = bench->dev->config.dataflow == PCS_DATAFLOW_OS ? K_MAX : rows;
        tile->job =
            (pcs_array_job_t){.m = rows, .n = bench->dev->config.cols, .k = longest, .groups = 1, .segment = longest};
        tile->job.mode = is_float ? (pcs_mode_t){.pa = PCS_FORMAT_E5M2, .pb = PCS_FORMAT_E4M3, .anchor = -28}
                                  : (pcs_mode_t){.pa = 4, .pb = 8, .anchor = -28};
        const uint16_t large = is_float ? 0x43 : pcs_bfp_code(PCS_BFP_BIAS - 10, 7);
        const uint16_t minus = is_float ? 0xc3 : pcs_bfp_code(PCS_BFP_BIAS - 10, -7);
        for (size_t k = 0; k < longest; k++) {
            for (size_t m = 0; m < tile->job.m; m++) {
                tile->a[m][k] = is_float ? (uint16_t)(check_u32(&bench->rng) & 0x8fU)
                                         : pcs_bfp_code(PCS_BFP_BIAS - 14, (int)check_range(&bench->rng, -8, 7));
            }
            for (size_t n = 0; n < tile->job.n; n++) {
                tile->b[n][k] = is_float ? (uint16_t)(check_u32(&bench->rng) & 0x87U)
                                         : pcs_bfp_code(PCS_BFP_BIAS - 14, (int)check_range(&bench->rng, -128, 127));
            }
        }
        const size_t up = (size_t)check_range(&bench->rng, 0, (int64_t)longest - 1);
        const size_t down = (up + 1) % longest;
        for (size_t m = 0; longest > 1 && m < tile->job.m; m++) {
            tile->a[m][up] = large;
            tile->a[m][down] = minus;
        }
        for (size_t n = 0; longest > 1 && n < tile->job.n; n++) {
            tile->b[n][up] = is_float ? 0x38 : pcs_bfp_code(PCS_BFP_BIAS, 100);
            tile->b[n][down] = tile->b[n][up];
        }
        run(bench, 1);
    }
}

/* ---- a change of mode costs nothing ---- */

static uint64_t clocks_of(bench_t *bench, bool change)
{
    static const pcs_mode_t floats[] = {
        {.pa = PCS_FORMAT_E4M3, .pb = PCS_FORMAT_E4M3, .anchor = -20},
        {.pa = PCS_FORMAT_E5M2, .pb = PCS_FORMAT_FP16, .anchor = -40, .saturate = true}};
    static const pcs_mode_t blocks[] = {{.pa = 3, .pb = 4, .anchor = -20},
                                        {.pa = 4, .pb = 4, .anchor = 12, .saturate = true}};
    const bool is_float = bench->dev->config.kind == PCS_KIND_FLOAT;
    for (size_t i = 0; i < TILES; i++) {
        random_tile(bench, &bench->tile[i]);
        const pcs_mode_t mode = (is_float ? floats : blocks)[change ? i % 2 : 0];
        tile_t *tile = &bench->tile[i];
        const uint64_t k = bench->dev->config.rows;
        tile->job = (pcs_array_job_t){.m = 6, .n = 6, .k = k, .groups = 1, .segment = k, .mode = mode};
        for (size_t at = 0; at < tile->job.m; at++) {
            for (size_t step = 0; step < k; step++) {
                tile->a[at][step] = random_code(bench, &mode, mode.pa);
                tile->b[at][step] = random_code(bench, &mode, mode.pb);
            }
        }
    }
    const unsigned cycle = (unsigned)PCS_CSR_EVENT_BASE + (unsigned)PCS_EVENT_CYCLE;
    const uint64_t before = bench->dev->ops->csr(bench->dev, cycle);
    run(bench, TILES);
    return bench->dev->ops->csr(bench->dev, cycle) - before;
}

int main(int argc, char **argv)
{
    pcs_array_config_t array;
    pcs_rtl_options_t options;
    pcs_error_t err = {{0}};
    const char *stride = "1";
    const char *sums = "600";
    device_options(argc, argv, &array, &options);
    (void)check_flag(argc, argv, "--stride", &stride);
    (void)check_flag(argc, argv, "--sums", &sums);
    bench_t bench = {.rng = {check_seed(argc, argv, 1), 0}, .inject = check_flag(argc, argv, "--inject", NULL)};
    bench.tile = calloc(TILES, sizeof *bench.tile);
    PCS_ASSERT(bench.tile != NULL);
    CHECK_OK(pcs_rtl_create(&array, &options, &bench.dev, &err), &err);
    (array.kind == PCS_KIND_FLOAT ? float_pairs : bfp_pairs)(&bench, (unsigned)strtoul(stride, NULL, 10));
    report(&bench, "pairs");
    random_sums(&bench, strtoull(sums, NULL, 10));
    report(&bench, "random sums");
    cancellation(&bench, 100);
    report(&bench, "cancellation");
    (void)CHECK_EQ(clocks_of(&bench, true), clocks_of(&bench, false), "clocks of tiles in changing formats");
    report(&bench, "change of formats");
    pcs_array_dev_destroy(bench.dev);
    free(bench.tile);
    return check_done("rtl.aligned");
}
