/* Updates of master weights in narrow formats: known answers for steps that plain rounding swallows, the bookkeeping of
   Kahan's sum, stochastic updates that are right on average, binary32 as a format against pcs_sgd_step, and the loss
   scale's back-off.
   --inject forgets the compensation after each step. */
#include <math.h>
#include <string.h>

#include "tests/support/check.h"
#include "workloads/optim/master.h"
#include "workloads/optim/optim.h"
#include "workloads/train/loss_scale.h"

enum { STEPS = 4096, WEIGHTS = 10000 };

static bool inject;

/* w after STEPS steps of -d from 1, learning rate 1, no momentum; the decrement enters as a gradient. */
static float descend(pcs_format_t format, pcs_update_rule_t rule, bool narrow, float d)
{
    const pcs_master_t master = {&pcs_formats[format], rule, narrow, 32};
    float w = 1.0F;
    float v = 0.0F;
    float c = 0.0F;
    for (int i = 0; i < STEPS; i++) {
        pcs_master_counts_t counts = {0};
        const float before = w;
        pcs_master_step(&master, 1, 1, 1.0F, 0.0F, 0.0F, NULL, &d, &v, &c, &w, &counts);
        CHECK_EQ(counts.moved, 1, "the step is not zero");
        CHECK_EQ(counts.swamped, w == before, "a swamped step is counted");
        c = inject ? 0.0F : c;
    }
    return w;
}

static void known_answers(void)
{
    static const struct {
        pcs_format_t format;
        float d, plain, kahan;
    } rows[] = {
        {PCS_FORMAT_FP16, 0x1p-12F, 1.0F, 0.0F},
        {PCS_FORMAT_FP16, 0x1p-14F, 1.0F, 0.75F},
        {PCS_FORMAT_BF16, 0x1p-9F, 1.0F, -7.0F},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int narrow = 0; narrow < 2; narrow++) {
            const char *name = pcs_formats[rows[i].format].name;
            const float plain = descend(rows[i].format, PCS_UPDATE_RNE, narrow != 0, rows[i].d);
            const float kahan = descend(rows[i].format, PCS_UPDATE_KAHAN, narrow != 0, rows[i].d);
            CHECK(plain == rows[i].plain, "%s, steps of %g: plain %g, known %g", name, (double)rows[i].d, (double)plain,
                  (double)rows[i].plain);
            CHECK(kahan == rows[i].kahan, "%s, steps of %g: Kahan %g, known %g", name, (double)rows[i].d, (double)kahan,
                  (double)rows[i].kahan);
        }
    }
}

/* w - c is the sum of the steps as they were rounded, as long as they are smaller than w. */
static void kahan_is_exact(void)
{
    const pcs_master_t master = {&pcs_formats[PCS_FORMAT_FP16], PCS_UPDATE_KAHAN, false, 32};
    pcs_fpstate_t rne = {.rounding = PCS_ROUNDING_RNE, .overflow = PCS_OVERFLOW_INF};
    check_rng_t rng = {7, 0};
    float w = 1.0F;
    float v = 0.0F;
    float c = 0.0F;
    double exact = 1.0;
    for (int i = 0; i < 200; i++) {
        const float g = (float)check_range(&rng, -1000, 1000) * 0x1p-20F;
        pcs_master_counts_t counts = {0};
        uint32_t bits;
        memcpy(&bits, &g, sizeof bits);
        const pcs_code_t code =
            pcs_float_convert(&pcs_formats[PCS_FORMAT_FP32], (pcs_code_t){bits}, master.format, &rne);
        exact -= (double)pcs_cast_value(master.format, code.bits);
        pcs_master_step(&master, 1, 1, 1.0F, 0.0F, 0.0F, NULL, &g, &v, &c, &w, &counts);
        c = inject ? 0.0F : c;
        CHECK(fabs((double)w - (double)c - exact) <= 0x1p-19, "step %d: w - c %.9g, exact %.9g", i,
              (double)w - (double)c, exact);
    }
}

