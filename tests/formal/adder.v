// An unsigned adder as words of carries: thousands of gates fewer to make than of Yosys' own.
(* techmap_celltype = "$add" *)
module ripple_add #(
  parameter A_SIGNED = 0,
  parameter B_SIGNED = 0,
  parameter A_WIDTH  = 1,
  parameter B_WIDTH  = 1,
  parameter Y_WIDTH  = 1
) (
  input  [A_WIDTH-1:0] A,
  input  [B_WIDTH-1:0] B,
  output [Y_WIDTH-1:0] Y
);
  wire               _TECHMAP_FAIL_ = A_SIGNED || B_SIGNED;
  wire [Y_WIDTH-1:0] a = A;
  wire [Y_WIDTH-1:0] b = B;
  wire [Y_WIDTH:0]   carry;

  assign carry = {(a & b) | (carry[Y_WIDTH-1:0] & (a | b)), 1'b0};
  assign Y     = a ^ b ^ carry[Y_WIDTH-1:0];
endmodule
