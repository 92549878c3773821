#!/bin/sh
# The committed SystemVerilog package is what the spec rows print.
#   drift.sh SOURCE_DIR WORK_DIR CC [bad]
# With `bad`, a row is changed first: passes only if that is caught.
set -eu
source=$1 work=$2 cc=$3 bad=${4:-}

rm -rf "$work"
mkdir -p "$work/models"
cp -r "$source/models/spec" "$work/models/"
if [ -n "$bad" ]; then
  sed -i 's/^PCS_PARAM(ACC_MAX_BITS, 48,/PCS_PARAM(ACC_MAX_BITS, 47,/' "$work/models/spec/params.def"
  ! cmp -s "$work/models/spec/params.def" "$source/models/spec/params.def" || { echo "the row to change has gone"; exit 1; }
fi
"$cc" -std=c11 -I"$work" "$work/models/spec/spec_print.c" "$work/models/spec/spec.c" "$work/models/spec/status.c" \
  -o "$work/spec_print"
"$work/spec_print" >"$work/pcs_spec_pkg.sv"
lines=$(wc -l <"$work/pcs_spec_pkg.sv")
[ "$lines" -gt 100 ] || { echo "nothing was printed"; exit 1; }
if diff -u "$source/rtl/gen/pcs_spec_pkg.sv" "$work/pcs_spec_pkg.sv" >"$work/diff"; then
  echo "compared $lines lines: no drift"
  [ -z "$bad" ]
else
  sed -n 1,20p "$work/diff"
  echo "rtl/gen/pcs_spec_pkg.sv is not what models/spec/*.def prints; regenerate it: cmake --build BUILD --target spec"
  [ -n "$bad" ] && grep -q 'ACC_MAX_BITS' "$work/diff" && grep -q 'SPEC_HASH' "$work/diff"
fi
