#!/bin/sh
# An RTL made from other spec rows is refused before its first clock, by name.
#   spec_hash.sh SOURCE_DIR WORK_DIR WALK_PROGRAM
set -eu
source=$1 work=$2 walk=$3
rm -rf "$work"
mkdir -p "$work/root/sim" "$work/root/models/array" "$work/root/scripts"
cp -r "$source/rtl" "$work/root/"
cp -r "$source/sim/bridge" "$work/root/sim/"
cp -r "$source/models/spec" "$work/root/models/"
cp "$source/models/array/array.h" "$work/root/models/array/"
cp "$source/scripts/verilate" "$work/root/scripts/"
sed -i 's/SPEC_HASH = 64.h./SPEC_HASH = 64'"'"'hf/; s/SPEC_HASH = 64.hf\(.\{14\}\)./SPEC_HASH = 64'"'"'hf\10/' "$work/root/rtl/gen/pcs_spec_pkg.sv"
! cmp -s "$work/root/rtl/gen/pcs_spec_pkg.sv" "$source/rtl/gen/pcs_spec_pkg.sv" || { echo "nothing was changed"; exit 1; }
if "$walk" --array 1 1 gated 16 --root "$work/root" --cache "$work/cache" >"$work/log" 2>&1; then
  echo "a different spec hash was accepted"
  exit 1
fi
cat "$work/log"
grep -q "register spec_hash is 0x" "$work/log"
