/* Whole contracts on the Verilated array: `rtl` against `ref` and `fast`, bit for bit, overflow flags, clocks and
   counts included (the engine compares those with the closed form).  --inject: expects one result wrongly. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cosim/device.h"
#include "tests/support/check.h"
#include "tests/support/random_gemm.h"

typedef struct result {
    float *y;
    uint64_t overflows;
    pcs_status_t status;
} result_t;

static result_t execute(const random_gemm_t *made, const pcs_array_config_t *array, pcs_executor_t executor,
                        pcs_array_dev_t *dev, pcs_error_t *err)
{
    const pcs_engine_config_t config = {.executor = executor, .array = *array, .threads = 1, .dev = dev};
    result_t result = {.y = malloc(made->y_count * sizeof *result.y)};
    pcs_engine_t *engine = NULL;
    PCS_ASSERT(result.y != NULL);
    memset(made->gemm.y.data, 0xff, made->y_count * sizeof(float));
    CHECK_OK(pcs_engine_create(&config, &engine, err), err);
    result.status = pcs_gemm_run(engine, &made->gemm, NULL, &result.overflows, err);
    pcs_engine_destroy(engine);
    memcpy(result.y, made->gemm.y.data, made->y_count * sizeof(float));
    return result;
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_array_config_t array;
    pcs_rtl_options_t options;
    device_options(argc, argv, &array, &options);
    check_rng_t rng = {check_seed(argc, argv, 1), 0};
    const char *count_text = "100";
    (void)check_flag(argc, argv, "--count", &count_text);
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    pcs_array_dev_t *dev = NULL;
    CHECK_OK(pcs_rtl_create(&array, &options, &dev, &err), &err);
    const random_gemm_limits_t limits = {.m = 14,
                                         .n = 11,
                                         .k = 40,
                                         .overflow = true,
                                         .wide = true,
                                         .acc_bits_min = array.acc_bits,
                                         .acc_bits_max = array.acc_bits};
    uint64_t overflows = 0;
    for (int i = 0; i < atoi(count_text); i++) {
        random_gemm_t made;
        char text[256];
        random_gemm_make(&made, &rng, &limits);
        const uint64_t longest = random_gemm_longest(&made, &array);
        made.gemm.segment = made.gemm.segment < longest ? made.gemm.segment : (size_t)longest;
        (void)random_gemm_text(&made, text, sizeof text);
        const result_t ref = execute(&made, &array, PCS_EXECUTOR_REF, NULL, &err);
        const result_t fast = execute(&made, &array, PCS_EXECUTOR_FAST, NULL, &err);
        const result_t rtl = execute(&made, &array, PCS_EXECUTOR_RTL, dev, &err);
        if (inject && i == 0) {
            ref.y[0] += 1.0F;
        }
        CHECK(ref.status == PCS_OK && fast.status == PCS_OK && rtl.status == PCS_OK, "%s: %s", text, err.text);
        CHECK(memcmp(rtl.y, ref.y, made.y_count * sizeof(float)) == 0, "%s: rtl differs from ref", text);
        CHECK(memcmp(fast.y, ref.y, made.y_count * sizeof(float)) == 0, "%s: fast differs from ref", text);
        CHECK(rtl.overflows == ref.overflows && fast.overflows == ref.overflows, "%s: overflows", text);
        overflows += ref.overflows;
        free(ref.y);
        free(fast.y);
        free(rtl.y);
        random_gemm_free(&made);
    }
    pcs_array_dev_destroy(dev);
    (void)printf("%d overflows\n", (int)overflows);
    return check_done("cosim.gemm");
}
