// A conversion unit for each format, side by side: the same FP32 values through all of them, and codes back to FP32.
//
// Entry f of an output belongs to format f of formats.def; it is zero when the units do not serve that format (they take
// those with a sign, subnormals and fewer mantissa bits than FP32).  Codes lie in the low bits of 32.  fp32_o and
// invalid_o are combinational, of the low bits of code_i; the other ports are pcs_convert's.
`default_nettype none

module pcs_convert_bank #(
  localparam int unsigned Formats  = pcs_spec_pkg::FORMAT_COUNT,
  localparam int unsigned FlagBits = pcs_spec_pkg::CONVERT_FLAG_BITS,
  localparam int unsigned LfsrBits = pcs_spec_pkg::CONVERT_LFSR_BITS
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        seed_valid_i,
  input  logic [LfsrBits-1:0]         seed_i,
  input  logic                        valid_i,
  input  logic [31:0]                 fp32_i,
  input  logic [1:0]                  rounding_i,
  input  logic [1:0]                  overflow_i,
  output logic [Formats-1:0]          valid_o,
  output logic [Formats*32-1:0]       code_o,
  output logic [Formats*FlagBits-1:0] flags_o,
  input  logic [31:0]                 code_i,
  output logic [Formats*32-1:0]       fp32_o,
  output logic [Formats-1:0]          invalid_o
);

  for (genvar f = 0; f < Formats; f++) begin : gen_format
    localparam int unsigned MantissaBits = pcs_spec_pkg::format_mantissa_bits(f);
    localparam int unsigned CodeBits     = 1 + pcs_spec_pkg::format_exponent_bits(f) + MantissaBits;

    if (pcs_spec_pkg::format_sign(f) == pcs_spec_pkg::SIGN_SIGNED
        && pcs_spec_pkg::format_lowest(f) == pcs_spec_pkg::LOWEST_SUBNORMAL && MantissaBits < 23) begin : gen_unit
      logic [CodeBits-1:0] code;

      pcs_convert #(
        .Format(f)
      ) u_convert (
        .clk_i,
        .rst_ni,
        .seed_valid_i,
        .seed_i,
        .valid_i,
        .fp32_i,
        .rounding_i,
        .overflow_i,
        .valid_o(valid_o[f]),
        .code_o (code),
        .flags_o(flags_o[f*FlagBits+:FlagBits])
      );
      assign code_o[f*32+:32] = 32'(code);

      pcs_float_widen #(
        .Format(f)
      ) u_widen (
        .code_i   (code_i[CodeBits-1:0]),
        .fp32_o   (fp32_o[f*32+:32]),
        .invalid_o(invalid_o[f])
      );
    end else begin : gen_none
      assign valid_o[f]                   = 1'b0;
      assign code_o[f*32+:32]             = '0;
      assign flags_o[f*FlagBits+:FlagBits] = '0;
      assign fp32_o[f*32+:32]             = '0;
      assign invalid_o[f]                 = 1'b0;
    end
  end

  logic unused;
  assign unused = ^code_i;

endmodule

`default_nettype wire
