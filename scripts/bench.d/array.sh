#!/bin/bash
# The cycle model against the Verilated RTL, 16x16, the same steps in one run, and the closed form.  RTL that is not made
# yet is Verilated first, a minute for each kind and dataflow.  Processor time: other programs do not count.
set -euo pipefail
program=$(dirname "$1")/bench_array
seconds=$(awk "BEGIN { print $BENCH_REPEATS / 15 }")

echo "command  $program --seconds $seconds"
"$program" --seconds "$seconds" | while read -r kind dataflow precision cycle rtl; do
    if [[ $kind == closed-form ]]; then
        row "closed form" GEMM/s "$dataflow" "what a sweep needs" 1000000 1
    else
        row "$kind $dataflow $precision, cycle model" clocks/s "$cycle" RTL "$rtl" 100
    fi
done
