/* Prints rtl/gen/pcs_spec_pkg.sv from the same rows that C includes.  The package is committed, because the simulator
   Verilates it without a build step; the test lint.drift keeps it true, the target `spec` regenerates it. */
#include "models/spec/spec.h"

#include <inttypes.h>
#include <stdio.h>

static void print_params(void)
{
    puts("  // Architectural constants.");
#define PCS_PARAM(name, value, text) printf("  localparam int unsigned " #name " = %d;  // %s\n", value, text);
#include "models/spec/params.def"
#undef PCS_PARAM
}

static void print_kinds(void)
{
    puts("\n  // MAC kinds.");
#define PCS_KIND(id, name, text, cycles, align_a, align_b, after)                                                      \
    printf("  localparam int unsigned KIND_" #name " = %d;  // %s\n", id, after);
#include "models/spec/kinds.def"
#undef PCS_KIND
    printf("  localparam int unsigned KIND_COUNT = %d;\n", PCS_KIND_COUNT);
}

static void print_mode_layout(void)
{
    puts("\n  // The mode word.");
#define PCS_MODE_FIELD(name, lsb, width, min, max, meaning)                                                            \
    printf("  localparam int unsigned MODE_" #name "_LSB = %d;  // %s\n", lsb, meaning);                               \
    printf("  localparam int unsigned MODE_" #name "_WIDTH = %d;\n", width);                                           \
    printf("  localparam int unsigned MODE_" #name "_MIN = %d;\n", min);                                               \
    printf("  localparam int unsigned MODE_" #name "_MAX = %d;\n", max);
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
}

static void print_events(void)
{
    puts("\n  // Performance counters.");
#define PCS_EVENT(id, name, text, unit, dep, meaning)                                                                  \
    printf("  localparam int unsigned EVENT_" #name " = %d;  // %s: %s\n", id, unit, meaning);
#include "models/spec/events.def"
#undef PCS_EVENT
    printf("  localparam int unsigned EVENT_COUNT = %d;\n", PCS_EVENT_COUNT);
}

static void print_probe(void)
{
    puts("\n  // The probe word of one PE.");
    unsigned lsb = 0;
#define PCS_PROBE(name, text, bits, sign, meaning)                                                                     \
    printf("  localparam int unsigned PROBE_" #name "_LSB = %u;  // %s\n", lsb, meaning);                              \
    printf("  localparam int unsigned PROBE_" #name "_WIDTH = %d;\n", bits);                                           \
    lsb += (bits);
#include "models/spec/probe.def"
#undef PCS_PROBE
    printf("  localparam int unsigned PROBE_BITS = %u;\n", lsb);
}

static void print_csrs(void)
{
    puts("\n  // Read-only registers.");
#define PCS_CSR(addr, name, text, meaning)                                                                             \
    printf("  localparam logic [CSR_ADDR_BITS-1:0] CSR_" #name " = %d'h%02x;  // %s\n", PCS_CSR_ADDR_BITS, addr,       \
           meaning);
#include "models/spec/csr.def"
#undef PCS_CSR
    printf("  localparam logic [63:0] SPEC_HASH = 64'h%016" PRIx64 ";\n", pcs_spec_hash());
}

/* Legality of one field: only the comparisons that its width does not already imply. */
static void print_field_legal(const char *name, unsigned width, unsigned min, unsigned max)
{
    if (min > 0) {
        printf("        && word[MODE_%s_LSB+:MODE_%s_WIDTH] >= %u'd%u\n", name, name, width, min);
    }
    if (max < (1U << width) - 1U) {
        printf("        && word[MODE_%s_LSB+:MODE_%s_WIDTH] <= %u'd%u\n", name, name, width, max);
    }
}

static void print_mode_legal(void)
{
    unsigned known = 0;
#define PCS_MODE_FIELD(name, lsb, width, min, max, meaning) known |= ((1U << (width)) - 1U) << (lsb);
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
    puts("\n  // Every field in its range and no other bit set.");
    puts("  function automatic logic mode_legal(input logic [MODE_BITS-1:0] word);");
    printf("    mode_legal = (word & %d'h%08x) == %d'h0\n", PCS_MODE_BITS, ~known, PCS_MODE_BITS);
#define PCS_MODE_FIELD(name, lsb, width, min, max, meaning) print_field_legal(#name, width, min, max);
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
    puts("        ;\n  endfunction");
}

static const char *cycles_expr(pcs_cycles_rule_t rule)
{
    switch (rule) {
    case PCS_CYCLES_SERIAL:
        return "mode[MODE_SERIAL_B_LSB] ? STEP_BITS'(mode[MODE_PB_LSB+:4]) : STEP_BITS'(mode[MODE_PA_LSB+:4])";
    case PCS_CYCLES_PRODUCT:
        return "STEP_BITS'(mode[MODE_PA_LSB+:4]) * STEP_BITS'(mode[MODE_PB_LSB+:4])";
    case PCS_CYCLES_ONE:
        break;
    }
    return "STEP_BITS'(1)";
}

/* How far the edge shifts a code left: `own` is the SERIAL_B bit that makes this operand the serial one. */
static void print_shift(char operand, pcs_align_t align)
{
    const char upper = operand == 'a' ? 'A' : 'B';
    switch (align) {
    case PCS_ALIGN_TOP:
        printf("4'd%d - mode[MODE_P%c_LSB+:4]", PCS_CODE_BITS, upper);
        break;
    case PCS_ALIGN_BOTTOM:
        printf("4'd0");
        break;
    case PCS_ALIGN_SERIAL:
        printf("mode[MODE_SERIAL_B_LSB] == 1'b%d ? 4'd%d - mode[MODE_P%c_LSB+:4] : 4'd0", operand == 'b', PCS_CODE_BITS,
               upper);
        break;
    }
}

static void open_kind_function(const char *name, const char *msb, const char *comment)
{
    printf("\n  // %s\n", comment);
    printf("  function automatic logic [%s:0] %s(input int unsigned kind, input logic [MODE_BITS-1:0] mode);\n", msb,
           name);
    puts("    case (kind)");
}

static void close_kind_function(const char *name)
{
    printf("      default: %s = '0;\n    endcase\n  endfunction\n", name);
}

static void print_kind_functions(void)
{
    open_kind_function("cycles", "STEP_BITS-1", "Clocks that a step occupies a PE of this kind.");
#define PCS_KIND(id, name, text, rule, align_a, align_b, after)                                                        \
    printf("      KIND_" #name ": cycles = %s;\n", cycles_expr(PCS_CYCLES_##rule));
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("cycles");
    static const char *const comments[] = {"Places the array edge shifts a code of A left.",
                                           "Places the array edge shifts a code of B left."};
    for (char operand = 'a'; operand <= 'b'; operand++) {
        const char name[] = {'s', 'h', 'i', 'f', 't', '_', operand, '\0'};
        open_kind_function(name, "3", comments[operand - 'a']);
#define PCS_KIND(id, text, ...)                                                                                        \
    printf("      KIND_" #text ": %s = ", name);                                                                       \
    print_shift(operand, operand == 'a' ? pcs_kinds[id].align_a : pcs_kinds[id].align_b);                              \
    puts(";");
#include "models/spec/kinds.def"
#undef PCS_KIND
        close_kind_function(name);
    }
}

int main(void)
{
    puts("// Printed by models/spec/spec_print.c from models/spec/*.def: do not edit.  To regenerate: ninja spec");
    puts("`default_nettype none\n");
    puts("// Users take what they need of it.");
    puts("/* verilator lint_off UNUSEDPARAM */");
    puts("/* verilator lint_off UNUSEDSIGNAL */");
    puts("package pcs_spec_pkg;");
    print_params();
    print_kinds();
    print_mode_layout();
    print_events();
    print_probe();
    print_csrs();
    print_mode_legal();
    print_kind_functions();
    puts("\nendpackage");
    puts("/* verilator lint_on UNUSEDSIGNAL */");
    puts("/* verilator lint_on UNUSEDPARAM */");
    puts("`default_nettype wire");
    return fflush(stdout) == 0 ? 0 : 1;
}
