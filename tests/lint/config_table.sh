#!/bin/bash
# usage: config_table.sh README PRINTER [--update]; see table.sh
set -euo pipefail
exec "$(dirname "$0")/table.sh" "configuration keys" "$1" "$2" config_table "${@:3}"
