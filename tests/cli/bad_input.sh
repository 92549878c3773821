#!/bin/sh
# Bad input, one case a process: exit status 2, one line that names the legal values, no file touched.
# Usage: bad_input.sh CASE PRECESS
case_name=$1
precess=$2
. "$(dirname "$0")/lib.sh"
data=$work/data
run=$work/run

quick() { # a run of two iterations on the small data set; further words are flags
  "$precess" train --data "$data" --output "$run" --iterations 2 --cycles 1 --batch 8 --check-every 0 --threads 1 "$@"
}

yaml() { # a configuration file with the given text; %s stands for the - of a list
  printf "$1" - > "$work/run.yaml"
}

case $case_name in
unknown_flag)
  refused "unknown flag --bits" "--batch" -- "$precess" train --bits 3
  refused "unknown flag --iteration" -- "$precess" train --iteration=3 # no abbreviations
  refused "needs a value" -- "$precess" train --batch
  refused "unknown command 'trian'" "train|estimate|sweep|energy|bench|cosim|report|schedule|formats|convert|arith" -- "$precess" trian
  ;;
unknown_key)
  small_data "$data" 64 32
  yaml 'seed: 1\ntrain:\n  batch: 8\n  bacth: 9\n'
  refused "run.yaml:4: train.bacth: unknown key" "iterations|epochs|batch" -- quick -c "$work/run.yaml"
  yaml 'seeds: 1\n'
  refused "run.yaml:1: seeds: unknown key" "seed|executor" -- quick -c "$work/run.yaml"
  ;;
duplicate_key)
  yaml 'train:\n  batch: 8\n  lr: 0.1\n  batch: 9\n'
  refused "run.yaml:4: train.batch: duplicate key" "line 2" -- quick -c "$work/run.yaml"
  ;;
wrong_type)
  yaml 'train:\n  batch: many\n'
  refused "run.yaml:2: train.batch: 'many'" "1..65536" -- quick -c "$work/run.yaml"
  yaml 'train:\n  batch: [8, 9]\n'
  refused "run.yaml:2: train.batch: a sequence" "1..65536" -- quick -c "$work/run.yaml"
  yaml 'train:\n  batch: "8"\n'
  refused "run.yaml:2: train.batch: a quoted text" "1..65536" -- quick -c "$work/run.yaml"
  yaml 'train: 8\n'
  refused "run.yaml:1: train: a scalar where a mapping belongs" "batch" -- quick -c "$work/run.yaml"
  yaml 'executor: gpu\n'
  refused "run.yaml:1: executor: 'gpu'" "ref|fast|cycle|rtl" -- quick -c "$work/run.yaml"
  ;;
not_yaml)
  yaml 'train: {batch: 8\n'
  refused "run.yaml:" "not YAML" "legal:" -- quick -c "$work/run.yaml"
  refused "$work/none.yaml: No such file" -- quick -c "$work/none.yaml"
  ;;
out_of_range)
  refused "--batch: train.batch: '0'" "1..65536" -- "$precess" train --batch 0
  refused "--batch: train.batch: '-1'" "1..65536" -- "$precess" train --batch -1
  refused "--lr: train.lr: 'nan'" "0..100" -- "$precess" train --lr nan
  refused "--rows: array.rows: '129'" "1..128" -- "$precess" train --rows 129
  yaml 'array:\n  rows: 129\n'
  refused "run.yaml:2: array.rows: '129'" "1..128" -- quick -c "$work/run.yaml"
  ;;
bits_of_1)
  small_data "$data" 64 32
  refused "2..8" -- quick --schedule static:1/8
  refused "2..8" -- quick --schedule cpt:1-8/8
  refused "2..8" -- "$precess" schedule static:8/1 --iterations 10
  ;;
bits_of_17)
  small_data "$data" 64 32
  refused "2..8" -- quick --schedule static:17/8
  refused "2..8" -- quick --schedule cpt:3-17/8
  yaml 'precision:\n  schedule: cpt:3-8/17\n'
  refused "2..8" -- quick -c "$work/run.yaml"
  ;;
