#!/bin/bash
# The library has no writable global: no symbol of it lies in .data or .bss.
# usage: globals.sh LIBPRECESS.A
set -euo pipefail
symbols=$(objdump -t "$1" | awk 'NF >= 5 && $0 ~ / [OF] / { print }')
wrong=$(awk '$4 ~ /^\.(data|bss|tdata|tbss)$/ || $3 ~ /^\.(data|bss|tdata|tbss)$/ || $4 == "*COM*"' <<<"$symbols")
echo "lint.globals: checked $(wc -l <<<"$symbols") symbols"
if [[ -n $wrong ]]; then
    echo "writable globals:" >&2
    echo "$wrong" >&2
    exit 1
fi
