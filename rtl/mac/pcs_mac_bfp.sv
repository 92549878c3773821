// MAC `bfp`: mantissas in digits of 2 bits, one product of digits a clock; in the last clock the product is aligned to
// the accumulator by the sum of the shared exponents.
//
// Operands are {exponent[7:0], mantissa[7:0]}, mantissas two's complement of as many bits as the mode says, PA and PB,
// sign-extended.  The mantissas' product is pcs_mac_serial2d's; the operand registers hold still, the running digit of A
// is picked.  An exponent of BFP_NAN is no number.  The definition is models/mac/bfp.h.  product_o: {flags, product}.
// Digit: 1, not a matter of this kind.  AccBits: acc_min()..ACC_MAX_BITS.  Port protocol: see pcs_mac.
`default_nettype none

module pcs_mac_bfp #(
  parameter int unsigned Digit   = 1,
  parameter int unsigned AccBits = 48,
  localparam int unsigned FlagBits    = pcs_spec_pkg::FLOAT_MAC_FLAG_BITS,
  localparam int unsigned ProductBits = pcs_spec_pkg::product_bits(pcs_spec_pkg::KIND_BFP, AccBits)
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,
  input  logic                            en_i,
  input  logic                            load_i,
  input  logic [15:0]                     load_mode_i,
  input  logic                            active_i,
  input  logic [15:0]                     mode_i,
  input  logic [15:0]                     a_i,
  input  logic [15:0]                     b_i,
  output logic                            shift_a_o,
  output logic                            shift_b_o,
  output logic [3:0]                      remaining_o,
  output logic [3:0]                      inner_o,
  output logic signed [16:0]              partial_o,
  output logic                            work_o,
  output logic                            write_o,
  output logic [FlagBits+ProductBits-1:0] product_o
);

  if (Digit != 1) begin : gen_digit
    $error("pcs_mac_bfp: Digit must be 1");
  end

  localparam int unsigned Bits = pcs_spec_pkg::BFP_DIGIT;

  // The mantissas are signed, whatever the bits of the mode word that hold the anchor.
  function automatic logic [15:0] as_signed(input logic [15:0] mode);
    as_signed                                  = mode;
    as_signed[pcs_spec_pkg::MODE_A_SIGNED_LSB] = 1'b1;
    as_signed[pcs_spec_pkg::MODE_B_SIGNED_LSB] = 1'b1;
  endfunction

  // The digit of A that the running pass wants, at the top.
  logic [3:0] passes;
  logic [7:0] digit_a;
  assign passes  = remaining_o - 4'(work_o);
  assign digit_a = {Bits'(a_i[7:0] >> (5'(Bits) * 5'(passes))), {(8 - Bits) {1'b0}}};

  logic shift_a, shift_b;
  logic signed [16:0] mantissa;

  pcs_mac_serial2d #(
    .Digit(Bits)
  ) u_mantissas (
    .clk_i,
    .rst_ni,
    .en_i,
    .load_i,
    .load_mode_i(as_signed(load_mode_i)),
    .active_i,
    .mode_i     (as_signed(mode_i)),
    .a_i        (digit_a),
    .b_i        (b_i[7:0]),
    .shift_a_o  (shift_a),
    .shift_b_o  (shift_b),
    .remaining_o,
    .inner_o,
    .partial_o,
    .work_o,
    .write_o,
    .product_o  (mantissa)
  );

  localparam int unsigned MagnitudeBits = 15;  // 2^14 is the largest
  localparam int unsigned PlaceBits     = 11;  // holds two exponents less an anchor

  logic [7:0]                  exponent_a, exponent_b;
  logic                        nan, inexact;
  logic [16:0]                 magnitude;
  logic signed [PlaceBits-1:0] place;
  logic signed [8:0]           anchor;
  assign exponent_a = a_i[15:8];
  assign exponent_b = b_i[15:8];
  assign nan        = exponent_a == 8'(pcs_spec_pkg::BFP_NAN) || exponent_b == 8'(pcs_spec_pkg::BFP_NAN);
  assign magnitude  = nan ? '0 : mantissa < 0 ? -mantissa : mantissa;
  assign anchor     = {mode_i[pcs_spec_pkg::MODE_ANCHOR_HIGH_LSB+:4], mode_i[pcs_spec_pkg::MODE_ANCHOR_LOW_LSB+:3], 2'b00};
  assign place      = $signed(PlaceBits'(exponent_a)) + $signed(PlaceBits'(exponent_b))
                      - $signed(PlaceBits'(2 * pcs_spec_pkg::BFP_BIAS)) - PlaceBits'(anchor);

  pcs_float_align #(
    .MagnitudeBits(MagnitudeBits),
    .AccBits      (AccBits),
    .PlaceBits    (PlaceBits)
  ) u_align (
    .negative_i (mantissa < 0),
    .magnitude_i(magnitude[MagnitudeBits-1:0]),
    .place_i    (place),
    .product_o  (product_o[ProductBits-1:0]),
    .inexact_o  (inexact)
  );

  always_comb begin
    product_o[ProductBits+:FlagBits] = '0;
    product_o[ProductBits+pcs_spec_pkg::FLOAT_MAC_FLAG_INEXACT] = inexact;
    product_o[ProductBits+pcs_spec_pkg::FLOAT_MAC_FLAG_NAN]     = nan;
  end

  assign shift_a_o = 1'b0;
  assign shift_b_o = 1'b0;

  // A product of mantissas has no more bits; the accumulator needs the rest of the mode word.
  logic unused;
  assign unused = ^{shift_a, shift_b, magnitude[16:MagnitudeBits], a_i, b_i, mode_i, load_mode_i};

endmodule

`default_nettype wire
