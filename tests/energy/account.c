/* One account worked out by hand: every term is a small exact number. */
#include "energy/energy.h"
#include "tests/energy/support.h"
#include "tests/support/check.h"

#include <string.h>

static const char table_text[] = TABLE_HEADER "mac_cycle,gated,3,8,0.5,pJ,45,0.9,hand\n"
                                              "mac_cycle,gated,8,8,2,pJ,45,0.9,hand\n"
                                              "mac_cycle,float,e4m3,e5m2,4,pJ,45,0.9,hand\n"
                                              "drain,*,8,8,1,pJ,45,0.9,hand\n"
                                              "skew,*,*,*,0.25,pJ/bit,45,0.9,hand\n"
                                              "pe_load,*,*,*,0.125,pJ/bit,45,0.9,hand\n"
                                              "acc_write,*,*,*,0.0625,pJ/bit,45,0.9,hand\n"
                                              "capture,gated,*,*,3,pJ,45,0.9,hand\n"
                                              "sram_read,*,*,*,0.5,pJ/bit,45,unstated,hand\n"
                                              "dram_write,*,*,*,16,pJ/bit,45,0.9,\"hand, quoted\"\n"
                                              "vec_fp_mul,*,*,*,4,pJ,45,0.9,hand\n"
                                              "leak_pe,*,*,*,10,uW,45,0.9,hand\n"
                                              "leak_sram,*,*,*,100,uW,45,0.9,hand\n"
                                              "idle_dram,*,*,*,7,uW,45,0.9,hand\n"
                                              "clock_pe,*,*,*,0.5,pJ,45,0.9,hand\n";

/* --inject: the table charges one event twice; the comparison must fail. */
int main(int argc, char **argv)
{
    char path[64];
    char text[sizeof table_text];
    memcpy(text, table_text, sizeof text);
    if (check_flag(argc, argv, "--inject", NULL)) {
        strstr(text, "vec_fp_mul,*,*,*,4")[17] = '8';
    }
    write_table(text, path);
    pcs_error_t err = {{0}};
    pcs_energy_table_t *table = NULL;
    CHECK_OK(pcs_energy_table_load(path, &table, &err), &err);
    (void)remove(path);

    const pcs_array_config_t array = {.rows = 4, .cols = 2, .kind = PCS_KIND_GATED, .acc_bits = 32, .digit = 1};
    pcs_counts_t counts = {{0}};
    counts.n[PCS_EVENT_CYCLE] = 500;
    counts.n[PCS_EVENT_STEP] = 77; /* carries no energy: no row, no error */
    counts.n[PCS_EVENT_MAC_CYCLE] = 1000;
    counts.n[PCS_EVENT_SKEW] = 10;
    counts.n[PCS_EVENT_PE_LOAD] = 20;
    counts.n[PCS_EVENT_ACC_WRITE] = 30;
    counts.n[PCS_EVENT_CAPTURE] = 8;
    uint64_t system[PCS_SYSTEM_EVENT_COUNT] = {0};
    system[PCS_SYSTEM_SRAM_READ] = 64;
    system[PCS_SYSTEM_DRAM_WRITE] = 5;
    system[PCS_SYSTEM_VEC_FP_MUL] = 3;
    const pcs_energy_use_t use = {
        .array = &array, .pa = 3, .pb = 8, .clock_mhz = 250, .counts = &counts, .system = system};
    pcs_energy_t energy;
    CHECK_OK(pcs_energy_account(table, &use, &energy, &err), &err);

    /* 500 clocks at 250 MHz = 2 us; all products below are exact in binary, so equality is exact too. */
    const double expected[PCS_ENERGY_COMPONENT_COUNT] = {
        [PCS_ENERGY_MAC] = 1000 * 0.5,
        [PCS_ENERGY_OPERAND] = 10 * 8 * 0.25 + 20 * 16 * 0.125,
        [PCS_ENERGY_ACCUMULATOR] = 30 * 32 * 0.0625 + 8 * 3,
        [PCS_ENERGY_SRAM] = 64 * 0.5,
        [PCS_ENERGY_DRAM] = 5 * 16 + 2 * 7,
        [PCS_ENERGY_VECTOR] = 3 * 4,
        [PCS_ENERGY_LEAKAGE] = 2 * (8 * 10 + 3 * 100),
        [PCS_ENERGY_CLOCK] = 500 * 8 * 0.5,
    };
    double total = 0;
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        CHECK(energy.pj[i] == expected[i], "%s: observed %g expected %g pJ", pcs_energy_components[i].name,
              energy.pj[i], expected[i]);
        total += expected[i];
    }
    CHECK(pcs_energy_total_pj(&energy) == total, "total %g", total);

    /* A count without a row is an error that names it. */
    pcs_energy_use_t other = use;
    other.pb = 7;
    CHECK(pcs_energy_account(table, &other, &energy, &err) == PCS_INVALID, "pb 7 has no row");
    (void)printf("message: %s\n", err.text);
    CHECK(energy.pj[PCS_ENERGY_MAC] == expected[PCS_ENERGY_MAC], "untouched on failure");
    system[PCS_SYSTEM_VEC_INT_ADD] = 1;
    CHECK(pcs_energy_account(table, &use, &energy, &err) == PCS_INVALID, "vec_int_add has no row");
    system[PCS_SYSTEM_VEC_INT_ADD] = 0;

    /* Formats of the kind float are operands by name; its words have 16 bits, and bits of any kind are not its own. */
    const pcs_array_config_t floats = {.rows = 4, .cols = 2, .kind = PCS_KIND_FLOAT, .acc_bits = 32, .digit = 1};
    other = use;
    other.array = &floats;
    other.pa = PCS_FORMAT_E4M3;
    other.pb = PCS_FORMAT_E5M2;
    counts.n[PCS_EVENT_CAPTURE] = 0;
    CHECK_OK(pcs_energy_account(table, &other, &energy, &err), &err);
    CHECK(energy.pj[PCS_ENERGY_MAC] == 1000 * 4, "e4m3 * e5m2: %g pJ", energy.pj[PCS_ENERGY_MAC]);
    CHECK(energy.pj[PCS_ENERGY_OPERAND] == 10 * 16 * 0.25 + 20 * 32 * 0.125, "%g pJ", energy.pj[PCS_ENERGY_OPERAND]);
    other.pb = PCS_FORMAT_FP16;
    CHECK(pcs_energy_account(table, &other, &energy, &err) == PCS_INVALID && strstr(err.text, "pb fp16") != NULL, "%s",
          err.text);
    counts.n[PCS_EVENT_MAC_CYCLE] = 0;
    counts.n[PCS_EVENT_DRAIN] = 2;
    other.pa = other.pb = PCS_FORMAT_E2M3; /* number 8 */
    CHECK(pcs_energy_account(table, &other, &energy, &err) == PCS_INVALID &&
              strstr(err.text, "event drain, kind float, pa e2m3, pb e2m3") != NULL,
          "%s", err.text);
    const pcs_array_config_t blocks = {.rows = 4, .cols = 2, .kind = PCS_KIND_BFP, .acc_bits = 32, .digit = 1};
    other.array = &blocks;
    CHECK_OK(pcs_energy_account(table, &other, &energy, &err), &err);
    pcs_energy_table_destroy(table);
    return check_done("energy by hand");
}
