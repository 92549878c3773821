/* Quantizers against an oracle that works in binary64 (a binary32 operation is the binary64 one, rounded: for one
   operation the second rounding changes nothing) and properties that any quantizer must have. */
#include <math.h>
#include <stdio.h>

#include "models/format/quantize.h"
#include "tests/support/check.h"

enum { COUNT = 1500, DRAWS = 1 << 16 };

static float uniform(check_rng_t *rng, float low, float high)
{
    return low + (high - low) * ((float)(check_u32(rng) >> 8U) * 0x1p-24F);
}

/* (float)(double op): one binary32 operation. */
static double round_f(double v)
{
    return (double)(float)v;
}

static pcs_qparams_t oracle_params(pcs_quantizer_t quantizer, unsigned bits, double min, double max)
{
    pcs_qparams_t p = {0};
    if (quantizer == PCS_QUANTIZER_SYMMETRIC) {
        const double levels = exp2((double)bits - 1.0) - 1.0;
        p.scale = (float)fmax(round_f(fmax(-min, max) / levels), (double)1e-8F);
        p.qmin = (float)-levels;
        p.qmax = (float)levels;
        return p;
    }
    const double levels = exp2((double)bits) - 1.0;
    double scale = fmax(round_f(round_f(max - min) / levels), (double)1e-8F);
    if (quantizer == PCS_QUANTIZER_AFFINE_ZP) {
        scale = fmax(scale, round_f(fmax(fabs(min), 0.0) * exp2(-20)));
    }
    const double zero = rint(fmin(fmax(round_f(-min / scale), -exp2(20)), exp2(20)));
    p.scale = (float)scale;
    p.zero = (int32_t)zero;
    p.lo = quantizer == PCS_QUANTIZER_AFFINE ? (float)min : (float)-round_f(scale * zero);
    p.offset = quantizer == PCS_QUANTIZER_AFFINE ? (float)(min + round_f(scale * zero)) : 0.0F;
    p.qmax = (float)levels;
    return p;
}

static int oracle_code(const pcs_qparams_t *p, double x, double u)
{
    const double steps = round_f(round_f(round_f(x - (double)p->lo) / (double)p->scale) + u);
    return (int)nearbyint(fmin(fmax(steps, (double)p->qmin), (double)p->qmax));
}

static int level(pcs_quantizer_t quantizer, uint8_t code)
{
    return pcs_quantizer_signed(quantizer) ? (int)(int8_t)code : (int)code;
}

static void check_params(const pcs_qparams_t *got, const pcs_qparams_t *want, const char *name, unsigned bits)
{
    CHECK(got->scale == want->scale, "%s %u bits scale %a, oracle %a", name, bits, (double)got->scale,
          (double)want->scale);
    CHECK_EQ(got->zero, want->zero, "%s %u bits zero", name, bits);
    CHECK(got->lo == want->lo && got->offset == want->offset, "%s %u bits lo %a offset %a, oracle %a %a", name, bits,
          (double)got->lo, (double)got->offset, (double)want->lo, (double)want->offset);
}

/* One tensor: codes against the oracle; nearest codes within half a step; the ends reproduced. */
static void one_tensor(check_rng_t *rng, pcs_quantizer_t quantizer, unsigned bits, bool inject)
{
    static float x[COUNT];
    static uint8_t nearest[COUNT];
    static uint8_t noisy[COUNT];
    const size_t n = (size_t)check_range(rng, 1, COUNT);
    const float width = ldexpf(1.0F, (int)check_range(rng, -20, 10));
    const float centre = uniform(rng, -width, width);
    for (size_t i = 0; i < n; i++) {
        x[i] = centre + uniform(rng, -width, width);
    }
    float min = 0.0F;
    float max = 0.0F;
    CHECK(pcs_tensor_range(x, n, &min, &max), "finite");
    const pcs_qparams_t p = pcs_qparams_from_range(quantizer, bits, min, max);
    const pcs_qparams_t o = oracle_params(quantizer, bits, (double)min, (double)max);
    const char *name = pcs_quantizer_name(quantizer);
    check_params(&p, &o, name, bits);
    const uint64_t first = check_u32(rng);
    const pcs_stream_t stream = pcs_stream(rng->seed, PCS_PURPOSE_TEST, 7, 9);
    pcs_quantize(&p, x, n, NULL, first, nearest);
    pcs_quantize(&p, x, n, &stream, first, noisy);
    noisy[n / 2] ^= inject;
    const double slack = 4e-7 * ((double)fabsf(min) + (double)fabsf(max)) + 1e-8;
    for (size_t i = 0; i < n; i++) {
        const double u = ((double)(pcs_philox_u32(&stream, first + i) >> 8U) - 8388608.0) / 16777216.0;
        CHECK_EQ(level(quantizer, nearest[i]), oracle_code(&o, (double)x[i], 0.0), "%s %u bits x %a nearest", name,
                 bits, (double)x[i]);
        CHECK_EQ(level(quantizer, noisy[i]), oracle_code(&o, (double)x[i], u), "%s %u bits x %a u %g stochastic", name,
                 bits, (double)x[i], u);
        const double back = (double)pcs_dequantize(&p, level(quantizer, nearest[i]));
        /* With the real zero on the grid the range moves by up to half a step, which clamping may cost at one end. */
        const double steps = quantizer == PCS_QUANTIZER_AFFINE_ZP ? 1.0 : 0.5;
        CHECK(fabs(back - (double)x[i]) <= steps * (double)p.scale + slack, "%s %u bits x %a comes back as %a, step %a",
              name, bits, (double)x[i], back, (double)p.scale);
        if (quantizer == PCS_QUANTIZER_AFFINE && (x[i] == min || x[i] == max)) {
            CHECK(fabs(back - (double)x[i]) <= slack, "%s %u bits end %a comes back as %a", name, bits, (double)x[i],
                  back);
        }
    }
    /* Draws belong to elements: pieces of any length give the same codes. */
    static uint8_t pieces[COUNT];
    for (size_t at = 0; at < n;) {
        const size_t len = (size_t)check_range(rng, 1, 64);
        const size_t now = len < n - at ? len : n - at;
        pcs_quantize(&p, x + at, now, &stream, first + at, pieces + at);
        at += now;
    }
    pieces[n / 2] ^= inject;
    for (size_t i = 0; i < n; i++) {
        CHECK_EQ(pieces[i], noisy[i], "element %zu of %zu in pieces", i, n);
    }
}

