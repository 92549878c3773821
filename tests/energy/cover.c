/* A table prices every event of every PE that was measured (kind, digit and dataflow) in every mode, and its bars hold
   the figure: low <= nominal
   <= high in every component.  Arguments: tables.  --inject: of the first, a row of the file is left out. */
#include <stdio.h>
#include <string.h>

#include "energy/energy.h"
#include "tests/energy/support.h"
#include "tests/support/check.h"

static void check_mode(const pcs_energy_table_t *table, const pcs_array_config_t *array, unsigned pa, unsigned pb)
{
    pcs_counts_t counts;
    uint64_t system[PCS_SYSTEM_EVENT_COUNT];
    for (int i = 0; i < PCS_EVENT_COUNT; i++) {
        counts.n[i] = 1000;
    }
    if (array->dataflow == PCS_DATAFLOW_OS) { /* no weights to move */
        counts.n[PCS_EVENT_WEIGHT_PASS] = counts.n[PCS_EVENT_WEIGHT_STAGE] = counts.n[PCS_EVENT_WEIGHT_SWAP] = 0;
    }
    for (int i = 0; i < PCS_SYSTEM_EVENT_COUNT; i++) {
        system[i] = 1000;
    }
    system[PCS_SYSTEM_SRAM_A_WRITE] = system[PCS_SYSTEM_SRAM_B_WRITE] = 300;
    pcs_energy_use_t use = {.array = array, .pa = pa, .pb = pb, .clock_mhz = 500, .counts = &counts, .system = system};
    pcs_energy_t energy[PCS_ENERGY_BOUND_COUNT];
    char name[PCS_ENERGY_NAME_MAX];
    pcs_energy_pe_name(array, name);
    for (int bound = 0; bound < PCS_ENERGY_BOUND_COUNT; bound++) {
        pcs_error_t err = {{0}};
        use.bound = (pcs_energy_bound_t)bound;
        if (!CHECK(pcs_energy_account(table, &use, &energy[bound], &err) == PCS_OK, "%s", err.text)) {
            return;
        }
    }
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        CHECK(energy[PCS_ENERGY_LOW].pj[i] <= energy[PCS_ENERGY_NOMINAL].pj[i] &&
                  energy[PCS_ENERGY_NOMINAL].pj[i] <= energy[PCS_ENERGY_HIGH].pj[i],
              "%s %u/%u: %s outside its bars", name, pa, pb, pcs_energy_components[i].name);
    }
}

/* Operands that were measured, in every pair. */
enum { SOME = 8, NONE = 99 };
static const unsigned bits[SOME] = {2, 3, 4, 5, 6, 7, 8, NONE};
static const unsigned mantissas[SOME] = {2, 3, 4, 6, 8, NONE};
static const unsigned formats[SOME] = {PCS_FORMAT_E5M2, PCS_FORMAT_E4M3, PCS_FORMAT_E2M1,
                                       PCS_FORMAT_FP16, PCS_FORMAT_BF16, NONE};

static bool check_pe(const pcs_energy_table_t *table, const pcs_array_config_t *array)
{
    static const double kb[PCS_ENERGY_SRAMS] = {0, 8, 100};
    pcs_area_t area = {0};
    pcs_error_t err = {{0}};
    double ns = 0;
    if (pcs_energy_area(table, array, NULL, &area, &err) != PCS_OK) {
        return false; /* a kind that was not measured */
    }
    CHECK(pcs_energy_area(table, array, kb, &area, &err) == PCS_OK && area.pe_um2 > 0 && area.edge_um2 > 0 &&
              area.sram_um2 > 0,
          "%s", err.text);
    CHECK(pcs_energy_period(table, array, &ns, &err) == PCS_OK && ns > 0.01 && ns < 100, "%g ns %s", ns, err.text);
    const unsigned *fields = array->kind == PCS_KIND_FLOAT ? formats : array->kind == PCS_KIND_BFP ? mantissas : bits;
    for (unsigned a = 0; a < SOME && fields[a] != NONE; a++) {
        for (unsigned b = 0; b < SOME && fields[b] != NONE; b++) {
            check_mode(table, array, fields[a], fields[b]);
        }
    }
    return true;
}

static void check_table(const pcs_energy_table_t *table)
{
    /* gated, serial and serial2d with three digits, fusion, subword, float, bfp */
    enum { MEASURED = 11 * PCS_DATAFLOW_COUNT };
    int covered = 0;
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        for (unsigned digit = 1; digit <= pcs_kinds[kind].digit_max; digit *= 2) {
            pcs_array_config_t array = {.rows = 4, .cols = 4, .kind = (pcs_kind_t)kind, .acc_bits = 32, .digit = digit};
            for (int flow = 0; flow < PCS_DATAFLOW_COUNT; flow++) {
                array.dataflow = (pcs_dataflow_t)flow;
                covered += check_pe(table, &array) ? 1 : 0;
            }
        }
    }
    CHECK(covered >= MEASURED, "%d PEs of %d", covered, MEASURED);
}

/* A copy of the file without its hundredth row. */
static void copy_without_row(const char *from, char *path)
{
    write_table("", path);
    FILE *in = fopen(from, "r");
    FILE *out = fopen(path, "w");
    char line[4096];
    CHECK(in != NULL && out != NULL, "%s", from);
    for (int row = 0; in != NULL && out != NULL && fgets(line, sizeof line, in) != NULL; row++) {
        if (row != 100) {
            (void)fputs(line, out);
        }
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    if (out != NULL) {
        (void)fclose(out);
    }
}

int main(int argc, char **argv)
{
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    for (int i = 1; i < argc; i++) {
        char path[64] = "";
        pcs_energy_table_t *table = NULL;
        pcs_error_t err = {{0}};
        if (strcmp(argv[i], "--inject") == 0) {
            continue;
        }
        if (inject) {
            copy_without_row(argv[i], path);
        }
        CHECK_OK(pcs_energy_table_load(inject ? path : argv[i], &table, &err), &err);
        (void)remove(path);
        check_table(table);
        pcs_energy_table_destroy(table);
    }
    return check_done("energy tables from gates");
}
