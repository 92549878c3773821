#!/bin/bash
# The targets that scripts build exist.
# usage: targets.sh SOURCE_TREE BUILD_TREE CMAKE
set -euo pipefail
cd "$1"
known=$("$3" --build "$2" --target help)
checked=0
wrong=0
while read -r script _ _ _ targets; do
    for target in ${targets%%#*}; do
        checked=$((checked + 1))
        if ! grep -qE "^(\.\.\. )?$target(:|\$)" <<<"$known"; then
            echo "${script%:}: no target $target" >&2
            wrong=$((wrong + 1))
        fi
    done
done < <(grep -HE '^build_tree ' scripts/* --directories=skip | sed 's/:/: /')
echo "lint.targets: checked $checked targets"
[[ $checked -gt 0 && $wrong -eq 0 ]]
