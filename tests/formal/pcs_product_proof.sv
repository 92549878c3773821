// What is proven of the prover's multiplier, see product.v: its two orders of addition and Yosys' own `*` are equal.
// prove.sh makes a circuit of this module in each way and compares them.
`default_nettype none

module pcs_product_proof #(
  parameter int unsigned Width = 9
) (
  input  logic signed [Width-1:0]   a_i,
  input  logic signed [Width-1:0]   b_i,
  output logic signed [2*Width-1:0] product_o
);

  assign product_o = a_i * b_i;

endmodule

`default_nettype wire
