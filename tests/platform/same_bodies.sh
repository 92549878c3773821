#!/bin/bash
# Runs precess-vp with each body over a list of shapes and compares all that they print: results, memory image, clocks,
# time.  usage: same_bodies.sh PRECESS_VP [--inject-read N: the other bodies get it, and each run must be found wrong]
set -euo pipefail
vp=$1
shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

shapes=(
    "--m 1 --n 1 --k 1"
    "--m 8 --n 8 --k 64 --a u8 --b u8"
    "--m 9 --n 17 --k 33 --a s3 --b u8 --serial a"
    "--m 37 --n 29 --k 150 --segment 40 --a u8 --b s4"
    "--m 5 --n 23 --k 300 --segment 299 --a s8 --b s8 --overflow saturate"
    "--m 20 --n 3 --k 77 --segment 1 --a u2 --b s2"
)
# A weight-stationary array of 3 rows takes 3 words of K at a time.
short=(
    "--m 1 --n 5 --k 1"
    "--m 9 --n 17 --k 33 --a s3 --b u8"
    "--m 37 --n 29 --k 150 --segment 3 --a u8 --b s4"
    "--m 20 --n 3 --k 77 --segment 48 --a u2 --b s2 --overflow saturate"
)
runs=()
for kind in $(awk '$4 == "integer" { print $2 }' "$(dirname "$0")/../../rtl/gen/kinds.txt"); do
    for shape in "${shapes[@]}"; do
        runs+=("$shape --kind $kind --rows 4 --cols 4")
    done
done
for dataflow in ws is; do
    for shape in "${short[@]}"; do
        runs+=("$shape --kind fusion --dataflow $dataflow --rows 3 --cols 5 --acc-bits 17")
    done
done
compared=0
for run in "${runs[@]}"; do
    read -ra options <<<"$run --seed $compared"
    "$vp" --body cycle "${options[@]}" | grep -vE '^(body|lockstep)' >"$out/cycle"
    for body in rtl lockstep; do
        status=0
        "$vp" --body $body "${options[@]}" "$@" >"$out/all" 2>"$out/errors" || status=$?
        grep -vE '^(body|lockstep)' "$out/all" >"$out/other"
        if [[ $# -eq 0 ]]; then
            diff -u "$out/cycle" "$out/other"
        elif [[ $status -ne 1 ]] || cmp -s "$out/cycle" "$out/other" ||
            ! grep -q "the definition gives" "$out/errors"; then
            echo "${options[*]} $*: status $status, expected 1 and another memory image" >&2
            exit 1
        fi
        compared=$((compared + 1))
    done
    if [[ $# -eq 0 ]] && ! grep -qE '^lockstep_words: [1-9]' "$out/all"; then
        echo "${options[*]}: nothing was compared in lock-step" >&2
        exit 1
    fi
done
echo "platform.same_bodies: compared $compared runs"
