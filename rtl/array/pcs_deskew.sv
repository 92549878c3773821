// The output port: delays column c by Cols - 1 - c clocks, so that a row leaves all columns in one clock.
//
// out_valid_o does not wait for out_ready_i; while a row waits the whole array freezes (en_o = 0), so that the payload
// is stable.  sums_i: of each column as in pcs_pe.  last_i: the last column's row is the last of its segment.  loads_o:
// deskew registers that load at the end of this clock if en_o.  Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_deskew #(
  parameter int unsigned Cols    = 4,
  parameter int unsigned Kind    = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits = 32,
  localparam int unsigned Accs     = pcs_spec_pkg::accs(Kind),
  localparam int unsigned Flags    = pcs_spec_pkg::acc_flags(Kind),
  localparam int unsigned SumsBits = pcs_array_pkg::sums_bits(Kind, AccBits)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic [Cols-1:0]              valid_i,
  input  logic [Cols*SumsBits-1:0]     sums_i,
  input  logic                         last_i,
  input  logic                         out_ready_i,
  output logic                         out_valid_o,
  output logic                         out_last_o,
  output logic [Cols*Accs*AccBits-1:0] out_acc_o,
  output logic [Cols*Accs*Flags-1:0]   out_flags_o,
  output logic [Cols-1:0]              out_col_valid_o,
  output logic                         en_o,
  output logic [15:0]                  loads_o
);

  logic [Cols*8-1:0] loads;

  for (genvar c = 0; c < Cols; c++) begin : gen_col
    logic [SumsBits-1:0] sums;

    for (genvar i = 0; i < Accs; i++) begin : gen_acc
      assign {out_flags_o[(c*Accs+i)*Flags+:Flags], out_acc_o[(c*Accs+i)*AccBits+:AccBits]}
          = sums[i*(AccBits+Flags)+:AccBits+Flags];
    end

    pcs_delay #(
      .Width(SumsBits),
      .Depth(Cols - 1 - c)
    ) u_deskew (
      .clk_i,
      .rst_ni,
      .en_i   (en_o),
      .valid_i(valid_i[c]),
      .data_i (sums_i[c*SumsBits+:SumsBits]),
      .valid_o(out_col_valid_o[c]),
      .data_o (sums),
      .loads_o(loads[c*8+:8])
    );
  end

  assign out_valid_o = out_col_valid_o[0];
  assign out_last_o  = out_valid_o && last_i;
  assign en_o        = !out_valid_o || out_ready_i;

  always_comb begin
    loads_o = '0;
    for (int c = 0; c < Cols; c++) begin
      loads_o = loads_o + 16'(loads[c*8+:8]);
    end
  end

endmodule

`default_nettype wire
