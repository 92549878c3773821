#!/bin/sh
# The sweep: points against estimates, fronts against all pairs, threads, kills, damaged databases.
# Usage: sweep.sh CASE PRECESS JSON_CHECK
case_name=$1
precess=$2
json_check=$3
. "$(dirname "$0")/lib.sh"
db=$work/sweep.db

same() {
  [ "$1" = "$2" ] || fail "$3: '$1' is not '$2'"
  [ -n "$1" ] || fail "$3: empty"
  checks=$((checks + 1))
}

# A space of 2 x 3 x 2 x 2 x 2 designs, 3 schedules and 2 numbers of cycles = 288 points; one kind is without area, one schedule does not fit.
space() {
  cat > "$work/sweep.yaml" << 'END'
network: fmnist-cnn
train: {iterations: 12, batch: 4}
precision:
  schedule: [cpt:3-8/8, static:4/6, rr:2-5/7]
  cycles: [4, 100]
array:
  kind: [serial, serial2d]
  rows: [4, 8, 16]
  cols: [4, 16]
  dataflow: [os, ws]
memory: {sram-a-kb: [0, 2], sram-b-kb: 2, sram-y-kb: 2, dram-bytes: 4}
energy: {table: horowitz-45nm}
END
}

sweep() { # flags
  "$precess" sweep -c "$work/sweep.yaml" "$@"
}

column() { # the number of a column of $work/sweep.csv
  head -n 1 "$work/sweep.csv" | tr , '\n' | grep -nx "$1" | cut -d : -f 1
}

# Field $2 of the row of point $1; texts lose their quotes.
field() {
  awk -F , -v id="$1" -v n="$(column "$2")" '$1 == id { gsub(/"/, "", $n); print $n }' "$work/sweep.csv"
}

# Some points against precess estimate with the same keys.
check_points() {
  for id in 0 7 22 40 66 131 236; do
    problem=$(field $id problem)
    if [ "$(field $id precision_cycles)" = 100 ] && [ "$(field $id precision_schedule)" != static:4/6 ]; then
      same "${problem%%:*}" "precision.cycles" "problem of point $id"
      continue
    fi
    kind=$(field $id array_kind)
    "$precess" estimate --network fmnist-cnn --energy-table horowitz-45nm --iterations 12 --batch 4 --schedule "$(field $id precision_schedule)" \
      --cycles "$(field $id precision_cycles)" --kind "$kind" --rows "$(field $id array_rows)" \
      --cols "$(field $id array_cols)" --dataflow "$(field $id array_dataflow)" --sram-a-kb "$(field $id memory_sram_a_kb)" --sram-b-kb 2 --sram-y-kb 2 \
      --dram-bytes 4 --json > "$work/json" || fail "estimate of point $id"
    for pair in cycles:cycles bitops:bitops static88.time_us:static88_time_s energy_pj.total:energy_j \
      energy_pj.dram:dram_j energy_pj.leakage:leakage_j saving_percent.energy:saving_energy_percent \
      saving_percent.time:saving_time_percent time_us:time_s; do
      name=${pair%%:*}
      expected=$("$json_check" "kinds.$kind.$name" < "$work/json") || fail "no field $name"
      awk -v a="$expected" -v b="$(field $id ${pair#*:})" -v name=$name 'BEGIN {
        if (name ~ /pj/) a *= 1e-12
        if (name ~ /time_us/) a *= 1e-6
        d = a - b; if (d < 0) d = -d
        exit !(b != "" && d <= 1e-9 * (a < 0 ? -a : a)) }' || fail "point $id, $name: $expected"
      checks=$((checks + 1))
    done
  done
}

case $case_name in
points)
  space
  sweep --quiet --csv "$work/sweep.csv" || fail "the sweep"
  same "$(wc -l < "$work/sweep.csv")" 289 "rows of the CSV file"
  check_points
  same "$(field 0 area_pe_um2)" 17096.64 "area of 4 x 4 serial PEs"
  same "$(field 0 area_um2)" 130908.88 "that and scratchpads of 32 (boundless), 2 and 2 KB"
  same "[$(awk -F , -v k="$(column array_kind)" -v n="$(column area_um2)" '$k ~ /serial2d/ { printf "%s", $n }' \
    "$work/sweep.csv")]" "[]" "area of a kind without area row"
  ;;
