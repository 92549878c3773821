#!/bin/bash
# Faults in the RTL of the array and its MACs, such as a designer makes: each is put into a copy, Verilated, and must be
# found by the tests that CTest runs on an array.  About ten seconds a fault.
#   array_faults.sh SOURCE_TREE PROGRAM_DIRECTORY [FIRST LAST]      faults of these numbers only
set -euo pipefail
top=$(cd "$1" && pwd) bin=$2 first=${3:-1} last=${4:-1000}
command -v verilator >/dev/null || { echo "verilator is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines "kind dataflow digit file sed-command": the array, and what is changed where.
faults() {
    cat <<'ROWS'
gated os 1 mac/pcs_mac_gated.sv s/MODE_B_SIGNED_LSB\] & b_i/MODE_A_SIGNED_LSB] \& b_i/
gated os 1 mac/pcs_acc_add.sv s/{(AccBits - 1){!negative}}/{(AccBits - 2){!negative}}, 1'b0/
gated os 1 array/pcs_pe.sv s/base\[i\*SumBits+AccBits\] || overflow/overflow/
gated ws 1 array/pcs_pe.sv s/base\[i\*SumBits+AccBits\] || overflow/overflow/
gated os 1 array/pcs_pe.sv s/{sum_overflow\[i\], sum/{acc_overflow_q[i], sum/
gated os 1 array/pcs_deskew.sv s/en_o        = !out_valid_o || out_ready_i/en_o = !out_valid_o || out_ready_i || out_last_o/
gated os 1 array/pcs_delay.sv s/en_i && valid\[s\]/valid[s]/
gated ws 1 array/pcs_pe.sv /weight_valid_q <= 1'b0;/d
gated os 1 array/pcs_intake.sv /flight_q <= '0;/d
gated os 1 array/pcs_array.sv s/16'(stream || load || busy_o)/16'(busy_o)/
gated ws 1 array/pcs_array.sv s/    if (en) begin/    if (en || out_last_o) begin/
gated os 1 array/pcs_array.sv s/(out_col_valid_o\[c\] ?/(out_col_valid_o[0] ?/
serial os 1 array/pcs_pe.sv s/load_mode = opens ? a_mode : mode_q/load_mode = mode_q/
serial os 1 array/pcs_intake.sv s/cycles(Kind, Digit, mode_o)/cycles(Kind, Digit, mode_q)/
serial2d ws 4 array/pcs_intake.sv s/mode_o     = in_first_i ? in_mode_i : mode_q/mode_o = mode_q/
gated os 1 array/pcs_intake.sv s/drain_gap_q <= DrainBits'(cycles_o);/drain_gap_q < DrainBits'(cycles_o);/
gated os 1 array/pcs_intake.sv s/DrainBits'(Rows - 1) + /DrainBits'(Rows - 2) + /
gated ws 1 array/pcs_pe.sv s/if (stage_event) begin /if (stage_event \&\& !(a_valid \&\& a_start)) begin /
gated ws 1 array/pcs_pe.sv s/swap_event  *= a_valid && a_start && staged_valid_q/swap_event = a_valid \&\& a_start/
subword os 1 mac/pcs_mac_subword.sv s/f2 ? pair(brick, 2)/f2 ? pair(brick, 1)/
fusion ws 1 mac/pcs_mac_fusion.sv s/up_a && up_b ?/up_a ?/
serial ws 4 mac/pcs_mac_serial.sv s/addend = -addend;/addend = addend;/
serial2d os 2 mac/pcs_mac_serial2d.sv s/en_i) begin/1'b1) begin/
gated os 1 gen/pcs_spec_pkg.sv s/(word & 32'h[0-9a-f]*) == 32'h0/1'b1/
gated os 1 array/pcs_intake.sv s/end else if (clear_i) begin/end else if (clear_i \&\& en_i) begin/
gated ws 1 array/pcs_intake.sv s/in_load_row_i < RowCount/in_load_row_i <= RowCount/
gated ws 1 array/pcs_intake.sv s/Rows + Cols - 1 : /Rows + Cols - 2 : /
gated os 1 array/pcs_edge.sv s/pcs_spec_pkg::COUNT_BITS'(c) < b_cols_i/1'b1/
gated ws 1 array/pcs_edge.sv s/pcs_spec_pkg::COUNT_BITS'(Below) == rows_i/pcs_spec_pkg::COUNT_BITS'(Below) == 8'(Rows)/
gated os 1 array/pcs_drain.sv s/== 8'(Rows - 1)) begin/>= 8'(Rows - 2)) begin/
ROWS
}

# run KIND DATAFLOW DIGIT ROOT: the tests on the RTL there.
run() {
    local options=(--array 3 2 "$1" 16 --dataflow "$2" --digit "$3" --root "$4" --cache "$4/cache")
    "$bin/test_rtl_control" "${options[@]}" && "$bin/cosim_ports" "${options[@]}" &&
        "$bin/cosim_walk" "${options[@]}" --streams 100
}

number=0 found=0 missed=0
while read -r kind dataflow digit file edit; do
    number=$((number + 1))
    ((number >= first && number <= last)) || continue
    root=$work/$number
    mkdir "$root"
    cp -r "$top/rtl" "$root"
    ln -s "$top/models" "$top/sim" "$top/scripts" "$root"
    sed -i "$edit" "$root/rtl/$file"
    if cmp -s "$root/rtl/$file" "$top/rtl/$file"; then
        echo "the fault changes nothing: $file $edit"
        exit 2
    fi
    status=0
    run "$kind" "$dataflow" "$digit" "$root" >"$root/log" 2>&1 || status=$?
    if [[ $status -eq 1 ]] && grep -q 'failed [1-9]' "$root/log"; then
        found=$((found + 1))
    else
        missed=$((missed + 1))
        echo "not found (status $status): $kind $dataflow $digit $file $edit"
        tail -3 "$root/log"
    fi
    rm -rf "$root"
done < <(faults)
echo "array_faults: checked $((found + missed)) faults, $missed not found"
[[ $found -gt 0 && $missed -eq 0 ]]
