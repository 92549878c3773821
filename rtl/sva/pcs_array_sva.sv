// Assertions bound to the array: they name what must never happen.  Only the traced variant of the Verilated array
// carries them (scripts/verilate); Yosys never reads this file.
`default_nettype none

module pcs_array_sva #(
  parameter int unsigned Cols    = 4,
  parameter int unsigned Accs    = 1,
  parameter int unsigned Flags   = 1,
  parameter int unsigned AccBits = 32
) (
  input logic                              clk_i,
  input logic                              rst_ni,
  input logic                              in_ready_o,
  input logic                              out_valid_o,
  input logic                              out_ready_i,
  input logic                              out_last_o,
  input logic [Cols*Accs*AccBits-1:0]      out_acc_o,
  input logic [Cols*Accs*Flags-1:0]        out_flags_o,
  input logic [Cols-1:0]                   out_col_valid_o,
  input logic                              busy_o,
  input logic                              error_o,
  input logic                              clear_i
);

  logic frozen;
  assign frozen = out_valid_o && !out_ready_i;

  a_valid: assert property (@(posedge clk_i) disable iff (!rst_ni) frozen |=> out_valid_o)
    else $error("an output row was withdrawn");

  a_payload: assert property (@(posedge clk_i) disable iff (!rst_ni)
      frozen |=> $stable(out_acc_o) && $stable(out_flags_o) && $stable(out_col_valid_o) && $stable(out_last_o))
    else $error("an output row changed while it waited");

  a_frozen: assert property (@(posedge clk_i) disable iff (!rst_ni) frozen |-> !in_ready_o)
    else $error("a frozen array took a step");

  a_columns: assert property (@(posedge clk_i) disable iff (!rst_ni)
      (out_col_valid_o & (out_col_valid_o + Cols'(1))) == '0 && out_valid_o == out_col_valid_o[0])
    else $error("the valid columns of a row are not its first ones");

  a_busy: assert property (@(posedge clk_i) disable iff (!rst_ni) out_valid_o |-> busy_o)
    else $error("a row left an idle array");

  a_last: assert property (@(posedge clk_i) disable iff (!rst_ni) out_last_o |-> out_valid_o)
    else $error("last without a row");

  a_error: assert property (@(posedge clk_i) disable iff (!rst_ni) error_o && !clear_i |=> error_o)
    else $error("the error flag cleared itself");

endmodule

bind pcs_array pcs_array_sva #(.Cols(Cols), .Accs(Accs), .Flags(Flags), .AccBits(AccBits)) u_sva (.*);

`default_nettype wire
