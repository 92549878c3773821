#!/bin/bash
# Who may include whom.  Reads every rooted include ("models/...", <systemc>, ...) of every C and C++ file and looks it
# up in the table: the first row whose folder begins the file's path decides.
# usage: layers.sh SOURCE_TREE
set -euo pipefail
cd "$1"

table() {
    cat <<'ROWS'
models/spec/     models/spec/
models/format/   models/spec/ models/format/
models/mac/      models/spec/ models/format/ models/mac/
models/array/    models/spec/ models/format/ models/mac/ models/array/
models/gemm/     models/spec/ models/format/ models/mac/ models/array/ models/gemm/
models/accel/    models/
workloads/       models/spec/ models/format/ models/array/ models/gemm/gemm.h models/gemm/fgemm.h models/gemm/memory.h workloads/
energy/gates/    models/ workloads/train/ energy/gates/
energy/          models/spec/ energy/
sim/bridge/      models/ sim/bridge/ verilated V
sim/cosim/       models/ sim/bridge/ sim/cosim/
sim/cli/         models/ workloads/ energy/ sim/bridge/ sim/cosim/ sim/cli/
sim/platform/    models/ sim/bridge/ sim/cosim/ sim/platform/ systemc tlm
tests/           models/ workloads/ energy/ sim/ tests/
ROWS
}

# Lines "file include": rooted includes of ours, and those of the two simulators.
includes() {
    grep -rEo --include='*.[ch]' --include='*.hpp' --include='*.cpp' --include='*.def' --include='*.in' \
        '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]+' "${1%/}" |
        sed -E 's/:[^"<]*["<]/ /' |
        grep -E ' (models|workloads|energy|sim|tests|rtl|scripts)/| (systemc|tlm|verilated|V[a-z_]*\.h)' || true
}

checked=0
wrong=0
rules=$(table)
while read -r file include; do
    checked=$((checked + 1))
    allowed=
    while read -r folder rest; do
        if [[ $file == "$folder"* ]]; then
            allowed=$rest
            break
        fi
    done <<<"$rules"
    good=0
    for prefix in $allowed; do
        if [[ $include == "$prefix"* ]]; then
            good=1
        fi
    done
    if [[ $good -eq 0 ]]; then
        echo "$file: includes $include; its folder may include: ${allowed:-nothing}" >&2
        wrong=$((wrong + 1))
    fi
done < <(for folder in models workloads energy sim tests; do includes "$folder"; done)

echo "lint.layers: checked $checked includes, $wrong against the layers"
[[ $checked -gt 0 && $wrong -eq 0 ]]
