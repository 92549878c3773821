// MAC `serial2d`: both operands digit by digit, Digit bits each, most significant first; one product of digits a clock.
//
// A pass over the digits of B for each digit of A.  Horner over the passes: partial grows by a digit with the first
// digit of B, and each digit of B adds its product with the digit of A in its place; the top bit of a signed operand's
// first digit weighs negative.  A arrives left-aligned and shifts out of the top of its register, a digit a pass; B
// arrives as it is and stays; both are extended to whole digits.  digits(pa) * digits(pb) clocks a step; mode field
// serial_b is not used.  Digit: 1, 2 or 4.  Port protocol: see pcs_mac.  The neighbours sample the operand registers
// in the clock of active_i, before the first shift.
`default_nettype none

module pcs_mac_serial2d #(
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
    $error("pcs_mac_serial2d: Digit must be 1, 2 or 4");
  end

  // Digits of an operand, of the mode's field that holds its bits.
  function automatic logic [3:0] digits(input logic [3:0] bits);
    digits = 4'(pcs_spec_pkg::digits(32'(bits), Digit));
  endfunction

  // Digits of A and, in the running pass, digits of B that the running step still needs, this clock's included.
  logic [3:0]         remaining_q, inner_q;
  logic signed [16:0] partial_q;

  logic [3:0]                digits_a, digits_b;
  logic                      pass_first, pass_last;
  logic [4:0]                place;         // of the running digit of B
  logic [Digit-1:0]          bits_a, bits_b;
  logic signed [Digit:0]     a, b;          // the running digits
  logic signed [2*Digit+1:0] product;
  logic signed [16:0]        base, partial;

  assign digits_a   = digits(mode_i[pcs_spec_pkg::MODE_PA_LSB+:4]);
  assign digits_b   = digits(mode_i[pcs_spec_pkg::MODE_PB_LSB+:4]);
  assign pass_first = inner_q == digits_b;
  assign pass_last  = inner_q == 4'd1;
  assign place      = 5'(Digit) * 5'(inner_q - 4'(work_o));
  assign bits_a     = a_i[7-:Digit];
  assign bits_b     = Digit'(b_i >> place);
  assign a          = {mode_i[pcs_spec_pkg::MODE_A_SIGNED_LSB] && remaining_q == digits_a && bits_a[Digit-1], bits_a};
  assign b          = {mode_i[pcs_spec_pkg::MODE_B_SIGNED_LSB] && pass_first && bits_b[Digit-1], bits_b};
  assign product    = a * b;
  assign base       = pass_first ? partial_q <<< Digit : partial_q;
  assign partial    = base + (17'(product) <<< place);

  assign product_o   = partial;
  assign work_o      = remaining_q != 4'd0;
  assign write_o     = remaining_q == 4'd1 && pass_last;
  assign shift_a_o   = pass_last;
  assign shift_b_o   = 1'b0;
  assign remaining_o = remaining_q;
  assign inner_o     = inner_q;
  assign partial_o   = partial_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      remaining_q <= '0;
      inner_q     <= '0;
      partial_q   <= '0;
    end else if (en_i) begin
      if (work_o) begin
        remaining_q <= remaining_q - 4'(pass_last);
        inner_q     <= write_o ? 4'd0 : pass_last ? digits_b : inner_q - 4'd1;
        partial_q   <= write_o ? '0 : partial;
      end
      // A load may come with the last clock of the step before it: then it wins.
      if (load_i) begin
        remaining_q <= digits(load_mode_i[pcs_spec_pkg::MODE_PA_LSB+:4]);
        inner_q     <= digits(load_mode_i[pcs_spec_pkg::MODE_PB_LSB+:4]);
      end
    end
  end

  // Of the mode words a MAC needs some fields only, of A the top digit; the counters say when a step is new.
  logic unused;
  assign unused = ^{active_i, a_i, mode_i, load_mode_i};

endmodule

`default_nettype wire
