// Printed by models/spec/spec_print.c from models/spec/*.def: do not edit.  To regenerate: ninja spec
`default_nettype none

// The multiplier of a PE: the module of its MAC kind, chosen here.
//
// A kind's module is its multiplier and nothing else; operand and mode registers and accumulators are pcs_pe's.
// All kinds have these ports, and this protocol:
//   load_i          a step enters the operand registers at the end of this clock; it will run in load_mode_i.
//                   A step may follow another by pcs_spec_pkg::cycles() clocks, not sooner.
//   active_i        the clock after a load.
//   a_i, b_i        the operand registers; mode_i: the mode of the step in them.
//   work_o          the multiplier works in this clock; at its end the operand registers shift left by Digit if
//                   shift_a_o, shift_b_o, unless a step enters them.
//   write_o         the step's last clock: product_o is to be accumulated: for each accumulator product_bits() signed
//                   bits, 17 for integer kinds, and above them product_flags() flags, none for integer kinds.
//   remaining_o, inner_o, partial_o   registers of its own, as probe.def names them; zero when it has none.
//   en_i            0 holds every register.
// Latency from load_i to write_o: cycles(); throughput: one step in cycles() clocks.  Registers hold when idle.
// Kind: a KIND_* of pcs_spec_pkg.  Digit: bits of a serial operand a clock.  AccBits: of an accumulator; integer kinds
// do not need it.  Illegal mode words never get here: the array's intake refuses them.
module pcs_mac #(
  parameter int unsigned Kind  = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned Digit = 1,
  parameter int unsigned AccBits = 32,
  localparam int unsigned WordBits = pcs_spec_pkg::word_bits(Kind),
  localparam int unsigned Accs     = pcs_spec_pkg::accs(Kind),
  localparam int unsigned OutBits  = pcs_spec_pkg::product_bits(Kind, AccBits) + pcs_spec_pkg::product_flags(Kind)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                en_i,
  input  logic                load_i,
  input  logic [15:0]         load_mode_i,
  input  logic                active_i,
  input  logic [15:0]         mode_i,
  input  logic [WordBits-1:0] a_i,
  input  logic [WordBits-1:0] b_i,
  output logic                shift_a_o,
  output logic                shift_b_o,
  output logic [3:0]          remaining_o,
  output logic [3:0]          inner_o,
  output logic signed [16:0]  partial_o,
  output logic                work_o,
  output logic                write_o,
  output logic [Accs*OutBits-1:0] product_o
);

  // Ports by name, all of them: that they are the same is the point.
  if (Kind == pcs_spec_pkg::KIND_GATED) begin : gen_gated
    pcs_mac_gated #(.Digit(Digit)) u_mac (.*);
  end
  if (Kind == pcs_spec_pkg::KIND_SERIAL) begin : gen_serial
    pcs_mac_serial #(.Digit(Digit)) u_mac (.*);
  end
  if (Kind == pcs_spec_pkg::KIND_SERIAL2D) begin : gen_serial2d
    pcs_mac_serial2d #(.Digit(Digit)) u_mac (.*);
  end
  if (Kind == pcs_spec_pkg::KIND_FUSION) begin : gen_fusion
    pcs_mac_fusion #(.Digit(Digit)) u_mac (.*);
  end
  if (Kind == pcs_spec_pkg::KIND_SUBWORD) begin : gen_subword
    pcs_mac_subword #(.Digit(Digit)) u_mac (.*);
  end
  if (Kind == pcs_spec_pkg::KIND_FLOAT) begin : gen_float
    pcs_mac_float #(.Digit(Digit), .AccBits(AccBits)) u_mac (.*);
  end
  if (Kind == pcs_spec_pkg::KIND_BFP) begin : gen_bfp
    pcs_mac_bfp #(.Digit(Digit), .AccBits(AccBits)) u_mac (.*);
  end
  if (Kind >= pcs_spec_pkg::KIND_COUNT) begin : gen_unknown
    $error("pcs_mac: Kind must be a KIND_* of pcs_spec_pkg");
  end

endmodule
`default_nettype wire
