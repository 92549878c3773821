#!/bin/sh
# The commands about number formats, one case a process.  Usage: numbers.sh CASE PRECESS JSON_CHECK
case_name=$1
precess=$2
json_check=$3
. "$(dirname "$0")/lib.sh"

same() { # observed, expected, what
  [ "$1" = "$2" ] || fail "$3: '$1' is not '$2'"
  [ -n "$1" ] || fail "$3: empty"
  checks=$((checks + 1))
}

piped() { # lines in (printf form), expected output with blanks for newlines, command...
  lines=$1
  expected=$2
  shift 2
  same "$(printf "$lines" | "$@" 2> "$work/err" | tr '\n' ' ')" "$expected " "$*"
}

# $work/NAME.npy: an array of TYPE and SHAPE, of hexadecimal words.
npy() {
  name=$1
  size=${2#??}
  header="{'descr': '$2', 'fortran_order': False, 'shape': $3, }"
  shift 3
  {
    printf '\223NUMPY\001\000\166\000%-117s\n' "$header"
    for word in "$@"; do
      byte=0
      while [ $byte -lt "$size" ]; do
        printf "\\$(printf %03o $((0x$word >> 8 * byte & 255)))"
        byte=$((byte + 1))
      done
    done
  } > "$work/$name.npy"
}

case $case_name in
formats)
  "$precess" formats > "$work/out" || fail "formats"
  same "$(wc -l < "$work/out")" "$(($(grep -c '^PCS_FORMAT(' "$(dirname "$0")/../../models/spec/formats.def") + 1))" "rows"
  same "$(awk '$1 == "e4m3" { print $6, $8, $9, $10 }' "$work/out")" "448 0.00195312 17.8 nan" "e4m3"
  same "$(awk '$1 == "e8m0" { print $9, $11 }' "$work/out")" "254.0 none" "e8m0"
  "$precess" formats --json > "$work/json" && "$json_check" < "$work/json" || fail "formats --json"
  same "$(grep -c '"max":.448,' "$work/json")" 1 "e4m3 in JSON"
  ;;
convert)
  same "$("$precess" convert --to e5m2 --from fp16 1.125244140625)" \
    "1.125244140625 -> fp16 0x3c80 = 1.125 (inexact) -> e5m2 0x3c = 1 (inexact)" "a double rounding"
  same "$("$precess" convert --to e5m2 --via fp16 1.125244140625)" \
    "1.125244140625 -> fp16 0x3c80 = 1.125 (inexact) -> e5m2 0x3c = 1 (inexact)" "two steps"
  same "$("$precess" convert --to e5m2 1.125244140625)" "1.125244140625 -> e5m2 0x3d = 1.25 (inexact)" "direct"
  # beyond binary64: a tie that 1e-40 breaks
  same "$("$precess" convert --to fp16 1.00048828125)" "1.00048828125 -> fp16 0x3c00 = 1 (inexact)" "a tie"
  same "$("$precess" convert --to fp16 1.0004882812500000000000000000000000000000000001 | cut -d' ' -f4)" 0x3c01 "above it"
  same "$("$precess" convert --to e4m3 --overflow sat 1e400 -- -1e400 -1e-400 nan | cut -d' ' -f4 | tr '\n' ' ')" \
    "0x7e 0xfe 0x80 0x7f " "extremes"
  ;;
convert_hex)
  piped '43e80000\n0x43e80001\n7F800000\n3a800000\n' '7e 7e 7e 00' \
    "$precess" convert --hex --from fp32 --to e4m3 --rounding rne --overflow sat
  piped '43e80001\n7f800000\n3ac00000' '7f 7f 01' "$precess" convert --hex --from fp32 --to e4m3 --overflow inf
  piped '3f901000\n37000001\n' '3d 01' "$precess" convert --hex --from fp32 --to e5m2
  piped '3f901000\n37000001\n' '3c 00' "$precess" convert --hex --from fp32 --via fp16 --to e5m2
  piped '7f800000\n477fffff\n' '7c00 7bff' "$precess" convert --hex --from fp32 --to fp16 --rounding rtz
  piped '3f800000\n3fffffff\n' '7f 7f' "$precess" convert --hex --from fp32 --to e8m0 --rounding rdn
  ;;
arith)
  piped '3c00 3c01\n7bff 7bff\n7c00 0\n' '3c01 - 7c00 overflow,inexact 7e00 invalid' \
    "$precess" arith --hex --op mul --format fp16
  piped '7bff 7bff\n0001 0001\n' '7bff overflow,inexact 0000 underflow,inexact' \
    "$precess" arith --hex --op mul --format fp16 --rounding rtz
  piped '3c00 bc00\n3c00 1400\n' '8000 - 3c01 -' "$precess" arith --hex --op add --format fp16 --rounding rdn
  piped '3c00 3c00\n7c00 7c00\n' '0000 - 7e00 invalid' "$precess" arith --hex --op sub --format fp16
  piped '3c01 3c01 bc02\n' '0010 -' "$precess" arith --hex --op fma --format fp16
  piped '3f800001 3f800001 bf800002\n' '28800000 -' "$precess" arith --hex --op fma --format fp32
  ;;
names) # any case, _ for -, and the names that others use
  for name in e4m3 E4M3 e4m3fn E4M3FN; do
    piped '43e80001\n' 7e "$precess" convert --hex --from FP32 --to $name --rounding RNE --overflow SAT
  done
  piped '3f800000\n7f800000\n' '40 80' "$precess" convert --hex --from float32 --to E4M3FNUZ --overflow Sat_Inf --rounding RTO
  for name in half float16 binary16 f16 e5m10; do
    piped '3c00 3c00\n' '4000 -' "$precess" arith --hex --op ADD --format $name
  done
  piped '3f80 4000\n' '4000 -' "$precess" arith --hex --op mul --format BFloat16
  piped '3f800000\n' 0fe000 "$precess" convert --hex --from binary32 --to fp22
  piped '3f800000\n' 3e00 "$precess" convert --hex --from single --to 1-6-9
  line=$(printf '3f800000 %.0s' $(seq 32))
  piped "$line\n" "77$(printf ' 78%.0s' $(seq 32))" "$precess" convert --hex --from fp32 --to MXFP8_E4M3
  piped '3c00 3c00 3f800000\n' 40000000 "$precess" dot --hex --a-format half --k 1 --c-format single --accumulator Volta
  piped '3c00 3c00 3f800000\n' 40000000 "$precess" dot --hex --a-format e5m10 --k 1 --accumulator MUL_ADD
  ;;
