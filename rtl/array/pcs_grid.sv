// Rows x Cols processing elements and the wires between rows.
//
// A tokens enter at the left and move one PE to the right each clock, B tokens enter at the top and move down; results
// move towards the bottom, see pcs_row and pcs_pe.  Ports a_i, b_i: tokens of pcs_pe, one entry a row or column.
// out_*: what stands at the bottom of each column while it drains.  events_o: PEs in which each event of pcs_pe happens
// in this clock, 16 bits an event.  Rows, Cols: 1..ARRAY_MAX_DIM.  Other parameters: see pcs_pe.
`default_nettype none

module pcs_grid #(
  parameter int unsigned Rows     = 4,
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits  = 32,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1,
  localparam int unsigned ABits    = pcs_array_pkg::a_bits(Kind, Dataflow),
  localparam int unsigned BBits    = pcs_array_pkg::b_bits(Kind, Dataflow),
  localparam int unsigned SumsBits = pcs_array_pkg::sums_bits(Kind, AccBits)
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                en_i,
  input  logic [Rows*ABits-1:0]               a_i,
  input  logic [Cols*BBits-1:0]               b_i,
  input  logic [Cols-1:0]                     drain_on_i,
  input  logic [Cols*8-1:0]                   drain_at_i,
  output logic [Cols-1:0]                     out_valid_o,
  output logic [Cols*SumsBits-1:0]            out_sums_o,
  output logic [pcs_array_pkg::EVENTS*16-1:0] events_o
);

  localparam int unsigned Events   = pcs_array_pkg::EVENTS;
  localparam int unsigned DrainBits = SumsBits + 1;

  // What row r takes from above; entry 0 is the upper edge, entry Rows what leaves at the bottom.
  logic [(Rows+1)*Cols*BBits-1:0]    b  /* verilator split_var */;
  logic [(Rows+1)*Cols*DrainBits-1:0] drain  /* verilator split_var */;
  logic [Rows*Events*8-1:0]          events;

  assign b[Cols*BBits-1:0]       = b_i;
  assign drain[Cols*DrainBits-1:0] = '0;

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    pcs_row #(
      .Cols    (Cols),
      .Kind    (Kind),
      .AccBits (AccBits),
      .Dataflow(Dataflow),
      .Digit   (Digit),
      .Drains  (32'(Dataflow == pcs_spec_pkg::DATAFLOW_OS || r == Rows - 1))
    ) u_row (
      .clk_i,
      .rst_ni,
      .en_i,
      .row_i     (8'(r)),
      .a_i       (a_i[r*ABits+:ABits]),
      .b_i       (b[r*Cols*BBits+:Cols*BBits]),
      .b_o       (b[(r+1)*Cols*BBits+:Cols*BBits]),
      .drain_on_i,
      .drain_at_i,
      .drain_i    (drain[r*Cols*DrainBits+:Cols*DrainBits]),
      .drain_o    (drain[(r+1)*Cols*DrainBits+:Cols*DrainBits]),
      .events_o  (events[r*Events*8+:Events*8])
    );
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_out
    logic valid;
    assign {valid, out_sums_o[c*SumsBits+:SumsBits]} = drain[(Rows*Cols+c)*DrainBits+:DrainBits];
    assign out_valid_o[c] = drain_on_i[c] && valid;
  end

  always_comb begin
    events_o = '0;
    for (int r = 0; r < Rows; r++) begin
      for (int e = 0; e < Events; e++) begin
        events_o[e*16+:16] = events_o[e*16+:16] + 16'(events[(r*Events+e)*8+:8]);
      end
    end
  end

  logic unused;
  assign unused = ^b[Rows*Cols*BBits+:Cols*BBits];

endmodule

`default_nettype wire
