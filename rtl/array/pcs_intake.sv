// The array's input port: which step is accepted, with which mode, and what is still in flight.
//
// A step is accepted when in_valid_i && in_ready_o.  After a step the port is closed for cycles() - 1 clocks.  The
// mode word, rows and cols of a first step are latched, and bypassed for that step itself.  An illegal step is never
// accepted: it sets error_o (sticky, until clear_i) when the port would have been open to it, and changes nothing
// else.
//
// Output-stationary: every step brings A and B.  Illegal is a first step with an illegal mode word, rows or cols.  A
// step marked last waits until its drain may start: Rows clocks after the drain before it, which the running segment's
// cycles() delays and its own cycles() bring forward.  in_stream_i and in_load_* are ignored.
//
// Weight-stationary: in_stream_i says that the step brings A (in_first_i, in_last_i, in_mode_i, in_rows_i and in_cols_i
// count only then), in_load_i that it brings weights (then in_load_mode_i, in_load_row_i and in_load_cols_i count).
// Illegal is a step with neither, and one with an illegal mode word, row or count among those that count.  A step that
// only loads closes the port for no clock, and is not in flight.
//
// in_ready_o depends on all in_* inputs but in_valid_i.  stream_o, load_o: an accepted step brings A, brings B.
// busy_o: something accepted has not left the array yet.  Rows, Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_intake #(
  parameter int unsigned Rows     = 4,
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                en_i,
  input  logic                                clear_i,
  input  logic                                in_valid_i,
  output logic                                in_ready_o,
  input  logic                                in_first_i,
  input  logic                                in_last_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]  in_mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] in_rows_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] in_cols_i,
  input  logic                                in_stream_i,
  input  logic                                in_load_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]  in_load_mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] in_load_row_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] in_load_cols_i,
  // The accepted step: its A, with what its tile says (also in the clock of the tile's first step), and its B.
  output logic                                stream_o,
  output logic [pcs_spec_pkg::MODE_BITS-1:0]  mode_o,
  output logic [pcs_spec_pkg::COUNT_BITS-1:0] rows_o,
  output logic [pcs_spec_pkg::STEP_BITS-1:0]  cycles_o,
  output logic                                load_o,
  output logic [pcs_spec_pkg::MODE_BITS-1:0]  load_mode_o,
  output logic [pcs_spec_pkg::COUNT_BITS-1:0] load_row_o,
  output logic [pcs_spec_pkg::COUNT_BITS-1:0] load_cols_o,
  output logic                                busy_o,
  output logic                                error_o
);

  localparam bit Stationary = Dataflow == pcs_spec_pkg::DATAFLOW_WS;
  // Clocks from the acceptance of a segment's last step (WS: of a step) to its last row on the output port, without
  // cycles().
  localparam int unsigned TransitClocks = Stationary ? Rows + Cols - 1 : 2 * Rows + Cols - 2;
  localparam int unsigned FlightBits    = $clog2(TransitClocks + pcs_spec_pkg::STEP_MAX + 1);

  logic [pcs_spec_pkg::MODE_BITS-1:0]  mode_q;
  logic [pcs_spec_pkg::COUNT_BITS-1:0] rows_q;
  logic [pcs_spec_pkg::STEP_BITS-1:0]  gap_q;  // clocks until a step may be accepted
  logic [FlightBits-1:0]               flight_q;
  logic                                error_q;

  logic                                open, legal, tile_legal, drains, accept, opens;

  localparam logic [pcs_spec_pkg::COUNT_BITS-1:0] RowCount = pcs_spec_pkg::COUNT_BITS'(Rows);
  localparam logic [pcs_spec_pkg::COUNT_BITS-1:0] ColCount = pcs_spec_pkg::COUNT_BITS'(Cols);

  assign tile_legal = pcs_spec_pkg::mode_legal(Kind, in_mode_i) && in_rows_i != '0 && in_rows_i <= RowCount
      && in_cols_i != '0 && in_cols_i <= ColCount;
  assign open       = en_i && gap_q == '0;
  assign in_ready_o = open && drains && legal;
  assign accept     = in_valid_i && in_ready_o;
  assign opens      = stream_o && in_first_i;
  assign mode_o     = in_first_i ? in_mode_i : mode_q;
  assign rows_o     = in_first_i ? in_rows_i : rows_q;
  assign cycles_o   = pcs_spec_pkg::cycles(Kind, Digit, mode_o);
  assign busy_o     = flight_q != '0;
  assign error_o    = error_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mode_q   <= '0;
      rows_q   <= '0;
      gap_q    <= '0;
      flight_q <= '0;
    end else if (en_i) begin
      if (opens) begin
        mode_q <= in_mode_i;
        rows_q <= in_rows_i;
      end
      if (stream_o) begin
        gap_q    <= cycles_o - pcs_spec_pkg::STEP_BITS'(1);
        flight_q <= FlightBits'(TransitClocks) + FlightBits'(cycles_o);
      end else begin
        gap_q    <= gap_q - pcs_spec_pkg::STEP_BITS'(gap_q != '0);
        flight_q <= flight_q - FlightBits'(busy_o);
      end
    end
  end

  // Clearing works in a frozen array too.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      error_q <= 1'b0;
    end else if (clear_i) begin
      error_q <= 1'b0;
    end else if (open && in_valid_i && !legal) begin
      error_q <= 1'b1;
    end
  end

  if (Stationary) begin : gen_ws
    logic load_legal;

    assign load_legal  = pcs_spec_pkg::mode_legal(Kind, in_load_mode_i) && in_load_row_i < RowCount
        && in_load_cols_i != '0 && in_load_cols_i <= ColCount;
    assign legal       = (in_stream_i || in_load_i) && (!in_stream_i || !in_first_i || tile_legal)
        && (!in_load_i || load_legal);
    assign drains      = 1'b1;
    assign stream_o    = accept && in_stream_i;
    assign load_o      = accept && in_load_i;
    assign load_mode_o = in_load_mode_i;
    assign load_row_o  = in_load_row_i;
    assign load_cols_o = in_load_cols_i;

    logic unused;
    assign unused = in_last_i;
  end else begin : gen_os
    localparam int unsigned DrainBits = $clog2(Rows + pcs_spec_pkg::STEP_MAX);

    logic [DrainBits-1:0]                drain_gap_q;  // clocks until a new drain may start
    logic [pcs_spec_pkg::COUNT_BITS-1:0] cols_q;

    assign legal       = !in_first_i || tile_legal;
    assign drains      = !in_last_i || drain_gap_q <= DrainBits'(cycles_o);
    assign stream_o    = accept;
    assign load_o      = accept;
    assign load_mode_o = mode_o;
    assign load_row_o  = '0;
    assign load_cols_o = in_first_i ? in_cols_i : cols_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        drain_gap_q <= '0;
        cols_q      <= '0;
      end else if (en_i) begin
        if (opens) begin
          cols_q <= in_cols_i;
        end
        if (accept && in_last_i) begin
          drain_gap_q <= DrainBits'(Rows - 1) + DrainBits'(cycles_o);
        end else begin
          drain_gap_q <= drain_gap_q - DrainBits'(drain_gap_q != '0);
        end
      end
    end

    logic unused;
    assign unused = ^{in_stream_i, in_load_i, in_load_mode_i, in_load_row_i, in_load_cols_i};
  end

endmodule

`default_nettype wire
