#!/bin/sh
# What a run leaves behind, one case a process.  Usage: run.sh CASE PRECESS JSON_CHECK
case_name=$1
precess=$2
json_check=$3
here=$(dirname "$0")
. "$here/lib.sh"
data=$work/data
run=$work/run

replacing() { # this shell by 8 iterations over all bits of cpt:3-8/8 on the small data set; further words are flags
  exec "$precess" train --data "$data" --output "$run" --iterations 8 --cycles 1 --batch 8 --check-every 0 \
    --threads 1 --network fmnist-tiny "$@"
}

quick() {
  (replacing "$@")
}

hash_of() { # of a run's output in a file
  tail -n 1 "$1" | sed -n 's/^final-hash: \([0-9a-f]\{16\}\)$/\1/p'
}

same() {
  [ "$1" = "$2" ] || fail "$3: '$1' is not '$2'"
  [ -n "$1" ] || fail "$3: empty"
  checks=$((checks + 1))
}

close_to() { # $1 and $2 agree to 1e-9
  awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(a != 0 && d <= 1e-9 * (a < 0 ? -a : a)) }' ||
    fail "$3: $1 is not $2"
  checks=$((checks + 1))
}

sum() { # of column $2 of file $1
  awk -v column="$2" -f "$here/columns.awk" "$run/$1" || fail "no column $2 in $1"
}

quantity() {
  sed -n "s/^$1,\([^,]*\),.*/\1/p" "$run/summary.csv"
}

components="mac operand accumulator sram dram vector leakage"

check_sums() {
  close_to "$(sum metrics.csv cycles)" "$(quantity cycles)" "cycles of metrics.csv"
  close_to "$(sum layers.csv cycle_clocks)" "$(quantity cycles)" "cycles of layers.csv"
  close_to "$(sum metrics.csv macs)" "$(quantity macs)" "MACs of metrics.csv"
  close_to "$(sum metrics.csv bitops)" "$(quantity bitops)" "BitOPs of metrics.csv"
  close_to "$(sum layers.csv static88_cycles)" "$(quantity static88_cycles)" "static cycles"
  close_to "$(sum layers.csv static88_energy_total_pj)" "$(quantity static88_energy_total)" "static energy"
  parts=
  for c in $components; do
    close_to "$(sum metrics.csv energy_${c}_pj)" "$(quantity "energy_$c")" "$c of metrics.csv"
    close_to "$(sum layers.csv energy_${c}_pj)" "$(quantity "energy_$c")" "$c of layers.csv"
    parts="$parts $(quantity "energy_$c")"
  done
  close_to "$(echo "$parts" | awk '{ for (i = 1; i <= NF; i++) s += $i; printf "%.15g", s }')" \
    "$(quantity energy_total)" "parts of the energy"
}

small_data "$data" 64 32
case $case_name in
sums)
  quick > "$work/out" || fail "the run"
  check_sums
  ;;
sums_bad) # twin: one count of one row is off by one clock
  quick > "$work/out" || fail "the run"
  awk 'BEGIN { FS = OFS = "," } NR == 3 { $9 += 1 } { print }' "$run/metrics.csv" > "$work/metrics.csv"
  cp "$work/metrics.csv" "$run/metrics.csv"
  check_sums
  ;;
report_numbers)
  quick > "$work/out" || fail "the run"
  LC_ALL=C awk -f "$here/report_numbers.awk" "$run"/summary.csv "$run"/bits.csv "$run/report.html" || fail "the report"
  grep -q 'name=viewport' "$run/report.html" || fail "no viewport"
  grep -qE "(src|href) *= *[\"'][^#]|url\(['\"]?[^#'\"]|@import" "$run/report.html" && fail "the report refers to something outside"
  checks=$((checks + 3))
  ;;
report_numbers_bad) # twin: a digit of the report is changed
  quick > "$work/out" || fail "the run"
  sed -i 's/<tr><td>3\/8<td>[0-9]*<td>[0-9]/&9/' "$run/report.html"
  LC_ALL=C awk -f "$here/report_numbers.awk" "$run"/summary.csv "$run"/bits.csv "$run/report.html" || fail "the report"
  checks=1
  ;;
report_again)
  quick > "$work/out" || fail "the run"
  snapshot "$run" > "$work/before"
  rm "$run/report.html" "$run/bits.csv" "$run/summary.csv"
  "$precess" report "$run" > "$work/again" || fail "precess report"
  snapshot "$run" > "$work/after"
  cmp "$work/before" "$work/after" || fail "the rebuilt files differ"
  grep -q "BitOPs, as executed" "$work/again" || fail "no summary"
  checks=2
  ;;
