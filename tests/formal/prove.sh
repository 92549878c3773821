#!/bin/bash
# Proofs of the MAC kinds, of accumulation and of counters, with Yosys and its ABC.  No operand is tried out: all are covered at once.
#   prove.sh SOURCE_TREE mac KIND DIGIT WIDTH...    pcs_mac_proof.sv for every pair of these operand widths; `all`: 2..8,
#                                                   `some`: two that differ in what they use, of wider digits one
#   prove.sh SOURCE_TREE accumulate BITS...         pcs_acc_add_proof.sv at these accumulator widths; BITS:aligned: of products
#                                                   that come aligned, two bits wider
#   prove.sh SOURCE_TREE align MAGNITUDE ACC PLACE  pcs_align_proof.sv at these widths
#   prove.sh SOURCE_TREE counters ROWS COLS KIND_ID ACC_BITS DATAFLOW_ID DIGIT    pcs_counters_proof.sv
#   prove.sh SOURCE_TREE product WIDTH...           that product.v is Yosys' own product, at these operand widths
#   prove.sh SOURCE_TREE digits FIELD...            pcs_digits_proof.sv for every pair of these fields
# Environment, for twins: FAULT="FILE SED", an edit of one file of rtl/ or of this folder; COUNTERS=FILE, Verilog in place of
# pcs_counters.sv.  Status 1: not proven; what and where on stdout.
set -euo pipefail
formal=$(cd "$(dirname "$0")" && pwd)
rtl=$(cd "$1/rtl" && pwd) what=$2
shift 2
if ! command -v yosys >/dev/null || ! command -v yosys-abc >/dev/null; then
    echo "yosys is not installed"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$rtl" "$formal"/*.sv "$formal"/*.v "$work"
cd "$work"
if [[ -n ${FAULT:-} ]]; then
    file=${FAULT%% *}
    original=$formal/$file # of the proofs themselves, or of the RTL
    if [[ ! -e $file ]]; then
        file=rtl/$file
        original=$formal/../../$file
    fi
    sed -i "${FAULT#* }" "$file"
    if cmp -s "$file" "$original"; then
        echo "the fault changes nothing: $FAULT"
        exit 2
    fi
fi

yosys_run() { # COMMANDS
    if ! yosys -q -p "$1" >yosys.log 2>&1; then
        tail -n 5 yosys.log
        if grep -q 'ERROR: .*Digit must be' yosys.log; then
            exit 77 # the RTL does not have this digit: there is nothing to prove, and CTest says so
        fi
        exit 2
    fi
}

abc_run() { # COMMANDS: output in abc.log
    yosys-abc -c "$1" >abc.log 2>&1 || { tail -n 5 abc.log; exit 2; }
}

spec() { # NAME: a number of the spec package
    sed -n "s/^  localparam int unsigned $1 = \([0-9]*\);.*/\1/p" rtl/gen/pcs_spec_pkg.sv
}

# ---- the MAC kinds ----

properties=(protocol product leftover hold lanes)

mode_bits() { # PA PB SERIAL_B: a mode word with these fields, in Yosys' notation; x is free
    local bit word=
    for bit in {15..0}; do
        case $bit in
        [0-3]) word+=$((($1 >> bit) & 1)) ;;
        [4-7]) word+=$((($2 >> (bit - 4)) & 1)) ;;
        10) word+=$3 ;;
        *) word+=x ;;
        esac
    done
    echo "16'b$word"
}

# column NAME: the expression of this kind in that column of kinds.def.
column() {
    sed -n "/ $1(/,/endfunction/s/.*KIND_${kind^^}: value = \(.*\);/\1/p" rtl/gen/pcs_spec_pkg.sv
}

# Clocks of a step in a mode; awk reads the expressions too.
step_clocks() { # PA PB SERIAL_B
    awk "function digits(p, d) { return int((p + d - 1) / d) }
        BEGIN { pa = $1; pb = $2; serial_b = ${3/x/0}; digit = $digit; print $(column cycles) }"
}

