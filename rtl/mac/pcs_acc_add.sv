// One accumulation: base + product in AccBits bits, two's complement, wrapped or saturated.
//
// Combinational.  The RTL of pcs_acc_add in models/mac/mac.h, the definition for every MAC kind.
// AccBits: 16 or more.  ProductBits: 17 for the product of two operands of up to 8 bits, each signed or unsigned, which
// is -2^15..2^16 - 1; AccBits + 2 for a product that comes aligned, see pcs_float_align.  overflow_o is not sticky: the
// exact sum of this step did not fit.
`default_nettype none

module pcs_acc_add #(
  parameter int unsigned AccBits     = 32,
  parameter int unsigned ProductBits = 17
) (
  input  logic signed [AccBits-1:0]     base_i,
  input  logic signed [ProductBits-1:0] product_i,
  input  logic                          saturate_i,
  output logic signed [AccBits-1:0]     sum_o,
  output logic                          overflow_o
);

  // Exact: one bit more than the wider of both, and so a 16-bit accumulator plus a 17-bit product 18 bits.
  localparam int unsigned SumBits = (ProductBits > AccBits + 1 ? ProductBits : AccBits + 1) + 1;

  logic signed [SumBits-1:0] sum;
  logic                      negative;

  assign sum        = SumBits'(base_i) + SumBits'(product_i);
  assign negative   = sum[SumBits-1];
  assign overflow_o = sum[SumBits-1:AccBits-1] != {(SumBits - AccBits + 1) {negative}};
  assign sum_o      = overflow_o && saturate_i ? $signed({negative, {(AccBits - 1){!negative}}})
                                               : sum[AccBits-1:0];

endmodule

`default_nettype wire
