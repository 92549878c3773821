#!/bin/bash
# clang-tidy with the checks of .clang-tidy over every C file of the libraries and simulators.  Exit status 77 (skipped)
# without clang-tidy.  BUILD_TREE has the compile commands.  usage: tidy.sh SOURCE_TREE BUILD_TREE
set -euo pipefail
cd "$1"
build=$2
if ! command -v clang-tidy >/dev/null; then
    echo "lint.tidy: no clang-tidy here"
    exit 77
fi
mapfile -t files < <(find models workloads energy sim -name '*.c' | sort)
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -I{} \
    clang-tidy --quiet -p "$build" {} 2>&1 | { grep -v 'warnings\? generated' || true; } >&2
echo "lint.tidy: checked ${#files[@]} files"
[[ ${#files[@]} -gt 0 ]]
