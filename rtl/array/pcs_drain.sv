// Drain control: when each column starts to drain, and how many rows of it have gone.
//
// A step marked last, accepted at clock L with cycles m, starts the drain of column 0 at clock L + m + Rows, of column
// c at L + m + Rows + c; a drain lasts Rows clocks, and the next may start in the clock after (start_i's distance is
// the intake's duty).  cycles_i is m of the accepted step.  Rows, Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_drain #(
  parameter int unsigned Rows = 4,
  parameter int unsigned Cols = 4
) (
  input  logic                                   clk_i,
  input  logic                                   rst_ni,
  input  logic                                   en_i,
  input  logic                                   accept_last_i,
  input  logic [pcs_spec_pkg::STEP_BITS-1:0]     cycles_i,
  output logic [Cols-1:0]                        drain_o,
  output logic [Cols*8-1:0]                      drain_at_o
);

  localparam int unsigned Bits = pcs_spec_pkg::STEP_BITS;

  // The last step on its way down the left edge: cycles m, 0 = none.
  logic [Rows*Bits-1:0] tail_q;
  logic [Bits-1:0]      tail;    // what stands in the bottom row
  logic [Bits-1:0]      wait_q;  // clocks until the bottom row's MAC has finished
  logic                 start;
  logic [Cols-1:0]      drain_q;
  logic [Cols*8-1:0]    drain_at_q;

  assign tail       = tail_q[(Rows-1)*Bits+:Bits];
  assign start      = tail == Bits'(1) || wait_q == Bits'(1);
  assign drain_o    = drain_q;
  assign drain_at_o = drain_at_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tail_q     <= '0;
      wait_q     <= '0;
      drain_q    <= '0;
      drain_at_q <= '0;
    end else if (en_i) begin
      tail_q[Bits-1:0] <= accept_last_i ? cycles_i : '0;
      for (int r = 1; r < Rows; r++) begin
        tail_q[r*Bits+:Bits] <= tail_q[(r-1)*Bits+:Bits];
      end

      if (tail > Bits'(1)) begin
        wait_q <= tail - Bits'(1);
      end else if (wait_q != '0) begin
        wait_q <= wait_q - Bits'(1);
      end

      if (start) begin
        drain_q[0]      <= 1'b1;
        drain_at_q[7:0] <= 8'd0;
      end else if (drain_q[0]) begin
        if (drain_at_q[7:0] == 8'(Rows - 1)) begin
          drain_q[0] <= 1'b0;
        end else begin
          drain_at_q[7:0] <= drain_at_q[7:0] + 8'd1;
        end
      end
      for (int c = 1; c < Cols; c++) begin
        drain_q[c]          <= drain_q[c-1];
        drain_at_q[c*8+:8] <= drain_at_q[(c-1)*8+:8];
      end
    end
  end

endmodule

`default_nettype wire
