/* Floating-point contracts on arrays of the kinds float and bfp, by the cycle model: see tests/support/fgemm_array.h.
   --count N: random contracts an array; --inject. */
#include <stdlib.h>

#include "tests/support/fgemm_array.h"

int main(int argc, char **argv)
{
    static const pcs_array_config_t arrays[] = {
        {4, 4, PCS_KIND_FLOAT, 48, PCS_DATAFLOW_OS, 1}, {3, 7, PCS_KIND_FLOAT, 24, PCS_DATAFLOW_OS, 1},
        {5, 3, PCS_KIND_FLOAT, 40, PCS_DATAFLOW_WS, 1}, {4, 6, PCS_KIND_FLOAT, 30, PCS_DATAFLOW_IS, 1},
        {1, 1, PCS_KIND_FLOAT, 32, PCS_DATAFLOW_OS, 1}, {4, 4, PCS_KIND_BFP, 48, PCS_DATAFLOW_OS, 1},
        {3, 7, PCS_KIND_BFP, 24, PCS_DATAFLOW_OS, 1},   {5, 3, PCS_KIND_BFP, 40, PCS_DATAFLOW_WS, 1},
        {4, 6, PCS_KIND_BFP, 30, PCS_DATAFLOW_IS, 1},   {1, 1, PCS_KIND_BFP, 32, PCS_DATAFLOW_WS, 1}};
    enum { ARRAYS = sizeof arrays / sizeof arrays[0] };
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    const char *text = "150";
    (void)check_flag(argc, argv, "--count", &text);
    const uint32_t count = (uint32_t)strtoul(text, NULL, 10);
    uint64_t exact[2] = {0, 0};
    for (int i = 0; i < ARRAYS; i++) {
        pcs_array_dev_t *dev = NULL;
        pcs_error_t err = {{0}};
        CHECK_OK(pcs_array_cycle_create(&arrays[i], &dev, &err), &err);
        uint64_t *of_kind = &exact[arrays[i].kind == PCS_KIND_BFP ? 1 : 0];
        *of_kind += fgemm_array_check(dev, PCS_EXECUTOR_CYCLE, count, inject, &rng);
        pcs_array_dev_destroy(dev);
    }
    for (int i = 0; i < 2; i++) {
        CHECK(exact[i] > count / 4, "only %llu registers were exact", (unsigned long long)exact[i]);
    }
    return check_done("contracts on arrays");
}