cycles_of_zero)
  refused "--cycles: precision.cycles: '0'" "1..1000000" -- "$precess" train --cycles 0
  yaml 'precision:\n  cycles: 0\n'
  refused "run.yaml:2: precision.cycles: '0'" "1..1000000" -- quick -c "$work/run.yaml"
  refused "cycles" -- "$precess" schedule cpt:3-8/8 --iterations 4 --cycles 5
  ;;
batch_larger_than_set)
  small_data "$data" 64 32
  refused "train.batch" "65" "64" -- quick --batch 65
  ;;
no_dataset)
  mkdir "$data"
  refused "$data/train-images-idx3-ubyte" -- quick
  refused "$work/none" -- quick --data "$work/none"
  ;;
truncated_idx)
  small_data "$data" 64 32
  zcat "$data/train-images-idx3-ubyte.gz" | head -c 30000 | gzip > "$work/cut.gz"
  mv "$work/cut.gz" "$data/train-images-idx3-ubyte.gz"
  refused "$data/train-images-idx3-ubyte.gz" -- quick
  head -c 500 "$data/train-images-idx3-ubyte.gz" > "$work/cut.gz" # the compressed stream itself ends early
  mv "$work/cut.gz" "$data/train-images-idx3-ubyte.gz"
  refused "$data/train-images-idx3-ubyte.gz" -- quick
  ;;
mislabelled_idx)
  small_data "$data" 64 32
  cp "$data/train-labels-idx1-ubyte.gz" "$data/train-images-idx3-ubyte.gz"
  refused "$data/train-images-idx3-ubyte.gz" -- quick
  small_data "$data" 64 32
  { words 2049 63; zcat "$data/train-labels-idx1-ubyte.gz" | tail -c +9 | head -c 63; } | gzip > "$work/labels.gz"
  mv "$work/labels.gz" "$data/train-labels-idx1-ubyte.gz"
  refused "$data/train-labels-idx1-ubyte.gz" -- quick
  ;;
unwritable_output)
  small_data "$data" 64 32
  : > "$work/file"
  refused "$work/file is not a directory" "legal:" -- quick --output "$work/file/run"
  refused "output: $work/file" "legal:" -- quick --output "$work/file"
  if [ "$(id -u)" -ne 0 ]; then # root may write everywhere
    mkdir "$work/locked"
    chmod 555 "$work/locked"
    refused "$work/locked" "legal:" -- quick --output "$work/locked/run"
  fi
  ;;
full_disk)
  small_data "$data" 64 32
  mkdir "$run"
  mount -t tmpfs -o size=64k tmpfs "$run" 2> /dev/null || { echo "no right to mount a small file system"; exit 77; }
  trap 'umount "$run"; rm -rf "$work"' EXIT
  refused "kB free; legal: at least" -- quick
  ;;
existing_run)
  small_data "$data" 64 32
  quick > /dev/null || fail "the first run"
  refused "holds a run already" "--resume" "--force" -- quick
  refused "1..65536" -- quick --force --batch 0
  refused "2..8" -- quick --force --schedule static:1/8
  refused "train.batch" -- quick --force --batch 65
  refused "$work/none" -- quick --force --data "$work/none"
  refused "exclude each other" -- quick --force --resume
  ;;
nothing_to_resume)
  small_data "$data" 64 32
  refused "holds no run to resume" -- quick --resume
  ;;
other_run)
  small_data "$data" 64 32
  quick > /dev/null || fail "the first run"
  refused "lr" -- quick --resume --lr 0.2
  # Where the energy of a clock decides how GEMMs are cut, a run stays at its clock; else the clock is free.
  quick --resume --clock-mhz 400 > /dev/null || fail "another clock"
  quick --force --sram-a-kb 4 > /dev/null || fail "a run with a bounded memory"
  refused "clock-mhz" -- quick --resume --sram-a-kb 4 --clock-mhz 400
  ;;
