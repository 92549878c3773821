/* Prints the files of rtl/gen from the same rows that C includes.  They are committed, because the simulator Verilates
   them without a build step; the test lint.drift keeps them true, the target `spec` regenerates them. */
#include "models/spec/spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word_bits, accs, arith, digit_max, \
                 after)                                                                                                \
    printf("  localparam int unsigned KIND_" #NAME " = %d;  // %s\n", id, after);
#include "models/spec/kinds.def"
#undef PCS_KIND
    printf("  localparam int unsigned KIND_COUNT = %d;\n", PCS_KIND_COUNT);
    puts("\n  // What the codes of kinds are.");
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, product_bits, product_flags, acc_flags, overflow, meaning)       \
    printf("  localparam int unsigned ARITH_" #NAME " = %d;  // %s\n", id, meaning);
#include "models/spec/ariths.def"
#undef PCS_ARITH
}

static void print_dataflows(void)
{
    puts("\n  // Dataflows; parameter Dataflow takes OS and WS.");
#define PCS_DATAFLOW(id, NAME, name, meaning)                                                                          \
    printf("  localparam int unsigned DATAFLOW_" #NAME " = %d;  // %s\n", id, meaning);
#include "models/spec/dataflows.def"
#undef PCS_DATAFLOW
}

static void print_mode_layout(void)
{
    puts("\n  // The mode word.");
#define PCS_MODE_FIELD(name, lsb, width, meaning)                                                                      \
    printf("  localparam int unsigned MODE_" #name "_LSB = %d;  // %s\n", lsb, meaning);                               \
    printf("  localparam int unsigned MODE_" #name "_WIDTH = %d;\n", width);
#define PCS_MODE_RANGE(arith, name, min, max)
#include "models/spec/mode.def"
#undef PCS_MODE_FIELD
#undef PCS_MODE_RANGE
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

/* A column of formats.def as a function of the format's number. */
static void print_format_column(const char *function, const char *comment, const unsigned value[PCS_FORMAT_COUNT])
{
    static const char *const names[PCS_FORMAT_COUNT] = {
#define PCS_FORMAT(id, NAME, ...) [id] = #NAME,
#include "models/spec/formats.def"
#undef PCS_FORMAT
    };
    printf("\n  // %s\n  function automatic int unsigned %s(input int unsigned format);\n    case (format)\n", comment,
           function);
    for (int i = 0; i < PCS_FORMAT_COUNT; i++) {
        printf("      FORMAT_%s: %s = %u;\n", names[i], function, value[i]);
    }
    printf("      default: %s = 0;\n    endcase\n  endfunction\n", function);
}

static void print_formats(void)
{
    puts("\n  // Floating-point formats.");
#define PCS_FORMAT(id, NAME, text, sign, exp, mant, bias, top, lowest, zero, after)                                    \
    printf("  localparam int unsigned FORMAT_" #NAME " = %d;  // %s\n", id, after);
#include "models/spec/formats.def"
#undef PCS_FORMAT
    printf("  localparam int unsigned FORMAT_COUNT = %d;\n", PCS_FORMAT_COUNT);
    puts("\n  // What their columns hold.");
#define VALUE(name) printf("  localparam int unsigned " #name " = %d;\n", (int)PCS_##name);
    VALUE(SIGN_SIGNED)
    VALUE(SIGN_UNSIGNED)
    VALUE(TOP_IEEE)
    VALUE(TOP_FN)
    VALUE(TOP_FULL)
    VALUE(LOWEST_SUBNORMAL)
    VALUE(LOWEST_NORMAL)
    VALUE(ZERO_SIGNED)
    VALUE(ZERO_NAN)
    VALUE(ZERO_NONE)
#undef VALUE
#define COLUMN(field, comment)                                                                                         \
    {                                                                                                                  \
        unsigned value[PCS_FORMAT_COUNT];                                                                              \
        for (int i = 0; i < PCS_FORMAT_COUNT; i++) {                                                                   \
            value[i] = (unsigned)pcs_formats[i].field;                                                                 \
        }                                                                                                              \
        print_format_column("format_" #field, comment, value);                                                         \
    }
    COLUMN(sign, "Whether the top bit is a sign: SIGN_*.")
    COLUMN(exponent_bits, "Bits of the exponent field.")
    COLUMN(mantissa_bits, "Bits of the mantissa, without the hidden one.")
    COLUMN(bias, "Bias of the exponent.")
    COLUMN(top, "What the highest exponent holds: TOP_*.")
    COLUMN(lowest, "What exponent field 0 holds: LOWEST_*.")
    COLUMN(zero, "Which zeros there are: ZERO_*.")
#undef COLUMN
}

static void print_convert(void)
{
    puts("\n  // Conversion units.");
#define PCS_CONVERT(name, value, meaning)                                                                              \
    printf("  localparam int unsigned CONVERT_" #name " = %d;  // %s\n", value, meaning);
#include "models/spec/convert.def"
#undef PCS_CONVERT
}

static void print_float_mac(void)
{
    puts("\n  // The floating-point multiply-add unit.");
#define PCS_FLOAT_MAC(name, value, meaning)                                                                            \
    printf("  localparam int unsigned FLOAT_MAC_" #name " = %d;  // %s\n", value, meaning);
#include "models/spec/float_mac.def"
#undef PCS_FLOAT_MAC
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

/* Legality of the mode words of one arithmetic. */
static void print_arith_legal(pcs_arith_t arith, const char *NAME)
{
    unsigned known = 0;
#define PCS_MODE_FIELD(name, lsb, width, meaning)
#define PCS_MODE_RANGE(of, name, min, max)                                                                             \
    if (arith == PCS_ARITH_##of) {                                                                                     \
        known |= ((1U << PCS_MODE_##name##_WIDTH) - 1U) << PCS_MODE_##name##_LSB;                                      \
    }
#include "models/spec/mode.def"
#undef PCS_MODE_RANGE
    printf("      ARITH_%s:\n        mode_legal = (word & %d'h%08x) == %d'h0\n", NAME, PCS_MODE_BITS, ~known,
           PCS_MODE_BITS);
#define PCS_MODE_RANGE(of, name, min, max)                                                                             \
    if (arith == PCS_ARITH_##of) {                                                                                     \
        print_field_legal(#name, PCS_MODE_##name##_WIDTH, min, max);                                                   \
    }
#include "models/spec/mode.def"
#undef PCS_MODE_RANGE
#undef PCS_MODE_FIELD
    if (arith == PCS_ARITH_FLOAT) {
        puts("        && FLOAT_MAC_FORMATS[word[MODE_PA_LSB+:MODE_PA_WIDTH]]\n"
             "        && FLOAT_MAC_FORMATS[word[MODE_PB_LSB+:MODE_PB_WIDTH]]");
    }
    puts("        ;");
}

static void print_mode_legal(void)
{
    unsigned formats = 0;
    for (unsigned format = 0; format < 1U << PCS_MODE_PA_WIDTH; format++) {
        formats |= (pcs_format_is_operand((pcs_format_t)format) ? 1U : 0U) << format;
    }
    printf("\n  // Formats whose codes the kind `float` multiplies, by their numbers.\n"
           "  localparam logic [%d:0] FLOAT_MAC_FORMATS = %d'h%x;\n",
           (1 << PCS_MODE_PA_WIDTH) - 1, 1 << PCS_MODE_PA_WIDTH, formats);
    puts("\n  // Every field that the kind has in its range, and no other bit set.");
    puts("  function automatic logic mode_legal(input int unsigned kind, input logic [MODE_BITS-1:0] word);");
    puts("    case (kind_arith(kind))");
#define PCS_ARITH(id, NAME, ...) print_arith_legal(PCS_ARITH_##NAME, #NAME);
#include "models/spec/ariths.def"
#undef PCS_ARITH
    puts("      default: mode_legal = 1'b0;\n    endcase\n  endfunction");
}

/* A function of kind, digit and mode: each kind's expression, as its row writes it. */
static void open_kind_function(const char *name, const char *msb, const char *comment)
{
    printf("\n  // %s\n", comment);
    printf("  function automatic logic [%s:0] %s(input int unsigned kind, input int unsigned digit,\n", msb, name);
    puts("                                      input logic [MODE_BITS-1:0] mode);\n"
         "    int unsigned pa, pb, value;\n"
         "    logic        serial_b;\n"
         "    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);\n"
         "    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);\n"
         "    serial_b = mode[MODE_SERIAL_B_LSB];\n"
         "    case (kind)");
}

static void close_kind_function(const char *name, const char *msb)
{
    printf("      default: value = 0;\n    endcase\n    %s = value[%s:0];\n  endfunction\n", name, msb);
}

static void print_helpers(void)
{
    puts("\n  // What the expressions of the kinds call.\n"
         "  function automatic int unsigned digits(input int unsigned bits, input int unsigned digit);\n"
         "    digits = digit == 4 ? (bits + 3) >> 2 : digit == 2 ? (bits + 1) >> 1 : bits;\n"
         "  endfunction\n\n"
         "  function automatic int unsigned field(input int unsigned bits);\n"
         "    field = bits <= 2 ? 2 : bits <= 4 ? 4 : 8;\n"
         "  endfunction\n\n"
         "  function automatic int unsigned fit(input int unsigned bits);\n"
         "    fit = bits <= 2 ? 4 : bits <= 4 ? 2 : 1;\n"
         "  endfunction\n\n"
         "  function automatic int unsigned wider(input int unsigned p, input int unsigned q);\n"
         "    wider = p > q ? p : q;\n"
         "  endfunction");
}

static void print_kind_functions(void)
{
    print_helpers();
#define FUNCTION(name, msb, comment)                                                                                   \
    const char *const name##_msb = msb;                                                                                \
    open_kind_function(#name, msb, comment);
#define KIND_CASE(NAME, expression) puts("      KIND_" #NAME ": value = " #expression ";");

    FUNCTION(cycles, "STEP_BITS-1", "Clocks that a step occupies a PE of this kind.")
#define PCS_KIND(id, NAME, name, cycles, ...) KIND_CASE(NAME, cycles)
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("cycles", cycles_msb);

    FUNCTION(shift_a, "3", "Places the array edge shifts an operand word of A left.")
#define PCS_KIND(id, NAME, name, cycles, shift_a, ...) KIND_CASE(NAME, shift_a)
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("shift_a", shift_a_msb);

    FUNCTION(shift_b, "3", "Places the array edge shifts an operand word of B left.")
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, ...) KIND_CASE(NAME, shift_b)
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("shift_b", shift_b_msb);

    FUNCTION(lanes, "4", "Codes in an operand word.")
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, ...) KIND_CASE(NAME, lanes)
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("lanes", lanes_msb);

    FUNCTION(field_a, "4", "Bits of a code's field in an operand word of A.")
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, ...) KIND_CASE(NAME, field_a)
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("field_a", field_a_msb);

    FUNCTION(field_b, "4", "Bits of a code's field in an operand word of B.")
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, ...) KIND_CASE(NAME, field_b)
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_kind_function("field_b", field_b_msb);
}

/* Functions of the kind, or its arithmetic, alone: they size ports and registers. */
static void open_constant(const char *name, const char *comment, const char *of)
{
    printf("\n  // %s\n  function automatic int unsigned %s(input int unsigned kind);\n    case (%s)\n", comment, name,
           of);
}

static void close_constant(const char *name, const char *otherwise)
{
    printf("      default: %s = %s;\n    endcase\n  endfunction\n", name, otherwise);
}

static void print_kind_constants(void)
{
    open_constant("word_bits", "Bits of an operand word.", "kind");
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word, accs, ...)                   \
    printf("      KIND_" #NAME ": word_bits = %d;\n", word);
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_constant("word_bits", "CODE_BITS");
    open_constant("accs", "Accumulators of a PE.", "kind");
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word, accs, ...)                   \
    printf("      KIND_" #NAME ": accs = %d;\n", accs);
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_constant("accs", "1");
    open_constant("kind_arith", "What its codes are: ARITH_*.", "kind");
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word, accs, arith, ...)            \
    printf("      KIND_" #NAME ": kind_arith = ARITH_" #arith ";\n");
#include "models/spec/kinds.def"
#undef PCS_KIND
    close_constant("kind_arith", "ARITH_INTEGER");
}

/* Columns of ariths.def as functions of the kind. */
static void print_arith_constants(void)
{
#define ARITH_CASE(function, column, NAME) puts("      ARITH_" #NAME ": " #function " = " #column ";");
    open_constant("product_flags", "Flags that come with a product.", "kind_arith(kind)");
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, product_bits, flags, ...) ARITH_CASE(product_flags, flags, NAME)
#include "models/spec/ariths.def"
#undef PCS_ARITH
    close_constant("product_flags", "0");
    open_constant("acc_flags", "Sticky flags of an accumulator.", "kind_arith(kind)");
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, product_bits, product_flags, flags, ...)                         \
    ARITH_CASE(acc_flags, flags, NAME)
#include "models/spec/ariths.def"
#undef PCS_ARITH
    close_constant("acc_flags", "1");
    open_constant("overflow_flag", "Which of them says that a sum did not fit.", "kind_arith(kind)");
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, product_bits, product_flags, acc_flags, overflow, ...)           \
    ARITH_CASE(overflow_flag, overflow, NAME)
#include "models/spec/ariths.def"
#undef PCS_ARITH
    close_constant("overflow_flag", "0");
    open_constant("acc_min", "Bits of the narrowest accumulator.", "kind_arith(kind)");
#define PCS_ARITH(id, NAME, name, code_bits, least, ...) ARITH_CASE(acc_min, least, NAME)
#include "models/spec/ariths.def"
#undef PCS_ARITH
    close_constant("acc_min", "ACC_MIN_BITS");
    puts("\n  // Signed bits of a product on its way to an accumulator.\n"
         "  function automatic int unsigned product_bits(input int unsigned kind, input int unsigned acc_bits);\n"
         "    case (kind_arith(kind))");
#define PCS_ARITH(id, NAME, name, code_bits, acc_min, bits, ...) ARITH_CASE(product_bits, bits, NAME)
#include "models/spec/ariths.def"
#undef PCS_ARITH
    puts("      default: product_bits = acc_bits;\n    endcase\n  endfunction");
}

static void print_package(void)
{
    puts("// Users take what they need of it.");
    puts("/* verilator lint_off UNUSEDPARAM */");
    puts("/* verilator lint_off UNUSEDSIGNAL */");
    puts("package pcs_spec_pkg;");
    print_params();
    print_kinds();
    print_dataflows();
    print_mode_layout();
    print_events();
    print_probe();
    print_csrs();
    print_formats();
    print_convert();
    print_float_mac();
    print_kind_constants();
    print_arith_constants();
    print_mode_legal();
    print_kind_functions();
    puts("\nendpackage");
    puts("/* verilator lint_on UNUSEDSIGNAL */");
    puts("/* verilator lint_on UNUSEDPARAM */");
}

/* The multiplier of a PE: the module of its kind, chosen by the parameter Kind. */
static void print_choice(void)
{
    puts(
        "// The multiplier of a PE: the module of its MAC kind, chosen here.\n"
        "//\n"
        "// A kind's module is its multiplier and nothing else; operand and mode registers and accumulators are "
        "pcs_pe's.\n"
        "// All kinds have these ports, and this protocol:\n"
        "//   load_i          a step enters the operand registers at the end of this clock; it will run in "
        "load_mode_i.\n"
        "//                   A step may follow another by pcs_spec_pkg::cycles() clocks, not sooner.\n"
        "//   active_i        the clock after a load.\n"
        "//   a_i, b_i        the operand registers; mode_i: the mode of the step in them.\n"
        "//   work_o          the multiplier works in this clock; at its end the operand registers shift left by Digit "
        "if\n"
        "//                   shift_a_o, shift_b_o, unless a step enters them.\n"
        "//   write_o         the step's last clock: product_o is to be accumulated: for each accumulator "
        "product_bits() "
        "signed\n"
        "//                   bits, 17 for integer kinds, and above them product_flags() flags, none for integer "
        "kinds.\n"
        "//   remaining_o, inner_o, partial_o   registers of its own, as probe.def names them; zero when it has none.\n"
        "//   en_i            0 holds every register.\n"
        "// Latency from load_i to write_o: cycles(); throughput: one step in cycles() clocks.  Registers hold when "
        "idle.\n"
        "// Kind: a KIND_* of pcs_spec_pkg.  Digit: bits of a serial operand a clock.  AccBits: of an accumulator; "
        "integer "
        "kinds\n"
        "// do not need it.  Illegal mode words never get here: the array's intake refuses them.\n"
        "module pcs_mac #(\n"
        "  parameter int unsigned Kind  = pcs_spec_pkg::KIND_GATED,\n"
        "  parameter int unsigned Digit = 1,\n"
        "  parameter int unsigned AccBits = 32,\n"
        "  localparam int unsigned WordBits = pcs_spec_pkg::word_bits(Kind),\n"
        "  localparam int unsigned Accs     = pcs_spec_pkg::accs(Kind),\n"
        "  localparam int unsigned OutBits  = pcs_spec_pkg::product_bits(Kind, AccBits) + "
        "pcs_spec_pkg::product_flags(Kind)\n"
        ") (\n"
        "  input  logic                clk_i,\n"
        "  input  logic                rst_ni,\n"
        "  input  logic                en_i,\n"
        "  input  logic                load_i,\n"
        "  input  logic [15:0]         load_mode_i,\n"
        "  input  logic                active_i,\n"
        "  input  logic [15:0]         mode_i,\n"
        "  input  logic [WordBits-1:0] a_i,\n"
        "  input  logic [WordBits-1:0] b_i,\n"
        "  output logic                shift_a_o,\n"
        "  output logic                shift_b_o,\n"
        "  output logic [3:0]          remaining_o,\n"
        "  output logic [3:0]          inner_o,\n"
        "  output logic signed [16:0]  partial_o,\n"
        "  output logic                work_o,\n"
        "  output logic                write_o,\n"
        "  output logic [Accs*OutBits-1:0] product_o\n"
        ");\n\n"
        "  // Ports by name, all of them: that they are the same is the point.");
#define PCS_KIND(id, NAME, name, cycles, shift_a, shift_b, lanes, field_a, field_b, word, accs, arith, ...)            \
    printf("  if (Kind == pcs_spec_pkg::KIND_" #NAME ") begin : gen_" #name "\n"                                       \
           "    pcs_mac_" #name " #(%s) u_mac (.*);\n  end\n",                                                         \
           PCS_ARITH_##arith == PCS_ARITH_INTEGER ? ".Digit(Digit)" : ".Digit(Digit), .AccBits(AccBits)");
#include "models/spec/kinds.def"
#undef PCS_KIND
    puts("  if (Kind >= pcs_spec_pkg::KIND_COUNT) begin : gen_unknown\n"
         "    $error(\"pcs_mac: Kind must be a KIND_* of pcs_spec_pkg\");\n"
         "  end\n\nendmodule");
}

/* Sources that the rows name, in the order that a tool wants them; rtl/files.f has the others. */
static void print_list(void)
{
    puts("gen/pcs_spec_pkg.sv");
#define PCS_KIND(id, NAME, name, ...) puts("mac/pcs_mac_" #name ".sv");
#include "models/spec/kinds.def"
#undef PCS_KIND
    puts("gen/pcs_mac.sv");
}

/* What the build, the tests and the scripts loop over. */
static void print_names(void)
{
    puts("# id name digit_max arith acc_min");
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        const pcs_kind_row_t *row = &pcs_kinds[kind];
        printf("%d %s %u %s %u\n", kind, row->name, row->digit_max, pcs_ariths[row->arith].name,
               pcs_ariths[row->arith].acc_min);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
        bool is_source;
    } files[] = {{"pcs_spec_pkg.sv", print_package, true},
                 {"pcs_mac.sv", print_choice, true},
                 {"mac.f", print_list, false},
                 {"kinds.txt", print_names, false}};
    for (size_t i = 0; argc == 2 && i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(argv[1], files[i].name) != 0) {
            continue;
        }
        if (files[i].is_source) {
            puts("// Printed by models/spec/spec_print.c from models/spec/*.def: do not edit.  To regenerate: ninja "
                 "spec");
            puts("`default_nettype none\n");
        }
        files[i].print();
        if (files[i].is_source) {
            puts("`default_nettype wire");
        }
        return fflush(stdout) == 0 ? 0 : 1;
    }
    fputs("usage: spec_print pcs_spec_pkg.sv | pcs_mac.sv | mac.f | kinds.txt\n", stderr);
    return 2;
}
