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

components="mac operand accumulator sram dram vector leakage clock"

check_sums() {
  close_to "$(sum metrics.csv cycles)" "$(quantity cycles)" "cycles of metrics.csv"
  close_to "$(sum layers.csv cycle_clocks)" "$(quantity cycles)" "cycles of layers.csv"
  close_to "$(sum metrics.csv macs)" "$(quantity macs)" "MACs of metrics.csv"
  close_to "$(sum metrics.csv bitops)" "$(quantity bitops)" "BitOPs of metrics.csv"
  close_to "$(sum layers.csv static88_cycles)" "$(quantity static88_cycles)" "static cycles"
  close_to "$(sum layers.csv static88_energy_total_pj)" "$(quantity static88_energy_total)" "static energy"
  parts=
  for c in $components; do
    for file in metrics layers; do
      a=$(sum "$file.csv" "energy_${c}_pj")
      b=$(quantity "energy_$c")
      [ "$a $b" = "0 0" ] || close_to "$a" "$b" "$c of $file.csv" # a table may charge nothing for it
    done
    parts="$parts $(quantity "energy_$c")"
  done
  close_to "$(echo "$parts" | awk '{ for (i = 1; i <= NF; i++) s += $i; printf "%.15g", s }')" \
    "$(quantity energy_total)" "parts of the energy"
}

# The run in $run against an estimate with the same keys: $1 = MAC kind; further words are flags of both.
check_estimate() {
  kind=$1
  shift
  "$precess" estimate --network fmnist-tiny --cycles 1 --batch 8 --iterations 8 --kind "$kind" "$@" --json \
    > "$work/estimate" || fail "estimate"
  set -- cycles bitops time_us energy_pj.total static88.cycles static88.energy_pj.total saving_percent.bitops \
    saving_percent.time saving_percent.energy
  for c in $components; do set -- "$@" "energy_pj.$c"; done
  for field in "$@"; do
    case $field in
    time_us) name=time ;;
    saving_percent.bitops) name=saving_bitops_executed ;;
    *) name=$(echo "$field" | sed 's/[._]percent[._]/_/; s/_pj\./_/; s/\./_/') ;;
    esac
    a=$("$json_check" "kinds.$kind.$field" < "$work/estimate") || fail "no field $field"
    b=$(quantity "$name")
    [ "$a $b" = "0 0" ] || close_to "$a" "$b" "$kind $field"
  done
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
left_over) # what fills no batch is said; a batch that divides the set, and a run that prints JSON, say nothing
  quick --batch 10 --threads 250 > "$work/out" || fail "batch 10"
  same "$(grep '^batches' "$work/out")" \
    "batches       6 of 10 images an epoch: each leaves out 4 of the 64, others each time" "64 images in tens"
  grep -q "^threads  *250 on $(nproc) cores" "$work/out" || [ "$(nproc)" -ge 250 ] || fail "too many threads, not said"
  quick --force > "$work/out" || fail "batch 8"
  grep -q '^batches' "$work/out" && fail "64 images in eights leave none out"
  same "$("$precess" schedule cpt:3-8/8 --iterations 1404 --cycles 8 | grep '^schedule')" \
    "schedule      the run ends at 3 bit, not at 8: behind 8 cycles of 175 iterations 4 are left, another cycle's first" \
    "cycles that leave iterations"
  for command in "estimate --network fmnist-cnn --schedule" schedule; do
    "$precess" $command cpt:3-8/8 --iterations 1404 --cycles 8 | grep -q '^schedule .* ends at 3 bit' ||
      fail "$command does not say where the schedule ends"
    "$precess" $command cpt:3-8/8 --iterations 1404 --cycles 6 | grep '^schedule' && fail "six cycles end at 8 bits"
  done
  quick --force --batch 10 --json > "$work/out" || fail "JSON"
  grep -q '^batches' "$work/out" && fail "a note in the JSON"
  checks=$((checks + 8))
  ;;
left_over_bad) # twin: a batch that divides the set leaves nothing out
  quick > "$work/out" || fail "batch 8"
  same "$(grep -c '^batches' "$work/out")" 1 "64 images in eights"
  ;;
