// What is proven of pcs_lanes_sum: the terms are all pairs of digits of all lanes, each once; and in a lane of any two
// fields their sum is the plain product of the codes.  Other lanes are zero here: digits of all lanes are alike.
`default_nettype none

module pcs_digits_proof #(
  parameter int unsigned FieldA = 8,  // 2, 4 or 8
  parameter int unsigned FieldB = 8,
  parameter int unsigned Accs   = 1   // 1, or 4 with equal fields
) (
  input  logic              a_signed_i,
  input  logic              b_signed_i,
  input  logic [FieldA-1:0] a_i,
  input  logic [FieldB-1:0] b_i,
  output logic              bad_o
);

  logic [Accs*17-1:0] sums;
  logic               covered;
  logic signed [8:0]  a, b;
  logic signed [16:0] product;

  pcs_lanes_sum #(
    .WordBits(32),
    .Accs    (Accs),
    .Check   (1)
  ) u_sum (
    .field_a_i (4'(FieldA)),
    .field_b_i (4'(FieldB)),
    .a_signed_i,
    .b_signed_i,
    .a_i       (32'(a_i)),
    .b_i       (32'(b_i)),
    .sums_o    (sums),
    .lanes_o   (),
    .covered_o (covered)
  );

  assign a       = 9'($signed({a_signed_i && a_i[FieldA-1], a_i}));
  assign b       = 9'($signed({b_signed_i && b_i[FieldB-1], b_i}));
  assign product = a * b;
  assign bad_o   = !covered || sums != (Accs*17)'($unsigned(product));

endmodule

`default_nettype wire
