#!/bin/bash
# Functions that library code does not call: those that print, exit, read the clock or the environment, that cannot be
# bounded, and the libm functions whose last bit depends on the machine.  Comments and strings do not count.
# usage: banned.sh SOURCE_TREE
set -euo pipefail
cd "$1"

io='printf|vprintf|puts|putchar|perror|exit|_exit|abort|assert|getenv|setenv|system'
clock='time|clock|gettimeofday|clock_gettime|rand|srand|random|drand48'
unbounded='gets|atoi|atol|atof|strtok|strcpy|strcat|sprintf|vsprintf|alloca|setjmp|longjmp'
libm='exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|erf|cbrt|hypot|tgamma'
pattern="(?<![\\w.>])($io|$clock|$unbounded|($libm)[fl]?)\\s*\\(" # not a member: drive->clock(

# "file function" pairs that may, and why: pcs_assert_failed ends the program after an internal error.
waivers='models/spec/status.c abort'

checked=0
wrong=0
while read -r file; do
    checked=$((checked + 1))
    while IFS=: read -r line text; do
        name=$(grep -oP "$pattern" <<<"$text" | head -1 | tr -d ' (')
        if grep -qx "$file $name" <<<"$waivers"; then
            continue
        fi
        echo "$file:$line: $name is banned in library code" >&2
        wrong=$((wrong + 1))
    done < <(gcc -fpreprocessed -dD -E "$file" 2>/dev/null | awk -v file="$file" '
        /^# [0-9]+ "/ { line = $2 - 1; next }
        { line++; gsub(/\\"/, ""); gsub(/"[^"]*"/, "\"\""); print line ":" $0 }' | grep -P "$pattern" || true)
done < <(find models workloads energy -name '*.[ch]' ! -name spec_print.c | sort) # that one is a program of its own
echo "lint.banned: checked $checked files, $wrong calls"
[[ $checked -gt 0 && $wrong -eq 0 ]]
