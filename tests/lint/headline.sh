#!/bin/bash
# usage: headline.sh README PRECESS [--update]; see table.sh
set -euo pipefail
export PRECESS=$2
exec "$(dirname "$0")/table.sh" "headline" "$1" "$(dirname "$0")/../../energy/headline" headline "${@:3}"
