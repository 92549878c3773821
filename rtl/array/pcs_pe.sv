// One processing element: a MAC of some kind, and a drain register that takes its result.
//
// Tokens come from the left (A, with first, last and mode) and from above (B) and leave one clock later to the right and
// downwards; a step loads when both are valid, so rows and columns that a segment does not use see no activity.
// The MAC's result of a step marked last is captured into the drain register; while the column drains, drain registers
// shift down.  A capture wins over both drain commands.
//   drain_shift_i  take the drain register above      drain_pop_i  the last result has gone: become empty
// Kind: a KIND_* of pcs_spec_pkg.  AccBits: ACC_MIN_BITS..ACC_MAX_BITS.  Latency and throughput: see the MAC.
// events_o: this clock's {drain, capture, write, work, load}, to be counted when en_i.
`default_nettype none

module pcs_pe #(
  parameter int unsigned Kind    = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits = 32
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                en_i,
  // From the left, to the right.
  input  logic                                a_valid_i,
  input  logic                                first_i,
  input  logic                                last_i,
  input  logic [15:0]                         mode_i,
  input  logic [7:0]                          a_i,
  output logic                                a_valid_o,
  output logic                                first_o,
  output logic                                last_o,
  output logic [15:0]                         mode_o,
  output logic [7:0]                          a_o,
  // From above, downwards.
  input  logic                                b_valid_i,
  input  logic [7:0]                          b_i,
  output logic                                b_valid_o,
  output logic [7:0]                          b_o,
  // Drain.
  input  logic                                drain_shift_i,
  input  logic                                drain_pop_i,
  input  logic                                drain_valid_i,
  input  logic                                drain_overflow_i,
  input  logic signed [AccBits-1:0]           drain_i,
  output logic                                drain_valid_o,
  output logic                                drain_overflow_o,
  output logic signed [AccBits-1:0]           drain_o,
  output logic [4:0]                          events_o,
  output logic [pcs_spec_pkg::PROBE_BITS-1:0] probe_o
);

  /* verilator no_inline_module */  // one C++ function for all PEs: compiles in seconds, stays in the cache

  logic                      load, active, work, write, capture, drain_load;
  logic [3:0]                count;
  logic signed [16:0]        partial;
  logic signed [AccBits-1:0] sum, acc;
  logic                      sum_overflow, acc_overflow;

  logic                      drain_valid_q, drain_overflow_q;
  logic signed [AccBits-1:0] drain_q;

  assign load       = a_valid_i && b_valid_i;
  assign a_valid_o  = active;
  assign b_valid_o  = active;
  assign capture    = write && last_o;
  assign drain_load = drain_shift_i && drain_valid_i && !capture;
  assign events_o   = {drain_load, capture, write, work, load};

  if (Kind == pcs_spec_pkg::KIND_GATED) begin : gen_gated
    pcs_mac_gated #(
      .AccBits(AccBits)
    ) u_mac (
      .clk_i,
      .rst_ni,
      .en_i,
      .load_i        (load),
      .first_i,
      .last_i,
      .mode_i,
      .a_i,
      .b_i,
      .active_o      (active),
      .first_o,
      .last_o,
      .mode_o,
      .a_o,
      .b_o,
      .count_o       (count),
      .partial_o     (partial),
      .work_o        (work),
      .write_o       (write),
      .sum_o         (sum),
      .sum_overflow_o(sum_overflow),
      .acc_o         (acc),
      .acc_overflow_o(acc_overflow)
    );
  end else if (Kind == pcs_spec_pkg::KIND_SERIAL) begin : gen_serial
    pcs_mac_serial #(
      .AccBits(AccBits)
    ) u_mac (
      .clk_i,
      .rst_ni,
      .en_i,
      .load_i        (load),
      .first_i,
      .last_i,
      .mode_i,
      .a_i,
      .b_i,
      .active_o      (active),
      .first_o,
      .last_o,
      .mode_o,
      .a_o,
      .b_o,
      .count_o       (count),
      .partial_o     (partial),
      .work_o        (work),
      .write_o       (write),
      .sum_o         (sum),
      .sum_overflow_o(sum_overflow),
      .acc_o         (acc),
      .acc_overflow_o(acc_overflow)
    );
  end else begin : gen_unknown
    $error("pcs_pe: Kind must be a KIND_* of pcs_spec_pkg");
  end

  assign drain_valid_o    = drain_valid_q;
  assign drain_overflow_o = drain_overflow_q;
  assign drain_o          = drain_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      drain_valid_q    <= 1'b0;
      drain_overflow_q <= 1'b0;
      drain_q          <= '0;
    end else if (en_i) begin
      if (capture) begin
        drain_valid_q <= 1'b1;
      end else if (drain_shift_i) begin
        drain_valid_q <= drain_valid_i;
      end else if (drain_pop_i) begin
        drain_valid_q <= 1'b0;
      end
      if (capture) begin
        drain_overflow_q <= sum_overflow;
        drain_q          <= sum;
      end else if (drain_load) begin
        drain_overflow_q <= drain_overflow_i;
        drain_q          <= drain_i;
      end
    end
  end

  // In the order of probe.def, the last row on top.
  assign probe_o = {
    pcs_spec_pkg::PROBE_PARTIAL_WIDTH'(partial),
    count,
    last_o,
    first_o,
    active,
    mode_o,
    b_o,
    a_o,
    drain_valid_q,
    drain_overflow_q,
    pcs_spec_pkg::PROBE_DRAIN_WIDTH'(drain_q),
    acc_overflow,
    pcs_spec_pkg::PROBE_ACC_WIDTH'(acc)
  };

endmodule

`default_nettype wire
