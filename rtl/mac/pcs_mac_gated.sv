// MAC `gated`: a conventional 8 x 8 multiplier, one step a clock.
//
// Operands arrive left-aligned with their unused low bits at zero, so those columns of the multiplier stay still; the
// product then carries (8 - pa) + (8 - pb) zeros at its low end, which are shifted out before it is accumulated.
//
// All MAC kinds speak this port protocol:
//   load_i          a step enters the operand registers at the end of this clock, with first_i, last_i; mode_i is
//                   taken when first_i.  A step may follow another by pcs_spec_pkg::cycles() clocks, not sooner.
//   active_o        the clock after a load; a_o, b_o, first_o, last_o, mode_o then hold the step for the neighbours.
//   write_o         the step's last clock: acc_o takes sum_o, acc_overflow_o takes sum_overflow_o at its end.
//   work_o          the multiplier works in this clock.
//   en_i            0 holds every register.
// Latency from load_i to write_o: cycles(); throughput: one step in cycles() clocks.  Registers hold when idle.
// AccBits: ACC_MIN_BITS..ACC_MAX_BITS.  Illegal mode words never get here: the array's intake refuses them.
`default_nettype none

module pcs_mac_gated #(
  parameter int unsigned AccBits = 32
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      en_i,
  input  logic                      load_i,
  input  logic                      first_i,
  input  logic                      last_i,
  input  logic [15:0]               mode_i,
  input  logic [7:0]                a_i,
  input  logic [7:0]                b_i,
  output logic                      active_o,
  output logic                      first_o,
  output logic                      last_o,
  output logic [15:0]               mode_o,
  output logic [7:0]                a_o,
  output logic [7:0]                b_o,
  output logic [3:0]                count_o,
  output logic signed [16:0]        partial_o,
  output logic                      work_o,
  output logic                      write_o,
  output logic signed [AccBits-1:0] sum_o,
  output logic                      sum_overflow_o,
  output logic signed [AccBits-1:0] acc_o,
  output logic                      acc_overflow_o
);

  logic                      active_q, first_q, last_q;
  logic [15:0]               mode_q;
  logic [7:0]                a_q, b_q;
  logic signed [AccBits-1:0] acc_q;
  logic                      acc_overflow_q;

  // Operands as 9-bit numbers; the product shifted right by 16 - pa - pb, exactly.
  logic signed [8:0]         a, b;
  logic signed [17:0]        wide, product;
  logic [3:0]                shift;
  logic                      step_overflow;

  assign a       = $signed({mode_q[pcs_spec_pkg::MODE_A_SIGNED_LSB] & a_q[7], a_q});
  assign b       = $signed({mode_q[pcs_spec_pkg::MODE_B_SIGNED_LSB] & b_q[7], b_q});
  assign wide    = a * b;
  assign shift   = 4'd0 - mode_q[pcs_spec_pkg::MODE_PA_LSB+:4] - mode_q[pcs_spec_pkg::MODE_PB_LSB+:4];
  assign product = wide >>> shift;

  pcs_acc_add #(
    .AccBits(AccBits)
  ) u_add (
    .base_i    (first_q ? '0 : acc_q),
    .product_i (product[16:0]),
    .saturate_i(mode_q[pcs_spec_pkg::MODE_SATURATE_LSB]),
    .sum_o,
    .overflow_o(step_overflow)
  );

  assign sum_overflow_o = (!first_q && acc_overflow_q) || step_overflow;
  assign work_o         = active_q;
  assign write_o        = active_q;
  assign active_o       = active_q;
  assign first_o        = first_q;
  assign last_o         = last_q;
  assign mode_o         = mode_q;
  assign a_o            = a_q;
  assign b_o            = b_q;
  assign count_o        = '0;
  assign partial_o      = '0;
  assign acc_o          = acc_q;
  assign acc_overflow_o = acc_overflow_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q       <= 1'b0;
      first_q        <= 1'b0;
      last_q         <= 1'b0;
      mode_q         <= '0;
      a_q            <= '0;
      b_q            <= '0;
      acc_q          <= '0;
      acc_overflow_q <= 1'b0;
    end else if (en_i) begin
      active_q <= load_i;
      if (load_i) begin
        first_q <= first_i;
        last_q  <= last_i;
        a_q     <= a_i;
        b_q     <= b_i;
      end
      if (load_i && first_i) begin
        mode_q <= mode_i;
      end
      if (write_o) begin
        acc_q          <= sum_o;
        acc_overflow_q <= sum_overflow_o;
      end
    end
  end

  // The product's top bit repeats its sign; of the mode word a MAC needs some fields only.
  logic unused;
  assign unused = ^{product[17], mode_q};

endmodule

`default_nettype wire
