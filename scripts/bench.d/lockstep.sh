#!/bin/bash
# What lock-step checks with the RTL cost a training run at their default rate: runs with and without them in turns, time of
# a step as `--profile` gives it (no evaluation, no reading of data), the fastest of each.  Fashion-MNIST, all cores.
set -euo pipefail
precess=$1
threads=$(nproc)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ ! -r /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]]; then
    row "lock-step checks" steps/s 0 "missing: package dataset-fashion-mnist"
    exit 0
fi

# step NETWORK [flags]: milliseconds of a step; 200 of them, so that two are checked at the default rate
step() {
    "$precess" train --network "$1" --batch 128 --schedule static:8/8 --iterations 200 --cycles 1 --threads "$threads" \
        --checkpoint-every 0 --eval-every 0 --profile --output "$work/run" --force "${@:2}" |
        sed -n 's/^  all  *\([0-9.]*\) ms$/\1/p'
}

echo "command  precess train --network NETWORK --batch 128 --schedule static:8/8 --iterations 200 --profile [--check-every 0]"
for network in resnet20-fmnist fmnist-cnn; do
    for ((i = 0; i < (BENCH_REPEATS + 4) / 5; i++)); do
        echo "$(step "$network") $(step "$network" --check-every 0)"
    done >"$work/times"
    read -r checked free < <(awk '{ a = NR == 1 || $1 < a ? $1 : a; b = NR == 1 || $2 < b ? $2 : b }
        END { print 1000 / a, 1000 / b }' "$work/times")
    row "$network, lock-step checks" steps/s "$checked" "without" "$free" 0.95
done