flipped_checkpoint)
  small_data "$data" 64 32
  quick --checkpoint-every 1 > /dev/null || fail "the first run"
  state=$run/checkpoint/state
  size=$(wc -c < "$state")
  byte=$(od -An -tu1 -j $((size / 2)) -N1 "$state" | tr -d ' ')
  printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$state" bs=1 seek=$((size / 2)) conv=notrunc 2> /dev/null
  refused "$state" -- quick --resume
  head -c $((size - 1)) "$state" > "$work/cut"
  mv "$work/cut" "$state"
  refused "$state" -- quick --resume
  ;;
energy_table)
  small_data "$data" 64 32
  refused "no table 'none'" "legal:" -- quick --energy-table none
  refused "$work/none.csv" -- quick --energy-table "$work/none.csv"
  printf 'event,kind,pa,pb,energy,unit,node_nm,voltage_v,source\nskew,*,*,*,-1,pJ,45,0.9,x\n' > "$work/bad.csv"
  refused "bad.csv:2: energy: '-1'" "0 or more" -- quick --energy-table "$work/bad.csv"
  ;;
estimate)
  refused "unknown 'resnet38'" "fmnist-tiny" "resnet38-cifar" -- "$precess" estimate --network resnet38 --iterations 8
  refused "--iterations 1..100000000" -- "$precess" estimate --network resnet38-cifar
  refused "of no known kind" "etv:MIN-MAX/BW" "csv:FILE" -- "$precess" estimate --schedule xx:3-8/8 --iterations 8
  refused "2..8" -- "$precess" estimate --schedule rr:3-9/8 --iterations 8
  refused "csv:$work/none: No such file" -- "$precess" estimate --schedule "csv:$work/none" --iterations 8
  refused "unknown flag --epochs" "--batch" -- "$precess" estimate --epochs 3
  refused "cannot hold one 8 x 8 bit product" -- "$precess" estimate --iterations 8 --acc-bits 16
  refused "no table 'none'" -- "$precess" estimate --iterations 8 --energy-table none
  refused "array.clock: " "no clock row: period_pe, kind serial" "legal: common" -- "$precess" estimate --iterations 8 --clock own \
    --energy-table horowitz-45nm
  refused "--clock: array.clock: 'mine'" "common|own" -- "$precess" estimate --iterations 8 --clock mine
  refused "no row for a scratchpad of 2048 KB" "legal: up to 1024 KB" -- "$precess" estimate --iterations 8 --sram-b-kb 2048
  # A table without the kind that was asked for; another kind's estimate goes on without it.
  grep -v '^[a-z_]*,serial,' "$(dirname "$0")/../../energy/tables/horowitz-45nm.csv" > "$work/gated.csv"
  refused "no row covers event" "kind serial" -- "$precess" estimate --iterations 8 --energy-table "$work/gated.csv"
  "$precess" estimate --iterations 8 --kind gated --energy-table "$work/gated.csv" > "$work/out" || fail "gated alone"
  grep -q 'no energy: .*kind serial' "$work/out" || fail "it does not say why serial has no energy"
  ;;
cifar)
  mkdir "$data"
  refused "$data/data_batch_1.bin: cannot open" "--data names the directory" "cifar-10-binary.tar.gz" -- \
    quick --dataset cifar-10 --network resnet20-cifar
  head -c 3072 /dev/zero > "$data/train.bin"
  refused "$data/train.bin: 3072 bytes" "multiple of 3074" -- quick --dataset cifar-100 --network resnet20-cifar
  small_data "$data" 64 32
  refused "takes images of up to 32 x 32 x 3" "28 x 28 x 1" -- quick --network resnet20-cifar
  ;;
