#!/bin/bash
# The committed gate-level tables are what energy/gates/tables prints; --inject changes the anchor first: must fail.
# usage: gates_tables.sh SOURCE_TREE [--inject]
set -euo pipefail
top=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/energy/gates" "$work/energy/tables"
script=$work/energy/gates/tables
cp "$top/energy/gates/tables" "$script"
cp "$top/energy/tables/sram.awk" "$work/energy/tables/"
[[ ${2:-} != --inject ]] || sed -i 's/anchor = 0.2 + 0.1/anchor = 0.2 + 0.11/' "$script"
checked=0
wrong=0
for table in "$top"/energy/tables/gates-*.csv; do
    name=$(basename "$table" .csv)
    read -r -a words <<<"$(sed 's/^gates-//; s/nm//; s/-clockgated/ clock-gated/' <<<"$name")"
    "$script" "${words[@]}" "$top/energy/gates/osu018.csv" "$top/energy/gates/osu018-float.csv" >"$work/$name.csv"
    checked=$((checked + 1))
    if ! cmp "$work/$name.csv" "$table"; then
        wrong=$((wrong + 1))
    fi
done
echo "energy.gates.tables: compared $checked tables, failed $wrong"
[[ $checked -gt 0 && $wrong -eq 0 ]]
