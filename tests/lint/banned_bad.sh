#!/bin/bash
# Plants one banned call at a time in a copy of the libraries; banned.sh must name file and function.
# usage: banned_bad.sh SOURCE_TREE
set -euo pipefail
check=$(dirname "$0")/banned.sh
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/energy" "$copy/workloads"
mkdir "$copy/models"
cp -r "$1/models/spec" "$copy/models"

if ! "$check" "$copy"; then
    exit 1
fi
planted=0
for name in printf exit getenv time rand strcpy sprintf expf cos pow; do
    echo "void f(void) { /* fine: $name() */ $name(); }" >"$copy/energy/planted.c"
    if output=$("$check" "$copy" 2>&1) || ! grep -q "^energy/planted.c:1: $name is banned" <<<"$output"; then
        echo "not caught: $name" >&2
        exit 1
    fi
    planted=$((planted + 1))
done
echo "lint.banned_bad: $planted planted calls caught"