cifar_labels)
  mkdir "$data"
  record() { # the label's bytes, then a black image
    printf "$1"
    head -c 3072 /dev/zero
  }
  for file in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
    { record '\000'; record '\011'; } > "$data/$file.bin"
  done
  set -- --dataset cifar-10 --network resnet20-cifar --batch 2
  quick "$@" > /dev/null || fail "labels 0 and 9"
  rm -r "$run"
  quick "$@" --network mobilenetv2-cifar > /dev/null || fail "labels 0 and 9, another network"
  rm -r "$run"
  { record '\011'; record '\012'; } > "$data/data_batch_3.bin"
  refused "$data/data_batch_3.bin: label 10 of image 1, expected 0..9" -- quick "$@"
  { record '\011'; record '\000'; } > "$data/data_batch_3.bin"
  { record '\377'; record '\000'; } > "$data/test_batch.bin"
  refused "$data/test_batch.bin: label 255 of image 0, expected 0..9" -- quick "$@"
  for file in train test; do
    { record '\000\000'; record '\377\143'; } > "$data/$file.bin" # a coarse label, and the fine one that counts
  done
  set -- --dataset cifar-100 --network resnet20-cifar --batch 2
  quick "$@" > /dev/null || fail "labels 0 and 99"
  rm -r "$run"
  { record '\000\143'; record '\000\144'; } > "$data/train.bin"
  refused "$data/train.bin: label 100 of image 1, expected 0..99" -- quick "$@"
  ;;
isa) # on a processor that can only run `portable`
  small_data "$data" 64 32
  for isa in avx2 avx512vnni amx; do
    refused "isa: $isa: this processor lacks" "legal here: auto, portable" -- quick --isa $isa
    refused "isa: $isa: this processor lacks" "legal here: auto, portable" -- \
      "$precess" bench step --network fmnist-tiny --batch 8 --isa $isa
  done
  quick --isa portable > /dev/null || fail "portable"
  ;;
isa_bad) # twin: the kernel that every processor has is not refused
  small_data "$data" 64 32
  refused "this processor lacks" -- quick --isa portable
  ;;
memory) # a run that does not fit is refused with its plan, and one that fits under the same limit runs
  limited() {
    sh -c 'ulimit -v 1500000 && exec "$@"' sh "$@"
  }
  limited "$precess" --version > /dev/null 2>&1 || { echo "the sanitizers need more address space"; exit 77; }
  small_data "$data" 64 32
  set -- "$precess" train --data "$data" --output "$run" --iterations 2 --cycles 1 --check-every 0 --threads 1
  for schedule in cpt:3-8/8 fp32 float:e4m3/e5m2; do
    refused "train.batch: 16384 images of fmnist-cnn need" "activations" "gradients" "codes and scratch" "parameters" \
      "MiB are available; legal: a smaller batch" -- limited "$@" --schedule $schedule --batch 16384
    have=$(sed -n 's/.*), \([0-9]*\) MiB are available.*/\1/p' "$work/err")
    [ "$have" -gt 0 ] && [ "$have" -lt 1465 ] || fail "$have MiB under a limit of 1464"
    limited "$@" --schedule $schedule --batch 8 --force > /dev/null || fail "a small run under the limit"
    rm -r "$run"
    checks=$((checks + 2))
  done
  ;;
bench)
  refused "legal: precess bench step" -- "$precess" bench
  refused "legal: precess bench step" -- "$precess" bench steps
  refused "--bits: '8'" "FW/BW, each 2..8" -- "$precess" bench step --bits 8
  refused "--bits: '9/8'" "FW/BW, each 2..8" -- "$precess" bench step --bits 9/8
  refused "--repeats: '0'" "1..1000" -- "$precess" bench step --repeats 0
  refused "none" "resnet110-cifar" -- "$precess" bench step --network none
  refused "--isa: isa: 'sse'" "portable" -- "$precess" bench step --isa sse
  refused "--threads: threads: '257'" "0..256" -- "$precess" bench step --threads 257
  refused "65536 images of resnet110-cifar need" "MiB are available" "activations" -- \
    "$precess" bench step --network resnet110-cifar --batch 65536
  ;;