fp32)
  quick --schedule fp32 --iterations 20 --eval-every 10 --checkpoint-every 5 --check-every 100 > "$work/out" || fail "the run"
  grep -q '^final-hash: none (FP32 promises no bits)$' "$work/out" || fail "a hash"
  grep -q 'no cycles, energy or bits are claimed' "$work/out" || fail "the summary"
  grep -q 'no cycles, energy or bits are claimed' "$run/report.html" || fail "the report"
  for f in layers.csv checks.csv bits.csv timeline.json; do
    [ ! -e "$run/$f" ] || fail "$f of a run without an array"
  done
  same "$(head -n 1 "$run/metrics.csv")" iteration,epoch,loss_nats,accuracy,lr "columns of metrics.csv"
  same "$(head -n 1 "$run/evals.csv")" iteration,test_loss_nats,test_accuracy "columns of evals.csv"
  same "$(wc -l < "$run/metrics.csv") $(wc -l < "$run/evals.csv")" "21 3" "rows"
  grep -qE 'energy_total|cycles|saving|bitops' "$run/summary.csv" "$run/metrics.csv" && fail "a figure of an array"
  last=$(tail -n 1 "$run/metrics.csv")
  cp "$run/metrics.csv" "$work/metrics"
  replacing --schedule fp32 --iterations 20 --force --eval-every 10 --checkpoint-every 5 > "$work/broken" &
  pid=$!
  while [ ! -f "$run/checkpoint/state" ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
  kill -9 $pid 2> /dev/null
  wait $pid 2> /dev/null
  "$precess" train --resume --output "$run" > "$work/resumed" || fail "the resumed run"
  same "$(wc -l < "$run/metrics.csv")" 21 "rows after kill -9 and --resume"
  close_to "$(tail -n 1 "$run/metrics.csv" | cut -d, -f2,5 | tr , .)" "$(echo "$last" | cut -d, -f2,5 | tr , .)" "the last row"
  "$precess" report "$run" --json | "$json_check" test_accuracy > /dev/null || fail "the report again"
  checks=$((checks + 6))
  ;;
float) # casts.csv has the sums of summary.csv; a run that was killed ends with the same files and the same hash
  set -- --schedule float:e4m3/e5m2 --float-output e5m2 --float-loss-scale 1e7 --float-loss-scaling backoff \
    --float-master fp16 --float-update kahan --iterations 40 --checkpoint-every 5 --eval-every 10
  quick "$@" > "$work/whole" || fail "the run"
  grep -q 'no cycles or energy are claimed' "$work/whole" || fail "the summary"
  grep -q 'no cycles or energy are claimed' "$run/report.html" || fail "the report"
  grep -q '^skipped  *[1-9][0-9]* of 40 iterations' "$work/whole" || fail "skipped iterations"
  for f in layers.csv checks.csv bits.csv timeline.json; do
    [ ! -e "$run/$f" ] || fail "$f of a run without an array"
  done
  same "$(head -n 1 "$run/metrics.csv")" \
    iteration,epoch,loss_nats,accuracy,lr,loss_scale,skipped,moved_weights,swamped_weights "columns of metrics.csv"
  same "$(sum metrics.csv skipped)" "$(quantity skipped)" "skipped iterations"
  for tensor in x w dy y dx dw; do
    for column in values zeroed subnormal beyond special; do
      total=$(awk -F, -v t=$tensor -v c=$column 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $2 == t { s += $at[c] } END { printf "%.12g", s }' "$run/casts.csv")
      same "$total" "$(quantity ${tensor}_$column)" "$column of $tensor"
    done
  done
  mv "$run" "$work/whole_run"
  replacing "$@" > "$work/broken" &
  pid=$!
  while [ ! -f "$run/checkpoint/state" ] && kill -0 $pid 2> /dev/null; do sleep 0.01; done
  kill -9 $pid 2> /dev/null
  wait $pid 2> /dev/null
  printf '17,x,torn row' >> "$run/casts.csv"
  "$precess" train --resume --output "$run" > "$work/resumed" || fail "the resumed run"
  same "$(hash_of "$work/whole")" "$(hash_of "$work/resumed")" "hash after kill -9 and --resume"
  for f in metrics.csv evals.csv casts.csv summary.csv; do
    cmp "$work/whole_run/$f" "$run/$f" || fail "$f differs"
    checks=$((checks + 1))
  done
  "$precess" report "$run" --json | "$json_check" skipped_iterations > /dev/null || fail "the report again"
  ;;
recipes | recipes_bad) # each published method: it is read, runs two steps, and its run.yaml says the same
  for recipe in "$here"/../../workloads/configs/*.yaml; do
    grep -q 'schedule: float:' "$recipe" || continue
    [ $case_name = recipes ] || { sed 's/^float:/floating:/' "$recipe" > "$work/recipe.yaml" && recipe=$work/recipe.yaml; }
    quick -c "$recipe" --iterations 2 --force > "$work/out" || fail "$recipe"
    same "$(hash_of "$work/out" | wc -c)" 17 "hash of $recipe"
    grep -vE '^ *#|^network|^[a-z]*:$' "$recipe" | while read -r key value; do
      tr -d '"' < "$run/run.yaml" | grep -qE "^ *$key $value\$" || fail "run.yaml has no '$key $value'"
    done || exit 1
    grep -qE '^# (Not modelled|.*arXiv|.*NeurIPS)' "$recipe" || fail "$recipe names no source"
    checks=$((checks + 1))
  done
  [ $checks -ge 12 ] || fail "fewer than six recipes"
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
  "$precess" schedule "csv:$work/out" --iterations 100 --csv | cmp - "$work/out" || fail "its own rows read back"
  (quick --iterations 100 --schedule "csv:$work/out") > /dev/null || fail "training by it"
  mv "$run" "$work/from_file"
  quick --iterations 100 --cycles 4 > /dev/null || fail "training by the schedule itself"
  for f in layers.csv metrics.csv bits.csv; do
    cmp "$run/$f" "$work/from_file/$f" || fail "$f"
    checks=$((checks + 1))
  done
  same "$(quantity final_hash)" "$(sed -n 's/^final_hash,\(.*\),.*/\1/p' "$work/from_file/summary.csv")" "hash"
  { echo iteration,fw_bits,bw_bits; printf '%s\n' 0,3,8 1,3,6 2,5,8; } > "$work/mixed.csv"
  quick --force --iterations 3 --schedule "csv:$work/mixed.csv" > /dev/null || fail "several backward widths"
  same "$(cut -d, -f1-3 "$run/bits.csv" | tr '\n' ' ')" "fw_bits,bw_bits,iterations 3,0,2 5,8,1 " "0 = several"
  same "$(grep -c '<td>3/several' "$run/report.html")" 1 "and in the report"
  for spec in etv:3-8/8 ct:4-6/6; do # triangular ones start at MAX
    "$precess" schedule $spec --iterations 100 --cycles 4 --csv > "$work/out" || fail "$spec"
    same "$(sed -n 2p "$work/out")" "0,$(echo $spec | sed 's/.*-\(.\).*/\1/'),${spec##*/}" "$spec starts at MAX"
  done
  ;;
