// MAC `subword`: an 8 x 8 multiplier that is cut into lanes of f x f bits, each product kept apart.
//
// f: bits of the wider operand rounded up to 2, 4 or 8.  Lane i of a step has its codes at bit i * f of both operands,
// and its product at bit 17 * i of product_o; lanes beyond the mode's 8 / f are zero.  Of the multiplier's 16 bricks of
// 2 x 2 bits those on the diagonal blocks of f x f bits work; the others see zeros.  Combinational, one step a clock.
// Digit: 1.  Port protocol: see pcs_mac.
`default_nettype none

module pcs_mac_subword #(
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
  output logic [4*17-1:0]    product_o
);

  if (Digit != 1) begin : gen_digit
    $error("pcs_mac_subword: Digit must be 1");
  end

  logic a_signed, b_signed, f2, f8;  // lanes of 2 bits, of 8 bits; 4 otherwise

  assign a_signed = mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB];
  assign b_signed = mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB];
  assign f2       = mode_i[pcs_spec_pkg::MODE_PA_LSB+:4] <= 4'd2 && mode_i[pcs_spec_pkg::MODE_PB_LSB+:4] <= 4'd2;
  assign f8       = mode_i[pcs_spec_pkg::MODE_PA_LSB+:4] > 4'd4 || mode_i[pcs_spec_pkg::MODE_PB_LSB+:4] > 4'd4;

  logic [16*5-1:0] brick;  // products, brick (x, y) at 4 * y + x: -6..9

  for (genvar y = 0; y < 4; y++) begin : gen_y
    for (genvar x = 0; x < 4; x++) begin : gen_x
      logic              used;
      logic [1:0]        slice_a, slice_b;
      logic signed [2:0] a, b;

      // The top pair of a signed code has a sign.
      assign used    = f8 || (x / 2 == y / 2 && (!f2 || x == y));
      assign slice_a = used ? a_i[2*x+:2] : '0;
      assign slice_b = used ? b_i[2*y+:2] : '0;
      assign a       = {a_signed && (f2 || (x % 2 == 1 && (!f8 || x / 2 == 1))) && slice_a[1], slice_a};
      assign b       = {b_signed && (f2 || (y % 2 == 1 && (!f8 || y / 2 == 1))) && slice_b[1], slice_b};
      assign brick[(4*y+x)*5+:5] = 5'(a * b);
    end
  end

  // Brick (i, i): lane i of 2 bits.
  function automatic logic [16:0] pair(input logic [16*5-1:0] bricks, input int unsigned i);
    pair = 17'($signed(bricks[5*i*5+:5]));
  endfunction

  // Block (g % 2, g / 2) of four bricks: block 0 and block 3 are the lanes of 4 bits.
  function automatic logic signed [16:0] block(input logic [16*5-1:0] bricks, input int unsigned g);
    block = '0;
    for (int unsigned i = 0; i < 4; i++) begin
      block = block + (17'($signed(bricks[(4*(2*(g/2)+i/2)+2*(g%2)+i%2)*5+:5])) <<< 2 * (i % 2 + i / 2));
    end
  endfunction

  logic signed [16:0] whole;

  assign whole = block(brick, 0) + ((block(brick, 1) + block(brick, 2)) <<< 4) + (block(brick, 3) <<< 8);

  assign product_o[0*17+:17] = f8 ? whole : f2 ? pair(brick, 0) : block(brick, 0);
  assign product_o[1*17+:17] = f8 ? '0 : f2 ? pair(brick, 1) : block(brick, 3);
  assign product_o[2*17+:17] = f2 ? pair(brick, 2) : '0;
  assign product_o[3*17+:17] = f2 ? pair(brick, 3) : '0;

  assign work_o      = active_i;
  assign write_o     = active_i;
  assign shift_a_o   = 1'b0;
  assign shift_b_o   = 1'b0;
  assign remaining_o = '0;
  assign inner_o     = '0;
  assign partial_o   = '0;

  // No registers here; of the mode word a MAC needs some fields only.
  logic unused;
  assign unused = ^{clk_i, rst_ni, en_i, load_i, load_mode_i, mode_i};

endmodule

`default_nettype wire
