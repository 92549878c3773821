#!/bin/bash
# Configuring without a required package fails and names the Debian package to install, and scripts/lib.sh installs it.
# Each is hidden in turn, in the order in which cmake/PcsRequire.cmake asks for them, so that one tree serves all.
# usage: missing_package.sh SOURCE_TREE CMAKE
set -euo pipefail
source=$1 cmake=$2
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# Every .pc file of the machine but the hidden one.
hide() {
    rm -rf "$tree/pc"
    mkdir "$tree/pc"
    local folder
    while read -r -d : folder; do
        if [[ -d $folder ]]; then
            find "$folder" -name '*.pc' ! -name "$1.pc" -exec ln -sf -t "$tree/pc" {} +
        fi
    done < <(pkg-config --variable pc_path pkg-config | tr '\n' ':')
}

checked=0
expect() { # hidden .pc (or none), Debian package, cmake options...
    local hidden=$1 package=$2
    shift 2
    hide "$hidden"
    if PKG_CONFIG_LIBDIR=$tree/pc "$cmake" -S "$source" -B "$tree/build" "$@" >"$tree/log" 2>&1; then
        echo "configured without $package" >&2
        exit 1
    fi
    # CMake folds long messages
    if ! tr -s ' \n' ' ' <"$tree/log" | grep -q "apt-get install $package"; then
        echo "without $package the message does not name it:" >&2
        cat "$tree/log" >&2
        exit 1
    fi
    if ! bash -c 'source "$1"; [[ " ${build_packages[*]} " == *" $2 "* ]]' - "$source/scripts/lib.sh" "$package"; then
        echo "scripts/lib.sh does not install $package" >&2
        exit 1
    fi
    checked=$((checked + 1))
}

expect none pkg-config -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON
expect openblas libopenblas-dev -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=OFF
expect zlib zlib1g-dev
expect yaml-0.1 libyaml-dev
expect libcjson libcjson-dev
expect systemc libsystemc-dev
expect sqlite3 libsqlite3-dev
expect none verilator -DCMAKE_DISABLE_FIND_PACKAGE_verilator=ON
echo "lint.missing_package: checked $checked packages"
