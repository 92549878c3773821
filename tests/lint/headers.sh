#!/bin/bash
# Each header compiles alone: as C11 and, when it is offered to C++ (has an extern "C"), as C++17.
# usage: headers.sh SOURCE_TREE BUILD_TREE CC CXX
set -euo pipefail
cd "$1"
build=$2 cc=$3 cxx=$4
flags=(-I. -I"$build" -Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only)

checked=0
public=0
while read -r header; do
    "$cc" -std=c11 "${flags[@]}" -x c - <<<"#include \"$header\"
extern int not_empty;"
    if grep -q 'extern "C"' "$header"; then
        "$cxx" -std=c++17 "${flags[@]}" -x c++ - <<<"#include \"$header\""
        public=$((public + 1))
    fi
    checked=$((checked + 1))
done < <(find models workloads energy sim tests/support -name "*.h" | sort)
echo "lint.headers: checked $checked headers, $public of them in C++ too"
[[ $checked -gt 0 ]]
