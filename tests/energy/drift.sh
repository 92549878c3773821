#!/bin/sh
# The committed energy table equals what its script prints.  --inject changes one constant first: must fail.
set -u
top=$1
script=$top/energy/tables/horowitz-45nm.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/energy/tables" "$work/models/spec"
cp "$top/models/spec/probe.def" "$work/models/spec/"
cp "$top/energy/tables/sram.awk" "$work/energy/tables/"
if [ "${2:-}" = --inject ]; then
  sed 's/reg = 0.009/reg = 0.008/' "$script" > "$work/energy/tables/table.sh"
else
  cp "$script" "$work/energy/tables/table.sh"
fi
sh "$work/energy/tables/table.sh" > "$work/table.csv" || exit 1
if ! cmp -s "$work/table.csv" "$top/energy/tables/horowitz-45nm.csv"; then
  echo "energy/tables/horowitz-45nm.csv differs from what horowitz-45nm.sh prints; regenerate it" >&2
  diff "$work/table.csv" "$top/energy/tables/horowitz-45nm.csv" | head -5 >&2
  exit 1
fi
echo "compared $(wc -l < "$work/table.csv") lines"
