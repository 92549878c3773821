#!/bin/bash
# Plants one include against the layers at a time in a copy of the tree; layers.sh must name the file each time.
# usage: layers_bad.sh SOURCE_TREE
set -euo pipefail
source=$1
check=$(dirname "$0")/layers.sh
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r "$source"/{models,workloads,energy,sim,tests} "$copy"

planted=0
while read -r file include; do
    cp "$copy/$file" "$copy/saved"
    echo "#include $include" >>"$copy/$file"
    if output=$("$check" "$copy" 2>&1) || ! grep -q "^$file: includes" <<<"$output"; then
        echo "not caught: $file includes $include" >&2
        exit 1
    fi
    mv "$copy/saved" "$copy/$file"
    planted=$((planted + 1))
done <<'ROWS'
models/spec/spec.h "models/format/quantize.h"
models/mac/mac.h "models/array/array.h"
models/array/stream.h "models/gemm/gemm.h"
models/gemm/gemm.h "models/accel/sequencer.h"
models/accel/sequencer.c "tests/support/check.h"
workloads/train/train.h "sim/platform/platform.h"
workloads/train/train.h "models/gemm/kernels/kernels.h"
energy/energy.h "models/gemm/gemm.h"
sim/platform/driver.c "workloads/train/train.h"
sim/platform/driver.c <verilated.h>
models/accel/sequencer.h <systemc>
ROWS
echo "lint.layers_bad: $planted planted includes caught"
