/* The GEMMs that training a layer needs, against a list by hand: sizes, repetitions and bits; and layers against the
   sum of an iteration.  --inject takes one step more of a recurrence. */
#include <stdio.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/zoo/estimate.h"

enum { BATCH = 7, FW = 3, BW = 8, MOST = 8 };
static const pcs_numerics_t numerics = {.quantizer = PCS_QUANTIZER_SYMMETRIC, .acc_bits = 32};

typedef struct gemm {
    pcs_role_t role;
    uint64_t m, n, k, times;
    unsigned pa, pb;
} gemm_t;

typedef struct list {
    size_t count;
    gemm_t gemms[MOST];
} list_t;

static pcs_status_t record(void *user, const pcs_gemm_t *gemm, uint64_t times, pcs_error_t *err)
{
    list_t *list = user;
    (void)err;
    list->gemms[list->count++] = (gemm_t){gemm->role, gemm->m, gemm->n, gemm->k, times, gemm->a.bits, gemm->b.bits};
    return PCS_OK;
}

static void expect(const char *what, const pcs_shape_t *layer, size_t count, const gemm_t *expected)
{
    list_t list = {.count = 0};
    pcs_error_t err = {{0}};
    CHECK_OK(pcs_estimate_gemms(layer, &numerics, BATCH, FW, BW, record, &list, &err), &err);
    CHECK_EQ(list.count, count, "%s: GEMMs", what);
    for (size_t i = 0; i < count && i < list.count; i++) {
        const gemm_t *got = &list.gemms[i];
        const char *role = pcs_role_name(expected[i].role);
        CHECK_EQ(got->role, expected[i].role, "%s: role %zu", what, i);
        CHECK_EQ(got->m, expected[i].m, "%s %s: M", what, role);
        CHECK_EQ(got->n, expected[i].n, "%s %s: N", what, role);
        CHECK_EQ(got->k, expected[i].k, "%s %s: K", what, role);
        CHECK_EQ(got->times, expected[i].times, "%s %s: times", what, role);
        CHECK(got->pa == expected[i].pa && got->pb == expected[i].pb, "%s %s: bits %u/%u", what, role, got->pa,
              got->pb);
    }
}

static void by_hand(bool inject)
{
    const pcs_shape_t classifier = {
        .name = "classifier", .kind = PCS_SHAPE_GEMM, .gemm = {2, 10, 64, 1, true}, .repeat = 1};
    const gemm_t of_classifier[] = {{PCS_ROLE_FORWARD, 2 * BATCH, 10, 64, 1, FW, FW},
                                    {PCS_ROLE_WGRAD, 64, 10, 2 * BATCH, 1, FW, BW},
                                    {PCS_ROLE_DGRAD, 2 * BATCH, 64, 10, 1, BW, FW}};
    expect("shared weights", &classifier, 3, of_classifier);

    const pcs_shape_t recurrence = {.name = "recurrence",
                                    .kind = PCS_SHAPE_GEMM,
                                    .gemm = {1, 12, 5, inject ? 36 : 35, true},
                                    .repeat = 1,
                                    .first = true};
    const gemm_t of_recurrence[] = {{PCS_ROLE_FORWARD, BATCH, 12, 5, 35, FW, FW},
                                    {PCS_ROLE_WGRAD, 5, 12, 35 * BATCH, 1, FW, BW}};
    expect("recurrence, first", &recurrence, 2, of_recurrence);

    const pcs_shape_t scores = {.name = "scores", .kind = PCS_SHAPE_GEMM, .gemm = {20, 20, 4, 1, false}, .repeat = 8};
    const gemm_t of_scores[] = {{PCS_ROLE_FORWARD, 20, 20, 4, 8 * BATCH, FW, FW},
                                {PCS_ROLE_WGRAD, 4, 20, 20, 8 * BATCH, FW, BW},
                                {PCS_ROLE_DGRAD, 20, 4, 20, 8 * BATCH, BW, FW}};
    expect("attention", &scores, 3, of_scores);

    /* A kernel of 3 x 1 at stride 2 over 7 x 5: 3 x 3 positions; the input's positions with remainder (0, 0), (1, 0)
       meet 2 and 1 taps, those in odd columns none. */
    pcs_shape_t conv = {.name = "conv", .kind = PCS_SHAPE_CONV, .conv = {7, 5, 2, 3, 2, 0, 4, 0, 0, 1, 0}, .repeat = 6};
    CHECK(pcs_conv_shape_check(&conv.conv) && conv.conv.out_h == 3 && conv.conv.out_w == 3, "extent of the output");
    CHECK_EQ(pcs_shape_macs(&conv), 9 * 3 * 2 * 4 * 6, "MACs of a kernel of 3 x 1");
    const gemm_t of_conv[] = {{PCS_ROLE_FORWARD, 9 * BATCH, 4, 6, 6, FW, FW},
                              {PCS_ROLE_WGRAD, 6, 4, 9 * BATCH, 6, FW, BW},
                              {PCS_ROLE_DGRAD, 4 * 3 * BATCH, 2, 8, 6, BW, FW},
                              {PCS_ROLE_DGRAD, 3 * 3 * BATCH, 2, 4, 6, BW, FW}};
    expect("depthwise", &conv, 4, of_conv);
}

