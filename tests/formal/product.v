// Multiplication for the prover (a Yosys technology map of `*`): shifts and additions over the bits of the left operand,
// the most significant first, in two's complement.
//
// Two circuits that add the same terms in the same order are proven equal in milliseconds, in another order in minutes.
// So the prover tries two orders: a term for each bit of the left operand (PRODUCT_ROWS), or one for each pair of bits
// (PRODUCT_BITS).  That both are products is a proof of its own, formal.product: that they are equal, and equal to what
// Yosys itself makes of `*` (PRODUCT_YOSYS: no map).
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

  // Sum after the bits of A from i on, at i * Y_WIDTH.
  wire [(A_WIDTH+1)*Y_WIDTH-1:0] sum;
  assign sum[A_WIDTH*Y_WIDTH +: Y_WIDTH] = {Y_WIDTH{1'b0}};
  assign Y = sum[Y_WIDTH-1:0];

  genvar i, j;
  generate
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
