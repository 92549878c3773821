/* Floating-point contracts on a Verilated array of the kind float or bfp: see tests/support/fgemm_array.h.
   --count N: random contracts; --inject; and the array, see device.h. */
#include <stdlib.h>

#include "tests/cosim/device.h"
#include "tests/support/fgemm_array.h"

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_array_config_t array;
    pcs_rtl_options_t options;
    device_options(argc, argv, &array, &options);
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    const char *text = "60";
    (void)check_flag(argc, argv, "--count", &text);
    pcs_array_dev_t *dev = NULL;
    CHECK_OK(pcs_rtl_create(&array, &options, &dev, &err), &err);
    (void)fgemm_array_check(dev, PCS_EXECUTOR_RTL, (uint32_t)strtoul(text, NULL, 10), inject, &rng);
    pcs_array_dev_destroy(dev);
    return check_done("contracts on a Verilated array");
}
