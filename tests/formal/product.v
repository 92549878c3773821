// Multiplication for the prover (a Yosys technology map of `*`): shifts and additions over the bits of the left operand,
// the most significant first, in two's complement.
//
// Two circuits that add the same terms in the same order are proven equal in milliseconds, in another order in minutes.
// So the prover tries several orders: a term for each bit of the left operand (PRODUCT_ROWS), one for each pair of bits
// (PRODUCT_BITS), or one for each pair of 2-bit digits, in a tree of two levels (PRODUCT_BRICKS, only for operands of 9
// bits, which is what a lane's value has; others are ROWS).  That all are products is a proof of its own,
// formal.product: that they are equal, and equal to what Yosys itself makes of `*` (PRODUCT_YOSYS: no map).
`ifndef PRODUCT_YOSYS
(* techmap_celltype = "$mul" *)
module pcs_product (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input [A_WIDTH-1:0] A;
  input [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

`ifdef PRODUCT_BRICKS
  localparam Bricks = A_WIDTH == 9 && B_WIDTH == 9 && A_SIGNED && B_SIGNED;
`else
  localparam Bricks = 0;
`endif

  // Sum after the bits of A from i on, at i * Y_WIDTH.
  wire [(A_WIDTH+1)*Y_WIDTH-1:0] sum;
  assign sum[A_WIDTH*Y_WIDTH +: Y_WIDTH] = {Y_WIDTH{1'b0}};

  genvar i, j;
  generate
    if (Bricks) begin : tree
      // Brick (x, y) at 4 y + x; the top digit takes the sign bit along.
      wire [16*Y_WIDTH-1:0] brick;
      for (i = 0; i < 16; i = i + 1) begin : bricks
        wire signed [2:0] a = {i % 4 == 3 ? A[8] : 1'b0, A[2*(i%4) +: 2]};
        wire signed [2:0] b = {i / 4 == 3 ? B[8] : 1'b0, B[2*(i/4) +: 2]};
        wire signed [Y_WIDTH-1:0] product = a * b;
        assign brick[i*Y_WIDTH +: Y_WIDTH] = product;
      end
      wire [4*Y_WIDTH-1:0] group;
      for (i = 0; i < 4; i = i + 1) begin : groups
        localparam First = 8 * (i / 2) + 2 * (i % 2);
        assign group[i*Y_WIDTH +: Y_WIDTH] = brick[First*Y_WIDTH +: Y_WIDTH]
            + (brick[(First+1)*Y_WIDTH +: Y_WIDTH] << 2) + (brick[(First+4)*Y_WIDTH +: Y_WIDTH] << 2)
            + (brick[(First+5)*Y_WIDTH +: Y_WIDTH] << 4);
      end
      assign Y = group[0 +: Y_WIDTH] + (group[Y_WIDTH +: Y_WIDTH] << 4) + (group[2*Y_WIDTH +: Y_WIDTH] << 4)
          + (group[3*Y_WIDTH +: Y_WIDTH] << 8);
    end else begin : chain
      assign Y = sum[Y_WIDTH-1:0];
    end
    for (i = A_WIDTH - 1; i >= 0; i = i - 1) begin : bits
      wire [Y_WIDTH-1:0] twice = sum[(i+1)*Y_WIDTH +: Y_WIDTH] << 1;
`ifdef PRODUCT_BITS
      wire [(B_WIDTH+1)*Y_WIDTH-1:0] inner;
      assign inner[B_WIDTH*Y_WIDTH +: Y_WIDTH] = twice;
      assign sum[i*Y_WIDTH +: Y_WIDTH] = inner[Y_WIDTH-1:0];
      for (j = B_WIDTH - 1; j >= 0; j = j - 1) begin : pair
        wire [Y_WIDTH-1:0] term = (A[i] & B[j]) << j;
        if ((A_SIGNED && i == A_WIDTH - 1) != (B_SIGNED && j == B_WIDTH - 1))
          assign inner[j*Y_WIDTH +: Y_WIDTH] = inner[(j+1)*Y_WIDTH +: Y_WIDTH] - term;
        else
          assign inner[j*Y_WIDTH +: Y_WIDTH] = inner[(j+1)*Y_WIDTH +: Y_WIDTH] + term;
      end
`else
      wire [Y_WIDTH-1:0] b;
      if (B_SIGNED)
        assign b = $signed(B);
      else
        assign b = B;
      if (A_SIGNED && i == A_WIDTH - 1)
        assign sum[i*Y_WIDTH +: Y_WIDTH] = twice - (A[i] ? b : {Y_WIDTH{1'b0}});
      else
        assign sum[i*Y_WIDTH +: Y_WIDTH] = twice + (A[i] ? b : {Y_WIDTH{1'b0}});
`endif
    end
  endgenerate
endmodule
`endif
