#!/bin/bash
# The committed files of rtl/gen are what the printer makes from models/spec.
# usage: drift.sh DIRECTORY PRINTER
set -euo pipefail
made=$(mktemp)
trap 'rm -f "$made"' EXIT
lines=0
for file in "$1"/*; do
    "$2" "$(basename "$file")" >"$made"
    if ! diff -u "$file" "$made"; then
        echo "$file has drifted from models/spec; regenerate it: cmake --build BUILD --target spec" >&2
        exit 1
    fi
    lines=$((lines + $(wc -l <"$made")))
done
echo "lint.drift: checked $lines lines"
