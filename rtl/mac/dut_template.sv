// Template: your multiplier in the place of ours.  Copy it, replace the line marked <--, and run
//   precess cosim --dut my_mac.sv --kind gated
// The array around it is this project's; every product at every precision, then random tiles, are compared with the model
// in bits, clocks and event counts.  For other kinds name the module pcs_mac_<kind>; rtl/gen/pcs_mac.sv says what
// the ports mean and how wide they are, models/spec/kinds.def how operands lie in their words and how many clocks a
// step takes.  Registers of your own are not compared: shift_*_o, remaining_o, inner_o and partial_o may be zero.
module pcs_mac_gated #(
  parameter int unsigned Digit = 1
) (
  input  logic               clk_i, rst_ni, en_i, load_i, active_i,
  input  logic [15:0]        load_mode_i, mode_i,
  input  logic [7:0]         a_i, b_i,
  output logic               shift_a_o, shift_b_o, work_o, write_o,
  output logic [3:0]         remaining_o, inner_o,
  output logic signed [16:0] partial_o,
  output logic [16:0]        product_o
);
  // `gated`: operands come left-aligned, so the product of the full words is shifted back, exactly.
  logic signed [8:0]  a, b;
  logic signed [17:0] wide;
  assign a         = {mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB] & a_i[7], a_i};
  assign b         = {mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB] & b_i[7], b_i};
  my_multiplier u_multiplier (.a_i(a), .b_i(b), .product_o(wide));  // <-- yours
  assign product_o = 17'(wide >>> (5'd16 - 5'(mode_i[pcs_spec_pkg::MODE_PA_LSB+:4]) - 5'(mode_i[pcs_spec_pkg::MODE_PB_LSB+:4])));
  assign work_o    = active_i;
  assign write_o   = active_i;
  assign {shift_a_o, shift_b_o, remaining_o, inner_o, partial_o} = '0;
endmodule
