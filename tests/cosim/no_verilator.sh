#!/bin/sh
# Without Verilator an array that the build did not make is one clear line, and nothing is left behind.
#   no_verilator.sh WORK_DIR WALK_PROGRAM
set -eu
work=$1 walk=$2
rm -rf "$work"
if VERILATOR=no-such-verilator "$walk" --array 2 7 serial 17 --cache "$work" >"$work.log" 2>&1; then
  echo "an array was made without Verilator"
  exit 1
fi
cat "$work.log"
grep -q "2x7 serial array, output-stationary, 1-bit digits, 17-bit accumulators must be Verilated first, but no-such-verilator is not installed" "$work.log"
[ -z "$(ls "$work" | grep -v '\.lock$')" ]