status) # behind the code: TestFloat's bits, the names, or nothing; 1 - 2^-26 of the smallest normal number rounds to it
  piped '00800400 3f7ff800\n7f7fffff 40000000\n7f800000 0\n' '00800000 01 7f800000 05 7fc00000 10' \
    "$precess" arith --hex --op mul --format fp32 --status bits
  piped '00800400 3f7ff800\n' '00800000 03' "$precess" arith --hex --op mul --format fp32 --status bits --tininess before
  piped '3f800000 40000000\n' 40000000 "$precess" arith --hex --op mul --format fp32 --status none
  piped '387fe000\n387ff000\n477ff000\n7f800001\n' '0400 03 0400 01 7c00 05 7e00 10' \
    "$precess" convert --hex --from fp32 --to fp16 --status bits
  piped '387ff000\n' '0400 underflow,inexact' "$precess" convert --hex --from fp32 --to fp16 --status names --tininess before
  piped '3f800000 bf000000\n' '7f 40 e0 00' "$precess" convert --hex --from fp32 --to bfp:2:7:8 --status bits
  # 7 / 6 is nearest to 1.125, of which 7 is more than 6 and 1 less than 1
  same "$("$precess" convert --to nvfp4 7 1 0 -- -3 | tr '\n' ' ')" \
    "7, 1, 0, -3 -> 39 7 2 0 d = 1.125 * 6 1 0 -3 (inexact) " "nvfp4"
  piped '3c00 3c01 3c00 7c00 3f800000\n3c00 1400 3c00 0c00 4b800000\n' '7f800000 - 4b800000 inexact' \
    "$precess" dot --hex --a-format fp16 --k 2 --accumulator hopper --status names
  ;;
lines) # what vector files look like: commas, a carriage return, no newline at the end
  piped '3c00, 3c01\r\n0x7BFF,7bff' '3c01 - 7c00 overflow,inexact' "$precess" arith --hex --op mul --format fp16
  ;;
verify) # TestFloat's lines, with flags and without, between notes; any NaN is as good as another
  piped '# a note\n\n3c00 3c01 3c01 00\n7c00 0 fe01 10\n7bff 7bff 7c00 05\n3c00 3c00 3c00\n' '4 cases, 0 differ' \
    "$precess" arith --hex --op mul --format fp16 --verify
  piped '3c01 3c01 bc02 0010 00\n' '1 cases, 0 differ' "$precess" arith --hex --op mulAdd --format fp16 --verify
  piped '43e80001 7e\n' '1 cases, 0 differ' "$precess" convert --hex --from fp32 --to e4m3 --overflow sat --verify
  piped '38 38 38 38 4b800000 4b800001\n' '1 cases, 0 differ' \
    "$precess" dot --hex --a-format e4m3 --k 2 --accumulator blackwell --verify
  # a wrong code, wrong flags and a number in NaN's place are found and named
  printf '3c00 3c01 3c00 00\n3c00 3c00 3c00 01\n7c00 0 7c00 10\n3c00 0 0\n' |
    "$precess" arith --hex --op mul --format fp16 --verify > "$work/out" && fail "exit status 0"
  same "$(tail -n 1 "$work/out")" "4 cases, 3 differ" "the count"
  same "$(head -n 1 "$work/out")" "standard input:1: 3c00 3c01 3c00 00: computed 3c01 00" "the line"
  ;;
verify_bad) # twin: the line is wrong
  piped '3c00 3c01 3c00 00\n' '1 cases, 0 differ' "$precess" arith --hex --op mul --format fp16 --verify
  ;;
stochastic) # 1 + 1/4 ulp in e4m3: up for a quarter of the draws; the seed decides which, and nothing else
  yes 3f820000 | head -n 4000 > "$work/in"
  "$precess" convert --hex --from fp32 --to e4m3 --rounding sr --seed 7 < "$work/in" > "$work/first" || fail "sr"
  "$precess" convert --hex --from fp32 --to e4m3 --rounding sr --seed 7 < "$work/in" > "$work/again" || fail "sr"
  "$precess" convert --hex --from fp32 --to e4m3 --rounding sr --seed 8 < "$work/in" > "$work/other" || fail "sr"
  ups=$(grep -c 39 "$work/first")
  cmp -s "$work/first" "$work/again" || fail "the same seed gives other codes"
  cmp -s "$work/first" "$work/other" && fail "another seed gives the same codes"
  [ "$ups" -gt 400 ] && [ "$ups" -lt 600 ] || fail "$ups of 4000 went up, 500 expected"
  checks=$((checks + 3))
  yes 3f820000 | head -n 64 | "$precess" convert --hex --from fp32 --to e4m3 --rounding sr --random-bits 2 > "$work/out"
  same "$(grep -c 38 "$work/out")" 64 "two random bits do not see an eighth"
  for flavour in sr-half sr-nearest sr-compare sr-normal; do
    "$precess" convert --hex --from fp32 --to e4m3 --rounding $flavour --seed 7 < "$work/in" > "$work/out" || fail $flavour
    ups=$(grep -c 39 "$work/out")
    [ "$ups" -gt 400 ] && [ "$ups" -lt 600 ] || fail "$flavour: $ups of 4000 went up, 500 expected"
    checks=$((checks + 1))
  done
  ;;
bad_flags)
  refused "--to: 'fp7'" "e5m2|e4m3" "fp32" "e<X>m<Y>" -- "$precess" convert --to fp7 1
  refused "--to: format e9m9: 9 exponent bits" "2..8" -- "$precess" convert --to e9m9 1
  refused "--to is missing" "e5m2|e4m3" -- "$precess" convert 1
  refused "--verify has no meaning without --hex" -- "$precess" convert --to fp16 --verify 1
  refused "--verify has no meaning with blocks" -- "$precess" convert --hex --from fp32 --to int8 --verify
  refused "there is no case to verify" -- sh -c 'echo | "$1" arith --hex --op add --format fp16 --verify' sh "$precess"
  refused "standard input:1: '3c00 3c00 3c00 20'" "then the result 0..ffff and perhaps flags 0..1f" -- \
    sh -c 'echo 3c00 3c00 3c00 20 | "$1" arith --hex --op add --format fp16 --verify' sh "$precess"
  refused "NUMBER is missing" -- "$precess" convert --to fp16
  refused "'1.5x' is no number" -- "$precess" convert --to fp16 1.5x
  refused "--hex reads standard input" -- "$precess" convert --hex --from fp16 --to fp16 1
  refused "--via: 'third'" "fp16|bf16" -- "$precess" convert --hex --from fp32 --via third --to e5m2
  refused "--status: 'flags'" "none|names|bits" -- "$precess" arith --hex --op add --format fp16 --status flags
  refused "--tininess: 'never'" "after|before" -- "$precess" arith --hex --op add --format fp16 --tininess never
  refused "--status has no meaning without --hex" -- "$precess" convert --to fp16 --status bits 1
  refused "--status has no meaning without --hex" -- "$precess" dot --a-format fp16 --a 1 --b 1 --status bits
  refused "--from is missing" -- "$precess" convert --hex --to fp16
  refused "--rounding: 'up'" "rne|rna|rtz|rup|rdn|rto|sr" -- "$precess" convert --to fp16 --rounding up 1
  refused "--overflow: 'wrap'" "sat|sat-inf|inf" -- "$precess" convert --to fp16 --overflow wrap 1
  refused "--random-bits: '33'" "1..32" -- "$precess" convert --to fp16 --rounding sr --random-bits 33 1
  refused "--seed has no meaning" -- "$precess" convert --to fp16 --seed 3 1
  refused "--op: 'div'" "add|sub|mul|fma" -- "$precess" arith --hex --op div --format fp16
  refused "--op is missing" -- "$precess" arith --hex --format fp16
  refused "--format is missing" -- "$precess" arith --hex --op add
  refused "--hex is missing" -- "$precess" arith --op add --format fp16
  refused "unexpected 'x'" -- "$precess" formats x
  ;;
