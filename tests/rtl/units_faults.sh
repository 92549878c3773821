#!/bin/bash
# Faults in the RTL of the units outside the array: each is put in, Verilated, and must be found by the unit's test.  About
# ten seconds a fault.
#   units_faults.sh SOURCE_TREE convert|float_mac      environment: CC, CXX, VERILATOR
set -euo pipefail
top=$(cd "$1" && pwd) unit=$2
command -v "${VERILATOR:-verilator}" >/dev/null || { echo "verilator is not installed"; exit 77; }
runtime=$("${VERILATOR:-verilator}" --getenv VERILATOR_ROOT)/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines "file sed-command": what is changed where.
case $unit in
convert)
  bank=pcs_convert_bank list=convert.f flags=(--count 20000 --stride 1000)
  faults() {
    cat <<'ROWS'
pcs_float_narrow.sv s/guard && (rest || odd)/guard \&\& rest/
pcs_float_narrow.sv s/{1'b0, fraction_top} + {1'b0, random}/{1'b0, fraction_top} + {1'b0, random} + 1'b1/
pcs_float_narrow.sv s/exponent = field == '0 ? 8'd1 : field/exponent = field/
pcs_float_narrow.sv s/  assign lost     = .*/  assign lost = 1'b0;/
pcs_float_narrow.sv s/ \&\& up_further);/);/
pcs_float_narrow.sv s/magnitude > WorkBits/magnitude >= WorkBits/
pcs_float_narrow.sv s/sign && (HasMinusZero || /(sign || 1'b0) \&\& (1'b1 || /
pcs_float_narrow.sv s/flags_o\[pcs_spec_pkg::CONVERT_FLAG_INVALID\]  = to_nan;//
pcs_float_widen.sv s/MantissaBits - i)/MantissaBits - 1 - i)/
pcs_float_widen.sv s/ \&\& !mantissa\[MantissaBits-1\];/;/
pcs_lfsr.sv s/seed_i == '0 ? '1 : seed_i/seed_i/
pcs_convert.sv s/valid_i && rounding_i == .*),/valid_i),/
ROWS
  }
  ;;
float_mac)
  bank=pcs_float_mac_bank list=float.f flags=(--count 20000 --few)
  faults() {
    cat <<'ROWS'
pcs_float_decode.sv s/normal ? ExponentBits'(field) : ExponentBits'(1)/ExponentBits'(field)/
pcs_float_decode.sv s/TOP_FN ? field == '1 && mantissa == '1/TOP_FN ? field == '1/
pcs_float_align.sv s/place < 0 ? FieldBits'(magnitude_i)/place < 0 ? '0/
pcs_float_align.sv s/{1'b0, above, field/{2'b00, field/
pcs_float_align.sv s/negative_i ? -aligned/negative_i ? ~aligned/
pcs_float_product.sv s/(inf_a && significand_b == '0)/1'b0/
pcs_float_mac.sv s/(first_i ? '0 : flags_q)/flags_q/
pcs_float_result.sv s/inexact \&\& tiny/inexact \&\& !kept[23]/
pcs_float_result.sv s/(positive && negative)/1'b0/
ROWS
  }
  ;;
*)
  echo "units_faults: no unit $unit; legal: convert, float_mac" >&2
  exit 2
  ;;
esac

# The test's C side, once.
objects=()
for source in tests/rtl/$unit.c tests/support/{check,float_case,float_sum,oracle}.c models/format/float.c models/mac/float_mac.c \
  models/spec/{spec,status}.c; do
  objects+=("$work/${source//\//_}.o")
  ${CC:-cc} -std=c11 -O2 -ffp-contract=off -w -I"$top" -c "$top/$source" -o "${objects[-1]}"
done

# test DIRECTORY: the test on the RTL there; its exit status.
run() {
  local dir=$1 source
  (cd "$dir/rtl" && "${VERILATOR:-verilator}" --cc --Mdir "$dir/made" -O3 -f $list --top-module $bank --prefix V$bank \
    --x-assign unique --x-initial unique -fno-const-bit-op-tree)
  for source in "$dir"/made/V*.cpp; do echo "#include \"$source\""; done >"$dir/bank.cpp"
  ${CXX:-c++} -std=c++17 -O1 -w -DVM_TRACE=0 -DVM_COVERAGE=0 -DVM_SC=0 -I"$top" -I"$dir/made" -I"$runtime" \
    -I"$runtime/vltstd" "$dir/bank.cpp" "$top/sim/bridge/$unit.cpp" "$runtime/verilated.cpp" \
    "$runtime/verilated_threads.cpp" "${objects[@]}" -lm -lpthread -o "$dir/test"
  "$dir/test" "${flags[@]}" >"$dir/log" 2>&1
}

mkdir "$work/right"
cp -r "$top/rtl" "$work/right"
run "$work/right" || { tail -3 "$work/right/log"; echo "units_faults: the RTL as it is does not pass"; exit 1; }
found=0
missed=0
while read -r file edit; do
  dir=$work/fault
  rm -rf "$dir"
  mkdir "$dir"
  cp -r "$top/rtl" "$dir"
  target=$(find "$dir/rtl/convert" "$dir/rtl/float" "$dir/rtl/mac" -name "$file")
  sed -i "$edit" "$target"
  if cmp -s "$target" "$top/${target#"$dir"/}"; then
    echo "the fault changes nothing: $file $edit"
    exit 2
  fi
  status=0
  run "$dir" || status=$?
  if [[ $status -eq 1 ]]; then
    found=$((found + 1))
  else
    missed=$((missed + 1))
    echo "not found (status $status): $file $edit"
  fi
done < <(faults)
echo "units_faults: $unit: checked $((found + missed)) faults, $missed not found"
[[ $found -gt 0 && $missed -eq 0 ]]
