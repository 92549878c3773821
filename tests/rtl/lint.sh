#!/bin/bash
# Lint of the RTL.   lint.sh RTL_DIR verilator MODULE   or   lint.sh RTL_DIR yosys
# Every module is clean as top, for each kind and at the limits of its sizes; Yosys elaborates the array without a
# latch, a loop or a warning.
set -euo pipefail
cd "$1"
tool=$2
kinds=$(sed -n 's/^  localparam int unsigned KIND_[A-Z0-9]* = \([0-9]*\);  .*/\1/p' gen/pcs_spec_pkg.sv)
[ -n "$kinds" ] || { echo "no KIND_* in gen/pcs_spec_pkg.sv"; exit 1; }
case $tool in
verilator)
  module=$3
  sva=
  [ "$module" != pcs_array ] || sva="--assert -f sva/sva.f"
  lint() { verilator --lint-only -Wall -Wpedantic -f gen/mac.f -f files.f $sva --top-module "$module" "$@"; }
  lint
  count=1
  for sizes in "1 1 16" "1 5 16" "5 1 48" "3 2 33"; do
    set -- $sizes
    for kind in $kinds; do
      flags=
      for setting in Rows=$1 Cols=$2 AccBits=$3 Kind=$kind; do
        ! grep -q "parameter int unsigned ${setting%=*} " {mac,gen,array}/"$module".sv || flags="$flags -G$setting"
      done
      lint $flags
      count=$((count + 1))
    done
  done
  echo "$module: clean at $count parameter sets"
  ;;
yosys)
  command -v yosys >/dev/null || { echo "yosys is not installed"; exit 77; }
  for kind in $kinds; do
    log=$(yosys -p "read_verilog -sv $(cat gen/mac.f files.f | tr '\n' ' '); chparam -set Rows 3 -set Cols 2 -set Kind $kind pcs_array;
      hierarchy -check -top pcs_array; proc; opt; check -assert; select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr" 2>&1) ||
      { echo "$log" | tail -5; exit 1; }
    if echo "$log" | grep -i warning; then
      exit 1
    fi
    echo "kind $kind: $(echo "$log" | grep -c 'Generating RTLIL representation') modules elaborated, no warning"
  done
  ;;
esac
