# Shared by quickstart and test: what has to be installed, and how.  Sourced, not run.

# What configuration asks for (cmake/PcsRequire.cmake names the same packages), what a Verilated array is compiled
# with, the data set, and the program that draws the report's plots.
build_packages=(cmake gcc g++ make pkg-config libopenblas-dev zlib1g-dev libyaml-dev libcjson-dev libsystemc-dev
    libsqlite3-dev verilator)
run_packages=(dataset-fashion-mnist gnuplot-nox)
# What only tests call: they check form and synthesis, and measure gates.
test_packages=(clang-format clang-tidy yosys opensta qflow-tech-osu018)

# Installs those of the named Debian packages that are missing.
install_missing() {
    local package missing=() root=()
    if ! command -v dpkg-query >/dev/null; then
        echo "not a Debian system: nothing is installed here; configuration names what it misses" >&2
        return
    fi
    for package in "$@"; do
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        return
    fi
    if ! command -v apt-get >/dev/null; then
        echo "apt-get is not here; install these Debian packages and run again: ${missing[*]}" >&2
        return 2
    fi
    if [[ $EUID -ne 0 ]]; then
        if ! command -v sudo >/dev/null; then
            echo "neither root nor sudo; have these Debian packages installed and run again: ${missing[*]}" >&2
            return 2
        fi
        root=(sudo)
    fi
    echo "installing: ${missing[*]}"
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# build_tree DIRECTORY BUILD_TYPE [TARGET...]: configures and builds, everything when no target is named.
build_tree() {
    local directory=$1 type=$2
    shift 2
    mkdir -p "$directory"
    cmake -S . -B "$directory" -DCMAKE_BUILD_TYPE="$type" >"$directory/configure.log" || {
        cat "$directory/configure.log"
        return 2
    }
    cmake --build "$directory" -j "$(nproc)" ${1:+--target "$@"}
}
