// Multiply-add of floating-point operands into a wide aligned accumulator.  The RTL of models/mac/float_mac.h.
//
// One step a clock; accumulator and flags show it a clock later.  Formats, anchor and saturation may change from step to
// step; first_i starts from zero.  The significands' product is shifted into a field of Cut bits below the accumulator,
// the accumulator, and Cut bits above it: what comes to lie below is cut off, what comes to lie above has overflowed.
// flags_o: bits FLOAT_MAC_FLAG_*.  AccBits: FLOAT_MAC_ACC_MIN_BITS..FLOAT_MAC_ACC_MAX_BITS.
`default_nettype none

module pcs_float_mac #(
  parameter int unsigned AccBits = 48,
  localparam int unsigned FormatBits = pcs_spec_pkg::FLOAT_MAC_FORMAT_BITS,
  localparam int unsigned CodeBits   = pcs_spec_pkg::FLOAT_MAC_CODE_BITS,
  localparam int unsigned AnchorBits = pcs_spec_pkg::FLOAT_MAC_ANCHOR_BITS,
  localparam int unsigned FlagBits   = pcs_spec_pkg::FLOAT_MAC_FLAG_BITS
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         valid_i,
  input  logic                         first_i,
  input  logic [FormatBits-1:0]        format_a_i,
  input  logic [CodeBits-1:0]          a_i,
  input  logic [FormatBits-1:0]        format_b_i,
  input  logic [CodeBits-1:0]          b_i,
  input  logic signed [AnchorBits-1:0] anchor_i,
  input  logic                         saturate_i,
  output logic signed [AccBits-1:0]    acc_o,
  output logic [FlagBits-1:0]          flags_o
);

  if (AccBits < pcs_spec_pkg::FLOAT_MAC_ACC_MIN_BITS || AccBits > pcs_spec_pkg::FLOAT_MAC_ACC_MAX_BITS) begin : gen_acc_bits
    $error("pcs_float_mac: AccBits must be FLOAT_MAC_ACC_MIN_BITS..FLOAT_MAC_ACC_MAX_BITS");
  end

  localparam int unsigned SignificandBits = pcs_spec_pkg::FLOAT_MAC_SIGNIFICAND_BITS;
  localparam int unsigned ExponentBits    = pcs_spec_pkg::FLOAT_MAC_EXPONENT_BITS;
  localparam int unsigned Cut             = 2 * SignificandBits;
  localparam int unsigned FieldBits       = AccBits + 2 * Cut;
  localparam int unsigned PlaceBits       = 12;  // holds any sum of two exponents and an anchor
  localparam int unsigned PlaceMax        = AccBits + Cut;

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
  logic           sign, nan, inf, finite;
  logic [Cut-1:0] product;
  assign sign    = sign_a ^ sign_b;
  assign nan     = nan_a || nan_b || (inf_a && significand_b == '0) || (inf_b && significand_a == '0);
  assign inf     = !nan && (inf_a || inf_b);
  assign finite  = !nan && !inf;
  assign product = finite ? Cut'(significand_a) * Cut'(significand_b) : '0;

  // Its place in the field: below 0 all of it is cut off, from PlaceMax on all of it lies above the accumulator.
  logic signed [PlaceBits-1:0] place;
  logic [FieldBits-1:0]        field;
  logic [AccBits-1:0]          magnitude;
  logic                        below, above;
  assign place     = PlaceBits'(exponent_a) + PlaceBits'(exponent_b) - PlaceBits'(anchor_i) + $signed(PlaceBits'(Cut));
  assign field     = place < 0 ? FieldBits'(product)
                               : FieldBits'(product) << (place < $signed(PlaceBits'(PlaceMax)) ? place : PlaceBits'(PlaceMax));
  assign below     = field[Cut-1:0] != '0;
  assign magnitude = field[Cut+:AccBits];
  assign above     = field[FieldBits-1-:Cut] != '0;

  // The sum, exact but for what lies above; that decides the sign.
  logic signed [AccBits-1:0] base, acc_d, acc_q;
  logic signed [AccBits+1:0] addend, sum;
  logic                      negative, overflow;
  assign base     = first_i ? '0 : acc_q;
  assign addend   = sign ? -$signed({2'b00, magnitude}) : $signed({2'b00, magnitude});
  assign sum      = (AccBits + 2)'(base) + addend;
  assign negative = above ? sign : sum[AccBits+1];
  assign overflow = above || sum[AccBits+1:AccBits-1] != {3{sum[AccBits+1]}};
  assign acc_d    = overflow && saturate_i ? $signed({negative, {(AccBits - 1) {!negative}}}) : sum[AccBits-1:0];

  logic [FlagBits-1:0] flags_d, flags_q;
  always_comb begin
    flags_d = first_i ? '0 : flags_q;
    flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_INEXACT]  = flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_INEXACT] || below;
    flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_OVERFLOW] = flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_OVERFLOW] || overflow;
    flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_POSITIVE] = flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_POSITIVE] || (inf && !sign);
    flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_NEGATIVE] = flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_NEGATIVE] || (inf && sign);
    flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_NAN]      = flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_NAN] || nan;
  end

  assign acc_o   = acc_q;
  assign flags_o = flags_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      acc_q   <= '0;
      flags_q <= '0;
    end else if (valid_i) begin
      acc_q   <= acc_d;
      flags_q <= flags_d;
    end
  end

endmodule

`default_nettype wire
