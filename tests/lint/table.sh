#!/bin/bash
# A table of the README, between its two markers, is what a printer makes from the rows that it documents.
# usage: table.sh NAME README PRINTER TARGET [--update: write it]
set -euo pipefail
name=$1 readme=$2 printer=$3 target=$4
made=$(mktemp)
trap 'rm -f "$made"' EXIT
awk -v printer="$printer" -v name="$name" '
    index($0, "<!-- " name ": end") == 1 { inside = 0; found++ }
    !inside { print }
    index($0, "<!-- " name ": begin") == 1 {
        inside = 1; found++; while ((printer | getline line) > 0) print line
    }
    END { exit (found != 2) }' "$readme" >"$made" || {
    echo "$readme: the two markers of the table '$name' are not there" >&2
    exit 1
}
if [[ ${5:-} == --update ]]; then
    cp "$made" "$readme"
elif ! diff -u "$readme" "$made"; then
    echo "the table has drifted; regenerate it: cmake --build BUILD --target $target" >&2
    exit 1
fi
echo "lint.$target: checked $("$printer" | grep -c '^| `') rows"
