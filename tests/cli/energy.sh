#!/bin/sh
# precess energy, one case a process.  Usage: energy.sh CASE PRECESS JSON_CHECK
case_name=$1
precess=$2
. "$(dirname "$0")/lib.sh"

# A table of one kind with every form of figure.
table() {
  cat <<'ROWS'
event,kind,pa,pb,energy,unit,node_nm,voltage_v,source,low,high
mac_cycle,serial,3,8,0.5,pJ,45,0.9,"hand, quoted",0.25,1
mac_cycle,serial,8,8,0.75,pJ,45,0.9,hand,0.5,1
acc_write,*,*,*,0.0625,pJ/bit,45,0.9,hand,0.0625,0.125
leak_pe,serial,*,*,12.5,uW,45,0.9,hand,12.5,25
area_pe,serial,*,*,1234.5,um2,32,0.85,hand,1234.5,1234.5
leak_pe,gated/ws,*,*,7.5,uW,45,0.9,hand,7.5,7.5
leak_sram,*,*,*,30,uW,45,0.9,hand,30,30
period_pe,serial:2,*,*,1.25,ns,45,0.9,hand,1.25,1.25
area_edge_bit,*,*,*,6.5,um2,45,0.9,hand,6.5,6.5
ROWS
}

has() { # file, line
  grep -qFx -- "$2" "$1" || fail "no line '$2' in $1"
  checks=$((checks + 1))
}

# Values of the YAML form of $1, without what is said about the table.
values() {
  "$precess" energy export "$1" 2> "$work/err" | grep -v '^#' || fail "export of $1"
}

# Runs a command that has to end with status 2 and one line that holds $1; $work/kept must stay as it is.
refused() {
  words=$1
  shift
  echo kept > "$work/kept"
  "$precess" energy "$@" --output "$work/kept" > "$work/out" 2> "$work/err"
  status=$?
  [ "$status" -eq 2 ] || fail "energy $*: status $status"
  [ "$(wc -l < "$work/err")" -eq 1 ] || fail "energy $*: not one line"
  grep -qF -- "$words" "$work/err" || fail "energy $*: does not say '$words'"
  [ "$(cat "$work/kept")" = kept ] || fail "energy $*: the old result is gone"
  checks=$((checks + 1))
}

yaml() { # component, action, arguments, energy
  printf 'ERT:\n  tables:\n    - name: chip.%s\n      actions:\n        - name: %s\n          arguments: %s\n          energy: %s\n' "$@" \
    > "$work/in.yaml"
}

case $case_name in
export)
  table > "$work/t.csv"
  "$precess" energy export "$work/t.csv" --acc-bits 40 --clock-mhz 250 > "$work/out" 2> "$work/err" || fail "export"
  has "$work/out" "    - name: precess.serial"
  has "$work/out" "          arguments: {pa: 3, pb: 8}"
  has "$work/out" "          energy: 0.5"
  has "$work/out" "          energy: 2.5"  # 0.0625 pJ/bit x 40 bits
  has "$work/out" "          energy: 0.05" # 12.5 uW at 250 MHz
  has "$work/out" "      area: 1234.5"
  has "$work/out" "    - name: precess.gated/ws"
  has "$work/out" "    - name: precess.scratchpad"
  has "$work/out" "          energy: 0.12" # 30 uW at 250 MHz
  has "$work/out" "    'serial:2': 1.25"
  has "$work/out" "    - name: precess.edge_bit"
  "$precess" energy export gates-45nm --acc-bits 48 > "$work/out" 2> "$work/err" || fail "export of measured gates"
  has "$work/out" "    - name: precess.float/os"
  has "$work/out" "          arguments: {pa: e5m2, pb: fp16}"
  has "$work/out" "    - name: precess.bfp/ws"
  "$precess" energy export "$work/t.csv" --csv -o "$work/bound.csv" || fail "export --csv"
  hash=$("$precess" --version | sed 's/.*spec \([0-9a-f]*\)).*/\1/')
  has "$work/bound.csv" "mac_cycle,serial,3,8,0.5,pJ,45,0.9,\"hand, quoted\",0.25,1,$hash"
  "$precess" energy check "$work/bound.csv" > "$work/out" 2> "$work/err" || fail "check"
  grep -q '^  serial  *6 figures, a PE of 1234.5 um2$' "$work/out" || fail "check: $(cat "$work/out")"
  ;;
