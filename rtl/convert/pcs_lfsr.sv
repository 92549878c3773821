// The hardware's random source: 32 bits of a linear feedback shift register a draw.  models/format/lfsr.h defines it.
//
// random_o is the draw that is due; draw_i takes it, and the register moves on by all of its 32 bits at the end of the
// clock.  seed_valid_i loads a seed instead; 0 stands for all ones, the value after reset.
`default_nettype none

module pcs_lfsr (
  input  logic                                      clk_i,
  input  logic                                      rst_ni,
  input  logic                                      seed_valid_i,
  input  logic [pcs_spec_pkg::CONVERT_LFSR_BITS-1:0] seed_i,
  input  logic                                      draw_i,
  output logic [pcs_spec_pkg::CONVERT_LFSR_BITS-1:0] random_o
);

  localparam int unsigned     Bits = pcs_spec_pkg::CONVERT_LFSR_BITS;
  localparam logic [Bits-1:0] Taps = Bits'(pcs_spec_pkg::CONVERT_LFSR_TAPS);

  // Bits that come at once: none of them may be fed back into another, so the highest tap is at most Bits - Step.
  localparam int unsigned Step = 8;

  if ((Taps >> (Bits - Step + 1)) != '0) begin : gen_taps
    $error("pcs_lfsr: a tap above Bits - Step");
  end

  logic [Bits-1:0] state_d, state_q;
  logic [Step-1:0] bits;

  always_comb begin
    state_d = state_q;
    for (int unsigned i = 0; i < Bits; i += Step) begin
      bits = '0;
      for (int unsigned tap = 0; tap < Bits; tap++) begin
        bits = bits ^ (Taps[tap] ? Step'(state_d >> tap) : '0);
      end
      state_d = {bits, state_d[Bits-1:Step]};
    end
    if (seed_valid_i) begin
      state_d = seed_i == '0 ? '1 : seed_i;
    end
  end

  assign random_o = state_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= '1;
    end else if (draw_i || seed_valid_i) begin
      state_q <= state_d;
    end
  end

endmodule

`default_nettype wire
