#!/bin/bash
# Twins: plants one fault in a copy of what a check reads; the check must fail and say the words.
# usage: twin.sh CASE SOURCE_TREE BUILD_TREE CC CXX [argument of the case]
set -euo pipefail
name=$1 source=$2 build=$3 cc=$4 cxx=$5 argument=${6:-}
lint=$(dirname "$0")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir -p "$copy"/{models,workloads,energy,sim,tests/support}

caught() { # words, command...
    local words=$1 output
    shift
    if output=$("$@" 2>&1) || ! grep -qF "$words" <<<"$output"; then
        echo "lint.${name}_bad: not caught: $words" >&2
        exit 1
    fi
    echo "lint.${name}_bad: caught: $words"
}

case $name in
headers)
    echo 'static inline uint32_t f(void) { return 0; }' >"$copy/models/alone.h"
    caught "uint32_t" "$lint/headers.sh" "$copy" "$build" "$cc" "$cxx"
    printf '#ifdef __cplusplus\nextern "C" {\n#endif\nstatic inline int *f(void *p) { return p; }\n' >"$copy/models/alone.h"
    caught "invalid conversion" "$lint/headers.sh" "$copy" "$build" "$cc" "$cxx"
    ;;
format)
    cp "$source/.clang-format" "$copy"
    echo 'int  f( void );' >"$copy/models/ugly.c"
    if ! command -v clang-format >/dev/null; then
        exit 77
    fi
    caught "models/ugly.c:1:" "$lint/format.sh" "$copy"
    ;;
tidy)
    cp "$source/.clang-tidy" "$copy"
    printf 'int f(int a);\nint f(int a)\n{\n    if (a)\n        return 1;\n    return 0;\n}\n' >"$copy/models/open.c"
    printf '[{"directory": "%s", "file": "models/open.c", "command": "cc -std=c11 -c models/open.c"}]\n' "$copy" \
        >"$copy/compile_commands.json"
    if ! command -v clang-tidy >/dev/null; then
        exit 77
    fi
    caught "models/open.c:4:11: error: statement should be inside braces" "$lint/tidy.sh" "$copy" "$copy"
    ;;
links)
    echo '[fine](README.md) [gone](models/gone.h)' >"$copy/README.md"
    caught "models/gone.h: no such file" "$lint/links.sh" "$copy"
    ;;
scripts)
    mkdir "$copy/scripts"
    printf '#!/bin/bash\nset -euo pipefail\nif\n' >"$copy/scripts/broken"
    caught "syntax error" "$lint/scripts.sh" "$copy"
    printf '#!/bin/bash\nset -euo pipefail\n' >"$copy/scripts/broken"
    caught "not executable" "$lint/scripts.sh" "$copy"
    printf '#!/bin/bash\ntrue\n' >"$copy/scripts/broken"
    chmod +x "$copy/scripts/broken"
    caught "without set -euo pipefail" "$lint/scripts.sh" "$copy"
    ;;
targets)
    mkdir "$copy/scripts"
    echo 'build_tree build Release precess_cli precess_gone # both' >"$copy/scripts/broken"
    caught "scripts/broken: no target precess_gone" "$lint/targets.sh" "$copy" "$build" "$argument"
    ;;
globals)
    echo 'static int calls; int f(void); int f(void) { return ++calls; }' | "$cc" -x c -c - -o "$copy/f.o"
    ar rc "$copy/libf.a" "$copy/f.o"
    caught "calls" "$lint/globals.sh" "$copy/libf.a"
    ;;
drift) # one spec row is changed: the check names it
    cp -r "$source/models/spec" "$copy/models"
    sed -i 's/^PCS_PARAM(ACC_MAX_BITS, [0-9]*/&1/' "$copy/models/spec/params.def"
    "$cc" -std=c11 -I"$copy" "$copy"/models/spec/{spec_print,spec,status}.c -o "$copy/printer"
    caught "+  localparam int unsigned ACC_MAX_BITS" "$lint/drift.sh" "$source/rtl/gen" "$copy/printer"
    ;;
config_table)
    sed 's/^| `train.batch` | `--batch` | [0-9]*/&9/' "$source/README.md" >"$copy/README.md"
    caught "the table has drifted" "$lint/config_table.sh" "$copy/README.md" "$argument"
    ;;
float_energy)
    sed 's/^| `bfp` | 4 x 4 bits | [0-9]*/&9/' "$source/README.md" >"$copy/README.md"
    caught "the table has drifted" "$lint/float_energy.sh" "$copy/README.md" "$argument"
    ;;
headline)
    sed 's/^| `serial` | [0-9]*/&9/' "$source/README.md" >"$copy/README.md"
    caught "the table has drifted" "$lint/headline.sh" "$copy/README.md" "$argument"
    ;;
kind_table)
    sed 's/^| `fusion` | - | [0-9]*/&9/' "$source/README.md" >"$copy/README.md"
    caught "the table has drifted" "$lint/kind_table.sh" "$copy/README.md" "$argument"
    ;;
*)
    echo "$name: no such case" >&2
    exit 2
    ;;
esac
