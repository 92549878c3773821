// The performance counters and the read-only registers of the array.
//
// Counter e grows by add_i[e] at the end of each clock; the array makes the increments zero where an event does not
// count.  clear_i zeroes all counters and wins.  csr_rdata_o answers csr_addr_i in the same clock; addresses without a
// register read zero.  All counters are EVENT_BITS wide and wrap.
`default_nettype none

module pcs_counters #(
  parameter int unsigned Rows     = 4,
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits  = 32,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1
) (
  input  logic                                    clk_i,
  input  logic                                    rst_ni,
  input  logic                                    clear_i,
  input  logic [pcs_spec_pkg::EVENT_COUNT*16-1:0] add_i,
  input  logic                                    error_i,
  input  logic [pcs_spec_pkg::CSR_ADDR_BITS-1:0]  csr_addr_i,
  output logic [63:0]                             csr_rdata_o
);

  logic [pcs_spec_pkg::EVENT_COUNT*64-1:0] count;

  for (genvar e = 0; e < pcs_spec_pkg::EVENT_COUNT; e++) begin : gen_event
    logic [63:0] count_q;
    assign count[e*64+:64] = count_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        count_q <= '0;
      end else if (clear_i) begin
        count_q <= '0;
      end else begin
        count_q <= count_q + 64'(add_i[e*16+:16]);
      end
    end
  end

  always_comb begin
    case (csr_addr_i)
      pcs_spec_pkg::CSR_SPEC_HASH: csr_rdata_o = pcs_spec_pkg::SPEC_HASH;
      pcs_spec_pkg::CSR_ROWS:      csr_rdata_o = 64'(Rows);
      pcs_spec_pkg::CSR_COLS:      csr_rdata_o = 64'(Cols);
      pcs_spec_pkg::CSR_KIND:      csr_rdata_o = 64'(Kind);
      pcs_spec_pkg::CSR_ACC_BITS:  csr_rdata_o = 64'(AccBits);
      pcs_spec_pkg::CSR_STATUS:    csr_rdata_o = 64'(error_i);
      pcs_spec_pkg::CSR_DATAFLOW:  csr_rdata_o = 64'(Dataflow);
      pcs_spec_pkg::CSR_DIGIT:     csr_rdata_o = 64'(Digit);
      default: begin
        csr_rdata_o = '0;
        for (int e = 0; e < pcs_spec_pkg::EVENT_COUNT; e++) begin
          if (csr_addr_i == pcs_spec_pkg::CSR_EVENT_BASE + pcs_spec_pkg::CSR_ADDR_BITS'(e)) begin
            csr_rdata_o = count[e*64+:64];
          end
        end
      end
    endcase
  end

endmodule

`default_nettype wire