final_hash)
  quick > "$work/one" || fail "the run"
  "$precess" train -c "$run/run.yaml" --output "$work/two_run" > "$work/two" || fail "the run from run.yaml"
  same "$(hash_of "$work/one")" "$(hash_of "$work/two")" "run.yaml reads back to the same run"
  cmp "$run/metrics.csv" "$work/two_run/metrics.csv" || fail "metrics.csv differs"
  quick --force --threads 2 --executor ref > "$work/three" || fail "ref"
  same "$(hash_of "$work/one")" "$(hash_of "$work/three")" "ref, 2 threads"
  quick --force --rows 5 --cols 7 --executor cycle --iterations 1 > "$work/four" || fail "cycle"
  quick --force --rows 5 --cols 7 --executor fast --iterations 1 > "$work/five" || fail "fast"
  same "$(hash_of "$work/four")" "$(hash_of "$work/five")" "cycle and fast"
  quick --force --seed 2 > "$work/six" || fail "seed 2"
  [ "$(hash_of "$work/one")" != "$(hash_of "$work/six")" ] || fail "the seed does not reach the hash"
  ;;
resume)
  quick --iterations 60 --checkpoint-every 7 --eval-every 9 > "$work/whole" || fail "the unbroken run"
  mv "$run" "$work/whole_run"
  replacing --iterations 60 --checkpoint-every 7 --eval-every 9 > "$work/broken" &
  pid=$!
  while [ ! -f "$run/checkpoint/state" ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
  kill -9 $pid 2> /dev/null
  wait $pid 2> /dev/null
  printf '17,0.1,torn row' >> "$run/metrics.csv"
  "$precess" train --resume --output "$run" > "$work/resumed" || fail "the resumed run"
  grep -q '^resuming after iteration' "$work/resumed" || fail "it did not resume"
  same "$(hash_of "$work/whole")" "$(hash_of "$work/resumed")" "hash after kill -9 and --resume"
  for f in metrics.csv evals.csv layers.csv checks.csv timeline.json bits.csv summary.csv; do
    cmp "$work/whole_run/$f" "$run/$f" || fail "$f differs"
    checks=$((checks + 1))
  done
  ;;
interrupt)
  replacing --iterations 4000 > "$work/out" 2> "$work/err" &
  pid=$!
  while ! grep -q '^2,' "$run/metrics.csv" 2> /dev/null && kill -0 $pid; do sleep 0.01; done
  kill -TERM $pid
  wait $pid
  same $? 130 "exit status after SIGTERM"
  same "$(grep -c -- '--resume --output' "$work/err")" 1 "how to resume"
  rows=$(($(wc -l < "$run/metrics.csv") - 1))
  "$precess" train --resume --output "$run" --iterations 4000 > "$work/resumed" 2> "$work/err" &
  pid=$!
  while ! grep -q '^resuming' "$work/resumed" && kill -0 $pid; do sleep 0.01; done
  kill -TERM $pid
  wait $pid
  grep -q "resuming after iteration $rows " "$work/resumed" || fail "resumed elsewhere than after $rows"
  checks=$((checks + 1))
  ;;
disk_fills)
  # A limit on file size stands for a disk that fills up in the middle of the run.
  (trap '' XFSZ; ulimit -f 16; quick --iterations 400 > "$work/out" 2> "$work/err"; echo $? > "$work/status")
  same "$(cat "$work/status")" 2 "exit status on a full disk"
  same "$(wc -l < "$work/err")" 1 "lines on stderr"
  [ ! -f "$run/metrics.csv" ] || [ -z "$(tail -c 1 "$run/metrics.csv" | tr -d '\n')" ] || fail "a half-written row"
  same "$(find "$run" -name '*.tmp' | wc -l)" 0 "temporary files left"
  cat "$work/err"
  ;;
no_gnuplot)
  mkdir "$work/empty"
  PATH_BEFORE=$PATH
  real=$(command -v "$precess")
  env PATH="$work/empty" "$real" train --data "$data" --output "$run" --iterations 2 --cycles 1 --batch 8 \
    --check-every 0 --network fmnist-tiny > "$work/out" 2> "$work/err"
  same $? 0 "exit status"
  same "$(grep -c '^precess: gnuplot: not found' "$work/err")" 1 "message"
  grep -q 'gnuplot: not found' "$run/report.html" || fail "the report does not say why it has no plots"
  PATH=$PATH_BEFORE
  ;;
json)
  quick --json > "$work/out" || fail "the run"
  "$json_check" final_hash lockstep.tiles provenance.seed energy_pj.total saving_percent.baseline < "$work/out" \
    > "$work/fields" || fail "train --json"
  close_to "$(sed -n 4p "$work/fields")" "$(quantity energy_total)" "energy"
  "$precess" report "$run" --json | "$json_check" final_hash > "$work/again" || fail "report --json"
  same "$(cat "$work/again")" "$(sed -n 1p "$work/fields")" "final hash"
  "$json_check" < "$run/summary.json" || fail "summary.json"
  "$json_check" < "$run/timeline.json" || fail "timeline.json"
  checks=$((checks + 2))
  ;;