bad_lines)
  filter() {
    refused "standard input:$1: '$2'" "$3" -- sh -c 'printf "$1" | "$2" arith --hex --op add --format e4m3' sh "$4" \
      "$precess"
  }
  filter 2 "38" "2 hexadecimal codes, 0..ff" '38 38\n38\n'
  filter 1 "38 100" "0..ff" '38 100\n'
  filter 1 "38 38 38" "2 hexadecimal codes" '38 38 38\n'
  filter 3 "38 3g" "0..ff" '38 38\n00 01\n38 3g\n'
  filter 1 "" "0..ff" '\n'
  filter 1 "-1 0" "0..ff" '%s-1 0\n'
  filter 1 "38 0x" "0..ff" '38 0x\n'
  filter 1 "38 38" "0..ff" '38 38\0 38\n'
  ;;
convert_block)
  same "$("$precess" convert --to mxfp8-e4m3 480 0.3 -- -7 | tail -1)" "= 2^0 * 448 0.3125 -7 (overflow,inexact)" "floor"
  same "$("$precess" convert --to mxfp8-e4m3 --scale round-up 480 | tail -1)" "= 2^1 * 240" "round-up"
  same "$("$precess" convert --to mxfp4 --scale even 7.9 | tail -1)" "= 2^1 * 4 (inexact)" "even"
  same "$("$precess" convert --to int8 200 -- -2.5 | tr '\n' ' ')" "200 -> 7f = 127 (overflow,inexact) -2.5 -> fe = -2 (inexact) " "int8"
  same "$("$precess" convert --to int4:2 1.3 | tail -1)" "= 1.25 (inexact)" "int4 with 2 bits below the point"
  same "$("$precess" convert --to radix4-fp4 0.625 0.624 | tr '\n' ' ')" "0.625 -> 7 = 1 (inexact) 0.624 -> 6 = 0.25 (inexact) " "radix 4"
  piped '3f800000 bf000000\n7f800000 0\n' '7f 40 e0 00 7f 00' "$precess" convert --hex --from fp32 --to bfp:2:7:8
  line=$(printf '3f800000 %.0s' $(seq 31))
  piped "$line 7fc00000\n$line 0\n" "ff$(printf ' 00%.0s' $(seq 32)) 7f$(printf ' 40%.0s' $(seq 31)) 00" \
    "$precess" convert --hex --from fp32 --to mxint8
  refused "block format 'mxfp9'" "mxfp8-e4m3|" -- "$precess" convert --to mxfp9 1
  refused "--scale: 'up'" "floor|ceil|round-up|even" -- "$precess" convert --to mxfp4 --scale up 1
  refused "--scale has no meaning for fp16" -- "$precess" convert --to fp16 --scale ceil 1
  refused "'int17'" "int2..int16" -- "$precess" convert --to int17 1
  refused "'rup' to luq-fp4" "rne|rtz|sr" -- "$precess" convert --to luq-fp4 --rounding rup 1
  refused "3 numbers in a block" "up to 2" -- "$precess" convert --to bfp:2:7:8 1 2 3
  ;;
convert_file)
  # four floats: 1, 464 (max), -1e6 (over), NaN; as raw and as .npy of shape (2, 2)
  printf '\000\000\200\077\000\000\350\103\000\044\164\311\000\000\300\177' > "$work/x.raw"
  header="{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
  { printf '\223NUMPY\001\000\166\000%-117s\n' "$header"; cat "$work/x.raw"; } > "$work/x.npy"
  "$precess" convert --input "$work/x.raw" --from fp32 --to e4m3 --output "$work/y.raw" > "$work/raw" || fail "raw"
  "$precess" convert --input "$work/x.npy" --to e4m3 --output "$work/y.npy" > "$work/npy" || fail "npy"
  same "$(od -An -tx1 "$work/y.raw")" " 38 7e 7f 7f" "raw codes"
  same "$(tail -c 4 "$work/y.npy" | od -An -tx1)" " 38 7e 7f 7f" "codes in .npy"
  same "$(head -c 80 "$work/y.npy" | tail -c +11)" "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }           " "header"
  cmp -s "$work/raw" "$work/npy" || fail "raw and .npy have other statistics"
  same "$(awk '{ print $1, $2, $3 }' "$work/raw" | tr '\n' ' ')" \
    "converted 4 values, inexact 2 (50.000 overflow 1 (25.000 underflow 0 (0.000 invalid 1 (25.000 NaN in 1 NaN out 2 max |error| 16 mean |error| 8 " \
    "statistics"
  "$precess" convert --input "$work/y.npy" --from e4m3 --to fp16 --output "$work/z.npy" --json > "$work/json" || fail "back"
  "$json_check" < "$work/json" || fail "--json"
  same "$(tail -c 8 "$work/z.npy" | od -An -tx2)" " 3c00 5f00 7e00 7e00" "back in fp16"
  refused "element 3 is NaN" "--nan propagate" -- "$precess" convert --input "$work/x.npy" --to e4m3 --nan stop --output "$work/n.npy"
  refused "--from is missing" -- "$precess" convert --input "$work/x.raw" --to e4m3
  refused "f4 are no codes of fp16" -- "$precess" convert --input "$work/x.npy" --from fp16 --to e4m3
  refused "element 0: 38 is no code of e2m1" "0..f" -- "$precess" convert --input "$work/y.raw" --from e2m1 --to fp32
  refused "--output has no meaning" -- "$precess" convert --to e4m3 --output "$work/n.npy" 1
  refused "--nan: 'skip'" "propagate|stop" -- "$precess" convert --input "$work/x.npy" --to e4m3 --nan skip
  refused "--to mxfp4" -- "$precess" convert --input "$work/x.npy" --to mxfp4
  refused "no-such.npy" -- "$precess" convert --input "$work/no-such.npy" --to e4m3
  head -c 143 "$work/x.npy" > "$work/cut.npy"
  refused "cut.npy: 15 bytes of data" "shape (2, 2)" -- "$precess" convert --input "$work/cut.npy" --to e4m3
  head -c 40 "$work/x.npy" > "$work/head.npy"
  refused "head.npy: the header is cut off" -- "$precess" convert --input "$work/head.npy" --to e4m3
  sed 's/<f4/<f8/' "$work/x.npy" > "$work/f8.npy"
  refused "f8.npy: elements '<f8'" "f2, f4, u1" -- "$precess" convert --input "$work/f8.npy" --to e4m3
  cp "$work/x.raw" "$work/raw.npy"
  refused "raw.npy: not a .npy file" -- "$precess" convert --input "$work/raw.npy" --to e4m3
  ;;
own_formats)
  cat > "$work/f.yaml" <<'YAML'
formats:
  - {name: fp9, exponent-bits: 5, mantissa-bits: 3}
  - {name: mine, exponent-bits: 4, mantissa-bits: 3, bias: 9, top: full, zero: nan}