estimate)
  for kind in gated serial; do
    quick --force --kind $kind --schedule cpt:3-8/8 > /dev/null || fail "the run, $kind"
    check_estimate $kind --schedule cpt:3-8/8
  done
  # A memory with bounds, in both.
  bounds="--sram-a-kb 4 --sram-b-kb 2 --sram-y-kb 1 --sram-bytes 8 --dram-bytes 4 --packing bytes --tiling time"
  quick --force --kind gated $bounds > /dev/null || fail "the run with a bounded memory"
  check_estimate gated $bounds
  # Every count of every pass, exactly.
  quick --force --schedule static:5/6 > /dev/null || fail "the run at 5/6"
  check_estimate serial --schedule static:5/6
  for pass in forward dgrad wgrad; do
    (head -n 1 "$run/layers.csv"; grep ",$pass," "$run/layers.csv") > "$run/pass.csv"
    for column in $(head -n 1 "$run/layers.csv" | tr , '\n' | sed -n '/^cycle_/,/^sram_b_write_/p') gemms macs; do
      event=${column%_*}
      [ "$column" != "$event" ] && name=$event || name=$column
      per=$("$json_check" "kinds.serial.bits.0.per_iteration.$pass.$name" < "$work/estimate") || fail "no $name"
      same "$(sum pass.csv "$column")" "$(awk -v n="$per" 'BEGIN { printf "%.15g", 8 * n }')" "$pass $column"
    done
  done
  timeout 1 "$precess" estimate --network resnet38-cifar --schedule cpt:3-8/8 --iterations 64000 --cycles 32 \
    --batch 128 > "$work/out" || fail "estimate of resnet38-cifar, within a second"
  same "$(grep -c '0.8295e8 GBitOPs' "$work/out")" 1 "GBitOPs (published: 0.838e8)"
  same "$(grep -c 'saving 36.67 %' "$work/out")" 1 "the published saving"
  "$precess" estimate --network resnet38-cifar --iterations 8 --energy-table horowitz-45nm > "$work/out" || fail "estimate by a small table"
  for base in 'the same array' 'gated, equal area' 'gated, equal peak'; do
    same "$(grep -c "$base" "$work/out")" 1 "baseline $base"
  done
  same "$(grep -c 'serial2d: equal area: no area row: area_pe, kind serial2d;' "$work/out")" 1 "a kind without area"
  same "$(grep -c 'each at its own clock: none: .*no clock row: period_pe' "$work/out")" 1 "a table without clocks"
  same "$(grep -c 'error bars: none: horowitz-45nm has no columns low and high' "$work/out")" 1 "a table without bars"
  # Parts sum to the whole: layers, passes, bit-widths, what limits; the serial array's equals in area and speed.
  "$precess" estimate --network resnet20-cifar --iterations 640 --cycles 2 --sram-a-kb 8 --sram-b-kb 8 --sram-y-kb 8 \
    --dram-bytes 4 --energy-table horowitz-45nm --json > "$work/estimate" || fail "estimate of resnet20-cifar"
  field() {
    "$json_check" "$1" < "$work/estimate" || fail "no field $1"
  }
  for what in cycles energy_pj.total; do
    layers=0 passes=0 bits=0
    for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      layers="$layers + $(field "layers_of_asked_kind.$i.$what")"
    done
    for pass in forward dgrad wgrad; do passes="$passes + $(field "kinds.serial.passes.$pass.$what")"; done
    for i in 0 1 2 3 4 5; do bits="$bits + $(field "kinds.serial.bits.$i.$what")"; done
    for parts in "$layers" "$passes" "$bits"; do
      close_to "$(awk "BEGIN { printf \"%.17g\", $parts }")" "$(field "kinds.serial.$what")" "parts of $what"
    done
  done
  limited=0
  for by in compute sram dram; do limited="$limited + $(field "kinds.serial.cycles_limited_by.$by")"; done
  close_to "$(awk "BEGIN { printf \"%.17g\", $limited }")" "$(field kinds.serial.cycles)" "clocks by what limits them"
  same "$(field kinds.serial.baselines.equal_peak.rows) $(field kinds.serial.baselines.equal_peak.cols)" "4 8" \
    "256 serial PEs of 8 clocks are 32 parallel ones"
  same "$(field kinds.serial.baselines.equal_area.rows) $(field kinds.serial.baselines.equal_area.cols)" "9 18" \
    "256 serial PEs of 0.634 of the area"
  same "$(field kinds.gated.baselines.equal_area.cycles)" "$(field kinds.gated.static88.cycles)" "gated is its own equal"
  # The other sections, by their first lines.
  "$precess" estimate --network fmnist-cnn --iterations 8 --cycles 1 --kind gated --layers --blocks --conventions \
    > "$work/out" || fail "estimate with all sections"
  for text in 'gated, by layer' 'gated, blocks at' 'SCALE-Sim paper        os' 'SCALE-Sim v2/v3 code   ws' \
    'SCALE-Sim v1 code      os' 'gated, limited by compute 100.00 %'; do
    same "$(grep -c "$text" "$work/out")" 1 "section $text"
  done
  ;;
