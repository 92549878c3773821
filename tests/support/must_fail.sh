#!/bin/sh
# must_fail.sh REGEX COMMAND...: passes only if the command ends with status 1 and says what REGEX looks for.  A crash,
# a usage error or a fault that goes unnoticed does not pass.
regex=$1
shift
output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output" | tail -n 25
if [ "$status" -eq 77 ]; then # skipped: a tool is missing
    exit 77
fi
if [ "$status" -ne 1 ]; then
    echo "must_fail: status $status, expected 1"
    exit 1
fi
if ! printf '%s\n' "$output" | grep -Eq -- "$regex"; then
    echo "must_fail: nothing matches '$regex'"
    exit 1
fi
echo "must_fail: caught, as it should be"
