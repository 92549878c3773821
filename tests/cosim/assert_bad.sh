#!/bin/bash
# The assertions of rtl/sva see a fault in the RTL: an array that does not freeze while a row waits.
#   assert_bad.sh SOURCE_DIR WORK_DIR WALK_PROGRAM DATAFLOW
set -euo pipefail
source=$1 work=$2 walk=$3 dataflow=$4
rm -rf "$work"
mkdir -p "$work/root/sim" "$work/root/models/array" "$work/root/scripts"
cp -r "$source/rtl" "$work/root/"
cp -r "$source/sim/bridge" "$work/root/sim/"
cp -r "$source/models/spec" "$work/root/models/"
cp "$source/models/array/array.h" "$work/root/models/array/"
cp "$source/scripts/verilate" "$work/root/scripts/"
sed -i 's/assign en_o  *= .*/assign en_o = out_ready_i || !out_ready_i;/' "$work/root/rtl/array/pcs_deskew.sv"
if cmp -s "$work/root/rtl/array/pcs_deskew.sv" "$source/rtl/array/pcs_deskew.sv"; then
    echo "nothing was changed"
    exit 1
fi
if "$walk" --array 2 2 gated 16 --dataflow "$dataflow" --streams 40 --traced "$work/walk.fst" --root "$work/root" \
    --cache "$work/cache" >"$work/log" 2>&1; then
    echo "the fault was not found"
    exit 1
fi
cat "$work/log"
grep -q "Assertion failed in .*a frozen array took a step" "$work/log"
