// What is proven of pcs_counters, for any values that the counters have: after a clock the register at an address reads
// what it read before plus its event's increment, in 64 bits; zero after clear_i and in reset; registers that are no
// counters read what the package and the parameters say.  In the second of two clocks that begin anywhere: bad_o.
`default_nettype none

module pcs_counters_proof #(
  parameter int unsigned Rows     = 4,
  parameter int unsigned Cols     = 4,
  parameter int unsigned Kind     = 0,
  parameter int unsigned AccBits  = 32,
  parameter int unsigned Dataflow = 0,
  parameter int unsigned Digit    = 1
) (
  input  logic                                    clk_i,
  input  logic                                    rst_ni,
  input  logic                                    clear_i,
  input  logic [pcs_spec_pkg::EVENT_COUNT*16-1:0] add_i,
  input  logic                                    error_i,
  input  logic [pcs_spec_pkg::CSR_ADDR_BITS-1:0]  csr_addr_i,
  output logic                                    bad_o
);

  // A copy reads each counter: with its address fixed the proof is by structure.
  logic [pcs_spec_pkg::EVENT_COUNT-1:0] bad_event;

  for (genvar e = 0; e < pcs_spec_pkg::EVENT_COUNT; e++) begin : gen_event
    logic [63:0] data, data_q;
    logic [15:0] add_q;
    logic        zero_q;

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
      .add_i,
      .error_i,
      .csr_addr_i (pcs_spec_pkg::CSR_EVENT_BASE + pcs_spec_pkg::CSR_ADDR_BITS'(e)),
      .csr_rdata_o(data)
    );

    always_ff @(posedge clk_i) begin
      data_q <= data;
      add_q  <= add_i[e*16+:16];
      zero_q <= clear_i || !rst_ni;
    end

    assign bad_event[e] = data != (zero_q || !rst_ni ? '0 : data_q + 64'(add_q));
  end

  // Any other address.
  logic [63:0] data;
  logic        bad_other;

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
    .add_i,
    .error_i,
    .csr_addr_i,
    .csr_rdata_o(data)
  );

  always_comb begin
    case (csr_addr_i)
      8'h00:   bad_other = data != pcs_spec_pkg::SPEC_HASH;
      8'h01:   bad_other = data != 64'(Rows);
      8'h02:   bad_other = data != 64'(Cols);
      8'h03:   bad_other = data != 64'(Kind);
      8'h04:   bad_other = data != 64'(AccBits);
      8'h05:   bad_other = data != 64'(error_i);
      8'h06:   bad_other = data != 64'(Dataflow);
      8'h07:   bad_other = data != 64'(Digit);
      default: bad_other = data != '0 && (csr_addr_i < pcs_spec_pkg::CSR_EVENT_BASE
          || csr_addr_i >= pcs_spec_pkg::CSR_EVENT_BASE + pcs_spec_pkg::CSR_ADDR_BITS'(pcs_spec_pkg::EVENT_COUNT));
    endcase
  end

  assign bad_o = bad_event != '0 || bad_other;

endmodule

`default_nettype wire
