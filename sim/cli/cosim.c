/* precess cosim: tiles through the Verilated array and the cycle model in lock-step. */
#include "sim/cosim/cosim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/format/philox.h"
#include "sim/cli/args.h"
#include "sim/cli/cli.h"
#include "sim/cli/cosim_all.h"
#include "sim/cli/device.h"
#include "sim/cli/progress.h"
#include "sim/cosim/dut.h"
#include "sim/cosim/exhaust.h"

typedef struct cosim_config {
#define PCS_KEY_UINT(field, key, flag, def, min, max, help) uint64_t field;
#define PCS_KEY_REAL(field, key, flag, def, min, max, help) double field;
#define PCS_KEY_TEXT(field, key, flag, def, help) char field[PCS_CONFIG_TEXT_MAX];
#define PCS_KEY_CHOICE(field, key, flag, def, names, help) unsigned field;
#include "sim/cli/cosim.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
} cosim_config_t;

#define CLI_STRUCT cosim_config_t
static const cli_key_t cosim_keys[] = {
#define PCS_KEY_UINT CLI_ROW_UINT
#define PCS_KEY_REAL CLI_ROW_REAL
#define PCS_KEY_TEXT CLI_ROW_TEXT
#define PCS_KEY_CHOICE CLI_ROW_CHOICE
#include "sim/cli/cosim.def"
#undef PCS_KEY_UINT
#undef PCS_KEY_REAL
#undef PCS_KEY_TEXT
#undef PCS_KEY_CHOICE
};
enum { COSIM_KEYS = sizeof cosim_keys / sizeof cosim_keys[0], STREAM_TILES = 8, ALL_TIME_S = 60 };

/* A running check and its sums. */
typedef struct cosim_run {
    pcs_config_t config; /* seed and array */
    cosim_config_t own;
    pcs_array_config_t array;
    bool json, all, exhaustive;
    double time_s; /* 0: the number of tiles decides */
    pcs_dut_t dut;
    pcs_fault_t fault;
    pcs_cosim_t *cosim;
    uint64_t tiles, clocks, words;
    uint64_t pairs;            /* of codes, of the exhaustive tiles */
    pcs_cosim_result_t result; /* of the last check */
} cosim_run_t;

static bool is_given(const cli_args_t *args, const char *key)
{
    for (size_t i = 0; i < args->given; i++) {
        if (strcmp(args->give[i].key->key, key) == 0) {
            return true;
        }
    }
    return false;
}

/* "90", "90s" or "1.5m" as seconds. */
static pcs_status_t parse_time(const char *text, double *seconds, pcs_error_t *err)
{
    enum { MOST_S = 1000000 };
    const size_t digits = strspn(text, "0123456789.");
    char *end = NULL;
    *seconds = strtod(text, &end) * (text[digits] == 'm' ? 60 : 1);
    const bool unit = text[digits] == '\0' || (strchr("sm", text[digits]) != NULL && text[digits + 1] == '\0');
    return digits > 0 && end == text + digits && unit && *seconds <= MOST_S
               ? PCS_OK
               : pcs_fail(err, PCS_INVALID,
                          "cosim: time: '%.80s' is not legal; legal: 0..%d, with s or m such as 60s or 5m", text,
                          MOST_S);
}

