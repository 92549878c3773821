// One format of formats.def to FP32: exact.  The RTL of pcs_float_convert in models/format with infinities that stay.
//
// Combinational.  Format: a FORMAT_* with a sign, subnormals and fewer mantissa bits than FP32.  NaN becomes FP32's
// canonical one; invalid_o: it was a signalling one, the only flag that widening can raise.
`default_nettype none

module pcs_float_widen #(
  parameter int unsigned Format = pcs_spec_pkg::FORMAT_E4M3,
  localparam int unsigned ExponentBits  = pcs_spec_pkg::format_exponent_bits(Format),
  localparam int unsigned MantissaBits  = pcs_spec_pkg::format_mantissa_bits(Format),
  localparam int unsigned MagnitudeBits = ExponentBits + MantissaBits
) (
  input  logic [MagnitudeBits:0] code_i,
  output logic [31:0]            fp32_o,
  output logic                   invalid_o
);

  localparam int unsigned Bias = pcs_spec_pkg::format_bias(Format);
  localparam int unsigned Top  = pcs_spec_pkg::format_top(Format);
  localparam bit HasInf = Top == pcs_spec_pkg::TOP_IEEE;
  localparam bit NanIsMinusZero = pcs_spec_pkg::format_zero(Format) == pcs_spec_pkg::ZERO_NAN;
  localparam bit SubnormalsStay = Bias == 127;  // FP32 has the same exponents

  if (pcs_spec_pkg::format_sign(Format) != pcs_spec_pkg::SIGN_SIGNED
      || pcs_spec_pkg::format_lowest(Format) != pcs_spec_pkg::LOWEST_SUBNORMAL
      || MantissaBits == 0 || MantissaBits >= 23 || (Bias + MantissaBits > 127 && !SubnormalsStay)) begin : gen_format
    $error("pcs_float_widen: Format must have a sign, 1..22 mantissa bits, and subnormals that FP32 has or has normal");
  end

  logic                    sign, top, nan, inf;
  logic [ExponentBits-1:0] exponent;
  logic [MantissaBits-1:0] mantissa;
  assign {sign, exponent, mantissa} = code_i;
  assign top = exponent == '1;
  assign inf = HasInf && top && mantissa == '0;
  assign nan = HasInf ? top && mantissa != '0
                      : NanIsMinusZero ? sign && exponent == '0 && mantissa == '0
                                       : Top == pcs_spec_pkg::TOP_FN && top && mantissa == '1;

  // A subnormal mantissa, its leading bit shifted out of the top, and by how much.
  logic [4:0]              shift;
  logic [MantissaBits-1:0] normal;
  always_comb begin
    shift = '0;
    for (int unsigned i = 0; i < MantissaBits; i++) begin
      if (mantissa[i]) begin
        shift = 5'(MantissaBits - i);
      end
    end
    normal = mantissa << shift;
  end

  localparam int unsigned Pad = 23 - MantissaBits;
  always_comb begin
    fp32_o = {sign, 8'(exponent) + 8'(127 - Bias), mantissa, {Pad{1'b0}}};
    if (nan) begin
      fp32_o = 32'h7fc00000;
    end else if (inf) begin
      fp32_o = {sign, 31'h7f800000};
    end else if (exponent == '0 && mantissa == '0) begin
      fp32_o = {sign, 31'h0};
    end else if (exponent == '0 && !SubnormalsStay) begin
      fp32_o = {sign, 8'(128 - Bias) - 8'(shift), normal, {Pad{1'b0}}};
    end
  end
  assign invalid_o = HasInf && nan && !mantissa[MantissaBits-1];

endmodule

`default_nettype wire
