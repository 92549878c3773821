// One processing element: operand registers, a multiplier of some kind, its accumulators, and drain registers that take
// their results.
//
// Tokens come from the left (A, with the step's flags and mode) and from above (B) and leave one clock later to the
// right and downwards; rows and columns that a tile does not use see no activity.  Results pass downwards.
//   a_i, a_o          {valid, start (WS), first, last, mode[15:0], word}     b_i, b_o   {valid, rows[7:0] (WS), word}
//   drain_i, drain_o  {valid, for each accumulator {flags, value}}; flags: acc_flags() sticky ones
//   drain_shift_i     take the drain registers above     drain_pop_i   the last result has gone: become empty
//   events_o          this clock's {swap, stage, pass, drain, capture, write, work, load}, to be counted when en_i
//
// Output-stationary: a step loads when both tokens are valid.  first: sums start from zero, and the mode is taken.
// After the step marked last the accumulators are captured into the drain registers, drain_o; while the column drains
// they shift down.  A capture wins over both drain commands.
//
// Weight-stationary: B tokens are weights of the next tile, on their way down through pass registers; one with rows 0
// stops in the staging register.  A token marked start is the first of its tile: it takes the mode and makes the
// staged weight the stationary one (a weight staged at that very edge is already the next).  A step loads when its
// tile has a weight here.  Every step is a sum of its own: first (the tile's uppermost row) starts it from zero,
// otherwise it goes on from the accumulators above, drain_i, which hold it since the clock before.  drain_o: the
// accumulators; in the bottom row the drain registers, which capture every sum.
//
// Kind: a KIND_* of pcs_spec_pkg.  AccBits: acc_min()..ACC_MAX_BITS.  Dataflow: DATAFLOW_OS or DATAFLOW_WS.  Digit:
// see pcs_mac, also for latency and throughput.  Drains: 1 = there are drain registers; OS: always, WS: in the bottom
// row.
//
// For Verilator few module classes and public inputs mean one C++ function for all PEs, which compiles in seconds for
// any array and stays in the instruction cache; inlined, a 16 x 16 array compiles for minutes.
`default_nettype none

module pcs_pe #(
  parameter int unsigned Kind     = pcs_spec_pkg::KIND_GATED,
  parameter int unsigned AccBits  = 32,
  parameter int unsigned Dataflow = pcs_spec_pkg::DATAFLOW_OS,
  parameter int unsigned Digit    = 1,
  parameter int unsigned Drains   = 1,
  localparam int unsigned ABits    = pcs_array_pkg::a_bits(Kind, Dataflow),
  localparam int unsigned BBits    = pcs_array_pkg::b_bits(Kind, Dataflow),
  localparam int unsigned SumsBits = pcs_array_pkg::sums_bits(Kind, AccBits)
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic                             en_i,
  input  logic [ABits-1:0]                 a_i  /* verilator public_flat_rd */,
  output logic [ABits-1:0]                 a_o,
  input  logic [BBits-1:0]                 b_i  /* verilator public_flat_rd */,
  output logic [BBits-1:0]                 b_o,
  input  logic                             drain_shift_i  /* verilator public_flat_rd */,
  input  logic                             drain_pop_i  /* verilator public_flat_rd */,
  input  logic [SumsBits:0]                drain_i  /* verilator public_flat_rd */,
  output logic [SumsBits:0]                drain_o,
  output logic [pcs_array_pkg::EVENTS-1:0] events_o
);

  /* verilator no_inline_module */

  localparam bit          Stationary = Dataflow == pcs_spec_pkg::DATAFLOW_WS;
  localparam int unsigned WordBits   = pcs_spec_pkg::word_bits(Kind);
  localparam int unsigned Accs       = pcs_spec_pkg::accs(Kind);
  localparam int unsigned Flags      = pcs_spec_pkg::acc_flags(Kind);
  localparam int unsigned SumBits    = AccBits + Flags;
  localparam int unsigned ProductBits  = pcs_spec_pkg::product_bits(Kind, AccBits);
  localparam int unsigned ProductFlags = pcs_spec_pkg::product_flags(Kind);
  localparam int unsigned OutBits      = ProductBits + ProductFlags;  // of the multiplier, for each accumulator

  // The token from the left, and the word of B that meets it.
  logic                    a_valid, a_first, a_last;
  logic [15:0]             a_mode;
  logic [WordBits-1:0]     a_word, b_word;
  logic                    load, opens;  // opens: the step is the first of its tile
  logic [15:0]             load_mode;

  logic                    active_q, start_q, first_q, last_q;
  logic [15:0]             mode_q;
  logic [WordBits-1:0]     a_q, b_q;

  logic                    shift_a, shift_b, work, write;
  logic [3:0]              remaining, inner;
  logic signed [16:0]      partial;
  logic [Accs*OutBits-1:0] product;
  logic [SumsBits-1:0]     held, base;  // the accumulators; what the products are added to
  logic [Accs*AccBits-1:0] sum, acc_q;
  logic [Accs*Flags-1:0]   sum_flags, acc_flags_q;

  // What the dataflow or the row may not have: zero.
  logic [WordBits-1:0]     weight, staged, pass;
  logic [7:0]              pass_rows;
  logic                    weight_valid, staged_valid, pass_valid;
  logic                    drain_valid;
  logic [SumsBits-1:0]     drain;
  logic                    swap_event, stage_event, pass_event, drain_event, capture;

  assign load_mode = opens ? a_mode : mode_q;
  assign events_o  = {swap_event, stage_event, pass_event, drain_event, capture, write, work, load};

  pcs_mac #(
    .Kind   (Kind),
    .Digit  (Digit),
    .AccBits(AccBits)
  ) u_mac (
    .clk_i,
    .rst_ni,
    .en_i,
    .load_i     (load),
    .load_mode_i(load_mode),
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

  for (genvar i = 0; i < Accs; i++) begin : gen_acc
    logic overflow;

    pcs_acc_add #(
      .AccBits    (AccBits),
      .ProductBits(ProductBits)
    ) u_add (
      .base_i    (base[i*SumBits+:AccBits]),
      .product_i (product[i*OutBits+:ProductBits]),
      .saturate_i(mode_q[pcs_spec_pkg::MODE_SATURATE_LSB]),
      .sum_o     (sum[i*AccBits+:AccBits]),
      .overflow_o(overflow)
    );

    if (ProductFlags == 0) begin : gen_overflow
      assign sum_flags[i] = base[i*SumBits+AccBits] || overflow;
    end else begin : gen_flags
      assign sum_flags[i*Flags+:Flags] = base[i*SumBits+AccBits+:Flags] | product[i*OutBits+ProductBits+:ProductFlags]
                                         | Flags'(overflow) << pcs_spec_pkg::overflow_flag(Kind);
    end
    assign held[i*SumBits+:SumBits] = {acc_flags_q[i*Flags+:Flags], acc_q[i*AccBits+:AccBits]};
  end

  // Operands and accumulators.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q       <= 1'b0;
      first_q        <= 1'b0;
      last_q         <= 1'b0;
      mode_q         <= '0;
      a_q            <= '0;
      b_q            <= '0;
      acc_q          <= '0;
      acc_flags_q    <= '0;
    end else if (en_i) begin
      active_q <= load;
      if (load) begin
        first_q <= a_first;
        last_q  <= a_last;
        a_q     <= a_word;
        b_q     <= b_word;
      end else if (work) begin
        if (shift_a) begin
          a_q <= a_q << Digit;
        end
        if (shift_b) begin
          b_q <= b_q << Digit;
        end
      end
      if (load && opens) begin
        mode_q <= a_mode;
      end
      if (write) begin
        acc_q          <= sum;
        acc_flags_q    <= sum_flags;
      end
    end
  end

  if (!Stationary) begin : gen_os
    logic b_valid;
    assign {a_valid, a_first, a_last, a_mode, a_word} = a_i;
    assign a_o               = {active_q, first_q, last_q, mode_q, a_q};
    assign {b_valid, b_word} = b_i;
    assign b_o               = {active_q, b_q};
    assign load              = a_valid && b_valid;
    assign opens             = a_first;
    assign start_q           = 1'b0;
    assign base              = first_q ? '0 : held;
    assign capture           = write && last_q;
    assign drain_o           = {drain_valid, drain};

    assign {weight_valid, weight, staged_valid, staged, pass_valid, pass_rows, pass} = '0;
    assign {swap_event, stage_event, pass_event}                                     = '0;
  end else begin : gen_ws
    logic                a_start, b_valid, weight_valid_q, staged_valid_q, pass_valid_q;
    logic [7:0]          b_rows, pass_rows_q;
    logic [WordBits-1:0] b_pass, weight_q, staged_q, pass_q;

    assign {a_valid, a_start, a_first, a_last, a_mode, a_word} = a_i;
    assign a_o                       = {active_q, start_q, first_q, last_q, mode_q, a_q};
    assign {b_valid, b_rows, b_pass} = b_i;
    assign b_o                       = {pass_valid_q, pass_rows_q, pass_q};
    assign stage_event               = b_valid && b_rows == '0;
    assign pass_event                = b_valid && b_rows != '0;
    assign swap_event                = a_valid && a_start && staged_valid_q;
    assign load                      = a_valid && (a_start ? staged_valid_q : weight_valid_q);
    assign opens                     = a_start;
    assign b_word                    = a_start ? staged_q : weight_q;
    assign base                      = first_q ? '0 : drain_i[SumsBits-1:0];
    assign capture                   = write && Drains != 0;
    assign drain_o                   = Drains != 0 ? {drain_valid, drain} : {1'b0, held};

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        start_q        <= 1'b0;
        weight_valid_q <= 1'b0;
        weight_q       <= '0;
        staged_valid_q <= 1'b0;
        staged_q       <= '0;
        pass_valid_q   <= 1'b0;
        pass_rows_q    <= '0;
        pass_q         <= '0;
      end else if (en_i) begin
        if (load) begin
          start_q <= a_start;
        end
        if (a_valid && a_start) begin
          weight_valid_q <= staged_valid_q;
          staged_valid_q <= 1'b0;
        end
        if (swap_event) begin
          weight_q <= staged_q;
        end
        if (stage_event) begin  // after the swap: at one edge it stays for the next
          staged_valid_q <= 1'b1;
          staged_q       <= b_pass;
        end
        pass_valid_q <= pass_event;
        if (pass_event) begin
          pass_rows_q <= b_rows - 8'd1;
          pass_q      <= b_pass;
        end
      end
    end

    assign {weight_valid, weight, staged_valid, staged} = {weight_valid_q, weight_q, staged_valid_q, staged_q};
    assign {pass_valid, pass_rows, pass}                = {pass_valid_q, pass_rows_q, pass_q};

    logic unused;
    assign unused = drain_i[SumsBits];
  end

  if (Drains != 0) begin : gen_drain
    logic                drain_valid_q, drain_load;
    logic [SumsBits-1:0] drain_q, captured;

    for (genvar i = 0; i < Accs; i++) begin : gen_captured
      assign captured[i*SumBits+:SumBits] = {sum_flags[i*Flags+:Flags], sum[i*AccBits+:AccBits]};
    end

    assign drain_load  = drain_shift_i && drain_i[SumsBits] && !capture;
    assign drain_event = drain_load;
    assign drain_valid = drain_valid_q;
    assign drain       = drain_q;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        drain_valid_q <= 1'b0;
        drain_q       <= '0;
      end else if (en_i) begin
        if (capture) begin
          drain_valid_q <= 1'b1;
        end else if (drain_shift_i) begin
          drain_valid_q <= drain_i[SumsBits];
        end else if (drain_pop_i) begin
          drain_valid_q <= 1'b0;
        end
        if (capture) begin
          drain_q <= captured;
        end else if (drain_load) begin
          drain_q <= drain_i[SumsBits-1:0];
        end
      end
    end
  end else begin : gen_no_drain
    assign drain_event = 1'b0;
    assign drain_valid = 1'b0;
    assign drain       = '0;

    logic unused;
    assign unused = ^{drain_shift_i, drain_pop_i};
  end

  // What lock-step compares, in the order of probe.def, the last row on top.  No logic reads it.
  logic [pcs_spec_pkg::PROBE_BITS-1:0] probe  /* verilator public_flat_rd */;

  // {flags, accumulator sign-extended} of each lane.  Only lane 0 has room for more than one flag: the other lanes are
  // those of integer kinds.
  localparam int unsigned ValueBits = pcs_spec_pkg::PROBE_ACC_WIDTH;
  localparam int unsigned FirstBits = ValueBits + pcs_spec_pkg::PROBE_ACC_FLAGS_WIDTH;
  localparam int unsigned ImageBits = FirstBits + (pcs_spec_pkg::ACCS_MAX - 1) * (ValueBits + 1);

  logic [ImageBits-1:0] acc_image, drain_image;

  for (genvar i = 0; i < pcs_spec_pkg::ACCS_MAX; i++) begin : gen_image
    localparam int unsigned Room = i == 0 ? FirstBits : ValueBits + 1;
    localparam int unsigned Lsb  = i == 0 ? 0 : FirstBits + (i - 1) * (ValueBits + 1);
    if (i < Accs) begin : gen_lane
      assign acc_image[Lsb+:Room] = {
        (Room - ValueBits)'(acc_flags_q[i*Flags+:Flags]), ValueBits'($signed(acc_q[i*AccBits+:AccBits]))
      };
      assign drain_image[Lsb+:Room] = {
        (Room - ValueBits)'(drain[i*SumBits+AccBits+:Flags]), ValueBits'($signed(drain[i*SumBits+:AccBits]))
      };
    end else begin : gen_none
      assign acc_image[Lsb+:Room]   = '0;
      assign drain_image[Lsb+:Room] = '0;
    end
  end

  assign probe = {
    drain_image[ImageBits-1:FirstBits],
    acc_image[ImageBits-1:FirstBits],
    pass_valid,
    pass_rows,
    pcs_spec_pkg::PROBE_PASS_WIDTH'(pass),
    staged_valid,
    pcs_spec_pkg::PROBE_STAGED_WIDTH'(staged),
    weight_valid,
    pcs_spec_pkg::PROBE_WEIGHT_WIDTH'(weight),
    start_q,
    pcs_spec_pkg::PROBE_PARTIAL_WIDTH'(partial),
    inner,
    pcs_spec_pkg::PROBE_REMAINING_WIDTH'(remaining),
    last_q,
    first_q,
    active_q,
    mode_q,
    pcs_spec_pkg::PROBE_B_WIDTH'(b_q),
    pcs_spec_pkg::PROBE_A_WIDTH'(a_q),
    drain_valid,
    drain_image[FirstBits-1:0],
    acc_image[FirstBits-1:0]
  };

endmodule

`default_nettype wire