YAML
  same "$("$precess" formats --formats "$work/f.yaml" | awk '$1 == "mine" { print $2, $5, $6, $10, $11 }')" "8 9 120 nan +0" "a row"
  "$precess" formats --formats "$work/f.yaml" --json > "$work/json" && "$json_check" < "$work/json" || fail "formats --json"
  same "$("$precess" convert --formats "$work/f.yaml" --to mine 100)" "100 -> mine 0x7c = 96 (inexact)" "convert"
  same "$("$precess" convert --to e3m5 3.14159)" "3.14159 -> e3m5 0x092 = 3.125 (inexact)" "by its fields"
  piped '48 48\n' '50 -' "$precess" arith --hex --op add --format mine --formats "$work/f.yaml"
  piped '48 48 3f800000\n' '40000000' "$precess" dot --hex --k 1 --accumulator fma --a-format mine --formats "$work/f.yaml"
  piped '47400000\n47400001\n80000000\nff800000\n' '7e 7f 00 ff' "$precess" convert --hex --from fp32 --to Binary8p3se --rounding rup
  same "$("$precess" convert --to binary8p4se 224)" "224 -> binary8p4se 0x7e = 224" "P3109"
  refused "--to: 'binary9p0se'" "binary<K>p<P>se" -- "$precess" convert --to binary9p0se 1
  printf 'formats:\n  - {name: tpu, exponent-bits: 8, mantissa-bits: 7, lowest: flush}\n' > "$work/flush.yaml"
  piped '0001 3f80\n8080 3f00\n' '0000 00 8000 03' \
    "$precess" arith --hex --op mul --format tpu --formats "$work/flush.yaml" --status bits
  same "$("$precess" formats --formats "$work/flush.yaml" | awk '$1 == "tpu" { print $7, $8 }')" "1.17549e-38 -" "flushed"
  refused "--to: format e3m24: 24 mantissa bits" "1..23" -- "$precess" convert --to e3m24 1
  refused "--to: format e0m4: 0 exponent bits" "2..8" -- "$precess" convert --to e0m4 1
  yaml() { # text that must be refused, what the message says
    printf "$1" > "$work/bad.yaml"
    shift
    refused "$@" -- "$precess" formats --formats "$work/bad.yaml"
  }
  yaml 'format: []\n' "bad.yaml:1: no list of formats"
  yaml 'formats:\n  - {name: x, exponent-bits: 5}\n' "bad.yaml:2: mantissa-bits is missing"
  yaml 'formats:\n  - {name: x, exponent-bits: 5, mantissa-bits: 3, tip: full}\n' "bad.yaml:2: tip: unknown key" "top|lowest"
  yaml 'formats:\n  - {name: x, exponent-bits: 9, mantissa-bits: 3}\n' "bad.yaml:2" "2..8"
  yaml 'formats:\n  - {name: x, exponent-bits: 5, mantissa-bits: 3, bias: 200}\n' "bias 200 leaves the range of fp32" "-97..147"
  yaml 'formats:\n  - {name: fp16, exponent-bits: 5, mantissa-bits: 3}\n' "name: 'fp16'" "name no format yet"
  yaml 'formats:\n  - {name: x, exponent-bits: 5, mantissa-bits: 3, top: odd}\n' "bad.yaml:2" "ieee|fn|full"
  ;;
dot)
  # the issue of a sum is its order: 2^24 + 1 + 1, and what 2^14 - 2^14 leaves of small products
  numbers="--a-format fp16 --a 4096,1,1 --b 4096,1,1"
  same "$("$precess" dot $numbers --accumulator fma | tail -1)" "result                 fp32 0x4b800000 = 16777216 (inexact)" fma
  same "$("$precess" dot $numbers --accumulator exact | tail -1)" "result                 fp32 0x4b800001 = 16777218" exact
  "$precess" dot $numbers --accumulator chunk:2 > "$work/out" || fail "chunk:2"
  same "$(awk '{ print $1 }' "$work/out" | tr '\n' ' ')" "a a a c chunk chunk group sum chunk group sum result " "partial sums"
  "$precess" dot $numbers > "$work/out" || fail "every accumulator"
  same "$(grep -c '^volta .*= 16777216 (inexact)$' "$work/out")" 1 "volta"
  same "$(grep -c '^hopper .*= 16777218$' "$work/out")" 1 "hopper"
  same "$(grep -c '^hopper-mma-fp8' "$work/out")" 0 "an accumulator that does not take FP16"
  same "$("$precess" dot --a-format e4m3 --a -1 --b 448 --c-format bf16 --c 1 --accumulator mul-add | tail -1)" \
    "result                 bf16 0xc3e0 = -448 (inexact)" "a negative number"
  ;;
dot_hex)
  ones=$(printf '38 %.0s' $(seq 32))
  piped "$ones$ones 3f800000\n$ones$ones 0x4B800000\n" '42040000 4b800000' \
    "$precess" dot --hex --a-format e4m3 --b-format e4m3 --k 32 --c-format fp32 --accumulator hopper
  piped "$ones$ones 4B800000\n" '4b800010' \
    "$precess" dot --hex --a-format e4m3 --b-format e4m3 --k 32 --c-format fp32 --accumulator blackwell
  piped '3c00 7e00 3c00 3c00 0000\n7c00 fc00 3c00 3c00 0\n' '7fff 7fff' \
    "$precess" dot --hex --a-format fp16 --b-format fp16 --k 2 --c-format fp16 --accumulator volta
  piped '3c00 4000 3c00 3c00 3f800000\n' '40800000' \
    "$precess" dot --hex --a-format fp16 --k 2 --accumulator 'aligned:f=24,groups=1/0,addend=outside'
  # 2^-9 * 2^-9 lies below the register's last bit; 448 * 448 is beyond its first one
  piped '01 01 0\n7e 7e 0\n40 3c 3f800000\n' '00000000 01 c7700000 05 40800000 00' \
    "$precess" dot --hex --a-format e4m3 --k 1 --accumulator register:anchor=-4,bits=22 --status bits
  # MXFP4: 1 * 1 + 2 * 3 in units of 2^(1 - 2), then 4 * 0.5 + 6 * 1 in units of 2^(0 + 3); a NaN scale
  piped '2 4 6 7 2 5 1 2 0 80 7f 7d 82\n2 4 6 7 2 5 1 2 0 80 7f 7d ff\n' '42870000 7fc00000' \
    "$precess" dot --hex --scales --a-format e2m1 --k 4 --accumulator tile:2
  # mxf4nvf4: 16 products of 1 * 0.5 with scales 1.5 and 2, on 2^24
  piped "$(yes 2 | head -n 16 | tr '\n' ' ')$(yes 1 | head -n 16 | tr '\n' ' ')4b800000 3c 40\n" '4b80000c' \
    "$precess" dot --hex --scales --scale-format ue4m3 --a-format e2m1 --k 16 --accumulator mxf4nvf4
  piped "$ones$ones 3f800000 6b 7f\n$ones$ones 3f800000 7f 65\n" '3f800100 3f800000' \
    "$precess" dot --hex --scales --a-format e4m3 --k 32 --accumulator blackwell
  piped '8000 3c00 80000000\n' '00000000' "$precess" dot --hex --a-format bf16 --k 1 --accumulator ampere
  piped '8000 3c00 80000000\n' '80000000' "$precess" dot --hex --a-format bf16 --k 1 --accumulator fma
  piped '3c01 3c01 3c00\n' '4001' \
    "$precess" dot --hex --a-format fp16 --k 1 --c-format fp16 --accumulator fma --rounding rtz
  ;;
