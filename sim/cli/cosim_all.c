#include "sim/cli/cosim_all.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "models/format/philox.h"
#include "sim/cli/device.h"
#include "sim/cli/progress.h"
#include "sim/cosim/space.h"

/* Arrays that are Verilated already are walked a slice of the time each; making others may take half of the time. */
enum { STREAM_TILES = 8, FIRST_MAKE_S = 20, SLICES = 100 };

typedef struct walk {
    const cli_cosim_all_t *options;
    double start_s, making_s, longest_make_s;
    size_t count, next; /* of arrays; position in the order */
    size_t *order;      /* (count) */
    bool *made;         /* (count) by index */
    size_t arrays;      /* walked on, once or more */
    bool *walked;       /* (count) */
    uint64_t streams, tiles, clocks, words;
    pcs_coverage_t coverage;
    pcs_cosim_result_t result; /* of the last check */
} walk_t;

static double elapsed_s(const walk_t *walk)
{
    return cli_now_s() - walk->start_s;
}

static void shuffle(walk_t *walk)
{
    const pcs_stream_t stream = pcs_stream(walk->options->seed, PCS_PURPOSE_TEST, 2, 0);
    for (size_t i = 0; i < walk->count; i++) {
        walk->order[i] = i;
    }
    for (size_t i = walk->count; i > 1; i--) {
        const size_t j = pcs_philox_below(&stream, i, (uint32_t)i);
        const size_t swap = walk->order[i - 1];
        walk->order[i - 1] = walk->order[j];
        walk->order[j] = swap;
    }
}

/* Whether the walk has been on an array of this kind, dataflow and digit. */
static bool known(const walk_t *walk, const pcs_array_config_t *array)
{
    unsigned log2_digit = 0;
    while (1U << log2_digit < array->digit) {
        log2_digit++;
    }
    return walk->coverage.digit[array->kind][array->dataflow][log2_digit];
}

static bool may_make(const walk_t *walk)
{
    const double elapsed = elapsed_s(walk);
    return walk->making_s <= elapsed / 2 && elapsed + walk->longest_make_s < walk->options->time_s;
}

/* The next array in the order: of a kind, dataflow and digit that the walk has not been on, made or, when there is time
   for it, to be made; else any that is made. */
static bool choose(walk_t *walk, size_t *index)
{
    const bool make = may_make(walk);
    for (int pass = 0; pass < 4; pass++) {
        for (size_t i = 0; i < walk->count; i++) {
            const size_t at = (walk->next + i) % walk->count;
            const size_t candidate = walk->order[at];
            const pcs_array_config_t array = pcs_space_array(candidate);
            const bool fits = pass == 0   ? walk->made[candidate] && !known(walk, &array)
                              : pass == 1 ? make && !known(walk, &array)
                              : pass == 2 ? walk->made[candidate]
                                          : true;
            if (fits) {
                walk->next = at + 1;
                *index = candidate;
                return true;
            }
        }
    }
    return false;
}

static pcs_status_t check_streams(walk_t *walk, pcs_cosim_t *cosim, pcs_error_t *err)
{
    const double end = cli_now_s() + walk->options->time_s / SLICES;
    pcs_status_t status = PCS_OK;
    while (status == PCS_OK && cli_now_s() < end) {
        pcs_tiles_t tiles = {0};
        const size_t count = walk->streams % 3 == 0 ? 1 : STREAM_TILES; /* a single one also meets its closed form */
        status = pcs_tiles_random(pcs_cosim_array(cosim), walk->options->seed + walk->streams++, count,
                                  walk->options->max_steps, &tiles, err);
        if (status != PCS_OK) {
            break;
        }
        status = pcs_cosim_check(cosim, &tiles, &walk->result, err);
        walk->tiles += count;
        walk->clocks += walk->result.clocks;
        walk->words += walk->result.words;
        if (status == PCS_OK) {
            pcs_coverage_add(&walk->coverage, pcs_cosim_array(cosim), &tiles, &walk->result);
        }
        pcs_tiles_free(&tiles);
    }
    return status;
}

pcs_fault_t cli_inject_fault(const pcs_array_config_t *array, unsigned inject)
{
    static const pcs_fault_kind_t kinds[] = {[CLI_INJECT_NONE] = PCS_FAULT_NONE,
                                             [CLI_INJECT_REGISTER] = PCS_FAULT_PROBE,
                                             [CLI_INJECT_COUNTER] = PCS_FAULT_EVENT};
    return (pcs_fault_t){
        .kind = kinds[inject],
        .row = array->rows - 1,
        .col = array->cols - 1,
        .probe = PCS_PROBE_ACC,
        .event = PCS_EVENT_MAC_CYCLE,
    };
}

