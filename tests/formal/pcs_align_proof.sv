// What is proven of pcs_float_align and the accumulation after it: together they are the sum of float_mac.h, spelled here
// with numbers that are wide enough to hold every product where it lies: the magnitude is shifted to its place, bits below
// the accumulator are cut off, and the exact sum wraps or saturates.  For any magnitude of MagnitudeBits bits at any
// place whose distance to the end of pcs_float_align's field fits PlaceBits, any accumulator.
`default_nettype none

module pcs_align_proof #(
  parameter int unsigned MagnitudeBits = 4,
  parameter int unsigned AccBits       = 16,
  parameter int unsigned PlaceBits     = 6
) (
  input  logic signed [AccBits-1:0]   base_i,
  input  logic                        negative_i,
  input  logic [MagnitudeBits-1:0]    magnitude_i,
  input  logic signed [PlaceBits-1:0] place_i,
  input  logic                        saturate_i,
  output logic                        bad_o
);

  // Any place: 2^(PlaceBits-1) bits below the accumulator's last one, as many above it.
  localparam int unsigned Half = 1 << (PlaceBits - 1);
  localparam int unsigned Bits = 2 * Half + MagnitudeBits + AccBits + 2;

  logic [PlaceBits-1:0]   up;
  logic [Bits-1:0]        field;
  logic signed [Bits-1:0] addend, sum, max, min, kept;
  logic                   fits;
  assign up     = PlaceBits'(place_i) + PlaceBits'(Half);  // 0..2 Half - 1
  assign field  = Bits'(magnitude_i) << up;
  assign addend = negative_i ? -$signed(field >> Half) : $signed(field >> Half);
  assign max    = (Bits'(1) << (AccBits - 1)) - Bits'(1);
  assign min    = -(Bits'(1) << (AccBits - 1));
  assign sum    = Bits'(base_i) + addend;
  assign fits   = sum >= min && sum <= max;
  assign kept   = fits || !saturate_i ? sum : sum > max ? max : min;

  logic signed [AccBits+1:0] product;
  logic signed [AccBits-1:0] got;
  logic                      inexact, overflow;

  pcs_float_align #(
    .MagnitudeBits(MagnitudeBits),
    .AccBits      (AccBits),
    .PlaceBits    (PlaceBits)
  ) u_align (
    .negative_i,
    .magnitude_i,
    .place_i,
    .product_o(product),
    .inexact_o(inexact)
  );

  pcs_acc_add #(
    .AccBits    (AccBits),
    .ProductBits(AccBits + 2)
  ) u_add (
    .base_i,
    .product_i (product),
    .saturate_i,
    .sum_o     (got),
    .overflow_o(overflow)
  );

  // The distance to the field's end fits too.
  logic legal;
  assign legal = place_i < $signed(PlaceBits'(Half - MagnitudeBits));
  assign bad_o = legal && (got != kept[AccBits-1:0] || overflow == fits || inexact != (field[Half-1:0] != '0));

endmodule

`default_nettype wire
