/* A seeded random walk in lock-step: streams of tiles of random shape, precision, operand roles, overflow and stalls.
   With --cover then streams for every point of the space (sim/cosim/space.h) that they did not meet.  --points FILE:
   writes the clocks compared and the points met, for coverage.sh; --list prints all points there are.
   With --traced FILE the RTL is the variant with assertions and a waveform (of its first clocks). */
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>

#include "sim/cosim/space.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

typedef struct walk {
    pcs_cosim_t *cosim;
    pcs_coverage_t coverage;
    uint64_t clocks, words;
} walk_t;

static void run(walk_t *walk, pcs_tiles_t *tiles, uint64_t number)
{
    pcs_error_t err = {{0}};
    pcs_cosim_result_t result;
    (void)CHECK(pcs_cosim_check(walk->cosim, tiles, &result, &err) == PCS_OK, "stream %" PRIu64 ": %s", number,
                err.text);
    pcs_coverage_add(&walk->coverage, pcs_cosim_array(walk->cosim), tiles, &result);
    walk->clocks += result.clocks;
    walk->words += result.words;
    pcs_tiles_free(tiles);
}

static void random_streams(walk_t *walk, uint64_t seed, uint64_t streams)
{
    for (uint64_t i = 0; i < streams; i++) {
        pcs_error_t err = {{0}};
        pcs_tiles_t tiles;
        const size_t count = i % 3 == 0 ? 1 : 6; /* a single one also meets the closed form */
        CHECK_OK(pcs_tiles_random(pcs_cosim_array(walk->cosim), seed * 1000 + i, count, 40, &tiles, &err), &err);
        run(walk, &tiles, i);
    }
}

static void missing_streams(walk_t *walk, uint64_t seed)
{
    for (uint64_t i = 0;; i++) {
        pcs_error_t err = {{0}};
        pcs_tiles_t tiles;
        CHECK_OK(pcs_space_missing(&walk->coverage, pcs_cosim_array(walk->cosim), seed, &tiles, &err), &err);
        if (tiles.count == 0) {
            return;
        }
        run(walk, &tiles, i);
    }
}

static void write_met(void *user, const char *name, bool met)
{
    if (met) {
        (void)fprintf(user, "%s\n", name);
    }
}

static void print_name(void *user, const char *name, bool met)
{
    (void)user;
    (void)met;
    (void)puts(name);
}

static void write_points(const walk_t *walk, const char *path)
{
    FILE *file = fopen(path, "w");
    if (CHECK(file != NULL, "%s cannot be written", path)) {
        (void)fprintf(file, "clocks %" PRIu64 "\n", walk->clocks);
        pcs_coverage_show(&walk->coverage, write_met, file);
        (void)CHECK(fclose(file) == 0, "%s cannot be written", path);
    }
}

int main(int argc, char **argv)
{
    static walk_t walk;
    pcs_error_t err = {{0}};
    pcs_cosim_options_t options = {0};
    const char *streams = "40";
    const char *points = NULL;
    if (check_flag(argc, argv, "--list", NULL)) {
        pcs_coverage_show(&walk.coverage, print_name, NULL);
        return 0;
    }
    device_options(argc, argv, &options.array, &options.rtl);
    (void)check_flag(argc, argv, "--streams", &streams);
    (void)check_flag(argc, argv, "--points", &points);
    (void)check_flag(argc, argv, "--traced", &options.rtl.trace_file);
    const uint64_t seed = check_seed(argc, argv, 1);
    options.rtl.seed = seed;
    CHECK_OK(pcs_cosim_create(&options, &walk.cosim, &err), &err);
    random_streams(&walk, seed, strtoull(streams, NULL, 10));
    if (check_flag(argc, argv, "--cover", NULL)) {
        missing_streams(&walk, seed);
    }
    pcs_cosim_destroy(walk.cosim);
    (void)printf("compared %" PRIu64 " words in %" PRIu64 " clocks\n", walk.words, walk.clocks);
    (void)CHECK(walk.clocks > 0 && walk.words > walk.clocks, "nothing was compared");
    if (points != NULL) {
        write_points(&walk, points);
    }
    return check_done("cosim.walk");
}
