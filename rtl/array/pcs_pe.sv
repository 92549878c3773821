// One processing element: operand registers, a multiplier of some kind, an accumulator, and a drain register that takes
// its result.
//
// Tokens come from the left (A, with first, last and mode) and from above (B) and leave one clock later to the right and
// downwards; a step loads when both are valid, so rows and columns that a segment does not use see no activity.
// The accumulator after a step marked last is captured into the drain register; while the column drains, drain registers
// shift down.  A capture wins over both drain commands.
//   a_i, a_o        {valid, first, last, mode[15:0], code[7:0]}      b_i, b_o   {valid, code[7:0]}
//   drain_i, drain_o  {valid, overflow, accumulator}
//   drain_shift_i   take the drain register above       drain_pop_i   the last result has gone: become empty
//   events_o        this clock's {drain, capture, write, work, load}, to be counted when en_i
// Kind: a KIND_* of pcs_spec_pkg.  AccBits: ACC_MIN_BITS..ACC_MAX_BITS.  Latency and throughput: see pcs_mac.
//
// For Verilator one module class and public inputs mean one C++ function for all PEs, which compiles in seconds for any
// array and stays in the instruction cache; inlined, a 16 x 16 array compiles for minutes.
`default_nettype none

module pcs_pe #(
  parameter int unsigned Kind    = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits = 32
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               en_i,
  input  logic [26:0]        a_i  /* verilator public_flat_rd */,
  output logic [26:0]        a_o,
  input  logic [8:0]         b_i  /* verilator public_flat_rd */,
  output logic [8:0]         b_o,
  input  logic               drain_shift_i  /* verilator public_flat_rd */,
  input  logic               drain_pop_i  /* verilator public_flat_rd */,
  input  logic [AccBits+1:0] drain_i  /* verilator public_flat_rd */,
  output logic [AccBits+1:0] drain_o,
  output logic [4:0]         events_o
);

  /* verilator no_inline_module */

  logic                      load, shift_a, shift_b, work, write, capture, drain_load;
  logic [15:0]               load_mode;
  logic [3:0]                remaining, inner;
  logic signed [16:0]        partial, product;
  logic signed [AccBits-1:0] sum;
  logic                      step_overflow, sum_overflow;

  logic                      active_q, first_q, last_q;
  logic [15:0]               mode_q;
  logic [7:0]                a_q, b_q;
  logic signed [AccBits-1:0] acc_q;
  logic                      acc_overflow_q;
  logic                      drain_valid_q, drain_overflow_q;
  logic signed [AccBits-1:0] drain_q;

  assign load       = a_i[26] && b_i[8];
  assign load_mode  = a_i[25] ? a_i[23:8] : mode_q;
  assign a_o        = {active_q, first_q, last_q, mode_q, a_q};
  assign b_o        = {active_q, b_q};
  assign capture    = write && last_q;
  assign drain_load = drain_shift_i && drain_i[AccBits+1] && !capture;
  assign drain_o    = {drain_valid_q, drain_overflow_q, drain_q};
  assign events_o   = {drain_load, capture, write, work, load};

  pcs_mac #(
    .Kind(Kind)
  ) u_mac (
    .clk_i,
    .rst_ni,
    .en_i,
    .load_i     (load),
    .load_mode_i(load_mode),
    .active_i   (active_q),
    .mode_i     (mode_q),
    .a_i        (a_q),
    .b_i        (b_q),
    .shift_a_o  (shift_a),
    .shift_b_o  (shift_b),
    .remaining_o(remaining),
    .inner_o    (inner),
    .partial_o  (partial),
    .work_o     (work),
    .write_o    (write),
    .product_o  (product)
  );

  pcs_acc_add #(
    .AccBits(AccBits)
  ) u_add (
    .base_i    (first_q ? '0 : acc_q),
    .product_i (product),
    .saturate_i(mode_q[pcs_spec_pkg::MODE_SATURATE_LSB]),
    .sum_o     (sum),
    .overflow_o(step_overflow)
  );

  assign sum_overflow = (!first_q && acc_overflow_q) || step_overflow;

  // Operands and the accumulator.
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
      active_q <= load;
      if (load) begin
        first_q <= a_i[25];
        last_q  <= a_i[24];
        a_q     <= a_i[7:0];
        b_q     <= b_i[7:0];
      end else if (work) begin
        if (shift_a) begin
          a_q <= a_q << 1;
        end
        if (shift_b) begin
          b_q <= b_q << 1;
        end
      end
      if (load && a_i[25]) begin
        mode_q <= a_i[23:8];
      end
      if (write) begin
        acc_q          <= sum;
        acc_overflow_q <= sum_overflow;
      end
    end
  end

  // The drain register.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      drain_valid_q    <= 1'b0;
      drain_overflow_q <= 1'b0;
      drain_q          <= '0;
    end else if (en_i) begin
      if (capture) begin
        drain_valid_q <= 1'b1;
      end else if (drain_shift_i) begin
        drain_valid_q <= drain_i[AccBits+1];
      end else if (drain_pop_i) begin
        drain_valid_q <= 1'b0;
      end
      if (capture) begin
        drain_overflow_q <= sum_overflow;
        drain_q          <= sum;
      end else if (drain_load) begin
        drain_overflow_q <= drain_i[AccBits];
        drain_q          <= drain_i[AccBits-1:0];
      end
    end
  end

  // What lock-step compares, in the order of probe.def, the last row on top.  No logic reads it.
  logic [pcs_spec_pkg::PROBE_BITS-1:0] probe  /* verilator public_flat_rd */;

  assign probe = {
    pcs_spec_pkg::PROBE_PARTIAL_WIDTH'(partial),
    inner,
    pcs_spec_pkg::PROBE_REMAINING_WIDTH'(remaining),
    last_q,
    first_q,
    active_q,
    mode_q,
    b_q,
    a_q,
    drain_valid_q,
    drain_overflow_q,
    pcs_spec_pkg::PROBE_DRAIN_WIDTH'(drain_q),
    acc_overflow_q,
    pcs_spec_pkg::PROBE_ACC_WIDTH'(acc_q)
  };

endmodule

`default_nettype wire