/* A flag that this way of running would ignore is an error. */
static pcs_status_t check_flags(const cli_args_t *args, const cosim_run_t *run, pcs_error_t *err)
{
    static const char *const of_gemm[] = {"m", "n", "k", "pa", "pb", "signed-a", "signed-b", "array.serial", NULL};
    static const char *const of_random[] = {"time", "max-steps", NULL};
    static const char *const of_array[] = {"array.rows",     "array.cols",  "array.kind", "array.acc-bits",
                                           "array.dataflow", "array.digit", NULL};
    static const char *const of_overflow[] = {"array.overflow", NULL}; /* random tiles use both */
    static const char *const of_seed[] = {"seed", NULL};
    static const char *const of_count[] = {"tiles", NULL};
    static const char *const of_one[] = {"replay", "dut", NULL};
    const cosim_config_t *own = &run->own;
    const bool gemm = own->m != 0 || own->n != 0 || own->k != 0;
    const bool replay = own->replay[0] != '\0';
    if (gemm && (own->m == 0 || own->n == 0 || own->k == 0)) {
        return pcs_fail(err, PCS_INVALID, "cosim: a GEMM needs --m, --n and --k; legal: all three, each 1 or more");
    }
    const struct {
        const char *const *keys;
        bool unused;
    } lists[] = {
        {of_gemm, !gemm || replay || run->all},
        {of_random, gemm || replay},
        {of_count, gemm || replay || run->all},
        {of_array, replay || run->all},
        {of_overflow, !gemm || run->all},
        {of_seed, replay},
        {of_one, run->all},
    };
    const char *how = run->all ? "with --all"
                      : replay ? "with --replay"
                      : gemm   ? "with --m, --n, --k"
                               : "without --m, --n, --k";
    for (size_t list = 0; list < sizeof lists / sizeof lists[0]; list++) {
        for (size_t i = 0; lists[list].unused && lists[list].keys[i] != NULL; i++) {
            if (is_given(args, lists[list].keys[i])) {
                return pcs_fail(err, PCS_INVALID, "cosim: %s has no meaning %s; legal: leave it out",
                                lists[list].keys[i], how);
            }
        }
    }
    return PCS_OK;
}

static pcs_status_t create(cosim_run_t *run, pcs_error_t *err)
{
    run->fault = cli_inject_fault(&run->array, run->own.inject);
    const pcs_cosim_options_t options = {
        .array = run->array,
        .rtl = {.seed = run->config.seed, .message = cli_rtl_message, .user = &run->json},
        .foreign = run->own.dut[0] != '\0',
        .dump = run->own.dump[0] != '\0' ? run->own.dump : NULL,
        .fault = &run->fault,
    };
    if (!options.foreign) {
        return pcs_cosim_create(&options, &run->cosim, err);
    }
    const pcs_status_t status = pcs_dut_open(run->own.dut, run->array.kind, &run->dut, err);
    pcs_cosim_options_t foreign = options;
    foreign.rtl.root = run->dut.root;
    foreign.rtl.dir = run->dut.cache;
    return status == PCS_OK ? pcs_cosim_create(&foreign, &run->cosim, err) : status;
}

static pcs_status_t check(cosim_run_t *run, const pcs_tiles_t *tiles, pcs_error_t *err)
{
    const pcs_status_t status = pcs_cosim_check(run->cosim, tiles, &run->result, err);
    run->tiles += tiles->count;
    run->clocks += run->result.clocks;
    run->words += run->result.words;
    return status;
}

/* Streams of random tiles in random modes, with stalls, until the number or the time is reached. */
static pcs_status_t run_random(cosim_run_t *run, pcs_error_t *err)
{
    const double start = cli_now_s();
    pcs_status_t status = PCS_OK;
    for (uint64_t stream = 0; status == PCS_OK; stream++) {
        const bool more = run->time_s > 0 ? cli_now_s() - start < run->time_s : run->tiles < run->own.tiles;
        if (!more) {
            break;
        }
        const uint64_t left = run->time_s > 0 ? STREAM_TILES : run->own.tiles - run->tiles;
        pcs_tiles_t tiles = {0};
        status = pcs_tiles_random(&run->array, run->config.seed + stream, left < STREAM_TILES ? left : STREAM_TILES,
                                  (uint32_t)run->own.max_steps, &tiles, err);
        status = status == PCS_OK ? check(run, &tiles, err) : status;
        pcs_tiles_free(&tiles);
    }
    return status;
}

