// Widths of what travels between processing elements; the layouts are pcs_pe's.
`default_nettype none

// Users take what they need of it.
/* verilator lint_off UNUSEDPARAM */
package pcs_array_pkg;
  // Token of A: {valid, start, first, last, mode[15:0], word}; output-stationary arrays have no start in it.
  function automatic int unsigned a_bits(input int unsigned kind, input int unsigned dataflow);
    a_bits = (dataflow == pcs_spec_pkg::DATAFLOW_WS ? 20 : 19) + pcs_spec_pkg::word_bits(kind);
  endfunction

  // Token of B: {valid, rows[7:0], word}; output-stationary arrays have no rows in it.
  function automatic int unsigned b_bits(input int unsigned kind, input int unsigned dataflow);
    b_bits = (dataflow == pcs_spec_pkg::DATAFLOW_WS ? 9 : 1) + pcs_spec_pkg::word_bits(kind);
  endfunction

  // Sums of a PE: {flags, accumulator} for each accumulator, the first one lowest.
  function automatic int unsigned sums_bits(input int unsigned kind, input int unsigned acc_bits);
    sums_bits = pcs_spec_pkg::accs(kind) * (acc_bits + pcs_spec_pkg::acc_flags(kind));
  endfunction

  // What a PE counts in a clock, a bit each: {swap, stage, pass, drain, capture, write, work, load}.
  localparam int unsigned EVENTS = 8;
endpackage
/* verilator lint_on UNUSEDPARAM */

`default_nettype wire
