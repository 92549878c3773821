#!/bin/bash
# Quantizing binary32 to the codes that the kernels read, on one core, against memcpy of the same input; bytes of input.
set -euo pipefail
bench=$(dirname "$1")/bench_quantize
if [[ ! -x $bench ]]; then
    echo "bench: $bench is not there; build the target bench_quantize" >&2
    exit 2
fi

echo "command  $bench --repeats $BENCH_REPEATS"
rates=$("$bench" --repeats "$BENCH_REPEATS")
rate() { awk -v name="$1" '$1 == name { print $2 }' <<<"$rates"; }
row "quantize, nearest (x, weights)" GB/s "$(rate nearest)" memcpy "$(rate memcpy)" 0.5
row "quantize, stochastic (gradients)" GB/s "$(rate stochastic)" memcpy "$(rate memcpy)" 0.5
row "range" GB/s "$(rate range)" memcpy "$(rate memcpy)"
