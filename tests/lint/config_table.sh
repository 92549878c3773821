#!/bin/bash
# The README's table of configuration keys, between its two markers, is what the printer makes from config.def.
# usage: config_table.sh README PRINTER [--update: write it]
set -euo pipefail
readme=$1 printer=$2
made=$(mktemp)
trap 'rm -f "$made"' EXIT
awk -v printer="$printer" '
    /^<!-- configuration keys: end/ { inside = 0; found++ }
    !inside { print }
    /^<!-- configuration keys: begin/ { inside = 1; found++; while ((printer | getline line) > 0) print line }
    END { exit (found != 2) }' "$readme" >"$made" || {
    echo "$readme: the two markers of the configuration table are not there" >&2
    exit 1
}
if [[ ${3:-} == --update ]]; then
    cp "$made" "$readme"
elif ! diff -u "$readme" "$made"; then
    echo "the table has drifted; regenerate it: cmake --build BUILD --target config_table" >&2
    exit 1
fi
echo "lint.config_table: checked $("$printer" | grep -c '^| `') keys"
