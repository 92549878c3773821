// Multiply-add of floating-point operands into a wide aligned accumulator.  The RTL of models/mac/float_mac.h.
//
// One step a clock; accumulator and flags show it a clock later.  Formats, anchor and saturation may change from step to
// step; first_i starts from zero.  The product comes aligned to the accumulator, see pcs_float_align.
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

  logic signed [AccBits+1:0] product;
  logic [FlagBits-1:0]       product_flags;

  pcs_float_product #(
    .AccBits(AccBits)
  ) u_product (
    .format_a_i,
    .a_i,
    .format_b_i,
    .b_i,
    .anchor_i,
    .product_o (product),
    .flags_o   (product_flags)
  );

  logic signed [AccBits-1:0] base, acc_d, acc_q;
  logic                      overflow;
  assign base = first_i ? '0 : acc_q;

  pcs_acc_add #(
    .AccBits    (AccBits),
    .ProductBits(AccBits + 2)
  ) u_add (
    .base_i    (base),
    .product_i (product),
    .saturate_i,
    .sum_o     (acc_d),
    .overflow_o(overflow)
  );

  logic [FlagBits-1:0] flags_d, flags_q;
  always_comb begin
    flags_d = (first_i ? '0 : flags_q) | product_flags;
    flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_OVERFLOW] = flags_d[pcs_spec_pkg::FLOAT_MAC_FLAG_OVERFLOW] || overflow;
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