/* Every pair of codes in every mode. */
static pcs_status_t run_exhaustive(cosim_run_t *run, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (unsigned i = 0; i < pcs_exhaust_tiles(run->array.kind) && status == PCS_OK; i++) {
        pcs_tiles_t tiles = {0};
        uint64_t pairs = 0;
        status = pcs_tiles_exhaustive(&run->array, i, &tiles, &pairs, err);
        if (status == PCS_OK) {
            status = check(run, &tiles, err);
            pcs_tiles_free(&tiles);
            run->pairs += pairs;
        }
    }
    return status;
}

static pcs_status_t run_replay(cosim_run_t *run, pcs_tiles_t *tiles, pcs_error_t *err)
{
    const pcs_status_t status = check(run, tiles, err);
    pcs_tiles_free(tiles);
    return status;
}

/* Uniform codes of `bits` bits. */
static void random_codes(const pcs_stream_t *stream, uint8_t *codes, size_t count, unsigned bits, bool is_signed)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned raw = pcs_philox_u32(stream, i) >> (32U - bits);
        const unsigned sign = 1U << (bits - 1U);
        codes[i] = (uint8_t)(is_signed ? (raw ^ sign) - sign : raw);
    }
}

/* A pass as one tile: without stalls, so that the closed form is compared too. */
static pcs_status_t check_pass(cosim_run_t *run, const pcs_gemm_t *gemm, pcs_error_t *err)
{
    pcs_plan_t plan;
    pcs_tile_t tile;
    pcs_status_t status = pcs_gemm_plan(gemm, &run->array, (pcs_serial_t)run->config.serial, &plan, err);
    if (status == PCS_OK) {
        const pcs_block_t all = {.m = plan.job.m, .n = plan.job.n, .k = plan.job.k};
        status = pcs_tile_extract(gemm, &plan, &all, plan.job.segment, &tile, err);
    }
    if (status == PCS_OK) {
        const pcs_tiles_t one = {.count = 1, .tile = &tile};
        status = check(run, &one, err);
        pcs_tile_free(&tile);
    }
    return status;
}

static pcs_status_t check_gemm(cosim_run_t *run, const pcs_gemm_t *gemm, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    for (unsigned i = 0; i < pcs_gemm_passes(gemm) && status == PCS_OK; i++) {
        const pcs_gemm_t pass = pcs_gemm_passes(gemm) == 1 ? *gemm : pcs_gemm_pass(gemm, i, NULL);
        status = check_pass(run, &pass, err);
    }
    return status;
}

/* An operand of random codes; the high limbs of a wide one follow its low ones. */
static pcs_operand_t random_operand(const cosim_run_t *run, uint32_t which, uint8_t *codes, size_t count, unsigned bits,
                                    bool is_signed)
{
    static const float one = 1;
    const bool wide = bits > PCS_LIMB_BITS;
    const pcs_stream_t low = pcs_stream(run->config.seed, PCS_PURPOSE_TEST, which, 0);
    const pcs_stream_t high = pcs_stream(run->config.seed, PCS_PURPOSE_TEST, which, 1);
    random_codes(&low, codes, count, wide ? PCS_LIMB_BITS : bits, !wide && is_signed);
    if (wide) {
        random_codes(&high, codes + count, count, bits - PCS_LIMB_BITS, is_signed);
    }
    return (pcs_operand_t){.codes = codes,
                           .high = wide ? codes + count : NULL,
                           .bits = bits,
                           .is_signed = is_signed,
                           .affine = {.grain = PCS_GRAIN_TENSOR, .scale = &one}};
}

