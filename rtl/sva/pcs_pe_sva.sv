// Assertions bound to a PE: they name what must never happen.  Only the traced variant of the Verilated array carries
// them (scripts/verilate); Yosys never reads this file.
`default_nettype none

module pcs_pe_sva #(
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Drains   = 1
) (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       en_i,
  input logic       load,
  input logic       work,
  input logic       write,
  input logic       capture,
  input logic [3:0] remaining,
  input logic [3:0] inner,
  input logic       drain_shift_i,
  input logic       drain_pop_i,
  input logic       drain_valid,
  input logic       pass_event
);

  // A step is never cut short by the next one.
  a_load: assert property (@(posedge clk_i) disable iff (!rst_ni) en_i && load |-> !work || write)
    else $error("a step was loaded early: bits left %0d, of B %0d", remaining, inner);

  // A result never overwrites one that has not moved on.
  a_capture: assert property (@(posedge clk_i) disable iff (!rst_ni)
      en_i && capture |-> !drain_shift_i && (!drain_valid || drain_pop_i))
    else $error("a result was captured over another one");

  a_count: assert property (@(posedge clk_i) disable iff (!rst_ni)
      remaining <= 4'(pcs_spec_pkg::PREC_MAX) && inner <= 4'(pcs_spec_pkg::PREC_MAX))
    else $error("a step needs %0d bits, of B %0d", remaining, inner);

  a_bottom: assert property (@(posedge clk_i) disable iff (!rst_ni)
      Dataflow == pcs_spec_pkg::DATAFLOW_WS && Drains != 0 |-> !pass_event)
    else $error("a weight fell out of the bottom row");

endmodule

bind pcs_pe pcs_pe_sva #(.Dataflow(Dataflow), .Drains(Drains)) u_sva (.*);

`default_nettype wire
