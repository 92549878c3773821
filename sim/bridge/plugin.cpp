// The only code that includes Verilator's headers: pcs_array as a C interface.  Compiled by scripts/verilate together
// with the Verilated model, never by the build itself.
#include "sim/bridge/plugin.h"

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "Vpcs_array.h"
#include "verilated.h"
#include "verilated_syms.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif
#if VM_COVERAGE
#include <cstdlib>
#include <unistd.h>

#include "verilated_cov.h"
#endif

namespace
{

constexpr unsigned kRows = PCS_ROWS;
constexpr unsigned kCols = PCS_COLS;
constexpr unsigned kAccBits = PCS_ACC_BITS;

// The columns WORD_BITS and ACCS of the kind's row, and ACC_FLAGS of its arithmetic's.
struct KindRow {
    unsigned id, word_bits, accs, arith;
};
constexpr unsigned acc_flags(unsigned arith)
{
    constexpr unsigned flags[] = {
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, product_bits, product_flags, acc_flags, ...) acc_flags,
#include "models/spec/ariths.def"
#undef PCS_ARITH
    };
    return flags[arith];
}
constexpr KindRow kind_row(unsigned id)
{
    constexpr KindRow rows[] = {
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word_bits, accs, arith, ...)       \
    {id, word_bits, accs, PCS_ARITH_##arith},
#include "models/spec/kinds.def"
#undef PCS_KIND
    };
    for (const KindRow &row : rows) {
        if (row.id == id) {
            return row;
        }
    }
    return {};
}
constexpr unsigned kWordBytes = kind_row(PCS_KIND_ID).word_bits / 8;
constexpr unsigned kAccs = kind_row(PCS_KIND_ID).accs;
constexpr unsigned kFlags = acc_flags(kind_row(PCS_KIND_ID).arith);
constexpr unsigned kSums = kCols * kAccs; // accumulators of an output row

// Ports are integers or arrays of 32-bit words, little-endian either way: bytes go in and out from the bottom.
template <typename Port> void put_words(Port &port, const uint32_t *words, unsigned count)
{
    auto *bytes = reinterpret_cast<uint8_t *>(&port);
    for (unsigned i = 0; i < count; i++) {
        std::memcpy(bytes + size_t{i} * kWordBytes, &words[i], kWordBytes);
    }
}

template <typename Port> void get_bytes(const Port &port, uint8_t *bytes)
{
    std::memcpy(bytes, &port, sizeof port);
}

} // namespace

struct pcs_rtl_model {
    VerilatedContext context;
    std::unique_ptr<Vpcs_array> top;
#if VM_TRACE
    std::unique_ptr<VerilatedFstC> trace;
    uint64_t trace_from = 0, trace_to = 0;
#endif
    uint64_t clock = 0;                   // since reset
    uint64_t time = 0;                    // half clocks since creation: a waveform's time never goes back
    std::vector<const uint32_t *> probes; // (R * C) the signal `probe` of each PE
    std::vector<uint32_t> image = std::vector<uint32_t>(size_t{kRows} * kCols * PCS_PROBE_WORDS);
    std::vector<int64_t> acc = std::vector<int64_t>(kSums);
    std::vector<uint8_t> flags = std::vector<uint8_t>(kSums);
    std::vector<uint8_t> col_valid = std::vector<uint8_t>(kCols);
    // Copies of the output ports, with room for an 8-byte read at the last byte.
    std::vector<uint8_t> acc_bytes = std::vector<uint8_t>(size_t{kSums} * kAccBits / 8 + 16);
    std::vector<uint8_t> bits = std::vector<uint8_t>(kSums * kFlags / 8 + 16);

    void dump()
    {
#if VM_TRACE
        if (trace && clock >= trace_from && clock <= trace_to) {
            trace->dump(time);
        }
#endif
        time++;
    }

    // Inputs are set, the clock is high: the low half settles outputs, then the edge.
    void half_low()
    {
        top->clk_i = 0;
        top->eval();
        dump();
    }
    void half_high()
    {
        top->clk_i = 1;
        top->eval();
        dump();
        clock++;
    }
};

