// What is proven of pcs_acc_add: it is pcs_acc_add of models/mac/mac.h, spelled here in 64 bits and with comparisons as
// there, for any accumulator, any product of ProductBits bits, wrapping or saturating.
`default_nettype none

module pcs_acc_add_proof #(
  parameter int unsigned AccBits     = 32,
  parameter int unsigned ProductBits = 17
) (
  input  logic signed [AccBits-1:0]     base_i,
  input  logic signed [ProductBits-1:0] product_i,
  input  logic                          saturate_i,
  output logic                          bad_o
);

  localparam logic signed [63:0] Max = (64'sd1 <<< (AccBits - 1)) - 64'sd1;
  localparam logic signed [63:0] Min = -Max - 64'sd1;

  logic signed [63:0]        exact, kept;
  logic                      overflow, fits;
  logic signed [AccBits-1:0] sum;

  assign exact = 64'(base_i) + 64'(product_i);
  assign fits  = exact >= Min && exact <= Max;
  assign kept  = fits || !saturate_i ? exact : exact > Max ? Max : Min;

  pcs_acc_add #(
    .AccBits    (AccBits),
    .ProductBits(ProductBits)
  ) u_add (
    .base_i,
    .product_i,
    .saturate_i,
    .sum_o     (sum),
    .overflow_o(overflow)
  );

  assign bad_o = sum != kept[AccBits-1:0] || overflow == fits;

endmodule

`default_nettype wire