/* An iteration groups layers of equal cost; the sum over single layers must be the same. */
static void sums(void)
{
    const pcs_estimate_device_t device = {
        .array = {.rows = 9, .cols = 5, .kind = PCS_KIND_SERIAL, .acc_bits = 32, .digit = 1}, .numerics = numerics};
    for (size_t i = 0; pcs_shapes_name(i) != NULL; i++) {
        pcs_shapes_t shapes;
        pcs_error_t err = {{0}};
        pcs_estimate_t all[PCS_ROLE_COUNT];
        pcs_estimate_t sum[PCS_ROLE_COUNT] = {{0}};
        CHECK_OK(pcs_shapes_find(pcs_shapes_name(i), &shapes, &err), &err);
        CHECK_OK(pcs_estimate_iteration(&shapes, &device, 2, FW, BW, all, &err), &err);
        for (size_t l = 0; l < shapes.count; l++) {
            pcs_estimate_t one[PCS_ROLE_COUNT];
            CHECK_OK(pcs_estimate_layer(&shapes.layers[l], &device, 2, FW, BW, one, &err), &err);
            CHECK_EQ(one[PCS_ROLE_FORWARD].macs, 2 * pcs_shape_macs(&shapes.layers[l]), "%s %s: MACs of two samples",
                     shapes.name, shapes.layers[l].name);
            for (int role = 0; role < PCS_ROLE_COUNT; role++) {
                pcs_estimate_add(&sum[role], &one[role], 1);
            }
        }
        CHECK(memcmp(sum, all, sizeof sum) == 0, "%s: the sum of its layers", shapes.name);
        pcs_shapes_free(&shapes);
    }
}

static void too_large(void)
{
    const pcs_shape_t layer = {
        .name = "huge", .kind = PCS_SHAPE_GEMM, .gemm = {1 << 20, 1 << 20, 16, 1, true}, .repeat = 1};
    list_t list = {.count = 0};
    pcs_error_t err = {{0}};
    CHECK_EQ(pcs_estimate_gemms(&layer, &numerics, 65, FW, BW, record, &list, &err), PCS_INVALID, "2^44 times 65");
    CHECK(strstr(err.text, "2^50") != NULL && strstr(err.text, "huge") != NULL, "message '%s'", err.text);
    CHECK_EQ(pcs_estimate_gemms(&layer, &numerics, 64, FW, BW, record, &list, &err), PCS_OK, "2^44 times 64");
}

int main(int argc, char **argv)
{
    by_hand(check_flag(argc, argv, "--inject", NULL));
    sums();
    too_large();
    return check_done("estimates of layers");
}