fp32)
  small_data "$data" 64 32
  refused "executor: has no meaning with precision.schedule fp32" -- quick --schedule fp32 --executor rtl
  refused "isa: has no meaning with" -- quick --schedule fp32 --isa avx2
  refused "array.rows: has no meaning with" "legal: its default" -- quick --schedule fp32 --rows 8
  refused "memory.dram-bytes: has no meaning with" -- quick --schedule fp32 --dram-bytes 4
  refused "precision.quantizer: has no meaning with" -- quick --schedule fp32 --quantizer symmetric
  refused "energy.table: has no meaning with" -- quick --schedule fp32 --energy-table horowitz-45nm
  refused "check.tiles: has no meaning with" -- quick --schedule fp32 --check-tiles 9
  refused "of no known kind" "and fp32 for precess train" -- quick --schedule fp33
  refused "fp32 runs on no array" "cpt:MIN-MAX/BW" -- "$precess" estimate --schedule fp32 --iterations 8
  refused "fp32 runs on no array" -- "$precess" schedule fp32 --iterations 8
  refused "isa: has no meaning with" -- "$precess" bench step --bits fp32 --isa portable
  quick --schedule fp32 > /dev/null || fail "a run in FP32"
  refused "precision.schedule" "fp32" -- quick --resume --schedule static:8/8
  ;;
float)
  small_data "$data" 64 32
  floats() {
    quick --network fmnist-tiny --schedule float:e4m3/e5m2 "$@"
  }
  refused "is not of the form float:FW/BW" "float:e4m3/e5m2" -- quick --schedule float:e4m3/
  refused "is not of the form" -- quick --schedule float:/e5m2
  refused "precision.schedule: 'fp7' is no format" "precess formats" -- quick --schedule float:e4m3/fp7
  refused "format e9m9: 9 exponent bits" "2..8" -- quick --schedule float:e9m9/e5m2
  refused "e8m0 has no sign or no zero" -- quick --schedule float:e8m0/e5m2
  refused "has formats, not bits" "cpt:MIN-MAX/BW" -- "$precess" estimate --schedule float:e4m3/e5m2 --iterations 8
  refused "has formats, not bits" -- "$precess" schedule float:e4m3/e5m2 --iterations 8
  refused "array.rows: has no meaning with precision.schedule float:e4m3/e5m2" "its default" -- floats --rows 8
  refused "precision.quantizer: has no meaning" -- floats --quantizer symmetric
  refused "energy.table: has no meaning" -- floats --energy-table horowitz-45nm
  refused "executor: precision.schedule float:e4m3/e5m2 runs on no array" "ref, fast" -- floats --executor cycle
  refused "float.output: has no meaning with precision.schedule static:8/8" "float:FW/BW" -- \
    quick --schedule static:8/8 --float-output bf16
  refused "float.loss-scale: has no meaning with precision.schedule fp32" -- quick --schedule fp32 --float-loss-scale 8
  refused "float.loss-scale: '0'" "1e-06..1e+09" -- floats --float-loss-scale 0
  refused "float.rounding: 'up'" "rne|rna" -- floats --float-rounding up
  refused "float.random-bits: '33'" "1..32" -- floats --float-random-bits 33
  refused "float.accumulator, for forward: " "accumulator" -- floats --float-accumulator volta
  refused "float.accumulator, for forward: " -- floats --float-accumulator chunk:0
  refused "hopper-mma-fp8 takes products in lists of 32" "without index lists" -- \
    floats --float-accumulator hopper-mma-fp8 --float-sum fp16
  refused "float.sum: 'double' is no format" -- floats --float-sum double
  refused "float.first: 'none' is no format" -- floats --float-first none
  refused "float.update: binary32 parameters" "another float.master" -- floats --float-update kahan
  refused "float.momentum: binary32 parameters" -- floats --float-momentum master
  refused "float.gradient-overflow: what saturates is never seen" "inf" -- \
    floats --float-loss-scaling backoff --float-gradient-overflow sat
  floats > /dev/null || fail "a run in floating point"
  refused "checkpoint of another run" "float.output" -- floats --resume --float-output bf16
  refused "precision.schedule" -- floats --resume --schedule float:e4m3/e4m3
  refused "array.cols: has no meaning" -- floats --resume --cols 8
  ;;
