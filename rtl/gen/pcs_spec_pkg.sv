// Printed by models/spec/spec_print.c from models/spec/*.def: do not edit.  To regenerate: ninja spec
`default_nettype none

// Users take what they need of it.
/* verilator lint_off UNUSEDPARAM */
/* verilator lint_off UNUSEDSIGNAL */
package pcs_spec_pkg;
  // Architectural constants.
  localparam int unsigned CODE_BITS = 8;  // width of an integer operand code outside the array
  localparam int unsigned PREC_MIN = 2;  // narrowest integer operand or mantissa, bits
  localparam int unsigned PREC_MAX = 8;  // widest integer operand of one pass, or mantissa, bits
  localparam int unsigned STEP_MAX = 64;  // most clocks that an operand step occupies a PE, of all kinds and modes
  localparam int unsigned STEP_BITS = 7;  // width of a count of such clocks
  localparam int unsigned WORD_MAX = 32;  // widest operand word of all kinds, bits
  localparam int unsigned LANES_MAX = 16;  // most codes in an operand word, of all kinds and modes
  localparam int unsigned ACCS_MAX = 4;  // most accumulators of a PE, of all kinds
  localparam int unsigned ACC_MIN_BITS = 16;  // narrowest accumulator, bits
  localparam int unsigned ACC_MAX_BITS = 48;  // widest accumulator, bits
  localparam int unsigned ARRAY_MAX_DIM = 128;  // most rows or columns of one array
  localparam int unsigned MODE_BITS = 32;  // width of the mode word
  localparam int unsigned COUNT_BITS = 8;  // width of a row or column count on the array's ports
  localparam int unsigned CSR_ADDR_BITS = 8;  // width of a read-only register's address
  localparam int unsigned EVENT_BITS = 64;  // width of a performance counter
  localparam int unsigned ANCHOR_STEP = 4;  // anchors of mode words are -64..63 times this
  localparam int unsigned BFP_DIGIT = 2;  // bits of each mantissa that a bfp PE multiplies in a clock
  localparam int unsigned BFP_BIAS = 127;  // bias of a shared exponent, the upper byte of a bfp code
  localparam int unsigned BFP_NAN = 255;  // shared exponent of a block that is no number

  // MAC kinds.
  localparam int unsigned KIND_GATED = 0;  // conventional 8x8 multiplier, unused low bits held at zero
  localparam int unsigned KIND_SERIAL = 1;  // Stripes / UNPU: one operand digit-serial, most significant digit first
  localparam int unsigned KIND_SERIAL2D = 2;  // Loom / BISMO: both operands digit-serial, one product of digits a clock
  localparam int unsigned KIND_FUSION = 3;  // Bit Fusion: 16 bricks of 2b x 2b, products of a word summed together
  localparam int unsigned KIND_SUBWORD = 4;  // DVAFS: one multiplier cut into lanes, each product kept apart
  localparam int unsigned KIND_FLOAT = 5;  // CVFPU: FP8, FP16 or BF16 times any of them, into a wide aligned accumulator
  localparam int unsigned KIND_BFP = 6;  // FAST: shared exponents, mantissas in 2-bit chunks, into a wide aligned accumulator
  localparam int unsigned KIND_COUNT = 7;

  // What the codes of kinds are.
  localparam int unsigned ARITH_INTEGER = 0;  // integers of 2 to 8 bits, unsigned or two's complement
  localparam int unsigned ARITH_FLOAT = 1;  // floating-point numbers of the formats that models/mac/float_mac.h serves
  localparam int unsigned ARITH_BFP = 2;  // a shared exponent and a mantissa of 2 to 8 bits, see models/mac/bfp.h

  // Dataflows; parameter Dataflow takes OS and WS.
  localparam int unsigned DATAFLOW_OS = 0;  // output-stationary: both operands stream, sums stay until they are drained
  localparam int unsigned DATAFLOW_WS = 1;  // weight-stationary: B stays, A streams, sums move down
  localparam int unsigned DATAFLOW_IS = 2;  // input-stationary: A stays, B streams; a weight-stationary array with its operands exchanged

  // The mode word.
  localparam int unsigned MODE_PA_LSB = 0;  // operand A: integers, bits; float, the number of its format; bfp, bits of its mantissas
  localparam int unsigned MODE_PA_WIDTH = 4;
  localparam int unsigned MODE_PB_LSB = 4;  // operand B, likewise
  localparam int unsigned MODE_PB_WIDTH = 4;
  localparam int unsigned MODE_A_SIGNED_LSB = 8;  // A is two's complement
  localparam int unsigned MODE_A_SIGNED_WIDTH = 1;
  localparam int unsigned MODE_B_SIGNED_LSB = 9;  // B is two's complement
  localparam int unsigned MODE_B_SIGNED_WIDTH = 1;
  localparam int unsigned MODE_SERIAL_B_LSB = 10;  // serial kinds: 1 = B is the bit-serial operand, 0 = A is
  localparam int unsigned MODE_SERIAL_B_WIDTH = 1;
  localparam int unsigned MODE_SATURATE_LSB = 11;  // accumulator: 1 = saturate, 0 = wrap
  localparam int unsigned MODE_SATURATE_WIDTH = 1;
  localparam int unsigned MODE_ANCHOR_LOW_LSB = 8;  // float, bfp: low bits of the anchor's quarter; the accumulator's last bit weighs 2^anchor
  localparam int unsigned MODE_ANCHOR_LOW_WIDTH = 3;
  localparam int unsigned MODE_ANCHOR_HIGH_LSB = 12;  // its high bits, two's complement
  localparam int unsigned MODE_ANCHOR_HIGH_WIDTH = 4;

  // Performance counters.
  localparam int unsigned EVENT_CYCLE = 0;  // clocks: clocks from the first accepted step to the last output row, both included
  localparam int unsigned EVENT_STALL = 1;  // clocks: of these, clocks frozen because the output port was not ready
  localparam int unsigned EVENT_STEP = 2;  // steps: operand steps accepted at the input port; WS: those that stream
  localparam int unsigned EVENT_TILE = 3;  // tiles: tile segments (OS) or tiles (WS) accepted: steps marked last
  localparam int unsigned EVENT_A_LOAD = 4;  // words: operand words of A that entered the array edge
  localparam int unsigned EVENT_B_LOAD = 5;  // words: operand words of B that entered the array edge
  localparam int unsigned EVENT_SKEW = 6;  // words: operand words written into the edge's skew registers
  localparam int unsigned EVENT_PE_LOAD = 7;  // steps: pairs of operand words written into PE operand registers
  localparam int unsigned EVENT_MAC_CYCLE = 8;  // clocks: PE clocks in which a multiplier worked
  localparam int unsigned EVENT_ACC_WRITE = 9;  // words: accumulator writes; all accumulators of a PE are one word here and below
  localparam int unsigned EVENT_CAPTURE = 10;  // words: accumulators copied into drain registers
  localparam int unsigned EVENT_DRAIN = 11;  // words: words shifted from one drain register into the next
  localparam int unsigned EVENT_DESKEW = 12;  // words: words written into the output's deskew registers
  localparam int unsigned EVENT_OUT = 13;  // words: accumulators that left the array
  localparam int unsigned EVENT_OVERFLOW = 14;  // words: accumulators that left with their sticky overflow flag set, each of a PE counted
  localparam int unsigned EVENT_WEIGHT_PASS = 15;  // words: WS: weights written into a PE's pass register on their way down
  localparam int unsigned EVENT_WEIGHT_STAGE = 16;  // words: WS: weights written into a PE's staging register
  localparam int unsigned EVENT_WEIGHT_SWAP = 17;  // words: WS: staged weights that became a PE's stationary weight
  localparam int unsigned EVENT_COUNT = 18;

  // The probe word of one PE.
  localparam int unsigned PROBE_ACC_LSB = 0;  // accumulator, sign-extended to 48 bits
  localparam int unsigned PROBE_ACC_WIDTH = 48;
  localparam int unsigned PROBE_ACC_FLAGS_LSB = 48;  // its sticky flags: integer kinds 1 = overflow, others FLAG_* of float_mac.def
  localparam int unsigned PROBE_ACC_FLAGS_WIDTH = 5;
  localparam int unsigned PROBE_DRAIN_LSB = 53;  // drain register, sign-extended to 48 bits
  localparam int unsigned PROBE_DRAIN_WIDTH = 48;
  localparam int unsigned PROBE_DRAIN_FLAGS_LSB = 101;  // flags of the drain register
  localparam int unsigned PROBE_DRAIN_FLAGS_WIDTH = 5;
  localparam int unsigned PROBE_DRAIN_VALID_LSB = 106;  // the drain register holds a result not yet moved on
  localparam int unsigned PROBE_DRAIN_VALID_WIDTH = 1;
  localparam int unsigned PROBE_A_LSB = 107;  // operand register of A, aligned as the kind wants it; a serial operand shifts left in it
  localparam int unsigned PROBE_A_WIDTH = 32;
  localparam int unsigned PROBE_B_LSB = 139;  // operand register of B, likewise
  localparam int unsigned PROBE_B_WIDTH = 32;
  localparam int unsigned PROBE_MODE_LSB = 171;  // mode word of the running tile, its low 16 bits
  localparam int unsigned PROBE_MODE_WIDTH = 16;
  localparam int unsigned PROBE_ACTIVE_LSB = 187;  // operands were loaded at the last clock edge
  localparam int unsigned PROBE_ACTIVE_WIDTH = 1;
  localparam int unsigned PROBE_FIRST_LSB = 188;  // the loaded step is the first of its tile
  localparam int unsigned PROBE_FIRST_WIDTH = 1;
  localparam int unsigned PROBE_LAST_LSB = 189;  // the loaded step is the last of its tile
  localparam int unsigned PROBE_LAST_WIDTH = 1;
  localparam int unsigned PROBE_REMAINING_LSB = 190;  // serial kinds: digits of the serial operand (serial2d: of A) that the running step still needs, this clock's included
  localparam int unsigned PROBE_REMAINING_WIDTH = 4;
  localparam int unsigned PROBE_INNER_LSB = 194;  // serial2d: digits of B that the running pass still needs, this clock's included
  localparam int unsigned PROBE_INNER_WIDTH = 4;
  localparam int unsigned PROBE_PARTIAL_LSB = 198;  // serial kinds: product of the digits used so far
  localparam int unsigned PROBE_PARTIAL_WIDTH = 17;
  localparam int unsigned PROBE_START_LSB = 215;  // WS: the loaded step is the first of its tile (OS: reads zero)
  localparam int unsigned PROBE_START_WIDTH = 1;
  localparam int unsigned PROBE_WEIGHT_LSB = 216;  // WS: stationary weight, aligned as the kind wants it
  localparam int unsigned PROBE_WEIGHT_WIDTH = 32;
  localparam int unsigned PROBE_WEIGHT_VALID_LSB = 248;  // WS: the running tile has a weight in this PE
  localparam int unsigned PROBE_WEIGHT_VALID_WIDTH = 1;
  localparam int unsigned PROBE_STAGED_LSB = 249;  // WS: weight of the next tile
  localparam int unsigned PROBE_STAGED_WIDTH = 32;
  localparam int unsigned PROBE_STAGED_VALID_LSB = 281;  // WS: there is one
  localparam int unsigned PROBE_STAGED_VALID_WIDTH = 1;
  localparam int unsigned PROBE_PASS_LSB = 282;  // WS: weight on its way down
  localparam int unsigned PROBE_PASS_WIDTH = 32;
  localparam int unsigned PROBE_PASS_ROWS_LSB = 314;  // WS: rows that it still passes before the one that stages it
  localparam int unsigned PROBE_PASS_ROWS_WIDTH = 8;
  localparam int unsigned PROBE_PASS_VALID_LSB = 322;  // WS: there is one
  localparam int unsigned PROBE_PASS_VALID_WIDTH = 1;
  localparam int unsigned PROBE_ACC1_LSB = 323;  // accumulator of lane 1, kinds with several
  localparam int unsigned PROBE_ACC1_WIDTH = 48;
  localparam int unsigned PROBE_ACC1_OVF_LSB = 371;  // its sticky overflow
  localparam int unsigned PROBE_ACC1_OVF_WIDTH = 1;
  localparam int unsigned PROBE_ACC2_LSB = 372;  // accumulator of lane 2
  localparam int unsigned PROBE_ACC2_WIDTH = 48;
  localparam int unsigned PROBE_ACC2_OVF_LSB = 420;  // its sticky overflow
  localparam int unsigned PROBE_ACC2_OVF_WIDTH = 1;
  localparam int unsigned PROBE_ACC3_LSB = 421;  // accumulator of lane 3
  localparam int unsigned PROBE_ACC3_WIDTH = 48;
  localparam int unsigned PROBE_ACC3_OVF_LSB = 469;  // its sticky overflow
  localparam int unsigned PROBE_ACC3_OVF_WIDTH = 1;
  localparam int unsigned PROBE_DRAIN1_LSB = 470;  // drain register of lane 1
  localparam int unsigned PROBE_DRAIN1_WIDTH = 48;
  localparam int unsigned PROBE_DRAIN1_OVF_LSB = 518;  // its overflow flag
  localparam int unsigned PROBE_DRAIN1_OVF_WIDTH = 1;
  localparam int unsigned PROBE_DRAIN2_LSB = 519;  // drain register of lane 2
  localparam int unsigned PROBE_DRAIN2_WIDTH = 48;
  localparam int unsigned PROBE_DRAIN2_OVF_LSB = 567;  // its overflow flag
  localparam int unsigned PROBE_DRAIN2_OVF_WIDTH = 1;
  localparam int unsigned PROBE_DRAIN3_LSB = 568;  // drain register of lane 3
  localparam int unsigned PROBE_DRAIN3_WIDTH = 48;
  localparam int unsigned PROBE_DRAIN3_OVF_LSB = 616;  // its overflow flag
  localparam int unsigned PROBE_DRAIN3_OVF_WIDTH = 1;
  localparam int unsigned PROBE_BITS = 617;

  // Read-only registers.
  localparam logic [CSR_ADDR_BITS-1:0] CSR_SPEC_HASH = 8'h00;  // FNV-1a of all spec rows
  localparam logic [CSR_ADDR_BITS-1:0] CSR_ROWS = 8'h01;  // R
  localparam logic [CSR_ADDR_BITS-1:0] CSR_COLS = 8'h02;  // C
  localparam logic [CSR_ADDR_BITS-1:0] CSR_KIND = 8'h03;  // MAC kind id
  localparam logic [CSR_ADDR_BITS-1:0] CSR_ACC_BITS = 8'h04;  // accumulator width
  localparam logic [CSR_ADDR_BITS-1:0] CSR_STATUS = 8'h05;  // bit 0: sticky, a step with an illegal mode word, row or count was presented and refused
  localparam logic [CSR_ADDR_BITS-1:0] CSR_DATAFLOW = 8'h06;  // dataflow of the RTL, 0 or 1, see dataflows.def
  localparam logic [CSR_ADDR_BITS-1:0] CSR_DIGIT = 8'h07;  // bits of a serial operand a clock
  localparam logic [CSR_ADDR_BITS-1:0] CSR_EVENT_BASE = 8'h40;  // first performance counter
  localparam logic [63:0] SPEC_HASH = 64'hd6504e97c75386bc;

  // Floating-point formats.
  localparam int unsigned FORMAT_E5M2 = 0;  // OFP8; Mellempudi, Wang, HFP8 backward
  localparam int unsigned FORMAT_E4M3 = 1;  // OFP8
  localparam int unsigned FORMAT_E4M3_IEEE = 2;  // FPnew FP8ALT, ml_dtypes e4m3
  localparam int unsigned FORMAT_E4M3_FNUZ = 3;  // AMD CDNA3 fp8
  localparam int unsigned FORMAT_E5M2_FNUZ = 4;  // AMD CDNA3 bf8
  localparam int unsigned FORMAT_E4M3_B11_FNUZ = 5;  // close to HFP8 forward
  localparam int unsigned FORMAT_E3M4 = 6;  // IEEE-like
  localparam int unsigned FORMAT_E3M2 = 7;  // OCP MX FP6
  localparam int unsigned FORMAT_E2M3 = 8;  // OCP MX FP6
  localparam int unsigned FORMAT_E2M1 = 9;  // OCP MX FP4
  localparam int unsigned FORMAT_E8M0 = 10;  // OCP MX scale
  localparam int unsigned FORMAT_E5M3 = 11;  // HFP8 internal 1-5-3
  localparam int unsigned FORMAT_E6M9 = 12;  // 1-6-9 IEEE-like, Wang accumulation
  localparam int unsigned FORMAT_DLFLOAT16 = 13;  // IBM DLFloat; NaN and Inf are one code
  localparam int unsigned FORMAT_FP16 = 14;  // IEEE 754 binary16
  localparam int unsigned FORMAT_BF16 = 15;  // bfloat16
  localparam int unsigned FORMAT_TF32 = 16;  // NVIDIA TF32, 19 bits
  localparam int unsigned FORMAT_E8M13 = 17;  // NVIDIA FP8 accumulator, FP22
  localparam int unsigned FORMAT_FP32 = 18;  // IEEE 754 binary32
  localparam int unsigned FORMAT_COUNT = 19;

  // What their columns hold.
  localparam int unsigned SIGN_SIGNED = 0;
  localparam int unsigned SIGN_UNSIGNED = 1;
  localparam int unsigned TOP_IEEE = 0;
  localparam int unsigned TOP_FN = 1;
  localparam int unsigned TOP_FULL = 2;
  localparam int unsigned LOWEST_SUBNORMAL = 0;
  localparam int unsigned LOWEST_NORMAL = 1;
  localparam int unsigned ZERO_SIGNED = 0;
  localparam int unsigned ZERO_NAN = 1;
  localparam int unsigned ZERO_NONE = 2;

  // Whether the top bit is a sign: SIGN_*.
  function automatic int unsigned format_sign(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_sign = 0;
      FORMAT_E4M3: format_sign = 0;
      FORMAT_E4M3_IEEE: format_sign = 0;
      FORMAT_E4M3_FNUZ: format_sign = 0;
      FORMAT_E5M2_FNUZ: format_sign = 0;
      FORMAT_E4M3_B11_FNUZ: format_sign = 0;
      FORMAT_E3M4: format_sign = 0;
      FORMAT_E3M2: format_sign = 0;
      FORMAT_E2M3: format_sign = 0;
      FORMAT_E2M1: format_sign = 0;
      FORMAT_E8M0: format_sign = 1;
      FORMAT_E5M3: format_sign = 0;
      FORMAT_E6M9: format_sign = 0;
      FORMAT_DLFLOAT16: format_sign = 0;
      FORMAT_FP16: format_sign = 0;
      FORMAT_BF16: format_sign = 0;
      FORMAT_TF32: format_sign = 0;
      FORMAT_E8M13: format_sign = 0;
      FORMAT_FP32: format_sign = 0;
      default: format_sign = 0;
    endcase
  endfunction

  // Bits of the exponent field.
  function automatic int unsigned format_exponent_bits(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_exponent_bits = 5;
      FORMAT_E4M3: format_exponent_bits = 4;
      FORMAT_E4M3_IEEE: format_exponent_bits = 4;
      FORMAT_E4M3_FNUZ: format_exponent_bits = 4;
      FORMAT_E5M2_FNUZ: format_exponent_bits = 5;
      FORMAT_E4M3_B11_FNUZ: format_exponent_bits = 4;
      FORMAT_E3M4: format_exponent_bits = 3;
      FORMAT_E3M2: format_exponent_bits = 3;
      FORMAT_E2M3: format_exponent_bits = 2;
      FORMAT_E2M1: format_exponent_bits = 2;
      FORMAT_E8M0: format_exponent_bits = 8;
      FORMAT_E5M3: format_exponent_bits = 5;
      FORMAT_E6M9: format_exponent_bits = 6;
      FORMAT_DLFLOAT16: format_exponent_bits = 6;
      FORMAT_FP16: format_exponent_bits = 5;
      FORMAT_BF16: format_exponent_bits = 8;
      FORMAT_TF32: format_exponent_bits = 8;
      FORMAT_E8M13: format_exponent_bits = 8;
      FORMAT_FP32: format_exponent_bits = 8;
      default: format_exponent_bits = 0;
    endcase
  endfunction

  // Bits of the mantissa, without the hidden one.
  function automatic int unsigned format_mantissa_bits(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_mantissa_bits = 2;
      FORMAT_E4M3: format_mantissa_bits = 3;
      FORMAT_E4M3_IEEE: format_mantissa_bits = 3;
      FORMAT_E4M3_FNUZ: format_mantissa_bits = 3;
      FORMAT_E5M2_FNUZ: format_mantissa_bits = 2;
      FORMAT_E4M3_B11_FNUZ: format_mantissa_bits = 3;
      FORMAT_E3M4: format_mantissa_bits = 4;
      FORMAT_E3M2: format_mantissa_bits = 2;
      FORMAT_E2M3: format_mantissa_bits = 3;
      FORMAT_E2M1: format_mantissa_bits = 1;
      FORMAT_E8M0: format_mantissa_bits = 0;
      FORMAT_E5M3: format_mantissa_bits = 3;
      FORMAT_E6M9: format_mantissa_bits = 9;
      FORMAT_DLFLOAT16: format_mantissa_bits = 9;
      FORMAT_FP16: format_mantissa_bits = 10;
      FORMAT_BF16: format_mantissa_bits = 7;
      FORMAT_TF32: format_mantissa_bits = 10;
      FORMAT_E8M13: format_mantissa_bits = 13;
      FORMAT_FP32: format_mantissa_bits = 23;
      default: format_mantissa_bits = 0;
    endcase
  endfunction

  // Bias of the exponent.
  function automatic int unsigned format_bias(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_bias = 15;
      FORMAT_E4M3: format_bias = 7;
      FORMAT_E4M3_IEEE: format_bias = 7;
      FORMAT_E4M3_FNUZ: format_bias = 8;
      FORMAT_E5M2_FNUZ: format_bias = 16;
      FORMAT_E4M3_B11_FNUZ: format_bias = 11;
      FORMAT_E3M4: format_bias = 3;
      FORMAT_E3M2: format_bias = 3;
      FORMAT_E2M3: format_bias = 1;
      FORMAT_E2M1: format_bias = 1;
      FORMAT_E8M0: format_bias = 127;
      FORMAT_E5M3: format_bias = 15;
      FORMAT_E6M9: format_bias = 31;
      FORMAT_DLFLOAT16: format_bias = 31;
      FORMAT_FP16: format_bias = 15;
      FORMAT_BF16: format_bias = 127;
      FORMAT_TF32: format_bias = 127;
      FORMAT_E8M13: format_bias = 127;
      FORMAT_FP32: format_bias = 127;
      default: format_bias = 0;
    endcase
  endfunction

  // What the highest exponent holds: TOP_*.
  function automatic int unsigned format_top(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_top = 0;
      FORMAT_E4M3: format_top = 1;
      FORMAT_E4M3_IEEE: format_top = 0;
      FORMAT_E4M3_FNUZ: format_top = 2;
      FORMAT_E5M2_FNUZ: format_top = 2;
      FORMAT_E4M3_B11_FNUZ: format_top = 2;
      FORMAT_E3M4: format_top = 0;
      FORMAT_E3M2: format_top = 2;
      FORMAT_E2M3: format_top = 2;
      FORMAT_E2M1: format_top = 2;
      FORMAT_E8M0: format_top = 1;
      FORMAT_E5M3: format_top = 0;
      FORMAT_E6M9: format_top = 0;
      FORMAT_DLFLOAT16: format_top = 1;
      FORMAT_FP16: format_top = 0;
      FORMAT_BF16: format_top = 0;
      FORMAT_TF32: format_top = 0;
      FORMAT_E8M13: format_top = 0;
      FORMAT_FP32: format_top = 0;
      default: format_top = 0;
    endcase
  endfunction

  // What exponent field 0 holds: LOWEST_*.
  function automatic int unsigned format_lowest(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_lowest = 0;
      FORMAT_E4M3: format_lowest = 0;
      FORMAT_E4M3_IEEE: format_lowest = 0;
      FORMAT_E4M3_FNUZ: format_lowest = 0;
      FORMAT_E5M2_FNUZ: format_lowest = 0;
      FORMAT_E4M3_B11_FNUZ: format_lowest = 0;
      FORMAT_E3M4: format_lowest = 0;
      FORMAT_E3M2: format_lowest = 0;
      FORMAT_E2M3: format_lowest = 0;
      FORMAT_E2M1: format_lowest = 0;
      FORMAT_E8M0: format_lowest = 1;
      FORMAT_E5M3: format_lowest = 0;
      FORMAT_E6M9: format_lowest = 0;
      FORMAT_DLFLOAT16: format_lowest = 1;
      FORMAT_FP16: format_lowest = 0;
      FORMAT_BF16: format_lowest = 0;
      FORMAT_TF32: format_lowest = 0;
      FORMAT_E8M13: format_lowest = 0;
      FORMAT_FP32: format_lowest = 0;
      default: format_lowest = 0;
    endcase
  endfunction

  // Which zeros there are: ZERO_*.
  function automatic int unsigned format_zero(input int unsigned format);
    case (format)
      FORMAT_E5M2: format_zero = 0;
      FORMAT_E4M3: format_zero = 0;
      FORMAT_E4M3_IEEE: format_zero = 0;
      FORMAT_E4M3_FNUZ: format_zero = 1;
      FORMAT_E5M2_FNUZ: format_zero = 1;
      FORMAT_E4M3_B11_FNUZ: format_zero = 1;
      FORMAT_E3M4: format_zero = 0;
      FORMAT_E3M2: format_zero = 0;
      FORMAT_E2M3: format_zero = 0;
      FORMAT_E2M1: format_zero = 0;
      FORMAT_E8M0: format_zero = 2;
      FORMAT_E5M3: format_zero = 0;
      FORMAT_E6M9: format_zero = 0;
      FORMAT_DLFLOAT16: format_zero = 0;
      FORMAT_FP16: format_zero = 0;
      FORMAT_BF16: format_zero = 0;
      FORMAT_TF32: format_zero = 0;
      FORMAT_E8M13: format_zero = 0;
      FORMAT_FP32: format_zero = 0;
      default: format_zero = 0;
    endcase
  endfunction

  // Conversion units.
  localparam int unsigned CONVERT_ROUNDING_RNE = 0;  // to nearest, ties to even
  localparam int unsigned CONVERT_ROUNDING_RTZ = 1;  // toward zero; so does the code 3
  localparam int unsigned CONVERT_ROUNDING_SR = 2;  // stochastic: add a draw, then truncate
  localparam int unsigned CONVERT_OVERFLOW_SAT = 0;  // the largest number, for infinities too; so does the code 3
  localparam int unsigned CONVERT_OVERFLOW_SAT_INF = 1;  // the largest number; infinities stay
  localparam int unsigned CONVERT_OVERFLOW_INF = 2;  // infinity, or the NaN of a format that has none
  localparam int unsigned CONVERT_FLAG_INEXACT = 0;  // the result is rounded
  localparam int unsigned CONVERT_FLAG_UNDERFLOW = 1;  // it is tiny and rounded
  localparam int unsigned CONVERT_FLAG_OVERFLOW = 2;  // it was beyond the largest number
  localparam int unsigned CONVERT_FLAG_INVALID = 4;  // a signalling NaN, or a value that has no code
  localparam int unsigned CONVERT_FLAG_BITS = 5;  // width of the flags
  localparam int unsigned CONVERT_LFSR_BITS = 32;  // width of the random source: its period is 2^32 - 1
  localparam int unsigned CONVERT_LFSR_TAPS = 4194311;  // its feedback, bits 0, 1, 2, 22: x^32 + x^22 + x^2 + x + 1
  localparam int unsigned CONVERT_RANDOM_BITS = 16;  // of a draw, the upper ones, that a stochastic rounding uses

  // The floating-point multiply-add unit.
  localparam int unsigned FLOAT_MAC_FORMAT_BITS = 4;  // width of an operand's format field: a number of formats.def
  localparam int unsigned FLOAT_MAC_CODE_BITS = 16;  // widest operand, bits
  localparam int unsigned FLOAT_MAC_SIGNIFICAND_BITS = 11;  // widest significand of such operands, the hidden bit included
  localparam int unsigned FLOAT_MAC_EXPONENT_BITS = 9;  // width of the exponent of a significand's last bit, signed
  localparam int unsigned FLOAT_MAC_ANCHOR_BITS = 9;  // width of the exponent of the accumulator's last bit, signed
  localparam int unsigned FLOAT_MAC_ACC_MIN_BITS = 24;  // narrowest accumulator, bits
  localparam int unsigned FLOAT_MAC_ACC_MAX_BITS = 96;  // widest accumulator, bits
  localparam int unsigned FLOAT_MAC_FLAG_INEXACT = 0;  // bits of a product lay below the accumulator
  localparam int unsigned FLOAT_MAC_FLAG_OVERFLOW = 1;  // a sum did not fit the accumulator
  localparam int unsigned FLOAT_MAC_FLAG_POSITIVE = 2;  // a product was +infinity
  localparam int unsigned FLOAT_MAC_FLAG_NEGATIVE = 3;  // a product was -infinity
  localparam int unsigned FLOAT_MAC_FLAG_NAN = 4;  // a product was no number
  localparam int unsigned FLOAT_MAC_FLAG_BITS = 5;  // width of the flags

  // Bits of an operand word.
  function automatic int unsigned word_bits(input int unsigned kind);
    case (kind)
      KIND_GATED: word_bits = 8;
      KIND_SERIAL: word_bits = 8;
      KIND_SERIAL2D: word_bits = 8;
      KIND_FUSION: word_bits = 32;
      KIND_SUBWORD: word_bits = 8;
      KIND_FLOAT: word_bits = 16;
      KIND_BFP: word_bits = 16;
      default: word_bits = CODE_BITS;
    endcase
  endfunction

  // Accumulators of a PE.
  function automatic int unsigned accs(input int unsigned kind);
    case (kind)
      KIND_GATED: accs = 1;
      KIND_SERIAL: accs = 1;
      KIND_SERIAL2D: accs = 1;
      KIND_FUSION: accs = 1;
      KIND_SUBWORD: accs = 4;
      KIND_FLOAT: accs = 1;
      KIND_BFP: accs = 1;
      default: accs = 1;
    endcase
  endfunction

  // What its codes are: ARITH_*.
  function automatic int unsigned kind_arith(input int unsigned kind);
    case (kind)
      KIND_GATED: kind_arith = ARITH_INTEGER;
      KIND_SERIAL: kind_arith = ARITH_INTEGER;
      KIND_SERIAL2D: kind_arith = ARITH_INTEGER;
      KIND_FUSION: kind_arith = ARITH_INTEGER;
      KIND_SUBWORD: kind_arith = ARITH_INTEGER;
      KIND_FLOAT: kind_arith = ARITH_FLOAT;
      KIND_BFP: kind_arith = ARITH_BFP;
      default: kind_arith = ARITH_INTEGER;
    endcase
  endfunction

  // Flags that come with a product.
  function automatic int unsigned product_flags(input int unsigned kind);
    case (kind_arith(kind))
      ARITH_INTEGER: product_flags = 0;
      ARITH_FLOAT: product_flags = 5;
      ARITH_BFP: product_flags = 5;
      default: product_flags = 0;
    endcase
  endfunction

  // Sticky flags of an accumulator.
  function automatic int unsigned acc_flags(input int unsigned kind);
    case (kind_arith(kind))
      ARITH_INTEGER: acc_flags = 1;
      ARITH_FLOAT: acc_flags = 5;
      ARITH_BFP: acc_flags = 5;
      default: acc_flags = 1;
    endcase
  endfunction

  // Which of them says that a sum did not fit.
  function automatic int unsigned overflow_flag(input int unsigned kind);
    case (kind_arith(kind))
      ARITH_INTEGER: overflow_flag = 0;
      ARITH_FLOAT: overflow_flag = 1;
      ARITH_BFP: overflow_flag = 1;
      default: overflow_flag = 0;
    endcase
  endfunction

  // Bits of the narrowest accumulator.
  function automatic int unsigned acc_min(input int unsigned kind);
    case (kind_arith(kind))
      ARITH_INTEGER: acc_min = 16;
      ARITH_FLOAT: acc_min = 24;
      ARITH_BFP: acc_min = 24;
      default: acc_min = ACC_MIN_BITS;
    endcase
  endfunction

  // Signed bits of a product on its way to an accumulator.
  function automatic int unsigned product_bits(input int unsigned kind, input int unsigned acc_bits);
    case (kind_arith(kind))
      ARITH_INTEGER: product_bits = 17;
      ARITH_FLOAT: product_bits = acc_bits + 2;
      ARITH_BFP: product_bits = acc_bits + 2;
      default: product_bits = acc_bits;
    endcase
  endfunction

  // Formats whose codes the kind `float` multiplies, by their numbers.
  localparam logic [15:0] FLOAT_MAC_FORMATS = 16'hdbff;

  // Every field that the kind has in its range, and no other bit set.
  function automatic logic mode_legal(input int unsigned kind, input logic [MODE_BITS-1:0] word);
    case (kind_arith(kind))
      ARITH_INTEGER:
        mode_legal = (word & 32'hfffff000) == 32'h0
        && word[MODE_PA_LSB+:MODE_PA_WIDTH] >= 4'd2
        && word[MODE_PA_LSB+:MODE_PA_WIDTH] <= 4'd8
        && word[MODE_PB_LSB+:MODE_PB_WIDTH] >= 4'd2
        && word[MODE_PB_LSB+:MODE_PB_WIDTH] <= 4'd8
        ;
      ARITH_FLOAT:
        mode_legal = (word & 32'hffff0000) == 32'h0
        && FLOAT_MAC_FORMATS[word[MODE_PA_LSB+:MODE_PA_WIDTH]]
        && FLOAT_MAC_FORMATS[word[MODE_PB_LSB+:MODE_PB_WIDTH]]
        ;
      ARITH_BFP:
        mode_legal = (word & 32'hffff0000) == 32'h0
        && word[MODE_PA_LSB+:MODE_PA_WIDTH] >= 4'd2
        && word[MODE_PA_LSB+:MODE_PA_WIDTH] <= 4'd8
        && word[MODE_PB_LSB+:MODE_PB_WIDTH] >= 4'd2
        && word[MODE_PB_LSB+:MODE_PB_WIDTH] <= 4'd8
        ;
      default: mode_legal = 1'b0;
    endcase
  endfunction

  // What the expressions of the kinds call.
  function automatic int unsigned digits(input int unsigned bits, input int unsigned digit);
    digits = digit == 4 ? (bits + 3) >> 2 : digit == 2 ? (bits + 1) >> 1 : bits;
  endfunction

  function automatic int unsigned field(input int unsigned bits);
    field = bits <= 2 ? 2 : bits <= 4 ? 4 : 8;
  endfunction

  function automatic int unsigned fit(input int unsigned bits);
    fit = bits <= 2 ? 4 : bits <= 4 ? 2 : 1;
  endfunction

  function automatic int unsigned wider(input int unsigned p, input int unsigned q);
    wider = p > q ? p : q;
  endfunction

  // Clocks that a step occupies a PE of this kind.
  function automatic logic [STEP_BITS-1:0] cycles(input int unsigned kind, input int unsigned digit,
                                      input logic [MODE_BITS-1:0] mode);
    int unsigned pa, pb, value;
    logic        serial_b;
    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);
    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);
    serial_b = mode[MODE_SERIAL_B_LSB];
    case (kind)
      KIND_GATED: value = 1;
      KIND_SERIAL: value = serial_b ? digits(pb, digit) : digits(pa, digit);
      KIND_SERIAL2D: value = digits(pa, digit) * digits(pb, digit);
      KIND_FUSION: value = 1;
      KIND_SUBWORD: value = 1;
      KIND_FLOAT: value = 1;
      KIND_BFP: value = digits(pa, 2) * digits(pb, 2);
      default: value = 0;
    endcase
    cycles = value[STEP_BITS-1:0];
  endfunction

  // Places the array edge shifts an operand word of A left.
  function automatic logic [3:0] shift_a(input int unsigned kind, input int unsigned digit,
                                      input logic [MODE_BITS-1:0] mode);
    int unsigned pa, pb, value;
    logic        serial_b;
    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);
    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);
    serial_b = mode[MODE_SERIAL_B_LSB];
    case (kind)
      KIND_GATED: value = 8 - pa;
      KIND_SERIAL: value = serial_b ? 0 : 8 - digit * digits(pa, digit);
      KIND_SERIAL2D: value = 8 - digit * digits(pa, digit);
      KIND_FUSION: value = 0;
      KIND_SUBWORD: value = 0;
      KIND_FLOAT: value = 0;
      KIND_BFP: value = 0;
      default: value = 0;
    endcase
    shift_a = value[3:0];
  endfunction

  // Places the array edge shifts an operand word of B left.
  function automatic logic [3:0] shift_b(input int unsigned kind, input int unsigned digit,
                                      input logic [MODE_BITS-1:0] mode);
    int unsigned pa, pb, value;
    logic        serial_b;
    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);
    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);
    serial_b = mode[MODE_SERIAL_B_LSB];
    case (kind)
      KIND_GATED: value = 8 - pb;
      KIND_SERIAL: value = serial_b ? 8 - digit * digits(pb, digit) : 0;
      KIND_SERIAL2D: value = 0;
      KIND_FUSION: value = 0;
      KIND_SUBWORD: value = 0;
      KIND_FLOAT: value = 0;
      KIND_BFP: value = 0;
      default: value = 0;
    endcase
    shift_b = value[3:0];
  endfunction

  // Codes in an operand word.
  function automatic logic [4:0] lanes(input int unsigned kind, input int unsigned digit,
                                      input logic [MODE_BITS-1:0] mode);
    int unsigned pa, pb, value;
    logic        serial_b;
    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);
    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);
    serial_b = mode[MODE_SERIAL_B_LSB];
    case (kind)
      KIND_GATED: value = 1;
      KIND_SERIAL: value = 1;
      KIND_SERIAL2D: value = 1;
      KIND_FUSION: value = fit(pa) * fit(pb);
      KIND_SUBWORD: value = fit(wider(pa, pb));
      KIND_FLOAT: value = 1;
      KIND_BFP: value = 1;
      default: value = 0;
    endcase
    lanes = value[4:0];
  endfunction

  // Bits of a code's field in an operand word of A.
  function automatic logic [4:0] field_a(input int unsigned kind, input int unsigned digit,
                                      input logic [MODE_BITS-1:0] mode);
    int unsigned pa, pb, value;
    logic        serial_b;
    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);
    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);
    serial_b = mode[MODE_SERIAL_B_LSB];
    case (kind)
      KIND_GATED: value = 8;
      KIND_SERIAL: value = 8;
      KIND_SERIAL2D: value = 8;
      KIND_FUSION: value = field(pa);
      KIND_SUBWORD: value = field(wider(pa, pb));
      KIND_FLOAT: value = 16;
      KIND_BFP: value = 16;
      default: value = 0;
    endcase
    field_a = value[4:0];
  endfunction

  // Bits of a code's field in an operand word of B.
  function automatic logic [4:0] field_b(input int unsigned kind, input int unsigned digit,
                                      input logic [MODE_BITS-1:0] mode);
    int unsigned pa, pb, value;
    logic        serial_b;
    pa       = 32'(mode[MODE_PA_LSB+:MODE_PA_WIDTH]);
    pb       = 32'(mode[MODE_PB_LSB+:MODE_PB_WIDTH]);
    serial_b = mode[MODE_SERIAL_B_LSB];
    case (kind)
      KIND_GATED: value = 8;
      KIND_SERIAL: value = 8;
      KIND_SERIAL2D: value = 8;
      KIND_FUSION: value = field(pb);
      KIND_SUBWORD: value = field(wider(pa, pb));
      KIND_FLOAT: value = 16;
      KIND_BFP: value = 16;
      default: value = 0;
    endcase
    field_b = value[4:0];
  endfunction

endpackage
/* verilator lint_on UNUSEDSIGNAL */
/* verilator lint_on UNUSEDPARAM */
`default_nettype wire
