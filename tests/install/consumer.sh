#!/bin/bash
# Installs the build into a fresh prefix, moves that, and builds and runs an outside program against it in both ways:
# pkg-config and find_package.  usage: consumer.sh BUILD_TREE CMAKE CC [flags of the library's build, such as -fsanitize]
set -euo pipefail
build=$1 cmake=$2 cc=$3 flags=${4:-}
source=$(dirname "$0")/consumer
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$cmake" --install "$build" --prefix "$out/first" >"$out/log"
mv "$out/first" "$out/prefix"
for name in bin/precess bin/precess-vp lib/libprecess.a include/precess/models/gemm/gemm.h share/precess/rtl/files.f \
    share/precess/tables/horowitz-45nm.csv; do
    if [[ ! -e $out/prefix/$name ]]; then
        echo "not installed: $name" >&2
        exit 1
    fi
done
if find "$out/prefix" -path '*test*' | grep .; then
    echo "tests are installed" >&2
    exit 1
fi
"$out/prefix/bin/precess" --version
"$out/prefix/bin/precess-vp" --help >/dev/null

export PKG_CONFIG_PATH=$out/prefix/lib/pkgconfig
# shellcheck disable=SC2046,SC2086
"$cc" -std=c11 $flags "$source/consumer.c" $(pkg-config --cflags --libs precess) -o "$out/consumer"
expected="5 6 7 13 14 15"
by_pkg_config=$("$out/consumer")

"$cmake" -S "$source" -B "$out/tree" -DCMAKE_PREFIX_PATH="$out/prefix" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_C_FLAGS="$flags" >"$out/log"
"$cmake" --build "$out/tree" >"$out/log"
by_cmake=$("$out/tree/consumer")
echo "$by_cmake"
if [[ $by_pkg_config != "$expected,"* || $by_cmake != "$by_pkg_config" ]]; then
    echo "expected $expected; pkg-config build: $by_pkg_config; find_package build: $by_cmake" >&2
    exit 1
fi
echo "install.consumer: checked 2 programs"
