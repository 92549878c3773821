// A user's multiplier: radix-4 Booth, 9 x 9 bits, in plain Verilog.
module my_multiplier (
  input  wire signed [8:0]  a_i,
  input  wire signed [8:0]  b_i,
  output reg  signed [17:0] product_o
);
  reg signed [17:0] multiple;
  reg        [10:0] recoded;
  integer           i;
  always @* begin
    product_o = 0;
    recoded   = {b_i[8], b_i, 1'b0};
    for (i = 0; i < 5; i = i + 1) begin
      case (recoded[2*i+:3])
        3'b001, 3'b010: multiple = a_i;
        3'b011:         multiple = 2 * a_i;
        3'b100:         multiple = -2 * a_i;
        3'b101, 3'b110: multiple = -a_i;
        default:        multiple = 0;
      endcase
      product_o = product_o + (multiple <<< (2 * i));
    end
  end
endmodule
