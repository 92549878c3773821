# Shared by the command's tests.  Sets up $work (removed at exit), $precess, and a small data set in $data.
# Usage: . lib.sh, after setting: precess (path of the command)
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checks=0
kinds=$(awk '!/^#/ { print $2 }' "$(dirname "$0")/../../rtl/gen/kinds.txt") # every MAC kind
integer_kinds=$(awk '$4 == "integer" { print $2 }' "$(dirname "$0")/../../rtl/gen/kinds.txt")

fail() {
  echo "FAILED: $*" >&2
  [ -s "$work/err" ] && sed 's/^/  stderr: /' "$work/err" >&2
  exit 1
}

# Big-endian 32-bit words, as IDX headers want them.
words() {
  for w in "$@"; do
    printf "\\$(printf %03o $((w >> 24 & 255)))\\$(printf %03o $((w >> 16 & 255)))"
    printf "\\$(printf %03o $((w >> 8 & 255)))\\$(printf %03o $((w & 255)))"
  done
}

# The first $2 training and $3 test images of the installed data set, into directory $1.
small_data() {
  from=/usr/share/datasets/fashion-mnist
  [ -d "$from" ] || { echo "package dataset-fashion-mnist is not installed" >&2; exit 77; }
  mkdir -p "$1"
  for set in train:$2 t10k:$3; do
    name=${set%%:*}
    count=${set##*:}
    { words 2051 "$count" 28 28; zcat "$from/$name-images-idx3-ubyte.gz" | tail -c +17 | head -c $((count * 784)); } |
      gzip -1 > "$1/$name-images-idx3-ubyte.gz"
    { words 2049 "$count"; zcat "$from/$name-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$count"; } |
      gzip -1 > "$1/$name-labels-idx1-ubyte.gz"
  done
}

# Names and contents of all files below a directory.
snapshot() {
  (cd "$1" && find . | sort && find . -type f -exec cksum {} + | sort)
}

# The words after -- must be refused: exit status 2, exactly one line on stderr that begins with "precess: " and
# contains each text before the --, and no file below $work created or changed.
refused() {
  texts=
  : > "$work/texts"
  while [ "$1" != -- ]; do
    printf '%s\n' "$1" >> "$work/texts"
    shift
  done
  shift
  : > "$work/err"
  : > "$work/out"
  snapshot "$work" > "$work.before"
  "$@" > "$work/out" 2> "$work/err"
  status=$?
  cp "$work/err" "$work.err"
  : > "$work/err"
  : > "$work/out"
  snapshot "$work" > "$work.after"
  mv "$work.err" "$work/err"
  cmp -s "$work.before" "$work.after" || { diff "$work.before" "$work.after" >&2; fail "files changed: $*"; }
  rm -f "$work.before" "$work.after"
  [ $status -eq 2 ] || fail "exit status $status, not 2: $*"
  [ "$(wc -l < "$work/err")" -eq 1 ] || fail "not exactly one line on stderr: $*"
  grep -q '^precess: ' "$work/err" || fail "no 'precess: ' in front: $*"
  while IFS= read -r text; do
    grep -qF -- "$text" "$work/err" || fail "the message does not say '$text': $*"
    checks=$((checks + 1))
  done < "$work/texts"
  cat "$work/err"
}

done_checking() {
  [ $checks -gt 0 ] || fail "nothing was compared"
  echo "compared $checks"
}