points_bad) # twin: one result of one point is wrong in its last digits
  space
  sweep --quiet --csv "$work/sweep.csv" || fail "the sweep"
  awk -F , -v OFS=, -v n="$(column time_s)" '$1 == 40 { $n = $n * 1.00001 } { print }' "$work/sweep.csv" > "$work/wrong"
  mv "$work/wrong" "$work/sweep.csv"
  check_points
  ;;
formats | formats_bad) # the kinds float and bfp against estimates; the twin asks for another format than was swept
  cat > "$work/sweep.yaml" << 'END'
network: fmnist-tiny
train: {iterations: 12, batch: 4}
precision: {schedule: ["float:e4m3/e5m2", "bfp:32:4:static:4/8", static:4/8, static:5/8, "float:fp16"]}
array: {kind: [serial, float, bfp], rows: 4, cols: 4, acc-bits: [32, 48]}
memory: {sram-a-kb: 2, sram-b-kb: 2, sram-y-kb: 2, dram-bytes: 4}
energy: {table: gates-45nm}
END
  sweep --quiet --csv "$work/sweep.csv" --plot "$work/fronts.svg" || fail "the sweep"
  same "$(wc -l < "$work/sweep.csv")" 31 "rows of the CSV file"
  for point in "15 float float:e4m3/e5m2" "19 float float:fp16" "26 bfp bfp:32:4:static:4/8" "27 bfp static:4/8"; do
    set -- $point
    same "$(field $1 array_kind) $(field $1 precision_schedule) $(field $1 array_acc_bits)" "$2 $3 48" "point $1"
    same "[$(field $1 problem)]" "[]" "problem of point $1"
    spec=$3
    [ "$case_name/$1" != formats_bad/19 ] || spec=float:bf16/e5m2
    "$precess" estimate --network fmnist-tiny --iterations 12 --batch 4 --kind $2 --schedule $spec --rows 4 --cols 4 \
      --sram-a-kb 2 --sram-b-kb 2 --sram-y-kb 2 --dram-bytes 4 --json > "$work/json" || fail "estimate of point $1"
    same "$(field $1 cycles)" "$("$json_check" all.cycles < "$work/json")" "cycles of point $1"
    same "$(awk -v e="$(field $1 energy_j)" 'BEGIN { printf "%.9e", e }')" \
      "$("$json_check" all.energy_pj.total < "$work/json" | awk '{ printf "%.9e", $1 * 1e-12 }')" "energy of point $1"
    same "$(awk -v e="$(field $1 dram_j)" 'BEGIN { printf "%.9e", e }')" \
      "$("$json_check" all.energy_pj.dram < "$work/json" | awk '{ printf "%.9e", $1 * 1e-12 }')" "DRAM of point $1"
    grep -q ">$2<" "$work/fronts.svg" || fail "no $2 in the plot"
  done
  same "[$(field 15 static88_time_s)$(field 15 saving_energy_percent)]" "[]" "float has no 8/8"
  [ -n "$(field 26 saving_energy_percent)" ] || fail "bfp has"
  same "$(field 0 problem | cut -c1-43)" "precision.schedule: not for the kind serial" "integers in formats"
  same "$(field 17 problem | cut -c1-42)" "precision.schedule: not for the kind float" "formats in bits"
  same "$(field 10 problem | cut -c1-37)" "array.acc-bits: 32 with the kind floa" "32 bits"
  same "$(field 28 problem | sed 's/.*no row covers/no row covers/' | cut -c1-19)" "no row covers event" "5 bits were not measured"
  sed -i 's/static:4.8, static:5/float:frob, static:5/' "$work/sweep.yaml"
  refused "precision.schedule: frob on an array" "up to 16 bits" -- $precess sweep -c "$work/sweep.yaml" --db "$work/other.db"
  ;;
fronts | fronts_bad) # every point against every other of the same work; the twin hides a point of the front
  cat > "$work/sweep.yaml" << 'END'
