/* The platform from a program's side: address decoding, access sizes, the interrupt, bus errors and simulated time. */
#include <string.h>

#include "sim/platform/driver.h"
#include "sim/platform/platform.h"
#include "tests/support/check.h"

enum { MEM_BYTES = 4096, LATENCY = 7, BUS_BYTES = 4, CLOCK_PS = 4000 };

static const uint64_t accel = PCS_PLATFORM_ACCEL_BASE;

static void check_decoding(const pcs_bus_t *bus)
{
    uint8_t data[16] = {0};
    const uint64_t status = accel + PCS_REG_STATUS;
    CHECK(bus->write(bus->user, MEM_BYTES - 16, data, 16), "the last bytes of memory");
    CHECK(!bus->write(bus->user, MEM_BYTES - 15, data, 16), "one byte past memory");
    CHECK(!bus->read(bus->user, MEM_BYTES, data, 1), "behind memory");
    CHECK(!bus->read(bus->user, UINT64_MAX, data, 1), "the last address");
    CHECK(!bus->read(bus->user, accel - 1, data, 8), "across the start of a window");
    CHECK(!bus->read(bus->user, accel + PCS_PLATFORM_ACCEL_BYTES, data, 8), "behind the registers");
    CHECK(bus->read(bus->user, status, data, 8), "a register");
    CHECK(!bus->read(bus->user, status, data, 4), "half a register");
    CHECK(!bus->read(bus->user, status, data, 16), "two registers");
    CHECK(!bus->read(bus->user, status + 4, data, 8), "an odd address");
    CHECK(!bus->write(bus->user, status, data, 8), "a read-only register");
    CHECK(!bus->read(bus->user, accel + PCS_REG_START, data, 8), "a write-only register");
    CHECK(!bus->read(bus->user, accel + 0x7f8, data, 8), "no register");
}

static pcs_accel_gemm_t gemm_of(uint64_t k)
{
    const pcs_accel_gemm_t gemm = {.a_stride = k,
                                   .b_base = 1024,
                                   .b_stride = 1,
                                   .y_base = 2048,
                                   .y_stride = 8,
                                   .m = 2,
                                   .n = 1,
                                   .k = k,
                                   .segment = k,
                                   .mode = {.pa = 8, .pb = 8}};
    return gemm;
}

static void check_commands(const pcs_bus_t *bus)
{
    pcs_error_t err = {{0}};
    pcs_counts_t counts;
    pcs_array_config_t array;
    uint64_t status = 0;
    CHECK_OK(pcs_accel_probe(bus, accel, &array, &err), &err);
    CHECK_EQ(array.rows, 2, "R read back");
    CHECK_EQ(array.cols, 3, "C read back");

    pcs_accel_gemm_t gemm = gemm_of(20);
    gemm.m = 0;
    CHECK_EQ(pcs_accel_run(bus, accel, &gemm, &counts, &err), PCS_INVALID, "m = 0 is refused");
    CHECK(strstr(err.text, "register m (") != NULL, "the message names the register: %s", err.text);

    gemm = gemm_of(20);
    for (int i = 0; i < 2; i++) { /* the second interrupt must be a new one */
        CHECK_OK(pcs_accel_run(bus, accel, &gemm, &counts, &err), &err);
        CHECK_OK(pcs_accel_get(bus, accel, PCS_REG_STATUS, &status, &err), &err);
        CHECK_EQ(status, PCS_REG_STATUS_DONE, "done after the interrupt");
    }
    CHECK_EQ(pcs_accel_run(bus, accel, &gemm, &counts, &err), PCS_IO, "the refused DMA read");
    CHECK(strstr(err.text, "bus error") != NULL, "message: %s", err.text);
    CHECK_OK(pcs_accel_run(bus, accel, &gemm, &counts, &err), &err);

    CHECK_OK(pcs_accel_set(bus, accel, PCS_REG_START, 1, &err), &err);
    CHECK_EQ(pcs_accel_set(bus, accel, PCS_REG_K, 9, &err), PCS_IO, "busy refuses writes");
    CHECK_OK(pcs_accel_get(bus, accel, PCS_REG_STATUS, &status, &err), &err);
    CHECK_EQ(status, PCS_REG_STATUS_BUSY, "busy");
    bus->wait_irq(bus->user);
}

static pcs_status_t program(void *user, const pcs_bus_t *bus, pcs_error_t *err)
{
    (void)user;
    (void)err;
    check_decoding(bus);
    check_commands(bus);
    return PCS_OK;
}

int main(void)
{
    pcs_error_t err = {{0}};
    pcs_array_dev_t *dev = NULL;
    pcs_platform_result_t result = {0};
    const pcs_array_config_t config = {2, 3, PCS_KIND_GATED, 32, PCS_DATAFLOW_OS, 1};
    CHECK_OK(pcs_array_cycle_create(&config, &dev, &err), &err);
    const uint64_t reads_per_command = 2 + 20; /* rows of A, steps of B */
    const pcs_platform_config_t platform = {.dev = dev,
                                            .mem_bytes = MEM_BYTES,
                                            .clock_mhz = 250,
                                            .latency = LATENCY,
                                            .bus_bytes = BUS_BYTES,
                                            .refuse_read = 2 * reads_per_command + 1};
    CHECK_OK(pcs_platform_run(&platform, program, NULL, &result, &err), &err);
    CHECK_EQ(result.dma_reads, 4 * reads_per_command + 1, "DMA reads of four full commands and a refused one");
    CHECK_EQ(result.dma_writes, 4 * 2, "DMA writes");
    pcs_array_dev_destroy(dev);
    return check_done("platform.bus");
}
