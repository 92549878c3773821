#!/bin/bash
# Each header compiles alone: as C11 and, when it is public, as C++17.  *internal.h and everything of sim/cli are private.
# usage: headers.sh SOURCE_TREE BUILD_TREE CC CXX
set -euo pipefail
cd "$1"
build=$2 cc=$3 cxx=$4
flags=(-I. -I"$build" -Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only)

checked=0
while read -r header; do
    "$cc" -std=c11 "${flags[@]}" -x c - <<<"#include \"$header\""
    if [[ $header != *internal.h && $header != sim/cli/* && $header != tests/* ]]; then
        "$cxx" -std=c++17 "${flags[@]}" -x c++ - <<<"#include \"$header\""
    fi
    checked=$((checked + 1))
done < <(find models workloads energy sim tests/support -name "*.h" | sort)
echo "lint.headers: checked $checked headers"
[[ $checked -gt 0 ]]
