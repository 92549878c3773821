// A chain of Depth registers for a valid bit and its data; Depth 0 is a wire.
//
// Latency Depth enabled clocks.  A data register loads only when a valid word enters it, so idle lanes hold still.
// loads_o: data registers that load at the end of this clock if en_i.  Width >= 1, Depth 0..255.
`default_nettype none

module pcs_delay #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 1
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             en_i,
  input  logic             valid_i,
  input  logic [Width-1:0] data_i,
  output logic             valid_o,
  output logic [Width-1:0] data_o,
  output logic [7:0]       loads_o
);

  if (Depth == 0) begin : gen_wire
    assign valid_o = valid_i;
    assign data_o  = data_i;
    assign loads_o = 8'd0;

    logic unused;
    assign unused = ^{clk_i, rst_ni, en_i};
  end else begin : gen_chain
    // Stage s reads entry s and writes entry s + 1; entry 0 is the input.
    logic [Depth:0]             valid;
    logic [(Depth+1)*Width-1:0] data /* verilator split_var */;
    logic [Depth-1:0]           valid_q;

    assign valid             = {valid_q, valid_i};
    assign data[0+:Width]    = data_i;
    assign valid_o           = valid[Depth];
    assign data_o            = data[Depth*Width+:Width];
    assign loads_o           = 8'($countones(valid[Depth-1:0]));

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        valid_q <= '0;
      end else if (en_i) begin
        valid_q <= valid[Depth-1:0];
      end
    end

    for (genvar s = 0; s < Depth; s++) begin : gen_stage
      logic [Width-1:0] data_q;
      assign data[(s+1)*Width+:Width] = data_q;

      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          data_q <= '0;
        end else if (en_i && valid[s]) begin
          data_q <= data[s*Width+:Width];
        end
      end
    end
  end

endmodule

`default_nettype wire
