#!/bin/bash
# A foreign MAC in the array: the template around a user's multiplier passes, the same with one wrong product does not.
# usage: dut.sh PRECESS SOURCE_TREE
set -euo pipefail
precess=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work/tmp
mkdir "$TMPDIR"
cd "$work"
cp "$source/rtl/mac/dut_template.sv" my_mac.sv
cp "$source/tests/cosim/dut/my_multiplier.v" .
run=("$precess" cosim --dut my_mac.sv --kind gated --rows 2 --cols 8 --tiles 16 --dump "")

"${run[@]}" >right.txt
grep -q ', 0 differences' right.txt
grep -q ': 2064512 products' right.txt

# One product of one pair of codes off by one.
sed -i "s/wide >>>/(a == -9'sd128 \&\& b == -9'sd128 ? 18'sd16383 : wide) >>>/" my_mac.sv
status=0
"${run[@]}" >wrong.txt || status=$?
[[ $status -eq 1 ]] || { echo "a wrong product: exit status $status, not 1"; exit 1; }
grep -q ', 1 differences' wrong.txt

# Not there; not Verilog; another module.
for bad in "nowhere.sv:cannot read" "empty.sv:pcs_mac_gated"; do
    : >empty.sv
    status=0
    "$precess" cosim --dut "${bad%%:*}" --kind gated --rows 2 --cols 2 2>error.txt >/dev/null || status=$?
    [[ $status -eq 2 && $(wc -l <error.txt) -ge 1 ]] || { echo "${bad%%:*}: exit status $status, not 2"; exit 1; }
    grep -q "${bad#*:}" error.txt || { cat error.txt; exit 1; }
done
[[ -z $(ls "$TMPDIR") ]] || { echo "left behind: $(ls "$TMPDIR")"; exit 1; }
cat right.txt
echo "cosim.dut: compared $(grep -o '[0-9]* words' right.txt), a fault found, 2 bad files refused"
