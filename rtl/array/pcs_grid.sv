// Rows x Cols processing elements and the wires between neighbours.
//
// A and its token enter at the left and move one PE to the right each clock, B enters at the top and moves down; drain
// registers of a column form a shift register towards the bottom.  PE (r, c) has index r * Cols + c.
// Column c drains while drain_i[c]; drain_at_i[c] counts the rows already gone: PEs below that row shift, the PE in it
// becomes empty, PEs above hold.  out_*: the bottom row's drain registers.  events_o: per event, one bit a PE, see
// pcs_pe.  Rows, Cols: 1..ARRAY_MAX_DIM.
`default_nettype none

module pcs_grid #(
  parameter int unsigned Rows    = 4,
  parameter int unsigned Cols    = 4,
  parameter int unsigned Kind    = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits = 32
) (
  input  logic                                          clk_i,
  input  logic                                          rst_ni,
  input  logic                                          en_i,
  input  logic [Rows-1:0]                               a_valid_i,
  input  logic [Rows-1:0]                               first_i,
  input  logic [Rows-1:0]                               last_i,
  input  logic [Rows*16-1:0]                            mode_i,
  input  logic [Rows*8-1:0]                             a_i,
  input  logic [Cols-1:0]                               b_valid_i,
  input  logic [Cols*8-1:0]                             b_i,
  input  logic [Cols-1:0]                               drain_i,
  input  logic [Cols*8-1:0]                             drain_at_i,
  output logic [Cols-1:0]                               out_valid_o,
  output logic [Cols-1:0]                               out_overflow_o,
  output logic [Cols*AccBits-1:0]                       out_acc_o,
  output logic [Rows*Cols-1:0]                          load_o,
  output logic [Rows*Cols-1:0]                          work_o,
  output logic [Rows*Cols-1:0]                          write_o,
  output logic [Rows*Cols-1:0]                          capture_o,
  output logic [Rows*Cols-1:0]                          drain_o,
  output logic [Rows*Cols*pcs_spec_pkg::PROBE_BITS-1:0] probe_o
);

  // What PE i sends to its right and lower neighbours.
  logic [Rows*Cols-1:0]         a_valid;
  logic [Rows*Cols-1:0]         first;
  logic [Rows*Cols-1:0]         last;
  logic [Rows*Cols*16-1:0]      mode;
  logic [Rows*Cols*8-1:0]       a;
  logic [Rows*Cols-1:0]         b_valid;
  logic [Rows*Cols*8-1:0]       b;
  logic [Rows*Cols-1:0]         drain_valid;
  logic [Rows*Cols-1:0]         drain_overflow;
  logic [Rows*Cols*AccBits-1:0] drain;

  for (genvar r = 0; r < Rows; r++) begin : gen_row
    for (genvar c = 0; c < Cols; c++) begin : gen_col
      localparam int unsigned I    = r * Cols + c;
      localparam int unsigned Left = c == 0 ? I : I - 1;
      localparam int unsigned Up   = r == 0 ? I : I - Cols;

      logic below, here;
      assign here = drain_i[c] && drain_at_i[c*8+:8] == 8'(r);
      if (r == 0) begin : gen_top
        assign below = 1'b0;
      end else begin : gen_below
        assign below = drain_i[c] && drain_at_i[c*8+:8] < 8'(r);
      end

      pcs_pe #(
        .Kind   (Kind),
        .AccBits(AccBits)
      ) u_pe (
        .clk_i,
        .rst_ni,
        .en_i,
        .a_valid_i       (c == 0 ? a_valid_i[r] : a_valid[Left]),
        .first_i         (c == 0 ? first_i[r] : first[Left]),
        .last_i          (c == 0 ? last_i[r] : last[Left]),
        .mode_i          (c == 0 ? mode_i[r*16+:16] : mode[Left*16+:16]),
        .a_i             (c == 0 ? a_i[r*8+:8] : a[Left*8+:8]),
        .a_valid_o       (a_valid[I]),
        .first_o         (first[I]),
        .last_o          (last[I]),
        .mode_o          (mode[I*16+:16]),
        .a_o             (a[I*8+:8]),
        .b_valid_i       (r == 0 ? b_valid_i[c] : b_valid[Up]),
        .b_i             (r == 0 ? b_i[c*8+:8] : b[Up*8+:8]),
        .b_valid_o       (b_valid[I]),
        .b_o             (b[I*8+:8]),
        .drain_shift_i   (below),
        .drain_pop_i     (here),
        .drain_valid_i   (r == 0 ? 1'b0 : drain_valid[Up]),
        .drain_overflow_i(r == 0 ? 1'b0 : drain_overflow[Up]),
        .drain_i         (r == 0 ? AccBits'(0) : drain[Up*AccBits+:AccBits]),
        .drain_valid_o   (drain_valid[I]),
        .drain_overflow_o(drain_overflow[I]),
        .drain_o         (drain[I*AccBits+:AccBits]),
        .events_o        ({drain_o[I], capture_o[I], write_o[I], work_o[I], load_o[I]}),
        .probe_o         (probe_o[I*pcs_spec_pkg::PROBE_BITS+:pcs_spec_pkg::PROBE_BITS])
      );
    end
  end

  for (genvar c = 0; c < Cols; c++) begin : gen_out
    localparam int unsigned Bottom = (Rows - 1) * Cols + c;
    assign out_valid_o[c]                    = drain_i[c] && drain_valid[Bottom];
    assign out_overflow_o[c]                 = drain_overflow[Bottom];
    assign out_acc_o[c*AccBits+:AccBits]     = drain[Bottom*AccBits+:AccBits];
  end

  // Nobody stands right of the last column or below the last row.
  logic unused;
  assign unused = ^{mode, a, b};

endmodule

`default_nettype wire