/* Values of any size, on scales of any size, ties and their neighbours among them: evaluation quantizes with a range
   that its values need not keep to. */
static void any_value(check_rng_t *rng, pcs_quantizer_t quantizer, unsigned bits)
{
    enum { VALUES = 256 };
    float x[VALUES];
    uint8_t nearest[VALUES];
    uint8_t noisy[VALUES];
    const float width = ldexpf(uniform(rng, 1.0F, 2.0F), (int)check_range(rng, -40, 100));
    const pcs_qparams_t p = pcs_qparams_from_range(quantizer, bits, -width, width);
    const pcs_stream_t stream = pcs_stream(rng->seed, PCS_PURPOSE_TEST, 8, 10);
    for (size_t i = 0; i < VALUES; i++) {
        const float tie = p.lo + p.scale * ((float)check_range(rng, -300, 300) + 0.5F);
        const float any = ldexpf(uniform(rng, -1.0F, 1.0F), (int)check_range(rng, -148, 127));
        x[i] = i % 2 == 0 ? any : nextafterf(tie, (float)check_range(rng, -1, 1) * INFINITY);
        x[i] = isfinite(x[i]) ? x[i] : tie;
    }
    pcs_quantize(&p, x, VALUES, NULL, 0, nearest);
    pcs_quantize(&p, x, VALUES, &stream, 0, noisy);
    for (size_t i = 0; i < VALUES; i++) {
        const double u = ((double)(pcs_philox_u32(&stream, i) >> 8U) - 8388608.0) / 16777216.0;
        CHECK_EQ(level(quantizer, nearest[i]), oracle_code(&p, (double)x[i], 0.0), "%s %u bits x %a scale %a nearest",
                 pcs_quantizer_name(quantizer), bits, (double)x[i], (double)p.scale);
        CHECK_EQ(level(quantizer, noisy[i]), oracle_code(&p, (double)x[i], u), "%s %u bits x %a scale %a u %g",
                 pcs_quantizer_name(quantizer), bits, (double)x[i], (double)p.scale, u);
    }
}

/* Inside the range the mean of many draws is the value: within 5 standard errors. */
static void unbiased(check_rng_t *rng, pcs_quantizer_t quantizer, unsigned bits)
{
    static float x[DRAWS];
    static uint8_t codes[DRAWS];
    const pcs_qparams_t p = pcs_qparams_from_range(quantizer, bits, -1.0F, 1.0F);
    const float inside = 1.0F - p.scale;
    const float value = bits == 2 && quantizer == PCS_QUANTIZER_SYMMETRIC ? 0.25F : uniform(rng, -inside, inside);
    const pcs_stream_t stream = pcs_stream(rng->seed, PCS_PURPOSE_TEST, bits, (uint32_t)quantizer);
    for (size_t i = 0; i < DRAWS; i++) {
        x[i] = value;
    }
    pcs_quantize(&p, x, DRAWS, &stream, 0, codes);
    double sum = 0.0;
    for (size_t i = 0; i < DRAWS; i++) {
        sum += (double)pcs_dequantize(&p, level(quantizer, codes[i])) - (double)value;
    }
    const double bound = 5.0 * 0.5 * (double)p.scale / sqrt((double)DRAWS);
    CHECK(fabs(sum / DRAWS) <= bound, "%s %u bits: mean error %g of value %g, bound %g", pcs_quantizer_name(quantizer),
          bits, sum / DRAWS, (double)value, bound);
}

int main(int argc, char **argv)
{
    check_rng_t rng = {check_seed(argc, argv, 11), 0};
    const bool inject = check_flag(argc, argv, "--inject", NULL);
    for (int q = 0; q < PCS_QUANTIZER_COUNT; q++) {
        for (unsigned bits = 2; bits <= 8; bits++) {
            for (int round = 0; round < 20; round++) {
                one_tensor(&rng, (pcs_quantizer_t)q, bits, inject && q == 1 && bits == 5 && round == 3);
            }
            for (int round = 0; round < 200; round++) {
                any_value(&rng, (pcs_quantizer_t)q, bits);
            }
            unbiased(&rng, (pcs_quantizer_t)q, bits);
        }
    }
    return check_done("quantizers");
}
