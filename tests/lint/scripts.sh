#!/bin/bash
# Every shell script parses, those for bash stop at their first error, and what a person calls is executable.
# usage: scripts.sh SOURCE_TREE
set -euo pipefail
cd "$1"
checked=0
while read -r script; do
    bash -n "$script"
    if [[ $script =~ ^./(scripts|.ci)/ && ! -x $script ]]; then
        echo "$script: not executable" >&2
        exit 1
    fi
    if grep -q '^#!/bin/bash' "$script" && ! grep -q '^set -euo pipefail' "$script" && ! grep -q '^exec ' "$script"; then
        echo "$script: without set -euo pipefail" >&2
        exit 1
    fi
    checked=$((checked + 1))
done < <(grep -rlE --exclude-dir='build*' --exclude-dir=.git --exclude-dir=runs '^#!/bin/(ba)?sh' . | sort)
echo "lint.scripts: checked $checked scripts"
[[ $checked -gt 0 ]]