gemm)
  npy a '<f4' '(2, 3)' 45800000 3f800000 3f800000 3f800000 bf800000 3dcccccd # 4096 1 1; 1 -1 0.1
  npy b '<f4' '(3, 2)' 45800000 0 3f800000 3f800000 3f800000 0               # 4096 0; 1 1; 1 0
  npy c '<f4' '(2, 2)' 0 3f800000 0 7fc00000                                 # 0 1; 0 NaN
  "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --a-format fp16 --accumulator volta --output "$work/y.npy" \
    > "$work/out" || fail "volta"
  same "$(tail -c 16 "$work/y.npy" | od -An -tx4)" " 4b800000 3f800000 457ff198 bf800000" "volta"
  same "$(head -c 80 "$work/y.npy" | tail -c +11)" "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }           " "header"
  same "$(awk '{ print $1, $2, $3 }' "$work/out" | head -4 | tr '\n' ' ')" "A 2 x B 3 x Y 4 outputs, inexact 2 (50.000 " "volta"
  same "$(grep -c 'A  *2 x 3, fp16, 1 elements rounded to it, 0 NaN' "$work/out")" 1 "roundings of A"
  same "$(awk '$1 == "max" { print $3 }' "$work/out")" 2 "error of volta"
  "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --a-format fp16 --accumulator exact --output "$work/e.npy" \
    --executor ref --json > "$work/json" || fail "exact"
  "$json_check" < "$work/json" || fail "--json"
  same "$(tail -c 16 "$work/e.npy" | od -An -tx4)" " 4b800001 3f800000 457ff19a bf800000" "exact"
  same "$(grep -c '"max_abs_error":.0,' "$work/json")" 1 "error of exact sums"
  "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --c "$work/c.npy" --a-format bf16 --c-format e5m2 \
    --accumulator fma --overflow sat --rounding rtz --output "$work/y.npy" > "$work/out" || fail "e5m2"
  same "$(tail -c 4 "$work/y.npy" | od -An -tx1)" " 7b 40 6b 7e" "codes"
  same "$(awk '$1 == "NaN" { print $2 }' "$work/out")" 1 "NaN"
  same "$("$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --accumulator exact | tail -1)" \
    "computed         proven 100.000 %, single 0.000 %, double 0.000 %, defined 0.000 %" "proven"
  # codes in, and the same bits from every kernel
  npy x '|u1' '(1, 4)' 38 39 3a 3b
  npy z '|u1' '(4, 1)' 38 39 3a 3b
  for how in '--executor ref' '--isa portable --threads 3' ''; do
    "$precess" gemm --a "$work/x.npy" --b "$work/z.npy" --a-format e4m3 --accumulator hopper --output "$work/y.npy" $how \
      > "$work/out" || fail "codes $how"
    same "$(tail -c 4 "$work/y.npy" | od -An -tx4)" " 40b70000" "codes $how"
  done
  ;;
gemm_array)
  # 448 * 448 + 2^-9 * 2^-9 + 1, and 1: on arrays of the kind float, and what is printed of them
  npy a '|u1' '(2, 3)' 7e 01 38 38 00 00
  npy b '|u1' '(3, 1)' 7e 01 38
  gemm="$precess gemm --a $work/a.npy --b $work/b.npy --a-format e4m3 --output $work/y.npy"
  for how in '--executor cycle --rows 2 --cols 3' '--executor cycle --rows 3 --cols 1 --dataflow ws' \
    '--executor cycle --rows 3 --cols 2 --dataflow is' '--executor ref' ''; do
    $gemm --accumulator register $how --json > "$work/json" || fail "register $how"
    "$json_check" < "$work/json" || fail "--json $how"
    same "$(tail -c 8 "$work/y.npy" | od -An -tx4)" " 48440040 43e00000" "register $how"
    same "$(grep -c '"exact":.true' "$work/json")" 1 "register $how"
  done
  $gemm --accumulator register:anchor=-16,bits=40 --executor cycle --rows 2 --cols 2 --acc-bits 40 > "$work/out" || fail "40 bits"
  same "$(awk '$1 == "inexact" { print $2 }' "$work/out")" 1 "a product below the anchor"
  same "$(awk '$1 == "clocks" { print $2 }' "$work/out")" "8," "3 steps, 2 x 2 PEs"
  $gemm --accumulator register:anchor=-20,bits=24 --executor cycle --rows 2 --cols 2 --acc-bits 24 > "$work/out" || fail "24 bits"
  same "$(awk '$1 == "overflow" { print $2 }' "$work/out")" 2 "sums beyond the register"
  refused "accumulator on an array" "register:anchor=A" -- $gemm --accumulator exact --executor cycle
  refused "kind gated does not multiply" "legal: float" -- $gemm --accumulator register --executor cycle --kind gated
  refused "array.rows has no meaning with --executor fast" -- $gemm --accumulator register --rows 8
  refused "a register of 32 bits, the array has 48" -- $gemm --accumulator register:anchor=-20,bits=32 --executor cycle
  refused "anchor -21" "-256..252 in steps of 4" -- $gemm --accumulator register:anchor=-21 --executor cycle
  refused "registers of 3 products" "1..2" -- $gemm --accumulator register:anchor=-20 --executor cycle --rows 2 --dataflow ws
  npy f '<f4' '(3, 1)' 3f800000 0 0
  refused "format fp32 on an array" -- "$precess" gemm --a "$work/a.npy" --b "$work/f.npy" --a-format e4m3 --b-format fp32 \
    --accumulator register --executor cycle
  ;;
gemm_scales)
  # MXFP4: two tiles of 2 in K; 1*1 + 2*3 in units of 2^(1 - 2), then 4*0.5 + 6*1 in units of 2^(0 + 3), tile by tile
  npy a '|u1' '(1, 4)' 2 4 6 7
  npy b '|u1' '(4, 1)' 2 5 1 2
  npy p '|u1' '(1, 2)' 80 7f
  npy q '|u1' '(2, 1)' 7d 82
  npy one '|u1' '(1, 1)' 7f
  for how in '--executor ref' '--isa portable' ''; do
    "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --a-format e2m1 --a-scales "$work/p.npy" --b-scales "$work/q.npy" \
      --accumulator tile:2 --output "$work/y.npy" $how --json > "$work/json" || fail "scales $how"
    same "$(tail -c 4 "$work/y.npy" | od -An -tx4)" " 42870000" "scales $how" # 7 / 2 + 8 * 8 = 67.5
  done
  "$json_check" < "$work/json" || fail "--json"
  # UE4M3: two tiles of 2, 7 * 1.5 * 0.5 + 8 * 0.25 * 2 = 9.25; as numbers and as codes
  npy p '|u1' '(1, 2)' 3c 28
  npy q '<f4' '(2, 1)' 3f000000 40000000
  gemm="$precess gemm --a $work/a.npy --b $work/b.npy --a-format e2m1 --a-scales $work/p.npy --b-scales $work/q.npy"
  $gemm --accumulator tile:2 --scale-format ue4m3 --output "$work/y.npy" > "$work/out" || fail "ue4m3"
  same "$(tail -c 4 "$work/y.npy" | od -An -tx4)" " 41140000" "UE4M3 scales"
  refused "--scale-format: 'fp16'" "e8m0|ue4m3" -- $gemm --accumulator tile:2 --scale-format fp16
  refused "UE4M3 scales with this accumulator" "tile:N, mxf4nvf4" -- $gemm --accumulator blackwell --scale-format ue4m3 --block 2
  refused "UE4M3 scales with this accumulator" -- $gemm --accumulator register:anchor=-8 --scale-format ue4m3 --block 2
  refused "--scale-format has no meaning without --a-scales" -- "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" \
    --a-format e2m1 --accumulator exact --scale-format ue4m3
  npy p '|u1' '(1, 1)' 38
  npy q '|u1' '(1, 1)' 40
  gemm="$precess gemm --a $work/a.npy --b $work/b.npy --a-format e2m1 --a-scales $work/p.npy --b-scales $work/q.npy"
  $gemm --accumulator mxf4nvf4 --scale-format ue4m3 --output "$work/y.npy" > "$work/out" || fail "mxf4nvf4"
  same "$(tail -c 4 "$work/y.npy" | od -An -tx4)" " 41f00000" "one block of mxf4nvf4: 15 * 2"
  npy p '|u1' '(1, 2)' 80 7f
  npy q '|u1' '(2, 1)' 7d 82
  gemm="$precess gemm --a $work/a.npy --b $work/b.npy --a-format e2m1 --a-scales $work/p.npy"
  refused "--b-scales is missing" -- $gemm --accumulator tile:2
  refused "--b-scales: 1 x 2; legal: 2 x 1" -- $gemm --b-scales "$work/p.npy" --accumulator tile:2
  refused "--a-scales: 1 x 2; legal: 1 x 4" -- $gemm --b-scales "$work/q.npy" --accumulator fma
  refused "tile:N" -- "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --a-format e2m1 --a-scales "$work/one.npy" \
    --b-scales "$work/one.npy" --accumulator exact
  ;;
