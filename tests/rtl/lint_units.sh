#!/bin/bash
# Lint of units outside the array.  RTL_DIR/LIST names their sources; its last module is a bank that has all of their
# parameter sets inside.
#   lint_units.sh RTL_DIR LIST verilator MODULE       the module is clean as top
#   lint_units.sh RTL_DIR LIST yosys BANK MODULE...   the bank elaborates, and these modules become gates, without a latch, a
#                                                     loop or a warning
set -euo pipefail
cd "$1"
list=$2 tool=$3 top=$4
case $tool in
verilator)
  verilator --lint-only -Wall -Wpedantic -f "$list" --top-module "$top"
  echo "$top: clean"
  ;;
yosys)
  command -v yosys >/dev/null || { echo "yosys is not installed"; exit 77; }
  run() { # COMMANDS
    log=$(yosys -p "read_verilog -sv $(tr '\n' ' ' <"$list"); $1; check -assert;
      select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr" 2>&1) || { echo "$log" | tail -5; exit 1; }
    if echo "$log" | grep -i warning; then
      exit 1
    fi
  }
  run "hierarchy -check -top $top; proc; opt_expr; opt_clean"
  echo "$top: $(echo "$log" | grep -c 'Generating RTLIL') modules elaborated, no warning"
  for module in "${@:5}"; do
    run "synth -flatten -top $module; stat"
    echo "$module: $(sed -n 's/^ *Number of cells: *//p' <<<"$log" | tail -1) gates, no warning"
  done
  ;;
esac
