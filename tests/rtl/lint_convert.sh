#!/bin/bash
# Lint of the conversion units.   lint_convert.sh RTL_DIR verilator MODULE   or   lint_convert.sh RTL_DIR yosys
# Every module is clean as top, for each format that it serves.  Yosys elaborates the bank, which has all formats, and makes
# gates of the two converters of E4M3, without a latch, a loop or a warning.
set -euo pipefail
cd "$1"
tool=$2
# Numbers of the formats with a sign, subnormals and fewer mantissa bits than FP32.
formats=$(sed -n 's/^PCS_FORMAT(\([0-9]*\), [A-Z0-9_]*, "[^"]*", SIGNED, [0-9]*, \([0-9]*\), [0-9]*, [A-Z]*, SUBNORMAL,.*/\1 \2/p' \
  ../models/spec/formats.def | while read -r format mantissa; do [ "$mantissa" -ge 23 ] || echo "$format"; done)
[ -n "$formats" ] || { echo "no rows in models/spec/formats.def"; exit 1; }
case $tool in
verilator)
  module=$3
  lint() { verilator --lint-only -Wall -Wpedantic -f convert.f --top-module "$module" "$@"; }
  lint
  sets=1
  for format in $(! grep -q "parameter int unsigned Format " "convert/$module.sv" || echo "$formats"); do
    lint "-GFormat=$format"
    sets=$((sets + 1))
  done
  echo "$module: clean at $sets parameter sets"
  ;;
yosys)
  command -v yosys >/dev/null || { echo "yosys is not installed"; exit 77; }
  run() { # COMMANDS: no warning, no latch, no loop
    log=$(yosys -p "read_verilog -sv $(tr '\n' ' ' <convert.f); $1; check -assert;
      select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr" 2>&1) || { echo "$log" | tail -5; exit 1; }
    if echo "$log" | grep -i warning; then
      exit 1
    fi
  }
  run "hierarchy -check -top pcs_convert_bank; proc; opt_expr; opt_clean"
  echo "the bank: $(echo "$log" | grep -c 'Generating RTLIL') modules elaborated, no warning"
  for module in pcs_convert pcs_float_widen; do
    run "synth -flatten -top $module; stat"
    echo "$module: $(sed -n 's/^ *Number of cells: *//p' <<<"$log" | tail -1) gates, no warning"
  done
  ;;
esac
