// The bank of multiply-add units as a C interface, Verilated by the build.
#include "sim/bridge/float_mac.h"

#include <memory>
#include <new>

#include "Vpcs_float_mac_bank.h"
#include "verilated.h"

struct pcs_rtl_float_mac {
    VerilatedContext context;
    std::unique_ptr<Vpcs_float_mac_bank> top;
};

pcs_rtl_float_mac_t *pcs_rtl_float_mac_create(uint64_t seed)
{
    std::unique_ptr<pcs_rtl_float_mac> bank(new (std::nothrow) pcs_rtl_float_mac);
    if (!bank) {
        return nullptr;
    }
    bank->context.randReset(2);
    bank->context.randSeed(static_cast<int>(seed & 0x7fffffff));
    bank->top.reset(new (std::nothrow) Vpcs_float_mac_bank(&bank->context, "top"));
    Vpcs_float_mac_bank *top = bank->top.get();
    if (top == nullptr) {
        return nullptr;
    }
    top->clk_i = 0;
    top->valid_i = 0;
    top->rst_ni = 1;
    top->eval();
    top->rst_ni = 0; // asynchronous
    top->eval();
    top->rst_ni = 1;
    top->eval();
    return bank.release();
}

void pcs_rtl_float_mac_destroy(pcs_rtl_float_mac_t *bank)
{
    if (bank != nullptr) {
        bank->top->final();
        delete bank;
    }
}

void pcs_rtl_float_mac_step(pcs_rtl_float_mac_t *bank, const pcs_rtl_float_mac_in_t *in, pcs_rtl_float_mac_out_t *out)
{
    Vpcs_float_mac_bank *top = bank->top.get();
    top->valid_i = in->valid;
    top->first_i = in->first;
    top->format_a_i = static_cast<uint8_t>(in->format_a);
    top->format_b_i = static_cast<uint8_t>(in->format_b);
    top->a_i = static_cast<uint16_t>(in->a);
    top->b_i = static_cast<uint16_t>(in->b);
    top->anchor_i = static_cast<uint16_t>(in->anchor & ((1 << PCS_FLOAT_MAC_ANCHOR_BITS) - 1));
    top->saturate_i = in->saturate;
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
    constexpr unsigned words = PCS_FLOAT_MAC_ACC_MAX_BITS / 32;
    for (unsigned unit = 0; unit < PCS_RTL_FLOAT_MAC_UNITS; unit++) {
        pcs_int128_t acc = static_cast<int32_t>(top->acc_o[unit * words + words - 1]);
        for (unsigned word = words - 1; word-- > 0;) {
            acc = acc * (pcs_int128_t{1} << 32) + top->acc_o[unit * words + word];
        }
        out->acc[unit] = acc;
        out->flags[unit] = top->flags_o >> (unit * PCS_FLOAT_MAC_FLAG_BITS) & ((1U << PCS_FLOAT_MAC_FLAG_BITS) - 1U);
        out->fp32[unit] = top->fp32_o[unit];
        out->round_flags[unit] =
            top->round_flags_o >> (unit * PCS_CONVERT_FLAG_BITS) & ((1U << PCS_CONVERT_FLAG_BITS) - 1U);
    }
}
