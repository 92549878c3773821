// The product of two floating-point codes, aligned to a wide accumulator: pcs_term_product in models/mac/aligned.h.
//
// Combinational.  A product that is no finite number is zero with a flag.  flags_o: bits FLOAT_MAC_FLAG_*, OVERFLOW never.
// Formats: see pcs_float_decode.  AccBits: FLOAT_MAC_ACC_MIN_BITS..FLOAT_MAC_ACC_MAX_BITS.
`default_nettype none

module pcs_float_product #(
  parameter int unsigned AccBits = 48,
  localparam int unsigned FormatBits = pcs_spec_pkg::FLOAT_MAC_FORMAT_BITS,
  localparam int unsigned CodeBits   = pcs_spec_pkg::FLOAT_MAC_CODE_BITS,
  localparam int unsigned AnchorBits = pcs_spec_pkg::FLOAT_MAC_ANCHOR_BITS,
  localparam int unsigned FlagBits   = pcs_spec_pkg::FLOAT_MAC_FLAG_BITS
) (
  input  logic [FormatBits-1:0]        format_a_i,
  input  logic [CodeBits-1:0]          a_i,
  input  logic [FormatBits-1:0]        format_b_i,
  input  logic [CodeBits-1:0]          b_i,
  input  logic signed [AnchorBits-1:0] anchor_i,
  output logic signed [AccBits+1:0]    product_o,
  output logic [FlagBits-1:0]          flags_o
);

  if (AccBits < pcs_spec_pkg::FLOAT_MAC_ACC_MIN_BITS || AccBits > pcs_spec_pkg::FLOAT_MAC_ACC_MAX_BITS) begin : gen_acc_bits
    $error("pcs_float_product: AccBits must be FLOAT_MAC_ACC_MIN_BITS..FLOAT_MAC_ACC_MAX_BITS");
  end

  localparam int unsigned SignificandBits = pcs_spec_pkg::FLOAT_MAC_SIGNIFICAND_BITS;
  localparam int unsigned ExponentBits    = pcs_spec_pkg::FLOAT_MAC_EXPONENT_BITS;
  localparam int unsigned PlaceBits       = 12;  // holds any sum of two exponents and an anchor

  logic                           nan_a, nan_b, inf_a, inf_b, sign_a, sign_b;
  logic signed [ExponentBits-1:0] exponent_a, exponent_b;
  logic [SignificandBits-1:0]     significand_a, significand_b;

  pcs_float_decode u_decode_a (
    .format_i     (format_a_i),
    .code_i       (a_i),
    .nan_o        (nan_a),
    .inf_o        (inf_a),
    .sign_o       (sign_a),
    .exponent_o   (exponent_a),
    .significand_o(significand_a)
  );

  pcs_float_decode u_decode_b (
    .format_i     (format_b_i),
    .code_i       (b_i),
    .nan_o        (nan_b),
    .inf_o        (inf_b),
    .sign_o       (sign_b),
    .exponent_o   (exponent_b),
    .significand_o(significand_b)
  );

  // The product, as a number or not.
  logic                         sign, nan, inf, inexact;
  logic [2*SignificandBits-1:0] product;
  logic signed [PlaceBits-1:0]  place;
  assign sign    = sign_a ^ sign_b;
  assign nan     = nan_a || nan_b || (inf_a && significand_b == '0) || (inf_b && significand_a == '0);
  assign inf     = !nan && (inf_a || inf_b);
  assign product = nan || inf ? '0 : (2*SignificandBits)'(significand_a) * (2*SignificandBits)'(significand_b);
  assign place   = PlaceBits'(exponent_a) + PlaceBits'(exponent_b) - PlaceBits'(anchor_i);

  pcs_float_align #(
    .MagnitudeBits(2 * SignificandBits),
    .AccBits      (AccBits),
    .PlaceBits    (PlaceBits)
  ) u_align (
    .negative_i (sign),
    .magnitude_i(product),
    .place_i    (place),
    .product_o  (product_o),
    .inexact_o  (inexact)
  );

  always_comb begin
    flags_o = '0;
    flags_o[pcs_spec_pkg::FLOAT_MAC_FLAG_INEXACT]  = inexact;
    flags_o[pcs_spec_pkg::FLOAT_MAC_FLAG_POSITIVE] = inf && !sign;
    flags_o[pcs_spec_pkg::FLOAT_MAC_FLAG_NEGATIVE] = inf && sign;
    flags_o[pcs_spec_pkg::FLOAT_MAC_FLAG_NAN]      = nan;
  end

endmodule

`default_nettype wire
