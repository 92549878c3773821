// The systolic array: Rows x Cols processing elements, output- or weight-stationary.
//
// Operands travel as words of one code, or of `lanes` codes side by side (kinds.def).  Codes of integer kinds are
// unsigned or two's complement; in words of one code they are extended to the word.  What codes of the others are:
// models/mac/float_mac.h and bfp.h.
//
// Output-stationary.  A tile segment is a run of steps; step k brings one word of A for each of the first in_rows_i
// rows and one word of B for each of the first in_cols_i columns, and PE (r, c) accumulates their products.
// in_first_i clears the accumulators and takes in_mode_i, in_rows_i, in_cols_i; in_last_i sends the accumulators out,
// bottom row first.  Latency: with the last step accepted at clock L and m = cycles() of the mode, row 0 leaves at L +
// m + 2 Rows + Cols - 2 and the others before it, one a clock.  Throughput: one step in m clocks; one segment in max(K
// m, Rows) clocks.
//
// Weight-stationary.  A step may stream (in_stream_i), load (in_load_i) or both.  A streaming step brings one word of
// A for each of the last in_rows_i rows and makes one output row, the sums over those rows of A times their weights.
// A loading step brings words of B as weights of row in_load_row_i, columns 0..in_load_cols_i - 1, of the next tile,
// which is in mode in_load_mode_i.  in_first_i makes loaded weights the ones in use (a load in that very step is for
// the tile after it) and takes in_mode_i, in_rows_i, in_cols_i; the weights of all these rows and columns must have
// been loaded.  Latency: the row of a step accepted at clock s leaves at s + m + Rows + Cols - 1.  Throughput: one
// streaming step in m clocks; one that only loads in one clock.
//
// While an output row waits (out_valid_o and not out_ready_i) the whole array freezes; only the counters of clocks and
// stalls go on.  An illegal step is refused and sets error_o, see pcs_intake.  A streaming step without a first one
// before it since reset is undefined.
//
// Rows, Cols: 1..ARRAY_MAX_DIM.  Kind: a KIND_*.  AccBits: acc_min()..ACC_MAX_BITS.  Dataflow: DATAFLOW_OS or
// DATAFLOW_WS.  Digit: bits of a serial operand a clock, see the kind.
// Lock-step reads the registers of every PE through the signal `probe` inside it; it is no port, so a chip has none.
`default_nettype none

module pcs_array #(
  parameter int unsigned Rows     = 4,
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits  = 32,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1,
  localparam int unsigned WordBits = pcs_spec_pkg::word_bits(Kind),
  localparam int unsigned Accs     = pcs_spec_pkg::accs(Kind),
  localparam int unsigned Flags    = pcs_spec_pkg::acc_flags(Kind)
) (
  input  logic                                   clk_i,
  input  logic                                   rst_ni,
  // Steps.
  input  logic                                   in_valid_i,
  output logic                                   in_ready_o,
  input  logic                                   in_first_i,
  input  logic                                   in_last_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]     in_mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0]    in_rows_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0]    in_cols_i,
  input  logic                                   in_stream_i,
  input  logic                                   in_load_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]     in_load_mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0]    in_load_row_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0]    in_load_cols_i,
  input  logic [Rows*WordBits-1:0]               in_a_i,
  input  logic [Cols*WordBits-1:0]               in_b_i,
  // Rows of accumulators, those of a column side by side, and their flags.
  output logic                                   out_valid_o,
  input  logic                                   out_ready_i,
  output logic                                   out_last_o,
  output logic [Cols*Accs*AccBits-1:0]           out_acc_o,
  output logic [Cols*Accs*Flags-1:0]             out_flags_o,
  output logic [Cols-1:0]                        out_col_valid_o,
  // Status and registers.
  output logic                                   busy_o,
  output logic                                   error_o,
  input  logic                                   clear_i,
  input  logic [pcs_spec_pkg::CSR_ADDR_BITS-1:0] csr_addr_i,
  output logic [63:0]                            csr_rdata_o
);

  if (Rows < 1 || Rows > pcs_spec_pkg::ARRAY_MAX_DIM || Cols < 1 || Cols > pcs_spec_pkg::ARRAY_MAX_DIM) begin : gen_size
    $error("pcs_array: Rows and Cols must be 1..ARRAY_MAX_DIM");
  end
  if (AccBits < pcs_spec_pkg::acc_min(Kind) || AccBits > pcs_spec_pkg::ACC_MAX_BITS) begin : gen_acc_bits
    $error("pcs_array: AccBits must be acc_min()..ACC_MAX_BITS");
  end
  if (Dataflow != pcs_spec_pkg::DATAFLOW_OS && Dataflow != pcs_spec_pkg::DATAFLOW_WS) begin : gen_dataflow
    $error("pcs_array: Dataflow must be DATAFLOW_OS or DATAFLOW_WS");
  end

  localparam int unsigned ABits    = pcs_array_pkg::a_bits(Kind, Dataflow);
  localparam int unsigned BBits    = pcs_array_pkg::b_bits(Kind, Dataflow);
  localparam int unsigned SumsBits = pcs_array_pkg::sums_bits(Kind, AccBits);

  logic                                en, stream, load;
  logic [pcs_spec_pkg::MODE_BITS-1:0]  mode, load_mode;
  logic [pcs_spec_pkg::COUNT_BITS-1:0] rows, load_row, load_cols;
  logic [pcs_spec_pkg::STEP_BITS-1:0]  cycles;

  pcs_intake #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Kind    (Kind),
    .Dataflow(Dataflow),
    .Digit   (Digit)
  ) u_intake (
    .clk_i,
    .rst_ni,
    .en_i       (en),
    .clear_i,
    .in_valid_i,
    .in_ready_o,
    .in_first_i,
    .in_last_i,
    .in_mode_i,
    .in_rows_i,
    .in_cols_i,
    .in_stream_i,
    .in_load_i,
    .in_load_mode_i,
    .in_load_row_i,
    .in_load_cols_i,
    .stream_o   (stream),
    .mode_o     (mode),
    .rows_o     (rows),
    .cycles_o   (cycles),
    .load_o     (load),
    .load_mode_o(load_mode),
    .load_row_o (load_row),
    .load_cols_o(load_cols),
    .busy_o,
    .error_o
  );

  logic [Rows*ABits-1:0] edge_a;
  logic [Cols*BBits-1:0] edge_b;
  logic [15:0]           skew_loads;

  pcs_edge #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Kind    (Kind),
    .Dataflow(Dataflow),
    .Digit   (Digit)
  ) u_edge (
    .clk_i,
    .rst_ni,
    .en_i        (en),
    .stream_i    (stream),
    .first_i     (in_first_i),
    .last_i      (in_last_i),
    .mode_i      (mode),
    .rows_i      (rows),
    .a_i         (in_a_i),
    .load_i      (load),
    .b_mode_i    (load_mode),
    .b_row_i     (load_row),
    .b_cols_i    (load_cols),
    .b_i         (in_b_i),
    .a_o         (edge_a),
    .b_o         (edge_b),
    .skew_loads_o(skew_loads)
  );

  logic [Cols-1:0]          drain;
  logic [Cols*8-1:0]        drain_at;
  logic [Cols-1:0]          bottom_valid;
  logic [Cols*SumsBits-1:0] bottom_sums;
  logic [15:0] pe_loads, pe_works, pe_writes, pe_captures, pe_drains, pe_passes, pe_stages, pe_swaps;

  pcs_grid #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Kind    (Kind),
    .AccBits (AccBits),
    .Dataflow(Dataflow),
    .Digit   (Digit)
  ) u_grid (
    .clk_i,
    .rst_ni,
    .en_i       (en),
    .a_i        (edge_a),
    .b_i        (edge_b),
    .drain_on_i (drain),
    .drain_at_i (drain_at),
    .out_valid_o(bottom_valid),
    .out_sums_o (bottom_sums),
    .events_o   ({pe_swaps, pe_stages, pe_passes, pe_drains, pe_captures, pe_writes, pe_works, pe_loads})
  );

  if (Dataflow == pcs_spec_pkg::DATAFLOW_OS) begin : gen_drain
    pcs_drain #(
      .Rows(Rows),
      .Cols(Cols)
    ) u_drain (
      .clk_i,
      .rst_ni,
      .en_i         (en),
      .accept_last_i(stream && in_last_i),
      .cycles_i     (cycles),
      .drain_o      (drain),
      .drain_at_o   (drain_at)
    );
  end else begin : gen_bottom
    // The bottom row gives away what it has, every clock.
    assign drain    = '1;
    assign drain_at = {Cols{8'(Rows - 1)}};

    logic unused;
    assign unused = ^cycles;
  end

  logic [15:0] deskew_loads;

  pcs_deskew #(
    .Cols   (Cols),
    .Kind   (Kind),
    .AccBits(AccBits)
  ) u_deskew (
    .clk_i,
    .rst_ni,
    .valid_i(bottom_valid),
    .sums_i (bottom_sums),
    .last_i (drain_at[(Cols-1)*8+:8] == 8'(Rows - 1)),
    .out_ready_i,
    .out_valid_o,
    .out_last_o,
    .out_acc_o,
    .out_flags_o,
    .out_col_valid_o,
    .en_o   (en),
    .loads_o(deskew_loads)
  );

  logic [Cols*Accs-1:0] overflowed;

  for (genvar i = 0; i < Cols * Accs; i++) begin : gen_overflowed
    assign overflowed[i] = out_flags_o[i*Flags+pcs_spec_pkg::overflow_flag(Kind)];
  end

  // What each event adds in this clock, 16 bits an event.  A frozen clock counts as a clock and a stall, nothing else.
  logic [pcs_spec_pkg::EVENT_COUNT*16-1:0] add;

  always_comb begin
    add = '0;
    add[pcs_spec_pkg::EVENT_CYCLE*16+:16] = 16'(stream || load || busy_o);
    add[pcs_spec_pkg::EVENT_STALL*16+:16] = 16'(!en);
    if (stream) begin
      add[pcs_spec_pkg::EVENT_STEP*16+:16]   = 16'd1;
      add[pcs_spec_pkg::EVENT_TILE*16+:16]   = 16'(in_last_i);
      add[pcs_spec_pkg::EVENT_A_LOAD*16+:16] = 16'(rows);
    end
    if (load) begin
      add[pcs_spec_pkg::EVENT_B_LOAD*16+:16] = 16'(load_cols);
    end
    if (en) begin
      add[pcs_spec_pkg::EVENT_SKEW*16+:16]         = skew_loads;
      add[pcs_spec_pkg::EVENT_PE_LOAD*16+:16]      = pe_loads;
      add[pcs_spec_pkg::EVENT_MAC_CYCLE*16+:16]    = pe_works;
      add[pcs_spec_pkg::EVENT_ACC_WRITE*16+:16]    = pe_writes;
      add[pcs_spec_pkg::EVENT_CAPTURE*16+:16]      = pe_captures;
      add[pcs_spec_pkg::EVENT_DRAIN*16+:16]        = pe_drains;
      add[pcs_spec_pkg::EVENT_DESKEW*16+:16]       = deskew_loads;
      add[pcs_spec_pkg::EVENT_WEIGHT_PASS*16+:16]  = pe_passes;
      add[pcs_spec_pkg::EVENT_WEIGHT_STAGE*16+:16] = pe_stages;
      add[pcs_spec_pkg::EVENT_WEIGHT_SWAP*16+:16]  = pe_swaps;
    end
    if (en && out_valid_o) begin
      add[pcs_spec_pkg::EVENT_OUT*16+:16] = 16'($countones(out_col_valid_o));
      for (int c = 0; c < Cols; c++) begin
        add[pcs_spec_pkg::EVENT_OVERFLOW*16+:16] = add[pcs_spec_pkg::EVENT_OVERFLOW*16+:16]
            + (out_col_valid_o[c] ? 16'($countones(overflowed[c*Accs+:Accs])) : 16'd0);
      end
    end
  end

  pcs_counters #(
    .Rows    (Rows),
    .Cols    (Cols),
    .Kind    (Kind),
    .AccBits (AccBits),
    .Dataflow(Dataflow),
    .Digit   (Digit)
  ) u_counters (
    .clk_i,
    .rst_ni,
    .clear_i,
    .add_i  (add),
    .error_i(error_o),
    .csr_addr_i,
    .csr_rdata_o
  );

endmodule

`default_nettype wire
