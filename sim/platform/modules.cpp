#include "sim/platform/modules.hpp"

#include <algorithm>
#include <cstring>

namespace pcs
{

namespace
{

constexpr std::size_t RegBytes = 8;

/* One blocking transaction of plain data; false when it was answered with an error. */
bool blocking(tlm::tlm_initiator_socket<> &socket, tlm::tlm_command command, std::uint64_t addr, std::uint8_t *data,
              std::size_t bytes, sc_core::sc_time &delay)
{
    tlm::tlm_generic_payload trans;
    trans.set_command(command);
    trans.set_address(addr);
    trans.set_data_ptr(data);
    trans.set_data_length(static_cast<unsigned>(bytes));
    trans.set_streaming_width(static_cast<unsigned>(bytes));
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    socket->b_transport(trans, delay);
    return trans.is_response_ok();
}

/* Neither byte enables nor streaming: nothing here uses them, and a target that ignored them would corrupt data. */
bool plain(tlm::tlm_generic_payload &trans)
{
    if (trans.get_byte_enable_ptr() != nullptr) {
        trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        return false;
    }
    if (trans.get_streaming_width() < trans.get_data_length()) {
        trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return false;
    }
    return true;
}

} // namespace

/* ---- bus ---- */

Bus::Bus(sc_core::sc_module_name name, const Timing &timing)
    : sc_module(name), initiators("initiators"), targets("targets"), m_timing(timing)
{
    initiators.register_b_transport(this, &Bus::b_transport);
}

void Bus::map(tlm::tlm_target_socket<> &target, std::uint64_t base, std::uint64_t bytes)
{
    targets.bind(target);
    m_windows.push_back({base, bytes});
}

void Bus::b_transport(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    const std::uint64_t addr = trans.get_address();
    const std::uint64_t length = trans.get_data_length();
    const auto hit = std::find_if(m_windows.begin(), m_windows.end(), [&](const Window &w) {
        return addr >= w.base && addr - w.base < w.bytes && length <= w.bytes - (addr - w.base);
    });
    const std::uint64_t beats = (length + m_timing.bus_bytes - 1) / m_timing.bus_bytes;
    delay += m_timing.clock * static_cast<double>(m_timing.latency + beats);
    if (hit == m_windows.end()) {
        trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    trans.set_address(addr - hit->base);
    targets[static_cast<int>(hit - m_windows.begin())]->b_transport(trans, delay);
    trans.set_address(addr);
}

/* ---- memory ---- */

Memory::Memory(sc_core::sc_module_name name, std::size_t size) : sc_module(name), socket("socket"), bytes(size)
{
    socket.register_b_transport(this, &Memory::b_transport);
}

void Memory::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
{
    if (!plain(trans)) {
        return;
    }
    std::uint8_t *place = bytes.data() + trans.get_address(); /* inside: the bus has looked */
    if (trans.is_read()) {
        std::memcpy(trans.get_data_ptr(), place, trans.get_data_length());
    } else if (trans.is_write()) {
        std::memcpy(place, trans.get_data_ptr(), trans.get_data_length());
    }
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

/* ---- accelerator ---- */

Accelerator::Accelerator(sc_core::sc_module_name name, const pcs_platform_config_t &config,
                         const sc_core::sc_time &clock)
    : sc_module(name), registers("registers"), dma("dma"), irq("irq"), m_config(config), m_clock(clock)
{
    const pcs_mem_t mem = {this, config.mem_bytes,
                           [](void *self, std::uint64_t addr, std::uint8_t *data, std::size_t bytes) {
                               return static_cast<Accelerator *>(self)->transfer(tlm::TLM_READ_COMMAND, addr, data,
                                                                                 bytes);
                           },
                           [](void *self, std::uint64_t addr, const std::uint8_t *data, std::size_t bytes) {
                               return static_cast<Accelerator *>(self)->transfer(
                                   tlm::TLM_WRITE_COMMAND, addr, const_cast<std::uint8_t *>(data), bytes);
                           }};
    status = pcs_seq_create(config.dev, &mem, &m_seq, &error);
    registers.register_b_transport(this, &Accelerator::b_transport);
    SC_THREAD(run);
}

Accelerator::~Accelerator()
{
    pcs_seq_destroy(m_seq);
}

bool Accelerator::access(tlm::tlm_command command, std::uint64_t offset, std::uint8_t *data)
{
    std::uint64_t value = 0;
    if (command == tlm::TLM_READ_COMMAND) {
        if (!pcs_seq_read(m_seq, offset, &value)) {
            return false;
        }
        for (std::size_t i = 0; i < RegBytes; i++) {
            data[i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
        return true;
    }
    for (std::size_t i = 0; i < RegBytes; i++) {
        value |= static_cast<std::uint64_t>(data[i]) << (8 * i);
    }
    return pcs_seq_write(m_seq, offset, value);
}

void Accelerator::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
    if (!plain(trans)) {
        return;
    }
    const std::uint64_t offset = trans.get_address();
    if (trans.get_data_length() != RegBytes || offset % RegBytes != 0) {
        trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    if (!access(trans.get_command(), offset, trans.get_data_ptr())) {
        trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
        return;
    }
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
    if (trans.is_write() && offset == PCS_REG_START) {
        irq.write(false);
        m_started.notify(delay); /* the host may run ahead of the kernel by `delay` */
    }
}

bool Accelerator::transfer(tlm::tlm_command command, std::uint64_t addr, std::uint8_t *data, std::size_t bytes)
{
    const bool read = command == tlm::TLM_READ_COMMAND;
    const std::uint64_t index = read ? ++dma_reads : ++dma_writes;
    if (read && index == m_config.refuse_read) {
        return false;
    }
    const bool ok = blocking(dma, command, PCS_PLATFORM_MEM_BASE + addr, data, bytes, m_dma_time);
    if (read && index == m_config.inject_read) {
        data[0] ^= 1U;
    }
    return ok;
}

void Accelerator::run()
{
    for (;;) {
        wait(m_started);
        if (pcs_seq_busy(m_seq)) {
            std::uint64_t clocks = 0;
            m_dma_time = sc_core::SC_ZERO_TIME;
            const pcs_status_t done = pcs_seq_execute(m_seq, &clocks, &error);
            status = status == PCS_OK ? done : status;
            wait(std::max(m_dma_time, m_clock * static_cast<double>(clocks)));
            pcs_seq_retire(m_seq);
        }
        irq.write(true);
    }
}

/* ---- host ---- */

Host::Host(sc_core::sc_module_name name, pcs_program_fn *program, void *user, pcs_error_t *err)
    : sc_module(name), socket("socket"), irq("irq"), m_program(program), m_user(user), m_err(err)
{
    SC_THREAD(run);
}

void Host::run()
{
    m_keeper.reset();
    const pcs_bus_t bus = {this,
                           [](void *self, std::uint64_t addr, std::uint8_t *data, std::size_t bytes) {
                               return static_cast<Host *>(self)->transfer(tlm::TLM_READ_COMMAND, addr, data, bytes);
                           },
                           [](void *self, std::uint64_t addr, const std::uint8_t *data, std::size_t bytes) {
                               return static_cast<Host *>(self)->transfer(tlm::TLM_WRITE_COMMAND, addr,
                                                                          const_cast<std::uint8_t *>(data), bytes);
                           },
                           [](void *self) { static_cast<Host *>(self)->wait_irq(); }};
    status = m_program(m_user, &bus, m_err);
    m_keeper.sync();
    end = sc_core::sc_time_stamp();
}

bool Host::transfer(tlm::tlm_command command, std::uint64_t addr, std::uint8_t *data, std::size_t bytes)
{
    sc_core::sc_time delay = m_keeper.get_local_time();
    const bool ok = blocking(socket, command, addr, data, bytes, delay);
    m_keeper.set(delay);
    if (m_keeper.need_sync()) {
        m_keeper.sync();
    }
    return ok;
}

void Host::wait_irq()
{
    m_keeper.sync();
    wait(sc_core::SC_ZERO_TIME); /* a START in this very instant takes the interrupt down first */
    while (!irq.read()) {
        wait(irq.posedge_event());
    }
}

} // namespace pcs
