#!/bin/bash
# Every relative link of the Markdown files leads to a file of the tree.
# usage: links.sh SOURCE_TREE
set -euo pipefail
cd "$1"
checked=0
wrong=0
while IFS=: read -r file link; do
    target=${link#*](}
    target=${target%)}
    target=${target%%#*}
    if [[ -z $target || $target == *://* ]]; then
        continue
    fi
    checked=$((checked + 1))
    if [[ ! -e $(dirname "$file")/$target ]]; then
        echo "$file: link to $target: no such file" >&2
        wrong=$((wrong + 1))
    fi
done < <(find . -name '*.md' -not -path './build*' -not -path './runs/*' -exec grep -oHE '\]\([^)]+\)' {} + || true)
echo "lint.links: checked $checked links"
[[ $checked -gt 0 && $wrong -eq 0 ]]
