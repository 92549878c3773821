// What is proven of every MAC kind: one operation from reset, in a mode and with operands that are free constants.
//
//   clock 0       reset
//   clock 1       a step is loaded; its operand registers are here, as the protocol of pcs_mac wants them from a PE
//   clock m + 1   its last clock, m = cycles(): write_o, and product_o is the plain signed product of each lane's codes,
//                 summed over the lanes or one an accumulator (where there are lanes, in the digits of pcs_lanes_sum;
//                 not stated of kinds whose products come aligned: see pcs_align_proof and tests/rtl/aligned.c);
//                 a second step may be loaded in this clock
//   clock m + 2   the module's registers are those of an instance that has only been idle and took the same load
// The last point makes it a proof for every sequence of steps: what a step leaves behind is what reset leaves behind.
// Another instance shows that a module which is not enabled holds its registers, whatever they are; so clocks in which
// the array is frozen do not matter, and the first instance need not meet any.
//
// bad_o: properties violated in this clock, by number: 0 protocol, 1 product, 2 leftover, 3 hold, 4 lanes: a word has
// others than pcs_lanes_sum adds (names in prove.sh).
// The picks are registers without an initial value, hence free; that of the mode is partly set by the caller.  They would
// change in a clock that no proof reaches, which synthesis cannot know: it has to keep them.
`default_nettype none

module pcs_mac_proof #(
  parameter int unsigned Kind  = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned Digit = 1,
  parameter int unsigned Middle = 0,  // order of addition, see pcs_lanes_sum
  localparam int unsigned WordBits = pcs_spec_pkg::word_bits(Kind),
  localparam int unsigned Accs     = pcs_spec_pkg::accs(Kind),
  localparam int unsigned OutBits  = pcs_spec_pkg::product_bits(Kind, 32) + pcs_spec_pkg::product_flags(Kind)
) (
  input  logic                clk_i,
  // What an instance that has no step sees at its inputs: anything.
  input  logic                idle_load_i,
  input  logic [15:0]         idle_load_mode_i,
  input  logic                idle_active_i,
  input  logic [15:0]         idle_mode_i,
  input  logic [WordBits-1:0] idle_a_i,
  input  logic [WordBits-1:0] idle_b_i,
  output logic [4:0]          bad_o
);

  // The narrowest operands have the most lanes.
  localparam int unsigned LanesMax = pcs_spec_pkg::lanes(Kind, Digit, 32'h22);
  // The plain product is what integer kinds hand over; what the others do with theirs is not stated here.
  localparam bit Integers = pcs_spec_pkg::kind_arith(Kind) == pcs_spec_pkg::ARITH_INTEGER;
  // Operand B may be the serial one.  Read from the spec at a pair of widths that every digit tells apart.
  localparam logic SerialB = pcs_spec_pkg::cycles(Kind, Digit, 32'h28)
                             != pcs_spec_pkg::cycles(Kind, Digit, 32'h28 | (32'd1 << pcs_spec_pkg::MODE_SERIAL_B_LSB));

  logic [6:0] clock_q = '0;

  always_ff @(posedge clk_i) begin
    clock_q <= clock_q + 7'd1;
  end

  // ---- the picks ----

  logic [15:0]         pick_mode, pick_next_mode;
  logic [WordBits-1:0] pick_a, pick_b;
  logic                pick_next;  // whether a second step is loaded

  always_ff @(posedge clk_i) begin
    if (clock_q == '1) begin
      pick_mode      <= ~pick_mode;
      pick_next_mode <= ~pick_next_mode;
      pick_a         <= ~pick_a;
      pick_b         <= ~pick_b;
      pick_next      <= ~pick_next;
    end
  end

  logic                               legal, a_signed, b_signed;
  logic [3:0]                         pa, pb, field_a, field_b;
  logic [4:0]                         lanes;
  logic [pcs_spec_pkg::STEP_BITS-1:0] m;

  assign legal    = pcs_spec_pkg::mode_legal(Kind, {16'd0, pick_mode});
  assign a_signed = pick_mode[pcs_spec_pkg::MODE_A_SIGNED_LSB];
  assign b_signed = pick_mode[pcs_spec_pkg::MODE_B_SIGNED_LSB];
  assign pa       = pick_mode[pcs_spec_pkg::MODE_PA_LSB+:4];
  assign pb       = pick_mode[pcs_spec_pkg::MODE_PB_LSB+:4];
  assign m        = pcs_spec_pkg::cycles(Kind, Digit, {16'd0, pick_mode});
  assign lanes    = pcs_spec_pkg::lanes(Kind, Digit, {16'd0, pick_mode});
  assign field_a  = pcs_spec_pkg::field_a(Kind, Digit, {16'd0, pick_mode});
  assign field_b  = pcs_spec_pkg::field_b(Kind, Digit, {16'd0, pick_mode});

  // ---- operand words and what they make ----

  // Bit `index` of the codes' word: lanes are `field` bits apart, a code's bits above its own are its sign or zero.
  function automatic logic word_bit(input logic [31:0] pick, input int index, input logic [3:0] field,
                                    input logic [3:0] bits, input logic is_signed, input logic [4:0] count);
    int unsigned lane, place;
    lane     = field == 4'd2 ? index / 2 : field == 4'd4 ? index / 4 : index / 8;
    place    = field == 4'd2 ? index % 2 : field == 4'd4 ? index % 4 : index % 8;
    word_bit = lane < 32'(count) && (place < 32'(bits) ? pick[index] : is_signed && pick[index-place+32'(bits)-1]);
  endfunction

  logic [WordBits-1:0] word_a, word_b;

  always_comb begin
    for (int i = 0; i < WordBits; i++) begin
      word_a[i] = word_bit(32'(pick_a), i, field_a, pa, a_signed, lanes);
      word_b[i] = word_bit(32'(pick_b), i, field_b, pb, b_signed, lanes);
    end
  end

  // What each accumulator gets: the plain product, or, where words have lanes, its digits, see pcs_lanes_proof.
  // Multiplication commutes: which operand stands at the left only decides which one's bits the prover's multiplier
  // walks, see product.v.
  logic [Accs*17-1:0] expected;
  logic [4:0]         summed;    // lanes of the sum

  if (LanesMax == 1) begin : gen_plain
    logic signed [8:0]  a, b, left, right;
    logic signed [16:0] product;
    logic               swap;
    assign a        = {a_signed && word_a[7], word_a[7:0]};
    assign b        = {b_signed && word_b[7], word_b[7:0]};
    assign swap     = SerialB && pick_mode[pcs_spec_pkg::MODE_SERIAL_B_LSB];
    assign left     = swap ? b : a;
    assign right    = swap ? a : b;
    assign product  = left * right;
    assign expected = product;
    assign summed   = 5'd1;
  end else begin : gen_lanes
    pcs_lanes_sum #(
      .WordBits(WordBits),
      .Accs    (Accs),
      .Middle  (Middle)
    ) u_sum (
      .field_a_i (field_a),
      .field_b_i (field_b),
      .a_signed_i(a_signed),
      .b_signed_i(b_signed),
      .a_i       (word_a),
      .b_i       (word_b),
      .sums_o    (expected),
      .lanes_o   (summed),
      .covered_o ()
    );
  end

  // ---- the module under proof, and what a PE does for it ----

  logic                load, next_load, active_q, shift_a, shift_b, work, write;
  logic [15:0]         mode_q;
  logic [WordBits-1:0] a_q, b_q;
  logic [3:0]          remaining, inner;
  logic signed [16:0]  partial;
  logic [Accs*OutBits-1:0] product;

  assign load      = clock_q == 7'd1;
  assign next_load = pick_next && clock_q == m + 7'd1 && clock_q != '0;

  pcs_mac #(
    .Kind (Kind),
    .Digit(Digit)
  ) u_mac (
    .clk_i,
    .rst_ni     (clock_q != '0),
    .en_i       (1'b1),
    .load_i     (load || next_load),
    .load_mode_i(load ? pick_mode : pick_next_mode),
    .active_i   (active_q),
    .mode_i     (mode_q),
    .a_i        (a_q),
    .b_i        (b_q),
    .shift_a_o  (shift_a),
    .shift_b_o  (shift_b),
    .remaining_o(remaining),
    .inner_o    (inner),
    .partial_o  (partial),
    .work_o     (work),
    .write_o    (write),
    .product_o  (product)
  );

  always_ff @(posedge clk_i) begin
    active_q <= load;
    if (load) begin
      mode_q <= pick_mode;
      a_q    <= word_a << pcs_spec_pkg::shift_a(Kind, Digit, {16'd0, pick_mode});
      b_q    <= word_b << pcs_spec_pkg::shift_b(Kind, Digit, {16'd0, pick_mode});
    end else if (work) begin
      if (shift_a) begin
        a_q <= a_q << Digit;
      end
      if (shift_b) begin
        b_q <= b_q << Digit;
      end
    end
  end

  // ---- an instance that idles until the second step's load ----

  logic [3:0]         idle_remaining, idle_inner;
  logic signed [16:0] idle_partial;
  logic               idle_work, idle_write;

  pcs_mac #(
    .Kind (Kind),
    .Digit(Digit)
  ) u_idle (
    .clk_i,
    .rst_ni     (clock_q != '0),
    .en_i       (1'b1),
    .load_i     (next_load),
    .load_mode_i(next_load ? pick_next_mode : idle_load_mode_i),
    .active_i   (1'b0),
    .mode_i     (idle_mode_i),
    .a_i        (idle_a_i),
    .b_i        (idle_b_i),
    .shift_a_o  (),
    .shift_b_o  (),
    .remaining_o(idle_remaining),
    .inner_o    (idle_inner),
    .partial_o  (idle_partial),
    .work_o     (idle_work),
    .write_o    (idle_write),
    .product_o  ()
  );

  // ---- an instance that is not enabled, in any state ----

  logic [3:0]         hold_remaining, hold_inner, was_remaining_q, was_inner_q;
  logic signed [16:0] hold_partial, was_partial_q;

  pcs_mac #(
    .Kind (Kind),
    .Digit(Digit)
  ) u_hold (
    .clk_i,
    .rst_ni     (1'b1),
    .en_i       (1'b0),
    .load_i     (idle_load_i),
    .load_mode_i(idle_load_mode_i),
    .active_i   (idle_active_i),
    .mode_i     (idle_mode_i),
    .a_i        (idle_a_i),
    .b_i        (idle_b_i),
    .shift_a_o  (),
    .shift_b_o  (),
    .remaining_o(hold_remaining),
    .inner_o    (hold_inner),
    .partial_o  (hold_partial),
    .work_o     (),
    .write_o    (),
    .product_o  ()
  );

  always_ff @(posedge clk_i) begin
    {was_remaining_q, was_inner_q, was_partial_q} <= {hold_remaining, hold_inner, hold_partial};
  end

  // ---- the properties ----

  logic running, at_end, after;

  assign running  = legal && clock_q != '0;
  assign at_end   = running && clock_q == m + 7'd1;
  assign after    = running && clock_q == m + 7'd2;
  assign bad_o[0] = running && clock_q <= m + 7'd1
                    && (work != (clock_q != 7'd1) || write != at_end || idle_work || idle_write);
  assign bad_o[1] = Integers && at_end && product[Accs*17-1:0] != expected;
  assign bad_o[2] = after && {remaining, inner, partial} != {idle_remaining, idle_inner, idle_partial};
  assign bad_o[3] = clock_q == 7'd1 && {hold_remaining, hold_inner, hold_partial}
                                       != {was_remaining_q, was_inner_q, was_partial_q};
  assign bad_o[4] = at_end && lanes != summed;

endmodule

`default_nettype wire