network: fmnist-tiny
train: {iterations: 8, batch: 2}
precision: {schedule: [cpt:3-8/8, static:8/8], cycles: 2}
array: {kind: [gated, serial, serial2d], rows: [2, 4, 8, 16], cols: [2, 4, 8, 16]}
memory: {sram-a-kb: 1, sram-b-kb: 1, sram-y-kb: 1, dram-bytes: [1, 4]}
END
  sweep --quiet --csv "$work/sweep.csv" --plot "$work/fronts.svg" || fail "the sweep"
  grep -q '^<svg' "$work/fronts.svg" || fail "the plot is no SVG"
  wrong=0
  [ "$case_name" = fronts ] || wrong=1
  awk -F , -v work="$(column precision_schedule)" -v t="$(column time_s)" -v e="$(column energy_j)" \
    -v a="$(column area_um2)" -v p="$(column pareto)" -v wrong=$wrong '
    NR > 1 { n++; w[n] = $work; T[n] = $t; E[n] = $e; A[n] = $a; P[n] = $p + 0
             if (wrong && P[n]) { P[n] = 0; wrong = 0 } }
    END {
      for (i = 1; i <= n; i++) {
        front = 1
        for (j = 1; j <= n; j++) {
          if (i == j || w[i] != w[j] || (A[i] == "") != (A[j] == "")) continue
          if (T[j] <= T[i] && E[j] <= E[i] && A[j] + 0 <= A[i] + 0 &&
              (T[j] < T[i] || E[j] < E[i] || A[j] + 0 < A[i] + 0)) front = 0
        }
        total += front
        if (front != P[i]) { print "point " i - 1 ": pareto " P[i] ", not " front; bad++ }
      }
      print n " points, " total " on fronts"
      exit bad > 0 || total == 0 || total == n
    }' "$work/sweep.csv" || fail "fronts"
  checks=$((checks + 96))
  ;;
accuracy | accuracy_bad) # of training runs; the twin's run is of another seed's accuracy
  small_data "$work/data" 64 32
  mkdir "$work/runs"
  for run in static:8/8 static:4/6 cpt:3-8/8; do
    "$precess" train --data "$work/data" --network fmnist-tiny --iterations 4 --cycles 2 --batch 8 --check-every 0 \
      --threads 1 --schedule $run --output "$work/runs/$(echo $run | tr :/ __)" > /dev/null || fail "the run $run"
  done
  cat > "$work/sweep.yaml" << 'END'
network: fmnist-tiny
train: {iterations: 4, batch: 8}
precision: {schedule: [cpt:3-8/8, static:8/8, static:4/6, static:2/2], cycles: 2}
array: {kind: [gated, serial], rows: [4, 8], cols: [4, 8]}
END
  refused "--runs: $work/data: no finished run" "legal:" -- "$precess" sweep -c "$work/sweep.yaml" --runs "$work/data" --quiet \
    --db "$work/none.db"
  sweep --quiet --runs "$work/runs" --csv "$work/sweep.csv" --plot "$work/fronts.svg" || fail "the sweep"
  grep -q 'test accuracy' "$work/fronts.svg" || fail "the plot shows no accuracy"
  [ "$case_name" = accuracy ] || sed -i 's/^test_accuracy,.*/test_accuracy,0.123,fraction/' "$work/runs/cpt_3-8_8/summary.csv"
  for run in static:8/8 static:4/6 cpt:3-8/8; do
    expected=$(awk -F , '$1 == "test_accuracy" { print $2 }' "$work/runs/$(echo $run | tr :/ __)/summary.csv")
    same "$(awk -F , -v run="\"$run\"" -v s="$(column precision_schedule)" -v a="$(column accuracy)" \
      '$s == run { print $a }' "$work/sweep.csv" | sort -u)" "$expected" "accuracy of $run"
  done
  same "[$(awk -F , -v s="$(column precision_schedule)" -v a="$(column accuracy)" '$s ~ /2.2/ { printf "%s", $a }' \
    "$work/sweep.csv")]" "[]" "accuracy of a schedule without run"
  awk -F , -v t="$(column time_s)" -v e="$(column energy_j)" -v a="$(column area_um2)" -v p="$(column pareto_accuracy)" \
    -v q="$(column accuracy)" '
    NR > 1 { n++; T[n] = $t; E[n] = $e; A[n] = $a + 0; Q[n] = $q; P[n] = $p + 0 }
    END {
      for (i = 1; i <= n; i++) {
        front = Q[i] != ""
        for (j = 1; j <= n; j++) {
          if (Q[j] != "" && T[j] <= T[i] && E[j] <= E[i] && A[j] <= A[i] && Q[j] + 0 >= Q[i] + 0 &&
              (T[j] < T[i] || E[j] < E[i] || A[j] < A[i] || Q[j] + 0 > Q[i] + 0)) front = 0
        }
        total += front
        if (front != P[i]) { print "point " i - 1 ": " P[i] ", not " front; bad++ }
      }
      print n " points, " total " on the front"
      exit bad > 0 || total == 0 || total == n
    }' "$work/sweep.csv" || fail "the front with accuracy"
  checks=$((checks + 32))
  sed -i 's/^test_accuracy,.*/test_accuracy,nan,fraction/' "$work/runs/static_8_8/summary.csv"
  refused "summary.csv:" "test_accuracy: 'nan'" "legal: 0..1" -- "$precess" sweep -c "$work/sweep.yaml" --runs "$work/runs"
  ;;
