#!/bin/bash
# A training step of ResNet-20, batch 128, on synthetic images: against PyTorch and our own FP32 mode, with fewer
# bits, with fewer threads; then what a run takes before its first step, and of memory.
set -euo pipefail
precess=$1
threads=$(nproc)
network=resnet20-cifar

# In turns, since a shared machine is now fast, now slow, for minutes: a round runs all once, those that are compared next
# to each other, and a row is the round whose ratio is the median.
rounds=$(((BENCH_REPEATS + 1) / 2))
repeats=5
times=$(mktemp -d)
trap 'rm -rf "$times"' EXIT

# rate BITS THREADS [flags]: images per second
rate() {
    "$precess" bench step --network "$network" --batch 128 --bits "$1" --threads "$2" --repeats "$repeats" \
        "${@:3}" --json | sed -n 's/.*"images_per_s":[^0-9]*\([0-9.]*\).*/\1/p'
}

# pair NAME OTHER: both figures of the round that has the median of their ratios
pair() {
    paste "$times/$1" "$times/$2" | awk '{ print $1 / $2, $1, $2 }' | sort -g | cut -d ' ' -f 2,3 |
        awk '{ line[NR] = $0 } END { print line[int((NR + 1) / 2)] }'
}

has_torch=0
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    has_torch=1
fi
echo "command  precess bench step --network $network --batch 128 --bits 8/8 --threads $threads --repeats $repeats, $rounds times in turns"
for ((round = 0; round < rounds; round++)); do
    if [[ $has_torch -eq 1 ]]; then
        /usr/bin/python3 "$(dirname "$0")/torch_step.py" 128 "$threads" "$repeats" >>"$times/torch" 2>/dev/null
    fi
    rate 8/8 "$threads" >>"$times/eight"
    (unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE && rate fp32 "$threads") >>"$times/fp32"
    rate 3/8 "$threads" >>"$times/three"
    rate 8/8 "$threads" >>"$times/again"
    rate 8/8 1 >>"$times/one"
done
if [[ $has_torch -eq 1 ]]; then
    read -r eight torch < <(pair eight torch)
    row "step at 8/8" images/s "$eight" "PyTorch FP32 (python3-torch)" "$torch" 2.5
else
    row "step at 8/8" images/s "$(head -n 1 "$times/eight")" "PyTorch: python3-torch missing"
fi
read -r eight fp32 < <(pair eight fp32)
row "step at 8/8" images/s "$eight" "our own FP32 mode on OpenBLAS" "$fp32" 2.0
read -r three eight < <(pair three again)
row "step at 3/8" images/s "$three" "step at 8/8" "$eight" 1.0
if [[ $threads -ge 2 ]]; then
    read -r eight one < <(pair again one)
    row "$threads threads at 8/8" images/s "$eight" "1 thread" "$one" "$([[ $threads -eq 2 ]] && echo 1.8)"
fi
slowest=$(rate 8/8 "$threads" --isa portable)
for isa in avx2 avx512vnni amx; do
    if speed=$(rate 8/8 "$threads" --isa "$isa" 2>/dev/null) && [[ -n $speed ]]; then
        row "step with --isa $isa" images/s "$speed" "--isa portable" "$slowest"
    fi
done

# figures NETWORK: peak memory (MiB) and seconds from the start to the end of the first step, on all cores
figures() {
    "$precess" bench step --network "$1" --batch 128 --bits 8/8 --threads "$threads" --repeats 1 --json |
        sed -n 's/.*"peak_mib":[^0-9]*\([0-9.]*\).*/\1/p; s/.*"first_step_s":[^0-9]*\([0-9.]*\).*/\1/p' | paste -sd ' '
}

# A run on Fashion-MNIST from the command's start to its first row of metrics.csv, seconds.  No lock-step check: a first
# one Verilates the array.
first_row() {
    local directory pid start
    directory=$(mktemp -d)
    start=$EPOCHREALTIME
    "$precess" train --network resnet20-fmnist --batch 128 --schedule static:8/8 --iterations 1000 --check-every 0 \
        --threads "$threads" --output "$directory/run" >/dev/null &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && [[ $(cat "$directory/run/metrics.csv" 2>/dev/null | wc -l) -lt 2 ]]; do
        sleep 0.01
    done
    awk -v start="$start" -v now="$EPOCHREALTIME" 'BEGIN { print now - start }'
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
    rm -r "$directory"
}

read -r peak first < <(figures resnet20-cifar)
most "peak memory, ResNet-20" MiB "$peak" 1536
read -r peak _ < <(figures resnet110-cifar)
most "peak memory, ResNet-110" MiB "$peak" 4096
most "start to first step, ResNet-20" s "$first" 2
if [[ -r /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]]; then
    most "the same of precess train, Fashion-MNIST" s "$(first_row)" 2
fi