gemm_blocks | gemm_blocks_bad)
  # Blocks of 3 with 3 magnitude bits, "1.m".  1 0.5 -2 in units of 2^-1, exact; 3 100 0.25 in units of 2^4: 0 96 0
  npy a '<f4' '(2, 6)' 3f800000 3f000000 c0000000 40400000 42c80000 3e800000 7fc00000 3f800000 0 0 0 40000000
  npy b '<f4' '(6, 1)' 3f800000 3f800000 3f800000 3f800000 3f800000 3f800000
  gemm="$precess gemm --a $work/a.npy --b $work/b.npy --output $work/y.npy"
  expected=" 42bf0000 7fc00000" # 1 + 0.5 - 2 + 96 = 95.5; a NaN in its first block
  [ "$case_name" = gemm_blocks ] || expected=" 42c70000 7fc00000" # as if nothing were quantized
  for how in '--executor cycle --rows 2 --cols 3' '--executor cycle --rows 3 --cols 1 --dataflow ws' \
    '--executor cycle --rows 3 --cols 2 --dataflow is' '--executor ref' ''; do
    $gemm --a-format bfp:3:3:8 --accumulator register $how --json > "$work/json" || fail "register $how"
    "$json_check" < "$work/json" || fail "--json $how"
    same "$(tail -c 8 "$work/y.npy" | od -An -tx4)" "$expected" "register $how"
    same "$(grep -c '"exact":.true' "$work/json")" 1 "register $how"
    same "$(grep -c '"a_rounded":.3,' "$work/json")" 1 "rounded elements"
    same "$(grep -c '"nan_in":.3,' "$work/json")" 1 "elements of a block that is no number"
  done
  $gemm --a-format bfp:3:3:8 --accumulator register:anchor=-4,bits=24 --executor cycle --rows 2 --cols 1 --acc-bits 24 > "$work/out" ||
    fail "24 bits"
  same "$(awk '$1 == "array" { print $5 }' "$work/out")" "bfp," "the kind of array"
  same "$(awk '$1 == "clocks" { print $2 }' "$work/out")" "28," "6 steps of 4 clocks, 2 x 1 PEs"
  $gemm --a-format hbfp:3:4:6 --b-format hbfp:3:2:6 --accumulator tile:3 > /dev/null || fail "tile"
  same "$(tail -c 8 "$work/y.npy" | od -An -tx4)" " 428f7000 7fc00000" "hbfp: (1 + 0.5 - 1.875 + 96) * 0.75"
  $gemm --a-format mxfp8-e4m3 --accumulator blackwell --scale ceil > /dev/null || fail "mxfp8"
  same "$(tail -c 8 "$work/y.npy" | od -An -tx4)" " 42c58000 7fffffff" "mxfp8: 1 + 0.5 - 2 + 3 + 96 + 0.25"
  npy p '|u1' '(2, 2)' 80 7f 7f 7f
  npy q '|u1' '(2, 1)' 7d 82
  npy u '|u1' '(2, 6)' 2 4 6 7 1 0 9 0 0 0 0 f
  npy v '|u1' '(6, 1)' 2 5 1 2 2 0
  for how in '--executor ref' '--executor cycle --rows 2 --cols 2' ''; do # MXFP4, (1 + 6 + 2) / 2 + (6 + 0.5) * 8, -1 / 8
    "$precess" gemm --a "$work/u.npy" --b "$work/v.npy" --a-format e2m1 --a-scales "$work/p.npy" --b-scales "$work/q.npy" \
      --block 3 --accumulator register --output "$work/y.npy" $how > /dev/null || fail "block $how"
    same "$(tail -c 8 "$work/y.npy" | od -An -tx4)" " 42620000 be000000" "block $how"
  done
  refused "--block is missing" -- "$precess" gemm --a "$work/u.npy" --b "$work/v.npy" --a-format e2m1 \
    --a-scales "$work/p.npy" --b-scales "$work/q.npy" --accumulator register
  refused "--block has no meaning" -- $gemm --a-format bfp:3:3:8 --block 3 --accumulator register
  refused "--a-scales has no meaning" -- $gemm --a-format bfp:3:3:8 --a-scales "$work/p.npy" --accumulator register
  refused "--scale has no meaning" "mx formats" -- $gemm --a-format bfp:3:3:8 --scale even --accumulator register
  refused "bfp:3:3:8 with fp16" "of both A and B" -- $gemm --a-format bfp:3:3:8 --b-format fp16 --accumulator register
  refused "blocks of 3 in A, of 4 in B" -- $gemm --a-format bfp:3:3:8 --b-format bfp:4:3:8 --accumulator register
  refused "--a-format: block format 'bfp:'" "bfp:G:M:E" -- $gemm --a-format bfp --accumulator register
  refused "blocks of 3 with an accumulator of groups of 4" -- $gemm --a-format bfp:3:3:8 --accumulator tile:4
  refused "scales with this accumulator" "tile:N" -- $gemm --a-format bfp:3:3:8 --accumulator fma
  refused "format bfp:3:8:8 on an array of the kind bfp" "up to 7 magnitude bits" -- $gemm --a-format bfp:3:8:8 --accumulator register \
    --executor cycle
  refused "format e4m3 on an array of the kind bfp" -- $gemm --a-format mxfp8-e4m3 --accumulator register --executor cycle
  refused "scales on an array of the kind float" "legal: the kind bfp" -- $gemm --a-format bfp:3:3:8 --accumulator register \
    --executor cycle --kind float
  refused "anchor -4 on an array" "-262..246 in steps of 4" -- $gemm --a-format hbfp:3:3:8 --accumulator register:anchor=-4 \
    --executor cycle
  refused "a: 3 of 12 elements are NaN, the first at [1, 0]" -- $gemm --a-format bfp:3:3:8 --accumulator register --nan stop
  ;;
