#!/bin/bash
# Bad inputs of the gate-level flow end with status 2 and one line that says what, where and what is legal.
# usage: gates_strict.sh GATES_MEASURE
set -euo pipefail
measure=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" 

# A library of one inverter and one flip-flop, a netlist of both, and their powers.
cat >cells.lib <<'LIB'
library (two) { nom_voltage : 1.8 ;
 cell (INV) { area : 16 ; pin (A) { direction : input ; } pin (Y) { direction : output ; function : "(!A)" ; } }
 cell (DFF) { area : 96 ; ff (Q0, Q1) { next_state : "D" ; clocked_on : "CLK" ; clear : "(!R)" ; }
  pin (D) { direction : input ; } pin (CLK) { direction : input ; capacitance : 0.01 ; } pin (R) { direction : input ; }
  pin (Q) { direction : output ; function : "Q0" ; } }
}
LIB
netlist() { printf '.model pcs_pe\n.inputs clk_i rst_ni\n.outputs q\n.subckt DFF D=n CLK=clk_i R=rst_ni Q=q\n.cname f\n%s\n.end\n' "$1" >net.blif; }
good='.subckt INV A=q Y=n
.cname i'
powers() { printf 'Internal Switching Leakage Total\n%s\n' "1e-6 0 1e-10 1e-6 f" "${1:-2e-6 1e-6 1e-10 3e-6 i}" >busy.txt; printf '0 0 0 0 f\n0 0 0 0 i\n' >idle.txt; }
netlist "$good"
powers

checked=0
failed=0
refuses() { # words, arguments...
    local words=$1 output status=0
    shift
    output=$("$measure" kind=gated liberty=cells.lib netlist=net.blif idle=idle.txt busy=busy.txt period=20 critical=5 \
        traces=uniform "$@" 2>&1) || status=$?
    checked=$((checked + 1))
    if [[ $status -ne 2 || $output != *"$words"* || $(wc -l <<<"$output") -ne 1 ]]; then
        echo "expected status 2 and '$words'; status $status: $output" >&2
        failed=$((failed + 1))
    fi
}
refuses "'modus=1' is not a setting; legal: kind|" modus=1
refuses "kind=fancy" kind=fancy
refuses "no.lib: No such file" liberty=no.lib
refuses "the netlist is no pcs_pe of kind gated"
netlist '.subckt NAND A=q Y=n'
refuses "net.blif:6: no gate or flip-flop of the library: 'NAND'"
netlist '.subckt INV A=q'
refuses "net.blif:6: not all pins are connected"
netlist '.subckt INV A=n Y=n
.cname i'
refuses "1 gates in combinational loops"
netlist '.names q p n'
refuses "net.blif:6: logic outside of cells"
netlist "$good"
powers "nan 1e-6 1e-10 3e-6 i"
refuses "busy.txt: power of 1 instances, the netlist has 2"
powers
trace() { printf '# recorded\n%b' "$1" >trace.txt; }
trace 'block forward 9 8 0 0 256\n'
refuses "trace.txt:2: not legal; legal: block ROLE" traces=trace.txt
trace 'block forward 3 8 0 0 256\n0001020304050607 00010203040506ff\n0001020304050608 0001020304050607\n'
refuses "trace.txt:4: not legal; legal: 8 codes of A" traces=trace.txt
trace ''
refuses "trace.txt: no block" traces=trace.txt
printf 'library (x) { cell (INV) { area : 1' >cells.lib
refuses "cells.lib:1: the text ends"
echo "energy.gates.strict: checked $checked, failed $failed"
[[ $checked -gt 0 && $failed -eq 0 ]]
