#!/bin/bash
# Each line of bad input to precess-vp must give exit status 2, one line on stderr that holds the words, and no output.
set -euo pipefail
vp=$1
checked=0
refuse() { # words, options...
    local words=$1 status=0 errors
    shift
    errors=$("$vp" "$@" 2>&1 >/dev/null) || status=$?
    if [[ $status -ne 2 || $errors != *"$words"* || $(wc -l <<<"$errors") -ne 1 || -n $("$vp" "$@" 2>/dev/null) ]]; then
        echo "precess-vp $*: status $status, expected 2 and one line with '$words': $errors" >&2
        exit 1
    fi
    checked=$((checked + 1))
}
refuse "--m 0: must be 1.." --m 0
refuse "--a u9: must be u or s and 2..8 bits" --a u9
refuse "--b s1: must be u or s and 2..8 bits" --b s1
refuse "--body fast: must be one of cycle|rtl|lockstep" --body fast
refuse "--rows 129: must be 1..128" --rows 129
kinds=$(awk '!/^#/ { printf "%s%s", sep, $2; sep = "|" }' "$(dirname "$0")/../../rtl/gen/kinds.txt")
refuse "--kind parallel: must be one of $kinds" --kind parallel
refuse "float multiplies" --kind float
refuse "legal: gated" --kind bfp
refuse "--dataflow rs: must be one of os|ws|is" --dataflow rs
refuse "digit of 2 bits: the kind gated takes 1" --kind gated --digit 2
refuse "illegal value in register segment" --kind gated --dataflow ws --segment 17
refuse "--seed -1: must be" --seed -1
refuse "--seed 1x: must be" --seed 1x
refuse "no such option" --frobnicate 1
refuse "needs a value" --k
refuse "not an option" k
refuse "segment of 151 steps: must be 0..K = 150" --segment 151
refuse "product at most" --m 100000 --n 100000
echo "platform.bad_input: checked $checked"
