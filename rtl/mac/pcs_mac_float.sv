// MAC `float`: the product of two floating-point codes, aligned to the accumulator, one step a clock.
//
// The mode word says the format of each operand, PA and PB, and the anchor, in units of ANCHOR_STEP; the definition is
// models/mac/float_mac.h.  product_o: {flags, product}.  Combinational.  Digit: 1.  AccBits: acc_min()..ACC_MAX_BITS.
// Port protocol: see pcs_mac.
`default_nettype none

module pcs_mac_float #(
  parameter int unsigned Digit   = 1,
  parameter int unsigned AccBits = 48,
  localparam int unsigned FlagBits    = pcs_spec_pkg::FLOAT_MAC_FLAG_BITS,
  localparam int unsigned ProductBits = pcs_spec_pkg::product_bits(pcs_spec_pkg::KIND_FLOAT, AccBits)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            en_i,
  input  logic                            load_i,
  input  logic [15:0]                     load_mode_i,
  input  logic                            active_i,
  input  logic [15:0]                     mode_i,
  input  logic [15:0]                     a_i,
  input  logic [15:0]                     b_i,
  output logic                            shift_a_o,
  output logic                            shift_b_o,
  output logic [3:0]                      remaining_o,
  output logic [3:0]                      inner_o,
  output logic signed [16:0]              partial_o,
  output logic                            work_o,
  output logic                            write_o,
  output logic [FlagBits+ProductBits-1:0] product_o
);

  if (Digit != 1) begin : gen_digit
    $error("pcs_mac_float: Digit must be 1");
  end

  pcs_float_product #(
    .AccBits(AccBits)
  ) u_product (
    .format_a_i(mode_i[pcs_spec_pkg::MODE_PA_LSB+:4]),
    .a_i,
    .format_b_i(mode_i[pcs_spec_pkg::MODE_PB_LSB+:4]),
    .b_i,
    .anchor_i  ({mode_i[pcs_spec_pkg::MODE_ANCHOR_HIGH_LSB+:4], mode_i[pcs_spec_pkg::MODE_ANCHOR_LOW_LSB+:3], 2'b00}),
    .product_o (product_o[ProductBits-1:0]),
    .flags_o   (product_o[ProductBits+:FlagBits])
  );

  assign work_o      = active_i;
  assign write_o     = active_i;
  assign shift_a_o   = 1'b0;
  assign shift_b_o   = 1'b0;
  assign remaining_o = '0;
  assign inner_o     = '0;
  assign partial_o   = '0;

  // No registers here; the accumulator needs the rest of the mode word.
  logic unused;
  assign unused = ^{clk_i, rst_ni, en_i, load_i, load_mode_i, mode_i};

endmodule

`default_nettype wire
