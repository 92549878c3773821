#!/bin/sh
# Prints energy/tables/horowitz-45nm.csv.  Usage, from the top of the tree:
#   sh energy/tables/horowitz-45nm.sh > energy/tables/horowitz-45nm.csv
# A test regenerates the file and compares.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)

# Width of the serial PEs' partial-product register: the spec's row, so that it cannot drift.
partial=$(sed -n 's/^PCS_PROBE(PARTIAL, "partial", \([0-9]*\),.*/\1/p' "$top/models/spec/probe.def")
[ -n "$partial" ] || { echo "horowitz-45nm.sh: no row PARTIAL in models/spec/probe.def" >&2; exit 2; }

cat <<'HEADER'
# Energy per event, 45 nm, 0.9 V where stated.  Printed by horowitz-45nm.sh; do not edit.
# Spec: rows name events of models/spec; the reader refuses unknown names and counts without a row, and a run records
#   both the spec hash and the hash of this file.
# What is published and what is made of it:
#   arithmetic and DRAM  Horowitz, ISSCC 2014, 45 nm 0.9 V, through QKeras's fits: add 0.003125 b pJ; multiply
#                        0.002994791667 b^2 + 0.001041666667 b pJ; DRAM 20.3125 pJ/bit (1300 pJ per 64 bit)
#   unequal widths       our generalisation of the multiply fit: b^2 -> pa pb, b -> (pa + pb) / 2
#   gated multiplier     charged as a pa x pb multiplier: the held-low bits of the 8x8 one are taken to cost nothing.
#                        Optimistic at few bits; gate-level figures replace these rows
#   registers            0.009 pJ/bit and write: Accelergy library, Aladdin 40 nm, 1 ns; not scaled from 40 to 45 nm.
#                        Full width in every mode: no clock gating of unused bits
#   serial PE, per clock add of (pa + pb) bits, plus writes of the partial register and the 8-bit shift register
#   serial2d PE, per clock add of (pa + pb) bits, plus a write of the partial register, and one of the 8-bit shift register
#                        every pb clocks.  Digits of 2 and 4 bits: the product of a digit in place of a bit.  Ours, composed of the same figures: no measured PE of this kind is behind it
#   SRAM                 CACTI 7, 45 nm low operating power, ECC on, 64-bit words, by capacity: sram.awk; dynamic and static from
#                        the same device.  Horowitz's own 32 KB figure, 20 pJ per 64 bit, would be 2.4 times the read
#   SRAM area            CACTI by Bit Fusion's authors at 45 nm, carried to the node of the PE areas
#   PE leakage           uSystolic-Sim, synthesised 16x16 arrays, SAED 32 nm RVT 0.85 V 25 C: 9.16 mW (8-bit parallel) and
#                        5.98 mW (8-bit serial) over 256 PEs; a different node, not scaled.  serial2d is given the serial figure
#   PE area              the same arrays: 431,596 um2 (parallel) and 273,545 um2 (serial) over 256 PEs, edges included; no
#                        figure for serial2d
#   DRAM per bit         includes refresh and background power at full use of the interface; idle DRAM costs nothing here
# A mixture of nodes and sources: use it for ratios between bit-widths, not for absolute joules.
HEADER
echo 'event,kind,pa,pb,energy,unit,node_nm,voltage_v,source,kb'

