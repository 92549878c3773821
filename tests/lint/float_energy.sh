#!/bin/bash
# usage: float_energy.sh README FLOATS [--update]; FLOATS is energy/gates/floats; see table.sh
set -euo pipefail
exec "$(dirname "$0")/table.sh" "floating-point energy" "$1" "$2" float_energy "${@:3}"
