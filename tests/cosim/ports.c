/* Every input of the array's ports: random scripts on the RTL with the cycle model beside it, every output, register
   and counter compared, and every row with its definition.  The walk's streams come from the driver that runs
   contracts; these have what it never does: weights loaded in any order and again, whatever there may be in inputs that
   do not count, refused steps, cleared counters, stalls on both ports, resets in mid-tile. --flip: the model shows a
   bit wrong. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/cosim/device.h"
#include "tests/support/array_run.h"

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_array_config_t array;
    pcs_rtl_options_t options;
    const char *scripts = "60";
    device_options(argc, argv, &array, &options);
    (void)check_flag(argc, argv, "--scripts", &scripts);
    const long count = strtol(scripts, NULL, 10);
    const bool flip = check_flag(argc, argv, "--flip", NULL);
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    options.seed = rng.seed;
    array_run_t run = {.rng = &rng};
    CHECK_OK(pcs_rtl_create(&array, &options, &run.dev, &err), &err);
    CHECK_OK(pcs_array_cycle_create(&array, &run.partner, &err), &err);
    for (long i = 0; i < count && check_failures() == 0; i++) {
        script_t script;
        script_random(&script, &array, &rng, 6, i % 4 == 0 ? 40 : 8);
        run.script = &script;
        run.disturb = i % 3 == 1;
        run.stall = i % 2 == 0 ? 0 : (unsigned)check_range(&rng, 1, 4);
        run.probe_gap = i % 4 == 3 ? 20 : 1;
        run.dev->ops->reset(run.dev);
        run.partner->ops->reset(run.partner);
        array_run_cut(&run);
        if (flip) {
            CHECK(pcs_array_cycle_flip(run.partner, array.rows - 1, array.cols - 1, PCS_PROBE_ACC, 3), "flip");
        }
        array_run_whole(&run);
        script_free(&script);
    }
    pcs_array_dev_destroy(run.dev);
    pcs_array_dev_destroy(run.partner);
    (void)printf("compared %llu words in %llu clocks\n", (unsigned long long)run.words, (unsigned long long)run.clocks);
    (void)CHECK(run.words > 0, "nothing was compared");
    return check_done("cosim.ports");
}