# Rows of scratchpads have a capacity, the others have none.
awk -v partial="$partial" "$(cat "$top/energy/tables/sram.awk")"'
function sram_row(event, kb, value, unit, node, low, high, source) {
    printf "%s,*,*,*,%.6g,%s,%s,unstated,\"%s\",%s\n", event, value, unit, node, source, kb
}
# The multiplier that a clock of a digit-serial PE needs: digit x the other operand, which is the wider one.
function digit_pj(digit, bits) { return square * digit * bits + linear * (digit + bits) / 2 }
BEGIN {
    add = 0.003125; square = 0.002994791667; linear = 0.001041666667; reg = 0.009; code = 8
    fit = "45,0.9,\"Horowitz ISSCC 2014 by QKeras fit, "
    for (pa = 2; pa <= 8; pa++)
        for (pb = 2; pb <= 8; pb++)
            printf "mac_cycle,gated,%d,%d,%.6f,pJ,%smultiply; unequal widths generalised\"\n", pa, pb,
                   square * pa * pb + linear * (pa + pb) / 2, fit
    for (pa = 2; pa <= 8; pa++)
        for (pb = 2; pb <= 8; pb++)
            printf "mac_cycle,serial,%d,%d,%.6f,pJ,%sadd of %d bit; + Accelergy Aladdin 40 nm registers of %d bit\"\n",
                   pa, pb, add * (pa + pb) + reg * (partial + code), fit, pa + pb, partial + code
    for (pa = 2; pa <= 8; pa++)
        for (pb = 2; pb <= 8; pb++)
            printf "mac_cycle,serial2d,%d,%d,%.6f,pJ,%sadd of %d bit; + Accelergy Aladdin 40 nm registers of %d + %d/%d bit\"\n",
                   pa, pb, add * (pa + pb) + reg * (partial + code / pb), fit, pa + pb, partial, code, pb
    for (digit = 2; digit <= 4; digit *= 2) {
        for (pa = 2; pa <= 8; pa++)
            for (pb = 2; pb <= 8; pb++)
                printf "mac_cycle,serial:%d,%d,%d,%.6f,pJ,%smultiply of %d x %d and add of %d bit; + Accelergy Aladdin 40 nm registers of %d bit\"\n",
                       digit, pa, pb, digit_pj(digit, (pb > pa ? pb : pa)) + add * (pa + pb) + reg * (partial + code), fit,
                       digit, (pb > pa ? pb : pa), pa + pb, partial + code
        for (pa = 2; pa <= 8; pa++)
            for (pb = 2; pb <= 8; pb++)
                printf "mac_cycle,serial2d:%d,%d,%d,%.6f,pJ,%smultiply of %d x %d and add of %d bit; + Accelergy Aladdin 40 nm registers of %d + %d/%d bit\"\n",
                       digit, pa, pb, digit_pj(digit, digit) + add * (pa + pb) + reg * (partial + code * digit / pb), fit,
                       digit, digit, pa + pb, partial, code * digit, pb
    }
    acc = "Horowitz ISSCC 2014 by QKeras fit, add; + Accelergy Aladdin 40 nm register"
    printf "acc_write,*,*,*,%.6f,pJ/bit,45,0.9,\"%s\"\n", add + reg, acc
    registers = "40,unstated,\"Accelergy library, Aladdin 40 nm 1 ns register\""
    n = split("skew pe_load capture drain deskew weight_pass weight_stage weight_swap", event, " ")
    for (i = 1; i <= n; i++)
        printf "%s,*,*,*,%.6f,pJ/bit,%s\n", event[i], reg, registers
    dram = "45,0.9,\"Horowitz ISSCC 2014, 1300 pJ per 64 bit\""
    printf "dram_read,*,*,*,%.4f,pJ/bit,%s\n", 1300 / 64, dram
    printf "dram_write,*,*,*,%.4f,pJ/bit,%s\n", 1300 / 64, dram
    printf "vec_int_add,*,*,*,%.6f,pJ,%sadd of 64 bit\"\n", add * 64, fit
    printf "vec_int_mul,*,*,*,3.1,pJ,45,0.9,\"Horowitz ISSCC 2014, 32-bit integer multiply\"\n"
    printf "vec_fp_add,*,*,*,0.9,pJ,45,0.9,\"Horowitz ISSCC 2014, 32-bit floating-point add\"\n"
    printf "vec_fp_mul,*,*,*,3.7,pJ,45,0.9,\"Horowitz ISSCC 2014, 32-bit floating-point multiply\"\n"
    pe = "32,0.85,\"uSystolic-Sim, SAED 32 nm RVT 25 C, 16x16 array of 8-bit "
    printf "leak_pe,gated,*,*,%.4f,uW,%sparallel PEs, 9.16 mW\"\n", 9160 / 256, pe
    printf "leak_pe,serial,*,*,%.4f,uW,%sserial PEs, 5.98 mW\"\n", 5980 / 256, pe
    for (digit = 2; digit <= 4; digit *= 2)
        printf "leak_pe,serial:%d,*,*,%.4f,uW,%sserial PEs, 5.98 mW; taken for digits of %d bits too\"\nleak_pe,serial2d:%d,*,*,%.4f,uW,%sserial PEs, 5.98 mW; taken for serial2d and digits of %d bits too\"\n",
               digit, 5980 / 256, pe, digit, digit, 5980 / 256, pe, digit
    printf "leak_pe,serial2d,*,*,%.4f,uW,%sserial PEs, 5.98 mW; taken for serial2d too\"\n", 5980 / 256, pe
    printf "area_pe,gated,*,*,%.2f,um2,%sparallel PEs, 431596 um2\"\n", 431596 / 256, pe
    printf "area_pe,serial,*,*,%.2f,um2,%sserial PEs, 273545 um2\"\n", 273545 / 256, pe
    sram_rows(32, 0.46)
    printf "idle_dram,*,*,*,0,uW,45,0.9,\"within the figure per bit, which is for full use of the interface\"\n"
    printf "clock_pe,*,*,*,0,pJ,40,unstated,\"within the register figures: registers are taken to be clock-gated\"\n"
}' | sed '/^\(sram_\|leak_sram\|area_sram\)/!s/$/,*/'
