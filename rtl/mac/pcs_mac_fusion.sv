// MAC `fusion`: 16 bricks of 2 x 2 bits that fuse into (8 / fa)(8 / fb) multipliers of fa x fb bits, products summed.
//
// fa, fb: fields of the operands, their bits rounded up to 2, 4 or 8.  Lane i of a step has its codes at bit i * fa of
// A and at bit i * fb of B.  Brick (x, y), x and y in 0..3, multiplies two bits of A with two bits of B, one place of
// which may be a sign.  Bricks form a tree of two levels: four of them (x / 2 and y / 2 equal) and four of such
// groups.  In the first level x % 2 and y % 2 count 2-bit places when the field is 4 or 8 bits wide, in the second x /
// 2 and y / 2 count 4-bit places when it is 8; whatever does not count places counts lanes: first those along A, then
// along B. All bricks work in every mode.  Combinational, one step a clock.  Digit: 1.  Port protocol: see pcs_mac.
`default_nettype none

module pcs_mac_fusion #(
  parameter int unsigned Digit = 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               en_i,
  input  logic               load_i,
  input  logic [15:0]        load_mode_i,
  input  logic               active_i,
  input  logic [15:0]        mode_i,
  input  logic [31:0]        a_i,
  input  logic [31:0]        b_i,
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
    $error("pcs_mac_fusion: Digit must be 1");
  end

  logic a_signed, b_signed, a2, b2, a8, b8;  // field of 2 bits, of 8 bits; 4 otherwise

  assign a_signed = mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB];
  assign b_signed = mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB];
  assign a2       = mode_i[pcs_spec_pkg::MODE_PA_LSB+:4] <= 4'd2;
  assign b2       = mode_i[pcs_spec_pkg::MODE_PB_LSB+:4] <= 4'd2;
  assign a8       = mode_i[pcs_spec_pkg::MODE_PA_LSB+:4] > 4'd4;
  assign b8       = mode_i[pcs_spec_pkg::MODE_PB_LSB+:4] > 4'd4;

  logic [16*5-1:0] brick;  // products, brick (x, y) at 4 * y + x: -6..9

  for (genvar y = 0; y < 4; y++) begin : gen_y
    for (genvar x = 0; x < 4; x++) begin : gen_x
      logic [1:0]        slice_a, slice_b;
      logic signed [2:0] a, b;

      // Bit pair of A: the lanes along B come last, so their number times 8 bits lies below.
      always_comb begin
        if (b8) begin
          slice_a = a_i[2*x+:2];
        end else if (b2) begin
          slice_a = a_i[2*(4*y+x)+:2];
        end else begin
          slice_a = a_i[2*(4*(y/2)+x)+:2];
        end
      end

      // Bit pair of B: field number (lane along B) * (lanes along A) + (lane along A), and the place in the field.
      always_comb begin
        if (a8) begin
          slice_b = b_i[2*y+:2];
        end else if (a2) begin
          slice_b = b8 ? b_i[2*(4*x+y)+:2] : b2 ? b_i[2*(4*y+x)+:2] : b_i[2*(8*(y/2)+2*x+y%2)+:2];
        end else begin
          slice_b = b8 ? b_i[2*(4*(x/2)+y)+:2] : b2 ? b_i[2*(2*y+x/2)+:2] : b_i[2*(4*(y/2)+2*(x/2)+y%2)+:2];
        end
      end

      // The top pair of a signed code has a sign.
      assign a = {a_signed && (a2 || (x % 2 == 1 && (!a8 || x / 2 == 1))) && slice_a[1], slice_a};
      assign b = {b_signed && (b2 || (y % 2 == 1 && (!b8 || y / 2 == 1))) && slice_b[1], slice_b};
      assign brick[(4*y+x)*5+:5] = 5'(a * b);
    end
  end

  // A brick's or a group's product at its place.
  function automatic logic signed [16:0] placed(input logic signed [16:0] value, input logic up_a, input logic up_b,
                                                input int unsigned places);
    placed = up_a && up_b ? value <<< 2 * places : up_a || up_b ? value <<< places : value;
  endfunction

  logic signed [16:0] group, sum;

  always_comb begin
    sum = '0;
    for (int g = 0; g < 4; g++) begin  // group (g % 2, g / 2)
      group = '0;
      for (int i = 0; i < 4; i++) begin  // brick (i % 2, i / 2) of it
        group = group + placed(17'($signed(brick[(4*(2*(g/2)+i/2)+2*(g%2)+i%2)*5+:5])), i % 2 == 1 && !a2,
                               i / 2 == 1 && !b2, 2);
      end
      sum = sum + placed(group, g % 2 == 1 && a8, g / 2 == 1 && b8, 4);
    end
  end

  assign product_o   = sum;
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
