#!/bin/bash
# Training with lock-step checks against the RTL at the default rate, against training without: iterations a second.
# Both run by turns, the best of each counts; what both need before and after their iterations is subtracted.
set -euo pipefail
precess=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%R
short=10
long=60

# seconds ITERATIONS [flags]
seconds() {
    rm -rf "$work/run"
    { time "$precess" train --network fmnist-cnn --iterations "$1" --checkpoint-every 0 --output "$work/run" \
        "${@:2}" >/dev/null; } 2>&1
}

echo "command  precess train --network fmnist-cnn --iterations $long --checkpoint-every 0 [--check-every 0]"
seconds 1 >/dev/null # Verilates the array, if need be
with=0
without=0
for ((i = 0; i < (BENCH_REPEATS + 4) / 5; i++)); do
    rates=$(awk -v n=$((long - short)) -v a="$(seconds $long)" -v b="$(seconds $short)" \
        -v c="$(seconds $long --check-every 0)" -v d="$(seconds $short --check-every 0)" \
        'BEGIN { print n / (a - b), n / (c - d) }')
    read -r with without < <(awk -v w="$with" -v o="$without" '{ print ($1 > w ? $1 : w), ($2 > o ? $2 : o) }' <<<"$rates")
done
row "iterations checked in lock-step, default rate" "it./s" "$with" "no checks" "$without" 0.95
