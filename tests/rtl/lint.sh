#!/bin/bash
# Lint of the RTL.   lint.sh RTL_DIR verilator MODULE   or   lint.sh RTL_DIR yosys
# Every module is clean as top, for each kind, digit and dataflow, and at the limits of its sizes; Yosys elaborates the
# array without a latch, a loop or a warning.
set -euo pipefail
cd "$1"
tool=$2
# A line a kind: its number and the digits it may take.
kinds=$(sed -n 's/^PCS_KIND(\([0-9]*\),.*, \([0-9]*\), "[^"]*")$/\1 \2/p' ../models/spec/kinds.def |
  while read -r kind most; do echo "$kind $(for d in 1 2 4; do [ $d -gt "$most" ] || printf '%s ' $d; done)"; done)
[ -n "$kinds" ] || { echo "no rows in models/spec/kinds.def"; exit 1; }
# Bits of the narrowest accumulator of a kind, or of a module that only some kinds have.
narrowest() {
  local arith
  case $source in
  float/*) set -- 5 ;; # what the kind float is made of
  esac
  arith=$(sed -n "s/^PCS_KIND($1,.* \([A-Z]*\), [0-9]*, \"[^\"]*\")$/\1/p" ../models/spec/kinds.def)
  sed -n "s/^PCS_ARITH([0-9]*, $arith, [a-z]*, [0-9]*, \([0-9]*\),.*/\1/p" ../models/spec/ariths.def
}
case $tool in
verilator)
  module=$3
  sva=
  [ "$module" != pcs_array ] || sva="--assert -f sva/sva.f"
  lint() { verilator --lint-only -Wall -Wpedantic -f gen/mac.f -f files.f $sva --top-module "$module" "$@"; }
  source=$(find mac gen array float -name "$module.sv")
  own=$(sed -n "s/^PCS_KIND(\([0-9]*\), [A-Z0-9]*, ${module#pcs_mac_}, .*/\1/p" ../models/spec/kinds.def)
  # All values of what the module has of Kind, Digit, Dataflow, Drains, at sizes that alternate.
  sizes=("Rows=1 Cols=1 AccBits=16" "Rows=1 Cols=5 AccBits=16" "Rows=5 Cols=1 AccBits=48" "Rows=3 Cols=2 AccBits=33")
  sets=$(
    i=0
    while read -r kind digits; do
      [ "${own:-$kind}" = "$kind" ] || continue
      for digit in $digits; do
        for rest in "Dataflow=0 Drains=1" "Dataflow=1 Drains=1" "Dataflow=1 Drains=0"; do
          for setting in Kind=$kind Digit=$digit $rest ${sizes[i % ${#sizes[@]}]}; do
            [ "$setting" != AccBits=16 ] || setting=AccBits=$(narrowest "$kind")
            ! grep -q "parameter int unsigned ${setting%=*} " "$source" || printf '%s ' "-G$setting"
          done
          echo
          i=$((i + 1))
        done
      done
    done <<<"$kinds" | sort -u)
  lint
  while read -r flags; do
    lint $flags
  done <<<"$sets"
  echo "$module: clean at $(($(wc -l <<<"$sets") + 1)) parameter sets"
  ;;
yosys)
  command -v yosys >/dev/null || { echo "yosys is not installed"; exit 77; }
  while read -r kind digits; do
    digit=${digits##* }
    for dataflow in 0 1; do
      log=$(yosys -p "read_verilog -sv $(cat gen/mac.f files.f | tr '\n' ' ');
        chparam -set Rows 3 -set Cols 2 -set Kind $kind -set Digit $digit -set Dataflow $dataflow pcs_array;
        hierarchy -check -top pcs_array; proc; opt_expr; opt_clean; check -assert;
        select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr" 2>&1) || { echo "$log" | tail -5; exit 1; }
      if echo "$log" | grep -i warning; then
        exit 1
      fi
      echo "kind $kind, dataflow $dataflow: $(echo "$log" | grep -c 'Generating RTLIL') modules elaborated, no warning"
    done
  done <<<"$kinds"
  ;;
esac