estimate_formats | estimate_formats_bad)
  # One layer of 3 x 9 times 9 x 5: clocks are those of the same product on the array, energy is counts times the table.
  printf '%s {gemm: fc, m: 3, n: 5, k: 9, first: yes}\n' - > "$work/net.yaml"
  words=$(awk 'BEGIN { for (i = 0; i < 45; i++) printf " %x", 0x38 + i % 7 }')
  first=$(echo $words | cut -d' ' -f1-27)
  npy a '|u1' '(3, 9)' $first
  npy b '|u1' '(9, 5)' $words
  npy c '<f2' '(3, 9)' $(echo $first | sed 's/[0-9a-f][0-9a-f]/&00/g')
  npy d '<f2' '(9, 5)' $(echo $words | sed 's/[0-9a-f][0-9a-f]/&00/g')
  table=$(dirname "$0")/../../energy/tables/gates-45nm.csv
  once="$precess estimate --network $work/net.yaml --iterations 1 --batch 1 --rows 4 --cols 4"
  of() { # a number of the pass "forward"
    sed -n '/"forward"/,/"dgrad"/p' "$work/json" | grep -m 1 "\"$1\":" | cut -d: -f2 | tr -dc '0-9.'
  }
  for flow in os ws is; do
    for kind in float bfp; do
      case $kind in
      float) operands='--fw-format e4m3 --bw-format e5m2' row=e4m3,e4m3 gemm="--a $work/a.npy --b $work/b.npy --a-format e4m3" ;;
      bfp) operands='--schedule static:4/8' row=4,4 gemm="--a $work/c.npy --b $work/d.npy --a-format bfp:4:3:8" ;;
      esac
      $once --kind $kind $operands --dataflow $flow --json > "$work/json" || fail "$kind, $flow"
      "$json_check" < "$work/json" || fail "--json"
      clocks=$("$precess" gemm $gemm --accumulator register --executor cycle --rows 4 --cols 4 --dataflow $flow |
        awk '$1 == "clocks" { sub(",", "", $2); print $2 }')
      [ "$case_name" = estimate_formats ] || clocks=$((clocks + 1))
      same "$(of cycles)" "$clocks" "clocks of $kind, $flow"
      pe=$([ $flow = os ] && echo os || echo ws)
      same "$(of mac | cut -c1-6)" "$(awk -F, -v row="mac_cycle,$kind/$pe,$row," 'index($0, row) == 1 {
        printf "%.6g", $5 * 3 * 5 * 9 * (row ~ /bfp/ ? 4 : 1) }' "$table" | cut -c1-6)" "energy of $kind, $flow"
    done
  done
  # Mantissas of 4 bits, an exponent for each 4 of 9 steps: 3 in each of 3 rows and of 5 columns.  bfp is the last above.
  $once --kind bfp --schedule static:4/8 --block 4 --exponent-bits 5 --json > "$work/json" || fail "blocks"
  "$json_check" < "$work/json" || fail "--json of blocks"
  counts() { # a count of the pass "forward" of one iteration
    sed -n '/"per_iteration"/,$p' "$work/json" | sed -n '/"forward"/,/"dgrad"/p' | grep -m 1 "\"$1\":" | cut -d: -f2 |
      tr -dc '0-9.'
  }
  exponent=$([ "$case_name" = estimate_formats ] && echo 5 || echo 6)
  a=$((3 * 9 * 4 + 3 * 3 * exponent)) b=$((9 * 5 * 4 + 5 * 3 * exponent))
  same "$(counts dram_read)" $((a + b)) "bits from DRAM, exponents and mantissas"
  same "$(counts sram_read)" $((2 * a + b)) "bits at the edge: A for two columns of tiles"
  sed -n '/"layers_of_asked_kind"/,$p' "$work/json" > "$work/layers"
  same "$(grep -m 1 '"cycles":' "$work/layers")" "$(sed -n '/"all"/,$p' "$work/json" | grep -m 1 '"cycles":' | sed 's/^/\t/')" \
    "the only layer is all, in JSON"
  for operands in '--kind bfp --schedule static:4/8' '--kind float --fw-format e4m3 --bw-format e5m2'; do
    $once $operands --layers --blocks --conventions > "$work/out" || fail "splits of $operands"
    all=$(awk '$1 == "all" { print $2 }' "$work/out")
    forward=$(awk '$1 == "forward" { print $2; exit }' "$work/out")
    same "$(awk '/, by layer/ { on = 1 } on && $1 == "fc" { print $4; exit }' "$work/out")" "$all" "a layer of $operands"
    same "$(awk '/, blocks at/ { on = 1 } on && $1 == "fc" && $2 == "forward" { print $3, $4 $5 $6 $7 $8 }' "$work/out")" \
      "1 3x5x9" "blocks of $operands"
    same "$(awk '$1 == "Precess" { printf "%.2f", $3 }' "$work/out")" "$forward" "clocks of one iteration, $operands"
  done
  same "$(grep -c 'float, blocks at e4m3/e5m2;' "$work/out")" 1 "formats, not bits"
  same "$(grep -c 'savings against gated, 8/8 bits' "$work/out")" 1 "of what layers are compared with"
  $once --kind bfp --schedule static:4/8 > "$work/out" || fail "blocks of 16"
  same "$(grep -c '  16 mantissas along K share an exponent of 8 bits' "$work/out")" 1 "default blocks"
  refused "--block: '0'" "1..1024" -- $once --kind bfp --schedule static:4/8 --block 0
  refused "--exponent-bits: '9'" "2..8" -- $once --kind bfp --schedule static:4/8 --exponent-bits 9
  refused "--block has no meaning with --kind float" "legal: with --kind bfp" -- $once --kind float --fw-format fp16 --block 8
  refused "--exponent-bits has no meaning for integers" -- $once --exponent-bits 8
  $once --kind float --fw-format fp16 > "$work/out" || fail "fp16"
  same "$(grep -c '^  gated, 8/8 bits' "$work/out")" 1 "beside it"
  same "$(grep -c 'its PEs reach 341.5 MHz' "$work/out")" 1 "the clock of its PEs"
  $once --kind float --fw-format bf16 --clock own > "$work/out" || fail "own clock"
  same "$(grep -c 'at 341.5' "$work/out")" 1 "--clock own"
  refused "--fw-format is missing" -- $once --kind float
  refused "no row covers event" "kind float, pa e3m4, pb e3m4" "e5m2|e4m3|e2m1|fp16|bf16" -- $once --kind float --fw-format e3m4
  refused "no row covers event" "kind bfp, pa 5, pb 5" "for 2|3|4|6|8" -- $once --kind bfp --schedule static:5/8
  refused "--fw-format: tf32" "up to 16 bits" -- $once --kind float --fw-format tf32
  refused "format e9m9: 9 exponent bits" -- $once --kind float --fw-format e9m9
  refused "--fw-format: frob on an array" -- $once --kind float --fw-format frob
  refused "--schedule has no meaning with --fw-format" -- $once --kind float --fw-format e4m3 --schedule static:8/8
  refused "not for the kind float" "float:FW/BW" -- $once --kind float --schedule static:8/8
  refused "not for the kind bfp" "bits of mantissas" -- $once --kind bfp --schedule float:e4m3
  refused "'bfp:0:8:static:4/4'" "N 1..1024" -- $once --kind bfp --schedule bfp:0:8:static:4/4
  refused "'bfp:16:9:static:4/4'" "E 2..8 bits" -- $once --kind bfp --schedule bfp:16:9:static:4/4
  refused "'float:e4m3/'" "float:FW/BW" -- $once --kind float --schedule float:e4m3/
  refused "--block has no meaning with a schedule bfp:N:E:SPEC" -- $once --kind bfp --schedule bfp:16:8:static:4/4 --block 8
  for pair in "float float:e4m3/e5m2 --fw-format e4m3 --bw-format e5m2" \
    "bfp bfp:4:5:static:4/8 --schedule static:4/8 --block 4 --exponent-bits 5"; do
    set -- $pair
    kind=$1 spec=$2
    shift 2
    $once --kind $kind --schedule $spec --json | grep -v '"schedule"' > "$work/one" || fail "$spec"
    $once --kind $kind "$@" --json | grep -v '"schedule"' | cmp -s - "$work/one" || fail "$spec is not $*"
    checks=$((checks + 1))
  done
  refused "--bw-format has no meaning with --kind bfp" -- $once --kind bfp --bw-format e4m3 --schedule static:8/8
  refused "--fw-format has no meaning for integers" -- $once --fw-format e4m3
  refused "acc-bits: 32 with the kind bfp" "legal: 48" -- $once --kind bfp --schedule static:8/8 --acc-bits 32
  refused "no row covers event" "kind float" -- $once --kind float --fw-format e4m3 --energy-table horowitz-45nm
  ;;