threads)
  space
  sweep --quiet --threads 1 --csv "$work/one.csv" || fail "one thread"
  rm "$db"
  sweep --quiet --threads 3 --csv "$work/three.csv" || fail "three threads"
  cmp "$work/one.csv" "$work/three.csv" || fail "results depend on the number of threads"
  checks=$((checks + $(wc -l < "$work/one.csv")))
  ;;
killed) # killed again and again, until it is complete: no point is lost, none is computed twice
  cat > "$work/sweep.yaml" << 'END'
network: resnet20-cifar
train: {iterations: 64000, batch: 128}
precision: {cycles: 32}
array: {kind: [gated, serial], rows: [4, 8, 16, 32], cols: [4, 8, 16, 32]}
memory: {sram-a-kb: [8, 32], sram-b-kb: 8, sram-y-kb: [8, 32], dram-bytes: [4, 8]}
END
  sweep --quiet --db "$work/whole.db" --csv "$work/whole.csv" || fail "the unbroken sweep"
  limit=0.08
  kills=0
  before=0
  while :; do
    timeout -s KILL $limit "$precess" sweep -c "$work/sweep.yaml" --threads 1 --csv "$work/sweep.csv" > "$work/out"
    status=$?
    stored=$(sed -n 's/.* points, \([0-9]*\) of them.*/\1/p' "$work/out")
    [ "${stored:-0}" -ge $before ] || fail "$stored points stored, $before before"
    before=${stored:-$before}
    [ $status -eq 0 ] && break
    [ $status -eq 137 ] || fail "exit status $status"
    kills=$((kills + 1))
    [ $((kills % 3)) -ne 0 ] || limit=$(awk "BEGIN { print 1.6 * $limit }") # a slow machine gets on, too
    [ $kills -lt 80 ] || fail "not complete after $kills kills"
  done
  [ $kills -gt 0 ] || fail "it was never killed"
  cmp "$work/whole.csv" "$work/sweep.csv" || fail "a killed sweep differs from an unbroken one"
  same "$(wc -l < "$work/sweep.csv")" 257 "rows of the CSV file"
  echo "$kills kills, $before points before the last run"
  ;;
interrupted)
  space
  sed -i 's/rows: .*/rows: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]/; s/fmnist-cnn/resnet50/' \
    "$work/sweep.yaml"
  "$precess" sweep -c "$work/sweep.yaml" --threads 1 > "$work/out" 2> "$work/err" &
  sleep 0.2
  kill -TERM $!
  wait $!
  same $? 130 "exit status of an interrupted sweep"
  same "$(grep -c 'to go on: the same command' "$work/err")" 1 "what it says"
  ;;