clocks | clocks_bad) # each kind at its own clock, error bars, areas; the twin's bars are those of another figure
  "$precess" estimate --network resnet20-cifar --iterations 640 --cycles 2 --sram-a-kb 8 --sram-b-kb 8 --sram-y-kb 8 \
    --dram-bytes 4 --energy-table gates-45nm --json > "$work/estimate" || fail "estimate"
  "$precess" estimate --network resnet20-cifar --iterations 640 --cycles 2 --sram-a-kb 8 --sram-b-kb 8 --sram-y-kb 8 \
    --dram-bytes 4 --energy-table gates-45nm --clock own --json > "$work/own" || fail "estimate at own clocks"
  field() {
    "$json_check" "$1" < "$work/${2:-estimate}" || fail "no field $1"
  }
  number() { # expression
    awk "BEGIN { printf \"%.15g\", $1 }"
  }
  holds() { # condition, what
    awk "BEGIN { exit !($1) }" || fail "$2: $1"
    checks=$((checks + 1))
  }
  for kind in $integer_kinds; do
    same "$(field kinds_by_clock.common.$kind.clock_mhz)" 500 "the common clock of $kind"
    own=$(field kinds_by_clock.own.$kind.clock_mhz)
    close_to "$(number "$(field kinds_by_clock.own.$kind.cycles) / $own")" "$(field kinds_by_clock.own.$kind.time_us)" "its own clock"
    close_to "$(number "4 * 500 / $own")" "$(field kinds_by_clock.own.$kind.dram_bytes_a_clock)" "bytes a second of the DRAM"
    same "$(field kinds.$kind.time_us own)" "$(field kinds_by_clock.own.$kind.time_us)" "--clock own, time of $kind"
    same "$(field kinds.$kind.energy_pj.total own)" "$(field kinds_by_clock.own.$kind.energy_pj.total)" "--clock own, energy"
    for area in pes edge scratchpads; do holds "$(field kinds.$kind.area_um2.$area) > 0" "area of $area"; done
    low=$(field kinds.$kind.energy_low_pj.total) high=$(field kinds.$kind.energy_high_pj.total)
    holds "$low < $(field kinds.$kind.energy_pj.total) && $(field kinds.$kind.energy_pj.total) < $high" "bars of $kind"
  done
  # The serial PE's path is shorter than the parallel one's, and it gains by its own clock.
  holds "$(field kinds_by_clock.own.serial.clock_mhz) > $(field kinds_by_clock.own.gated.clock_mhz)" "the faster kind"
  close_to "$(field kinds_by_clock.own.gated.clock_mhz)" 500 "the anchor at 45 nm"
  "$precess" estimate --network fmnist-tiny --iterations 8 --sram-a-kb 1 > "$work/out" || fail "a small scratchpad"
  same "$(grep -c 'a scratchpad below 2 KB, the table.s smallest, is charged as that' "$work/out")" 1 "the clamp is said"
  same "$(grep -c 'a boundless scratchpad is charged, and takes area, as one of 32 KB' "$work/out")" 1 "boundless is said"
  # The band of a saving against all 3^8 ends of the bars.
  for base in static88 baselines.equal_area; do
    for bound in low nominal high; do
      name=energy_${bound}_pj
      [ $bound = nominal ] && name=energy_pj
      for c in mac operand accumulator sram dram vector leakage clock; do
        echo "$(field kinds.serial.$name.$c) $(field kinds.serial.$base.$name.$c)"
      done
    done > "$work/ends"
    saving=saving_percent
    [ $base = static88 ] || saving=$base.saving_percent
    [ "$case_name" = clocks ] || sed -i '5s/^[^ ]*/1/' "$work/ends" # the run's DRAM, at its low end
    awk -v low="$(field kinds.serial.$saving.energy_low)" -v high="$(field kinds.serial.$saving.energy_high)" '
      { cost[NR] = $1; base[NR] = $2 }
      END {
        for (n = 0; n < 3 ^ 8; n++) {
          a = b = 0
          for (c = 1; c <= 8; c++) { at = c + 8 * (int(n / 3 ^ (c - 1)) % 3); a += cost[at]; b += base[at] }
          saving = 100 * (1 - a / b)
          if (n == 0 || saving < least) least = saving
          if (n == 0 || saving > most) most = saving
        }
        printf "%s: %.6f .. %.6f, all ends %.6f .. %.6f\n", "band", low, high, least, most
        exit !(least - low < 1e-6 && low - least < 1e-6 && most - high < 1e-6 && high - most < 1e-6 && low < high)
      }' "$work/ends" || fail "the band of $base"
    checks=$((checks + 6561))
  done
  # A run at its own clock is estimated so, too.
  quick --force --kind serial --energy-table gates-45nm --clock own > /dev/null || fail "the run at its own clock"
  check_estimate serial --energy-table gates-45nm --clock own
  ;;
