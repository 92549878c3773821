#!/bin/bash
# Conversion of binary32 to FP8 on one core, against memcpy of the same input, bytes of input a second; and GEMMs with
# floating-point accumulators on all cores, 10^9 multiply-adds a second, against what is wanted of two AVX-512 cores.
set -euo pipefail
here=$(dirname "$1")
for bench in format_bench fgemm_bench; do
    if [[ ! -x $here/$bench ]]; then
        echo "bench: $here/$bench is not there; build the target $bench" >&2
        exit 2
    fi
done

echo "command  $here/format_bench $BENCH_REPEATS"
rates=$("$here/format_bench" "$BENCH_REPEATS")
rate() { awk -v name="$1" '$1 == name { print $2 }' <<<"$rates"; }
for format in e4m3 e5m2; do
    row "FP32 to ${format^^}, nearest even" GB/s "$(rate $format-rne)" "memcpy" "$(rate memcpy)" 0.5
    row "FP32 to ${format^^}, stochastic" GB/s "$(rate $format-sr)" "memcpy" "$(rate memcpy)" 0.25
done

size=1024
echo "command  $here/fgemm_bench $BENCH_REPEATS $(nproc) $size"
"$here/fgemm_bench" "$BENCH_REPEATS" "$(nproc)" $size | while read -r name speed way; do
    case $name in
        e?m?-exact) wanted=20 ;;
        e?m?-fma) wanted=10 ;;
        e4m3-hopper | e4m3-blackwell) wanted=1 ;;
        *) wanted= ;;
    esac
    row "GEMM of $size, ${name/-/, } ($way)" GMAC/s "$speed" "${wanted:+wanted}" "$wanted" "${wanted:+1}"
done