topology)
  topology() { # texts -- contents of the file
    texts=$1
    shift
    printf "$1" > "$work/net.csv"
    eval "refused $texts -- \"\$precess\" estimate --iterations 8 --network \"\$work/net.csv\""
  }
  topology '"net.csv:1:1: no header" "Layer,M,N,K"' ''
  topology '"net.csv:1:9: column 3" "legal: Layer name"' 'Layer,M,K,N\nx,1,2,3\n'
  topology '"net.csv:2:1: no layers"' 'Layer,M,N,K,\n'
  topology '"net.csv:3:7: K: '"''"'" "1..1048576"' 'Layer,M,N,K,\nx,1,2,3,\ny,1,2,\n'
  topology '"net.csv:2:5: 3 fields" "legal: 4"' 'Layer,M,N,K,\nx,1,2\n'
  topology '"net.csv:2:9: 5 fields" "legal: 4"' 'Layer,M,N,K,\nx,1,2,3,4\n'
  topology '"net.csv:2:5: N:" "nan" "1..1048576"' 'Layer,M,N,K,\nx,1,nan,3,\n'
  topology '"net.csv:2:3: M:" "-1" "1..1048576"' 'Layer,M,N,K,\nx,-1,2,3,\n'
  topology '"net.csv:2:9: Sparsity" "2:4" "legal: 1:1"' 'Layer,M,N,K,Sparsity,\nx,1,2,3,2:4,\n'
  conv='Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n'
  topology '"net.csv:2:1: layer" "does not fit an input of 3 x 3"' "${conv}c,3,3,5,5,1,1,1,\\n"
  topology '"net.csv:2:13: 7 fields" "legal: 8"' "${conv}c,8,8,3,3,1,16\\n"
  topology '"net.csv:2:16: Strides: '"''"'"' "${conv}c,8,8,3,3,1,16,\\n"
  refused "none.csv: No such file" -- "$precess" estimate --iterations 8 --network "$work/none.csv"
  refused "unknown 'net.csv'" -- "$precess" train --network net.csv --output "$run" # files are for estimates
  ;;
layers)
  layers() { # text, contents of the file
    yaml "$2"
    refused "$1" "legal: " -- "$precess" estimate --iterations 8 --network "$work/run.yaml"
  }
  layers "run.yaml:1: nothing where a list" ''
  layers "run.yaml:1: a mapping where a list" 'a: 1\n'
  layers "run.yaml:1: an empty list" '[]\n'
  layers "run.yaml:2: a scalar where a layer" '\n- 4\n'
  layers "run.yaml:1: height: missing" '%s conv: x\n'
  layers "run.yaml:2: height: '0'" '%s conv: x\n  height: 0\n'
  layers "run.yaml:1: k: 'inf'" '%s {gemm: x, m: 1, n: 2, k: inf}\n'
  layers "run.yaml:1: kernel: unknown key of a gemm" '%s {gemm: x, m: 1, n: 2, k: 3, kernel: 3}\n'
  layers "run.yaml:3: m: duplicate key" '%s gemm: x\n  m: 1\n  m: 2\n'
  layers "run.yaml:1: layer 'x': empty or too large" '%s {gemm: x, m: 1073741824, n: 1073741824, k: 3}\n'
  layers "run.yaml:1: layer 'x'" '%s {conv: x, height: 3, width: 3, channels: 3, filters: 4, kernel: 5}\n'
  layers "2 groups" '%s {conv: x, height: 3, width: 3, channels: 3, filters: 4, kernel: 3, groups: 2}\n'
  ;;
unknown_network)
  small_data "$data" 64 32
  refused "none" "fmnist-cnn" -- quick --network none
  ;;
