// MAC `serial2d`: both operands bit by bit, most significant first, one bit product a clock.
//
// A pass over the bits of B for each bit of A.  Horner over the passes: partial doubles with the first bit of B, and each
// bit of B adds bit of A * 2^place of the bit; a sign bit weighs negative, two of them positive.  A arrives left-aligned
// and shifts out of the top of its register, a place a pass; B arrives as it is and stays.  pa * pb clocks a step; mode
// field serial_b is not used.  Port protocol: see pcs_mac.  The neighbours sample the operand registers in the clock of
// active_i, before the first shift.
`default_nettype none

module pcs_mac_serial2d #(
  parameter int unsigned Digit = 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               en_i,
  input  logic               load_i,
  input  logic [15:0]        load_mode_i,
  input  logic               active_i,
  input  logic [15:0]        mode_i,
  input  logic [7:0]         a_i,
  input  logic [7:0]         b_i,
  output logic               shift_a_o,
  output logic               shift_b_o,
  output logic [3:0]         remaining_o,
  output logic [3:0]         inner_o,
  output logic signed [16:0] partial_o,
  output logic               work_o,
  output logic               write_o,
  output logic signed [16:0] product_o
);

  if (Digit != 1) begin : gen_digit
    $error("pcs_mac_serial2d: Digit must be 1");
  end

  // Bits of A and, in the running pass, bits of B that the running step still needs, this clock's included.
  logic [3:0]         remaining_q, inner_q;
  logic signed [16:0] partial_q;

  logic [3:0]         pa, pb;
  logic               pass_first, pass_last, negative;
  logic [7:0]         place, bits;
  logic signed [16:0] base, partial;

  assign pa         = mode_i[pcs_spec_pkg::MODE_PA_LSB+:4];
  assign pb         = mode_i[pcs_spec_pkg::MODE_PB_LSB+:4];
  assign pass_first = inner_q == pb;
  assign pass_last  = inner_q == 4'd1;
  assign place      = 8'd1 << 3'(inner_q - 4'd1);
  assign bits       = a_i[7] ? b_i & place : '0;
  assign negative   = (mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB] && remaining_q == pa)
                      != (mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB] && pass_first);
  assign base       = pass_first ? partial_q <<< 1 : partial_q;
  assign partial    = negative ? base - $signed({9'd0, bits}) : base + $signed({9'd0, bits});

  assign product_o   = partial;
  assign work_o      = remaining_q != 4'd0;
  assign write_o     = remaining_q == 4'd1 && pass_last;
  assign shift_a_o   = pass_last;
  assign shift_b_o   = 1'b0;
  assign remaining_o = remaining_q;
  assign inner_o     = inner_q;
  assign partial_o   = partial_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      remaining_q <= '0;
      inner_q     <= '0;
      partial_q   <= '0;
    end else if (en_i) begin
      if (work_o) begin
        remaining_q <= remaining_q - 4'(pass_last);
        inner_q     <= write_o ? 4'd0 : pass_last ? pb : inner_q - 4'd1;
        partial_q   <= write_o ? '0 : partial;
      end
      // A load may come with the last clock of the step before it: then it wins.
      if (load_i) begin
        remaining_q <= load_mode_i[pcs_spec_pkg::MODE_PA_LSB+:4];
        inner_q     <= load_mode_i[pcs_spec_pkg::MODE_PB_LSB+:4];
      end
    end
  end

  // Of the mode words a MAC needs some fields only, of A the top bit; the counters say when a step is new.
  logic unused;
  assign unused = ^{active_i, a_i[6:0], mode_i, load_mode_i};

endmodule

`default_nettype wire
