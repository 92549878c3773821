#!/bin/bash
# The committed SystemVerilog package is what the printer makes from models/spec.
# usage: drift.sh PACKAGE PRINTER
set -euo pipefail
made=$(mktemp)
trap 'rm -f "$made"' EXIT
"$2" >"$made"
if ! diff -u "$1" "$made"; then
    echo "$1 has drifted from models/spec; regenerate it: cmake --build BUILD --target spec" >&2
    exit 1
fi
echo "lint.drift: checked $(wc -l <"$made") lines"