round_trip) # a table, Accelergy's form, a table: the same figures, and the same joules
  "$precess" energy export gates-45nm --acc-bits 32 > "$work/a.yaml" 2> "$work/err" || fail "export"
  "$precess" energy import "$work/a.yaml" --source "round trip" --node-nm 45 --voltage-v 0.9 -o "$work/b.csv" || fail "import"
  "$precess" energy import "$work/b.csv" -o "$work/c.csv" || fail "import of a table"
  values gates-45nm > "$work/a"
  for form in b c; do
    values "$work/$form.csv" > "$work/$form"
    cmp "$work/a" "$work/$form" || fail "$form differs"
    checks=$((checks + $(wc -l < "$work/a")))
  done
  [ "$checks" -gt 1000 ] || fail "only $checks lines"
  for name in gates-45nm "$work/b.csv"; do
    "$precess" estimate --network fmnist-tiny --iterations 100 --energy-table "$name" |
      sed -n '/^at the common clock/,/^error bars/p' | grep -v -e '^error bars' -e ': no energy: ' -e ': no clock row: ' > "$work/$(basename "$name" .csv).joules"
  done
  cmp "$work/gates-45nm.joules" "$work/b.joules" || fail "joules"
  grep -q '^each at its own clock  *|' "$work/b.joules" || fail "no clock periods"
  [ -s "$work/b.joules" ] || fail "no joules"
  "$precess" energy export gates-45nm --acc-bits 48 > "$work/a.yaml" 2> "$work/err" || fail "export of 48 bits"
  "$precess" energy import "$work/a.yaml" --source "round trip" --node-nm 45 --voltage-v 0.9 -o "$work/b.csv" || fail "import"
  for operands in "float --fw-format fp16 --bw-format e5m2" "bfp --schedule static:4/8"; do
    for name in gates-45nm "$work/b.csv"; do # nominal figures: the form has no bars; gated has 32 bits
      "$precess" estimate --network fmnist-tiny --iterations 100 --energy-table "$name" --kind $operands |
        sed -n '/^by pass/,/^beside it/p' | sed 's/ [0-9.]* [^ ]*J \.\. .*//' > "$work/$(basename "$name" .csv).aligned"
    done
    cmp "$work/gates-45nm.aligned" "$work/b.aligned" || fail "joules of $operands"
    grep -q '^  all  ' "$work/b.aligned" || fail "no joules of $operands"
    checks=$((checks + 1))
  done
  ;;
round_trip_bad) # twin: one figure is changed on the way
  "$precess" energy export gates-45nm > "$work/a.yaml" || fail "export"
  awk '/energy:/ && ++n == 100 { $2 *= 1.00001; $0 = "          energy: " $2 } { print }' "$work/a.yaml" > "$work/b.yaml"
  "$precess" energy import "$work/b.yaml" --source "round trip" -o "$work/b.csv" || fail "import"
  values gates-45nm > "$work/a"
  values "$work/b.csv" > "$work/b"
  cmp "$work/a" "$work/b" || fail "differs"
  ;;
