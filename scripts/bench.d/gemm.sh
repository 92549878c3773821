#!/bin/bash
# Exact int8 GEMMs of the sizes of ResNet-20's three passes at a batch of 128, and 1024^3, against oneDNN's s8s8s32 and
# OpenBLAS' sgemm, which picks its own kernel and is given its own idea of the caches.
set -euo pipefail
bench=$(dirname "$1")/bench_gemm
threads=$(nproc)
if [[ ! -x $bench ]]; then
    echo "bench: $bench is not there; build the target bench_gemm" >&2
    exit 2
fi

command=("$bench" --threads "$threads" --repeats "$(((BENCH_REPEATS + 2) / 3))")
echo "command  env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE ${command[*]}"
rates=$(env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "${command[@]}")
while read -r work ours dnnl blas; do
    row "$work" Gop/s "$ours" "oneDNN $dnnl, sgemm" "$blas"
done <<<"$rates"

# mean COLUMN: geometric mean of all works, 0 without the library
mean() { awk -v c="$1" '{ none = none || $c == 0; s += log($c == 0 ? 1 : $c) } END { printf "%.2f", none ? 0 : exp(s / NR) }' <<<"$rates"; }
for library in "3 2 oneDNN s8s8s32 (libdnnl2)" "4 5 OpenBLAS sgemm (libopenblas0)"; do
    read -r column target name <<<"$library"
    other=$(mean "$column")
    if [[ $other == 0.00 ]]; then
        row "geometric mean" Gop/s "$(mean 2)" "${name%% *}: ${name##* } missing"
    else
        row "geometric mean" Gop/s "$(mean 2)" "${name% (*}" "$other" "$target"
    fi
done
