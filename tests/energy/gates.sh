#!/bin/bash
# The gate-level flow reproduces committed rows from scratch: RTL -> netlist -> simulation -> energy.  Exit status 77
# (skipped) without Yosys, OpenSTA or the cell library.
# usage: gates.sh SOURCE_TREE GATES_MEASURE [--inject product|row|float-product] [--floats]
#   product: the bench expects a product wrongly, and has to see it; row: a committed figure is another one
set -euo pipefail
top=$1 measure=$2 inject=${4:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags=(--kind serial --kind serial/ws --modes 3/8 --measure "$measure" --work "$work/flow")
committed=$top/energy/gates/osu018.csv
if [[ ${3:-} == --floats || $inject == float-product ]]; then
    flags=(--floats --kind float --modes 1/1 --measure "$measure" --work "$work/flow")
    committed=$top/energy/gates/osu018-float.csv
fi
case $inject in
product | float-product) flags+=(--inject) ;;
row) ;;
*) [[ ${3:-} == --floats ]] || flags+=(--modes 3/3,3/8,8/8) ;; # the last one counts
esac
"$top/energy/gates/characterize" "${flags[@]}" >"$work/rows.csv"

if [[ $inject == row ]]; then
    awk -F, -v OFS=, '/^kind,/ { for (i = 1; i <= NF; i++) at[$i] = i }
        $1 == "serial" && $at["trace"] == "trained" && $at["pa"] == 3 && $at["pb"] == 8 { $at["mac_cycle_pj"] += 0.0001 }
        { print }' "$committed" \
        >"$work/committed.csv"
    committed=$work/committed.csv
fi
checked=0
wrong=0
while read -r row; do
    checked=$((checked + 1))
    if ! grep -qFx -- "$row" "$committed"; then
        echo "not among the committed rows: $row" >&2
        wrong=$((wrong + 1))
    fi
done <"$work/rows.csv"
echo "energy.gates: reproduced $((checked - wrong)) of $checked rows; failed $wrong"
if [[ $wrong -gt 0 ]]; then
    echo "regenerate: energy/gates/characterize --all > energy/gates/osu018.csv (--floats: osu018-float.csv), then tables with energy/gates/tables" >&2
fi
[[ $checked -gt 0 && $wrong -eq 0 ]]
