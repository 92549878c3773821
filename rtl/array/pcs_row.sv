// One row of processing elements: A tokens move to the right, B tokens and drained results pass downwards.
//
// row_i is this row's number, 0 = top.  Column c drains while drain_on_i[c]; drain_at_i[c] counts the rows already gone:
// PEs below that row take the drain register above, the PE in it becomes empty, PEs above hold.
// Ports a_*, b_* and drain_* carry what pcs_pe says, one entry a column.
// events_o: PEs in which each event of pcs_pe happens in this clock, 8 bits an event, to be counted when en_i.
// Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_row #(
  parameter int unsigned Cols    = 4,
  parameter int unsigned Kind    = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits = 32
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,
  input  logic                        en_i,
  input  logic [7:0]                  row_i,
  input  logic [26:0]                 a_i,
  input  logic [Cols*9-1:0]           b_i,
  output logic [Cols*9-1:0]           b_o,
  input  logic [Cols-1:0]             drain_on_i,
  input  logic [Cols*8-1:0]           drain_at_i,
  input  logic [Cols*(AccBits+2)-1:0] drain_i,
  output logic [Cols*(AccBits+2)-1:0] drain_o,
  output logic [39:0]                 events_o
);

  // What PE c takes from its left; entry 0 is the edge, entry Cols leads nowhere.
  logic [Cols*27+26:0] a  /* verilator split_var */;
  logic [Cols-1:0]     load, work, write, capture, drain;

  assign a[26:0] = a_i;

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    pcs_pe #(
      .Kind   (Kind),
      .AccBits(AccBits)
    ) u_pe (
      .clk_i,
      .rst_ni,
      .en_i,
      .a_i          (a[c*27+:27]),
      .a_o          (a[(c+1)*27+:27]),
      .b_i          (b_i[c*9+:9]),
      .b_o          (b_o[c*9+:9]),
      .drain_shift_i(drain_on_i[c] && drain_at_i[c*8+:8] < row_i),
      .drain_pop_i  (drain_on_i[c] && drain_at_i[c*8+:8] == row_i),
      .drain_i      (drain_i[c*(AccBits+2)+:AccBits+2]),
      .drain_o      (drain_o[c*(AccBits+2)+:AccBits+2]),
      .events_o     ({drain[c], capture[c], write[c], work[c], load[c]})
    );
  end

  assign events_o = {8'($countones(drain)), 8'($countones(capture)), 8'($countones(write)), 8'($countones(work)),
                     8'($countones(load))};

  logic unused;
  assign unused = ^a[Cols*27+:27];

endmodule

`default_nettype wire
