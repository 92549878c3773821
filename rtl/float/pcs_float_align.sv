// A product on its way to a wide accumulator: +-magnitude * 2^place in units of the accumulator's last bit, as the signed
// word that pcs_acc_add takes.
//
// Combinational.  Bits below the accumulator's last one are cut off, toward zero (inexact_o).  A magnitude that reaches
// 2^AccBits becomes 2^AccBits plus its low AccBits bits: added to any accumulator it overflows to the right side and
// wraps to the right bits.  MagnitudeBits >= 1, AccBits >= 2; AccBits + MagnitudeBits and place_i
// + MagnitudeBits fit in PlaceBits signed bits.
`default_nettype none

module pcs_float_align #(
  parameter int unsigned MagnitudeBits = 22,
  parameter int unsigned AccBits       = 48,
  parameter int unsigned PlaceBits     = 12
) (
  input  logic                        negative_i,
  input  logic [MagnitudeBits-1:0]    magnitude_i,
  input  logic signed [PlaceBits-1:0] place_i,
  output logic signed [AccBits+1:0]   product_o,
  output logic                        inexact_o
);

  // The accumulator with as many bits below and above it as the magnitude has.
  localparam int unsigned FieldBits = AccBits + 2 * MagnitudeBits;
  localparam int unsigned PlaceMax  = AccBits + MagnitudeBits;

  // Place in the field: below 0 all of it is cut off, from PlaceMax on all of it lies above the accumulator.
  logic signed [PlaceBits-1:0] place;
  logic [FieldBits-1:0]        field;
  logic signed [AccBits+1:0]   aligned;
  logic                        above;
  assign place     = place_i + $signed(PlaceBits'(MagnitudeBits));
  assign field     = place < 0 ? FieldBits'(magnitude_i)
                     : FieldBits'(magnitude_i) << (place < $signed(PlaceBits'(PlaceMax)) ? place : PlaceBits'(PlaceMax));
  assign above     = field[FieldBits-1-:MagnitudeBits] != '0;
  assign aligned   = $signed({1'b0, above, field[MagnitudeBits+:AccBits]});
  assign product_o = negative_i ? -aligned : aligned;
  assign inexact_o = field[MagnitudeBits-1:0] != '0;

endmodule

`default_nettype wire
