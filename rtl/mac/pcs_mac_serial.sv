// MAC `serial`: Digit bits of the serial operand a clock, most significant first, times the other operand in parallel.
//
// Horner: partial = 2^Digit * partial + digit * parallel; in two's complement the top bit of the first digit weighs
// negative.  The serial operand arrives left-aligned, extended to whole digits, and shifts out of the top of its own
// register; the other one arrives as it is, extended.  The product is complete with the last digit.  Mode field
// serial_b picks the serial operand, its digits are the clocks of a step.  Digit: 1, 2 or 4.  Port protocol: see
// pcs_mac.  The neighbours sample the operand registers in the clock of active_i, before the first shift.
`default_nettype none

module pcs_mac_serial #(
  parameter int unsigned Digit = 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               en_i,
  input  logic               load_i,
  input  logic [15:0]        load_mode_i,
  input  logic               active_i,
  input  logic [15:0]        mode_i,
  input  logic [7:0]         a_i,
  input  logic [7:0]         b_i,
  output logic               shift_a_o,
  output logic               shift_b_o,
  output logic [3:0]         remaining_o,
  output logic [3:0]         inner_o,
  output logic signed [16:0] partial_o,
  output logic               work_o,
  output logic               write_o,
  output logic [16:0]        product_o
);

  if (Digit != 1 && Digit != 2 && Digit != 4) begin : gen_digit
    $error("pcs_mac_serial: Digit must be 1, 2 or 4");
  end

  logic [3:0]         remaining_q;  // clocks that the running step still needs, this one included
  logic signed [16:0] partial_q;

  logic               serial_b, serial_signed;
  logic [Digit-1:0]   digit;
  logic signed [8:0]  parallel;
  logic signed [16:0] addend, partial;

  assign serial_b      = mode_i[pcs_spec_pkg::MODE_SERIAL_B_LSB];
  assign serial_signed = serial_b ? mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB] : mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB];
  assign digit         = serial_b ? b_i[7-:Digit] : a_i[7-:Digit];
  assign parallel      = serial_b ? $signed({mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB] & a_i[7], a_i})
                                  : $signed({mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB] & b_i[7], b_i});

  always_comb begin
    addend = digit[Digit-1] ? 17'(parallel) <<< (Digit - 1) : '0;
    if (active_i && serial_signed) begin
      addend = -addend;
    end
    for (int i = 0; i + 1 < Digit; i++) begin
      addend = addend + (digit[i] ? 17'(parallel) <<< i : '0);
    end
    partial = (partial_q <<< Digit) + addend;  // between steps partial_q is zero
  end

  assign product_o   = partial;
  assign work_o      = remaining_q != 4'd0;
  assign write_o     = remaining_q == 4'd1;
  assign shift_a_o   = !serial_b;
  assign shift_b_o   = serial_b;
  assign remaining_o = remaining_q;
  assign inner_o     = '0;
  assign partial_o   = partial_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      remaining_q <= '0;
      partial_q   <= '0;
    end else if (en_i) begin
      if (work_o) begin
        remaining_q <= remaining_q - 4'd1;
        partial_q   <= write_o ? '0 : partial;
      end
      // A load may come with the last clock of the step before it: then it wins.
      if (load_i) begin
        remaining_q <= 4'(pcs_spec_pkg::cycles(pcs_spec_pkg::KIND_SERIAL, Digit, 32'(load_mode_i)));
      end
    end
  end

  // Of the mode words a MAC needs some fields only.
  logic unused;
  assign unused = ^{mode_i, load_mode_i};

endmodule

`default_nettype wire