static pcs_status_t walk_on(walk_t *walk, size_t index, pcs_error_t *err)
{
    bool quiet = walk->options->json;
    const pcs_array_config_t array = pcs_space_array(index);
    const pcs_fault_t fault = cli_inject_fault(&array, walk->options->inject);
    const pcs_cosim_options_t options = {
        .array = array,
        .rtl = {.seed = walk->options->seed, .message = cli_rtl_message, .user = &quiet},
        .dump = walk->options->dump,
        .fault = &fault,
    };
    const double before = cli_now_s();
    pcs_cosim_t *cosim = NULL;
    pcs_status_t status = pcs_cosim_create(&options, &cosim, err);
    if (!walk->made[index]) {
        const double took = cli_now_s() - before;
        walk->making_s += took;
        walk->longest_make_s = took > walk->longest_make_s ? took : walk->longest_make_s;
        walk->made[index] = true;
    }
    status = status == PCS_OK ? check_streams(walk, cosim, err) : status;
    pcs_cosim_destroy(cosim);
    walk->arrays += !walk->walked[index];
    walk->walked[index] = true;
    return status;
}

static void print_text(const walk_t *walk)
{
    (void)printf("%zu of %zu arrays, %" PRIu64 " tiles, %" PRIu64 " cycles, %" PRIu64
                 " words compared, %d differences\n",
                 walk->arrays, walk->count, walk->tiles, walk->clocks, walk->words, walk->result.difference.found);
    (void)printf("%-10s", "covered");
    for (int part = 0; part < PCS_PART_COUNT; part++) {
        (void)printf(" %28s", pcs_space_part_name((pcs_space_part_t)part));
    }
    (void)printf("\n");
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        (void)printf("  %-8s", pcs_kinds[kind].name);
        for (int part = 0; part < PCS_PART_COUNT; part++) {
            const pcs_covered_t n = pcs_coverage_count(&walk->coverage, (pcs_kind_t)kind, (pcs_space_part_t)part);
            (void)printf(" %21u / %4u", n.met, n.of);
        }
        (void)printf("\n");
    }
    if (walk->result.difference.found) {
        (void)printf("%s\n", walk->result.message);
    }
}

static cJSON *to_json(const walk_t *walk)
{
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(object, "arrays", (double)walk->arrays);
    (void)cJSON_AddNumberToObject(object, "arrays_of", (double)walk->count);
    (void)cJSON_AddNumberToObject(object, "tiles", (double)walk->tiles);
    (void)cJSON_AddNumberToObject(object, "cycles", (double)walk->clocks);
    (void)cJSON_AddNumberToObject(object, "words_compared", (double)walk->words);
    (void)cJSON_AddNumberToObject(object, "differences", walk->result.difference.found ? 1 : 0);
    (void)cJSON_AddStringToObject(object, "message", walk->result.message);
    cJSON *kinds = cJSON_AddObjectToObject(object, "covered");
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        cJSON *parts = cJSON_AddObjectToObject(kinds, pcs_kinds[kind].name);
        for (int part = 0; part < PCS_PART_COUNT; part++) {
            const pcs_covered_t n = pcs_coverage_count(&walk->coverage, (pcs_kind_t)kind, (pcs_space_part_t)part);
            const double pair[2] = {n.met, n.of};
            (void)cJSON_AddItemToObject(parts, pcs_space_part_name((pcs_space_part_t)part),
                                        cJSON_CreateDoubleArray(pair, 2));
        }
    }
    return object;
}

static pcs_status_t run(walk_t *walk, int *exit_status, pcs_error_t *err)
{
    pcs_status_t status = PCS_OK;
    size_t index = 0;
    pcs_array_config_t *arrays = calloc(walk->count, sizeof *arrays);
    if (arrays == NULL) {
        return pcs_fail(err, PCS_MEMORY, "cosim: out of memory");
    }
    for (size_t i = 0; i < walk->count; i++) {
        arrays[i] = pcs_space_array(i);
    }
    pcs_rtl_which_made(arrays, walk->count, NULL, walk->made);
    free(arrays);
    shuffle(walk);
    while (status == PCS_OK && elapsed_s(walk) < walk->options->time_s && choose(walk, &index)) {
        status = walk_on(walk, index, err);
    }
    const bool found = status == PCS_MISMATCH && walk->result.difference.found;
    if (status != PCS_OK && !found) {
        return status;
    }
    *exit_status = found ? CLI_EXIT_CHECK_FAILED : CLI_EXIT_FINE;
    if (walk->options->json) {
        return cli_json_print(to_json(walk), err);
    }
    print_text(walk);
    return PCS_OK;
}

pcs_status_t cli_cosim_all(const cli_cosim_all_t *options, int *exit_status, pcs_error_t *err)
{
    const size_t count = pcs_space_count();
    walk_t *walk = calloc(1, sizeof *walk);
    size_t *order = calloc(count, sizeof *order);
    bool *made = calloc(count, sizeof *made);
    bool *walked = calloc(count, sizeof *walked);
    pcs_status_t status = PCS_OK;
    if (walk == NULL || order == NULL || made == NULL || walked == NULL) {
        status = pcs_fail(err, PCS_MEMORY, "cosim: out of memory");
    } else {
        walk->options = options;
        walk->start_s = cli_now_s();
        walk->longest_make_s = FIRST_MAKE_S;
        walk->count = count;
        walk->order = order;
        walk->made = made;
        walk->walked = walked;
        status = run(walk, exit_status, err);
    }
    free(walk);
    free(order);
    free(made);
    free(walked);
    return status;
}
