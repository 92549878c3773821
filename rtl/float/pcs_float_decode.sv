// A code of any format that the multiply-add unit takes, by its number: value = +-significand * 2^exponent.
//
// Combinational.  format_i: the number of a format with a sign, subnormals and at most 16 bits; of any other number every
// code reads as NaN.  Bits of code_i above the format's are not looked at.  With inf_o or nan_o the value means nothing.
`default_nettype none

module pcs_float_decode #(
  localparam int unsigned FormatBits      = pcs_spec_pkg::FLOAT_MAC_FORMAT_BITS,
  localparam int unsigned CodeBits        = pcs_spec_pkg::FLOAT_MAC_CODE_BITS,
  localparam int unsigned SignificandBits = pcs_spec_pkg::FLOAT_MAC_SIGNIFICAND_BITS,
  localparam int unsigned ExponentBits    = pcs_spec_pkg::FLOAT_MAC_EXPONENT_BITS
) (
  input  logic [FormatBits-1:0]          format_i,
  input  logic [CodeBits-1:0]            code_i,
  output logic                           nan_o,
  output logic                           inf_o,
  output logic                           sign_o,
  output logic signed [ExponentBits-1:0] exponent_o,
  output logic [SignificandBits-1:0]     significand_o
);

  localparam int unsigned Formats   = 1 << FormatBits;
  localparam int unsigned ValueBits = 3 + ExponentBits + SignificandBits;

  logic [Formats*ValueBits-1:0] values;  // of the code in each format

  for (genvar f = 0; f < Formats; f++) begin : gen_format
    localparam int unsigned E = pcs_spec_pkg::format_exponent_bits(f);
    localparam int unsigned M = pcs_spec_pkg::format_mantissa_bits(f);
    localparam int unsigned Top = pcs_spec_pkg::format_top(f);

    if (pcs_spec_pkg::format_sign(f) == pcs_spec_pkg::SIGN_SIGNED
        && pcs_spec_pkg::format_lowest(f) == pcs_spec_pkg::LOWEST_SUBNORMAL && E != 0 && M != 0
        && 1 + E + M <= CodeBits) begin : gen_value
      logic                    sign, nan, inf, normal;
      logic [E-1:0]            field;
      logic [M-1:0]            mantissa;
      logic [ExponentBits-1:0] exponent;
      assign {sign, field, mantissa} = code_i[E+M:0];
      assign normal   = field != '0;
      assign inf      = Top == pcs_spec_pkg::TOP_IEEE && field == '1 && mantissa == '0;
      assign nan      = Top == pcs_spec_pkg::TOP_IEEE ? field == '1 && mantissa != '0
                        : Top == pcs_spec_pkg::TOP_FN ? field == '1 && mantissa == '1
                        : pcs_spec_pkg::format_zero(f) == pcs_spec_pkg::ZERO_NAN && sign && !normal && mantissa == '0;
      assign exponent = (normal ? ExponentBits'(field) : ExponentBits'(1))
                        - ExponentBits'(pcs_spec_pkg::format_bias(f) + M);
      assign values[f*ValueBits+:ValueBits] = {nan, inf, sign, exponent, SignificandBits'({normal, mantissa})};
    end else begin : gen_nan
      assign values[f*ValueBits+:ValueBits] = {1'b1, {(ValueBits - 1) {1'b0}}};
    end
  end

  assign {nan_o, inf_o, sign_o, exponent_o, significand_o} = values[32'(format_i)*ValueBits+:ValueBits];

endmodule

`default_nettype wire
