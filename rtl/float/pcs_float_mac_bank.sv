// Multiply-add units with accumulators of 32, 48 and 96 bits, each with its result in FP32, all fed alike: what the tests
// Verilate.  Entry i of an output is of unit i; accumulators are sign-extended to 96 bits.  Ports: see pcs_float_mac.
`default_nettype none

module pcs_float_mac_bank #(
  localparam int unsigned Units      = 3,
  localparam int unsigned WideBits   = pcs_spec_pkg::FLOAT_MAC_ACC_MAX_BITS,
  localparam int unsigned FormatBits = pcs_spec_pkg::FLOAT_MAC_FORMAT_BITS,
  localparam int unsigned CodeBits   = pcs_spec_pkg::FLOAT_MAC_CODE_BITS,
  localparam int unsigned AnchorBits = pcs_spec_pkg::FLOAT_MAC_ANCHOR_BITS,
  localparam int unsigned FlagBits   = pcs_spec_pkg::FLOAT_MAC_FLAG_BITS,
  localparam int unsigned RoundBits  = pcs_spec_pkg::CONVERT_FLAG_BITS
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
  output logic [Units*WideBits-1:0]    acc_o,
  output logic [Units*FlagBits-1:0]    flags_o,
  output logic [Units*32-1:0]          fp32_o,
  output logic [Units*RoundBits-1:0]   round_flags_o
);

  for (genvar i = 0; i < Units; i++) begin : gen_unit
    localparam int unsigned AccBits = i == 0 ? 32 : i == 1 ? 48 : WideBits;

    logic signed [AccBits-1:0] acc;
    logic [FlagBits-1:0]       flags;

    pcs_float_mac #(
      .AccBits(AccBits)
    ) u_mac (
      .clk_i,
      .rst_ni,
      .valid_i,
      .first_i,
      .format_a_i,
      .a_i,
      .format_b_i,
      .b_i,
      .anchor_i,
      .saturate_i,
      .acc_o  (acc),
      .flags_o(flags)
    );

    pcs_float_result #(
      .AccBits(AccBits)
    ) u_result (
      .acc_i   (acc),
      .anchor_i,
      .flags_i (flags),
      .fp32_o  (fp32_o[i*32+:32]),
      .flags_o (round_flags_o[i*RoundBits+:RoundBits])
    );

    assign acc_o[i*WideBits+:WideBits]  = WideBits'(acc);
    assign flags_o[i*FlagBits+:FlagBits] = flags;
  end

endmodule

`default_nettype wire
