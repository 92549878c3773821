// One row of processing elements: A tokens move to the right, B tokens and results pass downwards.
//
// row_i is this row's number, 0 = top.  Column c drains while drain_on_i[c]; drain_at_i[c] counts the rows already
// gone: PEs below that row take the drain registers above, the PE in it becomes empty, PEs above hold.  Ports a_*, b_*
// and drain_* carry what pcs_pe says, one entry a column.  events_o: PEs in which each event of pcs_pe happens in this
// clock, 8 bits an event, to be counted when en_i.  Cols: 1..ARRAY_MAX_DIM.  Other parameters: see pcs_pe.
`default_nettype none

module pcs_row #(
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits  = 32,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1,
  parameter int unsigned Drains   = 1,
  localparam int unsigned ABits    = pcs_array_pkg::a_bits(Kind, Dataflow),
  localparam int unsigned BBits    = pcs_array_pkg::b_bits(Kind, Dataflow),
  localparam int unsigned DrainBits = pcs_array_pkg::sums_bits(Kind, AccBits) + 1
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               en_i,
  input  logic [7:0]                         row_i,
  input  logic [ABits-1:0]                   a_i,
  input  logic [Cols*BBits-1:0]              b_i,
  output logic [Cols*BBits-1:0]              b_o,
  input  logic [Cols-1:0]                    drain_on_i,
  input  logic [Cols*8-1:0]                  drain_at_i,
  input  logic [Cols*DrainBits-1:0]           drain_i,
  output logic [Cols*DrainBits-1:0]           drain_o,
  output logic [pcs_array_pkg::EVENTS*8-1:0] events_o
);

  localparam int unsigned Events = pcs_array_pkg::EVENTS;

  // What PE c takes from its left; entry 0 is the edge, entry Cols leads nowhere.
  logic [(Cols+1)*ABits-1:0] a  /* verilator split_var */;
  logic [Events*Cols-1:0]    happens;  // PE c's event e at e * Cols + c

  assign a[ABits-1:0] = a_i;

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    logic [Events-1:0] events;

    pcs_pe #(
      .Kind    (Kind),
      .AccBits (AccBits),
      .Dataflow(Dataflow),
      .Digit   (Digit),
      .Drains  (Drains)
    ) u_pe (
      .clk_i,
      .rst_ni,
      .en_i,
      .a_i          (a[c*ABits+:ABits]),
      .a_o          (a[(c+1)*ABits+:ABits]),
      .b_i          (b_i[c*BBits+:BBits]),
      .b_o          (b_o[c*BBits+:BBits]),
      .drain_shift_i(drain_on_i[c] && drain_at_i[c*8+:8] < row_i),
      .drain_pop_i  (drain_on_i[c] && drain_at_i[c*8+:8] == row_i),
      .drain_i      (drain_i[c*DrainBits+:DrainBits]),
      .drain_o      (drain_o[c*DrainBits+:DrainBits]),
      .events_o     (events)
    );

    for (genvar e = 0; e < Events; e++) begin : gen_event
      assign happens[e*Cols+c] = events[e];
    end
  end

  for (genvar e = 0; e < Events; e++) begin : gen_count
    assign events_o[e*8+:8] = 8'($countones(happens[e*Cols+:Cols]));
  end

  logic unused;
  assign unused = ^a[Cols*ABits+:ABits];

endmodule

`default_nettype wire
