#!/bin/bash
# install_missing of scripts/lib.sh, with a pretended dpkg-query and apt-get: asks for what is missing, once, and for
# nothing else.  usage: packages.sh SOURCE_TREE
set -euo pipefail
lib=$1/scripts/lib.sh
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/all" "$out/noapt"

# Package `have` is installed, nothing else is.
printf '#!/bin/bash\n[[ ${*: -1} == have ]] && printf installed || exit 1\n' >"$out/noapt/dpkg-query"
printf '#!/bin/bash\necho "apt-get $*" >>"%s/calls"\n' "$out" >"$out/all/apt-get"
printf '#!/bin/bash\n"$@"\n' >"$out/all/sudo"
chmod +x "$out"/*/*
cp "$out/noapt/dpkg-query" "$out/all"
for tool in bash env; do
    ln -s "$(command -v $tool)" "$out/all"
    ln -s "$(command -v $tool)" "$out/noapt"
done

checked=0
expect() { # path, status, words of the output, apt-get calls, packages...
    local path=$1 status=$2 words=$3 calls=$4 got=0 output
    shift 4
    : >"$out/calls"
    output=$(PATH=$path bash -c 'source "$0"; install_missing "$@"' "$lib" "$@" 2>&1) || got=$?
    if [[ $got -ne $status || $output != *"$words"* || $(<"$out/calls") != "$calls" ]]; then
        echo "install_missing $*: status $got, expected $status; output '$output', expected '$words'" >&2
        echo "calls '$(<"$out/calls")', expected '$calls'" >&2
        exit 1
    fi
    checked=$((checked + 1))
}

expect "$out/all" 0 "" "" have
expect "$out/all" 0 "installing: lack more" "apt-get update -qq
apt-get install -y -qq --no-install-recommends lack more" have lack more
expect "$out/noapt" 2 "install these Debian packages and run again: lack" "" have lack
echo "lint.packages: checked $checked"
