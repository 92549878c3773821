#include "sim/platform/platform.h"

#include <exception>

#include "sim/platform/modules.hpp"

/* The SystemC library's own main() wants this symbol; programs here have a main of their own and never call it. */
int sc_main(int, char **)
{
    return 2;
}

#ifdef __SANITIZE_ADDRESS__
/* SystemC guards the ends of its coroutine stacks, inside memory from malloc; the leak checker reads all of that and
   dies on the guards.  Its other checks stay on. */
extern "C" const char *__asan_default_options();
extern "C" const char *__asan_default_options()
{
    return "detect_leaks=0";
}
#endif

namespace
{

constexpr double HostQuantumClocks = 1000; /* how far the host may run ahead of the kernel */

pcs_status_t check(const pcs_platform_config_t &config, pcs_error_t *err)
{
    if (config.mem_bytes < 1 || config.mem_bytes > PCS_PLATFORM_ACCEL_BASE) {
        return pcs_fail(err, PCS_INVALID, "memory of %llu bytes: must be 1..%llu",
                        static_cast<unsigned long long>(config.mem_bytes),
                        static_cast<unsigned long long>(PCS_PLATFORM_ACCEL_BASE));
    }
    if (!(config.clock_mhz >= 0.001 && config.clock_mhz <= 100000)) {
        return pcs_fail(err, PCS_INVALID, "clock of %g MHz: must be 0.001..100000", config.clock_mhz);
    }
    if (config.latency > 1000000) {
        return pcs_fail(err, PCS_INVALID, "bus latency of %u clocks: must be 0..1000000", config.latency);
    }
    if (config.bus_bytes < 1 || config.bus_bytes > 4096) {
        return pcs_fail(err, PCS_INVALID, "bus of %u bytes: must be 1..4096", config.bus_bytes);
    }
    return PCS_OK;
}

std::uint64_t fnv1a(const std::vector<std::uint8_t> &bytes)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const std::uint8_t byte : bytes) {
        hash = (hash ^ byte) * 0x100000001b3;
    }
    return hash;
}

pcs_status_t run(const pcs_platform_config_t &config, pcs_program_fn *program, void *user,
                 pcs_platform_result_t *result, pcs_error_t *err)
{
    const sc_core::sc_time clock(1e6 / config.clock_mhz, sc_core::SC_PS);
    tlm::tlm_global_quantum::instance().set(clock * HostQuantumClocks);

    pcs::Host host("host", program, user, err);
    pcs::Bus bus("bus", {clock, config.latency, config.bus_bytes});
    pcs::Memory memory("memory", static_cast<std::size_t>(config.mem_bytes));
    pcs::Accelerator accelerator("accelerator", config, clock);
    sc_core::sc_signal<bool, sc_core::SC_MANY_WRITERS> irq("irq"); /* START lowers it, the end raises it */
    if (accelerator.status != PCS_OK) {
        return pcs_fail(err, accelerator.status, "%s", accelerator.error.text);
    }
    host.socket.bind(bus.initiators);
    accelerator.dma.bind(bus.initiators);
    bus.map(memory.socket, PCS_PLATFORM_MEM_BASE, config.mem_bytes);
    bus.map(accelerator.registers, PCS_PLATFORM_ACCEL_BASE, PCS_PLATFORM_ACCEL_BYTES);
    accelerator.irq(irq);
    host.irq(irq);
    sc_core::sc_start(); /* ends when the program has returned and nothing is left to happen */

    *result = {fnv1a(memory.bytes), static_cast<std::uint64_t>(host.end / sc_core::sc_time(1, sc_core::SC_PS)),
               accelerator.dma_reads, accelerator.dma_writes};
    if (accelerator.status != PCS_OK) {
        return pcs_fail(err, accelerator.status, "%s", accelerator.error.text);
    }
    return host.status;
}

} // namespace

pcs_status_t pcs_platform_run(const pcs_platform_config_t *config, pcs_program_fn *program, void *user,
                              pcs_platform_result_t *result, pcs_error_t *err)
{
    const pcs_status_t status = check(*config, err);
    if (status != PCS_OK) {
        return status;
    }
    try {
        return run(*config, program, user, result, err);
    } catch (const std::bad_alloc &) {
        return pcs_fail(err, PCS_MEMORY, "no memory for a platform with %llu bytes",
                        static_cast<unsigned long long>(config->mem_bytes));
    } catch (const std::exception &e) {
        return pcs_fail(err, PCS_UNSUPPORTED, "SystemC: %s", e.what());
    }
}
