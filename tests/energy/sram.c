/* Scratchpads by capacity, areas and clock periods, worked out by hand.  --inject: a row of another figure; must fail.
 */
#include "energy/energy.h"
#include "tests/energy/support.h"
#include "tests/support/check.h"

#include <string.h>

static const char table_text[] = TABLE_COLUMNS ",low,high,kb\n"
                                               "sram_read,*,*,*,8,pJ/bit,45,0.9,hand,4,16,64\n" /* not in order */
                                               "sram_read,*,*,*,2,pJ/bit,45,0.9,hand,1,4,4\n"
                                               "sram_read,*,*,*,4,pJ/bit,45,0.9,hand,2,8,16\n"
                                               "sram_write,*,*,*,1,pJ/bit,45,0.9,hand,1,1,*\n"
                                               "leak_sram,*,*,*,10,uW,45,0.9,hand,10,10,4\n"
                                               "leak_sram,*,*,*,100,uW,45,0.9,hand,100,100,64\n"
                                               "leak_pe,*,*,*,0,uW,45,0.9,hand,0,0,*\n"
                                               "idle_dram,*,*,*,0,uW,45,0.9,hand,0,0,*\n"
                                               "clock_pe,*,*,*,0,pJ,45,0.9,hand,0,0,*\n"
                                               "area_pe,gated/os,*,*,1000,um2,45,0.9,hand,1000,1000,*\n"
                                               "area_pe,gated/ws,*,*,1500,um2,45,0.9,hand,1500,1500,*\n"
                                               "area_edge_bit,*,*,*,2,um2,45,0.9,hand,2,2,*\n"
                                               "area_sram,*,*,*,5000,um2,32,0.9,hand,5000,5000,4\n"
                                               "area_sram,*,*,*,50000,um2,32,0.9,hand,50000,50000,64\n"
                                               "period_pe,gated/os,*,*,2,ns,45,0.9,hand,1,3,*\n"
                                               "period_pe,gated/ws,*,*,4,ns,45,0.9,hand,2,6,*\n";

static double account(const pcs_energy_table_t *table, pcs_energy_use_t use, double a_kb, double b_kb, double y_kb,
                      int component)
{
    pcs_energy_t energy = {{0}};
    pcs_error_t err = {{0}};
    use.sram_kb[PCS_ENERGY_SRAM_A] = a_kb;
    use.sram_kb[PCS_ENERGY_SRAM_B] = b_kb;
    use.sram_kb[PCS_ENERGY_SRAM_Y] = y_kb;
    CHECK_OK(pcs_energy_account(table, &use, &energy, &err), &err);
    return energy.pj[component];
}

static void check_energy(const pcs_energy_table_t *table, const pcs_array_config_t *array)
{
    pcs_counts_t counts = {{0}};
    uint64_t system[PCS_SYSTEM_EVENT_COUNT] = {0};
    pcs_energy_use_t use = {.array = array, .pa = 8, .pb = 8, .clock_mhz = 250, .counts = &counts, .system = system};
    system[PCS_SYSTEM_SRAM_READ] = 100;
    system[PCS_SYSTEM_SRAM_A_READ] = 70;
    const int sram = PCS_ENERGY_SRAM;
    CHECK(account(table, use, 4, 64, 4, sram) == 70 * 2 + 30 * 8, "rows as they are");
    CHECK(account(table, use, 1, 1, 1, sram) == 100 * 2, "smaller than the smallest");
    /* 36 KB: square root 6, half way from 4 (16 KB) to 8 (64 KB). */
    CHECK(account(table, use, 36, 16, 4, sram) == 70 * 6 + 30 * 4, "half way along the square root");
    use.bound = PCS_ENERGY_HIGH;
    CHECK(account(table, use, 36, 16, 4, sram) == 70 * 12 + 30 * 8, "the same at the high end");
    use.bound = PCS_ENERGY_NOMINAL;
    /* Boundless is 32 KB. */
    CHECK(account(table, use, 0, 16, 4, sram) == account(table, use, 32, 16, 4, sram), "boundless");
    system[PCS_SYSTEM_SRAM_WRITE] = 11;
    CHECK(account(table, use, 4, 4, 4, sram) == 100 * 2 + 11, "any capacity");
    system[PCS_SYSTEM_SRAM_READ] = system[PCS_SYSTEM_SRAM_A_READ] = system[PCS_SYSTEM_SRAM_WRITE] = 0;
    counts.n[PCS_EVENT_CYCLE] = 500; /* 2 us */
    CHECK(account(table, use, 4, 64, 34, PCS_ENERGY_LEAKAGE) == 2 * (10 + 100 + 55), "leakage along the capacity");
    use.sram_kb[PCS_ENERGY_SRAM_B] = 65;
    pcs_energy_t energy;
    pcs_error_t err = {{0}};
    CHECK(pcs_energy_account(table, &use, &energy, &err) == PCS_INVALID, "larger than the largest");
    CHECK(strstr(err.text, "no row for a scratchpad of 65 KB; legal: up to 64 KB") != NULL, "'%s'", err.text);
}

static void check_area(const pcs_energy_table_t *table, pcs_array_config_t array)
{
    static const double kb[PCS_ENERGY_SRAMS] = {4, 64, 34};
    pcs_area_t area = {0};
    pcs_error_t err = {{0}};
    double ns = 0;
    CHECK_OK(pcs_energy_area(table, &array, kb, &area, &err), &err);
    CHECK(area.pe_um2 == 12 * 1000, "%g", area.pe_um2);
    CHECK(area.sram_um2 == 5000 + 50000 + 27500, "%g", area.sram_um2);
    /* 3 x 4: skew of A 3 tokens of 27 bits, of B 6 of 9; deskew 6 of 34 bits (value, overflow, valid). */
    CHECK(area.edge_um2 == 2 * (3 * 27 + 6 * 9 + 6 * 34), "%g", area.edge_um2);
    CHECK_OK(pcs_energy_period(table, &array, &ns, &err), &err);
    CHECK(ns == 2, "%g ns", ns);
    array.dataflow = PCS_DATAFLOW_IS; /* the PEs of stationary weights */
    CHECK_OK(pcs_energy_area(table, &array, NULL, &area, &err), &err);
    CHECK(area.pe_um2 == 12 * 1500 && area.sram_um2 == 0, "%g and %g", area.pe_um2, area.sram_um2);
    CHECK_OK(pcs_energy_period(table, &array, &ns, &err), &err);
    CHECK(ns == 4, "%g ns", ns);
    array.kind = PCS_KIND_SERIAL;
    CHECK(pcs_energy_period(table, &array, &ns, &err) == PCS_INVALID && strstr(err.text, "kind serial/ws") != NULL,
          "'%s'", err.text);
}

int main(int argc, char **argv)
{
    char path[64];
    char text[sizeof table_text];
    memcpy(text, table_text, sizeof text);
    if (check_flag(argc, argv, "--inject", NULL)) {
        strstr(text, "sram_read,*,*,*,4")[16] = '5';
    }
    write_table(text, path);
    pcs_error_t err = {{0}};
    pcs_energy_table_t *table = NULL;
    CHECK_OK(pcs_energy_table_load(path, &table, &err), &err);
    (void)remove(path);
    const pcs_array_config_t array = {.rows = 3, .cols = 4, .kind = PCS_KIND_GATED, .acc_bits = 32, .digit = 1};
    check_energy(table, &array);
    check_area(table, array);
    pcs_energy_table_destroy(table);
    return check_done("scratchpads, areas and periods");
}