# circuits ORDER MODE...: ORDER-MODE.aig of each, AND gates and registers.  ORDER is the multiplier's, see product.v, or
# that of lanes, see pcs_lanes_sum.
circuits() {
    local order=$1 mode commands=
    shift
    for mode in "$@"; do
        commands+="setattr -set init $(mode_bits ${mode//:/ }) w:pick_mode; write_aiger -zinit $order-$mode.aig; "
    done
    yosys_run "read_verilog -sv $(sed 's,^,rtl/,' rtl/gen/mac.f | tr '\n' ' ') $(sed -n 's,^float/,rtl/&,p' rtl/files.f | tr '\n' ' ') pcs_lanes_sum.sv pcs_mac_proof.sv;
        chparam -set Kind $id -set Digit $digit -set Middle $([[ $order == MIDDLE ]] && echo 1 || echo 0) pcs_mac_proof;
        hierarchy -check -top pcs_mac_proof;
        proc; flatten; opt_clean; async2sync; opt -full; dffunmap; techmap -D PRODUCT_$order -map product.v; opt -fast;
        dffunmap; techmap; opt -fast; dffunmap; setundef -anyseq; aigmap; opt_clean; $commands"
}

# unproven ORDER EFFORT MODE...: those whose circuit, unrolled over a step and what follows, is not proven within EFFORT.
unproven() {
    local order=$1 effort=$2 mode commands=
    shift 2
    for mode in "$@"; do
        commands+="echo mode $mode; read_aiger $order-$mode.aig; frames -F $(($(step_clocks ${mode//:/ }) + 3)) -i; orpos;
            strash; ifraig; iprove -C $effort; "
    done
    abc_run "$commands"
    awk '/^mode/ { if (mode != "" && !proven) print mode; mode = $2; proven = 0 }
         /^UNSATISFIABLE/ { proven = 1 }
         END { if (mode != "" && !proven) print mode }' abc.log
}

# refuted ORDER: modes of the last `unproven` for which it found operands; says which property is violated, and when.
refuted() {
    local order=$1 mode property clock found=1
    for mode in $(awk '/^mode/ { mode = $2 } /^SATISFIABLE/ { print mode }' abc.log); do
        abc_run "read_aiger $order-$mode.aig; bmc3 -T 60 -F $(($(spec STEP_MAX) + 3))"
        read -r property clock < <(sed -n 's/.*Output \([0-9]*\) .*asserted in frame \([0-9]*\).*/\1 \2/p' abc.log)
        echo "$kind, digit $digit, mode $mode: property ${properties[property]} violated at clock $clock"
        found=0
    done
    return $found
}

prove_mac() {
    local pa pb widths serial_b serials=x orders="ROWS BITS BRICKS" order left modes=()
    kind=$1 digit=$2
    shift 2
    id=$(spec "KIND_${kind^^}")
    if [[ -z $id ]]; then
        echo "no kind $kind"
        exit 2
    fi
    # Where the serial operand is a choice, each choice is a case of its own.
    if [[ $(column cycles) == *serial_b* ]]; then
        serials="0 1"
    fi
    widths="$*"
    if [[ $widths == all ]]; then
        widths="2 3 4 5 6 7 8"
    elif [[ $widths == some ]]; then
        widths=$( ((digit > 1)) && echo 5 || echo 3 8)
    fi
    # Kinds with lanes multiply digits, and only the order in which they add is open.
    if [[ $(column lanes) != 1 ]]; then
        orders="GROUPS MIDDLE"
        [[ $* != some ]] || widths="2 8"
    fi
    for pa in $widths; do
        for pb in $widths; do
            for serial_b in $serials; do
                modes+=("$pa:$pb:$serial_b")
            done
        done
    done
    left="${modes[*]}"
    for order in $orders; do
        circuits $order $left
        left=$(unproven $order 1000 $left)
        if refuted $order; then
            exit 1
        fi
        if [[ -z $left ]]; then
            break
        fi
    done
    if [[ -n $left ]]; then
        echo "$kind, digit $digit: neither proven nor refuted: modes $left"
        exit 1
    fi
    echo "$kind, digit $digit: proven for all operands of ${#modes[@]} modes pa:pb:serial_b, any signedness"
}

# ---- accumulation ----

prove_align() { # MAGNITUDE_BITS ACC_BITS PLACE_BITS
    yosys_run "read_verilog -sv rtl/mac/pcs_acc_add.sv rtl/float/pcs_float_align.sv pcs_align_proof.sv;
        chparam -set MagnitudeBits $1 -set AccBits $2 -set PlaceBits $3 pcs_align_proof;
        hierarchy -check -top pcs_align_proof; proc; flatten; opt -full; techmap; opt -fast; aigmap; opt_clean;
        write_aiger align.aig"
    abc_run "read_aiger align.aig; ifraig; iprove"
    if ! grep -q '^UNSATISFIABLE' abc.log; then
        echo "magnitudes of $1 bits, accumulators of $2: property aligned sum violated"
        exit 1
    fi
    echo "magnitudes of $1 bits at places of $3 bits, accumulators of $2: aligned sum proven, wrapping and saturating"
}