/* Steps far below half a unit: the mean over many weights follows the exact sum; threads change nothing. */
static void stochastic(bool narrow)
{
    static float w[3][WEIGHTS];
    static float v[WEIGHTS];
    static float g[WEIGHTS];
    const pcs_master_t master = {&pcs_formats[PCS_FORMAT_E6M9], PCS_UPDATE_SR, narrow, 32};
    for (unsigned run = 0; run < 3; run++) {
        pcs_master_counts_t counts = {0};
        for (int i = 0; i < WEIGHTS; i++) {
            w[run][i] = 1.0F;
            v[i] = 0.0F;
            g[i] = 0x1p-14F;
        }
        for (uint32_t t = 0; t < 32; t++) {
            const pcs_stream_t stream = pcs_stream(3, PCS_PURPOSE_MASTER, t, 0);
            pcs_master_step(&master, run + 1, WEIGHTS, 1.0F, 0.0F, 0.0F, &stream, g, v, NULL, w[run], &counts);
        }
        CHECK_EQ(counts.values, 32 * WEIGHTS, "weights counted");
        CHECK(memcmp(w[run], w[0], sizeof w[0]) == 0, "%u threads give other weights", run + 1);
    }
    double mean = 0;
    for (int i = 0; i < WEIGHTS; i++) {
        mean += (double)w[0][i] / WEIGHTS;
    }
    const double want = 1.0 - 32.0 * 0x1p-14;
    CHECK(fabs(mean - want) < 5.0 * sqrt(32.0 * 0x1p-10 * 0x1p-14 / WEIGHTS), "mean %.9g, exact %.9g", mean, want);
}

static void binary32(void)
{
    const pcs_master_t master = {&pcs_formats[PCS_FORMAT_FP32], PCS_UPDATE_RNE, false, 32};
    float w[2][9];
    float v[2][9] = {{0}};
    for (int i = 0; i < 9; i++) {
        w[0][i] = w[1][i] = 0.37F * (float)(i - 4);
    }
    for (int t = 0; t < 10; t++) {
        float g[9];
        pcs_master_counts_t counts = {0};
        for (int i = 0; i < 9; i++) {
            g[i] = (float)((i * 5 + t * 3) % 7) * 0.1F - 0.3F;
        }
        pcs_sgd_step(9, 0.05F, 0.9F, 1e-4F, g, v[0], w[0]);
        pcs_master_step(&master, 2, 9, 0.05F, 0.9F, 1e-4F, NULL, g, v[1], NULL, w[1], &counts);
        CHECK(memcmp(w[0], w[1], sizeof w[0]) == 0 && memcmp(v[0], v[1], sizeof v[0]) == 0, "binary32, step %d", t);
    }
}

static void back_off(void)
{
    float control[2];
    pcs_loss_scale_start(control, 1024.0);
    CHECK(pcs_loss_scale_adapt(control, false) && control[PCS_LOSS_SCALE_S] == 512.0F, "halved");
    for (int i = 1; i < PCS_LOSS_SCALE_WINDOW; i++) {
        CHECK(pcs_loss_scale_adapt(control, true) && control[PCS_LOSS_SCALE_S] == 512.0F, "kept, %d", i);
    }
    CHECK(pcs_loss_scale_adapt(control, true) && control[PCS_LOSS_SCALE_S] == 1024.0F, "doubled after 2000");
    CHECK(control[PCS_LOSS_SCALE_CLEAN] == 0.0F, "and counted anew");
    control[PCS_LOSS_SCALE_S] = PCS_LOSS_SCALE_MOST;
    control[PCS_LOSS_SCALE_CLEAN] = PCS_LOSS_SCALE_WINDOW - 1;
    CHECK(pcs_loss_scale_adapt(control, true) && control[PCS_LOSS_SCALE_S] == PCS_LOSS_SCALE_MOST, "never above");
    control[PCS_LOSS_SCALE_S] = PCS_LOSS_SCALE_LEAST;
    CHECK(!pcs_loss_scale_adapt(control, false), "below the least scale is the end");
    float g[] = {8.0F, -3.0F, 0.0F};
    control[PCS_LOSS_SCALE_S] = 1000.0F;
    CHECK(pcs_loss_scale_divide(control, 2, 3, g) && g[0] == 8.0F / 1000.0F && g[1] == -3.0F / 1000.0F, "divided");
    g[2] = INFINITY;
    CHECK(!pcs_loss_scale_divide(control, 2, 3, g), "an infinity is seen");
    g[2] = NAN;
    CHECK(!pcs_loss_scale_divide(control, 1, 3, g), "a NaN is seen");
}

int main(int argc, char **argv)
{
    inject = check_flag(argc, argv, "--inject", NULL);
    known_answers();
    kahan_is_exact();
    stochastic(false);
    stochastic(true);
    binary32();
    back_off();
    return check_done("master weights");
}
