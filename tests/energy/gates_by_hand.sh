#!/bin/bash
# One flip-flop by hand: what OpenSTA reports, and how energy/gates/power.c reads it, against the library's own figures.
# An OpenSTA that counts internal power otherwise fails here.  Exit status 77 (skipped) without OpenSTA or the library.
# usage: gates_by_hand.sh [--inject]     --inject: takes the internal power as it is reported; must fail
set -euo pipefail
liberty=${PCS_LIBERTY:-/usr/share/qflow/tech/osu018/osu018_stdcells.lib}
command -v sta >/dev/null && [[ -r $liberty ]] || { echo "OpenSTA or the cell library is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/one.v" <<'V'
module one (input d, input clk, input r, output q);
  DFFSR f (.D(d), .CLK(clk), .R(r), .S(1'b1), .Q(q));
endmodule
V
{
    printf 'read_liberty %s\nread_verilog %s\nlink_design one\ncreate_clock -period 20 clk\n' "$liberty" "$work/one.v"
    printf 'set_input_delay 0.5 -clock clk [get_ports {d r}]\nset_load 0.05 [get_ports q]\n'
    for activity in 0 1; do
        printf 'set_power_activity -global -activity %s\nreport_power -digits 8 -instances [get_cells *]\n' $activity
    done
} >"$work/one.tcl"
echo exit >>"$work/one.tcl"
sta -no_splash -exit "$work/one.tcl" | awk -v share="$([[ ${1:-} == --inject ]] && echo 1 || echo 0.5)" '
function check(what, pj, expected) {
    checked++
    good = pj > expected * 0.9999 && pj < expected * 1.0001
    printf "%s: %.6f pJ, by hand %.6f%s\n", what, pj, expected, good ? "" : "  WRONG"
    wrong += !good
}
$5 == "f" { internal[++n] = $1 * 20e3; switching[n] = $2 * 20e3 } # W x 20 ns
END {
    # The tables of pin CLK begin at input slews of 0.06 and 0.24 ns; the clock of the report has none.
    rise = 0.041704 - 0.06 * (0.046706 - 0.041704) / (0.24 - 0.06)
    fall = 0.123008 - 0.06 * (0.130168 - 0.123008) / (0.24 - 0.06)
    check("clock pin, a clock", internal[1] * share, rise + fall)
    check("a transition of a load of 0.05 pF, C V^2 / 2", switching[2] - switching[1], 0.05 * 1.8 * 1.8 / 2)
    printf "energy.gates.by_hand: checked %d, failed %d\n", checked, wrong
    exit checked != 2 || wrong > 0
}'