estimate_bad) # twin: the estimate is of one image less
  quick > "$work/out" || fail "the run"
  check_estimate serial --batch 7
  ;;
bench)
  "$precess" bench step --network fmnist-tiny --batch 16 --bits 3/8 --threads 2 --repeats 3 --profile --json > "$work/out" ||
    fail "bench step"
  values=$("$json_check" images_per_s step_ms step_ms_fastest step_ms_slowest peak_mib first_step_s \
    profile.ms_per_step < "$work/out") || fail "not one JSON object with the figures"
  printf '%s\n' "$values" | awk '!($1 > 0) { exit 1 } END { if (NR != 7) exit 1 }' || fail "a figure is not positive: $values"
  "$precess" bench step --network fmnist-tiny --batch 16 --repeats 1 --threads 200 > "$work/out" || fail "200 threads"
  grep -q '200 threads' "$work/out" || fail "no text"
  grep -q "^threads  *200 on $(nproc) cores" "$work/out" || [ "$(nproc)" -ge 200 ] || fail "too many threads, not said"
  checks=$((checks + 7))
  ;;
profile)
  small_data "$data" 64 32
  quick --profile > "$work/out" || fail "a profiled run"
  plain=$(quick --force | sed -n 's/^final-hash: //p')
  grep -q "^final-hash: $plain$" "$work/out" || fail "the profile changes the bits"
  for stage in input quantize weights forward dgrad wgrad batchnorm pointwise linear loss update other; do
    grep -q "^  $stage " "$work/out" || fail "no time for stage $stage"
    checks=$((checks + 1))
  done
  ;;