schedule)
  "$precess" schedule cpt:3-8/8 --iterations 64000 --cycles 32 > "$work/out" || fail "schedule"
  same "$(grep -c '36.67 %' "$work/out")" 1 "the published saving"
  "$precess" schedule cpt:3-8/8 --iterations 64000 --cycles 32 --json | "$json_check" bitops_saving_percent \
    > "$work/out" || fail "schedule --json"
  same "$(cut -c1-5 "$work/out")" 36.67 "the published saving, unrounded"
  "$precess" schedule cpt:3-8/8 --iterations 100 --cycles 4 --csv > "$work/out" || fail "schedule --csv"
  same "$(wc -l < "$work/out")" 101 "rows"
  same "$(sed -n '2p' "$work/out")" 0,3,8 "first row"
  ;;
help)
  for command in train cosim report schedule; do
    "$precess" $command --help > "$work/$command" || fail "$command --help"
    [ -s "$work/$command" ] || fail "$command --help is empty"
    checks=$((checks + 1))
  done
  sed -n 's/^ *[a-z-]*: .*//; s/^PCS_KEY_[A-Z]*([a-z_]*, "[^"]*", "\([^"]*\)".*/\1/p' \
    "$here/../../workloads/train/config.def" > "$work/flags"
  while read -r flag; do
    grep -q -- "--$flag " "$work/train" || fail "train --help does not list --$flag"
    checks=$((checks + 1))
  done < "$work/flags"
  "$precess" --help > /dev/null && "$precess" --version | grep -q spec || fail "--help, --version"
  ;;
lockstep)
  # The array that the build Verilates; 8 tiles in each of 4 checked iterations.
  quick --check-every 2 --check-tiles 8 > "$work/out" || fail "the run"
  same "$(quantity lockstep_tiles)" 32 "tiles"
  same "$(quantity lockstep_differences)" 0 "differences"
  same "$(sum checks.csv cycles)" "$(quantity lockstep_cycles)" "cycles"
  same "$(sum checks.csv words_compared)" "$(quantity lockstep_words)" "words"
  same "$(grep -c '^lock-step with the RTL: 32 tiles' "$work/out")" 1 "summary"
  ;;
lockstep_resume)
  quick --iterations 20 --check-every 2 --check-tiles 2 --checkpoint-every 3 > "$work/whole" || fail "the unbroken run"
  mv "$run" "$work/whole_run"
  replacing --iterations 20 --check-every 2 --check-tiles 2 --checkpoint-every 3 > "$work/broken" &
  pid=$!
  while [ ! -f "$run/checkpoint/state" ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
  kill -9 $pid 2> /dev/null
  wait $pid 2> /dev/null
  "$precess" train --resume --output "$run" > "$work/resumed" || fail "the resumed run"
  same "$(hash_of "$work/whole")" "$(hash_of "$work/resumed")" "hash"
  cmp "$work/whole_run/checks.csv" "$run/checks.csv" || fail "checks.csv differs"
  ;;
executor_rtl)
  quick --batch 2 --iterations 1 --rows 4 --cols 4 --executor rtl > "$work/rtl" || fail "rtl"
  quick --batch 2 --iterations 1 --rows 4 --cols 4 --executor fast --force > "$work/fast" || fail "fast"
  same "$(hash_of "$work/rtl")" "$(hash_of "$work/fast")" "rtl and fast"
  ;;
cosim)
  for kind in gated serial serial2d; do
    "$precess" cosim --rows 4 --cols 4 --kind $kind --tiles 20 --json --dump "$work/dump" > "$work/out" || fail "$kind"
    "$json_check" tiles differences < "$work/out" > "$work/fields" || fail "cosim --json"
    same "$(tr '\n' ' ' < "$work/fields")" "20 0 " "$kind, random tiles"
    "$precess" cosim --rows 4 --cols 4 --kind $kind --m 9 --n 7 --k 30 --pa 3 --pb 8 --signed-b yes \
      --dump "$work/dump" > "$work/out" || fail "$kind, GEMM"
    same "$(grep -c ': 6 tiles, .* 0 differences' "$work/out")" 1 "$kind, GEMM"
  done
  ;;
cosim_replay)
  "$precess" cosim --rows 4 --cols 4 --inject register --dump "$work/dump" > "$work/out"
  same $? 1 "exit status of an injected fault"
  same "$(grep -c 'PE (3, 3), acc' "$work/out")" 1 "the register is named"
  [ -s "$work/dump.fst" ] || fail "no waveform"
  "$precess" cosim --replay "$work/dump.replay" --dump "$work/again" > "$work/out" || fail "the replay without the fault"
  same "$(grep -c ' 0 differences' "$work/out")" 1 "replay"
  ;;
cosim_register_bad)
  "$precess" cosim --rows 4 --cols 4 --inject register --dump "" && checks=1 || fail "found"
  ;;
cosim_counter_bad)
  "$precess" cosim --rows 4 --cols 4 --inject counter --dump "" && checks=1 || fail "found"
  ;;
*)
  fail "no case $case_name"
  ;;
esac
done_checking
