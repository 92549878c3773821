# Scratchpads by capacity: rows of sram_read, sram_write, leak_sram and area_sram, for the scripts that print tables.  Sources:
#   CACTI 7, 45 nm and 22 nm, ECC, 64-bit word, one run each: pJ an access, mW; itrs-hp (high performance) and itrs-lop (low
#     operating power).  lop was run at 8 and 32 KB: elsewhere it is hp times the ratio of the two at the nearer of these.
#   Horowitz, ISSCC 2014, 45 nm: pJ a 64-bit read of a cache, 8 KB, 32 KB, 1 MB; elsewhere hp times the ratio there.
#   Bit Fusion's repository, bitfusion/sram/cacti_sweep.csv: CACTI, 45 nm itrs-hp, ECC, a read and a write port, 32-bit word:
#     mm2; 16 KB is the largest, a larger scratchpad is banks of 16 KB.  conf.ini and paper: output buffer 0.243 mm2, 16 KB.
#   Intel, 45 nm, 2006: a cell of 0.346 um2.
# Nothing is carried to another node but area, by area_factor (Stillmaker & Baas).
function sram_init() {
    sram_count = split("2 8 32 64 256 1024", sram_kb, " ")
    split("2.67 6.05 17.0 21.2 46.0 77.2", sram_read_hp, " ");  split("3.98 7.41 14.5 18.7 32.7 63.9", sram_write_hp, " ")
    split("0.763 1.73 4.00 5.33 12.6 21.1", sram_read_22, " "); split("1.04 1.93 3.24 4.57 9.37 18.3", sram_write_22, " ")
    split("4.41 10 20 24.9 59.6 100", sram_horowitz, " ")
    split("15132 57506.1 217154 434308 1737232 6948928", sram_um2, " ")
}
# Calls sram_row(event, kb, value, unit, node, low, high, source) for each; node: of the table, nm.
function sram_rows(node, area_factor,    i, kb, near, how, low) {
    sram_init()
    for (i = 1; i <= sram_count; i++) {
        kb = sram_kb[i]
        near = kb <= 8 ? 2 : 3 # index of the nearer size that lop was run at
        how = "CACTI 7, 45 nm lop, ECC, 64-bit word" (kb == sram_kb[near] ? "" : sprintf(", from hp by their ratio at %d KB", sram_kb[near])) "; not scaled"
        low = node > 22 ? sram_read_hp[i] * sram_lop("3.62 8.27", near) / sram_read_hp[near] : sram_read_22[i]
        sram_row("sram_read", kb, sram_read_hp[i] * sram_lop("3.62 8.27", near) / sram_read_hp[near] / 64, "pJ/bit", 45, low / 64,
                 sram_horowitz[i] / 64, how "; bars: " (node > 22 ? "this" : "CACTI 7 22 nm hp") ", Horowitz (cache)")
        low = node > 22 ? sram_write_hp[i] * sram_lop("3.71 6.46", near) / sram_write_hp[near] : sram_write_22[i]
        sram_row("sram_write", kb, sram_write_hp[i] * sram_lop("3.71 6.46", near) / sram_write_hp[near] / 64, "pJ/bit", 45, low / 64,
                 sram_write_hp[i] / 64, how "; bars: " (node > 22 ? "this" : "CACTI 7 22 nm hp") ", 45 nm hp")
    }
    for (i = 1; i <= sram_count; i++) {
        kb = sram_kb[i]
        near = kb <= 8 ? 2 : 3
        low = 1000 * sram_lop("0.13 0.48", near) * kb / sram_kb[near]
        sram_row("leak_sram", kb, low, "uW", 45, low, 1000 * sram_lop("9.7 36", near) * kb / sram_kb[near],
                 sprintf("CACTI 7, 45 nm lop, %d KB, by capacity; not scaled; high: hp", sram_kb[near]))
    }
    for (i = 1; i <= sram_count; i++) {
        kb = sram_kb[i]
        sram_row("area_sram", kb, sram_um2[i] * area_factor, "um2", node, 0.346 * 8192 * kb * area_factor, 0.243e6 / 16 * kb * area_factor,
                 "Bit Fusion's CACTI sweep, 45 nm hp, ECC, a read and a write port" (kb > 16 ? ", banks of 16 KB" : "") \
                 (node == 45 ? "" : sprintf(" x %.3g Stillmaker & Baas", area_factor)) "; low: cells alone, Intel; high: Bit Fusion's output buffer")
    }
}
# The figure at 8 KB (near 2) or 32 KB (near 3).
function sram_lop(pair, near,    figure) { split(pair, figure, " "); return figure[near - 1] }