augmented) # the same bits for any number of threads; others than without
  small_data "$data" 64 32
  plain=$(quick | sed -n 's/^final-hash: //p')
  one=$(quick --force --augment crop-flip | sed -n 's/^final-hash: //p')
  two=$(quick --force --augment crop-flip --threads 2 | sed -n 's/^final-hash: //p')
  [ -n "$one" ] && [ "$one" = "$two" ] && [ "$one" != "$plain" ] || fail "hashes $plain, $one, $two"
  checks=$((checks + 2))
  ;;
network_files | network_files_bad) # the same layers in both forms; the twin's list has one filter more
  [ "$case_name" = network_files ] && filters=16 || filters=17
  cat > "$work/net.csv" << 'END'
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
stem, 35, 34, 3, 3, 3, 16, 1,
DP1 , 33, 32, 3, 1, 16, 2, 2
END
  cat > "$work/net.yaml" << END
- {conv: stem, height: 35, width: 34, channels: 3, filters: $filters, kernel: 3, first: yes}
- conv: DP1
  height: 33
  width: 32
  channels: 16
  filters: 32
  groups: 16
  kernel: 3
  kernel-width: 1
  stride: 2
  rectified: yes
END
  printf 'Layer,M,N,K,\nfc,3,10,64,\nfc2,1,7,10\n' > "$work/gemm.csv"
  printf '%s {gemm: fc, m: 3, n: 10, k: 64, first: yes}\n%s {gemm: fc2, m: 1, n: 7, k: 10}\n' - - > "$work/gemm.yaml"
  counts() { # everything but the names, of one network
    "$precess" estimate --network "$1" --iterations 6 --cycles 1 --batch 3 --json > "$work/json" || fail "estimate $1"
    sed '/"configuration"/,/}/d' "$work/json"
  }
  for net in net gemm; do
    counts "$work/$net.csv" > "$work/csv.counts"
    counts "$work/$net.yaml" > "$work/yaml.counts"
    cmp "$work/csv.counts" "$work/yaml.counts" || fail "$net.csv and $net.yaml differ"
    checks=$((checks + 1))
  done
  # 33 x 32 positions, 27 taps, 16 filters; 16 x 32 positions, 3 taps, 2 filters of each of 16 channels.
  counts "$work/net.csv" > /dev/null
  same "$("$json_check" macs_per_sample < "$work/json")" $((33 * 32 * 27 * 16 + 16 * 16 * 3 * 32)) "MACs of net.csv"
  ;;
