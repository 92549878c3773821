// The bank of conversion units as a C interface, Verilated by the build.
#include "sim/bridge/convert.h"

#include <memory>
#include <new>

#include "Vpcs_convert_bank.h"
#include "verilated.h"

struct pcs_rtl_convert {
    VerilatedContext context;
    std::unique_ptr<Vpcs_convert_bank> top;
};

pcs_rtl_convert_t *pcs_rtl_convert_create(uint64_t seed)
{
    std::unique_ptr<pcs_rtl_convert> bank(new (std::nothrow) pcs_rtl_convert);
    if (!bank) {
        return nullptr;
    }
    bank->context.randReset(2);
    bank->context.randSeed(static_cast<int>(seed & 0x7fffffff));
    bank->top.reset(new (std::nothrow) Vpcs_convert_bank(&bank->context, "top"));
    Vpcs_convert_bank *top = bank->top.get();
    if (top == nullptr) {
        return nullptr;
    }
    top->clk_i = 0;
    top->rst_ni = 1;
    top->eval();
    top->rst_ni = 0; // asynchronous
    top->eval();
    top->rst_ni = 1;
    top->seed_valid_i = 0;
    top->valid_i = 0;
    top->eval();
    return bank.release();
}

void pcs_rtl_convert_destroy(pcs_rtl_convert_t *bank)
{
    if (bank != nullptr) {
        bank->top->final();
        delete bank;
    }
}

void pcs_rtl_convert_step(pcs_rtl_convert_t *bank, const pcs_rtl_convert_in_t *in, pcs_rtl_convert_out_t *out)
{
    Vpcs_convert_bank *top = bank->top.get();
    top->seed_valid_i = in->seed_valid;
    top->seed_i = in->seed;
    top->valid_i = in->valid;
    top->fp32_i = in->fp32;
    top->rounding_i = static_cast<uint8_t>(in->rounding);
    top->overflow_i = static_cast<uint8_t>(in->overflow);
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
    for (unsigned f = 0; f < PCS_FORMAT_COUNT; f++) {
        out->valid[f] = (top->valid_o >> f & 1U) != 0;
        out->code[f] = top->code_o[f];
        const unsigned lsb = f * PCS_CONVERT_FLAG_BITS;
        const uint64_t low = top->flags_o[lsb / 32];
        const uint64_t high = lsb / 32 + 1 < sizeof top->flags_o / sizeof(uint32_t) ? top->flags_o[lsb / 32 + 1] : 0;
        out->flags[f] = static_cast<uint8_t>((high << 32U | low) >> (lsb % 32) & ((1U << PCS_CONVERT_FLAG_BITS) - 1U));
    }
}

void pcs_rtl_convert_widen(pcs_rtl_convert_t *bank, uint32_t code, uint32_t fp32[PCS_FORMAT_COUNT],
                           bool invalid[PCS_FORMAT_COUNT])
{
    Vpcs_convert_bank *top = bank->top.get();
    top->code_i = code;
    top->eval();
    for (unsigned f = 0; f < PCS_FORMAT_COUNT; f++) {
        fp32[f] = top->fp32_o[f];
        invalid[f] = (top->invalid_o >> f & 1U) != 0;
    }
}