namespace
{

// Fields of `width` bits.
template <unsigned width, typename Port>
void unpack_bits(pcs_rtl_model *model, const Port &port, std::vector<uint8_t> &fields)
{
    get_bytes(port, model->bits.data());
    for (size_t i = 0; i < fields.size(); i++) {
        unsigned field = 0;
        for (size_t bit = 0; bit < width; bit++) {
            const size_t at = i * width + bit;
            field |= ((model->bits[at / 8] >> (at % 8)) & 1U) << bit;
        }
        fields[i] = static_cast<uint8_t>(field);
    }
}

void unpack_acc(pcs_rtl_model *model)
{
    get_bytes(model->top->out_acc_o, model->acc_bytes.data());
    for (unsigned i = 0; i < kSums; i++) {
        const unsigned lsb = i * kAccBits;
        uint64_t word;
        std::memcpy(&word, &model->acc_bytes[lsb / 8], sizeof word);
        const uint64_t top = UINT64_C(1) << (kAccBits - 1);
        const uint64_t field = (word >> (lsb % 8)) & ((top << 1) - 1);
        model->acc[i] = static_cast<int64_t>((field ^ top) - top);
    }
}

void reset(pcs_rtl_model *model)
{
    Vpcs_array *top = model->top.get();
    top->in_valid_i = 0;
    top->clear_i = 0;
    top->out_ready_i = 1;
    top->rst_ni = 1;
    top->eval();
    top->rst_ni = 0; // asynchronous: the falling edge resets, clocks change nothing
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
    top->rst_ni = 1;
    top->eval();
    model->clock = 0;
}

// Looks up each PE's probe by its name in the design.
bool find_probes(pcs_rtl_model *model)
{
    const std::string top = std::string(model->top->name()) + ".pcs_array.u_grid.gen_row[";
    for (unsigned r = 0; r < kRows; r++) {
        for (unsigned c = 0; c < kCols; c++) {
            const std::string pe = top + std::to_string(r) + "].u_row.gen_col[" + std::to_string(c) + "].u_pe";
            const VerilatedScope *scope = model->context.scopeFind(pe.c_str());
            const VerilatedVar *var = scope == nullptr ? nullptr : scope->varFind("probe");
            if (var == nullptr) {
                return false;
            }
            model->probes.push_back(static_cast<const uint32_t *>(var->datap()));
        }
    }
    return true;
}

pcs_rtl_model *create(uint64_t seed)
{
    std::unique_ptr<pcs_rtl_model> model(new (std::nothrow) pcs_rtl_model);
    if (!model) {
        return nullptr;
    }
    model->context.randReset(2);
    model->context.randSeed(static_cast<int>(seed & 0x7fffffff));
    model->context.assertOn(true);
    model->context.traceEverOn(VM_TRACE != 0);
    model->top.reset(new (std::nothrow) Vpcs_array(&model->context, "top"));
    if (!model->top) {
        return nullptr;
    }
    if (!find_probes(model.get())) {
        return nullptr;
    }
    reset(model.get());
    return model.release();
}

void destroy(pcs_rtl_model *model)
{
    if (model != nullptr) {
#if VM_TRACE
        if (model->trace) {
            model->trace->close();
        }
#endif
        Verilated::threadContextp(&model->context); // which the destructors of scopes use
        model->top->final();
#if VM_COVERAGE
        if (const char *directory = std::getenv("PCS_RTL_COVERAGE")) {
            const std::string name =
                std::to_string(getpid()) + "-" + std::to_string(reinterpret_cast<uintptr_t>(model));
            model->context.coveragep()->write((std::string(directory) + "/" + name + ".dat").c_str());
        }
#endif
        delete model;
    }
}

void step(pcs_rtl_model *model, const pcs_array_in_t *in, pcs_array_out_t *out)
{
    Vpcs_array *top = model->top.get();
    top->in_valid_i = in->in_valid;
    top->in_first_i = in->first;
    top->in_last_i = in->last;
    top->in_mode_i = in->mode;
    top->in_rows_i = in->rows;
    top->in_cols_i = in->cols;
    top->in_stream_i = in->stream;
    top->in_load_i = in->load;
    top->in_load_mode_i = in->load_mode;
    top->in_load_row_i = in->load_row;
    top->in_load_cols_i = in->load_cols;
    top->out_ready_i = in->out_ready;
    top->clear_i = in->clear;
    if (in->in_valid && in->a != nullptr) {
        put_words(top->in_a_i, in->a, kRows);
    }
    if (in->in_valid && in->b != nullptr) {
        put_words(top->in_b_i, in->b, kCols);
    }
    model->half_low();
    out->in_ready = top->in_ready_o;
    out->out_valid = top->out_valid_o;
    out->out_last = top->out_last_o;
    out->busy = top->busy_o;
    out->error = top->error_o;
    unpack_bits<1>(model, top->out_col_valid_o, model->col_valid);
    unpack_bits<kFlags>(model, top->out_flags_o, model->flags);
    if (out->out_valid) {
        unpack_acc(model);
    }
    out->acc = model->acc.data();
    out->flags = model->flags.data();
    out->col_valid = model->col_valid.data();
    model->half_high();
}

const uint32_t *probe(pcs_rtl_model *model)
{
    uint32_t *word = model->image.data();
    for (const uint32_t *pe : model->probes) {
        std::memcpy(word, pe, PCS_PROBE_WORDS * sizeof *word);
        word += PCS_PROBE_WORDS;
    }
    return model->image.data();
}

uint64_t csr(pcs_rtl_model *model, unsigned addr)
{
    model->top->csr_addr_i = static_cast<uint8_t>(addr);
    model->top->eval();
    return model->top->csr_rdata_o;
}

bool trace(pcs_rtl_model *model, const char *path, uint64_t from, uint64_t to)
{
#if VM_TRACE
    model->trace.reset(new (std::nothrow) VerilatedFstC);
    if (!model->trace) {
        return false;
    }
    model->top->trace(model->trace.get(), 99);
    model->trace->open(path);
    model->trace_from = from;
    model->trace_to = to;
    return model->trace->isOpen();
#else
    (void)model;
    (void)path;
    (void)from;
    (void)to;
    return false;
#endif
}

const pcs_rtl_plugin_t plugin = {create, destroy, reset, step, probe, csr, trace};

} // namespace

extern "C" __attribute__((visibility("default"))) const pcs_rtl_plugin_t *pcs_rtl_plugin(void)
{
    return &plugin;
}
