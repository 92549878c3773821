#include "workloads/nn/init.h"

#include <math.h>

#include "models/format/philox.h"
#include "workloads/nn/detmath.h"

/* Two independent normals from two words. */
static void box_muller(const uint32_t words[2], double normal[2])
{
    const double u = ((double)words[0] + 0.5) * 0x1p-32; /* in (0, 1) */
    const double angle = (double)words[1] * 0x1p-31;     /* in [0, 2), times pi */
    const double radius = sqrt(-2.0 * pcs_det_log(u));
    normal[0] = radius * pcs_det_cospi(angle);
    normal[1] = radius * pcs_det_sinpi(angle);
}

void pcs_init_normal(uint64_t seed, uint32_t tensor, double std, size_t n, float *w)
{
    const pcs_stream_t stream = pcs_stream(seed, PCS_PURPOSE_INIT, 0, tensor);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t words[4];
        double normal[4];
        pcs_philox_block(&stream, i / 4U, words);
        box_muller(words, normal);
        box_muller(words + 2, normal + 2);
        for (size_t j = 0; j < 4 && i + j < n; j++) {
            w[i + j] = (float)(normal[j] * std);
        }
    }
}

void pcs_init_uniform(uint64_t seed, uint32_t tensor, double bound, size_t n, float *w)
{
    const pcs_stream_t stream = pcs_stream(seed, PCS_PURPOSE_INIT, 0, tensor);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t words[4];
        pcs_philox_block(&stream, i / 4U, words);
        for (size_t j = 0; j < 4 && i + j < n; j++) {
            w[i + j] = (float)(((double)words[j] * 0x1p-31 - 1.0) * bound);
        }
    }
}