static pcs_status_t run_gemm(cosim_run_t *run, pcs_error_t *err)
{
    const cosim_config_t *own = &run->own;
    const size_t a_count = own->m * own->k;
    const size_t b_count = own->k * own->n;
    uint8_t *a = malloc(2 * a_count);
    uint8_t *b = malloc(2 * b_count);
    float *y = malloc(own->m * own->n * sizeof *y);
    pcs_status_t status = PCS_OK;
    if (a == NULL || b == NULL || y == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "cosim: out of memory");
    } else {
        pcs_gemm_t gemm = {
            .m = own->m,
            .n = own->n,
            .k = own->k,
            .a = random_operand(run, 0, a, a_count, (unsigned)own->pa, own->signed_a != 0),
            .b = random_operand(run, 1, b, b_count, (unsigned)own->pb, own->signed_b != 0),
            .acc_bits = run->array.acc_bits,
            .saturate = run->config.overflow != 0,
            .y = {.data = y, .h = 1, .w = 1, .stride_image = own->n},
        };
        gemm.a.ld = own->k;
        gemm.b.ld = own->n;
        status = check_gemm(run, &gemm, err);
    }
    free(a);
    free(b);
    free(y);
    return status;
}

/* A difference is a result, not an error of the caller: it is printed in full, with status 1. */
static pcs_status_t print(const cosim_run_t *run, int *exit_status, pcs_error_t *err)
{
    const bool found = run->result.difference.found;
    *exit_status = found ? CLI_EXIT_CHECK_FAILED : CLI_EXIT_FINE;
    if (run->json) {
        cJSON *object = cJSON_CreateObject();
        (void)cJSON_AddNumberToObject(object, "rows", run->array.rows);
        (void)cJSON_AddNumberToObject(object, "cols", run->array.cols);
        (void)cJSON_AddStringToObject(object, "kind", pcs_kinds[run->array.kind].name);
        (void)cJSON_AddStringToObject(object, "dataflow", pcs_dataflows[run->array.dataflow].name);
        (void)cJSON_AddNumberToObject(object, "digit", run->array.digit);
        (void)cJSON_AddNumberToObject(object, "acc_bits", run->array.acc_bits);
        (void)cJSON_AddNumberToObject(object, "tiles", (double)run->tiles);
        (void)cJSON_AddNumberToObject(object, "exhaustive_pairs", (double)run->pairs);
        (void)cJSON_AddNumberToObject(object, "cycles", (double)run->clocks);
        (void)cJSON_AddNumberToObject(object, "words_compared", (double)run->words);
        (void)cJSON_AddNumberToObject(object, "differences", found ? 1 : 0);
        (void)cJSON_AddStringToObject(object, "message", run->result.message);
        return cli_json_print(object, err);
    }
    (void)printf("%u x %u %s %s array, digits of %u, %u-bit accumulators: %" PRIu64 " tiles, %" PRIu64
                 " cycles, %" PRIu64 " words compared, %d differences\n",
                 run->array.rows, run->array.cols, pcs_dataflows[run->array.dataflow].name,
                 pcs_kinds[run->array.kind].name, run->array.digit, run->array.acc_bits, run->tiles, run->clocks,
                 run->words, found ? 1 : 0);
    if (run->pairs > 0) {
        (void)printf("%s: %" PRIu64 " products\n", pcs_exhaust_text(run->array.kind), run->pairs);
    }
    if (found) {
        (void)printf("%s\n", run->result.message);
    }
    return PCS_OK;
}

static pcs_status_t run_space(const cosim_run_t *run, int *exit_status, pcs_error_t *err)
{
    const cli_cosim_all_t walk = {
        .seed = run->config.seed,
        .time_s = run->time_s > 0 ? run->time_s : ALL_TIME_S,
        .max_steps = (uint32_t)run->own.max_steps,
        .dump = run->own.dump[0] != '\0' ? run->own.dump : NULL,
        .inject = run->own.inject,
        .json = run->json,
    };
    return cli_cosim_all(&walk, exit_status, err);
}

