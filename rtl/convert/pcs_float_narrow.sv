// FP32 to one format of formats.def: one rounding, status flags.  The RTL of pcs_float_convert in models/format.
//
// Combinational.  Format: a FORMAT_* with a sign, subnormals and fewer mantissa bits than FP32.  rounding_i and overflow_i
// are CONVERT_ROUNDING_* and CONVERT_OVERFLOW_*, random_i counts for stochastic rounding only.  A magnitude without its
// sign is one number: exponent field above mantissa, so that a carry out of the mantissa is the next exponent, and what
// lies beyond Max has overflowed.  flags_o: bits CONVERT_FLAG_*.
`default_nettype none

module pcs_float_narrow #(
  parameter int unsigned Format = pcs_spec_pkg::FORMAT_E4M3,
  localparam int unsigned ExponentBits  = pcs_spec_pkg::format_exponent_bits(Format),
  localparam int unsigned MantissaBits  = pcs_spec_pkg::format_mantissa_bits(Format),
  localparam int unsigned MagnitudeBits = ExponentBits + MantissaBits,
  localparam int unsigned RandomBits    = pcs_spec_pkg::CONVERT_RANDOM_BITS,
  localparam int unsigned FlagBits      = pcs_spec_pkg::CONVERT_FLAG_BITS
) (
  input  logic [31:0]              fp32_i,
  input  logic [1:0]               rounding_i,
  input  logic [1:0]               overflow_i,
  input  logic [RandomBits-1:0]    random_i,
  output logic [MagnitudeBits:0]   code_o,
  output logic [FlagBits-1:0]      flags_o
);

  if (pcs_spec_pkg::format_sign(Format) != pcs_spec_pkg::SIGN_SIGNED
      || pcs_spec_pkg::format_lowest(Format) != pcs_spec_pkg::LOWEST_SUBNORMAL
      || MantissaBits == 0 || MantissaBits >= 23) begin : gen_format
    $error("pcs_float_narrow: Format must have a sign, subnormals and 1..22 mantissa bits");
  end

  // The format's special codes, without the sign.
  localparam int unsigned Top   = pcs_spec_pkg::format_top(Format);
  localparam int unsigned Zero  = pcs_spec_pkg::format_zero(Format);
  localparam bit          HasInf = Top == pcs_spec_pkg::TOP_IEEE;
  localparam bit          HasNan = Top != pcs_spec_pkg::TOP_FULL || Zero == pcs_spec_pkg::ZERO_NAN;
  localparam bit          HasMinusZero = Zero == pcs_spec_pkg::ZERO_SIGNED;
  localparam logic [MagnitudeBits-1:0] Inf  = {{ExponentBits{1'b1}}, {MantissaBits{1'b0}}};
  localparam logic [MagnitudeBits-1:0] Ones = '1;
  localparam logic [MagnitudeBits-1:0] Max  =
      HasInf ? Inf - 1'b1 : Top == pcs_spec_pkg::TOP_FN ? Ones - 1'b1 : Ones;
  localparam logic [MagnitudeBits:0]   Nan  =
      HasInf ? {1'b0, Inf} | (MagnitudeBits + 1)'(1) << (MantissaBits - 1)
             : Zero == pcs_spec_pkg::ZERO_NAN ? {1'b1, {MagnitudeBits{1'b0}}} : {1'b0, Ones};

  // Exponent field of FP32 at which the format's normal numbers begin.
  localparam logic [7:0] Lowest = 8'(128 - pcs_spec_pkg::format_bias(Format));

  // What lies below the mantissa: enough for a draw, and for the decision as if the number had one bit more.
  localparam int unsigned FractionBits = 23 - MantissaBits + RandomBits + 1;
  localparam int unsigned WideBits     = MantissaBits + 1 + FractionBits;
  localparam int unsigned WorkBits     = 8 + MantissaBits;  // exponents of FP32, so that no sum is too wide

  logic       sign, nan, inf;
  logic [7:0] exponent, field;
  assign sign     = fp32_i[31];
  assign field    = fp32_i[30:23];
  assign nan      = field == '1 && fp32_i[22:0] != '0;
  assign inf      = field == '1 && fp32_i[22:0] == '0;
  assign exponent = field == '0 ? 8'd1 : field;

  // Significand, in steps of the format at that exponent or at its lowest.
  logic                    below, lost;
  logic [7:0]              distance, offset;
  logic [WideBits-1:0]     wide, aligned;
  logic [MantissaBits:0]   kept;
  logic [FractionBits-1:0] fraction;
  assign below    = exponent < Lowest;
  assign distance = below ? Lowest - exponent : '0;
  assign offset   = below ? '0 : exponent - Lowest;
  assign wide     = {field != '0, fp32_i[22:0], {(RandomBits + 1) {1'b0}}};
  assign aligned  = wide >> distance;
  assign lost     = (aligned << distance) != wide;
  assign kept     = aligned[WideBits-1:FractionBits];
  assign fraction = aligned[FractionBits-1:0];

  // Whether to go up: the number as it is, and the same one bit further down, where a tiny number would be rounded if
  // exponents went on.
  function automatic logic goes_up(input logic [1:0] rounding, input logic odd, input logic guard, input logic rest,
                                   input logic [RandomBits-1:0] fraction_top, input logic [RandomBits-1:0] random);
    logic [RandomBits:0] sum;
    sum = {1'b0, fraction_top} + {1'b0, random};
    case (rounding)
      2'(pcs_spec_pkg::CONVERT_ROUNDING_RNE): goes_up = guard && (rest || odd);
      2'(pcs_spec_pkg::CONVERT_ROUNDING_SR): goes_up = sum[RandomBits];
      default: goes_up = 1'b0;
    endcase
  endfunction

  logic up, up_further, tiny, inexact, overflow;
  assign up         = goes_up(rounding_i, kept[0], fraction[FractionBits-1], fraction[FractionBits-2:0] != '0 || lost,
                              fraction[FractionBits-1-:RandomBits], random_i);
  assign up_further = goes_up(rounding_i, fraction[FractionBits-1], fraction[FractionBits-2],
                              fraction[FractionBits-3:0] != '0 || lost, fraction[FractionBits-2-:RandomBits], random_i);

  logic [WorkBits-1:0] magnitude;
  assign magnitude = {offset, {MantissaBits{1'b0}}} + WorkBits'(kept) + WorkBits'(up);
  assign tiny      = !kept[MantissaBits] && !({kept[MantissaBits-1:0], fraction[FractionBits-1]} == '1 && up_further);
  assign inexact   = fraction != '0 || lost;
  assign overflow  = magnitude > WorkBits'(Max);

  // An overflow or an infinity: the largest number, or what stands for infinity.
  logic to_inf, to_nan;
  assign to_inf = inf ? overflow_i == 2'(pcs_spec_pkg::CONVERT_OVERFLOW_SAT_INF)
                        || overflow_i == 2'(pcs_spec_pkg::CONVERT_OVERFLOW_INF)
                      : overflow_i == 2'(pcs_spec_pkg::CONVERT_OVERFLOW_INF)
                        && (rounding_i == 2'(pcs_spec_pkg::CONVERT_ROUNDING_RNE)
                            || rounding_i == 2'(pcs_spec_pkg::CONVERT_ROUNDING_SR));
  assign to_nan = to_inf && !HasInf && HasNan;

  always_comb begin
    flags_o = '0;
    if (nan) begin
      code_o = HasNan ? Nan : {1'b0, Max};
      flags_o[pcs_spec_pkg::CONVERT_FLAG_INVALID] = !HasNan || !fp32_i[22];
    end else if (inf || overflow) begin
      code_o = to_nan ? Nan : {sign, to_inf && HasInf ? Inf : Max};
      flags_o[pcs_spec_pkg::CONVERT_FLAG_INVALID]  = to_nan;
      flags_o[pcs_spec_pkg::CONVERT_FLAG_OVERFLOW] = !inf;
      flags_o[pcs_spec_pkg::CONVERT_FLAG_INEXACT]  = !inf;
    end else begin
      code_o = {sign && (HasMinusZero || magnitude[MagnitudeBits-1:0] != '0), magnitude[MagnitudeBits-1:0]};
      flags_o[pcs_spec_pkg::CONVERT_FLAG_INEXACT]   = inexact;
      flags_o[pcs_spec_pkg::CONVERT_FLAG_UNDERFLOW] = inexact && tiny;
    end
  end

endmodule

`default_nettype wire
