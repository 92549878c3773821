/* Simulated time, tight: every access costs what platform.h says, and a command the longer of array and DMA. */
#include "sim/platform/driver.h"
#include "sim/platform/platform.h"
#include "tests/support/check.h"

enum { LATENCY = 3, BUS_BYTES = 8, M = 2, N = 3, K = 40, CLOCK_PS = 2000 };

static pcs_status_t program(void *user, const pcs_bus_t *bus, pcs_error_t *err)
{
    const pcs_accel_gemm_t gemm = {.a_stride = K,
                                   .b_base = 1024,
                                   .b_stride = N,
                                   .y_base = 2048,
                                   .y_stride = UINT64_C(8) * N,
                                   .m = M,
                                   .n = N,
                                   .k = K,
                                   .segment = K,
                                   .mode = {.pa = 8, .pb = 8}};
    return pcs_accel_run(bus, PCS_PLATFORM_ACCEL_BASE, &gemm, user, err);
}

static uint64_t access_clocks(uint64_t bytes)
{
    return LATENCY + (bytes + BUS_BYTES - 1) / BUS_BYTES;
}

int main(int argc, char **argv)
{
    pcs_error_t err = {{0}};
    pcs_counts_t counts = {{0}};
    pcs_array_dev_t *dev = NULL;
    pcs_platform_result_t result = {0};
    const bool serial = check_flag(argc, argv, "--serial", NULL); /* eight times the array clocks: the array decides */
    const pcs_array_config_t config = {2, 3, serial ? PCS_KIND_SERIAL : PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 1};
    CHECK_OK(pcs_array_cycle_create(&config, &dev, &err), &err);
    const pcs_platform_config_t platform = {
        .dev = dev, .mem_bytes = 4096, .clock_mhz = 500, .latency = LATENCY, .bus_bytes = BUS_BYTES};
    CHECK_OK(pcs_platform_run(&platform, program, &counts, &result, &err), &err);
    pcs_array_dev_destroy(dev);

    const uint64_t array = counts.n[PCS_EVENT_CYCLE];
    const uint64_t dma = M * access_clocks(K) + K * access_clocks(N) + M * access_clocks(UINT64_C(8) * N);
    const uint64_t registers = 12 + 1 + PCS_EVENT_COUNT; /* writes, STATUS, counts */
    CHECK_EQ(dma < array, serial, "array %u clocks, DMA %u", (unsigned)array, (unsigned)dma);
    CHECK_EQ(result.time_ps, (registers * access_clocks(8) + (dma > array ? dma : array)) * CLOCK_PS, "time");
    return check_done("platform.time");
}