bad_input)
  refused "'frob' is not a verb; legal: check|export|import|characterize" frob x
  refused "import needs a table or a file" import
  refused "no table 'nope'" export nope
  refused "--acc-bits '8'; legal: 16..48" export gates-45nm --acc-bits 8
  refused "--clock-mhz '0'; legal" export gates-45nm --clock-mhz 0
  table | sed 's/,0.5,pJ/,-0.5,pJ/' > "$work/t.csv"
  refused "t.csv:2: energy: '-0.5' is not legal; legal: a finite number, 0 or more" import "$work/t.csv"
  table | sed 's/,0.75,pJ/,nan,pJ/' > "$work/t.csv"
  refused "t.csv:3: energy: 'nan' is not legal" export "$work/t.csv"
  table | sed 's/12.5,uW/12.5,pJ/' > "$work/t.csv"
  refused "t.csv:5: unit: 'pJ' is not legal; legal: uW" import "$work/t.csv"
  table | sed '1s/$/,spec_hash/;2,$s/$/,0123456789abcdef/' > "$work/t.csv"
  refused "t.csv:2: spec_hash: the row is of spec 0123456789abcdef" import "$work/t.csv"
  yaml serial mac_cycle '{pa: 3, pb: 8}' 1
  refused "needs --source" import "$work/in.yaml"
  refused "--node-nm 'tiny'; legal: a number above 0, or unstated" import "$work/in.yaml" --source x --node-nm tiny
  for case in "serial mac_cycle {} -1|in.yaml:7: energy: '-1' is not legal; legal: a finite number, 0 or more" \
    "serial mac_cycle {} .nan|in.yaml:7: energy: '.nan' is not legal" \
    "serial mac_cycle {} 1pJ|in.yaml:7: energy: '1pJ' is not legal" \
    "systolic mac_cycle {} 1|in.yaml:3: name: 'chip.systolic' does not end with a MAC kind; legal ends: gated|serial" \
    "serial multiply {} 1|in.yaml:5: name: 'multiply' is not legal; legal: skew|pe_load|mac_cycle" \
    "serial mac_cycle {pa:_3} 1|in.yaml:6: no key pb; legal" \
    "float mac_cycle {pa:_e4m3,_pb:_8} 1|in.yaml:6: pb: '8' is not legal; legal: e5m2|e4m3|e4m3-ieee" \
    "float mac_cycle 3 1|in.yaml:6: arguments: '3' is not legal; legal: {} or {pa: FORMAT, pb: FORMAT}" \
    "bfp mac_cycle {pa:_e4m3,_pb:_8} 1|in.yaml:6: pa: 'e4m3' is not legal; legal: a finite number" \
    "serial mac_cycle {pa:_3,_pb:_9} 1|in.yaml:6: pb: '9' is not legal; legal: 2..8"; do
    set -- ${case%%|*}
    yaml "$1" "$2" "$(echo "$3" | tr _ ' ')" "$4"
    refused "${case#*|}" import "$work/in.yaml" --source x
  done
  for case in "scratchpad-0kb leak_sram {} 1|in.yaml:3: name: 'chip.scratchpad-0kb' does not end with a MAC kind" \
    "scratchpad-8kb mac_cycle {} 1|in.yaml:5: name: 'mac_cycle' is not legal; legal: sram_read|sram_write|leak_sram" \
    "scratchpad-8kb leak_sram {pa:_3,_pb:_3} 1|in.yaml:6: arguments: 'a mapping' is not legal; legal: {}" \
    "serial leak_sram {} 1|in.yaml:5: name: 'leak_sram' is not legal; legal: skew|pe_load"; do
    set -- ${case%%|*}
    yaml "$1" "$2" "$(echo "$3" | tr _ ' ')" "$4"
    refused "${case#*|}" import "$work/in.yaml" --source x
  done
  yaml serial mac_cycle '{}' 1
  sed -n '5,7p' "$work/in.yaml" >> "$work/in.yaml"
  refused "in.yaml:8: mac_cycle of serial at these bits is given by line 5 already" import "$work/in.yaml" --source x
  printf 'precess:\n  spec_hash: deadbeef\nERT:\n  tables: []\n' > "$work/in.yaml"
  refused "in.yaml:2: spec_hash: the file is of spec deadbeef" import "$work/in.yaml" --source x
  printf 'EAT:\n  tables: []\n' > "$work/in.yaml"
  refused "in.yaml:1: neither ERT nor ART" import "$work/in.yaml" --source x
  printf 'ERT: [\n' > "$work/in.yaml"
  refused "not YAML" import "$work/in.yaml" --source x
  ;;
characterize)
  "$precess" energy characterize --help > "$work/out" 2> "$work/err" || fail "help"
  grep -q 'usage: characterize' "$work/out" || fail "no usage"
  "$precess" energy characterize --kind frob > "$work/out" 2> "$work/err"
  status=$?
  [ "$status" -ne 77 ] || exit 77
  [ "$status" -eq 2 ] && grep -q 'kind frob:1/os; legal: ' "$work/err" || fail "an unknown kind: status $status"
  "$precess" energy characterize --kind gated --modes 2/2 --traces uniform > "$work/out" 2> "$work/err" || fail "gated 2/2"
  [ "$(grep -c '^gated,1,os,32,uniform,2,2,' "$work/out")" -eq 2 ] || fail "not two rows"
  checks=4
  ;;
*)
  fail "no such case: $case_name"
  ;;
esac
[ "$checks" -gt 0 ] || fail "nothing was checked"
echo "cli.energy.$case_name: checked $checks"
