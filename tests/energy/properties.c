/* The committed table on real plans: parts sum to the total, energy is linear, and never falls when an operand of the
   same GEMM on the same array gets wider. */
#include "energy/energy.h"
#include "models/gemm/gemm.h"
#include "tests/support/check.h"

#include <math.h>

static double account(const pcs_energy_table_t *table, const pcs_array_config_t *array, unsigned pa, unsigned pb,
                      size_t m, size_t n, size_t k, pcs_energy_t *energy)
{
    static const uint8_t codes[1]; /* plans look at shapes only */
    static const float scale = 1;
    const pcs_affine_t affine = {.grain = PCS_GRAIN_TENSOR, .scale = &scale};
    float y = 0;
    pcs_gemm_t gemm = {
        .m = m,
        .n = n,
        .k = k,
        .a = {.codes = codes, .bits = pa, .ld = k, .affine = affine},
        .b = {.codes = codes, .bits = pb, .ld = n, .affine = affine},
        .acc_bits = array->acc_bits,
        .y = {.data = &y, .h = 1, .w = 1, .stride_image = n},
    };
    pcs_error_t err = {{0}};
    pcs_plan_t plan;
    CHECK_OK(pcs_gemm_plan(&gemm, array, PCS_SERIAL_NARROWER, &plan, &err), &err);
    const pcs_energy_use_t use = {
        .array = array, .pa = pa, .pb = pb, .clock_mhz = 500, .counts = &plan.counts, .system = plan.system};
    CHECK_OK(pcs_energy_account(table, &use, energy, &err), &err);

    double sum = 0;
    for (int i = 0; i < PCS_ENERGY_COMPONENT_COUNT; i++) {
        CHECK(energy->pj[i] >= 0 && isfinite(energy->pj[i]), "%s", pcs_energy_components[i].name);
        sum += energy->pj[i];
    }
    CHECK(sum == pcs_energy_total_pj(energy) && sum > 0, "parts sum to the total");

    pcs_counts_t twice = plan.counts;
    pcs_counts_add(&twice, &plan.counts, 1);
    const pcs_energy_use_t doubled = {.array = array, .pa = pa, .pb = pb, .clock_mhz = 500, .counts = &twice};
    const pcs_energy_use_t single = {.array = array, .pa = pa, .pb = pb, .clock_mhz = 500, .counts = &plan.counts};
    pcs_energy_t two;
    pcs_energy_t one;
    CHECK_OK(pcs_energy_account(table, &doubled, &two, &err), &err);
    CHECK_OK(pcs_energy_account(table, &single, &one, &err), &err);
    CHECK(fabs(pcs_energy_total_pj(&two) / pcs_energy_total_pj(&one) - 2) < 1e-12, "linear in counts");
    return sum;
}

/* The table has a figure for the kind's multiplier. */
static bool priced(const pcs_energy_table_t *table, pcs_kind_t kind)
{
    const pcs_array_config_t array = {.rows = 1, .cols = 1, .kind = kind, .acc_bits = 32, .digit = 1};
    const pcs_counts_t counts = {.n = {[PCS_EVENT_MAC_CYCLE] = 1}};
    const pcs_energy_use_t use = {.array = &array, .pa = 8, .pb = 8, .clock_mhz = 500, .counts = &counts};
    pcs_energy_t energy;
    pcs_error_t err;
    return pcs_energy_account(table, &use, &energy, &err) == PCS_OK;
}

int main(int argc, char **argv)
{
    check_rng_t rng = {.seed = check_seed(argc, argv, 7)};
    pcs_error_t err = {{0}};
    pcs_energy_table_t *table = NULL;
    CHECK_OK(pcs_energy_table_load(argv[1], &table, &err), &err);
    int kinds = 0;
    for (int kind = 0; kind < PCS_KIND_COUNT; kind++) {
        if (!priced(table, (pcs_kind_t)kind)) {
            continue;
        }
        kinds++;
        for (int i = 0; i < 20; i++) {
            const pcs_array_config_t array = {.rows = (unsigned)check_range(&rng, 1, 32),
                                              .cols = (unsigned)check_range(&rng, 1, 32),
                                              .kind = (pcs_kind_t)kind,
                                              .acc_bits = (unsigned)check_range(&rng, 24, 48),
                                              .digit = 1};
            const size_t m = (size_t)check_range(&rng, 1, 200);
            const size_t n = (size_t)check_range(&rng, 1, 200);
            const size_t k = (size_t)check_range(&rng, 1, 200); /* fits one segment of 24 bits at 8 x 8 */
            double total[PCS_PREC_MAX + 1][PCS_PREC_MAX + 1];
            for (unsigned pa = PCS_PREC_MIN; pa <= PCS_PREC_MAX; pa++) {
                for (unsigned pb = PCS_PREC_MIN; pb <= PCS_PREC_MAX; pb++) {
                    pcs_energy_t energy;
                    total[pa][pb] = account(table, &array, pa, pb, m, n, k, &energy);
                    CHECK(pa == PCS_PREC_MIN || total[pa][pb] > total[pa - 1][pb], "%s %ux%u, pa %u, pb %u",
                          pcs_kinds[kind].name, array.rows, array.cols, pa, pb);
                    CHECK(pb == PCS_PREC_MIN || total[pa][pb] > total[pa][pb - 1], "%s %ux%u, pa %u, pb %u",
                          pcs_kinds[kind].name, array.rows, array.cols, pa, pb);
                }
            }
        }
    }
    CHECK(kinds >= 3, "%d kinds have a price", kinds);
    pcs_energy_table_destroy(table);
    return check_done("energy properties");
}