static pcs_status_t run_array(cosim_run_t *run, int *exit_status, pcs_error_t *err)
{
    pcs_tiles_t replayed = {0};
    const bool replay = run->own.replay[0] != '\0';
    pcs_status_t status = replay           ? pcs_replay_read(run->own.replay, &run->array, &replayed, err)
                          : run->own.m > 0 ? cli_integer_array(&run->config, &run->array, err)
                                           : cli_array_config(&run->config, &run->array, err);
    status = status == PCS_OK ? create(run, err) : status;
    if (status != PCS_OK) {
        pcs_tiles_free(&replayed);
        return status;
    }
    if (run->exhaustive || run->own.dut[0] != '\0') {
        status = run_exhaustive(run, err);
    }
    if (status == PCS_OK) {
        status = replay ? run_replay(run, &replayed, err) : run->own.m > 0 ? run_gemm(run, err) : run_random(run, err);
    }
    return status == PCS_OK || (status == PCS_MISMATCH && run->result.difference.found) ? print(run, exit_status, err)
                                                                                        : status;
}

pcs_status_t cli_cosim(int argc, char **argv, int *exit_status, pcs_error_t *err)
{
    static const char *const only[] = {"array.rows",     "array.cols",  "array.kind",     "array.acc-bits",
                                       "array.dataflow", "array.digit", "array.overflow", "array.serial",
                                       "seed",           NULL};
    cosim_run_t *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return pcs_fail(err, PCS_MEMORY, "cosim: out of memory");
    }
    cli_args_t args = {
        .command = "cosim",
        .usage = "[flags]",
        .about =
            "Runs tiles through the Verilated array and the cycle model in lock-step, and compares after every clock "
            "all\n"
            "outputs and every architectural register of every PE, then every accumulator with its definition and\n"
            "the event counters.  Without --m or --replay: random tiles in random modes, with stalls; --all changes "
            "the\n"
            "array too, makes some that were not Verilated yet, and says which points of the space it met.  The first\n"
            "difference ends it: exit status 1, its message, and files for --replay and a waveform viewer.\n\n"
            "--dut FILE puts a MAC of yours in the place of the multiplier of --kind, runs every product through it, "
            "then the\n"
            "random tiles; its own registers are not compared, its results, clocks and counts are.\n\n"
            "Self-test: --inject register flips one bit of one PE's accumulator in the model, --inject counter makes\n"
            "one of its event counters read one too many; both must end with exit status 1.",
        .sets = {{cosim_keys, COSIM_KEYS, NULL, &run->own},
                 {cli_config_keys, cli_config_key_count, only, &run->config}},
        .switches = {{"json", 0, &run->json, NULL, NULL, "print one JSON object instead of text"},
                     {"exhaustive", 0, &run->exhaustive, NULL, NULL,
                      "first every pair of codes in every mode; float: of formats of up to 8 bits"},
                     {"all", 0, &run->all, NULL, NULL,
                      "walk at random over arrays of every kind, dataflow and digit for --time seconds (60)"}},
    };
    pcs_config_defaults(&run->config);
    pcs_status_t status = PCS_OK;
    for (size_t i = 0; status == PCS_OK && i < COSIM_KEYS; i++) {
        char text[PCS_CONFIG_TEXT_MAX];
        cli_key_default(&cosim_keys[i], text, sizeof text);
        status = cli_key_set(&cosim_keys[i], &run->own, text, "cosim.def", err);
    }
    status = status == PCS_OK ? cli_args_parse(&args, argc, argv, err) : status;
    if (status == PCS_OK && args.help) {
        cli_args_help(&args);
    } else if (status == PCS_OK) {
        status = cli_args_apply(&args, err);
        status = status == PCS_OK ? check_flags(&args, run, err) : status;
        status = status == PCS_OK ? parse_time(run->own.time, &run->time_s, err) : status;
        status = status != PCS_OK ? status
                 : run->all       ? run_space(run, exit_status, err)
                                  : run_array(run, exit_status, err);
        pcs_cosim_destroy(run->cosim);
        pcs_dut_close(&run->dut);
    }
    free(run);
    return status;
}
