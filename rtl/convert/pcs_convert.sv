// Conversion unit: FP32 to one format, with a random source of its own.
//
// One conversion a clock, its result a clock later; nothing holds it up.  A conversion that rounds stochastically takes
// one draw, any other none, so the results depend on the seed and on the order of the conversions and not on bubbles
// between them.  A seed given with a conversion is for the next one.  Format: see pcs_float_narrow.
`default_nettype none

module pcs_convert #(
  parameter int unsigned Format = pcs_spec_pkg::FORMAT_E4M3,
  localparam int unsigned CodeBits   = 1 + pcs_spec_pkg::format_exponent_bits(Format)
                                         + pcs_spec_pkg::format_mantissa_bits(Format),
  localparam int unsigned FlagBits   = pcs_spec_pkg::CONVERT_FLAG_BITS,
  localparam int unsigned LfsrBits   = pcs_spec_pkg::CONVERT_LFSR_BITS,
  localparam int unsigned RandomBits = pcs_spec_pkg::CONVERT_RANDOM_BITS
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                seed_valid_i,
  input  logic [LfsrBits-1:0] seed_i,
  input  logic                valid_i,
  input  logic [31:0]         fp32_i,
  input  logic [1:0]          rounding_i,
  input  logic [1:0]          overflow_i,
  output logic                valid_o,
  output logic [CodeBits-1:0] code_o,
  output logic [FlagBits-1:0] flags_o
);

  logic [LfsrBits-1:0] random;
  logic                valid_q;
  logic [CodeBits-1:0] code_d, code_q;
  logic [FlagBits-1:0] flags_d, flags_q;

  pcs_lfsr u_lfsr (
    .clk_i,
    .rst_ni,
    .seed_valid_i,
    .seed_i,
    .draw_i  (valid_i && rounding_i == 2'(pcs_spec_pkg::CONVERT_ROUNDING_SR)),
    .random_o(random)
  );

  pcs_float_narrow #(
    .Format(Format)
  ) u_narrow (
    .fp32_i,
    .rounding_i,
    .overflow_i,
    .random_i(random[LfsrBits-1-:RandomBits]),
    .code_o  (code_d),
    .flags_o (flags_d)
  );

  assign valid_o = valid_q;
  assign code_o  = code_q;
  assign flags_o = flags_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      code_q  <= '0;
      flags_q <= '0;
    end else begin
      valid_q <= valid_i;
      if (valid_i) begin
        code_q  <= code_d;
        flags_q <= flags_d;
      end
    end
  end

  // Of a draw the upper bits are enough.
  logic unused;
  assign unused = ^random;

endmodule

`default_nettype wire
