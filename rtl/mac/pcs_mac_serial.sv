// MAC `serial`: one bit of the serial operand a clock, most significant first, times the other operand in parallel.
//
// Horner: partial = 2 * partial + bit * parallel; in two's complement the first bit weighs negative.  The serial operand
// arrives left-aligned and shifts out of the top of its own register; the other one arrives as it is, extended.  The
// accumulator adds once a step, with the last bit.  Mode field serial_b picks the serial operand, its bits are the
// clocks of a step.  Port protocol and parameters: see pcs_mac_gated.  The neighbours sample a_o and b_o in the clock
// of active_o, before the first shift.
`default_nettype none

module pcs_mac_serial #(
  parameter int unsigned AccBits = 32
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,
  input  logic                      en_i,
  input  logic                      load_i,
  input  logic                      first_i,
  input  logic                      last_i,
  input  logic [15:0]               mode_i,
  input  logic [7:0]                a_i,
  input  logic [7:0]                b_i,
  output logic                      active_o,
  output logic                      first_o,
  output logic                      last_o,
  output logic [15:0]               mode_o,
  output logic [7:0]                a_o,
  output logic [7:0]                b_o,
  output logic [3:0]                count_o,
  output logic signed [16:0]        partial_o,
  output logic                      work_o,
  output logic                      write_o,
  output logic signed [AccBits-1:0] sum_o,
  output logic                      sum_overflow_o,
  output logic signed [AccBits-1:0] acc_o,
  output logic                      acc_overflow_o
);

  logic                      active_q, first_q, last_q;
  logic [15:0]               mode_q;
  logic [7:0]                a_q, b_q;
  logic [3:0]                count_q;  // clocks that the running step still needs, this one included
  logic signed [16:0]        partial_q;
  logic signed [AccBits-1:0] acc_q;
  logic                      acc_overflow_q;

  logic                      serial_b, serial_signed, serial_bit, step_overflow;
  logic signed [8:0]         parallel;
  logic signed [16:0]        addend, partial;
  logic [15:0]               load_mode;
  logic [3:0]                load_count;

  assign serial_b      = mode_q[pcs_spec_pkg::MODE_SERIAL_B_LSB];
  assign serial_signed = serial_b ? mode_q[pcs_spec_pkg::MODE_B_SIGNED_LSB] : mode_q[pcs_spec_pkg::MODE_A_SIGNED_LSB];
  assign serial_bit    = serial_b ? b_q[7] : a_q[7];
  assign parallel      = serial_b ? $signed({mode_q[pcs_spec_pkg::MODE_A_SIGNED_LSB] & a_q[7], a_q})
                                  : $signed({mode_q[pcs_spec_pkg::MODE_B_SIGNED_LSB] & b_q[7], b_q});

  always_comb begin
    addend = serial_bit ? 17'(parallel) : '0;
    if (active_q && serial_signed) begin
      addend = -addend;
    end
    partial = (active_q ? 17'sd0 : partial_q <<< 1) + addend;
  end

  pcs_acc_add #(
    .AccBits(AccBits)
  ) u_add (
    .base_i    (first_q ? '0 : acc_q),
    .product_i (partial),
    .saturate_i(mode_q[pcs_spec_pkg::MODE_SATURATE_LSB]),
    .sum_o,
    .overflow_o(step_overflow)
  );

  assign load_mode      = first_i ? mode_i : mode_q;
  assign load_count     = load_mode[pcs_spec_pkg::MODE_SERIAL_B_LSB] ? load_mode[pcs_spec_pkg::MODE_PB_LSB+:4]
                                                                     : load_mode[pcs_spec_pkg::MODE_PA_LSB+:4];
  assign sum_overflow_o = (!first_q && acc_overflow_q) || step_overflow;
  assign work_o         = count_q != 4'd0;
  assign write_o        = count_q == 4'd1;
  assign active_o       = active_q;
  assign first_o        = first_q;
  assign last_o         = last_q;
  assign mode_o         = mode_q;
  assign a_o            = a_q;
  assign b_o            = b_q;
  assign count_o        = count_q;
  assign partial_o      = partial_q;
  assign acc_o          = acc_q;
  assign acc_overflow_o = acc_overflow_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q       <= 1'b0;
      first_q        <= 1'b0;
      last_q         <= 1'b0;
      mode_q         <= '0;
      a_q            <= '0;
      b_q            <= '0;
      count_q        <= '0;
      partial_q      <= '0;
      acc_q          <= '0;
      acc_overflow_q <= 1'b0;
    end else if (en_i) begin
      active_q <= load_i;
      if (work_o) begin
        count_q   <= count_q - 4'd1;
        partial_q <= write_o ? '0 : partial;
        if (serial_b) begin
          b_q <= b_q << 1;
        end else begin
          a_q <= a_q << 1;
        end
      end
      if (write_o) begin
        acc_q          <= sum_o;
        acc_overflow_q <= sum_overflow_o;
      end
      // A load may come with the last clock of the step before it: then it wins.
      if (load_i) begin
        first_q <= first_i;
        last_q  <= last_i;
        a_q     <= a_i;
        b_q     <= b_i;
        count_q <= load_count;
      end
      if (load_i && first_i) begin
        mode_q <= mode_i;
      end
    end
  end

  // Of the mode word a MAC needs some fields only.
  logic unused;
  assign unused = ^load_mode;

endmodule

`default_nettype wire
