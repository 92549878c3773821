#!/bin/bash
# Conversion of binary32 to FP8 on one core, against memcpy of the same input; bytes of input a second.
set -euo pipefail
bench=$(dirname "$1")/format_bench
if [[ ! -x $bench ]]; then
    echo "bench: $bench is not there; build the target format_bench" >&2
    exit 2
fi

echo "command  $bench $BENCH_REPEATS"
rates=$("$bench" "$BENCH_REPEATS")
rate() { awk -v name="$1" '$1 == name { print $2 }' <<<"$rates"; }
for format in e4m3 e5m2; do
    row "FP32 to ${format^^}, nearest even" GB/s "$(rate $format-rne)" "memcpy" "$(rate memcpy)" 0.5
    row "FP32 to ${format^^}, stochastic" GB/s "$(rate $format-sr)" "memcpy" "$(rate memcpy)" 0.25
done
