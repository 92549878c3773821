/* Known answers of the generator and of the quantizers' parameters, ties, edges. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "models/format/quantize.h"
#include "tests/support/check.h"

/* Vectors of the Random123 distribution (kat_vectors, philox4x32 10). */
static void philox_known_answers(void)
{
    static const struct {
        uint32_t counter[4], key[2], expected[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const pcs_stream_t stream = {{rows[i].key[0], rows[i].key[1]}, rows[i].counter[2], rows[i].counter[3]};
        const uint64_t block = (uint64_t)rows[i].counter[1] << 32U | rows[i].counter[0];
        uint32_t out[4];
        pcs_philox_block(&stream, block, out);
        for (int w = 0; w < 4; w++) {
            CHECK_EQ(out[w], rows[i].expected[w], "vector %zu word %d", i, w);
        }
    }
}

static void names(void)
{
    for (int i = 0; i < PCS_QUANTIZER_COUNT; i++) {
        CHECK_EQ(pcs_quantizer_by_name(pcs_quantizer_name((pcs_quantizer_t)i)), i, "name %d", i);
    }
    CHECK_EQ(pcs_quantizer_by_name("afine"), PCS_QUANTIZER_COUNT, "unknown name");
    CHECK(!pcs_quantizer_signed(PCS_QUANTIZER_AFFINE), "affine codes are unsigned");
    CHECK(pcs_quantizer_signed(PCS_QUANTIZER_SYMMETRIC), "symmetric codes are signed");
}

static uint8_t code_of(const pcs_qparams_t *params, float x)
{
    uint8_t code = 0xee;
    pcs_quantize(params, &x, 1, NULL, 0, &code);
    return code;
}

/* offset: 0, or the injected fault: 1 expects ties to go to odd codes. */
static void ties_go_to_even(int offset)
{
    const pcs_qparams_t affine = pcs_qparams_from_range(PCS_QUANTIZER_AFFINE, 8, 0.0F, 255.0F);
    CHECK(affine.scale == 1.0F, "scale %g", (double)affine.scale);
    for (int k = 0; k < 255; k++) {
        CHECK_EQ(code_of(&affine, (float)k + 0.5F), k + (k + offset) % 2, "tie above %d", k);
        CHECK_EQ(code_of(&affine, nextafterf((float)k + 0.5F, 1e9F)), k + 1, "just above the tie above %d", k);
        CHECK_EQ(code_of(&affine, nextafterf((float)k + 0.5F, -1e9F)), k, "just below the tie above %d", k);
    }
    const pcs_qparams_t symmetric = pcs_qparams_from_range(PCS_QUANTIZER_SYMMETRIC, 8, -127.0F, 3.0F);
    for (int k = -127; k < 127; k++) {
        const int even = k % 2 == 0 ? k : k + 1;
        CHECK_EQ((int8_t)code_of(&symmetric, (float)k + 0.5F), even, "signed tie above %d", k);
    }
}

static void edges(void)
{
    /* Outside the range: clamped. */
    const pcs_qparams_t affine = pcs_qparams_from_range(PCS_QUANTIZER_AFFINE, 3, -1.0F, 1.0F);
    CHECK_EQ(code_of(&affine, -1e30F), 0, "far below");
    CHECK_EQ(code_of(&affine, 1e30F), 7, "far above");
    const pcs_qparams_t symmetric = pcs_qparams_from_range(PCS_QUANTIZER_SYMMETRIC, 3, -1.0F, 0.5F);
    CHECK_EQ((int8_t)code_of(&symmetric, -1e30F), -3, "far below");
    CHECK_EQ((int8_t)code_of(&symmetric, 1e30F), 3, "far above");
    /* After a rectifier the minimum is 0: nothing is left to correct. */
    const pcs_qparams_t relu = pcs_qparams_from_range(PCS_QUANTIZER_AFFINE, 5, 0.0F, 3.7F);
    CHECK(relu.zero == 0 && relu.offset == 0.0F, "zero %d offset %g", relu.zero, (double)relu.offset);
    /* A constant tensor, near zero and far from it. */
    const float constants[] = {0.0F, 1.0F, -3.0F, 1e-12F, 1000.0F};
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        for (int q = 0; q < PCS_QUANTIZER_COUNT; q++) {
            const float x = constants[i];
            const pcs_qparams_t params = pcs_qparams_from_range((pcs_quantizer_t)q, 8, x, x);
            const uint8_t code = code_of(&params, x);
            const int32_t level = pcs_quantizer_signed((pcs_quantizer_t)q) ? (int32_t)(int8_t)code : code;
            const float back = pcs_dequantize(&params, level);
            CHECK(fabsf(back - x) <= 1e-6F * fabsf(x) + 1e-8F, "%s: constant %g comes back as %g",
                  pcs_quantizer_name((pcs_quantizer_t)q), (double)x, (double)back);
            CHECK(params.zero >= -0x100000 && params.zero <= 0x100000, "zero %d", params.zero);
        }
    }
}

static void ranges(void)
{
    float x[100];
    for (int i = 0; i < 100; i++) {
        x[i] = (float)((i * 37) % 100) - 50.0F;
    }
    for (size_t n = 1; n <= 100; n++) {
        float low = x[0];
        float high = x[0];
        for (size_t i = 0; i < n; i++) {
            low = fminf(low, x[i]);
            high = fmaxf(high, x[i]);
        }
        float min = 0.0F;
        float max = 0.0F;
        CHECK(pcs_tensor_range(x, n, &min, &max), "finite, n %zu", n);
        CHECK(min == low && max == high, "range of %zu: %g..%g", n, (double)min, (double)max);
        const float bad[] = {NAN, INFINITY, -INFINITY};
        for (size_t b = 0; b < 3; b++) {
            const float kept = x[n - 1];
            x[n - 1] = bad[b];
            CHECK(!pcs_tensor_range(x, n, &min, &max), "element %zu is %g", n - 1, (double)bad[b]);
            x[n - 1] = kept;
        }
    }
}

int main(int argc, char **argv)
{
    philox_known_answers();
    names();
    ties_go_to_even(check_flag(argc, argv, "--inject", NULL) ? 1 : 0);
    edges();
    ranges();
    return check_done("known answers");
}
