// One accumulation: base + product in AccBits bits, two's complement, wrapped or saturated.
//
// Combinational.  The RTL of pcs_acc_add in models/mac/mac.h, the definition for every MAC kind.
// AccBits: ACC_MIN_BITS..ACC_MAX_BITS.  product_i is the product of two operands of up to 8 bits, each signed or
// unsigned: -2^15..2^16 - 1 fits its 17 bits.  overflow_o is not sticky: the exact sum of this step did not fit.
`default_nettype none

module pcs_acc_add #(
  parameter int unsigned AccBits = 32
) (
  input  logic signed [AccBits-1:0] base_i,
  input  logic signed [16:0]        product_i,
  input  logic                      saturate_i,
  output logic signed [AccBits-1:0] sum_o,
  output logic                      overflow_o
);

  // Exact: a 16-bit accumulator plus a 17-bit product needs 18 bits.
  localparam int unsigned SumBits = AccBits + 2;

  logic signed [SumBits-1:0] sum;
  logic                      negative;

  assign sum        = SumBits'(base_i) + SumBits'(product_i);
  assign negative   = sum[SumBits-1];
  assign overflow_o = sum[SumBits-1:AccBits-1] != {3{negative}};
  assign sum_o      = overflow_o && saturate_i ? $signed({negative, {(AccBits - 1){!negative}}})
                                               : sum[AccBits-1:0];

endmodule

`default_nettype wire