space)
  refused "the sweep file is missing" -- "$precess" sweep
  refused "$work/none.yaml: No such file" -- "$precess" sweep -c "$work/none.yaml"
  wrong() { # text of the message, text of the message, contents of the file
    printf "$3" - > "$work/sweep.yaml"
    refused "$1" "$2" -- "$precess" sweep -c "$work/sweep.yaml"
  }
  wrong "sweep.yaml:1: seed: unknown key" "legal: network|train" 'seed: 1\n'
  wrong "sweep.yaml:2: train.epochs: unknown key" "legal: iterations|batch" 'train:\n  epochs: 1\n'
  wrong "sweep.yaml:1: array.rows: '0'" "legal: 1..128" 'array: {rows: [4, 0]}\n'
  wrong "sweep.yaml:1: array.rows: 'nan'" "legal: 1..128" 'array: {rows: [nan]}\n'
  wrong "sweep.yaml:1: array.kind: 'fast'" "gated|serial" 'array: {kind: fast}\n'
  wrong "sweep.yaml:1: array.rows: '4' is in the list already" "legal: once" 'array: {rows: [4, 8, 4]}\n'
  wrong "sweep.yaml:1: array.rows: an empty list" "legal: at least one" 'array: {rows: []}\n'
  wrong "sweep.yaml:1: array.rows: a sequence" "legal: 1..128" 'array: {rows: [4, [8]]}\n'
  wrong "sweep.yaml:2: array.rows: duplicate key" "legal: once" 'array: {rows: 4,\n rows: 8}\n'
  wrong "train.iterations: missing" "legal: 1..100000000" 'network: fmnist-tiny\n'
  wrong "unknown 'none'" "legal are" 'network: [fmnist-tiny, none]\ntrain: {iterations: 4}\n'
  wrong "of no known kind" "cpt:MIN-MAX/BW" 'train: {iterations: 4}\nprecision: {schedule: [static:8/8, xx:3-8/8]}\n'
  wrong "2..8" "static:9/8" 'train: {iterations: 4}\nprecision: {schedule: static:9/8}\n'
  wrong "no table 'none'" "legal:" 'train: {iterations: 4}\nenergy: {table: none}\n'
  axis='[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]'
  wrong "more than 16777216 points" "legal: at most" "train: {iterations: $axis, batch: $axis}\narray: {rows: $axis, cols: $axis}
memory: {sram-a-kb: $axis}\n"
  space
  refused "--threads: '0'" "1..256" -- "$precess" sweep -c "$work/sweep.yaml" --threads 0
  refused "$work/no/x.db" "legal:" -- "$precess" sweep -c "$work/sweep.yaml" --db "$work/no/x.db"
  ;;
database)
  space
  sweep --quiet || fail "the sweep"
  cp "$db" "$work/good.db"
  damage() { # offset, bytes as printf has them
    cp "$work/good.db" "$db"
    printf "$2" | dd of="$db" bs=1 seek="$1" conv=notrunc 2> /dev/null
  }
  same_sweep="$precess sweep -c $work/sweep.yaml"
  echo "These are my notes, not a database; they are long enough to be taken for one by their size alone." > "$db"
  refused "$db: " "file is not a database" "legal: a database of precess sweep" -- $same_sweep
  damage 68 '\1\2\3\4'
  refused "$db: a database, but not of precess sweep" "legal:" -- $same_sweep
  damage 8192 '\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377'
  refused "$db: " "legal: " -- $same_sweep
  head -c 20000 "$work/good.db" > "$db"
  refused "$db: " "legal: " -- $same_sweep
  cp "$work/good.db" "$db"
  spec=$("$precess" --version | sed 's/.*spec \([0-9a-f]*\).*/\1/')
  LC_ALL=C sed -i "s/$spec/0123456789abcdef/" "$db"
  refused "spec_hash is '0123456789abcdef' there and '$spec' here" "legal: the same sweep" -- $same_sweep
  cp "$work/good.db" "$db"
  LC_ALL=C sed -i 's/format3/format2/' "$db"
  refused "$db: a database of another version of precess: its format is '2'; legal: 3" -- $same_sweep
  cp "$work/good.db" "$db"
  sed -i 's/rows: .*/rows: [4, 8, 12]/' "$work/sweep.yaml"
  refused "space is 'array.rows: 4 | 8 | 16' there and 'array.rows: 4 | 8 | 12' here" -- $same_sweep
  # A table that changed under the same name.
  space
  cp "$(dirname "$0")/../../energy/tables/horowitz-45nm.csv" "$work/table.csv"
  sed -i "s,^energy:.*,energy: {table: $work/table.csv}," "$work/sweep.yaml"
  sweep --quiet --db "$work/table.db" || fail "the sweep with its own table"
  echo '# another figure' >> "$work/table.csv"
  refused "inputs is '" "$work/table.csv' there" "legal: the same sweep" -- $same_sweep --db "$work/table.db"
  cp "$work/good.db" "$db"
  space
  sweep | grep -q '288 of them' || fail "the good database is still good"
  checks=$((checks + 1))
  ;;
*)
  fail "no case $case_name"
  ;;
esac
done_checking
