// The systolic array: Rows x Cols processing elements, output-stationary.
//
// A tile segment is a run of steps; step k brings one code of A for each of the first in_rows_i rows and one code of B
// for each of the first in_cols_i columns, and PE (r, c) accumulates their products.  in_first_i clears the
// accumulators and takes in_mode_i, in_rows_i, in_cols_i; in_last_i sends the accumulators out, bottom row first.
// Codes are 8 bits wide: unsigned ones zero-extended, signed ones sign-extended.
//
// Latency: with the last step accepted at clock L and m = cycles() of the mode, row 0 leaves at L + m + 2 Rows + Cols - 2
// and the others before it, one a clock.  Throughput: one step in m clocks; one segment in max(K m, Rows) clocks.
// While an output row waits (out_valid_o and not out_ready_i) the whole array freezes; only the counters of clocks and
// stalls go on.  A first step with an illegal mode word, rows or cols is refused and sets error_o, see pcs_intake.
// A step without a first one before it since reset is undefined.
//
// Rows, Cols: 1..ARRAY_MAX_DIM.  Kind: a KIND_*.  AccBits: ACC_MIN_BITS..ACC_MAX_BITS.
// Lock-step reads the registers of every PE through the signal `probe` inside it; it is no port, so a chip has none.
`default_nettype none

module pcs_array #(
  parameter int unsigned Rows    = 4,
  parameter int unsigned Cols    = 4,
  parameter int unsigned Kind    = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits = 32
) (
  input  logic                                          clk_i,
  input  logic                                          rst_ni,
  // Steps.
  input  logic                                          in_valid_i,
  output logic                                          in_ready_o,
  input  logic                                          in_first_i,
  input  logic                                          in_last_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]            in_mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0]           in_rows_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0]           in_cols_i,
  input  logic [Rows*8-1:0]                             in_a_i,
  input  logic [Cols*8-1:0]                             in_b_i,
  // Rows of accumulators.
  output logic                                          out_valid_o,
  input  logic                                          out_ready_i,
  output logic                                          out_last_o,
  output logic [Cols*AccBits-1:0]                       out_acc_o,
  output logic [Cols-1:0]                               out_ovf_o,
  output logic [Cols-1:0]                               out_col_valid_o,
  // Status and registers.
  output logic                                          busy_o,
  output logic                                          error_o,
  input  logic                                          clear_i,
  input  logic [pcs_spec_pkg::CSR_ADDR_BITS-1:0]        csr_addr_i,
  output logic [63:0]                                   csr_rdata_o
);

  if (Rows < 1 || Rows > pcs_spec_pkg::ARRAY_MAX_DIM || Cols < 1 || Cols > pcs_spec_pkg::ARRAY_MAX_DIM) begin : gen_size
    $error("pcs_array: Rows and Cols must be 1..ARRAY_MAX_DIM");
  end
  if (AccBits < pcs_spec_pkg::ACC_MIN_BITS || AccBits > pcs_spec_pkg::ACC_MAX_BITS) begin : gen_acc_bits
    $error("pcs_array: AccBits must be ACC_MIN_BITS..ACC_MAX_BITS");
  end

  logic                                en, accept;
  logic [pcs_spec_pkg::MODE_BITS-1:0]  mode;
  logic [pcs_spec_pkg::COUNT_BITS-1:0] rows, cols;
  logic [pcs_spec_pkg::STEP_BITS-1:0]  cycles;

  pcs_intake #(
    .Rows(Rows),
    .Cols(Cols),
    .Kind(Kind)
  ) u_intake (
    .clk_i,
    .rst_ni,
    .en_i    (en),
    .clear_i,
    .in_valid_i,
    .in_ready_o,
    .in_first_i,
    .in_last_i,
    .in_mode_i,
    .in_rows_i,
    .in_cols_i,
    .accept_o(accept),
    .mode_o  (mode),
    .rows_o  (rows),
    .cols_o  (cols),
    .cycles_o(cycles),
    .busy_o,
    .error_o
  );

  logic [Rows*27-1:0] edge_a;
  logic [Cols*9-1:0]  edge_b;
  logic [15:0]        skew_loads;

  pcs_edge #(
    .Rows(Rows),
    .Cols(Cols),
    .Kind(Kind)
  ) u_edge (
    .clk_i,
    .rst_ni,
    .en_i        (en),
    .accept_i    (accept),
    .first_i     (in_first_i),
    .last_i      (in_last_i),
    .mode_i      (mode),
    .rows_i      (rows),
    .cols_i      (cols),
    .a_i         (in_a_i),
    .b_i         (in_b_i),
    .a_o         (edge_a),
    .b_o         (edge_b),
    .skew_loads_o(skew_loads)
  );

  logic [Cols-1:0]         drain;
  logic [Cols*8-1:0]       drain_at;
  logic [Cols-1:0]         bottom_valid, bottom_overflow;
  logic [Cols*AccBits-1:0] bottom_acc;
  logic [15:0]             pe_loads, pe_works, pe_writes, pe_captures, pe_drains;

  pcs_grid #(
    .Rows   (Rows),
    .Cols   (Cols),
    .Kind   (Kind),
    .AccBits(AccBits)
  ) u_grid (
    .clk_i,
    .rst_ni,
    .en_i          (en),
    .a_i           (edge_a),
    .b_i           (edge_b),
    .drain_on_i    (drain),
    .drain_at_i    (drain_at),
    .out_valid_o   (bottom_valid),
    .out_overflow_o(bottom_overflow),
    .out_acc_o     (bottom_acc),
    .events_o      ({pe_drains, pe_captures, pe_writes, pe_works, pe_loads})
  );

  pcs_drain #(
    .Rows(Rows),
    .Cols(Cols)
  ) u_drain (
    .clk_i,
    .rst_ni,
    .en_i         (en),
    .accept_last_i(accept && in_last_i),
    .cycles_i     (cycles),
    .drain_o      (drain),
    .drain_at_o   (drain_at)
  );

  logic [15:0] deskew_loads;

  pcs_deskew #(
    .Cols   (Cols),
    .AccBits(AccBits)
  ) u_deskew (
    .clk_i,
    .rst_ni,
    .valid_i   (bottom_valid),
    .overflow_i(bottom_overflow),
    .acc_i     (bottom_acc),
    .last_i    (drain_at[(Cols-1)*8+:8] == 8'(Rows - 1)),
    .out_ready_i,
    .out_valid_o,
    .out_last_o,
    .out_acc_o,
    .out_ovf_o,
    .out_col_valid_o,
    .en_o      (en),
    .loads_o   (deskew_loads)
  );

  // What each event adds in this clock, 16 bits an event.  A frozen clock counts as a clock and a stall, nothing else.
  logic [pcs_spec_pkg::EVENT_COUNT*16-1:0] add;

  always_comb begin
    add = '0;
    add[pcs_spec_pkg::EVENT_CYCLE*16+:16] = 16'(accept || busy_o);
    add[pcs_spec_pkg::EVENT_STALL*16+:16] = 16'(!en);
    if (accept) begin
      add[pcs_spec_pkg::EVENT_STEP*16+:16]   = 16'd1;
      add[pcs_spec_pkg::EVENT_TILE*16+:16]   = 16'(in_last_i);
      add[pcs_spec_pkg::EVENT_A_LOAD*16+:16] = 16'(rows);
      add[pcs_spec_pkg::EVENT_B_LOAD*16+:16] = 16'(cols);
    end
    if (en) begin
      add[pcs_spec_pkg::EVENT_SKEW*16+:16]      = skew_loads;
      add[pcs_spec_pkg::EVENT_PE_LOAD*16+:16]   = pe_loads;
      add[pcs_spec_pkg::EVENT_MAC_CYCLE*16+:16] = pe_works;
      add[pcs_spec_pkg::EVENT_ACC_WRITE*16+:16] = pe_writes;
      add[pcs_spec_pkg::EVENT_CAPTURE*16+:16]   = pe_captures;
      add[pcs_spec_pkg::EVENT_DRAIN*16+:16]     = pe_drains;
      add[pcs_spec_pkg::EVENT_DESKEW*16+:16]    = deskew_loads;
    end
    if (en && out_valid_o) begin
      add[pcs_spec_pkg::EVENT_OUT*16+:16]      = 16'($countones(out_col_valid_o));
      add[pcs_spec_pkg::EVENT_OVERFLOW*16+:16] = 16'($countones(out_col_valid_o & out_ovf_o));
    end
  end

  pcs_counters #(
    .Rows   (Rows),
    .Cols   (Cols),
    .Kind   (Kind),
    .AccBits(AccBits)
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
