// The array's input port: which step is accepted, with which mode, and what is still in flight.
//
// A step is accepted when in_valid_i && in_ready_o.  After a step the port is closed for cycles() - 1 clocks.  A step
// marked last waits until its drain may start: Rows clocks after the drain before it, which the running segment's
// cycles() delays and its own cycles() bring forward.  The mode word, rows and cols of a first step are latched, and
// bypassed for that step itself.  A first step with an illegal mode word, rows or cols is never accepted: it sets
// error_o (sticky, until clear_i) when the port would have been open to it, and changes nothing else.
// in_ready_o depends on in_first_i, in_last_i, in_mode_i, in_rows_i and in_cols_i, not on in_valid_i.
// busy_o: something accepted has not left the array yet.  Rows, Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_intake #(
  parameter int unsigned Rows = 4,
  parameter int unsigned Cols = 4,
  parameter int unsigned Kind = pcs_spec_pkg::KIND_GATED
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
  // The accepted step's segment, also in the clock of its first step.
  output logic                                accept_o,
  output logic [pcs_spec_pkg::MODE_BITS-1:0]  mode_o,
  output logic [pcs_spec_pkg::COUNT_BITS-1:0] rows_o,
  output logic [pcs_spec_pkg::COUNT_BITS-1:0] cols_o,
  output logic [pcs_spec_pkg::STEP_BITS-1:0]  cycles_o,
  output logic                                busy_o,
  output logic                                error_o
);

  // Clocks from the acceptance of a segment's last step to its row 0 on the output port, without cycles().
  localparam int unsigned TransitClocks = 2 * Rows + Cols - 2;
  localparam int unsigned FlightBits    = $clog2(TransitClocks + pcs_spec_pkg::STEP_MAX + 1);
  localparam int unsigned DrainBits     = $clog2(Rows + pcs_spec_pkg::STEP_MAX);

  logic [pcs_spec_pkg::MODE_BITS-1:0]  mode_q;
  logic [pcs_spec_pkg::COUNT_BITS-1:0] rows_q, cols_q;
  logic [pcs_spec_pkg::STEP_BITS-1:0]  gap_q;        // clocks until a step may be accepted
  logic [DrainBits-1:0]                drain_gap_q;  // clocks until a new drain may start
  logic [FlightBits-1:0]               flight_q;
  logic                                error_q;

  logic                                legal, open;

  assign legal = !in_first_i || (pcs_spec_pkg::mode_legal(in_mode_i)
      && in_rows_i != '0 && in_rows_i <= pcs_spec_pkg::COUNT_BITS'(Rows)
      && in_cols_i != '0 && in_cols_i <= pcs_spec_pkg::COUNT_BITS'(Cols));
  assign open       = en_i && gap_q == '0;
  assign in_ready_o = open && (!in_last_i || drain_gap_q <= DrainBits'(cycles_o)) && legal;
  assign accept_o   = in_valid_i && in_ready_o;
  assign mode_o     = in_first_i ? in_mode_i : mode_q;
  assign rows_o     = in_first_i ? in_rows_i : rows_q;
  assign cols_o     = in_first_i ? in_cols_i : cols_q;
  assign cycles_o   = pcs_spec_pkg::cycles(Kind, 1, mode_o);
  assign busy_o     = flight_q != '0;
  assign error_o    = error_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mode_q      <= '0;
      rows_q      <= '0;
      cols_q      <= '0;
      gap_q       <= '0;
      drain_gap_q <= '0;
      flight_q    <= '0;
    end else if (en_i) begin
      if (accept_o && in_first_i) begin
        mode_q <= in_mode_i;
        rows_q <= in_rows_i;
        cols_q <= in_cols_i;
      end
      if (accept_o) begin
        gap_q    <= cycles_o - pcs_spec_pkg::STEP_BITS'(1);
        flight_q <= FlightBits'(TransitClocks) + FlightBits'(cycles_o);
      end else begin
        gap_q    <= gap_q - pcs_spec_pkg::STEP_BITS'(gap_q != '0);
        flight_q <= flight_q - FlightBits'(busy_o);
      end
      if (accept_o && in_last_i) begin
        drain_gap_q <= DrainBits'(Rows - 1) + DrainBits'(cycles_o);
      end else begin
        drain_gap_q <= drain_gap_q - DrainBits'(drain_gap_q != '0);
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

endmodule

`default_nettype wire
