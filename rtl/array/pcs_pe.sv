// One processing element: a MAC of some kind, and a drain register that takes its result.
//
// Tokens come from the left (A, with first, last and mode) and from above (B) and leave one clock later to the right and
// downwards; a step loads when both are valid, so rows and columns that a segment does not use see no activity.
// The MAC's result of a step marked last is captured into the drain register; while the column drains, drain registers
// shift down.  A capture wins over both drain commands.
//   a_i, a_o        {valid, first, last, mode[15:0], code[7:0]}      b_i, b_o   {valid, code[7:0]}
//   drain_i, drain_o  {valid, overflow, accumulator}
//   drain_shift_i   take the drain register above       drain_pop_i   the last result has gone: become empty
//   events_o        this clock's {drain, capture, write, work, load}, to be counted when en_i
// Kind: a KIND_* of pcs_spec_pkg.  AccBits: ACC_MIN_BITS..ACC_MAX_BITS.  Latency and throughput: see the MAC.
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

  logic                      load, active, first, last, work, write, capture, drain_load;
  logic [15:0]               mode;
  logic [7:0]                a, b;
  logic [3:0]                count;
  logic signed [16:0]        partial;
  logic signed [AccBits-1:0] sum, acc;
  logic                      sum_overflow, acc_overflow;

  logic                      drain_valid_q, drain_overflow_q;
  logic signed [AccBits-1:0] drain_q;

  assign load       = a_i[26] && b_i[8];
  assign a_o        = {active, first, last, mode, a};
  assign b_o        = {active, b};
  assign capture    = write && last;
  assign drain_load = drain_shift_i && drain_i[AccBits+1] && !capture;
  assign drain_o    = {drain_valid_q, drain_overflow_q, drain_q};
  assign events_o   = {drain_load, capture, write, work, load};

  if (Kind == pcs_spec_pkg::KIND_GATED) begin : gen_gated
    pcs_mac_gated #(
      .AccBits(AccBits)
    ) u_mac (
      .clk_i,
      .rst_ni,
      .en_i,
      .load_i        (load),
      .first_i       (a_i[25]),
      .last_i        (a_i[24]),
      .mode_i        (a_i[23:8]),
      .a_i           (a_i[7:0]),
      .b_i           (b_i[7:0]),
      .active_o      (active),
      .first_o       (first),
      .last_o        (last),
      .mode_o        (mode),
      .a_o           (a),
      .b_o           (b),
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
      .first_i       (a_i[25]),
      .last_i        (a_i[24]),
      .mode_i        (a_i[23:8]),
      .a_i           (a_i[7:0]),
      .b_i           (b_i[7:0]),
      .active_o      (active),
      .first_o       (first),
      .last_o        (last),
      .mode_o        (mode),
      .a_o           (a),
      .b_o           (b),
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
    count,
    last,
    first,
    active,
    mode,
    b,
    a,
    drain_valid_q,
    drain_overflow_q,
    pcs_spec_pkg::PROBE_DRAIN_WIDTH'(drain_q),
    acc_overflow,
    pcs_spec_pkg::PROBE_ACC_WIDTH'(acc)
  };

endmodule

`default_nettype wire
