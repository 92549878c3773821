// The operand edge: aligns the words of an accepted step as the MAC kind wants them and skews row r by r clocks and
// column c by c clocks.  Rows and columns that the tile does not use get no valid token.
//
// Output-stationary arrays use their first rows_i rows.  Weight-stationary ones use their last rows_i rows, the first
// of which starts every sum (the flag first), and take words of B as weights of row b_row_i, 0 = top.
//
// Latency: row r, column c: r and c enabled clocks (row 0 and column 0 are wires).  Throughput: one step a clock.
// stream_i, load_i: an accepted step brings A, brings B.  mode_i, b_mode_i: the mode each of them is for. a_o and b_o
// are the tokens of pcs_pe that enter the grid at its left and upper side.  skew_loads_o: skew registers that load at
// the end of this clock if en_i.  Rows, Cols: 1..ARRAY_MAX_DIM.  Other parameters: see pcs_pe.
`default_nettype none

module pcs_edge #(
  parameter int unsigned Rows     = 4,
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1,
  localparam int unsigned WordBits = pcs_spec_pkg::word_bits(Kind),
  localparam int unsigned ABits    = pcs_array_pkg::a_bits(Kind, Dataflow),
  localparam int unsigned BBits    = pcs_array_pkg::b_bits(Kind, Dataflow)
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                en_i,
  input  logic                                stream_i,
  input  logic                                first_i,
  input  logic                                last_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]  mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] rows_i,
  input  logic [Rows*WordBits-1:0]            a_i,
  input  logic                                load_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]  b_mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] b_row_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] b_cols_i,
  input  logic [Cols*WordBits-1:0]            b_i,
  output logic [Rows*ABits-1:0]               a_o,
  output logic [Cols*BBits-1:0]               b_o,
  output logic [15:0]                         skew_loads_o
);

  localparam bit Stationary = Dataflow == pcs_spec_pkg::DATAFLOW_WS;

  logic [3:0]        shift_a, shift_b;
  logic [Rows*8-1:0] loads_a;
  logic [Cols*8-1:0] loads_b;

  assign shift_a = pcs_spec_pkg::shift_a(Kind, Digit, mode_i);
  assign shift_b = pcs_spec_pkg::shift_b(Kind, Digit, b_mode_i);

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    logic                used;
    logic [WordBits-1:0] word;
    logic [ABits-2:0]    token;

    assign word = a_i[r*WordBits+:WordBits] << shift_a;
    if (Stationary) begin : gen_ws
      localparam int unsigned Below = Rows - r;  // rows from this one to the last
      assign used  = pcs_spec_pkg::COUNT_BITS'(Below) <= rows_i;
      assign token = {first_i, pcs_spec_pkg::COUNT_BITS'(Below) == rows_i, last_i, mode_i[15:0], word};
    end else begin : gen_os
      assign used  = pcs_spec_pkg::COUNT_BITS'(r) < rows_i;
      assign token = {first_i, last_i, mode_i[15:0], word};
    end

    pcs_delay #(
      .Width(ABits - 1),
      .Depth(r)
    ) u_skew (
      .clk_i,
      .rst_ni,
      .en_i,
      .valid_i(stream_i && used),
      .data_i (token),
      .valid_o(a_o[r*ABits+ABits-1]),
      .data_o (a_o[r*ABits+:ABits-1]),
      .loads_o(loads_a[r*8+:8])
    );
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    logic [WordBits-1:0] word;
    logic [BBits-2:0]    token;

    assign word = b_i[c*WordBits+:WordBits] << shift_b;
    if (Stationary) begin : gen_ws
      assign token = {b_row_i, word};
    end else begin : gen_os
      assign token = word;
    end

    pcs_delay #(
      .Width(BBits - 1),
      .Depth(c)
    ) u_skew (
      .clk_i,
      .rst_ni,
      .en_i,
      .valid_i(load_i && pcs_spec_pkg::COUNT_BITS'(c) < b_cols_i),
      .data_i (token),
      .valid_o(b_o[c*BBits+BBits-1]),
      .data_o (b_o[c*BBits+:BBits-1]),
      .loads_o(loads_b[c*8+:8])
    );
  end

  always_comb begin
    skew_loads_o = '0;
    for (int r = 0; r < Rows; r++) begin
      skew_loads_o = skew_loads_o + 16'(loads_a[r*8+:8]);
    end
    for (int c = 0; c < Cols; c++) begin
      skew_loads_o = skew_loads_o + 16'(loads_b[c*8+:8]);
    end
  end

  // Words travel with the low half of the mode word; only weights have a row.
  logic unused;
  assign unused = ^{mode_i[31:16], b_row_i};

endmodule

`default_nettype wire
