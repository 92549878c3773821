// MAC `gated`: a conventional 8 x 8 multiplier, one step a clock.
//
// Operands arrive left-aligned with their unused low bits at zero, so those columns of the multiplier stay still; the
// product then carries (8 - pa) + (8 - pb) zeros at its low end, which are shifted out.
// Port protocol: see pcs_mac.
`default_nettype none

module pcs_mac_gated #(
  parameter int unsigned Digit = 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               en_i,
  input  logic               load_i,
  input  logic [15:0]        load_mode_i,
  input  logic               active_i,
  input  logic [15:0]        mode_i,
  input  logic [7:0]         a_i,
  input  logic [7:0]         b_i,
  output logic               shift_a_o,
  output logic               shift_b_o,
  output logic [3:0]         remaining_o,
  output logic [3:0]         inner_o,
  output logic signed [16:0] partial_o,
  output logic               work_o,
  output logic               write_o,
  output logic [16:0]        product_o
);

  if (Digit != 1) begin : gen_digit
    $error("pcs_mac_gated: Digit must be 1");
  end

  // Operands as 9-bit numbers; the product shifted right by 16 - pa - pb, exactly.
  logic signed [8:0]  a, b;
  logic signed [17:0] wide, product;
  logic [3:0]         shift;

  assign a           = $signed({mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB] & a_i[7], a_i});
  assign b           = $signed({mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB] & b_i[7], b_i});
  assign wide        = a * b;
  assign shift       = 4'd0 - mode_i[pcs_spec_pkg::MODE_PA_LSB+:4] - mode_i[pcs_spec_pkg::MODE_PB_LSB+:4];
  assign product     = wide >>> shift;
  assign product_o   = product[16:0];
  assign work_o      = active_i;
  assign write_o     = active_i;
  assign shift_a_o   = 1'b0;
  assign shift_b_o   = 1'b0;
  assign remaining_o = '0;
  assign inner_o     = '0;
  assign partial_o   = '0;

  // No registers here; the product's top bit repeats its sign; of the mode word a MAC needs some fields only.
  logic unused;
  assign unused = ^{clk_i, rst_ni, en_i, load_i, load_mode_i, product[17], mode_i};

endmodule

`default_nettype wire