prove_accumulate() {
    local bits product
    for bits in "$@"; do
        product=17
        [[ $bits != *:aligned ]] || product=$((${bits%:*} + 2))
        yosys_run "read_verilog -sv rtl/gen/pcs_spec_pkg.sv rtl/mac/pcs_acc_add.sv pcs_acc_add_proof.sv;
            chparam -set AccBits ${bits%:*} -set ProductBits $product pcs_acc_add_proof; hierarchy -check -top pcs_acc_add_proof; proc; flatten; opt;
            techmap; opt -fast; aigmap; opt_clean; write_aiger add.aig"
        abc_run "read_aiger add.aig; ifraig; iprove"
        if ! grep -q '^UNSATISFIABLE' abc.log; then
            echo "accumulator of $bits bits: property sum violated"
            exit 1
        fi
    done
    echo "accumulators of $* bits: proven for all sums and products, wrapping and saturating"
}

# ---- counters ----

prove_counters() {
    local names=(Rows Cols Kind AccBits Dataflow Digit) set='' name
    [[ -z ${COUNTERS:-} ]] || cp "$COUNTERS" rtl/array/pcs_counters.sv
    for name in "${names[@]}"; do
        set+="chparam -set $name $1 pcs_counters_proof; "
        shift
    done
    yosys_run "read_verilog -sv rtl/gen/pcs_spec_pkg.sv rtl/array/pcs_counters.sv pcs_counters_proof.sv; $set
        hierarchy -check -top pcs_counters_proof; proc; flatten; opt_expr; opt_muxtree; opt_reduce; opt_expr; opt_clean;
        async2sync; dffunmap; techmap -map adder.v; simplemap; techmap; simplemap; setundef -anyseq; aigmap; opt_clean;
        write_aiger counters.aig"
    abc_run "read_aiger counters.aig; frames -F 2; cone -O 1; strash; iprove"
    if ! grep -q '^UNSATISFIABLE' abc.log; then
        echo "counters: property violated"
        exit 1
    fi
    echo "counters: proven to count, clear and read, from any values"
}

# ---- the prover's multiplier ----

prove_product() {
    local width order
    for width in "$@"; do
        for order in ROWS BITS BRICKS YOSYS; do
            yosys_run "read_verilog -sv pcs_product_proof.sv; chparam -set Width $width pcs_product_proof;
                hierarchy -top pcs_product_proof; proc; techmap -D PRODUCT_$order -map product.v; techmap; opt -fast;
                aigmap; opt_clean; write_aiger $order.aig"
        done
        for order in BITS BRICKS YOSYS; do
            abc_run "&cec -T 600 ROWS.aig $order.aig"
            if ! grep -q 'Networks are equivalent' abc.log; then
                echo "products of $width bits: orders ROWS and $order not proven equal"
                exit 1
            fi
        done
    done
    echo "products of $* bits: all orders of addition proven equal, signed by signed"
}

# ---- products of lanes as sums over digits ----

prove_digits() {
    local a b accs order proven
    for a in "$@"; do
        for b in "$@"; do
            for accs in 1 4; do
                [[ $accs == 1 || $a == "$b" ]] || continue
                proven=
                for order in BRICKS BITS ROWS; do
                    yosys_run "read_verilog -sv pcs_lanes_sum.sv pcs_digits_proof.sv;
                        chparam -set FieldA $a -set FieldB $b -set Accs $accs pcs_digits_proof;
                        hierarchy -check -top pcs_digits_proof; proc; flatten; opt;
                        techmap -D PRODUCT_$order -map product.v; techmap; opt -fast; aigmap; opt_clean;
                        write_aiger digits.aig"
                    abc_run "read_aiger digits.aig; ifraig; iprove -C 10000"
                    if grep -q '^UNSATISFIABLE' abc.log; then
                        proven=$order
                        break
                    elif grep -q '^SATISFIABLE' abc.log; then
                        echo "fields of $a and $b bits: property digits violated"
                        exit 1
                    fi
                done
                if [[ -z $proven ]]; then
                    echo "fields of $a and $b bits: neither proven nor refuted"
                    exit 1
                fi
            done
        done
    done
    echo "fields of $* bits: the sum over digits proven to be the product, any signedness"
}

case $what in
mac) prove_mac "$@" ;;
accumulate) prove_accumulate "$@" ;;
align) prove_align "$@" ;;
counters) prove_counters "$@" ;;
product) prove_product "$@" ;;
digits) prove_digits "$@" ;;
*) echo "no proof $what"; exit 2 ;;
esac
