// What a multiply-add unit has summed, in FP32: one rounding, to nearest even.  The RTL of pcs_float_mac_result.
//
// Combinational.  flags_i: the unit's flags; those of infinity and NaN decide the result.  flags_o: CONVERT_FLAG_* of the
// rounding.  AccBits: see pcs_float_mac.
`default_nettype none

module pcs_float_result #(
  parameter int unsigned AccBits = 48,
  localparam int unsigned AnchorBits = pcs_spec_pkg::FLOAT_MAC_ANCHOR_BITS,
  localparam int unsigned FlagBits   = pcs_spec_pkg::FLOAT_MAC_FLAG_BITS
) (
  input  logic signed [AccBits-1:0]                 acc_i,
  input  logic signed [AnchorBits-1:0]              anchor_i,
  input  logic [FlagBits-1:0]                       flags_i,
  output logic [31:0]                               fp32_o,
  output logic [pcs_spec_pkg::CONVERT_FLAG_BITS-1:0] flags_o
);

  localparam int unsigned WideBits     = AccBits + 25;      // 24 bits of significand and at least 2 below, of any sum
  localparam int unsigned FractionBits = WideBits - 24;
  localparam int unsigned ExponentBits = AnchorBits + 3;

  logic positive, negative, nan;
  assign positive = flags_i[pcs_spec_pkg::FLOAT_MAC_FLAG_POSITIVE];
  assign negative = flags_i[pcs_spec_pkg::FLOAT_MAC_FLAG_NEGATIVE];
  assign nan      = flags_i[pcs_spec_pkg::FLOAT_MAC_FLAG_NAN] || (positive && negative);

  // Leading bit to the top.
  logic [AccBits-1:0] magnitude;
  logic [6:0]         zeros;
  assign magnitude = acc_i < 0 ? -acc_i : acc_i;
  always_comb begin
    zeros = '0;
    for (int unsigned i = 0; i < AccBits; i++) begin
      if (magnitude[i]) begin
        zeros = 7'(AccBits - 1 - i);
      end
    end
  end

  // Its exponent field, which may be beyond FP32's at both ends.
  logic signed [ExponentBits-1:0] exponent;
  logic                           below;
  logic [ExponentBits-1:0]        distance, offset;
  assign exponent = ExponentBits'(anchor_i) + $signed(ExponentBits'(AccBits - 1 + 127))
                    - $signed(ExponentBits'(zeros));
  assign below    = exponent < 1;
  assign distance = below ? ExponentBits'(1) - exponent : '0;
  assign offset   = below ? '0 : exponent - ExponentBits'(1);

  logic [WideBits-1:0]     wide, aligned;
  logic [23:0]             kept;
  logic [FractionBits-1:0] fraction;
  logic                    lost, up, up_further, tiny, inexact, overflow;
  assign wide       = {magnitude, 25'b0} << zeros;
  assign aligned    = wide >> distance;
  assign lost       = (aligned << distance) != wide;
  assign kept       = aligned[WideBits-1:FractionBits];
  assign fraction   = aligned[FractionBits-1:0];
  assign up         = fraction[FractionBits-1] && (fraction[FractionBits-2:0] != '0 || lost || kept[0]);
  // One bit further down, where a tiny number would be rounded if exponents went on.
  assign up_further = fraction[FractionBits-2]
                      && ((fraction[FractionBits-2:0] << 1) != '0 || lost || fraction[FractionBits-1]);
  assign tiny       = !kept[23] && !({kept[22:0], fraction[FractionBits-1]} == '1 && up_further);
  assign inexact    = fraction != '0 || lost;

  logic [ExponentBits+22:0] number;  // exponent above mantissa: a carry of the one is the next of the other
  assign number   = {offset, 23'b0} + (ExponentBits + 23)'(kept) + (ExponentBits + 23)'(up);
  assign overflow = magnitude != '0 && number > (ExponentBits + 23)'(32'h7f7fffff);

  always_comb begin
    flags_o = '0;
    if (nan) begin
      fp32_o = 32'h7fc00000;
    end else if (positive || negative) begin
      fp32_o = {negative, 31'h7f800000};
    end else if (magnitude == '0) begin
      fp32_o = '0;
    end else begin
      fp32_o = {acc_i < 0, overflow ? 31'h7f800000 : number[30:0]};
      flags_o[pcs_spec_pkg::CONVERT_FLAG_OVERFLOW]  = overflow;
      flags_o[pcs_spec_pkg::CONVERT_FLAG_INEXACT]   = overflow || inexact;
      flags_o[pcs_spec_pkg::CONVERT_FLAG_UNDERFLOW] = inexact && tiny;
    end
  end

  logic unused;
  assign unused = ^flags_i;

endmodule

`default_nettype wire
