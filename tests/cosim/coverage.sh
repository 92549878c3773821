#!/bin/bash
# What the walks met together: at least CLOCKS clocks compared, and every point of the space.
#   coverage.sh [--clocks-only] WALK CLOCKS FILE...    FILE: what `cosim_walk --points` wrote
set -euo pipefail
points=yes
if [[ $1 == --clocks-only ]]; then
    points=no
    shift
fi
walk=$1 least=$2
shift 2
clocks=$(awk '$1 == "clocks" { n += $2 } END { printf "%.0f", n }' "$@")
echo "$# arrays: $clocks clocks in lock-step with the RTL"
missing=$(LC_ALL=C comm -23 <("$walk" --list | LC_ALL=C sort) <(grep -hv '^clocks ' "$@" | LC_ALL=C sort -u))
count=$("$walk" --list | wc -l)
missed=$(grep -c . <<<"$missing" || true)
echo "$((count - missed)) of $count points met"
if [[ $points == yes ]] && ((missed > 0)); then
    echo "not met:"
    head -n 20 <<<"$missing"
    exit 1
fi
if ((clocks < least)); then
    echo "fewer than $least clocks"
    exit 1
fi
