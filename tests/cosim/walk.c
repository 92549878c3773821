/* A seeded random walk in lock-step: streams of tiles of random shape, precision, operand roles, overflow and stalls. */
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>

#include "sim/cosim/cosim.h"
#include "tests/cosim/device.h"
#include "tests/support/check.h"

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_cosim_options_t options = {0};
    const char *streams_text = "40";
    device_options(argc, argv, &options.array, &options.rtl);
    (void)check_flag(argc, argv, "--streams", &streams_text);
    const uint64_t seed = check_seed(argc, argv, 1);
    options.rtl.seed = seed;
    pcs_cosim_t *cosim = NULL;
    CHECK_OK(pcs_cosim_create(&options, &cosim, &err), &err);
    uint64_t clocks = 0;
    uint64_t words = 0;
    for (uint64_t i = 0; i < strtoull(streams_text, NULL, 10); i++) {
        pcs_tiles_t tiles;
        pcs_cosim_result_t result;
        const size_t count = i % 3 == 0 ? 1 : 6; /* a single one also meets the closed form */
        CHECK_OK(pcs_tiles_random(&options.array, seed * 1000 + i, count, 40, &tiles, &err), &err);
        (void)CHECK(pcs_cosim_check(cosim, &tiles, &result, &err) == PCS_OK, "stream %" PRIu64 ": %s", i, err.text);
        clocks += result.clocks;
        words += result.words;
        pcs_tiles_free(&tiles);
    }
    pcs_cosim_destroy(cosim);
    (void)printf("compared %" PRIu64 " words in %" PRIu64 " clocks\n", words, clocks);
    (void)CHECK(clocks > 0 && words > clocks, "nothing was compared");
    return check_done("cosim.walk");
}
