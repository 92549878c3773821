#!/bin/bash
# usage: kind_table.sh README PRINTER [--update]; see table.sh
set -euo pipefail
exec "$(dirname "$0")/table.sh" "MAC kinds" "$1" "$2" kind_table "${@:3}"
