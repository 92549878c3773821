// The operand edge: aligns the codes of an accepted step as the MAC kind wants them and skews row r by r clocks and
// column c by c clocks.  Rows and columns that the segment does not use get no valid token.
//
// Latency: row r, column c: r and c enabled clocks (row 0 and column 0 are wires).  Throughput: one step a clock.
// a_o and b_o are the tokens of pcs_pe that enter the grid at its left and upper side.  skew_loads_o: skew registers that load at the end
// of this clock if en_i.  Rows, Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_edge #(
  parameter int unsigned Rows = 4,
  parameter int unsigned Cols = 4,
  parameter int unsigned Kind = pcs_spec_pkg::KIND_GATED
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                en_i,
  input  logic                                accept_i,
  input  logic                                first_i,
  input  logic                                last_i,
  input  logic [pcs_spec_pkg::MODE_BITS-1:0]  mode_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] rows_i,
  input  logic [pcs_spec_pkg::COUNT_BITS-1:0] cols_i,
  input  logic [Rows*8-1:0]                   a_i,
  input  logic [Cols*8-1:0]                   b_i,
  output logic [Rows*27-1:0]                  a_o,
  output logic [Cols*9-1:0]                   b_o,
  output logic [15:0]                         skew_loads_o
);

  logic [3:0]        shift_a, shift_b;
  logic [Rows*8-1:0] loads_a;
  logic [Cols*8-1:0] loads_b;

  assign shift_a = pcs_spec_pkg::shift_a(Kind, 1, mode_i);
  assign shift_b = pcs_spec_pkg::shift_b(Kind, 1, mode_i);

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    pcs_delay #(
      .Width(26),
      .Depth(r)
    ) u_skew (
      .clk_i,
      .rst_ni,
      .en_i,
      .valid_i(accept_i && pcs_spec_pkg::COUNT_BITS'(r) < rows_i),
      .data_i ({first_i, last_i, mode_i[15:0], a_i[r*8+:8] << shift_a}),
      .valid_o(a_o[r*27+26]),
      .data_o (a_o[r*27+:26]),
      .loads_o(loads_a[r*8+:8])
    );
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    pcs_delay #(
      .Width(8),
      .Depth(c)
    ) u_skew (
      .clk_i,
      .rst_ni,
      .en_i,
      .valid_i(accept_i && pcs_spec_pkg::COUNT_BITS'(c) < cols_i),
      .data_i (b_i[c*8+:8] << shift_b),
      .valid_o(b_o[c*9+8]),
      .data_o (b_o[c*9+:8]),
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

  // Codes travel with the low half of the mode word.
  logic unused;
  assign unused = ^mode_i[31:16];

endmodule

`default_nettype wire