gemm_bad_input)
  npy a '<f4' '(2, 3)' 3f800000 3f800000 3f800000 3f800000 3f800000 3f800000
  npy b '<f4' '(2, 2)' 0 3f800000 0 7fc00000
  npy v '<f4' '(4,)' 0 3f800000 0 7fc00000
  npy u '|u1' '(2, 2)' 38 38 ff 38
  gemm="$precess gemm --a $work/b.npy --b $work/b.npy"
  refused "--a is missing" -- "$precess" gemm --b "$work/b.npy" --accumulator fma
  refused "--accumulator is missing" -- $gemm
  refused "accumulator 'kahan'" "exact|fma" -- $gemm --accumulator kahan
  refused "A is 2 x 3, B is 2 x 2" -- "$precess" gemm --a "$work/a.npy" --b "$work/b.npy" --accumulator fma
  refused "C is 2 x 3" "legal: 2 x 2" -- $gemm --c "$work/a.npy" --accumulator fma
  refused "v.npy: shape (4,)" "legal: a matrix" -- "$precess" gemm --a "$work/v.npy" --b "$work/b.npy" --accumulator fma
  refused "--a-format is missing" -- "$precess" gemm --a "$work/u.npy" --b "$work/b.npy" --accumulator fma
  refused "u1 are no codes of fp16" -- "$precess" gemm --a "$work/u.npy" --b "$work/u.npy" --a-format fp16 --accumulator fma
  refused "element [0, 0]: 38 is no code of e2m1" "0..f" -- \
    "$precess" gemm --a "$work/u.npy" --b "$work/u.npy" --a-format e2m1 --accumulator fma
  refused "a: 1 of 4 elements are NaN, the first at [1, 1]" -- $gemm --accumulator fma --nan stop --output "$work/n.npy"
  refused "--nan: 'skip'" "propagate|stop" -- $gemm --accumulator fma --nan skip
  refused "--executor: 'gpu'" "fast|ref|cycle|rtl" -- $gemm --accumulator fma --executor gpu
  refused "--isa: 'sse'" "portable|avx2" -- $gemm --accumulator fma --isa sse
  refused "--threads: '0'" "1..1024" -- $gemm --accumulator fma --threads 0
  refused "--rounding has no meaning" -- $gemm --a-format fp16 --accumulator volta --rounding rup
  refused "--output: 'y.raw'" "a .npy file" -- $gemm --accumulator fma --output y.raw
  refused "operands fp32 and fp32" -- $gemm --accumulator volta
  refused "no-such.npy" -- "$precess" gemm --a "$work/no-such.npy" --b "$work/b.npy" --accumulator fma
  ;;
dot_bad_input)
  refused "--a-format is missing" -- "$precess" dot --a 1 --b 1
  refused "--b is missing" -- "$precess" dot --a-format fp16 --a 1
  refused "--a: '1.x' is no number" -- "$precess" dot --a-format fp16 --a 1,1.x --b 1,2
  refused "2 numbers a, 3 b" -- "$precess" dot --a-format fp16 --a 1,2 --b 1,2,3
  refused "--k is missing" "1..65536" -- "$precess" dot --hex --a-format fp16 --accumulator fma
  refused "--k: '0'" "1..65536" -- "$precess" dot --hex --a-format fp16 --accumulator fma --k 0
  refused "--accumulator is missing" -- "$precess" dot --hex --a-format fp16 --k 2
  refused "accumulator 'kahan'" "exact|fma|mul-add" -- "$precess" dot --hex --a-format fp16 --k 2 --accumulator kahan
  refused "operands fp16 and bf16 with c fp32" -- \
    "$precess" dot --hex --a-format fp16 --b-format bf16 --k 2 --accumulator hopper
  refused "--rounding has no meaning with accumulator hopper" -- \
    "$precess" dot --hex --a-format fp16 --k 2 --accumulator hopper --rounding rup
  refused "scales with this accumulator" "tile:N" -- "$precess" dot --hex --scales --a-format e4m3 --k 2 --accumulator fma
  refused "--scale-format has no meaning without --scales" -- "$precess" dot --hex --scale-format ue4m3 --a-format e2m1 \
    --k 2 --accumulator tile:2
  refused "--scale-format: 'e4m3'" "e8m0|ue4m3" -- "$precess" dot --hex --scales --scale-format e4m3 --a-format e2m1 --k 2 \
    --accumulator tile:2
  refused "--scales has no meaning without --hex" -- "$precess" dot --scales --a-format e4m3 --a 1 --b 1
  refused "groups=0.1/1.2 repeats index 1" -- \
    "$precess" dot --hex --a-format fp16 --k 4 --accumulator aligned:f=24,groups=0.1/1.2
  refused "k is 6" "a multiple of 4" -- \
    "$precess" dot --hex --a-format fp16 --k 6 --accumulator aligned:f=24,groups=0.1/2.3
  refused "standard input:2: '3c00 3c00 3c00 3c00'" "2 hexadecimal codes, 0..ffff, then 2 hexadecimal codes, 0..ff, then 1" \
    "0..ffffffff" -- sh -c 'printf "3c00 3c00 38 38 0\n3c00 3c00 3c00 3c00\n" |
      "$1" dot --hex --a-format fp16 --b-format e4m3 --k 2 --accumulator fma' sh "$precess"
  ;;
result_bad) # twin of the checker: a wrong expectation is found
  piped '3c00 3c01\n' '3c02 -' "$precess" arith --hex --op mul --format fp16
  ;;
*)
  fail "no case $case_name"
  ;;
esac
done_checking