no_verilator)
  small_data "$data" 64 32
  mkdir "$work/empty"
  cache=$(mktemp -d) # not an output: a lock file may stay behind in it
  trap 'rm -rf "$work" "$cache"' EXIT
  bare() {
    env PATH="$work/empty" XDG_CACHE_HOME="$cache" HOME="$cache" "$precess" "$@"
  }
  refused "verilator is not installed" "apt-get install" -- bare train --data "$data" --output "$run" --iterations 2 \
    --cycles 1 --batch 8 --rows 3 --cols 5 --acc-bits 37 --check-every 0 --executor rtl
  refused "verilator is not installed" "apt-get install" -- bare train --data "$data" --output "$run" --iterations 2 \
    --cycles 1 --batch 8 --rows 3 --cols 5 --acc-bits 37
  refused "verilator is not installed" -- bare cosim --rows 3 --cols 5 --acc-bits 37
  ;;
cosim)
  refused "--m, --n and --k" -- "$precess" cosim --m 3
  refused "pa has no meaning without" -- "$precess" cosim --pa 3
  refused "tiles has no meaning with --m" -- "$precess" cosim --m 3 --n 3 --k 3 --tiles 4
  refused "array.rows has no meaning with --replay" -- "$precess" cosim --replay "$work/none" --rows 3
  refused "--rows: array.rows: '0'" "1..128" -- "$precess" cosim --rows 0
  refused "--cols: array.cols: '65536'" "1..128" -- "$precess" cosim --cols 65536
  refused "--kind: array.kind: 'parallel'" "$(echo $kinds | tr ' ' '|')" -- "$precess" cosim --kind parallel
  refused "--dataflow: array.dataflow: 'rs'" "os|ws|is" -- "$precess" cosim --dataflow rs
  refused "--digit: array.digit: '8'" "1..4" -- "$precess" cosim --digit 8
  refused "digit of 3 bits" "1, 2 or 4" -- "$precess" cosim --digit 3
  refused "digit of 2 bits" "the kind fusion takes 1" -- "$precess" cosim --digit 2 --kind fusion
  refused "array.kind has no meaning with --all" -- "$precess" cosim --all --kind fusion
  refused "replay has no meaning with --all" -- "$precess" cosim --all --replay "$work/none"
  refused "time: '60x'" "60s or 5m" -- "$precess" cosim --all --time 60x
  refused "time: '-1'" "60s or 5m" -- "$precess" cosim --time -1
  refused "segments of 50" "runs 1..16" -- "$precess" estimate --iterations 8 --dataflow ws --segment 50
  refused "--pa: pa: '1'" "2..16" -- "$precess" cosim --m 3 --n 3 --k 3 --pa 1
  refused "--pb: pb: '17'" "2..16" -- "$precess" cosim --m 3 --n 3 --k 3 --pb 17
  refused "$work/none" -- "$precess" cosim --replay "$work/none"
  echo nonsense > "$work/bad.replay"
  refused "bad.replay:1" -- "$precess" cosim --replay "$work/bad.replay"
  ;;
report)
  refused "DIR is missing" -- "$precess" report
  refused "$work/none" -- "$precess" report "$work/none"
  small_data "$data" 64 32
  quick > /dev/null || fail "the first run"
  sed '2s/,8,/,17,/' "$run/metrics.csv" > "$work/metrics.csv"
  cp "$work/metrics.csv" "$run/metrics.csv"
  refused "metrics.csv:2:" "legal: 2..8" -- "$precess" report "$run"
  ;;
accepted_bad) # twin of the checker: good input is not refused
  refused "precess" -- "$precess" --version
  ;;
touched_bad) # twin of the checker: a refusal that leaves a file behind
  refused "legal" -- sh -c ': > "$1/left"; exec "$2" train --batch 0' sh "$work" "$precess"
  ;;
*)
  fail "no case $case_name"
  ;;
esac
done_checking
