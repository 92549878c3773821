// The products of words with several codes, as sums over their 2-bit digits: what proofs compare such MACs with.
//
// A code of `field` bits is the sum of its digits, digit d times 4^d, the top one signed if the code is; so a lane's
// product is the sum of the products of its digits, digit (i, j) times 4^(i + j).  pcs_digits_proof shows that this is
// the plain product, for every pair of fields.  Sums here are of 17 bits and wrap; addition in them is associative and
// commutative, so the order in which all the terms are added is free.  It is chosen to be that of the RTL, because a
// prover decides equal orders in milliseconds and unequal ones in hours.
//
// Term (x, y), x and y in 0..3, is digit i of A times digit j of B in some lane: x counts digits first, then lanes along
// A, y likewise with B, and lanes along B are 8 / field_a lanes apart.  With an accumulator a lane (Accs > 1) both
// count the same lanes, and terms of two different ones do not exist.  Four terms make a group, four groups a sum:
// the groups in their order, or (Middle) the two in the middle first.
// lanes_o: lanes of a word.  covered_o, if Check: the terms are all digit pairs of these lanes, each once.
`default_nettype none

module pcs_lanes_sum #(
  parameter int unsigned WordBits = 32,
  parameter int unsigned Accs     = 1,
  parameter int unsigned Middle   = 0,
  parameter int unsigned Check    = 0
) (
  input  logic [3:0]          field_a_i,
  input  logic [3:0]          field_b_i,
  input  logic                a_signed_i,
  input  logic                b_signed_i,
  input  logic [WordBits-1:0] a_i,
  input  logic [WordBits-1:0] b_i,
  output logic [Accs*17-1:0]  sums_o,
  output logic [4:0]          lanes_o,
  output logic                covered_o
);

  // Of a position 0..3 in a word's quarter: its digit and its lane; the number of a digit in its word.
  function automatic logic [1:0] digit(input logic [3:0] field, input int position);
    digit = field == 4'd8 ? 2'(position) : field == 4'd4 ? 2'(position % 2) : 2'd0;
  endfunction
  function automatic logic [3:0] along(input logic [3:0] field, input int position);
    along = field == 4'd8 ? 4'd0 : field == 4'd4 ? 4'(position / 2) : 4'(position);
  endfunction
  function automatic logic [4:0] fit(input logic [3:0] field);
    fit = field == 4'd8 ? 5'd1 : field == 4'd4 ? 5'd2 : 5'd4;
  endfunction
  function automatic logic [3:0] place(input logic [3:0] field, input logic [3:0] lane_number, input logic [1:0] number);
    place = (field == 4'd8 ? lane_number << 2 : field == 4'd4 ? lane_number << 1 : lane_number) + 4'(number);
  endfunction
  function automatic logic top(input logic [3:0] field, input logic [1:0] number);
    top = field == 4'd8 ? number == 2'd3 : field == 4'd4 ? number == 2'd1 : 1'b1;
  endfunction

  logic [16*17-1:0] term;   // (x, y) at 4 y + x, in its place
  logic [16*4-1:0]  lane;   // its lane
  logic [16*6-1:0]  key;    // {digit of A, counted over the whole word, digit of B in its lane}
  logic [15:0]      exists;
  logic [4:0]       lanes;

  for (genvar y = 0; y < 4; y++) begin : gen_y
    for (genvar x = 0; x < 4; x++) begin : gen_x
      logic [1:0]         i, j;
      logic [3:0]         along_a, along_b, number;
      logic [1:0]         slice_a, slice_b;
      logic signed [2:0]  a, b;
      logic signed [4:0]  product;
      logic signed [16:0] wide;

      assign i       = digit(field_a_i, x);
      assign j       = digit(field_b_i, y);
      assign along_a = along(field_a_i, x);
      assign along_b = along(field_b_i, y);
      assign number  = Accs > 1 ? along_a
                     : (field_a_i == 4'd8 ? along_b : field_a_i == 4'd4 ? along_b << 1 : along_b << 2) + along_a;
      assign slice_a = 2'(32'(a_i) >> {place(field_a_i, number, i), 1'b0});
      assign slice_b = 2'(32'(b_i) >> {place(field_b_i, number, j), 1'b0});
      assign a       = {a_signed_i && top(field_a_i, i) && slice_a[1], slice_a};
      assign b       = {b_signed_i && top(field_b_i, j) && slice_b[1], slice_b};
      assign product = 5'(a * b);
      assign wide    = 17'(product);

      assign exists[4*y+x]        = Accs == 1 || along_a == along_b;
      assign lane[(4*y+x)*4+:4]   = number;
      assign key[(4*y+x)*6+:6]    = {place(field_a_i, number, i), j};
      assign term[(4*y+x)*17+:17] = exists[4*y+x] ? wide << {3'(i) + 3'(j), 1'b0} : '0;
    end
  end

  // As many terms as digit pairs, every pair among them and no other: each is there once.
  if (Check != 0) begin : gen_check
    logic [4:0]  digits_a, pairs;  // digits in the word of A, pairs of digits
    logic [63:0] good;
    for (genvar k = 0; k < 64; k++) begin : gen_key
      logic [15:0] is_it;
      for (genvar t = 0; t < 16; t++) begin : gen_term
        assign is_it[t] = exists[t] && key[t*6+:6] == 6'(k);
      end
      assign good[k] = (is_it != '0) == (5'(k / 4) < digits_a && 3'(k % 4) < field_b_i[3:1]);
    end
    assign digits_a  = field_a_i == 4'd8 ? lanes << 2 : field_a_i == 4'd4 ? lanes << 1 : lanes;
    assign pairs     = field_b_i == 4'd8 ? digits_a << 2 : field_b_i == 4'd4 ? digits_a << 1 : digits_a;
    assign covered_o = good == '1 && 5'($countones(exists)) == pairs;
  end else begin : gen_no_check
    assign covered_o = 1'b1;
  end
  assign lanes   = Accs > 1 ? fit(field_a_i) : fit(field_a_i) * fit(field_b_i);
  assign lanes_o = lanes;

  for (genvar k = 0; k < Accs; k++) begin : gen_acc
    logic [4*17-1:0] group;
    always_comb begin
      group = '0;
      for (int g = 0; g < 4; g++) begin
        for (int n = 0; n < 4; n++) begin
          group[g*17+:17] = group[g*17+:17]
              + (Accs == 1 || lane[(8*(g/2)+2*(g%2)+4*(n/2)+n%2)*4+:4] == 4'(k)
                 ? term[(8*(g/2)+2*(g%2)+4*(n/2)+n%2)*17+:17] : 17'd0);
        end
      end
      sums_o[k*17+:17] = Middle != 0 ? group[0+:17] + (group[17+:17] + group[34+:17]) + group[51+:17]
                                     : group[0+:17] + group[17+:17] + group[34+:17] + group[51+:17];
    end
  end

endmodule

`default_nettype wire