help)
  for command in train estimate sweep energy bench cosim report schedule formats convert arith dot gemm; do
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
  set -- --batch 2 --iterations 1 --rows 4 --cols 4 --network fmnist-tiny-mobile --force # depthwise: many small GEMMs
  quick "$@" --executor rtl > "$work/rtl" || fail "rtl, depthwise"
  quick "$@" --executor fast > "$work/fast" || fail "fast, depthwise"
  same "$(hash_of "$work/rtl")" "$(hash_of "$work/fast")" "rtl and fast, depthwise"
  ;;
cosim)
  wide='fusion --rows 3 --cols 5 --acc-bits 17'
  for array in $kinds "$wide --dataflow ws" "$wide --dataflow is"; do
    "$precess" cosim --rows 4 --cols 4 --kind $array --tiles 20 --json --dump "$work/dump" > "$work/out" || fail "$array"
    "$json_check" tiles differences < "$work/out" > "$work/fields" || fail "cosim --json"
    same "$(tr '\n' ' ' < "$work/fields")" "20 0 " "$array, random tiles"
    [[ " "$(echo $integer_kinds)" " == *" ${array%% *} "* ]] || continue
    "$precess" cosim --rows 4 --cols 4 --kind $array --m 9 --n 7 --k 30 --pa 3 --pb 8 --signed-b yes \
      --dump "$work/dump" > "$work/out" || fail "$array, GEMM"
    same "$(grep -c ': 1 tiles, .* 0 differences' "$work/out")" 1 "$array, GEMM"
  done
  "$precess" cosim --rows 4 --cols 4 --kind fusion --m 9 --n 7 --k 30 --pa 16 --pb 9 --signed-b yes \
    --dump "$work/dump" > "$work/out" || fail "passes"
  same "$(grep -c ': 4 tiles, .* 0 differences' "$work/out")" 1 "a GEMM in four passes"
  ;;
cosim_all)
  "$precess" cosim --all --time 4s --seed 3 --dump "$work/dump" > "$work/out" || fail "$(cat "$work/out")"
  same "$(grep -c ' arrays, .* 0 differences' "$work/out")" 1 "the walk"
  grep -q '^[1-9][0-9]* of [0-9]* arrays, [1-9]' "$work/out" || fail "nothing was walked on: $(cat "$work/out")"
  for kind in $kinds; do
    grep -q "^  $kind  *[0-9]* / *[1-9][0-9]* " "$work/out" || fail "the points of $kind are not told: $(cat "$work/out")"
    checks=$((checks + 1))
  done
  "$precess" cosim --all --time 1 --json --dump "$work/dump" > "$work/out" || fail "$(cat "$work/out")"
  "$json_check" differences < "$work/out" > "$work/fields" || fail "cosim --all --json"
  same "$(cat "$work/fields")" 0 "JSON"
  ;;
cosim_all_bad)
  "$precess" cosim --all --time 4s --inject counter --dump "" && checks=1 || fail "found"
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
