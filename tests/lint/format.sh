#!/bin/bash
# Every C and C++ file is as clang-format wants it.  Exit status 77 (skipped) without clang-format.
# usage: format.sh SOURCE_TREE
set -euo pipefail
cd "$1"
if ! command -v clang-format >/dev/null; then
    echo "lint.format: no clang-format here"
    exit 77
fi
mapfile -t files < <(find models workloads energy sim tests -name '*.[ch]' -o -name '*.hpp' -o -name '*.cpp' | sort)
clang-format --dry-run -Werror "${files[@]}"
echo "lint.format: checked ${#files[@]} files"
