/* The SystemC modules: protocol and time only.  What a module computes is elsewhere: a byte array, models/accel, a C
   program.  All are loosely timed: they add what an access costs to the caller's delay. */
#ifndef PCS_SIM_PLATFORM_MODULES_HPP
#define PCS_SIM_PLATFORM_MODULES_HPP

#include <cstdint>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "models/accel/sequencer.h"
#include "sim/platform/platform.h"

namespace pcs
{

/* Forwards an access to the target whose window contains it; an access outside all windows is an address error.  Adds
   what the transfer costs. */
class Bus : public sc_core::sc_module
{
  public:
    struct Timing {
        sc_core::sc_time clock;
        unsigned latency;   /* clocks */
        unsigned bus_bytes; /* per clock */
    };

    tlm_utils::multi_passthrough_target_socket<Bus> initiators;
    tlm_utils::multi_passthrough_initiator_socket<Bus> targets;

    Bus(sc_core::sc_module_name name, const Timing &timing);
    /* Binds the next target at [base, base + bytes). */
    void map(tlm::tlm_target_socket<> &target, std::uint64_t base, std::uint64_t bytes);

  private:
    struct Window {
        std::uint64_t base, bytes;
    };
    void b_transport(int initiator, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);

    Timing m_timing;
    std::vector<Window> m_windows; /* in the order of `targets` */
};

class Memory : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<Memory> socket;
    std::vector<std::uint8_t> bytes;

    Memory(sc_core::sc_module_name name, std::size_t size);

  private:
    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
};

/* The shell of the sequencer: its registers as a target, its DMA as an initiator, its end as an interrupt. */
class Accelerator : public sc_core::sc_module
{
  public:
    tlm_utils::simple_target_socket<Accelerator> registers;
    tlm_utils::simple_initiator_socket<Accelerator> dma;
    sc_core::sc_out<bool> irq; /* high from the end (or the refusal) of a command to the next START */
    std::uint64_t dma_reads = 0, dma_writes = 0;
    pcs_status_t status = PCS_OK; /* of creation and of the device */
    pcs_error_t error = {};

    Accelerator(sc_core::sc_module_name name, const pcs_platform_config_t &config, const sc_core::sc_time &clock);
    ~Accelerator() override;
    Accelerator(const Accelerator &) = delete;
    Accelerator &operator=(const Accelerator &) = delete;

  private:
    SC_HAS_PROCESS(Accelerator);
    void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
    bool access(tlm::tlm_command command, std::uint64_t offset, std::uint8_t *data);
    void run();
    bool transfer(tlm::tlm_command command, std::uint64_t addr, std::uint8_t *data, std::size_t bytes);

    const pcs_platform_config_t &m_config;
    sc_core::sc_time m_clock;
    sc_core::sc_time m_dma_time; /* of the running command */
    sc_core::sc_event m_started;
    pcs_seq_t *m_seq = nullptr;
};

/* Runs a C program; its accesses go out as transactions, decoupled by the global quantum. */
class Host : public sc_core::sc_module
{
  public:
    tlm_utils::simple_initiator_socket<Host> socket;
    sc_core::sc_in<bool> irq;
    pcs_status_t status = PCS_OK; /* of the program */
    sc_core::sc_time end;         /* local time when it returned */

    Host(sc_core::sc_module_name name, pcs_program_fn *program, void *user, pcs_error_t *err);

  private:
    SC_HAS_PROCESS(Host);
    void run();
    bool transfer(tlm::tlm_command command, std::uint64_t addr, std::uint8_t *data, std::size_t bytes);
    void wait_irq();

    pcs_program_fn *m_program;
    void *m_user;
    pcs_error_t *m_err;
    tlm_utils::tlm_quantumkeeper m_keeper;
};

} // namespace pcs

#endif
